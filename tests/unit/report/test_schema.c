/* SPDX-License-Identifier: Apache-2.0
 *
 * Schemas and differences in all their forms.
 */
#include "tests.h"

#include "base/banned.h"

/* Thirty letters, so that two of them are longer than a list shows. */
#define LONG "abcdefghijklmnopqrstuvwxyz_ABC"

static const struct wb_schema_attribute attributes[] = { { "type", "text" }, { "default", "'a\"\xFF'" } };
static const struct wb_schema_object objects[] = {
	{ "table", "app.users", "app", NULL, "users", NULL, 0 },
	{ "column", "app.users.email", "app", "users", "email", attributes, 2 },
};
static const struct wb_schema_count counts[] = { { "table", "tables", 1 }, { "column", "columns", 1 } };
static const struct wb_schema schema = { "postgresql", "a.snapshot", "f00d", objects, 2, counts, 2 };
static const struct wb_schema other = { .engine = "postgresql", .origin = "b|`.snapshot" };

static const struct wb_schema_difference differences[] = {
	{ "missing", "table", "app.tags", NULL, NULL, NULL, "critical", "CREATE TABLE t ();\n" },
	{ "unexpected", "column", "app.users.old", NULL, NULL, NULL, "critical", "" },
	{ "changed", "column", "app.users.email", "type", "integer", "text", "high", "ALTER;\n" },
	{ "changed", "column", "app.users.email", "comment", "new\x1b[31m", NULL, "low", "COMMENT;\n" },
	{ "changed", "view", "app.v", "definition", LONG LONG "_new", LONG LONG "_old", "medium", "" },
};
static const struct wb_schema_change changes[] = {
	{ "view", "app.v", "DROP VIEW v;\n", false, true },
	{ "column", "app.users.old", "UPDATE 'a\n\nb\rc';\nDROP;\n", true, false },
	{ "table", "app.tags", "CREATE TABLE t (); -- ```` \n", false, false },
};
static const struct wb_schema_comparison comparison = { .differences = differences,
							.n_differences = 5,
							.critical = true,
							.begin = "SET it;\n",
							.changes = changes,
							.n_changes = 3,
							.destroys = true };
static const struct wb_schema_comparison same = { .n_differences = 0 };
const struct wb_diff_report sample_diff = { .from = &schema, .to = &other, .comparison = &comparison };

static void run(struct wb_out *out, enum wb_format format, const struct wb_diff_report *r)
{
	struct wb_error err;

	wb_str_clear(&out->buf);
	assert_int_equal(wb_report_diff(out, format, r, &err), 0);
}

static void a_schema(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	json_t *root;

	(void)state;
	assert_int_equal(wb_report_schema(&out, WB_FORMAT_TEXT, &schema,
					  "a\n\x1b"
					  "b",
					  4, &err),
			 0);
	assert_string_equal(out.buf.p, "a\n\x1b"
				       "b");
	wb_str_clear(&out.buf);
	assert_int_equal(wb_report_schema(&out, WB_FORMAT_JSON, &schema, NULL, 0, &err), 0);
	root = as_json(&out);
	assert_string_equal(text_at(root, "engine"), "postgresql");
	assert_string_equal(text_at(root, "origin"), "a.snapshot");
	assert_string_equal(text_at(root, "hash"), "f00d");
	assert_int_equal(json_integer_value(at(root, "counts.table")), 1);
	assert_int_equal(json_array_size(at(root, "objects")), 2);
	assert_true(json_is_null(at(root, "objects.0.parent")));
	assert_int_equal(json_object_size(at(root, "objects.0.attributes")), 0);
	assert_string_equal(text_at(root, "objects.1.kind"), "column");
	assert_string_equal(text_at(root, "objects.1.path"), "app.users.email");
	assert_string_equal(text_at(root, "objects.1.schema"), "app");
	assert_string_equal(text_at(root, "objects.1.parent"), "users");
	assert_string_equal(text_at(root, "objects.1.name"), "email");
	assert_string_equal(text_at(root, "objects.1.attributes.default"), "'a\"\xEF\xBF\xBD'");
	json_decref(root);
	wb_out_done(&out);
}

static void text(void **state)
{
	struct wb_diff_report r = sample_diff;
	struct wb_out out = WB_OUT_MEMORY;

	(void)state;
	run(&out, WB_FORMAT_TEXT, &r);
	assert_has(&out, "table   app.tags         missing ");
	assert_has(&out, "column  app.users.old    unexpected ");
	assert_has(&out, "type: text -> integer ");
	assert_has(&out, "comment: (none) -> new [31m ");
	/* Long values show where they differ. */
	assert_has(&out, "definition: ...qrstuvwxyz_ABC_old -> ...qrstuvwxyz_ABC_new");
	assert_has(&out, "  critical\n");
	/* Nothing of what destroys is a statement; a carriage return ends a comment, too. */
	assert_has(&out, "\n\nSET it;\nDROP VIEW v;\n-- destroys data\n-- UPDATE 'a\n--\n-- b\r-- c';\n-- "
			 "DROP;\nCREATE TABLE t ()");
	r.allow_destructive = true;
	run(&out, WB_FORMAT_TEXT, &r);
	assert_has(&out, "\n-- destroys data\nUPDATE 'a\n\nb\rc';\nDROP;\n");
	r.sql_only = true;
	run(&out, WB_FORMAT_TEXT, &r);
	assert_true(wb_sv_starts(wb_str_sv(&out.buf), "SET it;\nDROP VIEW v;\n"));
	wb_out_done(&out);
}

