/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel generate: not for users, and not in the list. The build writes man
 * pages and completion scripts with it, maintainers docs/commands/ and
 * docs/configuration.md, docs/checks.md, docs/bench.md and
 * docs/scenarios.md.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

typedef void (*page_fn)(struct wb_out *out);
typedef void (*command_fn)(struct wb_out *out, const struct cli_command *command);

static int write_page(const char *dir, const char *name, page_fn page, command_fn one,
		      const struct cli_command *command, struct wb_error *err)
{
	struct wb_out out = WB_OUT_MEMORY;
	wb_autoarena arena = WB_ARENA_INIT;
	char *path = wb_fs_join(&arena, dir, name);
	int rc;

	if (page)
		page(&out);
	else
		one(&out, command);
	rc = !path || out.buf.failed ? wb_err_nomem(err) : wb_fs_replace(path, wb_str_sv(&out.buf), 0644, err);
	wb_out_done(&out);
	return rc;
}

/* One page for each command: prefix + name + suffix. */
static int write_commands(struct cli *cli, const char *prefix, const char *suffix, command_fn one, struct wb_error *err)
{
	const struct cli_command *const *c;
	int rc = 0;

	for (c = cli_commands; rc == 0 && *c; c++) {
		const char *name = wb_arena_printf(&cli->arena, "%s%s%s", prefix, (*c)->name, suffix);

		rc = name ? write_page(cli->args[1], name, NULL, one, *c, err) : wb_err_nomem(err);
	}
	return rc;
}

static int write_man(struct cli *cli, struct wb_error *err)
{
	int rc = write_page(cli->args[1], "whimbrel.1", cli_man_program, NULL, NULL, err);

	return rc < 0 ? rc : write_commands(cli, "whimbrel-", ".1", cli_man_command, err);
}

static int write_docs(struct cli *cli, struct wb_error *err)
{
	const char *folder = wb_arena_printf(&cli->arena, "%s/commands", cli->args[1]);
	int rc = folder ? wb_fs_mkdir_p(folder, 0755, err) : wb_err_nomem(err);

	if (rc == 0)
		rc = write_page(cli->args[1], "configuration.md", cli_docs_configuration, NULL, NULL, err);
	if (rc == 0)
		rc = write_page(cli->args[1], "checks.md", cli_docs_checks, NULL, NULL, err);
	if (rc == 0)
		rc = write_page(cli->args[1], "bench.md", cli_docs_bench, NULL, NULL, err);
	if (rc == 0)
		rc = write_page(cli->args[1], "scenarios.md", cli_docs_scenarios, NULL, NULL, err);
	if (rc == 0)
		rc = write_page(cli->args[1], "rules.md", wb_report_rules_page, NULL, NULL, err);
	if (rc == 0)
		rc = write_page(cli->args[1], "commands/README.md", cli_docs_index, NULL, NULL, err);
	return rc < 0 ? rc : write_commands(cli, "commands/", ".md", cli_docs_command, err);
}

static int write_completion(struct cli *cli, struct wb_error *err)
{
	int rc = write_page(cli->args[1], "whimbrel", cli_complete_bash, NULL, NULL, err);

	if (rc == 0)
		rc = write_page(cli->args[1], "_whimbrel", cli_complete_zsh, NULL, NULL, err);
	if (rc == 0)
		rc = write_page(cli->args[1], "whimbrel.fish", cli_complete_fish, NULL, NULL, err);
	return rc;
}

static int run(struct cli *cli, struct wb_error *err)
{
	static int (*const writers[])(struct cli *, struct wb_error *) = { write_man, write_docs, write_completion };

	return writers[cli_choice_index(cli->command->argument_choices, wb_sv_str(cli->args[0]))](cli, err);
}

const struct cli_command cmd_generate = {
	.name = "generate",
	.summary = "write man pages, documentation or completion scripts into a folder",
	.arguments = "man|docs|completion DIR",
	.about = "For the build.",
	.group = CLI_GROUP_ABOUT,
	.flags = CLI_FREE_FORM,
	.formats = 1u << WB_FORMAT_TEXT,
	.min_args = 2,
	.max_args = 2,
	.argument_choices = "man|docs|completion",
	.run = run,
};
