/* SPDX-License-Identifier: Apache-2.0
 *
 * Which types values come back from as they were. Only what is certain is said:
 * of any other pair it is taken that something could be lost.
 */
#include "safety/undo_names.h"

#include <stdlib.h>
#include <strings.h>

#include "base/banned.h"

/* ---- PostgreSQL -------------------------------------------------------------------------- */

/* "character varying(20)[]" taken apart; as the server writes it. */
struct type {
	char base[64];
	int64_t size, scale; /* -1: none given */
	bool array;
};

static bool read_numbers(struct wb_sv text, struct type *t)
{
	struct wb_sv part;

	if (!wb_sv_cut(&text, ',', &part) || !wb_sv_i64(wb_sv_trim(part), &t->size))
		return false;
	return !text.n || wb_sv_i64(wb_sv_trim(text), &t->scale);
}

/* The numbers stand in the middle of "timestamp(3) without time zone". */
static bool read_type(const char *text, struct type *t)
{
	const char *open = strchr(text, '('), *close = open ? strchr(open, ')') : NULL;
	struct wb_sv head = wb_sv_str(text), tail = { "", 0 };
	wb_autostr base = WB_STR_INIT;

	*t = (struct type){ .size = -1, .scale = -1 };
	if (open && (!close || !read_numbers(wb_sv(open + 1, (size_t)(close - open - 1)), t)))
		return false;
	if (open) {
		head = wb_sv(text, (size_t)(open - text));
		tail = wb_sv_str(close + 1);
	}
	t->array = wb_sv_ends(open ? tail : head, "[]");
	if (t->array && open)
		tail.n -= 2;
	else if (t->array)
		head.n -= 2;
	wb_str_addsv(&base, head);
	wb_str_addsv(&base, tail);
	return !base.failed && wb_sv_copy(wb_str_sv(&base), t->base, sizeof(t->base));
}

/* Each of a row can become any that follows it in the row. */
static const char *const wider[][5] = {
	{ "smallint", "integer", "bigint", "numeric", NULL },
	{ "smallint", "integer", "double precision", NULL, NULL },
	{ "smallint", "real", "double precision", NULL, NULL },
	{ "cidr", "inet", NULL, NULL, NULL },
	{ "bit", "bit varying", NULL, NULL, NULL },
	{ "jsonb", "json", NULL, NULL, NULL },
	{ "date", "timestamp without time zone", NULL, NULL, NULL },
	{ "character", "character varying", "text", NULL, NULL },
	{ "text", "character varying", NULL, NULL, NULL },
	{ "macaddr", "macaddr8", NULL, NULL, NULL },
};
/* Their texts say all, and are read again as they were. */
static const char *const written[] = {
	"smallint", "integer", "bigint",  "numeric", "boolean", "uuid", "real",
	"inet",     "cidr",    "macaddr", "jsonb",   "oid",     "json", "double precision"
};

static int place_in(const char *const *row, const char *base)
{
	for (int i = 0; i < 5 && row[i]; i++)
		if (strcmp(row[i], base) == 0)
			return i;
	return -1;
}

static bool is_wider(const char *from, const char *to)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(wider); i++) {
		int a = place_in(wider[i], from), b = place_in(wider[i], to);
		if (a >= 0 && b > a)
			return true;
	}
	for (size_t i = 0; i < WB_ARRAY_LEN(written); i++)
		if (strcmp(written[i], from) == 0 && (strcmp(to, "text") == 0 || strcmp(to, "character varying") == 0))
			return true;
	return false;
}

static bool is_text(const char *base)
{
	return strcmp(base, "text") == 0 || strcmp(base, "character varying") == 0 || strcmp(base, "character") == 0;
}

/* Room for what the other has; no number is no limit. */
static bool has_room(const struct type *from, const struct type *to)
{
	int64_t from_scale = from->scale < 0 ? 0 : from->scale, to_scale = to->scale < 0 ? 0 : to->scale;

	if (to->size < 0)
		return true;
	if (strcmp(to->base, "numeric") == 0)
		return strcmp(from->base, "numeric") == 0 && from->size >= 0 && to_scale >= from_scale &&
		       to->size - to_scale >= from->size - from_scale;
	return (is_text(from->base) || strcmp(from->base, to->base) == 0) && from->size >= 0 && to->size >= from->size;
}

static bool postgres_keeps(const char *from, const char *to)
{
	struct type a, b;

	if (!read_type(from, &a) || !read_type(to, &b) || a.array != b.array)
		return false;
	return (strcmp(a.base, b.base) == 0 || is_wider(a.base, b.base)) && has_room(&a, &b);
}

/* ---- SQLite ------------------------------------------------------------------------------- */

static bool holds(const char *type, const char *word)
{
	return strcasestr(type, word);
}

/* As sqlite3 takes it from the type's name. */
static char affinity(const char *type)
{
	if (holds(type, "INT"))
		return 'i';
	if (holds(type, "CHAR") || holds(type, "CLOB") || holds(type, "TEXT"))
		return 't';
	if (!*type || holds(type, "BLOB"))
		return 'b';
	if (holds(type, "REAL") || holds(type, "FLOA") || holds(type, "DOUB"))
		return 'r';
	return 'n';
}

static bool sqlite_keeps(const char *from, const char *to)
{
	char a = affinity(from), b = affinity(to);

	return a == b || b == 'b' || (a == 'i' && b == 'n') || (a == 'n' && b == 'i');
}

bool wb_undo_type_keeps(enum wb_dialect dialect, const char *from, const char *to)
{
	from = from ? from : "";
	to = to ? to : "";
	return strcmp(from, to) == 0 ||
	       (dialect == WB_DIALECT_SQLITE ? sqlite_keeps(from, to) : postgres_keeps(from, to));
}
