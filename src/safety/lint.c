/* SPDX-License-Identifier: Apache-2.0
 *
 * A run over files: each is read once, statement by statement, its operations
 * are shown to the rules that are for them, and what it makes is remembered.
 */
#include "safety/lint.h"

#include "base/thread.h"
#include "safety/safety.h"

#include <fnmatch.h>

#define ALL_SECTIONS ((1u << WB_SEC_COUNT) - 1)
#define CONFIGURED 4u
#define TEXT_MAX ((size_t)256 << 20)

enum { AT_STATEMENTS = WB_OP_COUNT, AT_FILES, AT_FOLDER, AT_END };

/* ---- which rule is for what ---------------------------------------------------------- */

static bool is_for(const struct wb_rule *r, unsigned slot)
{
	if (!r->look || slot >= WB_OP_COUNT)
		return r->look && (unsigned)r->each + WB_OP_COUNT - 1 == slot;
	if (r->each != WB_EACH_OPERATION)
		return false;
	for (unsigned i = 0; i < WB_ON_MAX && (i == 0 || r->on[i]); i++) {
		if (r->on[i] == (enum wb_op)slot)
			return true;
	}
	return false;
}

static int sort_rules(struct wb_lint_run *run, unsigned engine, struct wb_error *err)
{
	size_t n = wb_rule_count(), k = 0;
	run->order = wb_arena_array(&run->arena, n * WB_ON_MAX, sizeof(*run->order));
	if (!run->order)
		return wb_err_nomem(err);
	for (unsigned slot = 0; slot < AT_END; slot++) {
		run->start[slot] = (uint16_t)k;
		for (size_t i = 0; i < n; i++) {
			if ((wb_rule_at(i)->flags & engine) && is_for(wb_rule_at(i), slot))
				run->order[k++] = (uint16_t)i;
		}
	}
	run->start[AT_END] = (uint16_t)k;
	return 0;
}

static bool matches(const char *pattern, const char *path)
{
	const char *slash = strrchr(path, '/');
	return !fnmatch(pattern, path, 0) || !fnmatch(pattern, slash ? slash + 1 : path, 0);
}

void wb_lint_levels(struct wb_lint_run *run, const char *path)
{
	for (size_t i = 0; i < wb_rule_count(); i++)
		run->levels[i] = (unsigned char)wb_rule_at(i)->level;
	for (size_t i = 0; i < run->n_settings; i++) {
		const struct wb_lint_setting *s = &run->settings[i];
		size_t rule = wb_rule_find(s->rule);
		if (rule < wb_rule_count() && (!s->files || (path && matches(s->files, path))))
			run->levels[rule] = (unsigned char)(s->level | CONFIGURED);
	}
}

int wb_lint_begin(struct wb_lint_run *run, struct wb_error *err)
{
	bool postgres = run->driver->dialect == WB_DIALECT_POSTGRES;
	run->seen = (struct wb_seen){ .arena = &run->arena, .usual = postgres ? "public" : "main" };
	run->levels = wb_arena_array(&run->arena, wb_rule_count(), 1);
	if (!run->levels)
		return wb_err_nomem(err);
	wb_lint_levels(run, NULL);
	return sort_rules(run, postgres ? WB_RULE_POSTGRES : WB_RULE_SQLITE, err);
}

void wb_lint_done(struct wb_lint_run *run)
{
	wb_seen_done(&run->seen);
	wb_mock_close(run->mock);
	wb_vec_done(&run->findings);
	wb_vec_done(&run->unknown);
	wb_vec_done(&run->paths);
	wb_arena_done(&run->arena);
}

/* ---- reading a file ---------------------------------------------------------------------- */

struct reading {
	struct wb_lint_run *run;
	struct wb_lint_file file;
	struct wb_arena arena; /* until the next file */
	WB_VEC(struct wb_lint_stmt) stmts;
	unsigned transaction; /* the number given last */
	bool open; /* the statement before is in a transaction that the next may join */
	const struct wb_section *section;
	struct wb_error *err;
};

