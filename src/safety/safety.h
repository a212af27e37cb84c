/* SPDX-License-Identifier: Apache-2.0
 *
 * What operations do to a live database: which locks they take on what, what they
 * read and write as a whole. The facts are rows of a table (facts_postgres.c);
 * judging picks those that hold for an operation in a world. What the world does
 * not know makes the answer unknown where it depends on it, never a guess.
 */
#ifndef WB_SAFETY_SAFETY_H
#define WB_SAFETY_SAFETY_H

#include "model/world.h"

/* PostgreSQL's eight, weakest first. */
enum wb_lock {
	WB_LOCK_NONE,
	WB_LOCK_ACCESS_SHARE,
	WB_LOCK_ROW_SHARE,
	WB_LOCK_ROW_EXCLUSIVE,
	WB_LOCK_SHARE_UPDATE_EXCLUSIVE,
	WB_LOCK_SHARE,
	WB_LOCK_SHARE_ROW_EXCLUSIVE,
	WB_LOCK_EXCLUSIVE,
	WB_LOCK_ACCESS_EXCLUSIVE,
	WB_LOCK_COUNT
};
const char *wb_lock_name(enum wb_lock lock); /* "ACCESS EXCLUSIVE"; "" for none */
/* As people who use this engine call it: SQLite has one lock for whoever writes, "WRITE". */
const char *wb_lock_text(enum wb_dialect dialect, enum wb_lock lock);

/* Whom a lock makes wait among those who just use the table; each includes the ones before it. */
enum wb_blocks { WB_BLOCKS_NONE, WB_BLOCKS_WRITES, WB_BLOCKS_READS };
enum wb_blocks wb_lock_blocks(enum wb_lock lock);
const char *wb_blocks_name(enum wb_blocks blocks); /* "none", "writes", "reads" */

enum wb_touch_work {
	WB_WORK_SCAN = 1, /* reads all of it */
	WB_WORK_REWRITE = 2, /* writes all of it anew, with its indexes */
	WB_WORK_INDEX = 4, /* builds an index on it, or builds one anew */
	WB_WORK_EMPTY = 8, /* throws its rows away */
	WB_WORK_COPY = 16 /* copies its file, block by block; its indexes stay */
};

/* One relation that an operation locks or works on. */
struct wb_touch {
	struct wb_name name;
	const struct wb_relation *relation; /* NULL: the world does not know it */
	const char *role; /* static: "table", "referenced table", "parent", … */
	enum wb_lock lock; /* the strongest that is taken for certain */
	enum wb_lock lock_max; /* the strongest that may be taken */
	unsigned work; /* enum wb_touch_work: for certain */
	unsigned work_max; /* and what may be done */
	bool made; /* by an earlier statement: nobody waits for it */
};

struct wb_touches {
	struct wb_touch *v;
	size_t n, cap;
};

enum wb_effect_flag {
	WB_EFFECT_WAITS = 1, /* in the end it waits for transactions older than itself, whatever they use */
	WB_EFFECT_PHASES = 2, /* several transactions; refused in a transaction block */
	WB_EFFECT_MORE = 4, /* further relations may be locked, which the world does not know */
	WB_EFFECT_KEPT = 8, /* rows and values that it takes are set aside before */
	WB_EFFECT_BACK = 16 /* what goes comes back, with its rows, by statements beside it: told by who judges */
};

struct wb_effect {
	struct wb_touches touches; /* each relation once */
	/* Over all relations that others can see: for certain, and at most. */
	enum wb_lock lock, lock_max;
	enum wb_tri blocks_reads, blocks_writes, rewrites, scans, indexes;
	int64_t rows; /* that are read or written, about; -1 unknown */
	int64_t bytes_read, bytes_written; /* about; -1 unknown */
	unsigned flags; /* enum wb_effect_flag */
	const char *unknown; /* what would have to be known, static or in the world's arena; NULL: nothing is open */
	const struct wb_fact *fact; /* the first that holds; NULL: the operation locks nothing */
};
void wb_effect_done(struct wb_effect *e);

/* Judges one operation, and changes the world as the operation will. Without a server version (world's 0) what all
 * versions since 12 have in common is certain. The effect is the caller's: wb_effect_done(). WB_ENOMEM. */
int wb_judge(struct wb_world *w, const struct wb_operation *op, struct wb_effect *ret_effect,
	     struct wb_error *err) WB_MUST_USE;
/* All operations of one statement together: the strongest lock on each relation, each table read or written once. */
int wb_judge_all(struct wb_world *w, const struct wb_operations *ops, struct wb_effect *ret_effect,
		 struct wb_error *err) WB_MUST_USE;
/* The same; somebody looks at each operation and the world before it is judged, and after. */
struct wb_judge_watch {
	void (*before)(void *user, const struct wb_operation *op);
	void (*after)(void *user, const struct wb_operation *op);
	void *user;
};
int wb_judge_watched(struct wb_world *w, const struct wb_operations *ops, const struct wb_judge_watch *watch,
		     struct wb_effect *ret_effect, struct wb_error *err) WB_MUST_USE;

/* Somebody has tried it: the work on the relation (and, for WB_WORK_INDEX, on its indexes) is `work`, and nothing else
 * is open any more. */
void wb_effect_settle(struct wb_effect *e, const struct wb_relation *r, unsigned work);

/* ---- the facts, for documents and proofs ------------------------------------------- */

const char *wb_fact_label(const struct wb_fact *fact); /* with the operation's name its id: "volatile default" */
const char *wb_fact_source(const struct wb_fact *fact); /* "tablecmds.c: ATExecAddColumn" */

#endif
