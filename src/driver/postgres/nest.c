/* SPDX-License-Identifier: Apache-2.0
 *
 * Databases on which things are tried out, side by side. All those of a nest
 * begin with its prefix, on which an advisory lock lies in the maintenance
 * database for as long as the nest's owner lives: what has a prefix that
 * nobody holds was left by a run that was killed. A copy is made by the server,
 * from a template in which nobody may be.
 */
#include "driver/postgres/dump.h"

#include <stdio.h>

#include "base/banned.h"

#define EVERY_NEST "whimbrel_test_"
#define ID_DIGITS 32
#define COPY_WAIT_MS 10000

struct nest {
	struct wb_nest base; /* first: what the caller gets */
	struct wb_pg m; /* beside the databases; its advisory lock says that we live */
	struct wb_url url; /* of the real database, for those of others beside it */
	bool owner;
};

static struct nest *nest_of(struct wb_nest *n)
{
	return (struct nest *)n;
}

/* ---- names -------------------------------------------------------------------------- */

struct names {
	struct wb_arena arena;
	WB_VEC(const char *) v;
};

static int take_name(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct names *n = user;
	const char *name = wb_arena_sv(&n->arena, row->v[0]);
	return name && wb_vec_push(&n->v, name) ? 0 : wb_err_nomem(err);
}

static void names_done(struct names *n)
{
	wb_vec_done(&n->v);
	wb_arena_done(&n->arena);
}

static int list(struct nest *n, const char *start, struct names *ret_names, struct wb_error *err)
{
	struct wb_value p = wb_v_text(start);
	return wb_pg_ask(&n->m, WB_PG_SQL_NEST_LIST, &p, 1, take_name, ret_names, err);
}

/* ---- removing ------------------------------------------------------------------------- */

static int drop(struct nest *n, const char *name, struct wb_error *err)
{
	struct wb_value p = wb_v_text(name);
	struct wb_error why = { 0 };
	struct wb_retry retry;
	int64_t wait;
	int rc;
	wb_retry_init(&retry, 20, 200, COPY_WAIT_MS, 0);
	do {
		rc = wb_pg_ask(&n->m, WB_PG_SQL_SESSIONS_END, &p, 1, NULL, NULL, &why);
		if (rc == 0)
			rc = wb_pg_scratch_drop(&n->m, name, false, &why);
		/* Ended sessions take a moment to go; older servers cannot throw them out. */
		wait = rc < 0 && wb_pg_is_state(&why, "55006") ? wb_retry_next(&retry) : -1;
		if (wait >= 0)
			wb_sleep_ms(wait);
	} while (wait >= 0);
	if (rc < 0 && err)
		*err = why;
	return rc;
}

/* "whimbrel_test_<id>_name": the prefix ends after the id. A name without an id is somebody's own. */
static bool prefix_of(const char *name, char out[128])
{
	const char *id = name + strlen(EVERY_NEST);
	return strspn(id, "0123456789abcdef") == ID_DIGITS && id[ID_DIGITS] == '_' &&
	       wb_sv_copy(wb_sv(name, strlen(EVERY_NEST) + ID_DIGITS + 1), out, 128);
}

/* What cannot be removed (another role's) is left to who may. */
static int sweep(struct nest *n, struct wb_error *err)
{
	WB_CLEANUP(names_done) struct names found = { .arena = WB_ARENA_INIT };
	int rc = list(n, EVERY_NEST, &found, err);
	for (size_t i = 0; rc == 0 && i < found.v.n; i++) {
		char prefix[128];
		bool dead = false;
		struct wb_error why;
		if (!prefix_of(found.v.v[i], prefix))
			continue;
		rc = wb_pg_scratch_lock(&n->m, prefix, &dead, err);
		if (rc == 0 && dead && drop(n, found.v.v[i], &why) < 0)
			wb_log(n->m.base.options.sink, WB_LOG_INFO,
			       "the scratch database %s of an earlier run was not removed: %s", found.v.v[i],
			       why.message);
	}
	return rc;
}

static void remove_all(struct nest *n)
{
	WB_CLEANUP(names_done) struct names found = { .arena = WB_ARENA_INIT };
	struct wb_error why;
	int rc = list(n, n->base.prefix, &found, &why);
	for (size_t i = 0; rc == 0 && i < found.v.n; i++) {
		if (drop(n, found.v.v[i], &why) < 0)
			wb_log(n->m.base.options.sink, WB_LOG_WARN,
			       "the scratch database %s is left for the next run: %s", found.v.v[i], why.message);
	}
	if (rc < 0)
		wb_log(n->m.base.options.sink, WB_LOG_WARN, "scratch databases are left for the next run: %s",
		       why.message);
}

