/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel create, drop, reset: the database itself. The library refuses drop
 * and reset where the environment does not allow them; here they are also
 * confirmed by the name of the database.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

static int report(struct cli *cli, const char *key, bool done, const char *yes, const char *no, struct wb_error *err)
{
	const struct cli_target *target = &cli->targets[0];
	const char *name = cli_database_name(cli, target);

	if (!name)
		return wb_err_nomem(err);
	if (cli->g.output == WB_FORMAT_JSON) {
		const struct wb_fact facts[] = { WB_TEXT_FACT("database", name), WB_BOOL_FACT(key, done) };

		return wb_report_facts(&cli->out, facts, WB_ARRAY_LEN(facts), err);
	}
	wb_out_clean(&cli->out, name);
	wb_out_addf(&cli->out, ": %s.\n", done ? yes : no);
	return 0;
}

/* Where it is refused anyway, there is nothing to ask. */
static int confirm(struct cli *cli, const char *what, struct wb_error *err)
{
	const struct cli_target *target;
	const char *name, *question;
	int rc = cli_one_target(cli, &target, err);

	if (rc < 0 || target->values[CLI_SET_PROTECTED].number || !target->values[CLI_SET_ALLOW_RESET].number)
		return rc;
	name = cli_database_name(cli, target);
	question = name ? wb_arena_printf(&cli->arena, "This %s the database %s: everything in it is lost", what, name)
			: NULL;
	return question ? cli_confirm(cli, question, name, err) : wb_err_nomem(err);
}

static int run_create(struct cli *cli, struct wb_error *err)
{
	cli_autoclose *context = NULL;
	bool created = false;
	int rc = cli_open_one(cli, &context, err);

	if (rc == 0)
		rc = wb_create_database(context, &created, err);
	return rc < 0 ? rc : report(cli, "created", created, "created", "it is there already", err);
}

static int run_drop(struct cli *cli, struct wb_error *err)
{
	cli_autoclose *context = NULL;
	bool dropped = false;
	int rc = confirm(cli, "drops", err);

	if (rc == 0)
		rc = cli_open_one(cli, &context, err);
	if (rc == 0)
		rc = wb_drop_database(context, &dropped, err);
	return rc < 0 ? rc : report(cli, "dropped", dropped, "dropped", "it is not there", err);
}

static int run_reset(struct cli *cli, struct wb_error *err)
{
	struct wb_run_options how = { .size = sizeof(how), .plan = { .size = sizeof(how.plan) } };
	struct wb_run_result *result = NULL;
	cli_autoclose *context = NULL;
	int rc = confirm(cli, "drops and builds anew", err);

	if (rc == 0)
		rc = cli_open_one(cli, &context, err);
	if (rc == 0)
		rc = cli_run_settings(cli, &how, err);
	if (rc == 0)
		rc = wb_reset_database(context, err);
	if (rc < 0)
		return rc;
	rc = wb_up(context, &how, &result, err);
	return cli_report_run(cli, WB_ACTION_RESET, result, rc, err);
}

static const struct cli_exit create_exits[] = {
	{ 0, "it is there" },
	{ 4, "the role may not create databases" },
	{ 6, "the server cannot be reached" },
	{ -1, NULL },
};
static const struct cli_exit drop_exits[] = {
	{ 0, "it is gone, or anew" },
	{ 3, "a migration failed (reset)" },
	{ 4, "the environment does not allow it, or nobody confirmed" },
	{ 6, "the server cannot be reached" },
	{ -1, NULL },
};
static const struct cli_example create_examples[] = { { "create", "does nothing when it is there" },
						      { .command = NULL } };
static const struct cli_example drop_examples[] = {
	{ "drop -e development", "asks for the name of the database" },
	{ "drop -e development --yes", "for scripts" },
	{ .command = NULL },
};
static const struct cli_example reset_examples[] = {
	{ "reset -e development", "drop, create, up" },
	{ .command = NULL },
};

const struct cli_command cmd_create = {
	.name = "create",
	.summary = "create the database if it is not there",
	.about = "PostgreSQL: CREATE DATABASE, from the maintenance database of the server. SQLite: the file.",
	.group = CLI_GROUP_DATABASE,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL,
	.formats = CLI_TEXT_AND_JSON,
	.examples = create_examples,
	.exits = create_exits,
	.run = run_create,
};

const struct cli_command cmd_drop = {
	.name = "drop",
	.summary = "drop the database, where the environment allows it",
	.about = "Needs `allow_reset: true` in the chosen environment, and none that is protected. Asks for the name "
		 "of the database.",
	.group = CLI_GROUP_DATABASE,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL,
	.formats = CLI_TEXT_AND_JSON,
	.examples = drop_examples,
	.exits = drop_exits,
	.run = run_drop,
};

const struct cli_command cmd_reset = {
	.name = "reset",
	.summary = "drop, create and migrate anew, where the environment allows it",
	.about = "Needs `allow_reset: true` in the chosen environment, and none that is protected. Asks for the name "
		 "of the database.",
	.group = CLI_GROUP_DATABASE,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_NEEDS_DIR | CLI_HAS_EVENTS,
	.formats = CLI_TEXT_AND_JSON,
	.examples = reset_examples,
	.exits = drop_exits,
	.run = run_reset,
};
