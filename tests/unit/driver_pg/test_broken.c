/* SPDX-License-Identifier: Apache-2.0
 *
 * What must not happen, made to happen: every allocation of ours fails once,
 * and every call of libpq that can fail does. Nothing may crash, leak, hang, or
 * be reported as anything but lack of memory or a lost connection.
 */
#include "tests/unit/driver_pg/tests.h"

#include "tests/unit/driver_pg/server.h"
#include "tests/unit/oom.h"
#include "driver/postgres/outside.h"

/* ---- failing calls of libpq ---------------------------------------------------- */

static struct {
	const char *name; /* the function that fails */
	int at, calls; /* its n-th call */
	bool no_memory; /* what libpq says of it */
	bool struck;
} strike;

static bool strikes(const char *name)
{
	if (!strike.name || strcmp(strike.name, name) != 0 || ++strike.calls != strike.at)
		return false;
	return strike.struck = true;
}

void strike_begin(const char *name, int at)
{
	strike.name = name;
	strike.at = at;
	strike.calls = 0;
	strike.no_memory = strike.struck = false;
}

bool strike_end(void)
{
	bool struck = strike.struck;
	strike.name = NULL;
	strike.struck = false;
	return struck;
}

#define WRAP(type, name, failed, params, args) \
	type __real_##name params; \
	type __wrap_##name params; \
	type __wrap_##name params \
	{ \
		return strikes(#name) ? (failed) : __real_##name args; \
	}

WRAP(PGconn *, PQconnectStartParams, NULL, (const char *const *k, const char *const *v, int e), (k, v, e))
WRAP(int, PQsetnonblocking, -1, (PGconn * pg, int on), (pg, on))
WRAP(int, PQenterPipelineMode, 0, (PGconn * pg), (pg))
WRAP(int, PQexitPipelineMode, 0, (PGconn * pg), (pg))
WRAP(int, PQpipelineSync, 0, (PGconn * pg), (pg))
WRAP(int, PQsendFlushRequest, 0, (PGconn * pg), (pg))
WRAP(int, PQflush, -1, (PGconn * pg), (pg))
WRAP(int, PQconsumeInput, 0, (PGconn * pg), (pg))
WRAP(int, PQputCopyData, -1, (PGconn * pg, const char *b, int n), (pg, b, n))
WRAP(int, PQputCopyEnd, -1, (PGconn * pg, const char *why), (pg, why))
WRAP(int, PQsendPrepare, 0, (PGconn * pg, const char *s, const char *q, int n, const Oid *t), (pg, s, q, n, t))
WRAP(int, PQsendQueryPrepared, 0,
     (PGconn * pg, const char *s, int n, const char *const *v, const int *l, const int *f, int r),
     (pg, s, n, v, l, f, r))
WRAP(int, PQsendQueryParams, 0,
     (PGconn * pg, const char *q, int n, const Oid *t, const char *const *v, const int *l, const int *f, int r),
     (pg, q, n, t, v, l, f, r))
WRAP(PGcancel *, PQgetCancel, NULL, (PGconn * pg), (pg))

char *__real_PQerrorMessage(const PGconn *pg);
char *__wrap_PQerrorMessage(const PGconn *pg);
char *__wrap_PQerrorMessage(const PGconn *pg)
{
	static char no_memory[] = "out of memory\n";
	return strike.struck && strike.no_memory ? no_memory : __real_PQerrorMessage(pg);
}

static int give(void *user, char *buf, size_t cap, size_t *ret_n, struct wb_error *err)
{
	int *left = user;
	(void)cap, (void)err;
	*ret_n = 0;
	if ((*left)-- > 0)
		*ret_n = (size_t)snprintf(buf, cap, "1\n2\n3\n");
	return 0;
}

static int take(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)user, (void)row, (void)err;
	return 0;
}

