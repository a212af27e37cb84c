/* SPDX-License-Identifier: Apache-2.0
 *
 * A file that has headings, cut into sections. What stands before the first
 * heading is an up section of its own (tern, "-- DOWN" alone), unless it holds
 * no statement, and an error when an up part follows: which of the two would it
 * be? A directive that switches variables goes on in a new section of the same
 * kind, since a section has one set of options.
 */
#include "source/internal.h"

/* One pass of the splitter over one file. */
struct pass {
	struct wb_load *l;
	struct wb_migration *m;
	struct wb_sections *s;
	const char *file;
};

static int problem(struct pass *p, unsigned line, unsigned column, const char *kind, const char *hint,
		   const char *message)
{
	struct wb_source_problem problem = { .kind = kind,
					     .version = p->m->version,
					     .file = p->file,
					     .line = line,
					     .column = column,
					     .code = WB_EINPUT };

	return wb_problem_add(p->l, problem, hint, "%s", message);
}

/* Ends the last section where the heading stands, starts the next after it. */
static int push(struct pass *p, enum wb_section_kind kind, const struct wb_section_options *options, uint64_t heading,
		struct wb_pos start, unsigned line)
{
	struct wb_section new = { .kind = kind,
				  .options = *options,
				  .heading = heading,
				  .start = start,
				  .heading_line = line,
				  .in_down_file = p->s->down_file };

	if (p->s->v.n)
		p->s->v.v[p->s->v.n - 1].end = heading;
	if (new.options.variables == WB_UNSET)
		new.options.variables = p->s->variables;
	return wb_vec_push(&p->s->v, new) ? 0 : wb_err_nomem(p->l->err);
}

/* What a file may hold several of; elsewhere a second one is a slip of the hand. */
static bool may_repeat(enum wb_section_kind kind)
{
	return kind == WB_SEC_VERIFY || kind == WB_SEC_REQUIRE || kind == WB_SEC_BACKFILL;
}

static int check_repeated(struct pass *p, const struct wb_item *item, enum wb_section_kind kind)
{
	char message[96];

	for (size_t i = 0; i < p->s->v.n && !may_repeat(kind); i++) {
		const struct wb_section *s = &p->s->v.v[i];
		if (s->kind != kind || s->heading_line == 0)
			continue;
		snprintf(message, sizeof(message), "the file has a second %s section; the first is at line %u",
			 wb_section_name(kind), s->heading_line);
		return problem(p, item->pos.line, item->pos.column, "section",
			       "put the statements of both under one heading", message);
	}
	return 0;
}

/* The first heading decides what becomes of the text before it. */
static int first_heading(struct pass *p, enum wb_section_kind kind)
{
	bool up = kind == WB_SEC_UP || kind == WB_SEC_EXPAND || kind == WB_SEC_BACKFILL || kind == WB_SEC_CONTRACT;

	p->s->headed = true;
	if (p->s->first.line == 0)
		p->s->v.n = 0;
	else if (up || p->s->down_file)
		return problem(p, p->s->first.line, p->s->first.column, "section", "move it below the heading",
			       "a statement stands before the first section heading");
	return 0;
}

static int keep_suite(struct pass *p, const struct wb_item *item, const struct wb_heading *h)
{
	struct wb_section *s = &p->s->v.v[p->s->v.n - 1];

	if (h->kind != WB_SEC_VERIFY && h->kind != WB_SEC_REQUIRE)
		return problem(p, item->pos.line, item->pos.column, "section",
			       "write `-- migrate:verify suite:FILE`, which runs it when the migration has run",
			       "only verify and require sections have a suite");
	s->suite = wb_arena_sv(&p->l->s->arena, h->suite);
	return s->suite ? 0 : wb_err_nomem(p->l->err);
}

static bool is_batched(const struct wb_heading_backfill *b)
{
	return b->rules.n || b->table.n || b->key.n || b->batch_size || b->pause_ms;
}

/* What is wrong with the options, and what to do; NULL when nothing is. */
static const char *backfill_fault(const struct wb_heading *h, const char **ret_hint)
{
	const struct wb_heading_backfill *b = &h->backfill;

	*ret_hint = "write `-- migrate:backfill rules:FILE`, or `-- migrate:backfill table:orders key:id`";
	if (h->kind != WB_SEC_BACKFILL)
		return "rules, table, key, batch_size and pause are for backfill sections";
	if (b->rules.n && (b->table.n || b->key.n || b->batch_size || b->pause_ms))
		return "a backfill by rules has its table, key, batch_size and pause in the file of rules";
	if (!b->rules.n && (!b->table.n || !b->key.n))
		return "a backfill in batches says which table is walked, and in the order of which key";
	return NULL;
}

static int keep_backfill(struct pass *p, const struct wb_item *item, const struct wb_heading *h)
{
	struct wb_section *s = &p->s->v.v[p->s->v.n - 1];
	const struct wb_heading_backfill *from = &h->backfill;
	struct wb_arena *a = &p->l->s->arena;
	const char *hint, *fault = backfill_fault(h, &hint);
	struct wb_backfill *b;

	if (fault)
		return problem(p, item->pos.line, item->pos.column, "section", hint, fault);
	b = wb_arena_alloc(a, sizeof(*b));
	if (!b)
		return wb_err_nomem(p->l->err);
	*b = (struct wb_backfill){ .heading = wb_arena_sv(a, wb_sv_trim(item->text)),
				   .rules = from->rules.n ? wb_arena_sv(a, from->rules) : NULL,
				   .table = from->table.n ? wb_arena_sv(a, from->table) : NULL,
				   .key = from->key.n ? wb_arena_sv(a, from->key) : NULL,
				   .batch_size = from->batch_size,
				   .pause_ms = from->pause_ms };
	if (!b->heading || (from->rules.n && !b->rules) || (from->table.n && !(b->table && b->key)))
		return wb_err_nomem(p->l->err);
	s->backfill = b;
	p->s->statements[WB_SEC_BACKFILL] |= b->rules != NULL; /* they are what it does */
	return 0;
}

