/* SPDX-License-Identifier: Apache-2.0
 *
 * Which value counts, and where it came from.
 */
#include "tests.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/banned.h"

static char folder[32];

static const char yaml[] = "databases:\n"
			   "  main: { url: 'sqlite:config.db', direct_url: 'sqlite:direct.db' }\n"
			   "environments:\n"
			   "  staging: { databases: { main: { url: '${WB_T_STAGING}' } }, lock_wait: 5s }\n"
			   "  plain: { protected: true }\n"
			   "lock_wait: 7s\n"
			   "variables: { a: one, b: '${WB_T_UNSET}' }\n";

static void forget(void)
{
	static const char *const names[] = { "WHIMBREL_URL",       "DATABASE_URL", "WB_T_STAGING",
					     "WHIMBREL_LOCK_WAIT", "WB_T_UNSET",   "WHIMBREL_DIR" };
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(names); i++)
		unsetenv(names[i]);
}

static int enter(void **state)
{
	(void)state;
	forget();
	(void)wb_sv_copy(WB_SV("/tmp/wb-resolve-XXXXXX"), folder, sizeof(folder));
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	(void)state;
	forget();
	(void)rmdir("db/migrations");
	(void)rmdir("db");
	(void)rmdir("sql");
	return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static const struct cli_value *resolve(struct cli *cli, const char *line, const char *text, enum cli_setting setting)
{
	struct wb_error err;

	if (parse(cli, line, &err) < 0 || configure(cli, text, &err) < 0 || cli_load_targets(cli, &err) < 0)
		fail_msg("%s: %s", line, err.message);
	return &cli->targets[0].values[setting];
}

static void assert_resolves(const char *line, const char *text, enum cli_setting setting, const char *expected,
			    enum cli_origin origin, const char *source)
{
	struct cli cli = FRESH_CLI;
	const struct cli_value *v = resolve(&cli, line, text, setting);

	if (!v->text || strcmp(v->text, expected) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", line, v->text ? v->text : "(none)", expected);
	assert_int_equal(v->origin, origin);
	if (source)
		assert_string_equal(v->source, source);
	else
		assert_null(v->source);
	cli_done(&cli);
}

static void the_stronger_counts(void **state)
{
	(void)state;
	assert_resolves("up", yaml, CLI_SET_URL, "sqlite:config.db", CLI_FROM_CONFIG, "whimbrel.yaml:2");
	setenv("DATABASE_URL", "sqlite:env.db", 1);
	assert_resolves("up", yaml, CLI_SET_URL, "sqlite:env.db", CLI_FROM_CUSTOM, "DATABASE_URL");
	setenv("WB_T_STAGING", "sqlite:staging.db", 1);
	assert_resolves("up -e staging", yaml, CLI_SET_URL, "sqlite:staging.db", CLI_FROM_ENVIRONMENT_CONFIG,
			"whimbrel.yaml:4");
	setenv("WHIMBREL_URL", "sqlite:own.db", 1);
	assert_resolves("up -e staging", yaml, CLI_SET_URL, "sqlite:own.db", CLI_FROM_VARIABLE, "WHIMBREL_URL");
	assert_resolves("up -e staging --url sqlite:o.db", yaml, CLI_SET_URL, "sqlite:o.db", CLI_FROM_OPTION, "--url");
}

static void durations_are_numbers(void **state)
{
	struct cli cli = FRESH_CLI;

	(void)state;
	assert_resolves("up", "", CLI_SET_LOCK_WAIT, "60s", CLI_FROM_DEFAULT, NULL);
	assert_int_equal(resolve(&cli, "up", yaml, CLI_SET_LOCK_WAIT)->number, 7000);
	cli_done(&cli);
	assert_int_equal(resolve(&cli, "up -e staging", yaml, CLI_SET_LOCK_WAIT)->number, 5000);
	cli_done(&cli);
	setenv("WHIMBREL_LOCK_WAIT", "2m", 1);
	assert_int_equal(resolve(&cli, "up -e staging", yaml, CLI_SET_LOCK_WAIT)->number, 120000);
	cli_done(&cli);
	assert_int_equal(resolve(&cli, "up --lock-wait 0", yaml, CLI_SET_LOCK_WAIT)->number, 0);
	cli_done(&cli);
	setenv("WHIMBREL_LOCK_WAIT", "soon", 1);
	assert_int_equal(resolve(&cli, "up", yaml, CLI_SET_LOCK_WAIT)->problem->code, WB_EUSAGE);
	cli_done(&cli);
}

/* ${DATABASE_URL} in the configuration says where the variable belongs; nothing else may take it. */
static void a_variable_that_is_asked_for(void **state)
{
	static const char two[] =
		"databases:\n  main: { url: '${DATABASE_URL}', direct_url: d }\n  b: { url: 'sqlite:b.db' }\n";
	struct cli cli = FRESH_CLI;

	(void)state;
	setenv("DATABASE_URL", "sqlite:env.db", 1);
	assert_resolves("up -d main", two, CLI_SET_URL, "sqlite:env.db", CLI_FROM_CONFIG, "whimbrel.yaml:2");
	assert_resolves("up -d main", two, CLI_SET_DIRECT_URL, "d", CLI_FROM_CONFIG, "whimbrel.yaml:2");
	assert_resolves("up -d b", two, CLI_SET_URL, "sqlite:b.db", CLI_FROM_CONFIG, "whimbrel.yaml:3");
	unsetenv("DATABASE_URL");
	assert_null(resolve(&cli, "up -d main", two, CLI_SET_URL)->text);
	assert_int_equal(cli.targets[0].values[CLI_SET_URL].problem->code, WB_ECONFIG);
	assert_int_equal(cli.targets[0].values[CLI_SET_URL].problem->line, 2);
	assert_non_null(strstr(cli.targets[0].values[CLI_SET_URL].problem->message, "DATABASE_URL"));
	cli_done(&cli);
}

/* A migration must not go half to one database and half to another. */
static void direct_url_goes_with_its_url(void **state)
{
	struct cli cli = FRESH_CLI;

	(void)state;
	assert_resolves("up", yaml, CLI_SET_DIRECT_URL, "sqlite:direct.db", CLI_FROM_CONFIG, "whimbrel.yaml:2");
	assert_null(resolve(&cli, "up --url sqlite:other.db", yaml, CLI_SET_DIRECT_URL)->text);
	cli_done(&cli);
	setenv("WB_T_STAGING", "sqlite:staging.db", 1);
	assert_null(resolve(&cli, "up -e staging", yaml, CLI_SET_DIRECT_URL)->text);
	cli_done(&cli);
}

static void an_empty_value_is_none(void **state)
{
	(void)state;
	setenv("DATABASE_URL", "", 1);
	assert_resolves("up", "databases: { main: { url: '${WB_T_UNSET:-}', dir: x } }", CLI_SET_DIR, "x",
			CLI_FROM_CONFIG, "whimbrel.yaml:1");
}

static void finds_a_folder(void **state)
{
	struct cli cli = FRESH_CLI;

	(void)state;
	assert_null(resolve(&cli, "up", "", CLI_SET_DIR)->text);
	cli_done(&cli);
	assert_int_equal(mkdir("sql", 0755), 0);
	assert_resolves("up", "", CLI_SET_DIR, "sql", CLI_FROM_DEFAULT, NULL);
	assert_int_equal(mkdir("db", 0755), 0);
	assert_int_equal(mkdir("db/migrations", 0755), 0);
	assert_resolves("up", "", CLI_SET_DIR, "db/migrations", CLI_FROM_DEFAULT, NULL);
	assert_resolves("up --dir x", "", CLI_SET_DIR, "x", CLI_FROM_OPTION, "--dir");
}

static void chooses_databases(void **state)
{
	static const char several[] = "databases: { main: { url: a }, audit: { url: b } }\n"
				      "environments: { dev: { databases: { extra: { url: c } } } }\n";
	const struct cli_target *target;
	struct cli cli = FRESH_CLI;
	struct wb_error err;

	(void)state;
	(void)resolve(&cli, "status", several, CLI_SET_URL);
	assert_int_equal(cli.n_targets, 2);
	assert_string_equal(cli.targets[1].name, "audit");
	assert_int_equal(cli_one_target(&cli, &target, &err), WB_EUSAGE);
	assert_non_null(strstr(err.hint, "main, audit"));
	cli_done(&cli);
	(void)resolve(&cli, "status -e dev", several, CLI_SET_URL);
	assert_int_equal(cli.n_targets, 3);
	cli_done(&cli);
	(void)resolve(&cli, "status -d audit", several, CLI_SET_URL);
	assert_int_equal(cli_one_target(&cli, &target, &err), 0);
	assert_string_equal(target->values[CLI_SET_URL].text, "b");
	cli_done(&cli);
	(void)resolve(&cli, "status", "", CLI_SET_URL);
	assert_int_equal(cli.n_targets, 1);
	assert_string_equal(cli.targets[0].name, "main");
	cli_done(&cli);
}

static void refuses(void **state)
{
	static const struct {
		const char *line, *yaml, *message, *help;
	} cases[] = {
		{ "status -d audti", "databases: { main: {}, audit: {} }", "no database \"audti\"", "\"audit\"" },
		{ "status -d x", "", "no database \"x\"", "no database is configured" },
		{ "status -e stagin", yaml, "no environment \"stagin\"", "\"staging\"" },
		{ "status -e x", "", "no environment \"x\"", "configures none" },
		{ "status -e staging.databases", yaml, "no environment", "" },
		{ "status --url sqlite:x", "databases: { main: {}, audit: {} }", "--url names one database",
		  "-d NAME" },
	};
	struct wb_error err;
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct cli cli = FRESH_CLI;

		assert_int_equal(parse(&cli, cases[i].line, &err), 0);
		assert_int_equal(configure(&cli, cases[i].yaml, &err), 0);
		assert_int_equal(cli_load_targets(&cli, &err), WB_EUSAGE);
		if (!strstr(err.message, cases[i].message) ||
		    (!strstr(err.hint, cases[i].help) && !strstr(err.detail, cases[i].help)))
			fail_msg("%s: %s / %s / %s", cases[i].line, err.message, err.detail, err.hint);
		cli_done(&cli);
	}
}

static void gathers_variables(void **state)
{
	static const char text[] = "variables: { a: one, b: '${WB_T_UNSET}' }\n"
				   "environments: { e: { variables: { b: two, c: three } } }\n";
	struct wb_named_value *v;
	struct cli cli = FRESH_CLI;
	struct wb_error err;
	size_t n;

	(void)state;
	(void)resolve(&cli, "up", text, CLI_SET_URL);
	assert_int_equal(cli_variables(&cli, false, &v, &n, &err), WB_ECONFIG);
	assert_int_equal(err.line, 1);
	assert_int_equal(cli_variables(&cli, true, &v, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_null(v[1].value);
	cli_done(&cli);
	setenv("WB_T_UNSET", "x", 1);
	(void)resolve(&cli, "up -e e", text, CLI_SET_URL);
	assert_int_equal(cli_variables(&cli, false, &v, &n, &err), 0);
	assert_int_equal(n, 3);
	assert_string_equal(v[0].value, "one");
	assert_string_equal(v[1].value, "two"); /* the environment's */
	assert_string_equal(v[2].name, "c");
	cli_done(&cli);
}

static void knows_the_database_by_name(void **state)
{
	static const struct {
		const char *url, *name;
	} cases[] = {
		{ "sqlite:app.db", "app.db" },
		{ "sqlite:///var/lib/app.db", "app.db" },
		{ "sqlite:data/app.db?mode=rw", "app.db" },
		{ "postgres://u:p@h:5432/shop?sslmode=require", "shop" },
		{ "postgresql:///shop?host=/tmp", "shop" },
		{ "postgres://u@h", "main" },
		{ "host=h dbname=shop user=u", "shop" },
		{ "dbname=shop", "shop" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct cli cli = FRESH_CLI;
		struct cli_target target = { .name = "main" };

		target.values[CLI_SET_URL].text = cases[i].url;
		assert_string_equal(cli_database_name(&cli, &target), cases[i].name);
		cli_done(&cli);
	}
}

static void masks_passwords(void **state)
{
	struct cli cli = FRESH_CLI;
	struct cli_target target = { .name = "main" };
	const char *shown;

	(void)state;
	target.values[CLI_SET_URL].text = "postgres://u:hunter2@h/shop";
	shown = cli_shown_value(&cli, &target, CLI_SET_URL);
	assert_null(strstr(shown, "hunter2"));
	assert_non_null(strstr(shown, "shop"));
	target.values[CLI_SET_URL].text = "host=h password=hunter2";
	assert_null(strstr(cli_shown_value(&cli, &target, CLI_SET_URL), "hunter2"));
	cli_done(&cli);
}

#define HERE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int test_resolve(void)
{
	static const struct CMUnitTest tests[] = {
		HERE(the_stronger_counts),
		HERE(durations_are_numbers),
		HERE(a_variable_that_is_asked_for),
		HERE(direct_url_goes_with_its_url),
		HERE(an_empty_value_is_none),
		HERE(finds_a_folder),
		HERE(chooses_databases),
		HERE(refuses),
		HERE(gathers_variables),
		HERE(knows_the_database_by_name),
		HERE(masks_passwords),
	};

	return RUN_GROUP("resolve");
}
