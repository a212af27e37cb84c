/* SPDX-License-Identifier: Apache-2.0
 *
 * Undo of migrations without a down part, worked out while they are applied and
 * stored with their journal row. What a text alone does not tell is looked up
 * in the transaction of the migration itself: before its first statement and
 * after its last one, so that nobody else's changes are taken for its own. That
 * no undo can be found never stops a migration.
 */
#include "undo.h"

#include "base/banned.h"

#define SAVEPOINT "whimbrel_undo"

struct wb_script_undo *wb_script_undo_new(enum wb_dialect dialect)
{
	struct wb_script_undo *su = calloc(1, sizeof(*su));

	if (!su)
		return NULL;
	su->sql = su->text = (struct wb_str)WB_STR_INIT;
	wb_undo_start(&su->draft, dialect);
	return su;
}

void wb_script_undo_free(struct wb_script_undo *su)
{
	if (!su)
		return;
	wb_model_free(su->before);
	wb_str_done(&su->sql);
	wb_str_done(&su->text);
	wb_undo_done(&su->draft);
	free(su);
}

int wb_script_undo_see(const struct wb_target *t, struct wb_script_undo *su, struct wb_sv text, struct wb_pos pos,
		       struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_operations ops = { 0 };
	struct wb_error why = { 0 };
	int rc;

	if (su->draft.why)
		return 0;
	rc = t->driver->operations(text, &a, &ops, &why);
	if (rc == WB_ENOMEM)
		return wb_err_nomem(err);
	if (rc < 0)
		ops = (struct wb_operations){ .unknown = "its syntax is not understood" };
	rc = wb_undo_see(&su->draft, text, pos, &ops, err);
	su->drafted = su->draft.way;
	return rc;
}

int wb_script_undo_blind(struct wb_script_undo *su, struct wb_sv text, struct wb_pos pos, const char *why,
			 struct wb_error *err)
{
	struct wb_undo *u = &su->draft;
	if (u->why)
		return 0;
	(void)wb_undo_refuse(u, "%s", why);
	u->pos = pos;
	u->statement = wb_arena_sv(&u->arena, wb_sv_head(text, 200));
	su->drafted = u->way;
	return u->statement && u->why ? 0 : wb_err_nomem(err);
}

/* A run may hold a hundred thousand of them: what is not needed any more is let go. */
int wb_script_undo_finish(struct wb_script_undo *su, struct wb_error *err)
{
	int rc = 0;

	if (su->draft.way == WB_UNDO_TEXT || su->draft.way == WB_UNDO_ASK)
		rc = wb_undo_text(&su->draft, &su->text, err);
	if (rc == 0 && su->draft.way == WB_UNDO_TEXT) {
		wb_undo_done(&su->draft);
		wb_undo_start(&su->draft, su->draft.dialect);
	}
	return rc;
}

static int use_text(struct wb_script_undo *su, struct wb_error *err)
{
	su->decided = true;
	wb_str_addsv(&su->sql, wb_str_sv(&su->text));
	return su->sql.failed ? wb_err_nomem(err) : 0;
}

const char *wb_undo_reason(const struct wb_undo *u, struct wb_arena *a)
{
	if (u->pos.line)
		return wb_arena_printf(a, "line %u: %s", u->pos.line, u->why);
	return wb_arena_str(a, u->why);
}

/* ---- asking ------------------------------------------------------------------------------ */

struct looking {
	struct wb_run *run;
	struct wb_work_item *item;
	struct wb_script_undo *su;
	struct wb_conn *c;
	bool inside;
	struct wb_error *err;
};

