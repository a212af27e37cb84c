/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts with holes: each kind of hole and bracket, faults of a table, and what
 * SQLite's table makes of objects.
 */
#include "tests.h"

#include "base/base.h"

/* ---- a table of our own --------------------------------------------------------------- */

static const struct spec specs[] = {
	{ .kind = WB_KIND_VIEW,
	  .schema = "s",
	  .parent = "p",
	  .name = "n\"n",
	  .attrs = { "a", "one", "quote", "it's", "lines", "x\ny", "odd", "{name} [x]", "options", "a='1, 2', b='2'",
		     "words", "\"a b\" c\nc d" } },
};

static int fill(const char *text, struct wb_str *out, struct wb_error *err)
{
	const struct wb_ddl_kind kind = { .kind = WB_KIND_VIEW, .create = text };
	const struct wb_ddl d = { .engine = "x", .dialect = WB_DIALECT_POSTGRES, .kinds = &kind, .n_kinds = 1 };
	struct wb_model *m = MODEL("x", specs);
	int rc = m ? wb_ddl_create(&d, m, m->v[0], out, err) : WB_ENOMEM;

	wb_model_free(m);
	return rc;
}

static void test_holes(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "plain", "plain" },
		{ "{name} {ident}", "\"s\".\"n\"\"n\" \"n\"\"n\"" },
		{ "{schema} {parent}", "\"s\" \"s\".\"p\"" },
		{ "{a}{a}", "oneone" },
		{ "{quote} {quote'}", "it's 'it''s'" },
		{ "{odd}", "{name} [x]" },
		{ "x[ y {a}]z", "x y onez" },
		{ "x[ y {b}]z", "xz" },
		{ "x[ y {a} {b} {a}]z", "xz" },
		{ "[?a yes][?b no]", "yes" },
		{ "[!a no][!b yes]", "yes" },
		{ "[?a  blank]", " blank" },
		{ "[?a]", "" },
		{ "[?a 1[?b 2[?a 3]]4]", "14" },
		{ "[?a 1[ {b}]4]", "14" },
		{ "[1[2{b}3]4]", "14" },
		{ "[?b [{a}]]x", "x" },
		{ "[*lines <{*}>]", "<x><y>" },
		{ "[*lines <{*}{b}>]", "" },
		{ "[*b <{*}>]", "" },
		{ "[*lines [*lines {*}]-]", "xy-xy-" },
		{ "[{*}]", "" },
		{ "({options#})", "(a, b)" },
		{ "[%options <{*}>]", "<a='1, 2'><b='2'>" },
		{ "[*words <{*1}>]", "<\"a b\"><c>" },
		{ "[- x][+ y][?before.a z]", "" },
		{ "{parts}", "" },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		wb_autostr out = WB_STR_INIT;
		struct wb_error err = { 0 };

		assert_ok(fill(cases[i][0], &out, &err), &err);
		if (strcmp(out.p, cases[i][1]) != 0)
			print_error("of %s\n", cases[i][0]);
		assert_string_equal(out.p, cases[i][1]);
	}
}

static void test_faults(void **state)
{
	static const char *const cases[][2] = {
		{ "{b}", "b" }, { "x {new} y", "new" }, { "{*}", "*" }, { "[{b}]{c}", "c" }, { "{schema}{b'}", "b'" },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		wb_autostr out = WB_STR_INIT, expected = WB_STR_INIT;
		struct wb_error err = { 0 };

		wb_str_addf(&expected, "DDL of a view has a hole that nothing fills: %s", cases[i][1]);
		assert_int_equal(fill(cases[i][0], &out, &err), WB_EBUG);
		assert_string_equal(err.message, expected.p);
	}
}

static void test_unknown(void **state)
{
	static const struct spec casts[] = { { .kind = WB_KIND_CAST, .name = "c" } };
	struct wb_model *m = MODEL("sqlite", casts);
	wb_autostr out = WB_STR_INIT;
	struct wb_error err = { 0 };

	(void)state;
	assert_null(wb_ddl_find("oracle"));
	assert_ptr_equal(wb_ddl_find("sqlite"), &wb_ddl_sqlite);
	assert_ptr_equal(wb_ddl_find("postgresql"), &wb_ddl_postgres);
	assert_ok(wb_ddl_create(&wb_ddl_sqlite, m, m->v[0], &out, &err), &err);
	assert_ok(wb_ddl_drop(&wb_ddl_sqlite, m, m->v[0], &out, &err), &err);
	assert_string_equal(out.p, "");
	wb_model_free(m);
}

