/* SPDX-License-Identifier: Apache-2.0
 *
 * Linting: rules look at the operations of migrations, one file after the other
 * in version order. A rule is a line in a table (rules_*.c) with a function of a
 * few lines; it sees one operation, statement or file, what earlier files have
 * made (seen), and what a live database says (world), where there is one.
 */
#ifndef WB_SAFETY_LINT_H
#define WB_SAFETY_LINT_H

#include <whimbrel/lint.h>

#include "driver/driver.h"
#include "safety/safety.h"
#include "source/source.h"

/* ---- what is looked at --------------------------------------------------------- */

struct wb_lint_stmt {
	struct wb_sv text; /* cut at WB_LINT_TEXT_MAX */
	struct wb_pos pos;
	unsigned end_line;
	unsigned ordinal; /* in its file, from 1 */
	const struct wb_section *section;
	struct wb_stmt_info info;
	struct wb_operations ops;
	unsigned transaction; /* those of one number commit together; 0: in none */
	struct wb_tried tried; /* on the mock */
};
#define WB_LINT_TEXT_MAX ((size_t)256 << 10)

struct wb_lint_file {
	const struct wb_migration *m;
	const char *path, *down_path; /* as findings show it */
	unsigned number; /* from 1, in the order of versions */
	bool judged; /* else it is read for what it makes alone */
	bool alone; /* named by the user, no part of the folder */
	struct wb_lint_stmt *v;
	size_t n;
	struct wb_ignore *ignores;
	size_t n_ignores;
};

/* ---- what files before, and this one so far, have made (seen.c) ------------------- */

struct wb_seen_column {
	struct wb_seen_column *next;
	const char *name, *type;
	bool not_null, serial;
};
struct wb_seen_index {
	struct wb_seen_index *next;
	const char *name;
	const char *const *columns;
	size_t n;
	bool unique, key; /* key: of a constraint */
	bool partial;
};
struct wb_seen_constraint {
	struct wb_seen_constraint *next;
	enum wb_op code; /* WB_OP_FOREIGN_KEY_ADD, WB_OP_CHECK_ADD, … */
	const char *name; /* as the engine names it, if the statement does not */
	const char *expr;
	const char *const *columns;
	size_t n;
	const char *other; /* key of the table referenced */
	bool valid;
	bool told; /* a comment takes back what would be said */
	unsigned file, line, column, statement; /* where; file 0: in one that is not judged */
	const char *excerpt; /* the line; NULL */
	unsigned caret;
};
struct wb_seen_table {
	const char *key; /* schema.name; without the schema that is the usual one */
	enum wb_kind kind; /* TABLE, MATERIALIZED_VIEW, VIEW … */
	unsigned file; /* that made it; 0: none that we read */
	bool temporary, partitioned, dropped, filled;
	const char *parent; /* that it is a partition of */
	struct wb_seen_column *columns;
	struct wb_seen_index *indexes;
	struct wb_seen_constraint *constraints;
};
struct wb_seen {
	struct wb_arena *arena;
	struct wb_map tables, indexes; /* indexes: name to struct wb_seen_table */
	const char *usual; /* schema that may be left out: "public", "main" */
	bool failed; /* memory has run out */
};
/* An operation has been done. */
void wb_seen_apply(struct wb_seen *s, const struct wb_lint_file *f, const struct wb_lint_stmt *st,
		   const struct wb_operation *op);
struct wb_seen_table *wb_seen_find(const struct wb_seen *s, const struct wb_name *name); /* NULL */
const struct wb_seen_table *wb_seen_of_index(const struct wb_seen *s, const struct wb_name *index);
const struct wb_seen_column *wb_seen_column(const struct wb_seen_table *t, const char *name);
const struct wb_seen_constraint *wb_seen_constraint(const struct wb_seen_table *t, const char *name);
/* Does an index begin with these columns, in any order? */
bool wb_seen_indexed(const struct wb_seen_table *t, const char *const *columns, size_t n);
void wb_seen_done(struct wb_seen *s);

/* ---- what a live database knows (lint_world.c) -------------------------------------- */

