/* SPDX-License-Identifier: Apache-2.0
 *
 * DDL from texts with holes, so that a kind is a line in a table:
 *   {name}    the object, quoted and with its schema (its attribute sql_name where there is one)
 *   {ident}   its name alone, quoted; {schema}, {parent}: those, quoted, the parent with its schema
 *   {parts}   what stands inside its CREATE: columns by position, then constraints
 *   {key}     an attribute, as it is; {key'} as a string in quotes
 *   {key#}    of a list of options, a='1', b='2', the names alone: a, b
 *   {new}, {old}  of an attribute that changes; {before.key}: an attribute as it was
 *   [text]    left out when a hole in it has nothing to be filled with
 *   [?key text], [!key text]  only when the attribute is there, only when it is not
 *   [*key text]  once for each line of the attribute; {*} is the line, {*1} its first word, {*!} what GRANT {*} is to
 *                REVOKE, and back
 *   [%key text]  the same for each of a list with commas
 *   [- text], [+ text]  once for each line that {old} has and {new} has not, and the other way round
 * An engine may have holes of its own. A hole outside of brackets that nothing fills is a fault of the table.
 */
#include "schema/schema.h"

#include "wb_build.h"
#include "base/banned.h"

struct fill {
	const struct wb_ddl *d;
	const struct making *plan; /* NULL: all of the model is there */
	const struct wb_model *m;
	const struct wb_object *o;
	const struct wb_object *before; /* as it was; NULL: it does not change */
	const char *alias; /* made under this name; NULL: its own */
	const char *new_value, *old_value;
	struct wb_sv line; /* of [*key …]; p NULL outside */
	bool was; /* it is of what was before */
	struct wb_str *out;
	struct wb_sv missing; /* the hole that could not be filled */
};

static bool expand(struct fill *f, const char **at, char close);

const struct wb_ddl *wb_ddl_find(const char *engine)
{
	static const struct wb_ddl *const all[] = {
		&wb_ddl_sqlite,
#ifdef WB_POSTGRES
		&wb_ddl_postgres,
#endif
	};

	for (size_t i = 0; i < WB_ARRAY_LEN(all); i++)
		if (strcmp(all[i]->engine, engine) == 0)
			return all[i];
	return NULL;
}

static const struct wb_ddl_kind *find_kind(const struct wb_ddl *d, enum wb_kind kind)
{
	for (size_t i = 0; i < d->n_kinds; i++)
		if (d->kinds[i].kind == kind)
			return &d->kinds[i];
	return NULL;
}

/* ---- holes ------------------------------------------------------------------------- */

static void add_qualified(struct fill *f, const char *name)
{
	if (f->o->schema) {
		wb_quote_ident(f->out, wb_sv_str(f->o->schema));
		wb_str_addc(f->out, '.');
	}
	wb_quote_ident(f->out, wb_sv_str(name));
}

static bool fill_name(struct fill *f)
{
	const char *given = wb_object_get(f->o, "sql_name");

	if (f->alias)
		wb_quote_ident(f->out, wb_sv_str(f->alias));
	else if (given)
		wb_str_add(f->out, given);
	else
		add_qualified(f, f->o->name);
	return true;
}

static bool fill_ident(struct fill *f)
{
	wb_quote_ident(f->out, wb_sv_str(f->o->name));
	return true;
}

static bool fill_schema(struct fill *f)
{
	if (f->o->schema)
		wb_quote_ident(f->out, wb_sv_str(f->o->schema));
	return f->o->schema != NULL;
}

static bool fill_parent(struct fill *f)
{
	if (f->o->parent)
		add_qualified(f, f->o->parent);
	return f->o->parent != NULL;
}

static int position_cmp(const void *a, const void *b)
{
	const char *x = wb_object_get(*(struct wb_object *const *)a, "position");
	const char *y = wb_object_get(*(struct wb_object *const *)b, "position");
	size_t n = x ? strlen(x) : 0, k = y ? strlen(y) : 0;

	if (n == k && n && strcmp(x, y) != 0)
		return strcmp(x, y);
	return n != k ? (n > k) - (n < k)
		      : strcmp((*(struct wb_object *const *)a)->name, (*(struct wb_object *const *)b)->name);
}

static void take_back(struct wb_str *out, size_t mark)
{
	if (out->cap) {
		out->n = mark;
		out->p[mark] = '\0';
	}
}

