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
	{ WB_KIND_TABLE,
	  DEFINED("CREATE TABLE {name} ({parts}\n)[?without_rowid  WITHOUT ROWID[?strict , STRICT]]"
		  "[!without_rowid [?strict  STRICT]];\n"),
	  NULL, "DROP TABLE {name};\n" },
	{ WB_KIND_COLUMN, "ALTER TABLE {parent} ADD COLUMN " COLUMN ";\n", COLUMN,
	  "ALTER TABLE {parent} DROP COLUMN {ident};\n" },
	{ WB_KIND_CONSTRAINT, "ALTER TABLE {parent} ADD " CONSTRAINT ";\n", CONSTRAINT,
	  "ALTER TABLE {parent} DROP CONSTRAINT {name};\n" },
	{ WB_KIND_INDEX, DEFINED("CREATE [?unique UNIQUE ]INDEX {name} ON {parent} ({columns})[ WHERE {where}];\n"),
	  NULL, "DROP INDEX {name};\n" },
	{ WB_KIND_VIRTUAL_TABLE, DEFINED("CREATE VIRTUAL TABLE {name} USING {module}[ ({arguments})];\n"), NULL,
	  "DROP TABLE {name};\n" },
	{ WB_KIND_VIEW, "{definition};\n", NULL, "DROP VIEW {name};\n" },
	{ WB_KIND_TRIGGER, "{definition};\n", NULL, "DROP TRIGGER {name};\n" },
};

static const struct wb_ddl_attr attrs[] = {
	{ WB_KIND_COLUMN, "type", "ALTER TABLE {parent} ALTER COLUMN {ident} TYPE[ {new}];\n", NULL },
	{ WB_KIND_COLUMN, "not_null", "ALTER TABLE {parent} ALTER COLUMN {ident} SET NOT NULL;\n",
	  "ALTER TABLE {parent} ALTER COLUMN {ident} DROP NOT NULL;\n" },
	{ WB_KIND_COLUMN, "default", "ALTER TABLE {parent} ALTER COLUMN {ident} SET DEFAULT {new};\n",
	  "ALTER TABLE {parent} ALTER COLUMN {ident} DROP DEFAULT;\n" },
};

const struct wb_ddl wb_ddl_sqlite = {
	.engine = "sqlite",
	.dialect = WB_DIALECT_SQLITE,
	.kinds = kinds,
	.n_kinds = WB_ARRAY_LEN(kinds),
	.attrs = attrs,
	.n_attrs = WB_ARRAY_LEN(attrs),
};
