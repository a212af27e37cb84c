/* SPDX-License-Identifier: Apache-2.0
 *
 * Benchmarks that were saved, read back as far as a comparison needs them: the
 * runs of each query, and its plan. src/report/bench_json.c writes them.
 */
#include "cli/bench.h"

#include <math.h>

#include "base/banned.h"

#define FILE_MAX ((size_t)256 << 20)

struct reader {
	struct wb_arena *a;
	bool nomem, wrong;
};

static const char *text(struct reader *r, const json_t *o, const char *key)
{
	const json_t *j = json_object_get(o, key);
	const char *copy;

	if (!json_is_string(j))
		return NULL;
	copy = wb_arena_sv(r->a, wb_sv(json_string_value(j), json_string_length(j)));
	r->nomem |= !copy;
	return copy;
}

static const char *needed(struct reader *r, const json_t *o, const char *key)
{
	const char *t = text(r, o, key);

	r->wrong |= !t;
	return t ? t : "";
}

static void *array(struct reader *r, size_t n, size_t size)
{
	void *v = wb_arena_array(r->a, n + 1, size);

	r->nomem |= !v;
	return v;
}

static double number(const json_t *o, const char *key)
{
	const json_t *j = json_object_get(o, key);

	return json_is_number(j) ? json_number_value(j) : -1;
}

/* ---- plans ---- */

static struct wb_query_node node_of(struct reader *r, const json_t *o)
{
	return (struct wb_query_node){ .depth = (int)fmin(fmax(number(o, "depth"), 0), 10000),
				       .type = needed(r, o, "type"),
				       .relation = text(r, o, "relation"),
				       .index = text(r, o, "index"),
				       .join = text(r, o, "join"),
				       .keys = text(r, o, "keys"),
				       .condition = text(r, o, "condition"),
				       .cost = number(o, "cost") };
}

static const struct wb_query_plan *plan_of(struct reader *r, const json_t *o)
{
	const json_t *nodes = json_object_get(o, "nodes"), *indexes = json_object_get(o, "indexes");
	size_t n = json_array_size(nodes), n_indexes = json_array_size(indexes), i;
	struct wb_query_plan *p = array(r, 1, sizeof(*p));
	struct wb_query_node *v = array(r, n, sizeof(*v));
	const char **names = array(r, n_indexes, sizeof(*names));

	if (!json_is_object(o) || r->nomem)
		return NULL;
	for (i = 0; i < n; i++)
		v[i] = node_of(r, json_array_get(nodes, i));
	for (i = 0; i < n_indexes; i++) {
		const char *name = json_string_value(json_array_get(indexes, i));

		r->wrong |= !name;
		names[i] = wb_arena_str(r->a, name ? name : "");
		r->nomem |= !names[i];
	}
	*p = (struct wb_query_plan){ .cost = number(o, "cost"),
				     .nodes = v,
				     .n_nodes = n,
				     .indexes = { names, n_indexes },
				     .spilled = json_is_true(json_object_get(o, "spilled")),
				     .fingerprint = needed(r, o, "fingerprint"),
				     .worst_estimate = fmax(number(o, "worst_estimate"), 0) };
	return p;
}

/* ---- runs ---- */

static const double *times(struct reader *r, const json_t *list, size_t n)
{
	double *v = array(r, n, sizeof(*v));
	size_t i;

	for (i = 0; v && i < n; i++) {
		const json_t *one = json_array_get(list, i);

		v[i] = json_number_value(one);
		r->wrong |= !json_is_number(one) || v[i] < 0;
	}
	return v;
}

static const bool *counting(struct reader *r, const json_t *disturbed, size_t n)
{
	bool *v = array(r, n, sizeof(*v));
	size_t i;

	for (i = 0; v && i < n; i++)
		v[i] = true;
	for (i = 0; v && i < json_array_size(disturbed); i++) {
		json_int_t at = json_integer_value(json_array_get(disturbed, i));

		if (at >= 0 && (uint64_t)at < n)
			v[at] = false;
		else
			r->wrong = true;
	}
	return v;
}