static const char *class_of(enum wb_kind kind)
{
	static const char *const classes[WB_KIND_COUNT + 1] = {
		[WB_KIND_SCHEMA] = "schema",
		[WB_KIND_EXTENSION] = "extension",
		[WB_KIND_ENUM] = "type",
		[WB_KIND_COMPOSITE] = "type",
		[WB_KIND_RANGE] = "type",
		[WB_KIND_DOMAIN] = "type",
		[WB_KIND_SEQUENCE] = "relation",
		[WB_KIND_TABLE] = "relation",
		[WB_KIND_FOREIGN_TABLE] = "relation",
		[WB_KIND_VIRTUAL_TABLE] = "relation",
		[WB_KIND_COLUMN] = "column",
		[WB_KIND_FUNCTION] = "routine",
		[WB_KIND_PROCEDURE] = "routine",
		[WB_KIND_AGGREGATE] = "routine",
		[WB_KIND_CONSTRAINT] = "constraint",
		[WB_KIND_INDEX] = "relation",
		[WB_KIND_VIEW] = "relation",
		[WB_KIND_MATERIALIZED_VIEW] = "relation",
		[WB_KIND_RULE] = "rule",
		[WB_KIND_TRIGGER] = "trigger",
		[WB_KIND_POLICY] = "policy",
	};

	return classes[kind] ? classes[kind] : "other";
}

static int note_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)row;
	(void)err;
	*(bool *)user = true;
	return 0;
}

static void add_exists(struct looking *l, struct wb_batch *b, const struct wb_undo_ask *ask, bool *ret_exists)
{
	bool index = ask->kind == WB_KIND_INDEX && ask->table.name;
	const struct wb_value p[] = { wb_v_text(class_of(ask->kind)),
				      wb_v_text(ask->table.name ? ask->table.schema : ask->object.schema),
				      wb_v_text(index ? NULL : ask->table.name), wb_v_text(ask->object.name) };
	struct wb_query *q = wb_batch_add(b);

	if (!wb_journal_named(l->run->t, &b->arena, WB_SQL_OBJECT_EXISTS, p, WB_ARRAY_LEN(p), q))
		b->failed = true;
	q->row = note_row;
	q->row_user = ret_exists;
}

static int run_batch(struct looking *l, struct wb_batch *b)
{
	size_t done, offset;

	if (b->failed)
		return wb_err_nomem(l->err);
	return b->q.n ? wb_batch_run(b, l->c, &done, &offset, l->err) : 0;
}

/* Was none of what the migration takes for missing there? */
static int ask_all(struct looking *l, bool *ret_none)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	struct wb_undo *u = &l->su->draft;
	bool any = false;
	int rc;

	for (size_t i = 0; i < u->asks.n; i++)
		add_exists(l, &b, &u->asks.v[i], &any);
	rc = run_batch(l, &b);
	*ret_none = !any;
	return rc;
}

/* ---- conditions ----------------------------------------------------------------------------- */

/* As the statements will find it. */
static struct wb_name placed(const struct wb_undo *u, struct wb_name table)
{
	bool set = u->session.n && !table.schema;

	return (struct wb_name){ set ? u->path : table.schema, table.name };
}

static char *quoted(struct wb_arena *a, struct wb_name n)
{
	wb_autostr s = WB_STR_INIT;

	if (n.schema)
		wb_quote_ident(&s, wb_sv_str(n.schema));
	wb_str_add(&s, n.schema ? "." : "");
	wb_quote_ident(&s, wb_sv_str(n.name));
	return s.failed ? NULL : wb_arena_sv(a, wb_str_sv(&s));
}

/* A text with @table@ in it. */
static char *with_table(struct wb_arena *a, const char *text, const char *table)
{
	const char *hole = text ? strstr(text, "@table@") : NULL;

	return hole ? wb_arena_printf(a, "%.*s%s%s", (int)(hole - text), text, table, hole + strlen("@table@"))
		    : wb_arena_str(a, text);
}

/* Rows that are seen at a glance need no lock; that there are none has to be true still when the table is dropped. */
static int look_for_rows(struct looking *l, const char *table, bool sequence, bool *ret_any)
{
	wb_autoarena a = WB_ARENA_INIT;
	const char *sql = wb_arena_printf(&a, "SELECT 1 FROM %s%s LIMIT 1", table, sequence ? " WHERE is_called" : "");
	const char *see = wb_conn_sql(l->c, WB_SQL_SEE_ROWS);
	const char *hold = with_table(&a, wb_conn_sql(l->c, WB_SQL_HOLD_TABLE), table);
	struct wb_query q[] = { { .sql = wb_sv_str(see) },
				{ .sql = wb_sv_str(sql), .row = note_row, .row_user = ret_any } };
	size_t done, offset;
	int rc;

	*ret_any = false;
	if (!sql || !see || !hold)
		return wb_err_nomem(l->err);
	rc = wb_run(l->c, q, WB_ARRAY_LEN(q), &done, &offset, l->err);
	if (rc < 0 || *ret_any || sequence || !l->inside)
		return rc;
	rc = wb_exec(l->c, hold, l->err);
	return rc < 0 ? rc : wb_run(l->c, &q[1], 1, &done, &offset, l->err);
}

