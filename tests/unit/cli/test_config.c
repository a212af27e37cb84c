/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel.yaml.
 */
#include "tests.h"

#include "base/banned.h"

static const char *value(const struct cli *cli, const char *path)
{
	const struct cli_entry *e = cli_config_get(cli->config, "%s", path);

	return e ? e->text : NULL;
}

static void reads_the_whole(void **state)
{
	static const char yaml[] =
		"# all of it\n"
		"databases:\n"
		"  main: { url: \"${DATABASE_URL}\", direct_url: x, dir: db/migrations, numbering: strict,\n"
		"          schemas: [public, orchestrator] }\n"
		"  graph:\n"
		"    url: 'neo4j://h'\n"
		"environments:\n"
		"  development: { allow_reset: yes }\n"
		"  production:  { backup: before, protected: true, blocking_budget: 10s,\n"
		"                 databases: { main: { url: y } }, variables: { a: b } }\n"
		"  empty:\n"
		"project: shop\n"
		"variables: { app_schema: orchestrator, number: 7 }\n"
		"queries:\n"
		"  one: SELECT 1\n"
		"  two: { sql: SELECT 2, database: main, description: d }\n";
	struct cli cli = FRESH_CLI;
	struct wb_error err;

	(void)state;
	assert_int_equal(configure(&cli, yaml, &err), 0);
	assert_string_equal(value(&cli, "databases.main.url"), "${DATABASE_URL}");
	assert_string_equal(value(&cli, "databases.main.schemas"), "public,orchestrator");
	assert_string_equal(value(&cli, "databases.graph.url"), "neo4j://h");
	assert_string_equal(value(&cli, "environments.production.databases.main.url"), "y");
	assert_string_equal(value(&cli, "environments.production.variables.a"), "b");
	assert_string_equal(value(&cli, "project"), "shop");
	assert_string_equal(value(&cli, "variables.number"), "7");
	assert_string_equal(value(&cli, "queries.one"), "SELECT 1");
	assert_string_equal(value(&cli, "queries.two.sql"), "SELECT 2");
	assert_non_null(cli_config_get(cli.config, "environments.empty"));
	assert_null(cli_config_get(cli.config, "environments.nosuch"));
	assert_int_equal(cli_config_get(cli.config, "project")->line, 12);
	cli_done(&cli);
}

