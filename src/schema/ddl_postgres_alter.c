/* SPDX-License-Identifier: Apache-2.0
 *
 * What PostgreSQL changes in place, attribute by attribute, in the order in
 * which the attributes of one object have to change; the texts are explained in
 * ddl.c. What has no line here is dropped and made again.
 */
#include "schema/ddl_postgres.h"

#include "base/banned.h"

#define ALTER_COMMENT(kind, what) \
	{ \
		kind, "comment", "COMMENT ON " what " IS {new'};\n", "COMMENT ON " what " IS NULL;\n" \
	}
#define ALTER_OWNER(kind, what) \
	{ \
		kind, "owner", "ALTER " what " {name} OWNER TO {new};\n", NULL \
	}
#define ALTER_GRANTS(kind) \
	{ kind, "privileges", "[*old REVOKE {*!};\n][*new GRANT {*};\n]", NULL }, \
	{ \
		kind, "revoked", "[*old GRANT {*!};\n][*new REVOKE {*};\n]", NULL \
	}
#define ALTER_SUNDRIES(kind, what) ALTER_COMMENT(kind, what " {name}"), ALTER_OWNER(kind, what), ALTER_GRANTS(kind)
#define ALTER_OPTIONS(kind, what) \
	{ \
		kind, "options", "[?old ALTER " what " RESET ({old#});\n][?new ALTER " what " SET ({new});\n]", NULL \
	}
#define ALTER_ENABLED(kind, what) \
	{ \
		kind, "enabled", "ALTER TABLE {parent} {new} " what " {ident};\n", \
			"ALTER TABLE {parent} ENABLE " what " {ident};\n" \
	}
#define ALTER_CLUSTERED(kind) \
	{ \
		kind, "clustered", "ALTER TABLE {parent} CLUSTER ON {ident};\n", \
			"ALTER TABLE {parent} SET WITHOUT CLUSTER;\n" \
	}
#define ALTER_SEQUENCE(key, set, unset) \
	{ \
		WB_KIND_SEQUENCE, key, "ALTER SEQUENCE {name} " set ";\n", "ALTER SEQUENCE {name} " unset ";\n" \
	}
#define ALTER_TABLE(key, set, unset) \
	{ \
		WB_KIND_TABLE, key, "ALTER TABLE {name} " set ";\n", "ALTER TABLE {name} " unset ";\n" \
	}
#define ALTER_OF(key, set, unset) \
	{ \
		WB_KIND_COLUMN, key, ALTER_COLUMN set ";\n", ALTER_COLUMN unset ";\n" \
	}

/* The default is made anew, since it is not turned along. */
static const char change_type[] =
	"[!of_composite [!identity [!generated ALTER TABLE {parent} ALTER COLUMN {ident} DROP DEFAULT;\n]]"
	"ALTER TABLE {parent} ALTER COLUMN {ident} TYPE {type}[ COLLATE {collation}] USING {ident}::{type};\n"
	"[ALTER TABLE {parent} ALTER COLUMN {ident} SET DEFAULT {default};\n]]"
	"[?of_composite ALTER TYPE {parent} ALTER ATTRIBUTE {ident} TYPE {type}[ COLLATE {collation}];\n]";

