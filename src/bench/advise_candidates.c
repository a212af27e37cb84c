/* SPDX-License-Identifier: Apache-2.0
 *
 * Candidates out of what queries ask: columns compared with a value first, then
 * those in a range or in the order that is wanted; joins; parts of a table;
 * indexes that answer alone; GIN for what is in documents and lists; BRIN where
 * rows lie in order. Which of them is worth it is not decided here.
 */
#include "bench/advise.h"

#include <ctype.h>

#include "base/banned.h"

#define INCLUDED_MAX 4
#define WIDTH_MAX 200 /* bytes of what an index takes along */
#define BRIN_ROWS 50000
#define BRIN_CORRELATION 900
#define HERE_MAX 8 /* of each sort of condition, of one table */

struct key {
	const char *text; /* with operator class and direction */
	const char *column; /* NULL: an expression */
	int64_t distinct;
};
struct keys {
	struct key v[HERE_MAX];
	size_t n;
};
/* What one SELECT asks of one of its tables. */
struct here {
	const struct wb_candidate_making *m;
	const struct wb_advise_table *table;
	const struct wb_shape *shape;
	const char *alias;
	struct wb_candidates *out;
	size_t query;
	struct keys equal, join, range, sort, group, alone, either;
	struct {
		const char *text, *column;
	} parts[HERE_MAX]; /* conditions that a part of the table can be told by */
	size_t n_parts;
	bool failed;
};

/* ---- whose column is it? ---------------------------------------------------------------------- */

const struct wb_advise_column *wb_advise_column(const struct wb_advise_table *t, const char *name)
{
	for (size_t i = 0; name && i < t->n_columns; i++) {
		bool is =
			t->object->any_case ? !strcasecmp(t->columns[i].name, name) : !strcmp(t->columns[i].name, name);
		if (is)
			return &t->columns[i];
	}
	return NULL;
}

static bool same_name(const struct wb_object *o, const char *a, const char *b)
{
	return o->any_case ? !strcasecmp(a, b) : !strcmp(a, b);
}

static bool is_here(const struct here *h, const char *alias, const char *column)
{
	if (alias && !same_name(h->table->object, alias, h->alias))
		return false;
	return column && wb_advise_column(h->table, column);
}

static bool is_mine(const struct here *h, const struct wb_shape_key *k)
{
	return is_here(h, k->alias, k->any_column);
}

static int64_t distinct_of(const struct here *h, const char *column)
{
	const struct wb_advise_column *c = wb_advise_column(h->table, column);
	return c ? c->distinct : 0;
}

static bool has_type(const struct here *h, const struct wb_shape_key *k, const char *type)
{
	const struct wb_advise_column *c = wb_advise_column(h->table, k->column);
	return c && c->type && !strcmp(c->type, type);
}

static bool is_list(const struct here *h, const struct wb_shape_key *k)
{
	const struct wb_advise_column *c = wb_advise_column(h->table, k->column);
	size_t n = c && c->type ? strlen(c->type) : 0;
	return n > 2 && !strcmp(c->type + n - 2, "[]");
}

/* ---- adding ---------------------------------------------------------------------------------------- */

static bool has_key(const struct keys *k, const char *text)
{
	for (size_t i = 0; i < k->n; i++) {
		if (!strcmp(k->v[i].text, text))
			return true;
	}
	return false;
}

static void push(struct here *h, struct keys *to, const char *text, const char *column)
{
	if (!text) {
		h->failed = true;
		return;
	}
	if (to->n < HERE_MAX && !has_key(to, text))
		to->v[to->n++] = (struct key){ text, column, distinct_of(h, column) };
}

static const char *join_keys(const struct here *h, const struct wb_candidate *c)
{
	wb_autostr s = WB_STR_INIT;
	if (strcmp(c->method, "btree") != 0)
		wb_str_addf(&s, "USING %s ", c->method);
	for (size_t i = 0; i < c->n_keys; i++)
		wb_str_addf(&s, "%s%s", i ? ", " : "(", c->keys[i]);
	wb_str_addc(&s, ')');
	if (c->include)
		wb_str_addf(&s, " INCLUDE (%s)", c->include);
	if (c->where)
		wb_str_addf(&s, " WHERE %s", c->where);
	return s.failed ? NULL : wb_arena_sv(h->m->a, wb_str_sv(&s));
}

