/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel trash: what destructive migrations have set aside.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

struct options {
	bool list, purge;
	int64_t restore, older_than;
};

static int check(const struct options *o, struct wb_error *err)
{
	if (o->list + o->purge + (o->restore != 0) > 1)
		return wb_err_set(err, WB_EUSAGE, "--list, --restore and --purge are three things: give one of them");
	if (o->older_than && !o->purge)
		return wb_err_set(err, WB_EUSAGE, "--older-than says what --purge removes: give both");
	return 0;
}

static int confirm(struct cli *cli, const struct options *o, struct wb_error *err)
{
	if (o->purge)
		return cli_confirm(cli, "This removes for good what migrations have set aside", NULL, err);
	return o->restore ? cli_confirm_protected(cli, "changes tables", err) : 0;
}

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct wb_trash_options how = { .size = sizeof(how),
					.act = o->purge     ? WB_TRASH_PURGE
					       : o->restore ? WB_TRASH_RESTORE
							    : WB_TRASH_LIST,
					.id = o->restore,
					.older_than_ms = o->older_than };
	const struct cli_target *target;
	struct wb_trash *trash = NULL;
	cli_autoclose *context = NULL;
	int rc = check(o, err);

	if (rc == 0)
		rc = confirm(cli, o, err);
	if (rc == 0)
		rc = cli_one_target(cli, &target, err);
	if (rc == 0)
		rc = cli_open(cli, target, &context, err);
	if (rc < 0)
		return rc;
	how.lock_wait_ms = target->values[CLI_SET_LOCK_WAIT].number ? target->values[CLI_SET_LOCK_WAIT].number : -1;
	rc = wb_trash(context, &how, &trash, err);
	if (rc < 0)
		return rc;
	rc = wb_report_trash(&cli->out, (enum wb_format)cli->g.output, trash, how.act, err);
	wb_trash_free(trash);
	return rc;
}

static const struct cli_option options[] = {
	{ "list", 0, CLI_FLAG, .offset = offsetof(struct options, list), .help = "what there is (default)" },
	{ "restore", 0, CLI_NUMBER, "ID", .min = 1, .offset = offsetof(struct options, restore),
	  .help = "bring one thing back, where `down` is not meant" },
	{ "purge", 0, CLI_FLAG, .offset = offsetof(struct options, purge),
	  .help = "remove old things for good (asks first)" },
	{ "older-than", 0, CLI_DURATION, "D", .min = 0, .offset = offsetof(struct options, older_than),
	  .help = "with --purge: what is old (30d)" },
	{ "lock-wait", 0, CLI_DURATION, "D", .setting = CLI_SET_LOCK_WAIT,
	  .help = "for a run of migrations to end (60s; 0 does not wait)" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "trash", "newest first, with rows and sizes" },
	{ "trash --restore 17", "the rows that a migration has taken" },
	{ "trash --purge --older-than 30d --yes", "once a day, by a timer" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "listed, or done" },
	{ 3, "the database refused; nothing has changed" },
	{ 4, "nobody confirmed" },
	{ 5, "a run of migrations holds the lock" },
	{ 6, "the database cannot be reached, or the connection was lost" },
	{ -1, NULL },
};

const struct cli_command cmd_trash = {
	.name = "trash",
	.summary = "what destructive migrations have set aside",
	.about =
		"With `trash: on`, a migration sets aside the tables, columns and rows that it takes away, and its "
		"undo "
		"(`whimbrel down`) brings them back with all that went with them. Here they are listed, one is brought "
		"back by itself, or old ones are removed; the migration then has no undo any more.",
	.group = CLI_GROUP_MEND,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL,
	.formats = CLI_TEXT_AND_JSON,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
