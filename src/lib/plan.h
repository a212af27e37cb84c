/* SPDX-License-Identifier: Apache-2.0
 *
 * A plan while it is being made; for the files plan*.c.
 */
#ifndef WB_LIB_PLAN_H
#define WB_LIB_PLAN_H

#include "context.h"
#include "safety/safety.h"

struct plan_box {
	struct wb_plan view; /* first: wb_plan_free gets its address */
	struct wb_arena arena;
	WB_VEC(struct wb_plan_migration) migrations;
	WB_VEC(struct wb_plan_step) steps;
	WB_VEC(struct wb_operations) operations; /* of each step */
	WB_VEC(const char *) notes;
};

struct planning {
	struct wb_context *c;
	struct plan_box *b;
	struct wb_mock *mock; /* on which statements are tried; NULL: the engine has none */
	int64_t transaction; /* number of the one open now */
	bool down;
	bool failed; /* memory ran out for a text: they are not checked one by one, one test at the end decides */
	struct wb_error *err;
};

/* plan_effects.c: what a statement does, read from its text; what all steps do to the database, one after the other. */
int wb_plan_read(struct planning *p, struct wb_sv statement, struct wb_operations *ret_ops) WB_MUST_USE;
int wb_plan_effects(struct planning *p) WB_MUST_USE;
/* plan_trash.c: what step i sets aside, as notes; e is told so. */
int wb_plan_trash(struct planning *p, size_t i, struct wb_effect *e) WB_MUST_USE;

#endif
