/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/driver_pg/tests.h"

static void test_classify(void **state)
{
	static const struct {
		const char *sql, *kind, *command, *object;
		enum wb_tx_mode tx;
		bool forbidden, control, copy, session;
	} cases[] = {
		{ "CREATE TABLE app.\"Order\" (a int)", "sql", "CREATE TABLE", "app.\"Order\"", WB_TX_ANY, 0, 0, 0, 0 },
		{ "CREATE INDEX CONCURRENTLY i ON t (a)", "index_create", "CREATE INDEX", "i", WB_TX_NEVER, 0, 0, 0,
		  0 },
		{ "CREATE INDEX CONCURRENTLY ON app.\"user\" (a)", "index_create", "CREATE INDEX", "app.\"user\"",
		  WB_TX_NEVER, 0, 0, 0, 0 },
		{ "DROP INDEX CONCURRENTLY app.i", "index_drop", "DROP INDEX", "app.i", WB_TX_NEVER, 0, 0, 0, 0 },
		{ "REINDEX TABLE CONCURRENTLY t", "reindex", "REINDEX", "t", WB_TX_NEVER, 0, 0, 0, 0 },
		{ "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY", "detach", "ALTER TABLE", NULL, WB_TX_NEVER, 0, 0, 0,
		  0 },
		{ "VACUUM t", "vacuum", "VACUUM", NULL, WB_TX_NEVER, 0, 0, 0, 0 },
		{ "CLUSTER", "cluster", "CLUSTER", "", WB_TX_NEVER, 0, 0, 0, 0 },
		{ "CREATE DATABASE d", "database", "CREATE DATABASE", "d", WB_TX_NEVER, 0, 0, 0, 0 },
		{ "DROP TABLESPACE s", "tablespace", "DROP TABLESPACE", "s", WB_TX_NEVER, 0, 0, 0, 0 },
		{ "ALTER SYSTEM SET work_mem = '1MB'", "system", "ALTER SYSTEM", NULL, WB_TX_NEVER, 0, 0, 0, 0 },
		{ "DROP SUBSCRIPTION s", "subscription", "DROP SUBSCRIPTION", "s", WB_TX_NEVER, 0, 0, 0, 0 },
		{ "COMMIT PREPARED 'x'", "prepared", NULL, NULL, WB_TX_NEVER, 0, 0, 0, 0 },
		{ "CALL p()", "call", "CALL", NULL, WB_TX_MAYBE, 0, 0, 0, 0 },
		{ "DO $$ BEGIN END $$", "call", "DO", NULL, WB_TX_MAYBE, 0, 0, 0, 0 },
		{ "BEGIN", "sql", NULL, "", WB_TX_ANY, 0, 1, 0, 0 },
		{ "COMMIT", "sql", NULL, "", WB_TX_ANY, 0, 1, 0, 0 },
		{ "SAVEPOINT s", "sql", NULL, NULL, WB_TX_ANY, 0, 0, 0, 0 },
		{ "SET search_path = app", "sql", "SET", NULL, WB_TX_ANY, 0, 0, 0, 1 },
		{ "SET SESSION AUTHORIZATION x", "sql", NULL, NULL, WB_TX_ANY, 1, 0, 0, 0 },
		{ "COPY t FROM STDIN", "copy", "COPY", NULL, WB_TX_ANY, 0, 0, 1, 0 },
		{ "NO SUCH STATEMENT", "sql", NULL, "", WB_TX_ANY, 0, 0, 0, 0 },
	};
	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct wb_stmt_info info;
		wb_postgres_driver()->classify(wb_sv_str(cases[i].sql), &info);
		if (strcmp(info.step_kind, cases[i].kind) != 0 || info.tx != cases[i].tx)
			fail_msg("%s: %s, transaction %d", cases[i].sql, info.step_kind, (int)info.tx);
		assert_int_equal(info.forbidden != NULL, cases[i].forbidden);
		assert_int_equal(info.transaction_control, cases[i].control);
		assert_int_equal(info.copy_in, cases[i].copy);
		assert_int_equal(info.changes_session, cases[i].session);
		if (cases[i].command)
			assert_string_equal(info.command, cases[i].command);
		if (cases[i].object)
			assert_string_equal(info.object, cases[i].object);
	}
}

static void test_names(void **state)
{
	static const struct {
		const char *schema, *name, *text;
	} cases[] = {
		{ "", "t1", "t1" },
		{ "app", "t_$1", "app.t_$1" },
		{ "", "user", "\"user\"" },
		{ "", "User", "\"User\"" },
		{ "", "1a", "\"1a\"" },
		{ "", "", "\"\"" },
		{ "a\"b", "with", "\"a\"\"b\".\"with\"" },
		{ "", "all", "\"all\"" },
		{ "", "ä", "\"ä\"" },
	};
	char buf[200], tiny[6];
	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		wb_pg_name_text(cases[i].schema, cases[i].name, buf, sizeof(buf));
		assert_string_equal(buf, cases[i].text);
	}
	wb_pg_name_text("", "ääääää", tiny, sizeof(tiny));
	assert_string_equal(tiny, "\"ää");
	wb_autostr out = WB_STR_INIT;
	wb_pg_name_sql("a", "b", &out);
	assert_string_equal(out.p, "\"a\".\"b\"");
}

