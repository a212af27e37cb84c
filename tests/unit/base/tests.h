/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry per test file: each runs its group and returns its failures.
 */
#ifndef WB_TESTS_UNIT_BASE_TESTS_H
#define WB_TESTS_UNIT_BASE_TESTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "tests/unit/oom.h"

#define TEST_GROUPS(X) \
	X(arena) \
	X(child) \
	X(clock) \
	X(err) \
	X(excerpt) \
	X(fault) \
	X(fs) \
	X(fs_temp) \
	X(hashes) \
	X(log) \
	X(map) \
	X(oom) \
	X(proc) \
	X(retry) \
	X(sha256) \
	X(str) \
	X(sv) \
	X(thread)

#define X(name) int test_##name(void);
TEST_GROUPS(X)
#undef X

/* Body of an entry; expects `static const struct CMUnitTest tests[]` to be in scope. */
#define RUN_GROUP(name) cmocka_run_group_tests_name(name, tests, NULL, NULL)

/* Whether the bytes are well-formed UTF-8, judged apart from the code under test. */
bool is_utf8(const char *p, size_t n);
/* Open descriptors of this process. */
int count_fds(void);

#endif
