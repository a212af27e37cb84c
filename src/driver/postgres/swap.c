/* SPDX-License-Identifier: Apache-2.0
 *
 * The scratch database takes the real one's name, in one transaction: sessions
 * are ended, the old database gets another name, the new one its own. While the
 * server holds the lock for a rename nobody can connect; whoever was faster
 * than that is ended by the next try. Killed at any moment, either both names
 * have changed or none.
 */
#include "driver/postgres/dump.h"

#include <stdio.h>

#include "base/banned.h"

#define TRIES 20

/* "app_before_restore_20261121_101500", and a number where that is taken; names of the server end after 63 bytes. */
static int kept_name(struct wb_pg_scratch *s, struct wb_arena *a, const char **ret_name, struct wb_error *err)
{
	char date[9], time[7];
	struct wb_sv head = wb_sv_head(wb_sv_str(s->real), 63 - strlen("_before_restore_YYYYMMDD_HHMMSS_99"));
	bool taken = true;
	int rc = 0;
	wb_time_compact(wb_wall_us(), date, time);
	for (int i = 1; rc == 0 && taken; i++) {
		char number[16] = "";
		if (i > 1)
			(void)snprintf(number, sizeof(number), "_%d", i);
		*ret_name = wb_arena_printf(a, "%.*s_before_restore_%s_%s%s", WB_SV_ARG(head), date, time, number);
		rc = *ret_name ? wb_pg_database_exists(&s->m, *ret_name, &taken, err) : wb_err_nomem(err);
	}
	return rc;
}

static const char *rename_sql(struct wb_arena *a, const char *from, const char *to)
{
	wb_autostr sql = WB_STR_INIT;
	wb_str_add(&sql, "ALTER DATABASE ");
	wb_quote_ident(&sql, wb_sv_str(from));
	wb_str_add(&sql, " RENAME TO ");
	wb_quote_ident(&sql, wb_sv_str(to));
	return sql.failed ? NULL : wb_arena_sv(a, wb_str_sv(&sql));
}

/* Sent at once, so that there is no time for a new session between the end of the old ones and the lock. */
static int try_swap(struct wb_pg_scratch *s, const char *away, const char *in, struct wb_error *err)
{
	struct wb_value real = wb_v_text(s->real);
	struct wb_query q[] = {
		{ .sql = WB_SV("BEGIN") },
		{ .sql = wb_sv_str(wb_pg_text(&s->m, WB_PG_SQL_SESSIONS_END)), .params = &real, .n_params = 1 },
		{ .sql = wb_sv_str(away) },
		{ .sql = wb_sv_str(in) },
		{ .sql = WB_SV("COMMIT") },
	};
	struct wb_error ignored;
	size_t done, offset;
	if (!q[1].sql.p)
		return wb_err_nomem(err);
	int rc = wb_pg_run(&s->m.base, q, WB_ARRAY_LEN(q), &done, &offset, err);
	if (rc < 0 && wb_pg_rollback(&s->m.base, &ignored) < 0)
		return rc;
	return rc;
}

static int swap(struct wb_pg_scratch *s, const char *away, const char *in, struct wb_error *err)
{
	struct wb_error why = { 0 };
	struct wb_retry retry;
	int rc;
	wb_retry_init(&retry, 10, 200, -1, TRIES);
	for (;;) {
		rc = try_swap(s, away, in, &why);
		int64_t wait = rc == WB_ESQL && wb_pg_is_state(&why, "55006") ? wb_retry_next(&retry) : -1;
		if (wait < 0)
			break;
		wb_sleep_ms(wait);
	}
	if (rc == WB_EPRIVILEGE)
		wb_err_hint(&why, "the role must own the database, and may end its sessions (pg_signal_backend)");
	else if (rc == WB_ESQL && wb_pg_is_state(&why, "55006"))
		wb_err_hint(&why, "stop what connects to it again and again, end prepared transactions, and run again");
	if (rc < 0 && err)
		*err = why;
	return rc;
}

static int replace(struct wb_pg_scratch *s, struct wb_conn *old, struct wb_arena *a, const char **ret_kept,
		   struct wb_error *err)
{
	const char *kept = NULL;
	struct wb_error why;
	int rc = kept_name(s, a, &kept, err);
	const char *away = rc == 0 ? rename_sql(a, s->real, kept) : NULL, *in = rename_sql(a, s->name, s->real);
	if (rc == 0)
		rc = away && in ? swap(s, away, in, err) : wb_err_nomem(err);
	if (rc < 0)
		return rc;
	s->created = false;
	if (old)
		old->lost = true; /* its session was ended with the others */
	if (ret_kept)
		*ret_kept = kept;
	else if (wb_pg_database_do(&s->m, "DROP DATABASE ", kept, "", &why) < 0)
		wb_log(s->m.base.options.sink, WB_LOG_WARN, "the old database is still there as %s: %s", kept,
		       why.message);
	return 0;
}

int wb_pg_scratch_swap(struct wb_scratch *scratch, struct wb_conn *old, struct wb_arena *a, const char **ret_kept,
		       struct wb_error *err)
{
	struct wb_pg_scratch *s = (struct wb_pg_scratch *)scratch;
	bool there = false;
	int rc = wb_pg_database_exists(&s->m, s->real, &there, err);
	if (rc == 0 && there)
		return replace(s, old, a, ret_kept, err);
	const char *in = rc == 0 ? rename_sql(a, s->name, s->real) : NULL;
	if (rc == 0)
		rc = in ? wb_pg_do(&s->m, in, err) : wb_err_nomem(err);
	s->created = s->created && rc < 0;
	return rc;
}