static int savepoint(struct looking *l, const char *what)
{
	char sql[80];

	(void)snprintf(sql, sizeof(sql), "%s " SAVEPOINT, what);
	return wb_exec(l->c, sql, l->err);
}

/* Whatever was done since is undone. Only this must work: or the transaction cannot go on. */
static int back_to_savepoint(struct looking *l)
{
	int rc = savepoint(l, "ROLLBACK TO SAVEPOINT");

	return rc < 0 ? rc : savepoint(l, "RELEASE SAVEPOINT");
}

/* What another transaction holds is waited for again by whoever runs the migration. */
static bool ends_it(const struct looking *l, int rc)
{
	static const char *const again[] = { "55P03", "40P01", "40001", "57014" };
	bool waits = false;

	for (size_t i = 0; i < WB_ARRAY_LEN(again); i++)
		waits |= l->err && strcmp(l->err->sqlstate, again[i]) == 0;
	return rc == WB_ENOMEM || rc == WB_ECONN || rc == WB_ECANCELLED || rc == WB_EBUSY || l->c->lost || waits;
}

/* 0 also where it could not be seen: then it does not hold. */
static int check_rows(struct looking *l, const char *table, bool sequence, bool *ret_holds)
{
	bool any = true, savepoints = l->inside;
	int rc = savepoints ? savepoint(l, "SAVEPOINT") : 0;

	if (rc < 0)
		return rc;
	rc = look_for_rows(l, table, sequence, &any);
	*ret_holds = rc == 0 && !any;
	if (rc < 0 && ends_it(l, rc))
		return rc;
	if (!savepoints)
		return 0;
	/* The lock is to stay. */
	return rc == 0 ? savepoint(l, "RELEASE SAVEPOINT") : back_to_savepoint(l);
}

static int check_condition(struct looking *l, const struct wb_undo_condition *c, bool *ret_holds)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	struct wb_name table = placed(&l->su->draft, c->table);
	const struct wb_undo_ask ask = { .kind = WB_KIND_TABLE, .object = table };
	bool exists = false;
	char *name;
	int rc;

	add_exists(l, &b, &ask, &exists);
	rc = run_batch(l, &b);
	*ret_holds = rc == 0 && !exists;
	if (rc < 0 || !exists || c->absent)
		return rc;
	name = quoted(&b.arena, table);
	return name ? check_rows(l, name, c->sequence, ret_holds) : wb_err_nomem(l->err);
}

static int check_conditions(struct looking *l)
{
	struct wb_undo *u = &l->su->draft;
	int rc = 0;

	if (!l->su->holds)
		l->su->holds = wb_arena_array(&u->arena, u->conditions.n + 1, sizeof(bool));
	if (!l->su->holds)
		return wb_err_nomem(l->err);
	for (size_t i = 0; rc == 0 && i < u->conditions.n && !u->why; i++) {
		rc = check_condition(l, &u->conditions.v[i], &l->su->holds[i]);
		if (rc == 0 && !l->su->holds[i] && u->conditions.v[i].why)
			(void)wb_undo_refuse(u, "%s", u->conditions.v[i].why);
	}
	return rc;
}

/* ---- the schema ------------------------------------------------------------------------------- */

/* A schema that cannot be read is a reason, not an error. */
static int inspect(struct looking *l, struct wb_model **ret_m)
{
	struct wb_inspect_options o = { .owners = l->su->draft.owners, .inside = l->inside };
	struct wb_error why = { 0 }, *err = l->err;
	int rc;

	l->err = &why;
	rc = wb_conn_inspect(l->c, &o, ret_m, &why);
	bool ends = rc < 0 && ends_it(l, rc);
	l->err = err;
	if (ends && err)
		*err = why;
	if (rc < 0 && !ends)
		(void)wb_undo_refuse(&l->su->draft, "the schema could not be read: %s", why.message);
	return ends ? rc : 0;
}

