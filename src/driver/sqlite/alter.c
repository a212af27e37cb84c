/* SPDX-License-Identifier: Apache-2.0
 *
 * ALTER TABLE as the standard has it: types, NOT NULL, defaults, constraints,
 * columns of any kind. Much of it sqlite3 lacks, and some it refuses for some
 * tables. Here a statement is applied to a table as parse_table.c gives it: so an
 * inspection can tell what a schema would be after it, and the table be built
 * anew. What hangs on a dropped column goes as in PostgreSQL.
 */
#include "driver/sqlite/parse_internal.h"

#include <strings.h>

struct altering {
	struct wb_sqlite_parser p;
	struct wb_sqlite_alter *alter;
	struct wb_sqlite_table *t;
	const char *name; /* NULL: only the form counts */
	size_t at; /* the token to blame */
	struct wb_error *err;
};

/* ---- what is wrong -------------------------------------------------------------------- */

static int unexpected(struct altering *g)
{
	const struct wb_sqlite_parser *p = &g->p;

	if (p->failed)
		return wb_err_nomem(g->err);
	g->at = p->i;
	if (p->i < p->n)
		(void)wb_err_set(g->err, WB_EINPUT, "near \"%.*s\": syntax error", (int)p->v[p->i].text.n,
				 p->v[p->i].text.p);
	else
		(void)wb_err_set(g->err, WB_EINPUT, "incomplete input");
	wb_err_hint(g->err,
		    "known are ADD [COLUMN], DROP [COLUMN], ADD CONSTRAINT, DROP CONSTRAINT, and ALTER [COLUMN] "
		    "... TYPE, SET or DROP NOT NULL, SET or DROP DEFAULT");
	return WB_EINPUT;
}

static void set_offset(struct altering *g)
{
	const struct wb_sqlite_parser *p = &g->p;

	g->alter->offset = g->at < p->n ? (size_t)(p->v[g->at].text.p - g->alter->sql.p) : g->alter->sql.n;
}

/* ---- looking ----------------------------------------------------------------------------- */

static struct wb_sqlite_column *find_column(const struct wb_sqlite_table *t, const char *name)
{
	for (size_t i = 0; i < t->n_columns; i++)
		if (strcasecmp(t->columns[i].name, name) == 0)
			return &t->columns[i];
	return NULL;
}

bool wb_sqlite_names(struct wb_arena *a, const char *sql, const char *column)
{
	struct wb_lexer lx;
	struct wb_token t;

	if (!sql)
		return false;
	wb_lex_init(&lx, WB_DIALECT_SQLITE, wb_sv_str(sql));
	while ((t = wb_lex_next_solid(&lx)).kind != WB_TOK_END) {
		const char *name = t.kind == WB_TOK_WORD || t.kind == WB_TOK_IDENT ? wb_sqlite_name(a, &t) : NULL;
		if (name && strcasecmp(name, column) == 0)
			return true;
	}
	return false;
}

/* SQLite puts quotes around a name where it has renamed something: that makes no other constraint. */
static const char *without_quotes(struct wb_arena *a, const char *text)
{
	wb_autostr bare = WB_STR_INIT;
	struct wb_lexer lx;

	if (!text)
		return NULL;
	wb_lex_init(&lx, WB_DIALECT_SQLITE, wb_sv_str(text));
	for (struct wb_token t = wb_lex_next(&lx); t.kind != WB_TOK_END; t = wb_lex_next(&lx))
		wb_str_addsv(&bare, wb_token_bare(t));
	return bare.failed ? NULL : wb_arena_sv(a, wb_str_sv(&bare));
}

/* Of one without a name: what it says. */
static const char *describe(struct wb_arena *a, const struct wb_sqlite_constraint *k)
{
	if (k->expression)
		return wb_arena_printf(a, "%s (%s)", k->type, k->expression);
	if (k->parent)
		return wb_arena_printf(a, "%s (%s) REFERENCES %s", k->type, k->columns, k->references);
	return strcmp(k->type, "PRIMARY KEY") == 0 ? k->type : wb_arena_printf(a, "%s (%s)", k->type, k->columns);
}

const char *wb_sqlite_constraint_name(struct wb_arena *a, const struct wb_sqlite_constraint *k)
{
	return k->name ? k->name : without_quotes(a, describe(a, k));
}

/* Takes a name that must be a column's: NULL when there is no such. Where only the form counts it is there. */
static int take_column(struct altering *g, struct wb_sqlite_column **ret_column, const char **ret_name)
{
	struct wb_sqlite_table *t = g->t;
	struct wb_sqlite_column imagined = { 0 };

	g->at = g->p.i;
	if (!wb_sqlite_take_name(&g->p, ret_name))
		return unexpected(g);
	*ret_column = find_column(t, *ret_name);
	if (*ret_column || g->name)
		return 0;
	imagined.name = *ret_name;
	if (!wb_vec_grow(&t->columns, t->n_columns, &t->cap_columns, sizeof(imagined)))
		return wb_err_nomem(g->err);
	*ret_column = &t->columns[t->n_columns];
	t->columns[t->n_columns++] = imagined;
	return 0;
}

