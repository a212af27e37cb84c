/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of rules, in the order of the documentation; each theme is a file.
 */
#include "safety/lint.h"

static const struct wb_rules *const themes[] = {
	&wb_rules_locks,   &wb_rules_constraints, &wb_rules_columns, &wb_rules_partitions,
	&wb_rules_data,    &wb_rules_clients,     &wb_rules_types,   &wb_rules_names,
	&wb_rules_session, &wb_rules_files,       &wb_rules_sqlite,  &wb_rules_comments,
};

size_t wb_rule_count(void)
{
	size_t n = 0;
	for (size_t i = 0; i < WB_ARRAY_LEN(themes); i++)
		n += themes[i]->n;
	return n;
}

const struct wb_rule *wb_rule_at(size_t i)
{
	size_t theme = 0;
	while (theme < WB_ARRAY_LEN(themes) && i >= themes[theme]->n)
		i -= themes[theme++]->n;
	return &themes[theme]->v[i];
}

size_t wb_rule_find(const char *id)
{
	size_t n = wb_rule_count(), i = 0;
	while (i < n && strcmp(wb_rule_at(i)->id, id) != 0)
		i++;
	return i;
}
