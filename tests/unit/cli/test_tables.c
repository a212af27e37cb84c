/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables themselves, and everything that is written from them.
 */
#include "tests.h"

#include <ctype.h>

#include "report/text.h"
#include "base/banned.h"

static void check_text(const char *what, const char *text)
{
	if (!text || !text[0])
		fail_msg("%s is empty", what);
	if (text[strlen(text) - 1] == ' ')
		fail_msg("%s ends in a blank: \"%s\"", what, text);
}

static void check_option(const char *command, const struct cli_option *table, const struct cli_option *o)
{
	const struct cli_option *other;
	wb_autostr twin = WB_STR_INIT;
	const char *p, *env = cli_option_env(o);

	check_text(o->name, o->help);
	if ((o->type == CLI_FLAG || o->type == CLI_COUNT) != !o->argument)
		fail_msg("%s --%s: argument does not fit the type", command, o->name);
	if ((o->type == CLI_CHOICE) != (o->choices != NULL))
		fail_msg("%s --%s: choices do not fit the type", command, o->name);
	if (o->bare && cli_choice_index(o->choices, wb_sv_str(o->bare)) < 0)
		fail_msg("%s --%s: %s is no choice", command, o->name, o->bare);
	for (other = table; other->name; other++)
		if (other != o && (strcmp(other->name, o->name) == 0 || (o->letter && other->letter == o->letter)))
			fail_msg("%s --%s stands there twice", command, o->name);
	wb_str_add(&twin, "WHIMBREL_");
	if (env && !wb_sv_starts(wb_sv_str(env), twin.p))
		fail_msg("%s --%s: %s", command, o->name, env);
	if (table != cli_global_options || !env)
		return;
	for (p = o->name; *p; p++)
		wb_str_addc(&twin, *p == '-' ? '_' : (char)toupper((unsigned char)*p));
	assert_string_equal(env, twin.p);
}

static void check_options(const char *command, const struct cli_option *table)
{
	const struct cli_option *o;
	size_t n = 0;

	for (o = table; o && o->name; o++, n++)
		check_option(command, table, o);
	assert_true(n <= CLI_OPTIONS_MAX);
}

static void options_are_sound(void **state)
{
	const struct cli_command *const *c;
	const struct cli_option *o, *g;

	(void)state;
	check_options("globals", cli_global_options);
	for (g = cli_global_options; g->name; g++)
		if (!cli_option_env(g) && strcmp(g->name, "help") != 0 && strcmp(g->name, "version") != 0)
			fail_msg("--%s has no twin in the environment", g->name);
	for (c = cli_commands; *c; c++) {
		check_options((*c)->name, (*c)->options);
		for (o = (*c)->options; o && o->name; o++)
			for (g = cli_global_options; g->name; g++)
				if (strcmp(o->name, g->name) == 0 || (o->letter && o->letter == g->letter))
					fail_msg("%s --%s hides a global option", (*c)->name, o->name);
	}
}

static void commands_are_sound(void **state)
{
	const struct cli_command *const *c;
	struct cli cli = FRESH_CLI;
	struct wb_error err;

	(void)state;
	for (c = cli_commands; *c; c++) {
		const struct cli_example *e;
		const struct cli_exit *x;

		assert_ptr_equal(cli_command_find(wb_sv_str((*c)->name)), *c);
		assert_non_null((*c)->run);
		check_text((*c)->name, (*c)->summary);
		check_text((*c)->name, (*c)->about);
		assert_true(strlen((*c)->summary) <= 80);
		assert_true((*c)->formats & 1u << WB_FORMAT_TEXT);
		assert_true(((*c)->flags & CLI_FREE_FORM) || ((*c)->formats & 1u << WB_FORMAT_JSON));
		assert_true(!(*c)->options == !(*c)->options_size || (*c)->options[0].setting);
		assert_non_null((*c)->examples);
		assert_non_null((*c)->exits);
		assert_int_equal((*c)->exits[0].code, 0);
		for (x = (*c)->exits; x->code >= 0; x++)
			check_text((*c)->name, x->text);
		/* Examples are command lines that the parser takes, up to a redirection or a quoted word. */
		for (e = (*c)->examples; e->command; e++) {
			wb_autostr line = WB_STR_INIT;

			wb_str_addn(&line, e->command, strcspn(e->command, ">'"));
			if (parse(&cli, wb_sv_trim(wb_str_sv(&line)).n == line.n ? line.p : "help", &err) < 0)
				fail_msg("example \"%s\": %s", e->command, err.message);
			cli_done(&cli);
		}
	}
}

