/* SPDX-License-Identifier: Apache-2.0
 *
 * Who holds what, who waits for whom, and health.
 */
#include "context.h"

struct locks_box {
	struct wb_locks view; /* first: wb_locks_free gets its address */
	struct wb_arena arena;
};

WB_API void wb_locks_free(struct wb_locks *locks)
{
	struct locks_box *b = (struct locks_box *)locks;
	if (!b)
		return;
	wb_arena_done(&b->arena);
	free(b);
}

static int fill_holders(struct wb_context *c, struct locks_box *b, struct wb_error *err)
{
	struct wb_lock_holder *v = NULL;
	size_t n = 0;
	int rc = wb_conn_lock_list(c->conn, c->o.project, &b->arena, &v, &n, err);
	struct wb_lock_info *out = rc < 0 ? NULL : wb_arena_array(&b->arena, n + 1, sizeof(*out));
	if (!out)
		return rc < 0 ? rc : wb_err_nomem(err);
	for (size_t i = 0; i < n; i++)
		out[i] = (struct wb_lock_info){ .id = v[i].id,
						.kind = v[i].kind,
						.owner = v[i].owner,
						.host = v[i].host,
						.since = v[i].since,
						.state = v[i].state,
						.query = v[i].query,
						.pid = v[i].pid,
						.backend = v[i].backend };
	b->view.locks = out;
	b->view.n_locks = n;
	return 0;
}

static int fill_blockers(struct wb_context *c, struct locks_box *b, struct wb_error *err)
{
	struct wb_blocker *v = NULL;
	size_t n = 0;
	if (!c->driver->blockers)
		return 0;
	int rc = wb_conn_blockers(c->conn, 0, &b->arena, &v, &n, err);
	struct wb_blocker_info *out = rc < 0 ? NULL : wb_arena_array(&b->arena, n + 1, sizeof(*out));
	if (!out)
		return rc < 0 ? rc : wb_err_nomem(err);
	for (size_t i = 0; i < n; i++)
		out[i] = (struct wb_blocker_info){ .blocked_pid = v[i].blocked_pid,
						   .blocking_pid = v[i].blocking_pid,
						   .age_ms = v[i].age_ms,
						   .user = v[i].user,
						   .application = v[i].application,
						   .state = v[i].state,
						   .lock = v[i].lock,
						   .relation = v[i].relation,
						   .query = v[i].query };
	b->view.blockers = out;
	b->view.n_blockers = n;
	return 0;
}

WB_API int wb_locks(struct wb_context *context, struct wb_locks **ret_locks, struct wb_error *err)
{
	int rc = wb_prepare(context, WB_NEED_READ, err);
	if (rc < 0)
		return rc;
	struct locks_box *b = calloc(1, sizeof(*b));
	if (!b)
		return wb_err_nomem(err);
	rc = fill_holders(context, b, err);
	if (rc == 0)
		rc = fill_blockers(context, b, err);
	if (rc < 0) {
		wb_locks_free(&b->view);
		return rc;
	}
	*ret_locks = &b->view;
	return 0;
}

/* Acts that are no migrations stand in the history too. */
static int note(struct wb_context *c, const char *action, const char *reason, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	struct wb_journal j;
	struct wb_history_row h = { .action = action,
				    .result = "ok",
				    .reason = reason,
				    .statements = -1,
				    .rows_affected = -1,
				    .execution_ms = -1,
				    .retries = -1,
				    .rss_kb = -1,
				    .cpu_ms = -1,
				    .lock_wait_ms = -1 };
	int rc = wb_journal_load(&c->target, true, &j, err);
	if (rc < 0)
		return rc;
	bool exists = j.exists;
	wb_journal_done(&j);
	if (!exists)
		return 0;
	if (!wb_journal_history(&c->target, &b.arena, &h, wb_batch_add(&b)))
		return wb_err_nomem(err);
	return wb_batch_run_alone(&b, c->conn, err);
}

WB_API int wb_lock_break(struct wb_context *context, const char *id, struct wb_error *err)
{
	char reason[160];
	int rc = id ? wb_prepare(context, WB_NEED_CONN, err) : wb_err_set(err, WB_EUSAGE, "no lock was named");
	if (rc == 0)
		rc = wb_conn_lock_break(context->conn, context->o.project, id, err);
	snprintf(reason, sizeof(reason), "lock %s was broken", id ? id : "");
	return rc < 0 ? rc : note(context, "lock_break", reason, err);
}

