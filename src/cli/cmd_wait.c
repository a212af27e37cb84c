/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel wait: until the database accepts connections.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

struct options {
	int64_t timeout;
};

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	int64_t started = wb_now_ms(), waited;
	cli_autoclose *context = NULL;
	char buf[40];
	int rc = cli_open_one(cli, &context, err);

	if (rc == 0)
		rc = wb_wait(context, o->timeout, err);
	if (rc < 0)
		return rc;
	waited = wb_now_ms() - started;
	if (cli->g.output == WB_FORMAT_JSON) {
		const struct wb_fact facts[] = { WB_BOOL_FACT("ready", true), WB_NUMBER_FACT("waited_ms", waited) };

		return wb_report_facts(&cli->out, facts, WB_ARRAY_LEN(facts), err);
	}
	wb_out_addf(&cli->out, "%s accepts connections (after %s).\n", wb_safe_url(context),
		    wb_duration_text(waited, buf, sizeof(buf)));
	return 0;
}

static const struct cli_option options[] = {
	{ "timeout", 0, CLI_DURATION, "D", .offset = offsetof(struct options, timeout), .env = "WHIMBREL_WAIT_TIMEOUT",
	  .help = "give up after this time (default 60s)" },
	{ .name = NULL },
};
static const struct cli_example examples[] = { { "wait --timeout 2m", "before the first command in CI" },
					       { .command = NULL } };
static const struct cli_exit exits[] = { { 0, "it accepts connections" }, { 6, "it did not in time" }, { -1, NULL } };

const struct cli_command cmd_wait = {
	.name = "wait",
	.summary = "until the database accepts connections",
	.about = "Tries again and again, at once first and then more slowly. A password that is refused ends it at "
		 "once.",
	.group = CLI_GROUP_DATABASE,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_HAS_EVENTS,
	.formats = CLI_TEXT_AND_JSON,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
