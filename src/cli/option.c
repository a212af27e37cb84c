/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading the command line by the option tables. Options of a command stand
 * after it, global ones anywhere; "--" ends options. The first error is kept
 * and reading goes on, so that `-o json` counts wherever it stands.
 */
#include "cli/cli.h"

#include <stdio.h>

#include "base/banned.h"

struct parser {
	struct cli *cli;
	int argc, at;              /* at: next argument */
	char *const *argv;
	struct wb_error *err;      /* of the first error */
	int rc;
};

/* Where an option was found. */
struct found {
	const struct cli_option *option;
	void *target;              /* struct that its offset counts in */
	bool *seen;
};

/* ---- values ---- */

int cli_choice_index(const char *choices, struct wb_sv text)
{
	struct wb_sv rest = wb_sv_str(choices), choice;
	int i;

	for (i = 0; wb_sv_cut(&rest, '|', &choice); i++)
		if (wb_sv_eq(choice, text))
			return i;
	return -1;
}

bool cli_bool(struct wb_sv text, bool *ret_value)
{
	static const char *const words[2][5] = {
		{ "false", "no", "off", "0", "n" },
		{ "true", "yes", "on", "1", "y" },
	};
	size_t i, k;

	for (i = 0; i < 2; i++)
		for (k = 0; k < 5; k++)
			if (wb_sv_ieq(text, words[i][k])) {
				*ret_value = i == 1;
				return true;
			}
	return false;
}

const char *cli_option_env(const struct cli_option *option)
{
	return option->setting ? cli_keys[option->setting].env : option->env;
}

static int wrong_value(const char *by, const char *text, const struct cli_option *option, struct wb_error *err)
{
	wb_err_set(err, WB_EUSAGE, "%s cannot be \"%s\"", by, text);
	if (option->type == CLI_CHOICE) {
		struct wb_sv rest = wb_sv_str(option->choices), choice;
		struct cli_guess guess;

		cli_guess_init(&guess, wb_sv_str(text));
		while (wb_sv_cut(&rest, '|', &choice))
			cli_guess_try(&guess, choice);
		wb_err_detail(err, "it is one of: %s", option->choices);
		(void)cli_guess_hint(&guess, "", err);
	} else if (option->type == CLI_DURATION) {
		wb_err_hint(err, "a duration looks like 250ms, 10s, 5m or 1h; a bare number means seconds");
	} else if (option->type == CLI_NUMBER || option->type == CLI_COUNT) {
		wb_err_hint(err, "it is a whole number, at least %lld", (long long)option->min);
	} else {
		wb_err_hint(err, "it is true or false");
	}
	return WB_EUSAGE;
}

/* Adds the pieces of "a,b" to what is there. */
static int store_list(struct cli *cli, const char *text, struct cli_list *list, struct wb_error *err)
{
	struct wb_sv rest = wb_sv_str(text), piece;
	size_t n = list->n + 1;
	const char **v, *p;

	for (p = text; *p; p++)
		n += *p == ',';
	v = wb_arena_array(&cli->arena, n, sizeof(*v));
	if (!v)
		return wb_err_nomem(err);
	memcpy(v, list->v ? list->v : (const char *const *)v, list->n * sizeof(*v));
	for (n = list->n; wb_sv_cut(&rest, ',', &piece);) {
		piece = wb_sv_trim(piece);
		if (piece.n == 0)
			continue;
		v[n] = wb_arena_sv(&cli->arena, piece);
		if (!v[n++])
			return wb_err_nomem(err);
	}
	*list = (struct cli_list){ v, n };
	return 0;
}

static bool number_of(const struct cli_option *option, struct wb_sv text, int64_t *ret_number)
{
	if (option->type == CLI_DURATION)
		return wb_sv_duration_ms(text, ret_number) && *ret_number >= 0;
	if (option->type == CLI_CHOICE) {
		*ret_number = cli_choice_index(option->choices, text);
		return *ret_number >= 0;
	}
	if (option->type == CLI_FLAG) {
		bool yes;

		if (!cli_bool(text, &yes))
			return false;
		*ret_number = yes;
		return true;
	}
	return wb_sv_i64(text, ret_number) && *ret_number >= option->min && *ret_number <= INT32_MAX;
}

