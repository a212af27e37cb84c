/* SPDX-License-Identifier: Apache-2.0
 *
 * Names as people write them, and as the server must see them.
 */
#include "driver/postgres/pg.h"

/* Keywords of PostgreSQL 12 to 18 that cannot stand for a table without quotes, in order. */
/* clang-format off */
static const char *const reserved[] = {
	"all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric", "authorization", "binary",
	"both", "case", "cast", "check", "collate", "collation", "column", "concurrently", "constraint", "create",
	"cross", "current_catalog", "current_date", "current_role", "current_schema", "current_time",
	"current_timestamp", "current_user", "default", "deferrable", "desc", "distinct", "do", "else", "end",
	"except", "false", "fetch", "for", "foreign", "freeze", "from", "full", "grant", "group", "having", "ilike",
	"in", "initially", "inner", "intersect", "into", "is", "isnull", "join", "lateral", "leading", "left",
	"like", "limit", "localtime", "localtimestamp", "natural", "not", "notnull", "null", "offset", "on", "only",
	"or", "order", "outer", "overlaps", "placing", "primary", "references", "returning", "right", "select",
	"session_user", "similar", "some", "symmetric", "system_user", "table", "tablesample", "then", "to",
	"trailing", "true", "union", "unique", "user", "using", "variadic", "verbose", "when", "where", "window",
	"with",
};
/* clang-format on */

static int compare(const void *key, const void *item)
{
	return strcmp(key, *(const char *const *)item);
}

static bool is_plain(const char *name)
{
	if (!strchr("abcdefghijklmnopqrstuvwxyz_", *name))
		return false;
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789$")] == 0 &&
	       !bsearch(name, reserved, WB_ARRAY_LEN(reserved), sizeof(*reserved), compare);
}

static void add_name(struct wb_str *out, const char *name)
{
	if (*name && is_plain(name))
		wb_str_add(out, name);
	else
		wb_quote_ident(out, wb_sv_str(name));
}

void wb_pg_name_text(const char *schema, const char *name, char *buf, size_t size)
{
	wb_autostr out = WB_STR_INIT;
	if (*schema) {
		add_name(&out, schema);
		wb_str_addc(&out, '.');
	}
	add_name(&out, name);
	(void)wb_sv_copy(wb_sv_head(wb_str_sv(&out), size - 1), buf, size);
}

void wb_pg_name_sql(const char *schema, const char *name, struct wb_str *out)
{
	if (*schema) {
		wb_quote_ident(out, wb_sv_str(schema));
		wb_str_addc(out, '.');
	}
	wb_quote_ident(out, wb_sv_str(name));
}
