/* SPDX-License-Identifier: Apache-2.0
 *
 * The registry, and the one way to a driver's methods: every call that may
 * touch the database passes between call_enter() and call_leave(), where the
 * decorators stand. A connection that was lost answers WB_ECONN there, so that
 * no driver has to ask.
 */
#include "driver/decorate.h"

/* ---- registry ------------------------------------------------------------ */

struct rule {
	bool broken;
	const char *text;
};

static bool has_scheme_of(const struct wb_registry *r, const struct wb_driver *d)
{
	int i;

	for (i = 0; d->schemes[i]; i++)
		if (wb_driver_find(r, d->schemes[i]))
			return true;
	return false;
}

static const char *missing_method(const struct wb_driver *d)
{
	const struct rule rules[] = {
		{ !d->open, "open" },
		{ !d->close, "close" },
		{ !d->run, "run" },
		{ !d->tx_begin, "tx_begin" },
		{ !d->restore, "restore" },
		{ !d->tx_commit, "tx_commit" },
		{ !d->rollback, "rollback" },
		{ !d->classify, "classify" },
		{ !d->syntax, "syntax" },
		{ !d->sql, "sql" },
		{ !d->probe, "probe" },
		{ !d->lock_try, "lock_try" },
		{ !d->lock_release, "lock_release" },
		{ !d->lock_list, "lock_list" },
		{ !d->lock_break, "lock_break" },
	};
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(rules); i++)
		if (rules[i].broken)
			return rules[i].text;
	return NULL;
}

static const char *broken_rule(const struct wb_driver *d)
{
	const uint64_t locks = WB_CAP_SESSION_LOCK | WB_CAP_FILE_LOCK | WB_CAP_LEASE;
	const struct rule rules[] = {
		{ d->conn_size < sizeof(struct wb_conn), "conn_size is smaller than struct wb_conn" },
		{ !(d->caps & locks), "no kind of lock among the capabilities" },
		{ (d->caps & WB_CAP_LEASE) && !d->lock_fence, "leases without lock_fence" },
		{ !d->before_migration != !d->after_migration, "before_migration and after_migration are a pair" },
		{ d->check && !d->before_migration, "check without before_migration" },
		{ !d->rebuild_begin != !d->rebuild_end, "rebuild_begin and rebuild_end are a pair" },
		{ d->probe_prepare && !d->undo_half, "probe_prepare without undo_half" },
		{ !d->peer_try != !d->peer_release, "peer_try and peer_release are a pair" },
		{ d->mock_open && !(d->mock_try && d->mock_mark && d->mock_close),
		  "mock_open without what belongs to it" },
		{ !d->create_db != !d->drop_db, "create_db and drop_db are a pair" },
		{ d->nest_open && !(d->nest_make && d->nest_remove && d->nest_url && d->nest_close),
		  "nest_open without what belongs to it" },
		{ (d->caps & WB_CAP_CREATE_DB) && !d->create_db, "WB_CAP_CREATE_DB without create_db" },
		{ (d->caps & WB_CAP_MONITOR) && !d->blockers, "WB_CAP_MONITOR without blockers" },
		{ (d->caps & WB_CAP_TERMINATE) && !d->terminate, "WB_CAP_TERMINATE without terminate" },
		{ d->dump && !(d->dump_check && d->fingerprint && d->dump_suffix && d->scratch_open &&
			       d->scratch_swap && d->scratch_close && d->exists_db),
		  "dump without what belongs to it" },
	};
	size_t i;

	for (i = 0; i < WB_ARRAY_LEN(rules); i++)
		if (rules[i].broken)
			return rules[i].text;
	return NULL;
}

