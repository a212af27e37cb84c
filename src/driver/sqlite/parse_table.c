/* SPDX-License-Identifier: Apache-2.0
 *
 * CREATE TABLE as sqlite3 keeps it, by its grammar. The text has been accepted
 * before, so this asks what it says, not whether it is right; but what it does
 * not know to the last token (words of another library's) it does not claim to
 * understand.
 */
#include "driver/sqlite/parse_internal.h"

#include <strings.h>

/* ---- columns ------------------------------------------------------------------------- */

/* What is being read. */
struct reading {
	struct wb_sqlite_parser *p;
	struct wb_sqlite_table *table;
	struct wb_sqlite_column column;
	const char *name; /* of the constraint that comes next */
	bool in_column;
};

static struct wb_sqlite_constraint *add_constraint(struct reading *r, const char *type)
{
	struct wb_sqlite_constraint k = { .type = type, .name = r->name };
	wb_autostr self = WB_STR_INIT;

	r->name = NULL;
	if (r->in_column) {
		wb_sqlite_add_name(&self, r->column.name);
		k.columns = wb_sqlite_keep(r->p, &self);
	}
	if (!wb_vec_grow(&r->table->constraints, r->table->n_constraints, &r->table->cap_constraints, sizeof(k))) {
		r->p->failed = true;
		return NULL;
	}
	r->table->constraints[r->table->n_constraints] = k;
	return &r->table->constraints[r->table->n_constraints++];
}

/* ON CONFLICT …; what is the rule anyhow is not told. */
static bool conflict(struct reading *r, const char **ret_value)
{
	static const char *const values[] = { "ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE" };

	if (!wb_sqlite_words(r->p, "ON", "CONFLICT"))
		return true;
	for (size_t i = 0; i < WB_ARRAY_LEN(values); i++) {
		if (!wb_sqlite_word(r->p, values[i]))
			continue;
		*ret_value = i == 1 ? NULL : values[i];
		return true;
	}
	return false;
}

/* ---- foreign keys --------------------------------------------------------------------- */

static bool action(struct wb_sqlite_parser *p, const char **ret_value)
{
	static const struct {
		const char *first, *second, *value;
	} actions[] = {
		{ "SET", "NULL", "SET NULL" },  { "SET", "DEFAULT", "SET DEFAULT" },
		{ "CASCADE", NULL, "CASCADE" }, { "RESTRICT", NULL, "RESTRICT" },
		{ "NO", "ACTION", NULL },
	};

	for (size_t i = 0; i < WB_ARRAY_LEN(actions); i++) {
		if (!wb_sqlite_words(p, actions[i].first, actions[i].second))
			continue;
		*ret_value = actions[i].value;
		return true;
	}
	return false;
}

/* [NOT] DEFERRABLE [INITIALLY …] of the last foreign key; without one it says nothing. */
static bool deferral(struct reading *r, bool not )
{
	struct wb_sqlite_constraint *k = NULL;
	bool deferred = wb_sqlite_words(r->p, "INITIALLY", "DEFERRED");

	if (!deferred)
		(void)wb_sqlite_words(r->p, "INITIALLY", "IMMEDIATE");
	for (size_t i = r->table->n_constraints; i > 0 && !k; i--)
		if (r->table->constraints[i - 1].parent)
			k = &r->table->constraints[i - 1];
	if (k) {
		k->deferrable = !not ;
		k->deferred = !not &&deferred;
	}
	return true;
}

static bool references(struct reading *r, struct wb_sqlite_constraint *k)
{
	struct wb_sqlite_parser *p = r->p;
	wb_autostr text = WB_STR_INIT;
	const char *columns, *ignored;

	if (!wb_sqlite_take_name(p, &k->parent))
		return false;
	wb_sqlite_add_name(&text, k->parent);
	if (wb_sqlite_at_open(p)) {
		if (!wb_sqlite_key_list(p, NULL, &columns, NULL))
			return false;
		wb_str_addf(&text, " (%s)", columns);
	}
	k->references = wb_sqlite_keep(p, &text);
	for (;;) {
		bool good = true;

		if (wb_sqlite_word(p, "MATCH"))
			good = wb_sqlite_take_name(p, &k->match);
		else if (wb_sqlite_words(p, "ON", "DELETE"))
			good = action(p, &k->on_delete);
		else if (wb_sqlite_words(p, "ON", "UPDATE"))
			good = action(p, &k->on_update);
		else if (wb_sqlite_words(p, "ON", "INSERT"))
			good = action(p, &ignored);
		else
			return true;
		if (!good)
			return false;
	}
}

/* ---- constraints of a column -------------------------------------------------------------- */

static bool column_name(struct reading *r)
{
	return wb_sqlite_take_name(r->p, &r->name);
}

