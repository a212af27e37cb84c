/* SPDX-License-Identifier: Apache-2.0
 *
 * Types: does a column become one of another type by a new label alone? As
 * ATColumnChangeRequiresRewrite and the functions decide that drop a change of
 * length which changes nothing (varchar_support, numeric_support,
 * TemporalSimplify). And functions: what the catalog says of them.
 */
#include "safety/facts.h"

#include <ctype.h>

#include "base/banned.h"

#define NAME_MAX_ 160

/* A type's text taken apart: "numeric(10,2)[]" is numeric, 10, 2, array. */
struct type {
	char name[NAME_MAX_]; /* as the engine writes it, without length */
	int64_t mods[2];
	int n_mods; /* 3: more than two, or none that are numbers */
	bool array, ok, built_in;
};

/* Other names of built-in types, and those that have none. */
static const char *const aliases[][2] = { { "int", "integer" },
					  { "int4", "integer" },
					  { "integer", "integer" },
					  { "serial", "integer" },
					  { "serial4", "integer" },
					  { "int8", "bigint" },
					  { "bigint", "bigint" },
					  { "bigserial", "bigint" },
					  { "serial8", "bigint" },
					  { "int2", "smallint" },
					  { "smallint", "smallint" },
					  { "smallserial", "smallint" },
					  { "varchar", "character varying" },
					  { "character varying", "character varying" },
					  { "char varying", "character varying" },
					  { "char", "character" },
					  { "character", "character" },
					  { "nchar", "character" },
					  { "bpchar", "bpchar" },
					  { "text", "text" },
					  { "decimal", "numeric" },
					  { "dec", "numeric" },
					  { "numeric", "numeric" },
					  { "float4", "real" },
					  { "real", "real" },
					  { "float8", "double precision" },
					  { "float", "double precision" },
					  { "double precision", "double precision" },
					  { "bool", "boolean" },
					  { "boolean", "boolean" },
					  { "timestamp", "timestamp without time zone" },
					  { "timestamp without time zone", "timestamp without time zone" },
					  { "timestamptz", "timestamp with time zone" },
					  { "timestamp with time zone", "timestamp with time zone" },
					  { "time", "time without time zone" },
					  { "time without time zone", "time without time zone" },
					  { "timetz", "time with time zone" },
					  { "time with time zone", "time with time zone" },
					  { "interval", "interval" },
					  { "date", "date" },
					  { "bit", "bit" },
					  { "varbit", "bit varying" },
					  { "bit varying", "bit varying" },
					  { "bytea", "bytea" },
					  { "json", "json" },
					  { "jsonb", "jsonb" },
					  { "uuid", "uuid" },
					  { "inet", "inet" },
					  { "cidr", "cidr" },
					  { "macaddr", "macaddr" },
					  { "macaddr8", "macaddr8" },
					  { "money", "money" },
					  { "xml", "xml" },
					  { "oid", "oid" },
					  { "name", "name" },
					  { "tsvector", "tsvector" },
					  { "tsquery", "tsquery" },
					  { "point", "point" },
					  { "regclass", "regclass" },
					  { "pg_lsn", "pg_lsn" },
					  { "int4range", "int4range" },
					  { "int8range", "int8range" },
					  { "numrange", "numrange" },
					  { "tsrange", "tsrange" },
					  { "tstzrange", "tstzrange" },
					  { "daterange", "daterange" } };

/* pg_cast's castmethod 'b' among the types of that list, where the catalog was not asked. */
static const char *const binary_casts[][2] = { { "text", "character varying" },
					       { "character varying", "text" },
					       { "text", "character" },
					       { "text", "bpchar" },
					       { "character varying", "character" },
					       { "character varying", "bpchar" },
					       { "character", "bpchar" },
					       { "bpchar", "character" },
					       { "cidr", "inet" },
					       { "xml", "text" },
					       { "xml", "character varying" },
					       { "integer", "oid" },
					       { "oid", "integer" },
					       { "oid", "regclass" },
					       { "regclass", "oid" },
					       { "bit", "bit varying" },
					       { "bit varying", "bit" } };

/* ---- reading a type's text ----------------------------------------------------------------- */

static void read_mods(struct type *t, struct wb_sv v)
{
	struct wb_sv piece;

	while (wb_sv_cut(&v, ',', &piece)) {
		if (t->n_mods >= 2 || !wb_sv_i64(wb_sv_trim(piece), &t->mods[t->n_mods])) {
			t->n_mods = 3;
			return;
		}
		t->n_mods++;
	}
}

