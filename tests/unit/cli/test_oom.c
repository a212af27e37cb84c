/* SPDX-License-Identifier: Apache-2.0
 *
 * Every allocation of our own fails once, from the command line to the
 * resolved settings.
 */
#include "tests.h"

#include "tests/unit/oom.h"
#include "base/banned.h"

static int dotenv(void *user)
{
	struct cli_env env = { 0 };
	int rc = cli_dotenv_parse(wb_sv_str(user), ".env", &env, NULL);

	cli_env_done(&env);
	return rc;
}

static int config(void *user)
{
	struct cli_config *c = NULL;
	int rc = cli_config_parse(wb_sv_str(user), "whimbrel.yaml", &c, NULL);

	cli_config_free(rc == 0 ? c : NULL);
	return rc;
}

static int whole(void *user)
{
	static char arg0[] = "whimbrel", arg1[] = "new", arg2[] = "x", arg3[] = "--depends-on=1,2", arg4[] = "-eprod",
		    arg5[] = "--url=sqlite:x";
	char *const argv[] = { arg0, arg1, arg2, arg3, arg4, arg5, NULL };
	struct cli cli = FRESH_CLI;
	struct wb_named_value *variables;
	struct wb_error err;
	size_t n;
	int rc = cli_parse(&cli, 6, argv, &err);

	if (rc == 0)
		rc = cli_parse_env(&cli, &err);
	if (rc == 0)
		rc = cli_config_parse(wb_sv_str(user), "whimbrel.yaml", &cli.config, &err);
	if (rc == 0)
		rc = cli_load_targets(&cli, &err);
	if (rc == 0)
		rc = cli_variables(&cli, false, &variables, &n, &err);
	cli_done(&cli);
	return rc;
}

static char yaml[] = "databases: { main: { url: 'sqlite:${WB_T_NONE:-x}', schemas: [a, b] } }\n"
		     "environments: { prod: { lock_wait: 5s, variables: { a: '${WB_T_NONE:-b}' } } }\n"
		     "variables: { a: x, c: y }\n";

static void every_allocation_fails(void **state)
{
	static char text[] = "A='1'\nexport B=2\nC=\"x\\ny\"\n";

	(void)state;
	assert_true(wb_oom_run(dotenv, text) > 0);
	assert_true(wb_oom_run(config, yaml) > 0);
	assert_true(wb_oom_run(whole, yaml) > 0);
}

int test_oom(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(every_allocation_fails) };

	return RUN_GROUP("oom");
}
