/* SPDX-License-Identifier: Apache-2.0
 *
 * How SQLite writes each kind of object; the texts are explained in ddl.c. What
 * is altered here beyond what SQLite can alter is a rebuild to whoever runs it.
 */
#include "schema/schema.h"

#include "base/banned.h"

/* What the driver could not take apart comes as a whole, in its definition. */
#define DEFINED(otherwise) "[?definition {definition};\n][!definition " otherwise "]"

/* A key that makes no alias of the rowid only where it stands is an attribute of its column. */
#define COLUMN \
	"{ident}[ {type}][?not_null  NOT NULL[ ON CONFLICT {not_null_conflict}]][ {primary_key}][ DEFAULT {default}]" \
	"[ COLLATE {collate}][?generated  GENERATED ALWAYS AS ({generated})[?stored  STORED]]"
/* Keys of one column, too: PRIMARY KEY ("id" AUTOINCREMENT) is the same as beside the column. */
#define CONSTRAINT \
	"[CONSTRAINT {sql_name} ]{type}[ ({columns}[?autoincrement  AUTOINCREMENT])][ ({expression})]" \
	"[ REFERENCES {references}][ MATCH {match}][ ON DELETE {on_delete}][ ON UPDATE {on_update}]" \
	"[?deferrable  DEFERRABLE[?initially_deferred  INITIALLY DEFERRED]][ ON CONFLICT {on_conflict}]"

static const struct wb_ddl_kind kinds[] = {
	{ .kind = WB_KIND_TABLE,
	  .create = DEFINED("CREATE TABLE {name} ({parts}\n)[?without_rowid  WITHOUT ROWID[?strict , STRICT]]"
			    "[!without_rowid [?strict  STRICT]];\n"),
	  .rename = "ALTER TABLE {name} RENAME TO {new};\n",
	  .drop = "DROP TABLE {name};\n" },
	{ .kind = WB_KIND_COLUMN,
	  .create = "ALTER TABLE {parent} ADD COLUMN " COLUMN ";\n",
	  .inside = COLUMN,
	  .rename = "ALTER TABLE {parent} RENAME COLUMN {ident} TO {new};\n",
	  .drop = "ALTER TABLE {parent} DROP COLUMN {ident};\n" },
	{ .kind = WB_KIND_CONSTRAINT,
	  .create = "ALTER TABLE {parent} ADD " CONSTRAINT ";\n",
	  .inside = CONSTRAINT,
	  .drop = "ALTER TABLE {parent} DROP CONSTRAINT {name};\n" },
	{ .kind = WB_KIND_INDEX,
	  .create = DEFINED("CREATE [?unique UNIQUE ]INDEX {name} ON {parent} ({columns})[ WHERE {where}];\n"),
	  .drop = "DROP INDEX {name};\n" },
	{ .kind = WB_KIND_VIRTUAL_TABLE,
	  .create = DEFINED("CREATE VIRTUAL TABLE {name} USING {module}[ ({arguments})];\n"),
	  .rename = "ALTER TABLE {name} RENAME TO {new};\n",
	  .drop = "DROP TABLE {name};\n" },
	{ .kind = WB_KIND_VIEW, .create = "{definition};\n", .drop = "DROP VIEW {name};\n" },
	{ .kind = WB_KIND_TRIGGER, .create = "{definition};\n", .drop = "DROP TRIGGER {name};\n" },
};

static const struct wb_ddl_attr attrs[] = {
	{ WB_KIND_COLUMN, "type", "ALTER TABLE {parent} ALTER COLUMN {ident} TYPE[ {new}];\n", NULL },
	{ WB_KIND_COLUMN, "not_null", "ALTER TABLE {parent} ALTER COLUMN {ident} SET NOT NULL;\n",
	  "ALTER TABLE {parent} ALTER COLUMN {ident} DROP NOT NULL;\n" },
	{ WB_KIND_COLUMN, "default", "ALTER TABLE {parent} ALTER COLUMN {ident} SET DEFAULT {new};\n",
	  "ALTER TABLE {parent} ALTER COLUMN {ident} DROP DEFAULT;\n" },
	{ 0 },
};

const struct wb_ddl wb_ddl_sqlite = {
	.engine = "sqlite",
	.dialect = WB_DIALECT_SQLITE,
	.requotes = true, /* after RENAME */
	/* The sqlite3 shell goes on after an error: with COMMIT, or with dropping what could not be copied. */
	.open = ".bail on\nBEGIN;\n",
	/* To drop a table is to delete its rows, and what refers to them, where foreign keys are on. */
	.open_drops = ".bail on\nPRAGMA foreign_keys = OFF;\nBEGIN;\n",
	.close = "COMMIT;\n",
	.any_case = true,
	.concurrently = "",
	.rebuilds = true,
	.kinds = kinds,
	.n_kinds = WB_ARRAY_LEN(kinds),
	.attrs = attrs,
};
