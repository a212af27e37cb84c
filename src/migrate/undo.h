/* SPDX-License-Identifier: Apache-2.0
 *
 * The undo of one migration while it runs; private to the migrate room.
 */
#ifndef WB_MIGRATE_UNDO_H
#define WB_MIGRATE_UNDO_H

#include "run.h"
#include "safety/undo.h"

/* Of a script that is to be undone without a down part of its own. */
struct wb_script_undo {
	struct wb_undo draft;
	enum wb_undo_way drafted; /* as the text alone says */
	struct wb_model *before; /* NULL: not needed, or not known */
	bool *holds; /* the draft's conditions */
	bool decided; /* sql and why are what there is to say */
	struct wb_str text, sql; /* as the text alone tells it; as it is stored */
};

/* NULL where memory has run out. */
struct wb_script_undo *wb_script_undo_new(enum wb_dialect dialect);
void wb_script_undo_free(struct wb_script_undo *su);
/* One more statement of it. */
int wb_script_undo_see(const struct wb_target *t, struct wb_script_undo *su, struct wb_sv text, struct wb_pos pos,
		       struct wb_error *err) WB_MUST_USE;
/* One that nobody could take back. why: a text that stays. */
int wb_script_undo_blind(struct wb_script_undo *su, struct wb_sv text, struct wb_pos pos, const char *why,
			 struct wb_error *err) WB_MUST_USE;
/* There are no more. */
int wb_script_undo_finish(struct wb_script_undo *su, struct wb_error *err) WB_MUST_USE;
/* "line 3: changes rows of users", for people; in the arena. */
const char *wb_undo_reason(const struct wb_undo *u, struct wb_arena *a);

/* Before the first statement, in its transaction (inside) or outside any: what has to be known of the schema. */
int wb_undo_before(struct wb_run *run, struct wb_work_item *item, bool inside, struct wb_error *err) WB_MUST_USE;
/* In place of it where an earlier run has begun the migration. */
int wb_undo_resumed(struct wb_run *run, struct wb_work_item *item, struct wb_error *err) WB_MUST_USE;
/* After the last: what wb_record_success() will store. */
int wb_undo_after(struct wb_run *run, struct wb_work_item *item, bool inside, struct wb_error *err) WB_MUST_USE;
/* The schema is not known any more. */
void wb_undo_forget(struct wb_run *run);
/* Of an item that is applied: the text to be stored (p NULL: none), or why there is none. */
int wb_undo_stored(const struct wb_work_item *item, struct wb_arena *a, struct wb_sv *ret_sql, const char **ret_why,
		   struct wb_error *err) WB_MUST_USE;

#endif
