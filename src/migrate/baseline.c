/* SPDX-License-Identifier: Apache-2.0
 *
 * Declaring where an existing database stands: the files up to a version are
 * recorded as its baseline without being run.
 */
#include "migrate.h"

struct baseline {
	struct wb_target *t;
	const char *version, *reason;
	struct wb_batch batch;
	char run[37];
	size_t recorded;
	int64_t rank;
	bool met; /* a file has this very version */
};

static int record(struct baseline *b, const char *version, const struct wb_migration *m, struct wb_error *err)
{
	char checksum[WB_CHECKSUM_SIZE];
	struct wb_journal_row row = { .version = version,
				      .kind = WB_MIG_VERSIONED,
				      .state = WB_STATE_BASELINE,
				      .rank = ++b->rank,
				      .execution_ms = 0,
				      .rows_affected = 0,
				      .statements_total = 0,
				      .statements_done = 0,
				      .phase = "up",
				      .origin = "whimbrel",
				      .reason = b->reason,
				      .run = b->run,
				      .description = "baseline",
				      .type = "schema",
				      .family = wb_family_name(b->t->source->family) };
	if (m) {
		wb_checksum_text(m->checksum, checksum);
		row.checksum = wb_arena_str(&b->batch.arena, checksum);
		row.description = m->description;
		row.type = m->type;
		row.file = m->name;
		row.kind = m->kind;
	}
	if ((m && !row.checksum) || !wb_journal_put(b->t, &b->batch.arena, &row, wb_batch_add(&b->batch)))
		return wb_err_nomem(err);
	b->recorded++;
	return 0;
}

static int record_all(struct baseline *b, struct wb_error *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < b->t->source->n; i++) {
		const struct wb_migration *m = b->t->source->v[i];
		int cmp = m->kind == WB_MIG_VERSIONED ? wb_version_cmp(m->version, b->version) : 1;
		b->met |= cmp == 0;
		rc = cmp <= 0 ? record(b, m->version, m, err) : 0;
	}
	if (rc == 0 && !b->met)
		rc = record(b, b->version, NULL, err);
	struct wb_history_row h = { .run = b->run,
				    .version = b->version,
				    .action = "baseline",
				    .result = "ok",
				    .reason = b->reason,
				    .statements = 0,
				    .rows_affected = 0,
				    .execution_ms = 0,
				    .retries = 0,
				    .rss_kb = -1,
				    .cpu_ms = -1,
				    .lock_wait_ms = -1 };
	if (rc == 0 && !wb_journal_history(b->t, &b->batch.arena, &h, wb_batch_add(&b->batch)))
		rc = wb_err_nomem(err);
	return rc;
}

static int check_empty(const struct wb_journal *j, struct wb_error *err)
{
	for (size_t i = 0; i < j->n; i++) {
		if (j->v[i].state == WB_STATE_REVERTED)
			continue;
		wb_err_set(err, WB_EREFUSED,
			   "the journal already records migration %s: a baseline is only for a database that has no "
			   "history",
			   j->v[i].version);
		wb_err_hint(err, "`whimbrel status` shows what is recorded; `whimbrel up` goes on from there");
		return WB_EREFUSED;
	}
	return 0;
}

/* A version without a file is taken as it is written: the files of the old days need not be here. */
static int find_version(struct baseline *b, const struct wb_journal *j, struct wb_error *err)
{
	int rc = wb_target_version(b->t, j, &b->batch.arena, b->version, &b->version, err);
	if (rc != WB_ENOTFOUND || !wb_target_plain(b->version))
		return rc;
	b->version = wb_target_plain(b->version);
	return 0;
}

static int baseline_locked(struct baseline *b, struct wb_error *err)
{
	struct wb_journal j;
	int rc = wb_journal_load(b->t, true, &j, err);
	if (rc < 0)
		return rc;
	rc = check_empty(&j, err);
	if (rc == 0)
		rc = find_version(b, &j, err);
	if (rc == 0)
		rc = wb_journal_ensure(b->t, &j, err);
	b->rank = j.last_rank;
	if (rc == 0)
		rc = record_all(b, err);
	if (rc == 0)
		rc = wb_batch_run_alone(&b->batch, b->t->conn, err);
	wb_journal_done(&j);
	return rc;
}

int wb_baseline_run(struct wb_target *t, const char *version, const char *reason, size_t *ret_recorded,
		    struct wb_error *err)
{
	struct wb_lock_result waited;
	struct baseline b = { .t = t, .version = version, .reason = reason ? reason : "declared with baseline" };
	wb_uuid(b.run);
	int rc = wb_source_check(t->source, err);
	if (rc == 0)
		rc = wb_lock_acquire(t, 60000, &waited, err);
	if (rc < 0)
		return rc;
	rc = baseline_locked(&b, err);
	wb_lock_release(t);
	wb_batch_done(&b.batch);
	if (rc == 0 && ret_recorded)
		*ret_recorded = b.recorded;
	return rc;
}