/* A bit of everything that talks to the server. */
static int work(struct wb_conn *c, struct wb_error *err)
{
	struct wb_value v[] = { wb_v_text("text"), wb_v_int(7), WB_V_NULL };
	int left = 3;
	struct wb_query q[] = {
		{ .sql = WB_SV("BEGIN") },
		{ .sql = WB_SV("CREATE TEMP TABLE broken (a int)") },
		{ .sql = WB_SV("SELECT $1::text, $2::int8, $3::text"),
		  .params = v,
		  .n_params = 3,
		  .cached = true,
		  .row = take },
		{ .sql = WB_SV("SELECT $1::text, $2::int8, $3::text"),
		  .params = v,
		  .n_params = 3,
		  .cached = true,
		  .row = take },
		{ .sql = WB_SV("COPY broken FROM STDIN"), .copy = give, .copy_user = &left },
		{ .sql = WB_SV("INSERT INTO broken SELECT $1::int8"), .params = v + 1, .n_params = 1 },
		{ .sql = WB_SV("ROLLBACK") },
	};
	size_t done, offset;
	return wb_run(c, q, WB_ARRAY_LEN(q), &done, &offset, err);
}

static void fail_in_turn(struct db *db, const char *name, bool no_memory)
{
	for (int at = 1;; at++) {
		struct wb_conn *c = NULL;
		struct wb_error err = { 0 };
		strike_begin(name, at);
		strike.no_memory = no_memory;
		int rc = db_try_connect(db, db_url(db, NULL, DIRECT), &c, &err);
		if (rc == 0)
			rc = work(c, &err);
		bool struck = strike_end();
		if (struck && rc == 0)
			fail_msg("call %d of %s failed unnoticed", at, name);
		if (rc != 0 && rc != WB_ECONN && rc != WB_ENOMEM)
			fail_msg("call %d of %s gives %s: %s", at, name, wb_code_name(rc), err.message);
		if (rc == WB_ECONN && c)
			assert_true(c->lost);
		wb_conn_close(c);
		if (!struck) {
			assert_ok(rc, &err);
			assert_true(at > 1);
			return;
		}
	}
}

static void test_libpq(void **state)
{
	static const char *const names[] = { "PQconnectStartParams",
					     "PQsetnonblocking",
					     "PQenterPipelineMode",
					     "PQexitPipelineMode",
					     "PQpipelineSync",
					     "PQsendFlushRequest",
					     "PQflush",
					     "PQconsumeInput",
					     "PQputCopyData",
					     "PQputCopyEnd",
					     "PQsendPrepare",
					     "PQsendQueryPrepared",
					     "PQsendQueryParams" };
	for (size_t i = 0; i < WB_ARRAY_LEN(names); i++) {
		fail_in_turn(*state, names[i], false);
		fail_in_turn(*state, names[i], true);
	}
}

/* A request to cancel that cannot be sent is told, and sent again. */
static void test_cancel_fails(void **state)
{
	struct db *db = *state;
	struct ticker t = { .from = 1, .code = WB_ECANCELLED };
	struct wb_error err = { 0 };
	strike.name = "PQgetCancel";
	strike.at = 1;
	strike.calls = 0;
	db->c->tick = tick_counting;
	db->c->tick_user = &t;
	int rc = wb_exec(db->c, "SELECT pg_sleep(30)", &err);
	db->c->tick = NULL;
	strike.name = NULL;
	assert_int_equal(rc, WB_ECANCELLED);
	assert_true(strike.calls >= 2);
	assert_non_null(strstr(db->told.log, "could not be asked to cancel"));
}

/* A server that never confirms is given up. */
static void test_given_up(void **state)
{
	struct db *db = *state;
	struct wb_pg *c = wb_pg(db->c);
	struct wb_error err = { 0 };
	c->stop = WB_ECANCELLED;
	c->tick_at_ms = wb_now_ms() + 50;
	c->give_up_at_ms = wb_now_ms();
	assert_int_equal(wb_pg_wait(c, false, &err), WB_ECANCELLED);
	assert_true(db->c->lost);
	assert_non_null(strstr(err.message, "given up"));
}

/* ---- failing allocations ----------------------------------------------------------- */

struct scene {
	struct db *db;
	int port;
	int (*act)(struct wb_conn *c, struct wb_error *err);
	struct wb_open_options o;
};

