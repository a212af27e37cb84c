/* SPDX-License-Identifier: Apache-2.0
 *
 * What the first words of a statement tell: enough for nearly all of them, in
 * about a microsecond and whatever version the server is. The rest is marked for
 * the parser, with what to believe when its grammar fails.
 */
#include "sql/pg_internal.h"

struct words {
	struct wb_lexer lx;
	struct wb_token t; /* the next one */
};

static void advance(struct words *w)
{
	w->t = wb_lex_next_solid(&w->lx);
}

/* ---- matching ------------------------------------------------------------- */

/* Goes past these words (blank separated) if all of them come next. */
static bool eat(struct words *w, const char *phrase)
{
	struct words start = *w;
	struct wb_sv rest = wb_sv_str(phrase), word;
	while (wb_sv_cut(&rest, ' ', &word)) {
		if (w->t.kind != WB_TOK_WORD || w->t.text.n != word.n || strncasecmp(w->t.text.p, word.p, word.n) != 0) {
			*w = start;
			return false;
		}
		advance(w);
	}
	return true;
}

/* Goes past any of these words, as often as they come. */
static void eat_any(struct words *w, const char *list)
{
	struct wb_sv rest = wb_sv_str(list), word;
	while (wb_sv_cut(&rest, ' ', &word)) {
		if (w->t.kind == WB_TOK_WORD && w->t.text.n == word.n && strncasecmp(w->t.text.p, word.p, word.n) == 0) {
			advance(w);
			rest = wb_sv_str(list);
		}
	}
}

/* ---- names ------------------------------------------------------------------- */

void wb_pg_name(char out[64], const char *name, size_t n)
{
	if (n > 63)
		n = 63;
	/* Neither half a character at the cut, nor one that the parser cut. */
	size_t start = n;
	while (start > 0 && start + 3 > n && ((unsigned char)name[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && (unsigned char)name[start - 1] >= 0xc0) {
		unsigned char lead = (unsigned char)name[start - 1];
		size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
		if (start - 1 + size > n)
			n = start - 1;
	}
	memcpy(out, name, n);
	out[n] = '\0';
}

/* One part of a name, folded as PostgreSQL does; false when it is none (U&"…" is left to the parser). */
static bool name_part(struct words *w, char out[64])
{
	char buf[256];
	size_t n = 0;
	struct wb_sv text = w->t.text;
	bool quoted = w->t.kind == WB_TOK_IDENT;
	if ((w->t.kind != WB_TOK_WORD && !quoted) || (quoted && (w->t.flaw || text.p[0] != '"')))
		return false;
	if (quoted)
		text = wb_sv(text.p + 1, text.n - 2);
	for (size_t i = 0; i < text.n && n < sizeof(buf); i++) {
		char c = text.p[i];
		buf[n++] = !quoted && c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
		if (c == '"')
			i++;
	}
	wb_pg_name(out, buf, n);
	advance(w);
	return true;
}

/* [[catalog.]schema.]name */
static void qualified_name(struct words *w, char schema[64], char name[64])
{
	schema[0] = name[0] = '\0';
	if (!name_part(w, name))
		return;
	while (w->t.kind == WB_TOK_OTHER && wb_sv_eq(w->t.text, WB_SV("."))) {
		memcpy(schema, name, 64);
		advance(w);
		if (!name_part(w, name)) {
			schema[0] = name[0] = '\0';
			return;
		}
	}
}

/* ---- CREATE, ALTER, DROP --------------------------------------------------------- */

/* The kinds of objects, the longer before what they start with. */
static const struct object {
	const char *words, *type;
	bool nameless; /* no plain name follows */
} objects[] = {
	{ .words = "TABLE", .type = "table" },
	{ .words = "INDEX", .type = "index" },
	{ .words = "VIEW", .type = "view" },
	{ .words = "FUNCTION", .type = "function" },
	{ .words = "TRIGGER", .type = "trigger" },
	{ .words = "SEQUENCE", .type = "sequence" },
	{ .words = "TYPE", .type = "type" },
	{ .words = "MATERIALIZED VIEW", .type = "materialized view" },
	{ .words = "EXTENSION", .type = "extension" },
	{ .words = "SCHEMA", .type = "schema" },
	{ .words = "POLICY", .type = "policy" },
	{ .words = "DOMAIN", .type = "domain" },
	{ .words = "PROCEDURE", .type = "procedure" },
	{ .words = "ROLE", .type = "role" },
	{ .words = "DATABASE", .type = "database" },
	{ .words = "TABLESPACE", .type = "tablespace" },
	{ .words = "SYSTEM", .type = "setting", .nameless = true },
	{ .words = "SUBSCRIPTION", .type = "subscription" },
	{ .words = "PUBLICATION", .type = "publication" },
	{ .words = "ACCESS METHOD", .type = "access method" },
	{ .words = "AGGREGATE", .type = "aggregate" },
	{ .words = "CAST", .type = "cast", .nameless = true },
	{ .words = "COLLATION", .type = "collation" },
	{ .words = "CONVERSION", .type = "conversion" },
	{ .words = "DEFAULT PRIVILEGES", .type = "default privileges", .nameless = true },
	{ .words = "EVENT TRIGGER", .type = "event trigger" },
	{ .words = "FOREIGN DATA WRAPPER", .type = "foreign data wrapper" },
	{ .words = "FOREIGN TABLE", .type = "foreign table" },
	{ .words = "GROUP", .type = "role" },
	{ .words = "LANGUAGE", .type = "language" },
	{ .words = "LARGE OBJECT", .type = "large object", .nameless = true },
	{ .words = "OPERATOR CLASS", .type = "operator class" },
	{ .words = "OPERATOR FAMILY", .type = "operator family" },
	{ .words = "OPERATOR", .type = "operator", .nameless = true },
	{ .words = "OWNED", .type = "", .nameless = true },
	{ .words = "ROUTINE", .type = "routine" },
	{ .words = "RULE", .type = "rule" },
	{ .words = "SERVER", .type = "server" },
	{ .words = "STATISTICS", .type = "statistics" },
	{ .words = "TEXT SEARCH CONFIGURATION", .type = "text search config" },
	{ .words = "TEXT SEARCH DICTIONARY", .type = "text search dictionary" },
	{ .words = "TEXT SEARCH PARSER", .type = "text search parser" },
	{ .words = "TEXT SEARCH TEMPLATE", .type = "text search template" },
	{ .words = "TRANSFORM", .type = "transform", .nameless = true },
	{ .words = "USER MAPPING", .type = "user mapping", .nameless = true },
	{ .words = "USER", .type = "role" },
};

#define MODIFIERS \
	"OR REPLACE GLOBAL LOCAL TEMP TEMPORARY UNLOGGED RECURSIVE UNIQUE TRUSTED PROCEDURAL CONSTRAINT"

static const struct object *eat_object(struct words *w, struct wb_pg_info *info)
{
	for (;;) {
		for (size_t i = 0; i < WB_ARRAY_LEN(objects); i++) {
			if (eat(w, objects[i].words))
				return &objects[i];
		}
		if (eat(w, "UNIQUE"))
			info->unique = true;
		else if (!eat...)
	}
}
