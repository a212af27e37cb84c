/* SPDX-License-Identifier: Apache-2.0
 *
 * How PostgreSQL writes each kind of object; the texts are explained in ddl.c.
 * What the server itself writes in full (functions, indexes, triggers …) is the
 * attribute `definition`. Constraints are statements of their own: keys before
 * the foreign keys that point at them, whatever the order of tables.
 */
#include "schema/ddl_postgres.h"

#include "base/banned.h"

#define COMMENT(what) "[?comment COMMENT ON " what " {name} IS {comment'};\n]"
#define COMMENT_ON_PART(what) "[?comment COMMENT ON " what " {ident} ON {parent} IS {comment'};\n]"
#define GRANTS "[*revoked REVOKE {*};\n][*privileges GRANT {*};\n]"
#define OWNER(what) "[?owner ALTER " what " {name} OWNER TO {owner};\n]"
/* Owner last: to whom it is given, with all that its maker has granted and taken. */
#define SUNDRIES(what) GRANTS COMMENT(what) OWNER(what)

#define COLUMN_TEXT \
	"{ident} {type}[ COLLATE {collation}][ OPTIONS ({foreign_options})][ GENERATED ALWAYS AS {generated}]" \
	"[ DEFAULT {default}][ GENERATED {identity} AS IDENTITY[ ({identity_options})]][?not_null  NOT NULL]"
#define COLUMN_AFTER \
	"[?inherited [?default " ALTER_COLUMN "SET DEFAULT {default};\n]" \
	"[?no_default " ALTER_COLUMN "DROP DEFAULT;\n][?not_null " ALTER_COLUMN "SET NOT NULL;\n]]" \
	"[?storage " ALTER_COLUMN "SET STORAGE {storage};\n]" \
	"[?compression " ALTER_COLUMN "SET COMPRESSION {compression};\n]" \
	"[?statistics " ALTER_COLUMN "SET STATISTICS {statistics};\n]" \
	"[?options " ALTER_COLUMN "SET ({options});\n]" GRANTS \
	"[?comment COMMENT ON COLUMN {parent}.{ident} IS {comment'};\n]"

#define RENAMED(what) "ALTER " what " [{schema}.]{ident} RENAME TO {new};\n" /* {name} may be sql_name, the new one */
#define RENAMED_ON(what) "ALTER " what " {ident} ON {parent} RENAME TO {new};\n"
/* A new partition has the indexes of its whole, under names of the server's choice. */
#define ADOPT \
	"DO $adopt$ DECLARE made regclass; BEGIN\n" \
	"\tSELECT i.inhrelid INTO STRICT made FROM pg_catalog.pg_inherits i\n" \
	"\tJOIN pg_catalog.pg_index x ON x.indexrelid = i.inhrelid\n" \
	"\tWHERE i.inhparent = {attached_to'}::regclass AND x.indrelid = $name${parent}$name$::regclass;\n" \
	"\tIF made IS DISTINCT FROM pg_catalog.to_regclass($name${schema}.{ident}$name$) THEN\n" \
	"\t\tEXECUTE pg_catalog.format('ALTER INDEX %s RENAME TO %s', made, $name${ident}$name$);\n" \
	"\tEND IF;\nEND $adopt$;\n"
#define LOOSEN "[?effective_default " ALTER_COLUMN "DROP DEFAULT;\n]"
#define FASTEN \
	"[!inherited [!identity [!generated {default_changes}]]]" \
	"[?inherited [" ALTER_COLUMN "SET DEFAULT {effective_default};\n]]"

