/* SPDX-License-Identifier: Apache-2.0
 *
 * Running statements. Those of the journal stay prepared, found again by their
 * text; sqlite3 prepares them anew by itself when a migration has changed the
 * schema. A transaction begins IMMEDIATE: one that reads first and writes later
 * may fail half-way with "database is locked", and no waiting would help.
 */
#include "driver/sqlite/internal.h"

/* restore() puts this statement where settings are to be put back. run() knows it by its address and does the work
 * there, when it is known what the migration changed; sqlite3 would take it for a setting it does not know. */
static const char restore_mark[] = "PRAGMA whimbrel_restore";
/* In the same way constraints_now() places a question that SQL cannot ask. */
static const char constraints_mark[] = "PRAGMA whimbrel_constraints_now";

/* ---- prepared statements ------------------------------------------------------- */

static size_t error_offset(struct wb_sqlite *c, size_t n)
{
#if SQLITE_VERSION_NUMBER >= 3038000
	int offset = sqlite3_error_offset(c->db);

	if (offset < 0 && strcmp(sqlite3_errmsg(c->db), "incomplete input") == 0)
		return n; /* nothing is wrong but its end */
	return offset < 0 ? SIZE_MAX : (size_t)offset;
#else
	(void)c, (void)n;
	return SIZE_MAX;
#endif
}

static bool is_blank(struct wb_sv s)
{
	struct wb_lexer lx;
	enum wb_token_kind kind;

	wb_lex_init(&lx, WB_DIALECT_SQLITE, s);
	do
		kind = wb_lex_next_solid(&lx).kind;
	while (kind == WB_TOK_SEMICOLON);
	return kind == WB_TOK_END;
}

static int prepare(struct wb_sqlite *c, struct wb_sv sql, bool cached, sqlite3_stmt **ret_stmt, size_t *ret_offset,
		   struct wb_error *err)
{
	const char *tail = sql.p + sql.n;
	int rc;

	if (sql.n > INT32_MAX)
		return wb_err_set(err, WB_EINPUT, "a statement is longer than SQLite can take");
	rc = sqlite3_prepare_v3(c->db, sql.p, (int)sql.n, cached ? SQLITE_PREPARE_PERSISTENT : 0, ret_stmt, &tail);
	if (rc) {
		*ret_offset = error_offset(c, sql.n);
		return wb_sqlite_error(c, rc, err);
	}
	if (*ret_stmt && is_blank(wb_sv(tail, (size_t)(sql.p + sql.n - tail))))
		return 0;
	(void)sqlite3_finalize(wb_steal(ret_stmt));
	return wb_err_set(err, WB_EBUG, "exactly one statement was expected");
}

static struct wb_sqlite_stmt *cache_find(struct wb_sqlite *c, struct wb_sv sql)
{
	int i;

	for (i = 0; i < c->n_cached; i++)
		if (wb_sv_eq(c->cache[i].sql, sql))
			return &c->cache[i];
	return NULL;
}

/* The place of the oldest goes to the newest when all are taken. */
static struct wb_sqlite_stmt *cache_put(struct wb_sqlite *c, const struct wb_sqlite_stmt *s)
{
	struct wb_sqlite_stmt *place;

	if (c->n_cached < WB_SQLITE_CACHED) {
		place = &c->cache[c->n_cached++];
	} else {
		place = &c->cache[c->next_victim];
		c->next_victim = (c->next_victim + 1) % WB_SQLITE_CACHED;
		(void)sqlite3_finalize(place->stmt);
	}
	*place = *s;
	place->sql = wb_sv(sqlite3_sql(s->stmt), s->sql.n);
	return place;
}

static int get_statement(struct wb_sqlite *c, const struct wb_query *q, struct wb_sqlite_stmt *ret_stmt,
			 size_t *ret_offset, struct wb_error *err)
{
	struct wb_sqlite_stmt s = { .sql = q->sql, .cached = q->cached };
	const struct wb_sqlite_stmt *known = q->cached ? cache_find(c, q->sql) : NULL;
	int rc = 0;

	if (known) {
		*ret_stmt = *known;
		return 0;
	}
	s.kind = wb_sqlite_kind_of(q->sql);
	/* Some pragmas act while they are prepared. */
	if (s.kind == WB_SQLITE_SESSION) {
		rc = wb_sqlite_session_take(c, err);
		c->session.dirty = true;
		c->session.overwrites_asked |= wb_sql_has_word(WB_DIALECT_SQLITE, q->sql, "secure_delete");
	}
	if (!rc)
		rc = prepare(c, q->sql, q->cached, &s.stmt, ret_offset, err);
	if (!rc)
		*ret_stmt = q->cached ? *cache_put(c, &s) : s;
	return rc;
}

void wb_sqlite_forget_statements(struct wb_sqlite *c)
{
	while (c->n_cached > 0)
		(void)sqlite3_finalize(c->cache[--c->n_cached].stmt);
	c->next_victim = 0;
}

