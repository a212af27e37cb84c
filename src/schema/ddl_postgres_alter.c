/* SPDX-License-Identifier: Apache-2.0
 *
 * What PostgreSQL changes in place, attribute by attribute; the texts are
 * explained in ddl.c. What has no line here is dropped and made again.
 */
#include "schema/ddl_postgres.h"

#include "base/banned.h"

/* An attribute of a kind; what is said when it has a value, and when it has none any more. */
#define ON(id, key, ...) \
	{ \
		WB_KIND_##id, key, __VA_ARGS__ \
	}

#define PRIVILEGES(id) \
	ON(id, "privileges", "[*old REVOKE {against};\n][*new GRANT {*};\n]", "[*old REVOKE {against};\n]"), \
		ON(id, "revoked", "[*old GRANT {against};\n][*new REVOKE {*};\n]", "[*old GRANT {against};\n]")
#define SUNDRIES(id, what) \
	ON(id, "comment", "COMMENT ON " what " {name} IS {new'};\n", "COMMENT ON " what " {name} IS NULL;\n"), \
		ON(id, "owner", "ALTER " what " {name} OWNER TO {new};\n", ""), PRIVILEGES(id)
#define PART_COMMENT(id, what) \
	ON(id, "comment", "COMMENT ON " what " {ident} ON {parent} IS {new'};\n", \
	   "COMMENT ON " what " {ident} ON {parent} IS NULL;\n")
#define SETTINGS(id, what) \
	ON(id, "options", "[?old ALTER " what " {name} RESET ({old_keys});\n]ALTER " what " {name} SET ({new});\n", \
	   "ALTER " what " {name} RESET ({old_keys});\n")

#define ALTER_COLUMN "ALTER TABLE ONLY {parent} ALTER COLUMN {ident} "
/* A default is not turned along; its type must fit before and after. */
static const char change_type[] =
	"[!identity [!generated " ALTER_COLUMN "DROP DEFAULT;\n]]" ALTER_COLUMN
	"TYPE {type}[ COLLATE {collation}] USING {ident}::{type};\n[" ALTER_COLUMN "SET DEFAULT {default};\n]";
#define ALTER_SEQUENCE "ALTER SEQUENCE {name} "

