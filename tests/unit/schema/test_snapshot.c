/* SPDX-License-Identifier: Apache-2.0
 *
 * Models as texts and back: every odd character, what is no snapshot or not one
 * as it was written, and the hash.
 */
#include "tests.h"

#include "base/base.h"

static const struct spec specs[] = {
	{ .kind = WB_KIND_TABLE, .name = "plain" },
	{ .kind = WB_KIND_COLUMN, .parent = "plain", .name = "id", .attrs = { "position", "1", "type", "INTEGER" } },
	{ .kind = WB_KIND_TABLE, .name = "odd \"name\"\n\\ = é", .attrs = { "strict", "true" } },
	{ .kind = WB_KIND_COLUMN,
	  .parent = "odd \"name\"\n\\ = é",
	  .name = "",
	  .attrs = { "position", "1", "type", "TEXT", "default", "'\ttab \r return \n feed \\n no feed \\\\ \"q\"'" } },
	{ .kind = WB_KIND_COLUMN,
	  .parent = "odd \"name\"\n\\ = é",
	  .name = "needs",
	  .attrs = { "position", "2", "collate", "name=x", "type", "\x01\x1f\x7f\v\f" } },
	{ .kind = WB_KIND_VIRTUAL_TABLE, .name = "words", .attrs = { "module", "fts5", "arguments", "a, b = 'x'" } },
	{ .kind = WB_KIND_VIEW,
	  .name = "v",
	  .attrs = { "definition",
		     "CREATE VIEW v AS SELECT '-- objects, as Whimbrel reads them; not to be edited' -- =" },
	  .needs = { "plain", "odd \"name\"\n\\ = é", "words" } },
	{ .kind = WB_KIND_TRIGGER,
	  .parent = "plain",
	  .name = "-- objects, as Whimbrel reads them; not to be edited\n--: table name=x",
	  .attrs = { "definition",
		     "SELECT '\n-- objects, as Whimbrel reads them; not to be edited\n--: table name=fake\n'" },
	  .needs = { "v" } },
};

static char *write_it(const struct wb_model *m)
{
	struct wb_str out = WB_STR_INIT;
	struct wb_error err = { 0 };

	assert_ok(wb_snapshot_write(m, &out, &err), &err);
	return wb_str_take(&out);
}

static int read_it(const char *text, struct wb_error *err)
{
	struct wb_model *m = NULL;
	int rc = wb_snapshot_read(wb_sv_str(text), "schema.sql", &m, err);

	if (rc == 0)
		wb_model_free(m);
	else
		assert_null(m);
	return rc;
}

static void test_round_trip(void **state)
{
	struct wb_model *m = MODEL("sqlite", specs), *again = NULL;
	wb_autofree char *one = write_it(m), *two;
	struct wb_error err = { 0 };
	struct wb_diff d;

	(void)state;
	assert_true(wb_snapshot_is(wb_sv_str(one)));
	assert_ok(wb_snapshot_read(wb_sv_str(one), "schema.sql", &again, &err), &err);
	assert_ok(wb_schema_diff(m, again, &d, &err), &err);
	assert_int_equal(d.n, 0);
	assert_int_equal(again->n, m->n);
	for (size_t i = 0; i < m->n; i++) {
		assert_int_equal(again->v[i]->n_needs, m->v[i]->n_needs);
		assert_int_equal(again->v[i]->n_attrs, m->v[i]->n_attrs);
		assert_int_equal(again->v[i]->owner != NULL, m->v[i]->owner != NULL);
	}
	two = write_it(again);
	assert_string_equal(one, two);
	wb_diff_done(&d);
	wb_model_free(m);
	wb_model_free(again);
}

static void test_text(void **state)
{
	static const struct spec few[] = {
		{ .kind = WB_KIND_TABLE, .name = "t" },
		{ .kind = WB_KIND_COLUMN, .parent = "t", .name = "a b", .attrs = { "position", "1", "type", "INT" } },
		{ .kind = WB_KIND_VIEW,
		  .name = "v",
		  .attrs = { "definition", "CREATE VIEW v AS SELECT 1" },
		  .needs = { "t" } },
	};
	struct wb_model *m = MODEL("sqlite", few);
	wb_autofree char *text = write_it(m);

	(void)state;
	assert_non_null(strstr(text, "-- Whimbrel schema snapshot, format 1\n-- engine: sqlite\n-- sha256: "));
	assert_non_null(strstr(text, "\n-- 1 table, 1 column, 1 view\n"
				     "\nCREATE TABLE \"t\" (\n\t\"a b\" INT\n);\n"
				     "\nCREATE VIEW v AS SELECT 1;\n"
				     "\n-- objects, as Whimbrel reads them; not to be edited\n"
				     "--: table name=t\n"
				     "--: column parent=t name=\"a b\" position=1 type=INT\n"
				     "--: view name=v definition=\"CREATE VIEW v AS SELECT 1\" needs=\"table t\"\n"));
	wb_model_free(m);
}