void wb_undo_forget(struct wb_run *run)
{
	wb_model_free(run->schema);
	run->schema = NULL;
}

static int look_before(struct looking *l)
{
	struct wb_run *run = l->run;
	bool known = run->schema && run->schema_of + 1 == (size_t)(l->item - run->work.items.v) &&
		     run->schema_owners == l->su->draft.owners;

	wb_model_free(l->su->before);
	l->su->before = NULL;
	if (known) {
		l->su->before = run->schema;
		run->schema = NULL;
		return 0;
	}
	wb_undo_forget(run);
	return inspect(l, &l->su->before);
}

static struct looking looking(struct wb_run *run, struct wb_work_item *item, bool inside, struct wb_error *err)
{
	return (struct looking){
		.run = run, .item = item, .su = item->script->undo, .c = run->t->conn, .inside = inside, .err = err
	};
}

/* Another attempt begins: what the first one found counts no more. */
static void begin_anew(struct wb_script_undo *su)
{
	if (su->drafted != WB_UNDO_NONE)
		su->draft.why = NULL;
	su->draft.way = su->drafted;
	su->decided = false;
	su->draft.backs.n = su->draft.kept.n = 0;
	wb_str_clear(&su->sql);
}

int wb_undo_before(struct wb_run *run, struct wb_work_item *item, bool inside, struct wb_error *err)
{
	struct wb_error scratch = { 0 };
	struct looking l = looking(run, item, inside, err ? err : &scratch);
	bool none = true;
	int rc = 0;

	if (!l.su)
		return 0;
	begin_anew(l.su);
	struct wb_undo *u = &l.su->draft;
	if (u->way == WB_UNDO_ASK) {
		rc = ask_all(&l, &none);
		u->way = none ? WB_UNDO_TEXT : WB_UNDO_CATALOG;
	}
	if (rc == 0 && u->way == WB_UNDO_CATALOG)
		rc = check_conditions(&l);
	if (rc == 0 && u->way == WB_UNDO_CATALOG)
		rc = look_before(&l);
	if (rc == 0 && u->way == WB_UNDO_TEXT)
		rc = use_text(l.su, err);
	l.su->decided |= u->way == WB_UNDO_NONE;
	return rc;
}

static int take_text(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct wb_str *s = user;
	struct wb_sv text = row->v[0];

	if (wb_sv_starts(text, WB_STORED_INFERRED))
		wb_str_addsv(s, wb_sv(text.p + strlen(WB_STORED_INFERRED), text.n - strlen(WB_STORED_INFERRED)));
	return s->failed ? wb_err_nomem(err) : 0;
}

int wb_undo_resumed(struct wb_run *run, struct wb_work_item *item, struct wb_error *err)
{
	struct wb_script_undo *su = item->script->undo;
	const struct wb_value p[] = { wb_v_text(run->t->project), wb_v_text(item->version) };

	if (!su)
		return 0;
	begin_anew(su);
	su->decided = true;
	if (su->draft.way == WB_UNDO_TEXT)
		return use_text(su, err);
	if (su->draft.way == WB_UNDO_ASK && item->record->has_down)
		return wb_query_named(run->t->conn, WB_SQL_MIGRATION_TEXT, p, WB_ARRAY_LEN(p), take_text, &su->sql,
				      NULL, err);
	su->draft.pos.line = 0;
	return wb_undo_refuse(&su->draft, "it was interrupted, and the schema before it is not known any more");
}

/* ---- after ------------------------------------------------------------------------------------------ */

static int make_moves(struct looking *l, const char **v, size_t n)
{
	struct wb_undo *u = &l->su->draft;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < u->session.n; i++)
		rc = wb_exec(l->c, u->session.v[i], l->err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = wb_exec(l->c, v[i], l->err);
	return rc;
}

/* The schema with every name as it was: only the engine knows what a new name stands in. */
static int look_moved(struct looking *l, const char **v, size_t n, struct wb_model **ret_m, bool *ret_moved)
{
	struct wb_error why = { 0 }, *err = l->err;
	int rc = savepoint(l, "SAVEPOINT"), back;

	if (rc < 0)
		return rc;
	l->err = &why;
	rc = make_moves(l, v, n);
	bool ends = rc < 0 && ends_it(l, rc);
	l->err = err;
	*ret_moved = rc == 0;
	if (ends && err)
		*err = why;
	if (ends)
		return rc;
	rc = *ret_moved ? inspect(l, ret_m) : 0;
	if (l->c->lost)
		return rc;
	back = back_to_savepoint(l);
	if (rc < 0 || back < 0) {
		wb_model_free(*ret_m);
		*ret_m = NULL;
	}
	return rc < 0 ? rc : back;
}

