/* SPDX-License-Identifier: Apache-2.0
 *
 * The public call for transformations.
 */
#include "context.h"
#include "transform/transform.h"

WB_API int wb_transform(struct wb_context *context, const struct wb_transform_rule *rules, size_t n_rules,
			const struct wb_transform_options *options, struct wb_transform_result **ret_result,
			struct wb_error *err)
{
	struct wb_transform_options o;
	struct wb_transform_result *result = NULL;
	struct wb_error scratch = { 0 };
	err = err ? err : &scratch;
	int rc = wb_take_options(&o, sizeof(o), options, "wb_transform_options", err);
	unsigned needs = WB_NEED_CONN;
	if (rc == 0 && o.wait_ms)
		rc = wb_wait_for(context, needs, o.wait_ms, err);
	if (rc == 0)
		rc = wb_prepare(context, needs, err);
	if (rc == 0)
		rc = wb_transform_run(&context->target, rules, n_rules, &o, &result, err);
	if (rc == WB_ECANCELLED)
		*context->stop = 0; /* what was asked to stop has stopped */
	if (ret_result)
		*ret_result = result;
	else if (result)
		wb_transform_result_free(result);
	return rc;
}
