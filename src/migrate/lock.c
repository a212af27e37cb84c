/* SPDX-License-Identifier: Apache-2.0
 *
 * The project's lock: tried and tried again with jitter, never waited for inside
 * the server (a waiter there holds a snapshot, and a concurrent index build of
 * the holder would wait for it: a deadlock).
 */
#include "migrate.h"

#define LEASE_TTL_MS 30000

static void tell(const struct wb_target *t, enum wb_event_type type, const struct wb_lock_holder *h, int64_t waited_ms)
{
	char text[512];
	struct wb_event e = wb_event_make(type);
	snprintf(text, sizeof(text), "%s lock held by %s%s%s%s%s", h->kind, *h->owner ? h->owner : "another run",
		 *h->host ? " on " : "", h->host, *h->since ? " since " : "", h->since);
	e.message = type == WB_EVENT_LOCK_WAITING ? text : NULL;
	e.elapsed_ms = waited_ms;
	wb_event_emit(&t->sink, &e);
}

static int busy(const struct wb_lock_holder *h, int64_t waited_ms, struct wb_error *err)
{
	char waited[32];
	wb_err_set(err, WB_EBUSY, "another run holds the lock (waited %s)",
		   wb_duration_text(waited_ms, waited, sizeof(waited)));
	char pid[32] = "";
	if (h->pid > 0)
		snprintf(pid, sizeof(pid), ", process %lld", (long long)h->pid);
	wb_err_detail(err, "held by %s%s%s%s%s%s", *h->owner ? h->owner : "an unknown owner", *h->host ? " on " : "",
		      h->host, pid, *h->since ? ", since " : "", h->since);
	wb_err_hint(err,
		    "wait for it (--lock-wait 10m waits longer); `whimbrel locks` shows it, `whimbrel locks --break "
		    "%s` takes a dead "
		    "one's lock",
		    *h->id ? h->id : "ID");
	return WB_EBUSY;
}

int wb_lock_acquire(const struct wb_target *t, int64_t wait_ms, struct wb_lock_result *ret, struct wb_error *err)
{
	struct wb_retry retry;
	struct wb_lock_holder holder = { 0 };
	int64_t start = wb_now_ms();
	bool told = false;
	wb_retry_init(&retry, 20, 500, wait_ms < 0 ? 0 : wait_ms, 0);
	for (;;) {
		int rc = wb_conn_lock_try(t->conn, t->project, LEASE_TTL_MS, &holder, err);
		int64_t waited = wb_now_ms() - start;
		if (rc == 0) {
			ret->waited_ms = waited;
			tell(t, WB_EVENT_LOCK_ACQUIRED, &holder, waited);
			return 0;
		}
		if (rc != WB_EBUSY)
			return rc;
		int64_t next = wait_ms < 0 ? -1 : wb_retry_next(&retry);
		if (next < 0)
			return busy(&holder, waited, err);
		if (!told)
			tell(t, WB_EVENT_LOCK_WAITING, &holder, waited);
		told = true;
		wb_sleep_ms(next);
		if (*t->cancel)
			return wb_err_set(err, WB_ECANCELLED, "cancelled while waiting for the lock");
	}
}

void wb_lock_release(const struct wb_target *t)
{
	struct wb_error ignored;
	struct wb_lock_holder nobody = { 0 };
	if (t->conn->lost || wb_conn_lock_release(t->conn, &ignored) < 0)
		return; /* a lost connection's lock goes with it; a lease runs out */
	tell(t, WB_EVENT_LOCK_RELEASED, &nobody, -1);
}

int wb_lock_keep(const struct wb_target *t, int64_t *at_ms, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch nothing = { .arena = WB_ARENA_INIT };
	int64_t now = wb_now_ms();
	bool due = *at_ms && now >= *at_ms;
	if (!due && *at_ms)
		return 0;
	*at_ms = now + WB_LEASE_RENEW_MS;
	return due && t->conn->pooled && !t->conn->in_transaction ? wb_batch_run_alone(&nothing, t->conn, err) : 0;
}
