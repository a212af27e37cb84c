/* SPDX-License-Identifier: Apache-2.0
 *
 * The named queries of the journal: one list, one file of SQL each in
 * driver/<engine>/sql/<name>.sql, the same parameters and result columns on
 * every engine. In those files @journal@ stands for the qualified prefix of the
 * journal's tables ("whimbrel". or whimbrel_). Booleans are 0/1, times RFC 3339
 * text in UTC made by the server's clock, absent values NULL.
 */
#ifndef WB_DRIVER_QUERIES_H
#define WB_DRIVER_QUERIES_H

/* X(ENUM, file name) - parameters -> columns */
#define WB_SQL_MAP(X) \
	/* -> schema, table, column, different values, correlation in thousandths, average bytes, rows, bytes of the \
	   table; nothing where the engine does not tell */ \
	X(ADVISE_COLUMNS, "advise_columns") \
	/* -> bytes of the indexes that are tried, or of all that is in use */ \
	X(ADVISE_BYTES, "advise_bytes") \
	/* -> schema, table, rows, rows changed since it was analyzed, when that was: of tables whose statistics are \
	   stale; table NULL: of the whole database */ \
	X(ADVISE_STALE, "advise_stale") \
	/* -> can indexes be shown that are not there, are there trigrams, are statements counted (0, 1) */ \
	X(ADVISE_WAYS, "advise_ways") \
	/* CREATE INDEX -> name that plans have, bytes: shows it to the planner */ \
	X(ADVISE_SHOW, "advise_show") \
	/* forgets what was shown */ \
	X(ADVISE_FORGET, "advise_forget") \
	/* limit -> query with $1, calls, mean time in us, rows of one call: the most expensive ones */ \
	X(ADVISE_STATEMENTS, "advise_statements") \
	/* -> one row (1) when whimbrel_meta exists, none otherwise; never fails on a database without a journal */ \
	X(JOURNAL_EXISTS, "journal_exists") \
	/* several statements separated by ';': creates everything, format 1 */ \
	X(JOURNAL_CREATE, "journal_create") \
	/* -> format */ \
	X(JOURNAL_FORMAT, "journal_format") \
	/* project -> version, kind, checksum, down_checksum, state, rank, has_down, phase, statements_total, \
	   statements_done, description, family, type, file, applied_at (finished_at), execution_ms, origin, reason, \
	   error in order of rank */ \
	X(MIGRATION_LIST, "migration_list") \
	/* the same up to has_down, in no order: all that `up` needs of what is plainly applied, and little to send \
	   for a hundred thousand rows */ \
	X(MIGRATION_LIST_LEAN, "migration_list_lean") \
	/* upsert of one whole row. project, version, kind, rank, description, family, type, file, checksum, \
	   down_checksum, state, phase, statements_total, statements_done, execution_ms, rows_affected, applied_by, \
	   host, tool_version, origin, down_sql, applied_sql, reason, error, run. started_at = now - execution_ms, \
	   finished_at = now (NULL while state is running) */ \
	X(MIGRATION_PUT, "migration_put") \
	/* project, version, state, statements_done, reason, error, run: keeps everything else; finished_at = now */ \
	X(MIGRATION_STATE, "migration_state") \
	/* project, version, statements_total: state = running, phase = down, statements_done = 0, error = NULL */ \
	X(MIGRATION_DOWN, "migration_down") \
	/* project, version, checksum, down_checksum, file, description, reason: what repair accepts */ \
	X(MIGRATION_REPAIR, "migration_repair") \
	/* project, version: deletes the row */ \
	X(MIGRATION_DELETE, "migration_delete") \
	/* project, version -> down_sql, applied_sql, file, checksum, family */ \
	X(MIGRATION_TEXT, "migration_text") \
	/* project, run, version, description, action, result, statements, rows_affected, execution_ms, retries, \
	   rss_kb, cpu_ms, lock_wait_ms, who, host, tool_version, reason, error */ \
	X(HISTORY_ADD, "history_add") \
	/* project, version or NULL, limit -> id, at, version, description, action, result, statements, rows_affected, \
	   execution_ms, retries, rss_kb, cpu_ms, lock_wait_ms, who, host, tool_version, reason, error, run; newest \
	   first */ \
	X(HISTORY_LIST, "history_list") \
	/* project, version, direction, ordinal, kind, transactional, hash, sql, line, col, state, run: upsert, clears \
	   memo, probe, times and error */ \
	X(STEP_PUT, "step_put") \
	/* project, version, direction, ordinal, state, memo, probe, cursor, error, execution_ms, rss_kb, cpu_ms, \
	   lock_wait_ms, run: updates; NULL keeps what is there (error is always set); started_at = now when state \
	   becomes running, finished_at = now when it becomes done, failed or skipped */ \
	X(STEP_STATE, "step_state") \
	/* project, version or NULL -> version, direction, ordinal, kind, transactional, hash, sql, line, col, state, \
	   memo, probe, cursor, error, run; in order of version, direction, ordinal */ \
	X(STEP_LIST, "step_list") \
	/* project, version, direction: deletes the steps */ \
	X(STEP_CLEAR, "step_clear") \
	/* -> id, at of the newest row of all projects; no row when there is none */ \
	X(HISTORY_LAST, "history_last") \
	/* id -> id, at, project, run, version, description, action, result, statements, rows_affected, execution_ms, \
	   retries, rss_kb, cpu_ms, lock_wait_ms, who, host, tool_version, reason, error of all projects with an id \
	   not below it, oldest first */ \
	X(HISTORY_SINCE, "history_since") \
	/* at, project, … error as above: a row that another database has had */ \
	X(HISTORY_COPY, "history_copy") \
	/* removes every lease: whoever held one in the database that this is a copy of holds nothing here */ \
	X(LEASES_CLEAR, "leases_clear") \
	/* id, project, command, plan_digest, plan (text), tool_version, who, host, pid */ \
	X(RUN_ADD, "run_add") \
	/* id, result, error: sets finished_at */ \
	X(RUN_END, "run_end") \
	/* project: every run without an end gets result = interrupted and finished_at = now */ \
	X(RUN_SUPERSEDE, "run_supersede") \
	/* project, command or NULL -> id, command, plan_digest, plan, tool_version, who, host, pid, started_at, \
	   result of the newest run with that command, or of migrations */ \
	X(RUN_OPEN, "run_open") \
	/* project, version, depends_on */ \
	X(DEPENDENCY_ADD, "dependency_add") \
	/* project, version */ \
	X(DEPENDENCY_CLEAR, "dependency_clear") \
	/* project -> version, depends_on */ \
	X(DEPENDENCY_LIST, "dependency_list") \
	/* -> kind, name of every object users made (no journal, no system or extension members), ordered by kind, \
	 * name */ \
	X(USER_OBJECTS, "user_objects") \
	/* class (relation, type, routine, schema, extension, column, constraint, trigger, policy, rule), schema or \
	   NULL, table or NULL, name -> one row (1) when there may be such an object */ \
	X(OBJECT_EXISTS, "object_exists") \
	/* not a query, but two statements with @table@ in them: what keeps others from writing to it until the end of \
	   the transaction, and what lets a role see all rows or none */ \
	X(HOLD_TABLE, "hold_table") \
	X(SEE_ROWS, "see_rows") \
	/* -> bytes that the database takes */ \
	X(DATABASE_SIZE, "database_size") \
	/* -> the server's clock, RFC 3339 */ \
	X(SERVER_TIME, "server_time") \
	/* -> schema (NULL where there are none), table, column, type, ordered by table and place: what adoption looks \
	 * at */ \
	X(TABLE_COLUMNS, "table_columns") \
	/* project, version, applied_at (RFC 3339 or NULL), applied_by, tool_version: of an adopted migration */ \
	X(MIGRATION_WHEN, "migration_when") \
	/* project, run, version, description, action, result, execution_ms, who, tool_version, reason, at (NULL = \
	 * now), error */ \
	X(HISTORY_IMPORT, "history_import") \
	/* project -> plan of each adoption, once: "tool\tschema\ttable" */ \
	X(ADOPTED, "adopted") \
	/* -> one row (1) when the tables of snapshots, alerts and releases exist, none otherwise */ \
	X(STATE_EXISTS, "state_exists") \
	/* several statements separated by ';': creates them */ \
	X(STATE_CREATE, "state_create") \
	/* project, version, hash, definition, table_count, index_count, constraint_count, release or NULL */ \
	X(SNAPSHOT_ADD, "snapshot_add") \
	/* project, release or NULL -> version, taken_at (RFC 3339), hash, definition of that release, or of the \
	   newest that is of none */ \
	X(SNAPSHOT_LAST, "snapshot_last") \
	/* project, version, major, minor, patch, impact, first_migration, last_migration, migrations, last_rank, \
	   hash, breaking, notes, released_by, host, tool_version */ \
	X(RELEASE_ADD, "release_add") \
	/* project -> version, impact, first_migration, last_migration, migrations, last_rank, hash, breaking, notes, \
	   released_at (RFC 3339), released_by; newest first */ \
	X(RELEASE_LIST, "release_list") \
	/* not queries: the name of the journal's own table of rejected rows; and the statement that makes such a \
	   table, with its name at @table@: project, rule, row_key, reason, sqlstate, row_data, run, at, unique by \
	   the first three */ \
	X(REJECTS_TABLE, "rejects_table") \
	X(REJECTS_CREATE, "rejects_create") \
	/* -> one row (1) when the table of timings exists, none otherwise */ \
	X(TIMING_EXISTS, "timing_exists") \
	/* several statements separated by ';': creates it */ \
	X(TIMING_CREATE, "timing_create") \
	/* project, version, statement, operation, work, bytes, estimate_ms, actual_ms */ \
	X(TIMING_ADD, "timing_add") \
	/* -> operation, work, bytes, actual_ms of all projects, newest first, 500 at most */ \
	X(TIMING_LIST, "timing_list") \
	/* -> schema (NULL where there are none), table, constraint or NULL, its number among the foreign keys, \
	   column, referenced schema, table and column, action on delete ("CASCADE", "NO ACTION", …); one row for each \
	   column, in order of table, number and place */ \
	X(FOREIGN_KEYS, "foreign_keys") \
	/* table as SQL writes it, its name alone -> the columns of its primary key, in order */ \
	X(TABLE_KEY, "table_key") \
	/* -> schema (NULL where there are none), table, column, sequence, a query that gives the next value: of every \
	   column that counts upwards by itself */ \
	X(SEQUENCES, "sequences") \
	/* -> one row (1) when the table of what was set aside exists, none otherwise */ \
	X(TRASH_EXISTS, "trash_exists") \
	/* several statements separated by ';': creates it, and the place where things are set aside */ \
	X(TRASH_CREATE, "trash_create") \
	/* -> a number that nothing in the trash has */ \
	X(TRASH_NEXT, "trash_next") \
	/* project, version, run, kind (table, column, rows), object, method (rename, rewrite, copy), store (its name \
	   in the trash, quoted), rows or NULL, restore_sql */ \
	X(TRASH_ADD, "trash_add") \
	/* project -> id, project, version, kind, object, method, store, rows, bytes, state, restore_sql, set_aside_at \
	   (RFC 3339), age in seconds, 1 when the store is there: what is kept, newest first */ \
	X(TRASH_LIST, "trash_list") \
	/* id, state (restored, purged) */ \
	X(TRASH_END, "trash_end") \
	/* project, version: what is no longer in the trash is restored */ \
	X(TRASH_SETTLE, "trash_settle") \
	/* project, version, reason: an undo that was inferred is no more */ \
	X(TRASH_FORGET, "trash_forget") \
	/* JSON [[schema or null, name], …], cascade (1 or 0) -> schema, name of tables, each after what it refers to \
	 */ \
	X(TRASH_CLOSURE, "trash_closure") \
	/* How things are set aside: schema or NULL, table, name in the trash, of columns JSON [name, …], of rows the \
	   way (t: TRUNCATE, r: with RESTART IDENTITY, d: DELETE) -> part, sql, why, in order. No row: nothing has to \
	   be. Parts: refuse (why), unless (refused where this query has a row), store (its name, quoted; what it \
	   was), method, replaces (the statement itself is not run), now (to be run before it), after (once nothing \
	   needs the table any more), back (brings the schema back), data (brings values back), asked (a query for \
	   further data statements), late (once everything is there), sequence (schema, name: late says how far it has \
	   counted) */ \
	X(TRASH_TABLE, "trash_table") \
	X(TRASH_COLUMNS, "trash_columns") \
	X(TRASH_ROWS, "trash_rows") \
	/* -> one row (1) when some table is so large that work on all of it can take time */ \
	X(GROWN, "grown") \
	/* project -> id, drift_type, kind, object, attribute of every open alert */ \
	X(ALERT_LIST, "alert_list") \
	/* project, drift_type, kind, object, attribute ("" for none), expected, actual, severity; nothing when it is \
	   open already */ \
	X(ALERT_OPEN, "alert_open") \
	/* id, notes */ \
	X(ALERT_RESOLVE, "alert_resolve") \
	/* -> one value: some work that is always the same, for a millisecond or two */ \
	X(BENCH_CALIBRATE, "bench_calibrate") \
	/* -> name, value of the settings that plans and times depend on */ \
	X(BENCH_SETTINGS, "bench_settings")

enum wb_sql_id {
#define X(name, file) WB_SQL_##name,
	WB_SQL_MAP(X)
#undef X
		WB_SQL_COUNT
};

/* The file name of a query without ".sql". */
const char *wb_sql_name(enum wb_sql_id id);

#endif