/* As the runner cuts a file: see script.c of the migrate room. */
static void number_transaction(struct reading *r, struct wb_lint_stmt *st)
{
	bool each = st->section && (st->section->options.transaction == WB_NO || st->section->backfill);
	bool outside = st->info.tx == WB_TX_NEVER || st->info.tx == WB_TX_OUTSIDE;
	bool down = st->section && st->section->kind == WB_SEC_DOWN;
	bool was_down = r->section && r->section->kind == WB_SEC_DOWN;
	if (r->section != st->section && down != was_down)
		r->open = false;
	r->section = st->section;
	if (outside || each) {
		r->open = false;
		return;
	}
	if (!r->open)
		r->transaction++;
	r->open = true;
	st->transaction = r->transaction;
}

static unsigned line_ends(struct wb_sv text)
{
	const char *p = text.p, *end = text.p + text.n;
	unsigned n = 0;
	while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
		n++;
		p++;
	}
	return n;
}

static int take_statement(struct reading *r, const struct wb_item *item, const struct wb_section *section)
{
	const struct wb_driver *d = r->run->driver;
	struct wb_sv text = wb_sv_head(item->text, WB_LINT_TEXT_MAX);
	char *copy = wb_arena_sv(&r->arena, text);
	struct wb_lint_stmt st = { .pos = item->pos,
				   .end_line = item->pos.line + line_ends(item->text),
				   .ordinal = (unsigned)r->stmts.n + 1,
				   .section = section };
	if (!copy)
		return wb_err_nomem(r->err);
	if (section && section->backfill)
		wb_sql_piece_blank(d->dialect, copy, text.n);
	st.text = wb_sv(copy, text.n);
	d->classify(st.text, &st.info);
	number_transaction(r, &st);
	int rc = wb_driver_operations(d, st.text, &r->arena, &st.ops, r->err);
	if (rc < 0)
		return rc;
	return wb_vec_push(&r->stmts, st) ? 0 : wb_err_nomem(r->err);
}

static int read_statements(struct reading *r, const struct wb_migration *m)
{
	struct wb_stmt_options o = { .dialect = r->run->driver->dialect,
				     .variables = r->run->variables,
				     .n_variables = r->run->n_variables,
				     .variables_default = r->run->variables_on };
	struct wb_statements *s = NULL;
	int rc = wb_statements_open(m, ALL_SECTIONS, &o, &s, r->err);
	while (rc == 0) {
		const struct wb_section *section = NULL;
		struct wb_item item;
		rc = wb_statements_next(s, &item, &section, r->err);
		if (rc < 0 || item.kind == WB_ITEM_END)
			break;
		if (item.kind == WB_ITEM_STATEMENT)
			rc = take_statement(r, &item, section);
	}
	wb_statements_close(s);
	r->file.v = r->stmts.v;
	r->file.n = r->stmts.n;
	return rc;
}

static int read_ignores(struct reading *r, const char *memory, const char *path, bool down)
{
	wb_autostr text = WB_STR_INIT;
	int rc = memory ? 0 : wb_fs_read(path, TEXT_MAX, &text, r->err);
	if (rc < 0)
		return rc == WB_EIO ? 0 : rc; /* the source room has said so */
	return wb_ignores_read(r->run, &r->file, memory ? wb_sv_str(memory) : wb_str_sv(&text), down, r->err);
}

/* ---- showing it to the rules ---------------------------------------------------------------- */

static void show(struct wb_look *l, unsigned slot, unsigned only)
{
	struct wb_lint_run *run = l->run;
	for (size_t i = run->start[slot]; i < run->start[slot + 1]; i++) {
		l->rule = run->order[i];
		if ((run->levels[l->rule] & 3) == WB_LINT_OFF || (wb_rule_at(l->rule)->flags & only) != only)
			continue;
		wb_rule_at(l->rule)->look(l);
	}
}

