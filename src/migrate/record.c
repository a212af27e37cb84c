/* SPDX-License-Identifier: Apache-2.0
 *
 * What the journal says of an item: its row, its steps, its history. Success is
 * recorded in the transaction that did the work; failure in one of its own,
 * after the rollback.
 */
#include "undo.h"

#define TEXT_MAX (1u << 20) /* applied_sql and down_sql beyond this are left out */

bool wb_is_down(const struct wb_work_item *item)
{
	return item->action == WB_REVERT || item->action == WB_RESUME_DOWN;
}

bool wb_resumes(const struct wb_work_item *item)
{
	return item->action == WB_RESUME_UP || item->action == WB_RESUME_DOWN;
}

void wb_tally_start(struct wb_tally *tally)
{
	*tally = (struct wb_tally){
		.started_ms = wb_now_ms(), .cpu_start_ms = wb_proc_cpu_ms(), .rss_kb = -1, .cpu_ms = -1, .took_ms = -1
	};
}

int64_t wb_tally_took(const struct wb_tally *tally)
{
	return tally->took_ms >= 0 ? tally->took_ms : wb_now_ms() - tally->started_ms;
}

void wb_tally_sample(struct wb_tally *tally, const struct wb_watch *w)
{
	tally->rss_kb = wb_proc_peak_rss_kb();
	tally->cpu_ms = wb_proc_cpu_ms() - tally->cpu_start_ms;
	tally->lock_wait_ms = w->lock_wait_ms;
}

static void add(struct wb_batch *b, bool ok, const struct wb_query *q)
{
	struct wb_query *slot = wb_batch_add(b);
	if (!ok || !slot)
		b->failed = true;
	else
		*slot = *q;
}

/* The down part as it would run today: later the variables may have other values, or none. */
static int down_substituted(struct wb_run *run, const struct wb_migration *m, struct wb_str *out, struct wb_error *err)
{
	const struct wb_target *t = run->t;
	struct wb_stmt_options o = { .dialect = t->driver->dialect,
				     .variables = t->variables,
				     .n_variables = t->n_variables,
				     .variables_default = t->variables_on };
	struct wb_statements *st = NULL;
	struct wb_item item = { .kind = WB_ITEM_STATEMENT };
	int rc = wb_statements_open(m, 1u << WB_SEC_DOWN, &o, &st, err);
	while (rc == 0 && item.kind != WB_ITEM_END) {
		rc = wb_statements_next(st, &item, NULL, err);
		if (rc < 0 || item.kind == WB_ITEM_END)
			break;
		if (out->n + item.text.n + 4 > TEXT_MAX)
			rc = WB_EINPUT;
		wb_str_addsv(out, item.kind == WB_ITEM_COPY_END ? WB_SV("\\.\n") : item.text);
		wb_str_add(out, item.kind == WB_ITEM_STATEMENT ? ";\n" : "");
	}
	wb_statements_close(st);
	return rc == 0 && out->failed ? wb_err_nomem(err) : rc;
}

/* Texts that a later run may need when the files are gone or older. */
static int texts(struct wb_run *run, const struct wb_work_item *item, struct wb_batch *b, struct wb_journal_row *row,
		 struct wb_error *err)
{
	const struct wb_migration *m = item->script->migration;
	if (m->memory && m->size <= TEXT_MAX)
		row->applied_sql = wb_sv(m->memory, m->size);
	if (!m->has_down)
		return 0;
	bool each = false, variables = run->t->variables_on;
	for (size_t i = 0; i < m->n_sections; i++) {
		each |= m->sections[i].kind == WB_SEC_DOWN && m->sections[i].options.transaction == WB_NO;
		variables |= m->sections[i].kind == WB_SEC_DOWN && m->sections[i].options.variables == WB_YES;
	}
	wb_autostr down = WB_STR_INIT;
	int rc = variables ? down_substituted(run, m, &down, err) : wb_migration_down_text(m, TEXT_MAX, &down, err);
	if (rc < 0)
		return rc == WB_EINPUT ? 0 : rc; /* too long to be kept: the file alone can revert it */
	char *text = wb_arena_printf(&b->arena, "%s%s", each ? WB_STORED_EACH : "", down.p);
	row->down_sql = wb_sv_str(text);
	return text ? 0 : wb_err_nomem(err);
}

