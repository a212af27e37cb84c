/* SPDX-License-Identifier: Apache-2.0
 *
 * Which scenarios are to be run: those that were given, and those of the
 * built-in suites for each migration of the folder; of all of them those that
 * were asked for by suite, name and tag.
 */
#include "scenario.h"

#include <fnmatch.h>

#define TIMEOUT_MS 30000
#define LONG_TIMEOUT_MS 120000

static const int64_t default_sizes[] = { 1000, 10000 };

/* ---- where the template can stand ---------------------------------------------------------------- */

/* Files up to a baseline are not run where there is one. */
static int make_points(struct jobs *k, struct wb_error *err)
{
	const struct wb_source *s = k->owner->source;
	const struct wb_migration *base = NULL;
	for (size_t i = 0; i < s->n; i++)
		base = s->v[i]->kind == WB_MIG_BASELINE ? s->v[i] : base;
	bool ok = wb_vec_push(&k->points, ((struct point){ "0", NULL }));
	if (ok && base)
		ok = wb_vec_push(&k->points, ((struct point){ base->version, base }));
	for (size_t i = 0; ok && i < s->n; i++) {
		const struct wb_migration *m = s->v[i];
		if (m->kind == WB_MIG_VERSIONED && (!base || wb_version_cmp(m->version, base->version) > 0))
			ok = wb_vec_push(&k->points, ((struct point){ m->version, m }));
	}
	ok = ok && wb_vec_push(&k->points, ((struct point){ NULL, NULL }));
	return ok ? 0 : wb_err_nomem(err);
}

static size_t point_of(const struct jobs *k, const char *version)
{
	if (!version || !*version || strcmp(version, "latest") == 0)
		return k->points.n - 1;
	for (size_t i = 1; i + 1 < k->points.n; i++)
		if (wb_version_cmp(k->points.v[i].to, version) == 0)
			return i;
	return 0;
}

/* ---- choosing -------------------------------------------------------------------------------------- */

static bool is_in(const struct wb_texts *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->v[i], text) == 0)
			return true;
	return false;
}

static bool is_named(const struct jobs *k, const struct job *j)
{
	for (size_t i = 0; i < k->o->names.n; i++)
		if (fnmatch(k->o->names.v[i], j->name, 0) == 0)
			return true;
	return k->o->names.n == 0;
}

static bool has_tag(const struct jobs *k, const struct job *j)
{
	if (k->o->tags.n == 0)
		return true;
	if (!j->scenario)
		return is_in(&k->o->tags, "builtin") || is_in(&k->o->tags, j->suite);
	for (size_t i = 0; i < j->scenario->tags.n; i++)
		if (is_in(&k->o->tags, j->scenario->tags.v[i]))
			return true;
	return false;
}

static bool is_wanted(const struct jobs *k, const struct job *j)
{
	if (k->o->suites.n ? !is_in(&k->o->suites, j->suite) : !j->scenario && k->o->no_builtin)
		return false;
	return is_named(k, j) && has_tag(k, j);
}

static int add(struct jobs *k, struct job j, struct wb_error *err)
{
	bool is_long = j.run == failure_run || j.run == benchmark_run;
	int64_t usual = k->o->timeout_ms ? k->o->timeout_ms : is_long ? LONG_TIMEOUT_MS : TIMEOUT_MS;
	if (!j.timeout_ms)
		j.timeout_ms = usual;
	if (!j.name)
		return wb_err_nomem(err);
	return !is_wanted(k, &j) || wb_vec_push(&k->v, j) ? 0 : wb_err_nomem(err);
}

/* ---- built-in suites ---------------------------------------------------------------------------------- */

static const struct suite {
	const char *name;
	job_fn run;
} each_migration[] = {
	{ "roundtrip", roundtrip_run },
	{ "data", data_run },
	{ "failure", failure_run },
};

static const char *title(struct jobs *k, const struct wb_migration *m)
{
	const char *what = m->description ? m->description : "";
	return wb_arena_printf(&k->arena, "%s%s%s", m->version, *what && m->kind != WB_MIG_REPEATABLE ? " " : "",
			       m->kind != WB_MIG_REPEATABLE ? what : "");
}

static int add_each(struct jobs *k, const struct suite *s, struct wb_error *err)
{
	int rc = 0;
	for (size_t i = 1; rc == 0 && i + 1 < k->points.n; i++) {
		const struct wb_migration *m = k->points.v[i].m;
		struct job j = {
			.run = s->run, .m = m, .suite = s->name, .before = k->points.v[i - 1].to, .base = i - 1
		};
		/* A baseline cannot be reverted. */
		if (m->kind == WB_MIG_BASELINE && s->run != failure_run)
			continue;
		j.name = title(k, m);
		rc = add(k, j, err);
	}
	return rc;
}

static int add_idempotence(struct jobs *k, struct wb_error *err)
{
	const struct wb_source *s = k->owner->source;
	size_t all = k->points.n - 1;
	struct job again = { .run = again_run, .suite = "idempotence", .name = "up again", .base = all };
	int rc = add(k, again, err);
	for (size_t i = 0; rc == 0 && i < s->n; i++) {
		struct job j = { .run = repeatable_run, .suite = "idempotence", .m = s->v[i], .base = all };
		if (s->v[i]->kind != WB_MIG_REPEATABLE)
			continue;
		j.name = title(k, s->v[i]);
		rc = add(k, j, err);
	}
	return rc;
}