/* ---- SQLite's --------------------------------------------------------------------------- */

static const struct spec sqlite[] = {
	{ .kind = WB_KIND_TABLE, .name = "t", .attrs = { "strict", "true", "without_rowid", "true" } },
	{ .kind = WB_KIND_COLUMN, .parent = "t", .name = "z", .attrs = { "position", "2", "type", "TEXT" } },
	{ .kind = WB_KIND_COLUMN, .parent = "t", .name = "y", .attrs = { "position", "10" } },
	{ .kind = WB_KIND_COLUMN,
	  .parent = "t",
	  .name = "a",
	  .attrs = { "position", "1", "type", "INT", "not_null", "true", "not_null_conflict", "FAIL", "default", "'x'",
		     "collate", "NOCASE" } },
	{ .kind = WB_KIND_COLUMN,
	  .parent = "t",
	  .name = "g",
	  .attrs = { "position", "3", "generated", "a + 1", "stored", "true" } },
	{ .kind = WB_KIND_CONSTRAINT,
	  .parent = "t",
	  .name = "ck",
	  .attrs = { "sql_name", "\"ck\"", "type", "CHECK", "expression", "a > 1" } },
	{ .kind = WB_KIND_CONSTRAINT,
	  .parent = "t",
	  .name = "PRIMARY KEY",
	  .attrs = { "type", "PRIMARY KEY", "columns", "a", "on_conflict", "FAIL" } },
	{ .kind = WB_KIND_INDEX,
	  .parent = "t",
	  .name = "i",
	  .attrs = { "unique", "true", "columns", "a", "where", "a > 1" } },
	{ .kind = WB_KIND_TABLE, .name = "odd", .attrs = { "definition", "CREATE TABLE odd(a) FUNNY" } },
};

static void assert_ddl(const struct wb_model *m, enum wb_kind kind, const char *parent, const char *name,
		       int (*ddl)(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o,
				  struct wb_str *out, struct wb_error *err),
		       const char *expected)
{
	wb_autostr out = WB_STR_INIT;
	struct wb_error err = { 0 };

	assert_ok(ddl(wb_ddl_find(m->engine), m, wb_model_find(m, kind, NULL, parent, name), &out, &err), &err);
	assert_string_equal(out.p, expected);
}

static void test_sqlite(void **state)
{
	struct wb_model *m = MODEL("sqlite", sqlite);

	(void)state;
	assert_ddl(m, WB_KIND_TABLE, NULL, "t", wb_ddl_create,
		   "CREATE TABLE \"t\" (\n\t\"a\" INT NOT NULL ON CONFLICT FAIL DEFAULT 'x' COLLATE NOCASE,\n\t\"z\" "
		   "TEXT,\n\t\"g\" GENERATED ALWAYS AS (a + 1) STORED,\n\t\"y\",\n\tPRIMARY KEY (a) ON CONFLICT "
		   "FAIL,\n\tCONSTRAINT \"ck\" CHECK (a > 1)\n) WITHOUT ROWID, STRICT;\n");
	assert_ddl(m, WB_KIND_TABLE, NULL, "odd", wb_ddl_create, "CREATE TABLE odd(a) FUNNY;\n");
	assert_ddl(m, WB_KIND_COLUMN, "t", "z", wb_ddl_create, "");
	assert_ddl(m, WB_KIND_COLUMN, "t", "z", wb_ddl_add, "ALTER TABLE \"t\" ADD COLUMN \"z\" TEXT;\n");
	assert_ddl(m, WB_KIND_COLUMN, "t", "z", wb_ddl_drop, "ALTER TABLE \"t\" DROP COLUMN \"z\";\n");
	assert_ddl(m, WB_KIND_CONSTRAINT, "t", "ck", wb_ddl_create, "");
	assert_ddl(m, WB_KIND_CONSTRAINT, "t", "ck", wb_ddl_add,
		   "ALTER TABLE \"t\" ADD CONSTRAINT \"ck\" CHECK (a > 1);\n");
	assert_ddl(m, WB_KIND_CONSTRAINT, "t", "ck", wb_ddl_drop, "ALTER TABLE \"t\" DROP CONSTRAINT \"ck\";\n");
	assert_ddl(m, WB_KIND_INDEX, "t", "i", wb_ddl_create, "CREATE UNIQUE INDEX \"i\" ON \"t\" (a) WHERE a > 1;\n");
	assert_ddl(m, WB_KIND_INDEX, "t", "i", wb_ddl_drop, "DROP INDEX \"i\";\n");
	assert_ddl(m, WB_KIND_TABLE, NULL, "t", wb_ddl_drop, "DROP TABLE \"t\";\n");
	assert_ddl(m, WB_KIND_TABLE, NULL, "t", wb_ddl_late, "");
	wb_model_free(m);
}

