/* SPDX-License-Identifier: Apache-2.0
 *
 * The driver protocol: all that differs between engines. One const struct
 * wb_driver per engine, checked once at registration. Nobody outside driver/
 * asks which engine it is: they ask a capability, call a method, or run a named
 * query. A connection is used by one thread; while a statement runs the driver
 * calls the tick, which may ask to cancel. Decorators (trace.c, fault.c) wrap
 * any driver without its knowing.
 */
#ifndef WB_DRIVER_DRIVER_H
#define WB_DRIVER_DRIVER_H

#include <whimbrel/bench.h>

#include "base/base.h"
#include "sql/sql.h"
#include "model/index_use.h"
#include "model/model.h"
#include "model/operation.h"
#include "model/shape.h"
#include "model/world.h"

#define WB_DRIVER_VERSION 1

enum wb_cap {
	WB_CAP_TX_DDL = 1u << 0, /* DDL takes part in transactions */
	WB_CAP_SESSION_LOCK = 1u << 1, /* lock that lives and dies with the connection */
	WB_CAP_FILE_LOCK = 1u << 2, /* lock file beside the database */
	WB_CAP_LEASE = 1u << 3, /* lease rows as fallback */
	WB_CAP_COPY = 1u << 4, /* COPY … FROM STDIN */
	WB_CAP_PIPELINE = 1u << 5, /* several statements in one round trip */
	WB_CAP_LOCK_TIMEOUT = 1u << 6, /* lock_timeout can be set per transaction */
	WB_CAP_CREATE_DB = 1u << 7, /* has a server on which databases are created */
	WB_CAP_SCHEMAS = 1u << 8,
	WB_CAP_MONITOR = 1u << 9, /* a second connection can see who blocks whom */
	WB_CAP_TERMINATE = 1u << 10 /* can end another session */
};

/* What indexes of an engine can be. */
enum wb_index_way {
	WB_INDEX_INCLUDE = 1u << 0, /* columns beside the keys */
	WB_INDEX_GIN = 1u << 1,
	WB_INDEX_BRIN = 1u << 2,
	WB_INDEX_PATTERN = 1u << 3, /* beginnings of texts take an operator class of their own */
	WB_INDEX_CONCURRENTLY = 1u << 4, /* they can be made while others write */
	WB_INDEX_NOCASE = 1u << 5 /* LIKE ignores case, and so must its index */
};

/* ---- addresses (url.c) ------------------------------------------------------ */

/* A database URL taken apart. `text` holds the password: it is never printed; `safe` is. */
struct wb_url {
	const char *text; /* as given to the driver */
	const char *safe; /* password masked with ***, also in query parameters and key=value form */
	const char *scheme; /* "sqlite", "postgres", "postgresql", "neo4j", …; for key=value form "postgres" */
	const char *database; /* database name, or the path of an SQLite file */
	const char *host, *port, *user; /* NULL when absent */
	bool has_password;
};
/* Understands sqlite:rel.db, sqlite:///abs/app.db, sqlite::memory:, sqlite3:…, postgres://…, postgresql://…,
 * libpq's key=value form, neo4j://…. Percent-decoding follows RFC 3986; a raw '@', '/', '?', '#' or '%' inside the
 * password of a postgres URL is accepted where the meaning is clear (the last '@' before the host
 * separates), and text is re-encoded so that libpq reads the same. WB_EUSAGE with a hint otherwise;
 * no error ever repeats the password. Strings live in the arena. */
int wb_url_parse(struct wb_arena *a, const char *text, struct wb_url *ret_url, struct wb_error *err) WB_MUST_USE;

/* The address of another database of the same server; NULL when memory has run out. */
char *wb_url_with_database(struct wb_arena *a, const struct wb_url *url, const char *name) WB_MUST_USE;

/* ---- connection --------------------------------------------------------------- */

struct wb_driver;

/* Called about ten times a second while a call waits for the database. Non-zero (a WB_E… code) cancels
 * the running statement; the call then returns that code after the server has confirmed. */
typedef int (*wb_tick_fn)(void *user);

struct wb_open_options {
	const struct wb_url *url;
	const char *journal_schema; /* NULL = "whimbrel"; SQLite uses it as prefix with '_' */
	const struct wb_sink *sink;
	const char *application_name; /* NULL = "whimbrel" */
	int connect_timeout_ms; /* 0 = the driver's default (10 s) */
	bool read_only; /* promise not to write; SQLite opens the file read-only */
	bool create; /* SQLite: create a missing file (up, baseline, create) */
	void *handle; /* embedding application's own sqlite3 *, else NULL */
	bool monitor; /* a second, watching connection: fault points never strike it */
	const struct wb_fault *fault; /* where one strikes; NULL: what the environment says */
};

