/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line. The types of options are shown on a command of the test's
 * own; which options the real commands have is the tables' matter.
 */
#include "tests.h"

#include "base/banned.h"

static void reads_globals_anywhere(void **state)
{
	static const char *const lines[] = {
		"-o json -vv -q --env staging status",
		"status -o json -vv -q --env staging",
		"-qvv status -ojson -estaging",
		"--output=json --env=staging -v status --verbose --quiet",
	};
	struct wb_error err;
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(lines); i++) {
		struct cli cli = FRESH_CLI;

		assert_int_equal(parse(&cli, lines[i], &err), 0);
		assert_string_equal(cli.command->name, "status");
		assert_int_equal(cli.g.output, WB_FORMAT_JSON);
		assert_int_equal(cli.g.verbose, 2);
		assert_true(cli.g.quiet);
		assert_string_equal(cli.g.environment, "staging");
		cli_done(&cli);
	}
}

static void reads_arguments(void **state)
{
	struct cli cli = FRESH_CLI;
	struct wb_error err;

	(void)state;
	assert_int_equal(parse(&cli, "new add --breaking -- --users -", &err), 0);
	assert_int_equal(cli.n_args, 3);
	assert_string_equal(cli.args[0], "add");
	assert_string_equal(cli.args[1], "--users");
	assert_string_equal(cli.args[2], "-");
	cli_done(&cli);
}

static void keeps_settings_as_text(void **state)
{
	struct cli cli = FRESH_CLI;
	struct wb_error err;

	(void)state;
	assert_int_equal(parse(&cli, "up --lock-wait 5m --url sqlite:x.db", &err), 0);
	assert_string_equal(cli.settings[CLI_SET_LOCK_WAIT].text, "5m");
	assert_string_equal(cli.settings[CLI_SET_LOCK_WAIT].by, "--lock-wait");
	assert_string_equal(cli.settings[CLI_SET_URL].text, "sqlite:x.db");
	cli_done(&cli);
}

/* line, part of the message, part of the hint or detail */
static void refuses(void **state)
{
	static const struct {
		const char *line, *message, *help;
	} cases[] = {
		{ "statsu", "\"statsu\" is no command", "did you mean \"whimbrel status\"?" },
		{ "frobnicate", "is no command", "`whimbrel help` lists" },
		{ "expand", "\"expand\" is no command", "" },
		{ "up --tto 3", "`up` has no option --tto", "\"--to\"" },
		{ "up -x", "has no option -x", "whimbrel help up" },
		{ "--to 3 up", "--to is no option", "belongs to" },
		{ "up --to", "--to needs V", "stop after" },
		{ "up --to=", "--to needs V", "" },
		{ "status --url=", "--url needs URL", "" },
		{ "up --to --dry-run", "--to needs V", "" },
		{ "up --steps 0", "--steps cannot be \"0\"", "at least 1" },
		{ "up --steps 1x", "--steps cannot be \"1x\"", "whole number" },
		{ "up --steps 99999999999999999999", "--steps cannot be", "" },
		{ "up --lock-wait soon", "--lock-wait cannot be \"soon\"", "250ms" },
		{ "up --lock-wait -5s", "--lock-wait cannot be \"-5s\"", "" },
		{ "up --transaction fil", "--transaction cannot be \"fil\"", "file" },
		{ "up --dry-run=rolback", "--dry-run cannot be \"rolback\"", "rollback" },
		{ "up extra", "`up` takes no argument: \"extra\"", "usage: whimbrel up" },
		{ "history 1 2", "`history` cannot use \"2\"", "" },
		{ "new", "`new` needs DESCRIPTION", "usage" },
		{ "completion tcsh", "`completion` does not know \"tcsh\"", "bash|zsh|fish" },
		{ "-v=1 status", "has no option -=", "" },
		{ "status -o", "-o needs FORMAT", "" },
		{ "status --quiet=maybe", "--quiet cannot be \"maybe\"", "true or false" },
		{ "status --verbose=2", "--verbose takes no value", "" },
	};
	struct wb_error err;
	size_t i;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(cases); i++) {
		struct cli cli = FRESH_CLI;

		if (parse(&cli, cases[i].line, &err) != WB_EUSAGE)
			fail_msg("not refused: %s", cases[i].line);
		/* "-v=1" fails before a command is known, which only changes the wording. */
		if (!strstr(err.message, cases[i].message) && strcmp(cases[i].line, "-v=1 status") != 0)
			fail_msg("%s: \"%s\"", cases[i].line, err.message);
		if (!strstr(err.hint, cases[i].help) && !strstr(err.detail, cases[i].help))
			fail_msg("%s: \"%s\" \"%s\"", cases[i].line, err.hint, err.detail);
		cli_done(&cli);
	}
}

/* An error is told in the form that was asked for, wherever that stands. */
static void reads_on_after_an_error(void **state)
{
	struct cli cli = FRESH_CLI;
	struct wb_error err;

	(void)state;
	assert_int_equal(parse(&cli, "up --nonsense --steps x -o json", &err), WB_EUSAGE);
	assert_non_null(strstr(err.message, "--nonsense"));
	assert_int_equal(cli.g.output, WB_FORMAT_JSON);
	cli_done(&cli);
}

