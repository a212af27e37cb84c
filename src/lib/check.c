/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_check_run: a suite against the context's database, on connections that can
 * only read.
 */
#include "check.h"

struct place {
	struct wb_context *c;
	struct wb_sink silent; /* listeners know nothing of threads */
	bool beside; /* several connections are at work at once */
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

int wb_check_inside(struct wb_context *c, struct wb_conn *conn, const struct wb_check_suite *suite,
		    const struct wb_check_options *options, struct wb_check_report **ret_report, struct wb_error *err)
{
	struct place p = { .c = c };
	struct wb_check_place place = place_of(&p);
	place.inside = conn;
	return wb_check_at(&place, suite, options, ret_report, err);
}

WB_API int wb_check_run(struct wb_context *context, const struct wb_check_suite *suite,
			const struct wb_check_options *options, struct wb_check_report **ret_report,
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
	rc = wb_check_at(&place, suite, &o, ret_report, err);
	if (rc == WB_ECANCELLED)
		*context->stop = 0;
	return rc;
}

WB_API void wb_check_report_free(struct wb_check_report *report)
{
	wb_check_report_done(report);
}
