/* SPDX-License-Identifier: Apache-2.0
 *
 * Shell completion from the tables: one script for each shell, needing nothing
 * but the shell itself.
 */
#include "cli/cli.h"

#include "base/banned.h"

static void words(struct wb_out *out, const char *choices)
{
	struct wb_sv rest = wb_sv_str(choices), word;
	bool first = true;

	while (wb_sv_cut(&rest, '|', &word)) {
		wb_out_add(out, first ? "" : " ");
		wb_out_addn(out, word.p, word.n);
		first = false;
	}
}

static bool takes_file(const struct cli_option *o)
{
	return o->argument && (strcmp(o->argument, "FILE") == 0 || strcmp(o->argument, "PATH") == 0);
}

static bool takes_folder(const struct cli_option *o)
{
	return o->argument && strcmp(o->argument, "DIR") == 0;
}

static bool takes_word(const struct cli_option *o)
{
	return o->argument && !o->bare;
}

static void command_names(struct wb_out *out)
{
	const struct cli_command *const *c;

	for (c = cli_commands; *c; c++)
		wb_out_addf(out, "%s%s", c == cli_commands ? "" : " ", (*c)->name);
}

/* Argument words of a command: its choices; of `help` the commands. */
static void argument_words(struct wb_out *out, const struct cli_command *c)
{
	if (strcmp(c->name, "help") == 0)
		command_names(out);
	else if (c->argument_choices)
		words(out, c->argument_choices);
}

static bool has_argument_words(const struct cli_command *c)
{
	return c->argument_choices || strcmp(c->name, "help") == 0;
}

/* ---- bash ---- */

static void bash_names(struct wb_out *out, const struct cli_option *o)
{
	for (; o && o->name; o++) {
		if (o->letter)
			wb_out_addf(out, " -%c", o->letter);
		wb_out_addf(out, " --%s", o->name);
	}
}

/* case COMMAND:--option) what its value can be */
static void bash_values(struct wb_out *out, const char *command, const struct cli_option *o)
{
	for (; o && o->name; o++) {
		if (!o->argument)
			continue;
		wb_out_addf(out, "\t%s:--%s=", command, o->name);
		if (!o->bare)
			wb_out_addf(out, "|%s:--%s", command, o->name);
		if (o->letter)
			wb_out_addf(out, "|%s:-%c", command, o->letter);
		wb_out_add(out, ") ");
		if (o->choices) {
			wb_out_add(out, "COMPREPLY=($(compgen -W '");
			words(out, o->choices);
			wb_out_add(out, "' -- \"$cur\"));");
		} else if (takes_file(o)) {
			wb_out_add(out, "COMPREPLY=($(compgen -f -- \"$cur\"));");
		} else if (takes_folder(o)) {
			wb_out_add(out, "COMPREPLY=($(compgen -d -- \"$cur\"));");
		} else {
			wb_out_add(out, ":;");
		}
		wb_out_add(out, " return ;;\n");
	}
}

static void bash_with_words(struct wb_out *out)
{
	const struct cli_option *o;
	bool first = true;

	for (o = cli_global_options; o->name; o++) {
		if (!takes_word(o))
			continue;
		wb_out_addf(out, "%s--%s", first ? "" : "|", o->name);
		if (o->letter)
			wb_out_addf(out, "|-%c", o->letter);
		first = false;
	}
}

static void bash_commands(struct wb_out *out)
{
	const struct cli_command *const *c;

	for (c = cli_commands; *c; c++) {
		wb_out_addf(out, "\t%s) options='", (*c)->name);
		bash_names(out, (*c)->options);
		wb_out_add(out, "'; words='");
		argument_words(out, *c);
		wb_out_add(out, "' ;;\n");
	}
}

void cli_complete_bash(struct wb_out *out)
{
	const struct cli_command *const *c;

	wb_out_add(out, "# bash completion for whimbrel, written by `whimbrel completion bash`\n"
			"# shellcheck shell=bash disable=SC2207\n"
			"_whimbrel() {\n"
			"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command='' options='' "
			"words='' equal='' i\n"
			"\tCOMPREPLY=()\n"
			"\tif [[ $cur == = ]]; then cur='' equal='='; elif [[ $prev == = ]]; then "
			"prev=${COMP_WORDS[COMP_CWORD-2]} equal='='; "
			"fi\n"
			"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
			"\t\tcase ${COMP_WORDS[i]} in\n\t\t");
	bash_with_words(out);
	wb_out_add(out, ") [[ ${COMP_WORDS[i+1]} == = ]] && ((i++)); ((i++)) ;;\n"
			"\t\t-*|=) ;;\n"
			"\t\t*) command=${COMP_WORDS[i]}; break ;;\n"
			"\t\tesac\n\tdone\n"
			"\tcase $command:$prev$equal in\n");
	for (c = cli_commands; *c; c++)
		bash_values(out, (*c)->name, (*c)->options);
	bash_values(out, "*", cli_global_options);
	wb_out_add(out, "\tesac\n\tcase $command in\n\t'') words='");
	command_names(out);
	wb_out_add(out, "' ;;\n");
	bash_commands(out);
	wb_out_add(out, "\tesac\n\tif [[ $cur == -* ]]; then words=\"$options");
	bash_names(out, cli_global_options);
	wb_out_add(out,
		   "\"; fi\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -F _whimbrel whimbrel\n");
}

/* ---- zsh ---- */

