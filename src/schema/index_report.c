/* SPDX-License-Identifier: Apache-2.0
 *
 * Indexes that are missing, and such as nobody needs: a pure function over the
 * model, table by table. What the server has counted comes along as it is.
 * Where the texts of the engines differ, the first brackets hold the columns:
 * CREATE INDEX … USING btree (a, b DESC), FOREIGN KEY (a) REFERENCES ….
 */
#include "schema/index_report.h"

#include "base/banned.h"

#define SMALL_TABLE 1000 /* rows: to read them all costs next to nothing */

struct key {
	struct wb_sv text; /* all of it: "name" DESC */
	const char *column; /* NULL: an expression */
	bool collated;
};

/* An index, or the key of a table, which is one. */
struct entry {
	const struct wb_object *o;
	struct key *keys;
	size_t n;
	struct wb_sv include, where, method;
	bool unique, constraint, valid;
	bool attached; /* of a partition: it stays with that of the whole */
	bool pinned; /* something else is told by it */
};

struct looking {
	const struct wb_model *m;
	bool any_case;
	struct wb_map uses; /* "schema\ntable\nindex" -> struct wb_index_use */
	struct wb_arena scratch;
	WB_VEC(struct entry) entries; /* of the table at hand */
	struct wb_index_findings *out;
};

/* ---- texts ---------------------------------------------------------------------------- */

/* Past what stands in quotes at p, or one byte on. */
static size_t step(struct wb_sv s, size_t at)
{
	char quote = s.p[at];

	if (quote != '"' && quote != '\'')
		return at + 1;
	for (at++; at < s.n && s.p[at] != quote; at++)
		;
	return at < s.n ? at + 1 : at;
}

/* What is in the first brackets; *rest is what follows them. */
static bool brackets(struct wb_sv *rest, struct wb_sv *ret_list)
{
	size_t at = 0, start = 0;
	int depth = 0;

	for (; at < rest->n; at = step(*rest, at)) {
		if (rest->p[at] == '(' && depth++ == 0)
			start = at + 1;
		if (rest->p[at] == ')' && --depth == 0) {
			*ret_list = wb_sv(rest->p + start, at - start);
			*rest = wb_sv(rest->p + at + 1, rest->n - at - 1);
			return true;
		}
	}
	return false;
}

/* The next piece up to a comma that stands in no brackets. */
static bool next_key(struct wb_sv *rest, struct wb_sv *ret_key)
{
	size_t at = 0;
	int depth = 0;

	if (rest->n == 0)
		return false;
	for (; at < rest->n && (depth || rest->p[at] != ','); at = step(*rest, at))
		depth += (rest->p[at] == '(') - (rest->p[at] == ')');
	*ret_key = wb_sv_trim(wb_sv(rest->p, at));
	*rest = at < rest->n ? wb_sv(rest->p + at + 1, rest->n - at - 1) : wb_sv(NULL, 0);
	return true;
}

static bool is_word(char c)
{
	return c == '_' || c == '$' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (unsigned char)c >= 0x80;
}

/* A name at the start, without its quotes; NULL when there is none. *ret_rest: what follows. */
static const char *take_name(struct wb_arena *a, struct wb_sv text, struct wb_sv *ret_rest)
{
	bool quoted = text.n && text.p[0] == '"';
	char *name = wb_arena_alloc(a, text.n + 1);
	size_t at = quoted, n = 0;

	for (; name && at < text.n; at++) {
		bool quote = quoted && text.p[at] == '"';
		if (quote && (++at == text.n || text.p[at] != '"'))
			break;
		if (!quoted && !is_word(text.p[at]))
			break;
		name[n++] = text.p[at];
	}
	if (!name || n == 0)
		return NULL;
	name[n] = '\0';
	*ret_rest = wb_sv(text.p + at, text.n - at);
	return name;
}

/* What may follow a column: how it is ordered, and how compared. */
static bool is_column(struct wb_sv rest)
{
	static const char *const words[] = { " COLLATE ", " ASC", " DESC", " NULLS " };

	for (size_t i = 0; i < WB_ARRAY_LEN(words); i++)
		if (wb_sv_istarts(rest, words[i]))
			return true;
	return rest.n == 0 || (rest.p[0] == ' ' && memmem(rest.p, rest.n, "_ops", 4));
}

