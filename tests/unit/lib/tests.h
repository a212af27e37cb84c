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
	X(validate) \
	X(admin) \
	X(memory) \
	X(memory_run) \
	X(server) \
	X(sessions)

#define X(name) int test_##name(void);
TEST_GROUPS(X)
#undef X

#endif