static void test_alias(void **state)
{
	static const struct spec one[] = {
		{ .kind = WB_KIND_TABLE, .name = "t" },
		{ .kind = WB_KIND_COLUMN, .parent = "t", .name = "a", .attrs = { "position", "1" } },
	};
	struct wb_model *m = MODEL("sqlite", one);
	wb_autostr out = WB_STR_INIT;
	struct wb_error err = { 0 };

	(void)state;
	assert_ok(wb_ddl_create_as(&wb_ddl_sqlite, m, m->v[0], "b \"c", &out, &err), &err);
	assert_string_equal(out.p, "CREATE TABLE \"b \"\"c\" (\n\t\"a\"\n);\n");
	wb_model_free(m);
}

static void test_changes(void **state)
{
	struct wb_model *m = MODEL("sqlite", sqlite);
	struct wb_difference d = { .type = WB_DIFF_CHANGED,
				   .expected = wb_model_find(m, WB_KIND_COLUMN, NULL, "t", "a"),
				   .attribute = "default",
				   .expected_value = "'x'" };
	wb_autostr out = WB_STR_INIT;
	struct wb_error err = { 0 };

	(void)state;
	assert_true(wb_ddl_can_alter(&wb_ddl_sqlite, m, m, &d));
	assert_ok(wb_ddl_alter(&wb_ddl_sqlite, wb_ddl_sqlite.attrs, NULL, m, &d, 1, &out, &err), &err);
	d.expected_value = NULL;
	assert_ok(wb_ddl_alter(&wb_ddl_sqlite, wb_ddl_sqlite.attrs, NULL, m, &d, 1, &out, &err), &err);
	assert_string_equal(out.p, "ALTER TABLE \"t\" ALTER COLUMN \"a\" SET DEFAULT 'x';\n"
				   "ALTER TABLE \"t\" ALTER COLUMN \"a\" DROP DEFAULT;\n");
	d.attribute = "collate";
	assert_false(wb_ddl_can_alter(&wb_ddl_sqlite, m, m, &d));
	wb_model_free(m);
}

/* ---- memory --------------------------------------------------------------------------------- */

static int ddl_life(void *user)
{
	const struct wb_model *m = user;
	wb_autostr out = WB_STR_INIT;
	int rc = 0;

	for (size_t i = 0; i < m->n && rc == 0; i++) {
		rc = wb_ddl_create(&wb_ddl_sqlite, m, m->v[i], &out, NULL);
		if (rc == 0)
			rc = wb_ddl_drop(&wb_ddl_sqlite, m, m->v[i], &out, NULL);
	}
	return rc;
}

static void test_memory(void **state)
{
	struct wb_model *m = MODEL("sqlite", sqlite);

	(void)state;
	assert_true(wb_oom_run(ddl_life, m) > 1);
	wb_model_free(m);
}

int test_ddl(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holes),  cmocka_unit_test(test_faults), cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_sqlite), cmocka_unit_test(test_alias),  cmocka_unit_test(test_changes),
		cmocka_unit_test(test_memory),
	};

	return RUN_GROUP("ddl");
}