static int look_after(struct looking *l, struct wb_model **ret_m, bool *ret_all)
{
	struct wb_undo *u = &l->su->draft;
	const char **v;
	size_t n;
	bool moved = true;
	int rc = wb_undo_moves(u, false, false, &v, &n, l->err);

	*ret_all = false;
	if (rc < 0)
		return rc;
	if (!n)
		return inspect(l, ret_m);
	if (u->late_path || !l->inside)
		return wb_undo_refuse(u, "it %s, and %s", u->backs.n ? "sets rows aside" : "renames",
				      u->late_path ? "sets search_path in between"
						   : "cannot be undone in one transaction");
	rc = look_moved(l, v, n, ret_m, &moved);
	if (rc == 0 && !moved) {
		*ret_all = true;
		rc = wb_undo_moves(u, true, false, &v, &n, l->err);
		if (rc == 0)
			rc = look_moved(l, v, n, ret_m, &moved);
	}
	if (rc == 0 && !moved)
		(void)wb_undo_refuse(u, "what it renames cannot be given its old name before the rest is undone");
	return rc;
}

static int write_undo(struct looking *l, struct wb_model *after, bool all)
{
	const struct wb_undo_facts f = { .before = l->su->before, .after = after, .holds = l->su->holds, .all = all };

	return wb_undo_script(&l->su->draft, &f, &l->su->sql, l->err);
}

/* The next migration may begin where this one ends; not where renames were taken back to look. */
static void remember(struct looking *l, struct wb_model *after, bool is_whole)
{
	if (!is_whole) {
		wb_model_free(after);
		return;
	}
	wb_undo_forget(l->run);
	l->run->schema = after;
	l->run->schema_of = (size_t)(l->item - l->run->work.items.v);
	l->run->schema_owners = l->su->draft.owners;
}

static bool renames(const struct wb_undo *u)
{
	bool any = u->backs.n > 0;

	for (size_t i = 0; i < u->steps.n; i++)
		any |= u->steps.v[i].moves;
	return any;
}

int wb_undo_after(struct wb_run *run, struct wb_work_item *item, bool inside, struct wb_error *err)
{
	struct wb_error scratch = { 0 };
	struct looking l = looking(run, item, inside, err ? err : &scratch);
	struct wb_model *after = NULL;
	bool all = false;
	int rc;

	if (!l.su || l.su->decided)
		return 0;
	l.su->decided = true;
	if (!l.su->before)
		return wb_undo_refuse(&l.su->draft, "the schema before it is not known");
	rc = look_after(&l, &after, &all);
	if (rc == 0 && after)
		rc = write_undo(&l, after, all);
	if (after)
		remember(&l, after, rc == 0 && !renames(&l.su->draft));
	return rc;
}

#define TEXT_MAX (1u << 20) /* as of the other texts of a journal row */

int wb_undo_stored(const struct wb_work_item *item, struct wb_arena *a, struct wb_sv *ret_sql, const char **ret_why,
		   struct wb_error *err)
{
	const struct wb_script_undo *su = item->script->undo;
	const char *why = NULL;
	char *text;

	*ret_sql = (struct wb_sv){ 0 };
	*ret_why = NULL;
	if (!su || !su->decided)
		return 0;
	if (su->draft.why)
		why = wb_undo_reason(&su->draft, a);
	else if (su->sql.n > TEXT_MAX)
		why = "its undo is too long to be kept";
	if (why || su->draft.why) {
		*ret_why = why ? wb_arena_printf(a, "no undo: %s", why) : NULL;
		return *ret_why ? 0 : wb_err_nomem(err);
	}
	text = wb_arena_printf(a, "%s%s", WB_STORED_INFERRED, su->sql.p);
	*ret_sql = wb_sv_str(text);
	return text ? 0 : wb_err_nomem(err);
}
