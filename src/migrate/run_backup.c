/* SPDX-License-Identifier: Apache-2.0
 *
 * A run with a backup before it, and the way back to it when the run fails.
 * Both happen under the lock of the run: nobody else gets in between.
 */
#include "backup.h"
#include "result.h"

bool wb_run_wants_backup(const struct wb_run *run)
{
	return run->o->dry_run == WB_DRY_RUN_NO && (run->o->backup || run->o->on_failure == WB_ON_FAILURE_RESTORE);
}

int wb_run_back_up(struct wb_run *run, struct wb_error *err)
{
	const struct wb_backup_options o = { .size = sizeof(o) };
	struct wb_backup b;
	int rc = wb_backup_take(run->t, &o, &run->result->arena, &b, err);
	if (rc < 0)
		wb_err_prefix(err, "no backup could be taken, so nothing was run");
	else
		run->result->view.backup = b.info.file;
	return rc;
}

/* The address past a pooler: databases are renamed there. */
static int real_options(struct wb_run *run, struct wb_open_options *ret_o, struct wb_error *err)
{
	struct wb_conn *direct = NULL;
	int rc = 0;
	*ret_o = run->t->conn->options;
	if (!run->t->conn->pooled)
		return 0;
	rc = run->t->connect(run->t->connect_user, true, &direct, err);
	if (rc == 0)
		*ret_o = direct->options;
	wb_conn_close(direct);
	return rc;
}

static int go_back(struct wb_run *run, struct wb_error *err)
{
	const struct wb_restore_options o = { .size = sizeof(o), .file = run->result->view.backup, .confirmed = true };
	struct wb_open_options real;
	struct wb_restore done;
	if (run->t->conn->lost)
		return wb_err_set(err, WB_ECONN, "the connection was lost");
	/* One that is open to the database would be in the way. */
	wb_watch_done(&run->watch);
	wb_conn_close(run->direct);
	run->direct = NULL;
	int rc = real_options(run, &real, err);
	if (rc == 0)
		rc = wb_restore_into(run->t, &real, &o, true, &run->result->arena, &done, err);
	if (rc == 0)
		run->result->view.kept = done.kept;
	return rc;
}

void wb_run_go_back(struct wb_run *run, struct wb_error *failure)
{
	struct wb_result *result = run->result;
	struct wb_error err = { 0 };
	if (!result->applied.n && !run->half_done) {
		wb_err_hint(failure, "nothing was applied before it, so nothing had to be restored; the backup is %s",
			    result->view.backup);
		return;
	}
	run->watch.deaf = true;
	int rc = go_back(run, &err);
	run->watch.deaf = false;
	if (rc < 0) {
		wb_err_hint(failure, "the backup was not restored (%s): `whimbrel restore %s` does it", err.message,
			    result->view.backup);
		return;
	}
	result->view.restored = true;
	for (size_t i = 0; i < result->applied.n; i++)
		result->applied.v[i].rolled_back = true;
	wb_err_hint(failure, "the database is as it was in the backup %s%s%s", result->view.backup,
		    result->view.kept ? "; the failed one is kept as " : "",
		    result->view.kept ? result->view.kept : "");
}