/* One line of the owner's CREATE; a part of which nothing is to be said there leaves none. */
static bool add_inside(struct fill *f, const struct wb_object *part, const struct wb_ddl_kind *k)
{
	const char *text = k->inside;
	struct fill in = { .d = f->d, .m = f->m, .o = part, .out = f->out };
	size_t before = f->out->n, start;

	wb_str_add(f->out, before && f->out->p[before - 1] == '(' ? "\n\t" : ",\n\t");
	start = f->out->n;
	if (!expand(&in, &text, '\0')) {
		f->missing = in.missing;
		return false;
	}
	if (f->out->n == start)
		take_back(f->out, before);
	return true;
}

typedef bool (*part_fn)(struct fill *f, const struct wb_object *part, const struct wb_ddl_kind *k);

/* For each part of a kind that has a line in its owner's CREATE, columns by position. */
static bool each_part(struct fill *f, enum wb_kind kind, part_fn each)
{
	const struct wb_ddl_kind *k = find_kind(f->d, kind);
	size_t n;
	struct wb_object *const *found = wb_model_children(f->m, f->o, kind, &n);
	struct wb_object **v;
	bool ok = true;

	if (!k || !k->inside || n == 0 || f->o->parent)
		return true;
	v = calloc(n, sizeof(struct wb_object *));
	if (!v) {
		f->out->failed = true;
		return true;
	}
	memcpy(v, found, n * sizeof(*v));
	if (kind == WB_KIND_COLUMN)
		qsort(v, n, sizeof(*v), position_cmp);
	for (size_t i = 0; i < n && ok; i++)
		ok = each(f, v[i], k);
	free(v);
	return ok;
}

static bool fill_parts(struct fill *f)
{
	return each_part(f, WB_KIND_COLUMN, add_inside) && each_part(f, WB_KIND_CONSTRAINT, add_inside);
}

/* The last place of a word that does not stand within quotes. */
static const char *last_word(struct wb_sv line, const char *word)
{
	const char *found = NULL;
	size_t n = strlen(word);
	bool quoted = false;

	for (size_t i = 0; i + n <= line.n; i++) {
		if (line.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && memcmp(line.p + i, word, n) == 0)
			found = line.p + i;
	}
	return found;
}

/* Whoever makes an object is its owner; one that is there already may be another's. */
static void add_grant(struct fill *f, struct wb_sv text)
{
	static const char maker[] = " CURRENT_USER";
	/* A part's table is the new owner's already when the part comes or changes. */
	const struct wb_object *whole = f->o->owner ? f->o->owner : f->was ? f->before : f->o;
	const char *owner = f->before || f->o->owner ? wb_object_get(whole, "owner") : NULL;
	const char *at = owner ? last_word(text, maker) : NULL;

	if (!at) {
		wb_str_addsv(f->out, text);
		return;
	}
	wb_str_addn(f->out, text.p, (size_t)(at - text.p));
	wb_str_addf(f->out, " %s", owner);
	at += strlen(maker);
	wb_str_addn(f->out, at, text.n - (size_t)(at - text.p));
}

static bool fill_line(struct fill *f)
{
	if (f->line.p)
		add_grant(f, f->line);
	return f->line.p != NULL;
}

/* Where the first of these characters stands that is not within quotes; n when nowhere. */
static size_t find_outside(struct wb_sv text, const char *chars)
{
	char quote = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (quote || c == '"' || c == '\'')
			quote = !quote ? c : c == quote ? 0 : quote;
		else if (strchr(chars, c))
			return i;
	}
	return text.n;
}

static bool fill_first_word(struct fill *f)
{
	if (f->line.p)
		wb_str_addn(f->out, f->line.p, find_outside(f->line, " "));
	return f->line.p != NULL;
}

/* An owner who may give it on was somebody else once; it stays with him. So does what a role has of what it makes. */
static bool keeps_it(const struct fill *f, struct wb_sv grantee)
{
	const char *role =
		f->o->kind == WB_KIND_DEFAULT_PRIVILEGES && !f->o->schema ? wb_object_get(f->o, "role") : NULL;

	return wb_sv_starts(grantee, "CURRENT_USER") || (role && wb_sv_eq(grantee, wb_sv_str(role)));
}

