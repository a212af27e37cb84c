/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements tried by the engine itself, on a mock of the schema that the database
 * has, or that the files before have made: the way up first, then, for a moment,
 * the way back. What a database has run is in the mock already.
 */
#include "safety/lint.h"

static bool goes_down(const struct wb_lint_stmt *st)
{
	return st->section && st->section->kind == WB_SEC_DOWN;
}

static int try_those(struct wb_lint_run *run, struct wb_lint_file *f, bool down, struct wb_arena *a,
		     struct wb_error *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < f->n; i++) {
		struct wb_lint_stmt *st = &f->v[i];
		if (goes_down(st) == down)
			rc = wb_mock_try(run->mock, st->text, a, &st->ops, &st->tried, err);
		/* What is no part of the folder may be meant for another database. */
		if (f->alone && run->mock->exact && st->tried.verdict == WB_REFUSED)
			st->tried.verdict = WB_DOUBTFUL;
	}
	return rc;
}

int wb_lint_try(struct wb_lint_run *run, struct wb_lint_file *f, bool runs, struct wb_arena *a, struct wb_error *err)
{
	bool down = false;
	for (size_t i = 0; i < f->n; i++) {
		f->v[i].tried.verdict = WB_DOUBTFUL;
		down |= f->judged && goes_down(&f->v[i]);
	}
	if (!run->mock || !runs)
		return 0;
	int rc = try_those(run, f, false, a, err);
	if (rc || !down)
		return rc;
	rc = wb_mock_mark(run->mock, false, err);
	if (rc == 0)
		rc = try_those(run, f, true, a, err);
	return rc ? rc : wb_mock_mark(run->mock, true, err);
}
