/* SPDX-License-Identifier: Apache-2.0
 *
 * A migration written from what a database already has: recorded there as
 * applied, without being run. Only the one, and only when nothing else is to be
 * done, since what it was written from has to be what the others make.
 */
#include "migrate.h"

#define TEXT_MAX (1u << 20) /* as record.c */

struct declaring {
	struct wb_target *t;
	const char *file, *reason;
	const struct wb_migration *m;
	struct wb_batch batch;
	char run[37];
	int64_t rank;
};

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static int find(struct declaring *d, const struct wb_journal *j, struct wb_error *err)
{
	const struct wb_source *s = d->t->source;
	for (size_t i = 0; i < s->n; i++) {
		const struct wb_migration *m = s->v[i];
		const struct wb_record *r = wb_journal_find(j, m->sort_key);
		bool done = r && r->kind == m->kind && wb_record_is_done(r);
		if (!strcmp(last_part(m->file), last_part(d->file)))
			d->m = m;
		else if (m->kind == WB_MIG_VERSIONED && !done)
			return wb_err_set(err, WB_EREFUSED, "%s is not applied yet", m->file);
		if (d->m == m && done)
			return wb_err_set(err, WB_EREFUSED, "%s is recorded already", m->file);
	}
	return d->m ? 0 : wb_err_set(err, WB_ENOTFOUND, "there is no migration %s", d->file);
}

static int put(struct declaring *d, const struct wb_str *down, struct wb_error *err)
{
	struct wb_arena *a = &d->batch.arena;
	char checksum[WB_CHECKSUM_SIZE], down_checksum[WB_CHECKSUM_SIZE];
	struct wb_journal_row row = { .version = d->m->version,
				      .description = d->m->description,
				      .family = wb_family_name(d->t->source->family),
				      .type = d->m->type,
				      .file = d->m->name,
				      .kind = d->m->kind,
				      .state = WB_STATE_APPLIED,
				      .rank = d->rank + 1,
				      .origin = "whimbrel",
				      .reason = d->reason,
				      .run = d->run,
				      .phase = "up" };
	struct wb_history_row h = { .run = d->run,
				    .version = d->m->version,
				    .description = d->m->description,
				    .action = "baseline",
				    .result = "ok",
				    .reason = d->reason,
				    .rss_kb = -1,
				    .cpu_ms = -1,
				    .lock_wait_ms = -1 };
	wb_checksum_text(d->m->checksum, checksum);
	wb_checksum_text(d->m->down_checksum, down_checksum);
	row.checksum = wb_arena_str(a, checksum);
	if (d->m->has_down) {
		row.down_checksum = wb_arena_str(a, down_checksum);
		row.down_sql = wb_sv(wb_arena_sv(a, wb_str_sv(down)), down->n);
	}
	bool ok = row.checksum && (!d->m->has_down || (row.down_checksum && row.down_sql.p));
	ok = ok && wb_journal_put(d->t, a, &row, wb_batch_add(&d->batch)) &&
	     wb_journal_history(d->t, a, &h, wb_batch_add(&d->batch));
	return ok ? wb_batch_run_alone(&d->batch, d->t->conn, err) : wb_err_nomem(err);
}

static int declare(struct declaring *d, struct wb_error *err)
{
	wb_autostr down = WB_STR_INIT;
	struct wb_journal j;
	int rc = wb_journal_load(d->t, true, &j, err);
	if (rc < 0)
		return rc;
	rc = find(d, &j, err);
	if (rc == 0 && d->m->has_down)
		rc = wb_migration_down_text(d->m, TEXT_MAX, &down, err);
	if (rc == 0)
		rc = wb_journal_ensure(d->t, &j, err);
	d->rank = j.last_rank;
	wb_journal_done(&j);
	return rc < 0 ? rc : put(d, &down, err);
}

int wb_declare_run(struct wb_target *t, const char *file, const char *reason, struct wb_error *err)
{
	struct wb_lock_result waited;
	struct declaring d = { .t = t, .file = file, .reason = reason };
	wb_uuid(d.run);
	int rc = wb_source_check(t->source, err);
	if (rc == 0)
		rc = wb_lock_acquire(t, 60000, &waited, err);
	if (rc < 0)
		return rc;
	rc = declare(&d, err);
	wb_lock_release(t);
	wb_batch_done(&d.batch);
	return rc;
}
