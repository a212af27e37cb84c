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
	X(TABLE_CREATE, "create table") /* other: PARTITION OF, else INHERITS or LIKE (WB_OP_PARTITION, …) */ \
	X(TABLE_CREATE_AS, "create table as") /* also SELECT INTO */ \
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
	X(CHECK_ADD, "add check") /* expr; WB_OP_NOT_VALID, WB_WITH_NO_INHERIT */ \
	X(NOT_NULL_ADD, "add not null constraint") /* PostgreSQL 18; WB_WITH_NOT_VALID */ \
	X(FOREIGN_KEY_ADD, "add foreign key") /* other: the table referenced; WB_WITH_NOT_VALID */ \
	X(UNIQUE_ADD, "add unique") /* expr: the index of USING INDEX */ \
	X(PRIMARY_KEY_ADD, "add primary key") /* expr: the index of USING INDEX */ \
	X(EXCLUDE_ADD, "add exclusion constraint") \
	X(CONSTRAINT_VALIDATE, "validate constraint") \
	X(CONSTRAINT_ALTER, "alter constraint") \
	X(CONSTRAINT_DROP, "drop constraint") \
	/* ---- indexes: object the index, table its table (NULL where the statement does not say) */ \
	X(INDEX_CREATE, "create index") /* columns; functions; WB_OP_UNIQUE, WB_OP_CONCURRENTLY, WB_WITH_ONLY */ \
	X(INDEX_DROP, "drop index") \
	X(INDEX_REINDEX, "reindex") /* kind: index, table, schema; name NULL: database or system */ \
	X(INDEX_ATTACH, "attach index") /* object: parent; other: the index attached */ \
	/* ---- triggers, rules, policies: object, table */ \
	X(TRIGGER_CREATE, "create trigger") \
	X(TRIGGER_ENABLE, "enable or disable trigger") /* expr: "enable", "disable", … */ \
	X(RULE_CREATE, "create rule") \
	X(RULE_ENABLE, "enable or disable rule") \
	X(POLICY_CREATE, "create policy") \
	X(POLICY_ALTER, "alter policy") \
	/* ---- types and domains: object */ \
	X(DOMAIN_CONSTRAINT_ADD, "add domain constraint") /* expr; WB_OP_NOT_VALID, WB_WITH_NOT_NULL */ \
	X(DOMAIN_CONSTRAINT_VALIDATE, "validate domain constraint") \
	X(DOMAIN_ALTER, "alter domain") /* default, drop constraint, drop not null */ \
	X(ENUM_ADD_VALUE, "add enum value") /* expr: the value; WB_WITH_PLACED: BEFORE or AFTER was given */ \
	X(ENUM_RENAME_VALUE, "rename enum value") /* expr: old, type: new */ \
	X(TYPE_ALTER, "alter type") /* attributes of a composite type */ \
	/* ---- any kind: kind, object; table where the object is part of one */ \
	X(CREATE, "create") /* what has no code of its own: view, function, sequence, … ; WB_WITH_REPLACE */ \
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
	X(TRANSACTION, "transaction control") \
	X(CALL, "call") /* also DO: what it does cannot be read */ \
	X(DATABASE, "database") /* CREATE, DROP, ALTER DATABASE, tablespaces, ALTER SYSTEM, subscriptions, roles */ \
	X(UNKNOWN, "unknown") /* why: says why */

enum wb_op {
#define X(id, name) WB_OP_##id,
	WB_OP_MAP(X)
#undef X
		WB_OP_COUNT
};

enum wb_op_flag {
	WB_WITH_IF_EXISTS = 1u << 0, /* IF EXISTS, IF NOT EXISTS */
	WB_WITH_REPLACE = 1u << 1,
	WB_WITH_CASCADE = 1u << 2,
	WB_WITH_CONCURRENTLY = 1u << 3,
	WB_WITH_ONLY = 1u << 4, /* ON ONLY, ALTER TABLE ONLY */
	WB_WITH_NOT_VALID = 1u << 5,
	WB_WITH_NOT_ENFORCED = 1u << 6,
	WB_WITH_USING_INDEX = 1u << 7,
	WB_WITH_NO_INHERIT = 1u << 8,
	WB_WITH_UNIQUE = 1u << 9, /* index; added column: inline UNIQUE */
	WB_WITH_PRIMARY_KEY = 1u << 10, /* added column: inline PRIMARY KEY */
	WB_WITH_CHECK = 1u << 11, /* added column: inline CHECK */
	WB_WITH_REFERENCES = 1u << 12, /* added column: inline REFERENCES; the table is `other` */
	WB_WITH_NOT_NULL = 1u << 13,
	WB_WITH_DEFAULT = 1u << 14, /* a default was given, and it is not NULL */
	WB_WITH_GENERATED = 1u << 15, /* stored */
	WB_WITH_VIRTUAL = 1u << 16, /* generated, not stored */
	WB_WITH_IDENTITY = 1u << 17,
	WB_WITH_SERIAL = 1u << 18,
	WB_WITH_COLLATE = 1u << 19,
	WB_WITH_REVERSE = 1u << 20, /* the opposite form: NO INHERIT, NOT OF, REVOKE, DROP TABLE of a publication */
	WB_WITH_WHERE = 1u << 21,
	WB_WITH_PLACED = 1u << 22, /* BEFORE or AFTER was given */
	WB_WITH_LOCAL = 1u << 23, /* SET LOCAL */
	WB_WITH_TEMPORARY = 1u << 24,
	WB_WITH_PARTITION = 1u << 25, /* other is the parent that it is a partition of */
	WB_WITH_INHERITS = 1u << 26, /* other is the parent that it inherits from */
	WB_WITH_PARTITIONED = 1u << 27, /* PARTITION BY */
	WB_WITH_UNLOGGED = 1u << 28,
	WB_WITH_INLINE = 1u << 29 /* a clause of the operation before it: a key within CREATE TABLE */
};

/* As the engine would fold and store it; schema NULL: as its search path decides. */
struct wb_name {
	const char *schema, *name;
};

struct wb_operation {
	enum wb_op code;
	enum wb_kind kind; /* of what is worked on; WB_KIND_COUNT: no kind of ours */
	uint32_t flags; /* enum wb_op_flag */
	struct wb_name table, object, other;
	const char *type; /* as written, without the column's name: "varchar(20)"; NULL */
	const char *expr; /* SQL as written, cut at 64 KiB; NULL */
	const char *const *columns; /* names of columns, where the code has them */
	size_t n_columns;
	/* What the catalog has to say something about: functions called, also those behind operators ("schema.name" or
	 * "name"); NULL names end nothing. An expression without any is a constant or a column. */
	const struct wb_name *functions;
	size_t n_functions;
	size_t offset; /* where in the statement it begins, in bytes */
};

struct wb_operations {
	const struct wb_operation *v;
	size_t n;
	const char *unknown; /* static: why what the statement does is not known; NULL: it is */
};

const char *wb_op_name(enum wb_op code);
bool wb_op_find(const char *name, enum wb_op *ret_code);

#endif