/* First member of every driver's connection object; the registry allocates conn_size zeroed bytes. */
struct wb_conn {
	const struct wb_driver *driver;
	struct wb_open_options options;
	wb_tick_fn tick;
	void *tick_user;
	const struct wb_conn *beside; /* its lease is ours, too: a direct connection beside a pooled one; NULL */
	struct wb_fault fault; /* used by the fault decorator */
	uint64_t calls; /* used by the trace decorator */
	char server[64]; /* "SQLite 3.40.1", "PostgreSQL 15.18" */
	int server_version; /* 34001, 150018 */
	bool pooled; /* behind a transaction pooler: no session state survives */
	bool lost; /* the connection is gone; only close() is allowed */
	bool in_transaction;
	const char *moment; /* what share() gave: look() sees the database as it was then; NULL: as it is */
	bool row_to_blame; /* of the run() that failed last: a row (a constraint, a value), not the statement itself */
};

/* ---- queries -------------------------------------------------------------------- */

enum wb_value_kind { WB_VALUE_NULL, WB_VALUE_TEXT, WB_VALUE_INT };
struct wb_value {
	enum wb_value_kind kind;
	struct wb_sv text;
	int64_t i;
};
#define WB_V_NULL ((struct wb_value){ WB_VALUE_NULL, { NULL, 0 }, 0 })
static inline struct wb_value wb_v_text(const char *s)
{
	return s ? (struct wb_value){ WB_VALUE_TEXT, wb_sv_str(s), 0 } : WB_V_NULL;
}
static inline struct wb_value wb_v_sv(struct wb_sv s)
{
	return s.p ? (struct wb_value){ WB_VALUE_TEXT, s, 0 } : WB_V_NULL;
}
static inline struct wb_value wb_v_int(int64_t i)
{
	return (struct wb_value){ WB_VALUE_INT, { NULL, 0 }, i };
}

/* One row, every value as text; p == NULL is SQL's NULL. Lives until the callback returns; texts are
 * NUL terminated. */
struct wb_row {
	int n;
	const struct wb_sv *v;
	const char *const *names; /* of the columns; NULL where the driver does not know them */
};
/* Non-zero stops the query and is returned by run(). */
typedef int (*wb_row_fn)(void *user, const struct wb_row *row, struct wb_error *err);

struct wb_query {
	struct wb_sv sql; /* exactly one statement, without ';' */
	const struct wb_value *params; /* $1… in both engines' journal SQL; NULL for statements of migrations */
	int n_params;
	wb_row_fn row; /* NULL: rows are thrown away */
	void *row_user;
	wb_read_fn copy; /* data of a COPY … FROM STDIN; such a query goes alone in its run() */
	void *copy_user;
	bool cached; /* text is constant and will come again: keep it prepared (where not pooled) */
	bool whole; /* all rows may be kept in memory until the last is there, which costs less than one by one */
	/* filled by run() */
	int64_t affected; /* rows changed; -1 when the statement has no such count */
	int64_t elapsed_us; /* as far as it can be told apart */
};

/* ---- what a statement is (classify) ------------------------------------------------ */

enum wb_tx_mode {
	WB_TX_ANY, /* may run in a transaction */
	WB_TX_NEVER, /* the engine refuses it inside one */
	WB_TX_MAYBE, /* may commit inside (CALL, DO): only the server knows */
	WB_TX_OUTSIDE /* runs in a transaction, but has no effect there (PRAGMA foreign_keys): must run outside */
};
struct wb_stmt_info {
	enum wb_tx_mode tx;
	const char *step_kind; /* static: "sql", "copy", "index_create", "index_drop", "reindex", "detach", "vacuum",
				  "database", "system", "subscription", "call", "pragma", "attach", … */
	const char *forbidden; /* static reason why a migration may not hold it, else NULL */
	bool transaction_control; /* BEGIN, COMMIT, ROLLBACK …: refused in a transactional file */
	bool copy_in; /* followed by COPY data */
	bool rebuilds_table; /* SQLite: DROP TABLE or ALTER … RENAME that needs foreign keys off */
	bool alters; /* ALTER TABLE in a form that this engine may refuse: the table is then built anew */
	bool may_rebuild; /* and for some tables does */
	bool ends_rebuild; /* SQLite: PRAGMA foreign_keys = ON, which says nothing after an OFF in the same file */
	bool changes_session; /* SET, RESET, PRAGMA: settings must be restored */
	const char *remark; /* static; what a plan tells of it; NULL: nothing */
	char command[48]; /* "CREATE TABLE"; "" when unknown */
	char object[200]; /* quoted-if-needed name, schema-qualified as written; "" when unknown */
};

/* ---- trying what it would do ---------------------------------------------------------- */

struct wb_alter_try {
	struct wb_name table; /* with its schema */
	const struct wb_sv *before; /* what other statements will have done to it by then, as `actions` */
	size_t n_before;
	struct wb_sv actions; /* of ALTER TABLE: what stands behind the table's name */
};
struct wb_alter_tried {
	bool rewrites, scans, indexes; /* all of the table; an index, anew */
};

/* ---- probing a step that may or may not have happened -------------------------------- */

enum wb_probe {
	WB_PROBE_UNKNOWN, /* cannot be known: refuse, name both remedies */
	WB_PROBE_DONE, /* happened */
	WB_PROBE_NOT_DONE, /* did not happen: run it */
	WB_PROBE_HALF, /* half done; call undo_half(), then run it */
	WB_PROBE_REPEAT /* running it again is harmless */
};

