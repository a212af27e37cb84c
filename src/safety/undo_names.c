/* SPDX-License-Identifier: Apache-2.0
 *
 * What a migration has made so far, by name, and the texts of inverses.
 */
#include "safety/undo_names.h"

#include <ctype.h>
#include <strings.h>

#include "base/banned.h"

/* ---- kinds ------------------------------------------------------------------------------ */

static bool is_noun(const struct wb_operation *op, const char *noun)
{
	return op->noun && strcmp(op->noun, noun) == 0;
}

enum wb_kind wb_undo_kind(const struct wb_operation *op)
{
	if (op->code >= WB_OP_COLUMN_ADD && op->code <= WB_OP_COLUMN_SET_COMPRESSION)
		return WB_KIND_COLUMN;
	if (op->code >= WB_OP_CHECK_ADD && op->code <= WB_OP_CONSTRAINT_DROP)
		return WB_KIND_CONSTRAINT;
	if (op->kind == WB_KIND_COUNT && is_noun(op, "type"))
		return WB_KIND_COMPOSITE;
	if (op->kind == WB_KIND_COUNT && is_noun(op, "domain constraint"))
		return WB_KIND_DOMAIN;
	return op->kind;
}

bool wb_undo_is_part(const struct wb_operation *op)
{
	enum wb_kind kind = wb_undo_kind(op);
	bool part = kind == WB_KIND_COLUMN || kind == WB_KIND_CONSTRAINT || kind == WB_KIND_INDEX ||
		    kind == WB_KIND_TRIGGER || kind == WB_KIND_RULE || kind == WB_KIND_POLICY ||
		    (op->code >= WB_OP_INDEX_CREATE && op->code <= WB_OP_POLICY_ALTER) || is_noun(op, "attribute");

	return part && op->table.name && op->object.name;
}

/* ---- what was made --------------------------------------------------------------------- */

/* Objects of one class have their names from one pool. */
static int class_of(enum wb_kind kind)
{
	static const char classes[WB_KIND_COUNT + 1] = {
		[WB_KIND_TABLE] = 'r',
		[WB_KIND_FOREIGN_TABLE] = 'r',
		[WB_KIND_VIRTUAL_TABLE] = 'r',
		[WB_KIND_VIEW] = 'r',
		[WB_KIND_MATERIALIZED_VIEW] = 'r',
		[WB_KIND_SEQUENCE] = 'r',
		[WB_KIND_INDEX] = 'r',
		[WB_KIND_ENUM] = 't',
		[WB_KIND_COMPOSITE] = 't',
		[WB_KIND_RANGE] = 't',
		[WB_KIND_DOMAIN] = 't',
		[WB_KIND_FUNCTION] = 'f',
		[WB_KIND_PROCEDURE] = 'f',
		[WB_KIND_AGGREGATE] = 'f',
	};

	return classes[kind] ? classes[kind] : 'A' + (int)kind;
}

/* SQLite's names are the same in any case. */
static void add_folded(const struct wb_undo *u, struct wb_str *out, const char *text)
{
	for (; *text; text++)
		wb_str_addc(out, u->dialect == WB_DIALECT_SQLITE ? (char)tolower((unsigned char)*text) : *text);
}

static bool key_of(const struct wb_undo *u, enum wb_kind kind, struct wb_name name, struct wb_str *out)
{
	wb_str_addf(out, "%c ", class_of(kind));
	add_folded(u, out, name.schema ? name.schema : kind == WB_KIND_SCHEMA ? "" : u->path);
	wb_str_addc(out, '\n');
	add_folded(u, out, name.name);
	return !out->failed;
}

struct wb_undo_made *wb_undo_find_made(const struct wb_undo *u, enum wb_kind kind, struct wb_name name)
{
	wb_autostr key = WB_STR_INIT;
	struct wb_undo_made *m;

	if (!name.name || !u->made.n || !key_of(u, kind, name, &key))
		return NULL;
	m = wb_map_get(&u->made, wb_str_sv(&key));
	return m && !m->gone ? m : NULL;
}

static bool put(struct wb_undo *u, enum wb_kind kind, struct wb_name name, struct wb_undo_made *m)
{
	wb_autostr key = WB_STR_INIT;
	char *kept = name.name && key_of(u, kind, name, &key) ? wb_arena_sv(&u->arena, wb_str_sv(&key)) : NULL;

	return kept && wb_map_put(&u->made, wb_sv(kept, key.n), m);
}

struct wb_undo_made *wb_undo_add_made(struct wb_undo *u, enum wb_kind kind, struct wb_name name)
{
	struct wb_undo_made *m = wb_arena_alloc(&u->arena, sizeof(*m));

	if (m)
		m->kind = kind;
	return m && put(u, kind, name, m) ? m : NULL;
}