static bool column_null(struct reading *r)
{
	const char *ignored;

	return conflict(r, &ignored);
}

static bool column_not(struct reading *r)
{
	if (wb_sqlite_word(r->p, "DEFERRABLE"))
		return deferral(r, true);
	r->name = NULL;
	r->column.not_null = true;
	return wb_sqlite_word(r->p, "NULL") && conflict(r, &r->column.not_null_conflict);
}

static bool column_default(struct reading *r)
{
	r->name = NULL;
	return wb_sqlite_default(r->p, &r->column.value);
}

static bool column_primary(struct reading *r)
{
	struct wb_sqlite_constraint *k = add_constraint(r, "PRIMARY KEY");
	wb_autostr columns = WB_STR_INIT;

	if (!k || !wb_sqlite_word(r->p, "KEY"))
		return false;
	k->descending = wb_sqlite_word(r->p, "DESC");
	if (!k->descending)
		(void)wb_sqlite_word(r->p, "ASC");
	if (k->descending) {
		wb_str_addf(&columns, "%s DESC", k->columns);
		k->columns = wb_sqlite_keep(r->p, &columns);
	}
	if (!conflict(r, &k->on_conflict))
		return false;
	k->autoincrement = wb_sqlite_word(r->p, "AUTOINCREMENT");
	return true;
}

static bool column_unique(struct reading *r)
{
	struct wb_sqlite_constraint *k = add_constraint(r, "UNIQUE");

	return k && conflict(r, &k->on_conflict);
}

static bool column_check(struct reading *r)
{
	struct wb_sqlite_constraint *k = add_constraint(r, "CHECK");
	const char *ignored;

	if (!k)
		return false;
	k->columns = NULL;
	return wb_sqlite_take_parens(r->p, &k->expression) && conflict(r, &ignored);
}

static bool column_references(struct reading *r)
{
	struct wb_sqlite_constraint *k = add_constraint(r, "FOREIGN KEY");

	return k && references(r, k);
}

static bool column_deferrable(struct reading *r)
{
	return deferral(r, false);
}

static bool column_collate(struct reading *r)
{
	r->name = NULL;
	r->column.collate = NULL;
	return wb_sqlite_collation(r->p, &r->column.collate);
}

static bool column_as(struct reading *r)
{
	r->name = NULL;
	if (!wb_sqlite_take_parens(r->p, &r->column.generated))
		return false;
	r->column.stored = wb_sqlite_word(r->p, "STORED");
	if (!r->column.stored)
		(void)wb_sqlite_word(r->p, "VIRTUAL");
	return true;
}

static bool column_generated(struct reading *r)
{
	return wb_sqlite_words(r->p, "ALWAYS", "AS") && column_as(r);
}

static const struct {
	const char *word;
	bool (*take)(struct reading *r);
} column_words[] = {
	{ "CONSTRAINT", column_name },
	{ "NULL", column_null },
	{ "NOT", column_not },
	{ "DEFAULT", column_default },
	{ "PRIMARY", column_primary },
	{ "UNIQUE", column_unique },
	{ "CHECK", column_check },
	{ "REFERENCES", column_references },
	{ "COLLATE", column_collate },
	{ "DEFERRABLE", column_deferrable },
	{ "GENERATED", column_generated },
	{ "AS", column_as },
};

/* GENERATED may be a type's word, too. */
static bool starts_constraint(const struct wb_sqlite_parser *p)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(column_words); i++)
		if (wb_sqlite_is_word(p, 0, column_words[i].word))
			return column_words[i].take != column_generated ||
			       (wb_sqlite_is_word(p, 1, "ALWAYS") && wb_sqlite_is_word(p, 2, "AS"));
	return false;
}

static bool column_constraints(struct reading *r)
{
	while (starts_constraint(r->p)) {
		size_t i = 0;

		while (!wb_sqlite_word(r->p, column_words[i].word))
			i++;
		if (!column_words[i].take(r))
			return false;
	}
	return true;
}

/* ---- types ---------------------------------------------------------------------------------- */

/* The six that sqlite3 itself writes in upper case. */
static const char *standard_type(const char *text)
{
	static const char *const types[] = { "ANY", "BLOB", "INT", "INTEGER", "REAL", "TEXT" };

	for (size_t i = 0; i < WB_ARRAY_LEN(types); i++)
		if (strcasecmp(text, types[i]) == 0)
			return types[i];
	return NULL;
}

/* They are the same in quotes: [integer] is INTEGER, also where a key becomes the rowid. */
static const char *type_of(struct wb_sqlite_parser *p, const struct wb_token *only, struct wb_str *text)
{
	const char *name = only ? wb_sqlite_name(p->a, only) : text->p, *standard;

	p->failed |= !name || text->failed;
	standard = name ? standard_type(name) : NULL;
	return standard ? standard : wb_sqlite_keep(p, text);
}

