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
/* What is taken is taken from what was: before the owner changes, who takes along what the old one had. */
#define ALTER_TAKEN(kind) \
	{ kind, "privileges", "[- REVOKE {*!};\n]", NULL }, \
	{ \
		kind, "revoked", "[- GRANT {*!};\n]", NULL \
	}
#define ALTER_GIVEN(kind) \
	{ kind, "privileges", "[+ GRANT {*};\n]", NULL }, \
	{ \
		kind, "revoked", "[+ REVOKE {*};\n]", NULL \
	}
#define ALTER_OWNED(kind, what) ALTER_TAKEN(kind), ALTER_OWNER(kind, what), ALTER_GIVEN(kind)
#define ALTER_SUNDRIES(kind, what) ALTER_COMMENT(kind, what " {name}"), ALTER_OWNED(kind, what)
#define ALTER_OPTIONS(kind, what) \
	{ \
		kind, "options", "[?old ALTER " what " RESET ({old#});\n][?new ALTER " what " SET ({new});\n]", NULL \
	}
#define COLUMN_GRANTS(kind) \
	{ kind, "privileges", column_grants, NULL }, \
	{ \
		kind, "revoked", column_grants, NULL \
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
#define ALTER_FOREIGN_OPTIONS(kind, key, what) \
	{ \
		kind, key, "ALTER " what " OPTIONS ({option_changes});\n", NULL \
	}
#define ALTER_SEQUENCE(key) \
	{ \
		WB_KIND_SEQUENCE, key, change_sequence, NULL \
	}
#define ALTER_SUBSCRIPTION(key, set, unset) \
	{ \
		WB_KIND_SUBSCRIPTION, key, "ALTER SUBSCRIPTION {ident} SET (" set ");\n", \
			"ALTER SUBSCRIPTION {ident} SET (" unset ");\n" \
	}
#define ALTER_TABLE(key, set, unset) \
	{ \
		WB_KIND_TABLE, key, "ALTER TABLE {name} " set ";\n", "ALTER TABLE {name} " unset ";\n" \
	}
#define ALTER_OF(key, set, unset) \
	{ \
		WB_KIND_COLUMN, key, ALTER_COLUMN set ";\n", ALTER_COLUMN unset ";\n" \
	}

/* The default is made anew, since it is not turned along; storage and compression become the new type's own. */
const char wb_ddl_postgres_change_type[] =
	"[!inherited [!of_composite [!generated [!before.generated [?identity [!before.identity [?before.default "
	"ALTER TABLE {parent} ALTER COLUMN {ident} DROP DEFAULT;\n]]][!identity [?before.default "
	"ALTER TABLE {parent} ALTER COLUMN {ident} DROP DEFAULT;\n]]]]"
	"ALTER TABLE {parent} ALTER COLUMN {ident} TYPE {type}[ COLLATE {collation}]"
	"[!foreign [!generated {conversion}]];\n"
	"]"
	"[?of_composite ALTER TYPE {parent} ALTER ATTRIBUTE {ident} TYPE {type}[ COLLATE {collation}] CASCADE;\n]]"
	"[!of_composite {rest_again}]";

static const char change_sequence[] = "ALTER SEQUENCE {name} AS [{type}][!type bigint] {sequence_settings};\n";
static const char change_identity[] = "[?identity [?before.identity {identity_changes}]]";
static const char column_grants[] = "{column_grants}";
static const char replace_view[] = "CREATE OR REPLACE VIEW {name}[ WITH ({options})] AS\n{definition};\n";

const struct wb_ddl_attr wb_ddl_postgres_attrs[] = {
	{ WB_KIND_SCHEMA, "comment", "COMMENT ON SCHEMA {name} IS {new'};\n",
	  "COMMENT ON SCHEMA {name} IS [?is_public 'standard public schema'][!is_public NULL];\n" },
	ALTER_OWNED(WB_KIND_SCHEMA, "SCHEMA"),
	ALTER_COMMENT(WB_KIND_EXTENSION, "EXTENSION {name}"),
	{ WB_KIND_EXTENSION, "version", "ALTER EXTENSION {ident} UPDATE TO {new'};\n", NULL },
	{ WB_KIND_EXTENSION, "installed_in", "ALTER EXTENSION {ident} SET SCHEMA {new};\n", NULL },
	ALTER_SUNDRIES(WB_KIND_COLLATION, "COLLATION"),
	ALTER_SUNDRIES(WB_KIND_ENUM, "TYPE"),
	{ WB_KIND_ENUM, "values", "{enum_values}", NULL },
	ALTER_SUNDRIES(WB_KIND_COMPOSITE, "TYPE"),
	ALTER_SUNDRIES(WB_KIND_RANGE, "TYPE"),
	ALTER_SUNDRIES(WB_KIND_DOMAIN, "DOMAIN"),
	{ WB_KIND_DOMAIN, "default", "ALTER DOMAIN {name} SET DEFAULT {new};\n",
	  "ALTER DOMAIN {name} DROP DEFAULT;\n" },
	{ WB_KIND_DOMAIN, "not_null", "ALTER DOMAIN {name} SET NOT NULL;\n", "ALTER DOMAIN {name} DROP NOT NULL;\n" },
	ALTER_COMMENT(WB_KIND_SEQUENCE, "SEQUENCE {name}"),
	ALTER_TAKEN(WB_KIND_SEQUENCE),
	/* One that belongs to a column goes to whom its table goes. */
	{ WB_KIND_SEQUENCE, "owner", "[!follows_table ALTER SEQUENCE {name} OWNER TO {new};\n]", NULL },
	ALTER_GIVEN(WB_KIND_SEQUENCE),
	ALTER_SEQUENCE("type"),
	ALTER_SEQUENCE("increment"),
	ALTER_SEQUENCE("minimum"),
	ALTER_SEQUENCE("maximum"),
	ALTER_SEQUENCE("start"),
	ALTER_SEQUENCE("cache"),
	ALTER_SEQUENCE("cycle"),
	{ WB_KIND_SEQUENCE, "unlogged", "ALTER SEQUENCE {name} SET UNLOGGED;\n",
	  "ALTER SEQUENCE {name} SET LOGGED;\n" },
	ALTER_SUNDRIES(WB_KIND_FOREIGN_WRAPPER, "FOREIGN DATA WRAPPER"),
	{ WB_KIND_FOREIGN_WRAPPER, "handler", "ALTER FOREIGN DATA WRAPPER {ident} HANDLER {new};\n",
	  "ALTER FOREIGN DATA WRAPPER {ident} NO HANDLER;\n" },
	{ WB_KIND_FOREIGN_WRAPPER, "validator", "ALTER FOREIGN DATA WRAPPER {ident} VALIDATOR {new};\n",
	  "ALTER FOREIGN DATA WRAPPER {ident} NO VALIDATOR;\n" },
	ALTER_FOREIGN_OPTIONS(WB_KIND_FOREIGN_WRAPPER, "options", "FOREIGN DATA WRAPPER {ident}"),
	ALTER_SUNDRIES(WB_KIND_SERVER, "SERVER"),
	ALTER_FOREIGN_OPTIONS(WB_KIND_SERVER, "options", "SERVER {ident}"),
	ALTER_FOREIGN_OPTIONS(WB_KIND_USER_MAPPING, "options", "USER MAPPING FOR {name} SERVER {parent}"),
	{ WB_KIND_SERVER, "version", "ALTER SERVER {ident} VERSION {new'};\n", "ALTER SERVER {ident} VERSION NULL;\n" },
	ALTER_SUNDRIES(WB_KIND_TABLE, "TABLE"),
	ALTER_TABLE("unlogged", "SET UNLOGGED", "SET LOGGED"),
	ALTER_TABLE("tablespace", "SET TABLESPACE {new}", "SET TABLESPACE pg_default"),
	ALTER_TABLE("access_method", "SET ACCESS METHOD {new}", "SET ACCESS METHOD heap"),
	ALTER_TABLE("row_security", "ENABLE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"),
	ALTER_TABLE("force_row_security", "FORCE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"),
	ALTER_SUNDRIES(WB_KIND_FOREIGN_TABLE, "FOREIGN TABLE"),
	ALTER_FOREIGN_OPTIONS(WB_KIND_FOREIGN_TABLE, "options", "FOREIGN TABLE {name}"),
	/* What is left of before must not stand in the way: the type that follows has a storage of its own. */
	{ WB_KIND_COLUMN, "storage", "", "{storage_changes}" },
	{ WB_KIND_COLUMN, "generated", NULL, "ALTER TABLE {parent} ALTER COLUMN {ident} DROP EXPRESSION;\n" },
	/* An identity goes before NOT NULL does, and comes after it. */
	{ WB_KIND_COLUMN, "identity", "", ALTER_COLUMN "DROP IDENTITY;\n" },
	{ WB_KIND_COLUMN, "type", wb_ddl_postgres_change_type, NULL },
	{ WB_KIND_COLUMN, "collation", wb_ddl_postgres_change_type, NULL },
	{ WB_KIND_COLUMN, "default", "{default_changes}", NULL },
	{ WB_KIND_COLUMN, "not_null", "ALTER TABLE {parent} ALTER COLUMN {ident} SET NOT NULL;\n", "{not_null_drops}" },
	{ WB_KIND_COLUMN, "no_default", ALTER_COLUMN "DROP DEFAULT;\n",
	  "[?default " ALTER_COLUMN "SET DEFAULT {default};\n]" },
	{ WB_KIND_COLUMN, "identity",
	  "[?old " ALTER_COLUMN "SET GENERATED {new};\n]"
	  "[!old " ALTER_COLUMN "ADD GENERATED {new} AS IDENTITY[ ({identity_options})];\n]",
	  "" },
	{ WB_KIND_COLUMN, "identity_options", change_identity, NULL },
	{ WB_KIND_COLUMN, "storage", "{storage_changes}", "" },
	ALTER_OF("compression", "SET COMPRESSION {new}", "SET COMPRESSION DEFAULT"),
	ALTER_OF("statistics", "SET STATISTICS {new}", "SET STATISTICS -1"),
	{ WB_KIND_COLUMN, "options", "[?old " ALTER_COLUMN "RESET ({old#});\n][?new " ALTER_COLUMN "SET ({new});\n]",
	  NULL },
	ALTER_FOREIGN_OPTIONS(WB_KIND_COLUMN, "foreign_options", "FOREIGN TABLE {parent} ALTER COLUMN {ident}"),
	ALTER_COMMENT(WB_KIND_COLUMN, "COLUMN {parent}.{ident}"),
	ALTER_TAKEN(WB_KIND_COLUMN),
	ALTER_GIVEN(WB_KIND_COLUMN),
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
	{ WB_KIND_TS_CONFIGURATION, "mappings",
	  "[- ALTER TEXT SEARCH CONFIGURATION {name} DROP MAPPING FOR {*1};\n]"
	  "[+ ALTER TEXT SEARCH CONFIGURATION {name} ADD MAPPING FOR {*};\n]",
	  NULL },
	ALTER_COMMENT(WB_KIND_INDEX, "INDEX {name}"),
	ALTER_CLUSTERED(WB_KIND_INDEX),
	{ WB_KIND_INDEX, "tablespace", "ALTER INDEX {name} SET TABLESPACE {new};\n",
	  "ALTER INDEX {name} SET TABLESPACE pg_default;\n" },
	ALTER_COMMENT(WB_KIND_CONSTRAINT, "CONSTRAINT {ident} ON [?of_domain DOMAIN ]{parent}"),
	ALTER_CLUSTERED(WB_KIND_CONSTRAINT),
	ALTER_OPTIONS(WB_KIND_CONSTRAINT, "INDEX {schema}.{ident}"),
	{ WB_KIND_CONSTRAINT, "tablespace", "ALTER INDEX {schema}.{ident} SET TABLESPACE {new};\n",
	  "ALTER INDEX {schema}.{ident} SET TABLESPACE pg_default;\n" },
	{ WB_KIND_CONSTRAINT, "deferrable",
	  "ALTER TABLE {parent} ALTER CONSTRAINT {ident} [{new}][!new NOT DEFERRABLE];\n", NULL },
	{ WB_KIND_CONSTRAINT, "not_valid", NULL,
	  "ALTER [!of_domain TABLE ][?of_domain DOMAIN ]{parent} VALIDATE CONSTRAINT {ident};\n" },
	ALTER_COMMENT(WB_KIND_STATISTICS, "STATISTICS {name}"),
	ALTER_OWNER(WB_KIND_STATISTICS, "STATISTICS"),
	{ WB_KIND_STATISTICS, "target", "ALTER STATISTICS {name} SET STATISTICS {new};\n",
	  "ALTER STATISTICS {name} SET STATISTICS -1;\n" },
	ALTER_SUNDRIES(WB_KIND_VIEW, "VIEW"),
	{ WB_KIND_VIEW, "definition", replace_view, NULL },
	{ WB_KIND_VIEW, "columns", replace_view, NULL },
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
	{ WB_KIND_SUBSCRIPTION, "publications",
	  "ALTER SUBSCRIPTION {ident} SET PUBLICATION {new} WITH (refresh = false);\n", NULL },
	ALTER_SUBSCRIPTION("slot_name", "slot_name = {new}", "slot_name = NONE"),
	ALTER_SUBSCRIPTION("synchronous_commit", "synchronous_commit = {new'}", "synchronous_commit = off"),
	ALTER_SUBSCRIPTION("binary", "binary = true", "binary = false"),
	ALTER_SUBSCRIPTION("streaming", "streaming = {new}", "streaming = off"),
	ALTER_SUBSCRIPTION("disable_on_error", "disable_on_error = true", "disable_on_error = false"),
	ALTER_SUBSCRIPTION("origin", "origin = {new}", "origin = any"),
	ALTER_COMMENT(WB_KIND_EVENT_TRIGGER, "EVENT TRIGGER {name}"),
	ALTER_OWNER(WB_KIND_EVENT_TRIGGER, "EVENT TRIGGER"),
	{ WB_KIND_EVENT_TRIGGER, "enabled", "ALTER EVENT TRIGGER {ident} {new};\n",
	  "ALTER EVENT TRIGGER {ident} ENABLE;\n" },
	{ WB_KIND_DEFAULT_PRIVILEGES, "privileges",
	  "[- " DEFAULT_PRIVILEGES "REVOKE {*!};\n][+ " DEFAULT_PRIVILEGES "GRANT {*};\n]", NULL },
	{ WB_KIND_DEFAULT_PRIVILEGES, "revoked",
	  "[- " DEFAULT_PRIVILEGES "GRANT {*!};\n][+ " DEFAULT_PRIVILEGES "REVOKE {*};\n]", NULL },
	{ 0 },
};

/* What would go with something that is dropped. */
const struct wb_ddl_attr wb_ddl_postgres_early[] = {
	{ WB_KIND_SEQUENCE, "owned_by", "[?old ALTER SEQUENCE {name} OWNED BY NONE;\n]", NULL },
	{ 0 },
};

/* What may lead to anything. */
const struct wb_ddl_attr wb_ddl_postgres_late[] = {
	{ WB_KIND_SEQUENCE, "owned_by", "[ALTER SEQUENCE {name} OWNED BY {new};\n]", NULL },
	COLUMN_GRANTS(WB_KIND_TABLE),
	COLUMN_GRANTS(WB_KIND_FOREIGN_TABLE),
	COLUMN_GRANTS(WB_KIND_VIEW),
	COLUMN_GRANTS(WB_KIND_MATERIALIZED_VIEW),
	/* Those of what it keeps aside wait until there is something to keep aside. */
	ALTER_OPTIONS(WB_KIND_TABLE, "TABLE {name}"),
	{ WB_KIND_TABLE, "replica_identity", "ALTER TABLE ONLY {name} REPLICA IDENTITY {new};\n",
	  "ALTER TABLE ONLY {name} REPLICA IDENTITY DEFAULT;\n" },
	{ 0 },
};