/* --help fits a screen. */
static void help_fits(void **state)
{
	const struct cli_command *const *c;
	struct wb_sv rest, line;

	(void)state;
	for (c = cli_commands; *c; c++) {
		struct wb_out out = WB_OUT_MEMORY;
		int lines = 0;

		cli_help_command(&out, *c);
		for (rest = wb_str_sv(&out.buf); wb_sv_cut(&rest, '\n', &line); lines++)
			if (wb_text_width(line) > 100)
				fail_msg("%s: %.*s", (*c)->name, WB_SV_ARG(line));
		if (lines > 41)
			fail_msg("help of %s has %d lines", (*c)->name, lines);
		wb_out_done(&out);
	}
}

static void assert_mentions(const struct wb_out *out, const char *what)
{
	if (!strstr(out->buf.p, what))
		fail_msg("%s is missing in:\n%.300s", what, out->buf.p);
}

static void every_option_is_everywhere(void **state)
{
	static void (*const pages[])(struct wb_out *, const struct cli_command *) = { cli_help_command, cli_man_command,
										      cli_docs_command };
	static void (*const shells[])(struct wb_out *) = { cli_complete_bash, cli_complete_zsh, cli_complete_fish };
	const struct cli_command *const *c;
	size_t i;

	(void)state;
	for (c = cli_commands; *c; c++)
		for (i = 0; i < WB_ARRAY_LEN(pages) + WB_ARRAY_LEN(shells); i++) {
			struct wb_out out = WB_OUT_MEMORY;
			const struct cli_option *o;

			if (i < WB_ARRAY_LEN(pages))
				pages[i](&out, *c);
			else
				shells[i - WB_ARRAY_LEN(pages)](&out);
			assert_mentions(&out, (*c)->name);
			for (o = (*c)->options; o && o->name; o++) {
				const char *dash = strchr(o->name, '-');

				/* groff wants its dashes escaped: the first word is enough to find it. */
				wb_autostr word = WB_STR_INIT;

				wb_str_addn(&word, o->name,
					    dash && i == 1 ? (size_t)(dash - o->name) : strlen(o->name));
				assert_mentions(&out, word.p);
			}
			assert_false(out.buf.failed);
			wb_out_done(&out);
		}
}

static void every_key_is_documented(void **state)
{
	struct wb_out docs = WB_OUT_MEMORY, man = WB_OUT_MEMORY;
	size_t i;

	(void)state;
	cli_docs_configuration(&docs);
	cli_man_program(&man);
	for (i = 1; i < cli_n_keys; i++) {
		const struct cli_key *k = &cli_keys[i];
		int64_t number;

		check_text(k->name, k->doc);
		assert_true(k->places != 0);
		assert_true((k->type == CLI_KEY_MAP) == (k->into != 0));
		assert_true((k->type == CLI_KEY_CHOICE) == (k->choices != NULL));
		if (k->fallback)
			assert_true(cli_key_value(k, wb_sv_str(k->fallback), &number));
		if (strcmp(k->name, "*") != 0)
			assert_mentions(&docs, k->name);
		if (i < CLI_SET_COUNT)
			assert_mentions(&man, k->name);
	}
	wb_out_done(&docs);
	wb_out_done(&man);
}

int test_tables(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_are_sound),
		cmocka_unit_test(commands_are_sound),
		cmocka_unit_test(help_fits),
		cmocka_unit_test(every_option_is_everywhere),
		cmocka_unit_test(every_key_is_documented),
	};

	return RUN_GROUP("tables");
}
