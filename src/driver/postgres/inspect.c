/* SPDX-License-Identifier: Apache-2.0
 *
 * The schema, read: one query for each kind (sql/inspect_<kind>.sql), all in one
 * round trip and one snapshot of the database. The columns of a result become
 * objects: schema, parent and name are its identity, ref is how the catalog
 * names it ("class:oid", of a column "class:oid:number") and serves the edges
 * alone, everything else is an attribute by its column's name. A query without
 * a kind adds attributes to objects that are known by their ref.
 */
#include "driver/postgres/pg.h"
#include "driver/postgres/ref.h"

#include "base/banned.h"

#define COLUMNS_MAX 40
#define TRIES 5
#define PAUSE_MS 50
#define GONE "42704" /* undefined_object */

/* No kind: attributes of objects of all kinds. */
#define ANY_KIND WB_KIND_COUNT

static const struct {
	enum wb_kind kind;
	enum wb_pg_sql sql;
	int since; /* server version */
} queries[] = {
#define X(kind, id, file, since, when) { kind, WB_PG_SQL_##id, since },
	WB_PG_INSPECT_MAP(X)
#undef X
};

struct edge {
	struct wb_pg_ref from, to;
	char type; /* pg_depend's deptype */
};

/* An attribute that came before its object. */
struct late {
	struct wb_pg_ref ref;
	const char *key, *value;
};

struct column {
	struct wb_pg_ref ref;
	struct wb_object *o;
	bool placed; /* it has a place of its own */
};

struct loading {
	struct wb_model *m;
	struct wb_arena arena; /* of the refs */
	struct wb_pg_refs known; /* ref -> object */
	struct wb_pg_refs stands_for; /* ref of what is no object -> ref of what it belongs to */
	WB_VEC(struct edge) edges;
	WB_VEC(struct late) late;
	WB_VEC(struct column) columns;
};

/* One query's way from columns to attributes. */
struct reader {
	struct loading *l;
	enum wb_kind kind;
	int n;
	int schema, parent, name, ref; /* their columns, -1: none */
	int inherited, local; /* the same, attributes, too */
	const char *keys[COLUMNS_MAX]; /* of the attributes; NULL for the columns above */
};

/* ---- objects -------------------------------------------------------------------------- */

static bool learn_column(struct reader *r, int i, const char *name)
{
	const struct {
		const char *name;
		int *column;
	} identity[] = { { "schema", &r->schema }, { "parent", &r->parent }, { "name", &r->name }, { "ref", &r->ref } };

	for (size_t k = 0; k < WB_ARRAY_LEN(identity); k++) {
		if (strcmp(identity[k].name, name) != 0)
			continue;
		*identity[k].column = i;
		return true;
	}
	if (strcmp(name, "inherited") == 0)
		r->inherited = i;
	if (strcmp(name, "local") == 0)
		r->local = i;
	r->keys[i] = wb_arena_str(&r->l->m->arena, name);
	return r->keys[i];
}

static int learn(struct reader *r, const struct wb_row *row, struct wb_error *err)
{
	r->schema = r->parent = r->name = r->ref = r->inherited = r->local = -1;
	if (row->n > COLUMNS_MAX)
		return wb_err_set(err, WB_EBUG, "an inspection has %d columns", row->n);
	for (int i = 0; i < row->n; i++)
		if (!learn_column(r, i, row->names[i]))
			return wb_err_nomem(err);
	r->n = row->n;
	return 0;
}

static const char *cell(const struct wb_row *row, int column)
{
	return column < 0 ? NULL : row->v[column].p;
}

static int set(struct loading *l, struct wb_object *o, const char *key, const char *value, struct wb_error *err)
{
	return wb_object_set(l->m, o, key, value) ? 0 : wb_err_nomem(err);
}

/* The rows are as of one moment, but for the text of a definition the server looks at what there is now: nothing, or a
 * type without a name, of what was dropped since. */
