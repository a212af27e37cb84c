/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel config: each value, and where it came from.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

struct table {
	struct cli *cli;
	WB_VEC(struct wb_setting_row) rows;
	bool failed;
};

static void add(struct table *t, struct wb_setting_row row)
{
	if (!wb_vec_push(&t->rows, row))
		t->failed = true;
}

static void add_setting(struct table *t, const struct cli_target *target, int setting, const char *database)
{
	const struct cli_value *v = &target->values[setting];
	struct wb_setting_row row = {
		.database = database,
		.key = cli_keys[setting].name,
		.value = cli_shown_value(t->cli, target, (enum cli_setting)setting),
		.origin = cli_origin_text(v->origin),
		.source = v->source,
		.error = v->problem ? v->problem->message : NULL,
	};

	add(t, row);
}

static void add_choices(struct table *t)
{
	const struct cli *cli = t->cli;
	struct wb_setting_row config = { .key = "config", .origin = "default" };
	struct wb_setting_row env = { .key = "env", .value = cli->environment, .origin = "default" };

	config.value = cli->config ? cli->config->file : NULL;
	if (cli->g.config)
		config.origin = "option or environment";
	if (cli->environment)
		env.origin = "option or environment";
	add(t, config);
	add(t, env);
}

static bool is_secret(const char *name)
{
	static const char *const words[] = { "password", "passwd", "secret", "token", "key" };
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(words); i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

static int add_variables(struct table *t, struct wb_error *err)
{
	struct wb_named_value *v = NULL;
	size_t i, n = 0;
	int rc = cli_variables(t->cli, true, &v, &n, err);

	for (i = 0; rc == 0 && i < n; i++) {
		struct wb_setting_row row = { .origin = "configuration" };

		row.key = wb_arena_printf(&t->cli->arena, "variables.%s", v[i].name);
		t->failed |= !row.key;
		row.value = v[i].value && is_secret(v[i].name) ? "***" : v[i].value;
		row.error = v[i].value ? NULL : "an environment variable of it is not set";
		if (row.key)
			add(t, row);
	}
	return rc;
}

static int run(struct cli *cli, struct wb_error *err)
{
	struct table t = { .cli = cli };
	int setting, rc;
	size_t i;

	add_choices(&t);
	for (setting = CLI_SET_PROJECT; setting < CLI_SET_COUNT; setting++)
		add_setting(&t, &cli->targets[0], setting, NULL);
	for (i = 0; i < cli->n_targets; i++)
		for (setting = CLI_SET_NONE + 1; setting < CLI_SET_PROJECT; setting++)
			add_setting(&t, &cli->targets[i], setting, cli->targets[i].name);
	rc = add_variables(&t, err);
	if (rc == 0 && t.failed)
		rc = wb_err_nomem(err);
	if (rc == 0)
		rc = wb_report_settings(&cli->out, (enum wb_format)cli->g.output, t.rows.v, t.rows.n, err);
	wb_vec_done(&t.rows);
	return rc;
}

static const struct cli_example examples[] = {
	{ "config", "what counts here and now" },
	{ "config -e production", "what would count in production" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = { { 0, "shown" }, { -1, NULL } };

const struct cli_command cmd_config = {
	.name = "config",
	.summary = "each setting, its value, and where it came from",
	.about = "Options, environment (.env is part of it) and whimbrel.yaml put together. Passwords are masked. No "
		 "database is connected to.",
	.group = CLI_GROUP_ABOUT,
	.flags = CLI_READS_CONFIG | CLI_EACH_DATABASE,
	.formats = CLI_TEXT_AND_JSON,
	.examples = examples,
	.exits = exits,
	.run = run,
};
