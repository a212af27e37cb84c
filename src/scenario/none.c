/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of all of it where the library is built for embedding: an application
 * that brings its own database tests no migrations.
 */
#include <whimbrel/test.h>

#include "base/base.h"

WB_API int wb_test_run(struct wb_context *context, const struct wb_test_options *options,
		       struct wb_test_report **ret_report, struct wb_error *err)
{
	(void)context, (void)options, (void)ret_report;
	return wb_err_set(err, WB_EUNSUPPORTED, "this build of the library tests no migrations");
}

WB_API void wb_test_report_free(struct wb_test_report *report)
{
	(void)report;
}

WB_API int wb_test_parse_sql(struct wb_context *context, const char *path, const char *text, size_t size,
			     struct wb_test_file **ret_file, struct wb_error *err)
{
	(void)context, (void)path, (void)text, (void)size, (void)ret_file;
	return wb_err_set(err, WB_EUNSUPPORTED, "this build of the library tests no migrations");
}

WB_API void wb_test_file_free(struct wb_test_file *file)
{
	(void)file;
}

WB_API const char *wb_test_act_name(enum wb_test_act act)
{
	(void)act;
	return "";
}

WB_API const char *wb_test_outcome_name(enum wb_test_outcome outcome)
{
	(void)outcome;
	return "";
}
