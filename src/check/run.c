/* SPDX-License-Identifier: Apache-2.0
 *
 * A run: which checks, on which connections, in which order, and the report.
 * Workers take the checks in the order of the suite; one that needs another
 * waits for it, which always stands before it and so is already under way.
 */
#include "check/check.h"

#include "base/thread.h"
#include "base/banned.h"

#define JOBS_MAX 64

/* What became of one check. */
struct done {
	bool chosen, finished;
	enum wb_check_outcome outcome;
	int64_t duration_ms;
	struct wb_arena arena;
	WB_VEC(struct wb_check_issue) issues;
	struct wb_check_saved saved;
};

struct box {
	struct wb_check_report view; /* first */
	struct wb_arena arena;
	WB_VEC(struct wb_check_issue) issues;
	WB_VEC(struct wb_check_saved) values;
};

struct run;
struct worker {
	struct run *run;
	struct wb_conn *conn;
	struct wb_thread thread;
};
struct run {
	struct wb_checks checks;
	struct done *done; /* one for each check of the suite */
	size_t total, finished, next;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	int fatal; /* ends it: WB_ECANCELLED, WB_ENOMEM */
	struct worker workers[JOBS_MAX + 1];
	size_t n_workers;
	struct wb_conn *keeper; /* shows all workers one moment; NULL */
	const char *moment;
	struct wb_arena arena;
};

/* ---- choosing ---------------------------------------------------------------------------------- */

static bool has(const struct wb_texts *list, const char *text)
{
	for (size_t i = 0; text && i < list->n; i++) {
		if (!strcmp(list->v[i], text))
			return true;
	}
	return false;
}

int wb_check_groups(const struct wb_check_suite *s, const struct wb_check_options *o, struct wb_error *err)
{
	wb_autostr groups = WB_STR_INIT;
	if (!o->groups.n)
		return 0;
	for (size_t i = 0; i < s->n_checks; i++) {
		const char *group = s->checks[i].group;
		if (has(&o->groups, group))
			return 0;
		if (group && (i == 0 || strcmp(group, s->checks[i - 1].group ? s->checks[i - 1].group : "") != 0))
			wb_str_addf(&groups, "%s%s", groups.n ? ", " : "", group);
	}
	wb_err_set(err, WB_ENOTFOUND, "the suite \"%s\" has no group \"%s\"", s->name, o->groups.v[0]);
	wb_err_hint(err, "its groups: %s", groups.n ? groups.p : "none");
	return WB_ENOTFOUND;
}

/* What a chosen check needs is run as well. */
static void choose(struct run *run)
{
	const struct wb_check_suite *s = run->checks.suite;
	const struct wb_check_options *o = run->checks.o;
	for (size_t i = s->n_checks; i-- > 0;) {
		const struct wb_check *c = &s->checks[i];
		run->done[i].chosen |= (!o->quick || c->quick) && (!o->groups.n || has(&o->groups, c->group));
		for (size_t k = 0; run->done[i].chosen && k < i; k++)
			run->done[k].chosen |= has(&c->needs, s->checks[k].name);
	}
	for (size_t i = 0; i < s->n_checks; i++)
		run->total += run->done[i].chosen;
}

/* ---- one check -------------------------------------------------------------------------------------- */

static int perform(struct wb_checking *k, struct wb_error *err)
{
	const struct wb_check_kind_info *kind = &wb_check_kinds[k->check->kind];
	struct wb_error second;
	int rc, off;
	if (kind->model && !k->run->model) {
		*err = k->run->model_error;
		return err->code;
	}
	if (kind->alone)
		return kind->run(k, err);
	rc = wb_conn_look(k->conn, true, err);
	if (rc < 0)
		return rc;
	rc = kind->run(k, err);
	off = k->conn->lost ? 0 : wb_conn_look(k->conn, false, &second);
	if (rc == 0 && off < 0)
		*err = second;
	return rc < 0 ? rc : off;
}