static int row_of(struct wb_run *run, const struct wb_work_item *item, struct wb_batch *b,
		  struct wb_journal_row *ret_row, struct wb_error *err)
{
	const struct wb_migration *m = item->migration;
	struct wb_journal_row row = { .version = item->version,
				      .description = m->description,
				      .family = wb_family_name(run->t->source->family),
				      .type = m->type,
				      .file = m->name,
				      .kind = m->kind,
				      .origin = "whimbrel",
				      .run = run->id,
				      .statements_total = item->script->n,
				      .execution_ms = -1,
				      .rows_affected = -1,
				      .phase = "up" };
	char text[WB_CHECKSUM_SIZE];
	wb_checksum_text(m->checksum, text);
	row.checksum = wb_arena_str(&b->arena, text);
	if (m->has_down) {
		wb_checksum_text(m->down_checksum, text);
		row.down_checksum = wb_arena_str(&b->arena, text);
	}
	int rc = texts(run, item, b, &row, err);
	if (rc == 0 && !m->has_down)
		rc = wb_undo_stored(item, &b->arena, &row.down_sql, &row.reason, err);
	*ret_row = row;
	return rc;
}

static int add_history(struct wb_run *run, struct wb_batch *b, const struct wb_work_item *item,
		       const struct wb_tally *tally, const char *result, const char *error, struct wb_error *err)
{
	struct wb_history_row h = { .run = run->id,
				    .version = item->version,
				    .description = item->description,
				    .action = wb_is_down(item) ? "down" : "up",
				    .result = result,
				    .error = error,
				    .statements = tally->statements,
				    .rows_affected = tally->rows,
				    .execution_ms = strcmp(result, "ok") == 0 ? wb_tally_took(tally)
									      : wb_now_ms() - tally->started_ms,
				    .retries = tally->retries,
				    .rss_kb = tally->rss_kb,
				    .cpu_ms = tally->cpu_ms,
				    .lock_wait_ms = tally->lock_wait_ms };
	struct wb_query q = { 0 };
	add(b, wb_journal_history(run->t, &b->arena, &h, &q), &q);
	return b->failed ? wb_err_nomem(err) : 0;
}

static void add_dependencies(struct wb_run *run, struct wb_batch *b, const struct wb_work_item *item)
{
	const struct wb_mig_header *h = &item->migration->header;
	for (size_t i = 0; i < item->migration->n_parents && i < h->n_depends; i++) {
		struct wb_value p[] = { wb_v_text(run->t->project), wb_v_text(item->version),
					wb_v_text(item->migration->parents[i]->version) };
		struct wb_query q = { 0 };
		add(b, wb_journal_named(run->t, &b->arena, WB_SQL_DEPENDENCY_ADD, p, 3, &q), &q);
	}
}

static void clear_dependencies(struct wb_run *run, struct wb_batch *b, const struct wb_work_item *item)
{
	struct wb_value p[] = { wb_v_text(run->t->project), wb_v_text(item->version) };
	struct wb_query q = { 0 };
	add(b, wb_journal_named(run->t, &b->arena, WB_SQL_DEPENDENCY_CLEAR, p, 2, &q), &q);
}

static void settle_trash(struct wb_run *run, struct wb_batch *b, const struct wb_work_item *item)
{
	struct wb_value p[] = { wb_v_text(run->t->project), wb_v_text(item->version) };
	struct wb_query q = { 0 };
	if (run->has_trash)
		add(b, wb_journal_named(run->t, &b->arena, WB_SQL_TRASH_SETTLE, p, 2, &q), &q);
}

static void clear_steps(struct wb_run *run, struct wb_batch *b, const struct wb_work_item *item)
{
	struct wb_value p[] = { wb_v_text(run->t->project), wb_v_text(item->version),
				wb_v_text(wb_is_down(item) ? "down" : "up") };
	struct wb_query q = { 0 };
	add(b, wb_journal_named(run->t, &b->arena, WB_SQL_STEP_CLEAR, p, 3, &q), &q);
}

static int success_up(struct wb_run *run, struct wb_batch *b, const struct wb_work_item *item,
		      const struct wb_tally *tally, struct wb_error *err)
{
	struct wb_journal_row row;
	int rc = row_of(run, item, b, &row, err);
	if (rc < 0)
		return rc;
	row.state = WB_STATE_APPLIED;
	row.statements_done = item->script->n;
	row.execution_ms = wb_tally_took(tally);
	row.rows_affected = tally->rows;
	row.rank = item->rank;
	struct wb_query q = { 0 };
	add(b, wb_journal_put(run->t, &b->arena, &row, &q), &q);
	add_dependencies(run, b, item);
	return 0;
}

