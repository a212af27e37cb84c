/* SPDX-License-Identifier: Apache-2.0
 *
 * Suites of checks as files; lines of programs; saved checksums.
 */
#ifndef WB_CLI_SUITE_H
#define WB_CLI_SUITE_H

#include "cli/cli.h"
#include "cli/shape.h"

struct cli_suite {
	struct wb_check_suite suite;
	struct cli_shaped file;
};
/* Texts live in the arena. WB_EINPUT with place for what is wrong. */
int cli_suite_read(struct wb_arena *a, const char *path, struct cli_suite *ret, struct wb_error *err) WB_MUST_USE;
int cli_suite_parse(struct wb_arena *a, struct wb_sv text, const char *path, struct cli_suite *ret,
		    struct wb_error *err) WB_MUST_USE;
/* A wb_check_load_fn; user is the struct cli. */
int cli_suite_load(void *user, const char *path, const struct wb_check_suite **ret_suite, struct wb_error *err);
/* The suites that the settings of the database name, to be run around `up`. */
int cli_suite_gates(struct cli *cli, struct wb_run_options *run, struct wb_error *err) WB_MUST_USE;
/* Gives an error of the library the line of the file that it is about. */
void cli_suite_excerpt(const struct cli_suite *suite, struct wb_error *err);
/* The tables of docs/checks.md. */
void cli_suite_docs(struct wb_out *out);

/* A wb_check_line_fn whose user is a struct wb_arena. */
int cli_suite_line(void *arena, const char *line, struct wb_check_line *ret_line);

/* Checksums of a run, written and read back (arena). */
int cli_suite_save(const char *path, const struct wb_check_report *report, struct wb_error *err) WB_MUST_USE;
int cli_suite_saved(struct wb_arena *a, const char *path, const struct wb_check_saved **ret_v, size_t *ret_n,
		    struct wb_error *err) WB_MUST_USE;

#endif
