/* SPDX-License-Identifier: Apache-2.0
 *
 * The migrate room: journal, plan, executor, lock, recovery. The order of any
 * run: read files and journal, plan; nothing to do ends it; take the lock; read
 * the journal again, plan again; run item by item; release. Only the executor
 * changes a target database.
 */
#ifndef WB_MIGRATE_MIGRATE_H
#define WB_MIGRATE_MIGRATE_H

#include <signal.h>

#include "base/base.h"
#include "sql/sql.h"
#include "driver/driver.h"
#include "source/source.h"
#include <whimbrel/adopt.h>
#include <whimbrel/run.h>

#define WB_JOURNAL_FORMAT 1

/* Who runs this process; empty until somebody asks, since the system reads files to know. */
struct wb_user {
	char name[256];
};

/* What every part of a run shares; filled by lib, which owns all of it. */
struct wb_work;
struct wb_work_item;
struct wb_backfill_ask; /* backfill.h */
struct wb_backfill_steps;
struct wb_target {
	const struct wb_driver *driver;
	struct wb_conn *conn;
	/* Opens further connections: to watch (monitor), or past a pooler (direct). */
	int (*connect)(void *user, bool direct, struct wb_conn **ret_conn, struct wb_error *err);
	/* Opens a database file in the folder of the target's, read-only; WB_ENOTFOUND when there is none. NULL where
	 * databases are no files. */
	int (*connect_file)(void *user, const char *name, struct wb_conn **ret_conn, struct wb_error *err);
	void *connect_user;
	bool has_direct;
	const struct wb_source *source; /* NULL for calls that need no files */
	struct wb_sink sink;
	const char *project, *journal_schema, *applied_by, *host, *tool_version; /* applied_by: NULL for the user */
	struct wb_user *user; /* looked up when the journal is first written */
	const struct wb_variable *variables;
	size_t n_variables;
	bool variables_on;
	int64_t blocking_budget_ms;
	bool is_protected;
	bool undo_off; /* migrations without a down part get no undo */
	bool trash; /* what migrations take away is set aside (trash.c) */
	volatile sig_atomic_t *cancel;
	const char *backup_dir, *tools_dir; /* NULL: "backups"; where the engine's programs usually are */
	struct wb_ahead *ahead; /* NULL: none */
	/* NULL, or asked once when a run has something to do and holds the lock, before it changes anything. An error
	 * ends the run there. */
	int (*before_run)(void *user, const struct wb_work *work, struct wb_error *err);
	void *before_user;
	/* NULL, or asked when all has run, before the lock is released. An error is the run's. */
	int (*after_run)(void *user, struct wb_error *err); /* user: before_user */
	/* Runs the suite that a section of the file names, on this connection as it stands. WB_ENO when it has failed,
	 * its findings in the detail. */
	int (*suite)(void *user, const char *file, const char *suite, struct wb_conn *conn, struct wb_error *err);
	void *suite_user;
	/* NULL, or makes the steps of a backfill section; they are let go with wb_backfill_steps_done(). */
	int (*backfill)(void *user, const struct wb_backfill_ask *ask, struct wb_backfill_steps *ret_steps,
			struct wb_error *err);
	void *backfill_user;
	/* NULL, or asked of each statement: is it to be sent by itself, so that its time can be told? */
	bool (*expects)(void *user, const struct wb_work_item *item, int64_t ordinal);
	/* NULL, or told of each statement that took long (WB_TOOK_LONG_MS), once it has run: what it did may yet be
	 * rolled back. */
	void (*took)(void *user, const struct wb_work_item *item, int64_t ordinal, int64_t ms);
	void *took_user; /* of both */
};
#define WB_TOOK_LONG_MS 50

/* ---- journal (journal.c) ----------------------------------------------------- */

#define WB_STATE_MAP(X) \
	X(APPLIED, "applied") \
	X(FAILED, "failed") \
	X(RUNNING, "running") \
	X(SKIPPED, "skipped") \
	X(EXPANDING, "expanding") \
	X(EXPANDED, "expanded") \
	X(BACKFILLING, "backfilling") \
	X(CONTRACTING, "contracting") \
	X(REVERTED, "reverted") \
	X(BASELINE, "baseline") \
	X(MISSING, "missing")
