/* SPDX-License-Identifier: Apache-2.0
 *
 * What a query asks, told by its tokens: clauses are found by their words, what
 * WHERE and ON join by AND is cut into conditions, a condition is a column or a
 * call of one, an operator, and a value. What is not understood asks nothing:
 * a candidate less, never a wrong one.
 */
#include "bench/advise.h"

#include "base/banned.h"

struct tokens {
	struct wb_token *v;
	size_t n, cap;
};
struct reading {
	enum wb_dialect dialect;
	struct wb_arena *a;
	struct tokens t;
	WB_VEC(struct wb_shape) shapes;
	bool failed;
};
struct scope {
	struct reading *r;
	WB_VEC(struct wb_shape_table) tables;
	WB_VEC(struct wb_shape_condition) conditions;
	WB_VEC(struct wb_shape_sort) sorts;
	WB_VEC(struct wb_shape_key) groups;
	WB_VEC(struct wb_shape_column) columns;
	bool limit;
};
struct span {
	size_t from, to;
};

/* ---- tokens -------------------------------------------------------------------------- */

static bool is_word(const struct reading *r, size_t i, const char *word)
{
	return i < r->t.n && r->t.v[i].kind == WB_TOK_WORD && wb_sv_ieq(r->t.v[i].text, word);
}

static bool among(const struct reading *r, size_t i, const char *words)
{
	struct wb_sv rest = wb_sv_str(words), one;
	if (i >= r->t.n || r->t.v[i].kind != WB_TOK_WORD)
		return false;
	while (wb_sv_cut(&rest, ' ', &one)) {
		if (one.n == r->t.v[i].text.n && !strncasecmp(one.p, r->t.v[i].text.p, one.n))
			return true;
	}
	return false;
}

static bool is_text(const struct reading *r, size_t i, const char *text)
{
	return i < r->t.n && wb_sv_eq(r->t.v[i].text, wb_sv_str(text));
}

static bool opens(const struct reading *r, size_t i)
{
	return i < r->t.n && r->t.v[i].kind == WB_TOK_OPEN;
}

/* Behind the bracket that closes the one at i. */
static size_t behind(const struct reading *r, size_t i, size_t end)
{
	int depth = 0;
	for (; i < end; i++) {
		depth += (r->t.v[i].kind == WB_TOK_OPEN) - (r->t.v[i].kind == WB_TOK_CLOSE);
		if (depth == 0)
			return i + 1;
	}
	return end;
}

/* The first of these words outside brackets; end: none. */
static size_t find(const struct reading *r, size_t i, size_t end, const char *words)
{
	while (i < end && !among(r, i, words))
		i = opens(r, i) ? behind(r, i, end) : i + 1;
	return i;
}

static size_t find_text(const struct reading *r, size_t i, size_t end, const char *text)
{
	while (i < end && !is_text(r, i, text))
		i = opens(r, i) ? behind(r, i, end) : i + 1;
	return i;
}

#define NOT_NAMES \
	"select from where and or not in is null like glob between group order by having limit offset join left " \
	"right full " \
	"inner outer cross natural on using as case when then else end exists union intersect except distinct all " \
	"asc desc " \
	"nulls first last cast collate values with recursive set update delete insert into returning window over " \
	"indexed true false"

static bool is_name(const struct reading *r, size_t i)
{
	return i < r->t.n &&
	       (r->t.v[i].kind == WB_TOK_IDENT || (r->t.v[i].kind == WB_TOK_WORD && !among(r, i, NOT_NAMES)));
}

static const char *name_at(struct reading *r, size_t i)
{
	struct wb_sv text = r->t.v[i].text;
	if (r->t.v[i].kind == WB_TOK_IDENT && text.n >= 2)
		text = wb_sv(text.p + 1, text.n - 2);
	const char *p = wb_arena_sv(r->a, text);
	r->failed |= !p;
	return p;
}

/* a.b or b; *ret_next: behind it. A call is none. */
static bool column_at(struct reading *r, size_t i, size_t end, const char **ret_alias, const char **ret_name,
		      size_t *ret_next)
{
	if (i >= end || !is_name(r, i))
		return false;
	*ret_alias = NULL;
	if (i + 2 < end && is_text(r, i + 1, ".") && is_name(r, i + 2)) {
		*ret_alias = name_at(r, i);
		i += 2;
	}
	if (opens(r, i + 1) && i + 1 < end)
		return false;
	*ret_name = name_at(r, i);
	*ret_next = i + 1;
	return true;
}

