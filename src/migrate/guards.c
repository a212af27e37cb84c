/* SPDX-License-Identifier: Apache-2.0
 *
 * Guards: `migrate:require` queries that must be true before a migration runs,
 * `migrate:verify` queries that must be true before it commits. A query is true
 * when it gives a row whose first value is none of NULL, empty, 0, f, false, no;
 * a statement that gives no columns (a DO block that raises) is true when it
 * succeeds.
 */
#include "run.h"

struct answer {
	bool rows, truth, columns;
	char value[128];
};

static bool is_true(struct wb_sv v)
{
	static const char *const no[] = { "", "0", "f", "false", "no", "n", "off" };
	for (size_t i = 0; i < WB_ARRAY_LEN(no); i++) {
		if (wb_sv_ieq(v, no[i]))
			return false;
	}
	return v.p != NULL;
}

static int take(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct answer *a = user;
	(void)err;
	if (!a->rows && row->n > 0) {
		a->truth = is_true(row->v[0]);
		(void)wb_sv_copy(row->v[0].p ? row->v[0] : WB_SV("NULL"), a->value, sizeof(a->value));
	}
	a->rows = true;
	return 0;
}

/* A statement that can give rows: when it gives none, its answer is no. */
static bool asks(enum wb_dialect dialect, struct wb_sv text)
{
	struct wb_head head;
	wb_sql_head(dialect, text, &head);
	static const char *const words[] = { "SELECT", "WITH", "VALUES", "TABLE", "PRAGMA", "SHOW", "EXPLAIN" };
	for (size_t i = 0; i < WB_ARRAY_LEN(words); i++) {
		if (!strcmp(head.words[0], words[i]))
			return true;
	}
	return false;
}

static int refused(const struct wb_work_item *item, enum wb_section_kind kind, const struct wb_item *st,
		   const struct answer *a, struct wb_error *err)
{
	int code = kind == WB_SEC_REQUIRE ? WB_EREFUSED : WB_EFAILED;
	wb_err_set(err, code,
		   kind == WB_SEC_REQUIRE ? "migration %s may not run yet: a condition it requires does not hold"
					  : "migration %s does not hold what it promises: its verification failed",
		   item->version);
	wb_err_detail(err, a->rows ? "the query answered %s" : "the query gave no row%s", a->rows ? a->value : "");
	wb_sql_error_place(err, item->migration->file, st->pos, st->text, 0);
	wb_err_hint(err, kind == WB_SEC_REQUIRE ? "bring about what the query asks for, then run again"
						: "the migration was rolled back; mend it, then run again");
	if (err)
		(void)wb_sv_copy(wb_sv_str(item->version), err->version, sizeof(err->version));
	return code;
}

static int ask(struct wb_run *run, const struct wb_work_item *item, enum wb_section_kind kind, const struct wb_item *st,
	       struct wb_error *err)
{
	struct answer a = { 0 };
	struct wb_query q = { .sql = st->text, .row = take, .row_user = &a };
	size_t done, offset = SIZE_MAX;
	wb_watch_call(&run->watch);
	int rc = wb_run(run->t->conn, &q, 1, &done, &offset, err);
	if (rc < 0) {
		wb_sql_error_place(err, item->migration->file, st->pos, st->text, offset == SIZE_MAX ? 0 : offset);
		wb_err_prefix(err, kind == WB_SEC_REQUIRE ? "the require section cannot be asked"
							  : "the verify section cannot be asked");
		return rc;
	}
	if (a.rows ? a.truth : !asks(run->t->driver->dialect, st->text))
		return 0;
	return refused(item, kind, st, &a, err);
}

bool wb_guard_has(const struct wb_work_item *item, enum wb_section_kind kind)
{
	const struct wb_migration *m = wb_is_down(item) ? NULL : item->migration;
	for (size_t i = 0; m && i < m->n_sections; i++) {
		if (m->sections[i].kind == kind)
			return true;
	}
	return false;
}

int wb_check_references(struct wb_conn *c, const struct wb_work_item *item, struct wb_error *err)
{
	int rc = wb_conn_check(c, err);
	if (rc < 0 && err && !*err->file) {
		wb_err_place(err, item->script->file, 0, 0);
		wb_alter_blame(item->script, c->driver->dialect, err);
	}
	return rc;
}

static int run_suite(struct wb_run *run, const struct wb_work_item *item, const struct wb_section *s,
		     struct wb_error *err)
{
	const struct wb_target *t = run->t;
	int code = s->kind == WB_SEC_REQUIRE ? WB_EREFUSED : WB_EFAILED;
	wb_watch_call(&run->watch);
	int rc = t->suite ? t->suite(t->suite_user, item->migration->file, s->suite, t->conn, err)
			  : wb_err_set(err, WB_EUNSUPPORTED, "the suite %s cannot be run here", s->suite);
	if (rc == WB_ENO && err) {
		err->code = code;
		wb_err_prefix(err, "migration %s %s", item->version,
			      s->kind == WB_SEC_REQUIRE ? "may not run yet" : "does not hold what it promises");
		wb_err_hint(err, s->kind == WB_SEC_REQUIRE ? "bring about what the checks ask for, then run again"
							   : "the migration was rolled back; mend it, then run again");
		(void)wb_sv_copy(wb_sv_str(item->version), err->version, sizeof(err->version));
	}
	if (rc < 0 && err && !*err->file)
		wb_err_place(err, item->migration->file, s->heading_line, 1);
	return rc == WB_ENO ? code : rc;
}

static int run_suites(struct wb_run *run, const struct wb_work_item *item, enum wb_section_kind kind,
		      struct wb_error *err)
{
	const struct wb_migration *m = item->migration;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < m->n_sections; i++) {
		if (m->sections[i].kind == kind && m->sections[i].suite)
			rc = run_suite(run, item, &m->sections[i], err);
	}
	return rc;
}

int wb_guard_run(struct wb_run *run, const struct wb_work_item *item, enum wb_section_kind kind, struct wb_error *err)
{
	const struct wb_target *t = run->t;
	if (!wb_guard_has(item, kind))
		return 0;
	struct wb_stmt_options o = { .dialect = t->driver->dialect,
				     .variables = t->variables,
				     .n_variables = t->n_variables,
				     .variables_default = t->variables_on };
	struct wb_statements *st = NULL;
	int rc = wb_statements_open(item->migration, 1u << kind, &o, &st, err);
	while (rc == 0) {
		struct wb_item stmt;
		rc = wb_statements_next(st, &stmt, NULL, err);
		if (rc < 0 || stmt.kind == WB_ITEM_END)
			break;
		rc = stmt.kind == WB_ITEM_STATEMENT ? ask(run, item, kind, &stmt, err) : 0;
	}
	wb_statements_close(st);
	return rc < 0 ? rc : run_suites(run, item, kind, err);
}