WB_API int wb_terminate(struct wb_context *context, int64_t pid, struct wb_error *err)
{
	char reason[96];
	int rc = wb_prepare(context, WB_NEED_CONN, err);
	if (rc == 0 && !(context->driver->caps & WB_CAP_TERMINATE))
		rc = wb_err_set(err, WB_EUNSUPPORTED, "%s has no sessions that could be ended", context->engine);
	if (rc == 0)
		rc = wb_conn_terminate(context->conn, pid, err);
	snprintf(reason, sizeof(reason), "session %lld was ended", (long long)pid);
	return rc < 0 ? rc : note(context, "terminate", reason, err);
}

/* ---- doctor ------------------------------------------------------------------------------ */

struct doctor_box {
	struct wb_doctor view; /* first: wb_doctor_free gets its address */
	struct wb_arena arena;
	WB_VEC(struct wb_finding) findings;
	bool failed; /* memory ran out */
};

WB_API void wb_doctor_free(struct wb_doctor *doctor)
{
	struct doctor_box *b = (struct doctor_box *)doctor;
	if (!b)
		return;
	wb_vec_done(&b->findings);
	wb_arena_done(&b->arena);
	free(b);
}

static const char *const levels[] = { "ok", "degraded", "failed" };
static const char *const verdicts[] = { "OK", "DEGRADED", "FAILED" };

static void find(void *user, const char *check, const char *level, const char *message)
{
	struct doctor_box *b = user;
	struct wb_finding f = { .check = wb_arena_str(&b->arena, check),
				.level = levels[0],
				.message = wb_arena_str(&b->arena, message) };
	for (size_t i = 0; i < WB_ARRAY_LEN(levels); i++) {
		if (!strcmp(levels[i], level))
			f.level = levels[i];
	}
	if (!f.check || !f.message || !wb_vec_push(&b->findings, f))
		b->failed = true;
}

static void find_error(struct doctor_box *b, const char *check, const struct wb_error *e)
{
	char text[2400];
	b->failed |= e->code == WB_ENOMEM; /* ours: it says nothing about the database */
	snprintf(text, sizeof(text), "%s%s%s%s%s", e->message, *e->detail ? ": " : "", e->detail, *e->hint ? "; " : "",
		 e->hint);
	find(b, check, "failed", text);
}

static void find_problems(struct wb_context *c, struct doctor_box *b)
{
	struct wb_error e = { 0 };
	struct wb_status *s = NULL;
	if (!c->o.dir && !c->o.n_embedded)
		return;
	if (wb_status(c, &s, &e) < 0) {
		find_error(b, "versions", &e);
		return;
	}
	for (size_t i = 0; i < s->n_problems; i++)
		find(b, "versions", s->problems[i].warning ? "degraded" : "failed", s->problems[i].message);
	char text[200];
	size_t applied = 0;
	for (size_t i = 0; i < s->n_applied; i++)
		applied += strcmp(s->applied[i].state, "failed") != 0 && strcmp(s->applied[i].state, "running") != 0;
	snprintf(text, sizeof(text), "%zu applied, %zu pending, at %s", applied, s->n_pending,
		 s->current ? s->current : "nothing yet");
	find(b, "versions", "ok", text);
	wb_status_free(s);
}

WB_API int wb_doctor(struct wb_context *context, struct wb_doctor **ret_doctor, struct wb_error *err)
{
	struct wb_error e = { 0 };
	struct doctor_box *b = calloc(1, sizeof(*b));
	if (!b)
		return wb_err_nomem(err);
	if (wb_prepare(context, WB_NEED_CONN, &e) < 0) {
		find_error(b, "connectivity", &e);
	} else {
		if (wb_conn_health(context->conn, find, b, &e) < 0)
			find_error(b, "health", &e);
		find_problems(context, b);
	}
	size_t worst = 0;
	for (size_t i = 0; i < b->findings.n; i++) {
		for (size_t k = worst + 1; k < WB_ARRAY_LEN(levels); k++)
			worst = b->findings.v[i].level == levels[k] ? k : worst;
	}
	b->view.verdict = verdicts[worst];
	b->view.findings = b->findings.v;
	b->view.n_findings = b->findings.n;
	if (b->failed) {
		wb_doctor_free(&b->view);
		return wb_err_nomem(err);
	}
	*ret_doctor = &b->view;
	return 0;
}
