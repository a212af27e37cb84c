/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements tried on a mock: of a live database, whose schema alone it takes; of
 * nothing; with marks to go back to; with very many objects; without memory. What
 * sqlite3 says of which statement is in tests/operations/mock.py.
 */
#include "tests.h"

#include "base/banned.h"

static enum wb_verdict verdict(struct wb_mock *m, const char *sql, struct wb_tried *ret_tried)
{
	static struct wb_arena a;
	struct wb_operations ops = { 0 };
	struct wb_tried t;
	struct wb_error err = { 0 };

	wb_arena_done(&a);
	assert_ok(wb_driver_operations(wb_sqlite_driver(), wb_sv_str(sql), &a, &ops, &err), &err);
	assert_ok(wb_mock_try(m, wb_sv_str(sql), &a, &ops, &t, &err), &err);
	if (ret_tried)
		*ret_tried = t;
	else
		wb_arena_done(&a);
	return t.verdict;
}

static void of_a_database(void **state)
{
	struct place *p = *state;
	struct wb_mock *m = NULL;
	struct wb_tried t;

	exec(p->c,
	     "CREATE TABLE t (a, b CHECK (b > 0)); CREATE VIEW v AS SELECT a FROM t; INSERT INTO t VALUES (1, 2)");
	exec(p->c, "CREATE TABLE \"T two\" (x UNIQUE); CREATE INDEX t_b ON t (b)");
	assert_ok(wb_mock_open(p->c->driver, p->c, &m, &p->err), &p->err);
	assert_true(m->exact);
	assert_int_equal(verdict(m, "SELECT a, b FROM T", NULL), WB_TAKEN);
	assert_int_equal(verdict(m, "SELECT c FROM t", NULL), WB_REFUSED);
	assert_int_equal(verdict(m, "SELECT b FROM v", NULL), WB_REFUSED);
	assert_int_equal(verdict(m, "SELECT x FROM [t TWO]", NULL), WB_TAKEN);
	assert_int_equal(verdict(m, "DROP INDEX t_b", NULL), WB_TAKEN);
	assert_int_equal(verdict(m, "DROP INDEX t_b", NULL), WB_REFUSED);
	assert_int_equal(verdict(m, "ALTER TABLE missing ALTER COLUMN a SET NOT NULL", &t), WB_REFUSED);
	assert_string_equal(t.message, "no such table: missing");
	assert_int_equal(t.offset, 12);
	assert_int_equal(verdict(m, "ALTER TABLE IF EXISTS missing ALTER COLUMN a SET NOT NULL", NULL), WB_TAKEN);
	assert_int_equal(verdict(m, "ALTER TABLE t RENAME COLUMN a TO c", NULL), WB_TAKEN);
	assert_int_equal(verdict(m, "SELECT c FROM v", NULL), WB_TAKEN);
	assert_int_equal(verdict(m, "SELECT a FROM v", NULL), WB_REFUSED);
	assert_int_equal(verdict(m, "DELETE FROM t", &t), WB_TAKEN);
	assert_int_equal(t.n_notes, 1);
	wb_mock_close(m);
	assert_string_equal(value(p->c, "SELECT count(*) FROM t"), "1");
	assert_string_equal(value(p->c, "SELECT count(*) FROM pragma_index_list('t')"), "1");
}

static void marks(void **state)
{
	struct wb_mock *m = NULL;
	struct wb_error err = { 0 };

	(void)state;
	assert_ok(wb_mock_open(wb_sqlite_driver(), NULL, &m, &err), &err);
	assert_false(m->exact);
	assert_int_equal(verdict(m, "CREATE TABLE t (a)", NULL), WB_TAKEN);
	for (int i = 0; i < 3; i++) {
		assert_ok(wb_mock_mark(m, false, &err), &err);
		assert_int_equal(verdict(m, "DROP TABLE t", NULL), WB_TAKEN);
		assert_int_equal(verdict(m, "CREATE TABLE t (b)", NULL), WB_TAKEN);
		assert_int_equal(verdict(m, "SELECT a FROM t", NULL), WB_REFUSED);
		assert_ok(wb_mock_mark(m, true, &err), &err);
		assert_int_equal(verdict(m, "SELECT a FROM t", NULL), WB_TAKEN);
		assert_int_equal(verdict(m, "SELECT b FROM t", NULL), WB_REFUSED);
	}
	wb_mock_close(m);
}