enum wb_state {
#define X(name, text) WB_STATE_##name,
	WB_STATE_MAP(X)
#undef X
		WB_STATE_COUNT
};
const char *wb_state_name(enum wb_state s);

struct wb_record {
	const char *version, *key; /* as written; comparable */
	enum wb_mig_kind kind;
	enum wb_state state;
	bool down; /* the running or failed direction is down */
	bool has_down; /* down_sql is stored */
	bool has_checksum;
	unsigned char checksum[32], down_checksum[32];
	bool has_down_checksum;
	int64_t rank, statements_total, statements_done, execution_ms;
	/* NULL when loaded lean and plainly applied: a hundred thousand of them must stay small */
	const char *description, *family, *type, *file, *applied_at, *origin, *reason, *error;
};

struct wb_journal {
	struct wb_arena arena;
	bool exists;
	int format;
	struct wb_record *v; /* in order of rank; malloc'ed */
	size_t n;
	bool ascending; /* rows lie in the order of their versions */
	struct wb_map by_key; /* key -> record, filled when they do not */
	size_t *hint; /* where the next question is expected */
	int64_t last_rank;
};
/* The lean form, read while something else was still to be done; the first call that asks for it gets it. */
struct wb_ahead {
	bool asked;
	int rc;
	struct wb_journal journal;
	struct wb_error err;
};
void wb_journal_read_ahead(const struct wb_target *t);
void wb_journal_drop_ahead(struct wb_ahead *a);
/* Reads it in one round trip; a database without a journal gives exists == false. WB_ENEWER for a newer format. */
int wb_journal_load(const struct wb_target *t, bool lean, struct wb_journal *ret_journal,
		    struct wb_error *err) WB_MUST_USE;
void wb_journal_done(struct wb_journal *j);
struct wb_record *wb_journal_find(const struct wb_journal *j, const char *key);
/* Applied in the sense of planning: applied, baseline, skipped, missing, expanded … */
bool wb_record_is_done(const struct wb_record *r);
/* Stopped half way, up or down: a run finishes it before anything else. */
bool wb_record_is_half(const struct wb_record *r);
/* Runs the statements of a named query that holds several, in one transaction. */
int wb_journal_script(const struct wb_target *t, enum wb_sql_id id, struct wb_error *err) WB_MUST_USE;
/* Creates the journal, or upgrades an older format; to be called under the lock. */
int wb_journal_ensure(const struct wb_target *t, const struct wb_journal *j, struct wb_error *err) WB_MUST_USE;

/* One row of schema_migrations to be written. */
struct wb_journal_row {
	const char *version, *description, *family, *type, *file, *checksum, *down_checksum, *phase, *origin;
	enum wb_mig_kind kind;
	enum wb_state state;
	int64_t rank, statements_total, statements_done, execution_ms, rows_affected;
	struct wb_sv down_sql, applied_sql; /* p == NULL: none */
	const char *reason, *error, *run;
};
struct wb_history_row {
	const char *run, *version, *description, *action, *result, *reason, *error;
	int64_t statements, rows_affected, execution_ms, retries, rss_kb, cpu_ms, lock_wait_ms; /* -1: unknown */
};
struct wb_step_row {
	const char *version, *direction, *kind, *hash, *state, *memo, *probe, *cursor, *error, *run;
	int64_t ordinal, line, column, execution_ms, rss_kb, cpu_ms, lock_wait_ms;
	bool transactional;
	struct wb_sv sql;
};

/* What the journal names as the one who did it. */
const char *wb_applied_by(const struct wb_target *t);
/* Queries for run(); parameters live in the arena. Each returns false on no memory. */
bool wb_journal_put(const struct wb_target *t, struct wb_arena *a, const struct wb_journal_row *r,
		    struct wb_query *ret_q);
bool wb_journal_state(const struct wb_target *t, struct wb_arena *a, const char *version, enum wb_state state,
		      int64_t statements_done, const char *reason, const char *error, const char *run,
		      struct wb_query *ret_q);
bool wb_journal_history(const struct wb_target *t, struct wb_arena *a, const struct wb_history_row *r,
			struct wb_query *ret_q);
