/* SPDX-License-Identifier: Apache-2.0
 *
 * The PostgreSQL driver's inside. One connection talks the extended protocol
 * in pipeline mode only (COPY excepted), never blocks in libpq, and while it
 * waits it calls the tick. Settings of ours are session settings on a direct
 * connection and transaction-local ones behind a transaction pooler.
 */
#ifndef WB_DRIVER_POSTGRES_PG_H
#define WB_DRIVER_POSTGRES_PG_H

#include <libpq-fe.h>

#include "driver/postgres/postgres.h"
#include "sql/pg_parse.h"

/* The driver's own queries, files of sql/ beside the journal's. */
#define WB_PG_SQL_MAP(X) \
	X(PIN, "pin") \
	X(SESSION_INFO, "session_info") \
	X(LOCK_SCHEMA, "lock_schema") \
	X(LOCK_TABLE, "lock_table") \
	X(LOCK_TRY, "lock_try") \
	X(LOCK_RELEASE, "lock_release") \
	X(LOCK_SESSIONS, "lock_sessions") \
	X(PEER_TRY, "peer_try") \
	X(LEASE_LIST, "lease_list") \
	X(LEASE_ENSURE, "lease_ensure") \
	X(LEASE_TAKE, "lease_take") \
	X(LEASE_FENCE, "lease_fence") \
	X(LEASE_RELEASE, "lease_release") \
	X(LEASE_BREAK, "lease_break") \
	X(BLOCKERS, "blockers") \
	X(SESSION_OF, "session_of") \
	X(TERMINATE, "terminate") \
	X(PROGRESS, "progress") \
	X(PROGRESS_COPY, "progress_copy") \
	X(RELATION, "relation") \
	X(PROBE_INDEXES, "probe_indexes") \
	X(PROBE_INDEX, "probe_index") \
	X(PROBE_TABLE_OF, "probe_table_of") \
	X(PROBE_TABLE_NAME, "probe_table_name") \
	X(PROBE_BUILDER, "probe_builder") \
	X(PROBE_LEFTOVERS, "probe_leftovers") \
	X(PROBE_PARTITION, "probe_partition") \
	X(PROBE_DATABASE, "probe_database") \
	X(PROBE_TABLESPACE, "probe_tablespace") \
	X(PROBE_SUBSCRIPTION, "probe_subscription") \
	X(SESSIONS_IN, "sessions_in") \
	X(HEALTH, "health") \
	X(DUMP_TABLES, "dump_tables") \
	X(DUMP_PROGRESS, "dump_progress") \
	X(NEST_LIST, "nest_list") \
	X(SCRATCH_EMPTY, "scratch_empty") \
	X(SCRATCH_LIST, "scratch_list") \
	X(SCRATCH_LOCK, "scratch_lock") \
	X(SCRATCH_SUBSCRIPTIONS, "scratch_subscriptions") \
	X(SESSIONS_END, "sessions_end") \
	X(INDEX_USE, "index_use") \
	X(PLAN_WALK, "plan_walk") \
	X(SURVEY_PIN, "survey_pin") \
	X(SURVEY_SESSION, "survey_session") \
	X(SURVEY_RELATIONS, "survey_relations") \
	X(SURVEY_COLUMNS, "survey_columns") \
	X(SURVEY_CONSTRAINTS, "survey_constraints") \
	X(SURVEY_TIES, "survey_ties") \
	X(SURVEY_TYPES, "survey_types") \
	X(SURVEY_FUNCTIONS, "survey_functions") \
	X(SURVEY_CASTS, "survey_casts") \
	X(SURVEY_ACTIVITY, "survey_activity") \
	X(SURVEY_HELD, "survey_held") \
	X(SURVEY_SERVER, "survey_server") \
	X(TRY_INVALID, "try_invalid") \
	X(TRY_MARKS, "try_marks") \
	X(INSPECT_BEGIN, "inspect_begin") \
	X(INSPECT_INSIDE, "inspect_inside") \
	X(INSPECT_SETTINGS, "inspect_settings") \
	X(INSPECT_NEED, "inspect_need")