/* A lost connection ends one check, not those after it. */
static void reconnect(struct worker *w)
{
	const struct wb_check_place *place = w->run->checks.place;
	struct wb_conn *conn = NULL;
	struct wb_error err;
	if (!w->conn || !w->conn->lost || place->inside || place->connect(place->user, &conn, &err) < 0)
		return;
	place->close(place->user, w->conn);
	w->conn = conn;
	conn->moment = w->run->moment;
}

static const char *unmet(struct run *run, const struct wb_check *c)
{
	const struct wb_check_suite *s = run->checks.suite;
	for (size_t i = 0; i < s->n_checks && &s->checks[i] != c; i++) {
		if (has(&c->needs, s->checks[i].name) && run->done[i].outcome != WB_CHECK_PASSED)
			return s->checks[i].name;
	}
	return NULL;
}

static enum wb_check_outcome settle(struct wb_checking *k, int rc, const struct wb_error *err)
{
	enum wb_check_outcome outcome = WB_CHECK_FAILED;
	/* What it found before it could not go on stays said. */
	if (rc < 0)
		outcome = WB_CHECK_NOT_RUN;
	else if (!k->issues.n)
		outcome = WB_CHECK_PASSED;
	if (outcome != WB_CHECK_FAILED)
		wb_check_close(k, outcome, err);
	return outcome;
}

static int run_check(struct worker *w, size_t i)
{
	const struct wb_check *c = &w->run->checks.suite->checks[i];
	struct done *d = &w->run->done[i];
	const char *missing = unmet(w->run, c);
	int64_t timeout = c->timeout_ms ? c->timeout_ms : w->run->checks.o->timeout_ms, start = wb_now_ms();
	struct wb_checking k = { .run = &w->run->checks,
				 .conn = w->conn,
				 .check = c,
				 .severity = c->severity,
				 .deadline_ms = timeout ? start + timeout : 0 };
	struct wb_error err = { 0 };
	int rc = 0;
	if (missing) {
		wb_check_text(&k, "needs", missing);
		wb_check_close(&k, WB_CHECK_SKIPPED, NULL);
		d->outcome = WB_CHECK_SKIPPED;
	} else {
		/* Short ones may all be done before anybody has looked at the clock. */
		rc = k.run->place->keep ? k.run->place->keep(k.run->place->user, &err) : 0;
		if (rc == 0)
			rc = perform(&k, &err);
		d->outcome = settle(&k, rc, &err);
	}
	d->duration_ms = wb_now_ms() - start;
	d->arena = k.arena;
	d->issues.v = k.issues.v;
	d->issues.n = k.issues.n;
	d->saved = k.saved;
	wb_vec_done(&k.facts);
	if (k.nomem)
		return WB_ENOMEM;
	return rc == WB_ECANCELLED || rc == WB_ENOMEM ? rc : 0;
}

/* ---- workers ---------------------------------------------------------------------------------------------- */

/* The number of the next check, once what it needs is known; false when there is none. */
static bool take(struct run *run, size_t *ret_i)
{
	const struct wb_check_suite *s = run->checks.suite;
	while (run->next < s->n_checks && !run->done[run->next].chosen)
		run->next++;
	if (run->next >= s->n_checks || run->fatal)
		return false;
	*ret_i = run->next++;
	for (size_t k = 0; k < *ret_i; k++) {
		while (has(&s->checks[*ret_i].needs, s->checks[k].name) && !run->done[k].finished && !run->fatal)
			pthread_cond_wait(&run->changed, &run->mutex);
	}
	return !run->fatal;
}

static void tell(struct run *run, size_t i)
{
	const struct wb_check_options *o = run->checks.o;
	run->done[i].finished = true;
	run->finished++;
	pthread_cond_broadcast(&run->changed);
	if (o->progress)
		o->progress(o->progress_user, &run->checks.suite->checks[i], run->done[i].outcome,
			    run->done[i].duration_ms, run->finished, run->total);
}