static bool make_keys(struct wb_arena *a, struct wb_sv list, struct key **ret_keys, size_t *ret_n)
{
	struct wb_sv text, rest;
	struct key *keys = wb_arena_array(a, list.n + 1, sizeof(*keys));
	size_t n = 0;

	for (; keys && next_key(&list, &text); n++) {
		const char *name = take_name(a, text, &rest);
		bool column = name && is_column(rest);
		keys[n] = (struct key){ text, column ? name : NULL, column && wb_sv_istarts(rest, " COLLATE ") };
	}
	*ret_keys = keys;
	*ret_n = n;
	return keys;
}

static struct wb_sv text_of(const struct wb_object *o, const char *key)
{
	const char *value = wb_object_get(o, key);

	return wb_sv_str(value ? value : "");
}

static bool same_name(const struct looking *l, const char *a, const char *b)
{
	return a && b && (l->any_case ? wb_sv_ieq(wb_sv_str(a), b) : strcmp(a, b) == 0);
}

/* ---- the indexes of a table ----------------------------------------------------------------- */

static struct wb_sv last_word(struct wb_sv text)
{
	size_t end, start;

	text = wb_sv_trim(text);
	for (end = start = text.n; start > 0 && is_word(text.p[start - 1]); start--)
		;
	return wb_sv(text.p + start, end - start);
}

/* Of an index as the server writes it: columns, and what stands around them. */
static bool read_definition(struct entry *e, struct wb_sv text, struct wb_sv *ret_list)
{
	struct wb_sv rest = text;
	const char *where;

	if (!brackets(&rest, ret_list))
		return false;
	e->method = last_word(wb_sv(text.p, (size_t)(ret_list->p - text.p) - 1));
	e->unique = wb_sv_istarts(text, "CREATE UNIQUE ");
	where = memmem(rest.p, rest.n, " WHERE ", 7);
	if (where)
		e->where = wb_sv(where + 7, rest.n - (size_t)(where + 7 - rest.p));
	if (wb_sv_starts(rest, " INCLUDE "))
		(void)brackets(&rest, &e->include);
	return true;
}

static bool add_entry(struct looking *l, struct entry e, struct wb_sv list)
{
	return make_keys(&l->scratch, list, &e.keys, &e.n) && wb_vec_push(&l->entries, e);
}

static bool is_replica_identity(const struct wb_object *index)
{
	struct wb_sv identity = text_of(index->owner, "replica_identity");

	return wb_sv_starts(identity, "USING INDEX ") &&
	       memmem(identity.p, identity.n, index->name, strlen(index->name));
}

static bool add_index(struct looking *l, const struct wb_object *o)
{
	struct entry e = { .o = o,
			   .valid = !wb_object_get(o, "invalid"),
			   .attached = wb_object_get(o, "attached_to"),
			   .pinned = is_replica_identity(o) || wb_object_get(o, "clustered") };
	struct wb_sv list = text_of(o, "columns");

	if (list.n) {
		e.unique = wb_object_get(o, "unique");
		e.where = text_of(o, "where");
		e.method = WB_SV("btree");
	} else if (!read_definition(&e, text_of(o, "definition"), &list)) {
		return true;
	}
	return add_entry(l, e, list);
}

/* The columns of a constraint; NULL when it has another type. */
static struct wb_sv columns_of(const struct wb_object *o, const char *type, struct wb_sv *ret_rest)
{
	struct wb_sv list = text_of(o, "columns");

	*ret_rest = wb_sv(NULL, 0);
	if (!wb_sv_ieq(text_of(o, "type"), type))
		return wb_sv(NULL, 0);
	if (list.n)
		return list;
	*ret_rest = text_of(o, "definition");
	return brackets(ret_rest, &list) ? list : wb_sv(NULL, 0);
}

static bool add_key(struct looking *l, const struct wb_object *o)
{
	struct entry e = { .o = o,
			   .unique = true,
			   .constraint = true,
			   .valid = true,
			   .method = WB_SV("btree"),
			   .attached = wb_object_get(o, "attached_to") };
	struct wb_sv rest, list = columns_of(o, "primary key", &rest);

	if (!list.p)
		list = columns_of(o, "unique", &rest);
	if (list.p && wb_sv_starts(rest, " INCLUDE "))
		(void)brackets(&rest, &e.include);
	return !list.p || add_entry(l, e, list);
}

static bool read_table(struct looking *l, const struct wb_object *table)
{
	size_t n, i;
	struct wb_object *const *v = wb_model_children(l->m, table, WB_KIND_CONSTRAINT, &n);
	bool ok = true;

	l->entries.n = 0;
	for (i = 0; i < n && ok; i++)
		ok = add_key(l, v[i]);
	v = wb_model_children(l->m, table, WB_KIND_INDEX, &n);
	for (i = 0; i < n && ok; i++)
		ok = add_index(l, v[i]);
	return ok;
}