bool wb_undo_move_made(struct wb_undo *u, struct wb_undo_made *made, enum wb_kind kind, struct wb_name from,
		       struct wb_name to)
{
	struct wb_undo_made *gone = wb_arena_alloc(&u->arena, sizeof(*gone));

	if (!gone)
		return false;
	gone->gone = true;
	return put(u, kind, from, gone) && put(u, kind, to, made);
}

bool wb_undo_same_name(const struct wb_undo *u, struct wb_name a, struct wb_name b)
{
	wb_autostr x = WB_STR_INIT, y = WB_STR_INIT;

	return a.name && b.name && key_of(u, WB_KIND_TABLE, a, &x) && key_of(u, WB_KIND_TABLE, b, &y) &&
	       wb_sv_eq(wb_str_sv(&x), wb_str_sv(&y));
}

const char *wb_undo_first_schema(struct wb_arena *a, const char *list)
{
	struct wb_sv rest = wb_sv_str(list), first = { 0 };

	(void)wb_sv_cut(&rest, ',', &first);
	first = wb_sv_trim(first);
	if (first.n > 1 && (*first.p == '"' || *first.p == '\'') && first.p[first.n - 1] == *first.p)
		first = wb_sv(first.p + 1, first.n - 2);
	return wb_arena_sv(a, first);
}

/* ---- calls ------------------------------------------------------------------------------ */

static bool is_one_of(const char *name, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(name, v[i]) == 0)
			return true;
	return false;
}

/* Is something that the migration has made named in the statement? */
static bool names_made(const struct wb_undo *u, struct wb_sv statement)
{
	for (size_t i = 0; i < u->made.n; i++) {
		const char *name = strchr(u->made.entries[i].key.p, '\n');
		if (name && memmem(statement.p, statement.n, name + 1, strlen(name + 1)))
			return true;
	}
	return false;
}

bool wb_undo_is_harmless(const struct wb_undo *u, const struct wb_name *function, struct wb_sv statement)
{
	static const char *const harmless[] = {
		"abs",
		"array_agg",
		"avg",
		"bool_and",
		"bool_or",
		"char_length",
		"coalesce",
		"concat",
		"count",
		"current_setting",
		"current_user",
		"date_trunc",
		"exists",
		"format",
		"generate_series",
		"ifnull",
		"json_agg",
		"jsonb_agg",
		"length",
		"lower",
		"max",
		"min",
		"now",
		"nullif",
		"quote_ident",
		"round",
		"row_number",
		"set_config",
		"string_agg",
		"strftime",
		"substr",
		"substring",
		"sum",
		"to_regclass",
		"trim",
		"typeof",
		"upper",
		"version",
		"pg_typeof",
		"pg_sleep",
		"date",
		"datetime",
		"julianday",
		"total",
		"group_concat",
		"sqlite_version",
		"changes",
		"last_insert_rowid",
		"random",
		"max_identifier_length",
	};
	static const char *const positions[] = { "setval", "nextval", "currval", "pg_get_serial_sequence" };
	bool built_in = !function->schema || strcmp(function->schema, "pg_catalog") == 0;

	if (!built_in)
		return false;
	return is_one_of(function->name, harmless, WB_ARRAY_LEN(harmless)) ||
	       (is_one_of(function->name, positions, WB_ARRAY_LEN(positions)) && names_made(u, statement));
}

unsigned wb_undo_events(enum wb_dialect dialect, struct wb_sv statement)
{
	static const struct {
		const char *word;
		unsigned event;
	} words[] = {
		{ "INSERT", WB_UNDO_ON_INSERT },
		{ "UPDATE", WB_UNDO_ON_UPDATE },
		{ "DELETE", WB_UNDO_ON_DELETE },
		{ "TRUNCATE", WB_UNDO_ON_TRUNCATE },
	};
	unsigned events = 0;
	struct wb_lexer lx;

	wb_lex_init(&lx, dialect, statement);
	for (struct wb_token t = wb_lex_next_solid(&lx); t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx)) {
		for (size_t i = 0; t.kind == WB_TOK_WORD && i < WB_ARRAY_LEN(words); i++)
			if (wb_sv_ieq(t.text, words[i].word))
				events |= words[i].event;
		if (events && t.kind == WB_TOK_WORD && wb_sv_ieq(t.text, "ON"))
			break;
	}
	return events;
}

/* ---- inverses ------------------------------------------------------------------------------ */

struct filling {
	enum wb_dialect dialect;
	const struct wb_operation *op;
	struct wb_sv statement;
	struct wb_str *out;
};

static bool add_name(struct filling *f, const char *schema, const char *name)
{
	if (!name)
		return false;
	if (schema) {
		wb_quote_ident(f->out, wb_sv_str(schema));
		wb_str_addc(f->out, '.');
	}
	wb_quote_ident(f->out, wb_sv_str(name));
	return true;
}

