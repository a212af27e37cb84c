/* SPDX-License-Identifier: Apache-2.0
 *
 * folder URL FOLDER: brings a database, mostly PostgreSQL, to where a folder of
 * migrations ends: shows the plan, waits for a server that is still starting,
 * runs, and tells what was done or exactly what went wrong, and where.
 */
#include <stdio.h>
#include <string.h>
#include <whimbrel/whimbrel.h>

static void show_plan(const struct wb_plan *plan)
{
	for (size_t i = 0; i < plan->n_migrations; i++) {
		const struct wb_plan_migration *m = &plan->migrations[i];
		printf("will %s %s %s: %lld statements, transactions: %s\n", m->action, m->version, m->description,
		       (long long)m->statements, m->transaction);
	}
}

static void show_result(const struct wb_run_result *result)
{
	for (size_t i = 0; result && i < result->n_applied; i++)
		printf("applied %s in %lld ms\n", result->applied[i].version,
		       (long long)result->applied[i].execution_ms);
	if (!result || result->n_applied == 0)
		printf("nothing was applied\n");
}

static void show_error(const struct wb_error *err)
{
	if (err->file[0])
		fprintf(stderr, "%s:%u:%u: ", err->file, err->line, err->column);
	fprintf(stderr, "%s: %s\n", wb_code_name(err->code), err->message);
	if (err->detail[0])
		fprintf(stderr, "  cause: %s\n", err->detail);
	if (err->hint[0])
		fprintf(stderr, "  hint: %s\n", err->hint);
}

static int migrate(struct wb_context *whimbrel, struct wb_error *err)
{
	struct wb_run_options run;
	struct wb_run_result *result = NULL;
	struct wb_plan *plan = NULL;
	int rc = 0;
	if (strcmp(wb_engine(whimbrel), "sqlite") != 0) /* a file needs no waiting for */
		rc = wb_wait(whimbrel, 30000, err);
	if (rc == 0)
		rc = wb_plan(whimbrel, NULL, &plan, err);
	if (rc < 0)
		return rc;
	show_plan(plan);
	wb_plan_free(plan);
	memset(&run, 0, sizeof(run));
	run.size = sizeof(run);
	run.lock_wait_ms = 300000; /* another instance may be at it: five minutes */
	rc = wb_up(whimbrel, &run, &result, err);
	show_result(result); /* also after a failure: what was applied before it stays */
	wb_run_result_free(result);
	return rc;
}

int main(int argc, char **argv)
{
	struct wb_options options;
	struct wb_context *whimbrel = NULL;
	struct wb_error err;
	if (argc != 3) {
		fprintf(stderr, "usage: folder URL FOLDER\n");
		return 64;
	}
	memset(&options, 0, sizeof(options));
	options.size = sizeof(options);
	options.url = argv[1];
	options.dir = argv[2];
	int rc = wb_open(&options, &whimbrel, &err);
	if (rc == 0)
		rc = migrate(whimbrel, &err);
	if (rc < 0)
		show_error(&err);
	wb_close(whimbrel);
	return wb_code_exit_status(rc);
}