/* ---- keys -------------------------------------------------------------------------------- */

static const char *quoted(struct reading *r, const char *name)
{
	wb_autostr s = WB_STR_INIT;
	struct wb_lexer lx;
	wb_lex_init(&lx, r->dialect, wb_sv_str(name));
	struct wb_token t = wb_lex_next(&lx);
	bool plain = t.kind == WB_TOK_WORD && t.text.n == strlen(name);
	if (plain)
		return name;
	wb_quote_ident(&s, wb_sv_str(name));
	const char *p = s.failed ? NULL : wb_arena_sv(r->a, wb_str_sv(&s));
	r->failed |= !p;
	return p;
}

/* The tokens without the aliases before columns. */
static const char *expression(struct reading *r, struct span x, const char *alias)
{
	wb_autostr s = WB_STR_INIT;
	for (size_t i = x.from; i < x.to; i++) {
		bool dotted =
			alias && i + 2 < x.to && is_text(r, i + 1, ".") && wb_sv_ieq(wb_token_bare(r->t.v[i]), alias);
		if (dotted) {
			i++;
			continue;
		}
		const struct wb_sv *before = i > x.from ? &r->t.v[i - 1].text : NULL;
		bool tight = s.n == 0 || (before && before->p + before->n == r->t.v[i].text.p);
		wb_str_addf(&s, "%s", tight ? "" : " ");
		wb_str_addsv(&s, r->t.v[i].text);
	}
	const char *p = s.failed ? NULL : wb_arena_sv(r->a, wb_str_sv(&s));
	r->failed |= !p;
	return p;
}

/* The columns in it are of one table, and there is no query and no parameter in it. */
static bool one_table(struct reading *r, struct span x, const char **ret_alias, const char **ret_column)
{
	*ret_column = NULL;
	for (size_t i = x.from; i < x.to;) {
		const char *alias, *name;
		size_t next;
		if (r->t.v[i].kind == WB_TOK_PARAM || is_word(r, i, "select"))
			return false;
		if (!column_at(r, i, x.to, &alias, &name, &next)) {
			i++;
			continue;
		}
		if (*ret_column && (alias == NULL) != (*ret_alias == NULL))
			return false;
		if (*ret_column && alias && strcasecmp(alias, *ret_alias) != 0)
			return false;
		*ret_alias = alias;
		*ret_column = name;
		i = next;
	}
	return *ret_column != NULL;
}

static bool make_key(struct reading *r, struct span x, struct wb_shape_key *ret)
{
	const char *alias = NULL, *name = NULL;
	size_t next;
	while (x.to - x.from > 2 && opens(r, x.from) && behind(r, x.from, x.to) == x.to) {
		x.from++;
		x.to--;
	}
	if (x.to <= x.from)
		return false;
	if (column_at(r, x.from, x.to, &alias, &name, &next) && next == x.to) {
		*ret = (struct wb_shape_key){ alias, name, quoted(r, name), name };
		return true;
	}
	if (!one_table(r, x, &alias, &name))
		return false;
	const char *text = expression(r, x, alias);
	bool call = opens(r, x.from + 1) && behind(r, x.from + 1, x.to) == x.to;
	*ret = (struct wb_shape_key){ alias, NULL, call || !text ? text : wb_arena_printf(r->a, "(%s)", text), name };
	return ret->text;
}

/* ---- conditions ------------------------------------------------------------------------------ */

static bool has_column(struct reading *r, struct span x)
{
	const char *alias, *name;
	size_t next;
	for (size_t i = x.from; i < x.to; i++) {
		if (is_word(r, i, "select"))
			return false;
		if (column_at(r, i, x.to, &alias, &name, &next))
			return true;
	}
	return false;
}

static bool is_constant(struct reading *r, struct span x)
{
	for (size_t i = x.from; i < x.to; i++) {
		if (r->t.v[i].kind == WB_TOK_PARAM || is_word(r, i, "select"))
			return false;
	}
	return !has_column(r, x);
}

static void add_condition(struct scope *c, enum wb_want ask, struct span side, struct span whole, bool literal,
			  bool either)
{
	struct wb_shape_condition x = { .ask = ask, .either = either };
	if (!make_key(c->r, side, &x.key))
		return;
	if (literal)
		x.literal = expression(c->r, whole, x.key.alias);
	c->r->failed |= !wb_vec_push(&c->conditions, x);
}