static struct wb_name subject(const struct filling *f)
{
	return f->op->object.name ? f->op->object : f->op->table;
}

/* What DROP and ALTER call it; NULL: they need more than a name. */
static const char *word_of(enum wb_kind kind)
{
	static const char *const words[WB_KIND_COUNT + 1] = {
		[WB_KIND_SCHEMA] = "SCHEMA",
		[WB_KIND_EXTENSION] = "EXTENSION",
		[WB_KIND_COLLATION] = "COLLATION",
		[WB_KIND_ENUM] = "TYPE",
		[WB_KIND_COMPOSITE] = "TYPE",
		[WB_KIND_RANGE] = "TYPE",
		[WB_KIND_DOMAIN] = "DOMAIN",
		[WB_KIND_SEQUENCE] = "SEQUENCE",
		[WB_KIND_FOREIGN_WRAPPER] = "FOREIGN DATA WRAPPER",
		[WB_KIND_SERVER] = "SERVER",
		[WB_KIND_TABLE] = "TABLE",
		[WB_KIND_FOREIGN_TABLE] = "FOREIGN TABLE",
		[WB_KIND_VIRTUAL_TABLE] = "TABLE",
		[WB_KIND_FUNCTION] = "FUNCTION",
		[WB_KIND_PROCEDURE] = "PROCEDURE",
		[WB_KIND_AGGREGATE] = "AGGREGATE",
		[WB_KIND_CONVERSION] = "CONVERSION",
		[WB_KIND_TS_PARSER] = "TEXT SEARCH PARSER",
		[WB_KIND_TS_TEMPLATE] = "TEXT SEARCH TEMPLATE",
		[WB_KIND_TS_DICTIONARY] = "TEXT SEARCH DICTIONARY",
		[WB_KIND_TS_CONFIGURATION] = "TEXT SEARCH CONFIGURATION",
		[WB_KIND_INDEX] = "INDEX",
		[WB_KIND_STATISTICS] = "STATISTICS",
		[WB_KIND_VIEW] = "VIEW",
		[WB_KIND_MATERIALIZED_VIEW] = "MATERIALIZED VIEW",
		[WB_KIND_PUBLICATION] = "PUBLICATION",
		[WB_KIND_EVENT_TRIGGER] = "EVENT TRIGGER",
	};

	return words[kind];
}

static bool fill_kind(struct filling *f)
{
	const char *word = word_of(wb_undo_kind(f->op));

	if (word)
		wb_str_add(f->out, word);
	return word;
}

static bool fill_name(struct filling *f)
{
	return add_name(f, subject(f).schema, subject(f).name);
}

static bool fill_table(struct filling *f)
{
	return add_name(f, f->op->table.schema, f->op->table.name);
}

static bool fill_part(struct filling *f)
{
	return add_name(f, NULL, f->op->object.name);
}

/* An index is in its table's schema. */
static bool fill_beside(struct filling *f)
{
	const struct wb_operation *op = f->op;

	return add_name(f, op->object.schema ? op->object.schema : op->table.schema, op->object.name);
}

static bool fill_concurrently(struct filling *f)
{
	if (f->op->flags & WB_WITH_CONCURRENTLY)
		wb_str_add(f->out, " CONCURRENTLY");
	return true;
}

static bool fill_on(struct filling *f)
{
	if (f->dialect == WB_DIALECT_SQLITE)
		return true;
	wb_str_add(f->out, " ON ");
	return fill_table(f);
}

static bool is_routine(enum wb_kind kind)
{
	return kind == WB_KIND_FUNCTION || kind == WB_KIND_PROCEDURE || kind == WB_KIND_AGGREGATE;
}

/* The list of arguments, without what stands there when one is left out. */
static bool fill_arguments(struct filling *f)
{
	struct wb_lexer lx;
	struct wb_token t;
	int depth = 0;
	bool skips = false;

	if (!is_routine(f->op->kind))
		return true;
	wb_lex_init(&lx, f->dialect, f->statement);
	do
		t = wb_lex_next_solid(&lx);
	while (t.kind != WB_TOK_OPEN && t.kind != WB_TOK_END);
	for (; t.kind != WB_TOK_END; t = wb_lex_next(&lx)) {
		depth += t.kind == WB_TOK_OPEN;
		depth -= t.kind == WB_TOK_CLOSE;
		if (depth == 1 && t.kind == WB_TOK_OTHER && wb_sv_eq(t.text, WB_SV(",")))
			skips = false;
		if (depth == 1 &&
		    ((t.kind == WB_TOK_WORD && wb_sv_ieq(t.text, "DEFAULT")) ||
		     (t.kind == WB_TOK_OTHER && (wb_sv_eq(t.text, WB_SV("=")) || wb_sv_eq(t.text, WB_SV(":="))))))
			skips = true;
		if (depth == 0 || (!skips && t.kind != WB_TOK_LINE_COMMENT && t.kind != WB_TOK_BLOCK_COMMENT))
			wb_str_addsv(f->out, t.text);
		if (depth == 0)
			return true;
	}
	/* ALTER FUNCTION f RENAME … names none: the name is enough. */
	return f->op->code != WB_OP_CREATE;
}

