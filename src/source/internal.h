/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the source room share among themselves. A load goes:
 * names (family.c) → list and pairs (folder.c) → one read per file (file.c,
 * with headings.c, sections.c, header.c, hash.c) → order, gaps, parents
 * (order.c, graph.c). All of it writes problems (problem.c) instead of failing.
 */
#ifndef WB_SOURCE_INTERNAL_H
#define WB_SOURCE_INTERNAL_H

#include "source/source.h"

/* ---- near.c: "did you mean" ---- */
unsigned wb_edits(struct wb_sv a, struct wb_sv b);
bool wb_near_enough(struct wb_sv word, struct wb_sv name);
const char *wb_near(struct wb_sv word, const char *const names[], size_t n); /* NULL when none is close */

/* ---- version.c ---- */
bool wb_version_valid(struct wb_sv v);
/* As wb_version_key, but may point into version. */
const char *wb_version_key_shared(struct wb_arena *a, const char *version) WB_MUST_USE;

/* ---- family.c: what a file name says ---- */
#define WB_TYPES \
	{ \
		"schema", "data", "security", "perf" \
	}
const char *wb_type_find(struct wb_sv word); /* one of WB_TYPES, static; NULL when it is none */
const char *wb_engine_find(struct wb_sv word); /* "postgresql", "sqlite", "neo4j", "other"; NULL when unknown */
const char *wb_engine_near(struct wb_sv word);

enum wb_name_result {
	WB_NAME_IGNORED, /* nothing that could be a migration */
	WB_NAME_OTHER, /* .sql, but in no family's form */
	WB_NAME_WRONG, /* meant to be a migration, written wrongly: why and hint say how */
	WB_NAME_OK
};
struct wb_name {
	enum wb_family family;
	enum wb_mig_kind kind;
	bool down; /* .down.sql or U__ */
	bool cypher; /* extension of Neo4j */
	const char *type; /* static; NULL when the name has none */
	struct wb_sv stem; /* the name without extension */
	struct wb_sv version; /* a repeatable's is its whole stem */
	struct wb_sv description; /* as written, with underscores */
	const char *why, *hint; /* static; why also explains a doubtful name that is WB_NAME_OK */
};
enum wb_name_result wb_name_parse(const char *name, struct wb_name *ret_name);

/* ---- headings.c: comment lines that mean something ---- */
enum wb_heading_action {
	WB_HEAD_NONE, /* prose */
	WB_HEAD_SECTION, /* starts a section */
	WB_HEAD_TRANSACTION, /* options.transaction for the whole file */
	WB_HEAD_VARIABLES, /* options.variables from here on */
	WB_HEAD_WRONG /* a heading that cannot be read: message, hint, at */
};
struct wb_heading_backfill { /* values into the comment; n == 0 and 0: not said */
	struct wb_sv rules, table, key;
	int64_t batch_size, pause_ms;
};
struct wb_heading {
	enum wb_heading_action action;
	enum wb_section_kind kind;
	struct wb_section_options options;
	struct wb_sv depends, suite; /* values of depends: and suite:, into the comment */
	struct wb_heading_backfill backfill;
	size_t at; /* offset in the comment that is wrong */
	char message[192], hint[192];
};
#define WB_HEADING_MAX 1024 /* longer comments are prose */
#define WB_SECTION_OPTIONS_INIT \
	{ \
		WB_UNSET, WB_UNSET, -1, -1 \
	}
/* comment: from the first dash to before the line end; blanks around it do not matter. */
void wb_heading_parse(struct wb_sv comment, struct wb_heading *ret_heading);
/* For wb_split_options.heading. */
bool wb_heading_is(void *unused, struct wb_sv comment);
/* May any line be a heading? Sees headings in strings too, misses none. */
bool wb_heading_maybe(struct wb_sv text);

/* ---- hash.c: both checksums in one walk over raw bytes, in any pieces ---- */
struct wb_text_hash {
	struct wb_sha256 sha;
	bool after_cr;
};
struct wb_part_hash {
	struct wb_text_hash up, down;
	const struct wb_section *sections; /* of this file */
	size_t n, next; /* next: the first section that does not end before offset */
	bool all_down; /* a down file */
	uint64_t offset; /* bytes seen */
	unsigned bom; /* bytes of a byte order mark seen and held back */
};
void wb_part_hash_init(struct wb_part_hash *h, const struct wb_section *sections, size_t n, bool all_down);
void wb_part_hash_add(struct wb_part_hash *h, const char *p, size_t n);
void wb_part_hash_final(struct wb_part_hash *h, unsigned char up[32], unsigned char down[32]);
bool wb_sections_any_down(const struct wb_section *sections, size_t n);
/* The sections of m that stand in its own file (or in its down file). */
size_t wb_sections_of(const struct wb_migration *m, bool down_file, const struct wb_section **ret_first);

