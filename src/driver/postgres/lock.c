/* SPDX-License-Identifier: Apache-2.0
 *
 * The project's lock. On a direct connection it is a session advisory lock
 * that dies with the connection; behind a transaction pooler a lease (lease.c).
 * The two keep each other out: a lease is taken only while the advisory lock is
 * free, and the advisory lock is given back when a living lease is found. Nobody
 * ever waits in the server: a waiting pg_advisory_lock() deadlocks with the
 * holder's concurrent index build.
 */
#include "driver/postgres/pg.h"

int64_t wb_pg_lock_key(const struct wb_pg *c, const char *project)
{
	const char *schema = c->base.options.journal_schema ? c->base.options.journal_schema : "whimbrel";
	unsigned char digest[32];
	struct wb_sha256 h;
	uint64_t key = 0;
	wb_sha256_init(&h);
	wb_sha256_add(&h, "whimbrel:", 9);
	wb_sha256_add(&h, schema, strlen(schema));
	wb_sha256_add(&h, ":", 1);
	wb_sha256_add(&h, project, strlen(project));
	wb_sha256_final(&h, digest);
	for (int i = 0; i < 8; i++)
		key = key << 8 | digest[i];
	return (int64_t)key;
}

void wb_pg_holder(const struct wb_row *row, struct wb_lock_holder *ret_holder)
{
	struct wb_lock_holder *h = ret_holder;
	*h = (struct wb_lock_holder){ .pid = wb_pg_cell_number(row, 4), .backend = wb_pg_cell_number(row, 5) };
	wb_pg_cell_text(row, 0, h->id, sizeof(h->id));
	wb_pg_cell_text(row, 1, h->kind, sizeof(h->kind));
	wb_pg_cell_text(row, 2, h->owner, sizeof(h->owner));
	wb_pg_cell_text(row, 3, h->host, sizeof(h->host));
	wb_pg_cell_text(row, 6, h->since, sizeof(h->since));
	wb_pg_cell_text(row, 7, h->state, sizeof(h->state));
	wb_pg_cell_text(row, 8, h->query, sizeof(h->query));
}

int wb_pg_busy(const struct wb_lock_holder *h, struct wb_error *err)
{
	wb_err_set(err, WB_EBUSY, "another run holds the lock on the migrations");
	if (*h->owner)
		wb_err_detail(err, "%s on %s since %s (%s, %s)", h->owner, h->host, h->since, h->id, h->state);
	wb_err_hint(err, "wait for it to end (--lock-wait), or look with `whimbrel locks`; --break frees a lock whose "
			 "holder is gone");
	return WB_EBUSY;
}

static int take_holder(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)err;
	if (!*((struct wb_lock_holder *)user)->id)
		wb_pg_holder(row, user);
	return 0;
}

/* Nobody in the answer: the holder has let go in between, which is worth another try of the caller. */
static int busy_session(struct wb_pg *c, struct wb_lock_holder *ret_holder, struct wb_error *err)
{
	struct wb_value key = wb_v_int(c->lock.key);
	struct wb_lock_holder h = { 0 };
	int rc = wb_pg_ask(c, WB_PG_SQL_LOCK_SESSIONS, &key, 1, take_holder, &h, err);
	if (rc < 0)
		return rc;
	*ret_holder = h;
	return wb_pg_busy(&h, err);
}

static int release_session(struct wb_pg *c, struct wb_error *err)
{
	struct wb_value key = wb_v_int(c->lock.key);
	return wb_pg_ask(c, WB_PG_SQL_LOCK_RELEASE, &key, 1, NULL, NULL, err);
}

static int try_session(struct wb_pg *c, struct wb_lock_holder *ret_holder, struct wb_error *err)
{
	struct wb_value key = wb_v_int(c->lock.key);
	int64_t ours = 0;
	int rc = wb_pg_number(c, WB_PG_SQL_LOCK_TRY, &key, 1, 0, &ours, err);
	if (rc < 0)
		return rc;
	if (ours != 1)
		return busy_session(c, ret_holder, err);
	rc = wb_pg_lease_check(c, ret_holder, err);
	struct wb_error ignored;
	if (rc < 0 && !c->base.lost && release_session(c, &ignored) < 0)
		wb_log(c->base.options.sink, WB_LOG_WARN, "the lock could not be given back: %s", ignored.message);
	return rc;
}

int wb_pg_lock_try(struct wb_conn *conn, const char *project, int64_t ttl_ms, struct wb_lock_holder *ret_holder,
		   struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	struct wb_lock_holder scratch;
	if (c->lock.held)
		return strcmp(c->lock.project, project) == 0
			       ? 0
			       : wb_err_set(err, WB_EBUG, "this connection holds the lock of project %s already",
					    c->lock.project);
	c->lock = (struct wb_pg_lock){ .lease = conn->pooled, .key = wb_pg_lock_key(c, project), .ttl_ms = ttl_ms };
	if (!wb_sv_copy(wb_sv_str(project), c->lock.project, sizeof(c->lock.project)))
		return wb_err_set(err, WB_EUSAGE, "the project name is longer than %zu bytes",
				  sizeof(c->lock.project) - 1);
	if (!ret_holder)
		ret_holder = &scratch;
	int rc = c->lock.lease ? wb_pg_lease_take(c, ret_holder, err) : try_session(c, ret_holder, err);
	if (rc == WB_EBUSY && c->lock.lease && !*ret_holder->id)
		rc = busy_session(c, ret_holder, err);
	c->lock.held = rc == 0;
	return rc;
}