/* The inspection: one query for each kind of object; then those that add to objects of any kind. X(KIND, ENUM, file
 * name, the first server version that it is for, when there can be any: a condition over catalogs that everybody may
 * read and over `kinds`, those of relations; NULL: always) */
#define WB_PG_INSPECT_MAP(X) \
	X(WB_KIND_SCHEMA, INSPECT_SCHEMA, "inspect_schema", 0, NULL) \
	X(WB_KIND_EXTENSION, INSPECT_EXTENSION, "inspect_extension", 0, NULL) \
	X(WB_KIND_COLLATION, INSPECT_COLLATION, "inspect_collation", 0, \
	  "EXISTS (SELECT FROM pg_collation WHERE oid >= 16384)") \
	X(WB_KIND_ENUM, INSPECT_ENUM, "inspect_enum", 0, NULL) \
	X(WB_KIND_COMPOSITE, INSPECT_COMPOSITE, "inspect_composite", 0, \
	  "EXISTS (SELECT FROM kinds WHERE relkind = 'c')") \
	X(WB_KIND_RANGE, INSPECT_RANGE, "inspect_range", 0, "EXISTS (SELECT FROM pg_range WHERE rngtypid >= 16384)") \
	X(WB_KIND_DOMAIN, INSPECT_DOMAIN, "inspect_domain", 0, NULL) \
	X(WB_KIND_SEQUENCE, INSPECT_SEQUENCE, "inspect_sequence", 0, "EXISTS (SELECT FROM pg_sequence)") \
	X(WB_KIND_FOREIGN_WRAPPER, INSPECT_FOREIGN_WRAPPER, "inspect_foreign_wrapper", 0, \
	  "EXISTS (SELECT FROM pg_foreign_data_wrapper)") \
	X(WB_KIND_SERVER, INSPECT_SERVER, "inspect_server", 0, "EXISTS (SELECT FROM pg_foreign_server)") \
	X(WB_KIND_USER_MAPPING, INSPECT_USER_MAPPING, "inspect_user_mapping", 0, \
	  "EXISTS (SELECT FROM pg_foreign_server)") \
	X(WB_KIND_TABLE, INSPECT_TABLE, "inspect_table", 0, NULL) \
	X(WB_KIND_FOREIGN_TABLE, INSPECT_FOREIGN_TABLE, "inspect_foreign_table", 0, \
	  "EXISTS (SELECT FROM pg_foreign_table)") \
	X(WB_KIND_COLUMN, INSPECT_COLUMN, "inspect_column", 0, NULL) \
	X(WB_KIND_FUNCTION, INSPECT_FUNCTION, "inspect_function", 0, NULL) \
	X(WB_KIND_PROCEDURE, INSPECT_PROCEDURE, "inspect_procedure", 0, NULL) \
	X(WB_KIND_AGGREGATE, INSPECT_AGGREGATE, "inspect_aggregate", 0, \
	  "EXISTS (SELECT FROM pg_aggregate WHERE aggfnoid::oid >= 16384)") \
	X(WB_KIND_OPERATOR, INSPECT_OPERATOR, "inspect_operator", 0, \
	  "EXISTS (SELECT FROM pg_operator WHERE oid >= 16384)") \
	X(WB_KIND_OPERATOR_FAMILY, INSPECT_OPERATOR_FAMILY, "inspect_operator_family", 0, \
	  "EXISTS (SELECT FROM pg_opfamily WHERE oid >= 16384)") \
	X(WB_KIND_OPERATOR_CLASS, INSPECT_OPERATOR_CLASS, "inspect_operator_class", 0, \
	  "EXISTS (SELECT FROM pg_opclass WHERE oid >= 16384)") \
	X(WB_KIND_CAST, INSPECT_CAST, "inspect_cast", 0, "EXISTS (SELECT FROM pg_cast WHERE oid >= 16384)") \
	X(WB_KIND_CONVERSION, INSPECT_CONVERSION, "inspect_conversion", 0, \
	  "EXISTS (SELECT FROM pg_conversion WHERE oid >= 16384)") \
	X(WB_KIND_TS_PARSER, INSPECT_TS_PARSER, "inspect_ts_parser", 0, \
	  "EXISTS (SELECT FROM pg_ts_parser WHERE oid >= 16384)") \
	X(WB_KIND_TS_TEMPLATE, INSPECT_TS_TEMPLATE, "inspect_ts_template", 0, \
	  "EXISTS (SELECT FROM pg_ts_template WHERE oid >= 16384)") \
	X(WB_KIND_TS_DICTIONARY, INSPECT_TS_DICTIONARY, "inspect_ts_dictionary", 0, \
	  "EXISTS (SELECT FROM pg_ts_dict WHERE oid >= 16384)") \
	X(WB_KIND_TS_CONFIGURATION, INSPECT_TS_CONFIGURATION, "inspect_ts_configuration", 0, \
	  "EXISTS (SELECT FROM pg_ts_config WHERE oid >= 16384)") \
	X(WB_KIND_INDEX, INSPECT_INDEX, "inspect_index", 0, NULL) \
	X(WB_KIND_CONSTRAINT, INSPECT_CONSTRAINT, "inspect_constraint", 0, NULL) \
	X(WB_KIND_STATISTICS, INSPECT_STATISTICS, "inspect_statistics", 0, "EXISTS (SELECT FROM pg_statistic_ext)") \
	X(WB_KIND_VIEW, INSPECT_VIEW, "inspect_view", 0, NULL) \
	X(WB_KIND_MATERIALIZED_VIEW, INSPECT_MATERIALIZED_VIEW, "inspect_materialized_view", 0, \
	  "EXISTS (SELECT FROM kinds WHERE relkind = 'm')") \
	X(WB_KIND_RULE, INSPECT_RULE, "inspect_rule", 0, \
	  "EXISTS (SELECT FROM pg_rewrite WHERE oid >= 16384 AND rulename <> '_RETURN')") \
	X(WB_KIND_TRIGGER, INSPECT_TRIGGER, "inspect_trigger", 0, \
	  "EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal)") \
	X(WB_KIND_POLICY, INSPECT_POLICY, "inspect_policy", 0, "EXISTS (SELECT FROM pg_policy)") \
	X(WB_KIND_PUBLICATION, INSPECT_PUBLICATION, "inspect_publication", 0, "EXISTS (SELECT FROM pg_publication)") \
	X(WB_KIND_SUBSCRIPTION, INSPECT_SUBSCRIPTION, "inspect_subscription", 140000, NULL) \
	X(WB_KIND_EVENT_TRIGGER, INSPECT_EVENT_TRIGGER, "inspect_event_trigger", 0, \
	  "EXISTS (SELECT FROM pg_event_trigger)") \
	X(WB_KIND_DEFAULT_PRIVILEGES, INSPECT_DEFAULT_PRIVILEGES, "inspect_default_privileges", 0, \
	  "EXISTS (SELECT FROM pg_default_acl)") \
	X(WB_KIND_COUNT, INSPECT_INDEX_TEXT, "inspect_index_text", 0, NULL) \
	X(WB_KIND_COUNT, INSPECT_VIEW_COLUMNS, "inspect_view_columns", 0, NULL) \
	X(WB_KIND_COUNT, INSPECT_PUBLICATION_SCHEMA, "inspect_publication_schema", 150000, NULL) \
	X(WB_KIND_COUNT, INSPECT_PRIVILEGE, "inspect_privilege", 0, NULL) \
	X(WB_KIND_COUNT, INSPECT_COMMENT, "inspect_comment", 0, NULL) \
	X(WB_KIND_COUNT, INSPECT_OWNER, "inspect_owner", 0, NULL)

