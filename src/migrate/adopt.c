/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking over another tool's history: looked at without a lock, and again under
 * ours and the tool's own, where it is recorded in one transaction. Its tables
 * are only read.
 */
#include "adopt.h"

struct adoption {
	struct wb_adoption view; /* first: wb_adoption_free gets its address */
	struct wb_arena arena; /* taken over from the work */
	WB_VEC(struct wb_adoption_item) items;
	WB_VEC(const char *) notes;
	WB_VEC(const char *) written;
};

WB_API void wb_adoption_free(struct wb_adoption *adoption)
{
	struct adoption *b = (struct adoption *)adoption;
	if (!b)
		return;
	wb_vec_done(&b->items);
	wb_vec_done(&b->notes);
	wb_vec_done(&b->written);
	wb_arena_done(&b->arena);
	free(b);
}

/* ---- texts ---------------------------------------------------------------------- */

const char *wb_adopt_keep(struct wb_adopt *a, const char *s)
{
	const char *copy = wb_arena_str(&a->arena, s);
	a->failed |= s && !copy;
	return copy;
}

void wb_adopt_note(struct wb_adopt *a, const char *fmt, ...)
{
	wb_autostr text = WB_STR_INIT;
	va_list ap;
	va_start(ap, fmt);
	wb_str_vaddf(&text, fmt, ap);
	va_end(ap);
	const char *copy = wb_adopt_keep(a, text.p);
	a->failed |= text.failed || !copy || !wb_vec_push(&a->notes, copy);
}

/* ---- the result ------------------------------------------------------------------ */

static const char *const checks[] = { [WB_CHECK_NONE] = "none",
				      [WB_CHECK_UNKNOWN] = "unknown",
				      [WB_CHECK_VERIFIED] = "verified",
				      [WB_CHECK_CHANGED] = "changed" };

static bool show_item(struct adoption *b, struct wb_adopt *a, const struct wb_adopt_item *item)
{
	struct wb_adoption_item shown = { .version = item->version,
					  .description = item->description,
					  /* the files are read anew by the next call */
					  .file = wb_adopt_keep(a, item->m ? item->m->name : NULL),
					  .state = item->history_only ? "history" : wb_state_name(item->state),
					  .checksum = checks[item->check],
					  .applied_at = item->old ? item->old->at : NULL,
					  .note = item->note,
					  .known = item->known };
	shown.version = wb_adopt_keep(a, shown.version);
	shown.description = wb_adopt_keep(a, shown.description);
	return wb_vec_push(&b->items, shown);
}

/* Files that the next `up` takes: neither recorded nor covered by a baseline. */
static size_t count_pending(const struct wb_adopt *a)
{
	const struct wb_source *s = a->t->source;
	struct wb_map done = { 0 };
	const char *baseline = NULL;
	size_t pending = 0;
	for (size_t i = 0; i < a->items.n; i++) {
		const struct wb_adopt_item *item = &a->items.v[i];
		bool again = item->kind == WB_MIG_REPEATABLE && item->check == WB_CHECK_CHANGED;
		if (item->m && !again && !wb_map_put(&done, wb_sv_str(item->m->name), (void *)(uintptr_t)1))
			break;
		if (item->state == WB_STATE_BASELINE && !item->history_only && wb_version_orders(item->version) &&
		    (!baseline || wb_version_cmp(item->version, baseline) > 0))
			baseline = item->version;
	}
	for (size_t i = 0; s && i < s->n; i++) {
		const struct wb_migration *m = s->v[i];
		const struct wb_record *r = a->journal.exists ? wb_journal_find(&a->journal, m->sort_key) : NULL;
		bool covered = baseline && m->kind != WB_MIG_REPEATABLE && wb_version_cmp(m->version, baseline) <= 0;
		pending += m->kind != WB_MIG_BASELINE && !covered && !(r && wb_record_is_done(r)) &&
			   !wb_map_get(&done, wb_sv_str(m->name));
	}
	wb_map_done(&done);
	return pending;
}

static int give(struct wb_adopt *a, struct wb_adoption **ret_adoption, struct wb_error *err)
{
	struct adoption *b = calloc(1, sizeof(*b));
	if (!b)
		return wb_err_nomem(err);
	b->view = (struct wb_adoption){ .tool = a->table.tool->name,
					.title = a->table.tool->title,
					.schema = a->table.schema,
					.table = a->table.name,
					.recorded = a->recorded,
					.changed = a->changed,
					.pending = count_pending(a),
					.dry_run = a->o->dry_run };
	for (size_t i = 0; i < a->items.n && !a->failed; i++)
		a->failed |= !show_item(b, a, &a->items.v[i]);
	for (size_t i = 0; i < a->notes.n; i++)
		a->failed |= !wb_vec_push(&b->notes, a->notes.v[i]);
	for (size_t i = 0; i < a->written.n; i++)
		a->failed |= !wb_vec_push(&b->written, a->written.v[i]);
	b->view.items = b->items.v;
	b->view.n_items = b->items.n;
	b->view.notes = b->notes.v;
	b->view.n_notes = b->notes.n;
	b->view.written = b->written.v;
	b->view.n_written = b->written.n;
	b->arena = a->arena; /* the texts go with it */
	a->arena = (struct wb_arena)WB_ARENA_INIT;
	if (a->failed) {
		wb_adoption_free(&b->view);
		return wb_err_nomem(err);
	}
	*ret_adoption = &b->view;
	return 0;
}

/* ---- may it be adopted? ------------------------------------------------------------- */