int wb_pg_lock_fence(struct wb_conn *conn, struct wb_arena *a, struct wb_query *q, int max)
{
	struct wb_pg *c = wb_pg(conn);
	if (!c->lock.held || !c->lock.lease)
		return 0;
	const char *sql = wb_pg_text(c, WB_PG_SQL_LEASE_FENCE);
	struct wb_value *p = wb_arena_array(a, 3, sizeof(*p));
	if (!sql || !p)
		return WB_ENOMEM;
	if (max < 1)
		return WB_EBUG;
	p[0] = wb_v_text(c->lock.project);
	p[1] = wb_v_int(c->lock.token);
	p[2] = wb_v_int(c->lock.ttl_ms);
	q[0] = (struct wb_query){ .sql = wb_sv_str(sql), .params = p, .n_params = 3 };
	return 1;
}

int wb_pg_lock_release(struct wb_conn *conn, struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	struct wb_value lease[] = { wb_v_text(c->lock.project), wb_v_int(c->lock.token) };
	if (!c->lock.held)
		return 0;
	c->lock.held = false;
	if (conn->lost)
		return 0; /* a session lock went with it, a lease will expire */
	c->deaf = true;
	int rc = c->lock.lease ? wb_pg_ask(c, WB_PG_SQL_LEASE_RELEASE, lease, 2, NULL, NULL, err)
			       : release_session(c, err);
	c->deaf = false;
	return rc;
}

/* ---- seeing and breaking --------------------------------------------------------- */

struct list {
	struct wb_arena *arena;
	WB_VEC(struct wb_lock_holder) v;
};

static void list_done(struct list *l)
{
	wb_vec_done(&l->v);
}

static int take_listed(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct list *l = user;
	struct wb_lock_holder h;
	wb_pg_holder(row, &h);
	return wb_vec_push(&l->v, h) ? 0 : wb_err_nomem(err);
}

int wb_pg_lock_list(struct wb_conn *conn, const char *project, struct wb_arena *a, struct wb_lock_holder **ret_v,
		    size_t *ret_n, struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	WB_CLEANUP(list_done) struct list l = { .arena = a };
	struct wb_value key = wb_v_int(wb_pg_lock_key(c, project)), name = wb_v_text(project);
	struct wb_error scratch = { 0 };
	int rc = wb_pg_ask(c, WB_PG_SQL_LOCK_SESSIONS, &key, 1, take_listed, &l, err);
	if (rc < 0)
		return rc;
	rc = wb_pg_ask(c, WB_PG_SQL_LEASE_LIST, &name, 1, take_listed, &l, &scratch);
	bool no_table = wb_pg_is_state(&scratch, "42P01") || wb_pg_is_state(&scratch, "3F000");
	if (rc < 0 && !no_table) {
		if (err)
			*err = scratch;
		return rc;
	}
	struct wb_lock_holder *v = wb_arena_array(a, l.v.n ? l.v.n : 1, sizeof(*v));
	if (!v)
		return wb_err_nomem(err);
	if (l.v.n)
		memcpy(v, l.v.v, l.v.n * sizeof(*v));
	*ret_v = v;
	*ret_n = l.v.n;
	return 0;
}

static int no_such_lock(const char *id, struct wb_error *err)
{
	wb_err_set(err, WB_ENOTFOUND, "no lock \"%s\" is held", id);
	wb_err_hint(err, "`whimbrel locks` lists those that are");
	return WB_ENOTFOUND;
}

static int break_session(struct wb_pg *c, const char *project, const char *id, int64_t pid, struct wb_error *err)
{
	WB_CLEANUP(list_done) struct list l = { 0 };
	struct wb_value key = wb_v_int(wb_pg_lock_key(c, project));
	int rc = wb_pg_ask(c, WB_PG_SQL_LOCK_SESSIONS, &key, 1, take_listed, &l, err);
	for (size_t i = 0; rc == 0 && i < l.v.n; i++) {
		if (l.v.v[i].backend == pid)
			return wb_pg_terminate(&c->base, pid, err);
	}
	return rc < 0 ? rc : no_such_lock(id, err);
}

int wb_pg_lock_break(struct wb_conn *conn, const char *project, const char *id, struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	struct wb_sv rest = wb_sv_str(id), kind;
	int64_t n;
	if (!wb_sv_cut(&rest, ':', &kind) || !wb_sv_i64(rest, &n))
		return no_such_lock(id, err);
	if (wb_sv_eq(kind, WB_SV("session")))
		return break_session(c, project, id, n, err);
	int rc = wb_sv_eq(kind, WB_SV("lease")) ? wb_pg_lease_break(c, project, n, err) : WB_ENOTFOUND;
	return rc == WB_ENOTFOUND ? no_such_lock(id, err) : rc;
}