bool wb_journal_step_put(const struct wb_target *t, struct wb_arena *a, const struct wb_step_row *r,
			 struct wb_query *ret_q);
bool wb_journal_step_state(const struct wb_target *t, struct wb_arena *a, const struct wb_step_row *r,
			   struct wb_query *ret_q);
bool wb_journal_named(const struct wb_target *t, struct wb_arena *a, enum wb_sql_id id, const struct wb_value *params,
		      int n, struct wb_query *ret_q);

/* A growing list of queries that are sent together. */
struct wb_batch {
	struct wb_arena arena;
	WB_VEC(struct wb_query) q;
	bool failed; /* memory ran out while it was filled */
};
void wb_batch_done(struct wb_batch *b);
struct wb_query *wb_batch_add(struct wb_batch *b); /* a fresh query; a scratch one when memory ran out (failed set) */
void wb_batch_sql(struct wb_batch *b, struct wb_sv sql);
/* BEGIN, fence; restore; COMMIT - from the driver. */
void wb_batch_begin(struct wb_batch *b, struct wb_conn *c, const struct wb_tx_options *o);
void wb_batch_restore(struct wb_batch *b, struct wb_conn *c);
void wb_batch_commit(struct wb_batch *b, struct wb_conn *c);
void wb_batch_lock_timeout(struct wb_batch *b, struct wb_conn *c, int64_t ms);
void wb_batch_constraints_now(struct wb_batch *b, struct wb_conn *c);
int wb_batch_run(struct wb_batch *b, struct wb_conn *c, size_t *ret_done, size_t *ret_offset,
		 struct wb_error *err) WB_MUST_USE;
/* begin + the given journal queries + commit, rolled back on error: for bookkeeping between steps. */
int wb_batch_run_alone(struct wb_batch *journal_only, struct wb_conn *c, struct wb_error *err) WB_MUST_USE;

/* ---- scripts: the statements of one migration in one direction (script.c) --------- */

struct wb_stmt {
	struct wb_sv text; /* in the script's arena */
	struct wb_pos pos;
	struct wb_stmt_info info;
};
/* A run of statements that commit together (transactional), or each by itself (each), or one that runs outside
 * transactions (neither). */
struct wb_chunk {
	int64_t first, last; /* ordinals from 1 */
	bool transactional, each;
	const char *kind; /* step kind */
	const struct wb_backfill *backfill; /* it runs in batches, each a transaction; else NULL */
	unsigned line, column;
};
/* SET, PRAGMA, ATTACH …: what it changed is put back after each step, and made again before the next one. */
struct wb_session_stmt {
	int64_t ordinal;
	struct wb_sv text;
	bool outside; /* has an effect only outside transactions */
};
/* A statement before which something is set aside (trash.c). */
struct wb_trash_mark {
	int64_t ordinal;
	size_t step; /* its place in the undo */
};
struct wb_script {
	struct wb_arena arena;
	const struct wb_migration *migration; /* NULL for text; of a small file a copy that holds its text */
	unsigned sections; /* bits */
	struct wb_sv text; /* stored text when there is no file, in the arena */
	const char *file; /* for errors: path, or "<stored down of 003>" */
	bool kept; /* stmts hold every statement; otherwise they are streamed again */
	struct wb_stmt *stmts;
	int64_t n; /* statements */
	struct wb_chunk *chunks;
	size_t n_chunks;
	struct wb_session_stmt *session;
	size_t n_session;
	bool has_copy, rebuilds_table, alters, may_rebuild, changes_session; /* as its statements, see wb_stmt_info */
	bool one_transaction; /* all of it commits at once, with its journal row */
	bool again, alters_alone; /* see wb_alter_run(); each ALTER TABLE by itself, to see which one fails */
	int64_t lock_timeout_ms, timeout_ms; /* of the section line; -1 unset */
	int64_t bytes;
	struct wb_script_undo *undo; /* of a migration without a down part (undo.h); NULL */
	struct wb_trash_mark *trash; /* statements that take away what is to be set aside */
	size_t n_trash;
};
/* Stored down text keeps the one option of its section line that matters in a first line of its own. */
#define WB_STORED_EACH "-- migrate:down transaction:false\n"
/* One that was not in the file says so. */
#define WB_STORED_INFERRED "-- migrate:down inferred\n"
struct wb_script_options {
	enum wb_transaction_mode mode;
	size_t *keep_budget; /* bytes of text that may still be kept; texts beyond are streamed again */
	bool each; /* stored text: its section line said transaction:false */
	bool undo; /* the migration is to be applied: how can it be undone? */
	bool inferred; /* text of an undo that nobody has written: columns that it drops have had values since */
};
int wb_script_of_migration(const struct wb_target *t, const struct wb_migration *m, unsigned sections,
			   const struct wb_script_options *o, struct wb_script **ret_script,
			   struct wb_error *err) WB_MUST_USE;