/* ---- locks ---------------------------------------------------------------------------- */

struct wb_lock_holder {
	char id[64]; /* what `locks --break` takes */
	char kind[16]; /* "session", "lease", "file" */
	char owner[128]; /* user and application */
	char host[128];
	int64_t pid; /* client process, or -1 */
	int64_t backend; /* server process, or -1 */
	char since[32]; /* RFC 3339 */
	char state[32]; /* "active", "idle", "stale", … */
	char query[256];
};
/* Who waits for whom, for `locks` and for naming blockers. */
struct wb_blocker {
	int64_t blocked_pid, blocking_pid;
	int64_t age_ms; /* of the blocker's transaction; -1 unknown */
	char user[64], application[64], state[32], lock[48], relation[128];
	char query[256];
};

/* Another tool whose history was taken over, for the lock that it takes itself. */
struct wb_peer {
	const char *tool; /* "flyway", … */
	const char *schema, *table; /* of its history; schema NULL where there are none */
};

/* What one migration transaction asks of the session. Zero is a fine default. */
struct wb_tx_options {
	int64_t lock_timeout_ms; /* 0 = none */
	bool foreign_keys_off; /* SQLite: rebuilds tables */
	bool lazy; /* COMMIT need not wait for the disk: another one comes that does */
	bool one_snapshot; /* all of its statements see the database as of one moment */
	bool foreign_keys_on; /* SQLite: broken references are refused, row by row */
};

struct wb_samples {
	int64_t rss_kb, cpu_ms; /* of this process (SQLite works inside it); server's where known */
	int64_t lock_wait_ms;
};

/* ---- whole databases: dumped, checked, built anew beside the real one, swapped in ---------------- */

/* What may take long tells how far it is, in bytes (total -1: unknown), about ten times a second; a code other than 0
 * stops it and is returned. */
struct wb_copying {
	int (*copied)(void *user, int64_t done, int64_t total, struct wb_error *err);
	void *user;
	const char *tools; /* folder of the engine's own programs; NULL: where they usually are */
	struct wb_fault *steps; /* fault points between steps that are no calls of a connection */
};
static inline int wb_copied(const struct wb_copying *c, int64_t done, int64_t total, struct wb_error *err)
{
	return c && c->copied ? c->copied(c->user, done, total, err) : 0;
}

struct wb_dump {
	const char *path; /* an empty file of ours that gets the dump */
	int fd; /* of it, for writing */
	const struct wb_copying *copying;
	bool keep_snapshot; /* the transaction that the dump was made of stays open for fingerprint(): roll it back */
	/* filled */
	unsigned char sha256[32];
	int64_t size;
	char tool[64], format[16]; /* "pg_dump 15.18", "custom" */
};

/* A database as a text of SQL, for people and for comparison. */
struct wb_scripting {
	int (*out)(void *user, const char *p, size_t n, struct wb_error *err); /* the text, as it comes */
	void *user;
	const struct wb_copying *copying;
};

/* A database built from a dump, with a name that nobody else uses. Those of killed runs are removed by the next one. */
struct wb_scratch_options {
	const struct wb_open_options *real; /* the database that it is to replace */
	const char *path, *id; /* the dump; of the run, part of its name */
	const struct wb_copying *copying;
	bool no_owner; /* everything belongs to the role that restores; no grants */
};
struct wb_scratch {
	struct wb_open_options open; /* how it is reached */
	struct wb_url url;
};
/* A place for databases on which things are tried out, as many as are wanted. They live no longer than it does: what
 * one of a killed run held is removed by the next that is opened. */
struct wb_nest_options {
	const struct wb_open_options *real; /* a database of the server; it is left alone */
	const char *id; /* of the run: 32 hexadecimal digits, by which what was left is known */
	bool guest; /* in the nest of that name, which somebody else has opened and will close */
};
struct wb_nest {
	const struct wb_driver *driver;
	char prefix[128]; /* of what its databases are called */
};
/* One table of fingerprint(): how many rows, and a checksum over all of them. */
typedef int (*wb_table_fn)(void *user, const char *table, int64_t rows, const char *checksum, struct wb_error *err);

/* Statements that an inspection takes for done: ALTER TABLE, also in forms that the engine itself lacks. After
 * WB_EINPUT (not understood) or WB_ESQL (cannot be) `at` is the one to blame, offset the byte in it. */
struct wb_alters {
	const struct wb_sv *v;
	size_t n, at, offset;
};

/* What an inspection looks at. */
struct wb_inspect_options {
	struct wb_alters *alters; /* NULL: none; only of a driver that classifies some as such */
	const char *const *schemas; /* these only; all but the system's where there are none */
	size_t n_schemas;
	bool owners; /* attribute "owner": who owns what differs between environments more often than not */
	bool inside; /* as the open transaction sees it, which goes on as if nobody had looked; else there may be none
		      */
};

/* ---- statements tried by the engine itself ------------------------------------------------------ */

/* A mock of the database: its schema without a row, in memory, as the statements tried on it leave it. It takes nothing
 * from the database but the schema, and nothing but the schema is changed in it. */
