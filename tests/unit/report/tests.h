/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry per test file: each runs its group and returns its failures.
 */
#ifndef WB_TESTS_UNIT_REPORT_TESTS_H
#define WB_TESTS_UNIT_REPORT_TESTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/report.h"
#include "report/table.h"
#include "report/text.h"

#define TEST_GROUPS(X) \
	X(text) \
	X(out) \
	X(table) \
	X(error) \
	X(status) \
	X(validation) \
	X(plan) \
	X(run) \
	X(rows) \
	X(schema) \
	X(release) \
	X(oom)

#define X(name) int test_##name(void);
TEST_GROUPS(X)
#undef X

#define RUN_GROUP(name) cmocka_run_group_tests_name(name, tests, NULL, NULL)

/* Fails, showing the text, when `part` is not (or is) in what was written. */
void assert_has(const struct wb_out *out, const char *part);
void assert_lacks(const struct wb_out *out, const char *part);
/* The output as JSON; fails when it is none. The caller releases it. */
json_t *as_json(const struct wb_out *out);
/* The value at "a.b.0.c"; fails when it is not there. */
const json_t *at(const json_t *root, const char *path);
const char *text_at(const json_t *root, const char *path);

/* Results that several tests show. */
extern const struct wb_status sample_status;
extern const struct wb_validation sample_validation;
extern const struct wb_plan sample_plan;
extern const struct wb_diff_report sample_diff;
extern const struct wb_release sample_release;
extern const struct wb_releases sample_releases;

#endif
