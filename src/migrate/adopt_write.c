/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal's rows for an adopted history, all in one transaction: a row for
 * each migration with the tool's name as its origin, and the tool's own log as
 * lines of the history.
 */
#include "adopt.h"

#include <unistd.h>

#define DOWN_MAX (1u << 20)

struct writer {
	struct wb_adopt *a;
	struct wb_batch batch;
	char run[37];
	int64_t rank;
};

static void query(struct writer *w, enum wb_sql_id id, const struct wb_value *v, int n)
{
	if (!wb_journal_named(w->a->t, &w->batch.arena, id, v, n, wb_batch_add(&w->batch)))
		w->batch.failed = true;
}

/* ---- one migration ---------------------------------------------------------------- */

static const char *checksum(struct writer *w, const unsigned char digest[32])
{
	char text[WB_CHECKSUM_SIZE];
	wb_checksum_text(digest, text);
	return wb_arena_str(&w->batch.arena, text);
}

/* So that an older checkout can still go down. */
static int down_text(struct writer *w, const struct wb_migration *m, struct wb_journal_row *row, struct wb_error *err)
{
	wb_autostr down = WB_STR_INIT;
	bool each = false;
	for (size_t i = 0; i < m->n_sections; i++)
		each |= m->sections[i].kind == WB_SEC_DOWN && m->sections[i].options.transaction == WB_NO;
	int rc = wb_migration_down_text(m, DOWN_MAX, &down, err);
	if (rc < 0)
		return rc == WB_EINPUT ? 0 : rc;
	char *text = wb_arena_printf(&w->batch.arena, "%s%s", each ? WB_STORED_EACH : "", down.p);
	row->down_sql = wb_sv_str(text);
	return text ? 0 : wb_err_nomem(err);
}

static int file_facts(struct writer *w, const struct wb_adopt_item *item, struct wb_journal_row *row,
		      struct wb_error *err)
{
	const struct wb_migration *m = item->m;
	row->type = m->type;
	row->file = m->name;
	/* A repeatable one that was changed since has to run again. */
	if (item->kind != WB_MIG_REPEATABLE || item->check != WB_CHECK_CHANGED)
		row->checksum = checksum(w, m->checksum);
	if (!m->has_down)
		return 0;
	row->down_checksum = checksum(w, m->down_checksum);
	return down_text(w, m, row, err);
}

static int put(struct writer *w, const struct wb_adopt_item *item, struct wb_error *err)
{
	const struct wb_adopt *a = w->a;
	const struct wb_old *old = item->old;
	bool failed = item->state == WB_STATE_FAILED;
	struct wb_journal_row row = {
		.version = item->version,
		.kind = item->kind,
		.state = item->state,
		.rank = ++w->rank,
		.execution_ms = old ? old->execution_ms : -1,
		.rows_affected = -1,
		.statements_total = old ? old->total : -1,
		.statements_done = old ? old->done : -1,
		.phase = "up",
		.origin = a->table.tool->name,
		.reason = item->note,
		.error = failed ? old->cell[WB_OLD_ERROR] : NULL,
		.run = w->run,
		.description = item->description,
		.type = "schema",
		.family = a->t->source ? wb_family_name(a->t->source->family) : "none",
	};
	int rc = item->m ? file_facts(w, item, &row, err) : 0;
	if (rc < 0)
		return rc;
	if (!wb_journal_put(a->t, &w->batch.arena, &row, wb_batch_add(&w->batch)))
		return wb_err_nomem(err);
	const struct wb_value when[] = { wb_v_text(a->t->project), wb_v_text(item->version),
					 wb_v_text(old ? old->at : NULL), wb_v_text(old ? old->cell[WB_OLD_BY] : NULL),
					 wb_v_text(old ? old->cell[WB_OLD_TOOL_VERSION] : NULL) };
	query(w, WB_SQL_MIGRATION_WHEN, when, WB_ARRAY_LEN(when));
	return 0;
}

/* ---- what was done of a migration that stopped half way -------------------------------- */