const struct wb_ddl_attr wb_ddl_postgres_attrs[] = {
	ALTER_SUNDRIES(WB_KIND_SCHEMA, "SCHEMA"),
	ALTER_COMMENT(WB_KIND_EXTENSION, "EXTENSION {name}"),
	{ WB_KIND_EXTENSION, "version", "ALTER EXTENSION {ident} UPDATE TO {new'};\n", NULL },
	{ WB_KIND_EXTENSION, "installed_in", "ALTER EXTENSION {ident} SET SCHEMA {new};\n", NULL },
	ALTER_SUNDRIES(WB_KIND_COLLATION, "COLLATION"),
	ALTER_SUNDRIES(WB_KIND_ENUM, "TYPE"),
	ALTER_SUNDRIES(WB_KIND_COMPOSITE, "TYPE"),
	ALTER_SUNDRIES(WB_KIND_RANGE, "TYPE"),
	ALTER_SUNDRIES(WB_KIND_DOMAIN, "DOMAIN"),
	{ WB_KIND_DOMAIN, "default", "ALTER DOMAIN {name} SET DEFAULT {new};\n",
	  "ALTER DOMAIN {name} DROP DEFAULT;\n" },
	{ WB_KIND_DOMAIN, "not_null", "ALTER DOMAIN {name} SET NOT NULL;\n", "ALTER DOMAIN {name} DROP NOT NULL;\n" },
	ALTER_SUNDRIES(WB_KIND_SEQUENCE, "SEQUENCE"),
	ALTER_SEQUENCE("type", "AS {new}", "AS bigint"),
	ALTER_SEQUENCE("increment", "INCREMENT BY {new}", "INCREMENT BY 1"),
	ALTER_SEQUENCE("minimum", "MINVALUE {new}", "NO MINVALUE"),
	ALTER_SEQUENCE("maximum", "MAXVALUE {new}", "NO MAXVALUE"),
	ALTER_SEQUENCE("start", "START WITH {new}", "START WITH [{minimum}][!minimum 1]"),
	ALTER_SEQUENCE("cache", "CACHE {new}", "CACHE 1"),
	ALTER_SEQUENCE("cycle", "CYCLE", "NO CYCLE"),
	ALTER_SEQUENCE("owned_by", "OWNED BY {new}", "OWNED BY NONE"),
	ALTER_SEQUENCE("unlogged", "SET UNLOGGED", "SET LOGGED"),
	ALTER_SUNDRIES(WB_KIND_FOREIGN_WRAPPER, "FOREIGN DATA WRAPPER"),
	ALTER_SUNDRIES(WB_KIND_SERVER, "SERVER"),
	{ WB_KIND_SERVER, "version", "ALTER SERVER {ident} VERSION {new'};\n", "ALTER SERVER {ident} VERSION NULL;\n" },
	ALTER_SUNDRIES(WB_KIND_TABLE, "TABLE"),
	ALTER_OPTIONS(WB_KIND_TABLE, "TABLE {name}"),
	ALTER_TABLE("unlogged", "SET UNLOGGED", "SET LOGGED"),
	ALTER_TABLE("tablespace", "SET TABLESPACE {new}", "SET TABLESPACE pg_default"),
	ALTER_TABLE("access_method", "SET ACCESS METHOD {new}", "SET ACCESS METHOD heap"),
	ALTER_TABLE("row_security", "ENABLE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"),
	ALTER_TABLE("force_row_security", "FORCE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"),
	ALTER_TABLE("replica_identity", "REPLICA IDENTITY {new}", "REPLICA IDENTITY DEFAULT"),
	ALTER_SUNDRIES(WB_KIND_FOREIGN_TABLE, "FOREIGN TABLE"),
	/* An identity goes before NOT NULL does, and comes after it. */
	{ WB_KIND_COLUMN, "identity", "", ALTER_COLUMN "DROP IDENTITY;\n" },
	{ WB_KIND_COLUMN, "type", change_type, NULL },
	{ WB_KIND_COLUMN, "collation", change_type, NULL },
	/* Not ONLY: what is inherited changes with it. */
	{ WB_KIND_COLUMN, "default", "ALTER TABLE {parent} ALTER COLUMN {ident} SET DEFAULT {new};\n",
	  "ALTER TABLE {parent} ALTER COLUMN {ident} DROP DEFAULT;\n" },
	{ WB_KIND_COLUMN, "not_null", "ALTER TABLE {parent} ALTER COLUMN {ident} SET NOT NULL;\n",
	  "ALTER TABLE {parent} ALTER COLUMN {ident} DROP NOT NULL;\n" },
	{ WB_KIND_COLUMN, "no_default", ALTER_COLUMN "DROP DEFAULT;\n",
	  "[?default " ALTER_COLUMN "SET DEFAULT {default};\n]" },
	{ WB_KIND_COLUMN, "generated", NULL, "ALTER TABLE {parent} ALTER COLUMN {ident} DROP EXPRESSION;\n" },
	{ WB_KIND_COLUMN, "identity",
	  "[?old " ALTER_COLUMN "SET GENERATED {new};\n]"
	  "[!old " ALTER_COLUMN "ADD GENERATED {new} AS IDENTITY[ ({identity_options})];\n]",
	  "" },
	{ WB_KIND_COLUMN, "identity_options",
	  "[?identity " ALTER_COLUMN "SET INCREMENT BY 1 SET NO MINVALUE SET NO MAXVALUE SET START WITH 1 SET CACHE 1 "
	  "SET NO CYCLE;\n[*new " ALTER_COLUMN "SET {*=};\n]]",
	  NULL },
	ALTER_OF("storage", "SET STORAGE {new}", "SET STORAGE EXTENDED"),
	ALTER_OF("compression", "SET COMPRESSION {new}", "SET COMPRESSION DEFAULT"),
	ALTER_OF("statistics", "SET STATISTICS {new}", "SET STATISTICS -1"),
	{ WB_KIND_COLUMN, "options", "[?old " ALTER_COLUMN "RESET ({old#});\n][?new " ALTER_COLUMN "SET ({new});\n]",
	  NULL },
	ALTER_COMMENT(WB_KIND_COLUMN, "COLUMN {parent}.{ident}"),
	ALTER_GRANTS(WB_KIND_COLUMN),
	ALTER_SUNDRIES(WB_KIND_FUNCTION, "FUNCTION"),
	/* As long as arguments and result, which are attributes of their own, stay as they were. */
	{ WB_KIND_FUNCTION, "definition", "{new};\n", NULL },
	ALTER_SUNDRIES(WB_KIND_PROCEDURE, "PROCEDURE"),
	{ WB_KIND_PROCEDURE, "definition", "{new};\n", NULL },
	ALTER_SUNDRIES(WB_KIND_AGGREGATE, "AGGREGATE"),
	ALTER_SUNDRIES(WB_KIND_OPERATOR, "OPERATOR"),
	ALTER_SUNDRIES(WB_KIND_OPERATOR_FAMILY, "OPERATOR FAMILY"),
	ALTER_SUNDRIES(WB_KIND_OPERATOR_CLASS, "OPERATOR CLASS"),
	ALTER_COMMENT(WB_KIND_CAST, "CAST {name}"),
	ALTER_SUNDRIES(WB_KIND_CONVERSION, "CONVERSION"),
	ALTER_COMMENT(WB_KIND_TS_PARSER, "TEXT SEARCH PARSER {name}"),
	ALTER_COMMENT(WB_KIND_TS_TEMPLATE, "TEXT SEARCH TEMPLATE {name}"),
	ALTER_SUNDRIES(WB_KIND_TS_DICTIONARY, "TEXT SEARCH DICTIONARY"),
	ALTER_SUNDRIES(WB_KIND_TS_CONFIGURATION, "TEXT SEARCH CONFIGURATION"),
	ALTER_COMMENT(WB_KIND_INDEX, "INDEX {name}"),
	ALTER_CLUSTERED(WB_KIND_INDEX),
	{ WB_KIND_INDEX, "tablespace", "ALTER INDEX {name} SET TABLESPACE {new};\n",
	  "ALTER INDEX {name} SET TABLESPACE pg_default;\n" },
	ALTER_COMMENT(WB_KIND_CONSTRAINT, "CONSTRAINT {ident} ON [?of_domain DOMAIN ]{parent}"),
	ALTER_CLUSTERED(WB_KIND_CONSTRAINT),
	ALTER_OPTIONS(WB_KIND_CONSTRAINT, "INDEX {schema}.{ident}"),
	{ WB_KIND_CONSTRAINT, "tablespace", "ALTER INDEX {schema}.{ident} SET TABLESPACE {new};\n",
	  "ALTER INDEX {schema}.{ident} SET TABLESPACE pg_default;\n" },
	{ WB_KIND_CONSTRAINT, "not_valid", NULL,
	  "ALTER [!of_domain TABLE ][?of_domain DOMAIN ]{parent} VALIDATE CONSTRAINT {ident};\n" },
	ALTER_COMMENT(WB_KIND_STATISTICS, "STATISTICS {name}"),
	ALTER_OWNER(WB_KIND_STATISTICS, "STATISTICS"),
	{ WB_KIND_STATISTICS, "target", "ALTER STATISTICS {name} SET STATISTICS {new};\n",
	  "ALTER STATISTICS {name} SET STATISTICS -1;\n" },
	ALTER_SUNDRIES(WB_KIND_VIEW, "VIEW"),
	ALTER_OPTIONS(WB_KIND_VIEW, "VIEW {name}"),
	ALTER_SUNDRIES(WB_KIND_MATERIALIZED_VIEW, "MATERIALIZED VIEW"),
	ALTER_OPTIONS(WB_KIND_MATERIALIZED_VIEW, "MATERIALIZED VIEW {name}"),
	{ WB_KIND_MATERIALIZED_VIEW, "tablespace", "ALTER MATERIALIZED VIEW {name} SET TABLESPACE {new};\n",
	  "ALTER MATERIALIZED VIEW {name} SET TABLESPACE pg_default;\n" },
	{ WB_KIND_MATERIALIZED_VIEW, "no_data", "REFRESH MATERIALIZED VIEW {name} WITH NO DATA;\n",
	  "REFRESH MATERIALIZED VIEW {name};\n" },
	ALTER_COMMENT(WB_KIND_RULE, "RULE {ident} ON {parent}"),
	ALTER_ENABLED(WB_KIND_RULE, "RULE"),
	ALTER_COMMENT(WB_KIND_TRIGGER, "TRIGGER {ident} ON {parent}"),
	ALTER_ENABLED(WB_KIND_TRIGGER, "TRIGGER"),
	ALTER_COMMENT(WB_KIND_POLICY, "POLICY {ident} ON {parent}"),
	ALTER_COMMENT(WB_KIND_PUBLICATION, "PUBLICATION {name}"),
	ALTER_OWNER(WB_KIND_PUBLICATION, "PUBLICATION"),
	{ WB_KIND_PUBLICATION, "publish", "ALTER PUBLICATION {ident} SET (publish = {new'});\n",
	  "ALTER PUBLICATION {ident} SET (publish = 'insert, update, delete, truncate');\n" },
	{ WB_KIND_PUBLICATION, "via_root", "ALTER PUBLICATION {ident} SET (publish_via_partition_root = true);\n",
	  "ALTER PUBLICATION {ident} SET (publish_via_partition_root = false);\n" },
	ALTER_COMMENT(WB_KIND_EVENT_TRIGGER, "EVENT TRIGGER {name}"),
	ALTER_OWNER(WB_KIND_EVENT_TRIGGER, "EVENT TRIGGER"),
	{ WB_KIND_EVENT_TRIGGER, "enabled", "ALTER EVENT TRIGGER {ident} {new};\n",
	  "ALTER EVENT TRIGGER {ident} ENABLE;\n" },
	{ WB_KIND_DEFAULT_PRIVILEGES, "privileges",
	  "[*old " DEFAULT_PRIVILEGES "REVOKE {*!};\n][*new " DEFAULT_PRIVILEGES "GRANT {*};\n]", NULL },
	{ WB_KIND_DEFAULT_PRIVILEGES, "revoked",
	  "[*old " DEFAULT_PRIVILEGES "GRANT {*!};\n][*new " DEFAULT_PRIVILEGES "REVOKE {*};\n]", NULL },
	{ 0 },
};
