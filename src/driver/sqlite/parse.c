/* SPDX-License-Identifier: Apache-2.0
 *
 * The pieces that CREATE TABLE and CREATE INDEX have in common, and the
 * statements that are little more than those.
 */
#include "driver/sqlite/parse_internal.h"

#include <strings.h>

/* ---- looking --------------------------------------------------------------------------- */

static const struct wb_token *at(const struct wb_sqlite_parser *p, size_t ahead)
{
	static const struct wb_token end = { .kind = WB_TOK_END, .text = { "", 0 } };

	return p->i + ahead < p->n ? &p->v[p->i + ahead] : &end;
}

bool wb_sqlite_is_word(const struct wb_sqlite_parser *p, size_t ahead, const char *word)
{
	const struct wb_token *t = at(p, ahead);

	/* Asked so often that the first letter is worth looking at. */
	return t->kind == WB_TOK_WORD && ((t->text.p[0] ^ word[0]) & ~0x20) == 0 && wb_sv_ieq(t->text, word);
}

bool wb_sqlite_at_name(const struct wb_sqlite_parser *p)
{
	return wb_sqlite_is_name(at(p, 0));
}

bool wb_sqlite_at_open(const struct wb_sqlite_parser *p)
{
	return at(p, 0)->kind == WB_TOK_OPEN;
}

bool wb_sqlite_at_close(const struct wb_sqlite_parser *p)
{
	return at(p, 0)->kind == WB_TOK_CLOSE;
}

/* ---- taking ------------------------------------------------------------------------------ */

bool wb_sqlite_char(struct wb_sqlite_parser *p, const char *text)
{
	bool there = wb_sv_eq(at(p, 0)->text, wb_sv_str(text));

	p->i += there;
	return there;
}

bool wb_sqlite_word(struct wb_sqlite_parser *p, const char *word)
{
	bool there = wb_sqlite_is_word(p, 0, word);

	p->i += there;
	return there;
}

bool wb_sqlite_words(struct wb_sqlite_parser *p, const char *first, const char *second)
{
	bool there = wb_sqlite_is_word(p, 0, first) && (!second || wb_sqlite_is_word(p, 1, second));

	p->i += there ? 1 + (second != NULL) : 0;
	return there;
}

bool wb_sqlite_skip_parens(struct wb_sqlite_parser *p)
{
	size_t depth = 0;

	for (size_t i = p->i; i < p->n; i++) {
		depth += p->v[i].kind == WB_TOK_OPEN;
		depth -= p->v[i].kind == WB_TOK_CLOSE && depth > 0;
		if (depth == 0) {
			bool closed = i > p->i;

			p->i = closed ? i + 1 : p->i;
			return closed;
		}
	}
	return false;
}

const char *wb_sqlite_keep(struct wb_sqlite_parser *p, struct wb_str *text)
{
	char *kept = text->failed ? NULL : wb_arena_sv(p->a, wb_str_sv(text));

	p->failed |= !kept;
	return kept ? kept : "";
}

/* Is it the table's own name in front of a column's? */
static bool is_self(struct wb_sqlite_parser *p, size_t i, size_t to)
{
	const char *name;

	if (!p->self || i + 1 >= to || !wb_sv_eq(p->v[i + 1].text, WB_SV(".")) || !wb_sqlite_is_name(&p->v[i]))
		return false;
	name = wb_sqlite_name(p->a, &p->v[i]);
	p->failed |= !name;
	return name && strcasecmp(name, p->self) == 0;
}

/* The table's own name says nothing in an expression of the table, and would be wrong while it has another one. */
static const char *keep_tokens(struct wb_sqlite_parser *p, size_t from, size_t to)
{
	struct wb_sqlite_tokens kept = { 0 };
	wb_autostr text = WB_STR_INIT;

	for (size_t i = from; i < to; i++) {
		if (is_self(p, i, to))
			i++;
		else if (!wb_vec_push(&kept, p->v[i]))
			p->failed = true;
	}
	wb_sqlite_canonical(&text, kept.v, kept.n, true);
	wb_vec_done(&kept);
	return wb_sqlite_keep(p, &text);
}

bool wb_sqlite_take_parens(struct wb_sqlite_parser *p, const char **ret_expression)
{
	size_t from = p->i + 1;

	if (!wb_sqlite_skip_parens(p))
		return false;
	*ret_expression = keep_tokens(p, from, p->i - 1);
	return true;
}

bool wb_sqlite_take_name(struct wb_sqlite_parser *p, const char **ret_name)
{
	if (!wb_sqlite_at_name(p))
		return false;
	*ret_name = wb_sqlite_name(p->a, at(p, 0));
	p->failed |= !*ret_name;
	p->i++;
	return *ret_name;
}

