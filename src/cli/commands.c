/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of commands.
 */
#include "cli/commands.h"

#include "base/banned.h"

const struct cli_command *const cli_commands[] = {
	&cmd_init,    &cmd_new,     &cmd_adopt,     &cmd_status,   &cmd_plan,       &cmd_validate, &cmd_lint,
	&cmd_explain, &cmd_history, &cmd_snapshot,  &cmd_drift,    &cmd_diff,       &cmd_dump,     &cmd_query,
	&cmd_check,   &cmd_bench,   &cmd_advise,    &cmd_test,     &cmd_doctor,     &cmd_up,       &cmd_down,
	&cmd_redo,    &cmd_resume,  &cmd_transform, &cmd_optimize, &cmd_release,    &cmd_repair,   &cmd_baseline,
	&cmd_squash,  &cmd_locks,   &cmd_wait,      &cmd_create,   &cmd_drop,       &cmd_reset,    &cmd_backup,
	&cmd_restore, &cmd_backups, &cmd_trash,     &cmd_config,   &cmd_completion, &cmd_version,  &cmd_help,
	NULL,
};

const struct cli_command *cli_command_find(struct wb_sv name)
{
	const struct cli_command *const *c;

	for (c = cli_commands; *c; c++)
		if (wb_sv_eq(name, wb_sv_str((*c)->name)))
			return *c;
	return wb_sv_eq(name, WB_SV("generate")) ? &cmd_generate : NULL;
}