static void test_empty(void **state)
{
	struct wb_model *m = model_from("sqlite", NULL, 0), *again = NULL;
	wb_autofree char *text = write_it(m);
	struct wb_error err = { 0 };

	(void)state;
	assert_non_null(strstr(text, "-- no objects\n"));
	assert_ok(wb_snapshot_read(wb_sv_str(text), "x", &again, &err), &err);
	assert_int_equal(again->n, 0);
	assert_string_equal(again->engine, "sqlite");
	wb_model_free(m);
	wb_model_free(again);
}

/* ---- what is wrong --------------------------------------------------------------------- */

#define HEAD "-- Whimbrel schema snapshot, format 1\n-- engine: sqlite\n-- sha256: 0\n"
#define OBJECTS "\n-- objects, as Whimbrel reads them; not to be edited\n"

static void test_wrong(void **state)
{
	static const struct {
		const char *text, *message;
		unsigned line;
	} cases[] = {
		{ "", "this is no schema snapshot", 1 },
		{ "CREATE TABLE t (a);\n", "this is no schema snapshot", 1 },
		{ "-- Whimbrel schema snapshot, format one\n", "this is no schema snapshot", 1 },
		{ "-- Whimbrel schema snapshot, format 1\n", "the snapshot does not say of which engine it is", 2 },
		{ "-- Whimbrel schema snapshot, format 1\n-- engine: sqlite\n", "the snapshot has no hash", 3 },
		{ "-- Whimbrel schema snapshot, format 1\n-- engine: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n-- "
		  "sha256: 0\n",
		  "the engine is none that Whimbrel knows", 3 },
		{ HEAD, "the snapshot holds no list of objects", 3 },
		{ HEAD OBJECTS, "the snapshot was changed after it was written", 3 },
		{ HEAD OBJECTS "CREATE TABLE t (a);\n", "only objects may stand here", 6 },
		{ HEAD OBJECTS "--: table name=a\n\n", "only objects may stand here", 7 },
		{ HEAD OBJECTS "--: thing name=a\n", "this line is of no known kind", 6 },
		{ HEAD OBJECTS "--: \n", "this line is of no known kind", 6 },
		{ HEAD OBJECTS "--: table\n", "this line names no object", 6 },
		{ HEAD OBJECTS "--: table type=x\n", "this line names no object", 6 },
		{ HEAD OBJECTS "--: table schema=s parent=p\n", "this line names no object", 6 },
		{ HEAD OBJECTS "--: table name=\"a\n", "this line names no object", 6 },
		{ HEAD OBJECTS "--: table name=a type=\"\\x\"\n", "this line cannot be read", 6 },
		{ HEAD OBJECTS "--: table name=a type=\"b\"c\n", "this line cannot be read", 6 },
		{ HEAD OBJECTS "--: table name=a type=\"b\\\n", "this line cannot be read", 6 },
		{ HEAD OBJECTS "--: table name=a type\n", "this line cannot be read", 6 },
		{ HEAD OBJECTS "--: table name=a needs=\"table b\"\n",
		  "an object needs one that the snapshot does not hold", 7 },
		{ HEAD OBJECTS "--: table name=a\n--: table name=a\n", "the snapshot holds an object twice", 8 },
	};

	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct wb_error err = { 0 };

		assert_int_equal(read_it(cases[i].text, &err), WB_EINPUT);
		if (strcmp(err.message, cases[i].message) != 0 || err.line != cases[i].line)
			print_error("of %s\n", cases[i].text);
		assert_string_equal(err.message, cases[i].message);
		assert_string_equal(err.file, "schema.sql");
		assert_int_equal(err.line, cases[i].line);
		assert_true(strlen(err.hint) > 0);
	}
}

static void test_newer(void **state)
{
	struct wb_error err = { 0 };

	(void)state;
	assert_int_equal(read_it("-- Whimbrel schema snapshot, format 2\nwho knows\n", &err), WB_ENEWER);
	assert_string_equal(err.message, "the snapshot schema.sql has format 2, this Whimbrel knows up to 1");
	assert_false(wb_snapshot_is(WB_SV("-- something else")));
}

