/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of rules, for transform and for the documentation.
 */
#ifndef WB_CLI_RULES_H
#define WB_CLI_RULES_H

#include "cli/shape.h"

struct cli_rules {
	struct wb_transform_rule *v; /* malloc'ed */
	size_t n, cap;
	bool continue_on_error, no_checks;
};
/* Adds the rules of a file; texts live in the arena. */
int cli_rules_read(struct wb_arena *a, const char *path, struct cli_rules *rules, struct wb_error *err) WB_MUST_USE;
int cli_rules_parse(struct wb_arena *a, struct wb_sv text, const char *path, struct cli_rules *rules,
		    struct wb_error *err) WB_MUST_USE;
/* A wb_transform_load_fn; user is the struct cli. */
int cli_rules_load(void *user, const char *path, struct wb_transform_rules *ret_rules, struct wb_error *err);
/* The keys, as Markdown. */
void cli_rules_docs(struct wb_out *out);

#endif