/* SELECT ON t TO r WITH GRANT OPTION -> SELECT ON t FROM r */
static bool fill_opposite(struct fill *f)
{
	static const char *const words[][2] = { { " TO ", " FROM" }, { " FROM ", " TO" } };
	struct wb_sv line = f->line;
	const char *option = line.p ? last_word(line, " WITH GRANT OPTION") : NULL;

	if (option)
		line.n = (size_t)(option - line.p);
	for (size_t i = 0; line.p && i < WB_ARRAY_LEN(words); i++) {
		const char *at = last_word(line, words[i][0]);
		if (!at)
			continue;
		size_t before = (size_t)(at - line.p), after = before + strlen(words[i][0]);
		if (option && keeps_it(f, wb_sv(line.p + after, line.n - after)))
			wb_str_add(f->out, "GRANT OPTION FOR ");
		wb_str_addn(f->out, line.p, before);
		wb_str_add(f->out, words[i][1]);
		add_grant(f, wb_sv(line.p + after - 1, line.n - after + 1));
		return true;
	}
	return false;
}

static const struct {
	const char *name;
	bool (*fill)(struct fill *f);
} holes[] = {
	{ "name", fill_name },   { "ident", fill_ident }, { "schema", fill_schema }, { "parent", fill_parent },
	{ "parts", fill_parts }, { "*", fill_line },      { "*!", fill_opposite },   { "*1", fill_first_word },
};

/* A value by its key; the text of {key} lies in the template. */
static const char *value_of(const struct fill *f, struct wb_sv key)
{
	char name[64];

	if (wb_sv_eq(key, WB_SV("new")))
		return f->new_value;
	if (wb_sv_eq(key, WB_SV("old")))
		return f->old_value;
	if (wb_sv_starts(key, "before.")) {
		key = wb_sv(key.p + strlen("before."), key.n - strlen("before."));
		return f->before && wb_sv_copy(key, name, sizeof(name)) ? wb_object_get(f->before, name) : NULL;
	}
	return wb_sv_copy(key, name, sizeof(name)) ? wb_object_get(f->o, name) : NULL;
}

/* a='1', b='x, y' -> a, b; each value is in quotes, doubled within. */
static void add_names(struct wb_str *out, const char *p)
{
	bool quoted = false, within_name = true;

	for (; *p; p++) {
		quoted ^= *p == '\'';
		if (!quoted && *p == ',')
			within_name = true;
		else if (!quoted && *p == '=')
			within_name = false;
		if (within_name)
			wb_str_addc(out, *p);
	}
}

static bool fill_by_engine(struct fill *f, struct wb_sv hole)
{
	const struct wb_ddl_hole h = {
		hole, f->m, f->o, f->before, f->new_value, f->old_value, f->d->dialect, f->plan
	};

	return f->d->hole && f->d->hole(&h, f->out);
}

static bool fill_hole(struct fill *f, struct wb_sv hole)
{
	bool quoted = hole.n && hole.p[hole.n - 1] == '\'', names = hole.n && hole.p[hole.n - 1] == '#';
	const char *value;

	for (size_t i = 0; i < WB_ARRAY_LEN(holes); i++)
		if (wb_sv_eq(hole, wb_sv_str(holes[i].name)))
			return holes[i].fill(f);
	value = value_of(f, wb_sv(hole.p, hole.n - quoted - names));
	if (!value)
		return fill_by_engine(f, hole);
	if (quoted)
		wb_quote_literal(f->out, f->d->dialect, wb_sv_str(value));
	else if (names)
		add_names(f->out, value);
	else
		wb_str_add(f->out, value);
	return true;
}

/* ---- brackets ------------------------------------------------------------------------ */

static const char *skip_group(const char *p)
{
	for (int depth = 1; *p; p++) {
		depth += (*p == '[') - (*p == ']');
		if (depth == 0)
			return p + 1;
	}
	return p;
}

static bool is_there(struct fill *f, struct wb_sv key)
{
	size_t mark = f->out->n;
	bool there = value_of(f, key) || fill_by_engine(f, key);

	take_back(f->out, mark);
	return there;
}

/* The text in brackets once; what cannot be filled takes itself back. */
static void try_group(struct fill *f, const char *text)
{
	size_t mark = f->out->n;

	if (expand(f, &text, ']'))
		return;
	f->missing = wb_sv(NULL, 0);
	take_back(f->out, mark);
}