int wb_driver_register(struct wb_registry *r, const struct wb_driver *d, struct wb_error *err)
{
	const char *flaw;

	if (d->version != WB_DRIVER_VERSION)
		return wb_err_set(err, WB_EBUG, "a driver has version %u, this build needs %u", d->version,
				  (unsigned)WB_DRIVER_VERSION);
	if (!d->name || !d->schemes || !d->schemes[0])
		return wb_err_set(err, WB_EBUG, "a driver has no name or no URL schemes");
	flaw = missing_method(d);
	if (flaw)
		return wb_err_set(err, WB_EBUG, "driver \"%s\" lacks the method %s", d->name, flaw);
	flaw = broken_rule(d);
	if (flaw)
		return wb_err_set(err, WB_EBUG, "driver \"%s\": %s", d->name, flaw);
	if (has_scheme_of(r, d))
		return wb_err_set(err, WB_EBUG, "driver \"%s\": one of its URL schemes is taken", d->name);
	if (r->n == (int)WB_ARRAY_LEN(r->drivers))
		return wb_err_set(err, WB_EBUG, "driver \"%s\": the registry is full", d->name);
	r->drivers[r->n++] = d;
	return 0;
}

const struct wb_driver *wb_driver_find(const struct wb_registry *r, const char *scheme)
{
	const char *const *s;
	int i;

	for (i = 0; i < r->n; i++)
		for (s = r->drivers[i]->schemes; *s; s++)
			if (wb_sv_ieq(wb_sv_str(*s), scheme))
				return r->drivers[i];
	return NULL;
}

/* ---- every call ------------------------------------------------------------ */

static int call_enter(struct wb_conn *c, struct wb_call *call, struct wb_error *err)
{
	if (c->lost)
		return wb_err_set(err, WB_ECONN, "the connection to the database was lost");
	wb_trace_enter(c, call);
	return wb_fault_enter(c, err);
}

static int call_leave(struct wb_conn *c, const struct wb_call *call, int rc, struct wb_error *err)
{
	rc = wb_fault_leave(c, rc, err);
	wb_trace_leave(c, call, rc);
	return rc;
}

/* The value of a method's call, made between the decorators. */
#define THROUGH(c, err, label, method_call) \
	(__extension__({ \
		struct wb_call through_call = { .name = (label) }; \
		int through_rc = call_enter((c), &through_call, (err)); \
		through_rc ? through_rc : call_leave((c), &through_call, (method_call), (err)); \
	}))

static int unsupported(const struct wb_conn *c, const char *what, struct wb_error *err)
{
	return wb_err_set(err, WB_EUNSUPPORTED, "%s cannot %s", c->server[0] ? c->server : c->driver->name, what);
}

int wb_conn_open(const struct wb_driver *d, const struct wb_open_options *o, struct wb_conn **ret_conn,
		 struct wb_error *err)
{
	struct wb_conn *c = calloc(1, d->conn_size);
	int rc;

	if (!c)
		return wb_err_nomem(err);
	c->driver = d;
	c->options = *o;
	wb_fault_open(c);
	rc = THROUGH(c, err, "open", d->open(c, err));
	if (rc) {
		wb_conn_close(c);
		return rc;
	}
	*ret_conn = c;
	return 0;
}

void wb_conn_close(struct wb_conn *c)
{
	struct wb_call call = { .name = "close" };

	if (!c)
		return;
	wb_trace_enter(c, &call);
	c->driver->close(c);
	wb_trace_leave(c, &call, 0);
	wb_fault_close(c);
	free(c);
}

int wb_run(struct wb_conn *c, struct wb_query *q, size_t n, size_t *ret_done, size_t *ret_offset, struct wb_error *err)
{
	struct wb_call call = { .name = "run", .q = q, .n = n };
	size_t done = 0, offset = SIZE_MAX;
	int rc = call_enter(c, &call, err);

	if (!rc)
		rc = call_leave(c, &call, c->driver->run(c, q, n, &done, &offset, err), err);
	if (ret_done)
		*ret_done = done;
	if (ret_offset)
		*ret_offset = offset;
	return rc;
}

int wb_exec(struct wb_conn *c, const char *sql, struct wb_error *err)
{
	struct wb_query q = { .sql = wb_sv_str(sql) };

	return wb_run(c, &q, 1, NULL, NULL, err);
}

