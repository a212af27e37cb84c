/* SPDX-License-Identifier: Apache-2.0
 *
 * What a migration takes away, set aside while it runs; private to the migrate
 * room.
 */
#ifndef WB_MIGRATE_TRASH_H
#define WB_MIGRATE_TRASH_H

#include "run.h"

/* ---- trash_find.c: what a statement takes, and how that is set aside ------------------------------- */

/* One thing that is taken. */
struct wb_taken {
	const char *kind; /* "table", "column", "rows" */
	struct wb_name table;
	struct wb_str columns; /* JSON, without the brackets */
	const char *way; /* of rows, see driver/queries.h */
	/* As the engine's queries say: its name in the trash, what it was, how (NULL: there is nothing to be set
	 * aside). */
	const char *store, *was, *method;
	const char *refused; /* why it cannot be; NULL */
	int64_t rows;
};
struct wb_taken_part { /* one line of what the engine's queries say */
	const char *part, *sql, *why;
};
struct wb_taking {
	const struct wb_target *t;
	struct wb_sv text; /* of the statement */
	struct wb_arena arena;
	WB_VEC(struct wb_taken) things;
	WB_VEC(struct wb_taken_part) parts; /* of the thing looked at last */
};
void wb_taking_done(struct wb_taking *k);

/* Does the statement take a column, or, unless columns alone count, a table or all rows of one? Reads it only where a
 * word of it says so. */
int wb_trash_sees(const struct wb_target *t, struct wb_sv statement, bool columns_alone, bool *ret_sets_aside,
		  struct wb_error *err) WB_MUST_USE;
/* Fills k->things. */
int wb_taking_find(struct wb_taking *k, struct wb_error *err) WB_MUST_USE;
/* Fills k->parts and what the thing says of itself; name: what it is to be called in the trash. Changes nothing. */
int wb_taking_look(struct wb_taking *k, struct wb_taken *thing, const char *name, struct wb_error *err) WB_MUST_USE;

/* ---- trash.c ------------------------------------------------------------------------------------------ */

/* Before the first item: what the journal needs for it. */
int wb_trash_ensure(struct wb_run *run, struct wb_error *err) WB_MUST_USE;
bool wb_trash_marks(const struct wb_script *s, int64_t ordinal);
/* The statement that was read last, marked as such: sets aside what it takes. *ret_replaced: it needs not run any more.
 */
int wb_trash_run(struct wb_sender *s, const struct wb_item *item, bool *ret_replaced, struct wb_error *err) WB_MUST_USE;
/* The same where there is no trash: warns of values that will be lost. */
int wb_trash_tell(struct wb_sender *s, const struct wb_item *item, struct wb_error *err) WB_MUST_USE;

#endif
