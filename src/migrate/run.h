/* SPDX-License-Identifier: Apache-2.0
 *
 * The executor's inside, shared by run.c, group.c, steps.c, sender.c, watch.c,
 * patience.c and record.c; private to the migrate room.
 */
#ifndef WB_MIGRATE_RUN_H
#define WB_MIGRATE_RUN_H

#include <unistd.h>

#include "migrate.h"

/* ---- patience.c: how long we wait for locks, and how long we block others ------------ */

#define WB_BLOCK_SLOTS 64
struct wb_patience {
	struct wb_retry pause; /* between tries */
	int tries; /* of the current transaction */
	int64_t tries_total;
	int64_t lock_timeout_ms; /* for the next try */
	int64_t fixed_ms; /* the file's own lock_timeout, or -1 */
	int64_t budget_ms;
	struct {
		int64_t at_ms, blocked_ms;
	} slots[WB_BLOCK_SLOTS]; /* of the last minute, a ring */
	int next;
	int64_t blocked_total_ms;
};
void wb_patience_init(struct wb_patience *p, int64_t budget_ms);
void wb_patience_start(struct wb_patience *p, int64_t fixed_ms); /* a new transaction */
void wb_patience_blocked(struct wb_patience *p, int64_t blocked_ms); /* we waited in front of others */
int64_t wb_patience_spent(const struct wb_patience *p); /* in the last minute */

/* ---- watch.c: what happens while a statement runs --------------------------------------- */

struct wb_watch {
	struct wb_target *t;
	struct wb_conn *monitor; /* opened when something takes long; NULL */
	bool monitor_failed;
	bool deaf; /* cancel and timeout are not heard: bookkeeping after a failure */
	int64_t deadline_ms; /* of the migration; 0 = none */
	int64_t statement_ms; /* when the running call began */
	int64_t look_ms; /* next look through the monitor */
	int64_t lock_wait_ms; /* of the running step */
	int64_t last_tick_ms;
	int64_t backend; /* server process that works for us */
	char blockers[512]; /* the last ones seen, for messages */
	struct wb_event context; /* version, numbers: copied into every event */
	int64_t next_progress_ms;
};
int wb_watch_tick(void *watch);
void wb_watch_call(struct wb_watch *w); /* a call to the database begins */
void wb_watch_step(struct wb_watch *w); /* a step begins: samples start at zero */
void wb_watch_done(struct wb_watch *w);

/* ---- the run -------------------------------------------------------------------------------- */

struct wb_run {
	struct wb_target *t;
	const struct wb_run_options *o;
	const char *command;
	char id[37];
	struct wb_journal journal;
	bool has_journal; /* it exists and rows may be written */
	struct wb_work work;
	struct wb_patience patience;
	struct wb_watch watch;
	struct wb_conn *direct; /* past the pooler */
	struct wb_peers peers; /* adopted tools, locked */
	int64_t next_rank;
	int64_t started_ms;
	struct wb_result *result; /* result.c */
	size_t at; /* item in work, from 0; past the last: none */
	bool half_done; /* the one that failed has committed a part */
	bool in_batches; /* so has a section of the one that runs, beside its statements */
	bool told; /* what validate would only warn of */
	bool began; /* something ran: there is a result to be shown */
	struct wb_model *schema; /* as item number schema_of has left it; NULL: not known (undo.c) */
	size_t schema_of;
	bool schema_owners;
	bool has_trash; /* the table of what was set aside exists */
};

/* What one item did, for journal, history, events. */
struct wb_tally {
	int64_t statements, rows, started_ms, retries;
	int64_t rss_kb, cpu_ms, lock_wait_ms;
	int64_t cpu_start_ms;
	int64_t took_ms; /* as it was recorded; -1 until then */
};
void wb_tally_start(struct wb_tally *tally);
/* The same for whoever tells it. */
int64_t wb_tally_took(const struct wb_tally *tally);
void wb_tally_sample(struct wb_tally *tally, const struct wb_watch *w);

/* ---- resume.c: plans made from an earlier one ------------------------------------------------- */

int wb_plan_resume(struct wb_run *run, struct wb_error *err) WB_MUST_USE;
int wb_plan_redo(struct wb_run *run, struct wb_error *err) WB_MUST_USE;

/* ---- sender.c: statements of a script to the database, many in a round trip ------------------- */

struct wb_sender {
	struct wb_run *run;
	struct wb_conn *conn;
	const struct wb_work_item *item;
	struct wb_script_reader *reader;
	struct wb_batch batch; /* not sent yet */
	WB_VEC(struct wb_sent {
		size_t query;
		struct wb_pos pos;
		int64_t ordinal;
	})
	sent; /* statements in batch */
	size_t bytes;
	int64_t at; /* ordinal of the statement read last */
	struct wb_item item_read; /* the statement read last, not sent yet (valid when `peeked`) */
	bool peeked;
	struct wb_tally *tally;
};
void wb_sender_init(struct wb_sender *s, struct wb_run *run, struct wb_conn *conn, const struct wb_work_item *item,
		    struct wb_tally *tally);
void wb_sender_done(struct wb_sender *s);
/* Sends what is waiting; an error of a statement gets its place in the file. */
int wb_sender_flush(struct wb_sender *s, struct wb_error *err) WB_MUST_USE;
/* Adds (and, where it grows too big, sends) the statements first..last. */
int wb_sender_statements(struct wb_sender *s, int64_t first, int64_t last, struct wb_error *err) WB_MUST_USE;
/* Text and place of one statement, for steps outside transactions; text lives until the sender moves on. */
int wb_sender_read(struct wb_sender *s, int64_t ordinal, struct wb_sv *ret_text, struct wb_pos *ret_pos,
		   struct wb_error *err) WB_MUST_USE;
