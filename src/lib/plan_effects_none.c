/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of plan_effects.c in the library for embedding: what steps do to
 * others is not known there.
 */
#include "plan.h"

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
