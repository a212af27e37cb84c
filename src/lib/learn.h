/* SPDX-License-Identifier: Apache-2.0
 *
 * What work on whole tables is expected to take, and what it took. Before a run
 * the statements that are to go through a large table are found; those that then
 * took long are kept in the journal once the run has committed. Nothing of this
 * may stop a run: what goes wrong is a line of the log.
 */
#ifndef WB_LIB_LEARN_H
#define WB_LIB_LEARN_H

#include "context.h"

#include "safety/risk.h"

/* ---- known.c: timings of the journal, for those who judge ---- */

struct wb_known {
	WB_VEC(struct wb_timing) v;
	struct wb_timings timings; /* of v */
};
/* None where there is no journal. */
int wb_known_load(struct wb_context *c, struct wb_known *k, struct wb_error *err) WB_MUST_USE;
void wb_known_done(struct wb_known *k);
const char *wb_work_name(unsigned work); /* of one kind of work, as the journal calls it: "scan" */

/* ---- learn.c ---- */

struct wb_learning {
	struct wb_context *c;
	struct wb_known known;
	WB_VEC(struct wb_expected) expected;
	WB_VEC(struct wb_took) took;
	struct wb_arena arena;
};
struct wb_expected {
	const char *version;
	int64_t statement;
	enum wb_op op;
	unsigned work; /* one of enum wb_touch_work */
	int64_t bytes, estimate_ms;
};
struct wb_took {
	const char *version;
	int64_t statement, ms;
};
void wb_learn_before(struct wb_learning *l, const struct wb_work *work);
/* For struct wb_target: user is the learning. */
bool wb_learn_expects(void *user, const struct wb_work_item *item, int64_t ordinal);
void wb_learn_took(void *user, const struct wb_work_item *item, int64_t ordinal, int64_t ms);
/* The run has succeeded. */
void wb_learn_keep(struct wb_learning *l);
void wb_learn_done(struct wb_learning *l);

#endif
