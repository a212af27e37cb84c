/* SPDX-License-Identifier: Apache-2.0
 *
 * Which declaration a remark `-- renamed from: OLD` belongs to, and which of the
 * remarks hold between two models.
 */
#include "tests.h"

#include "base/base.h"

/* ---- reading ------------------------------------------------------------------------- */

static void add_path(struct wb_str *out, const struct wb_path *path)
{
	for (int i = 0; i < path->n; i++)
		wb_str_addf(out, "%s%s", i ? "." : "", path->parts[i]);
}

/* "new<old new<old", "!line" for an error. */
static int describe(enum wb_dialect dialect, const char *text, struct wb_str *out, struct wb_error *err)
{
	struct wb_model *m = wb_model_new("sqlite", NULL);
	int rc = m ? wb_renames_read(m, dialect, wb_sv_str(text), "x.sql", err) : wb_err_nomem(err);

	if (rc == WB_EINPUT)
		wb_str_addf(out, "!%u", err->line);
	for (size_t i = 0; rc == 0 && i < m->renames.n; i++) {
		wb_str_add(out, i ? " " : "");
		add_path(out, &m->renames.v[i].path);
		wb_str_addc(out, '<');
		add_path(out, &m->renames.v[i].old);
	}
	wb_model_free(m);
	return rc;
}

static const struct {
	const char *text, *expected;
} texts[] = {
	{ "", "" },
	{ "CREATE TABLE a (b int); -- another remark", "" },
	{ "CREATE TABLE a (b int); -- renamed from: c", "a.b<c" },
	{ "CREATE TABLE a -- renamed from: c\n(b int);", "a<c" },
	{ "CREATE TABLE a ( -- renamed from: c\n  b int, -- Renamed From: d\n  e int /* renamed from: f */\n);",
	  "a<c a.b<d a.e<f" },
	{ "-- renamed from: c\nCREATE TABLE a (\n  -- renamed from: d\n  b int\n);", "a<c a.b<d" },
	{ "CREATE TABLE IF NOT EXISTS s.a (b numeric(3, 4) NOT NULL, -- renamed from: s.a.x\n c int);", "s.a.b<s.a.x" },
	{ "CREATE TABLE \"A a\" (B int); -- renamed from: C", "A a.b<c" },
	{ "CREATE TABLE a (b int, PRIMARY KEY (b), CONSTRAINT k CHECK (b > 0) -- renamed from: l\n);", "a.k<l" },
	{ "CREATE TABLE a (b int) PARTITION BY RANGE (b, c); -- renamed from: d", "a.b<d" },
	{ "CREATE UNIQUE INDEX i -- renamed from: j\nON a (b, c);", "i<j" },
	{ "CREATE OR REPLACE VIEW v /* renamed from: w */ AS SELECT 1;", "v<w" },
	{ "CREATE TYPE t AS (x int, -- renamed from: y\n z int);", "t.x<y" },
	{ "CREATE SCHEMA s; -- renamed from: r", "s<r" },
	{ "CREATE SCHEMA s -- renamed from: r", "s<r" },
	{ "ALTER TABLE a RENAME TO b; -- renamed from: a", "b<a" },
	{ "ALTER TABLE s.a RENAME TO b; -- renamed from: a", "s.b<a" },
	{ "ALTER TABLE a RENAME COLUMN b TO c; -- renamed from: b", "a.c<b" },
	{ "ALTER TABLE a RENAME b TO c; -- renamed from: b", "a.c<b" },
	{ "ALTER TABLE a RENAME CONSTRAINT b TO c; -- renamed from: b", "a.c<b" },
	{ "ALTER TABLE ONLY a ADD COLUMN IF NOT EXISTS b int, -- renamed from: c\n ADD CONSTRAINT d CHECK (true); -- "
	  "renamed from: e",
	  "a.b<c a.d<e" },
	{ "SELECT 1; -- renamed from: x", "!1" },
	{ "CREATE TABLE a (b int);\n\n-- renamed from: x\n", "!3" },
	{ "CREATE TABLE a (b int); -- renamed from:", "!1" },
	{ "CREATE TABLE a (b int); -- renamed from: x y", "!1" },
	{ "CREATE TABLE a (b int);\nSELECT 1; -- renamed from: x", "!2" },
	{ "SELECT '-- renamed from: x';", "" },
};

static void test_reads_remarks(void **state)
{
	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(texts); i++) {
		wb_autostr out = WB_STR_INIT;
		struct wb_error err = { 0 };
		int rc = describe(WB_DIALECT_POSTGRES, texts[i].text, &out, &err);
		if (rc != WB_EINPUT)
			assert_ok(rc, &err);
		assert_string_equal(out.p ? out.p : "", texts[i].expected);
	}
}

static void test_sqlite_keeps_case(void **state)
{
	wb_autostr out = WB_STR_INIT;
	struct wb_error err = { 0 };

	(void)state;
	assert_ok(describe(WB_DIALECT_SQLITE, "CREATE TABLE [a a] (`B\"` int, C int); -- renamed from: [x y]", &out,
			   &err),
		  &err);
	assert_string_equal(out.p, "a a.C<x y");
}

