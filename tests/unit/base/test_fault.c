/* SPDX-License-Identifier: Apache-2.0
 *
 * Fault points strike once, where they were told to.
 */
#include "tests.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void reads_specifications(void **state)
{
	struct wb_fault f;

	(void)state;
	wb_fault_init(&f, "kill@before:17");
	assert_true(f.action == WB_FAULT_KILL && f.point == WB_FAULT_BEFORE && f.n == 17 && f.calls == 0);
	wb_fault_init(&f, "drop@sent:4");
	assert_true(f.action == WB_FAULT_DROP && f.point == WB_FAULT_SENT && f.n == 4);
	wb_fault_init(&f, "fail@after:9");
	assert_true(f.action == WB_FAULT_FAIL && f.point == WB_FAULT_AFTER && f.n == 9);
	wb_fault_init(&f, "count@any:0");
	assert_true(f.action == WB_FAULT_COUNT && f.n == 0);
}

static void refuses_anything_else(void **state)
{
	static const char *const wrong[] = {
		"",
		"kill",
		"kill@",
		"kill@before",
		"kill@before:",
		"kill@before:x",
		"kill@any:1",
		"kill@never:1",
		"none@sent:1",
		"@sent:1",
		"kill@:1",
		"kill@sent:0",
		"fail@sent:1 ",
		"drop@sent:-1",
		"count@any:-1",
		"Kill@before:1",
		"kill@before:1:2",
	};
	struct wb_fault f;
	size_t i;

	(void)state;
	for (i = 0; i <= WB_ARRAY_LEN(wrong); i++) {
		memset(&f, 0x55, sizeof(f));
		wb_fault_init(&f, i < WB_ARRAY_LEN(wrong) ? wrong[i] : NULL);
		if (f.action != WB_FAULT_NONE || f.point != 0 || f.n != 0 || f.calls != 0)
			fail_msg("\"%s\" was taken", wrong[i]);
		wb_fault_call(&f);
		assert_int_equal(wb_fault_at(&f, WB_FAULT_BEFORE), WB_FAULT_NONE);
	}
}

static void strikes_one_call_at_one_point(void **state)
{
	struct wb_fault f;
	int call, point, want;

	(void)state;
	wb_fault_init(&f, "drop@sent:3");
	for (call = 1; call <= 6; call++) {
		wb_fault_call(&f);
		for (point = WB_FAULT_BEFORE; point <= WB_FAULT_AFTER; point++) {
			want = call == 3 && point == WB_FAULT_SENT ? WB_FAULT_DROP : WB_FAULT_NONE;
			assert_int_equal(wb_fault_at(&f, (enum wb_fault_point)point), want);
		}
	}
	assert_int_equal(f.calls, 6);
}

static void counting_strikes_nothing(void **state)
{
	struct wb_fault f;
	int call;

	(void)state;
	wb_fault_init(&f, "count@before:2");
	for (call = 1; call <= 3; call++) {
		wb_fault_call(&f);
		assert_int_equal(wb_fault_at(&f, WB_FAULT_BEFORE), WB_FAULT_NONE);
	}
	assert_int_equal(f.calls, 3);
}

static void kill_kills(void **state)
{
	struct wb_fault f;
	int status = 0;
	pid_t pid;

	(void)state;
	wb_fault_init(&f, "kill@after:1");
	wb_fault_call(&f);
	assert_int_equal(wb_fault_at(&f, WB_FAULT_SENT), WB_FAULT_NONE);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)wb_fault_at(&f, WB_FAULT_AFTER);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

int test_fault(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_specifications),
		cmocka_unit_test(refuses_anything_else),
		cmocka_unit_test(strikes_one_call_at_one_point),
		cmocka_unit_test(counting_strikes_nothing),
		cmocka_unit_test(kill_kills),
	};

	return RUN_GROUP("fault");
}
