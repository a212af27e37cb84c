/* SPDX-License-Identifier: Apache-2.0
 *
 * What a statement does, in terms that all engines share: a list of operations,
 * each one code, done to one object. ALTER TABLE with three subcommands is three
 * operations. A driver reads them from the statement's parse tree (operations());
 * the room `safety` says from them which locks are taken, what is rewritten or
 * scanned, what is risky, and how it is undone. What the text does not tell (are
 * there rows? is this function volatile?) is no part of an operation: the names
 * to ask the catalog for are.
 */
#ifndef WB_MODEL_OPERATION_H
#define WB_MODEL_OPERATION_H

#include "base/base.h"
#include "model/kinds.h"

/* X(ENUM, name). Columns of "does what to what": `table` is the relation that is worked on, `object` the thing in
 * it or beside it, `other` the second relation; what else a code fills stands behind it. */
#define WB_OP_MAP(X) \
	/* ---- tables: table */ \
	X(TABLE_CREATE, "create table") /* other: PARTITION OF, else INHERITS or LIKE (WB_WITH_PARTITION, …) */ \
	X(TABLE_CREATE_AS, "create table as") /* other: the one table read; kind: table or materialized view */ \
	X(TABLE_ATTACH, "attach partition") /* other: the partition; expr: its bound */ \
	X(TABLE_DETACH, "detach partition") /* other: the partition */ \
	X(TABLE_DETACH_FINALIZE, "finalize detach") /* other: the partition */ \
	X(TABLE_INHERIT, "inherit") /* other: the parent; WB_WITH_REVERSE: NO INHERIT */ \
	X(TABLE_OF_TYPE, "of type") /* WB_WITH_REVERSE: NOT OF */ \
	X(TABLE_SET_LOGGED, "set logged") \
	X(TABLE_SET_UNLOGGED, "set unlogged") \
	X(TABLE_SET_ACCESS_METHOD, "set access method") /* type */ \
	X(TABLE_SET_TABLESPACE, "set tablespace") /* type; kind: table, index or materialized view */ \
	X(TABLE_SET_OPTIONS, \
	  "set storage parameters") /* expr: one name; an operation for each; kind; SET and RESET */ \
	X(TABLE_REPLICA_IDENTITY, "replica identity") \
	X(TABLE_ROW_SECURITY, "row level security") /* enable, disable, force, no force */ \
	X(TABLE_CLUSTER_ON, "cluster on") /* also SET WITHOUT CLUSTER, SET WITHOUT OIDS */ \
	X(TABLE_TRUNCATE, "truncate") \
	X(TABLE_LOCK, "lock table") /* expr: the mode */ \
	X(TABLE_CLUSTER, "cluster") /* name NULL: all */ \
	X(TABLE_VACUUM, "vacuum") \
	X(TABLE_VACUUM_FULL, "vacuum full") \
	X(TABLE_ANALYZE, "analyze") \
	/* ---- columns: table, object.name the column */ \
	X(COLUMN_ADD, "add column") /* type; expr: default; functions, types of it; flags below; other: REFERENCES */ \
	X(COLUMN_DROP, "drop column") \
	X(COLUMN_TYPE, "column type") /* type; expr: USING; functions; WB_WITH_COLLATE */ \
	X(COLUMN_SET_DEFAULT, "set default") /* expr */ \
	X(COLUMN_DROP_DEFAULT, "drop default") \
	X(COLUMN_SET_NOT_NULL, "set not null") \
	X(COLUMN_DROP_NOT_NULL, "drop not null") \
	X(COLUMN_ADD_IDENTITY, "add identity") \
	X(COLUMN_SET_IDENTITY, "set identity") \
	X(COLUMN_DROP_IDENTITY, "drop identity") \
	X(COLUMN_SET_EXPRESSION, "set expression") /* PostgreSQL 17 */ \
	X(COLUMN_DROP_EXPRESSION, "drop expression") \
	X(COLUMN_SET_STATISTICS, "set statistics") \
	X(COLUMN_SET_OPTIONS, "set column options") \
	X(COLUMN_SET_STORAGE, "set storage") \
	X(COLUMN_SET_COMPRESSION, "set compression") \
	/* ---- constraints: table, object.name the constraint (NULL: the engine names it), columns */ \
	X(CHECK_ADD, "add check") /* expr; WB_WITH_NOT_VALID, WB_WITH_NO_INHERIT */ \
	X(NOT_NULL_ADD, "add not null constraint") /* PostgreSQL 18; WB_WITH_NOT_VALID */ \
	X(FOREIGN_KEY_ADD, "add foreign key") /* other: the table referenced; WB_WITH_NOT_VALID */ \
	X(UNIQUE_ADD, "add unique") /* expr: the index of USING INDEX */ \
	X(PRIMARY_KEY_ADD, "add primary key") /* expr: the index of USING INDEX */ \
	X(EXCLUDE_ADD, "add exclusion constraint") \
	X(CONSTRAINT_VALIDATE, "validate constraint") \
	X(CONSTRAINT_ALTER, "alter constraint") \
	X(CONSTRAINT_DROP, "drop constraint") \
	/* ---- indexes: object the index, table its table (NULL where the statement does not say) */ \
	X(INDEX_CREATE, "create index") /* columns; type: its method; expr: WHERE; functions; flags */ \
	X(INDEX_DROP, "drop index") \
	X(INDEX_REINDEX, "reindex") /* kind: index, table, schema; name NULL: database or system */ \
	X(INDEX_ATTACH, "attach index") /* object: parent; other: the index attached */ \
	/* ---- triggers, rules, policies: object, table */ \
	X(TRIGGER_CREATE, "create trigger") /* expr: "statement" where it is not for each row */ \
	X(TRIGGER_ENABLE, "enable or disable trigger") /* expr: "enable", "disable", … */ \
	X(RULE_CREATE, "create rule") \
	X(RULE_ENABLE, "enable or disable rule") \
	X(POLICY_CREATE, "create policy") \
	X(POLICY_ALTER, "alter policy") \
	/* ---- types and domains: object */ \
	X(DOMAIN_CONSTRAINT_ADD, "add domain constraint") /* expr; other.name: the constraint; WB_WITH_NOT_VALID, … */ \
	X(DOMAIN_CONSTRAINT_VALIDATE, "validate domain constraint") /* other.name */ \
	X(DOMAIN_ALTER, "alter domain") /* expr: default, drop not null, drop constraint (other.name) */ \
	X(ENUM_ADD_VALUE, "add enum value") /* expr: the value; WB_WITH_PLACED: BEFORE or AFTER was given */ \
	X(ENUM_RENAME_VALUE, "rename enum value") /* expr: old, type: new */ \
	X(TYPE_ALTER, "alter type") /* attributes of a composite type */ \
	/* ---- any kind: kind, object; table where the object is part of one */ \
	X(CREATE, "create") /* what has no code of its own; type: of arguments of a function, of a domain */ \
	X(DROP, "drop") /* tables, views, triggers, …, but indexes and columns; WB_WITH_CASCADE */ \
	X(RENAME, "rename") /* expr: the new name; kind COLUMN: object.name is the old one */ \
	X(SET_SCHEMA, "set schema") /* expr: the new one */ \
	X(OWNER, "owner") /* expr: the new one */ \
	X(COMMENT, "comment") \
	X(PRIVILEGES, "grant or revoke") /* WB_WITH_REVERSE: revoke */ \
	X(ALTER, "alter") /* what has no code of its own */ \
	X(MATVIEW_REFRESH, "refresh materialized view") /* object */ \
	X(PUBLICATION_TABLE, "publication table") /* object: the publication, other: the table; WB_WITH_REVERSE */ \
	X(EXTENSION_UPDATE, "update extension") \
	/* ---- rows: table */ \
	X(SELECT, "select") /* expr: FOR UPDATE's strength, if any */ \
	X(INSERT, "insert") /* other: the table read, if just one; functions */ \
	X(UPDATE, "update") /* WB_WITH_WHERE; columns: those set */ \
	X(DELETE, "delete") /* WB_WITH_WHERE */ \
	X(MERGE, "merge") \
	X(COPY_IN, "copy from") \
	X(COPY_OUT, "copy to") \
	/* ---- the session */ \
	X(SET, "set") /* object.name: the setting, in lower case; expr: its value as text; WB_WITH_LOCAL */ \
	X(TRANSACTION, "transaction control") /* expr: begin, commit, rollback, savepoint, … */ \
	X(CALL, "call") /* object; also DO, without one: what it does cannot be read */ \
	X(SESSION, "session") /* touches nothing that stays: SHOW, LISTEN, PREPARE, DISCARD, DECLARE, … */ \
	X(DATABASE, "database") /* expr: create, drop, alter; noun: database, tablespace, role, system, … */ \
	X(UNKNOWN, "unknown") /* wb_operations.unknown says why; table where it is known */

