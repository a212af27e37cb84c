/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/scenarios.md: what tests of migrations are, and the tables of their keys.
 */
#include "cli/cli.h"
#include "cli/scenario.h"

#include "base/banned.h"

void cli_docs_scenarios(struct wb_out *out)
{
	wb_out_add(out, "# Tests of migrations\n");
	cli_scenarios_docs(out);
}
