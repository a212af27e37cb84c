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

/* word is in capital letters */
static bool is_word(const struct words *w, struct wb_sv word)
{
	if (w->t.kind != WB_TOK_WORD || w->t.text.n != word.n)
		return false;
	for (size_t i = 0; i < word.n; i++) {
		if ((w->t.text.p[i] & ~0x20) != word.p[i])
			return false;
	}
	return true;
}

/* Goes past these words (blank separated) if all of them come next. */
static bool eat(struct words *w, const char *phrase)
{
	struct wb_sv rest = wb_sv_str(phrase), word;
	if (!wb_sv_cut(&rest, ' ', &word) || !is_word(w, word))
		return false;
	struct words start = *w;
	do {
		if (!is_word(w, word)) {
			*w = start;
			return false;
		}
		advance(w);
	} while (wb_sv_cut(&rest, ' ', &word));
	return true;
}

/* Goes past one word if it is one of these. */
static bool eat_one(struct words *w, const char *list)
{
	struct wb_sv rest = wb_sv_str(list), word;
	while (wb_sv_cut(&rest, ' ', &word)) {
		if (is_word(w, word)) {
			advance(w);
			return true;
		}
	}
	return false;
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
	char buf[128];
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

enum verb { CREATE, ALTER, DROP };
static const char *const verb_names[] = { [CREATE] = "CREATE", [ALTER] = "ALTER", [DROP] = "DROP" };

/* The answer of wb_pg_words: the tree is needed; without it, this is to be believed. */
static bool needs_tree(struct wb_pg_info *info, enum wb_pg_kind kind)
{
	info->kind = kind;
	info->refuses_transaction = kind != WB_PG_UNKNOWN;
	return true;
}

/* These go on after the name, and return what wb_pg_words does. */
typedef bool rest_fn(struct words *w, enum verb verb, bool concurrently, struct wb_pg_info *info);

static bool table_rest(struct words *w, enum verb verb, bool concurrently WB_UNUSED, struct wb_pg_info *info)
{
	char schema[64], name[64];
	if (verb == CREATE && eat(w, "PARTITION OF"))
		qualified_name(w, info->rel_schema, info->rel_name);
	if (w->t.kind == WB_TOK_OTHER && wb_sv_eq(w->t.text, WB_SV("*")))
		advance(w);
	if (verb != ALTER || !eat(w, "DETACH PARTITION"))
		return false;
	qualified_name(w, schema, name);
	if (!eat(w, "CONCURRENTLY"))
		return false;
	memcpy(info->rel_schema, info->schema, sizeof(schema));
	memcpy(info->rel_name, info->name, sizeof(name));
	memcpy(info->schema, schema, sizeof(schema));
	memcpy(info->name, name, sizeof(name));
	return needs_tree(info, WB_PG_DETACH);
}

/* An index is made in the schema of its table. */
static bool index_rest(struct words *w, enum verb verb, bool concurrently, struct wb_pg_info *info)
{
	if (verb == CREATE && eat(w, "ON")) {
		eat(w, "ONLY");
		qualified_name(w, info->rel_schema, info->rel_name);
		memcpy(info->schema, info->rel_schema, sizeof(info->schema));
	}
	if (!concurrently)
		return false;
	return needs_tree(info, verb == CREATE ? WB_PG_INDEX_CREATE : verb == DROP ? WB_PG_INDEX_DROP : WB_PG_UNKNOWN);
}

static bool database_rest(struct words *w WB_UNUSED, enum verb verb, bool concurrently WB_UNUSED,
			  struct wb_pg_info *info)
{
	return needs_tree(info, verb == ALTER ? WB_PG_UNKNOWN : WB_PG_DATABASE);
}

static bool tablespace_rest(struct words *w WB_UNUSED, enum verb verb, bool concurrently WB_UNUSED,
			    struct wb_pg_info *info)
{
	return verb != ALTER && needs_tree(info, WB_PG_TABLESPACE);
}

static bool system_rest(struct words *w WB_UNUSED, enum verb verb WB_UNUSED, bool concurrently WB_UNUSED,
			struct wb_pg_info *info)
{
	return needs_tree(info, WB_PG_SYSTEM);
}

static bool subscription_rest(struct words *w WB_UNUSED, enum verb verb, bool concurrently WB_UNUSED,
			      struct wb_pg_info *info)
{
	return needs_tree(info, verb == ALTER ? WB_PG_UNKNOWN : WB_PG_SUBSCRIPTION);
}

static bool schema_rest(struct words *w, enum verb verb WB_UNUSED, bool concurrently WB_UNUSED, struct wb_pg_info *info)
{
	if (!info->name[0] && eat(w, "AUTHORIZATION"))
		(void)name_part(w, info->name);
	return false;
}

/* The kinds of objects; one that starts another stands after it. */
static const struct object {
	const char *words, *type;
	bool nameless; /* no plain name follows */
	rest_fn *rest;
} objects[] = {
	{ .words = "TABLE", .type = "table", .rest = table_rest },
	{ .words = "INDEX", .type = "index", .rest = index_rest },
	{ .words = "VIEW", .type = "view" },
	{ .words = "FUNCTION", .type = "function" },
	{ .words = "TRIGGER", .type = "trigger" },
	{ .words = "SEQUENCE", .type = "sequence" },
	{ .words = "TYPE", .type = "type" },
	{ .words = "MATERIALIZED VIEW", .type = "materialized view" },
	{ .words = "EXTENSION", .type = "extension" },
	{ .words = "SCHEMA", .type = "schema", .rest = schema_rest },
	{ .words = "POLICY", .type = "policy" },
	{ .words = "DOMAIN", .type = "domain" },
	{ .words = "PROCEDURE", .type = "procedure" },
	{ .words = "ROLE", .type = "role" },
	{ .words = "DATABASE", .type = "database", .rest = database_rest },
	{ .words = "TABLESPACE", .type = "tablespace", .rest = tablespace_rest },
	{ .words = "SYSTEM", .type = "setting", .nameless = true, .rest = system_rest },
	{ .words = "SUBSCRIPTION", .type = "subscription", .rest = subscription_rest },
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

#define MODIFIERS "OR REPLACE GLOBAL LOCAL TEMP TEMPORARY UNLOGGED RECURSIVE TRUSTED PROCEDURAL CONSTRAINT DEFAULT"

static const struct object *eat_object(struct words *w, struct wb_pg_info *info)
{
	do {
		for (size_t i = 0; i < WB_ARRAY_LEN(objects); i++) {
			if (eat(w, objects[i].words))
				return &objects[i];
		}
		info->unique = eat(w, "UNIQUE");
	} while (info->unique || eat_one(w, MODIFIERS));
	return NULL;
}

static bool on_object(struct words *w, enum verb verb, struct wb_pg_info *info)
{
	const struct object *o = eat_object(w, info);
	if (!o)
		return needs_tree(info, WB_PG_UNKNOWN);
	(void)snprintf(info->command, sizeof(info->command), "%s %s", verb_names[verb], o->words);
	(void)wb_sv_copy(wb_sv_str(o->type), info->object_type, sizeof(info->object_type));
	info->create = verb == CREATE;
	bool concurrently = eat(w, "CONCURRENTLY");
	info->if_exists = eat(w, verb == CREATE ? "IF NOT EXISTS" : "IF EXISTS");
	eat(w, "ONLY");
	/* CREATE INDEX ON t; CREATE SCHEMA AUTHORIZATION r; ALTER TABLE ALL IN TABLESPACE s */
	static const struct wb_sv no_names[] = { { "ON", 2 }, { "AUTHORIZATION", 13 } };
	bool named =
		!o->nameless && !is_word(w, no_names[0]) && !is_word(w, no_names[1]) && !eat(w, "ALL IN TABLESPACE");
	if (named)
		qualified_name(w, info->schema, info->name);
	return o->rest && o->rest(w, verb, concurrently, info);
}

/* ---- other statements -------------------------------------------------------------- */

static const struct other {
	const char *words;
	const char *noise; /* words that may stand before the name of the object */
	const char *type; /* of the object named, NULL when none is */
	enum wb_pg_kind kind;
	bool tree; /* only the tree tells; kind is what to believe without it */
	bool search; /* may call set_config() */
} others[] = {
	{ .words = "INSERT", .noise = "INTO", .type = "table" },
	{ .words = "UPDATE", .noise = "ONLY", .type = "table" },
	{ .words = "DELETE", .noise = "FROM ONLY", .type = "table" },
	{ .words = "MERGE", .noise = "INTO ONLY", .type = "table" },
	{ .words = "SELECT", .search = true },
	{ .words = "WITH", .search = true },
	{ .words = "VALUES", .search = true },
	{ .words = "SET", .kind = WB_PG_SET, .tree = true },
	{ .words = "RESET", .kind = WB_PG_SET, .tree = true },
	{ .words = "DO", .kind = WB_PG_CALL },
	{ .words = "CALL", .noise = "", .type = "procedure", .kind = WB_PG_CALL },
	{ .words = "COMMENT" },
	{ .words = "GRANT" },
	{ .words = "REVOKE" },
	{ .words = "TRUNCATE", .noise = "TABLE ONLY", .type = "table" },
	{ .words = "LOCK", .noise = "TABLE ONLY", .type = "table" },
	{ .words = "ANALYZE", .noise = "VERBOSE", .type = "table" },
	{ .words = "ANALYSE", .noise = "VERBOSE", .type = "table" },
	{ .words = "REFRESH MATERIALIZED VIEW", .noise = "CONCURRENTLY", .type = "materialized view" },
	{ .words = "REINDEX", .kind = WB_PG_REINDEX, .tree = true },
	{ .words = "VACUUM", .kind = WB_PG_VACUUM, .tree = true },
	{ .words = "CLUSTER", .kind = WB_PG_CLUSTER_ALL, .tree = true },
	{ .words = "DISCARD", .kind = WB_PG_FORBIDDEN, .tree = true },
	{ .words = "BEGIN", .kind = WB_PG_BEGIN, .tree = true },
	{ .words = "START TRANSACTION", .kind = WB_PG_BEGIN, .tree = true },
	{ .words = "COMMIT", .kind = WB_PG_COMMIT, .tree = true },
	{ .words = "END", .kind = WB_PG_COMMIT, .tree = true },
	{ .words = "ROLLBACK", .kind = WB_PG_COMMIT, .tree = true },
	{ .words = "ABORT", .kind = WB_PG_COMMIT, .tree = true },
	{ .words = "PREPARE TRANSACTION", .kind = WB_PG_COMMIT, .tree = true },
	{ .words = "SAVEPOINT", .kind = WB_PG_SAVEPOINT, .tree = true },
	{ .words = "RELEASE", .kind = WB_PG_SAVEPOINT, .tree = true },
	{ .words = "CHECKPOINT" },
	{ .words = "CLOSE" },
	{ .words = "DEALLOCATE" },
	{ .words = "DECLARE" },
	{ .words = "EXECUTE" },
	{ .words = "EXPLAIN" },
	{ .words = "FETCH" },
	{ .words = "IMPORT FOREIGN SCHEMA" },
	{ .words = "LISTEN" },
	{ .words = "LOAD" },
	{ .words = "MOVE" },
	{ .words = "NOTIFY" },
	{ .words = "PREPARE" },
	{ .words = "REASSIGN OWNED" },
	{ .words = "SECURITY LABEL" },
	{ .words = "SHOW" },
	{ .words = "TABLE" },
	{ .words = "UNLISTEN" },
};

static bool calls_set_config(struct wb_sv statement)
{
	struct wb_lexer lx;
	struct wb_token t;
	wb_lex_init(&lx, WB_DIALECT_POSTGRES, statement);
	while ((t = wb_lex_next(&lx)).kind != WB_TOK_END) {
		if ((t.kind == WB_TOK_WORD && wb_sv_ieq(t.text, "set_config")) ||
		    (t.kind == WB_TOK_IDENT && wb_sv_eq(t.text, WB_SV("\"set_config\""))))
			return true;
	}
	return false;
}

static bool on_other(struct words *w, const struct other *o, struct wb_sv statement, struct wb_pg_info *info)
{
	(void)wb_sv_copy(wb_sv_str(o->words), info->command, sizeof(info->command));
	info->kind = o->kind;
	info->refuses_transaction = o->kind == WB_PG_VACUUM || o->kind == WB_PG_REINDEX || o->kind == WB_PG_CLUSTER_ALL;
	if (o->search && calls_set_config(statement))
		info->kind = WB_PG_SET;
	if (!o->type)
		return o->tree;
	(void)wb_sv_copy(wb_sv_str(o->type), info->object_type, sizeof(info->object_type));
	while (eat_one(w, o->noise))
		;
	qualified_name(w, info->schema, info->name);
	return o->tree;
}

static bool on_copy(struct words *w, struct wb_sv statement, struct wb_pg_info *info)
{
	memcpy(info->command, "COPY", sizeof("COPY"));
	info->kind = wb_sql_is_copy_from_stdin(statement) ? WB_PG_COPY_IN : WB_PG_PLAIN;
	eat(w, "BINARY");
	qualified_name(w, info->schema, info->name);
	if (info->name[0])
		memcpy(info->object_type, "table", sizeof("table"));
	return false;
}

bool wb_pg_words(struct wb_sv statement, struct wb_pg_info *info)
{
	struct words w;
	wb_lex_init(&w.lx, WB_DIALECT_POSTGRES, statement);
	advance(&w);
	for (enum verb v = CREATE; v <= DROP; v++) {
		if (eat(&w, verb_names[v]))
			return on_object(&w, v, info);
	}
	if (eat(&w, "COPY"))
		return on_copy(&w, statement, info);
	for (size_t i = 0; i < WB_ARRAY_LEN(others); i++) {
		if (eat(&w, others[i].words))
			return on_other(&w, &others[i], statement, info);
	}
	return needs_tree(info, WB_PG_UNKNOWN);
}
