/* SPDX-License-Identifier: Apache-2.0
 *
 * The trace decorator: one line per statement on its way out, one line per call
 * with its duration. Parameters never appear; statements are cut, and their
 * blanks squeezed so that a line stays a line.
 */
#include "driver/decorate.h"

#define SQL_SHOWN 200

/* Appends at most SQL_SHOWN bytes, whole characters only, on one line. */
static void add_sql(struct wb_str *out, struct wb_sv sql)
{
	struct wb_sv shown = wb_sv_head(sql, SQL_SHOWN);
	bool blank = false;
	size_t i;

	for (i = 0; i < shown.n; i++) {
		bool is_blank = (unsigned char)shown.p[i] <= ' ';

		if (!is_blank || !blank)
			wb_str_addc(out, is_blank ? ' ' : shown.p[i]);
		blank = is_blank;
	}
	if (shown.n < sql.n)
		wb_str_add(out, "…");
}

void wb_trace_enter(struct wb_conn *c, struct wb_call *call)
{
	size_t i;

	c->calls++;
	if (!wb_logs(c->options.sink, WB_LOG_TRACE))
		return;
	call->start_us = wb_now_us();
	for (i = 0; i < call->n; i++) {
		wb_autostr text = WB_STR_INIT;

		add_sql(&text, call->q[i].sql);
		wb_log(c->options.sink, WB_LOG_TRACE, "%s: call %llu %s %zu/%zu: %s", c->driver->name,
		       (unsigned long long)c->calls, call->name, i + 1, call->n, text.p);
	}
}

void wb_trace_leave(struct wb_conn *c, const struct wb_call *call, int rc)
{
	if (!call->start_us)
		return;
	wb_log(c->options.sink, WB_LOG_TRACE, "%s: call %llu %s: %s, %.3f ms", c->driver->name,
	       (unsigned long long)c->calls, call->name, wb_code_name(rc),
	       (double)(wb_now_us() - call->start_us) / 1000.0);
}
