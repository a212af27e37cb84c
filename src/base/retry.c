/* SPDX-License-Identifier: Apache-2.0
 *
 * Decorrelated jitter: each wait is drawn between the base and three times the
 * last wait, under the cap, so that competitors do not meet again and again.
 */
#include "base/retry.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/banned.h"

void wb_retry_init(struct wb_retry *r, int64_t base_ms, int64_t cap_ms, int64_t budget_ms, int max_tries)
{
	*r = (struct wb_retry){ .max_tries = max_tries };
	r->base_ms = base_ms > 0 ? base_ms : 1; /* 0 would make a busy loop */
	r->cap_ms = cap_ms > r->base_ms ? cap_ms : r->base_ms;
	r->last_ms = r->base_ms;
	r->seed = (uint64_t)wb_now_us() ^ (uint64_t)wb_wall_us() << 20 ^ (uint64_t)getpid() << 44;
	if (budget_ms >= 0 && __builtin_add_overflow(wb_now_ms(), budget_ms, &r->deadline_ms))
		r->deadline_ms = INT64_MAX;
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

int64_t wb_retry_jitter(struct wb_retry *r, int64_t lo, int64_t hi)
{
	uint64_t random = next_random(&r->seed), span;

	if (hi <= lo)
		return lo;
	span = (uint64_t)hi - (uint64_t)lo + 1;
	return (int64_t)((uint64_t)lo + (span ? random % span : random));
}

int64_t wb_retry_next(struct wb_retry *r)
{
	int64_t top = r->last_ms > r->cap_ms / 3 ? r->cap_ms : r->last_ms * 3, left;

	if (r->max_tries > 0 && r->tries >= r->max_tries)
		return -1;
	left = r->deadline_ms ? r->deadline_ms - wb_now_ms() : INT64_MAX;
	if (left <= 0)
		return -1;
	r->tries++;
	r->last_ms = wb_retry_jitter(r, r->base_ms, top);
	return r->last_ms < left ? r->last_ms : left;
}