static struct wb_candidate *find(const struct wb_candidates *all, const struct wb_candidate *c)
{
	for (size_t i = 0; i < all->n; i++) {
		if (all->v[i].table == c->table && !strcmp(all->v[i].text, c->text))
			return &all->v[i];
	}
	return NULL;
}

static void add(struct here *h, struct wb_candidate c)
{
	struct wb_candidate *there;
	c.table = h->table;
	c.text = join_keys(h, &c);
	there = c.text ? find(h->out, &c) : NULL;
	if (c.text && !there && h->out->n >= WB_CANDIDATES_MAX) {
		h->out->cut = true;
		return;
	}
	if (c.text && !there) {
		c.queries = wb_arena_array(h->m->a, h->m->n_queries + 1, sizeof(*c.queries));
		if (c.queries && wb_vec_push(h->out, c))
			there = &h->out->v[h->out->n - 1];
	}
	if (!there) {
		h->failed = true;
		return;
	}
	there->queries[h->query] = true;
	there->group = there->group ? there->group : c.group;
}

static void add_one(struct here *h, const char *method, const char *key, bool expression)
{
	struct wb_candidate c = { .method = method, .keys = { key }, .n_keys = 1, .expression = expression };
	if (key)
		add(h, c);
	else
		h->failed = true;
}

/* ---- what is asked ------------------------------------------------------------------------------------ */

static void note_part(struct here *h, const char *text, const char *column)
{
	if (!text)
		h->failed = true;
	else if (h->n_parts < HERE_MAX) {
		h->parts[h->n_parts].text = text;
		h->parts[h->n_parts++].column = column;
	}
}

static void ask_document(struct here *h, const struct wb_shape_condition *x)
{
	bool json = has_type(h, &x->key, "jsonb");
	bool other = is_list(h, &x->key) || has_type(h, &x->key, "tsvector") || !x->key.column;
	if (!(h->m->ways & WB_INDEX_GIN) || (!json && !other))
		return;
	if (json && x->ask == WB_WANT_CONTAINS)
		add_one(h, "gin", wb_arena_printf(h->m->a, "%s jsonb_path_ops", x->key.text), false);
	if (!json || x->ask == WB_WANT_CONTAINS || x->ask == WB_WANT_KEY)
		add_one(h, "gin", x->key.text, !x->key.column);
}

static void ask_text(struct here *h, const struct wb_shape_condition *x)
{
	if (x->ask == WB_WANT_LIKE && h->m->trigrams)
		add_one(h, "gin", wb_arena_printf(h->m->a, "%s gin_trgm_ops", x->key.text), !x->key.column);
	if (x->ask == WB_WANT_LIKE)
		return;
	const char *how = h->m->ways & WB_INDEX_PATTERN  ? " text_pattern_ops"
			  : h->m->ways & WB_INDEX_NOCASE ? " COLLATE NOCASE"
							 : "";
	push(h, &h->range, wb_arena_printf(h->m->a, "%s%s", x->key.text, how), x->key.column);
}

static void ask_range(struct here *h, const struct wb_shape_condition *x)
{
	const struct wb_advise_column *c = wb_advise_column(h->table, x->key.column);
	push(h, &h->range, x->key.text, x->key.column);
	if (c && h->m->ways & WB_INDEX_BRIN && h->table->rows >= BRIN_ROWS &&
	    (c->correlation >= BRIN_CORRELATION || c->correlation <= -BRIN_CORRELATION))
		add_one(h, "brin", x->key.text, false);
}

static void ask_equal(struct here *h, const struct wb_shape_condition *x)
{
	push(h, &h->equal, x->key.text, x->key.column);
	if (x->literal)
		note_part(h, x->literal, x->key.text);
}

static void ask_truth(struct here *h, const struct wb_shape_condition *x)
{
	push(h, &h->equal, x->key.text, x->key.column);
	note_part(h, x->ask == WB_WANT_TRUE ? x->key.text : wb_arena_printf(h->m->a, "NOT %s", x->key.text),
		  x->key.text);
}

