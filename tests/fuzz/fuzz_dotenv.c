/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as .env: names are names, values come back, refusals have a place
 * and never show the line; and a value of its own, quoted, is read back as it
 * was.
 */
#include <stdint.h>
#include <stdio.h>

#include "cli/cli.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static bool is_name(const char *name)
{
	if (!*name || (*name >= '0' && *name <= '9'))
		return false;
	for (; *name; name++)
		if (!((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
		      (*name >= '0' && *name <= '9') || *name == '_'))
			return false;
	return true;
}

/* The value in double quotes, as a file would say it. */
static void check_round_trip(const struct cli_variable *v)
{
	struct cli_env env = { 0 };
	wb_autostr text = WB_STR_INIT;

	wb_str_addf(&text, "%s=\"", v->name);
	for (const char *p = v->value; *p; p++) {
		if (*p == '"' || *p == '\\' || *p == '$')
			wb_str_addc(&text, '\\');
		wb_str_addc(&text, *p);
	}
	wb_str_add(&text, "\" # end\n");
	check(!text.failed && cli_dotenv_parse(wb_str_sv(&text), "again", &env, NULL) == 0, "a quoted value is read");
	check(env.dotenv.n == 1 && strcmp(env.dotenv.v[0].value, v->value) == 0, "a quoted value comes back");
	cli_env_done(&env);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cli_env env = { 0 };
	struct wb_error err = { .code = 0 };
	int rc;

	if (size > 64 * 1024)
		return 0;
	rc = cli_dotenv_parse(wb_sv((const char *)data, size), "fuzz.env", &env, &err);
	check(rc == 0 || rc == WB_ECONFIG, "wrong text is wrong configuration");
	if (rc < 0) {
		check(err.line >= 1 && err.column >= 1 && err.line <= size + 1, "an error has a place");
		check(err.excerpt[0] == '\0', "no line is shown");
	}
	for (size_t i = 0; i < env.dotenv.n; i++) {
		check(is_name(env.dotenv.v[i].name), "a name is a name");
		check_round_trip(&env.dotenv.v[i]);
	}
	cli_env_done(&env);
	return 0;
}
