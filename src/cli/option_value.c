/* SPDX-License-Identifier: Apache-2.0
 *
 * From the text of an option to its value.
 */
#include "cli/cli.h"

#include "base/banned.h"

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

int cli_list_add(struct wb_arena *a, const char *text, struct cli_list *list, struct wb_error *err)
{
	struct wb_sv rest = wb_sv_str(text), piece;
	size_t n = list->n + 1;
	const char **v, *p;

	for (p = text; p && *p; p++)
		n += *p == ',';
	v = wb_arena_array(a, n, sizeof(*v));
	if (!v)
		return wb_err_nomem(err);
	memcpy(v, list->v ? list->v : (const char *const *)v, list->n * sizeof(*v));
	for (n = list->n; wb_sv_cut(&rest, ',', &piece);) {
		piece = wb_sv_trim(piece);
		if (piece.n == 0)
			continue;
		v[n] = wb_arena_sv(a, piece);
		if (!v[n++])
			return wb_err_nomem(err);
	}
	*list = (struct cli_list){ v, n };
	return 0;
}

/* A list that is given again goes on. */
static int store_setting(struct cli *cli, const struct cli_option *o, const char *text, const char *by,
			 struct wb_error *err)
{
	struct cli_given *given = &cli->settings[o->setting];

	if (o->type == CLI_LIST && given->text) {
		text = wb_arena_printf(&cli->arena, "%s,%s", given->text, text);
		if (!text)
			return wb_err_nomem(err);
	}
	*given = (struct cli_given){ text, by };
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

int cli_option_store(struct cli *cli, const struct cli_found *f, const char *text, const char *by, struct wb_error *err)
{
	const struct cli_option *o = f->option;
	void *target = (char *)f->target + o->offset;
	int64_t number = 0;

	if (o->type != CLI_TEXT && o->type != CLI_LIST && !number_of(o, wb_sv_str(text), &number))
		return wrong_value(by, text, o, err);
	*f->seen = true;
	if (o->setting)
		return store_setting(cli, o, text, by, err);
	if (o->type == CLI_TEXT)
		*(const char **)target = text;
	else if (o->type == CLI_LIST)
		return cli_list_add(&cli->arena, text, target, err);
	else if (o->type == CLI_FLAG)
		*(bool *)target = number != 0;
	else if (o->type == CLI_CHOICE || o->type == CLI_COUNT)
		*(int *)target = (int)number;
	else
		*(int64_t *)target = number;
	return 0;
}