static void ask_null(struct here *h, const struct wb_shape_condition *x)
{
	if (x->ask == WB_WANT_NULL)
		push(h, &h->equal, x->key.text, x->key.column);
	else
		push(h, &h->alone, x->key.text, x->key.column);
	if (x->literal)
		note_part(h, x->literal, x->key.text);
}

static void ask_join(struct here *h, const struct wb_shape_condition *x)
{
	push(h, &h->join, x->key.text, x->key.column);
}

static void (*const askers[])(struct here *h, const struct wb_shape_condition *x) = {
	[WB_WANT_EQUAL] = ask_equal,       [WB_WANT_JOIN] = ask_join,    [WB_WANT_RANGE] = ask_range,
	[WB_WANT_PREFIX] = ask_text,       [WB_WANT_LIKE] = ask_text,    [WB_WANT_NULL] = ask_null,
	[WB_WANT_NOT_NULL] = ask_null,     [WB_WANT_TRUE] = ask_truth,   [WB_WANT_FALSE] = ask_truth,
	[WB_WANT_CONTAINS] = ask_document, [WB_WANT_KEY] = ask_document, [WB_WANT_OVERLAPS] = ask_document,
	[WB_WANT_MATCHES] = ask_document,
};

/* One of an OR: by itself. */
static void ask_either(struct here *h, const struct wb_shape_condition *x)
{
	struct here one = *h;
	one.equal.n = one.join.n = one.range.n = one.alone.n = one.n_parts = 0;
	askers[x->ask](&one, x);
	h->failed |= one.failed;
	const struct keys *found = one.equal.n ? &one.equal : one.join.n ? &one.join : &one.range;
	if (found->n)
		push(h, &h->either, found->v[0].text, found->v[0].column);
}

/* ASC and DESC are one to an index that is read backwards. */
static void ask_order(struct here *h)
{
	const struct wb_shape *s = h->shape;
	bool mixed = false;
	for (size_t i = 0; i < s->n_sorts; i++)
		mixed |= s->sorts[i].descending != s->sorts[0].descending || s->sorts[i].nulls_other;
	for (size_t i = 0; i < s->n_sorts && is_mine(h, &s->sorts[i].key); i++) {
		const struct wb_shape_sort *x = &s->sorts[i];
		const char *nulls = !x->nulls_other ? "" : x->descending ? " NULLS LAST" : " NULLS FIRST";
		push(h, &h->sort,
		     mixed ? wb_arena_printf(h->m->a, "%s%s%s", x->key.text, x->descending ? " DESC" : "", nulls)
			   : x->key.text,
		     x->key.column);
	}
	for (size_t i = 0; i < s->n_groups && is_mine(h, &s->groups[i]); i++)
		push(h, &h->group, s->groups[i].text, s->groups[i].column);
}

/* Those that tell most apart come first. */
static void order_equal(struct keys *k)
{
	for (size_t i = 1; i < k->n; i++) {
		for (size_t j = i; j > 0 && k->v[j].distinct > k->v[j - 1].distinct; j--) {
			struct key swap = k->v[j];
			k->v[j] = k->v[j - 1];
			k->v[j - 1] = swap;
		}
	}
}

/* ---- lists of keys ----------------------------------------------------------------------------------------- */

struct list {
	struct key v[WB_CANDIDATE_KEYS];
	size_t n;
	bool full; /* all that can be used is in it */
};

static bool list_add(struct list *l, const struct key *k)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!strcmp(l->v[i].text, k->text))
			return true;
	}
	if (l->n >= WB_CANDIDATE_KEYS)
		return false;
	l->v[l->n++] = *k;
	return true;
}

static struct wb_candidate of_list(const struct list *l, const char *where)
{
	struct wb_candidate c = { .method = "btree", .where = where };
	for (size_t i = 0; i < l->n; i++) {
		c.keys[c.n_keys++] = l->v[i].text;
		c.expression |= !l->v[i].column;
	}
	return c;
}

static bool in_list(const struct list *l, const char *column)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].column && !strcmp(l->v[i].column, column))
			return true;
	}
	return false;
}

