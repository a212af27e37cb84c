/* SPDX-License-Identifier: Apache-2.0
 *
 * The session: what we set when it starts, what opens and ends a transaction,
 * and what puts everything back after a migration. On a direct connection our
 * settings belong to the session; behind a transaction pooler they would go on
 * to strangers, so that each transaction sets them for itself.
 */
#include "driver/postgres/pg.h"

/* Values are plain words: they need no quoting. */
static const struct setting {
	const char *name, *value;
	int since; /* server version */
	bool read_only; /* only for a connection that promised not to write */
	bool only_linux; /* elsewhere the server refuses it */
} settings[] = {
	{ "standard_conforming_strings", "on", 0, false, false },
	/* A lock holder may sit idle for long … */
	{ "idle_session_timeout", "0", 140000, false, false },
	/* … but a stopped client must not block the database for ever. */
	{ "idle_in_transaction_session_timeout", "10min", 0, false, false },
	{ "client_connection_check_interval", "2s", 140000, false, true },
	{ "default_transaction_read_only", "on", 0, true, false },
};

static void add_setting(struct wb_str *out, const struct setting *s, bool local)
{
	if (s->only_linux)
		wb_str_add(out,
			   "CASE WHEN pg_catalog.strpos(pg_catalog.version(), 'linux') OPERATOR(pg_catalog.>) 0 THEN ");
	wb_str_addf(out, "pg_catalog.set_config('%s', '%s', %s)", s->name, s->value, local ? "true" : "false");
	if (s->only_linux)
		wb_str_add(out, " END");
}

void wb_pg_settings(const struct wb_pg *c, bool local, struct wb_str *out)
{
	const char *comma = "";
	wb_str_add(out, "pg_catalog.concat(");
	for (size_t i = 0; i < WB_ARRAY_LEN(settings); i++) {
		const struct setting *s = &settings[i];
		if (c->base.server_version < s->since || (s->read_only && !c->base.options.read_only))
			continue;
		wb_str_add(out, comma);
		add_setting(out, s, local);
		comma = ", ";
	}
	wb_str_addc(out, ')');
}

int wb_pg_session_start(struct wb_pg *c, struct wb_error *err)
{
	int announced = PQbackendPID(c->pg);
	struct wb_value pid = wb_v_int(announced);
	struct wb_pg_first first = { .arena = &c->arena };
	struct wb_query q = { .sql = wb_sv_str(wb_pg_text(c, WB_PG_SQL_SESSION_INFO)),
			      .params = &pid,
			      .n_params = 1,
			      .row = wb_pg_take_first,
			      .row_user = &first };
	size_t done, offset;
	int rc = wb_pg_run(&c->base, &q, 1, &done, &offset, err);
	if (rc < 0) {
		wb_err_prefix(err, "the session cannot be set up");
		return rc;
	}
	if (!first.found || !first.v[0] || !wb_sv_i64(wb_sv_str(first.v[0]), &c->backend))
		return wb_err_set(err, WB_EUNSUPPORTED, "the server does not tell its process number");
	c->base.pooled = c->backend != announced;
	if (c->base.pooled)
		wb_log(c->base.options.sink, WB_LOG_DEBUG, "a transaction pooler stands before the server");
	return 0;
}

/* Ours come again with every migration: prepared once. Returns the new count, also past max. */
static int add_query(struct wb_query *q, int n, int max, const char *sql)
{
	if (n < max)
		q[n] = (struct wb_query){ .sql = wb_sv_str(sql), .cached = true };
	return n + 1;
}

/* The settings of a transaction as one query: lock_timeout, and behind a pooler ours. */
static int add_local(const struct wb_pg *c, struct wb_arena *a, bool lazy, struct wb_query *q, int n, int max)
{
	wb_autostr out = WB_STR_INIT;
	struct wb_value *timeout = wb_arena_alloc(a, sizeof(*timeout));
	wb_str_add(&out, "SELECT pg_catalog.set_config('lock_timeout', $1, true)");
	if (lazy)
		wb_str_add(&out, ", pg_catalog.set_config('synchronous_commit', 'off', true)");
	if (c->base.pooled) {
		wb_str_add(&out, ", ");
		wb_pg_settings(c, true, &out);
	}
	const char *sql = out.failed ? NULL : wb_arena_sv(a, wb_str_sv(&out));
	if (!sql || !timeout)
		return WB_ENOMEM;
	*timeout = wb_v_int(c->tx_lock_timeout_ms);
	if (n < max)
		q[n] = (struct wb_query){ .sql = wb_sv_str(sql), .params = timeout, .n_params = 1, .cached = true };
	return n + 1;
}

static int checked(int n, int max)
{
	return n <= max ? n : WB_EBUG;
}

int wb_pg_tx_begin(struct wb_conn *conn, struct wb_arena *a, const struct wb_tx_options *o, struct wb_query *q, int max)
{
	struct wb_pg *c = wb_pg(conn);
	const char *begin = o->one_snapshot ? "BEGIN ISOLATION LEVEL REPEATABLE READ" : "BEGIN";
	c->tx_lock_timeout_ms = o->lock_timeout_ms > 0 ? o->lock_timeout_ms : 0;
	return checked(add_local(c, a, o->lazy, q, add_query(q, 0, max, begin), max), max);
}

