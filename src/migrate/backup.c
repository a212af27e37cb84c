/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking a backup: dumped under a temporary name in the folder where it is to
 * stand, synced, checked, and only then given its name, after its manifest.
 * Killed at any moment, no file with a final name is anything but whole; what
 * is left under a temporary one is removed by the next run.
 */
#include "backup.h"

#include <unistd.h>

#define TELL_MS 200
#define RENEW_MS 5000

/* ---- while bytes are copied --------------------------------------------------------- */

static int renew_lease(struct wb_copy_watch *w, int64_t now, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch nothing = { .arena = WB_ARENA_INIT };
	struct wb_conn *c = w->t->conn;
	if (!c || !c->pooled || now < w->renewed_ms + RENEW_MS)
		return 0;
	w->renewed_ms = now;
	return wb_batch_run_alone(&nothing, c, err);
}

static int copied(void *user, int64_t done, int64_t total, struct wb_error *err)
{
	struct wb_copy_watch *w = user;
	int64_t now = wb_now_ms();
	if (*w->t->cancel && !w->deaf)
		return wb_err_set(err, WB_ECANCELLED, "cancelled");
	if (now < w->told_ms + TELL_MS)
		return 0;
	w->told_ms = now;
	if (done >= 0) {
		struct wb_event e = w->event;
		e.at_us = wb_wall_us();
		e.done = done;
		e.total = total;
		e.unit = "bytes";
		e.elapsed_ms = now - w->started_ms;
		e.eta_ms = done > 0 && total > done
				   ? (int64_t)((double)e.elapsed_ms * (double)(total - done) / (double)done)
				   : -1;
		wb_event_emit(&w->t->sink, &e);
	}
	return renew_lease(w, now, err);
}

int wb_copy_watch_tick(void *watch)
{
	return copied(watch, -1, -1, NULL);
}

void wb_copy_watch_init(struct wb_copy_watch *w, const struct wb_target *t, enum wb_event_type progress)
{
	*w = (struct wb_copy_watch){ .t = t, .event = wb_event_make(progress), .started_ms = wb_now_ms() };
	w->copying = (struct wb_copying){ .copied = copied, .user = w, .tools = t->tools_dir, .steps = &w->steps };
	w->renewed_ms = w->started_ms;
	wb_fault_steps(&w->steps);
}

void wb_copy_watch_done(struct wb_copy_watch *w)
{
	wb_fault_steps_done(&w->steps);
}

/* ---- the journal ------------------------------------------------------------------------ */

int wb_history_note(const struct wb_target *t, const char *action, const char *reason, int64_t ms, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	struct wb_journal j;
	struct wb_history_row h = { .action = action,
				    .result = "ok",
				    .reason = reason,
				    .statements = -1,
				    .rows_affected = -1,
				    .execution_ms = ms,
				    .retries = -1,
				    .rss_kb = -1,
				    .cpu_ms = -1,
				    .lock_wait_ms = -1 };
	int rc = wb_journal_load(t, true, &j, err);
	if (rc < 0)
		return rc;
	bool exists = j.exists;
	wb_journal_done(&j);
	if (!exists)
		return 0;
	if (!wb_journal_history(t, &b.arena, &h, wb_batch_add(&b)))
		return wb_err_nomem(err);
	return wb_batch_run_alone(&b, t->conn, err);
}

const char *wb_journal_current(const struct wb_journal *j)
{
	const struct wb_record *best = NULL;
	for (size_t i = 0; i < j->n; i++) {
		const struct wb_record *r = &j->v[i];
		if (wb_record_is_done(r) && r->kind != WB_MIG_REPEATABLE &&
		    (!best || wb_version_cmp(r->key, best->key) > 0))
			best = r;
	}
	return best ? best->version : NULL;
}

/* ---- the dump ------------------------------------------------------------------------------ */

struct taking {
	struct wb_target *t;
	const struct wb_backup_options *o;
	struct wb_arena *arena;
	struct wb_backup *out;
	struct wb_conn *conn; /* past a pooler, where there is one */
	struct wb_copy_watch watch;
	struct wb_dump dump;
	struct wb_str temp;
};

/* What the manifest says, as far as it is known before. */
static int describe(struct taking *k, struct wb_error *err)
{
	struct wb_backup_info *info = &k->out->info;
	struct wb_target t = *k->t;
	struct wb_journal j;
	char now[32];
	t.conn = k->conn;
	int rc = wb_journal_load(&t, true, &j, err);
	if (rc < 0)
		return rc;
	const char *current = wb_journal_current(&j), *name = t.conn->options.url->database;
	info->schema_version = wb_arena_str(k->arena, current);
	wb_journal_done(&j);
	info->engine = t.driver->name;
	info->server_version = wb_arena_str(k->arena, k->conn->server);
	info->database = wb_arena_str(k->arena, name ? name : t.conn->options.url->safe);
	info->project = wb_arena_str(k->arena, t.project);
	info->tool_version = wb_arena_str(k->arena, t.tool_version);
	info->created_at = wb_arena_str(k->arena, wb_time_rfc3339(wb_wall_us(), now, sizeof(now)));
	bool whole = (info->schema_version || !current) && info->server_version && info->database && info->project &&
		     info->tool_version && info->created_at;
	return whole ? 0 : wb_err_nomem(err);
}

