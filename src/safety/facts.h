/* SPDX-License-Identifier: Apache-2.0
 *
 * The form of a fact, for this room's files. Rows of one operation and one part
 * exclude each other: the first that holds is the answer. Parts add up: a column
 * that is added with a volatile default and a foreign key is two facts.
 */
#ifndef WB_SAFETY_FACTS_H
#define WB_SAFETY_FACTS_H

#include "safety/safety.h"

/* X(ENUM, how a document calls it) */
#define WB_ROLE_MAP(X) \
	X(NOBODY, "") \
	X(TABLE, "table") \
	X(CHILDREN, "partitions and children") \
	X(OBJECT, "object") /* index, view, sequence */ \
	X(OTHER, "other table") /* op.other: referenced, partition, parent, read */ \
	X(OTHER_CHILDREN, "partitions of the other table") \
	X(OTHER_INDEXES, "indexes of the other table") \
	X(PARENT, "parent") \
	X(DEFAULT, "default partition") \
	X(INDEXES, "indexes") \
	X(REFERENCED, "referenced tables") /* by its foreign keys; by the column's, the constraint's */ \
	X(REFERENCING, "referencing tables") \
	X(USERS, "tables using the type") \
	X(OWNED, "owned sequences") \
	X(DEPENDANTS, "views on it")

enum wb_role {
#define X(id, name) WB_ROLE_##id,
	WB_ROLE_MAP(X)
#undef X
		WB_ROLE_COUNT
};

/* What a row may ask, beside the statement's own words. X(ENUM, what has to be known) */
#define WB_COND_MAP(X) \
	X(VOLATILE, "a function of the default is volatile") \
	X(CONSTRAINED, "the type is a domain with constraints") \
	X(RELABEL, "old and new type are stored alike") \
	X(KEEPS_INDEX, "indexes on the column stay as they are") \
	X(INDEXED, "the column is part of an index") \
	X(CHECKED, "a CHECK speaks of the column") \
	X(REFERRED_TO, "foreign keys lead to the table") \
	X(IN_FOREIGN_KEY, "the column is part of a foreign key") \
	X(NOT_NULL, "the column is NOT NULL already") \
	X(IMPLIED, "a valid CHECK says that the column is not null") \
	X(KEY_NOT_NULL, "all columns of the key are NOT NULL") \
	X(PARTITIONED, "the table is partitioned") \
	X(OTHER_PARTITIONED, "the other table is partitioned") \
	X(PARTITION, "the table is a partition") \
	X(BOUND_IMPLIED, "a valid CHECK of the partition implies its bound") \
	X(READ_BY_VIEW, "a view reads the column") \
	X(LACKS_INDEX, "the partition lacks an index that the partitioned table has") \
	X(IS_CHECK, "the constraint is a CHECK") \
	X(IS_FOREIGN_KEY, "the constraint is a foreign key") \
	X(IS_KEY, "the constraint is a primary key, unique or exclusion constraint") \
	X(VALID, "the constraint is valid already") \
	X(SAME, "the table is so already") \
	X(STORED, "the column is stored, not virtual") \
	X(LIGHT_OPTION, "the parameter is one that running queries need not notice") \
	X(DEFAULT_IMPLIED, "a valid CHECK of the default partition leaves the new one's rows out") \
	X(THERE, "it is there already") \
	X(EMPTY, "the migration has made the table, and no rows in it") \
	X(READS_ALL, "no index finds the rows") \
	X(SMALL, "the table is no larger than the sample that is read of it")

enum wb_cond {
#define X(id, text) WB_COND_##id,
	WB_COND_MAP(X)
#undef X
		WB_COND_COUNT
};

enum wb_fact_flag {
	WB_FACT_WAITS = 1, /* as WB_EFFECT_… */
	WB_FACT_PHASES = 2,
	WB_FACT_MORE = 4, /* locks what cannot be told from the statement */
	WB_FACT_DEEP = 8, /* on partitions and children the same as on the table, unless ONLY */
	WB_FACT_PARTS = 16, /* the same for partitions only */
	WB_FACT_UNKNOWN = 32 /* nothing can be told */
};