static bool speaks(size_t rule, size_t blocking)
{
	return rule < blocking && !(wb_rule_at(rule)->flags & WB_RULE_LOCK);
}

/* Has one of the rules about locks found something at this operation, or would it have, were it not taken back by a
 * comment or switched off? */
static bool has_said(const struct wb_lint_run *run, enum wb_op code, size_t before, size_t ignored)
{
	size_t blocking = wb_rules_locks.n + wb_rules_constraints.n + wb_rules_columns.n + wb_rules_partitions.n;
	bool said = run->ignored > ignored;
	for (size_t i = before; i < run->findings.n; i++)
		said |= speaks(wb_rule_find(run->findings.v[i]->f.rule), blocking);
	for (size_t i = run->start[code]; i < run->start[code + 1]; i++)
		said |= speaks(run->order[i], blocking) && run->levels[run->order[i]] == (WB_LINT_OFF | CONFIGURED);
	return said;
}

/* The world becomes what the operation makes of it. What is known to keep others away while it works, and no rule has
 * found, is found here. */
static int judge(struct wb_look *l, bool found, struct wb_error *err)
{
	struct wb_effect e = { 0 };
	struct wb_lint_run *run = l->run;
	if (!run->world)
		return 0;
	int rc = wb_judge(run->world, l->op, &e, err);
	l->rule = wb_rule_find("blocking-work");
	if (rc == 0 && l->file->judged && !found && run->levels[l->rule] & 3)
		wb_lint_blocking(l, &e);
	wb_effect_done(&e);
	return rc;
}

/* Rules are for the way up, unless they say that they hold elsewhere, too. */
static unsigned only_those(const struct wb_lint_stmt *st)
{
	enum wb_section_kind kind = st->section ? st->section->kind : WB_SEC_UP;
	if (kind == WB_SEC_REQUIRE || kind == WB_SEC_VERIFY)
		return WB_RULE_GUARDS;
	return kind == WB_SEC_DOWN ? WB_RULE_DOWN : 0;
}

void wb_lint_look(struct wb_lint_run *run, const struct wb_lint_file *f, const struct wb_lint_stmt *st,
		  const struct wb_operation *op)
{
	struct wb_look l = { .run = run, .file = f, .stmt = st, .op = op };
	if ((unsigned)op->code < WB_OP_COUNT)
		show(&l, op->code, only_those(st) | WB_RULE_SAFER);
}

static int show_statement(struct reading *r, const struct wb_lint_stmt *st)
{
	struct wb_look l = { .run = r->run, .file = &r->file, .stmt = st };
	unsigned only = only_those(st);
	if (r->file.judged)
		show(&l, AT_STATEMENTS, only);
	for (size_t i = 0; i < st->ops.n; i++) {
		const struct wb_operation *op = &st->ops.v[i];
		l.op = op;
		size_t before = r->run->findings.n, ignored = r->run->ignored;
		if (r->file.judged && (unsigned)op->code < WB_OP_COUNT && wb_ask(&l, WB_ASK_IDLE) != WB_YES)
			show(&l, op->code, only);
		if (only)
			continue;
		/* On SQLite any finding about the table is enough beside it. */
		bool said = !r->run->world || has_said(r->run, op->code, before, ignored) ||
			    (wb_is_lite(&l) && r->run->findings.n > before);
		int rc = judge(&l, said, r->err);
		if (rc < 0)
			return rc;
		wb_seen_apply(&r->run->seen, &r->file, st, op);
	}
	return 0;
}

static int show_file(struct reading *r)
{
	struct wb_look l = { .run = r->run, .file = &r->file };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < r->file.n; i++)
		rc = show_statement(r, &r->file.v[i]);
	if (rc == 0 && r->file.judged)
		show(&l, AT_FILES, 0);
	return rc;
}