static bool is_gone(const char *key, const char *value)
{
	return (strcmp(key, "definition") == 0 && !value) ||
	       (strcmp(key, "type") == 0 && value && strcmp(value, "???") == 0);
}

static int gone(enum wb_kind kind, const char *name, struct wb_error *err)
{
	wb_err_set(err, WB_ESQL, "the %s %s was dropped meanwhile", wb_kind_name(kind), name);
	if (err)
		(void)wb_sv_copy(WB_SV(GONE), err->sqlstate, sizeof(err->sqlstate));
	return WB_ESQL;
}

/* A trigger of a partition has its definition from its parent; that of an index may come later. */
static int check_there(const struct reader *r, const struct wb_row *row, struct wb_error *err)
{
	bool may_lack = r->kind == WB_KIND_TRIGGER || r->kind == WB_KIND_INDEX;

	for (int i = 0; i < r->n && !may_lack; i++)
		if (r->keys[i] && is_gone(r->keys[i], row->v[i].p))
			return gone(r->kind, cell(row, r->name), err);
	return 0;
}

static int check_indexes(const struct loading *l, struct wb_error *err)
{
	for (size_t i = 0; i < l->m->n; i++) {
		const struct wb_object *o = l->m->v[i];
		bool defined = o->kind != WB_KIND_INDEX;
		for (size_t k = 0; k < o->n_attrs && !defined; k++)
			defined = strcmp(o->attrs[k].key, "definition") == 0;
		if (!defined)
			return gone(o->kind, o->name, err);
	}
	return 0;
}

static int column_cmp(const void *a, const void *b)
{
	const struct wb_pg_ref *x = &((const struct column *)a)->ref, *y = &((const struct column *)b)->ref;

	return x->oid != y->oid ? (x->oid > y->oid) - (x->oid < y->oid) : (x->part > y->part) - (x->part < y->part);
}

static int note_column(struct reader *r, const struct wb_row *row, const struct wb_pg_ref *ref, struct wb_object *o,
		       struct wb_error *err)
{
	struct column c = { *ref, o, !cell(row, r->inherited) || cell(row, r->local) };

	return wb_vec_push(&r->l->columns, c) ? 0 : wb_err_nomem(err);
}

static int add_object(struct reader *r, const struct wb_row *row, const struct wb_pg_ref *ref, struct wb_error *err)
{
	struct wb_object *o =
		wb_model_add(r->l->m, r->kind, cell(row, r->schema), cell(row, r->parent), cell(row, r->name));
	int rc = o && (!ref || wb_pg_refs_put(&r->l->known, *ref, o)) ? check_there(r, row, err) : wb_err_nomem(err);

	for (int i = 0; rc == 0 && i < r->n; i++)
		if (r->keys[i])
			rc = set(r->l, o, r->keys[i], row->v[i].p, err);
	if (rc == 0 && r->kind == WB_KIND_COLUMN && ref)
		rc = note_column(r, row, ref, o, err);
	return rc;
}

/* Two connections bring the rows: the object that these attributes are of may be still to come. */
static int add_attributes(struct reader *r, const struct wb_row *row, const struct wb_pg_ref *ref, struct wb_error *err)
{
	struct wb_object *o = ref ? wb_pg_refs_get(&r->l->known, *ref) : NULL;
	int rc = 0;

	for (int i = 0; rc == 0 && ref && i < r->n; i++) {
		if (!r->keys[i] || !row->v[i].p)
			continue;
		struct late late = { *ref, r->keys[i], o ? row->v[i].p : wb_arena_sv(&r->l->arena, row->v[i]) };
		if (o)
			rc = set(r->l, o, late.key, late.value, err);
		else if (!late.value || !wb_vec_push(&r->l->late, late))
			rc = wb_err_nomem(err);
	}
	return rc;
}

