/* SPDX-License-Identifier: Apache-2.0
 *
 * A database written as SQL: what the text holds, that it makes the same
 * database again, and that a text which cannot be had is no half one.
 */
#include "tests.h"

#include "base/base.h"

struct text {
	struct wb_str s;
	int fail_after; /* that many pieces are taken; 0: all */
	int pieces;
};

static int take(void *user, const char *p, size_t n, struct wb_error *err)
{
	struct text *t = user;

	if (t->fail_after && ++t->pieces >= t->fail_after)
		return wb_err_set(err, WB_EDISKFULL, "no room");
	wb_str_addn(&t->s, p, n);
	return t->s.failed ? wb_err_nomem(err) : 0;
}

static int write_it(struct wb_conn *c, struct text *t, struct wb_error *err)
{
	struct wb_scripting how = { .out = take, .user = t };

	return wb_conn_script(c, &how, err);
}

/* Runs the text on another database and writes that one. */
static void assert_makes_the_same(struct place *p, const struct text *t)
{
	struct text again = { .s = WB_STR_INIT };
	struct wb_open_options o = p->o;
	struct wb_url url = p->url;
	struct wb_conn *other;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(p->other, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "PRAGMA foreign_keys = ON; BEGIN", NULL, NULL, NULL), SQLITE_OK);
	if (sqlite3_exec(db, t->s.p, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s\n%s", sqlite3_errmsg(db), t->s.p);
	assert_int_equal(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	url.database = p->other;
	o.url = &url;
	other = open_again(p, &o);
	assert_ok(write_it(other, &again, &p->err), &p->err);
	assert_string_equal(t->s.p, again.s.p);
	wb_conn_close(other);
	wb_str_done(&again.s);
}

static void expect(const struct text *t, const char *part)
{
	if (!strstr(t->s.p, part))
		fail_msg("no \"%s\" in:\n%s", part, t->s.p);
}

static void lacks(const struct text *t, const char *part)
{
	if (strstr(t->s.p, part))
		fail_msg("\"%s\" in:\n%s", part, t->s.p);
}

static const char *const objects[] = {
	"CREATE TABLE c (id INTEGER PRIMARY KEY AUTOINCREMENT, p REFERENCES p (k), g AS (id + 1)) /* no -- comment */",
	"CREATE TABLE p (k TEXT UNIQUE, v)",
	"CREATE TABLE \"odd \"\" name\" (\"a column\" INTEGER)",
	"CREATE TABLE w (a PRIMARY KEY, b) WITHOUT ROWID",
	"CREATE TABLE covered (a, b)",
	"CREATE INDEX covered_all ON covered (b, a)",
	"CREATE VIEW seen AS SELECT k FROM p -- of p",
	"CREATE TRIGGER twice AFTER INSERT ON p BEGIN INSERT INTO c (p) VALUES (new.k); END",
	"CREATE TABLE whimbrel_meta (format)",
	"CREATE TABLE whimbrel_mine (a)",
	"CREATE VIRTUAL TABLE words USING fts5(t, content = 'docs', content_rowid = 'id')",
	"CREATE VIRTUAL TABLE loose USING fts5(content, t)",
	"CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1)",
	"CREATE TABLE docs (id INTEGER PRIMARY KEY, t)",
	"INSERT INTO docs VALUES (5, 'five')",
	"INSERT INTO loose (rowid, t) VALUES (8, 'eight')",
	"INSERT INTO boxes VALUES (3, 1.5, 2.5)",
	"INSERT INTO w VALUES (2, 'b'), (1, 'a')",
	"INSERT INTO covered VALUES (1, 'z'), (2, 'a')",
	"PRAGMA user_version = -3",
	"PRAGMA application_id = 9",
};

static const char *const values[] = {
	"NULL",
	"1",
	"-9223372036854775807 - 1",
	"1.0",
	"0.1",
	"1.0000000000000002",
	"5e-324",
	"1.7976931348623157e308",
	"9e999",
	"-9e999",
	"'it''s'",
	"''",
	"x''",
	"x'00ff'",
	"'a' || char(0) || 'b'",
	"'a' || char(13, 10)",
	"CAST(x'c328' AS TEXT)",
	"CAST(x'e282' AS TEXT)",
	"'1'",
	"'schön €𝄞'",
	"'-- migrate:down' || char(10) || ';'",
};

static void fill(struct place *p)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(objects); i++)
		assert_ok(try_exec(p->c, objects[i], &p->err), &p->err);
	for (size_t i = 0; i < WB_ARRAY_LEN(values); i++) {
		char sql[200];

		(void)snprintf(sql, sizeof(sql), "INSERT INTO p VALUES ('k%zu', %s)", i, values[i]);
		assert_ok(try_exec(p->c, sql, &p->err), &p->err);
	}
	exec(p->c, "DELETE FROM c WHERE id > 5;ANALYZE");
}

