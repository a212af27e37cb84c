/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the command line by the option tables. Options of a command stand
 * after it, global ones anywhere; "--" ends options. The first error is kept
 * and reading goes on, so that `-o json` counts wherever it stands.
 */
#include "cli/cli.h"

#include "base/banned.h"

struct parser {
	struct cli *cli;
	int argc, at; /* at: next argument */
	char *const *argv;
	struct wb_error *err; /* of the first error */
	int rc;
};

/* ---- finding options ---- */

static bool search(const struct cli_option *table, struct wb_sv name, char letter, size_t *ret_index)
{
	size_t i;

	for (i = 0; table && table[i].name; i++)
		if (letter ? table[i].letter == letter : wb_sv_eq(name, wb_sv_str(table[i].name))) {
			*ret_index = i;
			return true;
		}
	return false;
}

static bool find(struct cli *cli, struct wb_sv name, char letter, struct cli_found *ret_found)
{
	size_t i;

	if (cli->command && search(cli->command->options, name, letter, &i)) {
		*ret_found = (struct cli_found){ &cli->command->options[i], cli->options, &cli->seen_command[i] };
		return true;
	}
	if (search(cli_global_options, name, letter, &i)) {
		*ret_found = (struct cli_found){ &cli_global_options[i], &cli->g, &cli->seen_global[i] };
		return true;
	}
	return false;
}

static void guess_in(struct cli_guess *guess, const struct cli_option *table)
{
	for (; table && table->name; table++)
		cli_guess_try(guess, wb_sv_str(table->name));
}

/* The command that has this option, when it was put in front of it or at another one. */
static const char *owner_of(struct wb_sv name)
{
	const struct cli_command *const *c;
	size_t i;

	for (c = cli_commands; *c; c++)
		if (search((*c)->options, name, 0, &i))
			return (*c)->name;
	return NULL;
}

static int unknown_option(const struct parser *p, const char *text, struct wb_sv name, struct wb_error *err)
{
	const struct cli_command *command = p->cli->command;
	const char *owner = owner_of(name);
	struct cli_guess guess;

	if (command)
		wb_err_set(err, WB_EUSAGE, "`%s` has no option %s", command->name, text);
	else
		wb_err_set(err, WB_EUSAGE, "%s is no option", text);
	cli_guess_init(&guess, name);
	guess_in(&guess, cli_global_options);
	if (command)
		guess_in(&guess, command->options);
	if (!command && owner)
		wb_err_hint(err, "it belongs to `%s`, and stands after it", owner);
	else if (name.n < 2 || !cli_guess_hint(&guess, "--", err))
		wb_err_hint(err, "`whimbrel help%s%s` lists the options", command ? " " : "",
			    command ? command->name : "");
	return WB_EUSAGE;
}

/* ---- reading ---- */

static void keep_error(struct parser *p, int rc, const struct wb_error *err)
{
	if (p->rc == 0 && rc < 0) {
		p->rc = rc;
		if (p->err)
			*p->err = *err;
	}
}

/* The argument after an option; one that looks like an option was forgotten, not meant. */
static const char *next_argument(struct parser *p)
{
	const char *text = p->at < p->argc ? p->argv[p->at] : NULL;

	if (!text || (text[0] == '-' && text[1] == '-'))
		return NULL;
	p->at++;
	return text;
}

static int missing_argument(const struct cli_option *option, const char *by, struct wb_error *err)
{
	wb_err_set(err, WB_EUSAGE, "%s needs %s", by, option->argument);
	wb_err_hint(err, "%s: %s", by, option->help);
	return WB_EUSAGE;
}

static int take_count(const struct cli_found *f)
{
	int *count = (int *)(void *)((char *)f->target + f->option->offset);

	*f->seen = true;
	(*count)++;
	return 0;
}

/* given: the text behind "=", or NULL. */
static int take_option(struct parser *p, const struct cli_found *f, const char *by, const char *given,
		       struct wb_error *err)
{
	const struct cli_option *o = f->option;

	if (o->type == CLI_FLAG || o->type == CLI_COUNT) {
		if (given && o->type == CLI_FLAG)
			return cli_option_store(p->cli, f, given, by, err);
		if (given)
			return wb_err_set(err, WB_EUSAGE, "%s takes no value", by);
		return o->type == CLI_COUNT ? take_count(f) : cli_option_store(p->cli, f, "true", by, err);
	}
	if (!given && o->bare)
		given = o->bare;
	if (!given)
		given = next_argument(p);
	/* --url "$UNSET" must not mean another database. */
	if (!given || !given[0])
		return missing_argument(o, by, err);
	return cli_option_store(p->cli, f, given, by, err);
}

static int take_long(struct parser *p, const char *text, struct wb_error *err)
{
	const char *equal = strchr(text, '=');
	struct wb_sv name = wb_sv(text + 2, equal ? (size_t)(equal - text) - 2 : strlen(text) - 2);
	const char *by = wb_arena_printf(&p->cli->arena, "--%.*s", WB_SV_ARG(name));
	struct cli_found f;

	if (!by)
		return wb_err_nomem(err);
	if (!find(p->cli, name, 0, &f))
		return unknown_option(p, by, name, err);
	return take_option(p, &f, by, equal ? equal + 1 : NULL, err);
}