/* Mostly they come in their order. */
static void sort_columns(struct loading *l)
{
	size_t i = 1;

	while (i < l->columns.n && column_cmp(&l->columns.v[i - 1], &l->columns.v[i]) < 0)
		i++;
	if (i < l->columns.n)
		qsort(l->columns.v, l->columns.n, sizeof(*l->columns.v), column_cmp);
}

/* The number of a column counts those that were dropped before it; what counts is which one it is of those there are. A
 * column that comes from elsewhere has no place of its own, but takes one. */
static int add_positions(struct loading *l, struct wb_error *err)
{
	uint32_t table = 0, position = 0;
	char text[16];
	int rc = 0;

	sort_columns(l);
	for (size_t i = 0; rc == 0 && i < l->columns.n; i++) {
		const struct column *c = &l->columns.v[i];
		position = c->ref.oid == table ? position + 1 : 1;
		table = c->ref.oid;
		(void)snprintf(text, sizeof(text), "%u", position);
		if (c->placed)
			rc = set(l, c->o, "position", text, err);
	}
	return rc;
}

static int add_late(struct loading *l, struct wb_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < l->late.n; i++) {
		const struct late *late = &l->late.v[i];
		struct wb_object *o = wb_pg_refs_get(&l->known, late->ref);
		if (o)
			rc = set(l, o, late->key, late->value, err);
	}
	return rc;
}

static int take_object(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct reader *r = user;
	struct wb_pg_ref ref;
	int rc = r->n ? 0 : learn(r, row, err);
	bool has_ref = rc == 0 && r->ref >= 0 && row->v[r->ref].p && wb_pg_ref_parse(row->v[r->ref], &ref);

	if (rc < 0)
		return rc;
	return (r->kind == ANY_KIND ? add_attributes : add_object)(r, row, has_ref ? &ref : NULL, err);
}

/* ---- edges ------------------------------------------------------------------------------ */

static int take_edge(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct loading *l = user;
	struct edge e = { .type = row->v[6].p ? *row->v[6].p : 'n' };

	if (!wb_pg_ref_cells(row->v, &e.from) || !wb_pg_ref_cells(row->v + 3, &e.to))
		return wb_err_set(err, WB_EBUG, "the catalog names an object in an unknown way");
	return wb_vec_push(&l->edges, e) ? 0 : wb_err_nomem(err);
}

/* A column of which nothing is known, of a view for one, is the whole. */
static struct wb_object *whole(const struct loading *l, struct wb_pg_ref ref)
{
	if (!ref.part)
		return NULL;
	ref.part = 0;
	return wb_pg_refs_get(&l->known, ref);
}

/* The array of a type, the index of a constraint, the rule of a view, what an extension brought: all of them are made
 * with something else, which is what others need. */
static bool belongs(const struct edge *e)
{
	static const struct {
		uint32_t part, whole;
	} parts[] = {
		{ 2604 /* pg_attrdef */, 1259 /* pg_class */ },
		{ 2602 /* pg_amop */, 2616 /* pg_opclass */ },
		{ 2602, 2753 /* pg_opfamily */ },
		{ 2603 /* pg_amproc */, 2616 },
		{ 2603, 2753 },
		{ 6106 /* pg_publication_rel */, 6104 /* pg_publication */ },
		{ 6237 /* pg_publication_namespace */, 6104 },
	};

	for (size_t i = 0; e->type == 'a' && i < WB_ARRAY_LEN(parts); i++)
		if (e->from.class == parts[i].part && e->to.class == parts[i].whole)
			return true;
	return e->type == 'i' || e->type == 'e';
}

static int note_parts(struct loading *l, struct wb_error *err)
{
	for (size_t i = 0; i < l->edges.n; i++) {
		struct edge *e = &l->edges.v[i];
		if (belongs(e) && !wb_pg_refs_get(&l->known, e->from) &&
		    !wb_pg_refs_put(&l->stands_for, e->from, &e->to))
			return wb_err_nomem(err);
	}
	return 0;
}

