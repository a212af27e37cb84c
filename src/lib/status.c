/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_status and wb_history: the journal and the files as one picture.
 */
#include "context.h"
#include "state/state.h"

struct status_box {
	struct wb_status view; /* first: wb_status_free gets its address */
	struct wb_arena arena;
	WB_VEC(struct wb_migration_info) applied, pending;
	struct wb_problems problems;
	bool failed; /* memory ran out for a text */
};

WB_API void wb_status_free(struct wb_status *status)
{
	struct status_box *b = (struct status_box *)status;
	if (!b)
		return;
	wb_vec_done(&b->applied);
	wb_vec_done(&b->pending);
	wb_problems_done(&b->problems);
	wb_arena_done(&b->arena);
	free(b);
}

/* Texts are not checked one by one: one test at the end decides. */
static const char *keep(struct status_box *b, const char *s)
{
	const char *copy = wb_arena_str(&b->arena, s);
	b->failed |= s && !copy;
	return copy;
}

static const char *checksum_copy(struct status_box *b, const unsigned char digest[32])
{
	char text[WB_CHECKSUM_SIZE];
	wb_checksum_text(digest, text);
	return keep(b, text);
}

static int add_record(struct status_box *b, const struct wb_record *r, const struct wb_migration *m,
		      struct wb_error *err)
{
	if (r->state == WB_STATE_REVERTED)
		return 0;
	struct wb_migration_info i = {
		.version = keep(b, r->version),
		.description = keep(b, r->description),
		.file = keep(b, m ? m->file : r->file),
		.type = keep(b, r->type),
		.kind = wb_mig_kind_name(r->kind),
		.state = wb_state_name(r->state),
		.applied_at = keep(b, r->applied_at),
		.execution_ms = r->execution_ms,
		.checksum = r->has_checksum ? checksum_copy(b, r->checksum) : NULL,
		.origin = keep(b, r->origin),
		.error = keep(b, r->error),
		.has_down = r->has_down || (m && m->has_down),
	};
	return i.version && wb_vec_push(&b->applied, i) ? 0 : wb_err_nomem(err);
}

static int add_pending(struct status_box *b, const struct wb_work_item *item, struct wb_error *err)
{
	const struct wb_migration *m = item->migration;
	if (item->action != WB_APPLY && item->action != WB_REAPPLY)
		return 0;
	struct wb_migration_info i = { .version = keep(b, m->version),
				       .description = keep(b, m->description),
				       .file = keep(b, m->file),
				       .type = keep(b, m->type),
				       .kind = wb_mig_kind_name(m->kind),
				       .state = "pending",
				       .execution_ms = -1,
				       .checksum = checksum_copy(b, m->checksum),
				       .has_down = m->has_down };
	return i.version && i.checksum && wb_vec_push(&b->pending, i) ? 0 : wb_err_nomem(err);
}

/* Problems point into the source and the journal, which the caller's status must outlive. */
static void copy_problem_texts(struct status_box *b)
{
	for (size_t i = 0; i < b->problems.v.n; i++) {
		struct wb_problem *p = &b->problems.v.v[i];
		p->version = keep(b, p->version);
		p->file = keep(b, p->file);
		p->message = keep(b, p->message);
		p->hint = keep(b, p->hint);
	}
}

/* Whoever mistyped the path should not read of a database that merely happens to be empty. */
static int note_absent(struct wb_context *c, struct status_box *b, struct wb_error *err)
{
	struct wb_problem p = { .kind = "absent",
				.file = c->url.database,
				.message = "the database file does not exist yet",
				.hint = "`whimbrel up` creates it; if it should be there, look at the path in the URL",
				.warning = true };
	const char *slash = strrchr(c->url.database, '/');
	const char *folder =
		slash && slash > c->url.database
			? wb_arena_printf(&b->arena, "%.*s", (int)(slash - c->url.database), c->url.database)
			: NULL;
	if (folder && !wb_fs_exists(folder))
		p.hint = wb_arena_printf(
			&b->arena, "there is no folder %s either: make it, or look at the path in the URL", folder);
	if (!p.hint || (slash && slash > c->url.database && !folder))
		return wb_err_nomem(err);
	return wb_vec_push(&b->problems.v, p) ? 0 : wb_err_nomem(err);
}

static int fill_lists(struct wb_context *c, struct status_box *b, struct wb_journal *j, struct wb_error *err)
{
	struct wb_work w;
	struct wb_plan_options o = { .out_of_order = true };
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < j->n; i++) {
		rc = add_record(b, &j->v[i], wb_target_file(&c->target, &j->v[i]), err);
	}
	if (rc == 0)
		rc = wb_compare(&c->target, j, &b->arena, &b->problems, err);
	if (rc == 0 && c->conn_is_standin)
		rc = note_absent(c, b, err);
	if (rc < 0)
		return rc;
	copy_problem_texts(b);
	rc = wb_work_make(&c->target, j, &o, &w, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; rc == 0 && i < w.items.n; i++)
		rc = add_pending(b, &w.items.v[i], err);
	b->view.current = keep(b, w.current);
	wb_work_done(&w);
	return rc;
}

