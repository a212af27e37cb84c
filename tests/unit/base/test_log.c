/* SPDX-License-Identifier: Apache-2.0
 *
 * Log lines and events reach their listeners, and nobody else.
 */
#include "tests.h"

struct heard {
	int n;
	enum wb_log_level level;
	char text[5000];
	const struct wb_event *event;
};

static void hear(void *user, enum wb_log_level level, const char *message)
{
	struct heard *h = user;

	h->n++;
	h->level = level;
	(void)wb_sv_copy(wb_sv_str(message), h->text, sizeof(h->text));
}

static void hear_event(void *user, const struct wb_event *event)
{
	struct heard *h = user;

	h->n++;
	h->event = event;
}

static void obeys_the_level(void **state)
{
	struct heard h = { 0 };
	struct wb_sink sink = { .log = hear, .log_user = &h, .level = WB_LOG_INFO };

	(void)state;
	wb_log(&sink, WB_LOG_DEBUG, "no");
	assert_int_equal(h.n, 0);
	wb_log(&sink, WB_LOG_INFO, "%s %d", "yes", 1);
	wb_log(&sink, WB_LOG_ERROR, "%s %d", "yes", 2);
	assert_int_equal(h.n, 2);
	assert_int_equal(h.level, WB_LOG_ERROR);
	assert_string_equal(h.text, "yes 2");
	assert_true(wb_logs(&sink, WB_LOG_INFO));
	assert_false(wb_logs(&sink, WB_LOG_TRACE));
}

static void is_silent_without_a_listener(void **state)
{
	struct wb_sink sink = { .level = WB_LOG_TRACE };
	struct wb_event event = wb_event_make(WB_EVENT_NOTICE);

	(void)state;
	assert_false(wb_logs(NULL, WB_LOG_ERROR));
	assert_false(wb_logs(&sink, WB_LOG_ERROR));
	wb_log(NULL, WB_LOG_ERROR, "x");
	wb_log(&sink, WB_LOG_ERROR, "x");
	wb_event_emit(NULL, &event);
	wb_event_emit(&sink, &event);
}

static void cuts_long_lines_between_characters(void **state)
{
	struct heard h = { 0 };
	struct wb_sink sink = { .log = hear, .log_user = &h, .level = WB_LOG_INFO };
	char text[6000] = "";
	size_t shift, i;

	(void)state;
	for (shift = 0; shift < 3; shift++) {
		memset(text, 'a', shift);
		for (i = shift; i + 4 < sizeof(text); i += 3)
			memcpy(text + i, "\xe2\x82\xac", 4);
		wb_log(&sink, WB_LOG_INFO, "%s", text);
		assert_true(strlen(h.text) > 4000 && strlen(h.text) < 4096);
		assert_true(is_utf8(h.text, strlen(h.text)));
	}
}

static void events_start_absent(void **state)
{
	struct heard h = { 0 };
	struct wb_sink sink = { .event = hear_event, .event_user = &h };
	int64_t before = wb_wall_us();
	struct wb_event e = wb_event_make(WB_EVENT_STEP_PROGRESS);

	(void)state;
	assert_int_equal(e.type, WB_EVENT_STEP_PROGRESS);
	assert_string_equal(e.name, "step_progress");
	assert_true(e.at_us >= before && e.at_us <= wb_wall_us());
	assert_true(!e.run && !e.direction && !e.version && !e.description && !e.file && !e.kind && !e.sql && !e.unit);
	assert_true(!e.message && !e.error && !e.sqlstate);
	assert_true(e.migration == -1 && e.migrations == -1 && e.step == -1 && e.steps == -1);
	assert_true(e.done == -1 && e.total == -1 && e.elapsed_ms == -1 && e.eta_ms == -1 && e.rows == -1);
	assert_true(e.rss_kb == -1 && e.cpu_ms == -1 && e.lock_wait_ms == -1 && e.attempt == -1);
	wb_event_emit(&sink, &e);
	assert_int_equal(h.n, 1);
	assert_ptr_equal(h.event, &e);
}

static void events_have_names(void **state)
{
	(void)state;
#define X(name, text) assert_string_equal(wb_event_name(WB_EVENT_##name), text);
	WB_EVENT_MAP(X)
#undef X
	assert_string_equal(wb_event_name(WB_EVENT_COUNT), "unknown");
	assert_string_equal(wb_event_name((enum wb_event_type)1000), "unknown");
}

int test_log(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(obeys_the_level),
		cmocka_unit_test(is_silent_without_a_listener),
		cmocka_unit_test(cuts_long_lines_between_characters),
		cmocka_unit_test(events_start_absent),
		cmocka_unit_test(events_have_names),
	};

	return RUN_GROUP("log");
}
