/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel adopt: takes over another tool's history.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

#define TOOLS \
	"auto|flyway|golang-migrate|dbmate|rails|goose|alembic|sqlx|atlas|sqitch|liquibase|refinery|tern|graphile-" \
	"migrate"

struct options {
	int from; /* index into TOOLS */
	const char *table, *files;
	bool dry_run, write_sql, accept_changed;
};

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct wb_adopt_options a = { .size = sizeof(a),
				      .table = o->table,
				      .files = o->files,
				      .dry_run = o->dry_run,
				      .write_sql = o->write_sql,
				      .accept_changed = o->accept_changed };
	struct wb_adoption *adoption = NULL;
	cli_autoclose *context = NULL;
	int rc = 0;

	if (o->from > 0)
		a.from = wb_adopt_tools()[o->from - 1]; /* the first is "auto" */
	if (!o->dry_run)
		rc = cli_confirm_protected(cli, "takes over the history of another tool", err);
	if (rc == 0)
		rc = cli_open_one(cli, &context, err);
	if (rc == 0)
		rc = wb_adopt(context, &a, &adoption, err);
	if (rc < 0)
		return rc;
	rc = wb_report_adoption(&cli->out, (enum wb_format)cli->g.output, adoption, err);
	if (rc == 0 && adoption->dry_run && adoption->changed && !o->accept_changed)
		rc = 1;
	wb_adoption_free(adoption);
	return rc;
}

static const struct cli_option options[] = {
	{ "from", 0, CLI_CHOICE, "TOOL", .choices = TOOLS, .offset = offsetof(struct options, from),
	  .help = "the tool, where its table does not tell" },
	{ "table", 0, CLI_TEXT, "TABLE", .offset = offsetof(struct options, table),
	  .help = "its table, [SCHEMA.]NAME, where there are several" },
	{ "files", 0, CLI_TEXT, "DIR", .offset = offsetof(struct options, files),
	  .help = "the tool's own files, where they are not in the folder of the migrations" },
	{ "dry-run", 0, CLI_FLAG, .offset = offsetof(struct options, dry_run),
	  .help = "say what would be recorded, change nothing" },
	{ "write-sql", 0, CLI_FLAG, .offset = offsetof(struct options, write_sql),
	  .help = "first write the tool's migrations as SQL files (alembic, sqitch, graphile-migrate)" },
	{ "accept-changed", 0, CLI_FLAG, .offset = offsetof(struct options, accept_changed),
	  .help = "take files as they are whose checksum differs from the tool's" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "adopt --dry-run", "which tool, versions, checksums" },
	{ "--dir db/migrations adopt", "take over; `whimbrel up` goes on" },
	{ "adopt --from rails --table app.schema_migrations", "of several" },
	{ "--dir migrations adopt --write-sql", "Alembic: SQL files first" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = {
	{ 0, "recorded, or nothing to do" },
	{ 1, "--dry-run: files differ from what was applied" },
	{ 4, "a file was changed, the tool left something half done, or the journal has migrations of its own" },
	{ 5, "the tool, or another run, holds its lock" },
	{ 64, "no history of a known tool, or several" },
	{ -1, NULL },
};

const struct cli_command cmd_adopt = {
	.name = "adopt",
	.summary = "take over the history of another migration tool",
	.about = "Reads the history that Flyway, golang-migrate, dbmate, Rails, goose, Alembic, sqlx, Atlas, Sqitch, "
		 "Liquibase, refinery, tern or graphile-migrate keeps in this database, joins it to the files of "
		 "--dir, checks the files where the tool kept checksums, and records it in the journal. The tool's "
		 "tables are only read, and it can still be run. The tool is told by the columns of its table. "
		 "Versions whose files are no SQL become one baseline and lines of the history. Adopting again takes "
		 "over what the tool has applied since.",
	.group = CLI_GROUP_START,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_URL | CLI_USES_DIR | CLI_HAS_EVENTS,
	.formats = CLI_TEXT_AND_JSON,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
