/* SPDX-License-Identifier: Apache-2.0
 *
 * The allocation-failure harness itself: it must see what it is there to see.
 * Functions with defects are run in a child, whose own cmocka test must fail.
 */
#include "tests.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static void *kept[4]; /* keeps the compiler from leaving allocations out */

static int good(void *user)
{
	int rc = WB_ENOMEM;

	kept[0] = malloc(10);
	kept[1] = kept[0] ? calloc(3, 5) : NULL;
	kept[2] = kept[1] ? strdup("text") : NULL;
	if (kept[2]) {
		void *p = realloc(kept[0], 1000);

		kept[0] = p ? p : kept[0];
		rc = p ? 0 : WB_ENOMEM;
	}
	free(kept[0]);
	free(kept[1]);
	free(kept[2]);
	++*(int *)user;
	return rc;
}

static int leaks_always(void *user)
{
	(void)user;
	kept[0] = malloc(24);
	return kept[0] ? 0 : WB_ENOMEM;
}

static int leaks_on_failure(void *user)
{
	(void)user;
	kept[0] = malloc(24);
	if (!kept[0])
		return WB_ENOMEM;
	kept[1] = realloc(kept[0], 1000);
	if (!kept[1])
		return WB_ENOMEM;
	free(kept[1]);
	return 0;
}

static int tells_another_error(void *user)
{
	(void)user;
	kept[0] = malloc(24);
	if (!kept[0])
		return WB_EIO;
	free(kept[0]);
	return 0;
}

static int never_succeeds(void *user)
{
	(void)user;
	return WB_ENOMEM;
}

static void fails_each_allocation_once(void **state)
{
	int calls = 0;

	(void)state;
	assert_int_equal(wb_oom_run(good, &calls), 4);
	assert_int_equal(calls, 5);
	assert_int_equal(wb_oom_run(good, &calls), 4);
}

static int (*suspect)(void *user);

static void run_suspect(void **state)
{
	(void)state;
	(void)wb_oom_run(suspect, NULL);
}

/* cmocka's own report of the child is thrown away, and so are its leaks. */
static bool is_caught(int (*fn)(void *user))
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(run_suspect) };
	int status = 0, null;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		(void)dup2(null, 1);
		(void)dup2(null, 2);
		suspect = fn;
		_exit(RUN_GROUP("suspect"));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status) == 1;
}

static int fine(void *user)
{
	(void)user;
	return 0;
}

static void catches_defects(void **state)
{
	(void)state;
	assert_false(is_caught(fine));
	assert_true(is_caught(leaks_always));
	assert_true(is_caught(leaks_on_failure));
	assert_true(is_caught(tells_another_error));
	assert_true(is_caught(never_succeeds));
}

/* A block from before the run may grow, move and go. */
static int uses_an_older_block(void *user)
{
	void **older = user, *bigger = realloc(*older, 5000);

	if (!bigger)
		return WB_ENOMEM;
	*older = bigger;
	return 0;
}

static void leaves_older_blocks_alone(void **state)
{
	void *older = malloc(8);

	(void)state;
	assert_non_null(older);
	assert_int_equal(wb_oom_run(uses_an_older_block, &older), 1);
	free(older);
}

int test_oom(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(fails_each_allocation_once),
		cmocka_unit_test(catches_defects),
		cmocka_unit_test(leaves_older_blocks_alone),
	};

	return RUN_GROUP("oom");
}
