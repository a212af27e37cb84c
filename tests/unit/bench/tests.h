/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry per test file: each runs its group and returns its failures.
 */
#ifndef WB_TESTS_UNIT_BENCH_TESTS_H
#define WB_TESTS_UNIT_BENCH_TESTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/run.h"
#include "tests/unit/oom.h"

#define TEST_GROUPS(X) \
	X(compare) \
	X(stats) \
	X(text)

#define X(name) int test_##name(void);
TEST_GROUPS(X)
#undef X

#define RUN_GROUP(name) cmocka_run_group_tests_name(name, tests, NULL, NULL)

#endif