/* The object that a ref leads to; parts of parts (the array of the row type of a table) are few steps away. */
static struct wb_object *resolve(const struct loading *l, struct wb_pg_ref ref)
{
	for (int steps = 0; steps < 5; steps++) {
		struct wb_object *o = wb_pg_refs_get(&l->known, ref); /* such a one stands for nothing else */
		const struct wb_pg_ref *next = o ? NULL : wb_pg_refs_get(&l->stands_for, ref);
		if (o || !next)
			return o ? o : whole(l, ref);
		ref = *next;
	}
	return NULL;
}

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_part_of(const struct wb_object *part, const struct wb_object *o)
{
	return part->parent && !o->parent && strcmp(part->parent, o->name) == 0 && same(part->schema, o->schema);
}

/* An owned sequence comes before the column that uses it: that it goes with the column is said afterwards. */
static bool is_ownership(const struct wb_object *from, const struct edge *e)
{
	return from->kind == WB_KIND_SEQUENCE && e->type == 'a';
}

static bool same_ref(const struct wb_pg_ref *a, const struct wb_pg_ref *b)
{
	return a->oid == b->oid && a->class == b->class && a->part == b->part;
}

static int add_needs(struct loading *l, struct wb_error *err)
{
	struct wb_object *from = NULL, *to;

	for (size_t i = 0; i < l->edges.n; i++) {
		const struct edge *e = &l->edges.v[i];
		/* Those of one object mostly come together. */
		if (i == 0 || !same_ref(&e->from, &l->edges.v[i - 1].from))
			from = resolve(l, e->from);
		to = from ? resolve(l, e->to) : NULL;
		if (!to || to == from || is_part_of(to, from) || is_part_of(from, to) || is_ownership(from, e))
			continue;
		if (!wb_object_need(l->m, from, to))
			return wb_err_nomem(err);
	}
	return 0;
}

/* ---- the whole -------------------------------------------------------------------------- */

/* As an array of PostgreSQL; NULL stands for all schemas. */
static void add_schemas(const struct wb_inspect_options *o, struct wb_str *out)
{
	for (size_t i = 0; i < o->n_schemas; i++) {
		wb_str_addc(out, i ? ',' : '{');
		wb_str_addc(out, '"');
		for (const char *p = o->schemas[i]; *p; p++) {
			if (*p == '"' || *p == '\\')
				wb_str_addc(out, '\\');
			wb_str_addc(out, *p);
		}
		wb_str_addc(out, '"');
	}
	wb_str_add(out, o->n_schemas ? "}" : "");
}

enum { N_QUERIES = WB_ARRAY_LEN(queries), ALL = N_QUERIES + 3 };

/* What one connection is asked. */
struct lane {
	struct wb_query q[ALL];
	size_t n;
};

struct inspection {
	struct wb_pg *c;
	const struct wb_inspect_options *o;
	struct loading l;
	struct reader readers[N_QUERIES];
	struct wb_value schemas;
	bool alone; /* one connection has to do */
	const char *present; /* of each query: '1' where it can find anything */
	struct lane first, second;
};

static void ask(struct inspection *in, struct lane *lane, enum wb_pg_sql sql, wb_row_fn row, void *user)
{
	lane->q[lane->n++] = (struct wb_query){ .sql = wb_sv_str(wb_pg_text(in->c, (int)sql)),
						.params = &in->schemas,
						.n_params = 1,
						.row = row,
						.row_user = user,
						.whole = true };
}

/* What the server writes as SQL again: it has to look at the tables for it, which one process should do for all.
 * Indexes are mostly put together without. */