enum wb_op {
#define X(id, name) WB_OP_##id,
	WB_OP_MAP(X)
#undef X
		WB_OP_COUNT
};

/* X(ENUM, name) */
#define WB_WITH_MAP(X) \
	X(IF_EXISTS, "if exists") /* IF EXISTS, IF NOT EXISTS */ \
	X(REPLACE, "or replace") \
	X(CASCADE, "cascade") \
	X(CONCURRENTLY, "concurrently") \
	X(ONLY, "only") /* ON ONLY, ALTER TABLE ONLY */ \
	X(NOT_VALID, "not valid") \
	X(NOT_ENFORCED, "not enforced") \
	X(USING_INDEX, "using index") \
	X(NO_INHERIT, "no inherit") \
	X(UNIQUE, "unique") /* index; added column: inline UNIQUE */ \
	X(PRIMARY_KEY, "primary key") /* added column: inline PRIMARY KEY */ \
	X(CHECK, "check") /* added column, domain: inline CHECK */ \
	X(REFERENCES, "references") /* added column: inline REFERENCES; the table is `other` */ \
	X(NOT_NULL, "not null") \
	X(DEFAULT, "default") /* a default was given, and it is not NULL */ \
	X(GENERATED, "generated") /* stored */ \
	X(VIRTUAL, "virtual") /* generated, not stored */ \
	X(IDENTITY, "identity") \
	X(SERIAL, "serial") \
	X(COLLATE, "collate") \
	X(REVERSE, "reverse") /* the opposite form: NO INHERIT, NOT OF, REVOKE, DROP TABLE of a publication */ \
	X(WHERE, "where") /* rows: some only; index: partial */ \
	X(PLACED, "placed") /* BEFORE or AFTER was given */ \
	X(LOCAL, "local") /* SET LOCAL */ \
	X(TEMPORARY, "temporary") \
	X(PARTITION, "partition") /* other is the parent that it is a partition of */ \
	X(INHERITS, "inherits") /* other is the parent that it inherits from */ \
	X(PARTITIONED, "partitioned") /* PARTITION BY */ \
	X(UNLOGGED, "unlogged") \
	X(INLINE, "inline") /* a clause of the operation before it: a column or a key within CREATE TABLE */ \
	X(ARRAY, "array") /* the type is one of arrays of `base` */ \
	X(NO_DATA, "no data") /* WITH NO DATA */

