/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of advise.c where the library is built for embedding.
 */
#include "context.h"

static int none(struct wb_error *err)
{
	wb_err_set(err, WB_EUNSUPPORTED, "this build of the library gives no advice");
	wb_err_hint(err, "it was made for embedding; use a whole libwhimbrel");
	return WB_EUNSUPPORTED;
}

WB_API int wb_advise(struct wb_context *context, const struct wb_bench_suite *suite,
		     const struct wb_advise_options *options, struct wb_advice **ret_advice, struct wb_error *err)
{
	(void)context, (void)suite, (void)options, (void)ret_advice;
	return none(err);
}

WB_API void wb_advice_free(struct wb_advice *advice)
{
	(void)advice;
}

WB_API int wb_optimize(struct wb_context *context, const struct wb_bench_suite *suite,
		       const struct wb_optimize_options *options, struct wb_optimization **ret_result,
		       struct wb_error *err)
{
	(void)context, (void)suite, (void)options, (void)ret_result;
	return none(err);
}

WB_API void wb_optimization_free(struct wb_optimization *result)
{
	(void)result;
}