static bool has_line(const char *lines, struct wb_sv line)
{
	struct wb_sv rest = wb_sv_str(lines ? lines : ""), one;

	while (wb_sv_cut(&rest, '\n', &one))
		if (wb_sv_eq(one, line))
			return true;
	return false;
}

static void each_line(struct fill *f, const char *value, const char *unless_in, const char *text)
{
	struct wb_sv rest = wb_sv_str(value ? value : ""), outer = f->line;

	while (wb_sv_cut(&rest, '\n', &f->line))
		if (!has_line(unless_in, f->line))
			try_group(f, text);
	f->line = outer;
}

static void each_old_line(struct fill *f, const char *text)
{
	f->was = true;
	each_line(f, f->old_value, f->new_value, text);
	f->was = false;
}

static void each_item(struct fill *f, const char *value, const char *text)
{
	struct wb_sv rest = wb_sv_str(value ? value : ""), outer = f->line;

	while (rest.n) {
		size_t n = find_outside(rest, ",");
		f->line = wb_sv_trim(wb_sv(rest.p, n));
		try_group(f, text);
		n += n < rest.n;
		rest = wb_sv(rest.p + n, rest.n - n);
	}
	f->line = outer;
}

static void expand_group(struct fill *f, const char *p)
{
	struct wb_sv key = wb_sv(p + 1, strcspn(p + 1, " ]"));
	const char *text = key.p + key.n + (key.p[key.n] == ' ');

	if (*p == '*')
		each_line(f, value_of(f, key), NULL, text);
	else if (*p == '%')
		each_item(f, value_of(f, key), text);
	else if (*p == '-' && key.n == 0)
		each_old_line(f, text);
	else if (*p == '+' && key.n == 0)
		each_line(f, f->new_value, f->old_value, text);
	else if (*p != '?' && *p != '!')
		try_group(f, p);
	else if (is_there(f, key) == (*p == '?'))
		try_group(f, text);
}

/* Up to `close`; *at is then behind it. False when a hole was not filled. */
static bool expand(struct fill *f, const char **at, char close)
{
	const char *p = *at;

	while (*p && *p != close) {
		size_t n = strcspn(p, "{[]");
		if (n) {
			wb_str_addn(f->out, p, n);
			p += n;
		} else if (*p == '[') {
			expand_group(f, p + 1);
			p = skip_group(p + 1);
		} else if (*p == '{') {
			struct wb_sv hole = wb_sv(p + 1, strcspn(p + 1, "}"));
			if (!fill_hole(f, hole)) {
				f->missing = hole;
				return false;
			}
			p = hole.p + hole.n + 1;
		} else {
			break;
		}
	}
	*at = *p ? p + 1 : p;
	return true;
}

/* ---- statements ---------------------------------------------------------------------- */

static bool add_text(struct fill *f, const struct wb_object *o, const char *text)
{
	struct fill own = *f;
	bool ok;

	own.o = o;
	ok = !text || expand(&own, &text, '\0');
	if (!ok)
		f->missing = own.missing;
	return ok;
}

static bool add_after(struct fill *f, const struct wb_object *part, const struct wb_ddl_kind *k)
{
	return add_text(f, part, k->after);
}

static int ended(const struct fill *f, bool ok, struct wb_error *err)
{
	if (!ok && !f->out->failed)
		return wb_err_set(err, WB_EBUG, "DDL of a %s has a hole that nothing fills: %.*s",
				  wb_kind_name(f->o->kind), WB_SV_ARG(f->missing));
	return f->out->failed ? wb_err_nomem(err) : 0;
}

int wb_ddl_add(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
	       struct wb_error *err)
{
	const struct wb_ddl_kind *k = find_kind(d, o->kind);
	struct fill f = { .d = d, .m = m, .o = o, .out = out };

	return ended(&f,
		     !k || (add_text(&f, o, k->create) && add_text(&f, o, k->after) &&
			    each_part(&f, WB_KIND_COLUMN, add_after) && each_part(&f, WB_KIND_CONSTRAINT, add_after)),
		     err);
}

int wb_ddl_adopt(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
		 struct wb_error *err)
{
	const struct wb_ddl_kind *k = find_kind(d, o->kind);
	struct fill f = { .d = d, .m = m, .o = o, .out = out };

	return ended(&f, !k || (add_text(&f, o, k->adopt) && add_text(&f, o, k->after)), err);
}

int wb_ddl_create(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
		  struct wb_error *err)
{
	const struct wb_ddl_kind *k = find_kind(d, o->kind);

