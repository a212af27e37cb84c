/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel plan: what up or down would run.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

#define EXIT_REFUSED 4

struct options {
	const char *to;
	int64_t steps;
	bool down, out_of_order;
	int transaction;
};

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct wb_plan_options how = {
		.size = sizeof(how),
		.down = o->down,
		.to = o->to,
		.steps = o->steps,
		.transaction = (enum wb_transaction_mode)o->transaction,
		.out_of_order = o->out_of_order,
	};
	struct wb_plan *plan = NULL;
	cli_autoclose *context = NULL;
	int rc = cli_open_one(cli, &context, err);

	if (rc == 0)
		rc = wb_plan(context, &how, &plan, err);
	if (rc < 0)
		return rc;
	rc = wb_report_plan(&cli->out, (enum wb_format)cli->g.output, plan, err);
	if (rc == 0 && plan->refused)
		rc = EXIT_REFUSED;
	wb_plan_free(plan);
	return rc;
}

static const struct cli_option options[] = {
	{ "to", 0, CLI_TEXT, "V", .offset = offsetof(struct options, to),
	  .help = "up to this version; with --down: this one stays (0: none stays)" },
	{ "steps", 0, CLI_NUMBER, "N", .min = 1, .offset = offsetof(struct options, steps),
	  .help = "so many migrations" },
	{ "down", 0, CLI_FLAG, .offset = offsetof(struct options, down), .help = "what `down` would run" },
	{ "transaction", 0, CLI_CHOICE, "MODE", .choices = "file|all|none",
	  .offset = offsetof(struct options, transaction), .help = "one per file (default), one for all, or none" },
	{ "out-of-order", 0, CLI_FLAG, .offset = offsetof(struct options, out_of_order),
	  .help = "also files older than the newest applied one" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "plan", "what up would run" },
	{ "plan --down --to 003", "what it takes to go back to 003" },
	{ "plan -o markdown", "as a comment for a pull request" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "planned, or nothing to do" },
	{ 4, "up would refuse, or a statement of it fail" },
	{ 6, "the database cannot be reached" },
	{ -1, NULL },
};

const struct cli_command cmd_plan = {
	.name = "plan",
	.summary = "the steps that up or down would run",
	.about = "Shows each statement, how they are grouped into transactions, which locks it takes and whom they "
		 "block, "
		 "what it rewrites or scans and how long that takes here, how risky it is, and the way back. Planning "
		 "never changes the database, and works with a read-only role; what it may not see is unknown.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_NEEDS_DIR,
	.formats = CLI_TEXT_AND_JSON | 1u << WB_FORMAT_MARKDOWN,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