/* ---- the load ---- */
struct wb_down { /* a down file that looks for its migration */
	const char *file, *name, *memory, *version, *description, *key;
	enum wb_family family;
};
struct wb_load {
	const struct wb_source_options *o;
	struct wb_source *s;
	const char *engine; /* of wb_engine_find; NULL = any but neo4j */
	struct wb_error *err;
	WB_VEC(struct wb_source_problem) problems;
	WB_VEC(struct wb_migration *) migs;
	WB_VEC(struct wb_down) downs;
	WB_VEC(const char *) depends; /* of the migration being read */
	int dirfd;
	bool has_sum; /* the folder keeps a migrations.sum */
	const char *sum; /* its text; NULL: in the file */
	char *buf; /* one read buffer for all files */
	size_t hold_left; /* bytes of text that may still be held in memory */
};

/* ---- folder.c ---- */
/* Does the folder have a file of this name? */
bool wb_load_has(const struct wb_load *l, const char *name);

/* ---- problem.c ---- */
/* Copies p with a message made of fmt; hint (may be NULL) is copied too. 0 or WB_ENOMEM. */
int wb_problem_add(struct wb_load *l, struct wb_source_problem p, const char *hint, const char *fmt, ...)
	WB_PRINTF(4, 5) WB_MUST_USE;
void wb_problems_sort(struct wb_load *l);

/* ---- sum.c ---- */
bool wb_sum_is(const char *name);
/* Compares the folder's migrations.sum, which is there, with what was loaded. */
int wb_sum_check(struct wb_load *l) WB_MUST_USE;

/* ---- reading.c ---- */
#define WB_READ_MANY 256 /* files; from here on two threads read */
/* Reads what was found, and takes out what is no part of this run. */
int wb_read_files(struct wb_load *l) WB_MUST_USE;

/* ---- file.c ---- */
#define WB_HOLD_TOTAL ((size_t)2 << 20)
#define WB_FILE_SMALL ((size_t)1 << 20) /* up to here a file is read whole; above it is streamed */
/* Reads m and its down file. *ret_keep is false for what is no part of this run: another engine's, a folder. */
int wb_file_scan(struct wb_load *l, struct wb_migration *m, bool *ret_keep) WB_MUST_USE;
/* read(2) until cap bytes or the end; -1 with errno. */
ssize_t wb_read_full(int fd, char *buf, size_t cap);

/* ---- sections.c: a file that has headings ---- */
struct wb_sections {
	WB_VEC(struct wb_section) v;
	bool statements[WB_SEC_COUNT]; /* which kinds have one */
	bool down_file;
	enum wb_tri transaction; /* of a directive for the whole file */
	enum wb_tri variables; /* switched by the last directive */
	bool headed; /* a section heading was met */
	struct wb_pos first; /* of the first statement before any heading; line 0 = none */
};
/* Runs the splitter over read() and fills s; problems go to l. size is that of the file. */
int wb_sections_read(struct wb_load *l, struct wb_migration *m, struct wb_sections *s, wb_read_fn read, void *user,
		     uint64_t size, unsigned bom) WB_MUST_USE;

/* ---- header.c ---- */
enum wb_lead { WB_LEAD_NOTHING, WB_LEAD_STATEMENT, WB_LEAD_HEADING }; /* what follows the leading comments */
/* Reads header keys out of the leading comments of text into m (NULL: only looks what follows).
 * headings: text may have some. */
int wb_header_read(struct wb_load *l, struct wb_migration *m, struct wb_sv text, bool headings,
		   enum wb_lead *ret_lead) WB_MUST_USE;
/* Adds the comma list to l->depends; "none" adds nothing. */
int wb_depends_add(struct wb_load *l, struct wb_sv list) WB_MUST_USE;

/* ---- order.c, graph.c: over the sorted list in l->migs ---- */
bool wb_order_sort(struct wb_load *l); /* false when memory has run out */
int wb_order_check(struct wb_load *l) WB_MUST_USE;
int wb_graph_resolve(struct wb_load *l) WB_MUST_USE;
struct wb_sv wb_name_stem(const char *name); /* "0001_x" for "0001_x.up.sql" */

/* ---- template.c: texts of new files ---- */
struct wb_template {
	const struct wb_new_options *o;
	const char *type, *template_name, *engine; /* checked */
	const char *label; /* version as the header shows it */
	const char *stem;
	struct wb_str slug; /* of the description: add_users_table */
	struct wb_str name, table; /* the table meant, and quoted where it must be */
};
bool wb_template_init(struct wb_template *t, const struct wb_new_options *o); /* false: no memory */
void wb_template_done(struct wb_template *t);
bool wb_slug(struct wb_str *out, const char *text);
/* Check out->failed afterwards. */
void wb_template_whole(const struct wb_template *t, struct wb_str *out);
void wb_template_pair(const struct wb_template *t, struct wb_str *up, struct wb_str *down);

#endif