/* Those that are built in are known by any case. */
static void add_collation(struct wb_str *out, const char *name)
{
	static const char *const known[] = { "BINARY", "NOCASE", "RTRIM" };

	for (size_t i = 0; i < WB_ARRAY_LEN(known); i++) {
		if (strcasecmp(name, known[i]) != 0)
			continue;
		wb_str_add(out, known[i]);
		return;
	}
	wb_sqlite_add_name(out, name);
}

bool wb_sqlite_collation(struct wb_sqlite_parser *p, const char **ret_collation)
{
	wb_autostr text = WB_STR_INIT;
	const char *name;

	if (!wb_sqlite_take_name(p, &name))
		return false;
	add_collation(&text, name);
	if (strcmp(text.p, "BINARY") != 0)
		*ret_collation = wb_sqlite_keep(p, &text);
	return true;
}

/* ---- DEFAULT ------------------------------------------------------------------------------- */

static bool is_literal(const struct wb_token *t)
{
	return t->kind == WB_TOK_NUMBER || t->kind == WB_TOK_STRING ||
	       (t->kind == WB_TOK_WORD && wb_sqlite_is_value(t->text));
}

/* Parentheses around a literal say nothing. A bare word that is no value is a string to sqlite3 and stays as it is. */
bool wb_sqlite_default(struct wb_sqlite_parser *p, const char **ret_value)
{
	wb_autostr text = WB_STR_INIT;
	size_t from = p->i, n, sign;

	if (wb_sqlite_at_open(p)) {
		if (!wb_sqlite_skip_parens(p))
			return false;
		n = p->i - from - 2;
		sign = n == 2 && wb_sv_eq(p->v[from + 1].text, WB_SV("-")) && p->v[from + 2].kind == WB_TOK_NUMBER;
		if (sign || (n == 1 && is_literal(&p->v[from + 1])))
			*ret_value = keep_tokens(p, from + 1, p->i - 1);
		else
			*ret_value = keep_tokens(p, from, p->i);
		return true;
	}
	p->i += wb_sv_eq(at(p, 0)->text, WB_SV("-")) || wb_sv_eq(at(p, 0)->text, WB_SV("+"));
	if (!wb_sqlite_at_name(p) && !is_literal(at(p, 0)))
		return false;
	p->i++;
	wb_sqlite_canonical(&text, p->v + from, p->i - from, is_literal(&p->v[p->i - 1]));
	*ret_value = wb_sqlite_keep(p, &text);
	return true;
}

/* ---- lists of columns ------------------------------------------------------------------------ */

static bool is_word_at(const struct wb_sqlite_parser *p, size_t i, const char *word)
{
	return p->v[i].kind == WB_TOK_WORD && wb_sv_ieq(p->v[i].text, word);
}

/* As the table writes it; what is none of its columns (rowid, a string in double quotes) as it is written here. */
static void add_column(struct wb_sqlite_parser *p, const struct wb_sqlite_table *table, const struct wb_token *t,
		       struct wb_str *out)
{
	const char *name = wb_sqlite_name(p->a, t);

	p->failed |= !name;
	for (size_t i = 0; name && table && i < table->n_columns; i++) {
		if (strcasecmp(table->columns[i].name, name) != 0)
			continue;
		wb_sqlite_add_name(out, table->columns[i].name);
		return;
	}
	if (name && !table)
		wb_sqlite_add_name(out, name);
	else
		wb_str_addsv(out, t->text);
}

/* The tokens of one entry, [from, to). */
static bool add_item(struct wb_sqlite_parser *p, const struct wb_sqlite_table *table, size_t from, size_t to,
		     struct wb_str *out)
{
	bool descending = to - from > 1 && is_word_at(p, to - 1, "DESC");
	const char *collation = NULL;

	if (from == to)
		return false;
	to -= descending || (to - from > 1 && is_word_at(p, to - 1, "ASC"));
	if (to - from > 2 && is_word_at(p, to - 2, "COLLATE") && wb_sqlite_is_name(&p->v[to - 1])) {
		collation = wb_sqlite_name(p->a, &p->v[to - 1]);
		p->failed |= !collation;
		to -= 2;
	}
	wb_str_add(out, out->n ? ", " : "");
	if (to - from == 1 && wb_sqlite_is_name(&p->v[from]))
		add_column(p, table, &p->v[from], out);
	else
		wb_sqlite_canonical(out, p->v + from, to - from, true);
	if (collation) {
		wb_str_add(out, " COLLATE ");
		add_collation(out, collation);
	}
	wb_str_add(out, descending ? " DESC" : "");
	return true;
}

/* Behind the last token of an entry. */
static size_t item_end(const struct wb_sqlite_parser *p, size_t from, size_t end)
{
	size_t depth = 0, i = from;

	for (; i < end && (depth > 0 || !wb_sv_eq(p->v[i].text, WB_SV(","))); i++) {
		depth += p->v[i].kind == WB_TOK_OPEN;
		depth -= p->v[i].kind == WB_TOK_CLOSE;
	}
	return i;
}

