/* SPDX-License-Identifier: Apache-2.0
 *
 * What happens while sqlite3 waits or works. The busy handler tries again with
 * jitter, so that competing writers do not meet again and again; the progress
 * handler looks at the clock, and both call the tick about ten times a second,
 * which may stop the statement.
 */
#include "driver/sqlite/internal.h"

#define TICK_MS 100
#define STEPS 4000 /* of sqlite3's machine between two looks at the clock: some 50 µs */

/* True when the statement must stop. */
static bool must_stop(struct wb_sqlite *c)
{
	int64_t now;

	if (c->deaf)
		return false;
	now = wb_now_ms();
	if (!c->stop_code && c->deadline_ms && now >= c->deadline_ms)
		c->stop_code = WB_ETIMEOUT;
	if (!c->stop_code && c->base.tick && now >= c->next_tick_ms) {
		c->next_tick_ms = now + TICK_MS;
		c->stop_code = c->base.tick(c->base.tick_user);
	}
	return c->stop_code != 0;
}

static int on_progress(void *user)
{
	return must_stop(user);
}

static int on_busy(void *user, int count)
{
	struct wb_sqlite *c = user;
	int64_t ms;

	if (count == 0)
		wb_retry_init(&c->waiting, 1, 50, c->busy_ms, 0);
	ms = must_stop(c) ? -1 : wb_retry_next(&c->waiting);
	if (ms < 0)
		return 0;
	wb_sleep_ms(ms);
	return 1;
}

void wb_sqlite_listen(struct wb_sqlite *c)
{
	(void)sqlite3_busy_handler(c->db, on_busy, c);
	sqlite3_progress_handler(c->db, STEPS, on_progress, c);
}
