/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/driver_pg/tests.h"

static const char *prepare(struct db *db, const char *sql)
{
	const char *memo = NULL;
	struct wb_error err = { 0 };
	assert_ok(wb_conn_probe_prepare(db->c, &db->arena, wb_sv_str(sql), &memo, &err), &err);
	return memo;
}

static const char *probed(struct db *db, const char *sql, const char *memo, enum wb_probe expected)
{
	static const char *const names[] = { "unknown", "done", "not done", "half", "repeat" };
	enum wb_probe p = WB_PROBE_UNKNOWN;
	const char *why = NULL;
	struct wb_error err = { 0 };
	assert_ok(wb_conn_probe(db->c, &db->arena, wb_sv_str(sql), memo, &p, &why, &err), &err);
	assert_non_null(why);
	if (p != expected)
		fail_msg("%s instead of %s (%s): %s", names[p], names[expected], why, sql);
	assert_true(strlen(why) > 10);
	return why;
}

static void undo(struct db *db, const char *sql, const char *memo)
{
	struct wb_error err = { 0 };
	assert_ok(wb_conn_undo_half(db->c, wb_sv_str(sql), memo, &err), &err);
}

static int open_with_table(void **state)
{
	if (db_open(state))
		return -1;
	struct wb_conn *c = ((struct db *)*state)->c;
	sql_ok(c, "CREATE SCHEMA app");
	sql_ok(c, "CREATE TABLE t (a int, b text)");
	sql_ok(c, "CREATE TABLE app.t (a int, b text)");
	sql_ok(c, "INSERT INTO t VALUES (1, 'x'), (1, 'y')"); /* no unique index on a */
	return 0;
}

#define INVALID "SELECT count(*) FROM pg_index WHERE NOT indisvalid"

static void test_named(void **state)
{
	struct db *db = *state;
	const char *sql = "CREATE INDEX CONCURRENTLY i ON public.t (a)";
	const char *memo = prepare(db, sql);
	probed(db, sql, memo, WB_PROBE_NOT_DONE);
	undo(db, sql, memo);
	sql_ok(db->c, sql);
	probed(db, sql, memo, WB_PROBE_DONE);
	undo(db, sql, memo); /* removes nothing that is whole */
	assert_sql(db->c, "SELECT count(*) FROM pg_class WHERE relname = 'i'", "1");
	const char *again = prepare(db, sql);
	assert_non_null(strstr(probed(db, sql, again, WB_PROBE_NOT_DONE), "before"));
	sql = "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON public.t (a)";
	probed(db, sql, prepare(db, sql), WB_PROBE_DONE);
	probed(db, sql, NULL, WB_PROBE_DONE);
	sql = "CREATE INDEX CONCURRENTLY i ON app.t (a)"; /* the same name in another schema */
	probed(db, sql, prepare(db, sql), WB_PROBE_NOT_DONE);
}

static void test_named_half(void **state)
{
	struct db *db = *state;
	const char *sql = "CREATE UNIQUE INDEX CONCURRENTLY \"My index\" ON t (a)";
	const char *memo = prepare(db, sql);
	sql_fails(db->c, sql, WB_ESQL, "23505");
	assert_non_null(strstr(probed(db, sql, memo, WB_PROBE_HALF), "\"My index\""));
	/* It was there before, and IF NOT EXISTS would take it for good. */
	const char *quiet = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"My index\" ON t (a)";
	const char *later = prepare(db, quiet);
	sql_ok(db->c, quiet);
	assert_non_null(strstr(probed(db, quiet, later, WB_PROBE_HALF), "before this step"));
	undo(db, quiet, later);
	assert_sql(db->c, INVALID, "0");
	probed(db, sql, memo, WB_PROBE_NOT_DONE);
	sql_fails(db->c, sql, WB_ESQL, "23505");
	sql_ok(db->c, "SET lock_timeout = '5s'");
	undo(db, sql, memo);
	assert_sql(db->c, INVALID, "0");
	sql_ok(db->c, "DELETE FROM t");
	sql_ok(db->c, sql);
	probed(db, sql, memo, WB_PROBE_DONE);
}

