/* SPDX-License-Identifier: Apache-2.0
 *
 * The lease: a row with owner, expiry and a token that rises with each holder.
 * Every transaction of a holder contains the fence (lock.c): it prolongs the
 * lease, keeps the row locked until the end of the transaction, and fails when
 * the token is no longer the holder's. So a lease that has expired can still not
 * be taken in the middle of a transaction, and a holder that was thought dead
 * cannot write after it has lost the lease. Times are the server's.
 */
#include "driver/postgres/pg.h"

#include <stdio.h>
#include <unistd.h>

#include "base/banned.h"

#define CREATE_TRIES 5

static const char *const no_table[] = { "42P01", "3F000", NULL };

static bool is_state(const struct wb_error *err, const char *const *states)
{
	for (; *states; states++) {
		if (wb_pg_is_state(err, *states))
			return true;
	}
	return false;
}

/* The schema and the lease table; another run may be at the same, which is fine. */
static int create_table(struct wb_pg *c, struct wb_error *err)
{
	static const char *const raced[] = { "42P06", "42P07", "23505", "42710", "XX000", NULL };
	struct wb_query q[] = {
		{ .sql = WB_SV("BEGIN") },
		{ .sql = wb_sv_str(wb_pg_text(c, WB_PG_SQL_LOCK_SCHEMA)) },
		{ .sql = wb_sv_str(wb_pg_text(c, WB_PG_SQL_LOCK_TABLE)) },
		{ .sql = WB_SV("COMMIT") },
	};
	struct wb_error why = { 0 }, ignored;
	size_t done, offset;
	bool was_quiet = c->quiet;
	c->quiet = true;
	int rc = wb_pg_run(&c->base, q, WB_ARRAY_LEN(q), &done, &offset, &why);
	c->quiet = was_quiet;
	if (rc == 0)
		return 0;
	if (wb_pg_rollback(&c->base, &ignored) == 0 && is_state(&why, raced))
		return 0;
	wb_err_prefix(&why, "cannot create the table of locks");
	if (rc == WB_EPRIVILEGE)
		wb_err_hint(&why, "let a role that may create run the output of `whimbrel init --journal-sql`");
	if (err)
		*err = why;
	return rc;
}

static int take_token(void *user, const struct wb_row *row, struct wb_error *err)
{
	(void)err;
	*(int64_t *)user = wb_pg_cell_number(row, 0);
	return 0;
}

/* One round trip: *ret_token stays -1 when the lease is not free. */
static int take(struct wb_pg *c, int64_t *ret_token, struct wb_error *err)
{
	char owner[128], host[128];
	(void)wb_proc_user(owner, sizeof(owner));
	(void)wb_proc_host(host, sizeof(host));
	struct wb_value p[] = { wb_v_text(c->lock.project), wb_v_text(owner),         wb_v_text(host),
				wb_v_int(getpid()),         wb_v_int(c->lock.ttl_ms), wb_v_int(c->lock.key) };
	struct wb_query q[] = {
		{ .sql = wb_sv_str(wb_pg_text(c, WB_PG_SQL_PIN)) },
		{ .sql = wb_sv_str(wb_pg_text(c, WB_PG_SQL_LEASE_ENSURE)), .params = p, .n_params = 1 },
		{ .sql = wb_sv_str(wb_pg_text(c, WB_PG_SQL_LEASE_TAKE)),
		  .params = p,
		  .n_params = WB_ARRAY_LEN(p),
		  .row = take_token,
		  .row_user = ret_token },
	};
	size_t done, offset;
	*ret_token = -1;
	return wb_pg_run(&c->base, q, WB_ARRAY_LEN(q), &done, &offset, err);
}

static int take_living(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct wb_lock_holder h;
	(void)err;
	wb_pg_holder(row, &h);
	if (strcmp(h.state, "stale") != 0)
		*(struct wb_lock_holder *)user = h;
	return 0;
}

/* A run behind a pooler meets its own lease on the direct connection beside it. */
static bool is_own(const struct wb_pg *c, const struct wb_lock_holder *h)
{
	const struct wb_pg *holder = (const struct wb_pg *)c->base.beside;
	char id[WB_ARRAY_LEN(h->id)];
	if (!holder || !holder->lock.held || !holder->lock.lease)
		return false;
	snprintf(id, sizeof(id), "lease:%lld", (long long)holder->lock.token);
	return strcmp(id, h->id) == 0;
}

int wb_pg_lease_check(struct wb_pg *c, struct wb_lock_holder *ret_holder, struct wb_error *err)
{
	struct wb_value project = wb_v_text(c->lock.project);
	struct wb_lock_holder h = { 0 };
	struct wb_error why = { 0 };
	int rc = wb_pg_ask(c, WB_PG_SQL_LEASE_LIST, &project, 1, take_living, &h, &why);
	if (rc < 0 && is_state(&why, no_table))
		return 0;
	if (rc < 0 && err)
		*err = why;
	if (rc < 0 || !*h.id || is_own(c, &h))
		return rc;
	*ret_holder = h;
	return wb_pg_busy(&h, err);
}

int wb_pg_lease_take(struct wb_pg *c, struct wb_lock_holder *ret_holder, struct wb_error *err)
{
	struct wb_error why = { 0 };
	int rc = take(c, &c->lock.token, &why);
	for (int i = 0; rc == WB_ESQL && is_state(&why, no_table) && i < CREATE_TRIES; i++) {
		rc = create_table(c, err);
		if (rc < 0)
			return rc;
		rc = take(c, &c->lock.token, &why);
	}
	if (rc < 0) {
		if (err)
			*err = why;
		return rc;
	}
	if (c->lock.token >= 0)
		return 0;
	*ret_holder = (struct wb_lock_holder){ 0 };
	rc = wb_pg_lease_check(c, ret_holder, err);
	/* No living lease: a session has the advisory lock (the caller finds out), or somebody was faster. */
	return rc < 0 ? rc : wb_pg_busy(ret_holder, err);
}

int wb_pg_lease_break(struct wb_pg *c, const char *project, int64_t token, struct wb_error *err)
{
	char who[300], user[128], host[128];
	snprintf(who, sizeof(who), "%s on %s", wb_proc_user(user, sizeof(user)), wb_proc_host(host, sizeof(host)));
	struct wb_value p[] = { wb_v_text(project), wb_v_int(token), wb_v_text(who) };
	struct wb_query q[] = {
		{ .sql = WB_SV("SELECT pg_catalog.set_config('lock_timeout', '5000', true)") },
		{ .sql = wb_sv_str(wb_pg_text(c, WB_PG_SQL_PIN)) },
		{ .sql = wb_sv_str(wb_pg_text(c, WB_PG_SQL_LEASE_BREAK)), .params = p, .n_params = 3 },
	};
	struct wb_error why = { 0 };
	size_t done, offset;
	int rc = wb_pg_run(&c->base, q, WB_ARRAY_LEN(q), &done, &offset, &why);
	if (rc == 0)
		return q[2].affected > 0 ? 0 : WB_ENOTFOUND;
	if (is_state(&why, no_table))
		return WB_ENOTFOUND;
	if (wb_pg_is_state(&why, "55P03")) {
		rc = WB_EBUSY;
		wb_err_set(&why, rc, "the holder of the lease is in the middle of a transaction");
		wb_err_hint(&why,
			    "it is alive; end its server process with `whimbrel locks --terminate` if it must stop");
	}
	if (err)
		*err = why;
	return rc;
}
