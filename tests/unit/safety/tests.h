/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry per test file. Worlds and operations are made by hand here; what servers say is tested by
 * tests/safety/proof.py.
 */
#ifndef WB_TESTS_UNIT_SAFETY_TESTS_H
#define WB_TESTS_UNIT_SAFETY_TESTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "safety/facts.h"
#include "tests/unit/oom.h"

#define TEST_GROUPS(X) \
	X(coerce) \
	X(estimate) \
	X(expr) \
	X(judge) \
	X(lint) \
	X(plan) \
	X(risk)

#define X(name) int test_##name(void);
TEST_GROUPS(X)
#undef X

#define RUN_GROUP(name) cmocka_run_group_tests_name(name, tests, NULL, NULL)

#define NAME(n) ((struct wb_name){ NULL, (n) })
/* On an object of a kind. */
#define ON_KIND(code_, kind_, ...) \
	((struct wb_operation){ .code = WB_OP_##code_, .kind = WB_KIND_##kind_, __VA_ARGS__ })
#define OP(code_, ...) ((struct wb_operation){ .code = WB_OP_##code_, .kind = WB_KIND_COUNT, __VA_ARGS__ })

struct wb_world *empty_world(void);
/* A table that the catalog has told all about: 1000 rows, 1 MB, indexes of 100 kB. */
struct wb_relation *seen(struct wb_world *w, const char *name);
void column(struct wb_relation *r, const char *name, const char *type, unsigned flags);
/* Judges and expects success; the caller releases the effect. */
struct wb_effect judged(struct wb_world *w, struct wb_operation op);
/* What is said of the relation of that name; none when nothing is. */
struct wb_touch touch_of(const struct wb_effect *e, const char *name);

#endif
