/* SPDX-License-Identifier: Apache-2.0
 *
 * Programs whose output passes as it comes: what they get, what they say, and
 * how they are stopped.
 */
#include "tests.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

struct heard {
	size_t bytes;
	int lines, ticks, stop_after; /* ticks; 0: never */
	char last[64];
};

static int hear(void *user, const char *p, size_t n, struct wb_error *err)
{
	struct heard *h = user;

	(void)p;
	(void)err;
	h->bytes += n;
	return 0;
}

static bool read_line(void *user, struct wb_sv line)
{
	struct heard *h = user;

	h->lines++;
	(void)wb_sv_copy(line, h->last, sizeof(h->last));
	return wb_sv_starts(line, "error");
}

static int count_tick(void *user, struct wb_error *err)
{
	struct heard *h = user;

	h->ticks++;
	return h->stop_after && h->ticks >= h->stop_after ? wb_err_set(err, WB_ECANCELLED, "enough") : 0;
}

static int run(const char *script, const char *const *env, int in, struct heard *h, struct wb_error *e)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	const struct wb_proc_run r = {
		.argv = argv, .env = env, .in = in, .out = hear, .line = read_line, .tick = count_tick, .user = h
	};

	return wb_proc_run(&r, e);
}

static void passes_everything_on(void **state)
{
	struct heard h = { 0 };
	struct wb_error e;

	(void)state;
	assert_int_equal(run("head -c 3000000 /dev/zero; echo one >&2; printf two >&2", NULL, -1, &h, &e), 0);
	assert_int_equal(h.bytes, 3000000);
	assert_int_equal(h.lines, 2);
	assert_string_equal(h.last, "two");
}

static void keeps_only_complaints(void **state)
{
	struct heard h = { 0 };
	struct wb_error e;

	(void)state;
	assert_int_equal(run("echo working >&2; echo error: no room >&2; echo working >&2; exit 1", NULL, -1, &h, &e),
			 WB_EIO);
	assert_string_equal(e.detail, "error: no room");
	assert_int_equal(h.lines, 3);
}

static void replaces_variables(void **state)
{
	const char *const env[] = { "PATH_NOT=x", "HOME=/replaced", NULL };
	struct heard h = { 0 };
	struct wb_error e;

	(void)state;
	assert_int_equal(setenv("HOME", "/ours", 1), 0);
	assert_int_equal(
		run("[ \"$HOME\" = /replaced ] && [ \"$PATH_NOT\" = x ] && [ \"$(env | grep -c ^HOME=)\" = 1 ]", env,
		    -1, &h, &e),
		0);
	assert_string_equal(getenv("HOME"), "/ours");
}

/* The position of the descriptor is shared: it tells how far the program is. */
static void reads_from_a_descriptor(void **state)
{
	struct heard h = { 0 };
	struct wb_error e;
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(run("head -c 1000", NULL, fd, &h, &e), 0);
	assert_int_equal(h.bytes, 1000);
	assert_true(lseek(fd, 0, SEEK_CUR) >= 1000);
	(void)close(fd);
}

static void stops_when_the_tick_says_so(void **state)
{
	struct heard h = { .stop_after = 2 }, deaf = { .stop_after = 1 };
	int64_t start = wb_now_ms();
	struct wb_error e;

	(void)state;
	assert_int_equal(run("exec sleep 60", NULL, -1, &h, &e), WB_ECANCELLED);
	assert_string_equal(e.message, "enough");
	assert_true(wb_now_ms() - start < 4000);
	/* One that does not listen is killed in the end. */
	assert_int_equal(run("trap '' TERM; while :; do sleep 1; done", NULL, -1, &deaf, &e), WB_ECANCELLED);
	assert_true(wb_now_ms() - start < 20000);
}

int test_child(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_everything_on),        cmocka_unit_test(keeps_only_complaints),
		cmocka_unit_test(replaces_variables),          cmocka_unit_test(reads_from_a_descriptor),
		cmocka_unit_test(stops_when_the_tick_says_so),
	};

	return RUN_GROUP("child");
}
