/* SPDX-License-Identifier: Apache-2.0
 *
 * Probing after a crash, and the syntax of statements.
 */
#include "tests.h"

static void test_probes(void **state)
{
	static const struct {
		const char *sql;
		enum wb_probe probe;
	} cases[] = {
		{ "VACUUM", WB_PROBE_REPEAT },
		{ "vacuum main", WB_PROBE_REPEAT },
		{ "VACUUM INTO 'copy.db'", WB_PROBE_UNKNOWN },
		{ "PRAGMA journal_mode = WAL", WB_PROBE_REPEAT },
		{ "ATTACH 'x' AS y", WB_PROBE_NOT_DONE },
		{ "DETACH y", WB_PROBE_REPEAT },
		{ "REINDEX", WB_PROBE_REPEAT },
		{ "INSERT INTO t VALUES (1)", WB_PROBE_UNKNOWN },
		{ "", WB_PROBE_UNKNOWN },
	};
	struct place *p = *state;
	wb_autoarena a = WB_ARENA_INIT;
	const char *memo = "x";
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		enum wb_probe probe = WB_PROBE_HALF;
		const char *why = NULL;

		assert_ok(wb_conn_probe_prepare(p->c, &a, wb_sv_str(cases[i].sql), &memo, &p->err), &p->err);
		assert_null(memo);
		assert_ok(wb_conn_probe(p->c, &a, wb_sv_str(cases[i].sql), memo, &probe, &why, &p->err), &p->err);
		assert_int_equal(probe, cases[i].probe);
		assert_int_equal(why != NULL, probe == WB_PROBE_UNKNOWN);
	}
	assert_int_equal(wb_conn_undo_half(p->c, WB_SV("VACUUM"), NULL, &p->err), WB_EUNSUPPORTED);
}

struct syntax {
	const char *sql;
	int rc;
	size_t offset;
};

static const struct syntax syntaxes[] = {
	{ "SELECT 1", 0, 0 },
	{ "SELECT * FROM missing WHERE nosuch = 1", 0, 0 },
	{ "ALTER TABLE missing ADD COLUMN x", 0, 0 },
	{ "INSERT INTO missing (a) VALUES (:p)", 0, 0 },
	{ "CREATE TRIGGER t AFTER INSERT ON missing BEGIN SELECT 1; END", 0, 0 },
	{ "SELECT nosuchfunction(1)", 0, 0 },
	{ "DROP TABLE missing", 0, 0 },
	{ "PRAGMA foreign_keys = ON", 0, 0 },
	{ "", 0, 0 },
	{ "SELEC 1", WB_EINPUT, 0 },
	{ "SELECT * FORM t", WB_EINPUT, 9 },
	{ "CREATE TABLE t (a INTEGER, PRIMARY)", WB_EINPUT, 34 },
	{ "CREATE TABLE present (a INTEGER,, b)", WB_EINPUT, 32 },
	{ "INSERT INTO t VALUES (1", WB_EINPUT, 23 },
	{ "SELECT 'a' WHERE #", WB_EINPUT, 17 },
	{ "CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT 1; ", WB_EINPUT, 51 },
	{ "CREATE TRIGGER t AFTER INSERT OR UPDATE ON x BEGIN SELECT 1; END", WB_EINPUT, 30 },
	{ "CREATE TRIGGER t AFTER INSERT ON x BEGIN INSERT INTO y VALUES (1; END", WB_EINPUT, 64 },
	{ "ALTER TABLE missing ADD COLUMN b DEFAULT", WB_EINPUT, 40 },
	{ "ALTER TABLE main.\"a \"\"b\" RENAME COLUMN x y", WB_EINPUT, 41 },
	{ "SELECT * FROM a, b, c, d, e, f, g, h, i, j WHERE", WB_EINPUT, 48 },
	{ "SELECT * FROM a, b, c, d, e, f, g, h, i, j, k, l", 0, 0 },
	{ "PRAGMA = 1", WB_EINPUT, 7 },
	{ "ALTER TABLE missing ALTER COLUMN x TYPE varchar(10) COLLATE nocase", 0, 0 },
	{ "ALTER TABLE missing ALTER x SET DATA TYPE text, ALTER y SET DEFAULT (1 + 2)", 0, 0 },
	{ "ALTER TABLE missing ADD CONSTRAINT k CHECK (a > 0), DROP CONSTRAINT IF EXISTS j", 0, 0 },
	{ "ALTER TABLE missing ADD COLUMN IF NOT EXISTS x", 0, 0 },
	{ "ALTER TABLE missing ALTER x SET NOT", WB_EINPUT, 35 },
	{ "ALTER TABLE missing ALTER x SET NUL", WB_EINPUT, 32 },
	{ "ALTER TABLE missing ALTER x TYPE", WB_EINPUT, 32 },
	{ "ALTER TABLE missing ALTER x TYPE text USING x", WB_EINPUT, 38 },
	{ "ALTER TABLE missing DROP CONSTRAINT k CASCADE", WB_EINPUT, 38 },
	{ "ALTER TABLE missing ADD CONSTRAINT k", WB_EINPUT, 36 },
	{ "ALTER TABLE missing ADD CHECK (a >)", WB_EINPUT, SIZE_MAX },
	{ "ALTER TABLE missing ALTER x SET DEFAULT (1 +)", WB_EINPUT, SIZE_MAX },
};

static void check_all(struct place *p, struct wb_conn *c)
{
	size_t i, offset;

	for (i = 0; i < WB_ARRAY_LEN(syntaxes); i++) {
		int rc;

		offset = 0;
		rc = wb_conn_syntax(wb_sqlite_driver(), c, wb_sv_str(syntaxes[i].sql), &offset, &p->err);
		if (rc != syntaxes[i].rc || (rc && offset != syntaxes[i].offset))
			print_error("%s: %s at %zu, expected %s at %zu\n", syntaxes[i].sql, wb_code_name(rc), offset,
				    wb_code_name(syntaxes[i].rc), syntaxes[i].offset);
		assert_int_equal(rc, syntaxes[i].rc);
		if (rc)
			assert_int_equal(offset, syntaxes[i].offset);
	}
}

static void test_syntax_alone(void **state)
{
	check_all(*state, NULL);
}

static void test_syntax_connected(void **state)
{
	struct place *p = *state;
	size_t offset = 0;

	exec(p->c, "CREATE TABLE present (a)");
	check_all(p, p->c);
	check_all(p, p->c); /* nothing is left of the first time */
	/* Looking changes nothing, here and in the process. */
	assert_ok(wb_conn_syntax(p->c->driver, p->c, WB_SV("PRAGMA hard_heap_limit = 1"), &offset, &p->err), &p->err);
	assert_value(p->c, "PRAGMA hard_heap_limit", "0");
	assert_value(p->c, "PRAGMA foreign_keys", "0");
	assert_value(p->c, "SELECT count(*) FROM sqlite_master", "1");
}

int test_probe(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_CONN(test_probes),
		TEST(test_syntax_alone),
		TEST_CONN(test_syntax_connected),
	};

	return RUN_GROUP("probe");
}