struct wb_on {
	enum wb_role role;
	enum wb_lock lock;
	unsigned work;
};

struct wb_fact {
	enum wb_op op;
	const char *label; /* op's name and this are the id */
	int part;
	uint64_t kinds; /* a bit for each kind of object, WB_K(…); 0: any */
	const char *expr; /* operation's, in any case of letters; NULL: any */
	uint32_t with, without; /* enum wb_op_flag */
	uint32_t when, unless; /* conditions, WB_IF(…) */
	int since, until; /* major versions; 0: 12, the newest */
	struct wb_on on[5];
	unsigned flags; /* enum wb_fact_flag */
	const char *source; /* file: function */
	const char *unproved; /* why there is no scenario; NULL: there is one */
};

_Static_assert(WB_COND_COUNT <= 32, "struct wb_fact has a bit for each condition");

extern const struct wb_fact wb_facts_postgres[];
extern const size_t wb_facts_postgres_n;
extern const struct wb_fact wb_facts_sqlite[];
extern const size_t wb_facts_sqlite_n;

const char *wb_role_name(enum wb_role role);
const char *wb_cond_text(enum wb_cond cond);

/* ---- conditions and roles of one operation (conditions.c, roles.c) --------------------- */

struct wb_judging {
	struct wb_world *world;
	const struct wb_operation *op;
	struct wb_relation *table, *object, *other; /* NULL: the world does not know them */
	struct wb_world_column *column;
	struct wb_world_constraint *constraint;
};
void wb_judging_begin(struct wb_judging *j, struct wb_world *w, const struct wb_operation *op);
enum wb_tri wb_cond_holds(const struct wb_judging *j, enum wb_cond cond);
/* Does IF EXISTS or IF NOT EXISTS leave it nothing to do? */
bool wb_is_idle(const struct wb_judging *j);
/* How the world calls triggers, rules and policies; 0: it is none. */
char wb_kind_on_table(enum wb_kind kind);
/* Of a statement about rows, or a query: is the table that it reads gone through from end to end (reach.c)? */
enum wb_tri wb_reads_all(const struct wb_judging *j);
/* The name of that table; no name: it is not known, or there are several. */
struct wb_name wb_read_by(const struct wb_operation *op);
/* Adds those that play the role; *ret_complete: there are no others. False when memory has run out. A relation that
 * only has a name is in *ret_name. */
bool wb_role_players(const struct wb_judging *j, enum wb_role role, struct wb_relations *out, struct wb_name *ret_name,
		     bool *ret_complete);

/* ---- expressions (expr.c) ---------------------------------------------------------------- */

/* Is it the column itself, or its cast to the type? */
enum wb_tri wb_expr_is_column(const char *expr, const char *column, const char *type);
/* Does the CHECK say that the column is not null? */
enum wb_tri wb_check_not_null(const char *expr, const char *column);
/* Do valid CHECKs keep all rows of r within the bound ("FOR VALUES …") of a table with that partition key? */
enum wb_tri wb_bound_implied(const struct wb_relation *r, const char *key, const char *bound);

/* ---- types (coerce.c) ------------------------------------------------------------------ */

/* Is a column of `from` a column of `to` without any row being written? Types as statements or the engine write them.
 */
enum wb_tri wb_type_relabels(const struct wb_world *w, const char *from, const char *to);
/* And do indexes on it stay? Only where it relabels. */
enum wb_tri wb_type_keeps_index(const struct wb_world *w, const char *from, const char *to);
enum wb_tri wb_type_constrained(const struct wb_world *w, const char *type);
/* Of one, by its name alone. */
enum wb_tri wb_volatility(const struct wb_name *f);
enum wb_tri wb_functions_volatile(const struct wb_world *w, const struct wb_name *v, size_t n);

/* ---- the world after an operation (evolve.c) ------------------------------------------- */

bool wb_evolve(struct wb_judging *j) WB_MUST_USE;

#endif
