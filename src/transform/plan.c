/* SPDX-License-Identifier: Apache-2.0
 *
 * From rules to steps: judged, those that are asked for, in order, with what
 * each needs.
 */
#include "transform.h"

static bool is_asked(const struct wb_rule_plan *p, const struct wb_transform_rule *r)
{
	for (size_t i = 0; i < p->o->only.n; i++) {
		if (!strcmp(p->o->only.v[i], r->id))
			return true;
	}
	return !p->o->only.n;
}

static int check_only(const struct wb_rule_plan *p, struct wb_error *err)
{
	for (size_t i = 0; i < p->o->only.n; i++) {
		bool there = false;
		for (size_t k = 0; k < p->n; k++)
			there |= !strcmp(p->rules[k].id, p->o->only.v[i]);
		if (!there)
			return wb_err_set(err, WB_EUSAGE, "there is no rule \"%s\"", p->o->only.v[i]);
	}
	return 0;
}

static int put_in_order(struct wb_rule_plan *p, struct wb_error *err)
{
	size_t n = 0;
	int rc = wb_rules_check(p->rules, p->n, err);
	if (rc == 0)
		rc = check_only(p, err);
	if (rc == 0)
		rc = wb_rules_order(p->rules, p->n, &p->arena, &p->order, err);
	for (size_t i = 0; rc == 0 && i < p->n; i++) {
		if (is_asked(p, &p->rules[p->order[i]]))
			p->order[n++] = p->order[i];
	}
	p->n = rc == 0 ? n : 0;
	return rc;
}

/* The steps before this one that it needs; others are taken as done. */
static bool find_needs(struct wb_rule_plan *p, size_t i)
{
	const struct wb_transform_rule *r = &p->rules[p->order[i]];
	size_t *needs = wb_arena_array(&p->arena, r->depends.n + 1, sizeof(*needs));
	size_t n = 0;
	for (size_t k = 0; needs && k < r->depends.n; k++) {
		for (size_t before = 0; before < i; before++) {
			if (!strcmp(p->rules[p->order[before]].id, r->depends.v[k]))
				needs[n++] = before;
		}
	}
	p->steps[i].needs = needs;
	p->steps[i].n_needs = n;
	return needs != NULL;
}

static int make_steps(struct wb_rule_plan *p, const char *prefix, struct wb_error *err)
{
	p->jobs = wb_arena_array(&p->arena, p->n + 1, sizeof(*p->jobs));
	p->steps = wb_arena_array(&p->arena, p->n + 1, sizeof(*p->steps));
	if (!p->jobs || !p->steps)
		return wb_err_nomem(err);
	for (size_t i = 0; i < p->n; i++) {
		const struct wb_transform_rule *r = &p->rules[p->order[i]];
		p->jobs[i] = (struct wb_batch_job){
			.rule = r, .batch_size = p->o->batch_size, .no_checks = p->o->no_checks, .total = -1
		};
		p->steps[i] = (struct wb_step){ .id = wb_arena_printf(&p->arena, "%s%s", prefix, r->id),
						.description = r->description,
						.text = wb_batch_text(&p->arena, r, p->o->no_checks),
						.kind = &wb_batch_kind,
						.spec = &p->jobs[i],
						.repeatable = wb_batch_repeatable(r) };
		if (!p->steps[i].id || !p->steps[i].text || !find_needs(p, i))
			return wb_err_nomem(err);
	}
	return 0;
}

int wb_rule_plan_make(struct wb_rule_plan *p, const struct wb_transform_rule *rules, size_t n,
		      const struct wb_transform_options *o, const char *prefix, struct wb_error *err)
{
	*p = (struct wb_rule_plan){ .arena = WB_ARENA_INIT, .rules = rules, .o = o, .n = n };
	int rc = put_in_order(p, err);
	return rc < 0 ? rc : make_steps(p, prefix, err);
}

void wb_rule_plan_done(struct wb_rule_plan *p)
{
	for (size_t i = 0; p->jobs && i < p->n; i++)
		wb_batch_job_done(&p->jobs[i]);
	wb_arena_done(&p->arena);
	*p = (struct wb_rule_plan){ .arena = WB_ARENA_INIT };
}
