/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking at other sessions: who is in whose way, how far a long statement has
 * come, and ending a session.
 */
#include "driver/postgres/pg.h"

#define TERMINATE_TIMEOUT_MS 10000

struct blockers {
	WB_VEC(struct wb_blocker) v;
};

static void blockers_done(struct blockers *b)
{
	wb_vec_done(&b->v);
}

static int take_blocker(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct blockers *all = user;
	struct wb_blocker b = { .blocked_pid = wb_pg_cell_number(row, 0),
				.blocking_pid = wb_pg_cell_number(row, 1),
				.age_ms = wb_pg_cell_number(row, 2) };
	wb_pg_cell_text(row, 3, b.user, sizeof(b.user));
	wb_pg_cell_text(row, 4, b.application, sizeof(b.application));
	wb_pg_cell_text(row, 5, b.state, sizeof(b.state));
	wb_pg_cell_text(row, 6, b.lock, sizeof(b.lock));
	wb_pg_cell_text(row, 7, b.relation, sizeof(b.relation));
	wb_pg_cell_text(row, 8, b.query, sizeof(b.query));
	return wb_vec_push(&all->v, b) ? 0 : wb_err_nomem(err);
}

int wb_pg_blockers(struct wb_conn *conn, int64_t pid, struct wb_arena *a, struct wb_blocker **ret_v, size_t *ret_n,
		   struct wb_error *err)
{
	WB_CLEANUP(blockers_done) struct blockers all = { 0 };
	struct wb_value p = wb_v_int(pid);
	int rc = wb_pg_ask(wb_pg(conn), WB_PG_SQL_BLOCKERS, &p, 1, take_blocker, &all, err);
	if (rc < 0)
		return rc;
	struct wb_blocker *v = wb_arena_array(a, all.v.n ? all.v.n : 1, sizeof(*v));
	if (!v)
		return wb_err_nomem(err);
	if (all.v.n)
		memcpy(v, all.v.v, all.v.n * sizeof(*v));
	*ret_v = v;
	*ret_n = all.v.n;
	return 0;
}

/* Ours is what carries our application name: the name ends with this process and host. */
static int find_session(struct wb_pg *c, int64_t pid, bool *ret_own, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_pg_first f = { .arena = &a };
	struct wb_value p = wb_v_int(pid);
	int rc = wb_pg_ask(c, WB_PG_SQL_SESSION_OF, &p, 1, wb_pg_take_first, &f, err);
	if (rc < 0)
		return rc;
	if (!f.found) {
		wb_err_set(err, WB_ENOTFOUND, "the server has no process %lld", (long long)pid);
		wb_err_hint(err, "it may have ended by itself; `whimbrel locks` shows who waits now");
		return WB_ENOTFOUND;
	}
	*ret_own = pid == c->backend || pid == PQbackendPID(c->pg) || !strcmp(f.v[0], c->application);
	return 0;
}

/* The signal is but a request, and who ends the holder of a lock counts on its doing nothing more. */
static int wait_for_end(struct wb_pg *c, int64_t pid, struct wb_error *err)
{
	int64_t deadline = wb_now_ms() + TERMINATE_TIMEOUT_MS;
	for (;;) {
		struct wb_error e = { 0 };
		bool own;
		int rc = find_session(c, pid, &own, &e);
		if (rc == WB_ENOTFOUND)
			return 0;
		if (rc < 0 && err)
			*err = e;
		if (rc < 0)
			return rc;
		if (wb_now_ms() >= deadline)
			break;
		wb_sleep_ms(20);
	}
	wb_err_set(err, WB_EBUSY, "process %lld was told to end and has not ended yet", (long long)pid);
	wb_err_hint(err, "it may be busy with the disk; `whimbrel locks` shows whether it is still there");
	return WB_EBUSY;
}

int wb_pg_terminate(struct wb_conn *conn, int64_t pid, struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	struct wb_value p = wb_v_int(pid);
	int64_t sent = 0;
	bool own = false;
	int rc = find_session(c, pid, &own, err);
	if (rc < 0)
		return rc;
	if (own)
		return wb_err_set(err, WB_EREFUSED, "process %lld is a session of this program itself", (long long)pid);
	rc = wb_pg_number(c, WB_PG_SQL_TERMINATE, &p, 1, 0, &sent, err);
	if (rc == 0 && !sent)
		return wb_err_set(err, WB_ENOTFOUND, "process %lld ended before it could be terminated",
				  (long long)pid);
	if (rc == WB_EPRIVILEGE)
		wb_err_hint(err, "ending another role's session needs membership in it, or in pg_signal_backend");
	return rc < 0 ? rc : wait_for_end(c, pid, err);
}

int64_t wb_pg_backend_pid(struct wb_conn *conn)
{
	return conn->pooled ? -1 : wb_pg(conn)->backend;
}

struct progress {
	bool found;
	int64_t done, total;
	const char *unit;
};

static int take_progress(void *user, const struct wb_row *row, struct wb_error *err)
{
	static const char *const units[] = { "blocks", "rows", "bytes", "sessions" };
	struct progress *p = user;
	(void)err;
	if (p->found || row->n < 3)
		return 0;
	*p = (struct progress){ true, wb_pg_cell_number(row, 0), wb_pg_cell_number(row, 1), units[0] };
	for (size_t i = 0; i < WB_ARRAY_LEN(units); i++) {
		if (wb_sv_eq(row->v[2], wb_sv_str(units[i])))
			p->unit = units[i];
	}
	return 0;
}

bool wb_pg_progress(struct wb_conn *monitor, int64_t pid, int64_t *ret_done, int64_t *ret_total, const char **ret_unit)
{
	struct wb_pg *c = wb_pg(monitor);
	struct wb_value p = wb_v_int(pid);
	struct progress found = { 0 };
	int rc = wb_pg_ask(c, WB_PG_SQL_PROGRESS, &p, 1, take_progress, &found, NULL);
	if (rc == 0 && !found.found && monitor->server_version >= 140000)
		rc = wb_pg_ask(c, WB_PG_SQL_PROGRESS_COPY, &p, 1, take_progress, &found, NULL);
	if (rc < 0 || !found.found)
		return false;
	*ret_done = found.done;
	*ret_total = found.total;
	*ret_unit = found.unit;
	return true;
}
