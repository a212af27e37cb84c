/* SPDX-License-Identifier: Apache-2.0
 *
 * embedded DATABASE COUNT whole|call: what an application pays for one call at
 * its start when nothing is pending: COUNT migrations compiled in, its own
 * handle. The microseconds of wb_open(), wb_up() and wb_close() go to standard
 * output: of the first call in this process and, best of a hundred, of later
 * ones. "call": the application has read its schema before, as it does anyhow
 * with its first query; "whole": sqlite3 reads it on our account.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sqlite3.h>
#include <whimbrel/whimbrel.h>

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct wb_embedded_migration *make(size_t n)
{
	struct wb_embedded_migration *m = calloc(n, sizeof(*m));
	for (size_t i = 0; m && i < n; i++) {
		char *name = NULL, *text = NULL;
		if (asprintf(&name, "V%03zu__table_%zu.sql", i + 1, i) < 0 ||
		    asprintf(&text,
			     "-- migrate:up\nCREATE TABLE t%zu (id INTEGER PRIMARY KEY, name TEXT NOT NULL, "
			     "created_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP);\n"
			     "CREATE INDEX t%zu_name ON t%zu (name);\n-- migrate:down\nDROP TABLE t%zu;\n",
			     i, i, i, i) < 0)
			return NULL;
		m[i] = (struct wb_embedded_migration){ name, text };
	}
	return m;
}

static int call(sqlite3 *db, const struct wb_embedded_migration *m, size_t n, int64_t *ret_ns)
{
	struct wb_options o = { .size = sizeof(o), .sqlite_handle = db, .embedded = m, .n_embedded = n };
	struct wb_context *context = NULL;
	struct wb_error err;
	int64_t start = now_ns();
	int rc = wb_open(&o, &context, &err);
	if (rc == 0)
		rc = wb_up(context, NULL, NULL, &err);
	wb_close(context);
	*ret_ns = now_ns() - start;
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", wb_code_name(rc), err.message);
	return rc;
}

int main(int argc, char **argv)
{
	sqlite3 *db = NULL;
	int64_t first, ns, best = INT64_MAX;
	size_t n = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
	struct wb_embedded_migration *m = make(n);
	if (!n || !m || sqlite3_open(argv[1], &db) != SQLITE_OK)
		return 64;
	if (strcmp(argv[3], "call") == 0)
		sqlite3_exec(db, "SELECT 1 FROM sqlite_master LIMIT 1", NULL, NULL, NULL);
	int rc = call(db, m, n, &first);
	for (int i = 0; rc == 0 && i < 100; i++) {
		rc = call(db, m, n, &ns);
		best = ns < best ? ns : best;
	}
	printf("%" PRId64 " %" PRId64 "\n", first / 1000, best / 1000);
	for (size_t i = 0; i < n; i++) {
		free((void *)(uintptr_t)m[i].name);
		free((void *)(uintptr_t)m[i].text);
	}
	free(m);
	return sqlite3_close(db) != SQLITE_OK || rc < 0;
}