struct wb_mock {
	const struct wb_driver *driver;
	bool exact; /* made of a database's schema: what it misses is missing there */
};
enum wb_verdict {
	WB_TAKEN, /* the engine takes it */
	WB_DOUBTFUL, /* what it names is not known well enough to say so */
	WB_REFUSED, /* the engine refuses it, by what is known of the schema: of a mock that is not exact, likely */
	WB_WRONG /* it is no statement of the engine, whatever the schema */
};
struct wb_tried {
	enum wb_verdict verdict;
	bool corrected; /* its operations were not what the engine has seen, and are now */
	const char *message, *hint; /* in the arena; NULL */
	size_t offset; /* of what is refused, in the statement; SIZE_MAX: not known */
	const char *const *notes; /* for people: triggers that it fires, … */
	size_t n_notes;
};

/* Named SQL, kept in driver/<engine>/sql/<name>.sql, same parameters and columns on every engine.
 * The list, with parameters and columns, is in driver/queries.h. */
#include "queries.h"

struct wb_driver {
	unsigned version; /* WB_DRIVER_VERSION */
	const char *name; /* "sqlite", "postgresql" (as in status's "engine") */
	const char *const *schemes; /* NULL terminated */
	enum wb_dialect dialect;
	uint64_t caps;
	size_t conn_size;
	unsigned index_ways; /* enum wb_index_way */

	/* Opens; on error everything is released by the registry's close. WB_ECONN when unreachable. */
	int (*open)(struct wb_conn *c, struct wb_error *err);
	void (*close)(struct wb_conn *c);
	/* Optional, for fault tests: breaks the link as a dead network would, so that every later call fails with
	 * WB_ECONN; close() still follows. */
	void (*drop_link)(struct wb_conn *c);

	/* Runs n queries in order, in one round trip where it can; stops at the first that fails.
	 * *ret_done = how many succeeded (the failing one is number *ret_done). Errors of statements are
	 * WB_ESQL with sqlstate (SQLite: "" ), message, detail, hint, and *ret_offset = byte in that statement or
	 * SIZE_MAX. WB_ECONN sets c->lost. After an error inside a transaction the caller calls rollback(). */
	int (*run)(struct wb_conn *c, struct wb_query *q, size_t n, size_t *ret_done, size_t *ret_offset,
		   struct wb_error *err);

	/* The statements that open a transaction, as queries to be put at the front of a run(): at most max, texts in
	 * the arena. Returns how many, or WB_ENOMEM. SQLite: BEGIN IMMEDIATE. */
	int (*tx_begin)(struct wb_conn *c, struct wb_arena *a, const struct wb_tx_options *o, struct wb_query *q,
			int max);
	/* Statements that put role, search_path, timeouts and all else back to what the session started with; to be
	 * placed before the journal is written, and also usable outside a transaction. */
	int (*restore)(struct wb_conn *c, struct wb_arena *a, struct wb_query *q, int max);
	int (*tx_commit)(struct wb_conn *c, struct wb_query *q, int max);
	int (*rollback)(struct wb_conn *c, struct wb_error *err);

	/* Optional. lock_timeout of the session for a step outside transactions (0 = none); restore() puts it back. */
	int (*set_lock_timeout)(struct wb_conn *c, struct wb_arena *a, int64_t ms, struct wb_query *q, int max);
	/* Optional. Deferred constraints say now, not at COMMIT, whether they hold: for rehearsals. */
	int (*constraints_now)(struct wb_conn *c, struct wb_query *q, int max);

	/* Around a migration, outside any transaction: SQLite switches foreign_keys off and remembers what
	 * foreign_key_check said; after (always called, also on failure) restores. check() runs before commit:
	 * WB_ESQL when there are violations that were not there before. All three may be NULL. */
	int (*before_migration)(struct wb_conn *c, const struct wb_tx_options *o, struct wb_error *err);
	int (*check)(struct wb_conn *c, struct wb_error *err);
	int (*after_migration)(struct wb_conn *c, struct wb_error *err);

	/* Optional. Does every view and trigger still compile, after a change of this table? WB_ESQL names the first
	 * that does not. Leaves no trace. */
	int (*compile)(struct wb_conn *c, const char *table, struct wb_error *err);

	/* Optional, around the statements that build a table anew: what helps them may be set. copied: all that will be
	 * deleted has been copied, and need not be made unreadable. */
	int (*rebuild_begin)(struct wb_conn *c, bool copied, struct wb_error *err);
	int (*rebuild_end)(struct wb_conn *c, struct wb_error *err);

	/* Looks at one statement; pure, needs no connection. */
	void (*classify)(struct wb_sv statement, struct wb_stmt_info *ret_info);
	/* Is the syntax right? Without a connection c is NULL: as far as the engine's own parser can tell. WB_EINPUT
	 * with *ret_offset. */
	int (*syntax)(struct wb_conn *c, struct wb_sv statement, size_t *ret_offset, struct wb_error *err);

	/* A query of driver/<engine>/sql with the journal's qualified names filled in; lives as long as the connection.
	 */
	const char *(*sql)(struct wb_conn *c, enum wb_sql_id id);

