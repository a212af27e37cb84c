/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules as a whole: judged, put in order, run as one program, and told of.
 */
#ifndef WB_TRANSFORM_TRANSFORM_H
#define WB_TRANSFORM_TRANSFORM_H

#include "batch/batch.h"

/* Is each rule complete, and are there no two of one id? WB_EINPUT with the rule's place. */
int wb_rules_check(const struct wb_transform_rule *rules, size_t n, struct wb_error *err) WB_MUST_USE;
/* Indexes of the rules in order: what they depend on, then priority, then as they stand there. WB_EINPUT names a cycle,
 * or what is not there. */
int wb_rules_order(const struct wb_transform_rule *rules, size_t n, struct wb_arena *a, size_t **ret_order,
		   struct wb_error *err) WB_MUST_USE;

/* Rules in order, as steps of a program. */
struct wb_rule_plan {
	struct wb_arena arena;
	const struct wb_transform_rule *rules;
	const struct wb_transform_options *o;
	size_t n; /* that run */
	size_t *order; /* of them */
	struct wb_batch_job *jobs; /* in order */
	struct wb_step *steps; /* called prefix and the rule's id */
};
/* rules and options outlive it. wb_rule_plan_done() is due also after an error. */
int wb_rule_plan_make(struct wb_rule_plan *p, const struct wb_transform_rule *rules, size_t n,
		      const struct wb_transform_options *o, const char *prefix, struct wb_error *err) WB_MUST_USE;
void wb_rule_plan_done(struct wb_rule_plan *p);
/* What is told when a step has ended. */
struct wb_event wb_rule_event(const struct wb_step *s);

/* The result is written also when a rule failed; wb_transform_result_free() releases it. */
int wb_transform_run(struct wb_target *t, const struct wb_transform_rule *rules, size_t n,
		     const struct wb_transform_options *o, struct wb_transform_result **ret_result,
		     struct wb_error *err) WB_MUST_USE;

#endif
