/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a suite of queries: what is taken has a name, SQL and a place for
 * each query, and what the engines' readers make of it stays in bounds; what is
 * refused has a message and a place. And any bytes as a saved benchmark.
 */
#include <stdint.h>
#include <stdio.h>

#include "bench/bench.h"
#include "cli/bench.h"
#include "driver/sqlite/sqlite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

static void check_saved(struct wb_arena *a, struct wb_sv text)
{
	struct wb_error err = { .code = 0 };
	struct wb_bench_report r;
	int rc = cli_bench_saved_text(a, text, "saved.json", &r, &err);

	if (rc < 0) {
		check(rc == WB_EINPUT && err.message[0] != '\0', "what is no benchmark says so");
		return;
	}
	for (size_t i = 0; i < r.n_results; i++) {
		check(r.results[i].query->name != NULL, "a result has a name");
		for (size_t k = 0; k < r.results[i].n_sets; k++)
			check(r.results[i].sets[k].ms && r.results[i].sets[k].counts, "a set has its runs");
	}
}

static void check_query(struct wb_arena *a, const struct wb_bench_query *q, size_t size)
{
	struct wb_bench_call call;
	struct wb_error err = { .code = 0 };
	int rc;

	check(q->name && q->sql && q->line >= 1 && q->line <= size + 1, "a query is whole");
	rc = wb_bench_call(a, wb_sqlite_driver(), q, q->n_sets ? &q->sets[0] : NULL, &call, &err);
	check(rc == 0 || (rc == WB_EINPUT && err.message[0] != '\0'), "a call is made, or it is said why not");
	check(rc < 0 || call.n_values <= (int)(q->n_sets ? q->sets[0].n : 0), "each parameter has its value");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wb_autoarena a = WB_ARENA_INIT;
	const struct wb_sv text = wb_sv((const char *)data, size);
	struct wb_error err = { .code = 0 };
	struct cli_bench s;
	int rc;

	if (size > 64 * 1024)
		return 0;
	check_saved(&a, text);
	rc = cli_bench_parse(&a, text, "fuzz.yaml", &s, &err);
	if (rc < 0) {
		check(rc == WB_EINPUT && err.message[0] != '\0', "what is refused says why");
		check(strcmp(err.file, "fuzz.yaml") == 0 && err.line <= size + 1, "and where");
		check(err.caret <= strlen(err.excerpt), "the caret stands under the line");
		return 0;
	}
	check(s.suite.name != NULL, "a suite has a name");
	for (size_t i = 0; i < s.suite.n_queries; i++)
		check_query(&a, &s.suite.queries[i], size);
	return 0;
}