enum wb_pg_sql {
	WB_PG_SQL_FIRST = WB_SQL_COUNT - 1,
#define X(name, file) WB_PG_SQL_##name,
	WB_PG_SQL_MAP(X)
#undef X
#define X(kind, name, file, since, when) WB_PG_SQL_##name,
		WB_PG_INSPECT_MAP(X)
#undef X
			WB_PG_SQL_COUNT
};

/* A statement that the server keeps prepared. */
struct wb_pg_prepared {
	char name[24];
	bool ready; /* the server has said so */
	bool sent; /* on its way in this run() */
};

struct wb_pg_lock {
	bool held, lease;
	char project[256];
	int64_t key, token, ttl_ms;
};

struct wb_pg {
	struct wb_conn base; /* first: what the registry hands out */
	PGconn *pg;
	struct wb_arena arena; /* lives as long as the connection */
	const char *sql[WB_PG_SQL_COUNT]; /* expanded texts, made when first asked for */
	struct wb_map prepared; /* text -> struct wb_pg_prepared */
	unsigned prepared_serial;
	struct wb_str text; /* NUL-terminated copy of the statement being sent */
	WB_VEC(struct wb_sv) cells; /* the row being delivered */
	WB_VEC(const char *) names;
	char application[64];
	int64_t backend; /* the server process at connect; behind a pooler it changes */
	bool checks_client; /* the server can notice a dead client */
	bool standby;
	bool quiet; /* notices of our own statements are not worth telling */
	bool deaf; /* bookkeeping: the tick is called, but cannot cancel */
	bool looks_inside; /* look() is at work within a transaction */
	int64_t tx_lock_timeout_ms; /* of the transaction being composed; -1: none */
	struct wb_pg_lock lock;
	/* of the running call (wait.c) */
	int stop; /* the tick's code, once it asked to cancel */
	int64_t tick_at_ms, cancel_at_ms, give_up_at_ms;
};