static const struct wb_ddl_kind kinds[] = {
	/* public is there in a new database */
	{ .kind = WB_KIND_SCHEMA,
	  .create = "CREATE SCHEMA IF NOT EXISTS {ident};\n",
	  .after = SUNDRIES("SCHEMA"),
	  .rename = RENAMED("SCHEMA"),
	  .drop = "DROP SCHEMA {ident};\n" },
	{ .kind = WB_KIND_EXTENSION,
	  .create = "CREATE EXTENSION IF NOT EXISTS {ident} WITH SCHEMA {installed_in} VERSION {version'};\n",
	  .after = COMMENT("EXTENSION"),
	  .drop = "DROP EXTENSION {ident};\n" },
	{ .kind = WB_KIND_COLLATION,
	  .create = "CREATE COLLATION {name} (\n\tPROVIDER = {provider}[,\n\tLOCALE = {locale'}]"
		    "[,\n\tLC_COLLATE = {lc_collate'}][,\n\tLC_CTYPE = {lc_ctype'}][,\n\tRULES = {rules'}]"
		    "[?nondeterministic ,\n\tDETERMINISTIC = false]\n);\n",
	  .after = SUNDRIES("COLLATION"),
	  .rename = RENAMED("COLLATION"),
	  .drop = "DROP COLLATION {name};\n" },
	{ .kind = WB_KIND_ENUM,
	  .create = "CREATE TYPE {name} AS ENUM ([{values}]);\n",
	  .after = SUNDRIES("TYPE"),
	  .rename = RENAMED("TYPE"),
	  .drop = "DROP TYPE {name};\n" },
	{ .kind = WB_KIND_COMPOSITE,
	  .create = "CREATE TYPE {name} AS ({parts}\n);\n",
	  .after = SUNDRIES("TYPE"),
	  .rename = RENAMED("TYPE"),
	  .drop = "DROP TYPE {name};\n" },
	{ .kind = WB_KIND_RANGE,
	  .create = "CREATE TYPE {name} AS RANGE (\n\tSUBTYPE = {subtype}[,\n\tSUBTYPE_OPCLASS = {subtype_opclass}]"
		    "[,\n\tCOLLATION = {collation}][,\n\tCANONICAL = {canonical}][,\n\tSUBTYPE_DIFF = {subtype_diff}]"
		    "[,\n\tMULTIRANGE_TYPE_NAME = {multirange}]\n);\n",
	  .after = SUNDRIES("TYPE"),
	  .rename = RENAMED("TYPE"),
	  .drop = "DROP TYPE {name};\n" },
	{ .kind = WB_KIND_DOMAIN,
	  .create = "CREATE DOMAIN {name} AS {type}[ COLLATE {collation}][ DEFAULT {default}][?not_null  NOT NULL];\n",
	  .after = SUNDRIES("DOMAIN"),
	  .rename = RENAMED("DOMAIN"),
	  .drop = "DROP DOMAIN {name};\n" },
	{ .kind = WB_KIND_SEQUENCE,
	  .create = "CREATE [?unlogged UNLOGGED ]SEQUENCE {name}[ AS {type}][ START WITH {start}]"
		    "[ INCREMENT BY {increment}][ MINVALUE {minimum}][ MAXVALUE {maximum}][ CACHE {cache}]"
		    "[?cycle  CYCLE];\n",
	  .after = SUNDRIES("SEQUENCE"),
	  .late = "[?owned_by ALTER SEQUENCE {name} OWNED BY {owned_by};\n]",
	  /* With its column it may be gone already. */
	  .rename = RENAMED("SEQUENCE"),
	  .drop = "DROP SEQUENCE [?owned_by IF EXISTS ]{name};\n" },
	{ .kind = WB_KIND_FOREIGN_WRAPPER,
	  .create = "CREATE FOREIGN DATA WRAPPER {ident}[ HANDLER {handler}][ VALIDATOR {validator}]"
		    "[ OPTIONS ({options})];\n",
	  .after = SUNDRIES("FOREIGN DATA WRAPPER"),
	  .rename = RENAMED("FOREIGN DATA WRAPPER"),
	  .drop = "DROP FOREIGN DATA WRAPPER {ident};\n" },
	{ .kind = WB_KIND_SERVER,
	  .create = "CREATE SERVER {ident}[ TYPE {type'}][ VERSION {version'}] FOREIGN DATA WRAPPER {wrapper}"
		    "[ OPTIONS ({options})];\n",
	  .after = SUNDRIES("SERVER"),
	  .rename = RENAMED("SERVER"),
	  .drop = "DROP SERVER {ident};\n" },
	{ .kind = WB_KIND_USER_MAPPING,
	  .create = "CREATE USER MAPPING FOR {name} SERVER {parent}[ OPTIONS ({options})];\n",
	  .drop = "DROP USER MAPPING FOR {name} SERVER {parent};\n" },
	{ .kind = WB_KIND_TABLE,
	  .create = "CREATE [?unlogged UNLOGGED ]TABLE {name}[ OF {of_type}][?partition_of  PARTITION OF "
		    "{partition_of}\n\t{bound}][!partition_of [!of_type  ({parts}\n)]][\nINHERITS ({inherits})]"
		    "[\nPARTITION BY {partition_by}][\nUSING {access_method}][\nWITH ({options})]"
		    "[\nTABLESPACE {tablespace}];\n",
	  .after = "[?row_security ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;\n]"
		   "[?force_row_security ALTER TABLE ONLY {name} FORCE ROW LEVEL SECURITY;\n]" SUNDRIES("TABLE"),
	  .late = "[?replica_identity ALTER TABLE ONLY {name} REPLICA IDENTITY {replica_identity};\n]",
	  .rename = RENAMED("TABLE"),
	  .drop = "DROP TABLE {name};\n" },
	{ .kind = WB_KIND_FOREIGN_TABLE,
	  .create = "CREATE FOREIGN TABLE {name}[?partition_of  PARTITION OF {partition_of}\n\t{bound}]"
		    "[!partition_of  ({parts}\n)][\nINHERITS ({inherits})]\nSERVER {server}"
		    "[\nOPTIONS ({options})];\n",
	  .after = SUNDRIES("FOREIGN TABLE"),
	  .rename = RENAMED("FOREIGN TABLE"),
	  .drop = "DROP FOREIGN TABLE {name};\n" },
	{ .kind = WB_KIND_COLUMN,
	  .create = "[!inherited ALTER [?of_composite TYPE {parent} ADD ATTRIBUTE]"
		    "[!of_composite TABLE {parent} ADD COLUMN] " COLUMN_TEXT "[?of_composite  CASCADE];\n"
		    /* Not ONLY: those that inherit it have the same. */
		    "[ALTER TABLE {parent} ALTER COLUMN {ident} SET STORAGE {storage};\n]]",
	  .inside = "[!inherited " COLUMN_TEXT "][?inherited [{ident} {local}[ DEFAULT {default}]]]",
	  .after = COLUMN_AFTER,
	  .rename = "[!of_composite ALTER TABLE {parent} RENAME COLUMN {ident} TO {new};\n]"
		    "[?of_composite ALTER TYPE {parent} RENAME ATTRIBUTE {ident} TO {new};\n]",
	  .drop = "[!inherited ALTER [?of_composite TYPE {parent} DROP ATTRIBUTE]"
		  "[!of_composite TABLE {parent} DROP COLUMN] {ident}[?of_composite  CASCADE];\n]"
		  "[?of_view [?default " ALTER_COLUMN "DROP DEFAULT;\n][?statistics " ALTER_COLUMN
		  "SET STATISTICS -1;\n][*privileges REVOKE {*!};\n][*revoked GRANT {*!};\n]"
		  "[?comment COMMENT ON COLUMN {parent}.{ident} IS NULL;\n]]" },
	{ .kind = WB_KIND_FUNCTION,
	  .create = "{definition};\n",
	  .after = SUNDRIES("FUNCTION"),
	  .drop = "DROP FUNCTION {name};\n" },
	{ .kind = WB_KIND_PROCEDURE,
	  .create = "{definition};\n",
	  .after = SUNDRIES("PROCEDURE"),
	  .drop = "DROP PROCEDURE {name};\n" },
	{ .kind = WB_KIND_AGGREGATE,
	  .create = "CREATE AGGREGATE {name} (\n\t{definition}\n);\n",
	  .after = SUNDRIES("AGGREGATE"),
	  .drop = "DROP AGGREGATE {name};\n" },
	{ .kind = WB_KIND_OPERATOR,
	  .create = "CREATE OPERATOR {operator} (\n\t{definition}\n);\n",
	  .after = SUNDRIES("OPERATOR"),
	  .drop = "DROP OPERATOR {name};\n" },
	{ .kind = WB_KIND_OPERATOR_FAMILY,
	  .create = "CREATE OPERATOR FAMILY {name};\n",
	  .after = "[*items ALTER OPERATOR FAMILY {name} ADD {*};\n]" SUNDRIES("OPERATOR FAMILY"),
	  .drop = "DROP OPERATOR FAMILY {name};\n" },
	{ .kind = WB_KIND_OPERATOR_CLASS,
	  .create = "CREATE OPERATOR CLASS {head} AS\n\t{items};\n",
	  .after = SUNDRIES("OPERATOR CLASS"),
	  .drop = "DROP OPERATOR CLASS {name};\n" },
	{ .kind = WB_KIND_CAST,
	  .create = "CREATE CAST {name} {definition};\n",
	  .after = COMMENT("CAST"),
	  .drop = "DROP CAST {name};\n" },
	{ .kind = WB_KIND_CONVERSION,
	  .create = "CREATE [?default DEFAULT ]CONVERSION {name} FOR {source'} TO {target'} FROM {function};\n",
	  .after = SUNDRIES("CONVERSION"),
	  .rename = RENAMED("CONVERSION"),
	  .drop = "DROP CONVERSION {name};\n" },
	{ .kind = WB_KIND_TS_PARSER,
	  .create = "CREATE TEXT SEARCH PARSER {name} ({definition});\n",
	  .after = COMMENT("TEXT SEARCH PARSER"),
	  .drop = "DROP TEXT SEARCH PARSER {name};\n" },
	{ .kind = WB_KIND_TS_TEMPLATE,
	  .create = "CREATE TEXT SEARCH TEMPLATE {name} ({definition});\n",
	  .after = COMMENT("TEXT SEARCH TEMPLATE"),
	  .drop = "DROP TEXT SEARCH TEMPLATE {name};\n" },
	{ .kind = WB_KIND_TS_DICTIONARY,
	  .create = "CREATE TEXT SEARCH DICTIONARY {name} (TEMPLATE = {template}[, {options}]);\n",
	  .after = SUNDRIES("TEXT SEARCH DICTIONARY"),
	  .rename = RENAMED("TEXT SEARCH DICTIONARY"),
	  .drop = "DROP TEXT SEARCH DICTIONARY {name};\n" },
	{ .kind = WB_KIND_TS_CONFIGURATION,
	  .create = "CREATE TEXT SEARCH CONFIGURATION {name} (PARSER = {parser});\n"
		    "[*mappings ALTER TEXT SEARCH CONFIGURATION {name} ADD MAPPING FOR {*};\n]",
	  .after = SUNDRIES("TEXT SEARCH CONFIGURATION"),
	  .rename = RENAMED("TEXT SEARCH CONFIGURATION"),
	  .drop = "DROP TEXT SEARCH CONFIGURATION {name};\n" },
	{ .kind = WB_KIND_INDEX,
	  .create = "{definition};\n",
	  .after = "[?tablespace ALTER INDEX {name} SET TABLESPACE {tablespace};\n][*statistics ALTER INDEX {name} "
		   "ALTER {*};\n][?attached_to ALTER INDEX {attached_to} ATTACH PARTITION {name};\n]"
		   "[?clustered ALTER TABLE {parent} CLUSTER ON {ident};\n]" COMMENT("INDEX"),
	  .rename = RENAMED("INDEX"),
	  .adopt = ADOPT,
	  .drop = "DROP INDEX {name};\n" },
	{ .kind = WB_KIND_CONSTRAINT,
	  .create = "ALTER [!of_domain TABLE [?partitioned ONLY ]][?of_domain DOMAIN ]{parent} ADD CONSTRAINT {ident} "
		    "{definition}[ {deferrable}][?not_valid  NOT VALID];\n",
	  .after = "[?options ALTER INDEX {schema}.{ident} SET ({options});\n]"
		   "[?tablespace ALTER INDEX {schema}.{ident} SET TABLESPACE {tablespace};\n]"
		   "[?attached_to ALTER INDEX {attached_to} ATTACH PARTITION {schema}.{ident};\n]"
		   "[?clustered ALTER TABLE {parent} CLUSTER ON {ident};\n]"
		   "[?comment COMMENT ON CONSTRAINT {ident} ON [?of_domain DOMAIN ]{parent} IS {comment'};\n]",
	  .rename = "ALTER [!of_domain TABLE ][?of_domain DOMAIN ]{parent} RENAME CONSTRAINT {ident} TO {new};\n",
	  .adopt = ADOPT,
	  .drop = "ALTER [!of_domain TABLE ][?of_domain DOMAIN ]{parent} DROP CONSTRAINT {ident};\n" },
	{ .kind = WB_KIND_STATISTICS,
	  .create = "{definition};\n",
	  .after = "[?target ALTER STATISTICS {name} SET STATISTICS {target};\n]" OWNER("STATISTICS")
		  COMMENT("STATISTICS"),
	  .rename = RENAMED("STATISTICS"),
	  .drop = "DROP STATISTICS {name};\n" },
	{ .kind = WB_KIND_VIEW,
	  .create = "CREATE VIEW {name}[ WITH ({options})] AS\n{definition};\n",
	  .after = SUNDRIES("VIEW"),
	  .rename = RENAMED("VIEW"),
	  .drop = "DROP VIEW {name};\n" },
	{ .kind = WB_KIND_MATERIALIZED_VIEW,
	  .create = "CREATE MATERIALIZED VIEW {name}[\nUSING {access_method}][\nWITH ({options})]"
		    "[\nTABLESPACE {tablespace}] AS\n{definition}[?no_data \nWITH NO DATA];\n",
	  .after = SUNDRIES("MATERIALIZED VIEW"),
	  .rename = RENAMED("MATERIALIZED VIEW"),
	  .drop = "DROP MATERIALIZED VIEW {name};\n" },
	{ .kind = WB_KIND_RULE,
	  .create = "{definition};\n",
	  .after = "[?enabled ALTER TABLE {parent} {enabled} RULE {ident};\n]" COMMENT_ON_PART("RULE"),
	  .rename = RENAMED_ON("RULE"),
	  .drop = "DROP RULE {ident} ON {parent};\n" },
	{ .kind = WB_KIND_TRIGGER,
	  .create = "[{definition};\n]",
	  .after = "[?enabled ALTER TABLE {parent} {enabled} TRIGGER {ident};\n]" COMMENT_ON_PART("TRIGGER"),
	  .rename = RENAMED_ON("TRIGGER"),
	  .drop = "[!inherited DROP TRIGGER {ident} ON {parent};\n]" },
	{ .kind = WB_KIND_POLICY,
	  .create = "CREATE POLICY {ident} ON {parent}[?restrictive  AS RESTRICTIVE][ FOR {command}][ TO {roles}]"
		    "[ USING ({using})][ WITH CHECK ({check})];\n",
	  .after = COMMENT_ON_PART("POLICY"),
	  .rename = RENAMED_ON("POLICY"),
	  .drop = "DROP POLICY {ident} ON {parent};\n" },
	{ .kind = WB_KIND_PUBLICATION,
	  .create = "CREATE PUBLICATION {ident}[?all_tables  FOR ALL TABLES]"
		    "[?publish  WITH (publish = {publish'}[?via_root , publish_via_partition_root = true])]"
		    "[!publish [?via_root  WITH (publish_via_partition_root = true)]];\n",
	  .after = "[*tables ALTER PUBLICATION {ident} ADD TABLE {*};\n]"
		   "[*schemas ALTER PUBLICATION {ident} ADD TABLES IN SCHEMA {*};\n]" SUNDRIES("PUBLICATION"),
	  .rename = RENAMED("PUBLICATION"),
	  .drop = "DROP PUBLICATION {ident};\n" },
	/* Where it leads to is not known to everybody, and may hold a password: to be given before it is enabled. */
	{ .kind = WB_KIND_SUBSCRIPTION,
	  .create = "CREATE SUBSCRIPTION {ident} CONNECTION '' PUBLICATION {publications} WITH (connect = false, "
		    "slot_name = "
		    "[{slot_name}][!slot_name NONE][, synchronous_commit = {synchronous_commit'}][, binary = {binary}]"
		    "[, streaming = {streaming}][, two_phase = {two_phase}][, disable_on_error = {disable_on_error}]"
		    "[, origin = {origin}]);\n",
	  .rename = RENAMED("SUBSCRIPTION"),
	  .drop = "ALTER SUBSCRIPTION {ident} SET (slot_name = NONE);\nDROP SUBSCRIPTION {ident};\n" },
	{ .kind = WB_KIND_EVENT_TRIGGER,
	  .create = "CREATE EVENT TRIGGER {ident} ON {event}[ WHEN TAG IN ({tags})] EXECUTE FUNCTION {function}();\n",
	  .after =
		  "[?enabled ALTER EVENT TRIGGER {ident} {enabled};\n]" OWNER("EVENT TRIGGER") COMMENT("EVENT TRIGGER"),
	  .rename = RENAMED("EVENT TRIGGER"),
	  .drop = "DROP EVENT TRIGGER {ident};\n" },
	{ .kind = WB_KIND_DEFAULT_PRIVILEGES,
	  .create = "[*revoked " DEFAULT_PRIVILEGES "REVOKE {*};\n][*privileges " DEFAULT_PRIVILEGES "GRANT {*};\n]",
	  .drop = "[*privileges " DEFAULT_PRIVILEGES "REVOKE {*!};\n][*revoked " DEFAULT_PRIVILEGES "GRANT {*!};\n]" },
};