static int play(void *user)
{
	struct scene *s = user;
	struct wb_conn *c = NULL;
	struct wb_error err = { 0 };
	int rc = wb_conn_open(wb_postgres_driver(), &s->o, &c, &err);
	if (rc == 0 && s->act)
		rc = s->act(c, &err);
	if (rc < 0 && rc != WB_ENOMEM)
		print_error("%s %s | %s\n", wb_code_name(rc), err.message, err.detail);
	wb_conn_close(c);
	return rc;
}

static void starve(struct db *db, int port, int (*act)(struct wb_conn *c, struct wb_error *err))
{
	struct scene s = { db, port, act, db_options(db, db_url(db, NULL, port)) };
	assert_true(wb_oom_run(play, &s) > 0);
}

static int session(struct wb_conn *c, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_tx_options o = { .lock_timeout_ms = 5 };
	struct wb_query q[8];
	int n = wb_conn_tx_begin(c, &a, &o, q, 8);
	if (n >= 0)
		n = wb_conn_restore(c, &a, q, 8);
	if (n >= 0)
		n = wb_pg_set_lock_timeout(c, &a, 5, q, 8) < 0 ? WB_ENOMEM : 0;
	return n < 0 ? wb_err_set(err, n, "no memory") : 0;
}

static int locks(struct wb_conn *c, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_lock_holder h, *v;
	struct wb_query q[1];
	size_t n;
	int rc;
	/* The connection of the call before may not have gone yet. */
	while ((rc = wb_conn_lock_try(c, "main", 1, &h, err)) == WB_EBUSY)
		wb_sleep_ms(5);
	if (rc == 0 && wb_conn_lock_fence(c, &a, q, 1) < 0)
		rc = WB_ENOMEM;
	if (rc == 0)
		rc = wb_conn_lock_list(c, "main", &a, &v, &n, err);
	if (rc == 0)
		rc = wb_conn_lock_release(c, err);
	return rc;
}

static int busy(struct wb_conn *c, struct wb_error *err)
{
	struct wb_lock_holder h;
	int rc = wb_conn_lock_try(c, "held", 1, &h, err);
	return rc == WB_EBUSY ? 0 : rc;
}

static int look(struct wb_conn *c, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_blocker *v;
	size_t n = 0;
	int rc = wb_conn_blockers(c, 0, &a, &v, &n, err);
	if (rc == 0)
		assert_int_equal(n, 1);
	if (rc == 0)
		rc = wb_conn_terminate(c, wb_conn_backend_pid(c), err);
	return rc == WB_EREFUSED ? 0 : rc;
}

static void hear(void *user, const char *check, const char *level, const char *message)
{
	(void)user, (void)check, (void)level, (void)message;
}

static int health(struct wb_conn *c, struct wb_error *err)
{
	return wb_conn_health(c, hear, NULL, err);
}

static int syntax(struct wb_conn *c, struct wb_error *err)
{
	size_t offset;
	c->server_version = 160000;
	return wb_conn_syntax(c->driver, c, WB_SV("CREATE TABLE syntax (a int)"), &offset, err);
}

static char table_alone[24]; /* a memo in which no index was there before, so that all have to be looked at */

static int probes(struct wb_conn *c, struct wb_error *err)
{
	static const char *const sql[] = {
		"CREATE INDEX CONCURRENTLY ON probed (a)",
		"CREATE UNIQUE INDEX CONCURRENTLY named ON probed (a)",
		"DROP INDEX CONCURRENTLY probed_b",
		"REINDEX TABLE CONCURRENTLY probed",
		"REINDEX INDEX CONCURRENTLY probed_b",
		"ALTER TABLE parent DETACH PARTITION part CONCURRENTLY",
		"CREATE DATABASE probed",
		"CALL nothing()",
		"VACUUM",
	};
	wb_autoarena a = WB_ARENA_INIT;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < WB_ARRAY_LEN(sql); i++) {
		enum wb_probe p;
		const char *why, *memo = NULL;
		rc = wb_conn_probe_prepare(c, &a, wb_sv_str(sql[i]), &memo, err);
		if (i == 0)
			memo = table_alone;
		if (rc == 0)
			rc = wb_conn_probe(c, &a, wb_sv_str(sql[i]), memo, &p, &why, err);
		if (rc == 0)
			rc = wb_conn_undo_half(c, wb_sv_str(sql[i]), memo, err);
	}
	return rc;
}