static bool is_deparsed(enum wb_kind kind, enum wb_pg_sql sql)
{
	static const enum wb_kind deparsed[] = { WB_KIND_CONSTRAINT, WB_KIND_STATISTICS,
						 WB_KIND_VIEW,       WB_KIND_MATERIALIZED_VIEW,
						 WB_KIND_RULE,       WB_KIND_TRIGGER,
						 WB_KIND_POLICY };

	for (size_t i = 0; i < WB_ARRAY_LEN(deparsed); i++)
		if (kind == deparsed[i])
			return true;
	return sql == WB_PG_SQL_INSPECT_INDEX_TEXT;
}

static bool is_asked(const struct inspection *in, size_t i)
{
	return in->present[i] == '1' && in->c->base.server_version >= queries[i].since &&
	       (queries[i].sql != WB_PG_SQL_INSPECT_OWNER || in->o->owners);
}

static void compose(struct inspection *in, bool two)
{
	for (size_t i = 0; i < N_QUERIES; i++) {
		struct lane *lane = two && is_deparsed(queries[i].kind, queries[i].sql) ? &in->second : &in->first;
		in->readers[i] = (struct reader){ .l = &in->l, .kind = queries[i].kind };
		if (is_asked(in, i))
			ask(in, lane, queries[i].sql, take_object, &in->readers[i]);
	}
	ask(in, &in->first, WB_PG_SQL_INSPECT_NEED, take_edge, &in->l);
	if (!in->o->inside)
		in->first.q[in->first.n++] = (struct wb_query){ .sql = WB_SV("COMMIT") };
}

/* The transaction, what there is, and the snapshot for a second connection where there is to be one (else NULL). */
static int begin(struct inspection *in, const char **ret_snapshot, struct wb_error *err)
{
	struct wb_pg_first first = { .arena = &in->l.arena };
	struct wb_query q[] = {
		{ .sql = in->o->inside ? WB_SV("SAVEPOINT whimbrel_inspection")
				       : WB_SV("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY") },
		{ .sql = wb_sv_str(wb_pg_text(in->c, WB_PG_SQL_INSPECT_SETTINGS)) },
		{ .sql = wb_sv_str(
			  wb_pg_text(in->c, in->o->inside ? WB_PG_SQL_INSPECT_INSIDE : WB_PG_SQL_INSPECT_BEGIN)),
		  .row = wb_pg_take_first,
		  .row_user = &first },
	};
	size_t done, offset;
	int rc = wb_pg_run(&in->c->base, q, WB_ARRAY_LEN(q), &done, &offset, err);

	if (rc == 0 && (first.n != 2 || !first.v[1] || strlen(first.v[1]) != N_QUERIES))
		rc = wb_err_set(err, WB_EBUG, "an inspection does not know what there is");
	*ret_snapshot = first.v[0];
	in->present = first.v[1];
	return rc;
}

static int ask_all(struct inspection *in, struct wb_error *err)
{
	const char *snapshot;
	struct wb_pg *second;
	size_t done, offset;
	int rc = begin(in, &snapshot, err);

	if (rc < 0)
		return rc;
	second = snapshot && !in->alone ? wb_pg_second_open(in->c, snapshot) : NULL;
	compose(in, second);
	if (second)
		wb_log(in->c->base.options.sink, WB_LOG_DEBUG, "the schema is read over two connections");
	if (second)
		rc = wb_pg_run_both(in->c, in->first.q, in->first.n, second, in->second.q, in->second.n, err);
	else
		rc = wb_pg_run(&in->c->base, in->first.q, in->first.n, &done, &offset, err);
	wb_pg_second_close(second);
	return rc;
}

/* Settings are put back with it. */
static int leave(struct inspection *in, struct wb_error *err)
{
	struct wb_query q[] = { { .sql = WB_SV("ROLLBACK TO SAVEPOINT whimbrel_inspection") },
				{ .sql = WB_SV("RELEASE SAVEPOINT whimbrel_inspection") } };
	size_t done, offset;

	return wb_pg_run(&in->c->base, q, WB_ARRAY_LEN(q), &done, &offset, err);
}