static int describe_dump(struct taking *k, struct wb_error *err)
{
	struct wb_backup_info *info = &k->out->info;
	char sum[WB_CHECKSUM_SIZE];
	wb_checksum_text(k->dump.sha256, sum);
	info->sha256 = wb_arena_str(k->arena, sum);
	info->dump_tool = wb_arena_str(k->arena, k->dump.tool);
	info->dump_format = wb_arena_str(k->arena, k->dump.format);
	info->bytes = k->dump.size;
	return info->sha256 && info->dump_tool && info->dump_format ? 0 : wb_err_nomem(err);
}

/* ---- compared with what it is of -------------------------------------------------------------- */

struct print {
	const char *table, *checksum;
	int64_t rows;
};
struct prints {
	struct wb_arena arena;
	WB_VEC(struct print) v;
};

static int take_print(void *user, const char *table, int64_t rows, const char *checksum, struct wb_error *err)
{
	struct prints *p = user;
	struct print one = { wb_arena_str(&p->arena, table), wb_arena_str(&p->arena, checksum), rows };
	return one.table && one.checksum && wb_vec_push(&p->v, one) ? 0 : wb_err_nomem(err);
}

static int compare(struct taking *k, const struct prints *was, const struct prints *is, struct wb_error *err)
{
	k->out->tables = (int64_t)was->v.n;
	k->out->rows = 0;
	for (size_t i = 0; i < was->v.n; i++) {
		const struct print *a = &was->v.v[i], *b = i < is->v.n ? &is->v.v[i] : NULL;
		if (b && !strcmp(a->table, b->table) && a->rows == b->rows && !strcmp(a->checksum, b->checksum)) {
			k->out->rows += a->rows;
			continue;
		}
		wb_err_set(err, WB_ENO, "the backup differs from the database in table %s", a->table);
		wb_err_detail(err, "%lld rows there, %lld in the restored backup", (long long)a->rows,
			      (long long)(b ? b->rows : -1));
		return WB_ENO;
	}
	return was->v.n == is->v.n ? 0 : wb_err_set(err, WB_ENO, "the backup has tables that the database has not");
}

static int print_scratch(struct taking *k, struct prints *ret_prints, struct wb_error *err)
{
	char id[37];
	const struct wb_scratch_options o = {
		.real = &k->conn->options, .path = k->temp.p, .id = id, .copying = &k->watch.copying
	};
	struct wb_scratch *s = NULL;
	struct wb_conn *c = NULL;
	wb_uuid(id);
	int rc = wb_scratch_open(k->t->driver, &o, &s, err);
	if (rc == 0)
		rc = wb_conn_open(k->t->driver, &s->open, &c, err);
	if (rc == 0) {
		c->tick = wb_copy_watch_tick;
		c->tick_user = &k->watch;
		rc = wb_conn_fingerprint(c, take_print, ret_prints, err);
	}
	wb_conn_close(c);
	if (s)
		k->t->driver->scratch_close(s);
	return rc;
}

/* The transaction of the dump is still open: what others wrote since is seen in neither. */
static int verify_by_restoring(struct taking *k, struct wb_error *err)
{
	struct prints was = { .arena = WB_ARENA_INIT }, is = { .arena = WB_ARENA_INIT };
	int rc = wb_conn_fingerprint(k->conn, take_print, &was, err);
	if (rc == 0)
		rc = print_scratch(k, &is, err);
	if (rc == 0)
		rc = compare(k, &was, &is, err);
	wb_vec_done(&was.v);
	wb_vec_done(&is.v);
	wb_arena_done(&was.arena);
	wb_arena_done(&is.arena);
	return rc;
}

/* ---- the steps ------------------------------------------------------------------------------------ */

static int dump(struct taking *k, struct wb_error *err)
{
	struct wb_error ignored;
	k->dump.path = k->temp.p;
	k->dump.copying = &k->watch.copying;
	k->dump.keep_snapshot = k->o->verify == WB_BACKUP_VERIFY_RESTORE;
	int rc = wb_conn_dump(k->conn, &k->dump, err);
	if (rc == 0)
		rc = wb_fault_step(&k->watch.steps, err);
	if (rc == 0 && fsync(k->dump.fd) != 0)
		rc = wb_err_errno(err, WB_EIO, "cannot write %s to disk", k->out->info.file);
	if (rc == 0)
		rc = k->t->driver->dump_check(&k->dump, err);
	if (rc == 0)
		rc = wb_fault_step(&k->watch.steps, err);
	if (rc == 0 && k->dump.keep_snapshot)
		rc = verify_by_restoring(k, err);
	if (k->dump.keep_snapshot && !k->conn->lost && wb_conn_rollback(k->conn, &ignored) < 0)
		wb_log(&k->t->sink, WB_LOG_DEBUG, "the snapshot was not released: %s", ignored.message);
	return rc;
}

