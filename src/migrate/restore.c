/* SPDX-License-Identifier: Apache-2.0
 *
 * Restoring: the file is checked against its manifest, a scratch database is
 * built from it, its journal is brought up to what has happened since (no lease
 * of anybody, the newer history of the database that it replaces), and it takes
 * that database's place in one step. Until then nothing has changed.
 */
#include "backup.h"

#define COPIED_AT_ONCE 500 /* rows of the history */

struct restoring {
	struct wb_target *t;
	const struct wb_open_options *real;
	const struct wb_restore_options *o;
	struct wb_arena *arena;
	struct wb_restore *out;
	struct wb_copy_watch watch;
	struct wb_target scratch; /* t with the connection to the scratch database */
};

/* ---- the file ----------------------------------------------------------------------- */

static int check_manifest(struct restoring *r, struct wb_error *err)
{
	const struct wb_backup_info *info = &r->out->from;
	if (!info->sha256 && !r->o->unverified) {
		wb_err_set(err, WB_EREFUSED, "%s has no manifest beside it: nothing says what it should be",
			   info->file);
		wb_err_hint(err, "put its .json beside it; --unverified restores it all the same");
		return WB_EREFUSED;
	}
	if (!info->sha256 || !strcmp(info->engine, r->t->driver->name))
		return 0;
	wb_err_set(err, WB_EUSAGE, "%s is a backup of %s, and the database is %s", info->file, info->engine,
		   r->t->driver->name);
	return WB_EUSAGE;
}

static int hashed(void *user, int64_t done, int64_t total, struct wb_error *err)
{
	(void)done, (void)total;
	return wb_copied(user, -1, -1, err);
}

static int check_content(struct restoring *r, struct wb_error *err)
{
	const struct wb_backup_info *info = &r->out->from;
	unsigned char digest[32];
	char sum[WB_CHECKSUM_SIZE];
	int64_t bytes;
	if (!info->sha256)
		return 0;
	int rc = wb_fs_digest(info->file, hashed, &r->watch.copying, digest, &bytes, err);
	if (rc < 0)
		return rc;
	wb_checksum_text(digest, sum);
	if (bytes == info->bytes && !strcmp(sum, info->sha256))
		return 0;
	wb_err_set(err, WB_ECHECKSUM, "%s is not what was backed up", info->file);
	wb_err_detail(err, "it has %lld bytes and %s, its manifest says %lld and %s", (long long)bytes, sum,
		      (long long)info->bytes, info->sha256);
	wb_err_hint(err, "the file was damaged or changed: take another copy of it, or another backup");
	return WB_ECHECKSUM;
}

static int check_file(struct restoring *r, struct wb_error *err)
{
	int rc = wb_backup_find(r->t, r->o->file, r->arena, &r->out->from, err);
	const struct wb_dump d = { .path = r->out->from.file, .fd = -1, .copying = &r->watch.copying };
	if (rc == 0)
		rc = check_manifest(r, err);
	if (rc == 0)
		rc = check_content(r, err);
	return rc == 0 ? r->t->driver->dump_check(&d, err) : rc;
}

/* ---- the journal in it ------------------------------------------------------------------ */

struct history {
	struct restoring *r;
	struct wb_batch batch;
	int64_t last_id, copied; /* newest row that the backup has; 0 */
	char last_at[40];
	bool met; /* that row was found in the other database */
};

static int take_last(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct history *h = user;
	(void)err;
	if (!wb_sv_i64(row->v[0], &h->last_id))
		h->last_id = 0;
	(void)wb_sv_copy(row->v[1], h->last_at, sizeof(h->last_at));
	return 0;
}

static int flush(struct history *h, struct wb_error *err)
{
	int rc = h->batch.q.n ? wb_batch_run_alone(&h->batch, h->r->scratch.conn, err) : 0;
	wb_batch_done(&h->batch);
	h->batch = (struct wb_batch){ .arena = WB_ARENA_INIT };
	return rc;
}