	/* The journal's DDL as a script for people, statements ended by ';'. Needs no connection; schema NULL =
	 * default. */
	int (*journal_sql)(const char *journal_schema, struct wb_str *out, struct wb_error *err);
	/* While on, the server refuses whatever would write (SQLite: query_only; PostgreSQL:
	 * default_transaction_read_only). */
	int (*read_only)(struct wb_conn *c, bool on, struct wb_error *err);
	/* Optional. From on to off nothing can be changed, whatever statement runs, and all is seen as of one moment:
	 * a transaction of its own or, within one, a part of it, after which that goes on as if nobody had looked. */
	int (*look)(struct wb_conn *c, bool on, struct wb_error *err);
	/* Optional. Between look(on) and look(off): a text (arena) by which other connections see the same moment. */
	int (*share)(struct wb_conn *c, struct wb_arena *a, const char **ret_moment, struct wb_error *err);

	/* Before a step outside transactions runs: a text (arena, may be NULL) that probe() will need,
	 * stored in the journal first (e.g. the table's index OIDs). */
	int (*probe_prepare)(struct wb_conn *c, struct wb_arena *a, struct wb_sv statement, const char **ret_memo,
			     struct wb_error *err);
	int (*probe)(struct wb_conn *c, struct wb_arena *a, struct wb_sv statement, const char *memo,
		     enum wb_probe *ret_probe, const char **ret_why, struct wb_error *err);
	/* Undoes the half that probe() found; also called right after a failure. */
	int (*undo_half)(struct wb_conn *c, struct wb_sv statement, const char *memo, struct wb_error *err);

	/* The project's lock, one try, never waits. 0 = held now; WB_EBUSY with the holder in *ret_holder. Kind by
	 * capability: session, lease (pooled), file. `ttl_ms` for leases. */
	int (*lock_try)(struct wb_conn *c, const char *project, int64_t ttl_ms, struct wb_lock_holder *ret_holder,
			struct wb_error *err);
	/* Query to be placed inside each transaction, failing with WB_EBUSY (lock lost) when the lease was broken;
	 * 0 or 1 queries. Also the heartbeat. */
	int (*lock_fence)(struct wb_conn *c, struct wb_arena *a, struct wb_query *q, int max);
	int (*lock_release)(struct wb_conn *c, struct wb_error *err);
	int (*lock_list)(struct wb_conn *c, const char *project, struct wb_arena *a, struct wb_lock_holder **ret_v,
			 size_t *ret_n, struct wb_error *err);
	int (*lock_break)(struct wb_conn *c, const char *project, const char *id, struct wb_error *err);

	/* Optional, a pair: the lock of an adopted tool, one try, never waits. 0 = held now, or the tool has none;
	 * WB_EBUSY. It is the session's: not behind a transaction pooler. */
	int (*peer_try)(struct wb_conn *c, const struct wb_peer *peer, struct wb_error *err);
	int (*peer_release)(struct wb_conn *c, const struct wb_peer *peer, struct wb_error *err);

	/* Optional: blockers of a backend (0 = of everybody), and ending one. */
	int (*blockers)(struct wb_conn *c, int64_t pid, struct wb_arena *a, struct wb_blocker **ret_v, size_t *ret_n,
			struct wb_error *err);
	int (*terminate)(struct wb_conn *c, int64_t pid, struct wb_error *err);
	/* Server process of this connection, or -1. */
	int64_t (*backend_pid)(struct wb_conn *c);
	/* Progress of what another connection's backend does (index build, vacuum): false when unknown. */
	bool (*progress)(struct wb_conn *monitor, int64_t pid, int64_t *ret_done, int64_t *ret_total,
			 const char **ret_unit);

	/* The database itself, addressed by c == NULL and url: create, drop (never the last resort of anything),
	 * exists. */
	int (*create_db)(const struct wb_open_options *o, bool *ret_created, struct wb_error *err);
	int (*drop_db)(const struct wb_open_options *o, bool *ret_dropped, struct wb_error *err);
	int (*exists_db)(const struct wb_open_options *o, bool *ret_exists, struct wb_error *err);

	/* Optional, all or none. dump: all of the database as of one moment, while others write. dump_check: can the
	 * file be read to its end as a dump? No connection is needed. fingerprint: of every table with rows. */
	int (*dump)(struct wb_conn *c, struct wb_dump *d, struct wb_error *err);
	int (*dump_check)(const struct wb_dump *d, struct wb_error *err);
	int (*fingerprint)(struct wb_conn *c, wb_table_fn table, void *user, struct wb_error *err);
	const char *dump_suffix; /* ".dump" */
	/* Builds the scratch database; *ret_scratch is released by scratch_close(), which removes it unless it was
	 * swapped in. */
	int (*scratch_open)(const struct wb_scratch_options *o, struct wb_scratch **ret_scratch, struct wb_error *err);
	/* Puts it in the place of the real one, in one step; what was there is kept under *ret_kept (arena), or not
	 * (ret_kept NULL). old: the connection that holds the lock, NULL where the real one is missing or unreadable.
	 * It may be lost afterwards. */
	int (*scratch_swap)(struct wb_scratch *s, struct wb_conn *old, struct wb_arena *a, const char **ret_kept,
			    struct wb_error *err);
	void (*scratch_close)(struct wb_scratch *s);

