/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of a database, as far as statements that wait to be run need it:
 * relations with their sizes and ties, types, functions. A driver's survey()
 * fills it for the names that some operations speak of; without a database it is
 * empty. The room `safety` asks it and changes it statement by statement, so
 * that a later one is judged against what the earlier ones will have left.
 * What it does not hold is unknown, never absent.
 */
#ifndef WB_MODEL_WORLD_H
#define WB_MODEL_WORLD_H

#include "model/operation.h"
#include "sql/sql.h"

static inline enum wb_tri wb_tri(bool yes)
{
	return yes ? WB_YES : WB_NO;
}

enum wb_relation_flag {
	WB_REL_SEEN = 1u << 0, /* the catalog has told all that stands here */
	WB_REL_MADE = 1u << 1, /* by an earlier statement: nobody else sees it yet, and all is known of it */
	WB_REL_GONE = 1u << 2, /* dropped by an earlier statement, or the catalog has no such relation */
	WB_REL_PARTITIONED = 1u << 3,
	WB_REL_PARTITION = 1u << 4,
	WB_REL_DEFAULT = 1u << 5, /* the default partition */
	WB_REL_HYPERTABLE = 1u << 6,
	WB_REL_TEMPORARY = 1u << 7,
	WB_REL_UNLOGGED = 1u << 8,
	WB_REL_FILLED = 1u << 9, /* made, and filled by an earlier statement: size unknown */
	WB_REL_PARTIAL = 1u << 10 /* an index with a predicate or expressions */
};

enum wb_column_flag {
	WB_COL_NOT_NULL = 1u << 0,
	WB_COL_DEFAULT = 1u << 1,
	WB_COL_STORED = 1u << 2,
	WB_COL_VIRTUAL = 1u << 3,
	WB_COL_IDENTITY = 1u << 4,
	WB_COL_COLLATED = 1u << 5 /* not by its type's collation */
};

struct wb_world_column {
	const char *name;
	const char *type; /* "character varying(20)", as the engine writes it, or as a statement did; NULL unknown */
	unsigned flags; /* enum wb_column_flag */
};

struct wb_world_constraint {
	const char *name; /* NULL: the engine will name it */
	/* As in pg_constraint: c check, f foreign key, p primary key, u unique, x exclusion, n not null. What else has
	 * a name on a table: T trigger, R rule, P policy. */
	char kind;
	bool invalid, not_enforced, inherited;
	const char *expr; /* of a CHECK: "CHECK ((a > 0))", as the engine writes it, or the expression as written */
	struct wb_relation *other; /* referenced */
	struct wb_relation *index;
	const char *const *columns;
	size_t n_columns;
	const char *const *other_columns; /* referenced, as many */
};

struct wb_relations {
	struct wb_relation **v;
	size_t n, cap;
};

struct wb_relation {
	struct wb_name name; /* schema NULL: it is not known */
	enum wb_kind kind; /* table, foreign table, view, materialized view, index, sequence; else WB_KIND_COUNT */
	unsigned flags; /* enum wb_relation_flag */
	int64_t rows, bytes, index_bytes; /* about; bytes: without indexes; -1 unknown */
	/* Of an index or an owned sequence; of a materialized view that was made: all that its query goes through. */
	struct wb_relation *table;
	const char *column; /* that owns the sequence */
	const char *tablespace, *method; /* NULL: the default one, or none */
	const char *bound, *key; /* of a partition; of a partitioned table */
	const char *text; /* of an index: its definition */
	struct wb_relations parents;
	struct wb_relations children;
	struct wb_relations indexes;
	struct wb_relations owned; /* sequences */
	struct wb_relations referencing; /* with a foreign key to this one; each once */
	struct wb_relations dependants; /* views and materialized views that read it */
	WB_VEC(struct wb_world_column) columns; /* of an index: all that it depends on, names alone */
	WB_VEC(struct wb_world_constraint) constraints;
};

struct wb_world_function {
	struct wb_name name;
	enum wb_tri volatile_; /* WB_UNKNOWN: overloads differ */
};

/* A type that is not built in. */
struct wb_world_type {
	struct wb_name name;
	const char *base; /* of a domain, "integer"; NULL: no domain */
	enum wb_tri constrained; /* a domain with a CHECK or NOT NULL, its own or of the one below it */
	struct wb_relations users; /* tables with a column of the domain; typed tables */
};

struct wb_world_cast {
	const char *from, *to; /* without length: "character varying" */
};

struct wb_world {
	struct wb_arena arena; /* all texts */
	enum wb_dialect dialect; /* whose facts hold */
	int server_version; /* 150018; 0: unknown */
	bool surveyed; /* a database stands behind it */
	const char *const *path; /* schemas that a name without one is looked for in; n_path 0: unknown */
	size_t n_path;
	enum wb_tri utc; /* the session's time zone is one without offset, ever */
	struct wb_relations relations; /* all, each once */
	WB_VEC(struct wb_world_function) functions;
	WB_VEC(struct wb_world_type *) types;
	WB_VEC(struct wb_world_cast) casts; /* binary coercible; none: the built-in ones are asked */
	struct wb_map by_name; /* "schema\nname" -> struct wb_relation */
};

/* NULL when memory has run out. */
struct wb_world *wb_world_new(void) WB_MUST_USE;
void wb_world_free(struct wb_world *w); /* accepts NULL */

/* As a statement names it; NULL: nothing is known of it. One that is gone is found, too. */
struct wb_relation *wb_world_find(const struct wb_world *w, struct wb_name name);
/* Finds or adds; NULL when memory has run out. Texts are copied; rows and bytes are -1. */
struct wb_relation *wb_world_add(struct wb_world *w, struct wb_name name, enum wb_kind kind) WB_MUST_USE;
/* Adds it unless it is there; false when memory has run out. */
bool wb_relations_add(struct wb_relations *v, struct wb_relation *r) WB_MUST_USE;
bool wb_relations_has(const struct wb_relations *v, const struct wb_relation *r);
/* The name is another's from now on. False when memory has run out. */
bool wb_world_rename(struct wb_world *w, struct wb_relation *r, struct wb_name name) WB_MUST_USE;
struct wb_world_column *wb_relation_column(const struct wb_relation *r, const char *name);
struct wb_world_constraint *wb_relation_constraint(const struct wb_relation *r, const char *name);
/* Of one kind. */
struct wb_world_constraint *wb_relation_named(const struct wb_relation *r, char kind, const char *name);
struct wb_world_type *wb_world_type(const struct wb_world *w, struct wb_name name);
/* Does it know all about its ties, columns and constraints? */
static inline bool wb_relation_known(const struct wb_relation *r)
{
	return r && r->flags & (WB_REL_SEEN | WB_REL_MADE);
}

#endif