static int check_journal(struct wb_adopt *a, struct wb_error *err)
{
	const struct wb_record *own = NULL;
	for (size_t i = 0; i < a->journal.n; i++) {
		const struct wb_record *r = &a->journal.v[i];
		bool theirs = r->origin && !strcmp(r->origin, a->table.tool->name);
		a->again |= theirs;
		if (!theirs && r->state != WB_STATE_REVERTED)
			own = own ? own : r;
	}
	if (!own || a->again)
		return 0;
	wb_err_set(err, WB_EREFUSED, "the journal already records migration %s, which %s did not apply", own->version,
		   a->table.tool->title);
	wb_err_hint(err, "a history is taken over before the first `whimbrel up`; `whimbrel status` shows what is "
			 "recorded");
	return WB_EREFUSED;
}

static void count(struct wb_adopt *a)
{
	for (size_t i = 0; i < a->items.n; i++)
		a->recorded += !a->items.v[i].known && !a->items.v[i].history_only;
}

static int look(struct wb_adopt *a, struct wb_error *err)
{
	int rc = wb_journal_load(a->t, false, &a->journal, err);
	if (rc == 0)
		rc = wb_adopt_find(a, err);
	if (rc == 0)
		rc = check_journal(a, err);
	if (rc == 0)
		rc = wb_adopt_read(a, err);
	if (rc == 0)
		rc = wb_adopt_match(a, err);
	if (rc == 0)
		rc = wb_adopt_check(a, err);
	if (rc == 0)
		count(a);
	return rc;
}

void wb_adopt_done(struct wb_adopt *a)
{
	wb_vec_done(&a->tables);
	wb_vec_done(&a->rows);
	wb_vec_done(&a->events);
	wb_vec_done(&a->items);
	wb_vec_done(&a->notes);
	wb_vec_done(&a->written);
	wb_journal_done(&a->journal);
	wb_conn_close(a->beside);
	wb_crypto_done(&a->crypto);
	wb_arena_done(&a->arena);
}

/* ---- under the locks --------------------------------------------------------------------- */

static int record_locked(struct wb_adopt *a, struct wb_error *err)
{
	struct wb_adopt again = { .t = a->t, .o = a->o, .conn = a->t->conn };
	int rc = look(&again, err);
	if (rc == 0 && again.recorded)
		rc = wb_adopt_write(&again, err);
	struct wb_adopt first = *a;
	*a = again; /* what is told is what was seen under the lock */
	wb_adopt_done(&first);
	return rc;
}

static int record(struct wb_adopt *a, struct wb_error *err)
{
	const struct wb_target *t = a->t;
	struct wb_peers peers = { 0 };
	struct wb_lock_result waited;
	int rc = wb_lock_acquire(t, 60000, &waited, err);
	if (rc < 0)
		return rc;
	struct wb_peer peer = { wb_arena_str(&peers.arena, a->table.tool->name),
				wb_arena_str(&peers.arena, a->table.schema),
				wb_arena_str(&peers.arena, a->table.name) };
	if (!peer.tool || !peer.table || !wb_vec_push(&peers.v, peer))
		rc = wb_err_nomem(err);
	if (rc == 0)
		rc = wb_peers_lock(t, 60000, &peers, err);
	if (rc == 0)
		rc = record_locked(a, err);
	wb_peers_unlock(t, &peers);
	wb_peers_done(&peers);
	wb_lock_release(t);
	return rc;
}

/* The result tells of the files that were written first. */
static int add_written(struct wb_adopt *a, const struct wb_adoption *files, struct wb_error *err)
{
	for (size_t i = 0; files && i < files->n_written; i++) {
		const char *path = wb_adopt_keep(a, files->written[i]);
		if (!path || !wb_vec_push(&a->written, path))
			return wb_err_nomem(err);
	}
	return 0;
}

int wb_adopt_run(struct wb_target *t, const struct wb_adopt_options *o, const struct wb_adoption *files,
		 struct wb_adoption **ret_adoption, struct wb_error *err)
{
	struct wb_adopt a = { .t = t, .o = o, .conn = t->conn };
	int rc = t->source ? wb_source_check(t->source, err) : 0;
	if (rc == 0)
		rc = look(&a, err);
	if (rc == 0 && a.recorded && !o->dry_run)
		rc = record(&a, err);
	if (rc == 0)
		rc = add_written(&a, files, err);
	if (rc == 0)
		rc = give(&a, ret_adoption, err);
	wb_adopt_done(&a);
	return rc;
}

WB_API const char *const *wb_adopt_tools(void)
{
	static const char *const names[] = {
		"flyway", "golang-migrate", "dbmate",    "rails",    "goose", "alembic",          "sqlx",
		"atlas",  "sqitch",         "liquibase", "refinery", "tern",  "graphile-migrate", NULL
	};
	return names;
}

int wb_adopt_render(struct wb_target *t, const struct wb_adopt_options *o, const char *dir, struct wb_adoption **ret,
		    struct wb_error *err)
{
	struct wb_adopt a = { .t = t, .o = o, .conn = t->conn, .render_dir = dir };
	int rc = wb_journal_load(t, false, &a.journal, err);
	if (rc == 0)
		rc = wb_adopt_find(&a, err);
	if (rc == 0 && !a.table.tool->render) {
		wb_err_set(err, WB_EUNSUPPORTED, "--write-sql has nothing to write for %s", a.table.tool->title);
		wb_err_hint(err, "%s", a.table.tool->no_render);
		rc = WB_EUNSUPPORTED;
	}
	if (rc == 0)
		rc = wb_adopt_read(&a, err);
	if (rc == 0)
		rc = a.table.tool->render(&a, err);
	if (rc == 0)
		rc = give(&a, ret, err);
	wb_adopt_done(&a);
	return rc;
}
