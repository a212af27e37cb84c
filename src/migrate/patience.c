/* SPDX-License-Identifier: Apache-2.0
 *
 * How long to wait for a lock, and how long others may be kept waiting. A
 * waiting ALTER TABLE blocks every query that comes after it, so lock_timeout is
 * short, rises over the tries, and the waits of the last minute have a budget.
 */
#include "run.h"

#define FIRST_MS 200
#define LAST_MS 2000
#define MINUTE_MS 60000
#define SERIALIZATION_TRIES 20

void wb_patience_init(struct wb_patience *p, int64_t budget_ms)
{
	*p = (struct wb_patience){ .budget_ms = budget_ms, .fixed_ms = -1 };
	wb_retry_init(&p->pause, 50, 2000, -1, 0);
}

static int64_t next_timeout(struct wb_patience *p)
{
	if (p->fixed_ms >= 0)
		return p->fixed_ms;
	int64_t ms = FIRST_MS;
	for (int i = 0; i < p->tries && ms < LAST_MS; i++)
		ms += ms / 2;
	if (ms > LAST_MS)
		ms = LAST_MS;
	return wb_retry_jitter(&p->pause, ms - ms / 10, ms + ms / 10);
}

void wb_patience_start(struct wb_patience *p, int64_t fixed_ms)
{
	p->tries = 0;
	p->fixed_ms = fixed_ms;
	p->pause.tries = 0;
	p->pause.last_ms = 0;
	p->lock_timeout_ms = next_timeout(p);
}

void wb_patience_blocked(struct wb_patience *p, int64_t blocked_ms)
{
	p->slots[p->next].at_ms = wb_now_ms();
	p->slots[p->next].blocked_ms = blocked_ms;
	p->next = (p->next + 1) % WB_BLOCK_SLOTS;
	p->blocked_total_ms += blocked_ms;
}

int64_t wb_patience_spent(const struct wb_patience *p)
{
	int64_t since = wb_now_ms() - MINUTE_MS, sum = 0;
	for (int i = 0; i < WB_BLOCK_SLOTS; i++) {
		if (p->slots[i].blocked_ms && p->slots[i].at_ms >= since)
			sum += p->slots[i].blocked_ms;
	}
	return sum;
}

enum cause { FINAL, LOCK, CONFLICT };

static enum cause cause_of(int rc, const struct wb_error *err)
{
	if (rc == WB_ESQL && !strcmp(err->sqlstate, "55P03"))
		return LOCK;
	if (rc == WB_ESQL && (!strcmp(err->sqlstate, "40001") || !strcmp(err->sqlstate, "40P01")))
		return CONFLICT;
	return rc == WB_EBUSY && !*err->sqlstate ? LOCK : FINAL;
}

static int spent(struct wb_run *run, struct wb_error *err)
{
	int64_t ms = wb_patience_spent(&run->patience);
	struct wb_error was = *err;
	wb_err_set(err, WB_EBUDGET,
		   "gave up waiting for a lock: the blocking budget of %lld ms a minute is spent (%lld ms)",
		   (long long)run->patience.budget_ms, (long long)ms);
	memcpy(err->version, was.version, sizeof(err->version));
	wb_err_place(err, was.file, was.line, was.column);
	memcpy(err->excerpt, was.excerpt, sizeof(err->excerpt));
	err->caret = was.caret;
	err->statement = was.statement;
	wb_err_detail(err, "%s", *run->watch.blockers ? run->watch.blockers : "the blockers could not be seen");
	wb_err_hint(err, "nothing was changed; run again when the blocker is gone (`whimbrel locks` names it, "
			 "--terminate ends it), "
			 "or raise blocking_budget");
	return WB_EBUDGET;
}

static void tell(struct wb_run *run, int64_t wait_ms, const struct wb_error *err)
{
	struct wb_event e = wb_event_make(WB_EVENT_RETRY);
	e.attempt = run->patience.tries;
	e.message = *run->watch.blockers ? run->watch.blockers : err->message;
	e.sqlstate = err->sqlstate;
	e.eta_ms = wait_ms;
	wb_run_event(run, run->at < run->work.items.n ? &run->work.items.v[run->at] : NULL, e);
}

static int sleep_watching(struct wb_run *run, int64_t ms, struct wb_error *err)
{
	int64_t end = wb_now_ms() + ms;
	for (int64_t left = ms; left > 0; left = end - wb_now_ms()) {
		if (*run->t->cancel)
			return wb_err_set(err, WB_ECANCELLED, "cancelled while waiting to try again");
		wb_sleep_ms(left < 50 ? left : 50);
	}
	return 0;
}

int wb_try_again(struct wb_run *run, int rc, int64_t call_ms, struct wb_tally *tally, struct wb_error *err)
{
	struct wb_patience *p = &run->patience;
	struct wb_error scratch = { 0 };
	if (!err)
		err = &scratch;
	enum cause cause = cause_of(rc, err);
	if (cause == FINAL || (cause == CONFLICT && p->tries >= SERIALIZATION_TRIES))
		return rc;
	if (cause == LOCK) {
		wb_patience_blocked(p, call_ms < p->lock_timeout_ms ? call_ms : p->lock_timeout_ms);
		if (wb_patience_spent(p) >= p->budget_ms)
			return rc == WB_EBUSY ? rc : spent(run, err);
	}
	p->tries++;
	p->tries_total++;
	tally->retries++;
	int64_t wait = wb_retry_next(&p->pause);
	tell(run, wait, err);
	p->lock_timeout_ms = next_timeout(p);
	return sleep_watching(run, wait, err);
}
