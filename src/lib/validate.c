/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_validate: files alone, or files against journal and server. What it finds
 * is listed; only what keeps it from looking is an error.
 */
#include "context.h"

#include "backfill.h"

struct validation_box {
	struct wb_validation view; /* first: wb_validation_free gets its address */
	struct wb_arena arena;
	struct wb_problems problems;
};

WB_API void wb_validation_free(struct wb_validation *validation)
{
	struct validation_box *b = (struct validation_box *)validation;
	if (!b)
		return;
	wb_problems_done(&b->problems);
	wb_arena_done(&b->arena);
	free(b);
}

int wb_problems_add_error(struct wb_problem_list *p, const char *kind, const struct wb_error *e, struct wb_error *err)
{
	struct wb_arena *a = p->arena;
	struct wb_problem problem = {
		.kind = kind,
		.version = *e->version ? wb_arena_str(a, e->version) : NULL,
		.file = *e->file ? wb_arena_str(a, e->file) : NULL,
		.message =
			*e->detail ? wb_arena_printf(a, "%s: %s", e->message, e->detail) : wb_arena_str(a, e->message),
		.hint = *e->hint ? wb_arena_str(a, e->hint) : NULL,
		.line = e->line,
		.column = e->column,
		.code = e->code,
	};
	bool whole = problem.message && (problem.version || !*e->version) && (problem.file || !*e->file) &&
		     (problem.hint || !*e->hint);
	return whole && wb_vec_push(&p->list.v, problem) ? 0 : wb_err_nomem(err);
}

bool wb_problems_tell(const struct wb_problem_list *p, const struct wb_error *e)
{
	for (size_t i = 0; i < p->list.v.n; i++) {
		const struct wb_problem *known = &p->list.v.v[i];
		if (!known->warning && known->line && known->line == e->line && known->file &&
		    strcmp(known->file, e->file) == 0)
			return true;
	}
	return false;
}

struct checker {
	struct wb_context *c;
	struct wb_problem_list *p;
	struct validation_box *b;
	struct wb_mock *mock; /* NULL: the engine has none */
	struct wb_map pending;
	bool tries; /* the file is one that would be run, from its beginning */
	struct wb_error *err;
};

/* What the engine itself says of it, tried on the database's schema as the statements before leave it. */
static int try_statement(struct checker *k, const struct wb_migration *m, const struct wb_script *s,
			 const struct wb_item *stmt)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct wb_operations ops = { 0 };
	struct wb_error e = { 0 };
	struct wb_tried t;
	int rc = k->mock && k->tries ? wb_driver_operations(k->c->driver, stmt->text, &a, &ops, k->err) : 0;
	if (rc == 0)
		rc = wb_mock_try(k->tries ? k->mock : NULL, stmt->text, &a, &ops, &t, k->err);
	if (rc < 0 || t.verdict != WB_REFUSED || !k->mock->exact)
		return rc;
	wb_err_set(&e, WB_ESQL, "%s", t.message);
	wb_err_hint(&e, "%s", t.hint ? t.hint : "the database would refuse it");
	wb_script_place(s, stmt->pos, stmt->text, t.offset, &e);
	(void)wb_sv_copy(wb_sv_str(m->version), e.version, sizeof(e.version));
	return wb_problems_add_error(k->p, "refused", &e, k->err);
}

/* A statement's syntax, as the server (or without one the engine's own parser) sees it. */
static int check_statement(struct checker *k, const struct wb_migration *m, const struct wb_script *s,
			   const struct wb_item *stmt)
{
	struct wb_error e = { 0 };
	size_t offset = SIZE_MAX;
	k->b->view.statements++;
	int rc = wb_conn_syntax(k->c->driver, k->c->conn, stmt->text, &offset, &e);
	if (rc == 0)
		return try_statement(k, m, s, stmt);
	if (rc != WB_EINPUT)
		return wb_err_set(k->err, rc, "%s", e.message);
	wb_script_place(s, stmt->pos, stmt->text, offset, &e);
	(void)wb_sv_copy(wb_sv_str(m->version), e.version, sizeof(e.version));
	return wb_problems_add_error(k->p, "syntax", &e, k->err);
}

