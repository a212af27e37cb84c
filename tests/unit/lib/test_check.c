/* SPDX-License-Identifier: Apache-2.0
 *
 * Suites as data: what they find, that one that makes no sense is refused, and
 * that want of memory is never taken for an answer. What each kind finds on
 * broken data is tested by tests/check/check.py.
 */
#include "tests.h"

#include "tests/unit/oom.h"

#define TEXTS(...) \
	{ \
		(const char *const[]){ __VA_ARGS__ }, \
			sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *) \
	}

static const struct wb_named_value counted[] = { { "left", "a" }, { "right", "SELECT 2" } };
static const struct wb_named_value detail[] = { { "rows", "{count}" }, { "text", "{count} of {table}" } };
static const struct wb_named_texts columns[] = { { "a", TEXTS("x", "nope") } };

static const struct wb_check checks[] = {
	{ .name = "tables",
	  .severity = WB_CHECK_CRITICAL,
	  .kind = WB_CHECK_KIND_EXISTS,
	  .quick = true,
	  .group = "schema",
	  .asks = { .tables = TEXTS("a"), .columns_of = { columns, 1 } } },
	{ .name = "counts",
	  .passed = "counts.ok",
	  .kind = WB_CHECK_KIND_COUNTS,
	  .group = "data",
	  .severity = WB_CHECK_ERROR,
	  .asks = { .of = { counted, 2 } } },
	{ .name = "rows",
	  .kind = WB_CHECK_KIND_ALL_ROWS,
	  .group = "data",
	  .severity = WB_CHECK_WARNING,
	  .message = "{count} are wrong",
	  .details = { detail, 2 },
	  .asks = { .table = "a", .satisfy = "x > 1" } },
	{ .name = "skipped",
	  .kind = WB_CHECK_KIND_SQL,
	  .group = "data",
	  .needs = TEXTS("rows"),
	  .asks = { .query = "SELECT 1" } },
	{ .name = "nowhere",
	  .kind = WB_CHECK_KIND_NO_ROWS,
	  .group = "data",
	  .severity = WB_CHECK_INFO,
	  .asks = { .query = "SELECT * FROM nowhere" } },
	{ .name = "keys", .kind = WB_CHECK_KIND_FOREIGN_KEYS, .group = "data", .asks = { .all = WB_CHECK_YES } },
	{ .name = "allowed",
	  .kind = WB_CHECK_KIND_ALLOWED,
	  .group = "data",
	  .severity = WB_CHECK_ERROR,
	  .asks = { .table = "a", .columns = TEXTS("x"), .values = TEXTS("1") } },
	{ .name = "sum", .kind = WB_CHECK_KIND_CHECKSUM, .group = "data", .asks = { .query = "SELECT x FROM a" } },
	{ .name = "program",
	  .kind = WB_CHECK_KIND_COMMAND,
	  .group = "data",
	  .severity = WB_CHECK_ERROR,
	  .asks = { .run = TEXTS("sh", "-c", "echo found; exit 1") } },
};
static const struct wb_check_suite suite = {
	.size = sizeof(suite), .name = "s", .file = "s.yaml", .checks = checks, .n_checks = WB_ARRAY_LEN(checks)
};

static void make(struct place *p)
{
	put(p, "V1__a.sql", "CREATE TABLE a (x int PRIMARY KEY);\nINSERT INTO a VALUES (1), (2);\n");
	p->o.event = NULL;
	p->o.log = NULL;
	assert_int_equal(UP(p), 0);
	wb_close(p->ctx);
	p->ctx = NULL;
}

static const struct wb_check_issue *issue(const struct wb_check_report *r, const char *name)
{
	for (size_t i = 0; i < r->n_issues; i++)
		if (strcmp(r->issues[i].check_name, name) == 0)
			return &r->issues[i];
	fail_msg("no issue %s", name);
	return NULL;
}

