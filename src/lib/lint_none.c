/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of lint.c where the library is built for embedding: an application
 * that brings its own migrations has linted them before.
 */
#include "context.h"

#include <whimbrel/lint.h>

WB_API size_t wb_lint_rules(void)
{
	return 0;
}

WB_API void wb_lint_rule(size_t number, struct wb_lint_rule *ret_rule)
{
	(void)number, (void)ret_rule;
}

WB_API bool wb_lint_rule_find(const char *id, struct wb_lint_rule *ret_rule)
{
	(void)id, (void)ret_rule;
	return false;
}

WB_API int wb_lint(struct wb_context *context, const struct wb_lint_options *options, struct wb_lint **ret_lint,
		   struct wb_error *err)
{
	(void)context, (void)options, (void)ret_lint;
	wb_err_set(err, WB_EUNSUPPORTED, "this build does not lint");
	wb_err_hint(err, "it was made for embedding; use a whole libwhimbrel");
	return WB_EUNSUPPORTED;
}

WB_API void wb_lint_free(struct wb_lint *lint)
{
	(void)lint;
}
