/* SPDX-License-Identifier: Apache-2.0
 *
 * Attributes are texts in the engine's own words; what they mean is read from
 * their tokens. PostgreSQL's rules of reading serve both engines here: what is
 * written otherwise in SQLite ([x], `x`) is at worst not understood, and what is
 * not understood counts as a change that breaks.
 */
#include "schema/breaking.h"

#include "base/banned.h"

static struct wb_lexer reading(struct wb_sv text)
{
	struct wb_lexer lx;

	wb_lex_init(&lx, WB_DIALECT_POSTGRES, text);
	return lx;
}

static bool is(struct wb_token t, const char *text)
{
	return t.kind != WB_TOK_END && wb_sv_ieq(t.text, text);
}

/* ---- types -------------------------------------------------------------------------- */

struct type {
	struct wb_sv head, tail; /* around the parameters: "timestamp", " with time zone" */
	int64_t size, scale; /* -1: not given */
};

static struct type type_of(const char *text)
{
	struct wb_sv all = wb_sv_trim(wb_sv_str(text)), inside, piece;
	const char *open = memchr(all.p, '(', all.n), *close = memchr(all.p, ')', all.n);
	struct type t = { all, { "", 0 }, -1, -1 };

	if (!open || !close || close < open)
		return t;
	t.head = wb_sv_trim(wb_sv(all.p, (size_t)(open - all.p)));
	t.tail = wb_sv(close + 1, (size_t)(all.p + all.n - close - 1));
	inside = wb_sv(open + 1, (size_t)(close - open - 1));
	if (wb_sv_cut(&inside, ',', &piece) && !wb_sv_i64(wb_sv_trim(piece), &t.size))
		t.head = all;
	if (wb_sv_cut(&inside, ',', &piece) && !wb_sv_i64(wb_sv_trim(piece), &t.scale))
		t.head = all;
	return t;
}

static bool same(struct wb_sv a, struct wb_sv b)
{
	return a.n == b.n && strncasecmp(a.p, b.p, a.n) == 0;
}

/* Without parameters these hold one character or bit. */
static bool is_fixed(struct wb_sv head)
{
	return wb_sv_ieq(head, "character") || wb_sv_ieq(head, "char") || wb_sv_ieq(head, "bit");
}

/* numeric(10,2) to numeric(12,4): as many digits before the point, and after it. */
static bool has_room(const struct type *old, const struct type *new)
{
	int64_t old_scale = old->scale < 0 ? 0 : old->scale, new_scale = new->scale < 0 ? 0 : new->scale;

	if (new->size < 0)
		return !is_fixed(new->head) || old->size < 0;
	return old->size >= 0 && new_scale >= old_scale && new->size - new_scale >= old->size - old_scale;
}

static bool is_widening(struct wb_sv old, struct wb_sv new)
{
	static const struct {
		const char *old, *new;
	} pairs[] = {
		{ "smallint", "integer" },      { "smallint", "int" },
		{ "smallint", "bigint" },       { "smallint", "numeric" },
		{ "smallint", "real" },         { "smallint", "double precision" },
		{ "integer", "int" },           { "integer", "bigint" },
		{ "integer", "numeric" },       { "integer", "double precision" },
		{ "int", "integer" },           { "int", "bigint" },
		{ "int", "numeric" },           { "bigint", "numeric" },
		{ "real", "double precision" }, { "character varying", "text" },
		{ "varchar", "text" },          { "bit", "bit varying" },
	};

	for (size_t i = 0; i < WB_ARRAY_LEN(pairs); i++)
		if (wb_sv_ieq(old, pairs[i].old) && wb_sv_ieq(new, pairs[i].new))
			return true;
	return false;
}

bool wb_type_is_wider(const char *old, const char *new)
{
	struct type o, n;

	if (!old || !new)
		return !new; /* a column without a type holds anything */
	o = type_of(old);
	n = type_of(new);
	if (!same(o.tail, n.tail))
		return false;
	return same(o.head, n.head) ? has_room(&o, &n) : n.size < 0 && is_widening(o.head, n.head);
}

/* ---- lists ---------------------------------------------------------------------------- */

/* Of what the new text has more: values, with commas and casts. */
static bool is_value(struct wb_token t, bool *in_cast)
{
	bool cast = *in_cast;

	*in_cast = is(t, ":") || (cast && t.kind == WB_TOK_WORD);
	return t.kind == WB_TOK_STRING || t.kind == WB_TOK_NUMBER || is(t, ",") || *in_cast;
}