	/* Optional, all or none. make: a copy of the nest's database `from`, in which nobody may be; NULL: an empty
	 * one. remove: whoever is in it is thrown out; that there is none is no error. close removes all that is left.
	 */
	int (*nest_open)(const struct wb_nest_options *o, struct wb_nest **ret_nest, struct wb_error *err);
	int (*nest_make)(struct wb_nest *n, const char *name, const char *from, struct wb_error *err);
	int (*nest_remove)(struct wb_nest *n, const char *name, struct wb_error *err);
	char *(*nest_url)(const struct wb_nest *n, struct wb_arena *a, const char *name);
	void (*nest_close)(struct wb_nest *n);

	/* Optional. SQL that makes all of the database again, rows included and the journal left out, for a transaction
	 * of its own on an empty database. Equal databases give equal texts. */
	int (*script)(struct wb_conn *c, const struct wb_scripting *s, struct wb_error *err);

	/* Optional. Adds every object of the schema to the model, all as of one moment, but those of the system, of
	 * extensions and of the journal. Within a transaction only where that is said (inside). */
	int (*inspect)(struct wb_conn *c, const struct wb_inspect_options *o, struct wb_model *m, struct wb_error *err);

	/* Optional. What a statement does, as far as its text tells: no connection is needed. Texts in the arena; an
	 * operation that the driver does not know is one of WB_OP_UNKNOWN. */
	int (*operations)(struct wb_sv statement, struct wb_arena *a, struct wb_operations *ret_ops,
			  struct wb_error *err);

	/* Optional. What a query asks of its tables; nothing of a text that is no query. No connection is needed. */
	int (*query_shape)(struct wb_sv statement, struct wb_arena *a, struct wb_shapes *ret_shapes,
			   struct wb_error *err);

	/* Optional, all or none. A mock of the connection's database, with c NULL of one that nothing is known of: what
	 * it is asked to do makes its schema. try: texts in the arena; *ops, as operations() gives them, are made what
	 * the engine has seen. mark: what is tried from now on is forgotten by the next mark, which goes back. */
	int (*mock_open)(struct wb_conn *c, struct wb_mock **ret_mock, struct wb_error *err);
	int (*mock_try)(struct wb_mock *m, struct wb_sv statement, struct wb_arena *a, struct wb_operations *ops,
			struct wb_tried *ret_tried, struct wb_error *err);
	int (*mock_mark)(struct wb_mock *m, bool back, struct wb_error *err);
	void (*mock_close)(struct wb_mock *m);

	/* Optional. What the server has counted about indexes since *out->since; texts in the arena. */
	int (*index_use)(struct wb_conn *c, struct wb_arena *a, struct wb_index_uses *out, struct wb_error *err);

	/* Optional. Adds to the world what the catalog knows of all that the operations of n statements name. Reads
	 * only, waits for no lock; not within a transaction. */
	int (*survey)(struct wb_conn *c, const struct wb_operations *v, size_t n, struct wb_world *w,
		      struct wb_error *err);
	/* Optional. Alters an empty copy of a table, in a transaction that is rolled back, and says what that went
	 * through. Not within a transaction; an error says why it could not be tried. */
	int (*try_alter)(struct wb_conn *c, const struct wb_alter_try *t, struct wb_alter_tried *ret_tried,
			 struct wb_error *err);

	/* Optional, all or none: SQL of this engine for batches of rows. literal: name of the function that makes a
	 * literal of a value of any type. row_json: appends an expression that is the row called alias, of the relation
	 * (a table's name or a query in brackets), as the text of a JSON object. from_json: appends a relation of the
	 * objects in parameter $1, a JSON array, with columns as the table has them. */
	const char *literal;
	int (*row_json)(struct wb_conn *c, const char *relation, const char *alias, struct wb_str *out,
			struct wb_error *err);
	int (*from_json)(struct wb_conn *c, const char *table, const char *const *columns, size_t n, struct wb_str *out,
			 struct wb_error *err);

	/* Optional. What the engine does for a query, as nodes with texts in the arena, and its times: the rest of the
	 * plan is the bench room's. analyze: the query is run for it. */
	int (*explain)(struct wb_conn *c, const struct wb_query *q, bool analyze, struct wb_arena *a,
		       struct wb_query_plan *ret_plan, struct wb_error *err);

	/* doctor: findings as rows (check, level "ok|degraded|failed", message). */
	int (*health)(struct wb_conn *c,
		      void (*finding)(void *user, const char *check, const char *level, const char *message),
		      void *user, struct wb_error *err);
};

/* ---- registry and the calls everybody uses (driver.c) --------------------------------- */

