/* SPDX-License-Identifier: Apache-2.0
 *
 * The source room: a folder (or an array compiled into a program) becomes a
 * sorted list of migrations. It reads names, sections, options, headers and
 * checksums; statement texts are streamed later, so that files may be of any
 * size and a hundred thousand of them take little memory. Nothing here knows
 * a database.
 */
#ifndef WB_SOURCE_SOURCE_H
#define WB_SOURCE_SOURCE_H

#include "base/base.h"
#include "sql/sql.h"

enum wb_family { WB_FAMILY_NONE, WB_FAMILY_PAIRED, WB_FAMILY_TIMESTAMPED, WB_FAMILY_VERSIONED, WB_FAMILY_NUMBERED };
const char *wb_family_name(enum wb_family f); /* "paired", … */

enum wb_mig_kind { WB_MIG_VERSIONED, WB_MIG_REPEATABLE, WB_MIG_BASELINE };
const char *wb_mig_kind_name(enum wb_mig_kind k); /* "versioned", "repeatable", "baseline" */

enum wb_section_kind {
	WB_SEC_UP,
	WB_SEC_DOWN,
	WB_SEC_EXPAND,
	WB_SEC_BACKFILL,
	WB_SEC_CONTRACT,
	WB_SEC_VERIFY,
	WB_SEC_REQUIRE,
	WB_SEC_COUNT
};
const char *wb_section_name(enum wb_section_kind k); /* "up", … */

/* Options of a section line, `-- migrate:up key:value …` and the other tools' spellings. */
struct wb_section_options {
	enum wb_tri transaction; /* also goose NO TRANSACTION, atlas:txmode, tern disable-tx, sqlx no-transaction */
	enum wb_tri variables; /* variables:on|off */
	int64_t lock_timeout_ms; /* -1 unset */
	int64_t timeout_ms; /* -1 unset */
};

/* A backfill section that runs in batches: by the rules of a file, or its own statements over pieces of a table. */
struct wb_backfill {
	const char *heading; /* the section's line */
	const char *rules; /* FILE or FILE#RULE,RULE; NULL */
	const char *table; /* that is walked; NULL */
	const char *key; /* in the order of these columns: "a,b" */
	int64_t batch_size, pause_ms; /* 0: not said */
};

struct wb_section {
	enum wb_section_kind kind;
	struct wb_section_options options;
	uint64_t heading; /* offset of the heading; start's without one */
	struct wb_pos start; /* first byte after the heading line */
	uint64_t end; /* offset past its last byte */
	unsigned heading_line; /* 0 for the implicit up section of a file without headings */
	bool in_down_file; /* bytes are in migration.down_file */
	const char *suite; /* verify, require: a file of checks, with #GROUP where it is said; else NULL */
	const struct wb_backfill *backfill; /* of one that runs in batches; else NULL */
};

struct wb_mig_header { /* Summit's header keys; NULL when absent */
	const char *id, *database, *author, *created, *title, *schema_version;
	enum wb_tri breaking;
	const char *const *depends; /* n_depends versions or ids as written (also from `-- migrate:… depends:` and
				       Dependencies:) */
	size_t n_depends;
};

struct wb_migration {
	const char *version; /* as written; for a repeatable "R__<description>" */
	const char *sort_key; /* equal for equal versions, see wb_version_key() */
	const char *description; /* words, underscores made blanks */
	const char *type; /* "schema", "data", "security", "perf"; "schema" when the name has none */
	enum wb_mig_kind kind;
	enum wb_family family;
	const char *file; /* path as opened: folder + "/" + name */
	const char *name; /* file name */
	const char *down_file; /* .down.sql or U__ file, else NULL */
	const char *memory; /* its text where it is held in memory: embedded, or a small file; else NULL */
	const char *down_memory; /* the same of its down file */
	uint64_t size;
	unsigned char checksum[32]; /* SHA-256 of everything but the down part, BOM and line ends normalised */
	unsigned char down_checksum[32];
	bool has_up, has_down; /* has at least one statement there */
	bool has_phases; /* expand, backfill or contract sections */
	struct wb_section *sections; /* in file order; down file's last */
	size_t n_sections;
	struct wb_mig_header header;
	struct wb_migration **parents; /* resolved depends; filled by wb_source_open */
	size_t n_parents;
};

/* What is wrong with the folder. Kinds: gap, duplicate, parent, order, name, section, syntax, header, empty,
 * unreadable, sum. */
struct wb_source_problem {
	const char *kind; /* static */
	const char *version, *file; /* may be NULL */
	const char *message, *hint;
	unsigned line, column;
	bool warning; /* reported, stops nothing */
	int code; /* WB_E… that `up` gives for it */
};

enum wb_numbering { WB_NUMBERING_FREE, WB_NUMBERING_STRICT };

struct wb_embedded { /* a migration compiled into a program */
	const char *name, *text;
};

struct wb_source_options {
	const char *dir; /* folder, or NULL with embedded */
	const struct wb_embedded *embedded; /* beside a folder: texts in place of those of its files */
	size_t n_embedded;
	bool listed; /* the folder has just those files, whatever is there; of those without a text it has the text */
	enum wb_dialect dialect;
	const char *engine; /* driver name; files whose extension or Database: header names another are left out */
	enum wb_numbering numbering;
	bool variables_default; /* configuration switched ${…} on for every file */
};