static bool fill_literal(struct filling *f, const char *text)
{
	if (text)
		wb_quote_literal(f->out, f->dialect, wb_sv_str(text));
	return text;
}

static bool fill_new_value(struct filling *f)
{
	return fill_literal(f, f->op->type);
}

static bool fill_old_value(struct filling *f)
{
	return fill_literal(f, f->op->expr);
}

/* The way back from its new name. */
static bool fill_renamed(struct filling *f)
{
	const struct wb_operation *op = f->op;
	bool ok = op->expr;

	if (is_noun(op, "domain constraint")) {
		wb_str_add(f->out, "DOMAIN ");
		ok = ok && fill_name(f);
		wb_str_add(f->out, " RENAME CONSTRAINT ");
		ok = ok && add_name(f, NULL, op->expr);
		wb_str_add(f->out, " TO ");
		return ok && add_name(f, NULL, op->other.name);
	}
	if (op->kind == WB_KIND_COLUMN || op->kind == WB_KIND_CONSTRAINT || is_noun(op, "attribute")) {
		wb_str_add(f->out, op->kind == WB_KIND_COUNT ? "TYPE " : "TABLE ");
		ok = ok && fill_table(f);
		wb_str_add(f->out, op->kind == WB_KIND_COLUMN  ? " RENAME COLUMN "
				   : op->kind == WB_KIND_COUNT ? " RENAME ATTRIBUTE "
							       : " RENAME CONSTRAINT ");
		ok = ok && add_name(f, NULL, op->expr);
		wb_str_add(f->out, " TO ");
		return ok && fill_part(f);
	}
	if (op->kind == WB_KIND_TRIGGER || op->kind == WB_KIND_POLICY || op->kind == WB_KIND_RULE) {
		wb_str_add(f->out, op->kind == WB_KIND_TRIGGER ? "TRIGGER "
				   : op->kind == WB_KIND_RULE  ? "RULE "
							       : "POLICY ");
		ok = ok && add_name(f, NULL, op->expr);
		wb_str_add(f->out, " ON ");
		ok = ok && fill_table(f);
	} else {
		ok = ok && fill_kind(f);
		wb_str_addc(f->out, ' ');
		ok = ok &&
		     add_name(f, op->kind == WB_KIND_INDEX && !subject(f).schema ? op->table.schema : subject(f).schema,
			      op->expr) &&
		     fill_arguments(f);
	}
	wb_str_add(f->out, " RENAME TO ");
	return ok && add_name(f, NULL, subject(f).name);
}

static bool fill_moved(struct filling *f)
{
	return f->op->expr && add_name(f, f->op->expr, subject(f).name);
}

static bool fill_schema(struct filling *f)
{
	return subject(f).schema && add_name(f, NULL, subject(f).schema);
}

bool wb_undo_fill(const char *text, enum wb_dialect dialect, const struct wb_operation *op, struct wb_sv statement,
		  struct wb_str *out)
{
	static const struct {
		const char *hole;
		bool (*fill)(struct filling *f);
	} holes[] = {
		{ "{kind}", fill_kind },       { "{name}", fill_name },
		{ "{table}", fill_table },     { "{part}", fill_part },
		{ "{beside}", fill_beside },   { "{ concurrently}", fill_concurrently },
		{ "{ on}", fill_on },          { "{arguments}", fill_arguments },
		{ "{new'}", fill_new_value },  { "{old'}", fill_old_value },
		{ "{renamed}", fill_renamed }, { "{moved}", fill_moved },
		{ "{schema}", fill_schema },
	};
	struct filling f = { dialect, op, statement, out };
	bool whole = true;

	while (*text && whole) {
		size_t plain = strcspn(text, "{"), i = 0;
		wb_str_addn(out, text, plain);
		text += plain;
		while (*text && i < WB_ARRAY_LEN(holes) && strncmp(text, holes[i].hole, strlen(holes[i].hole)) != 0)
			i++;
		if (!*text)
			break;
		whole = i < WB_ARRAY_LEN(holes) && holes[i].fill(&f);
		text += i < WB_ARRAY_LEN(holes) ? strlen(holes[i].hole) : 1;
	}
	return whole;
}