static void reads_every_type(void **state)
{
	struct all {
		bool flag;
		int count, choice, bare;
		const char *text;
		int64_t number, duration;
		struct cli_list list;
	};
	static const struct cli_option options[] = {
		{ "flag", 0, CLI_FLAG, .offset = offsetof(struct all, flag) },
		{ "count", 'k', CLI_COUNT, .offset = offsetof(struct all, count) },
		{ "choice", 0, CLI_CHOICE, "X", .choices = "a|b|c", .offset = offsetof(struct all, choice) },
		{ "bare", 0, CLI_CHOICE, "X", .choices = "no|one|two", .bare = "one",
		  .offset = offsetof(struct all, bare) },
		{ "text", 't', CLI_TEXT, "X", .offset = offsetof(struct all, text) },
		{ "number", 'n', CLI_NUMBER, "X", .offset = offsetof(struct all, number) },
		{ "duration", 0, CLI_DURATION, "X", .offset = offsetof(struct all, duration) },
		{ "list", 0, CLI_LIST, "X", .offset = offsetof(struct all, list) },
		{ .name = NULL },
	};
	static const struct cli_command command = { .name = "t", .options = options, .max_args = -1 };
	struct cli cli = FRESH_CLI;
	struct all all = { 0 };
	struct wb_error err;

	(void)state;
	cli.command = &command;
	cli.options = &all;
	assert_int_equal(parse(&cli,
			       "--flag -kk --choice c --bare word --text=a=b -n42 --duration 1.5s --list a,,b --list c",
			       &err),
			 0);
	assert_true(all.flag);
	assert_int_equal(all.count, 2);
	assert_int_equal(all.choice, 2);
	assert_int_equal(all.bare, 1); /* "word" is an argument: a bare option takes only "=VALUE" */
	assert_string_equal(cli.args[0], "word");
	assert_string_equal(all.text, "a=b");
	assert_int_equal(all.number, 42);
	assert_int_equal(all.duration, 1500);
	assert_int_equal(all.list.n, 3);
	assert_string_equal(all.list.v[0], "a");
	assert_string_equal(all.list.v[1], "b");
	assert_string_equal(all.list.v[2], "c");
	cli_done(&cli);
	cli.command = &command;
	cli.options = &all;
	assert_int_equal(parse(&cli, "--bare=two --flag=no", &err), 0);
	assert_int_equal(all.bare, 2);
	assert_false(all.flag);
	cli_done(&cli);
}

/* A list of the configuration may be given again, too; a plain setting counts as given last. */
static void lists_go_on(void **state)
{
	struct cli_list list = { NULL, 0 };
	struct cli cli = FRESH_CLI;
	struct wb_error err;

	(void)state;
	assert_int_equal(parse(&cli, "diff a --ignore tmp_*,x --url sqlite:a --ignore app.* --url sqlite:b", &err), 0);
	assert_string_equal(cli.settings[CLI_SET_IGNORE].text, "tmp_*,x,app.*");
	assert_string_equal(cli.settings[CLI_SET_URL].text, "sqlite:b");
	assert_int_equal(cli_list_add(&cli.arena, cli.settings[CLI_SET_IGNORE].text, &list, &err), 0);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.v[2], "app.*");
	assert_int_equal(cli_list_add(&cli.arena, NULL, &list, &err), 0);
	assert_int_equal(list.n, 3);
	cli_done(&cli);
}

static void takes_the_environment(void **state)
{
	struct cli cli = FRESH_CLI;
	struct wb_error err;

	(void)state;
	setenv("WHIMBREL_OUTPUT", "json", 1);
	setenv("WHIMBREL_YES", "on", 1);
	setenv("WHIMBREL_WAIT", "3s", 1);
	assert_int_equal(parse(&cli, "up -o text", &err), 0);
	assert_int_equal(cli_parse_env(&cli, &err), 0);
	assert_int_equal(cli.g.output, WB_FORMAT_TEXT); /* the option wins */
	assert_true(cli.g.yes);
	cli_done(&cli);
	setenv("WHIMBREL_YES", "perhaps", 1);
	assert_int_equal(parse(&cli, "up", &err), 0);
	assert_int_equal(cli_parse_env(&cli, &err), WB_EUSAGE);
	assert_non_null(strstr(err.message, "WHIMBREL_YES"));
	unsetenv("WHIMBREL_OUTPUT");
	unsetenv("WHIMBREL_YES");
	unsetenv("WHIMBREL_WAIT");
	cli_done(&cli);
}

static void reads_bools(void **state)
{
	bool yes;

	(void)state;
	assert_true(cli_bool(WB_SV("Yes"), &yes) && yes);
	assert_true(cli_bool(WB_SV("on"), &yes) && yes);
	assert_true(cli_bool(WB_SV("0"), &yes) && !yes);
	assert_true(cli_bool(WB_SV("FALSE"), &yes) && !yes);
	assert_false(cli_bool(WB_SV(""), &yes));
	assert_false(cli_bool(WB_SV("2"), &yes));
}

int test_option(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_globals_anywhere),
		cmocka_unit_test(reads_arguments),
		cmocka_unit_test(keeps_settings_as_text),
		cmocka_unit_test(refuses),
		cmocka_unit_test(reads_on_after_an_error),
		cmocka_unit_test(reads_every_type),
		cmocka_unit_test(takes_the_environment),
		cmocka_unit_test(reads_bools),
		cmocka_unit_test(lists_go_on),
	};

	return RUN_GROUP("option");
}