static inline struct wb_pg *wb_pg(struct wb_conn *c)
{
	return (struct wb_pg *)c;
}

/* Is this the error of a statement with that SQLSTATE? */
static inline bool wb_pg_is_state(const struct wb_error *err, const char *state)
{
	return !strcmp(err->sqlstate, state);
}

/* ---- queries.c ------------------------------------------------------------------------ */

/* Text of a query of either map with the journal's names filled in; NULL when memory has run out. */
const char *wb_pg_text(struct wb_pg *c, int id) WB_MUST_USE;
const char *wb_pg_sql(struct wb_conn *conn, enum wb_sql_id id);
int wb_pg_journal_sql(const char *journal_schema, struct wb_str *out, struct wb_error *err);

/* ---- connect.c -------------------------------------------------------------------------- */

int wb_pg_open(struct wb_conn *conn, struct wb_error *err);
void wb_pg_close(struct wb_conn *conn);
void wb_pg_drop_link(struct wb_conn *conn);
/* Opens c->pg to a database other than the URL's; NULL = the URL's own. */
int wb_pg_connect(struct wb_pg *c, const char *database, struct wb_error *err) WB_MUST_USE;
/* The database that the URL, the environment or a service file name, in the arena of c. */
int wb_pg_database_name(struct wb_pg *c, const char **ret_name, struct wb_error *err) WB_MUST_USE;

/* ---- wait.c -------------------------------------------------------------------------------- */

/* A call begins: forgets an earlier cancellation. */
void wb_pg_wait_start(struct wb_pg *c);
/* Waits until something can be read (or written), or for the next tick; reads what is there. */
int wb_pg_wait(struct wb_pg *c, bool want_write, struct wb_error *err) WB_MUST_USE;
/* For c, which is ticked, and for another one, which may be NULL. */
int wb_pg_wait_both(struct wb_pg *c, bool want_write, struct wb_pg *other, bool other_write,
		    struct wb_error *err) WB_MUST_USE;
/* Calls the tick when it is due, where nothing has to be waited for. */
void wb_pg_tick(struct wb_pg *c);
/* Sends what libpq holds back. */
int wb_pg_flush(struct wb_pg *c, struct wb_error *err) WB_MUST_USE;
/* Asks the server to cancel what this connection runs. */
void wb_pg_cancel(struct wb_pg *c);

/* ---- error.c --------------------------------------------------------------------------------- */

