/* SPDX-License-Identifier: Apache-2.0
 *
 * Suites of checks as files: what is read, what is refused and where.
 */
#include "tests.h"

#include "cli/suite.h"
#include "tests/unit/oom.h"
#include "base/banned.h"

static const char whole[] =
	"suite: all\n"
	"description: every kind\n"
	"timeout: 30s\n"
	"severity: warning\n"
	"groups:\n"
	"  schema:\n"
	"    severity: Critical\n"
	"    checks:\n"
	"      - name: a\n"
	"        passed: a.ok\n"
	"        message: \"{table}\"\n"
	"        exists: { tables: [x, y], columns: { x: [id, name], y: id }, functions: f }\n"
	"      - { name: b, severity: ERROR, index: { name: i, method: gin, unique: no, partial: yes } }\n"
	"  data:\n"
	"    checks:\n"
	"      - { name: c, quick: true, counts: { of: { v1: x, v2: SELECT 1 }, within: 5% } }\n"
	"      - { name: d, needs: c, details: { n: \"{count}\" }, no_rows: SELECT 1 }\n"
	"      - { name: e, timeout: 250ms, all_rows: { table: x, satisfy: a > 0, where: b, id: [p, q] } }\n"
	"      - { name: f, foreign_keys: all }\n"
	"      - { name: g, foreign_keys: { table: x, column: y_id, references: y, key: id } }\n"
	"      - { name: h, cascade: { table: x, columns: [y_id], on_delete: SET NULL } }\n"
	"      - { name: i, ratio: { table: x, satisfy: a, at_least: 50%, at_most: 60% } }\n"
	"      - { name: j, allowed: { table: x, column: a, values: [1, 2], nulls: false } }\n"
	"      - { name: k, unique: { table: x, columns: [a, b] } }\n"
	"      - { name: l, sequence: all }\n"
	"      - { name: m, checksum: SELECT 2 }\n"
	"      - { name: n, sql: { query: SELECT 3, equals: 4 } }\n"
	"      - { name: o, command: [./look, now] }\n";

static const struct wb_check *find(const struct cli_suite *s, const char *name)
{
	for (size_t i = 0; i < s->suite.n_checks; i++)
		if (strcmp(s->suite.checks[i].name, name) == 0)
			return &s->suite.checks[i];
	fail_msg("no check %s", name);
	return NULL;
}

static void reads_every_kind(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct cli_suite s;
	struct wb_error err;
	const struct wb_check *c;

	(void)state;
	assert_int_equal(cli_suite_parse(&a, wb_sv_str(whole), "checks/all.yaml", &s, &err), 0);
	assert_string_equal(s.suite.name, "all");
	assert_string_equal(s.suite.folder, "checks");
	assert_int_equal(s.suite.n_checks, 15);
	for (size_t i = 0; i < s.suite.n_checks; i++)
		assert_true(s.suite.checks[i].kind > WB_CHECK_KIND_NONE &&
			    s.suite.checks[i].kind < WB_CHECK_KIND_COUNT);
	c = find(&s, "a");
	assert_int_equal(c->severity, WB_CHECK_CRITICAL);
	assert_true(c->quick && c->line == 9 && c->column == 9 && c->timeout_ms == 30000);
	assert_int_equal(c->asks.tables.n, 2);
	assert_string_equal(c->asks.columns_of.v[1].name, "y");
	assert_string_equal(c->asks.columns_of.v[1].texts.v[0], "id");
	assert_string_equal(c->asks.functions.v[0], "f");
	c = find(&s, "b");
	assert_int_equal(c->severity, WB_CHECK_ERROR);
	assert_true(c->asks.unique == WB_CHECK_NO && c->asks.partial == WB_CHECK_YES);
	assert_true(find(&s, "c")->quick && !find(&s, "d")->quick);
	assert_int_equal(find(&s, "d")->severity, WB_CHECK_WARNING);
	assert_string_equal(find(&s, "d")->needs.v[0], "c");
	assert_string_equal(find(&s, "d")->details.v[0].value, "{count}");
	assert_string_equal(find(&s, "d")->asks.query, "SELECT 1");
	assert_int_equal(find(&s, "e")->timeout_ms, 250);
	assert_int_equal(find(&s, "f")->asks.all, WB_CHECK_YES);
	assert_int_equal(find(&s, "g")->asks.all, WB_CHECK_UNSAID);
	assert_int_equal(find(&s, "j")->asks.nulls, WB_CHECK_NO);
	assert_string_equal(find(&s, "o")->asks.run.v[1], "now");
}