/* What the splitter or a variable says is wrong; the source room may have said so already. */
static int tell_error(struct reading *r, const struct wb_error *e)
{
	struct wb_lint_run *run = r->run;
	struct wb_source_problem p = { .kind = e->code == WB_EIO ? "unreadable" : "syntax",
				       .version = r->file.m->version,
				       .file = r->file.m->file,
				       .message = e->message,
				       .hint = *e->hint ? e->hint : NULL,
				       .line = e->line,
				       .column = e->column };
	for (size_t i = 0; i < run->findings.n; i++) {
		const struct wb_lint_finding *f = &run->findings.v[i]->f;
		if (f->file && !strcmp(f->file, r->file.path) && f->line == e->line)
			return 0;
	}
	return wb_lint_problem(run, &p, r->file.path, r->err);
}

/* What was read, shown to the rules. */
static int look_at(struct reading *r, int rc, const struct wb_error *e)
{
	const struct wb_migration *m = r->file.m;
	bool readable = rc != WB_EIO;
	if (rc == WB_EINPUT || rc == WB_EIO)
		rc = r->file.judged ? tell_error(r, e) : 0;
	else if (rc < 0 && r->err)
		*r->err = *e;
	if (!readable)
		return rc;
	if (rc == 0 && r->file.judged)
		rc = read_ignores(r, m->memory, m->file, false);
	if (rc == 0 && r->file.judged && m->down_file)
		rc = read_ignores(r, m->down_memory, m->down_file, true);
	return rc < 0 ? rc : show_file(r);
}

static int finish_file(struct reading *r, const struct wb_lint_input *in, int rc, const struct wb_error *e,
		       struct wb_error *err)
{
	struct wb_lint_run *run = r->run;
	struct wb_world *world = run->world;
	r->err = err;
	if (!wb_vec_push(&run->paths, r->file.judged ? r->file.path : NULL))
		return wb_err_nomem(err);
	r->file.number = (unsigned)run->paths.n;
	if (r->file.judged)
		wb_lint_levels(run, r->file.path);
	if (in->in_world)
		run->world = NULL;
	if (in->resumes)
		wb_mock_close(wb_steal(&run->mock));
	int tried = wb_lint_try(run, &r->file, in->runs, &r->arena, err);
	rc = tried < 0 ? tried : look_at(r, rc, e);
	run->world = world;
	run->files += r->file.judged;
	run->statements += r->file.judged ? r->stmts.n : 0;
	return rc == 0 && (run->failed || run->seen.failed) ? wb_err_nomem(err) : rc;
}

/* ---- many files: two threads read, one judges ---------------------------------------------- */

#define BLOCK 128
#define READ_ALONE 32 /* fewer files are read by one thread */

struct read_file {
	struct reading r;
	struct wb_error e;
	int rc;
};

struct reader {
	struct read_file *v;
	size_t n;
};

static void read_files(void *user)
{
	const struct reader *reader = user;
	for (size_t i = 0; i < reader->n; i++) {
		struct read_file *f = &reader->v[i];
		f->r.err = &f->e;
		f->rc = read_statements(&f->r, f->r.file.m);
	}
}

static void read_block(struct read_file *v, size_t n)
{
	size_t half = n < READ_ALONE ? 0 : n / 2;
	struct reader first = { v, half }, second = { v + half, n - half };
	struct wb_thread thread;
	if (half)
		wb_thread_start(&thread, read_files, &first);
	read_files(&second);
	if (half)
		wb_thread_finish(&thread);
}

static int look_at_block(struct wb_lint_run *run, const struct wb_lint_input *in, size_t n, struct read_file *v,
			 struct wb_error *err)
{
	int rc = 0;
	for (size_t i = 0; i < n; i++) {
		memset(&v[i].r, 0, sizeof(v[i].r));
		v[i].r.run = run;
		v[i].r.file = (struct wb_lint_file){ .m = in[i].m,
						     .path = in[i].path,
						     .down_path = in[i].down_path,
						     .judged = in[i].judged,
						     .alone = in[i].alone };
	}
	read_block(v, n);
	for (size_t i = 0; i < n; i++) {
		if (rc == 0)
			rc = finish_file(&v[i].r, &in[i], v[i].rc, &v[i].e, err);
		wb_vec_done(&v[i].r.stmts);
		wb_arena_done(&v[i].r.arena);
	}
	return rc;
}