static void very_many(void **state)
{
	struct place *p = *state;
	struct wb_mock *m = NULL;
	char sql[5][80];

	assert_ok(wb_mock_open(p->c->driver, p->c, &m, &p->err), &p->err);
	for (int i = 0; i < 200; i++) {
		(void)snprintf(sql[0], sizeof(sql[0]), "CREATE TABLE t%d (id INTEGER PRIMARY KEY, c%d TEXT)", i, i);
		(void)snprintf(sql[1], sizeof(sql[1]), "CREATE INDEX i%d ON t%d (c%d)", i, i, i);
		(void)snprintf(sql[2], sizeof(sql[2]), "ALTER TABLE t%d ADD COLUMN d%d", i, i);
		(void)snprintf(sql[3], sizeof(sql[3]), "INSERT INTO t%d (c%d, d%d) VALUES (1, 2)", i, i, i);
		(void)snprintf(sql[4], sizeof(sql[4]), "UPDATE t%d SET c%d = 1", i, i);
		for (size_t k = 0; k < WB_ARRAY_LEN(sql); k++)
			if (verdict(m, sql[k], NULL) != WB_TAKEN)
				fail_msg("%s", sql[k]);
	}
	assert_int_equal(verdict(m, "SELECT c7, d7 FROM t7", NULL), WB_TAKEN);
	assert_int_equal(verdict(m, "SELECT c8, d7 FROM t7", NULL), WB_REFUSED);
	assert_int_equal(verdict(m, "UPDATE t9 SET c8 = 1", NULL), WB_REFUSED);
	assert_int_equal(verdict(m, "CREATE INDEX i9 ON t9 (c9)", NULL), WB_REFUSED);
	assert_int_equal(verdict(m, "INSERT INTO t9 (c9, d8) VALUES (1, 2)", NULL), WB_REFUSED);
	wb_mock_close(m);
}

static int try_some(void *user)
{
	static const char *const texts[] = {
		"CREATE TABLE t (a, b)",
		"CREATE TRIGGER g AFTER DELETE ON t BEGIN INSERT INTO u VALUES (f(old.a)); END",
		"ALTER TABLE t ALTER COLUMN a SET NOT NULL",
		"DELETE FROM t",
		"INSERT INTO t (c) VALUES (1)",
		"ALTER TABLE u RENAME TO w",
		"CREATE TABEL x (a)",
	};
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_mock *m = NULL;
	struct wb_operations ops = { 0 };
	struct wb_tried t;
	int rc = wb_mock_open(wb_sqlite_driver(), NULL, &m, NULL);

	(void)user;
	for (size_t i = 0; rc == 0 && i < WB_ARRAY_LEN(texts); i++) {
		if (i == 3)
			rc = wb_mock_mark(m, false, NULL);
		if (rc == 0)
			rc = wb_driver_operations(wb_sqlite_driver(), wb_sv_str(texts[i]), &a, &ops, NULL);
		if (rc == 0)
			rc = wb_mock_try(m, wb_sv_str(texts[i]), &a, &ops, &t, NULL);
	}
	wb_mock_close(m);
	return rc;
}

static void without_memory(void **state)
{
	(void)state;
	assert_true(wb_oom_run(try_some, NULL) > 20);
}

static void none(void **state)
{
	static const struct wb_driver silent = { .name = "silent" };
	struct wb_operations ops = { 0 };
	struct wb_mock *m = NULL;
	struct wb_tried t;

	(void)state;
	assert_int_equal(wb_mock_open(&silent, NULL, &m, NULL), 0);
	assert_null(m);
	assert_int_equal(wb_mock_try(m, WB_SV("x"), NULL, &ops, &t, NULL), 0);
	assert_int_equal(t.verdict, WB_DOUBTFUL);
	assert_int_equal(wb_mock_mark(m, false, NULL), 0);
	wb_mock_close(m);
}

int test_mock(void)
{
	const struct CMUnitTest tests[] = {
		TEST_CONN(of_a_database),         TEST_CONN(very_many),   cmocka_unit_test(marks),
		cmocka_unit_test(without_memory), cmocka_unit_test(none),
	};

	return cmocka_run_group_tests_name("driver: mock", tests, NULL, NULL);
}