/* Each with the line and a word of its error. */
static const struct {
	const char *yaml;
	unsigned line;
	const char *message, *hint;
} wrong[] = {
	{ "", 1, "empty", "" },
	{ "[a]", 1, "a map", "" },
	{ "suite: x\n", 1, "needs \"groups\"", "" },
	{ "suite: x\ngroup: {}\n", 2, "no key \"group\"", "groups" },
	{ "suite: x\nsuite: y\n", 2, "twice", "" },
	{ "suite: [x]\n", 1, "a text", "" },
	{ "suite: x\ngroups: []\n", 2, "a map", "" },
	{ "suite: x\ngroups: { g: { checks: {} } }\n", 2, "a list", "" },
	{ "suite: x\ngroups:\n  g:\n    checks:\n      - sql: SELECT 1\n", 5, "needs \"name\"", "called" },
	{ "suite: x\ngroups:\n  g:\n    checks:\n      - name: n\n", 5, "does not say what it is to do", "no_rows" },
	{ "suite: x\ngroups:\n  g:\n    checks:\n      - { name: n, sql: a, checksum: b }\n", 5, "already", "two" },
	{ "suite: x\ngroups:\n  g:\n    checks:\n      - { name: n, severity: bad, sql: a }\n", 5, "cannot be",
	  "info|" },
	{ "suite: x\ngroups:\n  g:\n    checks:\n      - { name: n, timeout: soon, sql: a }\n", 5, "a duration",
	  "250ms" },
	{ "suite: x\ngroups:\n  g:\n    checks:\n      - { name: n, quick: maybe, sql: a }\n", 5, "true or false", "" },
	{ "suite: x\ngroups:\n  g:\n    checks:\n      - { name: n, exists: { tabels: a } }\n", 5, "no key", "tables" },
	{ "suite: x\ngroups:\n  g:\n    checks:\n      - { name: n, exists: { columns: [a] } }\n", 5, "a map", "" },
	{ "suite: x\ngroups:\n  g:\n    checks:\n      - { name: n, foreign_keys: some more }\n", 5, "cannot be",
	  "all" },
	{ "suite: x\ngroups:\n  g:\n    checks:\n      - { name: n, counts: { of: { a: b, a: c } } }\n", 5, "twice",
	  "" },
	{ "suite: \"x\\0y\"\n", 1, "NUL", "" },
	{ "suite: x\n---\nsuite: y\n", 2, "more than one document", "" },
	{ "suite: 'x\n", 2, "not valid YAML", "" },
};

static void tells_what_is_wrong_and_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < WB_ARRAY_LEN(wrong); i++) {
		wb_autoarena a = WB_ARENA_INIT;
		struct cli_suite s;
		struct wb_error err = { 0 };

		if (cli_suite_parse(&a, wb_sv_str(wrong[i].yaml), "s.yaml", &s, &err) != WB_EINPUT)
			fail_msg("taken: %s", wrong[i].yaml);
		if (!strstr(err.message, wrong[i].message) || !strstr(err.hint, wrong[i].hint) ||
		    err.line != wrong[i].line || strcmp(err.file, "s.yaml") != 0)
			fail_msg("%s\n%s:%u: %s (%s)", wrong[i].yaml, err.file, err.line, err.message, err.hint);
	}
}

static void reads_lines_of_programs(void **state)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_check_line line = { .severity = WB_CHECK_ERROR };

	(void)state;
	assert_int_equal(cli_suite_line(&a, "plain {text}", &line), 0);
	assert_string_equal(line.message, "plain {text}");
	assert_int_equal(cli_suite_line(&a,
					" {\"message\":\"m\",\"severity\":\"CRITICAL\",\"details\":"
					"{\"n\":1.5,\"t\":\"x\",\"l\":[1,\"b\"],\"o\":null,\"y\":true}}",
					&line),
			 0);
	assert_int_equal(line.severity, WB_CHECK_CRITICAL);
	assert_int_equal(line.n_details, 5);
	assert_int_equal(line.details[0].type, WB_CHECK_VALUE_NUMBER);
	assert_string_equal(line.details[2].text, "1, b");
	assert_int_equal(line.details[3].type, WB_CHECK_VALUE_NULL);
	assert_string_equal(line.details[4].text, "true");
	assert_int_not_equal(cli_suite_line(&a, "{\"message\":1}", &line), 0);
	assert_int_not_equal(cli_suite_line(&a, "{\"severity\":\"info\"}", &line), 0);
	assert_int_not_equal(cli_suite_line(&a, "{\"message\":\"m\",\"severity\":\"awful\"}", &line), 0);
	assert_int_not_equal(cli_suite_line(&a, "{\"message\":\"m\"", &line), 0);
}

static int parse_whole(void *user)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct cli_suite s;

	return cli_suite_parse(&a, wb_sv_str(user), "checks/all.yaml", &s, NULL);
}

static int docs(void *user)
{
	struct wb_out out = WB_OUT_MEMORY;
	int rc;

	(void)user;
	cli_suite_docs(&out);
	rc = out.buf.failed ? WB_ENOMEM : 0;
	wb_out_done(&out);
	return rc;
}

static void every_allocation_may_fail(void **state)
{
	static char text[sizeof(whole)];

	(void)state;
	memcpy(text, whole, sizeof(text));
	assert_true(wb_oom_run(parse_whole, text) > 1);
	assert_true(wb_oom_run(docs, NULL) > 0);
}

int test_suite(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_kind),
		cmocka_unit_test(tells_what_is_wrong_and_where),
		cmocka_unit_test(reads_lines_of_programs),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return RUN_GROUP("suite");
}