struct wb_source {
	struct wb_arena arena;
	enum wb_family family;
	const char *dir;
	struct wb_migration **v; /* versioned and baselines in version order, then repeatables by description */
	size_t n;
	struct wb_source_problem *problems;
	size_t n_problems;
	size_t skipped; /* files for other engines */
	struct wb_map ids; /* header ids to migrations, for wb_source_find */
};

/* Reads the folder. Structural problems of single files become entries of problems (so that validate can list them
 * all); a folder that cannot be read, a mix of families and no memory are errors. A missing folder is WB_ENOTFOUND with
 * a hint. */
int wb_source_open(const struct wb_source_options *o, struct wb_source **ret_source, struct wb_error *err) WB_MUST_USE;
void wb_source_free(struct wb_source *s);
/* First problem that is no warning as an error, or 0. */
int wb_source_check(const struct wb_source *s, struct wb_error *err) WB_MUST_USE;
/* Lets an error with a place in one of the files show its line. */
void wb_source_excerpt(const struct wb_source *s, struct wb_error *err);
/* Writes migrations.sum for the folder as it is; from then on wb_source_open compares. Problems do not keep it. */
int wb_source_write_sum(const struct wb_source *s, struct wb_error *err) WB_MUST_USE;
/* Whether the folder keeps one. */
bool wb_source_has_sum(const struct wb_source *s);
/* By equal version (also with a V in front), else by header id, else by file name with or without extension. */
struct wb_migration *wb_source_find(const struct wb_source *s, const char *version);

/* ---- versions (version.c) ---- */
/* Numeric by parts; leading zeros and trailing ".0" are equal; anything that is no version orders after, bytewise. */
int wb_version_cmp(const char *a, const char *b);
/* Text that is byte-equal exactly for equal versions ("001" and "1.0" give "1"). */
char *wb_version_key(struct wb_arena *a, const char *version) WB_MUST_USE;

/* ---- statements of a migration (statements.c) ---- */
struct wb_variable {
	const char *name, *value;
};
struct wb_stmt_options {
	enum wb_dialect dialect;
	const struct wb_variable *variables;
	size_t n_variables;
	bool variables_default;
};
/* Streams the statements of the sections whose bit is set in `kinds` (1u << WB_SEC_UP …), in file order. While it
 * reads, it hashes: at the end wb_statements_next fails with WB_ECHECKSUM when the bytes are no longer those that
 * wb_source_open saw. */
struct wb_statements;
int wb_statements_open(const struct wb_migration *m, unsigned kinds, const struct wb_stmt_options *o,
		       struct wb_statements **ret, struct wb_error *err) WB_MUST_USE;
/* As wb_split_next, without headings: STATEMENT, COPY_DATA, COPY_END, END. *ret_section: where the item is from (may be
 * NULL). Variables are already substituted in statements (never in COPY data); an unknown one is WB_EINPUT with its
 * place. */
int wb_statements_next(struct wb_statements *s, struct wb_item *ret_item, const struct wb_section **ret_section,
		       struct wb_error *err) WB_MUST_USE;
void wb_statements_close(struct wb_statements *s);
/* Place of a byte offset in the item given last (before substitution), for errors. */
void wb_statements_place(const struct wb_statements *s, size_t offset, struct wb_error *err);

/* The text of the down part (down section or file) as one string; WB_ENOTFOUND when there is none. */
int wb_migration_down_text(const struct wb_migration *m, size_t max, struct wb_str *ret_text,
			   struct wb_error *err) WB_MUST_USE;
/* The text of the whole up file; WB_EINPUT when larger than max. */
int wb_migration_text(const struct wb_migration *m, size_t max, struct wb_str *ret_text,
		      struct wb_error *err) WB_MUST_USE;

/* ---- a baseline in place of other files (squashed.c) ---- */
#define WB_SQUASHED_HEADING "-- migrate:up variables:off\n"
/* What stands before its body: a head for people and for wb_squashed_check(). Its length does not depend on the digest
 * of the body. */
void wb_squashed_head(struct wb_str *out, const char *version, struct wb_migration *const *v, size_t n,
		      const unsigned char body[32]);
/* 0 when base was written with such a head, is unchanged, and stands for all of v as they are; else WB_EREFUSED. */
int wb_squashed_check(const struct wb_migration *base, struct wb_migration *const *v, size_t n,
		      struct wb_error *err) WB_MUST_USE;

/* ---- new files (new.c) ---- */
struct wb_new_options {
	const char *dir;
	enum wb_family family; /* WB_FAMILY_NONE: that of the folder; versioned for an empty one */
	enum wb_numbering numbering;
	const char *description; /* "Add users table" */
	const char *type; /* schema, data, security, perf; NULL = schema */
	const char *template_name; /* basic, table, alter, data, phases; NULL = basic */
	const char *author;
	const char *const *depends;
	size_t n_depends;
	bool breaking;
	const char *up, *down; /* SQL in place of the template's; NULL: the template's, and for down beside up: none */
	enum wb_dialect dialect;
	const char *engine;
	int64_t now_us; /* wall clock */
};
/* Writes the next file (for paired: both) and returns its path(s) in the arena; never overwrites. A numbering clash
 * with a file written at the same time moves on to the next free number. */
int wb_source_new(const struct wb_new_options *o, struct wb_arena *a, const char **ret_path, const char **ret_down_path,
		  struct wb_error *err) WB_MUST_USE;

#endif