/* ---- what has been counted ----------------------------------------------------------------------- */

static char *use_key(struct looking *l, const char *schema, const char *table, const char *index)
{
	return wb_arena_printf(&l->scratch, "%s\n%s\n%s", schema ? schema : "", table, index);
}

static bool learn_uses(struct looking *l, const struct wb_index_uses *uses)
{
	for (size_t i = 0; uses && i < uses->n; i++) {
		struct wb_index_use *use = &uses->v[i];
		char *key = use_key(l, use->schema, use->table, use->index ? use->index : use->column);
		if (!key || !wb_map_put(&l->uses, wb_sv_str(key), use))
			return false;
	}
	return true;
}

/* Of an index, or of a column that might have one. */
static const struct wb_index_use *use_of(struct looking *l, const struct wb_object *o, bool column)
{
	char *key = use_key(l, o->schema, o->parent, o->name);
	const struct wb_index_use *use = key ? wb_map_get(&l->uses, wb_sv_str(key)) : NULL;

	return use && (use->column != NULL) == column ? use : NULL;
}

static int64_t rows_of(struct looking *l)
{
	for (size_t i = 0; i < l->entries.n; i++) {
		const struct wb_index_use *use = use_of(l, l->entries.v[i].o, false);
		if (use)
			return use->rows;
	}
	return -1;
}

/* ---- findings ------------------------------------------------------------------------------------- */

static bool tell(struct looking *l, struct wb_index_finding f)
{
	return wb_vec_push(l->out, f);
}

/* (town IS NOT NULL): whoever looks for a value finds it there. */
static bool is_not_null(struct looking *l, struct wb_sv where, const struct key *columns, size_t n)
{
	struct wb_sv inner = where, rest = { NULL, 0 };
	const char *name;

	if (where.n && where.p[0] == '(' && !brackets(&where, &inner))
		return false;
	name = take_name(&l->scratch, wb_sv_trim(inner), &rest);
	for (size_t i = 0; name && i < n && wb_sv_ieq(rest = wb_sv_trim(rest), "IS NOT NULL"); i++)
		if (same_name(l, name, columns[i].column))
			return true;
	return false;
}

static bool is_among(const struct looking *l, const char *column, const struct key *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!keys[i].collated && same_name(l, column, keys[i].column))
			return true;
	return false;
}

/* Does it lead with these columns, in whatever order? */
static bool serves(struct looking *l, const struct entry *e, const struct key *columns, size_t n)
{
	bool searches = wb_sv_eq(e->method, WB_SV("btree")) || (n == 1 && wb_sv_eq(e->method, WB_SV("hash")));

	if (!searches || e->n < n || (e->where.n && !is_not_null(l, e->where, columns, n)))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!columns[i].column || !is_among(l, columns[i].column, e->keys, n))
			return false;
	return true;
}

static bool check_foreign_key(struct looking *l, const struct wb_object *o)
{
	struct wb_sv rest, list = columns_of(o, "foreign key", &rest);
	const struct wb_object *invalid = NULL;
	struct key *columns;
	size_t n;
	int64_t rows;

	if (!list.p)
		return true;
	if (!make_keys(&l->scratch, list, &columns, &n))
		return false;
	for (size_t i = 0; i < l->entries.n; i++) {
		const struct entry *e = &l->entries.v[i];
		if (!serves(l, e, columns, n))
			continue;
		if (e->valid)
			return true;
		invalid = e->o;
	}
	rows = rows_of(l);
	return tell(l, (struct wb_index_finding){ .fault = WB_INDEX_LACKING,
						  .severity = rows >= 0 && rows < SMALL_TABLE ? WB_SEVERITY_LOW
											      : WB_SEVERITY_MEDIUM,
						  .object = o,
						  .other = invalid,
						  .columns = wb_arena_sv(&l->out->arena, list) });
}

static bool same_keys(const struct entry *a, const struct entry *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!wb_sv_eq(a->keys[i].text, b->keys[i].text))
			return false;
	return true;
}

