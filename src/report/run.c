/* SPDX-License-Identifier: Apache-2.0
 *
 * What a run did.
 */
#include "report/report.h"

#include "report/table.h"
#include "report/text.h"
#include "base/banned.h"

static const struct {
	const char *done, *none, *direction;
} words[] = {
	[WB_ACTION_UP] = { "Applied", "Nothing to apply: every migration is applied.", "up" },
	[WB_ACTION_DOWN] = { "Reverted", "Nothing to revert: no applied migration is left.", "down" },
	[WB_ACTION_REDO] = { "Reverted and applied again", "Nothing to redo: no migration is applied.", "redo" },
	[WB_ACTION_RESUME] = { "Completed", "Nothing to resume: no run was left unfinished.", "up" },
	[WB_ACTION_REHEARSE] = { "Rehearsed", "Nothing to rehearse: every migration is applied.", "up" },
	[WB_ACTION_RESET] = { "Emptied the database and applied", "Emptied the database; there is nothing to apply.",
			      "up" },
};

/* ---- JSON ---- */

static json_t *applied_value(struct wb_json *j, const struct wb_run_result *r)
{
	json_t *all = wb_json_array(j), *o;
	size_t i;

	for (i = 0; r && i < r->n_applied; i++) {
		const struct wb_run_migration *m = &r->applied[i];

		o = wb_json_object(j);
		wb_json_set_text(j, o, "version", m->version);
		wb_json_set_text(j, o, "description", m->description);
		wb_json_set_text(j, o, "file", m->file);
		wb_json_set_number(j, o, "statements", m->statements);
		wb_json_set_number(j, o, "execution_ms", m->execution_ms);
		wb_json_set_number(j, o, "rows_affected", m->rows_affected);
		wb_json_set(j, o, "rolled_back", wb_json_bool(m->rolled_back));
		wb_json_append(j, all, o);
	}
	return all;
}

static json_t *texts_value(struct wb_json *j, const char *const *v, size_t n)
{
	json_t *all = wb_json_array(j);
	size_t i;

	for (i = 0; i < n; i++)
		wb_json_append(j, all, wb_json_text(j, v[i]));
	return all;
}

static int run_json(struct wb_out *out, const struct wb_run_report *run, struct wb_error *err)
{
	const struct wb_run_result *r = run->result;
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j);

	wb_json_set_text(&j, o, "direction", r && r->direction ? r->direction : words[run->action].direction);
	wb_json_set(&j, o, "dry_run", wb_json_bool(run->action == WB_ACTION_REHEARSE));
	wb_json_set(&j, o, "applied", applied_value(&j, r));
	wb_json_set(&j, o, "failed", r && r->has_failed ? wb_report_error_value(&j, &r->failed) : json_null());
	wb_json_set_number(&j, o, "duration_ms", r ? r->duration_ms : 0);
	wb_json_set_number(&j, o, "lock_wait_ms", r ? r->lock_wait_ms : 0);
	wb_json_set_number(&j, o, "blocked_ms", r ? r->blocked_ms : 0);
	wb_json_set_number(&j, o, "retries", r ? r->retries : 0);
	if (r && r->backup) {
		wb_json_set_text(&j, o, "backup", r->backup);
		wb_json_set(&j, o, "restored", wb_json_bool(r->restored));
		wb_json_set_text(&j, o, "kept", r->kept);
	}
	if (run->action == WB_ACTION_REHEARSE && r)
		wb_json_set(&j, o, "not_rehearsed", texts_value(&j, r->not_rehearsed, r->n_not_rehearsed));
	if (run->error)
		wb_json_set(&j, o, "error", wb_report_error_value(&j, run->error));
	return wb_json_print(&j, out, o, err);
}

/* ---- text ---- */

static const struct wb_column columns[] = {
	{ NULL, false, false }, { NULL, false, true },  { NULL, true, false },
	{ NULL, true, false },  { NULL, false, false },
};

static void print_applied(struct wb_out *out, const struct wb_run_result *r)
{
	struct wb_table t;
	char buf[40];
	size_t i;

	wb_table_init(&t, columns, WB_ARRAY_LEN(columns));
	for (i = 0; i < r->n_applied; i++) {
		wb_table_add(&t, WB_BOLD, r->applied[i].version);
		wb_table_add(&t, WB_PLAIN, r->applied[i].description);
		wb_table_add(&t, WB_PLAIN, wb_text_count(r->applied[i].statements, "statement", buf, sizeof(buf)));
		wb_table_add_ms(&t, r->applied[i].execution_ms);
		wb_table_add(&t, WB_YELLOW, r->applied[i].rolled_back ? "rolled back again" : NULL);
	}
	wb_table_print(&t, out, 2);
	wb_table_done(&t);
}

static void print_times(struct wb_out *out, const struct wb_run_result *r)
{
	char buf[40];

	wb_out_addf(out, " in %s", wb_duration_text(r->duration_ms, buf, sizeof(buf)));
	if (r->lock_wait_ms >= 100)
		wb_out_addf(out, ", %s of it waiting for another run",
			    wb_duration_text(r->lock_wait_ms, buf, sizeof(buf)));
	if (r->blocked_ms > 0)
		wb_out_addf(out, "; others were blocked for at most %s",
			    wb_duration_text(r->blocked_ms, buf, sizeof(buf)));
	if (r->retries > 0)
		wb_out_addf(out, "; %lld %s", (long long)r->retries, r->retries == 1 ? "retry" : "retries");
}

static void print_rehearsal(struct wb_out *out, const struct wb_run_result *r)
{
	size_t i;

	wb_out_add(out, "All of it was rolled back: the database is as it was.\n");
	if (r->n_not_rehearsed)
		wb_out_styled(out, WB_YELLOW, "Not rehearsed, because it cannot run in a transaction:\n");
	for (i = 0; i < r->n_not_rehearsed; i++) {
		wb_out_add(out, "  ");
		wb_out_clean(out, r->not_rehearsed[i]);
		wb_out_add(out, "\n");
	}
}

static size_t count_kept(const struct wb_run_result *r)
{
	size_t i, n = 0;

	for (i = 0; i < r->n_applied; i++)
		n += !r->applied[i].rolled_back;
	return n;
}

static void print_summary(struct wb_out *out, const struct wb_run_report *run)
{
	const struct wb_run_result *r = run->result;
	enum wb_style style = run->error ? WB_YELLOW : WB_GREEN;
	char buf[40];

	wb_out_styled(out, style, "%s %s", words[run->action].done,
		      wb_text_count((int64_t)count_kept(r), "migration", buf, sizeof(buf)));
	print_times(out, r);
	wb_out_add(out, run->error ? ", then stopped.\n" : ".\n");
	if (run->action == WB_ACTION_REHEARSE)
		print_rehearsal(out, r);
}

static void run_text(struct wb_out *out, const struct wb_run_report *run)
{
	const struct wb_run_result *r = run->result;

	if (run->error && (!r || r->n_applied == 0))
		return;
	if (!r || (r->n_applied == 0 && r->n_not_rehearsed == 0)) {
		wb_out_addf(out, "%s\n", words[run->action].none);
		return;
	}
	if (!run->brief)
		print_applied(out, r);
	print_summary(out, run);
}

int wb_report_run(struct wb_out *out, enum wb_format format, const struct wb_run_report *run, struct wb_error *err)
{
	if (format == WB_FORMAT_JSON)
		return run_json(out, run, err);
	run_text(out, run);
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
