/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of plan_effects.c in the library for embedding: what steps do to
 * others is not known there.
 */
#include "plan.h"

#include <whimbrel/schema.h>

int wb_plan_read(struct planning *p, struct wb_sv statement, struct wb_operations *ret_ops)
{
	(void)p;
	(void)statement;
	(void)ret_ops;
	return 0;
}

int wb_plan_judge(struct planning *p)
{
	p->b->view.requires_downtime = -1;
	p->b->view.estimate_ms = -1;
	return 0;
}

WB_API int wb_schema_effects(struct wb_context *context, const struct wb_schema *actual,
			     const struct wb_schema_comparison *comparison,
			     const struct wb_schema_effects_options *options, struct wb_plan **ret_plan,
			     struct wb_error *err)
{
	(void)context, (void)actual, (void)comparison, (void)options, (void)ret_plan;
	wb_err_set(err, WB_EUNSUPPORTED, "this build does not tell what statements do to others");
	wb_err_hint(err, "it was made for embedding; use a whole libwhimbrel");
	return WB_EUNSUPPORTED;
}
