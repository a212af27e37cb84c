/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel squash: one baseline file in place of the files up to a version.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

struct options {
	const char *to;
	bool keep;
};

static int confirm(struct cli *cli, const struct cli_target *target, struct wb_error *err)
{
	const struct options *o = cli->options;
	const char *dir = target->values[CLI_SET_DIR].text, *question;

	if (o->keep)
		return 0;
	question =
		wb_arena_printf(&cli->arena,
				"This removes the migrations up to %s from %s, once a baseline is proved to make the "
				"same database",
				o->to, dir ? dir : "the folder");
	return question ? cli_confirm(cli, question, NULL, err) : wb_err_nomem(err);
}

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct wb_squash_options how = { .size = sizeof(how), .to = o->to, .keep = o->keep };
	const struct cli_target *target;
	struct wb_squashed *squashed = NULL;
	cli_autoclose *context = NULL;
	int rc;

	if (!o->to)
		return wb_err_set(err, WB_EUSAGE, "squash needs --to VERSION: the newest file that goes in");
	rc = cli_one_target(cli, &target, err);
	if (rc == 0)
		rc = confirm(cli, target, err);
	if (rc == 0)
		rc = cli_open(cli, target, &context, err);
	if (rc == 0)
		rc = wb_squash(context, &how, &squashed, err);
	cli_progress_clear(cli->progress);
	if (rc < 0)
		return rc;
	rc = wb_report_squashed(&cli->out, (enum wb_format)cli->g.output, squashed, err);
	wb_squashed_free(squashed);
	return rc;
}

static const struct cli_option options[] = {
	{ "to", 0, CLI_TEXT, "VERSION", .offset = offsetof(struct options, to),
	  .help = "the newest migration that goes into the baseline" },
	{ "keep", 0, CLI_FLAG, .offset = offsetof(struct options, keep),
	  .help = "leave the old files: databases that have some of them still need the rest" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "squash --to 040 --keep", "the old files stay for old databases" },
	{ "squash --to 040", "once every database is past 040" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "the baseline is in place" },
	{ 1, "it does not make the same database; nothing has changed" },
	{ 3, "a migration failed on the scratch database; nothing has changed" },
	{ 4, "nobody confirmed, there is nothing to squash, pg_dump is missing, or the role may not create databases" },
	{ 6, "the server cannot be reached" },
	{ -1, NULL },
};

const struct cli_command cmd_squash = {
	.name = "squash",
	.summary = "one baseline file in place of the files up to a version, proved identical",
	.about =
		"Runs the migrations up to VERSION on a scratch database, writes what they made, rows included, as one "
		"baseline file, runs that alone on another scratch database, and compares the two. Only when they are "
		"the same are the old files removed; migrations.sum, where there is one, is written anew. The "
		"database itself is not touched. One that has all of the old files is past the baseline, one that is "
		"empty begins with it, and one in between is refused: bring it up to VERSION first. Values of "
		"variables are written as they are here. Roles and other things of the whole server are none of the "
		"database's, and not in the baseline. Interrupted, the same command finishes. PostgreSQL: needs "
		"CREATEDB and pg_dump.",
	.group = CLI_GROUP_MEND,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_NEEDS_DIR | CLI_HAS_EVENTS,
	.formats = CLI_TEXT_AND_JSON,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