static const struct {
	const char *op;
	enum wb_want ask;
} operators[] = { { "=", WB_WANT_EQUAL },  { "==", WB_WANT_EQUAL }, { "<", WB_WANT_RANGE },
		  { "<=", WB_WANT_RANGE }, { ">", WB_WANT_RANGE },  { ">=", WB_WANT_RANGE } };

static bool is_operator(const struct reading *r, size_t i)
{
	return i < r->t.n && r->t.v[i].kind == WB_TOK_OTHER && r->t.v[i].text.n && strchr("=<>!", r->t.v[i].text.p[0]);
}

/* The first comparison outside brackets; its operator may be several tokens. */
static struct span find_operator(const struct reading *r, struct span x)
{
	struct span op = { x.from, x.from };
	while (op.from < x.to && !is_operator(r, op.from))
		op.from = opens(r, op.from) ? behind(r, op.from, x.to) : op.from + 1;
	for (op.to = op.from; op.to < x.to && is_operator(r, op.to); op.to++)
		;
	return op;
}

static void compare_with(struct scope *c, enum wb_want ask, struct span left, struct span right, struct span x,
			 bool either)
{
	struct reading *r = c->r;
	bool l = has_column(r, left), other = has_column(r, right);
	if (l && other && ask == WB_WANT_EQUAL) {
		add_condition(c, WB_WANT_JOIN, left, x, false, either);
		add_condition(c, WB_WANT_JOIN, right, x, false, either);
	} else if (l && !other) {
		add_condition(c, ask, left, x, is_constant(r, right), either);
	} else if (other && !l) {
		add_condition(c, ask, right, x, is_constant(r, left), either);
	}
}

static bool compare(struct scope *c, struct span x, bool either)
{
	struct reading *r = c->r;
	struct span op = find_operator(r, x);
	char text[4] = "";
	if (op.from >= x.to)
		return false;
	for (size_t i = op.from; i < op.to; i++) {
		if (strlen(text) + r->t.v[i].text.n < sizeof(text))
			memcpy(text + strlen(text), r->t.v[i].text.p, r->t.v[i].text.n);
	}
	for (size_t k = 0; k < WB_ARRAY_LEN(operators); k++) {
		if (!strcmp(text, operators[k].op))
			compare_with(c, operators[k].ask, (struct span){ x.from, op.from },
				     (struct span){ op.to, x.to }, x, either);
	}
	return true;
}

static enum wb_want like(const struct reading *r, size_t pattern)
{
	struct wb_sv text =
		pattern < r->t.n && r->t.v[pattern].kind == WB_TOK_STRING ? r->t.v[pattern].text : WB_SV("'%");
	return text.n > 1 && text.p[1] != '%' && text.p[1] != '_' && text.p[1] != '*' ? WB_WANT_PREFIX : WB_WANT_LIKE;
}

static void by_word(struct scope *c, struct span x, bool either)
{
	struct reading *r = c->r;
	size_t at = find(r, x.from, x.to, "in is like glob between");
	struct span left = { x.from, at }, right = { at + 1, x.to };
	if (at >= x.to || is_word(r, at - 1, "not")) {
		if (at >= x.to && is_word(r, x.from, "not"))
			add_condition(c, WB_WANT_FALSE, (struct span){ x.from + 1, x.to }, x, false, either);
		else if (at >= x.to)
			add_condition(c, WB_WANT_TRUE, x, x, false, either);
		return;
	}
	if (is_word(r, at, "in"))
		add_condition(c, is_word(r, at + 2, "select") ? WB_WANT_JOIN : WB_WANT_EQUAL, left, x,
			      is_constant(r, right), either);
	else if (is_word(r, at, "is"))
		add_condition(c, is_word(r, at + 1, "not") ? WB_WANT_NOT_NULL : WB_WANT_NULL, left, x, true, either);
	else if (is_word(r, at, "between"))
		add_condition(c, WB_WANT_RANGE, left, x, is_constant(r, right), either);
	else
		add_condition(c, is_word(r, at, "like") ? like(r, at + 1) : WB_WANT_PREFIX, left, x,
			      is_constant(r, right), either);
}

static void conditions(struct scope *c, struct span x, bool either);

static void condition(struct scope *c, struct span x, bool either)
{
	struct reading *r = c->r;
	if (x.to <= x.from || is_word(r, x.from, "exists"))
		return;
	if (opens(r, x.from) && behind(r, x.from, x.to) == x.to && !is_word(r, x.from + 1, "select")) {
		conditions(c, (struct span){ x.from + 1, x.to - 1 }, either);
		return;
	}
	if (find(r, x.from, x.to, "like glob between is in") < x.to || !compare(c, x, either))
		by_word(c, x, either);
}

