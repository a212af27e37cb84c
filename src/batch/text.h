/* SPDX-License-Identifier: Apache-2.0
 *
 * The SQL of a rule, in pieces; private to the batch room.
 */
#ifndef WB_BATCH_TEXT_H
#define WB_BATCH_TEXT_H

#include "batch.h"

/* A piece of the walk: keys after `from` (a list of literals; NULL: from the start) up to `to`. */
struct range {
	const char *from, *to;
};

struct texts {
	const struct wb_transform_rule *rule;
	struct wb_arena *a;
	const char *literal; /* the engine's */
	const char *relation; /* table or query, without a name */
	const char *source; /* with its name */
	const char *keys; /* a, b */
	const char *key_text; /* as literals */
	const char *no_key; /* the condition that one is NULL */
	const char *filter; /* " AND (…)", or "" */
	const char *reason; /* why a row fails a check, NULL where it does not; NULL without checks */
	const char *row_json;
	const char *target, *rejects;
	bool rejects_ours; /* the journal's table */
};
int texts_make(struct texts *t, struct wb_arena *a, struct wb_conn *c, const struct wb_transform_rule *rule,
	       bool no_checks, struct wb_error *err) WB_MUST_USE;

/* All of these append to out. */
void text_where(const struct texts *t, const struct range *r, struct wb_str *out);
/* -> number of rows of the next piece of `size` rows at most, and its last key; no row when there are none */
void text_bound(const struct texts *t, const char *from, int64_t size, struct wb_str *out);
/* -> key, reason of the rows of a range that fail a check */
void text_failing(const struct texts *t, const struct range *r, const char *columns, struct wb_str *out);
/* The work itself. */
void text_write(const struct texts *t, const struct range *r, struct wb_str *out);
/* INSERT … SELECT of rows (with k, reason, j) into the rejects; $1 project, $2 rule, $3 sqlstate, $4 run */
void text_reject(const struct texts *t, const char *rows, struct wb_str *out);
/* From rows that a program gave, as JSON in $1. */
int text_write_json(const struct texts *t, struct wb_conn *c, struct wb_str *out, struct wb_error *err) WB_MUST_USE;
void text_ident(const char *table, struct wb_str *out); /* "a"."b" of a.b */

#endif
