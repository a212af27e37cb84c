/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_drift: the database beside what it should be. No lock is taken, so that a
 * run is never kept waiting; a run that is under way is waited for, and when one
 * has begun while we looked, we look again.
 */
#include "schema.h"
#include "state/state.h"

#define ROUNDS 5 /* after so many runs in a row this is no moment to look */

struct drift_box {
	struct wb_drift pub; /* first */
	struct wb_arena arena;
	struct wb_schema *expected, *actual;
	struct wb_schema_comparison *comparison;
	struct wb_index_report *indexes;
};

static void drop_round(struct drift_box *b)
{
	wb_schema_comparison_free(b->comparison);
	wb_schema_free(b->actual);
	wb_schema_free(b->expected);
	b->comparison = NULL;
	b->actual = b->expected = NULL;
}

WB_API void wb_drift_free(struct wb_drift *drift)
{
	struct drift_box *b = (struct drift_box *)drift;
	if (!b)
		return;
	wb_index_report_free(b->indexes);
	drop_round(b);
	wb_arena_done(&b->arena);
	free(b);
}

/* ---- runs beside us ------------------------------------------------------------------- */

static int is_running(struct wb_context *c, bool *ret_running, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_lock_holder *v = NULL;
	size_t n = 0;
	int rc = wb_conn_lock_list(c->conn, c->o.project, &a, &v, &n, err);
	*ret_running = n > 0;
	return rc;
}

static int busy(struct wb_error *err)
{
	wb_err_set(err, WB_EBUSY, "migrations are running on this database");
	wb_err_hint(err, "wait for them to end (`whimbrel locks` shows who runs them), or wait longer with --timeout");
	return WB_EBUSY;
}

static int wait_for_run(struct wb_context *c, int64_t until, struct wb_error *err)
{
	bool running;
	for (;;) {
		int rc = is_running(c, &running, err);
		if (rc < 0 || !running)
			return rc;
		if (*c->stop)
			return wb_err_set(err, WB_ECANCELLED, "cancelled");
		if (wb_now_ms() >= until)
			return busy(err);
		wb_sleep_ms(200);
	}
}

static int take_id(void *user, const struct wb_row *row, struct wb_error *err)
{
	return wb_sv_i64(row->v[0], user) ? 0 : wb_err_set(err, WB_EBUG, "history_last gives no number");
}

/* Every run leaves a row in the history. -1: none has. */
static int newest_act(struct wb_context *c, int64_t *ret_id, struct wb_error *err)
{
	struct wb_journal j;
	*ret_id = -1;
	int rc = wb_journal_load(&c->target, true, &j, err);
	if (rc < 0)
		return rc;
	bool exists = j.exists;
	wb_journal_done(&j);
	return exists ? wb_query_named(c->conn, WB_SQL_HISTORY_LAST, NULL, 0, take_id, ret_id, NULL, err) : 0;
}

/* ---- one look ---------------------------------------------------------------------------- */

static int find_expected(struct wb_context *c, const struct wb_drift_options *o, struct drift_box *b,
			 struct wb_error *err)
{
	struct drift_expected e = { 0 };
	struct wb_schema_options so = o->schema;
	int rc = 0;
	so.size = sizeof(so);
	if (o->gate)
		rc = wb_newest_applied(c, &b->arena, &b->pub.version, err);
	if (rc == 0 && o->gate && !o->expected && !b->pub.version) {
		b->pub.origin = "nothing, since nothing has been applied";
		return wb_schema_read(c, NULL, &so, &b->expected, err);
	}
	if (rc == 0 && !o->expected) {
		rc = wb_drift_expected(c, o, &b->arena, &e, err);
		b->expected = e.schema;
		b->pub.origin = e.origin;
		b->pub.version = e.version;
		return rc;
	}
	if (rc == 0)
		rc = wb_newest_applied(c, &b->arena, &b->pub.version, err);
	if (rc == 0)
		rc = wb_schema_read(c, o->expected, &so, &b->expected, err);
	if (rc == 0)
		b->pub.origin = b->expected->origin;
	return rc;
}

static int look(struct wb_context *c, const struct wb_drift_options *o, struct drift_box *b, struct wb_error *err)
{
	struct wb_schema_options so = o->schema;
	so.size = sizeof(so);
	int rc = find_expected(c, o, b, err);
	if (rc == 0)
		rc = wb_schema_read(c, NULL, &so, &b->actual, err);
	return rc < 0 ? rc : wb_compare_schemas(b->expected, b->actual, true, &b->comparison, err);
}

static int look_until_quiet(struct wb_context *c, const struct wb_drift_options *o, struct drift_box *b,
			    struct wb_error *err)
{
	int64_t until = wb_now_ms() + (o->wait_ms ? o->wait_ms : 60000), before, after;
	for (int i = 0; i < ROUNDS; i++) {
		bool running = false;
		int rc = wait_for_run(c, until, err);
		if (rc == 0)
			rc = newest_act(c, &before, err);
		if (rc == 0)
			rc = look(c, o, b, err);
		if (rc == 0)
			rc = newest_act(c, &after, err);
		if (rc == 0)
			rc = is_running(c, &running, err);
		if (rc < 0 || (!running && before == after))
			return rc;
		drop_round(b);
	}
	return busy(err);
}

