/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel repair: brings the journal into agreement with the files.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

struct options {
	bool dry_run;
	const char *reason;
};

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct wb_repair *repair = NULL;
	cli_autoclose *context = NULL;
	int rc = 0;

	if (!o->dry_run)
		rc = cli_confirm_protected(cli, "accepts changed files and clears failed entries of the journal", err);
	if (rc == 0)
		rc = cli_open_one(cli, &context, err);
	if (rc == 0)
		rc = wb_repair(context, o->dry_run, o->reason, &repair, err);
	if (rc < 0)
		return rc;
	rc = wb_report_repair(&cli->out, (enum wb_format)cli->g.output, repair, err);
	wb_repair_free(repair);
	return rc;
}

static const struct cli_option options[] = {
	{ "dry-run", 0, CLI_FLAG, .offset = offsetof(struct options, dry_run),
	  .help = "say what would be repaired, repair nothing" },
	{ "reason", 0, CLI_TEXT, "TEXT", .offset = offsetof(struct options, reason), .help = "for the history" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "repair --dry-run", "what it would do" },
	{ "repair --reason 'comments only'", "accept the files as they are now" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = { { 0, "repaired, or nothing to repair" },
					 { 4, "nobody confirmed" },
					 { -1, NULL } };

const struct cli_command cmd_repair = {
	.name = "repair",
	.summary = "accept changed checksums, clear failed entries, mark missing files",
	.about = "Changes the journal, never your tables. Each repair is recorded in the history with its reason. In "
		 "a protected environment it asks first.",
	.group = CLI_GROUP_MEND,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_NEEDS_DIR | CLI_HAS_EVENTS,
	.formats = CLI_TEXT_AND_JSON,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
