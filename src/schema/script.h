/* SPDX-License-Identifier: Apache-2.0
 *
 * The way from one model to another while it is worked out: plan.c finds what
 * is to be dropped, made and changed, script.c writes it. For this room only.
 */
#ifndef WB_SCHEMA_SCRIPT_H
#define WB_SCHEMA_SCRIPT_H

#include "schema/schema.h"

/* For each object of a model those that point at it, in the model's order: v from first[place] to first[place + 1]. */
struct links {
	size_t *first;
	struct wb_object **v;
};

struct making {
	const struct wb_ddl *d;
	const struct wb_model *from, *to;
	const struct wb_diff *diff;
	struct links users, parts,
		wanted_parts; /* of from: who needs it, whose owner it is; of to: whose owner it is */
	struct wb_map changes; /* object -> its first difference */
	const struct wb_stage *stage; /* NULL: from and to are as they were given */
	const struct wb_model *given_from, *given; /* from and to, as they were given */
	struct wb_object_list cut_off; /* tables of given_from that would go with what they have their columns from */
	struct wb_ddl_script *script;
	struct wb_object **from_order, **to_order;
	struct wb_object_list taken; /* of both models: names of tables while they are built anew, if listed */
	bool taken_listed;
	struct wb_map drop, make, rebuild; /* objects of from, of to, tables of to */
	struct wb_map made; /* of make, those that are there by now */
	struct wb_map loosen, retype; /* columns of from: without their defaults, and of these without their types */
	struct wb_str sql;
	struct wb_error *err;
};

/* Is it in the set? The model is the one that the set is of. */
bool wb_plan_has(const struct wb_map *set, const struct wb_model *m, const struct wb_object *o);
/* The same object in another model, NULL when it has none. */
struct wb_object *wb_plan_same(const struct wb_model *m, const struct wb_object *o);
/* Columns and constraints of a table that is built anew: no statements of their own. */
bool wb_plan_is_inside(const struct making *g, enum wb_kind kind);
bool wb_plan_in_rebuilt(const struct making *g, const struct wb_object *o);
/* Is it what a column can be of? */
bool wb_plan_is_type(const struct wb_object *o);
bool wb_plan_is_constraint(const struct wb_object *o, const char *type);

/* It is there now. */
int wb_plan_made(struct making *g, const struct wb_object *o) WB_MUST_USE;
/* Is it still to be made? */
bool wb_plan_is_coming(const struct making *g, const struct wb_object *o);

/* A sequence that belongs to the same column before and after: is that made anew? */
bool wb_plan_is_released(const struct making *g, const struct wb_object *sequence);

/* Fills the sets. */
int wb_plan_changes(struct making *g) WB_MUST_USE;
void wb_plan_done(struct making *g);

#endif