/* Lower case outside quotes, one blank for many, none at the ends; what stands in parentheses goes to read_mods(). */
static void read_text(struct type *t, const char *text)
{
	size_t n = 0;
	bool quoted = false;

	for (const char *p = text; *p; p++) {
		const char *close = *p == '(' && !quoted ? strchr(p, ')') : NULL;

		quoted ^= *p == '"';
		if (close) {
			read_mods(t, wb_sv(p + 1, (size_t)(close - p - 1)));
			p = close;
			continue;
		}
		if (n + 2 > sizeof t->name)
			return;
		if (!quoted && isspace((unsigned char)*p)) {
			if (n && t->name[n - 1] != ' ')
				t->name[n++] = ' ';
		} else {
			t->name[n++] = quoted ? *p : (char)tolower((unsigned char)*p);
		}
	}
	while (n && t->name[n - 1] == ' ')
		n--;
	t->name[n] = '\0';
	t->ok = n > 0;
}

static void cut_array(struct type *t)
{
	size_t n = strlen(t->name);

	while (n && t->name[n - 1] == ']') {
		char *open = strrchr(t->name, '[');

		if (!open)
			return;
		t->array = true;
		*open = '\0';
		n = (size_t)(open - t->name);
		while (n && t->name[n - 1] == ' ')
			t->name[--n] = '\0';
	}
}

static void find_alias(struct type *t)
{
	const char *name = !strncmp(t->name, "pg_catalog.", 11) ? t->name + 11 : t->name;

	for (size_t i = 0; i < WB_ARRAY_LEN(aliases); i++) {
		if (strcmp(aliases[i][0], name) != 0)
			continue;
		t->built_in = true;
		(void)wb_sv_copy(wb_sv_str(aliases[i][1]), t->name, sizeof t->name);
		break;
	}
	if (!strcmp(t->name, "double precision") && t->n_mods == 1) {
		if (t->mods[0] <= 24)
			(void)wb_sv_copy(WB_SV("real"), t->name, sizeof t->name);
		t->n_mods = 0;
	}
	if ((!strcmp(t->name, "character") || !strcmp(t->name, "bit")) && !t->n_mods) {
		t->mods[0] = 1;
		t->n_mods = 1;
	}
	if (!strcmp(t->name, "numeric") && t->n_mods == 1) {
		t->mods[1] = 0;
		t->n_mods = 2;
	}
}

static struct type read_type(const char *text)
{
	struct type t = { 0 };

	if (!text)
		return t;
	read_text(&t, text);
	cut_array(&t);
	find_alias(&t);
	return t;
}

/* A type of the world; the last word of the text is its name. */
static const struct wb_world_type *own_type(const struct wb_world *w, const struct type *t)
{
	char schema[NAME_MAX_], name[NAME_MAX_];
	const char *dot = strchr(t->name, '.'), *p;
	size_t n = 0;

	if (!wb_sv_copy(wb_sv(t->name, dot ? (size_t)(dot - t->name) : 0), schema, sizeof schema))
		return NULL;
	for (p = dot ? dot + 1 : t->name; *p; p++)
		if (*p != '"')
			name[n++] = *p;
	name[n] = '\0';
	return wb_world_type(w, (struct wb_name){ dot ? schema : NULL, name });
}

/* ---- domains ---------------------------------------------------------------------------------- */

enum wb_tri wb_type_constrained(const struct wb_world *w, const char *type)
{
	struct type t = read_type(type);
	const struct wb_world_type *own;

	if (!t.ok)
		return WB_UNKNOWN;
	if (t.built_in || t.array)
		return WB_NO;
	own = own_type(w, &t);
	return !own ? WB_UNKNOWN : own->base ? own->constrained : WB_NO;
}

/* What a domain is made of; at most a few stand one on another. False: a type that nobody knows. */
static bool strip_domains(const struct wb_world *w, struct type *t)
{
	for (int i = 0; i < 16 && !t->built_in && !t->array; i++) {
		const struct wb_world_type *own = own_type(w, t);

		if (!own)
			return false;
		if (!own->base)
			return true;
		*t = read_type(own->base);
	}
	return t->ok;
}

/* As the catalog writes it, with its schema. */
static void qualify(const struct wb_world *w, struct type *t)
{
	const struct wb_world_type *own = t->built_in || strchr(t->name, '.') ? NULL : own_type(w, t);
	wb_autostr name = WB_STR_INIT;

	if (!own || !own->name.schema)
		return;
	wb_str_addf(&name, "%s.%s", own->name.schema, t->name);
	if (!name.failed)
		(void)wb_sv_copy(wb_str_sv(&name), t->name, sizeof t->name);
}

/* ---- lengths ------------------------------------------------------------------------------------ */

static bool is_one_of(const char *name, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(v[i], name))
			return true;
	return false;
}

static enum wb_tri same_mods(const struct type *a, const struct type *b)
{
	return wb_tri(a->n_mods == b->n_mods && a->n_mods < 3 && !memcmp(a->mods, b->mods, sizeof a->mods));
}

/* Of one type, the lengths differ. */
static enum wb_tri length_fits(const struct type *from, const struct type *to)
{
	static const char *const growing[] = { "character varying", "bit varying" };
	static const char *const times[] = { "timestamp without time zone", "timestamp with time zone",
					     "time without time zone", "time with time zone", "interval" };