int wb_script_of_text(const struct wb_target *t, const char *name, struct wb_sv text, const struct wb_script_options *o,
		      struct wb_script **ret_script, struct wb_error *err) WB_MUST_USE;
void wb_script_free(struct wb_script *s);
#define WB_UP_SECTIONS (1u << WB_SEC_UP | 1u << WB_SEC_EXPAND | 1u << WB_SEC_BACKFILL | 1u << WB_SEC_CONTRACT)
/* The statements one by one, kept or streamed; texts live until the next call. COPY data follow its statement. */
struct wb_script_reader;
int wb_script_open(const struct wb_target *t, const struct wb_script *s, struct wb_script_reader **ret,
		   struct wb_error *err) WB_MUST_USE;
int wb_script_next(struct wb_script_reader *r, struct wb_item *ret_item, struct wb_error *err) WB_MUST_USE;
void wb_script_close(struct wb_script_reader *r);
/* The one that a statement is in; a script has one for each of its statements. */
const struct wb_chunk *wb_script_chunk(const struct wb_script *s, int64_t ordinal);
/* What is run in batches as it can be read by itself: its text becomes one in the arena. */
int wb_script_plain(const struct wb_target *t, const struct wb_chunk *c, struct wb_arena *a, struct wb_item *item,
		    struct wb_error *err) WB_MUST_USE;
/* Fills file, line, column and excerpt for a byte offset (SIZE_MAX: its start) of a statement of this script. */
void wb_script_place(const struct wb_script *s, struct wb_pos pos, struct wb_sv statement, size_t offset,
		     struct wb_error *err);

/* ---- the plan as work (work.c) ------------------------------------------------------- */

enum wb_action { WB_APPLY, WB_REAPPLY, WB_RESUME_UP, WB_RESUME_DOWN, WB_REVERT };
const char *wb_action_name(enum wb_action a);
struct wb_work_item {
	enum wb_action action;
	const struct wb_migration *migration; /* NULL: only the journal knows it */
	const struct wb_record *record; /* NULL: new */
	const char *version, *description, *file;
	const char *down_source; /* for reverts: "file", "stored", "inferred" */
	struct wb_script *script; /* made by wb_work_scripts */
	int64_t rank; /* place in the order of application, given when it begins */
};
struct wb_work {
	struct wb_arena arena;
	bool down;
	const char *current, *target; /* versions; NULL = none */
	WB_VEC(struct wb_work_item) items;
	char digest[WB_CHECKSUM_SIZE];
};
int wb_work_make(const struct wb_target *t, const struct wb_journal *j, const struct wb_plan_options *o,
		 struct wb_work *ret_work, struct wb_error *err) WB_MUST_USE;
/* Reads and classifies the statements of every item, refusing what may not run. */
int wb_work_scripts(const struct wb_target *t, struct wb_work *w, const struct wb_plan_options *o,
		    struct wb_error *err) WB_MUST_USE;
int wb_work_script(const struct wb_target *t, struct wb_work_item *item, struct wb_script_options *o,
		   struct wb_error *err) WB_MUST_USE;
/* Anew, after items were added or left out. */
void wb_work_digest(struct wb_work *w);
void wb_work_done(struct wb_work *w);

/* Has it a place among numbered versions? Those of some adopted tools have none: they stand where they were applied. */
bool wb_version_orders(const char *version);

/* ---- versions as people write them (target.c) --------------------------------------------- */