/* What else the query wants of the table: false where that is too much. */
static bool rest_of(const struct here *h, const struct list *l, const struct wb_advise_column **v, size_t *ret_n)
{
	int64_t width = 0;
	*ret_n = 0;
	for (size_t i = 0; i < h->shape->n_columns; i++) {
		const struct wb_shape_column *x = &h->shape->columns[i];
		if (!x->name && (!x->alias || same_name(h->table->object, x->alias, h->alias)))
			return false;
		const struct wb_advise_column *c =
			x->name && is_here(h, x->alias, x->name) ? wb_advise_column(h->table, x->name) : NULL;
		bool there = !c || in_list(l, c->name);
		for (size_t k = 0; c && k < *ret_n; k++)
			there |= v[k] == c;
		if (there)
			continue;
		if (*ret_n == INCLUDED_MAX)
			return false;
		width += c->width;
		v[(*ret_n)++] = c;
	}
	return *ret_n > 0 && width <= WIDTH_MAX;
}

static void add_covering(struct here *h, const struct list *l, const char *where)
{
	const struct wb_advise_column *rest[INCLUDED_MAX];
	size_t n;
	wb_autostr s = WB_STR_INIT;
	struct wb_candidate c = of_list(l, where);
	if (c.expression || !rest_of(h, l, rest, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		if (!(h->m->ways & WB_INDEX_INCLUDE))
			c.keys[c.n_keys++] = rest[i]->sql;
		else
			wb_str_addf(&s, "%s%s", i ? ", " : "", rest[i]->sql);
	}
	c.covering = true;
	if (h->m->ways & WB_INDEX_INCLUDE)
		c.include = wb_arena_sv(h->m->a, wb_str_sv(&s));
	h->failed |= s.failed;
	add(h, c);
}

/* The same keys for a part of the table, told by one of the conditions, or by two. */
static void add_parts(struct here *h, const struct list *l)
{
	for (size_t i = 0; i < h->n_parts; i++) {
		struct list rest = { .full = l->full };
		for (size_t k = 0; k < l->n; k++) {
			if (strcmp(l->v[k].text, h->parts[i].column) != 0)
				rest.v[rest.n++] = l->v[k];
		}
		add(h, of_list(rest.n ? &rest : l, h->parts[i].text));
		if (l->full && rest.n)
			add_covering(h, &rest, h->parts[i].text);
		for (size_t k = i + 1; k < h->n_parts && rest.n; k++) {
			struct list less = { 0 };
			for (size_t x = 0; x < rest.n; x++) {
				if (strcmp(rest.v[x].text, h->parts[k].column) != 0)
					less.v[less.n++] = rest.v[x];
			}
			const char *both = wb_arena_printf(h->m->a, "%s AND %s", h->parts[i].text, h->parts[k].text);
			h->failed |= !both;
			if (less.n && both)
				add(h, of_list(&less, both));
		}
	}
}

static void add_list(struct here *h, const struct list *l)
{
	if (!l->n)
		return;
	add(h, of_list(l, NULL));
	if (l->full)
		add_covering(h, l, NULL);
	add_parts(h, l);
}

static void add_all(struct list *l, const struct keys *k)
{
	for (size_t i = 0; i < k->n; i++) {
		if (!list_add(l, &k->v[i]))
			return;
	}
}

/* What may follow what is compared with values: nothing, a range, an order, groups. */
static void add_followed(struct here *h, struct list l)
{
	struct list more = l;
	bool alone = !h->range.n && !h->sort.n && !h->group.n;
	l.full = alone;
	add_list(h, &l);
	for (size_t i = 0; i < h->range.n; i++) {
		more = l;
		if (!list_add(&more, &h->range.v[i]))
			continue;
		more.full = true;
		add_list(h, &more);
	}
	more = l;
	add_all(&more, &h->sort);
	more.full = h->sort.n > 0;
	if (h->sort.n && more.n > l.n)
		add_list(h, &more);
	more = l;
	add_all(&more, &h->group);
	more.full = h->group.n > 0;
	if (h->group.n && more.n > l.n)
		add_list(h, &more);
}

static void combine(struct here *h)
{
	struct list l = { 0 };
	add_followed(h, l);
	add_all(&l, &h->equal);
	add_followed(h, l);
	for (size_t i = 0; h->equal.n > 1 && i < h->equal.n; i++) {
		struct list one = { .v = { h->equal.v[i] }, .n = 1 };
		add_followed(h, one);
	}
	for (size_t i = 0; i < h->join.n; i++) {
		struct list after = l, before = { .v = { h->join.v[i] }, .n = 1 };
		add_followed(h, before);
		if (!l.n)
			continue;
		if (list_add(&after, &h->join.v[i]))
			add_followed(h, after);
		add_all(&before, &h->equal);
		add_followed(h, before);
	}
	if (h->either.n)
		h->out->groups++;
	for (size_t i = 0; i < h->either.n; i++) {
		struct list one = { .v = { h->either.v[i] }, .n = 1 };
		struct wb_candidate c = of_list(&one, NULL);
		c.group = h->either.n > 1 ? h->out->groups : 0;
		add(h, c);
	}
	for (size_t i = 0; i < h->alone.n; i++) {
		struct list one = { .v = { h->alone.v[i] }, .n = 1, .full = true };
		add_list(h, &one);
	}
}

/* ---- one table of one SELECT ------------------------------------------------------------------------------------- */

static bool of_table(struct here h)
{
	for (size_t i = 0; i < h.shape->n_conditions; i++) {
		const struct wb_shape_condition *x = &h.shape->conditions[i];
		if (!is_mine(&h, &x->key))
			continue;
		if (x->either)
			ask_either(&h, x);
		else
			askers[x->ask](&h, x);
	}
	ask_order(&h);
	order_equal(&h.equal);
	combine(&h);
	return !h.failed;
}

static const struct wb_advise_table *table_of(const struct wb_candidate_making *m, struct wb_name name)
{
	for (size_t i = 0; i < m->tables->n; i++) {
		const struct wb_object *o = m->tables->v[i].object;
		if (name.name && same_name(o, o->name, name.name) &&
		    (!name.schema || !o->schema || same_name(o, o->schema, name.schema)))
			return &m->tables->v[i];
	}
	return NULL;
}

int wb_candidates_add(const struct wb_candidate_making *m, const struct wb_shapes *shapes, size_t query,
		      struct wb_candidates *out, struct wb_error *err)
{
	bool ok = true;
	for (size_t i = 0; i < shapes->n; i++) {
		const struct wb_shape *s = &shapes->v[i];
		for (size_t k = 0; ok && k < s->n_tables; k++) {
			struct here h = { .m = m,
					  .table = table_of(m, s->tables[k].name),
					  .shape = s,
					  .alias = s->tables[k].alias,
					  .out = out,
					  .query = query };
			if (h.table)
				ok = of_table(h);
		}
	}
	return ok ? 0 : wb_err_nomem(err);
}

/* ---- names ---------------------------------------------------------------------------------------------------------
 */

static bool is_taken(const struct wb_model *m, const char *schema, const char *name)
{
	for (size_t i = 0; m && i < m->n; i++) {
		if (same_name(m->v[i], m->v[i]->name, name) &&
		    (!schema || !m->v[i]->schema || !strcmp(m->v[i]->schema, schema)))
			return true;
	}
	return false;
}

/* orders_status_created_at_idx; words of operator classes and of the predicate are left out. */
const char *wb_candidate_name(struct wb_arena *a, const struct wb_candidate *c, const struct wb_model *taken)
{
	wb_autostr s = WB_STR_INIT;
	const struct wb_object *o = c->table->object;
	char *name = NULL;
	wb_str_add(&s, o->name);
	for (size_t i = 0; i < c->n_keys; i++) {
		size_t n = 0;
		wb_str_addc(&s, '_');
		for (const char *p = c->keys[i]; *p && !(*p == ' ' && n); p++) {
			if (!isalnum((unsigned char)*p) && *p != '_')
				continue;
			wb_str_addc(&s, (char)tolower((unsigned char)*p));
			n++;
		}
	}
	if (c->where)
		wb_str_add(&s, "_part");
	for (int i = 0; !s.failed && i < 1000; i++) {
		struct wb_sv head = wb_sv_head(wb_str_sv(&s), 52);
		name = i ? wb_arena_printf(a, "%.*s_idx%d", (int)head.n, head.p, i)
			 : wb_arena_printf(a, "%.*s_idx", (int)head.n, head.p);
		if (!name || !is_taken(taken, o->schema, name))
			break;
	}
	return name;
}
