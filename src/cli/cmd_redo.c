/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel redo: down, then up, of the newest.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

static int run(struct cli *cli, struct wb_error *err)
{
	struct wb_run_options how = { .size = sizeof(how), .plan = { .size = sizeof(how.plan) } };
	struct wb_run_result *result = NULL;
	cli_autoclose *context = NULL;
	int rc = cli_confirm_protected(cli, "reverts the newest migration and applies it again", err);

	if (rc == 0)
		rc = cli_open_one(cli, &context, err);
	if (rc == 0)
		rc = cli_run_settings(cli, &how, err);
	if (rc < 0)
		return rc;
	rc = wb_redo(context, &how, &result, err);
	return cli_report_run(cli, WB_ACTION_REDO, result, rc, err);
}

static const struct cli_option options[] = {
	{ "lock-wait", 0, CLI_DURATION, "D", .setting = CLI_SET_LOCK_WAIT,
	  .help = "for another run to end (60s; 0 does not wait)" },
	{ "timeout", 0, CLI_DURATION, "D", .setting = CLI_SET_TIMEOUT, .help = "cancel a migration that runs longer" },
	{ .name = NULL },
};
static const struct cli_example examples[] = { { "redo", "after the newest file was edited" }, { .command = NULL } };
static const struct cli_exit exits[] = {
	{ 0, "done, or nothing to do" },
	{ 3, "a statement failed; what happened is recorded" },
	{ 4, "refused: there is no way down, or nobody confirmed" },
	{ 5, "another run holds the lock" },
	{ -1, NULL },
};

const struct cli_command cmd_redo = {
	.name = "redo",
	.summary = "down, then up, of the newest migration",
	.about = "For the time in which a migration is being written: edit the file, `whimbrel redo`, look. What was "
		 "in its tables is gone afterwards. In a protected environment it asks first.",
	.group = CLI_GROUP_CHANGE,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_NEEDS_DIR | CLI_HAS_EVENTS,
	.formats = CLI_TEXT_AND_JSON,
	.options = options,
	.examples = examples,
	.exits = exits,
	.run = run,
};
