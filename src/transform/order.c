/* SPDX-License-Identifier: Apache-2.0
 *
 * The order of rules: of those whose dependencies are done, the one of the
 * lowest priority that stands first. When none is left to take but some remain,
 * they go round in a circle.
 */
#include "transform.h"

static size_t find(const struct wb_transform_rule *rules, size_t n, const char *id)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(rules[i].id, id))
			return i;
	}
	return n;
}

static int check_depends(const struct wb_transform_rule *rules, size_t n, struct wb_error *err)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < rules[i].depends.n; k++) {
			const char *id = rules[i].depends.v[k];
			if (find(rules, n, id) < n)
				continue;
			wb_err_set(err, WB_EINPUT, "rule %s depends on %s, which is not there", rules[i].id, id);
			if (rules[i].file)
				wb_err_place(err, rules[i].file, rules[i].line, 0);
			return WB_EINPUT;
		}
	}
	return 0;
}

static bool is_ready(const struct wb_transform_rule *rules, size_t n, const bool *taken, size_t i)
{
	for (size_t k = 0; k < rules[i].depends.n; k++) {
		if (!taken[find(rules, n, rules[i].depends.v[k])])
			return false;
	}
	return true;
}

static size_t next(const struct wb_transform_rule *rules, size_t n, const bool *taken)
{
	size_t best = n;
	for (size_t i = 0; i < n; i++) {
		if (taken[i] || !is_ready(rules, n, taken, i))
			continue;
		if (best == n || rules[i].priority < rules[best].priority)
			best = i;
	}
	return best;
}

/* From any rule that is left: what it waits for, until one comes a second time. */
static int cycle(const struct wb_transform_rule *rules, size_t n, const bool *taken, struct wb_error *err)
{
	wb_autostr path = WB_STR_INIT;
	size_t at = 0, start;
	while (taken[at])
		at++;
	for (size_t steps = 0; steps < n; steps++) { /* surely inside the circle then */
		for (size_t k = 0; k < rules[at].depends.n; k++) {
			size_t other = find(rules, n, rules[at].depends.v[k]);
			if (!taken[other]) {
				at = other;
				break;
			}
		}
	}
	start = at;
	wb_str_add(&path, rules[at].id);
	do {
		for (size_t k = 0; k < rules[at].depends.n; k++) {
			size_t other = find(rules, n, rules[at].depends.v[k]);
			if (!taken[other]) {
				at = other;
				break;
			}
		}
		wb_str_addf(&path, " -> %s", rules[at].id);
	} while (at != start && path.n < 400);
	wb_err_set(err, WB_EINPUT, "rules depend on each other in a circle: %s", path.p);
	if (rules[start].file)
		wb_err_place(err, rules[start].file, rules[start].line, 0);
	return WB_EINPUT;
}

int wb_rules_order(const struct wb_transform_rule *rules, size_t n, struct wb_arena *a, size_t **ret_order,
		   struct wb_error *err)
{
	size_t *order = wb_arena_array(a, n + 1, sizeof(*order));
	bool *taken = wb_arena_array(a, n + 1, sizeof(*taken));
	if (!order || !taken)
		return wb_err_nomem(err);
	int rc = check_depends(rules, n, err);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		size_t best = next(rules, n, taken);
		if (best == n)
			return cycle(rules, n, taken, err);
		taken[best] = true;
		order[i] = best;
	}
	if (rc == 0)
		*ret_order = order;
	return rc;
}