static int run(struct inspection *in, struct wb_error *err)
{
	struct wb_error ignored = { 0 };
	bool was_quiet = in->c->quiet;
	int rc;

	in->c->quiet = true;
	rc = ask_all(in, err);
	if (in->o->inside && !in->c->base.lost && leave(in, rc < 0 ? &ignored : err) < 0 && rc == 0)
		rc = WB_ESQL;
	in->c->quiet = was_quiet;
	if (rc < 0 && (in->o->inside || wb_pg_rollback(&in->c->base, &ignored) < 0))
		return rc;
	if (rc == 0)
		rc = add_positions(&in->l, err);
	if (rc == 0)
		rc = add_late(&in->l, err);
	if (rc == 0)
		rc = check_indexes(&in->l, err);
	if (rc == 0)
		rc = note_parts(&in->l, err);
	return rc ? rc : add_needs(&in->l, err);
}

static int inspect(struct wb_pg *c, const struct wb_inspect_options *o, struct wb_value schemas, bool alone,
		   struct wb_model *m, struct wb_error *err)
{
	struct inspection *in = calloc(1, sizeof(*in));
	int rc;

	if (!in)
		return wb_err_nomem(err);
	in->c = c;
	in->o = o;
	in->alone = alone;
	in->l.m = m;
	in->schemas = schemas;
	rc = run(in, err);
	wb_pg_refs_done(&in->l.known);
	wb_pg_refs_done(&in->l.stands_for);
	wb_vec_done(&in->l.edges);
	wb_vec_done(&in->l.late);
	wb_vec_done(&in->l.columns);
	wb_arena_done(&in->l.arena);
	free(in);
	return rc;
}

/* What the server says when it is to describe something that another session drops or changes at the same time. */
static bool is_passing(const struct wb_error *why)
{
	static const char *const states[] = { "XX000" /* could not open relation, cache lookup failed */,
					      "42P01" /* undefined_table */,
					      "42703" /* undefined_column */,
					      "42883" /* undefined_function */,
					      GONE,
					      "3F000" /* invalid_schema_name */,
					      "40001",
					      "40P01" /* deadlock_detected */ };

	for (size_t i = 0; i < WB_ARRAY_LEN(states); i++)
		if (wb_pg_is_state(why, states[i]))
			return true;
	return false;
}

static int give_up(struct wb_error *why)
{
	char message[sizeof(why->message)];
	int code = why->code;

	(void)wb_sv_copy(wb_sv_str(why->message), message, sizeof(message));
	wb_err_set(why, code, "the schema cannot be read: it changes all the time");
	wb_err_detail(why, "%d times; at last: %s", TRIES, message);
	wb_err_hint(why, "run again when whoever creates and drops objects here has finished");
	return code;
}

int wb_pg_inspect(struct wb_conn *conn, const struct wb_inspect_options *o, struct wb_model *m, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	struct wb_error why = { 0 };
	size_t before = m->n;
	bool alone = false, again = true;
	int rc = 0;

	add_schemas(o, &text);
	if (text.failed)
		return wb_err_nomem(err);
	for (int i = 0; i < TRIES && again; i++) {
		if (i) {
			wb_log(conn->options.sink, WB_LOG_DEBUG, "the schema is read again: %s", why.message);
			wb_sleep_ms(PAUSE_MS * i);
		}
		m->n = before;
		why = (struct wb_error){ 0 };
		rc = inspect(wb_pg(conn), o, o->n_schemas ? wb_v_sv(wb_str_sv(&text)) : WB_V_NULL, alone, m, &why);
		alone |= rc == WB_ECONN; /* the second connection is lost, if it is not the first */
		again = rc < 0 && !conn->lost && (rc == WB_ECONN || is_passing(&why));
	}
	if (again)
		rc = give_up(&why);
	if (rc < 0 && err)
		*err = why;
	return rc;
}