enum wb_question {
	WB_ASK_VOLATILE, /* does a function of the operation's expression give another value each time? */
	WB_ASK_REWRITES, /* does a change of type write the table anew? */
	WB_ASK_NOT_NULL, /* is the operation's column NOT NULL, or does a valid CHECK say so? */
	WB_ASK_KEY_NOT_NULL, /* are all columns of the key NOT NULL? */
	WB_ASK_UNIQUE_INDEX, /* has the object a unique index without a condition? */
	WB_ASK_PARTITIONED, /* is the table partitioned? */
	WB_ASK_PARTITION, /* is the table a partition? */
	WB_ASK_BOUND_IMPLIED, /* does a valid CHECK of the partition say the same as its bound? */
	WB_ASK_CHECKED, /* does a CHECK name the column? */
	WB_ASK_SAME, /* is the table so already? */
	WB_ASK_USED, /* does a table use the domain? */
	WB_ASK_IDLE, /* does IF [NOT] EXISTS leave the operation nothing to do, or next to nothing? */
	WB_ASK_COUNT
};
enum wb_tri wb_world_ask(struct wb_world *w, enum wb_question q, const struct wb_operation *op);
/* About how many rows; -1: not known. */
int64_t wb_world_rows(const struct wb_world *w, const struct wb_name *table);

/* ---- rules ---------------------------------------------------------------------------- */

struct wb_look;
typedef void (*wb_rule_fn)(struct wb_look *l);

enum wb_rule_flag {
	WB_RULE_POSTGRES = 1,
	WB_RULE_SQLITE = 2,
	WB_RULE_BOTH = 3,
	WB_RULE_DOWN = 4, /* holds for the way back, too */
	WB_RULE_LOSES = 8, /* as an error it loses data */
	WB_RULE_GUARDS = 16, /* holds for require and verify, too */
	WB_RULE_LOCK = 32, /* speaks of a lock alone: what works under it is told besides */
	WB_RULE_SAFER = 64 /* what it wants is less risky than what it finds: a plan says it, too */
};
enum wb_rule_each { WB_EACH_OPERATION, WB_EACH_STATEMENT, WB_EACH_FILE, WB_EACH_FOLDER };

#define WB_ON_MAX 8
struct wb_rule {
	const char *id;
	enum wb_lint_level level;
	unsigned flags;
	enum wb_rule_each each;
	enum wb_op on[WB_ON_MAX]; /* of WB_EACH_OPERATION; 0 (create table) after the first ends it */
	wb_rule_fn look; /* NULL: found elsewhere */
	const char *title, *reason, *example, *safe;
};
struct wb_rules {
	const struct wb_rule *v;
	size_t n;
};
extern const struct wb_rules wb_rules_locks, wb_rules_constraints, wb_rules_columns, wb_rules_partitions, wb_rules_data,
	wb_rules_clients, wb_rules_types, wb_rules_names, wb_rules_session, wb_rules_files, wb_rules_sqlite,
	wb_rules_comments;

size_t wb_rule_count(void);
const struct wb_rule *wb_rule_at(size_t i);
/* Its place in the list; wb_rule_count() when there is none. */
size_t wb_rule_find(const char *id);

/* What a rule sees. */
struct wb_look {
	struct wb_lint_run *run;
	size_t rule; /* its number */
	const struct wb_lint_file *file;
	const struct wb_lint_stmt *stmt; /* NULL: the file, or all */
	const struct wb_operation *op; /* NULL: the statement */
};

/* ---- findings (lint_find.c) ----------------------------------------------------------- */

/* A finding of this rule, at the operation or statement; NULL when it is ignored, switched off, or memory has run out.
 * The others accept NULL. */
struct wb_lint_finding *wb_find(struct wb_look *l, const char *fmt, ...) WB_PRINTF(2, 3);
/* The same with another level than the rule's, where the configuration says none. */
struct wb_lint_finding *wb_find_at(struct wb_look *l, enum wb_lint_level level, const char *fmt, ...) WB_PRINTF(3, 4);
/* A remark in place of a finding about rows that are lost: they are kept. It says how to have them back. */
struct wb_lint_finding *wb_find_kept(struct wb_look *l, const char *fmt, ...) WB_PRINTF(2, 3);
/* The place is somewhere in the statement. */
void wb_find_move(struct wb_look *l, struct wb_lint_finding *f, size_t offset);
void wb_hint(struct wb_look *l, struct wb_lint_finding *f, const char *fmt, ...) WB_PRINTF(3, 4);
void wb_safe(struct wb_look *l, struct wb_lint_finding *f, const char *fmt, ...) WB_PRINTF(3, 4);