/* A failed result, in the terms of struct wb_error; *ret_offset in bytes. Sets c->base.lost where it applies. */
int wb_pg_fail(struct wb_pg *c, const PGresult *res, struct wb_sv sql, size_t *ret_offset, struct wb_error *err);
/* libpq itself failed: no memory, or the connection is gone. */
int wb_pg_broken(struct wb_pg *c, struct wb_error *err);
/* The libpq message without its line ends, the URL's password masked. */
void wb_pg_clean(const char *message, const char *password, char *buf, size_t size);
/* Byte of the n-th character (from 1) of a text; SIZE_MAX when there is none. */
size_t wb_pg_byte_of(struct wb_sv text, const char *position);

/* ---- run.c, result.c, copy.c ------------------------------------------------------------------------------ */

int wb_pg_run(struct wb_conn *conn, struct wb_query *q, size_t n, size_t *ret_done, size_t *ret_offset,
	      struct wb_error *err);
/* Two pipelines on two connections at the same time, without COPY. Whatever comes of it, b is to be closed afterwards;
 * a can be used on, unless it is lost. */
int wb_pg_run_both(struct wb_pg *a, struct wb_query *qa, size_t na, struct wb_pg *b, struct wb_query *qb, size_t nb,
		   struct wb_error *err) WB_MUST_USE;
/* One COPY, outside the pipeline. */
int wb_pg_copy(struct wb_pg *c, struct wb_query *q, size_t *ret_offset, struct wb_error *err) WB_MUST_USE;
/* Rows of a result to the query's callback. */
int wb_pg_rows(struct wb_pg *c, const PGresult *res, const struct wb_query *q, struct wb_error *err) WB_MUST_USE;
/* Rows changed, as the command tag tells; -1. */
int64_t wb_pg_affected(PGresult *res);
/* WB_ESQL when this was a COMMIT that the server turned into a ROLLBACK. */
int wb_pg_check_commit(PGresult *res, struct wb_sv sql, struct wb_error *err) WB_MUST_USE;
/* The statement, NUL terminated, to c->text. */
int wb_pg_statement(struct wb_pg *c, struct wb_sv sql, struct wb_error *err) WB_MUST_USE;

/* ---- ask.c: the driver's own questions ------------------------------------------------------------ */

/* Runs one of our queries. Outside a transaction the search_path is pinned to pg_catalog for it. */
int wb_pg_ask(struct wb_pg *c, enum wb_pg_sql id, const struct wb_value *params, int n_params, wb_row_fn row,
	      void *user, struct wb_error *err) WB_MUST_USE;
/* Statements of ours without results, sent one by one. */
int wb_pg_do(struct wb_pg *c, const char *sql, struct wb_error *err) WB_MUST_USE;
/* Row callback: the first row's columns; texts copied to the arena. */
struct wb_pg_first {
	struct wb_arena *arena;
	bool found;
	int n;
	const char *v[8]; /* NULL is SQL's NULL */
};
int wb_pg_take_first(void *first, const struct wb_row *row, struct wb_error *err);
/* The first row's first column as a number; `none` without a row, or with NULL. */
int wb_pg_number(struct wb_pg *c, enum wb_pg_sql id, const struct wb_value *params, int n_params, int64_t none,
		 int64_t *ret_value, struct wb_error *err) WB_MUST_USE;
int64_t wb_pg_cell_number(const struct wb_row *row, int column);
void wb_pg_cell_text(const struct wb_row *row, int column, char *buf, size_t size);

/* ---- session.c -------------------------------------------------------------------------------------- */

int wb_pg_session_start(struct wb_pg *c, struct wb_error *err) WB_MUST_USE;
/* "set_config(…), set_config(…)" of all that we want; local: to the end of the transaction. */
void wb_pg_settings(const struct wb_pg *c, bool local, struct wb_str *out);
int wb_pg_tx_begin(struct wb_conn *conn, struct wb_arena *a, const struct wb_tx_options *o, struct wb_query *q,
		   int max);
int wb_pg_restore(struct wb_conn *conn, struct wb_arena *a, struct wb_query *q, int max);
int wb_pg_tx_commit(struct wb_conn *conn, struct wb_query *q, int max);
int wb_pg_rollback(struct wb_conn *conn, struct wb_error *err);
int wb_pg_read_only(struct wb_conn *conn, bool on, struct wb_error *err);
int wb_pg_look(struct wb_conn *conn, bool on, struct wb_error *err);
int wb_pg_share(struct wb_conn *conn, struct wb_arena *a, const char **ret_moment, struct wb_error *err);

