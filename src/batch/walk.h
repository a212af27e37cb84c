/* SPDX-License-Identifier: Apache-2.0
 *
 * One rule under way; private to the batch room.
 */
#ifndef WB_BATCH_WALK_H
#define WB_BATCH_WALK_H

#include "text.h"

struct walk {
	struct wb_step_run *r;
	struct wb_batch_job *job;
	const struct wb_transform_rule *rule;
	struct texts t;
	struct wb_str cursor; /* text for the journal */
	struct wb_str from; /* literals of the last key that is done; "" at the start */
	bool started, ended; /* something is done; nothing is left but rows without a key */
	int64_t size; /* of the next piece */
	int64_t ceiling; /* of size: what the rule says, or time allows */
	int64_t suspect; /* a row among the next so many is known to fail */
	int64_t started_ms;
	/* The next piece, once it is known. */
	struct wb_str to;
	int64_t n;
};

/* Keyset pieces of the source, all of it in the server. */
int walk_source(struct walk *w, struct wb_error *err) WB_MUST_USE;
/* The same with a program between reading and writing. */
int walk_program(struct walk *w, struct wb_error *err) WB_MUST_USE;

/* ---- shared ------------------------------------------------------------------------ */

/* The cursor's text as it will be after `n` more rows up to the key `to`. NULL without memory. */
const char *walk_cursor(struct walk *w, const struct wb_batch_counts *c, const char *to);
/* A piece is done: counts, place, event, threshold, pause, size of the next one. */
int walk_done(struct walk *w, const struct wb_batch_counts *c, const char *to, int64_t ms,
	      struct wb_error *err) WB_MUST_USE;
/* The size of the piece after one of n rows, should that be done: halves around a row that fails. */
void walk_next_size(struct walk *w, int64_t n);
/* What is left: rows without a key. */
int walk_end(struct walk *w, struct wb_error *err) WB_MUST_USE;
/* A row is rejected because of why: kept for the result. */
int walk_remember(struct walk *w, const char *key, const char *why, struct wb_error *err) WB_MUST_USE;
/* It stops the rule. */
int walk_stop(struct walk *w, const char *key, const struct wb_error *why, struct wb_error *err) WB_MUST_USE;
/* "ERROR; detail" */
const char *walk_reason(struct wb_arena *a, const struct wb_error *why);
/* Adds a query with its text (taken from s, which is emptied) to the batch. */
struct wb_query *walk_query(struct wb_batch *b, struct wb_str *s);
/* The four parameters of text_reject(). */
void walk_reject_params(struct walk *w, struct wb_batch *b, struct wb_query *q, const char *sqlstate);
void walk_event(struct walk *w, enum wb_event_type type, int64_t n);

#endif
