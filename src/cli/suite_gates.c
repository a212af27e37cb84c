/* SPDX-License-Identifier: Apache-2.0
 *
 * Suites of checks around `up`: those that the configuration names, and those
 * that sections of migrations name.
 */
#include "cli/suite.h"

#include "base/banned.h"

int cli_suite_load(void *user, const char *path, const struct wb_check_suite **ret_suite, struct wb_error *err)
{
	struct cli *cli = user;
	struct cli_suite *suite = wb_arena_alloc(&cli->arena, sizeof(*suite));
	int rc = suite ? cli_suite_read(&cli->arena, path, suite, err) : wb_err_nomem(err);

	if (rc == 0)
		*ret_suite = &suite->suite;
	return rc;
}

static int load_list(struct cli *cli, const struct cli_value *value, const struct wb_check_suite *const **ret_v,
		     size_t *ret_n, struct wb_error *err)
{
	struct cli_list list = { NULL, 0 };
	const struct wb_check_suite **v;
	int rc = cli_list_add(&cli->arena, value->text, &list, err);
	size_t i;

	if (rc < 0 || list.n == 0)
		return rc;
	v = wb_arena_array(&cli->arena, list.n, sizeof(const struct wb_check_suite *));
	if (!v)
		return wb_err_nomem(err);
	for (i = 0; rc == 0 && i < list.n; i++)
		rc = cli_suite_load(cli, list.v[i], &v[i], err);
	*ret_v = v;
	*ret_n = list.n;
	return rc;
}

int cli_suite_gates(struct cli *cli, struct wb_run_options *run, struct wb_error *err)
{
	const struct cli_target *target;
	int rc = cli_one_target(cli, &target, err);

	if (rc == 0)
		rc = load_list(cli, &target->values[CLI_SET_CHECK_BEFORE], &run->check_before, &run->n_check_before,
			       err);
	if (rc == 0)
		rc = load_list(cli, &target->values[CLI_SET_CHECK_AFTER], &run->check_after, &run->n_check_after, err);
	return rc;
}