/* What a section names is found before it is needed. */
static int add_named(struct checker *k, const struct wb_migration *m, unsigned line, const char *kind,
		     struct wb_error *e)
{
	if (e->code == WB_ENOMEM)
		return wb_err_nomem(k->err);
	if (!*e->file)
		wb_err_place(e, m->file, line, 1);
	(void)wb_sv_copy(wb_sv_str(m->version), e->version, sizeof(e->version));
	return wb_problems_add_error(k->p, kind, e, k->err);
}

static int check_suites(struct checker *k, const struct wb_migration *m)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < m->n_sections; i++) {
		const struct wb_section *s = &m->sections[i];
		struct wb_error e = { 0 };
		if (s->suite && wb_check_section_valid(k->c, m->file, s->suite, &e) < 0)
			rc = add_named(k, m, s->heading_line, "suite", &e);
	}
	return rc;
}

/* A backfill by rules is read with its rules. */
static int check_any(struct checker *k, const struct wb_migration *m, const struct wb_script *s, int64_t ordinal,
		     const struct wb_item *stmt)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	const struct wb_chunk *c = wb_script_chunk(s, ordinal);
	struct wb_item plain = *stmt;
	struct wb_texts notes = { NULL, 0 };
	struct wb_operations ops = { 0 };
	struct wb_error e = { 0 };
	if (!c->backfill || !c->backfill->rules) {
		int rc = wb_script_plain(&k->c->target, c, &a, &plain, k->err);
		return rc < 0 ? rc : check_statement(k, m, s, &plain);
	}
	int rc = wb_backfill_read(k->c, s->file, c->backfill, &a, &notes, &ops, &e);
	return rc < 0 ? add_named(k, m, stmt->pos.line, "rules", &e) : 0;
}

/* The folder was read before, and what is wrong at this place is known. */
static bool is_told(const struct wb_problem_list *p, const struct wb_error *e)
{
	for (size_t i = 0; i < p->list.v.n; i++) {
		const struct wb_problem *known = &p->list.v.v[i];
		if (!known->warning && known->line && known->line == e->line && known->column == e->column &&
		    known->file && strcmp(known->file, e->file) == 0)
			return true;
	}
	return false;
}

static int check_script(struct checker *k, const struct wb_migration *m, unsigned sections)
{
	struct wb_script_options so = { .mode = WB_TRANSACTION_FILE };
	struct wb_script *s = NULL;
	struct wb_script_reader *r = NULL;
	struct wb_error e = { 0 };
	int rc = wb_script_of_migration(&k->c->target, m, sections, &so, &s, &e);
	if (rc == WB_ENOMEM)
		return wb_err_nomem(k->err);
	if (rc < 0 && is_told(k->p, &e))
		return 0;
	if (rc < 0) {
		(void)wb_sv_copy(wb_sv_str(m->version), e.version, sizeof(e.version));
		return wb_problems_add_error(k->p, "section", &e, k->err);
	}
	int64_t ordinal = 0;
	rc = wb_script_open(&k->c->target, s, &r, k->err);
	while (rc == 0) {
		struct wb_item stmt;
		rc = wb_script_next(r, &stmt, k->err);
		if (rc < 0 || stmt.kind == WB_ITEM_END)
			break;
		if (stmt.kind == WB_ITEM_STATEMENT)
			rc = check_any(k, m, s, ++ordinal, &stmt);
	}
	wb_script_close(r);
	wb_script_free(s);
	return rc;
}

static int check_migration(struct checker *k, const struct wb_migration *m, const struct wb_journal *j)
{
	const struct wb_record *r = wb_journal_find(j, m->sort_key);
	bool applied = r && wb_record_is_done(r);
	int rc = 0;
	enum wb_pending pending = wb_pending_of(&k->pending, m);
	k->b->view.files++;
	k->tries = pending == WB_PENDING_WHOLE;
	if (pending == WB_PENDING_REST) /* what it leaves behind is not known */
		wb_mock_close(wb_steal(&k->mock));
	/* What was applied has proved itself; only what is to come is read again. */
	if (rc == 0 && m->has_up && !applied)
		rc = check_script(k, m, WB_UP_SECTIONS | 1u << WB_SEC_REQUIRE | 1u << WB_SEC_VERIFY);
	if (rc == 0 && !applied)
		rc = check_suites(k, m);
	if (rc < 0 || !m->has_down || applied)
		return rc;
	rc = wb_mock_mark(k->mock, false, k->err);
	if (rc == 0)
		rc = check_script(k, m, 1u << WB_SEC_DOWN);
	return rc == 0 ? wb_mock_mark(k->mock, true, k->err) : rc;
}

