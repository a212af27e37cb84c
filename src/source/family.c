/* SPDX-License-Identifier: Apache-2.0
 *
 * What a file name says. The families are tried in the order of the design:
 *   paired       0002_description.up.sql, .down.sql
 *   timestamped  20251120_143000_[schema_]description.sql
 *   versioned    V1.2__description.sql, U…, B…, R__description.sql
 *   numbered     002_description.sql, 20251120143000_description.sql
 */
#include "source/internal.h"

static const char *const family_names[] = { "none", "paired", "timestamped", "versioned", "numbered" };
static const char *const kind_names[] = { "versioned", "repeatable", "baseline" };
static const char *const types[] = WB_TYPES;

const char *wb_family_name(enum wb_family f)
{
	return (size_t)f < WB_ARRAY_LEN(family_names) ? family_names[f] : "none";
}

const char *wb_mig_kind_name(enum wb_mig_kind k)
{
	return (size_t)k < WB_ARRAY_LEN(kind_names) ? kind_names[k] : "versioned";
}

const char *wb_type_find(struct wb_sv word)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(types); i++)
		if (wb_sv_ieq(word, types[i]))
			return types[i];
	return NULL;
}

/* How people write the engines in a Database: header and in driver names. */
static const struct {
	const char *word, *engine;
} engines[] = {
	{ "postgresql", "postgresql" },
	{ "postgres", "postgresql" },
	{ "pg", "postgresql" },
	{ "timescale", "postgresql" },
	{ "timescaledb", "postgresql" },
	{ "sqlite", "sqlite" },
	{ "sqlite3", "sqlite" },
	{ "neo4j", "neo4j" },
	{ "mysql", "other" },
	{ "mariadb", "other" },
	{ "oracle", "other" },
	{ "sqlserver", "other" },
	{ "mssql", "other" },
	{ "cockroachdb", "other" },
	{ "clickhouse", "other" },
	{ "mongodb", "other" },
	{ "redis", "other" },
};

const char *wb_engine_find(struct wb_sv word)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(engines); i++)
		if (wb_sv_ieq(word, engines[i].word))
			return engines[i].engine;
	return NULL;
}

const char *wb_engine_near(struct wb_sv word)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(engines); i++)
		if (wb_near_enough(word, wb_sv_str(engines[i].word)))
			return engines[i].word;
	return NULL;
}

/* ---- pieces of a name ---------------------------------------------------------- */

static size_t digits(struct wb_sv s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	return n;
}

static struct wb_sv after(struct wb_sv s, size_t n)
{
	return wb_sv(s.p + n, s.n - n);
}

static bool chop(struct wb_sv *s, const char *suffix)
{
	size_t n = strlen(suffix);

	if (s->n <= n || !wb_sv_ieq(after(*s, s->n - n), suffix))
		return false;
	s->n -= n;
	return true;
}

static int two_digits(const char *p)
{
	return (p[0] - '0') * 10 + (p[1] - '0');
}

/* YYYYMMDD and HHMMSS, all digits. */
static bool is_date(const char *date, const char *time)
{
	int month = two_digits(date + 4), day = two_digits(date + 6);

	return month >= 1 && month <= 12 && day >= 1 && day <= 31 && two_digits(time) <= 23 &&
	       two_digits(time + 2) <= 59 && two_digits(time + 4) <= 60;
}

/* ---- the families ---------------------------------------------------------------- */

static enum wb_name_result match_paired(struct wb_name *n)
{
	struct wb_sv stem = n->stem;
	bool up = chop(&stem, ".up");
	size_t d;

	if (!up && !chop(&stem, ".down"))
		return WB_NAME_OTHER;
	d = digits(stem);
	if (d == 0 || d + 1 >= stem.n || stem.p[d] != '_') {
		n->why = "a name that ends in .up.sql or .down.sql starts with a number and an underscore";
		n->hint = "write it as 0001_description.up.sql";
		return WB_NAME_WRONG;
	}
	n->down = !up;
	n->version = wb_sv(stem.p, d);
	n->description = after(stem, d + 1);
	return WB_NAME_OK;
}

/* Cuts "schema_" off the description; a word close to a type is worth a warning. */
static void cut_type(struct wb_name *n)
{
	struct wb_sv rest = n->description, word;

	if (!wb_sv_cut(&rest, '_', &word) || rest.n == 0) {
		n->why = "the name has no type; schema is assumed";
	} else {
		n->type = wb_type_find(word);
		if (n->type)
			n->description = rest;
		else
			n->why = wb_near(word, types, WB_ARRAY_LEN(types))
					 ? "the name has no type that is known, only one like it; schema is assumed"
					 : "the name has no type; schema is assumed";
	}
	n->hint = "write it as YYYYMMDD_HHMMSS_<type>_<description>.sql, the type one of schema, data, security, perf";
}

static enum wb_name_result match_timestamped(struct wb_name *n)
{
	struct wb_sv s = n->stem;