/* The session's settings again. Behind a pooler RESET ALL also undid what the pooler tracks for its clients. */
static const char *session_settings(const struct wb_pg *c, struct wb_arena *a)
{
	wb_autostr out = WB_STR_INIT;
	wb_str_add(&out, "SELECT ");
	if (c->base.pooled) {
		wb_str_add(&out, "pg_catalog.set_config('client_encoding', 'UTF8', false), "
				 "pg_catalog.set_config('application_name', ");
		wb_quote_literal(&out, WB_DIALECT_POSTGRES, wb_sv_str(c->application));
		wb_str_add(&out, ", false)");
	} else {
		wb_pg_settings(c, false, &out);
	}
	return out.failed ? NULL : wb_arena_sv(a, wb_str_sv(&out));
}

int wb_pg_restore(struct wb_conn *conn, struct wb_arena *a, struct wb_query *q, int max)
{
	struct wb_pg *c = wb_pg(conn);
	const char *session = session_settings(c, a);
	if (!session)
		return WB_ENOMEM;
	int n = add_query(q, 0, max, "RESET SESSION AUTHORIZATION");
	n = add_query(q, n, max, "RESET ROLE");
	n = add_query(q, n, max, "RESET ALL");
	n = add_query(q, n, max, session);
	if (c->tx_lock_timeout_ms >= 0)
		n = add_local(c, a, false, q, n, max);
	return checked(n, max);
}

int wb_pg_tx_commit(struct wb_conn *conn, struct wb_query *q, int max)
{
	wb_pg(conn)->tx_lock_timeout_ms = -1;
	return checked(add_query(q, 0, max, "COMMIT"), max);
}

int wb_pg_rollback(struct wb_conn *conn, struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	c->tx_lock_timeout_ms = -1;
	if (conn->lost || !conn->in_transaction)
		return 0;
	/* What made the rollback necessary must not cancel it. */
	c->deaf = true;
	int rc = wb_pg_do(c, "ROLLBACK", err);
	c->deaf = false;
	return rc;
}

int wb_pg_read_only(struct wb_conn *conn, bool on, struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	if (conn->pooled) {
		wb_err_set(err, WB_EUNSUPPORTED, "a session behind a transaction pooler cannot be made read-only");
		wb_err_hint(err, "give direct_url, an address past the pooler");
		return WB_EUNSUPPORTED;
	}
	if (conn->in_transaction)
		return wb_err_set(err, WB_EBUG, "read-only is switched between transactions, not inside one");
	return wb_pg_do(c,
			on || conn->options.read_only ? "SET default_transaction_read_only = on"
						      : "RESET default_transaction_read_only",
			err);
}

static int see_moment(struct wb_pg *c, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	wb_str_add(&sql, "SET TRANSACTION SNAPSHOT ");
	wb_quote_literal(&sql, WB_DIALECT_POSTGRES, wb_sv_str(c->base.moment));
	return sql.failed ? wb_err_nomem(err) : wb_pg_do(c, sql.p, err);
}

/* A read-only transaction cannot be made to write once it has looked at anything, nor can the rest of one after SET:
 * the setting ends with the savepoint. */
static int look(struct wb_pg *c, struct wb_error *err)
{
	int rc;
	c->looks_inside = c->base.in_transaction;
	if (!c->looks_inside)
		rc = wb_pg_do(c, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", err);
	else
		rc = wb_pg_do(c, "SAVEPOINT whimbrel_look", err);
	if (rc == 0 && c->base.moment && !c->looks_inside)
		rc = see_moment(c, err);
	if (rc == 0)
		rc = wb_pg_do(c, c->looks_inside ? "SET LOCAL transaction_read_only = on" : "SELECT 1", err);
	return rc;
}

static int look_no_more(struct wb_pg *c, struct wb_error *err)
{
	int rc;
	c->deaf = true;
	if (!c->looks_inside) {
		rc = c->base.in_transaction ? wb_pg_do(c, "ROLLBACK", err) : 0;
	} else {
		rc = wb_pg_do(c, "ROLLBACK TO SAVEPOINT whimbrel_look", err);
		if (rc == 0)
			rc = wb_pg_do(c, "RELEASE SAVEPOINT whimbrel_look", err);
	}
	c->deaf = false;
	return rc;
}

/* The transaction that gives it waits without doing anything for as long as the others look. */
int wb_pg_share(struct wb_conn *conn, struct wb_arena *a, const char **ret_moment, struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	struct wb_pg_first first = { .arena = a };
	struct wb_query q[] = {
		{ .sql = WB_SV("SET LOCAL idle_in_transaction_session_timeout = 0") },
		{ .sql = WB_SV("SELECT pg_catalog.pg_export_snapshot()"), .row = wb_pg_take_first, .row_user = &first },
	};
	size_t done, offset;
	int rc = wb_pg_run(&c->base, q, WB_ARRAY_LEN(q), &done, &offset, err);
	if (rc == 0)
		*ret_moment = first.v[0];
	return rc == 0 && !first.v[0] ? wb_err_set(err, WB_EBUG, "a snapshot has no name") : rc;
}

int wb_pg_look(struct wb_conn *conn, bool on, struct wb_error *err)
{
	if (conn->lost)
		return wb_err_set(err, WB_ECONN, "the connection was lost");
	return on ? look(wb_pg(conn), err) : look_no_more(wb_pg(conn), err);
}
