/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel locks: who holds what, and who waits for whom.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

struct options {
	const char *break_id;
	int64_t terminate;
};

static int show(struct cli *cli, struct wb_context *context, struct wb_error *err)
{
	struct wb_locks *locks = NULL;
	int rc = wb_locks(context, &locks, err);

	if (rc < 0)
		return rc;
	rc = wb_report_locks(&cli->out, (enum wb_format)cli->g.output, locks, err);
	wb_locks_free(locks);
	return rc;
}

static int confirm(struct cli *cli, const struct options *o, struct wb_error *err)
{
	const char *question = NULL;

	if (o->break_id)
		question = wb_arena_printf(
			&cli->arena, "This takes the lock %s away from its holder, which can then commit nothing more",
			o->break_id);
	else if (o->terminate)
		question = wb_arena_printf(&cli->arena,
					   "This ends the database session %lld and rolls back what it is doing",
					   (long long)o->terminate);
	else
		return 0;
	return question ? cli_confirm(cli, question, NULL, err) : wb_err_nomem(err);
}

static int report(struct cli *cli, const struct options *o, struct wb_error *err)
{
	const struct wb_fact facts[] = {
		WB_TEXT_FACT("broken", o->break_id),
		WB_NUMBER_FACT("terminated", o->terminate ? o->terminate : -1),
	};

	if (cli->g.output == WB_FORMAT_JSON)
		return wb_report_facts(&cli->out, facts, WB_ARRAY_LEN(facts), err);
	if (o->break_id)
		wb_out_addf(&cli->out, "The lock %s was taken from its holder; the history tells.\n", o->break_id);
	else
		wb_out_addf(&cli->out, "Session %lld was ended.\n", (long long)o->terminate);
	return 0;
}

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	cli_autoclose *context = NULL;
	int rc;

	if (o->break_id && o->terminate)
		return wb_err_set(err, WB_EUSAGE, "--break and --terminate are two steps: give one of them");
	rc = confirm(cli, o, err);
	if (rc == 0)
		rc = cli_open_one(cli, &context, err);
	if (rc == 0 && o->break_id)
		rc = wb_lock_break(context, o->break_id, err);
	else if (rc == 0 && o->terminate)
		rc = wb_terminate(context, o->terminate, err);
	else if (rc == 0)
		return show(cli, context, err);
	return rc < 0 ? rc : report(cli, o, err);
}

static const struct cli_option options[] = {
	{ "break", 0, CLI_TEXT, "ID", .offset = offsetof(struct options, break_id),
	  .help = "take a lock from its holder (asks first)" },
	{ "terminate", 0, CLI_NUMBER, "PID", .min = 1, .offset = offsetof(struct options, terminate),
	  .help = "end a session of the server (asks first)" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "locks", "the migration lock, and who blocks whom" },
	{ "locks --break main", "the holder is dead for certain" },
	{ "locks --terminate 4711", "end the session that blocks" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "shown, or done" },
	{ 4, "nobody confirmed" },
	{ 6, "the database cannot be reached" },
	{ -1, NULL },
};

const struct cli_command cmd_locks = {
	.name = "locks",
	.summary = "who holds what, who waits for whom",
	.about = "Shows the lock of a migration run with its holder, and the sessions of the server that wait for "
		 "each other. A lock that nobody lives to release can be broken: its old holder cannot commit "
		 "anything afterwards.",
	.group = CLI_GROUP_MEND,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL,
	.formats = CLI_TEXT_AND_JSON,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
