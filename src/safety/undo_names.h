/* SPDX-License-Identifier: Apache-2.0
 *
 * Names and texts of undo.c; private to the safety room.
 */
#ifndef WB_SAFETY_UNDO_NAMES_H
#define WB_SAFETY_UNDO_NAMES_H

#include "safety/undo.h"

enum {
	WB_UNDO_ON_INSERT = 1,
	WB_UNDO_ON_UPDATE = 2,
	WB_UNDO_ON_DELETE = 4,
	WB_UNDO_ON_TRUNCATE = 8,
};

/* What the migration itself has made, by the name that it has now. */
struct wb_undo_made {
	bool maybe; /* unless it was there already */
	bool temporary;
	bool gone; /* its name was changed */
	bool filled; /* rows were put in; that it is new is a condition already */
	enum wb_kind kind;
	unsigned events; /* of a table: what its triggers wait for */
};
/* What an operation is about, where its kind does not say so: "type" is a type of some kind. WB_KIND_COUNT: none of
 * ours. */
enum wb_kind wb_undo_kind(const struct wb_operation *op);
/* Its object is a part of its table, or belongs to it. */
bool wb_undo_is_part(const struct wb_operation *op);
/* NULL: not made by the migration. */
struct wb_undo_made *wb_undo_find_made(const struct wb_undo *u, enum wb_kind kind, struct wb_name name);
/* NULL when memory has run out. */
struct wb_undo_made *wb_undo_add_made(struct wb_undo *u, enum wb_kind kind, struct wb_name name) WB_MUST_USE;
bool wb_undo_move_made(struct wb_undo *u, struct wb_undo_made *made, enum wb_kind kind, struct wb_name from,
		       struct wb_name to) WB_MUST_USE;
/* As statements find them: without a schema, in the one that the search_path begins with. */
bool wb_undo_same_name(const struct wb_undo *u, struct wb_name a, struct wb_name b);
/* The first of a list like "app, public"; NULL when memory has run out. */
const char *wb_undo_first_schema(struct wb_arena *a, const char *list);
/* A call that changes nothing which would have to be undone. */
bool wb_undo_is_harmless(const struct wb_undo *u, const struct wb_name *function, struct wb_sv statement);
/* What the trigger that this statement makes waits for. */
unsigned wb_undo_events(enum wb_dialect dialect, struct wb_sv statement);
/* Fills the holes of an inverse: {kind}, {name}, {table}, {part}, … False: something that it needs is not known. */
bool wb_undo_fill(const char *text, enum wb_dialect dialect, const struct wb_operation *op, struct wb_sv statement,
		  struct wb_str *out);
/* Values of the one type that become the other and then the first again are what they were. */
bool wb_undo_type_keeps(enum wb_dialect dialect, const char *from, const char *to);

#endif
