/* SPDX-License-Identifier: Apache-2.0
 *
 * The writer: what goes out, and what is told when it cannot.
 */
#include "tests.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/banned.h"

static void keeps_in_memory(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	int i;

	(void)state;
	for (i = 0; i < 20000; i++)
		wb_out_addf(&out, "%d\n", i % 10);
	assert_int_equal(out.buf.n, 40000);
	assert_int_equal(wb_out_finish(&out, "memory", &err), 0);
	assert_int_equal(out.buf.n, 40000);
	wb_out_done(&out);
}

static void colours_only_where_wanted(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;

	(void)state;
	wb_out_styled(&out, WB_RED, "x%d", 1);
	assert_string_equal(out.buf.p, "x1");
	wb_str_clear(&out.buf);
	out.color = true;
	wb_out_styled(&out, WB_RED, "x%d", 1);
	assert_string_equal(out.buf.p, "\033[31mx1\033[0m");
	wb_str_clear(&out.buf);
	wb_out_styled(&out, WB_PLAIN, "x");
	assert_string_equal(out.buf.p, "x");
	wb_out_done(&out);
}

static void empties_itself(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;
	int ends[2], i;
	char buf[65536];
	ssize_t n;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	out.fd = ends[1];
	for (i = 0; i < 33 * 1024; i++)
		wb_out_add(&out, "x");
	n = read(ends[0], buf, sizeof(buf));
	assert_true(n >= 32 * 1024); /* long before the end */
	assert_int_equal(wb_out_finish(&out, "pipe", &err), 0);
	assert_int_equal(n + read(ends[0], buf, sizeof(buf)), 33 * 1024);
	close(ends[0]);
	/* A reader that went away is no error. */
	signal(SIGPIPE, SIG_IGN);
	wb_out_add(&out, "x");
	assert_int_equal(wb_out_finish(&out, "pipe", &err), 0);
	assert_int_equal(out.failed, EPIPE);
	close(ends[1]);
	wb_out_done(&out);
}

static void tells_of_a_full_disk(void **state)
{
	struct wb_out out = WB_OUT_MEMORY;
	struct wb_error err;

	(void)state;
	out.fd = open("/dev/full", O_WRONLY);
	assert_true(out.fd >= 0);
	wb_out_add(&out, "x");
	assert_int_equal(wb_out_finish(&out, "the result", &err), WB_EIO);
	assert_string_equal(err.message, "the result cannot be written");
	close(out.fd);
	wb_out_done(&out);
}

int test_out(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_in_memory),
		cmocka_unit_test(colours_only_where_wanted),
		cmocka_unit_test(empties_itself),
		cmocka_unit_test(tells_of_a_full_disk),
	};

	return RUN_GROUP("out");
}
