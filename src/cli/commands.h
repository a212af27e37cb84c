/* SPDX-License-Identifier: Apache-2.0
 *
 * The descriptors, each in its own cmd_<name>.c. A new command is a file with
 * a descriptor, a line here and a line in commands.c.
 */
#ifndef WB_CLI_COMMANDS_H
#define WB_CLI_COMMANDS_H

#include "cli/option.h"

extern const struct cli_command cmd_init, cmd_new, cmd_adopt;
extern const struct cli_command cmd_status, cmd_history, cmd_validate, cmd_plan, cmd_locks, cmd_query, cmd_doctor;
extern const struct cli_command cmd_snapshot, cmd_drift, cmd_dump, cmd_diff, cmd_release, cmd_lint, cmd_explain;
extern const struct cli_command cmd_check, cmd_bench, cmd_advise, cmd_test;
extern const struct cli_command cmd_up, cmd_down, cmd_redo, cmd_resume, cmd_transform, cmd_optimize;
extern const struct cli_command cmd_baseline, cmd_repair, cmd_squash;
extern const struct cli_command cmd_wait, cmd_create, cmd_drop, cmd_reset;
extern const struct cli_command cmd_backup, cmd_restore, cmd_backups, cmd_trash;
extern const struct cli_command cmd_config, cmd_completion, cmd_version, cmd_help;
/* Not in the list: for the build. */
extern const struct cli_command cmd_generate;

#endif
