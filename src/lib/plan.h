/* SPDX-License-Identifier: Apache-2.0
 *
 * A plan while it is being made; for the files plan*.c.
 */
#ifndef WB_LIB_PLAN_H
#define WB_LIB_PLAN_H

#include "context.h"

#include "safety/lint.h"
#include "safety/safety.h"

/* Statements that stand together: those of a migration, of a script. */
struct plan_part {
	const struct wb_migration *m; /* whose comments count; NULL: none */
	const char *path;
	size_t first; /* of the steps */
};

struct plan_box {
	struct wb_plan view; /* first: wb_plan_free gets its address */
	struct wb_arena arena;
	WB_VEC(struct wb_plan_migration) migrations;
	WB_VEC(struct wb_plan_step) steps;
	WB_VEC(struct wb_operations) operations; /* of each step */
	WB_VEC(struct wb_pos) places; /* and where it stands */
	WB_VEC(struct plan_part) parts;
	WB_VEC(const char *) notes;
};

struct planning {
	struct wb_context *c;
	struct plan_box *b;
	const struct wb_driver *driver;
	struct wb_conn *conn; /* whose catalog is asked; NULL: none */
	const struct wb_lint_setting *settings;
	size_t n_settings;
	bool probe;
	const bool *returns; /* of each step: what it takes away is made again by others; NULL: of none */
	const bool *skips; /* of each step: it is shown, and will not run; NULL: all run */
	struct wb_mock *mock; /* on which statements are tried; NULL: the engine has none */
	int64_t transaction; /* number of the one open now */
	bool down;
	bool failed; /* memory ran out for a text: they are not checked one by one, one test at the end decides */
	struct wb_error *err;
};

/* plan_effects.c: what a statement does, read from its text; what all steps do to the database, one after the other. */
int wb_plan_read(struct planning *p, struct wb_sv statement, struct wb_operations *ret_ops) WB_MUST_USE;
int wb_plan_judge(struct planning *p) WB_MUST_USE;
/* The same in a world that knows something already. */
int wb_plan_effects(struct planning *p, struct wb_world *world) WB_MUST_USE;

/* plan_probe.c: tries a step on a copy of its table where the effect leaves open what it goes through, and settles it.
 * *ret_note (in the arena, or NULL) says what was seen, or why it could not be tried. */
int wb_plan_probe(struct planning *p, const struct wb_world *world, size_t step, struct wb_effect *e,
		  const char **ret_note) WB_MUST_USE;

/* plan_safe.c: safer forms of the steps, by the rules of lint, which look at each operation before it is judged. */
struct plan_safer {
	struct planning *p;
	struct wb_lint_run run;
	struct wb_lint_file *files; /* one for each part */
	struct wb_lint_stmt *stmts; /* and one for each step */
	size_t *found; /* of each step: how many findings there were before it */
	size_t part, step; /* that are looked at */
};
int wb_plan_safer_begin(struct planning *p, struct plan_safer *s, struct wb_world *world) WB_MUST_USE;
/* Steps come in their order. */
struct wb_judge_watch wb_plan_safer_watch(struct plan_safer *s, size_t step);
int wb_plan_safer_end(struct plan_safer *s) WB_MUST_USE;
void wb_plan_safer_done(struct plan_safer *s);

/* plan_trash.c: what step i sets aside, as notes; e is told so. */
int wb_plan_trash(struct planning *p, size_t i, struct wb_effect *e) WB_MUST_USE;

#endif