enum { HISTORY_COLUMNS = 20 }; /* of history_since: id, then what history_copy takes */

static int take_row(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct history *h = user;
	struct wb_value p[HISTORY_COLUMNS - 1];
	int64_t id;
	if (row->n < HISTORY_COLUMNS || !wb_sv_i64(row->v[0], &id))
		return wb_err_set(err, WB_EBUG, "history_since gives other columns than history_copy takes");
	if (id == h->last_id) {
		h->met = wb_sv_eq(row->v[1], wb_sv_str(h->last_at));
		return 0;
	}
	if (h->last_id && !h->met)
		return 0; /* another database's history */
	for (int i = 1; i < HISTORY_COLUMNS; i++) {
		char *copy = row->v[i].p ? wb_arena_sv(&h->batch.arena, row->v[i]) : NULL;
		if (row->v[i].p && !copy)
			return wb_err_nomem(err);
		p[i - 1] = wb_v_sv(wb_sv(copy, row->v[i].n));
	}
	if (!wb_journal_named(&h->r->scratch, &h->batch.arena, WB_SQL_HISTORY_COPY, p, WB_ARRAY_LEN(p),
			      wb_batch_add(&h->batch)))
		return wb_err_nomem(err);
	h->copied++;
	return h->batch.q.n >= COPIED_AT_ONCE ? flush(h, err) : 0;
}

static int has_journal(const struct wb_target *t, bool *ret_has, struct wb_error *err)
{
	struct wb_journal j;
	int rc = wb_journal_load(t, true, &j, err);
	if (rc < 0)
		return rc;
	*ret_has = j.exists;
	wb_journal_done(&j);
	return 0;
}

/* What happened since the backup stays known. */
static int carry_history(struct restoring *r, struct wb_error *err)
{
	struct history h = { .r = r, .batch = { .arena = WB_ARENA_INIT } };
	bool has = false;
	int rc = r->t->conn ? has_journal(r->t, &has, err) : 0;
	if (rc < 0 || !has)
		return rc;
	rc = wb_query_named(r->scratch.conn, WB_SQL_HISTORY_LAST, NULL, 0, take_last, &h, NULL, err);
	struct wb_value from = wb_v_int(h.last_id);
	if (rc == 0)
		rc = wb_query_named(r->t->conn, WB_SQL_HISTORY_SINCE, &from, 1, take_row, &h, NULL, err);
	if (rc == 0)
		rc = flush(&h, err);
	wb_batch_done(&h.batch);
	if (rc == 0 && h.last_id && !h.met)
		wb_log(&r->t->sink, WB_LOG_WARN,
		       "the backup is of another database than the one it replaces: no history was carried over");
	r->out->history_entries = h.copied;
	return rc;
}

static int check_version(struct restoring *r, const struct wb_journal *j, struct wb_error *err)
{
	const char *is = wb_journal_current(j), *wanted = r->out->from.schema_version;
	if (!r->out->from.sha256 || (!is && !wanted) || (is && wanted && !strcmp(is, wanted)))
		return 0;
	wb_err_set(err, WB_EINPUT, "the restored database stands at version %s, its manifest says %s",
		   is ? is : "(none)", wanted ? wanted : "(none)");
	wb_err_hint(err, "was the backup taken while something else than Whimbrel changed its journal?");
	return WB_EINPUT;
}