struct wb_registry {
	const struct wb_driver *drivers[8];
	int n;
};
/* Checks version, mandatory methods, pairs. WB_EBUG names what is missing. */
int wb_driver_register(struct wb_registry *r, const struct wb_driver *d, struct wb_error *err) WB_MUST_USE;
/* The driver for a scheme, NULL when none. */
const struct wb_driver *wb_driver_find(const struct wb_registry *r, const char *scheme);
/* Allocates, opens, decorates (trace when the sink logs at TRACE; fault when compiled in and asked for). */
int wb_conn_open(const struct wb_driver *d, const struct wb_open_options *o, struct wb_conn **ret_conn,
		 struct wb_error *err) WB_MUST_USE;
void wb_conn_close(struct wb_conn *c); /* accepts NULL */

/* The one entry for running queries: decorators live here. */
int wb_run(struct wb_conn *c, struct wb_query *q, size_t n, size_t *ret_done, size_t *ret_offset,
	   struct wb_error *err) WB_MUST_USE;
/* Asked by a driver's run() once its queries are sent and no reply is read (SQLite: executed, nothing reported).
 * Non-zero: stop here and return it; a drop has been carried out. Always 0 without fault points. */
int wb_conn_sent(struct wb_conn *c, struct wb_error *err) WB_MUST_USE;

/* Every other method that may touch the database, each with its decorators: nobody calls c->driver->x himself.
 * A method that the driver does not have: 0 where there is nothing to do (before, check, after, fence, blockers),
 * UNKNOWN for probe, WB_EUNSUPPORTED where something had to happen. */
int wb_conn_tx_begin(struct wb_conn *c, struct wb_arena *a, const struct wb_tx_options *o, struct wb_query *q,
		     int max) WB_MUST_USE;
int wb_conn_restore(struct wb_conn *c, struct wb_arena *a, struct wb_query *q, int max) WB_MUST_USE;
int wb_conn_tx_commit(struct wb_conn *c, struct wb_query *q, int max) WB_MUST_USE;
int wb_conn_rollback(struct wb_conn *c, struct wb_error *err) WB_MUST_USE;
int wb_conn_before_migration(struct wb_conn *c, const struct wb_tx_options *o, struct wb_error *err) WB_MUST_USE;
int wb_conn_check(struct wb_conn *c, struct wb_error *err) WB_MUST_USE;
int wb_conn_after_migration(struct wb_conn *c, struct wb_error *err) WB_MUST_USE;
int wb_conn_compile(struct wb_conn *c, const char *table, struct wb_error *err) WB_MUST_USE;
int wb_conn_rebuild_begin(struct wb_conn *c, bool copied, struct wb_error *err) WB_MUST_USE;
int wb_conn_rebuild_end(struct wb_conn *c, struct wb_error *err) WB_MUST_USE;
/* c may be NULL, then d alone checks as far as it can. */
int wb_conn_syntax(const struct wb_driver *d, struct wb_conn *c, struct wb_sv statement, size_t *ret_offset,
		   struct wb_error *err) WB_MUST_USE;
const char *wb_conn_sql(struct wb_conn *c, enum wb_sql_id id);
int wb_driver_journal_sql(const struct wb_driver *d, const char *journal_schema, struct wb_str *out,
			  struct wb_error *err) WB_MUST_USE;
/* Without the method: one operation that is unknown. */
int wb_driver_operations(const struct wb_driver *d, struct wb_sv statement, struct wb_arena *a,
			 struct wb_operations *ret_ops, struct wb_error *err) WB_MUST_USE;
/* c may be NULL. *ret_mock is NULL where the engine has no mocks: then nothing is tried, and all is doubtful. */
int wb_mock_open(const struct wb_driver *d, struct wb_conn *c, struct wb_mock **ret_mock,
		 struct wb_error *err) WB_MUST_USE;
int wb_mock_try(struct wb_mock *m, struct wb_sv statement, struct wb_arena *a, struct wb_operations *ops,
		struct wb_tried *ret_tried, struct wb_error *err) WB_MUST_USE;
int wb_mock_mark(struct wb_mock *m, bool back, struct wb_error *err) WB_MUST_USE;
void wb_mock_close(struct wb_mock *m); /* accepts NULL */
int wb_conn_read_only(struct wb_conn *c, bool on, struct wb_error *err) WB_MUST_USE;
int wb_conn_look(struct wb_conn *c, bool on, struct wb_error *err) WB_MUST_USE;
int wb_conn_share(struct wb_conn *c, struct wb_arena *a, const char **ret_moment, struct wb_error *err) WB_MUST_USE;
int wb_conn_probe_prepare(struct wb_conn *c, struct wb_arena *a, struct wb_sv statement, const char **ret_memo,
			  struct wb_error *err) WB_MUST_USE;
int wb_conn_probe(struct wb_conn *c, struct wb_arena *a, struct wb_sv statement, const char *memo,
		  enum wb_probe *ret_probe, const char **ret_why, struct wb_error *err) WB_MUST_USE;
int wb_conn_undo_half(struct wb_conn *c, struct wb_sv statement, const char *memo, struct wb_error *err) WB_MUST_USE;
int wb_conn_lock_try(struct wb_conn *c, const char *project, int64_t ttl_ms, struct wb_lock_holder *ret_holder,
		     struct wb_error *err) WB_MUST_USE;