const struct wb_ddl_attr wb_ddl_postgres_attrs[] = {
	SUNDRIES(SCHEMA, "SCHEMA"),
	ON(EXTENSION, "version", "ALTER EXTENSION {ident} UPDATE TO {new'};\n", ""),
	ON(EXTENSION, "installed_in", "ALTER EXTENSION {ident} SET SCHEMA {new};\n", ""),
	ON(EXTENSION, "comment", "COMMENT ON EXTENSION {ident} IS {new'};\n",
	   "COMMENT ON EXTENSION {ident} IS NULL;\n"),
	SUNDRIES(ENUM, "TYPE"),
	SUNDRIES(COMPOSITE, "TYPE"),
	SUNDRIES(RANGE, "TYPE"),
	SUNDRIES(DOMAIN, "DOMAIN"),
	ON(DOMAIN, "default", "ALTER DOMAIN {name} SET DEFAULT {new};\n", "ALTER DOMAIN {name} DROP DEFAULT;\n"),
	ON(DOMAIN, "not_null", "ALTER DOMAIN {name} SET NOT NULL;\n", "ALTER DOMAIN {name} DROP NOT NULL;\n"),
	SUNDRIES(SEQUENCE, "SEQUENCE"),
	ON(SEQUENCE, "type", ALTER_SEQUENCE "AS {new};\n", ALTER_SEQUENCE "AS bigint;\n"),
	ON(SEQUENCE, "start", ALTER_SEQUENCE "START WITH {new};\n", ALTER_SEQUENCE "START WITH 1;\n"),
	ON(SEQUENCE, "increment", ALTER_SEQUENCE "INCREMENT BY {new};\n", ALTER_SEQUENCE "INCREMENT BY 1;\n"),
	ON(SEQUENCE, "minimum", ALTER_SEQUENCE "MINVALUE {new};\n", ALTER_SEQUENCE "NO MINVALUE;\n"),
	ON(SEQUENCE, "maximum", ALTER_SEQUENCE "MAXVALUE {new};\n", ALTER_SEQUENCE "NO MAXVALUE;\n"),
	ON(SEQUENCE, "cache", ALTER_SEQUENCE "CACHE {new};\n", ALTER_SEQUENCE "CACHE 1;\n"),
	ON(SEQUENCE, "cycle", ALTER_SEQUENCE "CYCLE;\n", ALTER_SEQUENCE "NO CYCLE;\n"),
	ON(SEQUENCE, "owned_by", ALTER_SEQUENCE "OWNED BY {new};\n", ALTER_SEQUENCE "OWNED BY NONE;\n"),
	SUNDRIES(TABLE, "TABLE"),
	SETTINGS(TABLE, "TABLE"),
	ON(TABLE, "unlogged", "ALTER TABLE {name} SET UNLOGGED;\n", "ALTER TABLE {name} SET LOGGED;\n"),
	ON(TABLE, "row_security", "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;\n",
	   "ALTER TABLE {name} DISABLE ROW LEVEL SECURITY;\n"),
	ON(TABLE, "force_row_security", "ALTER TABLE ONLY {name} FORCE ROW LEVEL SECURITY;\n",
	   "ALTER TABLE ONLY {name} NO FORCE ROW LEVEL SECURITY;\n"),
	ON(TABLE, "replica_identity", "ALTER TABLE ONLY {name} REPLICA IDENTITY {new};\n",
	   "ALTER TABLE ONLY {name} REPLICA IDENTITY DEFAULT;\n"),
	ON(TABLE, "tablespace", "ALTER TABLE {name} SET TABLESPACE {new};\n",
	   "ALTER TABLE {name} SET TABLESPACE pg_default;\n"),
	SUNDRIES(FOREIGN_TABLE, "FOREIGN TABLE"),
	/* It goes before NOT NULL does, and comes after it. */
	ON(COLUMN, "identity", "", ALTER_COLUMN "DROP IDENTITY;\n"),
	ON(COLUMN, "type", change_type, NULL),
	ON(COLUMN, "collation", change_type, change_type),
	ON(COLUMN, "default", ALTER_COLUMN "SET DEFAULT {new};\n", ALTER_COLUMN "DROP DEFAULT;\n"),
	ON(COLUMN, "not_null", ALTER_COLUMN "SET NOT NULL;\n", ALTER_COLUMN "DROP NOT NULL;\n"),
	ON(COLUMN, "identity",
	   "[?old " ALTER_COLUMN "SET GENERATED {new};\n]"
	   "[!old " ALTER_COLUMN "ADD GENERATED {new} AS IDENTITY[ ({identity_options})];\n]",
	   ""),
	ON(COLUMN, "storage", ALTER_COLUMN "SET STORAGE {new};\n", ALTER_COLUMN "SET STORAGE DEFAULT;\n"),
	ON(COLUMN, "compression", ALTER_COLUMN "SET COMPRESSION {new};\n", ALTER_COLUMN "SET COMPRESSION default;\n"),
	ON(COLUMN, "statistics", ALTER_COLUMN "SET STATISTICS {new};\n", ALTER_COLUMN "SET STATISTICS -1;\n"),
	ON(COLUMN, "options", "[?old " ALTER_COLUMN "RESET ({old_keys});\n]" ALTER_COLUMN "SET ({new});\n",
	   ALTER_COLUMN "RESET ({old_keys});\n"),
	ON(COLUMN, "comment", "COMMENT ON COLUMN {parent}.{ident} IS {new'};\n",
	   "COMMENT ON COLUMN {parent}.{ident} IS NULL;\n"),
	PRIVILEGES(COLUMN),
	/* The text begins with CREATE OR REPLACE. */
	ON(FUNCTION, "definition", "{new};\n", ""),
	SUNDRIES(FUNCTION, "FUNCTION"),
	ON(PROCEDURE, "definition", "{new};\n", ""),
	SUNDRIES(PROCEDURE, "PROCEDURE"),
	SUNDRIES(AGGREGATE, "AGGREGATE"),
	ON(CONSTRAINT, "not_valid", "", "ALTER TABLE {parent} VALIDATE CONSTRAINT {ident};\n"),
	ON(CONSTRAINT, "comment", "COMMENT ON CONSTRAINT {ident} ON [?of_domain DOMAIN ]{parent} IS {new'};\n",
	   "COMMENT ON CONSTRAINT {ident} ON [?of_domain DOMAIN ]{parent} IS NULL;\n"),
	ON(INDEX, "comment", "COMMENT ON INDEX {name} IS {new'};\n", "COMMENT ON INDEX {name} IS NULL;\n"),
	SUNDRIES(VIEW, "VIEW"),
	SETTINGS(VIEW, "VIEW"),
	SUNDRIES(MATERIALIZED_VIEW, "MATERIALIZED VIEW"),
	SETTINGS(MATERIALIZED_VIEW, "MATERIALIZED VIEW"),
	ON(TRIGGER, "enabled", "ALTER TABLE {parent} {new} TRIGGER {ident};\n",
	   "ALTER TABLE {parent} ENABLE TRIGGER {ident};\n"),
	PART_COMMENT(TRIGGER, "TRIGGER"),
	ON(RULE, "enabled", "ALTER TABLE {parent} {new} RULE {ident};\n",
	   "ALTER TABLE {parent} ENABLE RULE {ident};\n"),
	PART_COMMENT(RULE, "RULE"),
	PART_COMMENT(POLICY, "POLICY"),
	{ 0 },
};
