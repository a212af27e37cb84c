/* SPDX-License-Identifier: Apache-2.0
 *
 * What happens while the database works: the driver calls the tick about ten
 * times a second. It hears cancellation and time limits, and, when something
 * takes long, looks through a second connection who blocks us and how far an
 * index build has come.
 */
#include "run.h"

#define LOOK_FIRST_MS 100
#define LOOK_EVERY_MS 500
#define PROGRESS_EVERY_MS 200

void wb_watch_call(struct wb_watch *w)
{
	w->statement_ms = w->last_tick_ms = wb_now_ms();
	w->look_ms = w->statement_ms + LOOK_FIRST_MS;
	*w->blockers = 0;
}

void wb_watch_step(struct wb_watch *w)
{
	w->lock_wait_ms = 0;
	wb_watch_call(w);
}

void wb_watch_done(struct wb_watch *w)
{
	wb_conn_close(w->monitor);
	w->monitor = NULL;
}

static bool open_monitor(struct wb_watch *w)
{
	struct wb_error ignored;
	if (w->monitor || w->monitor_failed)
		return w->monitor != NULL;
	if (!(w->t->driver->caps & WB_CAP_MONITOR) || w->t->conn->pooled ||
	    w->t->connect(w->t->connect_user, false, &w->monitor, &ignored) < 0)
		w->monitor_failed = true;
	return w->monitor != NULL;
}

static void describe(struct wb_watch *w, const struct wb_blocker *b)
{
	char age[32];
	snprintf(w->blockers, sizeof(w->blockers), "blocked by process %lld (%s%s%s, %s, transaction open for %s): %s",
		 (long long)b->blocking_pid, b->user, *b->application ? ", " : "", b->application, b->state,
		 wb_duration_text(b->age_ms < 0 ? 0 : b->age_ms, age, sizeof(age)), b->query);
}

static void emit(struct wb_watch *w, enum wb_event_type type, const char *message, int64_t done, int64_t total,
		 const char *unit)
{
	struct wb_event e = w->context;
	e.type = type;
	e.name = wb_event_name(type);
	e.at_us = wb_wall_us();
	e.message = message;
	e.done = done;
	e.total = total;
	e.unit = unit;
	e.elapsed_ms = wb_now_ms() - w->statement_ms;
	e.eta_ms = done > 0 && total > done ? e.elapsed_ms * (total - done) / done : -1;
	wb_event_emit(&w->t->sink, &e);
}

static void look_for_blockers(struct wb_watch *w, int64_t since_ms)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct wb_blocker *v = NULL;
	size_t n = 0;
	struct wb_error ignored;
	if (wb_conn_blockers(w->monitor, w->backend, &a, &v, &n, &ignored) < 0 || !n)
		return;
	w->lock_wait_ms += since_ms;
	describe(w, &v[0]);
	emit(w, WB_EVENT_BLOCKED, w->blockers, -1, -1, NULL);
}

static void look_at_progress(struct wb_watch *w)
{
	int64_t done, total;
	const char *unit;
	if (wb_conn_progress(w->monitor, w->backend, &done, &total, &unit))
		emit(w, WB_EVENT_STEP_PROGRESS, NULL, done, total, unit);
	else
		emit(w, WB_EVENT_STEP_PROGRESS, NULL, -1, -1, NULL);
}

static void look(struct wb_watch *w, int64_t now)
{
	int64_t since =
		now - (w->look_ms - LOOK_FIRST_MS > w->statement_ms ? w->look_ms - LOOK_EVERY_MS : w->statement_ms);
	w->look_ms = now + LOOK_EVERY_MS;
	if (!open_monitor(w))
		return;
	if (w->monitor->lost) {
		wb_watch_done(w);
		w->monitor_failed = true;
		return;
	}
	look_for_blockers(w, since);
	look_at_progress(w);
}

int wb_watch_tick(void *watch)
{
	struct wb_watch *w = watch;
	int64_t now = wb_now_ms();
	if (!w->deaf && *w->t->cancel)
		return WB_ECANCELLED;
	if (!w->deaf && w->deadline_ms && now >= w->deadline_ms)
		return WB_ETIMEOUT;
	if (now >= w->look_ms && !w->deaf && w->context.version) /* without one nothing runs that people wait for */
		look(w, now);
	w->last_tick_ms = now;
	return 0;
}
