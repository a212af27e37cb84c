/* SPDX-License-Identifier: Apache-2.0
 *
 * Jobs at work. One database, the template, is brought forward from version to
 * version; each job gets a copy of it as it stands at the job's beginning, and a
 * process of its own, which tells its verdict through a pipe. A process whose
 * time is over is asked to stop and, a moment later, killed with all that it has
 * started; then its database is removed.
 */
#include "scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEMPLATE "t"
#define JOBS_MAX 64
#define GRACE_MS 2000
#define TICK_MS 50

struct worker {
	struct job *job; /* NULL: idle */
	pid_t pid;
	int fd;
	char name[16];
	int64_t began_ms, deadline_ms;
	bool asked, killed, late; /* to stop; its time was over */
	struct verdict v;
	size_t got; /* bytes of it */
};
struct work {
	struct jobs *k;
	struct wb_nest_options how;
	struct wb_open_options real;
	struct wb_nest *nest;
	struct worker workers[JOBS_MAX];
	size_t n_workers, running, next, done;
	size_t *order; /* jobs by the place of the template */
	size_t at; /* where the template stands */
	bool made, broken; /* the template is there; it cannot be brought further */
	size_t broken_at;
	struct wb_error why;
	struct wb_test_report *report;
	bool stop; /* nothing more begins */
};

/* ---- the template ---------------------------------------------------------------------------------- */

static int forward(struct work *w, size_t to, struct wb_error *err)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct wb_context *c = NULL, *owner = w->k->owner;
	const char *url = owner->driver->nest_url(w->nest, &a, TEMPLATE);
	int rc = url ? wb_trial_context(owner, url, &c, err) : wb_err_nomem(err);
	for (; rc == 0 && w->at < to; w->at++) {
		struct wb_run_options o = { .size = sizeof(o),
					    .plan = { .size = sizeof(o.plan), .to = w->k->points.v[w->at + 1].to } };
		rc = wb_up(c, &o, NULL, err);
		if (rc < 0)
			break;
	}
	wb_close(c);
	return rc;
}

/* 0 also where it is broken; an error is only what keeps everything from going on. */
static int bring_template(struct work *w, size_t to, struct wb_error *err)
{
	int rc = 0;
	if (!w->made)
		rc = w->nest->driver->nest_make(w->nest, TEMPLATE, NULL, err);
	w->made |= rc == 0;
	if (rc < 0 || w->broken || w->at >= to)
		return rc;
	rc = forward(w, to, &w->why);
	if (rc == 0)
		return 0;
	if (could_not_look(rc)) {
		*err = w->why;
		return rc;
	}
	w->broken = true;
	w->broken_at = w->at + 1;
	return 0;
}

/* ---- results ----------------------------------------------------------------------------------------- */

static const char *text(struct work *w, const char *s)
{
	return *s ? wb_arena_str(&w->k->arena, s) : NULL;
}

static void count(struct work *w, const struct verdict *v)
{
	struct wb_test_report *r = w->report;
	r->passed += v->outcome == WB_TEST_PASSED;
	r->failed += v->outcome == WB_TEST_FAILED || v->outcome == WB_TEST_NOT_RUN;
	r->skipped += v->outcome == WB_TEST_SKIPPED;
	r->not_run += v->outcome == WB_TEST_NOT_RUN;
	if (v->outcome == WB_TEST_NOT_RUN && !r->code)
		r->code = v->code ? v->code : WB_EBUG;
	w->stop |= w->k->o->fail_fast && (v->outcome == WB_TEST_FAILED || v->outcome == WB_TEST_NOT_RUN);
}

static void settle(struct work *w, struct job *j, const struct verdict *v, int64_t ms)
{
	struct wb_test_result *r = j->result;
	r->outcome = v->outcome;
	r->message = text(w, v->message);
	r->hint = text(w, v->hint);
	r->file = text(w, v->file);
	r->line = v->line;
	r->duration_ms = ms;
	r->rows = v->rows;
	r->migration_ms = v->migration_ms;
	r->rows_per_s = v->rows_per_s;
	r->peak_rss_kb = v->peak_rss_kb;
	r->growth_kb = v->growth_kb;
	count(w, v);
	w->done++;
	if (w->k->o->progress)
		w->k->o->progress(w->k->o->progress_user, r, w->done, w->k->v.n);
}

static struct verdict no_verdict(void)
{
	return (struct verdict){ .rows = -1, .migration_ms = -1, .rows_per_s = -1, .peak_rss_kb = -1, .growth_kb = -1 };
}

static void skip(struct work *w, struct job *j, const char *why)
{
	struct verdict v = no_verdict();
	verdict_say(&v, WB_TEST_SKIPPED, "%s", why);
	settle(w, j, &v, 0);
}

/* ---- in the process of a job ---------------------------------------------------------------------------- */