/* A statement has run; tells whoever wants to know when it took long. */
void wb_sender_took(const struct wb_sender *s, int64_t ordinal, int64_t ms);
/* Places an error at a statement. */
void wb_sender_place(const struct wb_sender *s, struct wb_pos pos, int64_t ordinal, struct wb_sv text, size_t offset,
		     struct wb_error *err);

/* ---- alter.c: ALTER TABLE in forms that the engine lacks -------------------------------------------- */

/* The statement that was read last is one that the engine may refuse: runs it, and those of the same table that follow
 * up to last, as they are or by building the table anew. *ret_last: the last that is done. With script->again set on
 * failure the transaction is to be begun anew. */
int wb_alter_run(struct wb_sender *s, const struct wb_item *item, int64_t last, int64_t *ret_last,
		 struct wb_error *err) WB_MUST_USE;
/* Places the error of a broken reference at the ALTER TABLE that added the foreign key, where there is one. */
void wb_alter_blame(const struct wb_script *script, enum wb_dialect dialect, struct wb_error *err);

/* ---- run_backup.c: a backup before the run, and back to it ----------------------------------------- */

bool wb_run_wants_backup(const struct wb_run *run);
int wb_run_back_up(struct wb_run *run, struct wb_error *err) WB_MUST_USE;
/* After a failure; adds to its hint what became of it. */
void wb_run_go_back(struct wb_run *run, struct wb_error *failure);

/* ---- guards.c: require and verify sections -------------------------------------------------------- */

/* What the driver checks before a commit: broken references. */
int wb_check_references(struct wb_conn *c, const struct wb_work_item *item, struct wb_error *err) WB_MUST_USE;
bool wb_guard_has(const struct wb_work_item *item, enum wb_section_kind kind);
int wb_guard_run(struct wb_run *run, const struct wb_work_item *item, enum wb_section_kind kind,
		 struct wb_error *err) WB_MUST_USE;

/* ---- record.c: journal rows of an item -------------------------------------------------------------- */

bool wb_is_down(const struct wb_work_item *item);
/* Row of success (applied or reverted), dependencies, history: added to the batch. */
int wb_record_success(struct wb_run *run, struct wb_batch *b, const struct wb_work_item *item, struct wb_tally *tally,
		      struct wb_error *err) WB_MUST_USE;
/* Row "running" when a migration of several steps begins or goes on after `done` statements, with its steps
 * where they are kept; rows of what is done, and of the step that was running, stay as they are. */
#define WB_STORED_STEPS_MAX 1000 /* larger migrations write their steps as they go */
int wb_record_begin(struct wb_run *run, struct wb_batch *b, const struct wb_work_item *item, int64_t done,
		    struct wb_error *err) WB_MUST_USE;
bool wb_resumes(const struct wb_work_item *item);
/* After a failure, in a transaction of its own; keeps what failed in err, adds to its detail when this fails too. */
void wb_record_failure(struct wb_run *run, const struct wb_work_item *item, const struct wb_tally *tally,
		       int64_t statements_done, struct wb_error *err);
int wb_record_run_start(struct wb_run *run, struct wb_error *err) WB_MUST_USE;
void wb_record_run_end(struct wb_run *run, const char *result, const char *error);

/* ---- group.c, steps.c -------------------------------------------------------------------------------- */

/* Items first..last-1 in one transaction, tried again as a whole when the database says so. rehearse: roll back at the
 * end. */
int wb_group_run(struct wb_run *run, size_t first, size_t last, bool rehearse, struct wb_error *err) WB_MUST_USE;
/* One item in several transactions and steps outside them, from where it stopped. *ret_done: statements that are done.
 */
int wb_steps_run(struct wb_run *run, struct wb_work_item *item, struct wb_tally *tally, int64_t *ret_done,
		 struct wb_error *err) WB_MUST_USE;
/* Should this error be tried again, and if so after which wait? 0 = go on trying (it has waited), else the error to
 * give. */
int wb_try_again(struct wb_run *run, int rc, int64_t call_ms, struct wb_tally *tally, struct wb_error *err) WB_MUST_USE;
void wb_rollback(struct wb_conn *c);

/* ---- result.c ------------------------------------------------------------------------------------------ */

struct wb_result *wb_result_new(const char *direction);
int wb_result_add(struct wb_result *r, const struct wb_work_item *item, const struct wb_tally *tally,
		  struct wb_error *err) WB_MUST_USE;
void wb_result_rolled_back(struct wb_result *r, const char *version);
int wb_result_not_rehearsed(struct wb_result *r, const char *text, struct wb_error *err) WB_MUST_USE;
void wb_result_failed(struct wb_result *r, const struct wb_error *err);
/* The public view, finished. */
struct wb_run_result *wb_result_finish(struct wb_result *r, int64_t duration_ms, int64_t lock_wait_ms,
				       int64_t blocked_ms, int64_t retries);

/* Before an item begins: its place in the order of application. After it: event and result. */
void wb_run_rank(struct wb_run *run, struct wb_work_item *item);
int wb_run_completed(struct wb_run *run, const struct wb_work_item *item, const struct wb_tally *tally,
		     struct wb_error *err) WB_MUST_USE;
/* Emits with the run's and item's context. */
void wb_run_event(struct wb_run *run, const struct wb_work_item *item, struct wb_event e);

#endif