/* ---- what holds ---------------------------------------------------------------------------- */

static const struct spec from_specs[] = {
	{ .kind = WB_KIND_TABLE, .name = "users" },
	{ .kind = WB_KIND_COLUMN, .parent = "users", .name = "name" },
	{ .kind = WB_KIND_COLUMN, .parent = "users", .name = "mail" },
	{ .kind = WB_KIND_TABLE, .name = "other" },
};
static const struct spec to_specs[] = {
	{ .kind = WB_KIND_TABLE, .name = "customers" },
	{ .kind = WB_KIND_COLUMN, .parent = "customers", .name = "full_name" },
	{ .kind = WB_KIND_COLUMN, .parent = "customers", .name = "mail" },
	{ .kind = WB_KIND_TABLE, .name = "other" },
};

static int steps_between(const char *remarks, bool back, struct wb_str *out, struct wb_error *err)
{
	struct wb_model *from = MODEL("sqlite", from_specs), *to = MODEL("sqlite", to_specs);
	struct wb_rename_steps steps = { 0 };
	int rc = from && to ? wb_renames_read(to, WB_DIALECT_SQLITE, wb_sv_str(remarks), "x.sql", err)
			    : wb_err_nomem(err);

	if (rc == 0)
		rc = wb_schema_renames(back ? to : from, back ? from : to, &steps, err);
	for (size_t i = 0; rc == 0 && i < steps.n; i++)
		wb_str_add(out, steps.v[i].sql);
	wb_rename_steps_done(&steps);
	wb_model_free(from);
	wb_model_free(to);
	return rc;
}

static void assert_steps(const char *remarks, bool back, const char *expected)
{
	wb_autostr out = WB_STR_INIT;
	struct wb_error err = { 0 };

	assert_ok(steps_between(remarks, back, &out, &err), &err);
	assert_string_equal(out.p ? out.p : "", expected);
}

static char both[] = "CREATE TABLE customers ( -- renamed from: users\n"
		     "full_name text, -- renamed from: name\nmail text);";

static void test_owners_come_first(void **state)
{
	(void)state;
	assert_steps(both, false,
		     "ALTER TABLE \"users\" RENAME TO \"customers\";\n"
		     "ALTER TABLE \"customers\" RENAME COLUMN \"name\" TO \"full_name\";\n");
	assert_steps(both, true,
		     "ALTER TABLE \"customers\" RENAME TO \"users\";\n"
		     "ALTER TABLE \"users\" RENAME COLUMN \"full_name\" TO \"name\";\n");
}

static void test_what_does_not_fit_is_left(void **state)
{
	(void)state;
	/* There is no such table; the old one is still wanted; the new one is there already. */
	assert_steps("CREATE TABLE customers (x int); -- renamed from: nothing", false, "");
	assert_steps("CREATE TABLE customers -- renamed from: other\n(x int);", false, "");
	assert_steps("CREATE TABLE other -- renamed from: users\n(x int);", false, "");
	/* A column is no table. */
	assert_steps("CREATE TABLE customers (users int); -- renamed from: users", false, "");
}

static void test_follows_names_from_one_to_the_next(void **state)
{
	(void)state;
	assert_steps("ALTER TABLE users RENAME TO clients; -- renamed from: users\n"
		     "ALTER TABLE clients RENAME TO customers; -- renamed from: clients",
		     false, "ALTER TABLE \"users\" RENAME TO \"customers\";\n");
	/* A ring ends. */
	assert_steps("ALTER TABLE a RENAME TO b; -- renamed from: a\nALTER TABLE b RENAME TO a; -- renamed from: b\n"
		     "ALTER TABLE a RENAME TO customers; -- renamed from: a",
		     false, "");
}

static void test_refuses_a_move(void **state)
{
	wb_autostr out = WB_STR_INIT;
	struct wb_error err = { 0 };

	(void)state;
	assert_int_equal(steps_between("CREATE TABLE customers ( -- renamed from: users\n"
				       "full_name text); -- renamed from: other.name",
				       false, &out, &err),
			 WB_EINPUT);
	assert_non_null(strstr(err.message, "customers.full_name"));
}

static int steps_life(void *user)
{
	wb_autostr out = WB_STR_INIT;
	int rc = steps_between(user, false, &out, NULL);

	return rc == 0 && out.failed ? WB_ENOMEM : rc;
}

static void test_without_memory(void **state)
{
	(void)state;
	assert_true(wb_oom_run(steps_life, both) > 10);
}

int test_rename(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_remarks),
		cmocka_unit_test(test_sqlite_keeps_case),
		cmocka_unit_test(test_owners_come_first),
		cmocka_unit_test(test_what_does_not_fit_is_left),
		cmocka_unit_test(test_follows_names_from_one_to_the_next),
		cmocka_unit_test(test_refuses_a_move),
		cmocka_unit_test(test_without_memory),
	};

	return RUN_GROUP("renames");
}