/* ---- one statement ---------------------------------------------------------------- */

static int bind_one(sqlite3_stmt *stmt, int place, const struct wb_value *v)
{
	switch (v->kind) {
	case WB_VALUE_TEXT:
		return sqlite3_bind_text64(stmt, place, v->text.p, v->text.n, SQLITE_STATIC, SQLITE_UTF8);
	case WB_VALUE_INT:
		return sqlite3_bind_int64(stmt, place, v->i);
	default:
		return sqlite3_bind_null(stmt, place);
	}
}

/* sqlite3 would take NULL for it without a word. */
static int unbound(const char *name, struct wb_error *err)
{
	(void)wb_err_set(err, WB_ESQL, "the statement has a parameter, %s, and nothing gives it a value", name);
	wb_err_hint(err, "write the value itself; a text that looks like this belongs in quotes");
	return WB_ESQL;
}

/* ?2 is a place for sqlite3, but $2 a name, and its place that of its first appearance. */
static int bind(struct wb_sqlite *c, sqlite3_stmt *stmt, const struct wb_query *q, struct wb_error *err)
{
	int n = sqlite3_bind_parameter_count(stmt), place;

	for (place = 1; place <= n; place++) {
		const char *name = sqlite3_bind_parameter_name(stmt, place);
		int64_t number = place;
		int rc;

		if (!q->params)
			return unbound(name ? name : "?", err);
		if (name && !wb_sv_i64(wb_sv_str(name + 1), &number))
			return wb_err_set(err, WB_EBUG, "a parameter has a name instead of a number");
		if (number < 1 || number > q->n_params)
			return wb_err_set(err, WB_EBUG, "parameter %lld has no value", (long long)number);
		rc = bind_one(stmt, place, &q->params[number - 1]);
		if (rc)
			return wb_sqlite_error(c, rc, err);
	}
	return 0;
}

/* Room for a row, and the names of its columns. */
static int begin_rows(struct wb_sqlite *c, sqlite3_stmt *stmt, struct wb_error *err)
{
	int n = sqlite3_column_count(stmt), i;

	if (n > c->row_cap) {
		struct wb_sv *row = reallocarray(c->row, (size_t)n, sizeof(*row));
		const char **names = row ? reallocarray(c->names, (size_t)n, sizeof(*names)) : NULL;

		c->row = row ? row : c->row;
		c->names = names ? names : c->names;
		if (!names)
			return wb_err_nomem(err);
		c->row_cap = n;
	}
	for (i = 0; i < n; i++) {
		c->names[i] = sqlite3_column_name(stmt, i);
		if (!c->names[i])
			return wb_err_nomem(err);
	}
	return 0;
}

static int give_row(struct wb_sqlite *c, sqlite3_stmt *stmt, const struct wb_query *q, struct wb_error *err)
{
	int n = sqlite3_column_count(stmt), i;

	for (i = 0; i < n; i++) {
		sqlite3_value *v = sqlite3_column_value(stmt, i); /* taken once: half the price */

		c->row[i].p = (const char *)sqlite3_value_text(v);
		c->row[i].n = (size_t)sqlite3_value_bytes(v);
		if (!c->row[i].p && sqlite3_value_type(v) != SQLITE_NULL)
			return wb_err_nomem(err);
	}
	return q->row(q->row_user, &(struct wb_row){ n, c->row, c->names }, err);
}

static int step(struct wb_sqlite *c, sqlite3_stmt *stmt, const struct wb_query *q, size_t *ret_offset,
		struct wb_error *err)
{
	int rc = sqlite3_step(stmt), result = 0;

	if (rc == SQLITE_ROW && q->row)
		result = begin_rows(c, stmt, err);
	while (!result && rc == SQLITE_ROW) {
		result = q->row ? give_row(c, stmt, q, err) : 0;
		rc = result ? rc : sqlite3_step(stmt);
	}
	if (!result && rc != SQLITE_DONE) {
		*ret_offset = error_offset(c, q->sql.n);
		result = wb_sqlite_error(c, rc, err);
	}
	return result;
}

/* What COMMIT would say of deferred foreign keys. */
static int ask_constraints(struct wb_sqlite *c, struct wb_error *err)
{
	int open = 0, most = 0;

	(void)sqlite3_db_status(c->db, SQLITE_DBSTATUS_DEFERRED_FKS, &open, &most, 0);
	if (open == 0)
		return 0;
	(void)wb_err_set(err, WB_ESQL, "deferred foreign keys are broken: COMMIT would fail");
	wb_err_hint(err, "PRAGMA foreign_key_check lists the rows");
	return WB_ESQL;
}

