/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry per test file: each runs its group and returns its failures.
 */
#ifndef WB_TESTS_UNIT_CLI_TESTS_H
#define WB_TESTS_UNIT_CLI_TESTS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/cli.h"

#define TEST_GROUPS(X) \
	X(guess) \
	X(option) \
	X(dotenv) \
	X(expand) \
	X(config) \
	X(resolve) \
	X(progress) \
	X(suite) \
	X(tables) \
	X(oom)

#define X(name) int test_##name(void);
TEST_GROUPS(X)
#undef X

#define RUN_GROUP(name) cmocka_run_group_tests_name(name, tests, NULL, NULL)

/* A struct cli before anything was read. */
#define FRESH_CLI \
	{ \
		.out = WB_OUT_MEMORY, .note = WB_OUT_MEMORY, .events = WB_OUT_MEMORY \
	}
/* Releases what a test filled. */
void cli_done(struct cli *cli);
/* Reads "up --to 3" as a command line; words are split at blanks. */
int parse(struct cli *cli, const char *line, struct wb_error *err);
/* The configuration of this text as cli->config. */
int configure(struct cli *cli, const char *yaml, struct wb_error *err);

#endif
