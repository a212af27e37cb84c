/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing the journal: each function makes one query, to be sent together with
 * the statements whose outcome it records, in the same transaction.
 */
#include "migrate.h"

const char *wb_applied_by(const struct wb_target *t)
{
	if (t->applied_by)
		return t->applied_by;
	if (!t->user->name[0])
		(void)wb_proc_user(t->user->name, sizeof(t->user->name));
	return t->user->name;
}

void wb_batch_done(struct wb_batch *b)
{
	wb_vec_done(&b->q);
	wb_arena_done(&b->arena);
	b->failed = false;
}

struct wb_query *wb_batch_add(struct wb_batch *b)
{
	static const struct wb_query none;
	struct wb_query *scratch = wb_arena_alloc(&b->arena, sizeof(*scratch));
	if (!b->failed && wb_vec_push(&b->q, none))
		return &b->q.v[b->q.n - 1];
	b->failed = true;
	return scratch;
}

static void push(struct wb_batch *b, const struct wb_query *q)
{
	if (!b->failed && !wb_vec_push(&b->q, *q))
		b->failed = true;
}

void wb_batch_sql(struct wb_batch *b, struct wb_sv sql)
{
	struct wb_query q = { .sql = sql };
	push(b, &q);
}

#define BATCH_DRIVER_MAX 8

static void push_all(struct wb_batch *b, const struct wb_query *q, int n)
{
	if (n < 0)
		b->failed = true;
	for (int i = 0; i < n; i++)
		push(b, &q[i]);
}

void wb_batch_begin(struct wb_batch *b, struct wb_conn *c, const struct wb_tx_options *o)
{
	struct wb_query q[BATCH_DRIVER_MAX] = { 0 };
	push_all(b, q, wb_conn_tx_begin(c, &b->arena, o, q, BATCH_DRIVER_MAX));
	memset(q, 0, sizeof(q));
	push_all(b, q, wb_conn_lock_fence(c, &b->arena, q, BATCH_DRIVER_MAX));
}

void wb_batch_restore(struct wb_batch *b, struct wb_conn *c)
{
	struct wb_query q[BATCH_DRIVER_MAX] = { 0 };
	push_all(b, q, wb_conn_restore(c, &b->arena, q, BATCH_DRIVER_MAX));
}

void wb_batch_commit(struct wb_batch *b, struct wb_conn *c)
{
	struct wb_query q[BATCH_DRIVER_MAX] = { 0 };
	push_all(b, q, wb_conn_tx_commit(c, q, BATCH_DRIVER_MAX));
}

void wb_batch_lock_timeout(struct wb_batch *b, struct wb_conn *c, int64_t ms)
{
	struct wb_query q[BATCH_DRIVER_MAX] = { 0 };
	if (c->driver->set_lock_timeout)
		push_all(b, q, c->driver->set_lock_timeout(c, &b->arena, ms, q, BATCH_DRIVER_MAX));
}

void wb_batch_constraints_now(struct wb_batch *b, struct wb_conn *c)
{
	struct wb_query q[BATCH_DRIVER_MAX] = { 0 };
	if (c->driver->constraints_now)
		push_all(b, q, c->driver->constraints_now(c, q, BATCH_DRIVER_MAX));
}

int wb_batch_run(struct wb_batch *b, struct wb_conn *c, size_t *ret_done, size_t *ret_offset, struct wb_error *err)
{
	*ret_done = 0;
	*ret_offset = SIZE_MAX;
	if (b->failed)
		return wb_err_nomem(err);
	return b->q.n ? wb_run(c, b->q.v, b->q.n, ret_done, ret_offset, err) : 0;
}

/* Rolls back without losing the error that made it necessary. */
static void rollback_quietly(struct wb_conn *c)
{
	struct wb_error ignored;
	if (!c->lost && wb_conn_rollback(c, &ignored) < 0)
		return;
}

int wb_batch_run_alone(struct wb_batch *journal_only, struct wb_conn *c, struct wb_error *err)
{
	WB_CLEANUP(wb_batch_done) struct wb_batch b = { .arena = WB_ARENA_INIT };
	struct wb_tx_options o = { 0 };
	wb_batch_begin(&b, c, &o);
	for (size_t i = 0; i < journal_only->q.n; i++)
		push(&b, &journal_only->q.v[i]);
	wb_batch_commit(&b, c);
	b.failed |= journal_only->failed;
	size_t done, offset;
	int rc = wb_batch_run(&b, c, &done, &offset, err);
	if (rc < 0)
		rollback_quietly(c);
	return rc;
}