int wb_lint_migrations(struct wb_lint_run *run, const struct wb_lint_input *v, size_t n, struct wb_error *err)
{
	struct read_file *block = calloc(n < BLOCK ? n + 1 : BLOCK, sizeof(*block));
	int rc = block ? 0 : wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < n; i += BLOCK)
		rc = look_at_block(run, v + i, n - i < BLOCK ? n - i : BLOCK, block, err);
	free(block);
	return rc;
}

int wb_lint_gather(struct wb_lint_run *run, const struct wb_migration *m, struct wb_arena *a,
		   struct wb_lint_gathered *g, struct wb_error *err)
{
	struct reading r = { .run = run, .err = err };
	struct wb_error e;
	r.err = &e;
	int rc = read_statements(&r, m);
	if (rc == WB_EINPUT || rc == WB_EIO)
		rc = 0; /* said when the file is looked at */
	else if (rc < 0 && err)
		*err = e;
	for (size_t i = 0; rc == 0 && i < r.stmts.n; i++)
		rc = wb_vec_push(&g->statements, r.stmts.v[i].ops) ? 0 : wb_err_nomem(err);
	wb_arena_merge(a, &r.arena);
	wb_vec_done(&r.stmts);
	return rc;
}

/* ---- what other rooms have found; the end --------------------------------------------------------- */

int wb_lint_problem(struct wb_lint_run *run, const struct wb_source_problem *p, const char *path, struct wb_error *err)
{
	struct wb_look l = { .run = run, .rule = wb_rule_find(p->kind) };
	struct wb_lint_finding *f;
	wb_lint_levels(run, path);
	if (l.rule == wb_rule_count())
		return wb_err_set(err, WB_EBUG, "there is no rule \"%s\"", p->kind);
	for (size_t i = 0; path && i < run->findings.n; i++) {
		const struct wb_lint_finding *same = &run->findings.v[i]->f;
		if (same->file && !strcmp(same->file, path) && !strcmp(same->rule, p->kind) && same->line == p->line)
			return 0; /* seen when it was read */
	}
	f = wb_find_at(&l, p->warning ? WB_LINT_WARNING : WB_LINT_ERROR, "%s", p->message);
	if (f) {
		struct wb_found *found = run->findings.v[run->findings.n - 1];
		for (size_t i = 0; path && !found->file && i < run->paths.n; i++)
			found->file = run->paths.v[i] && !strcmp(run->paths.v[i], path) ? (unsigned)i + 1 : 0;
		f->file = path;
		f->version = wb_arena_str(&run->arena, p->version);
		f->line = p->line;
		f->column = p->column;
		f->hint = wb_arena_str(&run->arena, p->hint);
	}
	return run->failed ? wb_err_nomem(err) : 0;
}

static int by_place(const void *left, const void *right)
{
	const struct wb_found *a = *(struct wb_found *const *)left, *b = *(struct wb_found *const *)right;
	if (a->file != b->file)
		return a->file < b->file ? -1 : 1;
	if (a->f.line != b->f.line)
		return a->f.line < b->f.line ? -1 : 1;
	return a->n < b->n ? -1 : a->n > b->n;
}

int wb_lint_end(struct wb_lint_run *run, struct wb_error *err)
{
	struct wb_look l = { .run = run };
	show(&l, AT_FOLDER, 0);
	if (run->findings.n)
		qsort(run->findings.v, run->findings.n, sizeof(struct wb_found *), by_place);
	return run->failed || run->seen.failed ? wb_err_nomem(err) : 0;
}