/* ---- the nest --------------------------------------------------------------------------- */

/* What a lock of the session is to tell, it does not where sessions are lent. */
static int check_pooler(struct nest *n, struct wb_error *err)
{
	int rc = wb_pg_session_start(&n->m, err);
	if (rc < 0 || !n->m.base.pooled)
		return rc;
	wb_err_set(err, WB_EUNSUPPORTED, "nothing can be tried out through a transaction pooler");
	wb_err_hint(err, "give direct_url, an address past the pooler");
	return WB_EUNSUPPORTED;
}

static int open_nest(struct nest *n, const struct wb_nest_options *o, struct wb_error *err)
{
	const char *real;
	bool ours = false;
	(void)snprintf(n->base.prefix, sizeof(n->base.prefix), EVERY_NEST "%.32s_", o->id);
	int rc = wb_pg_maintenance(&n->m, &real, err);
	if (rc < 0 || o->guest)
		return rc;
	rc = check_pooler(n, err);
	if (rc < 0)
		return rc;
	rc = wb_pg_scratch_lock(&n->m, n->base.prefix, &ours, err);
	if (rc == 0 && !ours)
		rc = wb_err_set(err, WB_EBUSY, "another run has the scratch databases %s", n->base.prefix);
	n->owner = ours;
	return rc < 0 ? rc : sweep(n, err);
}

int wb_pg_nest_open(const struct wb_nest_options *o, struct wb_nest **ret_nest, struct wb_error *err)
{
	struct nest *n = calloc(1, sizeof(*n));
	if (!n)
		return wb_err_nomem(err);
	n->m = (struct wb_pg){ .base = { .options = *o->real }, .text = WB_STR_INIT, .tx_lock_timeout_ms = -1 };
	n->m.base.options.monitor = true;
	n->url = *o->real->url;
	int rc = open_nest(n, o, err);
	if (rc < 0)
		wb_pg_nest_close(&n->base);
	else
		*ret_nest = &n->base;
	return rc;
}

static int create(struct nest *n, const char *name, const char *from, struct wb_error *err)
{
	wb_autostr after = WB_STR_INIT;
	if (from) {
		wb_str_add(&after, " TEMPLATE ");
		wb_quote_ident(&after, wb_sv_str(from));
	}
	return after.failed ? wb_err_nomem(err) : wb_pg_database_do(&n->m, "CREATE DATABASE ", name, after.p, err);
}

int wb_pg_nest_make(struct wb_nest *nest, const char *name, const char *from, struct wb_error *err)
{
	struct nest *n = nest_of(nest);
	char full[192], source[192];
	struct wb_error why = { 0 };
	struct wb_retry retry;
	int64_t wait;
	int rc;
	(void)snprintf(full, sizeof(full), "%s%s", n->base.prefix, name);
	(void)snprintf(source, sizeof(source), "%s%s", n->base.prefix, from ? from : "");
	wb_retry_init(&retry, 20, 200, COPY_WAIT_MS, 0);
	do {
		rc = create(n, full, from ? source : NULL, &why);
		/* Whoever was in the template has gone, but its server process takes a moment. */
		wait = rc < 0 && wb_pg_is_state(&why, "55006") ? wb_retry_next(&retry) : -1;
		if (wait >= 0)
			wb_sleep_ms(wait);
	} while (wait >= 0);
	if (rc == WB_EPRIVILEGE)
		wb_err_hint(&why,
			    "the role needs CREATEDB: ALTER ROLE ... CREATEDB; or pass --scratch-url: a server on "
			    "which databases may be made");
	if (rc < 0 && err)
		*err = why;
	return rc;
}

int wb_pg_nest_remove(struct wb_nest *nest, const char *name, struct wb_error *err)
{
	char full[192];
	(void)snprintf(full, sizeof(full), "%s%s", nest->prefix, name);
	return drop(nest_of(nest), full, err);
}

char *wb_pg_nest_url(const struct wb_nest *nest, struct wb_arena *a, const char *name)
{
	const struct nest *n = (const struct nest *)nest;
	char full[192];
	(void)snprintf(full, sizeof(full), "%s%s", nest->prefix, name);
	return wb_url_with_database(a, &n->url, full);
}

void wb_pg_nest_close(struct wb_nest *nest)
{
	struct nest *n = nest_of(nest);
	if (!n)
		return;
	n->m.deaf = true; /* what made us stop must not stop the clearing up */
	if (n->owner)
		remove_all(n);
	wb_pg_close(&n->m.base);
	free(n);
}