int wb_query_named(struct wb_conn *c, enum wb_sql_id id, const struct wb_value *params, int n_params, wb_row_fn row,
		   void *row_user, int64_t *ret_affected, struct wb_error *err)
{
	const char *sql = wb_conn_sql(c, id);
	struct wb_query q = { .sql = wb_sv_str(sql),
			      .params = params,
			      .n_params = n_params,
			      .row = row,
			      .row_user = row_user,
			      .cached = true };
	int rc = sql ? wb_run(c, &q, 1, NULL, NULL, err) : wb_err_nomem(err);

	if (!rc && ret_affected)
		*ret_affected = q.affected;
	return rc;
}

/* ---- forwarders ------------------------------------------------------------- */

int wb_conn_tx_begin(struct wb_conn *c, struct wb_arena *a, const struct wb_tx_options *o, struct wb_query *q, int max)
{
	return c->driver->tx_begin(c, a, o, q, max);
}

int wb_conn_restore(struct wb_conn *c, struct wb_arena *a, struct wb_query *q, int max)
{
	return c->driver->restore(c, a, q, max);
}

int wb_conn_tx_commit(struct wb_conn *c, struct wb_query *q, int max)
{
	return c->driver->tx_commit(c, q, max);
}

int wb_conn_rollback(struct wb_conn *c, struct wb_error *err)
{
	return THROUGH(c, err, "rollback", c->driver->rollback(c, err));
}

int wb_conn_before_migration(struct wb_conn *c, const struct wb_tx_options *o, struct wb_error *err)
{
	if (!c->driver->before_migration)
		return 0;
	return THROUGH(c, err, "before_migration", c->driver->before_migration(c, o, err));
}

int wb_conn_check(struct wb_conn *c, struct wb_error *err)
{
	if (!c->driver->check)
		return 0;
	return THROUGH(c, err, "check", c->driver->check(c, err));
}

int wb_conn_after_migration(struct wb_conn *c, struct wb_error *err)
{
	if (!c->driver->after_migration)
		return 0;
	return THROUGH(c, err, "after_migration", c->driver->after_migration(c, err));
}

int wb_conn_compile(struct wb_conn *c, const char *table, struct wb_error *err)
{
	return c->driver->compile ? THROUGH(c, err, "compile", c->driver->compile(c, table, err)) : 0;
}

int wb_conn_rebuild_begin(struct wb_conn *c, bool copied, struct wb_error *err)
{
	if (!c->driver->rebuild_begin)
		return 0;
	return THROUGH(c, err, "rebuild_begin", c->driver->rebuild_begin(c, copied, err));
}

int wb_conn_rebuild_end(struct wb_conn *c, struct wb_error *err)
{
	return c->driver->rebuild_end ? THROUGH(c, err, "rebuild_end", c->driver->rebuild_end(c, err)) : 0;
}

int wb_conn_syntax(const struct wb_driver *d, struct wb_conn *c, struct wb_sv statement, size_t *ret_offset,
		   struct wb_error *err)
{
	if (!c)
		return d->syntax(NULL, statement, ret_offset, err);
	return THROUGH(c, err, "syntax", d->syntax(c, statement, ret_offset, err));
}

const char *wb_conn_sql(struct wb_conn *c, enum wb_sql_id id)
{
	return c->driver->sql(c, id);
}

int wb_driver_journal_sql(const struct wb_driver *d, const char *journal_schema, struct wb_str *out,
			  struct wb_error *err)
{
	if (!d->journal_sql)
		return wb_err_set(err, WB_EUNSUPPORTED, "the driver \"%s\" cannot print its journal's SQL", d->name);
	return d->journal_sql(journal_schema, out, err);
}

int wb_driver_operations(const struct wb_driver *d, struct wb_sv statement, struct wb_arena *a,
			 struct wb_operations *ret_ops, struct wb_error *err)
{
	static const struct wb_operation unknown = { .code = WB_OP_UNKNOWN, .kind = WB_KIND_COUNT };