static void test_unnamed(void **state)
{
	struct db *db = *state;
	const char *sql =
		"CREATE UNIQUE INDEX CONCURRENTLY ON ONLY \"public\" . t USING btree (lower(b), a) WHERE a > 0";
	const char *fails = "CREATE UNIQUE INDEX CONCURRENTLY ON t (a)";
	const char *memo = prepare(db, sql), *memo2 = prepare(db, fails);
	probed(db, sql, memo, WB_PROBE_NOT_DONE);
	probed(db, sql, NULL, WB_PROBE_UNKNOWN);
	/* Somebody else's indexes are not taken for ours. */
	sql_ok(db->c, "CREATE INDEX other ON t (lower(b), a) WHERE a > 0");
	sql_ok(db->c, "CREATE UNIQUE INDEX another ON t (lower(b)) WHERE a > 0");
	probed(db, sql, memo, WB_PROBE_NOT_DONE);
	sql_fails(db->c, fails, WB_ESQL, "23505");
	probed(db, sql, memo, WB_PROBE_NOT_DONE);
	assert_non_null(strstr(probed(db, fails, memo2, WB_PROBE_HALF), "public.t_a_idx"));
	undo(db, sql, memo);
	assert_sql(db->c, INVALID, "1");
	undo(db, fails, memo2);
	assert_sql(db->c, INVALID, "0");
	sql_ok(db->c, sql);
	probed(db, sql, memo, WB_PROBE_DONE);
	probed(db, sql, prepare(db, sql), WB_PROBE_NOT_DONE); /* a second one of the same definition would be new */
	assert_sql(db->c, "SELECT count(*) FROM pg_class WHERE relname LIKE 'whimbrel_probe%'", "0");
	sql_ok(db->c, "DROP TABLE t");
	probed(db, sql, memo, WB_PROBE_NOT_DONE);
	const char *gone = "CREATE INDEX CONCURRENTLY ON absent (a)";
	assert_non_null(strstr(probed(db, gone, prepare(db, gone), WB_PROBE_NOT_DONE), "does not exist"));
}

static void test_unnamed_unknowable(void **state)
{
	struct db *db = *state;
	const char *sql = "CREATE INDEX CONCURRENTLY ON t (b)", *memo = prepare(db, sql);
	char revoke[96];
	sql_ok(db->c, sql);
	sql_ok(db->c, "CREATE ROLE plain LOGIN");
	snprintf(revoke, sizeof(revoke), "REVOKE TEMP ON DATABASE %s FROM public", db->name);
	sql_ok(db->c, revoke);
	struct wb_conn *super = db->c;
	db->c = db_connect(db, "plain", DIRECT);
	probed(db, sql, memo, WB_PROBE_UNKNOWN);
	assert_false(db->c->in_transaction);
	wb_conn_close(db->c);
	db->c = super;
	sql_ok(db->c, "DROP ROLE plain");
	probed(db, sql, memo, WB_PROBE_DONE);
}

/* The server process of a dead client still builds. */
static void test_builder(void **state)
{
	struct db *db = *state;
	const char *sql = "CREATE INDEX CONCURRENTLY i ON t (a)", *memo = prepare(db, sql),
		   *reindex = "REINDEX TABLE CONCURRENTLY t";
	const char *memo2 = prepare(db, reindex);
	sql_ok(db->c, "ALTER SYSTEM SET client_connection_check_interval = 0");
	struct wb_conn *reader = db_connect(db, NULL, DIRECT);
	sql_ok(reader, "BEGIN ISOLATION LEVEL REPEATABLE READ");
	sql_ok(reader, "SELECT * FROM t");
	pid_t child = start_child(db, (const char *[]){ sql }, 1);
	wait_sql(db->c, "SELECT count(*) FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'", "1");
	end_child(child);
	enum wb_probe p;
	const char *why;
	struct wb_error err = { 0 };
	assert_int_equal(wb_conn_probe(db->c, &db->arena, wb_sv_str(sql), memo, &p, &why, &err), WB_EBUSY);
	assert_non_null(strstr(err.hint, "--terminate"));
	assert_int_equal(wb_conn_undo_half(db->c, wb_sv_str(sql), memo, &err), WB_EBUSY);
	assert_int_equal(wb_conn_probe(db->c, &db->arena, wb_sv_str(reindex), memo2, &p, &why, &err), WB_EBUSY);
	wb_conn_close(reader);
	wait_sql(db->c, "SELECT count(*) FROM pg_stat_progress_create_index", "0");
	probed(db, sql, memo, WB_PROBE_DONE);
	sql_ok(db->c, "ALTER SYSTEM RESET client_connection_check_interval");
}