	if (s.n < 17 || digits(s) != 8 || s.p[8] != '_' || digits(after(s, 9)) != 6 || s.p[15] != '_')
		return WB_NAME_OTHER;
	if (!is_date(s.p, s.p + 9)) {
		n->why = "the name starts with digits in the form of a date and time, but they are none";
		n->hint = "start it with YYYYMMDD_HHMMSS, in UTC";
		return WB_NAME_WRONG;
	}
	n->version = wb_sv(s.p, 15);
	n->description = after(s, 16);
	cut_type(n);
	return WB_NAME_OK;
}

/* A name that starts like one of Flyway's: say what is missing. Others are none of ours. */
static enum wb_name_result versioned_wrong(struct wb_name *n, size_t mark)
{
	struct wb_sv s = n->stem;
	bool letter = strchr("VUBRvubr", s.p[0]) != NULL, small = s.p[0] >= 'a';
	bool repeatable = s.p[0] == 'R' || s.p[0] == 'r';
	char second = s.n > 1 ? s.p[1] : '\0';

	if (!letter || !((second >= '0' && second <= '9') || (second == '_' && (!small || mark == 1))))
		return WB_NAME_OTHER;
	n->hint = repeatable ? "write it as R__description.sql" : "write it as V001__description.sql";
	if (small)
		n->why = "the letter in front must be a capital";
	else if (mark == 0)
		n->why = "two underscores must separate the version from the description";
	else if (mark + 2 >= s.n)
		n->why = "the name has no description";
	else if (repeatable)
		n->why = "a repeatable migration has no version";
	else if (mark == 1)
		n->why = "the name has no version";
	else
		n->why = "the version must be numbers, joined by dots or underscores";
	return WB_NAME_WRONG;
}

static enum wb_name_result match_versioned(struct wb_name *n)
{
	struct wb_sv s = n->stem;
	const char *two = s.n > 2 ? memmem(s.p, s.n, "__", 2) : NULL;
	size_t mark = two ? (size_t)(two - s.p) : 0;
	bool described = mark > 0 && mark + 2 < s.n;

	if (described && mark == 1 && s.p[0] == 'R') {
		n->kind = WB_MIG_REPEATABLE;
		n->version = s;
		n->description = after(s, 3);
		return WB_NAME_OK;
	}
	if (described && strchr("VUB", s.p[0]) && wb_version_valid(wb_sv(s.p + 1, mark - 1))) {
		n->kind = s.p[0] == 'B' ? WB_MIG_BASELINE : WB_MIG_VERSIONED;
		n->down = s.p[0] == 'U';
		n->version = wb_sv(s.p + 1, mark - 1);
		n->description = after(s, mark + 2);
		return WB_NAME_OK;
	}
	return s.n > 0 ? versioned_wrong(n, mark) : WB_NAME_OTHER;
}

static enum wb_name_result match_numbered(struct wb_name *n)
{
	size_t d = digits(n->stem);

	if (d == 0 || d + 1 >= n->stem.n || n->stem.p[d] != '_')
		return WB_NAME_OTHER;
	n->version = wb_sv(n->stem.p, d);
	n->description = after(n->stem, d + 1);
	return WB_NAME_OK;
}

static const struct {
	enum wb_family family;
	enum wb_name_result (*match)(struct wb_name *n);
} families[] = {
	{ WB_FAMILY_PAIRED, match_paired },
	{ WB_FAMILY_TIMESTAMPED, match_timestamped },
	{ WB_FAMILY_VERSIONED, match_versioned },
	{ WB_FAMILY_NUMBERED, match_numbered },
};

/* dbmate and Rails leave their dump beside the migrations. */
static bool is_dump(struct wb_sv stem)
{
	return wb_sv_eq(stem, WB_SV("schema")) || wb_sv_eq(stem, WB_SV("structure"));
}

enum wb_name_result wb_name_parse(const char *name, struct wb_name *ret_name)
{
	struct wb_name n = { .stem = wb_sv_str(name) };

	*ret_name = n;
	if (name[0] == '.')
		return WB_NAME_IGNORED;
	n.cypher = chop(&n.stem, ".cypher");
	if ((!n.cypher && !chop(&n.stem, ".sql")) || is_dump(n.stem))
		return WB_NAME_IGNORED;
	for (size_t i = 0; i < WB_ARRAY_LEN(families); i++) {
		enum wb_name_result r = families[i].match(&n);
		if (r == WB_NAME_OTHER)
			continue;
		n.family = families[i].family;
		*ret_name = n;
		return r;
	}
	*ret_name = n;
	return WB_NAME_OTHER;
}

struct wb_sv wb_name_stem(const char *name)
{
	struct wb_sv s = wb_sv_str(name);

	if (chop(&s, ".sql") || chop(&s, ".cypher"))
		(void)(chop(&s, ".up") || chop(&s, ".down"));
	return s;
}