/* "2", "002", "V002", an id or a file's name to the version as file or journal has it; WB_ENOTFOUND. Lives as long as
 * they. */
int wb_target_version(const struct wb_target *t, const struct wb_journal *j, struct wb_arena *a, const char *text,
		      const char **ret_version, struct wb_error *err) WB_MUST_USE;
/* The file that a record is about: a baseline file may have the version of a migration. NULL when there is none. */
const struct wb_migration *wb_target_file(const struct wb_target *t, const struct wb_record *r);
/* "V9" and "9" to "9", whether or not anything has that version; NULL for what is no version. */
const char *wb_target_plain(const char *text);

/* ---- files against journal (compare.c) --------------------------------------------------- */

struct wb_problems {
	WB_VEC(struct wb_problem) v;
	bool failed; /* memory ran out */
};
void wb_problems_done(struct wb_problems *p);
/* Everything that status and validate report; texts in the arena. */
int wb_compare(const struct wb_target *t, const struct wb_journal *j, struct wb_arena *a,
	       struct wb_problems *ret_problems, struct wb_error *err) WB_MUST_USE;
/* First problem that is no warning as an error. */
int wb_problems_check(const struct wb_problems *p, struct wb_error *err) WB_MUST_USE;

/* ---- lock (lock.c) -------------------------------------------------------------------------- */

struct wb_lock_result {
	int64_t waited_ms;
};
/* Polls with jitter; WB_EBUSY names the holder. */
int wb_lock_acquire(const struct wb_target *t, int64_t wait_ms, struct wb_lock_result *ret,
		    struct wb_error *err) WB_MUST_USE;
void wb_lock_release(const struct wb_target *t);
/* While others work in our place: renews what expires otherwise, when it is time (*at_ms, 0 at first). */
#define WB_LEASE_RENEW_MS 5000
int wb_lock_keep(const struct wb_target *t, int64_t *at_ms, struct wb_error *err) WB_MUST_USE;

/* ---- executor (exec.c and exec_*.c) ------------------------------------------------------------ */

int wb_execute(struct wb_target *t, const struct wb_run_options *o, const char *command,
	       struct wb_run_result **ret_result, struct wb_error *err) WB_MUST_USE;

/* ---- adopt.c, peers.c -------------------------------------------------------------------------------- */

/* files: what wb_adopt_render() wrote before, to be told of; NULL. */
int wb_adopt_run(struct wb_target *t, const struct wb_adopt_options *o, const struct wb_adoption *files,
		 struct wb_adoption **ret_adoption, struct wb_error *err) WB_MUST_USE;
/* Only writes the tool's migrations as files of the folder. */
int wb_adopt_render(struct wb_target *t, const struct wb_adopt_options *o, const char *dir, struct wb_adoption **ret,
		    struct wb_error *err) WB_MUST_USE;

/* The tools whose histories were taken over, for the locks that they take themselves. */
struct wb_peers {
	struct wb_arena arena;
	WB_VEC(struct wb_peer) v;
	size_t held; /* the first so many are locked */
};
/* Reads which there are (none without a journal), takes their locks, and refuses when one of them has gone on by
 * itself. */
int wb_peers_begin(struct wb_target *t, const struct wb_journal *j, int64_t wait_ms, struct wb_peers *p,
		   struct wb_error *err) WB_MUST_USE;
int wb_peers_lock(const struct wb_target *t, int64_t wait_ms, struct wb_peers *p, struct wb_error *err) WB_MUST_USE;
void wb_peers_unlock(const struct wb_target *t, struct wb_peers *p);
void wb_peers_done(struct wb_peers *p);

/* ---- repair.c, baseline.c, declare.c ------------------------------------------------------------------ */

int wb_repair_run(struct wb_target *t, bool dry_run, const char *reason, struct wb_repair **ret_repair,
		  struct wb_error *err) WB_MUST_USE;
/* Records one file as applied, without running it; WB_EREFUSED when another is still to be applied. */
int wb_declare_run(struct wb_target *t, const char *file, const char *reason, struct wb_error *err) WB_MUST_USE;
int wb_baseline_run(struct wb_target *t, const char *version, const char *reason, size_t *ret_recorded,
		    struct wb_error *err) WB_MUST_USE;

#endif