static struct wb_named_values params_of(struct reader *r, json_t *o)
{
	struct wb_named_value *v = array(r, json_object_size(o), sizeof(*v));
	const char *name;
	json_t *value;
	size_t n = 0;

	if (!v)
		return (struct wb_named_values){ NULL, 0 };
	json_object_foreach(o, name, value)
	{
		v[n].name = wb_arena_str(r->a, name);
		v[n].value = text(r, o, name);
		r->nomem |= !v[n++].name;
	}
	return (struct wb_named_values){ v, n };
}

static struct wb_bench_set set_of(struct reader *r, const json_t *o)
{
	const json_t *ms = json_object_get(o, "samples_ms"), *speed = json_object_get(o, "calibration_ms");
	size_t n = json_array_size(ms);

	r->wrong |= !json_is_array(ms);
	return (struct wb_bench_set){ .params = params_of(r, json_object_get(o, "params")),
				      .ms = times(r, ms, n),
				      .speed_ms = json_array_size(speed) == n ? times(r, speed, n) : NULL,
				      .counts = counting(r, json_object_get(o, "disturbed"), n),
				      .n = n };
}

static struct wb_bench_result result_of(struct reader *r, const json_t *o)
{
	const json_t *sets = json_object_get(o, "sets"), *plan = json_object_get(o, "plan");
	size_t n = json_array_size(sets), i;
	struct wb_bench_query *q = array(r, 1, sizeof(*q));
	struct wb_bench_set *v = array(r, n, sizeof(*v));
	struct wb_bench_result result = { .query = q, .sets = v, .n_sets = n };

	if (!q || !v)
		return result;
	*q = (struct wb_bench_query){ .name = needed(r, o, "name"), .sql = "" };
	r->wrong |= !json_is_array(sets);
	for (i = 0; i < n; i++)
		v[i] = set_of(r, json_array_get(sets, i));
	if (json_is_object(plan))
		result.plan = plan_of(r, plan);
	if (json_object_get(o, "error"))
		result.error = "it could not be run";
	return result;
}

/* ---- the file ---- */

static int wrong_file(const char *path, bool load, struct wb_error *err)
{
	wb_err_set(err, WB_EINPUT,
		   load ? "%s was measured under load, which is not compared" : "%s is no saved benchmark", path);
	wb_err_hint(err, "`whimbrel bench SUITE --save FILE` writes one");
	wb_err_place(err, path, 0, 0);
	return WB_EINPUT;
}

static void take(struct reader *r, const json_t *j, struct wb_bench_report *ret)
{
	const json_t *queries = json_object_get(j, "queries");
	struct wb_bench_suite *suite = array(r, 1, sizeof(*suite));
	struct wb_bench_result *results = array(r, json_array_size(queries), sizeof(*results));
	size_t i;

	r->wrong |= !json_is_array(queries);
	if (!suite || !results)
		return;
	suite->name = needed(r, j, "suite");
	for (i = 0; i < json_array_size(queries); i++)
		results[i] = result_of(r, json_array_get(queries, i));
	*ret = (struct wb_bench_report){ .size = sizeof(*ret),
					 .suite = suite,
					 .server = text(r, j, "server"),
					 .start_time = text(r, j, "start_time"),
					 .results = results,
					 .n_results = json_array_size(queries) };
}

int cli_bench_saved_text(struct wb_arena *a, struct wb_sv content, const char *path, struct wb_bench_report *ret,
			 struct wb_error *err)
{
	struct reader r = { .a = a };
	json_t *j = json_loadb(content.p, content.n, JSON_REJECT_DUPLICATES, NULL);
	bool load = json_is_object(json_object_get(j, "load"));

	take(&r, j, ret);
	json_decref(j);
	if (r.nomem)
		return wb_err_nomem(err);
	return r.wrong || load ? wrong_file(path, load && !r.wrong, err) : 0;
}

int cli_bench_saved(struct wb_arena *a, const char *path, struct wb_bench_report *ret, struct wb_error *err)
{
	wb_autostr content = WB_STR_INIT;
	int rc = wb_fs_read(path, FILE_MAX, &content, err);

	return rc < 0 ? rc : cli_bench_saved_text(a, wb_str_sv(&content), path, ret, err);
}