static void test_drop(void **state)
{
	struct db *db = *state;
	const char *sql = "DROP INDEX CONCURRENTLY i", *if_exists = "DROP INDEX CONCURRENTLY IF EXISTS i";
	probed(db, sql, prepare(db, sql), WB_PROBE_NOT_DONE);
	probed(db, if_exists, prepare(db, if_exists), WB_PROBE_DONE);
	sql_ok(db->c, "CREATE INDEX i ON t (a)");
	const char *memo = prepare(db, sql);
	probed(db, sql, memo, WB_PROBE_NOT_DONE);
	probed(db, sql, NULL, WB_PROBE_NOT_DONE);
	sql_ok(db->c, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'i'::regclass");
	probed(db, sql, memo, WB_PROBE_REPEAT);
	undo(db, sql, memo);
	sql_ok(db->c, sql);
	probed(db, sql, memo, WB_PROBE_DONE);
	probed(db, sql, NULL, WB_PROBE_DONE);
	/* Another index of that name is not the one. */
	sql_ok(db->c, "CREATE INDEX i ON t (b)");
	probed(db, sql, memo, WB_PROBE_DONE);
}

static void break_reindex(struct db *db, const char *name)
{
	char sql[128];
	snprintf(sql, sizeof(sql), "CREATE INDEX %s ON t (a)", name);
	sql_ok(db->c, sql);
	snprintf(sql, sizeof(sql), "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '%s'::regclass", name);
	sql_ok(db->c, sql);
}

static void test_reindex(void **state)
{
	struct db *db = *state;
	sql_ok(db->c, "CREATE INDEX i ON t (a)");
	static const char *const sql[] = { "REINDEX INDEX CONCURRENTLY i", "REINDEX (VERBOSE, CONCURRENTLY) TABLE t",
					   "REINDEX SCHEMA CONCURRENTLY public" };
	break_reindex(db, "old_ccnew");
	for (size_t i = 0; i < WB_ARRAY_LEN(sql); i++) {
		const char *memo = prepare(db, sql[i]);
		probed(db, sql[i], memo, WB_PROBE_REPEAT);
		break_reindex(db, "i_ccnew");
		break_reindex(db, "i_ccold1");
		break_reindex(db, "i_other");
		assert_non_null(strstr(probed(db, sql[i], memo, WB_PROBE_HALF), "public.i_cc"));
		undo(db, sql[i], memo);
		assert_sql(db->c, INVALID, "2"); /* the old one, and one of another kind */
		probed(db, sql[i], memo, WB_PROBE_REPEAT);
		probed(db, sql[i], NULL, WB_PROBE_REPEAT);
		sql_ok(db->c, "DROP INDEX i_other");
	}
	const char *elsewhere = "REINDEX TABLE CONCURRENTLY app.t", *memo = prepare(db, elsewhere);
	break_reindex(db, "i_ccnew");
	probed(db, elsewhere, memo, WB_PROBE_REPEAT);
}

static void test_detach(void **state)
{
	struct db *db = *state;
	const char *sql = "ALTER TABLE p DETACH PARTITION app.p1 CONCURRENTLY";
	if (db->c->server_version < 140000)
		skip();
	sql_ok(db->c, "CREATE TABLE p (a int) PARTITION BY RANGE (a)");
	sql_ok(db->c, "CREATE TABLE app.p1 PARTITION OF p FOR VALUES FROM (1) TO (10)");
	sql_ok(db->c, "INSERT INTO p VALUES (1)");
	const char *memo = prepare(db, sql);
	probed(db, sql, memo, WB_PROBE_NOT_DONE);
	undo(db, sql, memo);
	/* Stopped while it waits for a reader: half done. */
	struct wb_conn *reader = db_connect(db, NULL, DIRECT);
	sql_ok(reader, "BEGIN");
	sql_ok(reader, "SELECT * FROM p");
	struct ticker t = { .from = 5, .code = WB_ECANCELLED };
	db->c->tick = tick_counting;
	db->c->tick_user = &t;
	struct wb_error err = { 0 };
	assert_int_equal(wb_exec(db->c, sql, &err), WB_ECANCELLED);
	db->c->tick = NULL;
	probed(db, sql, memo, WB_PROBE_HALF);
	probed(db, sql, NULL, WB_PROBE_HALF);
	wb_conn_close(reader);
	undo(db, sql, memo);
	probed(db, sql, memo, WB_PROBE_DONE);
	probed(db, sql, NULL, WB_PROBE_DONE);
}

static void test_objects(void **state)
{
	struct db *db = *state;
	static const struct {
		const char *create, *drop, *alter;
	} cases[] = {
		{ "CREATE DATABASE probe_me", "DROP DATABASE probe_me",
		  "ALTER DATABASE probe_me SET TABLESPACE pg_default" },
		{ "CREATE SUBSCRIPTION probe_me CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false)",
		  "DROP SUBSCRIPTION probe_me", "ALTER SUBSCRIPTION probe_me REFRESH PUBLICATION" },
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		const char *none = prepare(db, cases[i].create);
		assert_string_equal(none, "-1");
		probed(db, cases[i].create, none, WB_PROBE_NOT_DONE);
		probed(db, cases[i].drop, prepare(db, cases[i].drop), WB_PROBE_DONE);
		sql_ok(db->c, cases[i].create);
		probed(db, cases[i].create, none, WB_PROBE_DONE);
		probed(db, cases[i].create, NULL, WB_PROBE_DONE);
		probed(db, cases[i].create, prepare(db, cases[i].create), WB_PROBE_NOT_DONE);
		probed(db, cases[i].drop, prepare(db, cases[i].drop), WB_PROBE_NOT_DONE);
		probed(db, cases[i].alter, prepare(db, cases[i].alter), WB_PROBE_REPEAT);
		undo(db, cases[i].create, none);
	}
	sql_ok(db->c, "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'probe_me'");
	assert_non_null(strstr(probed(db, cases[0].drop, NULL, WB_PROBE_NOT_DONE), "half dropped"));
	sql_ok(db->c, "UPDATE pg_database SET datconnlimit = -1 WHERE datname = 'probe_me'");
	sql_ok(db->c, cases[0].drop);
	sql_ok(db->c, "ALTER SUBSCRIPTION probe_me SET (slot_name = NONE)");
	sql_ok(db->c, cases[1].drop);
	probed(db, "CREATE TABLESPACE nowhere LOCATION '/nowhere'", NULL, WB_PROBE_NOT_DONE);
	probed(db, "DROP TABLESPACE pg_default", NULL, WB_PROBE_NOT_DONE);
}

static void test_the_rest(void **state)
{
	struct db *db = *state;
	static const char *const repeat[] = { "VACUUM t", "CLUSTER", "ALTER SYSTEM SET work_mem = '1MB'" };
	static const char *const unknown[] = { "CALL p()", "DO $$ BEGIN COMMIT; END $$", "CREATE TABLE x (a int)",
					       "no statement" };
	for (size_t i = 0; i < WB_ARRAY_LEN(repeat); i++) {
		assert_null(prepare(db, repeat[i]));
		probed(db, repeat[i], NULL, WB_PROBE_REPEAT);
		undo(db, repeat[i], NULL);
	}
	for (size_t i = 0; i < WB_ARRAY_LEN(unknown); i++) {
		assert_null(prepare(db, unknown[i]));
		probed(db, unknown[i], NULL, WB_PROBE_UNKNOWN);
		undo(db, unknown[i], NULL);
	}
	assert_non_null(strstr(probed(db, "CALL p()", NULL, WB_PROBE_UNKNOWN), "CALL"));
}

int test_probe(void)
{
#undef T
#define T(fn) cmocka_unit_test_setup_teardown(fn, open_with_table, db_close)
	const struct CMUnitTest tests[] = {
		T(test_named),   T(test_named_half), T(test_unnamed), T(test_unnamed_unknowable),
		T(test_builder), T(test_drop),       T(test_reindex), T(test_detach),
		T(test_objects), T(test_the_rest),
	};
	return cmocka_run_group_tests_name("driver_pg probe", tests, NULL, NULL);
}