static int no_column(struct altering *g, const char *name)
{
	(void)wb_err_set(g->err, WB_ESQL, "the table %s has no column %s", g->name, name);
	wb_err_hint(g->err, "is the name right, and has no earlier statement dropped or renamed it?");
	return WB_ESQL;
}

/* ---- ALTER COLUMN ---------------------------------------------------------------------------- */

static int set_type(struct altering *g, struct wb_sqlite_column *c)
{
	const char *type, *collate = c->collate;
	size_t from = g->p.i;

	if (!wb_sqlite_take_type(&g->p, &type))
		return unexpected(g);
	for (; from < g->p.i; from++) {
		if (g->p.v[from].kind != WB_TOK_WORD || !wb_sv_ieq(g->p.v[from].text, "USING"))
			continue;
		g->at = from;
		(void)wb_err_set(g->err, WB_EINPUT, "USING cannot stand in a migration for SQLite");
		wb_err_hint(g->err, "leave it out, and UPDATE the column before this statement");
		return WB_EINPUT;
	}
	if (wb_sqlite_word(&g->p, "COLLATE")) {
		collate = NULL;
		if (!wb_sqlite_collation(&g->p, &collate))
			return unexpected(g);
	}
	c->type = type;
	c->collate = collate;
	return 0;
}

static int set_not_null(struct altering *g, struct wb_sqlite_column *c)
{
	(void)g;
	c->not_null = true;
	return 0;
}

static int drop_not_null(struct altering *g, struct wb_sqlite_column *c)
{
	(void)g;
	c->not_null = false;
	c->not_null_conflict = NULL;
	return 0;
}

static int set_default(struct altering *g, struct wb_sqlite_column *c)
{
	return wb_sqlite_default(&g->p, &c->value) ? 0 : unexpected(g);
}

static int drop_default(struct altering *g, struct wb_sqlite_column *c)
{
	(void)g;
	c->value = NULL;
	return 0;
}

static const struct {
	const char *first, *second, *third;
	int (*change)(struct altering *g, struct wb_sqlite_column *c);
} changes[] = {
	{ "TYPE", NULL, NULL, set_type },        { "SET", "DATA", "TYPE", set_type },
	{ "SET", "NOT", "NULL", set_not_null },  { "DROP", "NOT", "NULL", drop_not_null },
	{ "SET", "DEFAULT", NULL, set_default }, { "DROP", "DEFAULT", NULL, drop_default },
};

static int alter_column(struct altering *g)
{
	struct wb_sqlite_column *c;
	const char *name;
	int rc = take_column(g, &c, &name);

	if (rc == 0 && !c)
		rc = no_column(g, name);
	for (size_t i = 0; rc == 0 && i < WB_ARRAY_LEN(changes); i++) {
		if (!wb_sqlite_words(&g->p, changes[i].first, changes[i].second))
			continue;
		if (changes[i].third && !wb_sqlite_word(&g->p, changes[i].third))
			return unexpected(g);
		return changes[i].change(g, c);
	}
	if (!wb_sqlite_word(&g->p, "SET"))
		(void)wb_sqlite_word(&g->p, "DROP");
	return rc ? rc : unexpected(g);
}

/* ---- ADD ------------------------------------------------------------------------------------------ */

static bool is_key(const struct wb_sqlite_constraint *k)
{
	return strcmp(k->type, "PRIMARY KEY") == 0;
}

/* The n-th and later ones are new. */
static int check_new(struct altering *g, size_t n)
{
	const struct wb_sqlite_table *t = g->t;

	for (size_t i = n; g->name && i < t->n_constraints; i++) {
		const struct wb_sqlite_constraint *k = &t->constraints[i];
		for (size_t j = 0; j < i; j++) {
			const struct wb_sqlite_constraint *before = &t->constraints[j];
			if (is_key(k) && is_key(before))
				return wb_err_set(g->err, WB_ESQL, "the table %s has a primary key already", g->name);
			if (k->name && before->name && strcasecmp(k->name, before->name) == 0)
				return wb_err_set(g->err, WB_ESQL, "the table %s has a constraint %s already", g->name,
						  k->name);
		}
	}
	return 0;
}

static int add_constraint(struct altering *g)
{
	size_t n = g->t->n_constraints;

	g->at = g->p.i;
	return wb_sqlite_take_constraint(&g->p, g->t) ? check_new(g, n) : unexpected(g);
}

