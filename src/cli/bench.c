/* SPDX-License-Identifier: Apache-2.0
 *
 * Suites of queries: the keys that their files have, and what becomes of them.
 */
#include "cli/bench.h"

#include "base/banned.h"

struct target {
	int64_t p50, p95;
};
struct query {
	const char *name, *description, *sql, *sets_query;
	struct cli_items sets;
	struct target target;
	int64_t weight, timeout;
	int writes, prepared;
	struct cli_mark at;
};
struct file {
	const char *name, *description;
	int64_t runs, warmup, timeout;
	struct cli_items queries;
};

static const struct cli_field target_fields[] = {
	{ "p50", CLI_FIELD_MICROS, offsetof(struct target, p50), .doc = "The median may not be above it." },
	{ "p95", CLI_FIELD_MICROS, offsetof(struct target, p95), .doc = "Of 20 runs 19 may not be above it." },
	{ .name = NULL },
};
static const struct cli_shape target_shape = {
	.what = "a target", .fields = target_fields, .size = sizeof(struct target), .or_field = &target_fields[0]
};

static const struct cli_field query_fields[] = {
	{ "sql", CLI_FIELD_TEXT, offsetof(struct query, sql), .required = true,
	  .doc = "One statement. `:name` stands for a parameter." },
	{ "description", CLI_FIELD_TEXT, offsetof(struct query, description), .doc = "For people." },
	{ "params", CLI_FIELD_SETS, offsetof(struct query, sets),
	  .doc = "Values of the parameters; of a list each set is measured." },
	{ "params_query", CLI_FIELD_TEXT, offsetof(struct query, sets_query),
	  .doc = "In place of `params`: a query each of whose rows is a set (at most 50), with the names of its "
		 "columns." },
	{ "target", CLI_FIELD_MAP, offsetof(struct query, target), .shape = &target_shape,
	  .doc = "How long it may take: `50ms` for the median, or `{p50: 50ms, p95: 100ms}`." },
	{ "weight", CLI_FIELD_NUMBER, offsetof(struct query, weight),
	  .doc = "Its share of a load (`--rate`), in proportion to those of the others; 1." },
	{ "writes", CLI_FIELD_BOOL, offsetof(struct query, writes),
	  .doc = "It changes rows: each run is in a transaction that is rolled back." },
	{ "prepared", CLI_FIELD_BOOL, offsetof(struct query, prepared),
	  .doc = "It is prepared once, and not planned anew for each run." },
	{ "timeout", CLI_FIELD_DURATION, offsetof(struct query, timeout),
	  .doc = "How long one run may take; else what the suite says." },
	{ .name = NULL },
};
static const struct cli_shape query_shape = {
	.what = "a query",
	.fields = query_fields,
	.size = sizeof(struct query),
	.has_mark = true,
	.mark = offsetof(struct query, at),
	.has_title = true,
	.title = offsetof(struct query, name),
};

static const struct cli_field file_fields[] = {
	{ "suite", CLI_FIELD_TEXT, offsetof(struct file, name), .required = true, .doc = "Its name." },
	{ "description", CLI_FIELD_TEXT, offsetof(struct file, description), .doc = "What it is for." },
	{ "runs", CLI_FIELD_NUMBER, offsetof(struct file, runs),
	  .doc = "Timed runs of each parameter set, 10 at least; 30." },
	{ "warmup", CLI_FIELD_NUMBER, offsetof(struct file, warmup), .doc = "Runs before those; 3." },
	{ "timeout", CLI_FIELD_DURATION, offsetof(struct file, timeout), .doc = "How long one run may take; 30s." },
	{ "queries", CLI_FIELD_NAMED, offsetof(struct file, queries), .shape = &query_shape, .required = true,
	  .doc = "Queries by name." },
	{ .name = NULL },
};
static const struct cli_shape file_shape = { .what = "a suite", .fields = file_fields, .size = sizeof(struct file) };

/* ---- into the library's structs --------------------------------------------------------------------- */

static int wrong(const struct cli_shaped *file, const struct query *q, const char *text, struct wb_error *err)
{
	wb_err_set(err, WB_EINPUT, "the query \"%s\" %s", q->name, text);
	cli_shape_place(file, &q->at, err);
	return WB_EINPUT;
}

static int convert_query(const struct cli_shaped *file, const struct query *raw, struct wb_bench_query *ret,
			 struct wb_error *err)
{
	if (raw->sets.n && raw->sets_query)
		return wrong(file, raw, "has \"params\" and \"params_query\"; it can have one of them", err);
	*ret = (struct wb_bench_query){
		.name = raw->name,
		.description = raw->description,
		.sql = raw->sql,
		.sets = raw->sets.v,
		.n_sets = raw->sets.n,
		.sets_query = raw->sets_query,
		.weight = raw->weight ? raw->weight : 1,
		.target_p50_us = raw->target.p50,
		.target_p95_us = raw->target.p95,
		.writes = raw->writes == CLI_FIELD_YES,
		.prepared = raw->prepared == CLI_FIELD_YES,
		.timeout_ms = raw->timeout,
		.line = raw->at.line,
		.column = raw->at.column,
	};
	return 0;
}

static int convert(struct wb_arena *a, const struct file *raw, struct cli_bench *ret, struct wb_error *err)
{
	const struct query *queries = raw->queries.v;
	struct wb_bench_query *v = wb_arena_array(a, raw->queries.n + 1, sizeof(*v));
	size_t i;
	int rc = v ? 0 : wb_err_nomem(err);

	for (i = 0; rc == 0 && i < raw->queries.n; i++)
		rc = convert_query(&ret->file, &queries[i], &v[i], err);
	ret->suite = (struct wb_bench_suite){
		.size = sizeof(ret->suite),
		.name = raw->name,
		.description = raw->description,
		.file = ret->file.file,
		.queries = v,
		.n_queries = raw->queries.n,
		.runs = raw->runs,
		.warmup = raw->warmup,
		.timeout_ms = raw->timeout,
	};
	return rc;
}

int cli_bench_parse(struct wb_arena *a, struct wb_sv text, const char *path, struct cli_bench *ret,
		    struct wb_error *err)
{
	struct file raw;
	int rc = cli_shape_parse(a, text, path, &file_shape, "the suite", &ret->file, &raw, err);

	return rc < 0 ? rc : convert(a, &raw, ret, err);
}

int cli_bench_read(struct wb_arena *a, const char *path, struct cli_bench *ret, struct wb_error *err)
{
	struct file raw;
	int rc = cli_shape_read(a, path, &file_shape, "the suite", &ret->file, &raw, err);

	return rc < 0 ? rc : convert(a, &raw, ret, err);
}

/* ---- documentation ------------------------------------------------------------------------------------ */

static void table(struct wb_out *out, const char *title, const struct cli_shape *shape)
{
	wb_out_addf(out, "\n### %s\n\n| key | value | meaning |\n|---|---|---|\n", title);
	cli_shape_docs(out, shape, "");
}

void cli_bench_docs(struct wb_out *out)
{
	table(out, "A suite", &file_shape);
	table(out, "A query: `queries.NAME`", &query_shape);
	table(out, "A target: `queries.NAME.target`", &target_shape);
}
