/* SPDX-License-Identifier: Apache-2.0
 *
 * Probing index builds, drops and rebuilds. A broken concurrent build leaves an
 * invalid index: slower writes, no reads. An index without a name in its
 * statement is recognised by being new on its table and by its definition, which
 * is learnt by building the same index on an empty copy of the table, in a
 * transaction that is rolled back. Halves are always removed with DROP INDEX
 * CONCURRENTLY.
 */
#include "driver/postgres/pg.h"

struct index {
	int64_t oid;
	const char *name, *sql_name, *definition;
	bool valid;
};
struct indexes {
	struct wb_pg_step *step;
	WB_VEC(struct index) v;
};
#define INDEXES(s) WB_CLEANUP(indexes_done) struct indexes all = { .step = (s) }

static void indexes_done(struct indexes *x)
{
	wb_vec_done(&x->v);
}

static const char *text_of(struct wb_arena *a, const struct wb_row *row, int column)
{
	return column < row->n && row->v[column].p ? wb_arena_sv(a, row->v[column]) : wb_arena_str(a, "");
}

static int take_index(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct indexes *x = user;
	struct wb_arena *a = x->step->arena;
	struct index i = { .oid = wb_pg_cell_number(row, 0),
			   .name = text_of(a, row, 1),
			   .sql_name = text_of(a, row, 2),
			   .valid = wb_pg_cell_number(row, 3) == 1,
			   .definition = text_of(a, row, 4) };
	if (!i.name || !i.sql_name || !i.definition || !wb_vec_push(&x->v, i))
		return wb_err_nomem(err);
	return 0;
}

static int load(struct indexes *x, enum wb_pg_sql id, int64_t table, struct wb_error *err)
{
	struct wb_value p = wb_v_int(table);
	return wb_pg_ask(x->step->c, id, &p, 1, take_index, x, err);
}

/* "table index index …" */
static int write_note(const struct indexes *x, int64_t table, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	wb_str_addf(&text, "%lld", (long long)table);
	for (size_t i = 0; i < x->v.n; i++)
		wb_str_addf(&text, " %lld", (long long)x->v.v[i].oid);
	x->step->note = text.failed ? NULL : wb_arena_sv(x->step->arena, wb_str_sv(&text));
	return x->step->note ? 0 : wb_err_nomem(err);
}

int wb_pg_drop_index(struct wb_pg *c, const char *name, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	wb_str_addf(&sql, "DROP INDEX CONCURRENTLY IF EXISTS %s", name);
	if (sql.failed)
		return wb_err_nomem(err);
	int rc = wb_pg_do(c, "SET lock_timeout = 0", err);
	if (rc < 0)
		return rc;
	rc = wb_pg_do(c, sql.p, err);
	struct wb_error ignored;
	int reset = c->base.lost ? 0 : wb_pg_do(c, "RESET lock_timeout", rc < 0 ? &ignored : err);
	return rc < 0 ? rc : reset;
}

/* ---- the definition that a statement without an index name would have ------------------ */

/* The statement's text after the name of its table. */
static struct wb_sv after_table(struct wb_sv statement)
{
	struct wb_lexer lx;
	struct wb_token t;
	wb_lex_init(&lx, WB_DIALECT_POSTGRES, statement);
	do
		t = wb_lex_next_solid(&lx);
	while (t.kind != WB_TOK_END && !(t.kind == WB_TOK_WORD && wb_sv_ieq(t.text, "ON")));
	t = wb_lex_next_solid(&lx);
	if (t.kind == WB_TOK_WORD && wb_sv_ieq(t.text, "ONLY"))
		(void)wb_lex_next_solid(&lx);
	for (struct wb_lexer ahead = lx;; ahead = lx) {
		if (!wb_sv_eq(wb_lex_next_solid(&ahead).text, WB_SV(".")))
			return wb_sv(lx.p, (size_t)(lx.end - lx.p));
		(void)wb_lex_next_solid(&ahead);
		lx = ahead;
	}
}

/* Method, columns and predicate of an index: what stands after its name and table. */
static const char *essence(const char *definition)
{
	const char *using = definition ? strstr(definition, " USING ") : NULL;
	return using ? using : "";
}

