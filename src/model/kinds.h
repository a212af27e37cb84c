/* SPDX-License-Identifier: Apache-2.0
 *
 * The kinds of objects a schema consists of, for all engines: one line each, in
 * the order in which they are shown and, where nothing else tells, created.
 * X(ENUM, name, plural, flags)
 */
#ifndef WB_MODEL_KINDS_H
#define WB_MODEL_KINDS_H

#include <stdbool.h>

enum wb_kind_flags {
	WB_KIND_PART = 1, /* belongs to its parent and is dropped with it */
	WB_KIND_DATA = 2, /* holds rows: dropping it loses them */
	WB_KIND_CODE = 4 /* its body is text that the engine need not understand when it is made */
};

#define WB_KIND_MAP(X) \
	X(SCHEMA, "schema", "schemas", 0) \
	X(EXTENSION, "extension", "extensions", 0) \
	X(COLLATION, "collation", "collations", 0) \
	X(ENUM, "enum", "enums", 0) \
	X(COMPOSITE, "composite type", "composite types", 0) \
	X(RANGE, "range type", "range types", 0) \
	X(DOMAIN, "domain", "domains", 0) \
	X(SEQUENCE, "sequence", "sequences", 0) \
	X(FOREIGN_WRAPPER, "foreign data wrapper", "foreign data wrappers", 0) \
	X(SERVER, "server", "servers", 0) \
	X(USER_MAPPING, "user mapping", "user mappings", 0) \
	X(TABLE, "table", "tables", WB_KIND_DATA) \
	X(FOREIGN_TABLE, "foreign table", "foreign tables", 0) \
	X(VIRTUAL_TABLE, "virtual table", "virtual tables", WB_KIND_DATA) \
	X(COLUMN, "column", "columns", WB_KIND_PART | WB_KIND_DATA) \
	X(FUNCTION, "function", "functions", WB_KIND_CODE) \
	X(PROCEDURE, "procedure", "procedures", WB_KIND_CODE) \
	X(AGGREGATE, "aggregate", "aggregates", 0) \
	X(OPERATOR, "operator", "operators", 0) \
	X(OPERATOR_FAMILY, "operator family", "operator families", 0) \
	X(OPERATOR_CLASS, "operator class", "operator classes", 0) \
	X(CAST, "cast", "casts", 0) \
	X(CONVERSION, "conversion", "conversions", 0) \
	X(TS_PARSER, "text search parser", "text search parsers", 0) \
	X(TS_TEMPLATE, "text search template", "text search templates", 0) \
	X(TS_DICTIONARY, "text search dictionary", "text search dictionaries", 0) \
	X(TS_CONFIGURATION, "text search configuration", "text search configurations", 0) \
	X(CONSTRAINT, "constraint", "constraints", WB_KIND_PART) \
	X(INDEX, "index", "indexes", WB_KIND_PART) \
	X(STATISTICS, "statistics", "statistics", 0) \
	X(VIEW, "view", "views", 0) \
	X(MATERIALIZED_VIEW, "materialized view", "materialized views", 0) \
	X(RULE, "rule", "rules", WB_KIND_PART) \
	X(TRIGGER, "trigger", "triggers", WB_KIND_PART) \
	X(POLICY, "policy", "policies", WB_KIND_PART) \
	X(PUBLICATION, "publication", "publications", 0) \
	X(SUBSCRIPTION, "subscription", "subscriptions", 0) \
	X(HYPERTABLE, "hypertable", "hypertables", WB_KIND_PART) \
	X(CONTINUOUS_AGGREGATE, "continuous aggregate", "continuous aggregates", 0) \
	X(EVENT_TRIGGER, "event trigger", "event triggers", 0) \
	X(DEFAULT_PRIVILEGES, "default privileges", "default privileges", 0)

enum wb_kind {
#define X(id, name, plural, flags) WB_KIND_##id,
	WB_KIND_MAP(X)
#undef X
		WB_KIND_COUNT
};

const char *wb_kind_name(enum wb_kind kind);
const char *wb_kind_plural(enum wb_kind kind);
unsigned wb_kind_flags(enum wb_kind kind);
/* By its name; false when there is none. */
bool wb_kind_find(const char *name, enum wb_kind *ret_kind);

#endif
