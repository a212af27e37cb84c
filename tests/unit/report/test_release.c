/* SPDX-License-Identifier: Apache-2.0
 *
 * Releases, proposed, recorded and listed, in all their forms.
 */
#include "tests.h"

#include "base/banned.h"

static const struct wb_release_change changes[] = {
	{ "removed", "column", "app.users.old", NULL, NULL, NULL, "major", "what uses it fails" },
	{ "changed", "column", "app.users.n|m", "type", "integer", "bigint", "minor", "holds more than before" },
	{ "changed", "table", "app.users", "comment", NULL, "new\x1b[31m", "patch", "a remark" },
};
const struct wb_release sample_release = {
	.version = "2.0.0",
	.previous = "1.4.2",
	.impact = "major",
	.needed = "major",
	.first_migration = "007",
	.last_migration = "009",
	.migrations = 3,
	.hash = "f00d",
	.notes = "why\x1b",
	.changes = changes,
	.n_changes = 3,
	.n_breaking = 1,
	.breaking = "column app.users.old removed: what uses it fails\nand another",
	.recorded = true,
};
static const struct wb_release past[] = {
	{ .version = "1.0.1",
	  .previous = "1.0.0",
	  .impact = "patch",
	  .released_at = "2026-11-21T20:45:32.25Z",
	  .released_by = "me",
	  .recorded = true },
	{ .version = "1.0.0",
	  .impact = "none",
	  .first_migration = "001",
	  .last_migration = "001",
	  .migrations = 1,
	  .released_at = "2026-11-20T20:45:32.25Z",
	  .notes = "first\x1b",
	  .n_breaking = 0,
	  .recorded = true },
};
const struct wb_releases sample_releases = { past, 2 };

static void run(struct wb_out *out, enum wb_format format, const struct wb_release *r)
{
	struct wb_error err;

	wb_str_clear(&out->buf);
	assert_int_equal(wb_report_release(out, format, r, &err), 0);
}

static void one(void **state)
{
	struct wb_release r = sample_release;
	struct wb_out out = WB_OUT_MEMORY;

	(void)state;
	run(&out, WB_FORMAT_TEXT, &r);
	assert_has(&out,
		   "Released 2.0.0 after 1.4.2: 3 migrations: 007 to 009; 3 changes of the schema, 1 breaking.\n");
	assert_has(&out, "major   column  app.users.old  removed ");
	assert_has(&out, "type: integer -> bigint ");
	assert_lacks(&out, "\x1b");
	run(&out, WB_FORMAT_MARKDOWN, &r);
	assert_has(&out, "### Released 2.0.0 after 1.4.2\n\n3 migrations: 007 to 009; ");
	assert_has(&out, "| minor | column | app.users.n\\|m | type: integer -\\> bigint | holds more than before |\n");
	r.recorded = false;
	r.previous = NULL;
	r.first_migration = "009";
	r.migrations = 1;
	r.n_changes = 0;
	run(&out, WB_FORMAT_TEXT, &r);
	assert_string_equal(out.buf.p, "The next release would be 2.0.0, the first: 1 migration: 009.\n");
	r.first_migration = NULL;
	r.migrations = 0;
	run(&out, WB_FORMAT_MARKDOWN, &r);
	assert_string_equal(out.buf.p, "### The next release would be 2.0.0, the first\n\n0 migrations.\n");
	wb_out_done(&out);
}

static void one_as_json(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	json_t *root;

	(void)state;
	run(&out, WB_FORMAT_JSON, &sample_release);
	root = as_json(&out);
	assert_string_equal(text_at(root, "version"), "2.0.0");
	assert_string_equal(text_at(root, "previous"), "1.4.2");
	assert_string_equal(text_at(root, "needed"), "major");
	assert_true(json_is_true(at(root, "recorded")));
	assert_int_equal(json_integer_value(at(root, "migrations.count")), 3);
	assert_string_equal(text_at(root, "migrations.first"), "007");
	assert_int_equal(json_array_size(at(root, "breaking")), 2);
	assert_string_equal(text_at(root, "breaking.1"), "and another");
	assert_int_equal(json_array_size(at(root, "changes")), 3);
	assert_string_equal(text_at(root, "changes.1.after"), "bigint");
	assert_true(json_is_null(at(root, "changes.2.before")));
	assert_string_equal(text_at(root, "changes.2.impact"), "patch");
	json_decref(root);
	wb_out_done(&out);
}

static void a_list(void **state)
{
	const struct wb_releases none = { NULL, 0 };
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	json_t *root;

	(void)state;
	assert_int_equal(wb_report_releases(&out, WB_FORMAT_TEXT, &sample_releases, &err), 0);
	assert_has(&out, "1.0.1    2026-11-21 20:45:32  patch ");
	assert_has(&out, "1.0.0    2026-11-20 20:45:32  first ");
	assert_lacks(&out, "\x1b");
	wb_str_clear(&out.buf);
	assert_int_equal(wb_report_releases(&out, WB_FORMAT_JSON, &sample_releases, &err), 0);
	root = as_json(&out);
	assert_string_equal(text_at(root, "releases.0.released_by"), "me");
	assert_true(json_is_null(at(root, "releases.1.previous")));
	assert_int_equal(json_array_size(at(root, "releases.1.breaking")), 0);
	json_decref(root);
	wb_str_clear(&out.buf);
	assert_int_equal(wb_report_releases(&out, WB_FORMAT_TEXT, &none, &err), 0);
	assert_has(&out, "No releases yet");
	wb_out_done(&out);
}

int test_release(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(one), cmocka_unit_test(one_as_json),
						   cmocka_unit_test(a_list) };

	return RUN_GROUP("release");
}