/* The AND of BETWEEN joins no conditions. */
static size_t next_and(const struct reading *r, size_t i, size_t end)
{
	size_t at = find(r, i, end, "and");
	if (at < end && find(r, i, at, "between") < at)
		at = find(r, at + 1, end, "and");
	return at;
}

static void conditions(struct scope *c, struct span x, bool either)
{
	bool or = find(c->r, x.from, x.to, "or") < x.to;
	for (size_t i = x.from; i < x.to;) {
		size_t end = or ? find(c->r, i, x.to, "or") : next_and(c->r, i, x.to);
		struct span one = { i, end };
		if (or &&next_and(c->r, i, end) < end)
			conditions(c, one, true);
		else
			condition(c, one, either || or);
		i = end + 1;
	}
}

/* ---- clauses ------------------------------------------------------------------------------------ */

static size_t add_table(struct scope *c, size_t i, size_t end)
{
	struct reading *r = c->r;
	struct wb_shape_table t = { 0 };
	if (!is_name(r, i))
		return opens(r, i) ? behind(r, i, end) : i + 1;
	t.name.name = name_at(r, i++);
	if (is_text(r, i, ".") && is_name(r, i + 1)) {
		t.name.schema = t.name.name;
		t.name.name = name_at(r, i + 1);
		i += 2;
	}
	i += is_word(r, i, "as");
	t.alias = i < end && is_name(r, i) ? name_at(r, i++) : t.name.name;
	r->failed |= !wb_vec_push(&c->tables, t);
	return i;
}

static void add_using(struct scope *c, size_t i, size_t end)
{
	for (; i < end; i++) {
		if (is_name(c->r, i)) {
			struct span one = { i, i + 1 };
			add_condition(c, WB_WANT_JOIN, one, one, false, false);
		}
	}
}

static void from(struct scope *c, struct span x)
{
	struct reading *r = c->r;
	size_t i = add_table(c, x.from, x.to);
	while (i < x.to) {
		if (is_text(r, i, ",") || is_word(r, i, "join")) {
			i = add_table(c, i + 1, x.to);
		} else if (is_word(r, i, "on")) {
			size_t end = find(r, i, x.to, "join left inner cross natural full right");
			size_t comma = find_text(r, i, end, ",");
			conditions(c, (struct span){ i + 1, comma }, false);
			i = comma;
		} else if (is_word(r, i, "using") && opens(r, i + 1)) {
			size_t end = behind(r, i + 1, x.to);
			add_using(c, i + 2, end - 1);
			i = end;
		} else {
			i++;
		}
	}
}

static bool sort_at(struct reading *r, struct span x, struct wb_shape_sort *ret)
{
	size_t end = find(r, x.from, x.to, "asc desc nulls");
	*ret = (struct wb_shape_sort){ .descending = is_word(r, end, "desc") && end < x.to };
	return make_key(r, (struct span){ x.from, end }, &ret->key);
}

static void each(struct scope *c, struct span x, bool sort)
{
	for (size_t i = x.from; i < x.to;) {
		size_t end = find_text(c->r, i, x.to, ",");
		struct wb_shape_sort s;
		bool ok = sort_at(c->r, (struct span){ i, end }, &s);
		if (!ok && sort)
			c->sorts.n = 0;
		else if (!ok)
			c->groups.n = 0;
		if (!ok)
			return;
		c->r->failed |= sort ? !wb_vec_push(&c->sorts, s) : !wb_vec_push(&c->groups, s.key);
		i = end + 1;
	}
}

static void columns(struct scope *c, struct span x)
{
	struct reading *r = c->r;
	for (size_t i = x.from; i < x.to;) {
		struct wb_shape_column col = { 0 };
		size_t next = i + 1;
		bool star = is_text(r, i, "*") && (i == x.from || is_text(r, i - 1, ",") || is_text(r, i - 1, ".")),
		     name = column_at(r, i, x.to, &col.alias, &col.name, &next);
		if (star && is_text(r, i - 1, ".") && i >= 2)
			col.alias = name_at(r, i - 2);
		if (star || name)
			r->failed |= !wb_vec_push(&c->columns, col);
		i = next;
	}
}