/* Every token of the old text stands in the new one, in its order, and what stands between are values. */
bool wb_text_lists_more(const char *old, const char *new)
{
	struct wb_lexer a = reading(wb_sv_str(old)), b = reading(wb_sv_str(new));
	struct wb_token x = wb_lex_next_solid(&a), y = wb_lex_next_solid(&b);
	bool in_cast = false;

	for (; y.kind != WB_TOK_END; y = wb_lex_next_solid(&b)) {
		if (x.kind != WB_TOK_END && wb_sv_eq(x.text, y.text)) {
			x = wb_lex_next_solid(&a);
			in_cast = false;
		} else if (!is_value(y, &in_cast)) {
			return false;
		}
	}
	return x.kind == WB_TOK_END;
}

/* x NOT IN (…), which PostgreSQL writes as x <> ALL (…), and OR-less comparisons with one value are no such list. */
bool wb_check_lists_more(const char *old, const char *new)
{
	struct wb_lexer lx = reading(wb_sv_str(old));
	struct wb_token t = wb_lex_next_solid(&lx);
	bool list = false;

	for (; t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx)) {
		if (is(t, "NOT") || is(t, "ALL") || is(t, "<>") || is(t, "!="))
			return false;
		list |= is(t, "IN") || is(t, "ANY");
	}
	return list && wb_text_lists_more(old, new);
}

/* ---- the columns of a query -------------------------------------------------------------- */

struct columns {
	struct wb_lexer lx;
	bool started, ended;
};

static bool ends_list(struct wb_token t)
{
	static const char *const words[] = { "FROM",  "UNION", "INTERSECT", "EXCEPT", "WHERE", "GROUP",
					     "ORDER", "LIMIT", "HAVING",    "WINDOW", "OFFSET" };

	for (size_t i = 0; t.kind == WB_TOK_WORD && i < WB_ARRAY_LEN(words); i++)
		if (is(t, words[i]))
			return true;
	return t.kind == WB_TOK_END || t.kind == WB_TOK_SEMICOLON;
}

/* To behind the SELECT that is not inside anything: its names are those of all. */
static void start(struct columns *c)
{
	struct wb_token t = wb_lex_next_solid(&c->lx);
	int depth = 0;

	for (; t.kind != WB_TOK_END && !(depth == 0 && is(t, "SELECT")); t = wb_lex_next_solid(&c->lx))
		depth += (t.kind == WB_TOK_OPEN) - (t.kind == WB_TOK_CLOSE);
	c->ended = t.kind == WB_TOK_END;
	c->started = true;
}

/* a.b, b, … AS b, f(x) b; but neither a + b nor b::text. */
static bool names_it(struct wb_token before, struct wb_token last)
{
	bool name = last.kind == WB_TOK_IDENT || last.kind == WB_TOK_WORD;

	return name && (before.kind != WB_TOK_OTHER || is(before, "."));
}

/* The name of the next column; p NULL where it has none that can be read. False after the last. */
static bool next_column(struct columns *c, struct wb_sv *ret_name)
{
	struct wb_token t, last = { .kind = WB_TOK_SPACE }, before = last;
	int depth = 0;

	if (!c->started)
		start(c);
	if (c->ended)
		return false;
	for (t = wb_lex_next_solid(&c->lx); t.kind != WB_TOK_END; t = wb_lex_next_solid(&c->lx)) {
		if (depth == 0 && (is(t, ",") || ends_list(t)))
			break;
		depth += (t.kind == WB_TOK_OPEN) - (t.kind == WB_TOK_CLOSE);
		before = last;
		last = t;
	}
	c->ended = !is(t, ",");
	*ret_name = names_it(before, last) ? last.text : wb_sv(NULL, 0);
	return true;
}

static bool has_column(const char *query, struct wb_sv name)
{
	struct columns c = { .lx = reading(wb_sv_str(query)) };
	struct wb_sv other;

	while (next_column(&c, &other))
		if (other.p && same(name, other))
			return true;
	return false;
}

/* CREATE VIEW v (a, b) AS …: names that stand before the query. */
static bool names_before(const char *query)
{
	struct wb_lexer lx = reading(wb_sv_str(query));
	struct wb_token t = wb_lex_next_solid(&lx);
	bool create = is(t, "CREATE");

	while (create && t.kind != WB_TOK_END && t.kind != WB_TOK_OPEN && !is(t, "AS"))
		t = wb_lex_next_solid(&lx);
	return create && t.kind == WB_TOK_OPEN;
}