static void judge(const struct wb_check_report *r)
{
	assert_int_equal(r->total, WB_ARRAY_LEN(checks));
	assert_int_equal(r->passed, 3);
	assert_int_equal(r->skipped, 1);
	assert_int_equal(r->failed, 5);
	assert_int_equal(r->not_run, 1);
	assert_int_equal(r->count[WB_CHECK_CRITICAL], 2);
	assert_string_equal(issue(r, "tables")->details[1].list[0], "nope");
	assert_int_equal(issue(r, "counts.ok")->outcome, WB_CHECK_PASSED);
	assert_string_equal(issue(r, "rows")->message, "1 are wrong");
	assert_int_equal(issue(r, "rows")->details[0].type, WB_CHECK_VALUE_NUMBER);
	assert_string_equal(issue(r, "rows")->details[1].text, "1 of a");
	assert_int_equal(issue(r, "nowhere")->outcome, WB_CHECK_NOT_RUN);
	assert_int_equal(issue(r, "nowhere")->severity, WB_CHECK_CRITICAL);
	assert_string_equal(issue(r, "allowed")->details[3].list[0], "2");
	assert_string_equal(issue(r, "program")->message, "found");
	assert_int_equal(r->n_values, 1);
	assert_int_equal(r->values[0].rows, 2);
}

static int run_suite(void *user)
{
	struct place *p = user;
	struct wb_check_options o = { .size = sizeof(o), .save = true, .jobs = 3 };
	struct wb_check_report *r = NULL;
	struct wb_context *c;
	int rc = open_it(p, &c);
	if (rc == 0)
		rc = wb_check_run(c, &suite, &o, &r, &p->err);
	if (rc == 0)
		judge(r);
	wb_check_report_free(r);
	wb_close(c);
	return rc;
}

static void finds_what_there_is(void **state)
{
	struct place *p = *state;
	make(p);
	assert_int_equal(run_suite(p), 0);
}

static void want_of_memory_is_no_answer(void **state)
{
	struct place *p = *state;
	make(p);
	assert_true(wb_oom_run_every(3, run_suite, p) > 20);
}

static void refuses_what_makes_no_sense(void **state)
{
	struct place *p = *state;
	const struct wb_check wrong[] = {
		{ .name = "x", .line = 3, .column = 2 },
		{ .name = "x", .line = 3, .column = 2, .kind = WB_CHECK_KIND_SQL },
		{ .name = "x", .line = 3, .column = 2, .kind = WB_CHECK_KIND_SQL, .asks = { .query = "DROP TABLE a" } },
		{ .name = "x",
		  .line = 3,
		  .column = 2,
		  .kind = WB_CHECK_KIND_SQL,
		  .asks = { .query = "SELECT 1; SELECT 2" } },
		{ .name = "x",
		  .line = 3,
		  .column = 2,
		  .kind = WB_CHECK_KIND_ALL_ROWS,
		  .asks = { .table = "a", .satisfy = "1) OR (1" } },
		{ .name = "x",
		  .line = 3,
		  .column = 2,
		  .kind = WB_CHECK_KIND_ALL_ROWS,
		  .message = "{nothing}",
		  .asks = { .table = "a", .satisfy = "x" } },
		{ .name = "x",
		  .line = 3,
		  .column = 2,
		  .kind = WB_CHECK_KIND_SQL,
		  .needs = TEXTS("later"),
		  .asks = { .query = "SELECT 1" } },
		{ .name = "x",
		  .line = 3,
		  .column = 2,
		  .kind = WB_CHECK_KIND_RATIO,
		  .asks = { .table = "a", .satisfy = "x", .at_least = "50" } },
	};
	struct wb_check_report *r = NULL;
	struct wb_context *c;
	make(p);
	assert_int_equal(open_it(p, &c), 0);
	for (size_t i = 0; i < WB_ARRAY_LEN(wrong); i++) {
		const struct wb_check_suite s = {
			.size = sizeof(s), .name = "s", .file = "s.yaml", .checks = &wrong[i], .n_checks = 1
		};
		assert_int_equal(wb_check_run(c, &s, NULL, &r, &p->err), WB_EINPUT);
		assert_int_equal(p->err.line, 3);
		assert_string_equal(p->err.file, "s.yaml");
	}
	const struct wb_check_options o = { .size = sizeof(o), .groups = TEXTS("none") };
	assert_int_equal(wb_check_run(c, &suite, &o, &r, &p->err), WB_ENOTFOUND);
	wb_close(c);
}

int test_check(void)
{
	static const struct CMUnitTest tests[] = { TEST(finds_what_there_is), TEST(want_of_memory_is_no_answer),
						   TEST(refuses_what_makes_no_sense) };
	return RUN_GROUP("check");
}
