/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the splitter share: the machine that finds the end of a
 * statement (body.c), and the splitter's state. For this room only.
 */
#ifndef WB_SQL_SPLIT_H
#define WB_SQL_SPLIT_H

#include "sql/window.h"

/* ---- bodies (body.c) ------------------------------------------------------ */

/* How far the first words of a statement have told what it is. */
enum wb_stage {
	WB_STAGE_START,
	WB_STAGE_CREATE, /* CREATE, CREATE TEMP */
	WB_STAGE_OR, /* CREATE OR */
	WB_STAGE_REPLACE, /* CREATE OR REPLACE */
	WB_STAGE_ROUTINE, /* … FUNCTION, PROCEDURE (PostgreSQL): BEGIN ATOMIC may follow */
	WB_STAGE_ATOMIC, /* inside BEGIN ATOMIC */
	WB_STAGE_TRIGGER, /* … TRIGGER (SQLite) */
	WB_STAGE_ACTIONS, /* inside the BEGIN of a trigger */
	WB_STAGE_COPY, /* COPY (PostgreSQL) */
	WB_STAGE_PLAIN /* its words no longer matter */
};

/* The solid token before, as far as it changes what a word means. */
enum wb_before { WB_BEFORE_ANY, WB_BEFORE_POINT, WB_BEFORE_AS, WB_BEFORE_BEGIN, WB_BEFORE_STATEMENT, WB_BEFORE_END };

struct wb_body {
	enum wb_dialect dialect;
	enum wb_stage stage;
	enum wb_before before;
	size_t parens; /* open ones */
	size_t blocks; /* BEGIN and CASE open in BEGIN ATOMIC */
};

void wb_body_init(struct wb_body *b, enum wb_dialect dialect);
/* Takes the next solid token of the statement; true when it is the ';' that ends it. */
bool wb_body_take(struct wb_body *b, const struct wb_token *t);
/* Neither in parentheses nor in a body. */
bool wb_body_is_top(const struct wb_body *b);

/* ---- the splitter ------------------------------------------------------------ */

enum wb_phase {
	WB_PHASE_SQL,
	WB_PHASE_COPY_LINE, /* after COPY … FROM STDIN;, before the line end */
	WB_PHASE_COPY_DATA
};

struct wb_splitter {
	struct wb_split_options o;
	struct wb_window w;
	struct wb_lexer lx; /* over the window */
	enum wb_phase phase;
	bool inside; /* a statement has begun, at `start` in the window */
	size_t start, length; /* length: up to the end of its last solid token */
	struct wb_pos pos; /* of start */
	struct wb_body body;
	bool heading_known; /* the comment that comes next was found to be a heading */
	bool line_start; /* COPY data: the next byte starts a line */
};

/* Offset of the next byte in the window. */
static inline size_t wb_split_at(const struct wb_splitter *s)
{
	return s->lx.p ? (size_t)(s->lx.p - s->w.p) : 0;
}
/* Puts the place of an offset in the window into err, which is already set; returns err's code. */
int wb_split_fail(const struct wb_splitter *s, size_t at, struct wb_error *err);
/* Gets more bytes; keeps the statement begun. */
int wb_split_more(struct wb_splitter *s, struct wb_error *err) WB_MUST_USE;
/* Next token, whole. */
int wb_split_take(struct wb_splitter *s, struct wb_token *ret_token, struct wb_error *err) WB_MUST_USE;
/* The i-th byte from the next one, -1 at the end of the input. */
int wb_split_peek(struct wb_splitter *s, size_t i, int *ret_byte, struct wb_error *err) WB_MUST_USE;
/* How many bytes the line end has that comes next; 0 when none does. */
int wb_split_line_end(struct wb_splitter *s, size_t *ret_n, struct wb_error *err) WB_MUST_USE;

/* Goes past tokens of a statement at WB_STAGE_PLAIN that are nothing special (skip.c). */
void wb_split_skip(struct wb_splitter *s);

/* ---- COPY data (copy.c) ---------------------------------------------------------- */

/* The next item of the two COPY phases. */
int wb_copy_next(struct wb_splitter *s, struct wb_item *ret_item, struct wb_error *err) WB_MUST_USE;

#endif
