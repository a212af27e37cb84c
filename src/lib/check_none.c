/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of check.c where the library is built for embedding: an application
 * that brings its own database has no suites to run against it.
 */
#include "context.h"

#include <whimbrel/check.h>

WB_API int wb_check_run(struct wb_context *context, const struct wb_check_suite *suite,
			const struct wb_check_options *options, struct wb_check_report **ret_report,
			struct wb_error *err)
{
	(void)context, (void)suite, (void)options, (void)ret_report;
	wb_err_set(err, WB_EUNSUPPORTED, "this build does not run suites of checks");
	wb_err_hint(err, "it was made for embedding; use a whole libwhimbrel");
	return WB_EUNSUPPORTED;
}

WB_API void wb_check_report_free(struct wb_check_report *report)
{
	(void)report;
}

WB_API const char *wb_check_kind_name(enum wb_check_kind kind)
{
	(void)kind;
	return "";
}

WB_API const char *wb_check_kind_values(enum wb_check_kind kind)
{
	(void)kind;
	return NULL;
}

WB_API const char *wb_check_severity_name(enum wb_check_severity severity)
{
	(void)severity;
	return "";
}

WB_API const char *wb_check_outcome_name(enum wb_check_outcome outcome)
{
	(void)outcome;
	return "";
}

int wb_check_gate(struct wb_context *c, const struct wb_check_suite *const *v, size_t n, int code, struct wb_error *err)
{
	(void)v, (void)code;
	return n ? wb_check_run(c, NULL, NULL, NULL, err) : 0;
}

int wb_check_section(void *context, const char *file, const char *suite, struct wb_conn *conn, struct wb_error *err)
{
	(void)file, (void)suite, (void)conn;
	return wb_check_run(context, NULL, NULL, NULL, err);
}

int wb_check_section_valid(struct wb_context *c, const char *file, const char *suite, struct wb_error *err)
{
	(void)file, (void)suite;
	return wb_check_run(c, NULL, NULL, NULL, err);
}