/* min() and max() ask for an end of an order. */
static void ends(struct scope *c, struct span x)
{
	struct wb_shape_sort s = { 0 };
	if (among(c->r, x.from, "min max") && opens(c->r, x.from + 1) && behind(c->r, x.from + 1, x.to) == x.to &&
	    make_key(c->r, (struct span){ x.from + 2, x.to - 1 }, &s.key))
		c->r->failed |= !wb_vec_push(&c->sorts, s);
}

static void *keep(struct scope *c, const void *v, size_t n, size_t size)
{
	void *p = wb_arena_array(c->r->a, n + 1, size);
	c->r->failed |= !p;
	return p && n ? memcpy(p, v, n * size) : p;
}

static void finish(struct scope *c)
{
	struct wb_shape x = { .tables = keep(c, c->tables.v, c->tables.n, sizeof(*c->tables.v)),
			      .conditions = keep(c, c->conditions.v, c->conditions.n, sizeof(*c->conditions.v)),
			      .sorts = keep(c, c->sorts.v, c->sorts.n, sizeof(*c->sorts.v)),
			      .groups = keep(c, c->groups.v, c->groups.n, sizeof(*c->groups.v)),
			      .columns = keep(c, c->columns.v, c->columns.n, sizeof(*c->columns.v)),
			      .n_tables = c->tables.n,
			      .n_conditions = c->conditions.n,
			      .n_sorts = c->sorts.n,
			      .n_groups = c->groups.n,
			      .n_columns = c->columns.n,
			      .limit = c->limit };
	c->r->failed |= !wb_vec_push(&c->r->shapes, x);
	wb_vec_done(&c->tables);
	wb_vec_done(&c->conditions);
	wb_vec_done(&c->sorts);
	wb_vec_done(&c->groups);
	wb_vec_done(&c->columns);
}

#define CLAUSES "from where group having order limit offset union intersect except window returning"

/* A SELECT, UPDATE or DELETE at its first word. */
static void query(struct reading *r, size_t i, size_t end)
{
	struct scope c = { .r = r };
	size_t stop = find(r, i, end, "union intersect except"), at;
	bool update = is_word(r, i, "update");
	columns(&c, (struct span){ i + 1, stop });
	if (update)
		(void)add_table(&c, i + 1, stop);
	for (at = find(r, i + 1, stop, CLAUSES); at < stop;) {
		size_t next = find(r, at + 1, stop, CLAUSES);
		size_t body = at + 1 + is_word(r, at + 1, "by");
		struct span x = { body, next };
		if (is_word(r, at, "from"))
			from(&c, x);
		else if (is_word(r, at, "where"))
			conditions(&c, x, false);
		else if (is_word(r, at, "order"))
			each(&c, x, true);
		else if (is_word(r, at, "group"))
			each(&c, x, false);
		c.limit |= is_word(r, at, "limit");
		at = next;
	}
	if (!c.sorts.n && !c.groups.n)
		ends(&c, (struct span){ i + 1, find(r, i + 1, stop, CLAUSES) });
	finish(&c);
}

static void cut(struct reading *r, struct wb_sv statement)
{
	struct wb_lexer lx;
	struct wb_token t;
	wb_lex_init(&lx, r->dialect, statement);
	while (!r->failed && (t = wb_lex_next_solid(&lx)).kind != WB_TOK_END)
		r->failed = !wb_vec_push(&r->t, t);
}

int wb_query_tokens(enum wb_dialect dialect, struct wb_sv statement, struct wb_arena *a, struct wb_shapes *ret_shapes,
		    struct wb_error *err)
{
	struct reading r = { .dialect = dialect, .a = a };
	cut(&r, statement);
	for (size_t i = 0; !r.failed && i < r.t.n; i++) {
		if (!among(&r, i, "select update delete"))
			continue;
		size_t end = i; /* to the bracket that closes around it */
		int depth = 0;
		while (end < r.t.n &&
		       (depth += (r.t.v[end].kind == WB_TOK_OPEN) - (r.t.v[end].kind == WB_TOK_CLOSE)) >= 0)
			end++;
		query(&r, i, end);
	}
	struct wb_shape *v = wb_arena_array(a, r.shapes.n + 1, sizeof(*v));
	int rc = r.failed || !v ? wb_err_nomem(err) : 0;
	if (rc == 0 && r.shapes.n)
		memcpy(v, r.shapes.v, r.shapes.n * sizeof(*v));
	if (rc == 0)
		*ret_shapes = (struct wb_shapes){ v, r.shapes.n };
	wb_vec_done(&r.shapes);
	wb_vec_done(&r.t);
	return rc;
}
