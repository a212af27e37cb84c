/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel snapshot, whimbrel dump: a schema as a text.
 */
#include "cli/commands.h"
#include "cli/schema_options.h"

#include "base/banned.h"

typedef int (*text_fn)(struct wb_schema *schema, const char **ret_text, size_t *ret_size, struct wb_error *err);

/* "12 tables, 80 columns, 9 indexes" for standard error, once the file is there. */
static const char *counts_text(struct cli *cli, const struct wb_schema *s)
{
	const char *all = NULL;
	size_t i;

	for (i = 0; i < s->n_counts; i++) {
		const struct wb_schema_count *c = &s->counts[i];

		all = wb_arena_printf(&cli->arena, "%s%s%zu %s", all ? all : "", all ? ", " : "", c->n,
				      c->n == 1 ? c->kind : c->plural);
		if (!all)
			return NULL;
	}
	return all ? all : "no objects";
}

static int report(struct cli *cli, struct wb_schema *schema, text_fn text_of, struct wb_error *err)
{
	bool json = cli->g.output == WB_FORMAT_JSON && !(cli->command->flags & CLI_FREE_FORM);
	const char *text = NULL;
	size_t size = 0;
	int rc = json ? 0 : text_of(schema, &text, &size, err);

	if (rc == 0)
		rc = wb_report_schema(&cli->out, json ? WB_FORMAT_JSON : WB_FORMAT_TEXT, schema, text, size, err);
	cli->wrote = counts_text(cli, schema);
	return rc;
}

static int show(struct cli *cli, text_fn text_of, struct wb_error *err)
{
	const char *where = cli->n_args ? cli->args[0] : NULL;
	struct wb_schema_options how = { .size = sizeof(how) };
	struct wb_schema *schema = NULL;
	cli_autoclose *context = NULL;
	int rc = cli_schema_open(cli, &where, 1, &context, &how, err);

	if (rc == 0)
		rc = wb_schema_read(context, where, &how, &schema, err);
	if (rc == 0)
		rc = report(cli, schema, text_of, err);
	wb_schema_free(schema);
	return rc;
}

static int run_snapshot(struct cli *cli, struct wb_error *err)
{
	return show(cli, wb_schema_snapshot, err);
}

static int run_dump(struct cli *cli, struct wb_error *err)
{
	return show(cli, wb_schema_ddl, err);
}

static const struct cli_option options[] = { CLI_SCHEMA_OPTIONS, { .name = NULL } };
static const struct cli_example snapshot_examples[] = {
	{ "snapshot --file schema.snapshot", "of the configured database; for the repository" },
	{ "snapshot migrations --to 012", "of what the migrations up to 012 make" },
	{ "snapshot -o json", "every object with its attributes" },
	{ .command = NULL },
};
static const struct cli_example dump_examples[] = {
	{ "dump", "the DDL of the configured database" },
	{ "dump migrations --scratch-url sqlite:/tmp/any.db", "of what the migrations make" },
	{ "dump schema.snapshot", "of a snapshot" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = { { 0, "written" }, CLI_SCHEMA_EXITS };

const struct cli_command cmd_snapshot = {
	.name = "snapshot",
	.summary = "the schema as a file that can be read, compared and run",
	.arguments = "[WHERE]",
	.about = "WHERE is a URL, a folder of migrations, or a snapshot; without it the configured database. A folder "
		 "is run in a scratch database that is made for it and removed. Equal schemas give equal texts, so a "
		 "snapshot in the repository shows in its history what changed. Nothing is changed, no lock is taken; "
		 "Whimbrel's own tables, the system's objects and those of extensions are left out.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_USES_SCRATCH,
	.formats = CLI_TEXT_AND_JSON,
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct cli_schema_options),
	.examples = snapshot_examples,
	.exits = exits,
	.run = run_snapshot,
};

const struct cli_command cmd_dump = {
	.name = "dump",
	.summary = "the schema's DDL, without Whimbrel's own tables",
	.arguments = "[WHERE]",
	.about = "The statements that make the schema, in an order in which they can be run; no rows. WHERE is a URL, "
		 "a folder of migrations, or a snapshot; without it the configured database.",
	.group = CLI_GROUP_LOOK,
	.flags = CLI_READS_CONFIG | CLI_USES_SCRATCH | CLI_FREE_FORM,
	.formats = 1u << WB_FORMAT_TEXT,
	.max_args = 1,
	.options = options,
	.options_size = sizeof(struct cli_schema_options),
	.examples = dump_examples,
	.exits = exits,
	.run = run_dump,
};