static int start_section(struct pass *p, const struct wb_item *item, const struct wb_heading *h)
{
	int rc = 0;

	if (p->s->down_file && h->kind != WB_SEC_DOWN)
		return problem(p, item->pos.line, item->pos.column, "section",
			       "put this section into the file that goes up",
			       "a file that goes down holds nothing but a down section");
	if (!p->s->headed)
		rc = first_heading(p, h->kind);
	else
		rc = check_repeated(p, item, h->kind);
	if (rc == 0 && h->depends.n)
		rc = wb_depends_add(p->l, h->depends);
	if (rc == 0)
		rc = push(p, h->kind, &h->options, item->pos.offset, item->end, item->pos.line);
	if (rc == 0 && h->suite.n)
		rc = keep_suite(p, item, h);
	return rc == 0 && is_batched(&h->backfill) ? keep_backfill(p, item, h) : rc;
}

static int switch_variables(struct pass *p, const struct wb_item *item, enum wb_tri to)
{
	struct wb_section_options options = p->s->v.v[p->s->v.n - 1].options;
	enum wb_section_kind kind = p->s->v.v[p->s->v.n - 1].kind;
	const struct wb_backfill *backfill = p->s->v.v[p->s->v.n - 1].backfill;
	int rc;

	p->s->variables = to;
	options.variables = to;
	rc = push(p, kind, &options, item->pos.offset, item->end, item->pos.line);
	if (rc == 0 && backfill && !backfill->rules)
		p->s->v.v[p->s->v.n - 1].backfill = backfill;
	return rc;
}

static int take_heading(struct pass *p, const struct wb_item *item)
{
	struct wb_heading h;

	wb_heading_parse(item->text, &h);
	switch (h.action) {
	case WB_HEAD_SECTION:
		return start_section(p, item, &h);
	case WB_HEAD_TRANSACTION:
		p->s->transaction = h.options.transaction;
		return 0;
	case WB_HEAD_VARIABLES:
		return switch_variables(p, item, h.options.variables);
	case WB_HEAD_WRONG:
		return problem(p, item->pos.line, item->pos.column + (unsigned)h.at, "section", h.hint, h.message);
	case WB_HEAD_NONE:
		break;
	}
	return 0;
}

static int take_statement(struct pass *p, const struct wb_item *item)
{
	const struct wb_section *s = &p->s->v.v[p->s->v.n - 1];

	if (s->backfill && s->backfill->rules)
		return problem(p, item->pos.line, item->pos.column, "section",
			       "put it into a section of its own: `-- migrate:contract` for what comes after",
			       "a backfill by rules has no statements");
	p->s->statements[s->kind] = true;
	if (!p->s->headed && p->s->first.line == 0)
		p->s->first = item->pos;
	return 0;
}

static int take_items(struct pass *p, struct wb_splitter *splitter)
{
	struct wb_item item;
	int rc;

	for (;;) {
		rc = wb_split_next(splitter, &item, p->l->err);
		if (rc || item.kind == WB_ITEM_END)
			return rc;
		if (item.kind == WB_ITEM_HEADING)
			rc = take_heading(p, &item);
		else
			rc = take_statement(p, &item);
		if (rc)
			return rc;
	}
}

/* A directive for the whole file holds where a section says nothing itself. */
static void close_sections(struct wb_sections *s, uint64_t size)
{
	s->v.v[s->v.n - 1].end = size;
	for (size_t i = 0; i < s->v.n; i++)
		if (s->v.v[i].options.transaction == WB_UNSET)
			s->v.v[i].options.transaction = s->transaction;
}

static int implicit(struct pass *p, unsigned bom)
{
	struct wb_section_options none = WB_SECTION_OPTIONS_INIT;
	struct wb_pos start = { bom, 1, 1 };

	return push(p, p->s->down_file ? WB_SEC_DOWN : WB_SEC_UP, &none, bom, start, 0);
}

/* SQL that cannot be read is a problem of this file, not the end of the load. */
static int syntax_problem(struct pass *p, struct wb_error *err)
{
	struct wb_error e = *err;

	memset(err, 0, sizeof(*err));
	return problem(p, e.line, e.column, "syntax", e.hint[0] ? e.hint : NULL, e.message);
}

int wb_sections_read(struct wb_load *l, struct wb_migration *m, struct wb_sections *s, wb_read_fn read, void *user,
		     uint64_t size, unsigned bom)
{
	struct pass p = { l, m, s, s->down_file ? m->down_file : m->file };
	struct wb_split_options o = {
		.dialect = l->o->dialect, .read = read, .read_user = user, .heading = wb_heading_is, .file = p.file
	};
	struct wb_splitter *splitter = NULL;
	struct wb_error err = { 0 }, *outer = l->err;
	int rc = implicit(&p, bom);

	if (rc == 0)
		rc = wb_split_new(&o, &splitter, outer);
	if (rc == 0) {
		l->err = &err;
		rc = take_items(&p, splitter);
		l->err = outer;
		if (rc == WB_EINPUT)
			rc = syntax_problem(&p, &err);
		else if (rc && outer)
			*outer = err;
	}
	wb_split_free(splitter);
	if (rc == 0)
		close_sections(s, size);
	return rc;
}
