/* SPDX-License-Identifier: Apache-2.0
 *
 * One backoff for everything that polls or tries again: decorrelated jitter
 * between base and cap, optionally bounded in tries and time.
 */
#ifndef WB_BASE_RETRY_H
#define WB_BASE_RETRY_H

#include "compiler.h"
#include <stdbool.h>
#include <stdint.h>

struct wb_retry {
	int64_t base_ms, cap_ms;
	int64_t deadline_ms; /* monotonic; 0 = none */
	int max_tries; /* 0 = no limit */
	int tries;
	int64_t last_ms;
	uint64_t seed; /* state of the jitter */
};

/* budget_ms < 0: no deadline. The jitter is seeded from the clock and the process id. */
void wb_retry_init(struct wb_retry *r, int64_t base_ms, int64_t cap_ms, int64_t budget_ms, int max_tries);
/* Milliseconds to wait before the next try, or -1 when tries or time are used up.
 * Never past the deadline. */
int64_t wb_retry_next(struct wb_retry *r);
/* A number in [lo, hi]. */
int64_t wb_retry_jitter(struct wb_retry *r, int64_t lo, int64_t hi);

#endif
