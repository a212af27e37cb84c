/* SPDX-License-Identifier: Apache-2.0
 *
 * A library for an embedding application alone transforms nothing.
 */
#include "context.h"

WB_API int wb_transform(struct wb_context *context, const struct wb_transform_rule *rules, size_t n_rules,
			const struct wb_transform_options *options, struct wb_transform_result **ret_result,
			struct wb_error *err)
{
	(void)context, (void)rules, (void)n_rules, (void)options, (void)ret_result;
	return wb_err_set(err, WB_EUNSUPPORTED, "this build of the library has no transformations");
}

WB_API void wb_transform_result_free(struct wb_transform_result *result)
{
	(void)result;
}
