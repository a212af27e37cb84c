/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of indexes.c where a library is to be small.
 */
#include "schema.h"

WB_API int wb_index_report(struct wb_context *context, const struct wb_schema *schema,
			   struct wb_index_report **ret_report, struct wb_error *err)
{
	(void)context;
	(void)schema;
	(void)ret_report;
	return wb_err_set(err, WB_EUNSUPPORTED, "this build says nothing about indexes");
}

WB_API void wb_index_report_free(struct wb_index_report *report)
{
	(void)report;
}
