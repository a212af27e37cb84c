/* SPDX-License-Identifier: Apache-2.0
 *
 * Waiting for the server without being deaf: poll in slices of a tenth of a
 * second, calling the tick in between. When the tick asks to cancel, the server
 * is asked to, again every second (a request that arrives between two
 * statements of a pipeline is ignored by the server), until it answers; after a
 * minute without an answer the connection is given up.
 */
#include "driver/postgres/pg.h"

#include <errno.h>
#include <poll.h>

#define TICK_MS 100
#define CANCEL_AGAIN_MS 1000
#define GIVE_UP_MS 60000

void wb_pg_wait_start(struct wb_pg *c)
{
	c->stop = 0;
	c->tick_at_ms = wb_now_ms() + TICK_MS;
	c->cancel_at_ms = 0;
	c->give_up_at_ms = 0;
}

void wb_pg_cancel(struct wb_pg *c)
{
	char why[256] = "out of memory";
	PGcancel *cancel = PQgetCancel(c->pg);
	int ok = cancel && PQcancel(cancel, why, sizeof(why));
	PQfreeCancel(cancel);
	if (!ok)
		wb_log(c->base.options.sink, WB_LOG_WARN, "the server could not be asked to cancel: %s", why);
}

static void stop(struct wb_pg *c, int64_t now)
{
	if (!c->give_up_at_ms)
		c->give_up_at_ms = now + GIVE_UP_MS;
	if (now < c->cancel_at_ms || PQstatus(c->pg) != CONNECTION_OK)
		return;
	c->cancel_at_ms = now + CANCEL_AGAIN_MS;
	wb_pg_cancel(c);
}

static void call_tick(struct wb_pg *c, int64_t now)
{
	c->tick_at_ms = now + TICK_MS;
	int rc = c->base.tick && !c->stop ? c->base.tick(c->base.tick_user) : 0;
	if (rc && !c->deaf)
		c->stop = rc;
	if (c->stop)
		stop(c, wb_now_ms());
}

void wb_pg_tick(struct wb_pg *c)
{
	int64_t now = wb_now_ms();
	if (now >= c->tick_at_ms)
		call_tick(c, now);
}

static int until_tick(const struct wb_pg *c)
{
	int64_t left = c->tick_at_ms - wb_now_ms();
	if (left < 0)
		return 0;
	return left > TICK_MS ? TICK_MS : (int)left;
}

static struct pollfd poll_of(const struct wb_pg *c, bool want_write)
{
	return (struct pollfd){ .fd = c ? PQsocket(c->pg) : -1,
				.events = (short)(want_write ? POLLIN | POLLOUT : POLLIN) };
}

int wb_pg_wait_both(struct wb_pg *c, bool want_write, struct wb_pg *other, bool other_write, struct wb_error *err)
{
	struct pollfd p[] = { poll_of(c, want_write), poll_of(other, other_write) };
	int n = p[0].fd < 0 ? -1 : poll(p, WB_ARRAY_LEN(p), until_tick(c));
	if (p[0].fd < 0 || (n < 0 && errno != EINTR))
		return wb_pg_broken(c, err);
	/* A signal is worth an early tick: it may be what the user typed. */
	int64_t now = wb_now_ms();
	if (n < 0 || now >= c->tick_at_ms)
		call_tick(c, now);
	if (c->give_up_at_ms && now >= c->give_up_at_ms) {
		c->base.lost = true;
		return wb_err_set(err, c->stop,
				  "cancelled, but the server has not confirmed it: the connection was given up");
	}
	/* What went wrong there is told when its results are asked for. */
	if (other)
		(void)PQconsumeInput(other->pg);
	/* Also without POLLIN: TLS may hold bytes that the socket does not show. */
	return PQconsumeInput(c->pg) ? 0 : wb_pg_broken(c, err);
}

int wb_pg_wait(struct wb_pg *c, bool want_write, struct wb_error *err)
{
	return wb_pg_wait_both(c, want_write, NULL, false, err);
}

int wb_pg_flush(struct wb_pg *c, struct wb_error *err)
{
	for (;;) {
		int more = PQflush(c->pg);
		if (more < 0)
			return wb_pg_broken(c, err);
		if (!more)
			return 0;
		int rc = wb_pg_wait(c, true, err);
		if (rc < 0)
			return rc;
	}
}