/* by: how the user wrote it, for errors. */
static int store(struct cli *cli, const struct found *f, const char *text, const char *by, struct wb_error *err)
{
	const struct cli_option *o = f->option;
	void *target = (char *)f->target + o->offset;
	int64_t number = 0;

	if (o->type != CLI_TEXT && o->type != CLI_LIST && !number_of(o, wb_sv_str(text), &number))
		return wrong_value(by, text, o, err);
	*f->seen = true;
	if (o->setting) {
		cli->settings[o->setting] = (struct cli_given){ text, by };
		return 0;
	}
	if (o->type == CLI_TEXT)
		*(const char **)target = text;
	else if (o->type == CLI_LIST)
		return store_list(cli, text, target, err);
	else if (o->type == CLI_FLAG)
		*(bool *)target = number != 0;
	else if (o->type == CLI_CHOICE || o->type == CLI_COUNT)
		*(int *)target = (int)number;
	else
		*(int64_t *)target = number;
	return 0;
}

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

static bool find(struct cli *cli, struct wb_sv name, char letter, struct found *ret_found)
{
	size_t i;

	if (cli->command && search(cli->command->options, name, letter, &i)) {
		*ret_found = (struct found){ &cli->command->options[i], cli->options, &cli->seen_command[i] };
		return true;
	}
	if (search(cli_global_options, name, letter, &i)) {
		*ret_found = (struct found){ &cli_global_options[i], &cli->g, &cli->seen_global[i] };
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
		wb_err_hint(err, "`whimbrel help%s%s` lists the options", command ? " " : "", command ? command->name : "");
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

static int take_count(struct parser *p, const struct found *f)
{
	int *count = (int *)(void *)((char *)f->target + f->option->offset);

	(void)p;
	*f->seen = true;
	(*count)++;
	return 0;
}

/* given: the text behind "=", or NULL. */
static int take_option(struct parser *p, const struct found *f, const char *by, const char *given, struct wb_error *err)
{
	const struct cli_option *o = f->option;

	if (o->type == CLI_FLAG || o->type == CLI_COUNT) {
		if (given && o->type == CLI_FLAG)
			return store(p->cli, f, given, by, err);
		if (given)
			return wb_err_set(err, WB_EUSAGE, "%s takes no value", by);
		return o->type == CLI_COUNT ? take_count(p, f) : store(p->cli, f, "true", by, err);
	}
	if (!given && o->bare)
		given = o->bare;
	if (!given)
		given = next_argument(p);
	return given ? store(p->cli, f, given, by, err) : missing_argument(o, by, err);
}

static int take_long(struct parser *p, const char *text, struct wb_error *err)
{
	const char *equal = strchr(text, '=');
	struct wb_sv name = wb_sv(text + 2, equal ? (size_t)(equal - text) - 2 : strlen(text) - 2);
	const char *by = wb_arena_printf(&p->cli->arena, "--%.*s", WB_SV_ARG(name));
	struct found f;

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
	struct found f;
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
	struct cli *cli = p->cli;

	cli->command = cli_command_find(wb_sv_str(text));
	if (!cli->command)
		return unknown_command(text, err);
	cli->options = wb_arena_alloc(&cli->arena, cli->command->options_size ? cli->command->options_size : 1);
	return cli->options ? 0 : wb_err_nomem(err);
}

static int take_word(struct parser *p, const char *text, struct wb_error *err)
{
	/* After an unknown command its arguments mean nothing. */
	if (!p->cli->command)
		return p->rc < 0 ? 0 : take_command(p, text, err);
	p->cli->args[p->cli->n_args++] = text;
	return 0;
}

static int check_arguments(const struct cli *cli, struct wb_error *err)
{
	const struct cli_command *c = cli->command;

	if (!c || cli->g.help || cli->g.version)
		return 0;
	if (cli->n_args < (size_t)c->min_args)
		wb_err_set(err, WB_EUSAGE, "`%s` needs %s", c->name, c->arguments);
	else if (c->max_args >= 0 && cli->n_args > (size_t)c->max_args)
		wb_err_set(err, WB_EUSAGE, c->max_args ? "`%s` cannot use \"%s\"" : "`%s` takes no argument: \"%s\"", c->name,
			   cli->args[c->max_args]);
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
		struct found f = { &table[i], target, &seen[i] };
		const char *text;

		if (seen[i] || table[i].setting || !table[i].env)
			continue;
		text = cli_env_get(&cli->env, table[i].env, NULL);
		if (!text)
			continue;
		rc = store(cli, &f, text, table[i].env, err);
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
