/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel new: the next migration file.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

struct options {
	int type, template_name;
	bool breaking;
	struct cli_list depends;
	const char *author;
};

static const char *const types[] = { "schema", "data", "security", "perf" };
static const char *const templates[] = { "basic", "table", "alter", "data", "phases" };

/* `whimbrel new add users table` needs no quotes. */
static const char *join_words(struct cli *cli)
{
	const char *all = cli->args[0];
	size_t i;

	for (i = 1; all && i < cli->n_args; i++)
		all = wb_arena_printf(&cli->arena, "%s %s", all, cli->args[i]);
	return all;
}

const char *cli_git_author(struct cli *cli)
{
	static const char *const argv[] = { "git", "config", "user.email", NULL };
	wb_autostr out = WB_STR_INIT;
	struct wb_sv email;

	if (wb_proc_output(argv, 1000, &out, NULL) < 0)
		return NULL;
	email = wb_sv_trim(wb_str_sv(&out));
	return email.n ? wb_arena_sv(&cli->arena, email) : NULL;
}

static int report(struct cli *cli, const char *path, const char *down, struct wb_error *err)
{
	struct wb_out *out = &cli->out;

	if (cli->g.output == WB_FORMAT_JSON) {
		const struct wb_fact facts[] = { WB_TEXT_FACT("path", path), WB_TEXT_FACT("down_path", down) };

		return wb_report_facts(out, facts, WB_ARRAY_LEN(facts), err);
	}
	wb_out_addf(out, "%s\n", path);
	if (down)
		wb_out_addf(out, "%s\n", down);
	cli_say(cli, WB_LOG_INFO, "Next: edit it, look at it with `whimbrel plan`, apply it with `whimbrel up`.");
	return 0;
}

static int run(struct cli *cli, struct wb_error *err)
{
	const struct options *o = cli->options;
	struct wb_new_file file = {
		.size = sizeof(file),
		.description = join_words(cli),
		.type = types[o->type],
		.template_name = templates[o->template_name],
		.author = o->author ? o->author : cli_git_author(cli),
		.depends = o->depends.v,
		.n_depends = o->depends.n,
		.breaking = o->breaking,
	};
	cli_autoclose *context = NULL;
	char *path = NULL, *down = NULL;
	int rc;

	if (!file.description)
		return wb_err_nomem(err);
	rc = cli_open_one(cli, &context, err);
	if (rc == 0)
		rc = wb_new(context, &file, &path, &down, err);
	if (rc == 0)
		rc = report(cli, path, down, err);
	free(path);
	free(down);
	return rc;
}

static const struct cli_option options[] = {
	{ "type", 0, CLI_CHOICE, "TYPE", .choices = "schema|data|security|perf",
	  .offset = offsetof(struct options, type), .help = "what it changes: schema (default), data, security, perf" },
	{ "template", 0, CLI_CHOICE, "NAME", .choices = "basic|table|alter|data|phases",
	  .offset = offsetof(struct options, template_name),
	  .help = "what stands in it: basic (default), table, alter, data, phases" },
	{ "breaking", 0, CLI_FLAG, .offset = offsetof(struct options, breaking),
	  .help = "mark it as one that older programs do not survive" },
	{ "depends-on", 0, CLI_LIST, "ID,...", .offset = offsetof(struct options, depends),
	  .help = "migrations that have to be applied before it" },
	{ "author", 0, CLI_TEXT, "WHO", .offset = offsetof(struct options, author), .env = "WHIMBREL_AUTHOR",
	  .help = "author (default: git's user.email)" },
	{ .name = NULL },
};
static const struct cli_example examples[] = {
	{ "new add users table --template table", "migrations/V002__add_users_table.sql" },
	{ "new backfill names --type data --depends-on 002", "with a dependency" },
	{ .command = NULL },
};
static const struct cli_exit exits[] = { { 0, "the file is written" }, { -1, NULL } };

const struct cli_command cmd_new = {
	.name = "new",
	.summary = "write the next migration file from a template",
	.arguments = "DESCRIPTION",
	.about = "The file follows those that are in the folder: the same style, the next number. Its path is the "
		 "result. Nothing is ever overwritten.",
	.group = CLI_GROUP_START,
	.flags = CLI_READS_CONFIG | CLI_NEEDS_DIR,
	.formats = CLI_TEXT_AND_JSON,
	.min_args = 1,
	.max_args = -1,
	.options = options,
	.options_size = sizeof(struct options),
	.examples = examples,
	.exits = exits,
	.run = run,
};