static int run_one(struct wb_sqlite *c, struct wb_query *q, size_t *ret_offset, struct wb_error *err)
{
	struct wb_sqlite_stmt s = { 0 };
	int64_t start = wb_now_us();
	int rc;

	if (q->copy)
		return wb_err_set(err, WB_EUNSUPPORTED, "SQLite has no COPY");
	if (q->sql.p == restore_mark)
		return wb_sqlite_session_restore(c, err);
	if (q->sql.p == constraints_mark)
		return ask_constraints(c, err);
	rc = get_statement(c, q, &s, ret_offset, err);
	if (rc)
		return rc;
	rc = bind(c, s.stmt, q, err);
	if (!rc)
		rc = step(c, s.stmt, q, ret_offset, err);
	q->affected =
		!rc && s.kind == WB_SQLITE_DML && !sqlite3_stmt_readonly(s.stmt) && !sqlite3_stmt_isexplain(s.stmt)
			? sqlite3_changes64(c->db)
			: -1;
	if (s.cached) {
		(void)sqlite3_reset(s.stmt);
		if (q->n_params)
			(void)sqlite3_clear_bindings(s.stmt); /* they point to the caller's memory */
	} else {
		(void)sqlite3_finalize(s.stmt);
	}
	q->elapsed_us = wb_now_us() - start;
	return rc;
}

int wb_sqlite_run(struct wb_conn *conn, struct wb_query *q, size_t n, size_t *ret_done, size_t *ret_offset,
		  struct wb_error *err)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);
	size_t i;
	int rc = 0;

	if (c->running)
		return wb_err_set(err, WB_EBUG, "a query was run while a row of another was read");
	wb_sqlite_begin(c);
	c->running = true;
	for (i = 0; i < n && !rc; i++)
		rc = run_one(c, &q[i], ret_offset, err);
	c->running = false;
	*ret_done = rc ? i - 1 : n;
	if (!rc)
		rc = wb_conn_sent(conn, err);
	conn->in_transaction = c->db && !sqlite3_get_autocommit(c->db);
	return rc;
}

/* ---- transactions ------------------------------------------------------------------- */

static int one_query(struct wb_query *q, int max, const char *text)
{
	if (max < 1)
		return 0;
	*q = (struct wb_query){ .sql = wb_sv_str(text), .cached = true };
	return 1;
}

int wb_sqlite_tx_begin(struct wb_conn *conn, struct wb_arena *a, const struct wb_tx_options *o, struct wb_query *q,
		       int max)
{
	(void)wb_sqlite_set_lock_timeout(conn, a, o ? o->lock_timeout_ms : 0, q, max);
	return one_query(q, max, "BEGIN IMMEDIATE");
}

int wb_sqlite_restore(struct wb_conn *conn, struct wb_arena *a, struct wb_query *q, int max)
{
	(void)conn;
	(void)a;
	return one_query(q, max, restore_mark);
}

int wb_sqlite_constraints_now(struct wb_conn *conn, struct wb_query *q, int max)
{
	(void)conn;
	return one_query(q, max, constraints_mark);
}

/* Here it is our own patience with other writers. */
int wb_sqlite_set_lock_timeout(struct wb_conn *conn, struct wb_arena *a, int64_t ms, struct wb_query *q, int max)
{
	(void)a, (void)q, (void)max;
	wb_sqlite_of(conn)->busy_ms = ms > 0 ? ms : WB_SQLITE_BUSY_MS;
	return 0;
}

int wb_sqlite_tx_commit(struct wb_conn *conn, struct wb_query *q, int max)
{
	(void)conn;
	return one_query(q, max, "COMMIT");
}

/* Some errors have already rolled back. */
int wb_sqlite_rollback(struct wb_conn *conn, struct wb_error *err)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);
	int rc = 0;

	c->deaf = true;
	if (!sqlite3_get_autocommit(c->db))
		rc = wb_sqlite_exec(c, "ROLLBACK", err);
	c->deaf = false;
	conn->in_transaction = !sqlite3_get_autocommit(c->db);
	return rc;
}

/* ---- the driver's own -------------------------------------------------------------------- */

int wb_sqlite_prepare(struct wb_sqlite *c, const char *sql, sqlite3_stmt **ret_stmt, struct wb_error *err)
{
	int rc = sql ? sqlite3_prepare_v2(c->db, sql, -1, ret_stmt, NULL) : SQLITE_NOMEM;

	return rc ? wb_sqlite_error(c, rc, err) : 0;
}

int wb_sqlite_value(struct wb_sqlite *c, const char *sql, char *buf, size_t size, struct wb_error *err)
{
	wb_autostmt *stmt = NULL;
	int rc = wb_sqlite_prepare(c, sql, &stmt, err);

	if (rc)
		return rc;
	rc = sqlite3_step(stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		return wb_sqlite_error(c, rc, err);
	if (size)
		(void)wb_sv_copy(wb_sv_str(rc == SQLITE_ROW ? (const char *)sqlite3_column_text(stmt, 0) : NULL), buf,
				 size);
	return 0;
}

int wb_sqlite_exec(struct wb_sqlite *c, const char *sql, struct wb_error *err)
{
	return wb_sqlite_value(c, sql, NULL, 0, err);
}
