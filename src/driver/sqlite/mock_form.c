/* SPDX-License-Identifier: Apache-2.0
 *
 * Forms of statements: what is left of one without its names and values. Whether
 * sqlite3 can read a statement depends on its form alone, and what it does to tables
 * whose columns are known does so, too. Folders of a thousand files have few forms,
 * and what was taken once need not be tried again; on the schema of a database only
 * where there are very many.
 */
#include "driver/sqlite/mock.h"
#include "driver/sqlite/parse.h"

#include <strings.h>

#define TOKENS_MAX 400
#define NAMES_MAX 48

enum { READ = 1, TAKEN = 2 }; /* sqlite3 could read it; it took it, and all was known */

/* ---- the form ----------------------------------------------------------------------- */

/* Words that are no keywords, and count all the same. */
static bool is_said(struct wb_sv word)
{
	static const char *const words[] = { "ROWID", "STRICT", "STORED", "INTEGER" };

	for (size_t i = 0; i < WB_ARRAY_LEN(words); i++)
		if (wb_sv_ieq(word, words[i]))
			return true;
	return false;
}

static uint64_t add(uint64_t h, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)(p[i] >= 'a' && p[i] <= 'z' ? p[i] & ~0x20 : p[i])) * 0x100000001b3u;
	return h * 0x100000001b3u;
}

/* Which of the names it is, in the order of their first appearance; NAMES_MAX: there are too many. */
static size_t number_of(struct wb_sv names[NAMES_MAX], size_t *n, struct wb_sv name)
{
	size_t i = 0;

	while (i < *n && (names[i].n != name.n || strncasecmp(names[i].p, name.p, name.n) != 0))
		i++;
	if (i == *n && i < NAMES_MAX)
		names[(*n)++] = name;
	return i;
}

uint64_t wb_sqlite_form(const struct wb_token *v, size_t n)
{
	struct wb_sv names[NAMES_MAX];
	uint64_t h = 0xcbf29ce484222325u;
	size_t n_names = 0;
	bool calls, collates;

	for (size_t i = 0; i < n && n <= TOKENS_MAX; i++) {
		const struct wb_token *t = &v[i];
		bool word = t->kind == WB_TOK_WORD;

		h = (h ^ (unsigned)t->kind) * 0x100000001b3u;
		calls = i + 1 < n && v[i + 1].kind == WB_TOK_OPEN && i > 0 && v[i - 1].kind != WB_TOK_WORD;
		collates = i > 0 && v[i - 1].kind == WB_TOK_WORD && wb_sv_ieq(v[i - 1].text, "COLLATE");
		if (t->kind == WB_TOK_OTHER || (word && (calls || collates || is_said(t->text) ||
							 sqlite3_keyword_check(t->text.p, (int)t->text.n)))) {
			h = add(h, t->text.p, t->text.n);
			continue;
		}
		if (!word && t->kind != WB_TOK_IDENT)
			continue;
		size_t number = number_of(names, &n_names, t->text);
		if (number == NAMES_MAX || wb_sv_ieq(t->text, "STRICT"))
			return 0;
		h = (h ^ number) * 0x100000001b3u;
	}
	return n <= TOKENS_MAX ? h | 1 : 0;
}

/* ---- those seen ------------------------------------------------------------------------- */

static uintptr_t seen(const struct wb_sqlite_mock *m, uint64_t form)
{
	return (uintptr_t)wb_map_get(&m->forms, wb_sv((const char *)&form, sizeof(form)));
}

void wb_sqlite_mock_remember(struct wb_sqlite_mock *m, const struct wb_operations *ops, const struct wb_tried *t)
{
	uintptr_t is = t->verdict == WB_TAKEN ? (uintptr_t)(READ | TAKEN) : t->verdict == WB_DOUBTFUL ? READ : 0;
	uint64_t *key;

	if (!is || !ops->form || t->corrected || t->n_notes || (seen(m, ops->form) & is) == is)
		return;
	key = wb_arena_alloc(&m->arena, sizeof(*key));
	if (!key) {
		m->failed = true;
		return;
	}
	*key = ops->form;
	m->failed |= !wb_map_put(&m->forms, wb_sv((const char *)key, sizeof(*key)), (void *)(is | seen(m, ops->form)));
}

/* ---- tables by their texts ----------------------------------------------------------------- */

static bool is_word_char(char c)
{
	return c == '_' || c == '$' || c < 0 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static bool says(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = strcasestr(text, name); p; p = strcasestr(p + 1, name))
		if ((p == text || !is_word_char(p[-1])) && !is_word_char(p[n]))
			return true;
	return false;
}

/* A table of which nothing but texts is there yet, without views and triggers. */
static const struct wb_sqlite_word *find_table(const struct wb_sqlite_mock *m, struct wb_name name)
{
	const struct wb_sqlite_word *w = name.schema ? NULL : wb_sqlite_mock_word(m, wb_sv_str(name.name));

	if (!w || !w->first || w->unsure)
		return NULL;
	for (const struct wb_sqlite_link *l = w->first; l; l = l->next)
		if (l->known->done || l->known->reads)
			return NULL;
	return w;
}

static bool has_column(const struct wb_sqlite_word *table, const char *name)
{
	for (const struct wb_sqlite_link *l = table->first; l; l = l->next)
		if (says(l->known->sql, name))
			return true;
	return false;
}

/* Nobody has said anything of it; or what is said of it is only likely. */
static bool is_unknown(const struct wb_sqlite_mock *m, struct wb_name name)
{
	const struct wb_sqlite_word *w = name.name ? wb_sqlite_mock_word(m, wb_sv_str(name.name)) : NULL;

	return name.name && !name.schema && (!w || w->unsure || !w->first);
}