/* By a role that may not create databases: all the way to the server, and nothing to clean up. */
static int database(void *user)
{
	struct wb_open_options *o = user;
	struct wb_error err = { 0 };
	bool yes;
	int rc = wb_postgres_driver()->create_db(o, &yes, &err);
	if (rc == 0 || rc == WB_EPRIVILEGE)
		rc = wb_postgres_driver()->drop_db(o, &yes, &err);
	return rc == WB_EPRIVILEGE ? 0 : rc;
}

static int script(void *user)
{
	wb_autostr text = WB_STR_INIT;
	(void)user;
	return wb_driver_journal_sql(wb_postgres_driver(), NULL, &text, NULL);
}

static void test_oom(void **state)
{
	struct db *db = *state;
	starve(db, DIRECT, NULL);
	starve(db, DIRECT, work);
	starve(db, DIRECT, session);
	starve(db, POOLED, session);
	starve(db, DIRECT, locks);
	starve(db, POOLED, locks);
	starve(db, DIRECT, locks); /* with a table of leases */
	starve(db, DIRECT, health);
	starve(db, DIRECT, syntax);
	assert_true(wb_oom_run(script, NULL) > 0);
}

static void test_oom_busy(void **state)
{
	struct db *db = *state;
	struct wb_lock_holder h;
	struct wb_error err = { 0 };
	assert_ok(wb_conn_lock_try(db->c, "held", 1, &h, &err), &err);
	starve(db, DIRECT, busy);
	starve(db, POOLED, busy);
	sql_ok(db->c, "CREATE TABLE t (a int)");
	pid_t a = start_child(db, (const char *[]){ "BEGIN", "LOCK TABLE t" }, 2);
	wait_sql(db->c, "SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND granted", "1");
	pid_t b = start_child(db, (const char *[]){ "SELECT * FROM t" }, 1);
	wait_sql(db->c, "SELECT count(*) FROM pg_locks WHERE NOT granted", "1");
	starve(db, DIRECT, look);
	end_child(b);
	end_child(a);
}

static void test_oom_probe(void **state)
{
	struct db *db = *state;
	static const char *const sql[] = {
		"CREATE TABLE probed (a int, b int)",
		"INSERT INTO probed VALUES (1, 1), (1, 2)",
		"CREATE INDEX probed_a ON probed (a)",
		"CREATE INDEX probed_b ON probed (b)",
		"CREATE TABLE parent (a int) PARTITION BY LIST (a)",
		"CREATE TABLE part PARTITION OF parent FOR VALUES IN (1)",
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(sql); i++)
		sql_ok(db->c, sql[i]);
	snprintf(table_alone, sizeof(table_alone), "%s", sql_text(db->c, "SELECT 'probed'::regclass::oid"));
	starve(db, DIRECT, probes);
}

static void test_oom_database(void **state)
{
	struct db *db = *state;
	struct wb_open_options o;
	sql_ok(db->c, "CREATE ROLE plain LOGIN");
	o = db_options(db, wb_arena_printf(&db->arena, "host=%s user=plain dbname=starved", server_socket()));
	assert_true(wb_oom_run(database, &o) > 0);
	o = db_options(db, db_url(db, "plain", DIRECT));
	assert_true(wb_oom_run(database, &o) > 0);
	sql_ok(db->c, "DROP ROLE plain");
}

int test_broken(void)
{
	const struct CMUnitTest tests[] = {
		T(test_libpq),    T(test_cancel_fails), T(test_given_up),     T(test_oom),
		T(test_oom_busy), T(test_oom_probe),    T(test_oom_database),
	};
	return cmocka_run_group_tests_name("driver_pg broken", tests, NULL, NULL);
}