static void work(void *user)
{
	struct worker *w = user;
	struct run *run = w->run;
	size_t i;
	pthread_mutex_lock(&run->mutex);
	while (take(run, &i)) {
		pthread_mutex_unlock(&run->mutex);
		int rc = run_check(w, i);
		reconnect(w);
		pthread_mutex_lock(&run->mutex);
		if (rc < 0 && !run->fatal)
			run->fatal = rc;
		tell(run, i);
	}
	pthread_mutex_unlock(&run->mutex);
}

/* Several see the database as of one moment where the engine can show it to them, and a role may: one connection more
 * holds it. */
static void share_moment(struct run *run)
{
	struct wb_error ignored;
	struct wb_conn *last = run->workers[run->n_workers - 1].conn;
	if (run->n_workers < 3 || !last->driver->share)
		return;
	run->n_workers--;
	run->keeper = last;
	if (wb_conn_look(last, true, &ignored) < 0 || wb_conn_share(last, &run->arena, &run->moment, &ignored) < 0)
		run->moment = NULL;
	for (size_t i = 0; i < run->n_workers; i++)
		run->workers[i].conn->moment = run->moment;
}

static size_t connections(const struct run *run)
{
	const struct wb_check_place *place = run->checks.place;
	size_t n = run->checks.o->jobs > 1 ? (size_t)run->checks.o->jobs : 1;
	n = n > run->total ? run->total : n;
	n = place->inside || n == 0 ? 1 : n > JOBS_MAX ? JOBS_MAX : n;
	return n > 1 && place->driver->share ? n + 1 : n;
}

/* The first connection has to be had; with fewer of the others it takes longer. */
static int connect_all(struct run *run, struct wb_error *err)
{
	const struct wb_check_place *place = run->checks.place;
	size_t wanted = connections(run);
	struct wb_error ignored;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < wanted; i++) {
		run->workers[i].run = run;
		run->workers[i].conn = place->inside;
		if (!place->inside)
			rc = place->connect(place->user, &run->workers[i].conn, i ? &ignored : err);
		run->n_workers += rc == 0;
	}
	if (!run->n_workers)
		return rc;
	share_moment(run);
	return 0;
}

static void close_all(struct run *run)
{
	const struct wb_check_place *place = run->checks.place;
	for (size_t i = 0; !place->inside && i < run->n_workers; i++)
		place->close(place->user, run->workers[i].conn);
	if (run->keeper)
		place->close(place->user, run->keeper);
	wb_arena_done(&run->arena);
}

/* That it cannot be read spoils the checks that want it, not the others. */
static int read_model(struct run *run, struct wb_error *err)
{
	const struct wb_check_suite *s = run->checks.suite;
	const struct wb_conn *inside = run->checks.place->inside;
	const struct wb_inspect_options o = { .inside = inside && inside->in_transaction };
	bool wanted = false;
	int rc;
	for (size_t i = 0; i < s->n_checks; i++)
		wanted |= run->done[i].chosen && wb_check_kinds[s->checks[i].kind].model;
	if (!wanted)
		return 0;
	rc = wb_conn_inspect(run->workers[0].conn, &o, &run->checks.model, &run->checks.model_error);
	if (rc == WB_ENOMEM || rc == WB_ECANCELLED) {
		if (err)
			*err = run->checks.model_error;
		return rc;
	}
	return 0;
}

static int run_all(struct run *run, struct wb_error *err)
{
	int rc = read_model(run, err);
	if (rc < 0)
		return rc;
	for (size_t i = 1; i < run->n_workers; i++)
		wb_thread_start(&run->workers[i].thread, work, &run->workers[i]);
	work(&run->workers[0]);
	for (size_t i = 1; i < run->n_workers; i++)
		wb_thread_finish(&run->workers[i].thread);
	if (run->fatal == WB_ENOMEM)
		return wb_err_nomem(err);
	return run->fatal ? wb_err_set(err, run->fatal, "cancelled while checks were running") : 0;
}

/* ---- the report ---------------------------------------------------------------------------------------------- */