static int put_step(struct writer *w, const struct wb_adopt_item *item, const struct wb_stmt *s, int64_t ordinal,
		    struct wb_error *err)
{
	unsigned char sum[32];
	char hex[65];
	struct wb_sha256 h;
	wb_sha256_init(&h);
	wb_sha256_add(&h, s->text.p, s->text.n);
	wb_sha256_final(&h, sum);
	wb_hex(sum, 32, hex);
	struct wb_step_row row = { .version = item->version,
				   .direction = "up",
				   .kind = s->info.step_kind ? s->info.step_kind : "sql",
				   .hash = wb_arena_str(&w->batch.arena, hex),
				   .state = "done",
				   .run = w->run,
				   .ordinal = ordinal,
				   .line = s->pos.line,
				   .column = s->pos.column,
				   .execution_ms = -1,
				   .rss_kb = -1,
				   .cpu_ms = -1,
				   .lock_wait_ms = -1,
				   .transactional = s->info.tx == WB_TX_ANY,
				   .sql = wb_sv_str(wb_arena_sv(&w->batch.arena, s->text)) };
	if (!row.hash || !row.sql.p || !wb_journal_step_put(w->a->t, &w->batch.arena, &row, wb_batch_add(&w->batch)))
		return wb_err_nomem(err);
	return 0;
}

static int check_count(const struct wb_adopt *a, const struct wb_adopt_item *item, const struct wb_script *s,
		       struct wb_error *err)
{
	if (s->n == item->old->total && s->kept)
		return 0;
	wb_err_set(err, WB_ESTATE, "%s stopped in version %s after %lld of %lld statements, but the file has %lld",
		   a->table.tool->title, item->version, (long long)item->old->done, (long long)item->old->total,
		   (long long)s->n);
	wb_err_place(err, item->m->file, 0, 0);
	wb_err_hint(err, "finish it with %s, then adopt", a->table.tool->title);
	return WB_ESTATE;
}

static int put_half(struct writer *w, const struct wb_adopt_item *item, struct wb_error *err)
{
	struct wb_script *script = NULL;
	size_t budget = 24u << 20;
	struct wb_script_options o = { .mode = WB_TRANSACTION_FILE, .keep_budget = &budget };
	int rc = 0;
	if (!item->m) {
		wb_err_set(err, WB_ESTATE, "%s stopped in version %s half way, and its file is not here",
			   w->a->table.tool->title, item->version);
		wb_err_hint(err, "bring the file back");
		return WB_ESTATE;
	}
	if (item->old->done <= 0)
		return 0;
	rc = wb_script_of_migration(w->a->t, item->m, WB_UP_SECTIONS, &o, &script, err);
	if (rc == 0)
		rc = check_count(w->a, item, script, err);
	for (int64_t i = 0; rc == 0 && i < item->old->done; i++)
		rc = put_step(w, item, &script->stmts[i], i + 1, err);
	wb_script_free(script);
	return rc;
}

/* ---- the history -------------------------------------------------------------------------- */

static void import(struct writer *w, const struct wb_old *old, const char *version)
{
	const struct wb_adopt *a = w->a;
	bool undone = old->state == WB_OLD_UNDONE;
	const struct wb_value v[] = {
		wb_v_text(a->t->project),
		wb_v_text(w->run),
		wb_v_text(version),
		wb_v_text(old->cell[WB_OLD_DESCRIPTION]),
		wb_v_text(undone                          ? "down"
			  : old->state == WB_OLD_BASELINE ? "baseline"
							  : "up"),
		wb_v_text(old->state == WB_OLD_FAILED ? "failed" : "ok"),
		old->execution_ms < 0 ? WB_V_NULL : wb_v_int(old->execution_ms),
		wb_v_text(old->cell[WB_OLD_BY]),
		wb_v_text(old->cell[WB_OLD_TOOL_VERSION]),
		wb_v_text(wb_arena_printf(&w->batch.arena, "by %s", a->table.tool->title)),
		wb_v_text(old->at),
		wb_v_text(old->cell[WB_OLD_ERROR]),
	};
	query(w, WB_SQL_HISTORY_IMPORT, v, WB_ARRAY_LEN(v));
}

