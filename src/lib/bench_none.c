/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of bench.c where the library is built for embedding: an application
 * that brings its own database has no suites to run against it.
 */
#include "context.h"

#include <whimbrel/bench.h>

WB_API int wb_bench_run(struct wb_context *context, const struct wb_bench_suite *suite,
			const struct wb_bench_options *options, struct wb_bench_report **ret_report,
			struct wb_error *err)
{
	(void)context, (void)suite, (void)options, (void)ret_report;
	wb_err_set(err, WB_EUNSUPPORTED, "this build does not run benchmarks");
	wb_err_hint(err, "it was made for embedding; use a whole libwhimbrel");
	return WB_EUNSUPPORTED;
}

WB_API void wb_bench_report_free(struct wb_bench_report *report)
{
	(void)report;
}

WB_API const char *wb_bench_verdict_name(enum wb_bench_verdict verdict)
{
	(void)verdict;
	return "";
}
