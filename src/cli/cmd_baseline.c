/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel baseline: declares where a database stands.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "report/text.h"
#include "base/banned.h"

struct options {
	const char *reason;
};

static int report(struct cli *cli, size_t recorded, struct wb_error *err)
{
	char buf[40];

	if (cli->g.output == WB_FORMAT_JSON) {
		const struct wb_fact facts[] = {
			WB_TEXT_FACT("version", cli->args[0]),
			WB_NUMBER_FACT("recorded", (int64_t)recorded),
		};

		return wb_report_facts(&cli->out, facts, WB_ARRAY_LEN(facts), err);
	}
	wb_out_addf(&cli->out, "The database stands at %s: %s recorded, nothing was run.\n", cli->args[0],
		    wb_text_count((int64_t)recorded, "migration", buf, sizeof(buf)));
	return 0;
}

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	cli_autoclose *context = NULL;
	size_t recorded = 0;
	int rc = cli_open_one(cli, &context, err);

	if (rc == 0)
		rc = wb_baseline(context, cli->args[0], o->reason, &recorded, err);
	return rc < 0 ? rc : report(cli, recorded, err);
}

static const struct cli_option options[] = {
	{ "reason", 0, CLI_TEXT, "TEXT", .offset = offsetof(struct options, reason), .help = "for the history" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "baseline 007", "the database was built by hand up to 007" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "recorded" },
	{ 4, "migrations are recorded already" },
	{ -1, NULL },
};

const struct cli_command cmd_baseline = {
	.name = "baseline",
	.summary = "declare that the database stands at a version, without running anything",
	.arguments = "VERSION",
	.about = "For a database that has its tables already: the files up to VERSION are recorded as its baseline, "
		 "and `up` goes on after them. Refused when migrations are recorded already.",
	.group = CLI_GROUP_MEND,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_NEEDS_DIR | CLI_HAS_EVENTS,
	.formats = CLI_TEXT_AND_JSON,
	.min_args = 1,
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
