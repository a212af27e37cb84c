/* SPDX-License-Identifier: Apache-2.0
 *
 * A scratch database and how it is reached. It is the job's own: nobody else
 * looks at it. Where it is to be copied, or a process of its own is to work on
 * it, everybody leaves it first.
 */
#include "scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEPT "p"
#define MADE "f"

/* ---- opening ----------------------------------------------------------------------------- */

static int need_nest(struct bed *b, struct wb_error *err)
{
	struct wb_nest_options how = *b->how;
	how.guest = true;
	return b->nest ? 0 : wb_nest_open(b->owner->driver, &how, &b->nest, err);
}

int bed_context(struct bed *b, struct wb_error *err)
{
	if (b->c)
		return 0;
	const char *name = *b->made ? b->made : b->name;
	int rc = need_nest(b, err);
	const char *url = rc < 0 ? NULL : b->owner->driver->nest_url(b->nest, &b->arena, name);
	if (rc == 0 && !url)
		rc = wb_err_nomem(err);
	return rc < 0 ? rc : wb_trial_context(b->owner, url, &b->c, err);
}

int bed_ready(struct bed *b, struct wb_error *err)
{
	int rc = bed_context(b, err);
	return rc < 0 ? rc : wb_prepare(b->c, WB_NEED_WRITE, err);
}

void bed_leave(struct bed *b)
{
	wb_close(b->c);
	b->c = NULL;
}

void bed_done(struct bed *b)
{
	bed_leave(b);
	wb_model_free(b->start);
	b->start = NULL;
	if (b->nest)
		b->nest->driver->nest_close(b->nest);
	b->nest = NULL;
	wb_arena_done(&b->arena);
}

static int copy(struct bed *b, const char *from, char *to, const char *suffix, struct wb_error *err)
{
	(void)snprintf(to, sizeof(b->made), "%.8s%s", b->name, suffix);
	return b->nest->driver->nest_make(b->nest, to, from, err);
}

int bed_keep(struct bed *b, struct wb_error *err)
{
	char kept[sizeof(b->made)];
	int rc = need_nest(b, err);
	bed_leave(b);
	return rc < 0 ? rc : copy(b, b->name, kept, KEPT, err);
}

int bed_renew(struct bed *b, struct wb_error *err)
{
	char kept[sizeof(b->made)];
	int rc = need_nest(b, err);
	bed_leave(b);
	if (rc == 0 && *b->made)
		rc = b->nest->driver->nest_remove(b->nest, b->made, err);
	(void)snprintf(kept, sizeof(kept), "%.8s" KEPT, b->name);
	return rc < 0 ? rc : copy(b, kept, b->made, MADE, err);
}

/* ---- what is done with it ------------------------------------------------------------------- */

int bed_up(struct bed *b, const char *to, struct wb_run_result **ret_result, struct wb_error *err)
{
	struct wb_run_options o = { .size = sizeof(o), .plan = { .size = sizeof(o.plan), .to = to } };
	int rc = bed_context(b, err);
	return rc < 0 ? rc : wb_up(b->c, &o, ret_result, err);
}

int bed_model(struct bed *b, struct wb_model **ret_model, struct wb_error *err)
{
	struct wb_schema_options o = { .size = sizeof(o) };
	int rc = bed_ready(b, err);
	return rc < 0 ? rc : wb_schema_model(b->c, b->o->schema ? b->o->schema : &o, ret_model, err);
}

static int take_number(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)err;
	(void)wb_sv_i64(row->v[0], user);
	return 0;
}

int bed_size(struct bed *b, int64_t *ret_bytes, struct wb_error *err)
{
	int rc = bed_ready(b, err);
	*ret_bytes = 0;
	return rc < 0 ? rc
		      : wb_query_named(b->c->conn, WB_SQL_DATABASE_SIZE, NULL, 0, take_number, ret_bytes, NULL, err);
}

static int take_line(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct answer *answer = user;
	wb_autostr line = WB_STR_INIT;
	for (int i = 0; i < row->n; i++) {
		wb_str_add(&line, i ? " | " : "");
		if (row->v[i].p)
			wb_str_addsv(&line, row->v[i]);
		else
			wb_str_add(&line, "null");
	}
	char *kept = line.failed ? NULL : wb_arena_sv(answer->a, wb_str_sv(&line));
	if (!kept)
		return wb_err_nomem(err);
	if (!answer->lines.n && row->n && row->v[0].p && !(answer->first = wb_arena_sv(answer->a, row->v[0])))
		return wb_err_nomem(err);
	return wb_vec_push(&answer->lines, kept) ? 0 : wb_err_nomem(err);
}

int bed_ask(struct bed *b, const char *sql, struct answer *answer, struct wb_error *err)
{
	struct wb_query q = { .sql = wb_sv_trim(wb_sv_str(sql)), .row = take_line, .row_user = answer };
	int rc = bed_ready(b, err);
	while (q.sql.n && q.sql.p[q.sql.n - 1] == ';')
		q.sql = wb_sv_trim(wb_sv(q.sql.p, q.sql.n - 1));
	return rc < 0 ? rc : wb_run(b->c->conn, &q, 1, NULL, NULL, err);
}