static void state(struct wb_run *run, struct wb_batch *b, const struct wb_work_item *item, enum wb_state s,
		  int64_t done, const char *error)
{
	struct wb_query q = { 0 };
	add(b, wb_journal_state(run->t, &b->arena, item->version, s, done, NULL, error, run->id, &q), &q);
}

int wb_record_success(struct wb_run *run, struct wb_batch *b, const struct wb_work_item *item, struct wb_tally *tally,
		      struct wb_error *err)
{
	int rc = 0;
	tally->took_ms = wb_now_ms() - tally->started_ms;
	if (wb_is_down(item)) {
		state(run, b, item, WB_STATE_REVERTED, 0, NULL);
		clear_dependencies(run, b, item);
		settle_trash(run, b, item);
	} else if (item->migration) {
		rc = success_up(run, b, item, tally, err);
	} else {
		state(run, b, item, WB_STATE_APPLIED, item->script->n, NULL);
	}
	return rc < 0 ? rc : add_history(run, b, item, tally, "ok", NULL, err);
}

/* ---- migrations of several steps ---------------------------------------------------------- */

/* Such a step may have been running: what its row says is still to be asked about. */
static bool was_outside(const struct wb_work_item *item, int64_t ordinal)
{
	const struct wb_script *s = item->script;
	for (size_t i = 0; i < s->n_chunks; i++) {
		if (ordinal >= s->chunks[i].first && ordinal <= s->chunks[i].last)
			return !s->chunks[i].transactional;
	}
	return false;
}

static void add_steps(struct wb_run *run, struct wb_batch *b, const struct wb_work_item *item, int64_t done)
{
	const struct wb_script *s = item->script;
	if (!wb_resumes(item))
		clear_steps(run, b, item);
	int64_t from = wb_resumes(item) ? done + was_outside(item, done + 1) : 0;
	for (int64_t i = from; s->kept && s->n <= WB_STORED_STEPS_MAX && i < s->n; i++) {
		char hash[65];
		unsigned char sum[32];
		struct wb_sha256 h;
		wb_sha256_init(&h);
		wb_sha256_add(&h, s->stmts[i].text.p, s->stmts[i].text.n);
		wb_sha256_final(&h, sum);
		wb_hex(sum, 32, hash);
		struct wb_step_row row = { .version = item->version,
					   .direction = wb_is_down(item) ? "down" : "up",
					   .ordinal = i + 1,
					   .kind = s->stmts[i].info.step_kind,
					   .hash = wb_arena_str(&b->arena, hash),
					   .sql = s->stmts[i].text,
					   .line = s->stmts[i].pos.line,
					   .column = s->stmts[i].pos.column,
					   .transactional = s->stmts[i].info.tx == WB_TX_ANY,
					   .state = "pending",
					   .run = run->id };
		struct wb_query q = { 0 };
		add(b, wb_journal_step_put(run->t, &b->arena, &row, &q), &q);
	}
}

int wb_record_begin(struct wb_run *run, struct wb_batch *b, const struct wb_work_item *item, int64_t done,
		    struct wb_error *err)
{
	bool down = wb_is_down(item);
	struct wb_journal_row row = { 0 };
	struct wb_query q = { 0 };
	if (wb_resumes(item) && !item->migration) {
		state(run, b, item, WB_STATE_RUNNING, done, NULL);
	} else if (down && !wb_resumes(item)) {
		struct wb_value p[] = { wb_v_text(run->t->project), wb_v_text(item->version),
					wb_v_int(item->script->n) };
		add(b, wb_journal_named(run->t, &b->arena, WB_SQL_MIGRATION_DOWN, p, 3, &q), &q);
	} else if (down) {
		state(run, b, item, WB_STATE_RUNNING, done, NULL);
	} else {
		int rc = row_of(run, item, b, &row, err);
		if (rc < 0)
			return rc;
		row.state = WB_STATE_RUNNING;
		row.rank = item->rank;
		row.statements_done = done;
		add(b, wb_journal_put(run->t, &b->arena, &row, &q), &q);
	}
	add_steps(run, b, item, done);
	return b->failed ? wb_err_nomem(err) : 0;
}

