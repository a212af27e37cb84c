/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel history: every attempt and act.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

struct options {
	int64_t limit;
};

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct wb_history *history = NULL;
	cli_autoclose *context = NULL;
	int rc = cli_open_one(cli, &context, err);

	if (rc == 0)
		rc = wb_history(context, cli->n_args ? cli->args[0] : NULL, o->limit, &history, err);
	if (rc < 0)
		return rc;
	rc = wb_report_history(&cli->out, (enum wb_format)cli->g.output, history, err);
	wb_history_free(history);
	return rc;
}

static const struct cli_option options[] = {
	{ "limit", 'n', CLI_NUMBER, "N", .min = 0, .offset = offsetof(struct options, limit),
	  .help = "only the newest N (0: all)" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "history --limit 20", "the newest twenty" },
	{ "history 003", "everything that ever happened with 003" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = { { 0, "shown" }, { 6, "the database cannot be reached" }, { -1, NULL } };

const struct cli_command cmd_history = {
	.name = "history",
	.summary = "every attempt and act, newest first",
	.arguments = "[VERSION]",
	.about = "Applied, failed, reverted, repaired, unlocked: who did it, where, when, how long it took and how "
		 "it ended. The history only grows.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL,
	.formats = CLI_TEXT_AND_JSON,
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
