/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a file of rules: what is refused has a message and a place in
 * the file; of what is taken the judge says yes, or why not; in order each rule
 * stands once, and behind all that it depends on.
 */
#include <stdint.h>
#include <stdio.h>

#include "cli/rules.h"
#include "transform/transform.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static size_t place_of(const struct cli_rules *rules, const size_t *order, const char *id)
{
	for (size_t i = 0; i < rules->n; i++) {
		if (strcmp(rules->v[order[i]].id, id) == 0)
			return i;
	}
	check(false, "what a rule depends on is there");
	return 0;
}

static void check_order(const struct cli_rules *rules, struct wb_arena *a)
{
	struct wb_error err = { .code = 0 };
	size_t *order = NULL;
	int rc = wb_rules_order(rules->v, rules->n, a, &order, &err);

	check(rc == 0 || (rc == WB_EINPUT && *err.message), "what has no order says why");
	for (size_t i = 0; rc == 0 && i < rules->n; i++) {
		const struct wb_transform_rule *r = &rules->v[order[i]];

		for (size_t k = 0; k < r->depends.n; k++)
			check(place_of(rules, order, r->depends.v[k]) < i, "a rule stands behind what it depends on");
		for (size_t k = 0; k < i; k++)
			check(order[k] != order[i], "a rule stands once");
	}
}

static void check_rules(const struct cli_rules *rules, size_t size, struct wb_arena *a)
{
	struct wb_error err = { .code = 0 };
	int rc;

	for (size_t i = 0; i < rules->n; i++) {
		const struct wb_transform_rule *r = &rules->v[i];

		check(r->id && r->line >= 1 && r->line <= size + 1, "a rule has an id and a place");
		check(r->max_errors >= -1 && r->max_error_percent >= 0 && r->max_error_percent <= 100, "a threshold");
		for (size_t k = 0; k < r->n_checks; k++)
			check(r->checks[k].condition != NULL, "a check has a condition");
	}
	rc = wb_rules_check(rules->v, rules->n, &err);
	check(rc == 0 || (rc == WB_EINPUT && *err.message), "what cannot be says why");
	for (size_t i = 0; rc == 0 && i < rules->n; i++)
		check(wb_batch_text(a, &rules->v[i], false) != NULL, "a rule has a text");
	if (rc == 0)
		check_order(rules, a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_error err = { .code = 0 };
	struct cli_rules rules = { 0 };
	int rc;

	if (size > 64 * 1024)
		return 0;
	rc = cli_rules_parse(&a, wb_sv((const char *)data, size), "fuzz.yaml", &rules, &err);
	if (rc < 0) {
		check(rc == WB_EINPUT && err.message[0] != '\0', "what is refused says why");
		check(strcmp(err.file, "fuzz.yaml") == 0 && err.line <= size + 1, "and where");
		check(err.caret <= strlen(err.excerpt), "the caret stands under the line");
	} else {
		check_rules(&rules, size, &a);
	}
	free(rules.v);
	return 0;
}