bool wb_sqlite_key_list(struct wb_sqlite_parser *p, const struct wb_sqlite_table *table, const char **ret_columns,
			bool *ret_autoincrement)
{
	wb_autostr text = WB_STR_INIT;
	size_t from = p->i + 1, end;

	if (!wb_sqlite_at_open(p) || !wb_sqlite_skip_parens(p))
		return false;
	end = p->i - 1;
	if (ret_autoincrement && end - from > 1 && is_word_at(p, end - 1, "AUTOINCREMENT")) {
		*ret_autoincrement = true;
		end--;
	}
	for (size_t to;; from = to + 1) {
		to = item_end(p, from, end);
		if (!add_item(p, table, from, to, &text))
			return false;
		if (to == end)
			break;
	}
	*ret_columns = wb_sqlite_keep(p, &text);
	return true;
}

/* ---- the other statements ---------------------------------------------------------------------- */

size_t wb_sqlite_parse_head(const struct wb_sqlite_tokens *t, const char *kind, const char *before, bool *ret_before)
{
	struct wb_sqlite_parser p = { .v = t->v, .n = t->n };

	if (t->flawed || !wb_sqlite_word(&p, "CREATE"))
		return 0;
	if (!wb_sqlite_word(&p, "TEMP"))
		(void)wb_sqlite_word(&p, "TEMPORARY");
	if (before)
		*ret_before = wb_sqlite_word(&p, before);
	if (!wb_sqlite_word(&p, kind))
		return 0;
	if (wb_sqlite_words(&p, "IF", "NOT"))
		(void)wb_sqlite_word(&p, "EXISTS");
	if (wb_sv_eq(at(&p, 1)->text, WB_SV(".")))
		p.i += 2;
	return wb_sqlite_at_name(&p) ? p.i + 1 : 0;
}

int wb_sqlite_parse_index(struct wb_arena *a, const struct wb_sqlite_tokens *t, const struct wb_sqlite_table *table,
			  struct wb_sqlite_index *ret_index)
{
	struct wb_sqlite_parser p = { .a = a, .v = t->v, .n = t->n };
	const char *ignored;

	*ret_index = (struct wb_sqlite_index){ 0 };
	p.i = wb_sqlite_parse_head(t, "INDEX", "UNIQUE", &ret_index->unique);
	if (!p.i || !wb_sqlite_word(&p, "ON") || !wb_sqlite_take_name(&p, &ignored) ||
	    !wb_sqlite_key_list(&p, table, &ret_index->columns, NULL))
		return p.failed ? WB_ENOMEM : 0;
	if (p.i < p.n) {
		if (!wb_sqlite_word(&p, "WHERE"))
			return 0;
		ret_index->where = keep_tokens(&p, p.i, p.n);
	}
	return p.failed ? WB_ENOMEM : 1;
}

/* What stands between two commas, from its first token to its last, as sqlite3 hands it to the module. */
static void add_argument(struct wb_sqlite_parser *p, size_t from, size_t to, struct wb_str *out)
{
	const struct wb_token *last = &p->v[to - 1];

	if (from < to)
		wb_str_addn(out, p->v[from].text.p, (size_t)(last->text.p + last->text.n - p->v[from].text.p));
}

int wb_sqlite_parse_virtual(struct wb_arena *a, const struct wb_sqlite_tokens *t, const char **ret_module,
			    const char **ret_arguments)
{
	struct wb_sqlite_parser p = { .a = a, .v = t->v, .n = t->n };
	wb_autostr module = WB_STR_INIT, arguments = WB_STR_INIT;
	const char *name;
	bool is_virtual = false;
	size_t from;

	p.i = wb_sqlite_parse_head(t, "TABLE", "VIRTUAL", &is_virtual);
	if (!p.i || !is_virtual || !wb_sqlite_word(&p, "USING") || !wb_sqlite_take_name(&p, &name))
		return p.failed ? WB_ENOMEM : 0;
	wb_sqlite_add_name(&module, name);
	*ret_module = wb_sqlite_keep(&p, &module);
	*ret_arguments = NULL;
	from = p.i + 1;
	if (wb_sqlite_skip_parens(&p)) {
		for (size_t to;; from = to + 1) {
			to = item_end(&p, from, p.i - 1);
			add_argument(&p, from, to, &arguments);
			if (to == p.i - 1)
				break;
			wb_str_add(&arguments, ", ");
		}
		if (arguments.n || arguments.failed)
			*ret_arguments = wb_sqlite_keep(&p, &arguments);
	}
	return p.failed ? WB_ENOMEM : p.i == p.n;
}