/* ---- what they are asked to do --------------------------------------------------------------- */

struct again {
	struct wb_sqlite_mock *m;
	struct wb_sv sql;
	const struct wb_operation *op;
	const struct wb_sqlite_word *table; /* NULL: nothing is known of it */
};

static bool know(const struct again *g, const char *name, const char *on)
{
	g->m->failed |= wb_sqlite_mock_know(g->m, g->sql, name, on, false, NULL) != 0;
	return true;
}

static bool is_new(const struct again *g, struct wb_name name)
{
	const struct wb_sqlite_word *w = name.name ? wb_sqlite_mock_word(g->m, wb_sv_str(name.name)) : NULL;

	return name.name && !name.schema && (!w || (!w->first && !w->unsure));
}

static bool create_table(const struct again *g)
{
	const struct wb_operation *op = g->op;

	if (!is_new(g, op->table) || op->kind != WB_KIND_TABLE || (op->flags & WB_WITH_TEMPORARY) || g->m->marked)
		return false;
	if (op->flags & WB_WITH_IF_EXISTS)
		g->m->failed |= wb_sqlite_mock_doubt(g->m, wb_sv_str(op->table.name), NULL) != 0;
	return know(g, op->table.name, NULL);
}

static bool has_columns(const struct again *g)
{
	for (size_t i = 0; i < g->op->n_columns; i++)
		if (!g->op->columns[i] || !has_column(g->table, g->op->columns[i]))
			return false;
	return g->op->n_columns;
}

static bool create_index(const struct again *g)
{
	const struct wb_operation *op = g->op;

	if (!is_new(g, op->object) || g->m->marked)
		return false;
	if (!g->table)
		return true;
	return !(op->flags & WB_WITH_WHERE) && has_columns(g) && know(g, op->object.name, op->table.name);
}

static bool add_column(const struct again *g)
{
	if (!g->table)
		return true;
	if (g->m->marked || !g->op->object.name || has_column(g->table, g->op->object.name))
		return false;
	return know(g, g->op->table.name, NULL);
}

/* Only for a moment: what comes after it is not refused any more. */
static bool drop_column(const struct again *g)
{
	if (!g->table)
		return true;
	if (!g->m->marked || !g->op->object.name || !has_column(g->table, g->op->object.name))
		return false;
	g->m->loose = true;
	return true;
}

static bool insert(const struct again *g)
{
	return !g->table || (!g->op->other.name && has_columns(g));
}

/* Every name in it is the table's, or stands in its text. */
static bool change_rows(const struct again *g)
{
	struct wb_lexer lx;
	char name[128];

	wb_lex_init(&lx, WB_DIALECT_SQLITE, g->sql);
	for (struct wb_token t = wb_lex_next_solid(&lx); g->table && t.kind != WB_TOK_END; t = wb_lex_next_solid(&lx)) {
		if (t.kind != WB_TOK_WORD && t.kind != WB_TOK_IDENT)
			continue;
		if (t.kind == WB_TOK_WORD && sqlite3_keyword_check(t.text.p, (int)t.text.n))
			continue;
		if (t.kind == WB_TOK_IDENT || !wb_sv_copy(t.text, name, sizeof(name)) ||
		    (strcasecmp(name, g->op->table.name) != 0 && !has_column(g->table, name)))
			return false;
	}
	return true;
}

/* What waited to be made is of no use any more; a mark brings it back. */
static bool drop(const struct again *g)
{
	const struct wb_name *name = &g->op->object;
	const struct wb_sqlite_word *w = find_table(g->m, *name);

	for (const struct wb_sqlite_link *l = w ? w->first : NULL; l; l = l->next) {
		struct wb_sqlite_known *k = l->known;
		k->done = true;
		g->m->failed |= g->m->marked && !wb_vec_push(&g->m->since_mark, k);
	}
	return w;
}

static const struct {
	enum wb_op code;
	bool (*again)(const struct again *g);
	bool makes; /* the table need not be known */
} kinds[] = {
	{ WB_OP_TABLE_CREATE, create_table, true },
	{ WB_OP_INDEX_CREATE, create_index, false },
	{ WB_OP_COLUMN_ADD, add_column, false },
	{ WB_OP_COLUMN_DROP, drop_column, false },
	{ WB_OP_INSERT, insert, false },
	{ WB_OP_UPDATE, change_rows, false },
	{ WB_OP_DELETE, change_rows, false },
	{ WB_OP_DROP, drop, true },
	{ WB_OP_INDEX_DROP, drop, true },
};

bool wb_sqlite_mock_again(struct wb_sqlite_mock *m, struct wb_sv sql, const struct wb_operations *ops,
			  struct wb_tried *ret_tried)
{
	struct again g = { .m = m, .sql = sql, .op = ops->v };
	uintptr_t is = ops->form && ops->n && wb_sqlite_mock_hurries(m) && !m->blind ? seen(m, ops->form) : 0;
	size_t i = 0;

	for (size_t k = 1; k < ops->n && is; k++)
		is = ops->v[k].flags & WB_WITH_INLINE ? is : 0;
	while (is && i < WB_ARRAY_LEN(kinds) && kinds[i].code != g.op->code)
		i++;
	if (!is || i == WB_ARRAY_LEN(kinds))
		return false;
	g.table = kinds[i].makes ? NULL : find_table(m, g.op->table);
	if (!kinds[i].makes && !g.table && (m->base.exact || !is_unknown(m, g.op->table)))
		return false;
	if ((g.table || kinds[i].makes) && !(is & TAKEN))
		return false;
	if (!kinds[i].again(&g))
		return false;
	ret_tried->verdict = g.table || kinds[i].makes ? WB_TAKEN : WB_DOUBTFUL;
	return true;
}