static int learn(struct wb_pg_step *s, const char *table, struct wb_pg_first *f, struct wb_error *err)
{
	wb_autostr copy = WB_STR_INIT, build = WB_STR_INIT;
	struct wb_sv rest = after_table(s->statement);
	wb_str_addf(&copy, "CREATE TEMP TABLE whimbrel_probe (LIKE %s)", table);
	wb_str_addf(&build, "CREATE %sINDEX whimbrel_probe_index ON pg_temp.whimbrel_probe ",
		    s->info.unique ? "UNIQUE " : "");
	wb_str_addsv(&build, rest);
	if (copy.failed || build.failed)
		return wb_err_nomem(err);
	struct wb_query q[] = {
		{ .sql = WB_SV("BEGIN READ WRITE") },
		{ .sql = WB_SV("SELECT pg_catalog.set_config('lock_timeout', '5000', true)") },
		{ .sql = wb_str_sv(&copy) },
		{ .sql = wb_str_sv(&build) },
		{ .sql = wb_sv_str(wb_pg_text(s->c, WB_PG_SQL_PIN)) },
		{ .sql = WB_SV("SELECT pg_get_indexdef('pg_temp.whimbrel_probe_index'::regclass)"),
		  .row = wb_pg_take_first,
		  .row_user = f },
	};
	size_t done, offset;
	return wb_pg_run(&s->c->base, q, WB_ARRAY_LEN(q), &done, &offset, err);
}

/* *ret_definition is NULL when it cannot be learnt: the role may not create temporary tables, say. */
static int learn_definition(struct wb_pg_step *s, int64_t table, const char **ret_definition, struct wb_error *err)
{
	struct wb_pg_first name = { .arena = s->arena }, f = { .arena = s->arena };
	struct wb_value p = wb_v_int(table);
	struct wb_error why;
	*ret_definition = NULL;
	int rc = wb_pg_ask(s->c, WB_PG_SQL_PROBE_TABLE_NAME, &p, 1, wb_pg_take_first, &name, err);
	if (rc < 0 || !name.found || !name.v[0])
		return rc;
	rc = learn(s, name.v[0], &f, &why);
	int undone = wb_pg_rollback(&s->c->base, err);
	if (rc == 0 && f.found)
		*ret_definition = f.v[0];
	if (rc < 0 && rc != WB_ESQL && rc != WB_EPRIVILEGE) {
		if (err)
			*err = why;
		return rc;
	}
	return undone;
}

/* ---- CREATE INDEX CONCURRENTLY: memo = table and its indexes before ----------------------- */

static int prepare_create(struct wb_pg_step *s, struct wb_error *err)
{
	INDEXES(s);
	int64_t table;
	int rc = wb_pg_relation(s->c, s->info.rel_schema, s->info.rel_name, &table, err);
	if (rc == 0)
		rc = load(&all, WB_PG_SQL_PROBE_INDEXES, table, err);
	return rc < 0 ? rc : write_note(&all, table, err);
}

static bool is_new(const struct wb_pg_step *s, const struct index *i)
{
	return !wb_pg_memo_has(s->memo, 1, i->oid);
}

/* Keeps the indexes that the statement would make: those of its name, or new ones of its definition. */
static int keep_mine(struct indexes *x, int64_t table, bool *ret_known, struct wb_error *err)
{
	struct wb_pg_step *s = x->step;
	const char *definition = NULL;
	size_t kept = 0, fresh = 0;
	*ret_known = true;
	for (size_t i = 0; i < x->v.n; i++)
		fresh += is_new(s, &x->v.v[i]);
	if (!*s->info.name && fresh) {
		int rc = learn_definition(s, table, &definition, err);
		if (rc < 0)
			return rc;
		*ret_known = definition != NULL;
	}
	for (size_t i = 0; i < x->v.n; i++) {
		const struct index *v = &x->v.v[i];
		bool unique = !strncmp(v->definition, "CREATE UNIQUE", 13);
		bool mine = *s->info.name ? !strcmp(v->name, s->info.name)
					  : is_new(s, v) && definition && unique == s->info.unique &&
						    !strcmp(essence(v->definition), essence(definition));
		if (mine)
			x->v.v[kept++] = *v;
	}
	x->v.n = kept;
	return 0;
}