/* ---- what rules ask (lint_ask.c) --------------------------------------------------------- */

/* Made by this file, or, where the files are known to be all new, by one of them: nobody uses it, and it is empty. */
bool wb_is_new(const struct wb_look *l, const struct wb_name *table);
enum wb_tri wb_ask(struct wb_look *l, enum wb_question q);
/* SQLite: one writer, no locks on tables; what its texts say is true of it alone. */
bool wb_is_lite(const struct wb_look *l);
/* Of the server; 0: not known. */
int wb_server(const struct wb_look *l);
/* Not known, and it mattered: the summary says so. */
void wb_unknown(struct wb_look *l, const char *what);
bool wb_goes_down(const struct wb_look *l);
bool wb_in_section(const struct wb_look *l, enum wb_section_kind kind);
/* What the operation takes away is set aside. */
bool wb_is_kept(const struct wb_look *l);
/* Server of at least this version, or not known. */
bool wb_since(const struct wb_look *l, int version);
/* The statement before the current one that commits with it and has the operation; NULL. table NULL: any. */
const struct wb_operation *wb_earlier(const struct wb_look *l, enum wb_op code, const struct wb_name *table,
				      const struct wb_lint_stmt **ret_stmt);
bool wb_same_name(const struct wb_look *l, const struct wb_name *a, const struct wb_name *b);
/* The strongest lock that a statement takes on what is no new table, as far as its text tells, and on what. */
struct wb_lint_lock {
	enum wb_blocks blocks;
	const char *lock; /* "ACCESS EXCLUSIVE" */
	const char *on; /* in the run's arena */
};
struct wb_lint_lock wb_lint_locks(struct wb_look *l, const struct wb_lint_stmt *st);
/* Takes a lock that keeps readers away. */
bool wb_is_exclusive(const struct wb_operation *op);
/* " (1,200,000 rows)" where the database knows, else "". */
const char *wb_size(struct wb_look *l, const struct wb_name *table);
/* The level of a finding whose harm grows with the table: INFO where that is known to be small. */
enum wb_lint_level wb_by_size(struct wb_look *l, const struct wb_name *table, enum wb_lint_level level);
/* The table was made by a file that we read; NULL: not known, or dropped since. */
const struct wb_seen_table *wb_made(const struct wb_look *l, const struct wb_name *table);

/* ---- what the engine itself says (lint_try.c) ------------------------------------------------- */

/* Tries the statements of a file on the mock, in the order in which they would run; what operations they are is then
 * what the engine has seen. */
int wb_lint_try(struct wb_lint_run *run, struct wb_lint_file *f, bool runs, struct wb_arena *a,
		struct wb_error *err) WB_MUST_USE;

/* ---- text for messages and SQL (lint_text.c); in the run's arena, never NULL ----------------- */

const char *wb_shown(struct wb_look *l, const struct wb_name *name); /* schema.name */
const char *wb_ident(struct wb_look *l, const char *name); /* quoted where it must be */
const char *wb_ref(struct wb_look *l, const struct wb_name *name); /* of SQL: schema.name, quoted where it must be */
const char *wb_columns(struct wb_look *l, const struct wb_operation *op); /* a, b */
/* ALTER TABLE's actions: what stands behind the table's name. */
struct wb_sv wb_actions(struct wb_look *l, const struct wb_lint_stmt *st);
/* The part of ALTER TABLE that the operation was read from, without its comma. */
struct wb_sv wb_clause(struct wb_look *l);
/* The statement with text put behind the first such word, any case; or in front of it. */
const char *wb_with(struct wb_look *l, const char *word, const char *text);
/* The statement with the words, if they are there, left out. */
const char *wb_without(struct wb_look *l, const char *word);
/* The first unquoted word after offset; SIZE_MAX when there is none. */
size_t wb_word_at(struct wb_look *l, const char *word, size_t from);
const char *wb_texts(struct wb_look *l, const char *fmt, ...) WB_PRINTF(2, 3);

