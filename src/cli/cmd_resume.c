/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel resume: goes on after a failure or a crash.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

struct options {
	bool retry, skip;
};

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct wb_run_options how = {
		.size = sizeof(how),
		.plan = { .size = sizeof(how.plan) },
		.retry_unknown = o->retry,
		.skip_unknown = o->skip,
	};
	struct wb_run_result *result = NULL;
	cli_autoclose *context = NULL;
	int rc;

	if (o->retry && o->skip)
		return wb_err_set(err, WB_EUSAGE, "--retry and --skip contradict each other");
	rc = cli_open_one(cli, &context, err);
	if (rc == 0)
		rc = cli_run_settings(cli, &how, err);
	if (rc < 0)
		return rc;
	rc = wb_resume(context, &how, &result, err);
	return cli_report_run(cli, WB_ACTION_RESUME, result, rc, err);
}

static const struct cli_option options[] = {
	{ "retry", 0, CLI_FLAG, .offset = offsetof(struct options, retry),
	  .help = "run a step again of which nobody can know whether it happened" },
	{ "skip", 0, CLI_FLAG, .offset = offsetof(struct options, skip), .help = "take such a step as done" },
	{ "lock-wait", 0, CLI_DURATION, "D", .setting = CLI_SET_LOCK_WAIT,
	  .help = "for another run to end (60s; 0 does not wait)" },
	{ "timeout", 0, CLI_DURATION, "D", .setting = CLI_SET_TIMEOUT, .help = "cancel a migration that runs longer" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "resume", "go on where the last run stopped" },
	{ "resume --skip", "the step in question did happen: go on after it" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "done, or nothing was left unfinished" },
	{ 3, "a statement failed again" },
	{ 4, "the state of a step cannot be known: --retry or --skip decides" },
	{ 5, "another run holds the lock" },
	{ -1, NULL },
};

const struct cli_command cmd_resume = {
	.name = "resume",
	.summary = "go on after a failure or a crash, with the stored plan",
	.about = "Looks at each step that was under way: what happened is not run again, what did not happen is run, "
		 "what half happened is undone first. `up` does the same where all of that is known.",
	.group = CLI_GROUP_CHANGE,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_NEEDS_DIR | CLI_HAS_EVENTS,
	.formats = CLI_TEXT_AND_JSON,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
