/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows in batches by key: the kind of step that a rule is. A batch is a range
 * of keys; it is one transaction together with the cursor, and what the journal
 * says is done is done exactly once. A batch that fails because of a row is cut
 * in halves until that row is alone.
 */
#ifndef WB_BATCH_BATCH_H
#define WB_BATCH_BATCH_H

#include "base/base.h"
#include "migrate/program.h"
#include <whimbrel/transform.h>

#define WB_BATCH_GOAL_MS 250 /* what a batch may take where time decides its size */
#define WB_BATCH_ERRORS_MAX 100 /* of a rule, told in its result */

struct wb_batch_counts {
	int64_t processed, successful, failed, ignored, batches;
};
/* One rule on its way. `step` refers to it as its spec. */
struct wb_batch_job {
	const struct wb_transform_rule *rule;
	int64_t batch_size; /* 0: as large as a fraction of a second allows */
	bool no_checks;
	/* In place of what the rule says is done to a piece: these, with whimbrel_batch(KEY) where it is named. A row
	 * that fails stops it. */
	const struct wb_stmt *statements;
	size_t n_statements;
	/* filled while it runs */
	struct wb_arena arena;
	struct wb_batch_counts counts; /* of the whole rule */
	int64_t processed_before; /* of that, before this run */
	int64_t total; /* rows that it is about; -1 */
	int64_t size; /* of the last batch */
	WB_VEC(struct wb_rule_error) errors; /* texts in the arena */
};
extern const struct wb_step_kind wb_batch_kind;

/* All that a rule does, as a text: two rules of one text do the same. NULL without memory. */
const char *wb_batch_text(struct wb_arena *a, const struct wb_transform_rule *rule, bool no_checks);
/* Is it harmless to begin anew what was half done? */
bool wb_batch_repeatable(const struct wb_transform_rule *rule);
/* Counts without changing anything: job->total, and counts.failed for rows that fail a check. */
int wb_batch_count(struct wb_conn *c, struct wb_batch_job *job, struct wb_error *err) WB_MUST_USE;
void wb_batch_job_done(struct wb_batch_job *job);

#endif