/* -v, -vv, -qv, -o json, -ojson */
static int take_letters(struct parser *p, const char *text, struct wb_error *err)
{
	const char *letter;
	struct cli_found f;
	int rc = 0;

	for (letter = text + 1; rc == 0 && *letter; letter++) {
		const char *by = wb_arena_printf(&p->cli->arena, "-%c", *letter);

		if (!by)
			return wb_err_nomem(err);
		if (!find(p->cli, wb_sv(NULL, 0), *letter, &f))
			return unknown_option(p, by, wb_sv(letter, 1), err);
		if (f.option->type != CLI_FLAG && f.option->type != CLI_COUNT)
			return take_option(p, &f, by, letter[1] ? letter + 1 : NULL, err);
		rc = take_option(p, &f, by, NULL, err);
	}
	return rc;
}

static int unknown_command(const char *text, struct wb_error *err)
{
	const struct cli_command *const *c;
	struct cli_guess guess;

	wb_err_set(err, WB_EUSAGE, "\"%s\" is no command", text);
	cli_guess_init(&guess, wb_sv_str(text));
	for (c = cli_commands; *c; c++)
		cli_guess_try(&guess, wb_sv_str((*c)->name));
	if (!cli_guess_hint(&guess, "whimbrel ", err))
		wb_err_hint(err, "`whimbrel help` lists the commands");
	return WB_EUSAGE;
}

static int take_command(struct parser *p, const char *text, struct wb_error *err)
{
	const struct cli_command *command = cli_command_find(wb_sv_str(text));
	struct cli *cli = p->cli;

	if (!command)
		return unknown_command(text, err);
	cli->options = wb_arena_alloc(&cli->arena, command->options_size ? command->options_size : 1);
	if (!cli->options)
		return wb_err_nomem(err);
	cli->command = command;
	return 0;
}

static int take_word(struct parser *p, const char *text, struct wb_error *err)
{
	/* After an unknown command its arguments mean nothing. */
	if (!p->cli->command)
		return p->rc < 0 ? 0 : take_command(p, text, err);
	p->cli->args[p->cli->n_args++] = text;
	return 0;
}

static int wrong_argument(const struct cli_command *c, const char *text, struct wb_error *err)
{
	struct wb_sv rest = wb_sv_str(c->argument_choices), choice;
	struct cli_guess guess;

	wb_err_set(err, WB_EUSAGE, "`%s` does not know \"%s\"", c->name, text);
	wb_err_detail(err, "it is one of: %s", c->argument_choices);
	cli_guess_init(&guess, wb_sv_str(text));
	while (wb_sv_cut(&rest, '|', &choice))
		cli_guess_try(&guess, choice);
	(void)cli_guess_hint(&guess, "", err);
	return WB_EUSAGE;
}

static int check_arguments(const struct cli *cli, struct wb_error *err)
{
	const struct cli_command *c = cli->command;

	if (!c || cli->g.help || cli->g.version)
		return 0;
	if (cli->n_args < (size_t)c->min_args)
		wb_err_set(err, WB_EUSAGE, "`%s` needs %s", c->name, c->arguments);
	else if (c->max_args >= 0 && cli->n_args > (size_t)c->max_args)
		wb_err_set(err, WB_EUSAGE, c->max_args ? "`%s` cannot use \"%s\"" : "`%s` takes no argument: \"%s\"",
			   c->name, cli->args[c->max_args]);
	else if (c->argument_choices && cli->n_args &&
		 cli_choice_index(c->argument_choices, wb_sv_str(cli->args[0])) < 0)
		return wrong_argument(c, cli->args[0], err);
	else
		return 0;
	wb_err_hint(err, "usage: whimbrel %s [options] %s", c->name, c->arguments ? c->arguments : "");
	return WB_EUSAGE;
}

int cli_parse(struct cli *cli, int argc, char *const argv[], struct wb_error *err)
{
	struct parser p = { .cli = cli, .argc = argc, .at = 1, .argv = argv, .err = err };
	bool words_only = false;
	struct wb_error one;
	int rc;

	cli->args = wb_arena_array(&cli->arena, (size_t)argc + 1, sizeof(*cli->args));
	if (!cli->args)
		return wb_err_nomem(err);
	while (p.at < argc && argv[p.at]) {
		const char *text = argv[p.at++];

		if (!words_only && strcmp(text, "--") == 0) {
			words_only = true;
			continue;
		}
		if (words_only || text[0] != '-' || text[1] == '\0')
			rc = take_word(&p, text, &one);
		else
			rc = text[1] == '-' ? take_long(&p, text, &one) : take_letters(&p, text, &one);
		keep_error(&p, rc, &one);
	}
	keep_error(&p, p.rc == 0 ? check_arguments(cli, &one) : 0, &one);
	return p.rc;
}

static int from_env(struct cli *cli, const struct cli_option *table, void *target, bool *seen, struct wb_error *err)
{
	size_t i;
	int rc;

	for (i = 0; table && table[i].name; i++) {
		struct cli_found f = { &table[i], target, &seen[i] };
		const char *text;

		if (seen[i] || table[i].setting || !table[i].env)
			continue;
		text = cli_env_get(&cli->env, table[i].env, NULL);
		if (!text)
			continue;
		rc = cli_option_store(cli, &f, text, table[i].env, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

int cli_parse_env(struct cli *cli, struct wb_error *err)
{
	int rc = from_env(cli, cli_global_options, &cli->g, cli->seen_global, err);

	if (rc == 0 && cli->command)
		rc = from_env(cli, cli->command->options, cli->options, cli->seen_command, err);
	return rc;
}