static int add_benchmark(struct jobs *k, struct wb_error *err)
{
	const int64_t *sizes = k->o->n_sizes ? k->o->sizes : default_sizes;
	size_t n = k->o->n_sizes ? k->o->n_sizes : WB_ARRAY_LEN(default_sizes);
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < n; i++) {
		struct job j = { .run = benchmark_run,
				 .suite = "benchmark",
				 .size = sizes[i],
				 .points = k->points.v,
				 .n_points = k->points.n };
		j.name = wb_arena_printf(&k->arena, "%lld rows", (long long)sizes[i]);
		rc = add(k, j, err);
	}
	return rc;
}

static int add_builtin(struct jobs *k, struct wb_error *err)
{
	struct job whole = { .run = roundtrip_all_run, .suite = "roundtrip", .name = "everything" };
	bool has_base = k->points.n > 1 && k->points.v[1].m && k->points.v[1].m->kind == WB_MIG_BASELINE;
	int rc = add_each(k, &each_migration[0], err);
	whole.base = has_base ? 1 : 0;
	if (rc == 0 && k->points.n > (has_base ? 3u : 2u))
		rc = add(k, whole, err);
	if (rc == 0)
		rc = add_idempotence(k, err);
	for (size_t i = 1; rc == 0 && i < WB_ARRAY_LEN(each_migration); i++)
		rc = add_each(k, &each_migration[i], err);
	return rc < 0 ? rc : add_benchmark(k, err);
}

/* ---- scenarios ------------------------------------------------------------------------------------------ */

/* Its first step may be one that the template has done already. */
static size_t base_of(const struct jobs *k, const struct wb_test_scenario *s)
{
	const struct wb_test_steps *list = s->setup.n ? &s->setup : &s->steps;
	const struct wb_test_step *first = list->n ? &list->v[0] : NULL;
	const struct wb_test_limits none = { 0 };
	if (!first || first->act != WB_TEST_UP || first->kill_at || first->fail_at || first->fails ||
	    memcmp(&first->limits, &none, sizeof(none)) != 0)
		return 0;
	/* In the steps it is what is tested. */
	return list == &s->setup ? point_of(k, first->text) : 0;
}

static int add_scenarios(struct jobs *k, struct wb_error *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < k->o->n_scenarios; i++) {
		const struct wb_test_scenario *s = &k->o->scenarios[i];
		struct job j = { .scenario = s,
				 .run = scenario_run,
				 .name = s->name,
				 .suite = s->suite ? s->suite : "scenarios",
				 .timeout_ms = s->timeout_ms,
				 .base = base_of(k, s) };
		rc = add(k, j, err);
	}
	return rc;
}

static bool is_builtin(const char *suite)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(each_migration); i++)
		if (strcmp(each_migration[i].name, suite) == 0)
			return true;
	return strcmp(suite, "idempotence") == 0 || strcmp(suite, "benchmark") == 0;
}

/* A word that means nothing must not read as "all is well". */
static int check_words(struct jobs *k, struct wb_error *err)
{
	for (size_t i = 0; i < k->o->suites.n; i++) {
		const char *name = k->o->suites.v[i];
		bool known = is_builtin(name);
		for (size_t s = 0; s < k->o->n_scenarios; s++)
			known |= strcmp(k->o->scenarios[s].suite ? k->o->scenarios[s].suite : "scenarios", name) == 0;
		if (known)
			continue;
		wb_err_set(err, WB_ENOTFOUND, "there is no suite \"%s\"", name);
		wb_err_hint(err, "the built-in ones are roundtrip, idempotence, data, failure, benchmark");
		return WB_ENOTFOUND;
	}
	return 0;
}

static int check_names(const struct jobs *k, struct wb_error *err)
{
	for (size_t i = 0; i < k->o->names.n; i++) {
		bool found = false;
		for (size_t n = 0; n < k->v.n; n++)
			found |= fnmatch(k->o->names.v[i], k->v.v[n].name, 0) == 0;
		if (found)
			continue;
		wb_err_set(err, WB_ENOTFOUND, "there is no scenario \"%s\"", k->o->names.v[i]);
		wb_err_hint(err, "it is neither a file nor the name of a scenario; '*' stands for any text");
		return WB_ENOTFOUND;
	}
	return 0;
}

int jobs_make(struct jobs *k, struct wb_error *err)
{
	int rc = make_points(k, err);
	if (rc == 0)
		rc = check_words(k, err);
	if (rc == 0)
		rc = add_builtin(k, err);
	if (rc == 0)
		rc = add_scenarios(k, err);
	return rc < 0 ? rc : check_names(k, err);
}

void jobs_done(struct jobs *k)
{
	wb_vec_done(&k->points);
	wb_vec_done(&k->v);
	wb_arena_done(&k->arena);
}