static int find_release(struct wb_context *c, struct status_box *b, struct wb_error *err)
{
	struct wb_kept_releases past = { 0 };
	int rc = wb_releases_load(&c->target, &b->arena, &past, err);
	b->view.release = past.n ? past.v[0].version : NULL;
	return rc;
}

WB_API int wb_status(struct wb_context *context, struct wb_status **ret_status, struct wb_error *err)
{
	struct wb_journal j = { 0 };
	int rc = wb_prepare(context, WB_NEED_SOURCE | WB_NEED_READ, err);
	if (rc < 0)
		return rc;
	struct status_box *b = calloc(1, sizeof(*b));
	if (!b)
		return wb_err_nomem(err);
	rc = wb_journal_load(&context->target, false, &j, err);
	if (rc == 0)
		rc = fill_lists(context, b, &j, err);
	if (rc == 0 && j.exists)
		rc = find_release(context, b, err);
	b->view.engine = context->engine;
	b->view.database = keep(b, context->url.database);
	b->view.server = keep(b, context->conn->server);
	b->view.safe_url = keep(b, context->url.safe);
	b->view.has_journal = j.exists;
	b->view.applied = b->applied.v;
	b->view.n_applied = b->applied.n;
	b->view.pending = b->pending.v;
	b->view.n_pending = b->pending.n;
	b->view.problems = b->problems.v.v;
	b->view.n_problems = b->problems.v.n;
	wb_journal_done(&j);
	if (rc == 0 && b->failed)
		rc = wb_err_nomem(err);
	if (rc < 0) {
		wb_status_free(&b->view);
		return rc;
	}
	*ret_status = &b->view;
	return 0;
}

/* ---- history ---------------------------------------------------------------------- */

struct history_box {
	struct wb_history view; /* first: wb_history_free gets its address */
	struct wb_arena arena;
	WB_VEC(struct wb_history_entry) entries;
	bool failed; /* memory ran out for a text */
};

WB_API void wb_history_free(struct wb_history *history)
{
	struct history_box *b = (struct history_box *)history;
	if (!b)
		return;
	wb_vec_done(&b->entries);
	wb_arena_done(&b->arena);
	free(b);
}

static int64_t number(struct wb_sv v)
{
	int64_t n;
	return v.p && wb_sv_i64(v, &n) ? n : -1;
}

static const char *text(struct history_box *b, struct wb_sv v)
{
	const char *copy = v.p ? wb_arena_sv(&b->arena, v) : NULL;
	b->failed |= v.p && !copy;
	return copy;
}

/* Columns of history_list, see driver/queries.h. */
static int take_entry(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct history_box *b = user;
	const struct wb_sv *v = row->v;
	enum { COLUMNS = 19 };
	if (row->n < COLUMNS)
		return wb_err_set(err, WB_EBUG, "history_list gives %d columns", row->n);
	struct wb_history_entry e = {
		.id = number(v[0]),
		.at = text(b, v[1]),
		.version = text(b, v[2]),
		.description = text(b, v[3]),
		.action = text(b, v[4]),
		.result = text(b, v[5]),
		.statements = number(v[6]),
		.rows_affected = number(v[7]),
		.execution_ms = number(v[8]),
		.retries = number(v[9]),
		.rss_kb = number(v[10]),
		.cpu_ms = number(v[11]),
		.lock_wait_ms = number(v[12]),
		.who = text(b, v[13]),
		.host = text(b, v[14]),
		.tool_version = text(b, v[15]),
		.reason = text(b, v[16]),
		.error = text(b, v[17]),
		.run = text(b, v[18]),
	};
	return !b->failed && wb_vec_push(&b->entries, e) ? 0 : wb_err_nomem(err);
}

static int read_history(struct wb_context *c, const char *version, int64_t limit, struct history_box *b,
			struct wb_error *err)
{
	struct wb_journal j = { 0 };
	int rc = wb_journal_load(&c->target, true, &j, err);
	/* V2 for 002; what the journal no longer holds may still have a history. */
	if (rc == 0 && j.exists && version &&
	    wb_target_version(&c->target, &j, &b->arena, version, &version, err) == WB_ENOMEM)
		rc = WB_ENOMEM;
	struct wb_value p[] = { wb_v_text(c->o.project), wb_v_text(version), wb_v_int(limit > 0 ? limit : INT32_MAX) };
	if (rc == 0 && j.exists)
		rc = wb_query_named(c->conn, WB_SQL_HISTORY_LIST, p, 3, take_entry, b, NULL, err);
	wb_journal_done(&j);
	return rc;
}

WB_API int wb_history(struct wb_context *context, const char *version, int64_t limit, struct wb_history **ret_history,
		      struct wb_error *err)
{
	int rc = wb_prepare(context, WB_NEED_READ, err);
	if (rc < 0)
		return rc;
	struct history_box *b = calloc(1, sizeof(*b));
	if (!b)
		return wb_err_nomem(err);
	rc = read_history(context, version, limit, b, err);
	if (rc < 0) {
		wb_history_free(&b->view);
		return rc;
	}
	b->view.entries = b->entries.v;
	b->view.n_entries = b->entries.n;
	*ret_history = &b->view;
	return 0;
}
