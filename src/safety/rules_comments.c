/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules about the comments that take findings back.
 */
#include "safety/lint.h"

static void at(struct wb_look *l, struct wb_lint_finding *f, const struct wb_ignore *ig)
{
	if (!f)
		return;
	f->file = ig->down_file && l->file->down_path ? l->file->down_path : l->file->path;
	f->line = ig->line;
	f->column = ig->column;
}

static bool is_known(struct wb_sv name)
{
	size_t i = 0;
	while (i < wb_rule_count() && !wb_sv_eq(name, wb_sv_str(wb_rule_at(i)->id)))
		i++;
	return i < wb_rule_count();
}

static bool all_known(const struct wb_ignore *ig)
{
	struct wb_sv rest = wb_sv_str(ig->rules), one;
	bool known = rest.n > 0;
	while (wb_sv_cut(&rest, ',', &one))
		known &= is_known(one);
	return known;
}

/* A rule that is switched off finds nothing, and a folder's rule looks later. */
static bool can_fire(const struct wb_look *l, const struct wb_ignore *ig)
{
	struct wb_sv rest = wb_sv_str(ig->rules), one;
	while (wb_sv_cut(&rest, ',', &one)) {
		char name[64];
		size_t rule = wb_sv_copy(one, name, sizeof(name)) ? wb_rule_find(name) : wb_rule_count();
		if (rule < wb_rule_count() && (l->run->levels[rule] & 3) != WB_LINT_OFF && wb_rule_at(rule)->look)
			return true;
	}
	return false;
}

static void unused(struct wb_look *l)
{
	for (size_t i = 0; i < l->file->n_ignores; i++) {
		const struct wb_ignore *ig = &l->file->ignores[i];
		if (ig->used || !ig->reason || !all_known(ig) || !can_fire(l, ig))
			continue;
		struct wb_lint_finding *f = wb_find(l, "nothing is ignored here: %s finds nothing %s", ig->rules,
						    ig->whole       ? "in the file"
						    : ig->statement ? "in the statement"
								    : "where this stands");
		at(l, f, ig);
		wb_hint(l, f, "%s",
			ig->whole || ig->statement
				? "remove the comment"
				: "it stands right above the statement, or before the first for the whole file");
	}
}

static void reason(struct wb_look *l)
{
	for (size_t i = 0; i < l->file->n_ignores; i++) {
		const struct wb_ignore *ig = &l->file->ignores[i];
		if (ig->reason)
			continue;
		struct wb_lint_finding *f = wb_find(l, "ignored without a reason: it does not count");
		at(l, f, ig);
		wb_hint(l, f, "write why: -- whimbrel:ignore %s the table has ten rows",
			*ig->rules ? ig->rules : "RULE");
	}
}

static void unknown(struct wb_look *l)
{
	for (size_t i = 0; i < l->file->n_ignores; i++) {
		const struct wb_ignore *ig = &l->file->ignores[i];
		if (all_known(ig) || !ig->rules[0])
			continue;
		struct wb_lint_finding *f = wb_find(l, "there is no rule \"%s\"", ig->rules);
		at(l, f, ig);
		wb_hint(l, f, "`whimbrel explain` lists them; several are joined by commas");
	}
}

static const struct wb_rule rules[] = {
	{ "ignore-reason",
	  WB_LINT_ERROR,
	  WB_RULE_BOTH | WB_RULE_DOWN,
	  WB_EACH_FILE,
	  { 0 },
	  reason,
	  "What is ignored has a reason",
	  "`-- whimbrel:ignore RULE why` stands on a line of the statement or right above it, or for the whole file "
	  "before its first statement. Whoever reads it later "
	  "wants to know whether the reason still holds.",
	  "-- whimbrel:ignore missing-down\n\nCREATE TABLE notes (id integer PRIMARY KEY);",
	  "-- whimbrel:ignore missing-down it only adds\n\nCREATE TABLE notes (id integer PRIMARY KEY);" },
	{ "ignore-unknown",
	  WB_LINT_ERROR,
	  WB_RULE_BOTH | WB_RULE_DOWN,
	  WB_EACH_FILE,
	  { 0 },
	  unknown,
	  "What is ignored is a rule",
	  "A misspelt name ignores nothing.",
	  "-- whimbrel:ignore mising-down it only adds\n\nCREATE TABLE notes (id integer PRIMARY KEY);",
	  "-- whimbrel:ignore missing-down it only adds\n\nCREATE TABLE notes (id integer PRIMARY KEY);" },
	{ "ignore-unused",
	  WB_LINT_WARNING,
	  WB_RULE_BOTH | WB_RULE_DOWN,
	  WB_EACH_FILE,
	  { 0 },
	  unused,
	  "What is ignored is there",
	  "A comment that takes nothing back would hide the next finding of its rule.",
	  "-- whimbrel:ignore drop-column nobody reads it\nCREATE TABLE notes (id integer PRIMARY KEY);",
	  "CREATE TABLE notes (id integer PRIMARY KEY);" },
};
const struct wb_rules wb_rules_comments = { rules, WB_ARRAY_LEN(rules) };