bool wb_query_keeps_columns(const char *old, const char *new)
{
	struct columns c = { .lx = reading(wb_sv_str(old)) };
	struct wb_sv name;
	bool any = false;

	if (!old || !new || names_before(old) || names_before(new))
		return false;
	while (next_column(&c, &name)) {
		any = true;
		if (!name.p || !has_column(new, name))
			return false;
	}
	return any;
}

bool wb_text_names_column(const char *text, const struct wb_model *before, const struct wb_object *table)
{
	const char *open = strchr(text, '(');
	struct wb_lexer lx = reading(wb_sv_str(open ? open : text));
	struct wb_token t = wb_lex_next_solid(&lx);
	char name[256];

	for (; t.kind != WB_TOK_END && !is(t, "REFERENCES"); t = wb_lex_next_solid(&lx)) {
		bool quoted = t.kind == WB_TOK_IDENT && t.text.n > 2;
		struct wb_sv plain = quoted ? wb_sv(t.text.p + 1, t.text.n - 2) : t.text;

		if (t.kind != WB_TOK_WORD && t.kind != WB_TOK_IDENT)
			continue;
		if (!wb_sv_copy(plain, name, sizeof(name)) ||
		    wb_model_find(before, WB_KIND_COLUMN, table->schema, table->name, name))
			return true;
	}
	return false;
}

/* ---- grants ---------------------------------------------------------------------------- */

/* "INSERT, SELECT ON TABLE t TO x": the rights, and the rest. */
static bool split(struct wb_sv line, struct wb_sv *rights, struct wb_sv *rest)
{
	static const char on[] = " ON ";

	for (size_t i = 0; i + 4 <= line.n; i++) {
		if (memcmp(line.p + i, on, 4) != 0)
			continue;
		*rights = wb_sv(line.p, i);
		*rest = wb_sv(line.p + i, line.n - i);
		return true;
	}
	return false;
}

static bool has_right(struct wb_sv rights, struct wb_sv right)
{
	struct wb_sv piece;

	while (wb_sv_cut(&rights, ',', &piece))
		if (wb_sv_eq(wb_sv_trim(piece), wb_sv_trim(right)))
			return true;
	return false;
}

/* To whom a right may be passed on has it, too. */
static bool is_granted(struct wb_sv lines, struct wb_sv right, struct wb_sv rest)
{
	struct wb_sv line, rights, other;

	while (wb_sv_cut(&lines, '\n', &line))
		if (split(line, &rights, &other) && other.n >= rest.n && memcmp(other.p, rest.p, rest.n) == 0 &&
		    (other.n == rest.n || other.p[rest.n] == ' ') && has_right(rights, right))
			return true;
	return false;
}

bool wb_grants_keep(const char *old, const char *new)
{
	struct wb_sv lines = wb_sv_str(old), line, rights, rest, right;

	while (wb_sv_cut(&lines, '\n', &line)) {
		if (!split(line, &rights, &rest))
			return false;
		while (wb_sv_cut(&rights, ',', &right))
			if (!is_granted(wb_sv_str(new), right, rest))
				return false;
	}
	return true;
}

/* ---- arguments ------------------------------------------------------------------------------ */

/* Up to the next comma that is not inside anything. */
static struct wb_sv next_argument(struct wb_lexer *lx)
{
	struct wb_token t = wb_lex_next_solid(lx);
	const char *from = t.text.p, *to = from;
	int depth = 0;

	for (; t.kind != WB_TOK_END && !(depth == 0 && is(t, ",")); t = wb_lex_next_solid(lx)) {
		depth += (t.kind == WB_TOK_OPEN) - (t.kind == WB_TOK_CLOSE);
		to = t.text.p + t.text.n;
	}
	return wb_sv(from, (size_t)(to - from));
}

/* The same name and type; a default may have come. */
bool wb_arguments_keep(const char *old, const char *new)
{
	struct wb_lexer a = reading(wb_sv_str(old ? old : "")), b = reading(wb_sv_str(new ? new : ""));

	for (;;) {
		struct wb_sv x = next_argument(&a), y = next_argument(&b);
		bool more = y.n > x.n;

		if (x.n == 0 || y.n == 0)
			return x.n == y.n;
		if (y.n < x.n || memcmp(x.p, y.p, x.n) != 0 ||
		    (more && !wb_sv_starts(wb_sv(y.p + x.n, y.n - x.n), " DEFAULT ")))
			return false;
	}
}