	return k && k->inside && o->owner ? 0 : wb_ddl_add(d, m, o, out, err);
}

int wb_ddl_late(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
		struct wb_error *err)
{
	const struct wb_ddl_kind *k = find_kind(d, o->kind);
	struct fill f = { .d = d, .m = m, .o = o, .out = out };

	return ended(&f, !k || add_text(&f, o, k->late), err);
}

int wb_ddl_create_as(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, const char *alias,
		     struct wb_str *out, struct wb_error *err)
{
	const struct wb_ddl_kind *k = find_kind(d, o->kind);
	struct fill f = { .d = d, .m = m, .o = o, .alias = alias, .out = out };

	return ended(&f, !k || add_text(&f, o, k->create), err);
}

int wb_ddl_drop(const struct wb_ddl *d, const struct wb_model *m, const struct wb_object *o, struct wb_str *out,
		struct wb_error *err)
{
	const struct wb_ddl_kind *k = find_kind(d, o->kind);
	struct fill f = { .d = d, .m = m, .o = o, .out = out };

	return ended(&f, !k || add_text(&f, o, k->drop), err);
}

int wb_ddl_rename(const struct wb_ddl *d, const struct wb_object *o, const char *new_name, struct wb_str *out,
		  struct wb_error *err)
{
	const struct wb_ddl_kind *k = find_kind(d, o->kind);
	wb_autostr quoted = WB_STR_INIT;
	struct fill f = { .d = d, .o = o, .out = out };

	wb_quote_ident(&quoted, wb_sv_str(new_name));
	if (quoted.failed)
		return wb_err_nomem(err);
	f.new_value = quoted.p;
	return ended(&f, !k || add_text(&f, o, k->rename), err);
}

/* ---- changes in place ------------------------------------------------------------------ */

static const char *text_for(const struct wb_ddl_attr *a, const struct wb_difference *change)
{
	return change->expected_value || !a->unset ? a->set : a->unset;
}

static bool is_about(const struct wb_ddl_attr *a, const struct wb_difference *change)
{
	return a->kind == change->expected->kind && strcmp(a->key, change->attribute) == 0;
}

static const struct wb_ddl_attr *find_attr(const struct wb_ddl_attr *table, const struct wb_difference *change)
{
	for (const struct wb_ddl_attr *a = table; a && a->key; a++)
		if (is_about(a, change))
			return a;
	return NULL;
}

bool wb_ddl_can_alter(const struct wb_ddl *d, const struct wb_model *from, const struct wb_model *to,
		      const struct wb_difference *change)
{
	const struct wb_ddl_attr *const tables[] = { d->attrs, d->early, d->late };
	const struct wb_ddl_attr *a = NULL;

	for (size_t i = 0; i < WB_ARRAY_LEN(tables) && !a; i++)
		a = find_attr(tables[i], change);
	return a && text_for(a, change) && (!d->can_alter || d->can_alter(from, to, change));
}

static bool alter(struct fill *f, const struct wb_ddl_attr *a, const struct wb_difference *change, const char **last)
{
	const char *text = text_for(a, change);

	if (!is_about(a, change) || text == *last)
		return true;
	f->new_value = change->expected_value;
	f->old_value = change->actual_value;
	f->before = change->actual;
	*last = text;
	return add_text(f, f->o, text);
}

int wb_ddl_alter(const struct wb_ddl *d, const struct wb_ddl_attr *table, const struct making *plan,
		 const struct wb_model *m, const struct wb_difference *changes, size_t n, struct wb_str *out,
		 struct wb_error *err)
{
	struct fill f = { .d = d, .plan = plan, .m = m, .o = changes->expected, .out = out };
	const char *last = NULL;
	bool ok = true;

	for (const struct wb_ddl_attr *a = table; a && a->key && ok; a++)
		for (size_t i = 0; i < n && ok; i++)
			ok = alter(&f, a, &changes[i], &last);
	return ended(&f, ok, err);
}

int wb_ddl_text(const struct wb_ddl *d, const struct making *plan, const struct wb_model *m, const struct wb_object *o,
		const struct wb_object *before, const char *text, struct wb_str *out, struct wb_error *err)
{
	struct fill f = { .d = d, .plan = plan, .m = m, .o = o, .before = before, .out = out };

	return ended(&f, add_text(&f, o, text), err);
}