static void write_verdict(int fd, const struct verdict *v)
{
	const char *p = (const char *)v;
	size_t n = sizeof(*v);
	while (n) {
		ssize_t put = write(fd, p, n);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return;
		p += put;
		n -= (size_t)put;
	}
}

static void work_alone(struct work *w, const struct job *j, const char *name, int fd)
{
	struct bed b = { .owner = w->k->owner, .how = &w->how, .o = w->k->o, .arena = WB_ARENA_INIT };
	struct wb_error err = { 0 };
	struct verdict v = no_verdict();
	int rc;
	(void)setpgid(0, 0);
	(void)wb_sv_copy(wb_sv_str(name), b.name, sizeof(b.name));
	rc = j->run(&b, j, &v, &err);
	if (rc < 0)
		verdict_of_error(&v, &err);
	bed_done(&b);
	write_verdict(fd, &v);
	_exit(0);
}

/* ---- beginning and ending jobs ---------------------------------------------------------------------------- */

static int fork_worker(struct work *w, struct worker *k, struct job *j, struct wb_error *err)
{
	pid_t we = getpid();
	int fd[2];
	if (pipe2(fd, O_CLOEXEC) != 0)
		return wb_err_errno(err, WB_EIO, "no pipe can be made");
	k->began_ms = wb_now_ms();
	k->pid = fork();
	if (k->pid == 0) {
		live_with(we);
		(void)close(fd[0]);
		work_alone(w, j, k->name, fd[1]);
	}
	(void)close(fd[1]);
	if (k->pid < 0) {
		(void)close(fd[0]);
		return wb_err_errno(err, WB_EIO, "no process can be made");
	}
	(void)setpgid(k->pid, k->pid);
	k->fd = fd[0];
	k->job = j;
	k->deadline_ms = k->began_ms + j->timeout_ms;
	w->running++;
	return 0;
}

/* A scenario of somebody's says itself what fails; a suite looks at what comes after. */
static bool cannot_begin(struct work *w, struct job *j)
{
	char why[512];
	if (!w->broken || j->base < w->broken_at || j->scenario)
		return false;
	(void)snprintf(why, sizeof(why), "what comes before it cannot be applied: %.400s", w->why.message);
	skip(w, j, why);
	return true;
}

static int begin(struct work *w, size_t index, struct wb_error *err)
{
	struct job *j = &w->k->v.v[index];
	size_t i = 0;
	int rc;
	if (j->scenario && j->scenario->skip) {
		skip(w, j, j->scenario->skip);
		return 0;
	}
	rc = bring_template(w, j->base, err);
	if (rc < 0 || cannot_begin(w, j))
		return rc;
	while (w->workers[i].job)
		i++;
	struct worker *k = &w->workers[i];
	*k = (struct worker){ .fd = -1 };
	(void)snprintf(k->name, sizeof(k->name), "%zu", index);
	/* Where the template is broken a scenario begins with nothing. */
	rc = w->nest->driver->nest_make(w->nest, k->name, j->base && !w->broken ? TEMPLATE : NULL, err);
	return rc < 0 ? rc : fork_worker(w, k, j, err);
}

static void remove_databases(struct work *w, const struct worker *k)
{
	static const char *const suffixes[] = { "", "f", "p" };
	struct wb_error why;
	for (size_t i = 0; i < WB_ARRAY_LEN(suffixes); i++) {
		char name[32];
		(void)snprintf(name, sizeof(name), "%s%s", k->name, suffixes[i]);
		/* Only the failure suite makes others. */
		if (*suffixes[i] && k->job->run != failure_run)
			continue;
		if (w->nest->driver->nest_remove(w->nest, name, &why) < 0)
			wb_log(&w->k->owner->sink, WB_LOG_WARN, "a scratch database could not be removed: %s",
			       why.message);
	}
}