WB_API int wb_drift(struct wb_context *context, const struct wb_drift_options *options, struct wb_drift **ret_drift,
		    struct wb_error *err)
{
	struct wb_drift_options o;
	int rc = wb_take_options(&o, sizeof(o), options, "wb_drift_options", err);
	if (rc == 0)
		rc = wb_prepare(context, WB_NEED_CONN, err);
	if (rc < 0)
		return rc;
	struct drift_box *b = calloc(1, sizeof(*b));
	if (!b)
		return wb_err_nomem(err);
	b->arena = (struct wb_arena)WB_ARENA_INIT;
	rc = look_until_quiet(context, &o, b, err);
	if (rc == 0 && o.indexes)
		rc = wb_index_report(context, b->actual, &b->indexes, err);
	struct wb_filter filter = wb_schema_filter_of(&o.schema);
	if (rc == 0 && o.record)
		rc = wb_alerts_update(&context->target, wb_comparison_diff(b->comparison), &filter, &b->pub.opened,
				      &b->pub.resolved, err);
	if (rc < 0) {
		wb_drift_free(&b->pub);
		return rc;
	}
	b->pub.expected = b->expected;
	b->pub.actual = b->actual;
	b->pub.comparison = b->comparison;
	b->pub.indexes = b->indexes;
	*ret_drift = &b->pub;
	return 0;
}

/* ---- before a run ------------------------------------------------------------------------------ */

/* Of what a failed migration has done by half nobody expects anything; and only a kept snapshot tells. */
static int may_judge(struct wb_context *c, bool *ret_may, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_kept_snapshot kept = { 0 };
	struct wb_journal j;
	const char *version = NULL;
	bool found = false, half = false;
	int rc = wb_journal_load(&c->target, true, &j, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < j.n; i++)
		half |= j.v[i].state == WB_STATE_FAILED || j.v[i].state == WB_STATE_RUNNING;
	wb_journal_done(&j);
	rc = wb_newest_applied(c, &a, &version, err);
	if (rc == 0 && version && !half)
		rc = wb_snapshot_newest(&c->target, &a, &kept, &found, err);
	if (rc < 0)
		return rc;
	*ret_may = found && kept.version && !strcmp(kept.version, version);
	if (version && !half && !*ret_may)
		wb_log(&c->sink, WB_LOG_WARN,
		       "no snapshot was kept of version %s, so whether the schema has drifted is not known: "
		       "`whimbrel drift` runs the migrations again to see",
		       version);
	return 0;
}

#define NAMED 8 /* differences that an error names; `drift` shows them all */

static int refuse(const struct drift_box *b, struct wb_error *err)
{
	const struct wb_schema_comparison *c = b->comparison;
	wb_autostr names = WB_STR_INIT;
	for (size_t i = 0; i < c->n_differences && i < NAMED; i++) {
		const struct wb_schema_difference *d = &c->differences[i];
		wb_str_addf(&names, "%s%s %s: %s", i ? "; " : "", d->kind, d->object,
			    d->attribute ? d->attribute : d->type);
	}
	if (c->n_differences > NAMED)
		wb_str_addf(&names, "; and %zu more", c->n_differences - NAMED);
	wb_err_set(err, WB_EREFUSED, "the database has drifted: it differs from %s", b->pub.origin);
	wb_err_detail(err, "%s", names.p);
	wb_err_hint(err,
		    "nothing was run; `whimbrel drift` shows the differences and the SQL that undoes them, `whimbrel "
		    "drift --store` takes the schema as it is");
	return WB_EREFUSED;
}

int wb_drift_gate(struct wb_context *c, const struct wb_schema_options *o, bool *ret_judged, struct wb_error *err)
{
	struct wb_drift_options how = { .size = sizeof(how), .schema = *o };
	int rc = may_judge(c, ret_judged, err);
	if (rc < 0 || !*ret_judged)
		return rc;
	struct drift_box *b = calloc(1, sizeof(*b));
	if (!b)
		return wb_err_nomem(err);
	b->arena = (struct wb_arena)WB_ARENA_INIT;
	rc = look(c, &how, b, err);
	if (rc == 0 && b->comparison->n_differences)
		rc = refuse(b, err);
	wb_drift_free(&b->pub);
	return rc;
}

/* ---- keeping ------------------------------------------------------------------------------- */

int wb_drifted_since_snapshot(struct wb_context *c, bool *ret_drifted, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_schema_options o = { .size = sizeof(o) };
	struct wb_kept_snapshot kept = { 0 };
	struct wb_model *m = NULL;
	const char *version = NULL;
	char hash[65];
	bool found = false;
	int rc = wb_snapshot_newest(&c->target, &a, &kept, &found, err);
	*ret_drifted = false;
	if (rc == 0 && found)
		rc = wb_newest_applied(c, &a, &version, err);
	if (rc < 0 || !found || !version || !kept.version || strcmp(version, kept.version))
		return rc;
	rc = wb_schema_model(c, &o, &m, err);
	if (rc == 0)
		rc = wb_snapshot_hash(m, hash, err);
	*ret_drifted = rc == 0 && strcmp(hash, kept.hash);
	wb_model_free(m);
	return rc;
}

WB_API int wb_snapshot_store(struct wb_context *context, const struct wb_schema_options *options, struct wb_error *err)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_schema_options o;
	struct wb_model *m = NULL;
	const char *version = NULL;
	int rc = wb_take_options(&o, sizeof(o), options, "wb_schema_options", err);
	if (rc == 0)
		rc = wb_schema_model(context, &o, &m, err);
	if (rc == 0)
		rc = wb_newest_applied(context, &a, &version, err);
	if (rc == 0)
		rc = wb_snapshot_keep(&context->target, m, version, err);
	wb_model_free(m);
	return rc;
}