/* Cut anywhere it is refused, but in what the last object needs, which follows from the rest and is not hashed. */
static void test_cut(void **state)
{
	struct wb_model *m = MODEL("sqlite", specs);
	wb_autofree char *text = write_it(m);
	size_t n = strlen(text), needs = (size_t)(strstr(strstr(text, "--: trigger"), " needs=") - text);

	(void)state;
	for (size_t cut = 0; cut < n - 1; cut++) {
		struct wb_error err = { 0 };
		struct wb_model *again = NULL;
		int rc = wb_snapshot_read(wb_sv(text, cut), "x", &again, &err);

		if (rc == 0 ? cut < needs : rc != WB_EINPUT)
			fail_msg("%s after %zu of %zu bytes", wb_code_name(rc), cut, n);
		wb_model_free(again);
	}
	wb_model_free(m);
}

/* Each byte of the objects changed: refused, or nothing that counts has changed. */
static void test_edited(void **state)
{
	struct wb_model *m = MODEL("sqlite", specs);
	wb_autofree char *text = write_it(m);
	char before[65], after[65];
	struct wb_error err = { 0 };

	(void)state;
	assert_ok(wb_snapshot_hash(m, before, &err), &err);
	for (char *p = text; *p; p++) {
		struct wb_model *again = NULL;
		char c = *p;
		int rc;

		*p = c == 'x' ? 'y' : 'x';
		rc = wb_snapshot_read(wb_sv_str(text), "x", &again, &err);
		assert_true(rc == 0 || rc == WB_EINPUT || rc == WB_ENEWER);
		if (rc == 0) {
			assert_ok(wb_snapshot_hash(again, after, &err), &err);
			assert_string_equal(before, after);
		}
		wb_model_free(again);
		*p = c;
	}
	wb_model_free(m);
}

/* ---- the hash ----------------------------------------------------------------------------- */

static void hash_of(const char *engine, const char *server, const char *value, const char *position, char hex[65])
{
	struct wb_model *m = wb_model_new(engine, server);
	struct wb_object *o = wb_model_add(m, WB_KIND_TABLE, NULL, NULL, "t");
	struct wb_error err = { 0 };

	assert_true(wb_object_set(m, o, "key", value) && wb_object_set(m, o, "position", position));
	assert_ok(wb_model_finish(m, &err), &err);
	assert_ok(wb_snapshot_hash(m, hex, &err), &err);
	wb_model_free(m);
}

static void test_hash(void **state)
{
	char one[65], other[65];

	(void)state;
	hash_of("sqlite", "SQLite 3.40", "a", "1", one);
	assert_int_equal(strlen(one), 64);
	hash_of("sqlite", "SQLite 3.99", "a", "1", other);
	assert_string_equal(one, other);
	hash_of("sqlite", NULL, "a", "2", other);
	assert_string_equal(one, other);
	hash_of("sqlite", NULL, "b", "1", other);
	assert_string_not_equal(one, other);
	hash_of("sqlite", NULL, NULL, "1", other);
	assert_string_not_equal(one, other);
	hash_of("sqlite", NULL, "", "1", other);
	assert_string_not_equal(one, other);
	hash_of("postgresql", NULL, "a", "1", other);
	assert_string_not_equal(one, other);
}

static void test_no_ddl(void **state)
{
	struct wb_model *m = model_from("oracle", NULL, 0);
	wb_autostr out = WB_STR_INIT;
	struct wb_error err = { 0 };

	(void)state;
	assert_int_equal(wb_snapshot_write(m, &out, &err), WB_EUNSUPPORTED);
	wb_model_free(m);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static int write_life(void *user)
{
	wb_autostr out = WB_STR_INIT;

	return wb_snapshot_write(user, &out, NULL);
}

static int read_life(void *user)
{
	struct wb_error err;

	return read_it(user, &err);
}

static void test_memory(void **state)
{
	struct wb_model *m = MODEL("sqlite", specs);
	wb_autofree char *text = write_it(m);

	(void)state;
	assert_true(wb_oom_run(write_life, m) > 1);
	assert_true(wb_oom_run(read_life, text) > 1);
	wb_model_free(m);
}

int test_snapshot(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_text),  cmocka_unit_test(test_empty),
		cmocka_unit_test(test_wrong),      cmocka_unit_test(test_newer), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_edited),     cmocka_unit_test(test_hash),  cmocka_unit_test(test_no_ddl),
		cmocka_unit_test(test_memory),
	};

	return RUN_GROUP("snapshots");
}
