/* SPDX-License-Identifier: Apache-2.0
 *
 * The database itself, created and dropped through a maintenance database of
 * the same server. Nobody's session is ended for it: who is in the way is told.
 */
#include "driver/postgres/dump.h"

#include <stdio.h>

#include "base/banned.h"

#define TEMPLATE_TRIES 10

static const char *const maintenance[] = { "postgres", "template1" };

static void finish(struct wb_pg *c)
{
	wb_pg_close(&c->base);
}
#define SCRATCH_PREFIX "whimbrel_scratch_" /* as lib/trial.c names them */

#define MAINTENANCE(o) \
	WB_CLEANUP(finish) \
	struct wb_pg c = { .base = { .options = *(o) }, .text = WB_STR_INIT, .tx_lock_timeout_ms = -1 }

/* Connects beside the database; *ret_name is its name. */
int wb_pg_maintenance(struct wb_pg *c, const char **ret_name, struct wb_error *err)
{
	int rc = wb_pg_database_name(c, ret_name, err);
	for (size_t i = 0; rc == 0 && i < WB_ARRAY_LEN(maintenance); i++) {
		PQfinish(c->pg);
		c->pg = NULL;
		rc = wb_pg_connect(c, maintenance[i], err);
		if (rc == 0)
			return 0;
		bool absent = rc == WB_ECONN && c->pg && strstr(PQerrorMessage(c->pg), "does not exist");
		if (absent && i + 1 < WB_ARRAY_LEN(maintenance))
			rc = 0;
	}
	return rc;
}

int wb_pg_database_exists(struct wb_pg *c, const char *name, bool *ret_exists, struct wb_error *err)
{
	struct wb_value p = wb_v_text(name);
	int64_t state = -1;
	int rc = wb_pg_number(c, WB_PG_SQL_PROBE_DATABASE, &p, 1, -1, &state, err);
	*ret_exists = state >= 0;
	return rc;
}

int wb_pg_database_do(struct wb_pg *c, const char *before, const char *name, const char *after, struct wb_error *err)
{
	wb_autostr sql = WB_STR_INIT;
	wb_str_add(&sql, before);
	wb_quote_ident(&sql, wb_sv_str(name));
	wb_str_add(&sql, after);
	return sql.failed ? wb_err_nomem(err) : wb_pg_do(c, sql.p, err);
}

/* CREATE DATABASE copies template1, which nobody may use meanwhile: worth a short wait. */
static int create(struct wb_pg *c, const char *name, struct wb_error *err)
{
	struct wb_error why = { 0 };
	struct wb_retry retry;
	int rc;
	wb_retry_init(&retry, 50, 500, -1, TEMPLATE_TRIES);
	for (;;) {
		rc = wb_pg_database_do(c, "CREATE DATABASE ", name, "", &why);
		int64_t wait = wb_pg_is_state(&why, "55006") && rc < 0 ? wb_retry_next(&retry) : -1;
		if (wait < 0)
			break;
		wb_sleep_ms(wait);
	}
	if (rc == WB_EPRIVILEGE)
		wb_err_hint(
			&why,
			"the role needs CREATEDB: ALTER ROLE … CREATEDB, or let an administrator create the database");
	if (rc < 0 && err)
		*err = why;
	return rc;
}

int wb_pg_create_db(const struct wb_open_options *o, bool *ret_created, struct wb_error *err)
{
	MAINTENANCE(o);
	const char *name = NULL;
	bool there = false;
	struct wb_error scratch = { 0 };
	int rc = wb_pg_maintenance(&c, &name, err);
	if (rc == 0)
		rc = wb_pg_database_exists(&c, name, &there, err);
	if (rc == 0 && !there) {
		rc = create(&c, name, &scratch);
		there = wb_pg_is_state(&scratch, "42P04") ||
			wb_pg_is_state(&scratch, "23505"); /* another one was faster */
		if (rc < 0 && !there && err)
			*err = scratch;
		rc = there ? 0 : rc;
	}
	if (rc == 0)
		*ret_created = !there;
	return rc;
}

int wb_pg_exists_db(const struct wb_open_options *o, bool *ret_exists, struct wb_error *err)
{
	MAINTENANCE(o);
	const char *name = NULL;
	int rc = wb_pg_maintenance(&c, &name, err);
	return rc == 0 ? wb_pg_database_exists(&c, name, ret_exists, err) : rc;
}

static int take_name(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct wb_str *out = user;
	(void)err;
	if (out->n)
		wb_str_add(out, "; ");
	if (row->n && row->v[0].p)
		wb_str_addsv(out, row->v[0]);
	return 0;
}

static int in_use(struct wb_pg *c, const char *name, struct wb_error *err)
{
	wb_autostr who = WB_STR_INIT;
	struct wb_value p = wb_v_text(name);
	int rc = wb_pg_ask(c, WB_PG_SQL_SESSIONS_IN, &p, 1, take_name, &who, err);
	if (rc < 0)
		return rc;
	wb_err_set(err, WB_EBUSY, "database \"%s\" is in use and was not dropped", name);
	wb_err_detail(err, "%s", who.n ? who.p : "its sessions have ended meanwhile");
	wb_err_hint(err, "close these sessions (`whimbrel locks --terminate PID` ends one), then run again");
	return WB_EBUSY;
}

static bool is_the_servers_own(const char *name)
{
	return !strcmp(name, "postgres") || !strcmp(name, "template0") || !strcmp(name, "template1");
}

/* Migrations may have made some on a scratch database, which nobody else will clear up. */
static int drop_subscriptions(const struct wb_open_options *o, struct wb_error *err)
{
	MAINTENANCE(o);
	int rc = wb_pg_connect(&c, NULL, err);
	return rc < 0 ? rc : wb_pg_do(&c, wb_pg_text(&c, WB_PG_SQL_SCRATCH_SUBSCRIPTIONS), err);
}

int wb_pg_drop_db(const struct wb_open_options *o, bool *ret_dropped, struct wb_error *err)
{
	MAINTENANCE(o);
	const char *name = NULL;
	bool there = false;
	struct wb_error why = { 0 };
	int rc = wb_pg_maintenance(&c, &name, err);
	if (rc == 0 && is_the_servers_own(name))
		return wb_err_set(err, WB_EREFUSED, "\"%s\" belongs to the server and is not dropped", name);
	if (rc == 0)
		rc = wb_pg_database_exists(&c, name, &there, err);
	if (rc == 0 && there) {
		rc = wb_pg_database_do(&c, "DROP DATABASE ", name, "", &why);
		if (wb_pg_is_state(&why, "55006") && wb_sv_starts(wb_sv_str(name), SCRATCH_PREFIX) &&
		    drop_subscriptions(o, &why) == 0) {
			why = (struct wb_error){ 0 };
			rc = wb_pg_database_do(&c, "DROP DATABASE ", name, "", &why);
		}
		if (wb_pg_is_state(&why, "55006"))
			return in_use(&c, name, err);
		if (rc < 0 && err)
			*err = why;
	}
	if (rc == 0)
		*ret_dropped = there;
	return rc;
}
