/* SPDX-License-Identifier: Apache-2.0
 *
 * Suites of queries as files, and saved benchmarks.
 */
#ifndef WB_CLI_BENCH_H
#define WB_CLI_BENCH_H

#include "cli/cli.h"
#include "cli/shape.h"

struct cli_bench {
	struct wb_bench_suite suite;
	struct cli_shaped file; /* for cli_shape_excerpt() */
};
/* Texts live in the arena. WB_EINPUT with place for what is wrong. */
int cli_bench_read(struct wb_arena *a, const char *path, struct cli_bench *ret, struct wb_error *err) WB_MUST_USE;
int cli_bench_parse(struct wb_arena *a, struct wb_sv text, const char *path, struct cli_bench *ret,
		    struct wb_error *err) WB_MUST_USE;
/* The tables of docs/bench.md. */
void cli_bench_docs(struct wb_out *out);

/* What `bench --save` wrote, in the arena: results with their runs and plans, for wb_bench_options.against. */
int cli_bench_saved(struct wb_arena *a, const char *path, struct wb_bench_report *ret,
		    struct wb_error *err) WB_MUST_USE;
int cli_bench_saved_text(struct wb_arena *a, struct wb_sv text, const char *path, struct wb_bench_report *ret,
			 struct wb_error *err) WB_MUST_USE;

#endif