static int find_created(struct indexes *x, int64_t *ret_table, bool *ret_known, struct wb_error *err)
{
	struct wb_pg_step *s = x->step;
	int rc = 0;
	*ret_known = s->memo || *s->info.name;
	if (!wb_pg_memo_number(s->memo, 0, ret_table))
		rc = wb_pg_relation(s->c, s->info.rel_schema, s->info.rel_name, ret_table, err);
	if (rc < 0 || !*ret_table || !*ret_known)
		return rc;
	rc = wb_pg_check_builder(s->c, *ret_table, err);
	if (rc == 0)
		rc = load(x, WB_PG_SQL_PROBE_INDEXES, *ret_table, err);
	return rc < 0 ? rc : keep_mine(x, *ret_table, ret_known, err);
}

static int say_found(struct wb_pg_step *s, const struct index *i, struct wb_error *err)
{
	bool before = s->memo && !is_new(s, i);
	if (!i->valid)
		return wb_pg_say(s, err, WB_PROBE_HALF, "index %s is invalid: %s", i->sql_name,
				 before ? "it was so before this step, and IF NOT EXISTS would hide it"
					: "its build did not finish");
	if (before && !s->info.if_exists)
		return wb_pg_say(s, err, WB_PROBE_NOT_DONE, "index %s existed before this step began", i->sql_name);
	return wb_pg_say(s, err, WB_PROBE_DONE, "index %s exists and is valid", i->sql_name);
}

static int probe_create(struct wb_pg_step *s, struct wb_error *err)
{
	INDEXES(s);
	int64_t table = 0;
	bool known;
	int rc = find_created(&all, &table, &known, err);
	if (rc < 0)
		return rc;
	if (!table)
		return wb_pg_say(s, err, WB_PROBE_NOT_DONE, "table \"%s\" does not exist", s->info.rel_name);
	if (!known)
		return wb_pg_say(
			s, err, WB_PROBE_UNKNOWN,
			"the statement names no index, and which of the new ones on \"%s\" is its own cannot be told",
			s->info.rel_name);
	for (size_t i = 0; i < all.v.n; i++) {
		if (all.v.v[i].valid || i + 1 == all.v.n)
			return say_found(s, &all.v.v[i], err);
	}
	return wb_pg_say(s, err, WB_PROBE_NOT_DONE, "the index does not exist");
}

static int undo_create(struct wb_pg_step *s, struct wb_error *err)
{
	INDEXES(s);
	int64_t table = 0;
	bool known;
	int rc = find_created(&all, &table, &known, err);
	for (size_t i = 0; rc == 0 && i < all.v.n; i++) {
		if (!all.v.v[i].valid)
			rc = wb_pg_drop_index(s->c, all.v.v[i].sql_name, err);
	}
	return rc;
}

/* ---- DROP INDEX CONCURRENTLY: memo = the index ---------------------------------------------- */

static int prepare_drop(struct wb_pg_step *s, struct wb_error *err)
{
	int64_t oid;
	int rc = wb_pg_relation(s->c, s->info.schema, s->info.name, &oid, err);
	if (rc < 0)
		return rc;
	s->note = wb_arena_printf(s->arena, "%lld", (long long)oid);
	return s->note ? 0 : wb_err_nomem(err);
}

static int probe_drop(struct wb_pg_step *s, struct wb_error *err)
{
	int64_t oid = 0, valid = -1;
	int rc = 0;
	if (!wb_pg_memo_number(s->memo, 0, &oid))
		rc = wb_pg_relation(s->c, s->info.schema, s->info.name, &oid, err);
	else if (!oid && !s->info.if_exists)
		return wb_pg_say(s, err, WB_PROBE_NOT_DONE, "index \"%s\" did not exist when the step began",
				 s->info.name);
	struct wb_value p = wb_v_int(oid);
	if (rc == 0)
		rc = wb_pg_number(s->c, WB_PG_SQL_PROBE_INDEX, &p, 1, -1, &valid, err);
	if (rc < 0)
		return rc;
	if (valid < 0)
		return wb_pg_say(s, err, WB_PROBE_DONE, "index \"%s\" is gone", s->info.name);
	if (!valid)
		return wb_pg_say(s, err, WB_PROBE_REPEAT,
				 "index \"%s\" was left invalid; dropping it again finishes it", s->info.name);
	return wb_pg_say(s, err, WB_PROBE_NOT_DONE, "index \"%s\" still exists", s->info.name);
}

