/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_test_run: the public call.
 */
#include "scenario.h"

struct report_box {
	struct wb_test_report view; /* first: wb_test_report_free gets its address */
	struct wb_arena arena;
};

WB_API const char *wb_test_outcome_name(enum wb_test_outcome outcome)
{
	static const char *const names[] = { "passed", "failed", "skipped", "could_not_run" };
	return (unsigned)outcome < WB_ARRAY_LEN(names) ? names[outcome] : "";
}

static int open_owner(struct wb_context *context, const char *scratch_url, struct wb_context **ret_owner,
		      struct wb_error *err)
{
	*ret_owner = context;
	int rc = scratch_url ? wb_open_like(context, scratch_url, ret_owner, err) : 0;
	if (rc == 0 && !(*ret_owner)->has_url)
		rc = wb_err_set(err, WB_EUSAGE, "no database was given beside which others can be made");
	if (rc == 0)
		rc = wb_prepare(*ret_owner, WB_NEED_SOURCE, err);
	if (rc == 0)
		rc = wb_source_check((*ret_owner)->source, err);
	return rc < 0 ? rc : wb_need_driver(*ret_owner, err);
}

static int make_results(struct jobs *k, struct report_box *b, struct wb_error *err)
{
	struct wb_test_result *v = wb_arena_array(&b->arena, k->v.n + 1, sizeof(*v));
	if (!v)
		return wb_err_nomem(err);
	for (size_t i = 0; i < k->v.n; i++) {
		struct job *j = &k->v.v[i];
		v[i].scenario = wb_arena_str(&b->arena, j->name);
		v[i].suite = wb_arena_str(&b->arena, j->suite);
		if (!v[i].scenario || !v[i].suite)
			return wb_err_nomem(err);
		j->result = &v[i];
	}
	b->view.results = v;
	b->view.n_results = k->v.n;
	return 0;
}

static int run(struct jobs *k, struct report_box *b, struct wb_error *err)
{
	int64_t began = wb_now_ms();
	int rc = jobs_make(k, err);
	if (rc == 0 && !k->v.n) {
		wb_err_set(err, WB_ENOTFOUND, "no scenario is like that");
		wb_err_hint(err, "suites, names and tags leave nothing to run");
		rc = WB_ENOTFOUND;
	}
	if (rc == 0)
		rc = make_results(k, b, err);
	if (rc == 0)
		rc = jobs_run(k, &b->view, err);
	b->view.duration_ms = wb_now_ms() - began;
	wb_arena_merge(&b->arena, &k->arena); /* texts of the results */
	return rc;
}

WB_API int wb_test_run(struct wb_context *context, const struct wb_test_options *options,
		       struct wb_test_report **ret_report, struct wb_error *err)
{
	struct wb_test_options o;
	struct jobs k = { .arena = WB_ARENA_INIT, .o = &o };
	struct report_box *b = calloc(1, sizeof(*b));
	int rc = b ? wb_take_options(&o, sizeof(o), options, "wb_test_options", err) : wb_err_nomem(err);
	if (rc == 0)
		rc = open_owner(context, o.scratch_url, &k.owner, err);
	if (rc == 0)
		rc = run(&k, b, err);
	if (k.owner != context)
		wb_close(k.owner);
	jobs_done(&k);
	if (rc < 0)
		wb_test_report_free(b ? &b->view : NULL);
	else
		*ret_report = &b->view;
	return rc;
}

WB_API void wb_test_report_free(struct wb_test_report *report)
{
	struct report_box *b = (struct report_box *)(void *)report;
	if (!b)
		return;
	wb_arena_done(&b->arena);
	free(b);
}