	if (d->operations)
		return d->operations(statement, a, ret_ops, err);
	*ret_ops = (struct wb_operations){ &unknown, 1, "its driver does not read statements", 0 };
	return 0;
}

int wb_conn_read_only(struct wb_conn *c, bool on, struct wb_error *err)
{
	if (!c->driver->read_only)
		return unsupported(c, "be made read-only", err);
	return THROUGH(c, err, "read_only", c->driver->read_only(c, on, err));
}

int wb_conn_look(struct wb_conn *c, bool on, struct wb_error *err)
{
	if (!c->driver->look)
		return unsupported(c, "be looked at safely", err);
	return THROUGH(c, err, "look", c->driver->look(c, on, err));
}

int wb_conn_share(struct wb_conn *c, struct wb_arena *a, const char **ret_moment, struct wb_error *err)
{
	if (!c->driver->share)
		return unsupported(c, "show several connections one moment", err);
	return THROUGH(c, err, "share", c->driver->share(c, a, ret_moment, err));
}

int wb_conn_probe_prepare(struct wb_conn *c, struct wb_arena *a, struct wb_sv statement, const char **ret_memo,
			  struct wb_error *err)
{
	if (!c->driver->probe_prepare) {
		*ret_memo = NULL;
		return 0;
	}
	return THROUGH(c, err, "probe_prepare", c->driver->probe_prepare(c, a, statement, ret_memo, err));
}

int wb_conn_probe(struct wb_conn *c, struct wb_arena *a, struct wb_sv statement, const char *memo,
		  enum wb_probe *ret_probe, const char **ret_why, struct wb_error *err)
{
	return THROUGH(c, err, "probe", c->driver->probe(c, a, statement, memo, ret_probe, ret_why, err));
}

int wb_conn_undo_half(struct wb_conn *c, struct wb_sv statement, const char *memo, struct wb_error *err)
{
	if (!c->driver->undo_half)
		return unsupported(c, "undo half of a step", err);
	return THROUGH(c, err, "undo_half", c->driver->undo_half(c, statement, memo, err));
}

int wb_conn_lock_try(struct wb_conn *c, const char *project, int64_t ttl_ms, struct wb_lock_holder *ret_holder,
		     struct wb_error *err)
{
	return THROUGH(c, err, "lock_try", c->driver->lock_try(c, project, ttl_ms, ret_holder, err));
}

int wb_conn_lock_fence(struct wb_conn *c, struct wb_arena *a, struct wb_query *q, int max)
{
	return c->driver->lock_fence ? c->driver->lock_fence(c, a, q, max) : 0;
}

int wb_conn_lock_release(struct wb_conn *c, struct wb_error *err)
{
	return THROUGH(c, err, "lock_release", c->driver->lock_release(c, err));
}

int wb_conn_peer_try(struct wb_conn *c, const struct wb_peer *peer, struct wb_error *err)
{
	return c->driver->peer_try ? THROUGH(c, err, "peer_try", c->driver->peer_try(c, peer, err)) : 0;
}

int wb_conn_peer_release(struct wb_conn *c, const struct wb_peer *peer, struct wb_error *err)
{
	return c->driver->peer_release ? THROUGH(c, err, "peer_release", c->driver->peer_release(c, peer, err)) : 0;
}

int wb_conn_lock_list(struct wb_conn *c, const char *project, struct wb_arena *a, struct wb_lock_holder **ret_v,
		      size_t *ret_n, struct wb_error *err)
{
	return THROUGH(c, err, "lock_list", c->driver->lock_list(c, project, a, ret_v, ret_n, err));
}

int wb_conn_lock_break(struct wb_conn *c, const char *project, const char *id, struct wb_error *err)
{
	return THROUGH(c, err, "lock_break", c->driver->lock_break(c, project, id, err));
}

