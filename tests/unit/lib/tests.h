/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry per test file: each runs its group and returns its failures.
 */
#ifndef WB_TESTS_UNIT_LIB_TESTS_H
#define WB_TESTS_UNIT_LIB_TESTS_H

#include "tests/unit/migrate/place.h"

#define TEST_GROUPS(X) \
	X(open) \
	X(embedded) \
	X(status) \
	X(plan) \
	X(run) \
	X(squash) \
	X(schema) \
	X(release) \
	X(validate) \
	X(admin) \
	X(check) \
	X(memory) \
	X(memory_run) \
	X(server) \
	X(sessions)

#define X(name) int test_##name(void);
TEST_GROUPS(X)
#undef X

/* Shared by the tests in which memory runs out (test_memory.c): a context of the place's options; wb_oom_run's
 * function for a whole wb_doctor(). */
int open_it(struct place *p, struct wb_context **ret);
int oom_doctor(void *user);
/* A log in which a scratch database or folder that could not be removed for want of memory is named: removes it. */
void remove_scratch(void *user, enum wb_log_level level, const char *message);

#endif