static int mend_journal(struct restoring *r, struct wb_error *err)
{
	struct wb_journal j;
	bool had = false;
	struct wb_target of_backup = r->scratch;
	of_backup.project = r->out->from.project ? r->out->from.project : of_backup.project;
	int rc = r->t->conn ? has_journal(r->t, &had, err) : 0;
	if (rc == 0)
		rc = wb_journal_load(&of_backup, true, &j, err);
	if (rc < 0)
		return rc;
	rc = check_version(r, &j, err);
	bool exists = j.exists;
	if (rc == 0 && had)
		rc = wb_journal_ensure(&r->scratch, &j, err);
	wb_journal_done(&j);
	if (rc == 0 && (exists || had))
		rc = wb_query_named(r->scratch.conn, WB_SQL_LEASES_CLEAR, NULL, 0, NULL, NULL, NULL, err);
	if (rc == 0)
		rc = carry_history(r, err);
	if (rc == 0)
		rc = wb_history_note(&r->scratch, "restore", r->out->from.file, wb_now_ms() - r->watch.started_ms, err);
	return rc;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static int check_scratch(struct restoring *r, const struct wb_scratch *s, struct wb_error *err)
{
	r->scratch = *r->t;
	r->scratch.conn = NULL;
	int rc = wb_conn_open(r->t->driver, &s->open, &r->scratch.conn, err);
	if (rc == 0) {
		r->scratch.conn->tick = wb_copy_watch_tick;
		r->scratch.conn->tick_user = &r->watch;
		rc = mend_journal(r, err);
	}
	wb_conn_close(r->scratch.conn); /* a database with sessions cannot be renamed */
	r->scratch.conn = NULL;
	return rc;
}

static int build_and_swap(struct restoring *r, struct wb_error *err)
{
	char id[37];
	const struct wb_scratch_options so = { .real = r->real,
					       .path = r->out->from.file,
					       .id = id,
					       .copying = &r->watch.copying,
					       .no_owner = r->o->no_owner };
	struct wb_scratch *s = NULL;
	wb_uuid(id);
	int rc = wb_scratch_open(r->t->driver, &so, &s, err);
	if (rc == 0)
		rc = check_scratch(r, s, err);
	if (rc == 0)
		rc = wb_fault_step(&r->watch.steps, err);
	if (rc == 0)
		rc = r->t->driver->scratch_swap(s, r->t->conn, r->arena, r->o->drop_old ? NULL : &r->out->kept, err);
	if (rc == 0)
		rc = wb_fault_step(&r->watch.steps, err);
	if (s)
		r->t->driver->scratch_close(s);
	return rc;
}

static void tell(const struct restoring *r, enum wb_event_type type, const struct wb_error *failed)
{
	struct wb_event e = wb_event_make(type);
	e.version = r->out->from.schema_version;
	e.description = r->out->from.name ? r->out->from.name : r->o->file;
	e.file = r->out->from.file ? r->out->from.file : r->o->file;
	e.elapsed_ms = type == WB_EVENT_RESTORE_STARTED ? -1 : wb_now_ms() - r->watch.started_ms;
	e.message = failed ? failed->message : r->out->kept;
	e.error = failed ? wb_code_name(failed->code) : NULL;
	wb_event_emit(&r->t->sink, &e);
}

int wb_restore_into(struct wb_target *t, const struct wb_open_options *real, const struct wb_restore_options *o,
		    bool deaf, struct wb_arena *a, struct wb_restore *ret_restore, struct wb_error *err)
{
	struct wb_error scratch;
	struct wb_restore out = { .from = { .bytes = -1 } };
	struct restoring r = { .t = t, .real = real, .o = o, .arena = a, .out = &out };
	err = err ? err : &scratch;
	if (!t->driver->dump)
		return wb_err_set(err, WB_EUNSUPPORTED, "%s cannot be restored", t->driver->name);
	wb_copy_watch_init(&r.watch, t, WB_EVENT_RESTORE_PROGRESS);
	r.watch.deaf = deaf;
	r.watch.event.description = o->file;
	tell(&r, WB_EVENT_RESTORE_STARTED, NULL);
	int rc = check_file(&r, err);
	if (rc == 0)
		rc = build_and_swap(&r, err);
	out.duration_ms = wb_now_ms() - r.watch.started_ms;
	tell(&r, rc < 0 ? WB_EVENT_RESTORE_FAILED : WB_EVENT_RESTORE_COMPLETED, rc < 0 ? err : NULL);
	wb_copy_watch_done(&r.watch);
	if (rc == 0)
		*ret_restore = out;
	return rc;
}