int wb_conn_blockers(struct wb_conn *c, int64_t pid, struct wb_arena *a, struct wb_blocker **ret_v, size_t *ret_n,
		     struct wb_error *err)
{
	if (!c->driver->blockers) {
		*ret_v = NULL;
		*ret_n = 0;
		return 0;
	}
	return THROUGH(c, err, "blockers", c->driver->blockers(c, pid, a, ret_v, ret_n, err));
}

int wb_conn_terminate(struct wb_conn *c, int64_t pid, struct wb_error *err)
{
	if (!c->driver->terminate)
		return unsupported(c, "end another session", err);
	return THROUGH(c, err, "terminate", c->driver->terminate(c, pid, err));
}

int64_t wb_conn_backend_pid(struct wb_conn *c)
{
	return c->driver->backend_pid && !c->lost ? c->driver->backend_pid(c) : -1;
}

bool wb_conn_progress(struct wb_conn *monitor, int64_t pid, int64_t *ret_done, int64_t *ret_total,
		      const char **ret_unit)
{
	return monitor->driver->progress && !monitor->lost &&
	       monitor->driver->progress(monitor, pid, ret_done, ret_total, ret_unit);
}

int wb_conn_health(struct wb_conn *c,
		   void (*finding)(void *user, const char *check, const char *level, const char *message), void *user,
		   struct wb_error *err)
{
	if (!c->driver->health)
		return unsupported(c, "be examined", err);
	return THROUGH(c, err, "health", c->driver->health(c, finding, user, err));
}

int wb_conn_inspect(struct wb_conn *c, const struct wb_inspect_options *o, struct wb_model **ret_model,
		    struct wb_error *err)
{
	static const struct wb_inspect_options everything;
	struct wb_model *m;
	int rc;

	if (!c->driver->inspect)
		return unsupported(c, "be inspected", err);
	m = wb_model_new(c->driver->name, c->server);
	if (!m)
		return wb_err_nomem(err);
	rc = THROUGH(c, err, "inspect", c->driver->inspect(c, o ? o : &everything, m, err));
	if (rc == 0)
		rc = wb_model_finish(m, err);
	if (rc)
		wb_model_free(m);
	else
		*ret_model = m;
	return rc;
}

int wb_conn_dump(struct wb_conn *c, struct wb_dump *d, struct wb_error *err)
{
	if (!c->driver->dump)
		return unsupported(c, "be dumped", err);
	return THROUGH(c, err, "dump", c->driver->dump(c, d, err));
}

int wb_conn_fingerprint(struct wb_conn *c, wb_table_fn table, void *user, struct wb_error *err)
{
	if (!c->driver->fingerprint)
		return unsupported(c, "be compared", err);
	return THROUGH(c, err, "fingerprint", c->driver->fingerprint(c, table, user, err));
}

int wb_conn_script(struct wb_conn *c, const struct wb_scripting *s, struct wb_error *err)
{
	if (!c->driver->script)
		return unsupported(c, "be written as SQL", err);
	return THROUGH(c, err, "script", c->driver->script(c, s, err));
}

int wb_conn_index_use(struct wb_conn *c, struct wb_arena *a, struct wb_index_uses *ret_uses, struct wb_error *err)
{
	struct wb_index_uses uses = { 0 };

	if (c->driver->index_use) {
		int rc = THROUGH(c, err, "index_use", c->driver->index_use(c, a, &uses, err));
		if (rc < 0) {
			wb_vec_done(&uses);
			return rc;
		}
	}
	*ret_uses = uses;
	return 0;
}

int wb_conn_row_json(struct wb_conn *c, const char *relation, const char *alias, struct wb_str *out,
		     struct wb_error *err)
{
	if (!c->driver->row_json)
		return unsupported(c, "transform rows", err);
	return THROUGH(c, err, "row_json", c->driver->row_json(c, relation, alias, out, err));
}

int wb_conn_from_json(struct wb_conn *c, const char *table, const char *const *columns, size_t n, struct wb_str *out,
		      struct wb_error *err)
{
	if (!c->driver->from_json)
		return unsupported(c, "transform rows", err);
	return c->driver->from_json(c, table, columns, n, out, err);
}