static void judge_end(struct worker *k, int status)
{
	bool complete = k->got == sizeof(k->v);
	char time[40];
	if (!complete)
		k->v = no_verdict();
	if (k->late) {
		verdict_say(&k->v, WB_TEST_FAILED, "it has taken longer than %s and was ended",
			    wb_duration_text(k->job->timeout_ms, time, sizeof(time)));
		k->v.hint[0] = 0;
	} else if (!complete) {
		k->v.code = WB_EBUG;
		verdict_say(&k->v, WB_TEST_NOT_RUN, "its process ended with %s %d",
			    WIFSIGNALED(status) ? "signal" : "status",
			    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	}
	if (k->v.outcome == WB_TEST_FAILED && !*k->v.file && k->job->scenario && k->job->scenario->file) {
		(void)wb_sv_copy(wb_sv_str(k->job->scenario->file), k->v.file, sizeof(k->v.file));
		k->v.line = k->job->scenario->line;
	}
}

static void end(struct work *w, struct worker *k)
{
	siginfo_t info;
	int status = 0;
	while (waitid(P_PID, (id_t)k->pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	/* What it has started: its number is nobody else's as long as nobody has waited for it. */
	(void)killpg(k->pid, SIGKILL);
	while (waitpid(k->pid, &status, 0) < 0 && errno == EINTR)
		;
	(void)close(k->fd);
	judge_end(k, status);
	remove_databases(w, k);
	settle(w, k->job, &k->v, wb_now_ms() - k->began_ms);
	k->job = NULL;
	w->running--;
}

/* ---- while they run -------------------------------------------------------------------------------------------- */

static void hurry(struct worker *k, int64_t now)
{
	if (now >= k->deadline_ms && !k->asked) {
		k->asked = k->late = true;
		(void)kill(k->pid, SIGTERM);
	}
	if (now >= k->deadline_ms + GRACE_MS && !k->killed) {
		k->killed = true;
		(void)killpg(k->pid, SIGKILL);
	}
}

/* True at the end of what it tells. */
static bool hear(struct worker *k)
{
	char rest[64];
	size_t room = sizeof(k->v) - k->got;
	ssize_t n = room ? read(k->fd, (char *)&k->v + k->got, room) : read(k->fd, rest, sizeof(rest));
	if (n < 0)
		return errno != EINTR && errno != EAGAIN;
	k->got += room ? (size_t)n : 0;
	return n == 0;
}

static void listen_to(struct work *w)
{
	struct pollfd fds[JOBS_MAX];
	struct worker *of[JOBS_MAX];
	nfds_t n = 0;
	for (size_t i = 0; i < w->n_workers; i++) {
		if (!w->workers[i].job)
			continue;
		of[n] = &w->workers[i];
		fds[n++] = (struct pollfd){ .fd = w->workers[i].fd, .events = POLLIN };
	}
	int ready = poll(fds, n, TICK_MS);
	int64_t now = wb_now_ms();
	for (nfds_t i = 0; i < n; i++) {
		if (ready > 0 && fds[i].revents && hear(of[i]))
			end(w, of[i]);
		else
			hurry(of[i], now);
	}
}

/* Nobody is left behind. */
static void end_all(struct work *w)
{
	for (size_t i = 0; i < w->n_workers; i++) {
		struct worker *k = &w->workers[i];
		if (!k->job)
			continue;
		(void)killpg(k->pid, SIGKILL);
		(void)kill(k->pid, SIGKILL);
		while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
			;
		(void)close(k->fd);
		k->job = NULL;
	}
}

static int run_all(struct work *w, struct wb_error *err)
{
	int rc = 0;
	while (rc == 0 && w->done < w->k->v.n) {
		if (*w->k->owner->stop) {
			*w->k->owner->stop = 0;
			return wb_err_set(err, WB_ECANCELLED, "cancelled");
		}
		while (rc == 0 && w->stop && w->next < w->k->v.n)
			skip(w, &w->k->v.v[w->order[w->next++]], "not begun: another one had failed");
		w->report->stopped |= w->stop;
		if (w->next < w->k->v.n && w->running < w->n_workers)
			rc = begin(w, w->order[w->next++], err);
		else if (w->running)
			listen_to(w);
	}
	return rc;
}

/* ---- the whole ----------------------------------------------------------------------------------------------------
 */

static size_t how_many(const struct wb_test_options *o)
{
	long n = o->jobs ? (long)o->jobs : sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > JOBS_MAX ? JOBS_MAX : (size_t)n;
}

/* Jobs that need the same template stand together, else as they came. */
static bool make_order(struct work *w)
{
	size_t n = w->k->v.n, at = 0;
	w->order = wb_arena_array(&w->k->arena, n + 1, sizeof(*w->order));
	for (size_t base = 0; w->order && base < w->k->points.n; base++)
		for (size_t i = 0; i < n; i++)
			if (w->k->v.v[i].base == base)
				w->order[at++] = i;
	return w->order != NULL;
}

int jobs_run(struct jobs *k, struct wb_test_report *report, struct wb_error *err)
{
	struct work w = { .k = k, .report = report, .n_workers = how_many(k->o) };
	char uuid[37], id[33];
	size_t n = 0;
	wb_uuid(uuid);
	for (const char *p = uuid; *p; p++)
		if (*p != '-')
			id[n++] = *p;
	id[n] = 0;
	report->jobs = (int64_t)w.n_workers;
	w.real = wb_context_open_options(k->owner);
	if (k->owner->has_direct)
		w.real.url = &k->owner->direct;
	w.how = (struct wb_nest_options){ .real = &w.real, .id = id };
	if (!make_order(&w))
		return wb_err_nomem(err);
	int rc = k->v.n ? wb_nest_open(k->owner->driver, &w.how, &w.nest, err) : 0;
	if (rc < 0)
		return rc;
	rc = run_all(&w, err);
	end_all(&w);
	if (w.nest)
		w.nest->driver->nest_close(w.nest);
	return rc;
}