const struct wb_ddl wb_ddl_postgres = {
	.engine = "postgresql",
	.dialect = WB_DIALECT_POSTGRES,
	/* Bodies may name what comes later, and every name is written in full. */
	.begin = "SET check_function_bodies = off;\nSET search_path = '';\n",
	.open = "BEGIN;\n",
	.open_drops = "BEGIN;\n",
	.close = "COMMIT;\n",
	.kinds = kinds,
	.n_kinds = WB_ARRAY_LEN(kinds),
	.attrs = wb_ddl_postgres_attrs,
	.concurrently = " CONCURRENTLY",
	.settle = wb_ddl_postgres_settle,
	.settled = "{column_grants}",
	.early = wb_ddl_postgres_early,
	.late = wb_ddl_postgres_late,
	.hole = wb_ddl_postgres_hole,
	.can_alter = wb_ddl_postgres_can_alter,
	.loses_values = wb_ddl_postgres_loses_values,
	.loosen = LOOSEN,
	.loosen_type = LOOSEN "[!inherited ALTER TABLE {parent} ALTER COLUMN {ident} TYPE {loose_type}[!foreign  USING "
			      "{ident}::{loose_type}];\n]",
	.fasten = FASTEN,
	.fasten_type = wb_ddl_postgres_change_type,
	.restate = "[ALTER TABLE {name} SET ({toast_options});\n]",
	.stage = wb_schema_stage,
	.detach = "[ALTER TABLE {partition_of} DETACH PARTITION {name};\n][%inherits ALTER TABLE {name} NO INHERIT "
		  "{*};\n]"
		  "[?of_type ALTER TABLE {name} NOT OF;\n]",
	.attach =
		"[ALTER TABLE {partition_of} ATTACH PARTITION {name} {bound};\n][%inherits ALTER TABLE {name} INHERIT "
		"{*};\n][ALTER TABLE {name} OF {of_type};\n]",
	.column_of = wb_stage_column,
};
