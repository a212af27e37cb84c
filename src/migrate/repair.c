/* SPDX-License-Identifier: Apache-2.0
 *
 * Bringing the journal into line with files that were changed or lost on
 * purpose: accept changed checksums, clear failed entries, mark missing files.
 * One transaction, each act with its reason in the history; the database's own
 * objects are not touched.
 */
#include "migrate.h"

struct repair {
	struct wb_repair view; /* first: wb_repair_free gets its address */
	struct wb_arena arena;
	WB_VEC(struct wb_repair_item) items;
};

struct repairer {
	struct wb_target *t;
	struct repair *out;
	struct wb_batch batch;
	const char *given_reason;
	char run[37];
};

WB_API void wb_repair_free(struct wb_repair *repair)
{
	struct repair *r = (struct repair *)repair;
	if (!r)
		return;
	wb_vec_done(&r->items);
	wb_arena_done(&r->arena);
	free(r);
}

static int note(struct repairer *p, const struct wb_record *r, const char *action, const char *reason,
		struct wb_error *err)
{
	struct wb_repair_item item = { .version = wb_arena_str(&p->out->arena, r->version),
				       .action = action,
				       .reason = reason };
	struct wb_history_row h = { .run = p->run,
				    .version = r->version,
				    .action = "repair",
				    .result = action,
				    .reason = p->given_reason ? p->given_reason : reason,
				    .statements = -1,
				    .rows_affected = -1,
				    .execution_ms = -1,
				    .retries = -1,
				    .rss_kb = -1,
				    .cpu_ms = -1,
				    .lock_wait_ms = -1 };
	if (!wb_journal_history(p->t, &p->batch.arena, &h, wb_batch_add(&p->batch)))
		p->batch.failed = true;
	return item.version && reason && wb_vec_push(&p->out->items, item) ? 0 : wb_err_nomem(err);
}

static void query(struct repairer *p, enum wb_sql_id id, const struct wb_value *v, int n)
{
	if (!wb_journal_named(p->t, &p->batch.arena, id, v, n, wb_batch_add(&p->batch)))
		p->batch.failed = true;
}

static int accept_checksum(struct repairer *p, const struct wb_record *r, const struct wb_migration *m,
			   struct wb_error *err)
{
	char was[WB_CHECKSUM_SIZE], is[WB_CHECKSUM_SIZE], down[WB_CHECKSUM_SIZE];
	wb_checksum_text(r->checksum, was);
	wb_checksum_text(m->checksum, is);
	wb_checksum_text(m->down_checksum, down);
	bool back = strcmp(is, was) == 0 && r->has_down_checksum; /* the way back alone was changed */
	if (back)
		wb_checksum_text(r->down_checksum, was);
	const char *reason = wb_arena_printf(&p->out->arena, "the %s checksum is now %s, was %s",
					     back ? "down part's" : "file's", back ? down : is, was);
	struct wb_arena *a = &p->batch.arena;
	struct wb_value v[] = { wb_v_text(p->t->project),
				wb_v_text(r->version),
				wb_v_text(wb_arena_str(a, is)),
				m->has_down ? wb_v_text(wb_arena_str(a, down)) : WB_V_NULL,
				wb_v_text(m->name),
				wb_v_text(m->description),
				wb_v_text(reason) };
	query(p, WB_SQL_MIGRATION_REPAIR, v, WB_ARRAY_LEN(v));
	return note(p, r, "checksum", reason, err);
}

static int clear_failed(struct repairer *p, const struct wb_record *r, struct wb_error *err)
{
	struct wb_value v[] = { wb_v_text(p->t->project), wb_v_text(r->version) };
	query(p, WB_SQL_MIGRATION_DELETE, v, 2);
	return note(p, r, "clear_failed",
		    wb_arena_printf(&p->out->arena, "it had failed and was rolled back: %s", r->error ? r->error : "-"),
		    err);
}

static int mark_missing(struct repairer *p, const struct wb_record *r, struct wb_error *err)
{
	const char *reason =
		wb_arena_printf(&p->out->arena, "its file%s%s is gone", r->file ? " " : "", r->file ? r->file : "");
	if (!wb_journal_state(p->t, &p->batch.arena, r->version, WB_STATE_MISSING, r->statements_done, reason, NULL,
			      p->run, wb_batch_add(&p->batch)))
		p->batch.failed = true;
	return note(p, r, "mark_missing", reason, err);
}

static int repair_record(struct repairer *p, const struct wb_record *r, struct wb_error *err)
{
	const struct wb_migration *m = wb_target_file(p->t, r);
	bool applied = r->state == WB_STATE_APPLIED, done = wb_record_is_done(r);
	bool differs = m && ((r->has_checksum && memcmp(r->checksum, m->checksum, 32)) ||
			     (r->has_down_checksum && m->has_down && memcmp(r->down_checksum, m->down_checksum, 32)));
	if (done && differs && r->kind != WB_MIG_REPEATABLE)
		return accept_checksum(p, r, m, err);
	if (r->state == WB_STATE_FAILED && r->statements_done == 0 && !r->down)
		return clear_failed(p, r, err);
	return applied && !m ? mark_missing(p, r, err) : 0;
}

static int repair_all(struct repairer *p, struct wb_error *err)
{
	struct wb_journal j = { 0 };
	int rc = wb_journal_load(p->t, false, &j, err);
	for (size_t i = 0; rc == 0 && i < j.n; i++)
		rc = repair_record(p, &j.v[i], err);
	if (rc == 0 && p->out->items.n && !p->out->view.dry_run)
		rc = wb_batch_run_alone(&p->batch, p->t->conn, err);
	if (rc == 0 && p->batch.failed)
		rc = wb_err_nomem(err);
	wb_journal_done(&j);
	return rc;
}

static int repair_locked(struct repairer *p, struct wb_error *err)
{
	struct wb_lock_result waited;
	int rc = wb_lock_acquire(p->t, 60000, &waited, err);
	if (rc < 0)
		return rc;
	rc = repair_all(p, err);
	wb_lock_release(p->t);
	return rc;
}

int wb_repair_run(struct wb_target *t, bool dry_run, const char *reason, struct wb_repair **ret_repair,
		  struct wb_error *err)
{
	struct repair *out = calloc(1, sizeof(*out));
	if (!out)
		return wb_err_nomem(err);
	struct repairer p = { .t = t, .out = out, .given_reason = reason };
	out->view.dry_run = dry_run;
	wb_uuid(p.run);
	int rc = wb_source_check(t->source, err);
	if (rc == 0)
		rc = dry_run ? repair_all(&p, err) : repair_locked(&p, err);
	wb_batch_done(&p.batch);
	out->view.items = out->items.v;
	out->view.n_items = out->items.n;
	if (rc < 0) {
		wb_repair_free(&out->view);
		return rc;
	}
	*ret_repair = &out->view;
	return 0;
}
