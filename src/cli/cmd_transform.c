/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel transform: data transformations by rules.
 */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/rules.h"

#include "base/banned.h"

struct options {
	bool dry_run, restart, continue_on_error, no_checks;
	int64_t batch_size, wait;
	struct cli_list only;
};

static int read_files(struct cli *cli, struct cli_rules *ret_rules, struct wb_error *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; rc == 0 && i < cli->n_args; i++)
		rc = cli_rules_read(&cli->arena, cli->args[i], ret_rules, err);
	return rc;
}

static int show(struct cli *cli, struct wb_transform_result *result, int rc, struct wb_error *err)
{
	struct wb_error failed = { 0 }, ignored;
	bool answered = rc == 0 || rc == WB_ENO;
	int shown;

	if (!result)
		return rc;
	if (!answered)
		failed = *err;
	cli_progress_clear(cli->progress);
	shown = wb_report_transform(&cli->out, (enum wb_format)cli->g.output, result, answered ? NULL : &failed,
				    rc < 0 ? &ignored : err);
	cli->error_shown = cli->g.output == WB_FORMAT_JSON;
	wb_transform_result_free(result);
	if (rc == WB_ENO)
		return shown < 0 ? shown : wb_code_exit_status(WB_ENO);
	return rc < 0 ? rc : shown;
}

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct cli_rules rules = { 0 };
	struct wb_run_options how = { .size = sizeof(how) };
	struct wb_transform_options options = {
		.size = sizeof(options),
		.dry_run = o->dry_run,
		.restart = o->restart,
		.continue_on_error = o->continue_on_error,
		.no_checks = o->no_checks,
		.batch_size = o->batch_size,
		.wait_ms = o->wait,
		.only = { o->only.v, o->only.n },
	};
	struct wb_transform_result *result = NULL;
	cli_autoclose *context = NULL;
	int rc = read_files(cli, &rules, err);

	if (rc == 0)
		rc = cli_open_one(cli, &context, err);
	if (rc == 0)
		rc = cli_run_settings(cli, &how, err);
	options.lock_wait_ms = how.lock_wait_ms;
	options.continue_on_error |= rules.continue_on_error;
	options.no_checks |= rules.no_checks;
	if (rc == 0)
		rc = wb_transform(context, rules.v, rules.n, &options, &result, err);
	rc = show(cli, result, rc, err);
	free(rules.v);
	return rc;
}

static const struct cli_option options[] = {
	{ "dry-run", 0, CLI_FLAG, .offset = offsetof(struct options, dry_run),
	  .help = "count what each rule is about, and what would be rejected; nothing is changed" },
	{ "only", 0, CLI_LIST, "IDS", .offset = offsetof(struct options, only),
	  .help = "these rules alone; what they depend on is taken as done" },
	{ "restart", 0, CLI_FLAG, .offset = offsetof(struct options, restart),
	  .help = "rules that were left half done begin anew" },
	{ "continue-on-error", 0, CLI_FLAG, .offset = offsetof(struct options, continue_on_error),
	  .help = "a rule that fails stops only those that depend on it" },
	{ "no-checks", 0, CLI_FLAG, .offset = offsetof(struct options, no_checks), .help = "leave the checks out" },
	{ "batch-size", 0, CLI_NUMBER, "ROWS", .min = 1, .offset = offsetof(struct options, batch_size),
	  .help = "in place of that of the rules" },
	{ "wait", 0, CLI_DURATION, "D", .offset = offsetof(struct options, wait), .env = "WHIMBREL_WAIT",
	  .help = "for a database that is not yet up" },
	{ "lock-wait", 0, CLI_DURATION, "D", .setting = CLI_SET_LOCK_WAIT,
	  .help = "for another run to end (60s; 0 does not wait)" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "transform rules.yaml --dry-run", "how many rows, and how many would be rejected" },
	{ "transform rules.yaml", "run, or go on where a killed run stopped" },
	{ "transform rules.yaml --only servers -o json", "one rule, its counts for a program" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "done; of --dry-run: no rule would stop" },
	{ 1, "done, but rows were rejected; of --dry-run: so many would be that a rule would stop" },
	{ 3, "a rule failed; what it has done is recorded, and the next run goes on there" },
	{ 4, "refused: a half done rule was changed" },
	{ 5, "another run holds the lock" },
	{ 6, "the database cannot be reached, or the connection was lost" },
	{ -1, NULL },
};

const struct cli_command cmd_transform = {
	.name = "transform",
	.summary = "move and change data by rules, in batches",
	.arguments = "RULES...",
	.about = "Fills or changes tables as the rules of a YAML file say (docs/transform.md), in batches by key. Each "
		 "batch commits with the place where it stopped: a run that is killed goes on exactly there.",
	.group = CLI_GROUP_CHANGE,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_HAS_EVENTS,
	.formats = CLI_TEXT_AND_JSON,
	.min_args = 1,
	.max_args = -1,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