static void reads_nothing(void **state)
{
	static const char *const empty[] = {
		"", "\n# only a comment\n", "---\n", "~", "databases:\n", "databases: {}"
	};
	struct wb_error err;
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(empty); i++) {
		struct cli cli = FRESH_CLI;

		assert_int_equal(configure(&cli, empty[i], &err), 0);
		assert_null(cli_config_get(cli.config, "databases.main"));
		cli_done(&cli);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *yaml, *message, *hint;
		unsigned line, column;
	} cases[] = {
		{ "projekt: x", "unknown key \"projekt\"", "\"project\"", 1, 1 },
		{ "url: x", "unknown key \"url\"", "databases.main.url", 1, 1 },
		{ "databases:\n  main: { numberin: strict }", "unknown key \"databases.main.numberin\"",
		  "\"numbering\"", 2, 11 },
		{ "databases:\n  m\xC3\xA4in: { urll: x }", "made of letters", "", 2, 3 },
		{ "variables: { \xC3\xA4: 1 }", "made of letters", "", 1, 14 },
		/* columns count bytes, also behind wider characters */
		{ "queries: { a: { sql: \"\xC3\xA4\xC3\xB6\", sqll: x } }", "unknown key \"queries.a.sqll\"", "\"sql\"",
		  1, 30 },
		{ "project: a\nproject: b", "stands here twice", "", 2, 1 },
		{ "project: [a]", "must be a single value", "", 1, 10 },
		{ "project: { a: b }", "must be a single value", "", 1, 10 },
		{ "databases: x", "must be a map", "", 1, 12 },
		{ "databases: [x]", "must be a map", "", 1, 12 },
		{ "queries: { a: [x] }", "must be a text or a map", "", 1, 15 },
		{ "databases: { m: { schemas: { a: b } } }", "a list of names", "", 1, 28 },
		{ "databases: { m: { schemas: [ [a] ] } }", "a list of names", "", 1, 30 },
		{ "environments: { e: { protected: maybe } }", "cannot be \"maybe\"", "true or false", 1, 33 },
		{ "lock_wait: soon", "cannot be \"soon\"", "250ms", 1, 12 },
		{ "backup: after", "cannot be \"after\"", "off|before", 1, 9 },
		{ "- a\n- b", "must be a map of keys and values", "", 1, 1 },
		{ "a: [b", "not valid YAML", "", 0, 0 },
		{ "a: b\n\tc: d", "not valid YAML", "", 2, 1 },
		{ "project: a\n---\nproject: b", "more than one document", "", 2, 1 },
		{ "? [a]\n: b", "must be a plain word", "", 1, 3 },
		{ "project: *x", "not valid YAML", "", 1, 10 },
		{ "project: \"a\\0b\"", "without NUL", "", 1, 10 },
	};
	struct wb_error err;
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct cli cli = FRESH_CLI;

		memset(&err, 0, sizeof(err));
		if (configure(&cli, cases[i].yaml, &err) != WB_ECONFIG)
			fail_msg("not refused: %s", cases[i].yaml);
		if (!strstr(err.message, cases[i].message) || !strstr(err.hint, cases[i].hint))
			fail_msg("%s: %s / %s", cases[i].yaml, err.message, err.hint);
		assert_string_equal(err.file, "whimbrel.yaml");
		if (cases[i].line && (err.line != cases[i].line || err.column != cases[i].column))
			fail_msg("%s: %u:%u", cases[i].yaml, err.line, err.column);
		assert_null(cli.config);
		cli_done(&cli);
	}
}

/* What still has to be expanded is judged when it is needed. */
static void leaves_references_alone(void **state)
{
	struct cli cli = FRESH_CLI;
	struct wb_error err;

	(void)state;
	assert_int_equal(configure(&cli, "lock_wait: \"${WAIT}\"\nprotected: ${P}", &err), 0);
	assert_string_equal(value(&cli, "lock_wait"), "${WAIT}");
	cli_done(&cli);
}

/* An alias is what it stands for; one that holds itself ends where the key table ends. */
static void follows_aliases(void **state)
{
	struct cli cli = FRESH_CLI;
	struct wb_error err;

	(void)state;
	assert_int_equal(configure(&cli, "databases: { a: &x { dir: d }, b: *x }", &err), 0);
	assert_string_equal(value(&cli, "databases.b.dir"), "d");
	cli_done(&cli);
	assert_int_equal(configure(&cli, "databases: &d { a: *d }", &err), WB_ECONFIG);
	cli_done(&cli);
}

static int collect(void *user, struct wb_sv name, const struct cli_entry *entry)
{
	wb_str_addsv(user, name);
	wb_str_addf(user, "@%u ", entry->line);
	return 0;
}

static void lists_children(void **state)
{
	struct cli cli = FRESH_CLI;
	wb_autostr names = WB_STR_INIT;
	struct wb_error err;

	(void)state;
	assert_int_equal(configure(&cli, "databases:\n  b: { dir: x }\n  a:\n  c: {}\n", &err), 0);
	assert_int_equal(cli_config_children(cli.config, "databases.", collect, &names), 0);
	assert_string_equal(names.p, "b@2 a@3 c@4 ");
	assert_int_equal(cli_config_children(NULL, "databases.", collect, &names), 0);
	cli_done(&cli);
}

int test_config(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_whole), cmocka_unit_test(reads_nothing),
		cmocka_unit_test(refuses),         cmocka_unit_test(leaves_references_alone),
		cmocka_unit_test(follows_aliases), cmocka_unit_test(lists_children),
	};

	return RUN_GROUP("config");
}
