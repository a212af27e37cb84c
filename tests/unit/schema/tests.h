/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry per test file: each runs its group and returns its failures. Models
 * are made by hand here; what databases make of them is tested with the drivers.
 */
#ifndef WB_TESTS_UNIT_SCHEMA_TESTS_H
#define WB_TESTS_UNIT_SCHEMA_TESTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "schema/schema.h"
#include "tests/unit/oom.h"

#define TEST_GROUPS(X) \
	X(breaking) \
	X(ddl) \
	X(diff) \
	X(filter) \
	X(index_report) \
	X(order) \
	X(rename) \
	X(script) \
	X(snapshot)

#define X(name) int test_##name(void);
TEST_GROUPS(X)
#undef X

#define RUN_GROUP(name) cmocka_run_group_tests_name(name, tests, NULL, NULL)

/* Fails the test with the error's text when rc is not 0. */
#define assert_ok(rc, err) check_ok((rc), (err), __FILE__, __LINE__)
void check_ok(int rc, const struct wb_error *err, const char *file, int line);

/* One object of a model in a table of a test. attrs: "key", "value", …, NULL. */
struct spec {
	enum wb_kind kind;
	const char *schema, *parent, *name;
	const char *attrs[16];
	const char *needs[4]; /* names of others */
};
/* Finished; lacking memory, NULL. */
struct wb_model *model_from(const char *engine, const struct spec *v, size_t n);
#define MODEL(engine, specs) model_from((engine), (specs), WB_ARRAY_LEN(specs))

#endif