/* ---- statement.c, syntax.c, ident.c ---------------------------------------------------------------------- */

void wb_pg_classify_statement(struct wb_sv statement, struct wb_stmt_info *ret_info);
int wb_pg_operations(struct wb_sv statement, struct wb_arena *a, struct wb_operations *ret_ops,
		     struct wb_error *err) WB_MUST_USE; /* operations.c */
int wb_pg_query_shape(struct wb_sv statement, struct wb_arena *a, struct wb_shapes *ret_shapes,
		      struct wb_error *err) WB_MUST_USE; /* shape.c */
int wb_pg_check_syntax(struct wb_conn *conn, struct wb_sv statement, size_t *ret_offset, struct wb_error *err);
/* schema.name with quotes only where they are needed; for people. */
void wb_pg_name_text(const char *schema, const char *name, char *buf, size_t size);
/* "schema"."name", always quoted; for the server. */
void wb_pg_name_sql(const char *schema, const char *name, struct wb_str *out);

/* ---- probe.c, probe_index.c --------------------------------------------------------------------------------- */

int wb_pg_probe_prepare(struct wb_conn *conn, struct wb_arena *a, struct wb_sv statement, const char **ret_memo,
			struct wb_error *err);
int wb_pg_probe(struct wb_conn *conn, struct wb_arena *a, struct wb_sv statement, const char *memo,
		enum wb_probe *ret_probe, const char **ret_why, struct wb_error *err);
int wb_pg_undo_half(struct wb_conn *conn, struct wb_sv statement, const char *memo, struct wb_error *err);

/* What one kind of step is asked; statement, what is known of it, and the memo taken before it ran. */
struct wb_pg_step {
	struct wb_pg *c;
	struct wb_arena *arena;
	struct wb_sv statement;
	struct wb_pg_info info;
	const char *memo; /* NULL: none was taken */
	/* answers */
	const char *note; /* the memo to be kept */
	enum wb_probe probe;
	const char *why;
};
struct wb_pg_prober {
	int (*prepare)(struct wb_pg_step *s, struct wb_error *err); /* NULL: no memo */
	int (*probe)(struct wb_pg_step *s, struct wb_error *err);
	int (*undo)(struct wb_pg_step *s, struct wb_error *err); /* NULL: never half done */
};
extern const struct wb_pg_prober wb_pg_probe_index_create, wb_pg_probe_index_drop, wb_pg_probe_reindex;
/* Sets probe and why; WB_ENOMEM when the text cannot be made. */
int wb_pg_say(struct wb_pg_step *s, struct wb_error *err, enum wb_probe probe, const char *fmt, ...) WB_PRINTF(4, 5);
/* The oid of a relation as the session's search_path finds it; 0 when there is none. */
int wb_pg_relation(struct wb_pg *c, const char *schema, const char *name, int64_t *ret_oid,
		   struct wb_error *err) WB_MUST_USE;
/* Numbers of a memo: the i-th (from 0), false when there are fewer. */
bool wb_pg_memo_number(const char *memo, int i, int64_t *ret_value);
bool wb_pg_memo_has(const char *memo, int from, int64_t value);
/* WB_EBUSY while another session builds an index on the table (0: any). */
int wb_pg_check_builder(struct wb_pg *c, int64_t table, struct wb_error *err) WB_MUST_USE;
/* DROP INDEX CONCURRENTLY of a quoted name, waiting as long as it takes. */
int wb_pg_drop_index(struct wb_pg *c, const char *name, struct wb_error *err) WB_MUST_USE;

/* ---- lock.c, peer.c, lease.c
 * ------------------------------------------------------------------------------------------ */

int wb_pg_lock_try(struct wb_conn *conn, const char *project, int64_t ttl_ms, struct wb_lock_holder *ret_holder,
		   struct wb_error *err);
