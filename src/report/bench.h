/* SPDX-License-Identifier: Apache-2.0
 *
 * Pieces of the report of a benchmark. For this room only.
 */
#ifndef WB_REPORT_BENCH_H
#define WB_REPORT_BENCH_H

#include "report/report.h"

/* All of it, with the time of every run: what --save keeps. */
int wb_bench_json(struct wb_out *out, const struct wb_bench_report *r, struct wb_error *err) WB_MUST_USE;
/* What there is to say of a query besides its numbers. */
void wb_bench_remarks(struct wb_str *out, const struct wb_bench_result *r);

#endif
