/* SPDX-License-Identifier: Apache-2.0
 *
 * Progress where standard error is no terminal: lines that stay.
 */
#include "tests.h"

#include "base/banned.h"

static struct wb_event event(enum wb_event_type type)
{
	struct wb_event e = wb_event_make(type);

	e.direction = "up";
	e.version = "001";
	e.description = "people";
	e.migration = 1;
	e.migrations = 2;
	return e;
}

/* Begins with what the options say; the note stays in memory. */
static void begin(struct cli *cli, const char *line)
{
	struct wb_error err;

	assert_int_equal(parse(cli, line, &err), 0);
	assert_int_equal(cli_progress_new(cli, &err), 0);
}

static void end(struct cli *cli)
{
	cli_progress_free(cli->progress);
	cli_done(cli);
}

static void tells_of_what_is_done(void **state)
{
	struct wb_event e = event(WB_EVENT_MIGRATION_STARTED);
	struct cli cli = FRESH_CLI;

	(void)state;
	begin(&cli, "up");
	cli_progress_event(cli.progress, &e);
	assert_string_equal(cli.note.buf.p, "");
	e = event(WB_EVENT_MIGRATION_COMPLETED);
	e.elapsed_ms = 12;
	e.rss_kb = 5000;
	cli_progress_event(cli.progress, &e);
	assert_string_equal(cli.note.buf.p, "applied 001 people (12 ms)\n");
	wb_str_clear(&cli.note.buf);
	e.direction = "down";
	cli_progress_event(cli.progress, &e);
	assert_string_equal(cli.note.buf.p, "reverted 001 people (12 ms)\n");
	wb_str_clear(&cli.note.buf);
	cli_progress_rehearsal(cli.progress);
	cli_progress_event(cli.progress, &e);
	assert_string_equal(cli.note.buf.p, "rehearsed 001 people (12 ms)\n");
	end(&cli);
}

static void keeps_quiet(void **state)
{
	static const char *const lines[] = { "up -q", "up -o json", "up --log json" };
	struct wb_event done = event(WB_EVENT_MIGRATION_COMPLETED), warning = event(WB_EVENT_WARNING);
	size_t i;

	(void)state;
	warning.message = "careful";
	for (i = 0; i < WB_ARRAY_LEN(lines); i++) {
		struct cli cli = FRESH_CLI;

		begin(&cli, lines[i]);
		cli_progress_event(cli.progress, &done);
		assert_string_equal(cli.note.buf.p, "");
		cli_progress_event(cli.progress, &warning);
		assert_string_equal(cli.note.buf.p, cli.g.output == WB_FORMAT_JSON ? "warning: careful\n" : "");
		assert_false(cli_progress_told(cli.progress));
		end(&cli);
	}
	cli_progress_event(NULL, &done);
	cli_progress_clear(NULL);
	assert_false(cli_progress_told(NULL));
}

static void shows_samples_with_v(void **state)
{
	struct wb_event e = event(WB_EVENT_STEP_COMPLETED);
	struct cli cli = FRESH_CLI;

	(void)state;
	begin(&cli, "up -v");
	e.step = 2;
	e.steps = 3;
	e.sql = "CREATE TABLE t (\n\tid int)";
	e.elapsed_ms = 1500;
	e.rss_kb = 5000;
	e.cpu_ms = 7;
	e.lock_wait_ms = 250;
	cli_progress_event(cli.progress, &e);
	assert_string_equal(cli.note.buf.p,
			    "    2/3  CREATE TABLE t (  id int)  1.5 s, memory 5000 KiB, processor 7 ms, "
			    "lock wait 250 ms\n");
	end(&cli);
}

/* Who blocks is told at once, but not with every look. */
static void does_not_repeat_itself(void **state)
{
	struct wb_event e = event(WB_EVENT_BLOCKED), retry = event(WB_EVENT_RETRY);
	struct cli cli = FRESH_CLI;
	int i;

	(void)state;
	begin(&cli, "up");
	e.message = "process 42 \033[2J holds it";
	for (i = 0; i < 100; i++) {
		cli_progress_event(cli.progress, &e);
		cli_progress_event(cli.progress, &retry);
	}
	assert_string_equal(cli.note.buf.p, "waiting: process 42  [2J holds it\n");
	end(&cli);
	begin(&cli, "up -v");
	for (i = 0; i < 3; i++)
		cli_progress_event(cli.progress, &e);
	assert_non_null(strstr(cli.note.buf.p + 10, "waiting: "));
	end(&cli);
}

static void survives_every_event(void **state)
{
	struct cli cli = FRESH_CLI;
	int type;

	(void)state;
	begin(&cli, "up -vv");
	for (type = 0; type < WB_EVENT_COUNT + 1; type++) {
		struct wb_event bare = wb_event_make((enum wb_event_type)type), full = event((enum wb_event_type)type);

		full.message = "message";
		full.sql = "SELECT 1";
		full.done = 3;
		full.total = 2;
		cli_progress_event(cli.progress, &bare);
		cli_progress_event(cli.progress, &full);
	}
	assert_false(cli.note.buf.failed);
	end(&cli);
}

int test_progress(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_of_what_is_done), cmocka_unit_test(keeps_quiet),
		cmocka_unit_test(shows_samples_with_v),  cmocka_unit_test(does_not_repeat_itself),
		cmocka_unit_test(survives_every_event),
	};

	return RUN_GROUP("progress");
}
