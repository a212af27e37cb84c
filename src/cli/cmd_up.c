/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel up: applies what is pending.
 */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/schema_options.h"
#include "cli/suite.h"

#include "base/banned.h"

struct options {
	const char *to;
	int64_t steps, wait;
	int dry_run, transaction, on_failure;
	bool out_of_order;
};

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct wb_run_options how = {
		.size = sizeof(how),
		.plan = { .size = sizeof(how.plan),
			  .to = o->to,
			  .steps = o->steps,
			  .transaction = (enum wb_transaction_mode)o->transaction,
			  .out_of_order = o->out_of_order },
		.dry_run = (enum wb_dry_run)o->dry_run,
		.on_failure = (enum wb_on_failure)o->on_failure,
		.wait_ms = o->wait,
	};
	struct wb_schema_options counts = { .size = sizeof(counts) };
	struct wb_run_result *result = NULL;
	cli_autoclose *context = NULL;
	int rc = cli_open_one(cli, &context, err);

	if (rc == 0 && o->dry_run == WB_DRY_RUN_SQL)
		return cli_show_sql(cli, context, &how.plan, err);
	if (rc == 0)
		rc = cli_run_settings(cli, &how, err);
	if (rc == 0)
		rc = cli_drift_gate(cli, &counts, &how, err);
	if (rc == 0)
		rc = cli_suite_gates(cli, &how, err);
	if (rc < 0)
		return rc;
	if (o->dry_run == WB_DRY_RUN_ROLLBACK)
		cli_progress_rehearsal(cli->progress);
	rc = wb_up(context, &how, &result, err);
	return cli_report_run(cli, o->dry_run ? WB_ACTION_REHEARSE : WB_ACTION_UP, result, rc, err);
}

static const struct cli_option options[] = {
	{ "to", 0, CLI_TEXT, "V", .offset = offsetof(struct options, to), .help = "stop after this version" },
	{ "steps", 0, CLI_NUMBER, "N", .min = 1, .offset = offsetof(struct options, steps),
	  .help = "at most N migrations" },
	{ "dry-run", 0, CLI_CHOICE, "rollback", .choices = "no|sql|rollback", .bare = "sql",
	  .offset = offsetof(struct options, dry_run),
	  .help = "print the exact SQL; =rollback runs it in one transaction and rolls it back" },
	{ "transaction", 0, CLI_CHOICE, "MODE", .choices = "file|all|none",
	  .offset = offsetof(struct options, transaction), .help = "one per file (default), one for all, or none" },
	{ "out-of-order", 0, CLI_FLAG, .offset = offsetof(struct options, out_of_order),
	  .help = "also apply files older than the newest applied one" },
	{ "wait", 0, CLI_DURATION, "D", .offset = offsetof(struct options, wait), .env = "WHIMBREL_WAIT",
	  .help = "for a database that is not yet up" },
	{ "lock-wait", 0, CLI_DURATION, "D", .setting = CLI_SET_LOCK_WAIT,
	  .help = "for another run to end (60s; 0 does not wait)" },
	{ "timeout", 0, CLI_DURATION, "D", .setting = CLI_SET_TIMEOUT, .help = "cancel a migration that runs longer" },
	{ "pause", 0, CLI_DURATION, "D", .setting = CLI_SET_PAUSE, .help = "rest between two migrations" },
	{ "on-failure", 0, CLI_CHOICE, "WHAT", .choices = "stop|rollback|restore",
	  .offset = offsetof(struct options, on_failure),
	  .help = "stop (default); rollback: revert what this run applied; restore: take a backup first and go back "
		  "to it" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "up", "everything that is pending" },
	{ "up --to 012 --lock-wait 5m", "up to 012, patient with another run" },
	{ "up --dry-run", "the SQL, nothing run" },
	{ "up --wait 60s --events -", "at the start of a container, events as JSON" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "done, or nothing to do" },
	{ 3, "a migration failed; what happened is recorded" },
	{ 4, "refused: `whimbrel validate` tells why" },
	{ 5, "another run holds the lock, or the blocking budget is spent" },
	{ 6, "the database cannot be reached, or the connection was lost" },
	{ -1, NULL },
};

const struct cli_command cmd_up = {
	.name = "up",
	.summary = "apply what is pending",
	.about = "Applies pending migrations in order, each together with its entry in the journal. Killed at any "
		 "moment, the next `up` goes on where it stopped, or says what has to be decided.",
	.group = CLI_GROUP_CHANGE,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_NEEDS_DIR | CLI_HAS_EVENTS,
	.formats = CLI_TEXT_AND_JSON,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