enum wb_op_bit {
#define X(id, name) WB_WITH_BIT_##id,
	WB_WITH_MAP(X)
#undef X
		WB_WITH_BITS
};

enum wb_op_flag {
#define X(id, name) WB_WITH_##id = 1u << WB_WITH_BIT_##id,
	WB_WITH_MAP(X)
#undef X
};

/* As the engine would fold and store it; schema NULL: as its search path decides. */
struct wb_name {
	const char *schema, *name;
};

/* Which rows a statement about rows, or a query, has to look at. */
enum wb_reach {
	WB_REACH_SOME, /* the text does not tell */
	WB_REACH_NONE, /* it reads no table */
	WB_REACH_ALL, /* a table from end to end */
	WB_REACH_KEYS /* those of one table that meet conditions on `keys`, all of them */
};

/* ALTER TABLE: kind is the relation's. Any other: the object's; a relation (table, view, …) is `table`, too. */
struct wb_operation {
	enum wb_op code;
	enum wb_kind
		kind; /* of what is worked on; WB_KIND_COUNT: no kind of ours, or one that the text does not tell */
	const char *noun; /* static: what the engine calls it where kind says nothing: "type", "role"; NULL */
	uint32_t flags; /* enum wb_op_flag */
	struct wb_name table, object, other;
	const char *type; /* as written, without the column's name: "varchar(20)"; NULL */
	struct wb_name base; /* the same as the engine names it: pg_catalog.varchar; no name: none */
	const char *expr; /* SQL as written, cut at 64 KiB; NULL */
	const char *const *columns; /* names of columns, where the code has them; NULL among them: an expression */
	size_t n_columns;
	/* What the catalog has to say something about: functions called, also those that SQL has words for (now for
	 * CURRENT_TIMESTAMP), and operators that name their schema. Without any it is a constant, or made of columns
	 * and operators. */
	const struct wb_name *functions;
	size_t n_functions;
	enum wb_reach reach;
	const char *const *keys; /* columns in conditions; the first n_equal have to be equal to values */
	size_t n_keys, n_equal;
	size_t offset; /* where in the statement it begins, in bytes */
};

struct wb_operations {
	const struct wb_operation *v;
	size_t n;
	const char *unknown; /* static: why what the statement does is not known; NULL: it is */
	uint64_t form; /* the same for statements that differ in names and values alone; 0: not told */
};

const char *wb_op_name(enum wb_op code);
bool wb_op_find(const char *name, enum wb_op *ret_code);
const char *wb_op_flag_name(enum wb_op_bit bit);

#endif