bool wb_journal_named(const struct wb_target *t, struct wb_arena *a, enum wb_sql_id id, const struct wb_value *params,
		      int n, struct wb_query *ret_q)
{
	struct wb_value *copy = wb_arena_array(a, (size_t)n + 1, sizeof(*copy));
	if (!copy)
		return false;
	if (n)
		memcpy(copy, params, (size_t)n * sizeof(*copy));
	*ret_q = (struct wb_query){
		.sql = wb_sv_str(wb_conn_sql(t->conn, id)), .params = copy, .n_params = n, .cached = true
	};
	return ret_q->sql.p != NULL;
}

static struct wb_value known(int64_t n)
{
	return n < 0 ? WB_V_NULL : wb_v_int(n);
}

bool wb_journal_put(const struct wb_target *t, struct wb_arena *a, const struct wb_journal_row *r,
		    struct wb_query *ret_q)
{
	const struct wb_value p[] = {
		wb_v_text(t->project),
		wb_v_text(r->version),
		wb_v_text(wb_mig_kind_name(r->kind)),
		wb_v_int(r->rank),
		wb_v_text(r->description),
		wb_v_text(r->family),
		wb_v_text(r->type),
		wb_v_text(r->file),
		wb_v_text(r->checksum),
		wb_v_text(r->down_checksum),
		wb_v_text(wb_state_name(r->state)),
		wb_v_text(r->phase),
		known(r->statements_total),
		known(r->statements_done),
		known(r->execution_ms),
		known(r->rows_affected),
		wb_v_text(wb_applied_by(t)),
		wb_v_text(t->host),
		wb_v_text(t->tool_version),
		wb_v_text(r->origin),
		wb_v_sv(r->down_sql),
		wb_v_sv(r->applied_sql),
		wb_v_text(r->reason),
		wb_v_text(r->error),
		wb_v_text(r->run),
	};
	return wb_journal_named(t, a, WB_SQL_MIGRATION_PUT, p, WB_ARRAY_LEN(p), ret_q);
}

bool wb_journal_state(const struct wb_target *t, struct wb_arena *a, const char *version, enum wb_state state,
		      int64_t statements_done, const char *reason, const char *error, const char *run,
		      struct wb_query *ret_q)
{
	const struct wb_value p[] = { wb_v_text(t->project),  wb_v_text(version), wb_v_text(wb_state_name(state)),
				      known(statements_done), wb_v_text(reason),  wb_v_text(error),
				      wb_v_text(run) };
	return wb_journal_named(t, a, WB_SQL_MIGRATION_STATE, p, WB_ARRAY_LEN(p), ret_q);
}

bool wb_journal_history(const struct wb_target *t, struct wb_arena *a, const struct wb_history_row *r,
			struct wb_query *ret_q)
{
	const struct wb_value p[] = {
		wb_v_text(t->project),  wb_v_text(r->run),           wb_v_text(r->version), wb_v_text(r->description),
		wb_v_text(r->action),   wb_v_text(r->result),        known(r->statements),  known(r->rows_affected),
		known(r->execution_ms), known(r->retries),           known(r->rss_kb),      known(r->cpu_ms),
		known(r->lock_wait_ms), wb_v_text(wb_applied_by(t)), wb_v_text(t->host),    wb_v_text(t->tool_version),
		wb_v_text(r->reason),   wb_v_text(r->error),
	};
	return wb_journal_named(t, a, WB_SQL_HISTORY_ADD, p, WB_ARRAY_LEN(p), ret_q);
}

bool wb_journal_step_put(const struct wb_target *t, struct wb_arena *a, const struct wb_step_row *r,
			 struct wb_query *ret_q)
{
	const struct wb_value p[] = {
		wb_v_text(t->project), wb_v_text(r->version),      wb_v_text(r->direction), wb_v_int(r->ordinal),
		wb_v_text(r->kind),    wb_v_int(r->transactional), wb_v_text(r->hash),      wb_v_sv(r->sql),
		known(r->line),        known(r->column),           wb_v_text(r->state),     wb_v_text(r->run),
	};
	return wb_journal_named(t, a, WB_SQL_STEP_PUT, p, WB_ARRAY_LEN(p), ret_q);
}

bool wb_journal_step_state(const struct wb_target *t, struct wb_arena *a, const struct wb_step_row *r,
			   struct wb_query *ret_q)
{
	const struct wb_value p[] = {
		wb_v_text(t->project),  wb_v_text(r->version),  wb_v_text(r->direction), wb_v_int(r->ordinal),
		wb_v_text(r->state),    wb_v_text(r->memo),     wb_v_text(r->probe),     wb_v_text(r->cursor),
		wb_v_text(r->error),    known(r->execution_ms), known(r->rss_kb),        known(r->cpu_ms),
		known(r->lock_wait_ms), wb_v_text(r->run),
	};
	return wb_journal_named(t, a, WB_SQL_STEP_STATE, p, WB_ARRAY_LEN(p), ret_q);
}