int wb_pg_lock_fence(struct wb_conn *conn, struct wb_arena *a, struct wb_query *q, int max);
int wb_pg_lock_release(struct wb_conn *conn, struct wb_error *err);
int wb_pg_lock_list(struct wb_conn *conn, const char *project, struct wb_arena *a, struct wb_lock_holder **ret_v,
		    size_t *ret_n, struct wb_error *err);
int wb_pg_lock_break(struct wb_conn *conn, const char *project, const char *id, struct wb_error *err);
int64_t wb_pg_lock_key(const struct wb_pg *c, const char *project);
/* A row of lock_sessions or lease_list. */
void wb_pg_holder(const struct wb_row *row, struct wb_lock_holder *ret_holder);
int wb_pg_busy(const struct wb_lock_holder *h, struct wb_error *err);

int wb_pg_peer_try(struct wb_conn *conn, const struct wb_peer *peer, struct wb_error *err);
int wb_pg_peer_release(struct wb_conn *conn, const struct wb_peer *peer, struct wb_error *err);

int wb_pg_lease_take(struct wb_pg *c, struct wb_lock_holder *ret_holder, struct wb_error *err) WB_MUST_USE;
/* WB_EBUSY when somebody holds a living lease of the project. */
int wb_pg_lease_check(struct wb_pg *c, struct wb_lock_holder *ret_holder, struct wb_error *err) WB_MUST_USE;
int wb_pg_lease_break(struct wb_pg *c, const char *project, int64_t token, struct wb_error *err) WB_MUST_USE;

/* ---- second.c: another connection that sees what this one sees --------------------------------------- */

/* With a transaction that has the snapshot which c exported, its settings those of an inspection. NULL when there can
 * be none (no free connection, another server behind the same address, a pooler …): then c works alone. */
struct wb_pg *wb_pg_second_open(struct wb_pg *c, const char *snapshot) WB_MUST_USE;
void wb_pg_second_close(struct wb_pg *second); /* accepts NULL; what it still does is cancelled */

/* ---- monitor.c, health.c, inspect.c, database.c
 * ------------------------------------------------------------------------------
 */

int wb_pg_blockers(struct wb_conn *conn, int64_t pid, struct wb_arena *a, struct wb_blocker **ret_v, size_t *ret_n,
		   struct wb_error *err);
int wb_pg_terminate(struct wb_conn *conn, int64_t pid, struct wb_error *err);
int64_t wb_pg_backend_pid(struct wb_conn *conn);
bool wb_pg_progress(struct wb_conn *monitor, int64_t pid, int64_t *ret_done, int64_t *ret_total, const char **ret_unit);
int wb_pg_health(struct wb_conn *conn,
		 void (*finding)(void *user, const char *check, const char *level, const char *message), void *user,
		 struct wb_error *err);
int wb_pg_explain(struct wb_conn *conn, const struct wb_query *q, bool analyze, struct wb_arena *a,
		  struct wb_query_plan *ret_plan, struct wb_error *err);
int wb_pg_index_use(struct wb_conn *conn, struct wb_arena *a, struct wb_index_uses *out, struct wb_error *err);
int wb_pg_row_json(struct wb_conn *conn, const char *relation, const char *alias, struct wb_str *out,
		   struct wb_error *err);
int wb_pg_from_json(struct wb_conn *conn, const char *table, const char *const *columns, size_t n, struct wb_str *out,
		    struct wb_error *err);
int wb_pg_try(struct wb_conn *conn, const struct wb_alter_try *t, struct wb_alter_tried *ret_tried,
	      struct wb_error *err);
int wb_pg_survey(struct wb_conn *conn, const struct wb_operations *v, size_t n, struct wb_world *w,
		 struct wb_error *err);
int wb_pg_inspect(struct wb_conn *conn, const struct wb_inspect_options *o, struct wb_model *m, struct wb_error *err);
int wb_pg_create_db(const struct wb_open_options *o, bool *ret_created, struct wb_error *err);
int wb_pg_drop_db(const struct wb_open_options *o, bool *ret_dropped, struct wb_error *err);

#endif
