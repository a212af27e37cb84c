/* SPDX-License-Identifier: Apache-2.0
 *
 * The way back, worked out. Statement after statement of a migration is shown
 * to a draft (undo.c), which finds out how it can be undone: from its text alone
 * (it only makes and renames things), from the schema as it was before and is
 * after (undo_script.c), or not at all, and why. Nothing here talks to a
 * database: what has to be asked of one is listed.
 */
#ifndef WB_SAFETY_UNDO_H
#define WB_SAFETY_UNDO_H

#include "model/model.h"
#include "model/operation.h"
#include "schema/schema.h"
#include "sql/sql.h"

enum wb_undo_way {
	WB_UNDO_TEXT, /* wb_undo_text() */
	WB_UNDO_ASK, /* the same, if nothing of `asks` is there before; else WB_UNDO_CATALOG */
	WB_UNDO_CATALOG, /* wb_undo_script() */
	WB_UNDO_NONE /* why says why not */
};

/* Something that may be there, by the names that statements call it. */
struct wb_undo_ask {
	enum wb_kind kind;
	struct wb_name table, object; /* the table of a part; of a table itself `object` */
};
/* What has to hold before the migration runs, or `why` is why it cannot be undone; NULL: it is only good to know. */
struct wb_undo_condition {
	struct wb_name table; /* without rows, or not there at all */
	bool sequence; /* it is one: never used */
	bool absent; /* it may not be there at all, rows or not */
	const char *why;
};
struct wb_undo_step {
	const char *sql; /* without ';' */
	bool moves; /* a rename: rows and privileges stay where they are */
	bool gone; /* and then what was renamed was dropped */
};

/* What brings back something that was set aside, found while the migration ran. */
enum wb_undo_back_part {
	WB_UNDO_BACK, /* changes the schema: also run to look at it */
	WB_UNDO_BACK_DATA, /* brings values back */
	WB_UNDO_BACK_LATE /* the same, once everything is there */
};
struct wb_undo_back {
	size_t step; /* its place among the steps */
	int64_t statement; /* that set it aside */
	enum wb_undo_back_part part;
	const char *sql; /* without ';' */
};

struct wb_undo {
	struct wb_arena arena;
	enum wb_dialect dialect;
	enum wb_undo_way way;
	const char *why; /* NULL as long as there is a way */
	const char *statement; /* the one that `why` is about, its beginning */
	struct wb_pos pos;
	bool trash; /* what wb_undo_sets_aside() is set aside when it runs */
	bool owners; /* who owns what counts */
	bool concurrently; /* indexes are dropped without keeping anybody waiting: so they are made again */
	/* All that follows is for undo*.c and whoever carries it out. */
	WB_VEC(struct wb_undo_ask) asks;
	WB_VEC(struct wb_undo_condition) conditions;
	WB_VEC(struct wb_undo_step) steps; /* in the order of the statements */
	WB_VEC(struct wb_undo_back) backs; /* in the order in which they were found */
	WB_VEC(struct wb_undo_ask) kept; /* tables that come back as they were, sequences whose count does */
	WB_VEC(const char *) session; /* statements that names depend on, to be made before */
	WB_VEC(struct wb_undo_ask) touched; /* what is not made by the migration itself */
	WB_VEC(struct wb_undo_move) moved;
	struct wb_map made; /* "class schema.name" -> struct wb_undo_made */
	const char *path; /* the schema of names without one */
	bool acted; /* something was done already */
	bool late_path; /* and then the search_path was changed */
};
struct wb_undo_move {
	enum wb_kind kind;
	struct wb_name from, to;
	size_t step; /* its inverse */
};

void wb_undo_start(struct wb_undo *u, enum wb_dialect dialect);
void wb_undo_done(struct wb_undo *u);
/* The next statement, and what it does. Only WB_ENOMEM is an error. */
int wb_undo_see(struct wb_undo *u, struct wb_sv statement, struct wb_pos pos, const struct wb_operations *ops,
		struct wb_error *err) WB_MUST_USE;
/* Does it take all rows of a table, or all values of a column? */
bool wb_undo_sets_aside(enum wb_dialect dialect, struct wb_sv statement, const struct wb_operation *op);
/* What the statement set aside, step: u->steps.n when it was seen. Texts are copied. */
int wb_undo_add_back(struct wb_undo *u, const struct wb_undo_back *back, struct wb_error *err) WB_MUST_USE;
int wb_undo_add_kept(struct wb_undo *u, enum wb_kind kind, struct wb_name name, struct wb_error *err) WB_MUST_USE;
/* It cannot be undone; the first reason stays. printf. */
int wb_undo_refuse(struct wb_undo *u, const char *fmt, ...) WB_PRINTF(2, 3);
/* The undo, statements ended by ';' and a line feed; of a migration without any effect it is empty. For the way TEXT,
 * and ASK where nothing was there. */
int wb_undo_text(const struct wb_undo *u, struct wb_str *out, struct wb_error *err) WB_MUST_USE;

/* ---- from the schema before and after (undo_script.c) ------------------------------------------------ */

/* Statements that turn the schema after into one where everything of before has the name that it had before: to be run,
 * looked at and rolled back. all: everything that the text tells is undone with them; data: with what brings values
 * back. n of them; 0: none are needed. *ret_v lives in the arena; WB_ENOMEM. */
int wb_undo_moves(struct wb_undo *u, bool all, bool data, const char ***ret_v, size_t *ret_n,
		  struct wb_error *err) WB_MUST_USE;
/* Are these the tables of a condition that was found to hold? */
struct wb_undo_facts {
	const struct wb_model *before, *after; /* after: with the moves made */
	const bool *holds; /* one for each condition */
	bool all; /* the moves were */
};
/* Appends the undo, or says why there is none: u->way is WB_UNDO_NONE then. */
int wb_undo_script(struct wb_undo *u, const struct wb_undo_facts *f, struct wb_str *out,
		   struct wb_error *err) WB_MUST_USE;

#endif