static void text_in_colour(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;

	(void)state;
	out.color = true;
	run(&out, WB_FORMAT_TEXT, &sample_diff);
	assert_has(&out, "\033[31mcritical\033[0m");
	assert_has(&out, "\033[33mtype: text -> integer\033[0m");
	assert_has(&out, "\033[32mmissing\033[0m");
	wb_out_done(&out);
}

static void no_difference(void **state)
{
	struct wb_diff_report r = { .from = &schema, .to = &other, .comparison = &same };
	struct wb_out out = WB_OUT_MEMORY;
	json_t *root;

	(void)state;
	run(&out, WB_FORMAT_TEXT, &r);
	assert_string_equal(out.buf.p, "No differences: a.snapshot and b|`.snapshot have the same schema.\n");
	run(&out, WB_FORMAT_MARKDOWN, &r);
	assert_has(&out, "No differences: a.snapshot and b\\|\\`.snapshot have the same schema.\n");
	assert_lacks(&out, "```");
	run(&out, WB_FORMAT_JSON, &r);
	root = as_json(&out);
	assert_true(json_is_false(at(root, "different")));
	assert_int_equal(json_array_size(at(root, "differences")), 0);
	assert_null(json_object_get(root, "path"));
	json_decref(root);
	r.sql_only = true;
	run(&out, WB_FORMAT_TEXT, &r);
	assert_string_equal(out.buf.p, "");
	r.sql_only = false;
	r.write = true;
	run(&out, WB_FORMAT_TEXT, &r);
	assert_has(&out, "; nothing was written.\n");
	wb_out_done(&out);
}

static void json(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	json_t *root;

	(void)state;
	run(&out, WB_FORMAT_JSON, &sample_diff);
	root = as_json(&out);
	assert_true(json_is_true(at(root, "different")));
	assert_string_equal(text_at(root, "from"), "a.snapshot");
	assert_string_equal(text_at(root, "to"), "b|`.snapshot");
	assert_string_equal(text_at(root, "differences.0.type"), "missing");
	assert_string_equal(text_at(root, "differences.0.kind"), "table");
	assert_string_equal(text_at(root, "differences.0.object"), "app.tags");
	assert_true(json_is_null(at(root, "differences.0.attribute")));
	assert_string_equal(text_at(root, "differences.0.severity"), "critical");
	assert_string_equal(text_at(root, "differences.0.sql"), "CREATE TABLE t ();\n");
	assert_string_equal(text_at(root, "differences.2.attribute"), "type");
	assert_string_equal(text_at(root, "differences.2.expected"), "integer");
	assert_string_equal(text_at(root, "differences.2.actual"), "text");
	assert_true(json_is_null(at(root, "differences.3.actual")));
	assert_string_equal(text_at(root, "differences.4.expected"), LONG LONG "_new");
	/* Not a comment: a program looks at `destroys`. */
	assert_string_equal(text_at(root, "changes.1.sql"), "UPDATE 'a\n\nb\rc';\nDROP;\n");
	assert_string_equal(text_at(root, "begin"), "SET it;\n");
	assert_true(json_is_true(at(root, "changes.1.destroys")));
	assert_true(json_is_true(at(root, "changes.0.recreates")));
	assert_true(json_is_false(at(root, "changes.2.destroys")));
	json_decref(root);
	wb_out_done(&out);
}

static void markdown(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;

	(void)state;
	run(&out, WB_FORMAT_MARKDOWN, &sample_diff);
	assert_has(&out, "### Schema: from a.snapshot to b\\|\\`.snapshot\n");
	assert_has(&out, "| column | app.users.email | type: text -\\> integer | high |\n");
	assert_has(&out, "\n5 differences; **data would be destroyed**.\n");
	/* The fence is longer than what stands in the SQL. */
	assert_has(&out, "\n`````sql\nSET it;\nDROP VIEW v;\n-- destroys data\n-- UPDATE");
	assert_has(&out, "\n`````\n");
	wb_out_done(&out);
}

static void a_written_migration(void **state)
{
	struct wb_diff_report r = sample_diff;
	struct wb_out out = WB_OUT_MEMORY;
	json_t *root;

	(void)state;
	r.write = true;
	r.path = "m/0002_x.up.sql";
	run(&out, WB_FORMAT_TEXT, &r);
	assert_string_equal(out.buf.p, "m/0002_x.up.sql\n");
	r.down_path = "m/0002_x.down.sql";
	run(&out, WB_FORMAT_TEXT, &r);
	assert_string_equal(out.buf.p, "m/0002_x.up.sql\nm/0002_x.down.sql\n");
	run(&out, WB_FORMAT_MARKDOWN, &r);
	assert_has(&out, "\nWritten as m/0002\\_x.up.sql.\n");
	run(&out, WB_FORMAT_JSON, &r);
	root = as_json(&out);
	assert_string_equal(text_at(root, "path"), "m/0002_x.up.sql");
	assert_string_equal(text_at(root, "down_path"), "m/0002_x.down.sql");
	json_decref(root);
	wb_out_done(&out);
}

int test_schema(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_schema),
		cmocka_unit_test(text),
		cmocka_unit_test(text_in_colour),
		cmocka_unit_test(no_difference),
		cmocka_unit_test(json),
		cmocka_unit_test(markdown),
		cmocka_unit_test(a_written_migration),
	};

	return RUN_GROUP("schema");
}