static bool is_known(const struct wb_adopt *a, const struct wb_old *old)
{
	const struct wb_adopt_item *item = wb_adopt_item_of(a, old);
	return item ? item->known : a->again; /* undone and repeated ones came with the first adoption */
}

static const char *version_of(struct wb_adopt *a, const struct wb_old *old)
{
	const struct wb_adopt_item *item = wb_adopt_item_of(a, old);
	return item ? item->version : old->repeatable ? old->cell[WB_OLD_FILE] : wb_old_label(a, old);
}

static void import_all(struct writer *w)
{
	struct wb_adopt *a = w->a;
	for (size_t i = 0; i < a->events.n; i++) {
		const struct wb_old *old = &a->events.v[i];
		const char *name = old->cell[WB_OLD_VERSION];
		if (!a->again)
			import(w, old, name);
	}
	for (size_t i = 0; i < a->rows.n; i++) {
		const struct wb_old *old = &a->rows.v[i];
		bool told = a->events.n && !a->again;
		if (old->state != WB_OLD_NOTHING && !told && !is_known(a, old))
			import(w, old, version_of(a, old));
	}
}

/* ---- all -------------------------------------------------------------------------------------- */

/* The act itself; its row of migration_runs is what later runs know the tool by. */
static void the_act(struct writer *w)
{
	const struct wb_adopt *a = w->a;
	const struct wb_target *t = a->t;
	struct wb_arena *arena = &w->batch.arena;
	char *plan = wb_arena_printf(arena, "%s\t%s\t%s", a->table.tool->name, a->table.schema ? a->table.schema : "",
				     a->table.name);
	const struct wb_value run[] = {
		wb_v_text(w->run), wb_v_text(t->project),      wb_v_text("adopt"),          wb_v_text(""),
		wb_v_text(plan),   wb_v_text(t->tool_version), wb_v_text(wb_applied_by(t)), wb_v_text(t->host),
		wb_v_int(getpid())
	};
	const struct wb_value end[] = { wb_v_text(w->run), wb_v_text("ok"), WB_V_NULL };
	struct wb_history_row h = { .run = w->run,
				    .action = "adopt",
				    .result = "ok",
				    .reason = wb_arena_printf(arena, "took over %zu migrations of %s from %s%s%s",
							      a->recorded, a->table.tool->title,
							      a->table.schema ? a->table.schema : "",
							      a->table.schema ? "." : "", a->table.name),
				    .statements = -1,
				    .rows_affected = -1,
				    .execution_ms = -1,
				    .retries = -1,
				    .rss_kb = -1,
				    .cpu_ms = -1,
				    .lock_wait_ms = -1 };
	query(w, WB_SQL_RUN_ADD, run, WB_ARRAY_LEN(run));
	query(w, WB_SQL_RUN_END, end, WB_ARRAY_LEN(end));
	if (!plan || !h.reason || !wb_journal_history(t, arena, &h, wb_batch_add(&w->batch)))
		w->batch.failed = true;
}

int wb_adopt_write(struct wb_adopt *a, struct wb_error *err)
{
	struct writer w = { .a = a, .rank = a->journal.last_rank };
	int rc = 0;
	wb_uuid(w.run);
	import_all(&w);
	for (size_t i = 0; rc == 0 && i < a->items.n; i++) {
		const struct wb_adopt_item *item = &a->items.v[i];
		if (item->history_only || item->known)
			continue;
		if (item->state == WB_STATE_FAILED)
			rc = put_half(&w, item, err);
		if (rc == 0)
			rc = put(&w, item, err);
	}
	the_act(&w);
	if (rc == 0 && (w.batch.failed || a->failed))
		rc = wb_err_nomem(err);
	if (rc == 0)
		rc = wb_journal_ensure(a->t, &a->journal, err);
	if (rc == 0)
		rc = wb_batch_run_alone(&w.batch, a->t->conn, err);
	wb_batch_done(&w.batch);
	return rc;
}