/* Is all that a is good for done by b as well? Of two that are alike the earlier name stays. */
static bool is_covered(const struct entry *a, const struct entry *b, bool a_is_first)
{
	bool exact = a->n == b->n;

	if (!b->valid || a->n > b->n || !wb_sv_eq(a->method, b->method) || !wb_sv_eq(a->where, b->where))
		return false;
	if (a->unique ? !(exact && b->unique) : !exact && !wb_sv_eq(a->method, WB_SV("btree")))
		return false;
	if (a->include.n && !wb_sv_eq(a->include, b->include))
		return false;
	if (!same_keys(a, b))
		return false;
	if (exact && a->unique == b->unique && wb_sv_eq(a->include, b->include) && b->constraint == a->constraint)
		return !a_is_first;
	return true;
}

static bool check_duplicate(struct looking *l, size_t i, bool *ret_told)
{
	const struct entry *a = &l->entries.v[i];

	*ret_told = false;
	if (a->constraint || a->attached || a->pinned || !a->valid)
		return true;
	for (size_t k = 0; k < l->entries.n; k++) {
		if (k == i || !is_covered(a, &l->entries.v[k], i < k))
			continue;
		*ret_told = true;
		return tell(l, (struct wb_index_finding){ .fault = WB_INDEX_DUPLICATE,
							  .severity = WB_SEVERITY_LOW,
							  .object = a->o,
							  .other = l->entries.v[k].o,
							  .use = use_of(l, a->o, false) });
	}
	return true;
}

static bool check_index(struct looking *l, size_t i)
{
	const struct entry *e = &l->entries.v[i];
	const struct wb_index_use *use = use_of(l, e->o, false);
	bool told;

	if (!e->valid)
		return (use && use->building) || tell(l, (struct wb_index_finding){ .fault = WB_INDEX_INVALID,
										    .severity = WB_SEVERITY_HIGH,
										    .object = e->o,
										    .use = use });
	if (!check_duplicate(l, i, &told))
		return false;
	if (told || e->unique || e->attached || e->pinned || !use || use->scans != 0 || use->rows < SMALL_TABLE)
		return true;
	return tell(l, (struct wb_index_finding){
			       .fault = WB_INDEX_UNUSED, .severity = WB_SEVERITY_LOW, .object = e->o, .use = use });
}

static bool check_column(struct looking *l, const struct wb_object *column)
{
	const struct wb_index_use *use = use_of(l, column, true);

	if (!use)
		return true;
	for (size_t i = 0; i < l->entries.n; i++)
		if (l->entries.v[i].valid && l->entries.v[i].n && !l->entries.v[i].where.n &&
		    same_name(l, l->entries.v[i].keys[0].column, column->name))
			return true;
	return tell(l,
		    (struct wb_index_finding){
			    .fault = WB_INDEX_CANDIDATE, .severity = WB_SEVERITY_LOW, .object = column, .use = use });
}

static bool check_table(struct looking *l, const struct wb_object *table)
{
	size_t n, i;
	struct wb_object *const *v = wb_model_children(l->m, table, WB_KIND_CONSTRAINT, &n);
	bool ok = read_table(l, table);

	for (i = 0; i < n && ok; i++)
		ok = check_foreign_key(l, v[i]);
	for (i = 0; i < l->entries.n && ok; i++)
		ok = check_index(l, i);
	v = wb_model_children(l->m, table, WB_KIND_COLUMN, &n);
	for (i = 0; i < n && l->uses.n && ok; i++)
		ok = check_column(l, v[i]);
	return ok;
}

static bool check_all(struct looking *l)
{
	for (size_t i = 0; i < l->m->n; i++) {
		const struct wb_object *o = l->m->v[i];
		if ((o->kind == WB_KIND_TABLE || o->kind == WB_KIND_MATERIALIZED_VIEW) && !check_table(l, o))
			return false;
	}
	return true;
}

void wb_index_findings_done(struct wb_index_findings *f)
{
	wb_vec_done(f);
	wb_arena_done(&f->arena);
}

int wb_index_findings_make(const struct wb_model *m, const struct wb_index_uses *uses,
			   struct wb_index_findings *ret_findings, struct wb_error *err)
{
	const struct wb_ddl *d = wb_ddl_find(m->engine);
	struct wb_index_findings found = { .arena = WB_ARENA_INIT };
	struct looking l = { .m = m, .any_case = d && d->any_case, .scratch = WB_ARENA_INIT, .out = &found };
	bool ok = learn_uses(&l, uses) && check_all(&l);

	wb_map_done(&l.uses);
	wb_vec_done(&l.entries);
	wb_arena_done(&l.scratch);
	if (!ok) {
		wb_index_findings_done(&found);
		return wb_err_nomem(err);
	}
	*ret_findings = found;
	return 0;
}