/* Inside '…[here]…:': quotes, brackets and colons end something. */
static void zsh_text(struct wb_out *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			wb_out_add(out, "'\\''");
		else if (strchr("[]:\\", *text))
			wb_out_addf(out, "\\%c", *text);
		else
			wb_out_addn(out, text, 1);
	}
}

static void zsh_action(struct wb_out *out, const struct cli_option *o)
{
	if (!o->argument)
		return;
	wb_out_add(out, o->bare ? "::" : ":");
	zsh_text(out, o->argument);
	wb_out_add(out, ":");
	if (o->choices) {
		wb_out_add(out, "(");
		words(out, o->choices);
		wb_out_add(out, ")");
	} else if (takes_file(o)) {
		wb_out_add(out, "_files");
	} else if (takes_folder(o)) {
		wb_out_add(out, "_files -/");
	}
}

static void zsh_options(struct wb_out *out, const char *indent, const struct cli_option *o)
{
	for (; o && o->name; o++) {
		const char *many = o->type == CLI_COUNT || o->type == CLI_LIST ? "*" : "";
		const char *equal = !o->argument ? "" : o->bare ? "=-" : "=";

		if (o->letter)
			wb_out_addf(out, "%s'%s-%c%s[", indent, many, o->letter, o->argument ? "+" : "");
		if (o->letter) {
			zsh_text(out, o->help);
			wb_out_add(out, "]");
			zsh_action(out, o);
			wb_out_add(out, "' \\\n");
		}
		wb_out_addf(out, "%s'%s--%s%s[", indent, many, o->name, equal);
		zsh_text(out, o->help);
		wb_out_add(out, "]");
		zsh_action(out, o);
		wb_out_add(out, "' \\\n");
	}
}

static void zsh_command(struct wb_out *out, const struct cli_command *c)
{
	wb_out_addf(out, "\t%s)\n\t\t_arguments \\\n", c->name);
	zsh_options(out, "\t\t\t", c->options);
	zsh_options(out, "\t\t\t", cli_global_options);
	wb_out_add(out, "\t\t\t'*: :(");
	argument_words(out, c);
	wb_out_add(out, ")'\n\t\t;;\n");
}

void cli_complete_zsh(struct wb_out *out)
{
	const struct cli_command *const *c;

	wb_out_add(out, "#compdef whimbrel\n# zsh completion for whimbrel, written by `whimbrel completion zsh`\n"
			"_whimbrel() {\n\tlocal state line\n\tlocal -a commands\n\tcommands=(\n");
	for (c = cli_commands; *c; c++) {
		wb_out_addf(out, "\t\t'%s:", (*c)->name);
		zsh_text(out, (*c)->summary);
		wb_out_add(out, "'\n");
	}
	wb_out_add(out, "\t)\n\t_arguments -C \\\n");
	zsh_options(out, "\t\t", cli_global_options);
	wb_out_add(out, "\t\t'1: :->command' \\\n\t\t'*:: :->arguments' && return\n"
			"\tif [[ $state == command ]]; then _describe command commands; return; fi\n"
			"\tcase $line[1] in\n");
	for (c = cli_commands; *c; c++)
		zsh_command(out, *c);
	wb_out_add(out, "\tesac\n}\nif [[ $funcstack[1] == _whimbrel ]]; then _whimbrel \"$@\"; else compdef _whimbrel "
			"whimbrel; fi\n");
}

/* ---- fish ---- */

static void fish_text(struct wb_out *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			wb_out_add(out, "\\");
		wb_out_addn(out, text, 1);
	}
}

static void fish_options(struct wb_out *out, const char *condition, const struct cli_option *o)
{
	for (; o && o->name; o++) {
		wb_out_addf(out, "complete -c whimbrel%s -l %s", condition, o->name);
		if (o->letter)
			wb_out_addf(out, " -s %c", o->letter);
		if (o->choices) {
			wb_out_addf(out, "%s -a '", o->bare ? "" : " -x");
			words(out, o->choices);
			wb_out_add(out, "'");
		} else if (takes_file(o)) {
			wb_out_add(out, " -r -F");
		} else if (takes_folder(o)) {
			wb_out_add(out, " -x -a '(__fish_complete_directories)'");
		} else if (o->argument) {
			wb_out_add(out, " -x");
		}
		wb_out_add(out, " -d '");
		fish_text(out, o->help);
		wb_out_add(out, "'\n");
	}
}

static void fish_command(struct wb_out *out, const struct cli_command *c)
{
	wb_autostr condition = WB_STR_INIT;

	wb_out_addf(out, "complete -c whimbrel -n __fish_use_subcommand -a %s -d '", c->name);
	fish_text(out, c->summary);
	wb_out_add(out, "'\n");
	wb_str_addf(&condition, " -n '__fish_seen_subcommand_from %s'", c->name);
	if (has_argument_words(c)) {
		wb_out_addf(out, "complete -c whimbrel%s -a '", condition.p);
		argument_words(out, c);
		wb_out_add(out, "'\n");
	}
	fish_options(out, condition.p, c->options);
}

void cli_complete_fish(struct wb_out *out)
{
	const struct cli_command *const *c;

	wb_out_add(out,
		   "# fish completion for whimbrel, written by `whimbrel completion fish`\ncomplete -c whimbrel -f\n");
	fish_options(out, "", cli_global_options);
	for (c = cli_commands; *c; c++)
		fish_command(out, *c);
}