/* ---- failure -------------------------------------------------------------------------------- */

static int failure_rows(struct wb_run *run, struct wb_batch *b, const struct wb_work_item *item,
			const struct wb_tally *tally, int64_t done, const char *cause, const char *result,
			struct wb_error *err)
{
	struct wb_journal_row row;
	bool begun = !item->script->one_transaction || wb_resumes(item);
	int rc = 0;
	if (begun)
		state(run, b, item, WB_STATE_FAILED, done, cause);
	else if (!wb_is_down(item) && item->action != WB_REAPPLY && (rc = row_of(run, item, b, &row, err)) == 0) {
		row.state = WB_STATE_FAILED;
		row.statements_done = 0;
		row.rank = item->rank;
		row.error = cause;
		row.execution_ms = wb_now_ms() - tally->started_ms;
		struct wb_query q = { 0 };
		add(b, wb_journal_put(run->t, &b->arena, &row, &q), &q);
	}
	return rc < 0 ? rc : add_history(run, b, item, tally, result, cause, err);
}

void wb_record_failure(struct wb_run *run, const struct wb_work_item *item, const struct wb_tally *tally,
		       int64_t statements_done, struct wb_error *err)
{
	struct wb_error second = { 0 };
	char cause[1600];
	if (run->t->conn->lost || !run->has_journal)
		return;
	bool cancelled = err->code == WB_ECANCELLED;
	snprintf(cause, sizeof(cause), "%s%s%s", err->message, *err->detail ? ": " : "", err->detail);
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	run->watch.deaf = true;
	int rc =
		failure_rows(run, &b, item, tally, statements_done, cause, cancelled ? "cancelled" : "failed", &second);
	if (rc == 0)
		rc = wb_batch_run_alone(&b, run->t->conn, &second);
	run->watch.deaf = false;
	if (rc < 0)
		wb_log(&run->t->sink, WB_LOG_WARN, "the failure could not be recorded in the journal: %s",
		       second.message);
}

/* ---- the run itself ---------------------------------------------------------------------------- */

static char *plan_text(const struct wb_run *run, struct wb_arena *a)
{
	wb_autostr s = WB_STR_INIT;
	s.max = TEXT_MAX;
	for (size_t i = 0; i < run->work.items.n; i++) {
		const struct wb_work_item *item = &run->work.items.v[i];
		char sum[WB_CHECKSUM_SIZE] = "-";
		if (item->migration)
			wb_checksum_text(item->migration->checksum, sum);
		wb_str_addf(&s, "%s %s %s\n", wb_action_name(item->action), item->version, sum);
	}
	return wb_arena_sv(a,
			   wb_str_sv(&s)); /* a plan too long for a row is cut: what is applied still tells the rest */
}

int wb_record_run_start(struct wb_run *run, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	const struct wb_target *t = run->t;
	struct wb_value p[] = { wb_v_text(run->id),
				wb_v_text(t->project),
				wb_v_text(run->command),
				wb_v_text(run->work.digest),
				wb_v_text(plan_text(run, &b.arena)),
				wb_v_text(t->tool_version),
				wb_v_text(wb_applied_by(t)),
				wb_v_text(t->host),
				wb_v_int(getpid()) };
	struct wb_query q = { 0 };
	add(&b, wb_journal_named(t, &b.arena, WB_SQL_RUN_SUPERSEDE, &p[1], 1, &q), &q);
	add(&b, wb_journal_named(t, &b.arena, WB_SQL_RUN_ADD, p, WB_ARRAY_LEN(p), &q), &q);
	return wb_batch_run_alone(&b, t->conn, err);
}

void wb_record_run_end(struct wb_run *run, const char *result, const char *error)
{
	struct wb_error ignored;
	if (run->t->conn->lost || !run->has_journal)
		return;
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	struct wb_value p[] = { wb_v_text(run->id), wb_v_text(result), wb_v_text(error) };
	struct wb_query q = { 0 };
	add(&b, wb_journal_named(run->t, &b.arena, WB_SQL_RUN_END, p, 3, &q), &q);
	run->watch.deaf = true;
	if (wb_batch_run_alone(&b, run->t->conn, &ignored) < 0)
		wb_log(&run->t->sink, WB_LOG_WARN, "the end of the run could not be recorded: %s", ignored.message);
}