/* ---- a process that is killed ---------------------------------------------------------------- */

struct told {
	int rc;
	struct wb_error err;
};

/* Who had gone before we asked for the signal is not our parent any more. */
void live_with(pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
}

static void act_beside(struct bed *b, bed_act_fn act, void *user, int fd)
{
	struct told told = { 0 };
	told.rc = act(b, user, &told.err);
	(void)!write(fd, &told, sizeof(told));
	_exit(0);
}

static int wait_for(struct bed *b, pid_t pid, int fd, bool *ret_killed, struct wb_error *err)
{
	struct told told = { 0 };
	int status = 0;
	ssize_t got;
	do
		got = read(fd, &told, sizeof(told)); /* ends with the process */
	while (got < 0 && errno == EINTR && !*b->c->stop);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	*ret_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	if (*ret_killed)
		return 0;
	if (got != (ssize_t)sizeof(told))
		return wb_err_set(err, WB_EBUG, "a process ended with status %d", status);
	if (told.rc < 0 && err)
		*err = told.err;
	return told.rc;
}

int bed_beside(struct bed *b, bed_act_fn act, void *user, bool *ret_killed, struct wb_error *err)
{
	int fd[2], rc;
	/* Nothing of ours may be shared but the pipe. The nest's connection is: the other one does not touch it. */
	bed_leave(b);
	rc = need_nest(b, err);
	if (rc == 0)
		rc = bed_context(b, err); /* not connected yet */
	if (rc < 0)
		return rc;
	if (pipe2(fd, O_CLOEXEC) != 0)
		return wb_err_errno(err, WB_EIO, "no pipe can be made");
	pid_t we = getpid(), pid = fork();
	if (pid == 0) {
		live_with(we);
		(void)close(fd[0]);
		act_beside(b, act, user, fd[1]);
	}
	(void)close(fd[1]);
	rc = pid < 0 ? wb_err_errno(err, WB_EIO, "no process can be made") : wait_for(b, pid, fd[0], ret_killed, err);
	(void)close(fd[0]);
	return rc;
}

/* ---- verdicts --------------------------------------------------------------------------------- */

bool could_not_look(int code)
{
	return code == WB_ENOMEM || code == WB_ECONN || code == WB_ECANCELLED || code == WB_EBUG ||
	       code == WB_EDISKFULL || code == WB_EPRIVILEGE;
}

int verdict_say(struct verdict *v, enum wb_test_outcome outcome, const char *fmt, ...)
{
	va_list ap;
	v->outcome = outcome;
	va_start(ap, fmt);
	(void)vsnprintf(v->message, sizeof(v->message), fmt, ap);
	va_end(ap);
	return 0;
}

void verdict_of_error(struct verdict *v, const struct wb_error *e)
{
	v->outcome = could_not_look(e->code) ? WB_TEST_NOT_RUN : WB_TEST_FAILED;
	v->code = e->code;
	(void)snprintf(v->message, sizeof(v->message), "%s%s%s", e->message, *e->detail ? ": " : "", e->detail);
	(void)wb_sv_copy(wb_sv_str(e->hint), v->hint, sizeof(v->hint));
	(void)wb_sv_copy(wb_sv_str(e->file), v->file, sizeof(v->file));
	v->line = e->line;
}

int same_schema(const struct wb_model *was, const struct wb_model *is, const char *what, struct wb_error *err)
{
	wb_autostr s = WB_STR_INIT;
	struct wb_diff d = { 0 };
	int rc = wb_schema_diff(was, is, &d, err);
	size_t n = d.n;
	wb_trip_words(&d, &s);
	wb_diff_done(&d);
	if (rc < 0 || !n)
		return rc;
	if (s.failed)
		return wb_err_nomem(err);
	wb_err_set(err, WB_ENO, "%s", what);
	wb_err_detail(err, "%s", s.p);
	return WB_ENO;
}

int within(const struct wb_test_limits *l, const struct verdict *v, struct wb_error *err)
{
	const struct {
		bool broken;
		const char *what, *unit;
		int64_t is, limit;
	} all[] = {
		{ l->time_ms && v->migration_ms > l->time_ms, "it takes", "ms", v->migration_ms, l->time_ms },
		{ l->rows_per_s && v->rows_per_s >= 0 && v->rows_per_s < l->rows_per_s, "it does", "rows a second",
		  v->rows_per_s, l->rows_per_s },
		{ l->memory_kb && v->peak_rss_kb > l->memory_kb, "it needs", "KB of memory", v->peak_rss_kb,
		  l->memory_kb },
		{ l->growth_kb && v->growth_kb > l->growth_kb, "the database grows by", "KB", v->growth_kb,
		  l->growth_kb },
	};
	for (size_t i = 0; i < WB_ARRAY_LEN(all); i++) {
		if (all[i].broken)
			return wb_err_set(err, WB_ENO, "%s %lld %s, and %s %lld", all[i].what, (long long)all[i].is,
					  all[i].unit, i == 1 ? "should do at least" : "may at most be",
					  (long long)all[i].limit);
	}
	return 0;
}