int wb_conn_lock_fence(struct wb_conn *c, struct wb_arena *a, struct wb_query *q, int max) WB_MUST_USE;
int wb_conn_lock_release(struct wb_conn *c, struct wb_error *err) WB_MUST_USE;
int wb_conn_lock_list(struct wb_conn *c, const char *project, struct wb_arena *a, struct wb_lock_holder **ret_v,
		      size_t *ret_n, struct wb_error *err) WB_MUST_USE;
int wb_conn_lock_break(struct wb_conn *c, const char *project, const char *id, struct wb_error *err) WB_MUST_USE;
/* Both do nothing where the engine has no such locks. */
int wb_conn_peer_try(struct wb_conn *c, const struct wb_peer *peer, struct wb_error *err) WB_MUST_USE;
int wb_conn_peer_release(struct wb_conn *c, const struct wb_peer *peer, struct wb_error *err) WB_MUST_USE;
int wb_conn_blockers(struct wb_conn *c, int64_t pid, struct wb_arena *a, struct wb_blocker **ret_v, size_t *ret_n,
		     struct wb_error *err) WB_MUST_USE;
int wb_conn_terminate(struct wb_conn *c, int64_t pid, struct wb_error *err) WB_MUST_USE;
int64_t wb_conn_backend_pid(struct wb_conn *c);
bool wb_conn_progress(struct wb_conn *monitor, int64_t pid, int64_t *ret_done, int64_t *ret_total,
		      const char **ret_unit);
int wb_conn_health(struct wb_conn *c,
		   void (*finding)(void *user, const char *check, const char *level, const char *message), void *user,
		   struct wb_error *err) WB_MUST_USE;

int wb_conn_dump(struct wb_conn *c, struct wb_dump *d, struct wb_error *err) WB_MUST_USE;
int wb_conn_fingerprint(struct wb_conn *c, wb_table_fn table, void *user, struct wb_error *err) WB_MUST_USE;
int wb_conn_script(struct wb_conn *c, const struct wb_scripting *s, struct wb_error *err) WB_MUST_USE;
/* The model is complete and sorted; wb_model_free() releases it. */
int wb_conn_inspect(struct wb_conn *c, const struct wb_inspect_options *o, struct wb_model **ret_model,
		    struct wb_error *err) WB_MUST_USE;
int wb_conn_row_json(struct wb_conn *c, const char *relation, const char *alias, struct wb_str *out,
		     struct wb_error *err) WB_MUST_USE;
int wb_conn_from_json(struct wb_conn *c, const char *table, const char *const *columns, size_t n, struct wb_str *out,
		      struct wb_error *err) WB_MUST_USE;
/* Nothing where the engine does not count. The caller frees ret_uses->v. */
int wb_conn_index_use(struct wb_conn *c, struct wb_arena *a, struct wb_index_uses *ret_uses,
		      struct wb_error *err) WB_MUST_USE;
/* Where the engine has no survey the world stays as it is. */
int wb_conn_survey(struct wb_conn *c, const struct wb_operations *v, size_t n, struct wb_world *w,
		   struct wb_error *err) WB_MUST_USE;
/* WB_EUNSUPPORTED where the engine does not tell. */
int wb_conn_explain(struct wb_conn *c, const struct wb_query *q, bool analyze, struct wb_arena *a,
		    struct wb_query_plan *ret_plan, struct wb_error *err) WB_MUST_USE;
/* WB_EUNSUPPORTED where the engine cannot try. */
int wb_conn_try_alter(struct wb_conn *c, const struct wb_alter_try *t, struct wb_alter_tried *ret_tried,
		      struct wb_error *err) WB_MUST_USE;
/* WB_EUNSUPPORTED where the engine has none. The other methods are called as they are. */
int wb_nest_open(const struct wb_driver *d, const struct wb_nest_options *o, struct wb_nest **ret_nest,
		 struct wb_error *err) WB_MUST_USE;
int wb_scratch_open(const struct wb_driver *d, const struct wb_scratch_options *o, struct wb_scratch **ret_scratch,
		    struct wb_error *err) WB_MUST_USE;

/* Fault points beside those of connections (fault.c): WHIMBREL_FAULT_STEP=kill@before:3 strikes the third step. */
void wb_fault_steps(struct wb_fault *f);
int wb_fault_step(struct wb_fault *f, struct wb_error *err) WB_MUST_USE;
void wb_fault_steps_done(struct wb_fault *f);

/* For drivers: a copy in the arena with every @journal@ replaced; NULL when memory has run out. */
char *wb_sql_expand(struct wb_arena *a, const char *text, const char *journal) WB_MUST_USE;

/* One statement without results. */
int wb_exec(struct wb_conn *c, const char *sql, struct wb_error *err) WB_MUST_USE;
/* One named query. */
int wb_query_named(struct wb_conn *c, enum wb_sql_id id, const struct wb_value *params, int n_params, wb_row_fn row,
		   void *row_user, int64_t *ret_affected, struct wb_error *err) WB_MUST_USE;

#endif