static int add_column(struct altering *g)
{
	bool if_not_exists = wb_sqlite_words(&g->p, "IF", "NOT") && wb_sqlite_word(&g->p, "EXISTS");
	struct wb_sqlite_table *t = g->t;
	size_t n = t->n_columns, k = t->n_constraints;
	const struct wb_sqlite_column *same;

	g->at = g->p.i;
	if (!wb_sqlite_take_column(&g->p, t))
		return unexpected(g);
	same = find_column(t, t->columns[n].name);
	if (!g->name || same == &t->columns[n])
		return check_new(g, k);
	if (!if_not_exists)
		return wb_err_set(g->err, WB_ESQL, "the table %s has a column %s already", g->name, same->name);
	t->n_columns = n;
	t->n_constraints = k;
	return 0;
}

static int add(struct altering *g)
{
	return wb_sqlite_at_constraint(&g->p) ? add_constraint(g) : add_column(g);
}

/* ---- DROP -------------------------------------------------------------------------------------------- */

static void remove_constraint(struct wb_sqlite_table *t, size_t i)
{
	memmove(&t->constraints[i], &t->constraints[i + 1], (t->n_constraints - i - 1) * sizeof(t->constraints[0]));
	t->n_constraints--;
}

static bool restrict_only(struct altering *g)
{
	(void)wb_sqlite_word(&g->p, "RESTRICT");
	return !wb_sqlite_is_word(&g->p, 0, "CASCADE");
}

static int no_constraint(struct altering *g, const char *name)
{
	wb_autostr known = WB_STR_INIT;

	for (size_t i = 0; i < g->t->n_constraints; i++) {
		const char *one = wb_sqlite_constraint_name(g->p.a, &g->t->constraints[i]);
		wb_str_add(&known, i ? ", " : "");
		wb_quote_ident(&known, wb_sv_str(one ? one : ""));
	}
	(void)wb_err_set(g->err, WB_ESQL, "the table %s has no constraint %s", g->name, name);
	if (known.n && !known.failed)
		wb_err_hint(g->err, "it has %s; NOT NULL and DEFAULT are taken off with ALTER COLUMN", known.p);
	else
		wb_err_hint(g->err, "it has none; NOT NULL and DEFAULT are taken off with ALTER COLUMN");
	return WB_ESQL;
}

/* One without a name goes by the one that the model gives it: "UNIQUE (email)". */
static int drop_constraint(struct altering *g)
{
	bool if_exists = wb_sqlite_words(&g->p, "IF", "EXISTS");
	struct wb_sqlite_table *t = g->t;
	const char *name;

	g->at = g->p.i;
	if (!wb_sqlite_take_name(&g->p, &name) || !restrict_only(g))
		return unexpected(g);
	for (size_t i = 0; i < t->n_constraints; i++) {
		const char *known = wb_sqlite_constraint_name(g->p.a, &t->constraints[i]);
		if (!known)
			return wb_err_nomem(g->err);
		if (strcasecmp(known, name) != 0)
			continue;
		if (is_key(&t->constraints[i]) && t->without_rowid)
			return wb_err_set(g->err, WB_ESQL, "%s is the key of %s, which has no row numbers", name,
					  g->name);
		remove_constraint(t, i);
		return 0;
	}
	return if_exists || !g->name ? 0 : no_constraint(g, name);
}

static bool is_about(struct altering *g, const struct wb_sqlite_constraint *k, const char *column)
{
	return wb_sqlite_names(g->p.a, k->columns, column) || wb_sqlite_names(g->p.a, k->expression, column);
}

/* What would not be a table any more, or not compute. */
static int check_droppable(struct altering *g, const struct wb_sqlite_column *c)
{
	const struct wb_sqlite_table *t = g->t;

	if (t->n_columns == 1)
		return wb_err_set(g->err, WB_ESQL, "%s is the only column of %s", c->name, g->name);
	for (size_t i = 0; i < t->n_columns; i++)
		if (&t->columns[i] != c && wb_sqlite_names(g->p.a, t->columns[i].generated, c->name)) {
			(void)wb_err_set(g->err, WB_ESQL, "the generated column %s of %s needs %s", t->columns[i].name,
					 g->name, c->name);
			wb_err_hint(g->err, "drop it before, in a statement of its own");
			return WB_ESQL;
		}
	for (size_t i = 0; i < t->n_constraints && t->without_rowid; i++)
		if (is_key(&t->constraints[i]) && is_about(g, &t->constraints[i], c->name))
			return wb_err_set(g->err, WB_ESQL, "%s is in the key of %s, which has no row numbers", c->name,
					  g->name);
	return 0;
}