/* Both names were free when we looked; whoever took one meanwhile keeps it. */
static int publish(struct taking *k, struct wb_error *err)
{
	struct wb_backup_info *info = &k->out->info;
	int rc = wb_fault_step(&k->watch.steps, err);
	if (rc == 0)
		rc = wb_manifest_write(info->manifest, info, err);
	if (rc < 0)
		return rc;
	rc = wb_fault_step(&k->watch.steps, err);
	if (rc == 0)
		rc = wb_fs_publish(k->temp.p, k->dump.fd, info->file, err);
	if (rc < 0)
		(void)unlink(info->manifest);
	return rc == 0 ? wb_fault_step(&k->watch.steps, err) : rc;
}

static int write_backup(struct taking *k, struct wb_error *err)
{
	struct wb_backup_info *info = &k->out->info;
	int rc = wb_fs_temp(info->file, &k->temp, &k->dump.fd, err);
	if (rc == 0)
		rc = wb_fault_step(&k->watch.steps, err);
	if (rc == 0)
		rc = dump(k, err);
	if (rc == 0)
		rc = describe_dump(k, err);
	if (rc == 0)
		rc = publish(k, err);
	if (rc < 0 && k->dump.fd >= 0)
		(void)unlink(k->temp.p);
	if (k->dump.fd >= 0)
		(void)close(k->dump.fd);
	return rc;
}

static void tell(const struct taking *k, enum wb_event_type type, const struct wb_error *failed)
{
	struct wb_event e = wb_event_make(type);
	e.version = k->out->info.schema_version;
	e.description = k->out->info.name;
	e.file = k->out->info.file;
	e.done = failed ? -1 : k->out->info.bytes;
	e.unit = e.done >= 0 ? "bytes" : NULL;
	e.elapsed_ms = type == WB_EVENT_BACKUP_STARTED ? -1 : wb_now_ms() - k->watch.started_ms;
	e.message = failed ? failed->message : NULL;
	e.error = failed ? wb_code_name(failed->code) : NULL;
	wb_event_emit(&k->t->sink, &e);
}

/* pg_dump sets its session up as it needs it, which a transaction pooler would hand on to strangers. */
static int need_conn(struct taking *k, struct wb_error *err)
{
	k->conn = k->t->conn;
	if (!k->conn->pooled)
		return 0;
	if (k->t->has_direct)
		return k->t->connect(k->t->connect_user, true, &k->conn, err);
	wb_err_set(err, WB_EUNSUPPORTED, "a backup cannot be taken through a transaction pooler");
	wb_err_hint(err, "give direct_url, an address past the pooler");
	return WB_EUNSUPPORTED;
}

static int prepare(struct taking *k, struct wb_error *err)
{
	int rc = k->t->driver->dump ? need_conn(k, err)
				    : wb_err_set(err, WB_EUNSUPPORTED, "%s cannot be backed up", k->t->driver->name);
	if (rc == 0)
		rc = wb_fs_mkdir_p(wb_backup_dir(k->t), 0700, err);
	if (rc < 0)
		return rc;
	wb_fs_sweep(wb_backup_dir(k->t));
	rc = wb_backup_name(k->t, k->o->name, k->arena, &k->out->info, err);
	return rc == 0 ? describe(k, err) : rc;
}

int wb_backup_take(struct wb_target *t, const struct wb_backup_options *o, struct wb_arena *a,
		   struct wb_backup *ret_backup, struct wb_error *err)
{
	struct wb_error scratch, note;
	struct wb_backup out = { .info = { .bytes = -1 }, .tables = -1, .rows = -1 };
	struct taking k = { .t = t, .o = o, .arena = a, .out = &out, .dump = { .fd = -1 }, .temp = WB_STR_INIT };
	err = err ? err : &scratch;
	wb_copy_watch_init(&k.watch, t, WB_EVENT_BACKUP_PROGRESS);
	int rc = prepare(&k, err);
	k.watch.event.description = out.info.name;
	k.watch.event.file = out.info.file;
	if (rc == 0) {
		tell(&k, WB_EVENT_BACKUP_STARTED, NULL);
		rc = write_backup(&k, err);
		tell(&k, rc < 0 ? WB_EVENT_BACKUP_FAILED : WB_EVENT_BACKUP_CREATED, rc < 0 ? err : NULL);
	}
	out.duration_ms = wb_now_ms() - k.watch.started_ms;
	if (rc == 0 && wb_history_note(t, "backup", out.info.file, out.duration_ms, &note) < 0)
		wb_log(&t->sink, WB_LOG_INFO, "the backup is not in the history: %s", note.message);
	if (k.conn != t->conn)
		wb_conn_close(k.conn);
	wb_copy_watch_done(&k.watch);
	wb_str_done(&k.temp);
	if (rc == 0)
		*ret_backup = out;
	return rc;
}