int wb_conn_explain(struct wb_conn *c, const struct wb_query *q, bool analyze, struct wb_arena *a,
		    struct wb_query_plan *ret_plan, struct wb_error *err)
{
	if (!c->driver->explain)
		return unsupported(c, "explain queries", err);
	return THROUGH(c, err, "explain", c->driver->explain(c, q, analyze, a, ret_plan, err));
}

int wb_conn_survey(struct wb_conn *c, const struct wb_operations *v, size_t n, struct wb_world *w, struct wb_error *err)
{
	return c->driver->survey ? THROUGH(c, err, "survey", c->driver->survey(c, v, n, w, err)) : 0;
}

int wb_conn_try_alter(struct wb_conn *c, const struct wb_alter_try *t, struct wb_alter_tried *ret_tried,
		      struct wb_error *err)
{
	if (!c->driver->try_alter)
		return wb_err_set(err, WB_EUNSUPPORTED, "%s cannot try statements on a copy", c->driver->name);
	return THROUGH(c, err, "try_alter", c->driver->try_alter(c, t, ret_tried, err));
}

int wb_scratch_open(const struct wb_driver *d, const struct wb_scratch_options *o, struct wb_scratch **ret_scratch,
		    struct wb_error *err)
{
	if (!d->scratch_open)
		return wb_err_set(err, WB_EUNSUPPORTED, "the driver \"%s\" cannot restore", d->name);
	return d->scratch_open(o, ret_scratch, err);
}

int wb_nest_open(const struct wb_driver *d, const struct wb_nest_options *o, struct wb_nest **ret_nest,
		 struct wb_error *err)
{
	int rc;

	if (!d->nest_open)
		return wb_err_set(err, WB_EUNSUPPORTED, "the driver \"%s\" makes no databases to try things out",
				  d->name);
	rc = d->nest_open(o, ret_nest, err);
	if (rc == 0)
		(*ret_nest)->driver = d;
	return rc;
}

int wb_mock_open(const struct wb_driver *d, struct wb_conn *c, struct wb_mock **ret_mock, struct wb_error *err)
{
	*ret_mock = NULL;
	if (!d->mock_open)
		return 0;
	if (!c)
		return d->mock_open(NULL, ret_mock, err);
	return THROUGH(c, err, "mock_open", d->mock_open(c, ret_mock, err));
}

int wb_mock_try(struct wb_mock *m, struct wb_sv statement, struct wb_arena *a, struct wb_operations *ops,
		struct wb_tried *ret_tried, struct wb_error *err)
{
	*ret_tried = (struct wb_tried){ .verdict = WB_DOUBTFUL, .offset = SIZE_MAX };
	return m ? m->driver->mock_try(m, statement, a, ops, ret_tried, err) : 0;
}

int wb_mock_mark(struct wb_mock *m, bool back, struct wb_error *err)
{
	return m ? m->driver->mock_mark(m, back, err) : 0;
}

void wb_mock_close(struct wb_mock *m)
{
	if (m)
		m->driver->mock_close(m);
}

/* ---- journal queries --------------------------------------------------------- */

const char *wb_sql_name(enum wb_sql_id id)
{
	static const char *const names[] = {
#define X(name, file) file,
		WB_SQL_MAP(X)
#undef X
	};

	return (unsigned)id < WB_ARRAY_LEN(names) ? names[id] : "";
}

char *wb_sql_expand(struct wb_arena *a, const char *text, const char *journal)
{
	static const char mark[] = "@journal@";
	wb_autostr out = WB_STR_INIT;
	const char *hit;

	while ((hit = strstr(text, mark))) {
		wb_str_addn(&out, text, (size_t)(hit - text));
		wb_str_add(&out, journal);
		text = hit + sizeof(mark) - 1;
	}
	wb_str_add(&out, text);
	return out.failed ? NULL : wb_arena_sv(a, wb_str_sv(&out));
}