static void test_everything(void **state)
{
	struct place *p = *state;
	struct text t = { .s = WB_STR_INIT };

	fill(p);
	assert_ok(write_it(p->c, &t, &p->err), &p->err);
	expect(&t, "VALUES ('k0', NULL);");
	expect(&t, "VALUES ('k2', -9223372036854775808);");
	expect(&t, "VALUES ('k3', 1.0);");
	expect(&t, "VALUES ('k8', 9e999);");
	expect(&t, "VALUES ('k10', 'it''s');");
	expect(&t, "VALUES ('k14', CAST(x'610062' AS TEXT));");
	expect(&t, "VALUES ('k15', CAST(x'610d0a' AS TEXT));");
	expect(&t, "VALUES ('k16', CAST(x'c328' AS TEXT));");
	expect(&t, "VALUES ('k17', CAST(x'e282' AS TEXT));");
	expect(&t, "VALUES ('k19', 'schön €𝄞');");
	expect(&t, "INSERT INTO \"covered\" (\"a\", \"b\") VALUES (1, 'z');\nINSERT INTO \"covered\" (\"a\", \"b\") "
		   "VALUES (2,");
	expect(&t, "INSERT INTO \"loose\" (rowid, \"content\", \"t\") VALUES (8, NULL, 'eight');");
	expect(&t, "INSERT INTO \"words\" (\"words\") VALUES ('rebuild');");
	expect(&t, "VALUES ('c', 21);");
	expect(&t, "INSERT INTO \"sqlite_stat1\"");
	expect(&t, "PRAGMA user_version = -3;");
	expect(&t, "CREATE TABLE whimbrel_mine");
	lacks(&t, "whimbrel_meta");
	lacks(&t, "\"g\"");
	lacks(&t, "\"words_data\"");
	assert_makes_the_same(p, &t);
	assert_false(p->c->in_transaction);
	wb_str_done(&t.s);
}

static void test_empty(void **state)
{
	struct place *p = *state;
	struct text t = { .s = WB_STR_INIT };

	assert_ok(write_it(p->c, &t, &p->err), &p->err);
	assert_string_equal(t.s.p, "PRAGMA defer_foreign_keys = ON;\n");
	assert_makes_the_same(p, &t);
	wb_str_done(&t.s);
}

static void test_many_columns(void **state)
{
	struct place *p = *state;
	struct text t = { .s = WB_STR_INIT };
	wb_autostr sql = WB_STR_INIT;

	wb_str_add(&sql, "CREATE TABLE wide (c0");
	for (int i = 1; i < 1500; i++)
		wb_str_addf(&sql, ", c%d DEFAULT %d", i, i);
	wb_str_add(&sql, ")");
	exec(p->c, sql.p);
	exec(p->c, "INSERT INTO wide (c0) VALUES (7)");
	assert_ok(write_it(p->c, &t, &p->err), &p->err);
	expect(&t, ", 1498, 1499);");
	assert_makes_the_same(p, &t);
	wb_str_done(&t.s);
}

static void test_failing_output(void **state)
{
	struct place *p = *state;
	struct text t = { .s = WB_STR_INIT, .fail_after = 2 };

	exec(p->c, "CREATE TABLE t (a);INSERT INTO t SELECT hex(randomblob(500)) FROM (WITH RECURSIVE n(i) AS (SELECT "
		   "1 UNION "
		   "ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n)");
	assert_int_equal(write_it(p->c, &t, &p->err), WB_EDISKFULL);
	assert_int_equal(t.pieces, 2);
	assert_false(p->c->in_transaction);
	t.fail_after = 0;
	wb_str_clear(&t.s);
	assert_ok(write_it(p->c, &t, &p->err), &p->err);
	assert_makes_the_same(p, &t);
	wb_str_done(&t.s);
}

static int write_life(void *user)
{
	struct place *p = user;
	struct text t = { .s = WB_STR_INIT };
	int rc = write_it(p->c, &t, NULL);

	wb_str_done(&t.s);
	return rc;
}

static void test_memory(void **state)
{
	struct place *p = *state;

	fill(p);
	assert_true(wb_oom_run(write_life, p) > 20);
}

int test_scripting(void)
{
	static const struct CMUnitTest tests[] = {
		TEST_CONN(test_everything),     TEST_CONN(test_empty),  TEST_CONN(test_many_columns),
		TEST_CONN(test_failing_output), TEST_CONN(test_memory),
	};

	return RUN_GROUP("scripting");
}
