/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel down: reverts, newest first.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

struct options {
	const char *to;
	int64_t steps;
	bool dry_run;
};

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct wb_run_options how = {
		.size = sizeof(how),
		.plan = { .size = sizeof(how.plan), .down = true, .to = o->to, .steps = o->steps },
	};
	struct wb_run_result *result = NULL;
	cli_autoclose *context = NULL;
	int rc = 0;

	if (!o->dry_run)
		rc = cli_confirm_protected(cli, "reverts migrations", err);
	if (rc == 0)
		rc = cli_open_one(cli, &context, err);
	if (rc == 0 && o->dry_run)
		return cli_show_sql(cli, context, &how.plan, err);
	if (rc == 0)
		rc = cli_run_settings(cli, &how, err);
	if (rc < 0)
		return rc;
	rc = wb_down(context, &how, &result, err);
	return cli_report_run(cli, WB_ACTION_DOWN, result, rc, err);
}

static const struct cli_option options[] = {
	{ "to", 0, CLI_TEXT, "V", .offset = offsetof(struct options, to),
	  .help = "revert everything applied after V; V stays (0: nothing stays)" },
	{ "steps", 0, CLI_NUMBER, "N", .min = 1, .offset = offsetof(struct options, steps),
	  .help = "so many migrations (default 1)" },
	{ "dry-run", 0, CLI_FLAG, .offset = offsetof(struct options, dry_run),
	  .help = "print the exact SQL, run nothing" },
	{ "lock-wait", 0, CLI_DURATION, "D", .setting = CLI_SET_LOCK_WAIT,
	  .help = "for another run to end (60s; 0 does not wait)" },
	{ "timeout", 0, CLI_DURATION, "D", .setting = CLI_SET_TIMEOUT, .help = "cancel a migration that runs longer" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "down", "the newest one" },
	{ "down --to 003", "everything after 003" },
	{ "down --to 003 --dry-run", "the SQL of it" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "reverted, or nothing to revert" },
	{ 3, "a statement failed; what happened is recorded" },
	{ 4, "refused: there is no way down, or nobody confirmed" },
	{ 5, "another run holds the lock" },
	{ -1, NULL },
};

const struct cli_command cmd_down = {
	.name = "down",
	.summary = "revert, newest first; one migration unless told otherwise",
	.about = "Uses the down part of the file, else the one that was stored when the migration was applied, else "
		 "refuses. `up` stores how a migration without a down part can be undone, where it can. In a protected "
		 "environment it asks first.",
	.group = CLI_GROUP_CHANGE,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_NEEDS_DIR | CLI_HAS_EVENTS,
	.formats = CLI_TEXT_AND_JSON,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
