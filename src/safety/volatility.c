/* SPDX-License-Identifier: Apache-2.0
 *
 * pg_proc.provolatile of the functions that people write in defaults, for where no
 * catalog was asked: what is in none of the lists only a catalog knows.
 */
#include "safety/facts.h"

/* Of pg_catalog, which is looked in first. */
static const char *const volatiles[] = { "clock_timestamp", "currval",          "gen_random_uuid", "lastval",
					 "nextval",         "pg_advisory_lock", "pg_notify",       "pg_sleep",
					 "random",          "random_normal",    "set_config",      "setseed",
					 "setval",          "timeofday",        "uuidv4",          "uuidv7" };
static const char *const steady[] = { "abs",
				      "age",
				      "array_append",
				      "array_fill",
				      "ascii",
				      "box",
				      "btrim",
				      "ceil",
				      "chr",
				      "coalesce",
				      "concat",
				      "concat_ws",
				      "current_catalog",
				      "current_database",
				      "current_date",
				      "current_role",
				      "current_schema",
				      "current_setting",
				      "current_time",
				      "current_timestamp",
				      "current_user",
				      "date_part",
				      "date_trunc",
				      "daterange",
				      "decode",
				      "encode",
				      "extract",
				      "floor",
				      "format",
				      "greatest",
				      "inet_client_addr",
				      "initcap",
				      "int4range",
				      "int8range",
				      "json_build_array",
				      "json_build_object",
				      "jsonb_build_array",
				      "jsonb_build_object",
				      "least",
				      "left",
				      "length",
				      "localtime",
				      "localtimestamp",
				      "lower",
				      "lpad",
				      "ltrim",
				      "make_date",
				      "make_interval",
				      "make_timestamp",
				      "make_timestamptz",
				      "md5",
				      "mod",
				      "now",
				      "nullif",
				      "numrange",
				      "pg_backend_pid",
				      "pg_current_xact_id",
				      "point",
				      "power",
				      "regexp_replace",
				      "repeat",
				      "replace",
				      "right",
				      "round",
				      "rpad",
				      "rtrim",
				      "session_user",
				      "sha256",
				      "split_part",
				      "sqrt",
				      "statement_timestamp",
				      "string_to_array",
				      "substr",
				      "substring",
				      "timezone",
				      "to_char",
				      "to_date",
				      "to_json",
				      "to_jsonb",
				      "to_number",
				      "to_timestamp",
				      "to_tsvector",
				      "transaction_timestamp",
				      "trim",
				      "trunc",
				      "tsrange",
				      "tstzrange",
				      "txid_current",
				      "upper",
				      "user",
				      "uuid_nil",
				      "version" };

/* Of extensions, in whatever schema they were put. */
static const char *const extensions[] = { "gen_random_bytes", "gen_salt",           "gen_ulid",
					  "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4" };

static bool is_one_of(const char *name, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(name, v[i]))
			return true;
	return false;
}

enum wb_tri wb_volatility(const struct wb_name *f)
{
	bool own = !f->schema || !strcmp(f->schema, "pg_catalog");

	if (!f->name)
		return WB_UNKNOWN;
	if (is_one_of(f->name, extensions, WB_ARRAY_LEN(extensions)) ||
	    (own && is_one_of(f->name, volatiles, WB_ARRAY_LEN(volatiles))))
		return WB_YES;
	return own && is_one_of(f->name, steady, WB_ARRAY_LEN(steady)) ? WB_NO : WB_UNKNOWN;
}