/* ---- REINDEX: memo = table (0: any) and the leftovers that were there before --------------------- */

/* The word after REINDEX and its parenthesised options. */
static struct wb_sv reindex_target(struct wb_sv statement)
{
	struct wb_lexer lx;
	int depth = 0;
	wb_lex_init(&lx, WB_DIALECT_POSTGRES, statement);
	(void)wb_lex_next_solid(&lx);
	for (;;) {
		struct wb_token t = wb_lex_next_solid(&lx);
		depth += (t.kind == WB_TOK_OPEN) - (t.kind == WB_TOK_CLOSE);
		if (t.kind == WB_TOK_END || (t.kind == WB_TOK_WORD && !depth))
			return t.text;
	}
}

static int reindexed_table(struct wb_pg_step *s, int64_t *ret_table, struct wb_error *err)
{
	struct wb_sv what = reindex_target(s->statement);
	bool index = wb_sv_ieq(what, "INDEX");
	*ret_table = 0;
	if (!index && !wb_sv_ieq(what, "TABLE"))
		return 0;
	int rc = wb_pg_relation(s->c, s->info.schema, s->info.name, ret_table, err);
	struct wb_value p = wb_v_int(*ret_table);
	return rc == 0 && index ? wb_pg_number(s->c, WB_PG_SQL_PROBE_TABLE_OF, &p, 1, 0, ret_table, err) : rc;
}

static int prepare_reindex(struct wb_pg_step *s, struct wb_error *err)
{
	INDEXES(s);
	int64_t table;
	int rc = reindexed_table(s, &table, err);
	if (rc == 0)
		rc = load(&all, WB_PG_SQL_PROBE_LEFTOVERS, table, err);
	return rc < 0 ? rc : write_note(&all, table, err);
}

static int find_leftovers(struct indexes *x, struct wb_error *err)
{
	struct wb_pg_step *s = x->step;
	int64_t table;
	size_t kept = 0;
	if (!wb_pg_memo_number(s->memo, 0, &table))
		return 0; /* without a memo nothing can be called ours */
	int rc = wb_pg_check_builder(s->c, table, err);
	if (rc == 0)
		rc = load(x, WB_PG_SQL_PROBE_LEFTOVERS, table, err);
	for (size_t i = 0; i < x->v.n; i++) {
		if (is_new(s, &x->v.v[i]))
			x->v.v[kept++] = x->v.v[i];
	}
	x->v.n = kept;
	return rc;
}

static int probe_reindex(struct wb_pg_step *s, struct wb_error *err)
{
	INDEXES(s);
	int rc = find_leftovers(&all, err);
	if (rc < 0)
		return rc;
	if (all.v.n)
		return wb_pg_say(s, err, WB_PROBE_HALF, "the rebuild did not finish and left %s behind",
				 all.v.v[0].sql_name);
	return wb_pg_say(s, err, WB_PROBE_REPEAT, "an index can be rebuilt again");
}

static int undo_reindex(struct wb_pg_step *s, struct wb_error *err)
{
	INDEXES(s);
	int rc = find_leftovers(&all, err);
	for (size_t i = 0; rc == 0 && i < all.v.n; i++)
		rc = wb_pg_drop_index(s->c, all.v.v[i].sql_name, err);
	return rc;
}

const struct wb_pg_prober wb_pg_probe_index_create = { prepare_create, probe_create, undo_create };
const struct wb_pg_prober wb_pg_probe_index_drop = { prepare_drop, probe_drop, NULL };
const struct wb_pg_prober wb_pg_probe_reindex = { prepare_reindex, probe_reindex, undo_reindex };
