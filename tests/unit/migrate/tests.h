/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry per test file: each runs its group and returns its failures.
 */
#ifndef WB_TESTS_UNIT_MIGRATE_TESTS_H
#define WB_TESTS_UNIT_MIGRATE_TESTS_H

#include "tests/unit/migrate/place.h"

#define TEST_GROUPS(X) \
	X(plan) \
	X(order) \
	X(modes) \
	X(fail) \
	X(resume) \
	X(guards) \
	X(stop) \
	X(journal) \
	X(sqlite) \
	X(alter) \
	X(oom) \
	X(backup) \
	X(adopt) \
	X(pg) \
	X(patience)

#define X(name) int test_##name(void);
TEST_GROUPS(X)
#undef X

#endif
