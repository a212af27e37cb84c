/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of scenarios, for test and for the documentation.
 */
#ifndef WB_CLI_SCENARIO_H
#define WB_CLI_SCENARIO_H

#include "cli/shape.h"

struct cli_scenarios {
	struct wb_test_scenario *v; /* malloc'ed */
	size_t n, cap;
};
/* Adds the scenarios of a YAML file; texts live in the arena. Files that its steps name are sought beside it. */
int cli_scenarios_read(struct wb_arena *a, const char *path, struct cli_scenarios *list,
		       struct wb_error *err) WB_MUST_USE;
/* The tables of docs/scenarios.md. */
void cli_scenarios_docs(struct wb_out *out);

#endif