/* Takes them off; GENERATED ALWAYS at the end is none of the type's, where AS stands further on. */
static size_t type_words(struct wb_sqlite_parser *p)
{
	size_t n = 0;

	for (; wb_sqlite_at_name(p) && !starts_constraint(p); n++)
		p->i++;
	if (n >= 2 && !wb_sqlite_at_open(p)) {
		p->i -= 2;
		n -= wb_sqlite_is_word(p, 0, "GENERATED") && wb_sqlite_is_word(p, 1, "ALWAYS") ? 2 : 0;
		p->i += 2;
	}
	return n;
}

static bool column_type(struct reading *r)
{
	struct wb_sqlite_parser *p = r->p;
	const struct wb_token *v = p->v + p->i;
	wb_autostr text = WB_STR_INIT;
	size_t n = type_words(p), from = p->i;

	for (size_t i = 0; i < n; i++) {
		wb_str_add(&text, i ? " " : "");
		wb_str_addsv(&text, v[i].text);
	}
	if (n && wb_sqlite_at_open(p)) {
		if (!wb_sqlite_skip_parens(p))
			return false;
		for (; from < p->i; from++)
			wb_str_addsv(&text, p->v[from].text);
	}
	if (n)
		r->column.type = type_of(p, n == 1 && p->i == (size_t)(v - p->v) + 1 ? v : NULL, &text);
	return true;
}

static bool column(struct reading *r)
{
	struct wb_sqlite_table *t = r->table;

	r->column = (struct wb_sqlite_column){ 0 };
	r->name = NULL;
	r->in_column = true;
	if (!wb_sqlite_take_name(r->p, &r->column.name) || !column_type(r) || !column_constraints(r))
		return false;
	if (!wb_vec_grow(&t->columns, t->n_columns, &t->cap_columns, sizeof(r->column))) {
		r->p->failed = true;
		return false;
	}
	t->columns[t->n_columns++] = r->column;
	return true;
}

/* ---- constraints of the table ------------------------------------------------------------------ */

static bool table_primary(struct reading *r)
{
	struct wb_sqlite_constraint *k = add_constraint(r, "PRIMARY KEY");

	return k && wb_sqlite_word(r->p, "KEY") && wb_sqlite_key_list(r->p, r->table, &k->columns, &k->autoincrement) &&
	       conflict(r, &k->on_conflict);
}

static bool table_unique(struct reading *r)
{
	struct wb_sqlite_constraint *k = add_constraint(r, "UNIQUE");

	return k && wb_sqlite_key_list(r->p, r->table, &k->columns, NULL) && conflict(r, &k->on_conflict);
}

static bool table_foreign(struct reading *r)
{
	struct wb_sqlite_constraint *k = add_constraint(r, "FOREIGN KEY");

	return k && wb_sqlite_word(r->p, "KEY") && wb_sqlite_key_list(r->p, r->table, &k->columns, NULL) &&
	       wb_sqlite_word(r->p, "REFERENCES") && references(r, k);
}

static bool table_not(struct reading *r)
{
	return wb_sqlite_word(r->p, "DEFERRABLE") && deferral(r, true);
}

static const struct {
	const char *word;
	bool (*take)(struct reading *r);
} table_words[] = {
	{ "CONSTRAINT", column_name }, { "PRIMARY", table_primary }, { "UNIQUE", table_unique },
	{ "CHECK", column_check },     { "FOREIGN", table_foreign }, { "DEFERRABLE", column_deferrable },
	{ "NOT", table_not },
};

static bool at_table_constraint(const struct wb_sqlite_parser *p)
{
	for (size_t i = 0; i < 5; i++)
		if (wb_sqlite_is_word(p, 0, table_words[i].word))
			return true;
	return false;
}

static bool table_constraint(struct reading *r)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(table_words); i++)
		if (wb_sqlite_word(r->p, table_words[i].word))
			return table_words[i].take(r);
	return false;
}

/* Between them sqlite3 asks for no comma. */
static bool table_constraints(struct reading *r)
{
	r->in_column = false;
	r->name = NULL;
	while (!wb_sqlite_at_close(r->p)) {
		if (wb_sqlite_char(r->p, ","))
			r->name = NULL;
		if (!table_constraint(r))
			return false;
	}
	return true;
}

static bool inside(struct reading *r)
{
	do {
		if (at_table_constraint(r->p))
			break;
		if (!column(r))
			return false;
	} while (wb_sqlite_char(r->p, ","));
	return table_constraints(r) && wb_sqlite_char(r->p, ")");
}