	if (!to->n_mods)
		return WB_YES;
	if (to->n_mods == 3 || from->n_mods == 3)
		return WB_UNKNOWN;
	if (is_one_of(to->name, growing, WB_ARRAY_LEN(growing)))
		return wb_tri(from->n_mods && to->mods[0] >= from->mods[0]);
	if (!strcmp(to->name, "numeric"))
		return wb_tri(from->n_mods && to->mods[1] == from->mods[1] && to->mods[0] >= from->mods[0]);
	if (is_one_of(to->name, times, WB_ARRAY_LEN(times)))
		return wb_tri(to->mods[0] >= 6 || (from->n_mods && to->mods[0] >= from->mods[0]));
	return to->built_in ? WB_NO : WB_UNKNOWN;
}

static enum wb_tri is_cast_binary(const struct wb_world *w, const char *from, const char *to)
{
	for (size_t i = 0; i < w->casts.n; i++)
		if (!strcmp(w->casts.v[i].from, from) && !strcmp(w->casts.v[i].to, to))
			return WB_YES;
	for (size_t i = 0; !w->casts.n && i < WB_ARRAY_LEN(binary_casts); i++)
		if (!strcmp(binary_casts[i][0], from) && !strcmp(binary_casts[i][1], to))
			return WB_YES;
	return WB_NO;
}

static bool are_times(const struct type *a, const struct type *b)
{
	return !strcmp(a->name, "timestamp without time zone") && !strcmp(b->name, "timestamp with time zone");
}

enum wb_tri wb_type_relabels(const struct wb_world *w, const char *from_text, const char *to_text)
{
	struct type from = read_type(from_text), to = read_type(to_text);
	enum wb_tri is;

	if (!from.ok || !to.ok)
		return WB_UNKNOWN;
	if (!strcmp(from.name, to.name) && from.array == to.array && same_mods(&from, &to) == WB_YES)
		return WB_YES;
	is = wb_type_constrained(w, to_text);
	if (is != WB_NO)
		return is == WB_YES ? WB_NO : WB_UNKNOWN;
	if (!strip_domains(w, &from) || !strip_domains(w, &to))
		return WB_UNKNOWN;
	qualify(w, &from);
	qualify(w, &to);
	if (from.array || to.array) /* each element is looked at, whatever it is */
		return wb_tri(from.array == to.array && !strcmp(from.name, to.name) &&
			      (!to.n_mods || same_mods(&from, &to) == WB_YES));
	if (!strcmp(from.name, to.name))
		return length_fits(&from, &to);
	if (!strncmp(from.name, "interval", 8) && !strncmp(to.name, "interval", 8))
		return strcmp(to.name, "interval") == 0 && !to.n_mods ? WB_YES : WB_UNKNOWN;
	from.n_mods = 0; /* a cast forgets it */
	if (are_times(&from, &to) || are_times(&to, &from))
		return w->utc == WB_YES && to.n_mods && to.mods[0] < 6 ? WB_NO : w->utc;
	is = is_cast_binary(w, from.name, to.name);
	return is == WB_YES ? (to.n_mods ? WB_NO : WB_YES) : is;
}

enum wb_tri wb_type_keeps_index(const struct wb_world *w, const char *from_text, const char *to_text)
{
	static const char *const strings[] = { "text", "character varying" };
	static const char *const nets[] = { "inet", "cidr" };
	struct type from = read_type(from_text), to = read_type(to_text);

	if (!from.ok || !to.ok || !strip_domains(w, &from) || !strip_domains(w, &to))
		return WB_UNKNOWN;
	qualify(w, &from);
	qualify(w, &to);
	return wb_tri(!strcmp(from.name, to.name) ||
		      (is_one_of(from.name, strings, 2) && is_one_of(to.name, strings, 2)) ||
		      (is_one_of(from.name, nets, 2) && is_one_of(to.name, nets, 2)));
}

/* ---- functions --------------------------------------------------------------------------------- */

static enum wb_tri is_volatile(const struct wb_world *w, const struct wb_name *f)
{
	bool found = false;
	enum wb_tri is = WB_UNKNOWN;

	for (size_t i = 0; i < w->functions.n; i++) {
		const struct wb_world_function *k = &w->functions.v[i];

		if (strcmp(k->name.name, f->name) != 0 ||
		    (f->schema && (!k->name.schema || strcmp(k->name.schema, f->schema) != 0)))
			continue;
		is = !found || is == k->volatile_ ? k->volatile_ : WB_UNKNOWN;
		found = true;
	}
	return found ? is : wb_volatility(f);
}

enum wb_tri wb_functions_volatile(const struct wb_world *w, const struct wb_name *v, size_t n)
{
	enum wb_tri any = WB_NO;

	for (size_t i = 0; i < n; i++) {
		enum wb_tri is = v[i].name ? is_volatile(w, &v[i]) : WB_UNKNOWN;

		if (is == WB_YES)
			return WB_YES;
		any = is == WB_UNKNOWN ? WB_UNKNOWN : any;
	}
	return any;
}