static void test_bytes(void **state)
{
	(void)state;
	assert_int_equal(wb_pg_byte_of(WB_SV("ä€😀x"), "1"), 0);
	assert_int_equal(wb_pg_byte_of(WB_SV("ä€😀x"), "4"), 9);
	assert_int_equal(wb_pg_byte_of(WB_SV("ä€😀x"), "5"), 10); /* the end of the text */
	assert_int_equal(wb_pg_byte_of(WB_SV("ä€😀x"), "6"), SIZE_MAX);
	assert_int_equal(wb_pg_byte_of(WB_SV("x"), "0"), SIZE_MAX);
	assert_int_equal(wb_pg_byte_of(WB_SV("x"), "?"), SIZE_MAX);
	assert_int_equal(wb_pg_byte_of(WB_SV("x"), NULL), SIZE_MAX);
	char buf[32];
	wb_pg_clean(" a\nb pw c\tpwpw \n", "pw", buf, sizeof(buf));
	assert_string_equal(buf, "a b *** c ******");
	wb_pg_clean(NULL, NULL, buf, sizeof(buf));
	assert_string_equal(buf, "");
}

static int syntax(struct wb_conn *c, const char *sql, size_t *ret_offset, struct wb_error *err)
{
	return wb_conn_syntax(wb_postgres_driver(), c, wb_sv_str(sql), ret_offset, err);
}

static const char *const good[] = {
	"CREATE TABLE t (a int) -- the end",
	"COPY t FROM STDIN",
	"SELECT 1 INTO new_table",
	"SELECT '$whimbrel0$', $$x$$",
	"CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM u; DELETE FROM v)",
	"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END",
	"CALL p(1)",
	"VACUUM (ANALYZE) t",
	"START TRANSACTION",
	"(SELECT 1) UNION (SELECT 2)",
	"DECLARE c CURSOR FOR SELECT 1",
	"WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
};
static const struct {
	const char *sql;
	size_t offset;
} bad[] = {
	{ "CREATE TABEL t (a int)", 7 },
	{ "SELECT 'ä€😀' FORM t WHERE", SIZE_MAX },
	{ "ALTER TABLE t ADD COLUM a b c", SIZE_MAX },
	{ "CRAETE TABLE t (a int)", 0 },
	{ "RAISE NOTICE 'x'", 0 },
};

static void check_all(struct wb_conn *c)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(good); i++) {
		struct wb_error err = { 0 };
		size_t offset;
		if (syntax(c, good[i], &offset, &err) < 0)
			fail_msg("%s in %s", err.message, good[i]);
	}
	for (size_t i = 0; i < WB_ARRAY_LEN(bad); i++) {
		struct wb_error err = { 0 };
		size_t offset = 0;
		if (syntax(c, bad[i].sql, &offset, &err) != WB_EINPUT)
			fail_msg("no error in %s", bad[i].sql);
		assert_int_equal(err.code, WB_EINPUT);
		assert_true(*err.message);
		assert_true(offset <= strlen(bad[i].sql));
		if (bad[i].offset != SIZE_MAX)
			assert_int_equal(offset, bad[i].offset);
	}
}

/* With our parser alone, and with servers that have to be asked. */
static void test_syntax(void **state)
{
	struct db *db = *state;
	static const int versions[] = { 150010, 160002, 140005 };
	struct wb_error err = { 0 };
	size_t offset;
	check_all(NULL);
	for (size_t i = 0; i < WB_ARRAY_LEN(versions); i++) {
		db->c->server_version = versions[i];
		check_all(db->c);
	}
	sql_ok(db->c, "SET check_function_bodies = off");
	assert_int_equal(syntax(db->c, "CREATE TABLE t (a int,)", &offset, &err), WB_EINPUT);
	assert_int_equal(offset, 22);
	assert_sql(db->c, "SELECT count(*) FROM pg_class WHERE relname IN ('t', 'new_table')", "0");
	/* A newer grammar may know what ours refuses, where the server cannot be asked. */
	db->c->server_version = 170000;
	assert_int_equal(syntax(db->c, "CREATE RULE IN SOME NEW WAY", &offset, &err), 0);
	sql_ok(db->c, "DROP EXTENSION plpgsql");
	assert_int_equal(syntax(db->c, "CREATE TABLE t (a int,)", &offset, &err), 0);
	wb_pg_drop_link(db->c);
	assert_int_equal(syntax(db->c, "CREATE TABLE t (a int,)", &offset, &err), WB_ECONN);
}

static void test_large_syntax(void **state)
{
	struct db *db = *state;
	wb_autostr text = WB_STR_INIT;
	struct wb_error err = { 0 };
	size_t offset;
	wb_str_add(&text, "INSERT INTO t VALUES (0)");
	for (int i = 0; i < 300000; i++)
		wb_str_add(&text, ",(123456)");
	assert_int_equal(wb_conn_syntax(wb_postgres_driver(), db->c, wb_str_sv(&text), &offset, &err), 0);
}

int test_statement(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classify),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_bytes),
		T(test_syntax),
		T(test_large_syntax),
	};
	return cmocka_run_group_tests_name("driver_pg statement", tests, NULL, NULL);
}
