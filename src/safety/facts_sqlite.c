/* SPDX-License-Identifier: Apache-2.0
 *
 * The facts of SQLite. There is one lock for writing a database, held from BEGIN
 * IMMEDIATE to COMMIT: what counts is how long a statement makes others wait for
 * it, so whether it goes through a whole table. Forms that SQLite's ALTER TABLE
 * lacks are done by building the table anew (migrate/alter.c). The proof is in
 * tests/safety/proof_sqlite.py.
 */
#include "safety/facts.h"

#include "base/banned.h"

#define OP(op_, label_) .op = WB_OP_##op_, .label = label_
#define KINDS(kind) .kinds = UINT64_C(1) << WB_KIND_##kind
#define WITH(flag) WB_WITH_##flag
/* Holds up other writers, as long as its transaction lasts. */
#define ON(role) \
	{ \
		WB_ROLE_##role, WB_LOCK_EXCLUSIVE, 0 \
	}
#define DO(role, work) \
	{ \
		WB_ROLE_##role, WB_LOCK_EXCLUSIVE, WB_WORK_##work \
	}
#define LIKE(op_, label_, source_) \
	{ \
		OP(op_, label_), .on = { DO(TABLE, REWRITE) }, .source = source_ \
	}
#define ANEW "built anew: docs/altering-sqlite.md"
#define ALTER_C "alter.c: "

const struct wb_fact wb_facts_sqlite[] = {
	{ OP(TABLE_CREATE, "create"), .source = "build.c: sqlite3EndTable" },
	{ OP(TABLE_CREATE_AS, "create as"), .source = "build.c: sqlite3EndTable" },
	{ OP(COLUMN_ADD, "inline"), .with = WITH(INLINE), .source = "build.c: sqlite3AddColumn" },
	{ OP(COLUMN_ADD, "stored"), .with = WITH(GENERATED), .on = { DO(TABLE, REWRITE) }, .source = ANEW },
	{ OP(COLUMN_ADD, "unique"), .with = WITH(UNIQUE), .on = { DO(TABLE, REWRITE) }, .source = ANEW },
	{ OP(COLUMN_ADD, "primary key"), .with = WITH(PRIMARY_KEY), .on = { DO(TABLE, REWRITE) }, .source = ANEW },
	{ OP(COLUMN_ADD, "check"), .with = WITH(CHECK), .on = { DO(TABLE, SCAN) },
	  .source = ALTER_C "sqlite3AlterFinishAddColumn" },
	{ OP(COLUMN_ADD, "not null, generated"), .with = WITH(NOT_NULL) | WITH(VIRTUAL), .on = { DO(TABLE, SCAN) },
	  .source = ALTER_C "sqlite3AlterFinishAddColumn" },
	{ OP(COLUMN_ADD, "plain"), .on = { ON(TABLE) }, .source = ALTER_C "sqlite3AlterFinishAddColumn" },
	LIKE(COLUMN_DROP, "drop", ALTER_C "sqlite3AlterDropColumn"),
	LIKE(COLUMN_TYPE, "type", ANEW),
	LIKE(COLUMN_SET_DEFAULT, "set", ANEW),
	LIKE(COLUMN_DROP_DEFAULT, "drop", ANEW),
	LIKE(COLUMN_SET_NOT_NULL, "set", ANEW),
	LIKE(COLUMN_DROP_NOT_NULL, "drop", ANEW),
	{ OP(CHECK_ADD, "inline"), .with = WITH(INLINE), .source = "build.c: sqlite3AddCheckConstraint" },
	LIKE(CHECK_ADD, "add", ANEW),
	{ OP(FOREIGN_KEY_ADD, "inline"), .with = WITH(INLINE), .source = "build.c: sqlite3CreateForeignKey" },
	LIKE(FOREIGN_KEY_ADD, "add", ANEW),
	{ OP(UNIQUE_ADD, "inline"), .with = WITH(INLINE), .source = "build.c: sqlite3CreateIndex" },
	LIKE(UNIQUE_ADD, "add", ANEW),
	{ OP(PRIMARY_KEY_ADD, "inline"), .with = WITH(INLINE), .source = "build.c: sqlite3AddPrimaryKey" },
	LIKE(PRIMARY_KEY_ADD, "add", ANEW),
	LIKE(CONSTRAINT_DROP, "drop", ANEW),
	{ OP(INDEX_CREATE, "inline"), .with = WITH(INLINE), .source = "build.c: sqlite3CreateIndex" },
	{ OP(INDEX_CREATE, "build"), .on = { DO(TABLE, INDEX) }, .source = "build.c: sqlite3RefillIndex" },
	{ OP(INDEX_DROP, "drop"), .on = { ON(TABLE) }, .source = "build.c: sqlite3DropIndex" },
	{ OP(INDEX_REINDEX, "reindex"), .on = { DO(TABLE, INDEX) }, .source = "build.c: sqlite3Reindex" },
	{ OP(TRIGGER_CREATE, "create"), .on = { ON(TABLE) }, .source = "trigger.c: sqlite3FinishTrigger" },
	{ OP(CREATE, "create"), .source = "build.c: sqlite3CreateView" },
	{ OP(DROP, "table"), KINDS(TABLE), .on = { DO(OBJECT, EMPTY) }, .source = "build.c: sqlite3DropTable" },
	{ OP(DROP, "other"), .source = "build.c: sqlite3DropTable" },
	{ OP(RENAME, "table"), KINDS(TABLE), .on = { ON(OBJECT) }, .source = ALTER_C "sqlite3AlterRenameTable" },
	{ OP(RENAME, "column"), KINDS(COLUMN), .on = { ON(TABLE) }, .source = ALTER_C "sqlite3AlterRenameColumn" },
	{ OP(INSERT, "insert"), .on = { ON(TABLE) }, .source = "insert.c: sqlite3Insert" },
	{ OP(UPDATE, "where"), .with = WITH(WHERE), .on = { ON(TABLE) }, .source = "update.c: sqlite3Update" },
	{ OP(UPDATE, "all"), .on = { DO(TABLE, REWRITE) }, .source = "update.c: sqlite3Update" },
	{ OP(DELETE, "where"), .with = WITH(WHERE), .on = { ON(TABLE) }, .source = "delete.c: sqlite3DeleteFrom" },
	{ OP(DELETE, "all"), .on = { DO(TABLE, EMPTY) }, .source = "delete.c: sqlite3DeleteFrom" },
	{ OP(SELECT, "select"), .source = "lockingv3.html" },
	{ OP(TABLE_ANALYZE, "analyze"), .on = { DO(TABLE, SCAN) }, .source = "analyze.c: sqlite3Analyze" },
	{ OP(SET, "pragma"), .source = "pragma.html" },
	{ OP(TRANSACTION, "control"), .source = "lang_transaction.html" },
};
const size_t wb_facts_sqlite_n = WB_ARRAY_LEN(wb_facts_sqlite);