static int remove_column(struct altering *g, struct wb_sqlite_column *c)
{
	struct wb_sqlite_table *t = g->t;
	struct wb_sqlite_alter *alter = g->alter;

	if (!wb_vec_grow(&alter->dropped, alter->n_dropped, &alter->cap_dropped, sizeof(c->name)))
		return wb_err_nomem(g->err);
	alter->dropped[alter->n_dropped++] = c->name;
	for (size_t i = t->n_constraints; i > 0; i--)
		if (is_about(g, &t->constraints[i - 1], c->name))
			remove_constraint(t, i - 1);
	t->n_columns--;
	memmove(c, c + 1, (size_t)(&t->columns[t->n_columns] - c) * sizeof(*c));
	return 0;
}

static int drop_column(struct altering *g)
{
	bool if_exists = wb_sqlite_words(&g->p, "IF", "EXISTS");
	struct wb_sqlite_column *c;
	const char *name;
	int rc = take_column(g, &c, &name);

	if (rc == 0 && !restrict_only(g))
		return unexpected(g);
	if (rc || !g->name)
		return rc;
	if (!c)
		return if_exists ? 0 : no_column(g, name);
	rc = check_droppable(g, c);
	return rc ? rc : remove_column(g, c);
}

/* ---- all of it ------------------------------------------------------------------------------------------ */

static const struct {
	const char *first, *second;
	int (*act)(struct altering *g);
} actions[] = {
	{ "ALTER", "COLUMN", alter_column },
	{ "ALTER", NULL, alter_column },
	{ "ADD", "COLUMN", add_column },
	{ "ADD", NULL, add },
	{ "DROP", "CONSTRAINT", drop_constraint },
	{ "DROP", "COLUMN", drop_column },
	{ "DROP", NULL, drop_column },
};

static int act(struct altering *g)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(actions); i++)
		if (wb_sqlite_words(&g->p, actions[i].first, actions[i].second))
			return actions[i].act(g);
	return unexpected(g);
}

int wb_sqlite_alter_apply(struct wb_arena *a, struct wb_sqlite_alter *alter, const char *name,
			  struct wb_sqlite_table *table, struct wb_error *err)
{
	struct altering g = {
		.p = { .a = a, .v = alter->tokens.v, .n = alter->tokens.n, .i = alter->first, .self = name },
		.alter = alter,
		.t = table,
		.name = name,
		.err = err
	};
	int rc;

	do
		rc = act(&g);
	while (rc == 0 && wb_sqlite_char(&g.p, ","));
	if (rc == 0 && g.p.i < g.p.n)
		rc = unexpected(&g);
	if (rc == 0)
		wb_sqlite_settle_key(&g.p, table);
	if (rc == 0 && g.p.failed)
		rc = wb_err_nomem(err);
	set_offset(&g);
	return rc;
}

/* [schema.]name */
static bool take_table(struct wb_sqlite_parser *p, struct wb_sqlite_alter *alter)
{
	const char *schema;

	if (!wb_sqlite_take_name(p, &alter->table))
		return false;
	if (!wb_sqlite_char(p, "."))
		return true;
	schema = alter->table;
	if (!wb_sqlite_take_name(p, &alter->table))
		return false;
	if (strcasecmp(schema, "main") != 0)
		alter->table = NULL;
	return true;
}

int wb_sqlite_alter_read(struct wb_arena *a, struct wb_sv sql, struct wb_sqlite_alter *ret_alter, struct wb_error *err)
{
	struct wb_sqlite_parser p = { .a = a };

	*ret_alter = (struct wb_sqlite_alter){ .sql = sql };
	if (!wb_sqlite_tokens_read(&ret_alter->tokens, sql))
		return wb_err_nomem(err);
	p.v = ret_alter->tokens.v;
	p.n = ret_alter->tokens.n;
	if (ret_alter->tokens.flawed || !wb_sqlite_words(&p, "ALTER", "TABLE"))
		return wb_err_set(err, WB_EUNSUPPORTED, "this is no ALTER TABLE");
	ret_alter->if_exists = wb_sqlite_words(&p, "IF", "EXISTS");
	if (!take_table(&p, ret_alter))
		return p.failed ? wb_err_nomem(err)
				: wb_err_set(err, WB_EUNSUPPORTED, "this ALTER TABLE names no table");
	ret_alter->first = p.i;
	for (size_t i = 0; i < WB_ARRAY_LEN(actions); i++)
		if (wb_sqlite_is_word(&p, 0, actions[i].first))
			return 0;
	return wb_err_set(err, WB_EUNSUPPORTED, "this ALTER TABLE changes no part of a table");
}

void wb_sqlite_alter_done(struct wb_sqlite_alter *alter)
{
	wb_vec_done(&alter->tokens);
	free(alter->dropped);
	alter->dropped = NULL;
}