static bool add_done(struct box *b, struct done *d)
{
	struct wb_check_report *r = &b->view;
	wb_arena_merge(&b->arena, &d->arena);
	for (size_t i = 0; i < d->issues.n; i++) {
		d->issues.v[i].duration_ms = d->duration_ms;
		r->count[d->issues.v[i].severity]++;
		if (!wb_vec_push(&b->issues, d->issues.v[i]))
			return false;
	}
	r->total++;
	r->passed += d->outcome == WB_CHECK_PASSED;
	r->skipped += d->outcome == WB_CHECK_SKIPPED;
	r->failed += d->outcome == WB_CHECK_FAILED || d->outcome == WB_CHECK_NOT_RUN;
	r->not_run += d->outcome == WB_CHECK_NOT_RUN;
	return !d->saved.check || wb_vec_push(&b->values, d->saved);
}

static char *now_text(struct wb_arena *a)
{
	char now[32];
	return wb_arena_str(a, wb_time_rfc3339(wb_wall_us(), now, sizeof(now)));
}

static bool fill(struct run *run, struct box *b, int64_t start_ms)
{
	bool ok = true;
	for (size_t i = 0; ok && i < run->checks.suite->n_checks; i++)
		ok = !run->done[i].chosen || add_done(b, &run->done[i]);
	b->view.suite = run->checks.suite;
	b->view.end_time = now_text(&b->arena);
	b->view.duration_ms = wb_now_ms() - start_ms;
	b->view.issues = b->issues.v;
	b->view.n_issues = b->issues.n;
	b->view.values = b->values.v;
	b->view.n_values = b->values.n;
	return ok && b->view.start_time && b->view.end_time;
}

static void run_done(struct run *run)
{
	for (size_t i = 0; run->done && i < run->checks.suite->n_checks; i++) {
		wb_arena_done(&run->done[i].arena);
		wb_vec_done(&run->done[i].issues);
	}
	free(run->done);
	wb_model_free(run->checks.model);
	pthread_mutex_destroy(&run->mutex);
	pthread_mutex_destroy(&run->checks.line);
	pthread_cond_destroy(&run->changed);
}

static int run_suite(struct run *run, struct wb_error *err)
{
	const struct wb_check_options *o = run->checks.o;
	int rc = wb_check_groups(run->checks.suite, o, err);
	if (rc < 0)
		return rc;
	choose(run);
	rc = connect_all(run, err);
	if (rc == 0)
		rc = run_all(run, err);
	close_all(run);
	return rc;
}

int wb_check_at(const struct wb_check_place *place, const struct wb_check_suite *suite,
		const struct wb_check_options *options, struct wb_check_report **ret_report, struct wb_error *err)
{
	struct run run = { .checks = { .place = place, .suite = suite, .o = options } };
	int64_t start_ms = wb_now_ms();
	int rc = wb_check_suite_valid(suite, place->driver->dialect, err);
	struct box *b = NULL;
	if (rc < 0)
		return rc;
	pthread_mutex_init(&run.mutex, NULL);
	pthread_mutex_init(&run.checks.line, NULL);
	pthread_cond_init(&run.changed, NULL);
	run.done = calloc(suite->n_checks, sizeof(*run.done));
	b = calloc(1, sizeof(*b));
	if (b)
		b->view.start_time = now_text(&b->arena);
	rc = run.done && b ? run_suite(&run, err) : wb_err_nomem(err);
	if (rc == 0 && !fill(&run, b, start_ms))
		rc = wb_err_nomem(err);
	run_done(&run);
	if (rc < 0)
		wb_check_report_done(b ? &b->view : NULL);
	else
		*ret_report = &b->view;
	return rc;
}

void wb_check_report_done(struct wb_check_report *report)
{
	struct box *b = (struct box *)report;
	if (!b)
		return;
	wb_vec_done(&b->issues);
	wb_vec_done(&b->values);
	wb_arena_done(&b->arena);
	free(b);
}
