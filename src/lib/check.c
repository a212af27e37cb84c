/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_check_run: a suite against the context's database, on connections that can
 * only read.
 */
#include "context.h"

#include "check/check.h"

struct place {
	struct wb_context *c;
	struct wb_sink silent; /* listeners know nothing of threads */
	bool beside; /* several connections are at work at once */
	int64_t renew_ms; /* the run's lease */
};

static int connect(void *user, struct wb_conn **ret_conn, struct wb_error *err)
{
	struct place *p = user;
	struct wb_open_options o = wb_context_open_options(p->c);
	int rc;
	if (p->c->o.sqlite_handle) {
		rc = wb_prepare(p->c, WB_NEED_CONN, err);
		*ret_conn = rc < 0 ? NULL : p->c->conn;
		return rc;
	}
	o.read_only = true;
	if (p->beside)
		o.sink = &p->silent;
	return wb_conn_open(p->c->driver, &o, ret_conn, err);
}

static void close_conn(void *user, struct wb_conn *conn)
{
	struct place *p = user;
	if (conn != p->c->conn)
		wb_conn_close(conn);
}

static struct wb_check_place place_of(struct place *p)
{
	struct wb_context *c = p->c;
	return (struct wb_check_place){ .driver = c->driver,
					.connect = connect,
					.close = close_conn,
					.user = p,
					.stop = c->stop,
					.url = c->has_url ? c->url.text : NULL };
}

/* The run waits for us, and its connection is idle. */
static int keep_lock(void *user, struct wb_error *err)
{
	struct place *p = user;
	return wb_lock_keep(&p->c->target, &p->renew_ms, err);
}

/* under_lock: within a run. */
static int run_suite(struct wb_context *context, const struct wb_check_suite *suite,
		     const struct wb_check_options *options, bool under_lock, struct wb_check_report **ret_report,
		     struct wb_error *err)
{
	struct place p = { .c = context };
	struct wb_check_options o;
	int rc = wb_take_options(&o, sizeof(o), options, "wb_check_options", err);
	if (rc < 0)
		return rc;
	if (!context->has_url && !context->o.sqlite_handle)
		return wb_err_set(err, WB_EUSAGE, "no database was given");
	if (context->o.sqlite_handle)
		o.jobs = 1;
	p.beside = o.jobs > 1;
	rc = wb_need_driver(context, err);
	if (rc < 0)
		return rc;
	struct wb_check_place place = place_of(&p);
	place.keep = under_lock ? keep_lock : NULL;
	rc = wb_check_at(&place, suite, &o, ret_report, err);
	if (rc == WB_ECANCELLED)
		*context->stop = 0;
	return rc;
}

WB_API int wb_check_run(struct wb_context *context, const struct wb_check_suite *suite,
			const struct wb_check_options *options, struct wb_check_report **ret_report,
			struct wb_error *err)
{
	return run_suite(context, suite, options, false, ret_report, err);
}

/* ---- around runs, and in sections --------------------------------------------------------------- */

static bool is_bad(const struct wb_check_issue *i)
{
	return i->severity >= WB_CHECK_ERROR;
}

/* What has failed, as far as an error has room. */
static int judge(struct wb_context *c, const struct wb_check_report *r, struct wb_error *err)
{
	wb_autostr all = WB_STR_INIT;
	size_t n = 0;
	for (size_t i = 0; i < r->n_issues; i++) {
		const struct wb_check_issue *issue = &r->issues[i];
		if (issue->outcome == WB_CHECK_FAILED && !is_bad(issue))
			wb_log(&c->sink, WB_LOG_WARN, "%s: %s", issue->check_name, issue->message);
		if (!is_bad(issue))
			continue;
		wb_str_addf(&all, "%s%s: %s", n++ ? "; " : "", issue->check_name, issue->message);
	}
	if (n == 0)
		return 0;
	wb_err_set(err, WB_ENO, "the suite \"%s\" has failed", r->suite->name);
	wb_err_detail(err, "%s", all.p);
	return WB_ENO;
}

int wb_check_gate(struct wb_context *c, const struct wb_check_suite *const *v, size_t n, int code, struct wb_error *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct wb_check_report *r = NULL;
		rc = run_suite(c, v[i], NULL, true, &r, err);
		if (rc == 0)
			rc = judge(c, r, err);
		if (rc == WB_ENO)
			wb_err_hint(err, "`whimbrel check %s` shows all of it", v[i]->file ? v[i]->file : v[i]->name);
		if (rc == WB_ENO && err)
			err->code = code;
		rc = rc == WB_ENO ? code : rc;
		wb_check_report_done(r);
	}
	return rc;
}

static int read_section(struct wb_context *c, const char *file, const char *suite, struct wb_arena *a,
			const struct wb_check_suite **ret_suite, struct wb_texts *ret_groups, struct wb_error *err)
{
	const char *path = NULL;
	int rc = wb_beside(a, file, suite, &path, ret_groups, err);
	if (rc == 0 && !c->load_suite)
		rc = wb_err_set(err, WB_EUNSUPPORTED, "nothing was given that reads the suite %s", suite);
	return rc == 0 ? c->load_suite(c->load_user, path, ret_suite, err) : rc;
}

int wb_check_section_valid(struct wb_context *c, const char *file, const char *suite, struct wb_error *err)
{
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct wb_check_options o = { .size = sizeof(o) };
	const struct wb_check_suite *s = NULL;
	int rc = read_section(c, file, suite, &a, &s, &o.groups, err);
	if (rc == 0)
		rc = wb_check_suite_valid(s, c->dialect, err);
	return rc == 0 ? wb_check_groups(s, &o, err) : rc;
}

int wb_check_section(void *context, const char *file, const char *suite, struct wb_conn *conn, struct wb_error *err)
{
	struct wb_context *c = context;
	WB_CLEANUP(wb_arena_done) struct wb_arena a = WB_ARENA_INIT;
	struct wb_check_options o = { .size = sizeof(o) };
	const struct wb_check_suite *s = NULL;
	struct wb_check_report *r = NULL;
	int rc = read_section(c, file, suite, &a, &s, &o.groups, err);
	struct place p = { .c = c };
	struct wb_check_place place = place_of(&p);
	/* Behind a pooler a connection that asks for long could not renew the lease; what is not committed is seen by
	 * no other. */
	if (conn->in_transaction || !conn->pooled)
		place.inside = conn;
	else
		place.keep = keep_lock;
	if (rc == 0)
		rc = wb_check_at(&place, s, &o, &r, err);
	if (rc == 0)
		rc = judge(c, r, err);
	wb_check_report_done(r);
	return rc;
}

WB_API void wb_check_report_free(struct wb_check_report *report)
{
	wb_check_report_done(report);
}
