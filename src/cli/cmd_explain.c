/* SPDX-License-Identifier: Apache-2.0
 *
 * whimbrel explain: a rule of lint, from the table that lint itself goes by.
 */
#include "cli/cli.h"
#include "cli/commands.h"

#include "base/banned.h"

static int run(struct cli *cli, struct wb_error *err)
{
	struct wb_lint_rule rule;
	struct cli_guess guess;
	const char *name = cli->n_args ? cli->args[0] : NULL;
	size_t i;

	if (!name)
		return wb_report_rules(&cli->out, (enum wb_format)cli->g.output, err);
	if (wb_lint_rule_find(name, &rule))
		return wb_report_rule(&cli->out, (enum wb_format)cli->g.output, &rule, err);
	wb_err_set(err, WB_EUSAGE, "there is no rule \"%s\"", name);
	cli_guess_init(&guess, wb_sv_str(name));
	for (i = 0; i < wb_lint_rules(); i++) {
		wb_lint_rule(i, &rule);
		cli_guess_try(&guess, wb_sv_str(rule.id));
	}
	if (!cli_guess_hint(&guess, "whimbrel explain ", err))
		wb_err_hint(err, "`whimbrel explain` lists them");
	return WB_EUSAGE;
}

static const struct cli_example examples[] = {
	{ "explain set-not-null", "why, an example, the safe form" },
	{ "explain", "all rules" },
	{ "explain -o json", "the same for programs" },
	{ .command = NULL },
};

static const struct cli_exit exits[] = {
	{ 0, "explained" },
	{ -1, NULL },
};

const struct cli_command cmd_explain = {
	.name = "explain",
	.summary = "a rule of lint: its reason, an example, the safe form",
	.arguments = "[RULE]",
	.about = "Tells why a rule is there, what it finds and what it wants instead; without RULE lists all of them. "
		 "docs/rules.md is the same.",
	.group = CLI_GROUP_LOOK,
	.formats = CLI_TEXT_AND_JSON | 1u << WB_FORMAT_MARKDOWN,
	.max_args = 1,
	.examples = examples,
	.exits = exits,
	.run = run,
};