static bool options(struct wb_sqlite_parser *p, struct wb_sqlite_table *t)
{
	while (p->i < p->n) {
		if (wb_sqlite_words(p, "WITHOUT", "ROWID"))
			t->without_rowid = true;
		else if (wb_sqlite_word(p, "STRICT"))
			t->strict = true;
		else
			return false;
		if (p->i < p->n && !wb_sqlite_char(p, ","))
			return false;
	}
	return true;
}

/* The column that alone is the key and an INTEGER; NULL: there is none. */
static struct wb_sqlite_column *integer_key(struct wb_sqlite_parser *p, const struct wb_sqlite_table *t,
					    const struct wb_sqlite_constraint *k)
{
	for (size_t i = 0; i < t->n_columns; i++) {
		wb_autostr name = WB_STR_INIT;
		const char *rest;

		if (!t->columns[i].type || strcmp(t->columns[i].type, "INTEGER") != 0)
			continue;
		wb_sqlite_add_name(&name, t->columns[i].name);
		p->failed |= name.failed;
		if (!wb_sv_starts(wb_sv_str(k->columns), name.p))
			continue;
		rest = k->columns + name.n;
		if ((!*rest || *rest == ' ') && !strchr(rest, ','))
			return &t->columns[i];
	}
	return NULL;
}

/* As it must stand beside its column. */
static const char *key_text(struct wb_sqlite_parser *p, const struct wb_sqlite_constraint *k)
{
	wb_autostr text = WB_STR_INIT;

	if (k->name) {
		wb_str_add(&text, "CONSTRAINT ");
		wb_sqlite_add_name(&text, k->name);
		wb_str_addc(&text, ' ');
	}
	wb_str_add(&text, "PRIMARY KEY DESC");
	if (k->on_conflict)
		wb_str_addf(&text, " ON CONFLICT %s", k->on_conflict);
	return wb_sqlite_keep(p, &text);
}

/* An INTEGER that is the key is the row's number; but not if DESC stands beside the column, although the same behind
 * the columns says nothing. */
void wb_sqlite_settle_key(struct wb_sqlite_parser *p, struct wb_sqlite_table *t)
{
	t->rowid_alias = false;
	for (size_t i = 0; i < t->n_constraints && !t->without_rowid; i++) {
		struct wb_sqlite_constraint *k = &t->constraints[i];
		struct wb_sqlite_column *c = NULL;

		if (strcmp(k->type, "PRIMARY KEY") == 0)
			c = integer_key(p, t, k);
		if (!c)
			continue;
		t->rowid_alias = !k->descending;
		if (!k->descending)
			continue;
		c->key = key_text(p, k);
		memmove(k, k + 1, (t->n_constraints - i - 1) * sizeof(*k));
		t->n_constraints--;
		return;
	}
}

/* ---- pieces for ALTER TABLE ---------------------------------------------------------------------- */

bool wb_sqlite_take_column(struct wb_sqlite_parser *p, struct wb_sqlite_table *t)
{
	struct reading r = { .p = p, .table = t };

	return column(&r);
}

bool wb_sqlite_take_type(struct wb_sqlite_parser *p, const char **ret_type)
{
	struct reading r = { .p = p };
	bool there = wb_sqlite_at_name(p) && column_type(&r);

	*ret_type = r.column.type;
	return there && *ret_type;
}

bool wb_sqlite_at_constraint(const struct wb_sqlite_parser *p)
{
	return at_table_constraint(p);
}

bool wb_sqlite_take_constraint(struct wb_sqlite_parser *p, struct wb_sqlite_table *t)
{
	struct reading r = { .p = p, .table = t };
	size_t n = t->n_constraints;

	while (p->i < p->n && !wb_sv_eq(p->v[p->i].text, WB_SV(",")))
		if (!table_constraint(&r))
			return false;
	return t->n_constraints > n && !r.name;
}

/* ---- all of it --------------------------------------------------------------------------------------- */

int wb_sqlite_parse_table(struct wb_arena *a, const struct wb_sqlite_tokens *t, struct wb_sqlite_table *ret_table)
{
	struct wb_sqlite_parser p = { .a = a, .v = t->v, .n = t->n };
	struct reading r = { .p = &p, .table = ret_table };
	bool good;

	p.i = wb_sqlite_parse_head(t, "TABLE", NULL, NULL);
	p.self = p.i ? wb_sqlite_name(a, &t->v[p.i - 1]) : NULL;
	p.failed = p.i && !p.self;
	good = p.i && wb_sqlite_char(&p, "(") && inside(&r) && options(&p, ret_table);
	if (good)
		wb_sqlite_settle_key(&p, ret_table);
	return p.failed ? WB_ENOMEM : good;
}

void wb_sqlite_table_done(struct wb_sqlite_table *table)
{
	free(table->columns);
	free(table->constraints);
	*table = (struct wb_sqlite_table){ 0 };
}