static bool keep(struct wb_arena *a, const char **text)
{
	const char *was = *text;
	*text = wb_arena_str(a, was);
	return *text || !was;
}

static int check_all(struct checker *k, const struct wb_validate_options *o)
{
	struct wb_journal j = { 0 };
	int rc = k->c->conn ? wb_journal_load(&k->c->target, false, &j, k->err) : 0;
	if (rc == 0)
		rc = wb_compare(&k->c->target, &j, &k->b->arena, &k->p->list, k->err);
	if (rc == 0 && k->c->conn)
		rc = wb_mock_open(k->c->driver, k->c->conn, &k->mock, k->err);
	if (rc == 0 && k->mock)
		rc = wb_pending_find(k->c, &j, &k->pending, k->err);
	for (size_t i = 0; rc == 0 && i < k->c->source->n; i++)
		rc = check_migration(k, k->c->source->v[i], &j);
	wb_mock_close(wb_steal(&k->mock));
	wb_map_done(&k->pending);
	if (rc == 0 && o->reversible)
		rc = wb_validate_reversible(k->c, &j, k->p, k->err);
	if (rc == 0 && o->against)
		rc = wb_validate_against(k->c, o->against, k->p, k->err);
	if (rc == 0 && o->round_trip)
		rc = wb_validate_round_trip(k->c, k->p, k->err);
	if (rc == 0 && o->breaking)
		rc = wb_validate_breaking(k->c, o, &j, k->p, k->err);
	/* Texts of problems may live in journal and source. */
	for (size_t i = 0; rc == 0 && i < k->p->list.v.n; i++) {
		struct wb_problem *p = &k->p->list.v.v[i];
		struct wb_arena *a = &k->b->arena;
		bool kept = keep(a, &p->version) && keep(a, &p->file) && keep(a, &p->message) && keep(a, &p->hint);
		rc = kept ? 0 : wb_err_nomem(k->err);
	}
	wb_journal_done(&j);
	return rc;
}

static bool valid(const struct wb_problems *p)
{
	for (size_t i = 0; i < p->v.n; i++) {
		if (!p->v.v[i].warning)
			return false;
	}
	return true;
}

/* What it now says of the folder is read again with it. */
static int write_sum(struct wb_context *c, struct wb_error *err)
{
	int rc = wb_source_write_sum(c->source, err);
	return rc < 0 ? rc : wb_prepare(c, WB_NEED_SOURCE, err);
}

WB_API int wb_validate(struct wb_context *context, const struct wb_validate_options *options,
		       struct wb_validation **ret_validation, struct wb_error *err)
{
	struct wb_validate_options o;
	int rc = wb_take_options(&o, sizeof(o), options, "wb_validate_options", err);
	if (rc == 0)
		rc = wb_prepare(context, WB_NEED_SOURCE | (context->has_url ? (unsigned)WB_NEED_READ : 0), err);
	if (rc == 0 && o.write_sum)
		rc = write_sum(context, err);
	if (rc == 0)
		rc = wb_need_driver(context, err);
	if (rc < 0)
		return rc;
	context->target.driver = context->driver;
	struct validation_box *b = calloc(1, sizeof(*b));
	if (!b)
		return wb_err_nomem(err);
	struct wb_problem_list list = { .arena = &b->arena };
	struct checker k = { .c = context, .p = &list, .b = b, .err = err };
	rc = check_all(&k, &o);
	b->problems = list.list;
	b->view.problems = list.list.v.v;
	b->view.n_problems = list.list.v.n;
	b->view.valid = valid(&b->problems);
	if (rc < 0) {
		wb_validation_free(&b->view);
		return rc;
	}
	*ret_validation = &b->view;
	return 0;
}