/* ---- what no rule of its own has found (lint_world.c) ---------------------------------------- */
void wb_lint_blocking(struct wb_look *l, const struct wb_effect *e);

/* ---- ignore comments (lint_ignore.c) ------------------------------------------------------------ */

struct wb_ignore {
	const char *rules; /* names, joined by commas */
	bool down_file, whole; /* of the whole file */
	unsigned line, column;
	unsigned statement; /* ordinal of the one meant; 0: none */
	bool reason, used;
};
/* Reads the comments of a file's text into f. */
int wb_ignores_read(struct wb_lint_run *run, struct wb_lint_file *f, struct wb_sv text, bool down,
		    struct wb_error *err) WB_MUST_USE;
bool wb_ignored(const struct wb_lint_file *f, const char *rule, const struct wb_lint_stmt *stmt);

struct wb_found {
	struct wb_lint_finding f; /* first */
	unsigned file; /* number of its file; 0: the folder */
	size_t n; /* in the order of finding */
};

/* ---- a run (lint.c) --------------------------------------------------------------------------------- */

struct wb_lint_run {
	struct wb_arena arena; /* of what is returned */
	const struct wb_driver *driver;
	const struct wb_variable *variables;
	size_t n_variables;
	bool variables_on;
	bool all_new; /* the files judged are new together: what one makes is new to the next */
	const struct wb_lint_setting *settings;
	size_t n_settings;
	const char *trash; /* where what a migration takes away is kept: "schema whimbrel_trash"; NULL: it is lost */
	bool undo_off; /* no undo is inferred */
	struct wb_world *world; /* NULL: the text alone; it is changed as the statements will change the database */
	struct wb_mock *mock; /* on which the engine itself tries the statements; NULL: it has none */
	/* inside */
	struct wb_seen seen;
	WB_VEC(struct wb_found *) findings;
	WB_VEC(struct wb_lint_unknown) unknown;
	size_t files, statements, ignored;
	unsigned char *levels; /* of the rules in the file that is looked at; +4: said by the configuration */
	uint16_t *order; /* rules, those for one operation side by side; then those for statements, files, the folder */
	uint16_t start[WB_OP_COUNT + 4]; /* where in it */
	WB_VEC(const char *) paths; /* of files by number; NULL: not judged */
	bool failed; /* memory has run out */
};
struct wb_lint_gathered {
	WB_VEC(struct wb_operations) statements;
};

void wb_lint_done(struct wb_lint_run *run);
/* The levels that the configuration gives to the rules in this file; NULL: everywhere. */
void wb_lint_levels(struct wb_lint_run *run, const char *path);
int wb_lint_begin(struct wb_lint_run *run, struct wb_error *err) WB_MUST_USE;
struct wb_lint_input {
	const struct wb_migration *m;
	const char *path, *down_path; /* in the run's arena; down_path may be NULL */
	bool judged, alone;
	bool in_world; /* the database has run it: the world knows what it has made */
	bool runs; /* it would be run, and so is tried by the engine */
	bool resumes; /* only a part of it would be: what it leaves behind cannot be tried */
};
/* Files in version order, those that are not judged among them. */
int wb_lint_migrations(struct wb_lint_run *run, const struct wb_lint_input *v, size_t n,
		       struct wb_error *err) WB_MUST_USE;
/* For those who read and judge statements themselves (run->world is theirs to change): the rules that make statements
 * safer look at an operation before it is judged; findings are added to the run. wb_seen_apply() is due after it. */
void wb_lint_look(struct wb_lint_run *run, const struct wb_lint_file *f, const struct wb_lint_stmt *st,
		  const struct wb_operation *op);
/* Adds the operations of all its statements, for a survey of the database; texts in the arena. */
int wb_lint_gather(struct wb_lint_run *run, const struct wb_migration *m, struct wb_arena *a,
		   struct wb_lint_gathered *g, struct wb_error *err) WB_MUST_USE;
/* What the source room says of a file or the folder. */
int wb_lint_problem(struct wb_lint_run *run, const struct wb_source_problem *p, const char *path,
		    struct wb_error *err) WB_MUST_USE;
/* Rules about all files together; sorts. */
int wb_lint_end(struct wb_lint_run *run, struct wb_error *err) WB_MUST_USE;

#endif
