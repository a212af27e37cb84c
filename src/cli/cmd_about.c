/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel completion, version, help: nothing here reads a file.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include <jansson.h>

#include "cli/cli_versions.h"
#include "base/banned.h"

static const struct cli_exit exits[] = { { 0, "printed" }, { -1, NULL } };

/* ---- completion ---- */

static int run_completion(struct cli *cli, struct wb_error *err)
{
	static void (*const shells[])(struct wb_out *) = { cli_complete_bash, cli_complete_zsh, cli_complete_fish };

	(void)err;
	shells[cli_choice_index(cli->command->argument_choices, wb_sv_str(cli->args[0]))](&cli->out);
	return 0;
}

static const struct cli_example completion_examples[] = {
	{ "completion bash > /etc/bash_completion.d/whimbrel", "for everybody" },
	{ "completion zsh > ~/.zfunc/_whimbrel", "a folder of $fpath" },
	{ "completion fish > ~/.config/fish/completions/whimbrel.fish", "for fish" },
	{ .command = NULL },
};

const struct cli_command cmd_completion = {
	.name = "completion",
	.summary = "print the completion script of a shell",
	.arguments = "bash|zsh|fish",
	.about = "Commands, options and the values that options can have.",
	.group = CLI_GROUP_ABOUT,
	.flags = CLI_FREE_FORM,
	.formats = 1u << WB_FORMAT_TEXT,
	.min_args = 1,
	.max_args = 1,
	.argument_choices = "bash|zsh|fish",
	.examples = completion_examples,
	.exits = exits,
	.run = run_completion,
};

/* ---- version ---- */

static int run_version(struct cli *cli, struct wb_error *err)
{
	const struct wb_fact facts[] = {
		WB_TEXT_FACT("version", wb_version()),        WB_TEXT_FACT("sqlite", WB_CLI_SQLITE_VERSION),
		WB_TEXT_FACT("libpq", WB_CLI_LIBPQ_VERSION),  WB_TEXT_FACT("jansson", JANSSON_VERSION),
		WB_TEXT_FACT("libyaml", WB_CLI_YAML_VERSION),
	};
	size_t i;

	if (cli->g.output == WB_FORMAT_JSON)
		return wb_report_facts(&cli->out, facts, WB_ARRAY_LEN(facts), err);
	wb_out_addf(&cli->out, "whimbrel %s\n", wb_version());
	for (i = 1; cli->g.verbose > 0 && i < WB_ARRAY_LEN(facts); i++)
		wb_out_addf(&cli->out, "%-8s %s\n", facts[i].key, facts[i].text);
	return 0;
}

static const struct cli_example version_examples[] = {
	{ "version", "the program's" },
	{ "version -v", "and those of the libraries it was built with" },
	{ .command = NULL },
};

const struct cli_command cmd_version = {
	.name = "version",
	.summary = "version of the program and of the libraries it was built with",
	.about = "The same as `whimbrel --version`.",
	.group = CLI_GROUP_ABOUT,
	.formats = CLI_TEXT_AND_JSON,
	.examples = version_examples,
	.exits = exits,
	.run = run_version,
};

/* ---- help ---- */

static int unknown_topic(const char *topic, struct wb_error *err)
{
	const struct cli_command *const *c;
	struct cli_guess guess;

	wb_err_set(err, WB_EUSAGE, "there is no help for \"%s\"", topic);
	cli_guess_init(&guess, wb_sv_str(topic));
	for (c = cli_commands; *c; c++)
		cli_guess_try(&guess, wb_sv_str((*c)->name));
	if (!cli_guess_hint(&guess, "whimbrel help ", err))
		wb_err_hint(err, "`whimbrel help` lists the commands");
	return WB_EUSAGE;
}

static int run_help(struct cli *cli, struct wb_error *err)
{
	const struct cli_command *command;

	if (cli->n_args == 0) {
		cli_help_overview(&cli->out);
		return 0;
	}
	if (strcmp(cli->args[0], "options") == 0) {
		cli_help_globals(&cli->out);
		return 0;
	}
	command = cli_command_find(wb_sv_str(cli->args[0]));
	if (!command)
		return unknown_topic(cli->args[0], err);
	cli_help_command(&cli->out, command);
	return 0;
}

static const struct cli_example help_examples[] = {
	{ "help", "the commands" },
	{ "help up", "one of them; the same as `whimbrel up --help`" },
	{ "help options", "the global options" },
	{ .command = NULL },
};

const struct cli_command cmd_help = {
	.name = "help",
	.summary = "the commands, one of them, or the global options",
	.arguments = "[COMMAND|options]",
	.about = "More than a screen holds is in the man pages: `man whimbrel`, `man whimbrel-up`.",
	.group = CLI_GROUP_ABOUT,
	.flags = CLI_FREE_FORM,
	.formats = 1u << WB_FORMAT_TEXT,
	.max_args = 1,
	.examples = help_examples,
	.exits = exits,
	.run = run_help,
};
