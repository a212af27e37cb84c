/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_bench_run: queries against the context's database, and beside it against
 * another one where that is asked for.
 */
#include "context.h"

#include "bench/bench.h"

struct place {
	struct wb_context *c, *before;
	struct wb_sink silent; /* each run would be told; and listeners know nothing of threads */
};

static int connect(void *user, enum wb_bench_side side, bool write, struct wb_conn **ret_conn, struct wb_error *err)
{
	struct place *p = user;
	struct wb_context *c = side == WB_BENCH_BEFORE ? p->before : p->c;
	int rc;
	if (c->o.sqlite_handle) {
		rc = wb_prepare(c, WB_NEED_CONN, err);
		*ret_conn = rc < 0 ? NULL : c->conn;
		return rc;
	}
	struct wb_open_options o = wb_context_open_options(c);
	o.read_only = !write;
	o.sink = &p->silent;
	return wb_conn_open(c->driver, &o, ret_conn, err);
}

static void close_conn(void *user, struct wb_conn *conn)
{
	struct place *p = user;
	if (conn != p->c->conn)
		wb_conn_close(conn);
}

/* Before and after are of one engine: their texts are. */
static int open_before(struct place *p, const char *url, struct wb_error *err)
{
	int rc = wb_open_like(p->c, url, &p->before, err);
	if (rc == 0)
		rc = wb_need_driver(p->before, err);
	if (rc == 0 && p->before->driver->dialect != p->c->driver->dialect)
		rc = wb_err_set(err, WB_EUSAGE, "the two databases are of different engines");
	return rc;
}

WB_API int wb_bench_run(struct wb_context *context, const struct wb_bench_suite *suite,
			const struct wb_bench_options *options, struct wb_bench_report **ret_report,
			struct wb_error *err)
{
	struct place p = { .c = context };
	struct wb_bench_options o;
	int rc = wb_take_options(&o, sizeof(o), options, "wb_bench_options", err);
	if (rc < 0)
		return rc;
	if (!context->has_url && !context->o.sqlite_handle)
		return wb_err_set(err, WB_EUSAGE, "no database was given");
	if (o.against && o.against_url)
		return wb_err_set(err, WB_EUSAGE, "it can be compared with one thing only");
	if (o.rate > 0 && (o.against || o.against_url))
		return wb_err_set(err, WB_EUSAGE, "what is measured under load is not compared");
	rc = wb_need_driver(context, err);
	if (rc == 0 && o.against_url)
		rc = open_before(&p, o.against_url, err);
	if (rc == 0 && o.against_url)
		o.against_name = wb_safe_url(p.before);
	const struct wb_bench_place place = { .driver = context->driver,
					      .connect = connect,
					      .close = close_conn,
					      .user = &p,
					      .alone = context->o.sqlite_handle != NULL,
					      .stop = context->stop };
	if (rc == 0)
		rc = wb_bench_at(&place, suite, &o, ret_report, err);
	wb_close(p.before);
	if (rc == WB_ECANCELLED)
		*context->stop = 0;
	return rc;
}

WB_API void wb_bench_report_free(struct wb_bench_report *report)
{
	wb_bench_report_done(report);
}
