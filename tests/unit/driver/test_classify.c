/* SPDX-License-Identifier: Apache-2.0
 *
 * What statements are: each is also run where it matters, so that the table
 * cannot say what sqlite3 does not do.
 */
#include "tests.h"

static struct wb_stmt_info look(const char *sql)
{
	struct wb_stmt_info info;

	wb_sqlite_driver()->classify(wb_sv_str(sql), &info);
	return info;
}

static void test_names(void **state)
{
	static const struct {
		const char *sql, *command, *object;
	} cases[] = {
		{ "CREATE TABLE t (a)", "CREATE TABLE", "t" },
		{ "create /* x */ temp table if not exists main . [My Table] (a)", "CREATE TABLE",
		  "main.\"My Table\"" },
		{ "CREATE UNIQUE INDEX `i` ON t (a)", "CREATE INDEX", "i" },
		{ "CREATE TEMPORARY VIEW \"v\"\"w\" AS SELECT 1", "CREATE VIEW", "\"v\"\"w\"" },
		{ "CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END", "CREATE TRIGGER", "tr" },
		{ "CREATE VIRTUAL TABLE f USING fts5 (x)", "CREATE VIRTUAL TABLE", "f" },
		{ "DROP INDEX IF EXISTS aux.i", "DROP INDEX", "aux.i" },
		{ "DROP VIEW 'v'", "DROP VIEW", "v" },
		{ "ALTER TABLE \"t\" ADD COLUMN b", "ALTER TABLE", "t" },
		{ "INSERT OR IGNORE INTO t VALUES (1)", "INSERT", "t" },
		{ "REPLACE INTO \"1x\" VALUES (1)", "REPLACE", "\"1x\"" },
		{ "UPDATE OR FAIL t SET a = 1", "UPDATE", "t" },
		{ "DELETE FROM main.t", "DELETE", "main.t" },
		{ "WITH x AS (SELECT 1) SELECT * FROM x", "WITH", "" },
		{ "REINDEX t", "REINDEX", "t" },
		{ "ANALYZE", "ANALYZE", "" },
		{ "PRAGMA main.user_version = 3", "PRAGMA", "user_version" },
		{ "VACUUM", "VACUUM", "" },
		{ "CREATE", "CREATE", "" },
		{ "DROP TABLE main.", "DROP TABLE", "main" },
		{ "CREATE TABLE \"unfinished", "CREATE TABLE", "\"unfinished" },
		{ "CREATE TABLE []", "CREATE TABLE", "\"\"" },
		{ "nonsense", "", "" },
		{ "", "", "" },
		{ "-- only words", "", "" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct wb_stmt_info info = look(cases[i].sql);

		assert_string_equal(info.command, cases[i].command);
		assert_string_equal(info.object, cases[i].object);
		assert_false(info.copy_in);
	}
}

static void test_long_name(void **state)
{
	char sql[1024];
	struct wb_stmt_info info;

	(void)state;
	(void)snprintf(sql, sizeof(sql), "DROP TABLE %0500d", 1);
	sql[11] = 'a';
	info = look(sql);
	assert_int_equal(strlen(info.object), sizeof(info.object) - 1);
}

/* sqlite3's word is the measure: inside a transaction NEVER fails, ANY works. */
static void test_transactions(void **state)
{
	static const struct {
		const char *sql;
		enum wb_tx_mode tx;
		const char *kind;
		bool session;
	} cases[] = {
		{ "VACUUM", WB_TX_NEVER, "vacuum", false },
		{ "VACUUM INTO 'x'", WB_TX_NEVER, "vacuum", false },
		{ "PRAGMA journal_mode = WAL", WB_TX_OUTSIDE, "pragma", false },
		{ "PRAGMA synchronous = 1", WB_TX_NEVER, "pragma", true },
		{ "PRAGMA wal_checkpoint", WB_TX_NEVER, "pragma", false },
		{ "PRAGMA wal_checkpoint(TRUNCATE)", WB_TX_NEVER, "pragma", false },
		{ "PRAGMA foreign_keys = ON", WB_TX_OUTSIDE, "pragma", true },
		{ "PRAGMA foreign_keys(0)", WB_TX_OUTSIDE, "pragma", true },
		{ "PRAGMA foreign_keys", WB_TX_ANY, "pragma", false },
		{ "PRAGMA user_version = 4", WB_TX_ANY, "pragma", false },
		{ "PRAGMA table_info(t)", WB_TX_ANY, "pragma", false },
		{ "PRAGMA recursive_triggers = 1", WB_TX_ANY, "pragma", true },
		{ "PRAGMA \"case_sensitive_like\" = 1", WB_TX_ANY, "pragma", true },
		{ "PRAGMA unheard_of = 1", WB_TX_ANY, "pragma", true },
		{ "ATTACH ':memory:' AS x", WB_TX_NEVER, "attach", true },
		{ "DETACH DATABASE x", WB_TX_NEVER, "attach", true },
		{ "EXPLAIN PRAGMA foreign_keys = ON", WB_TX_ANY, "sql", true },
		{ "EXPLAIN QUERY PLAN SELECT 1", WB_TX_ANY, "sql", false },
		{ "CREATE TABLE t (a)", WB_TX_ANY, "sql", false },
		{ "ANALYZE", WB_TX_ANY, "sql", false },
	};
	struct place *p = *state;
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct wb_stmt_info info = look(cases[i].sql);

		assert_int_equal(info.tx, cases[i].tx);
		assert_string_equal(info.step_kind, cases[i].kind);
		assert_int_equal(info.changes_session, cases[i].session);
		exec(p->c, "BEGIN IMMEDIATE;CREATE TABLE made (a)");
		if (info.tx == WB_TX_NEVER && strcmp(info.command, "ATTACH") != 0)
			assert_int_not_equal(try_exec(p->c, cases[i].sql, &p->err), 0);
		else
			assert_ok(try_exec(p->c, cases[i].sql, &p->err), &p->err);
		assert_ok(wb_conn_rollback(p->c, &p->err), &p->err);
	}
}

