/* SPDX-License-Identifier: Apache-2.0
 *
 * How SQLite writes each kind of object; the texts are explained in ddl.c.
 */
#include "schema/schema.h"

#include "base/banned.h"

static const struct wb_ddl_kind kinds[] = {
	{ .kind = WB_KIND_TABLE, .create = "CREATE TABLE {name} ({parts}\n);\n", .drop = "DROP TABLE {name};\n" },
	{ .kind = WB_KIND_COLUMN,
	  .create = "ALTER TABLE {parent} ADD COLUMN {ident} {type};\n",
	  .inside = "{ident} {type}[?not_null  NOT NULL]",
	  .drop = "ALTER TABLE {parent} DROP COLUMN {ident};\n" },
};

static const struct wb_ddl_attr attrs[] = {
	{ WB_KIND_COLUMN, "default", "ALTER TABLE {parent} ALTER COLUMN {ident} SET DEFAULT {new};\n",
	  "ALTER TABLE {parent} ALTER COLUMN {ident} DROP DEFAULT;\n" },
};

const struct wb_ddl wb_ddl_sqlite = {
	.engine = "sqlite",
	.dialect = WB_DIALECT_SQLITE,
	.rebuilds = true,
	.kinds = kinds,
	.n_kinds = WB_ARRAY_LEN(kinds),
	.attrs = attrs,
	.n_attrs = WB_ARRAY_LEN(attrs),
};
