/* SPDX-License-Identifier: Apache-2.0
 *
 * From what a statement does to what it means: how long it will take here, how
 * risky it is, and why. Times come from what earlier statements of the same kind
 * took on this database, else from stated defaults; thresholds are rows of a
 * table (risk.c).
 */
#ifndef WB_SAFETY_RISK_H
#define WB_SAFETY_RISK_H

#include "safety/safety.h"

enum wb_risk { WB_RISK_LOW, WB_RISK_MEDIUM, WB_RISK_HIGH, WB_RISK_CRITICAL };
const char *wb_risk_name(enum wb_risk risk); /* "low" */

/* ---- how long --------------------------------------------------------------------- */

/* Work on whole tables that was done once: so many bytes took so long. */
struct wb_timing {
	enum wb_op op;
	unsigned work; /* one of enum wb_touch_work */
	int64_t bytes, ms;
};
struct wb_timings {
	const struct wb_timing *v;
	size_t n;
};
/* Less than this is over before anybody notices, and says nothing about speed. */
#define WB_TIMING_MIN_BYTES (1 << 20)

/* The one kind of work that a touch's time is spent on; 0: none. Bytes that it has to go through; -1: unknown. */
unsigned wb_work_of(unsigned work);
int64_t wb_work_bytes(const struct wb_touch *t);
/* Of all that an effect goes through; 0: it does nothing to whole tables; -1: its size is unknown. */
int64_t wb_estimate_ms(const struct wb_effect *e, enum wb_op op, const struct wb_timings *known);

/* ---- how bad ----------------------------------------------------------------------- */

#define WB_NOTES_MAX 16
struct wb_assessment {
	enum wb_risk risk;
	enum wb_tri downtime; /* can an application not go on meanwhile? */
	int64_t estimate_ms; /* -1: unknown */
	bool destroys; /* rows or columns with rows are gone afterwards */
	const char *notes[WB_NOTES_MAX]; /* static, or in the arena */
	size_t n_notes;
};
/* Of one statement. WB_ENOMEM. */
int wb_assess(const struct wb_effect *e, const struct wb_operations *ops, const struct wb_timings *known,
	      struct wb_arena *a, struct wb_assessment *ret, struct wb_error *err) WB_MUST_USE;

/* Adds who uses what it works on: notes, each once in a world, and the risk of waiting for somebody. WB_ENOMEM. */
int wb_activity(struct wb_world *w, const struct wb_effect *e, const struct wb_operations *ops, struct wb_arena *a,
		struct wb_assessment *assessment, struct wb_error *err) WB_MUST_USE;
/* Would a statement that takes the one wait for somebody who holds the other? */
bool wb_lock_conflicts(enum wb_lock a, enum wb_lock b);

#endif