static void test_control(void **state)
{
	static const struct {
		const char *sql;
		bool control;
	} cases[] = {
		{ "BEGIN", true },
		{ "begin immediate", true },
		{ "COMMIT", true },
		{ "END TRANSACTION", true },
		{ "ROLLBACK", true },
		{ "ROLLBACK TRANSACTION", true },
		{ "ROLLBACK TO s", false },
		{ "ROLLBACK TRANSACTION TO SAVEPOINT s", false },
		{ "SAVEPOINT s", false },
		{ "RELEASE s", false },
		{ "CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT 1; END", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(cases); i++)
		assert_int_equal(look(cases[i].sql).transaction_control, cases[i].control);
}

/* A library that has none of the standard's forms yet. */
#define OLD (sqlite3_libversion_number() < 3053000)

static void test_alters(void **state)
{
	static const char *const yes[] = { "ALTER TABLE a ADD b", "ALTER TABLE a ALTER b TYPE x",
					   "ALTER TABLE a DROP b" };

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(yes); i++)
		assert_true(look(yes[i]).alters);
	assert_false(look("ALTER TABLE a RENAME b TO c").alters);
	assert_false(look("DROP TABLE a").alters);
	assert_string_equal(look("ALTER TABLE a ADD b UNIQUE").step_kind, "rebuild");
	assert_non_null(look("ALTER TABLE a DROP b").remark);
	assert_null(look("ALTER TABLE a ADD b").remark);
}

static void test_rebuilds(void **state)
{
	const struct {
		const char *sql;
		bool rebuilds;
	} cases[] = {
		{ "DROP TABLE t", true },
		{ "DROP TABLE IF EXISTS t", true },
		{ "DROP VIEW t", false },
		{ "DROP INDEX t", false },
		{ "ALTER TABLE a RENAME TO b", true },
		{ "ALTER TABLE main.\"a\" RENAME TO b", true },
		{ "ALTER TABLE a RENAME COLUMN b TO c", false },
		{ "ALTER TABLE a RENAME b TO c", false },
		{ "ALTER TABLE a ADD COLUMN b", false },
		{ "ALTER TABLE a DROP COLUMN b", false },
		{ "ALTER TABLE a ADD b DEFAULT 'UNIQUE' CHECK (PRIMARY > (1))", false },
		{ "ALTER TABLE a ADD b INTEGER UNIQUE", true },
		{ "ALTER TABLE a ADD COLUMN b INTEGER PRIMARY KEY", true },
		{ "ALTER TABLE a ADD b DEFAULT (1)", true },
		{ "ALTER TABLE a ADD b DEFAULT current_timestamp", true },
		{ "ALTER TABLE a ADD b AS (1) STORED", true },
		{ "ALTER TABLE a ADD b AS (STORED)", false },
		{ "ALTER TABLE IF EXISTS a ALTER COLUMN b TYPE text", OLD },
		{ "ALTER TABLE a ALTER b SET NOT NULL", OLD },
		{ "ALTER TABLE a ADD CONSTRAINT b CHECK (c)", OLD },
		{ "ALTER TABLE a ADD UNIQUE (b)", OLD },
		{ "ALTER TABLE a DROP CONSTRAINT b", OLD },
		{ "PRAGMA foreign_keys = OFF", true },
		{ "PRAGMA foreign_keys=0", true },
		{ "PRAGMA foreign_keys(no)", true },
		{ "PRAGMA foreign_keys = 'false'", true },
		{ "PRAGMA [foreign_keys] = +0", true },
		{ "PRAGMA foreign_keys = ON", false },
		{ "PRAGMA foreign_keys = 1", false },
		{ "PRAGMA foreign_keys = \"yes\"", false },
		{ "PRAGMA foreign_keys", false },
		{ "PRAGMA recursive_triggers = OFF", false },
		{ "INSERT INTO t SELECT 'DROP TABLE x'", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(cases); i++)
		assert_int_equal(look(cases[i].sql).rebuilds_table, cases[i].rebuilds);
}

static void test_forbidden(void **state)
{
	(void)state;
	assert_non_null(look("PRAGMA query_only = ON").forbidden);
	assert_null(look("PRAGMA query_only").forbidden);
	assert_null(look("PRAGMA foreign_keys = ON").forbidden);
	assert_null(look("DROP TABLE t").forbidden);
}

int test_classify(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),     cmocka_unit_test(test_long_name), TEST_CONN(test_transactions),
		cmocka_unit_test(test_control),   cmocka_unit_test(test_alters),    cmocka_unit_test(test_rebuilds),
		cmocka_unit_test(test_forbidden),
	};

	return RUN_GROUP("classify");
}
