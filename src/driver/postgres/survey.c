/* SPDX-License-Identifier: Apache-2.0
 *
 * Fills a world from the catalog for the names that operations speak of
 * (sql/survey_*.sql): three round trips, however many names there are. Nothing
 * is written, and no relation is opened that somebody holds exclusively: a
 * survey never waits for a lock, and works on a standby.
 */
#include "driver/postgres/pg.h"

#include "model/world.h"

#include "base/banned.h"

/* One list of names as an array of schemas and one of names, in the server's notation. */
struct names {
	struct wb_str schemas, names;
	struct wb_map seen;
};

struct survey {
	struct wb_world *world;
	struct names relations, types, functions;
	struct wb_str path, oids;
	struct wb_map by_oid; /* -> struct wb_relation */
	bool nomem;
};

/* ---- what is asked for -------------------------------------------------------------------- */

static void add_element(struct wb_str *s, struct wb_sv v)
{
	wb_str_addc(s, s->n ? ',' : '{');
	if (!v.p) {
		wb_str_add(s, "NULL");
		return;
	}
	wb_str_addc(s, '"');
	for (size_t i = 0; i < v.n; i++) {
		if (v.p[i] == '"' || v.p[i] == '\\')
			wb_str_addc(s, '\\');
		wb_str_addc(s, v.p[i]);
	}
	wb_str_addc(s, '"');
}

static struct wb_value array(struct wb_str *s)
{
	wb_str_add(s, s->n ? "}" : "{}");
	return wb_v_sv(wb_str_sv(s));
}

static void ask_for(struct survey *s, struct names *n, struct wb_sv schema, struct wb_sv name)
{
	const char *key;

	if (!name.n)
		return;
	key = wb_arena_printf(&s->world->arena, "%.*s\n%.*s", WB_SV_ARG(schema), WB_SV_ARG(name));
	if (key && wb_map_get(&n->seen, wb_sv_str(key)))
		return;
	s->nomem |= !key || !wb_map_put(&n->seen, wb_sv_str(key), n);
	add_element(&n->schemas, schema);
	add_element(&n->names, name);
}

static void ask_for_name(struct survey *s, struct names *n, struct wb_name name)
{
	if (name.name)
		ask_for(s, n, wb_sv_str(name.schema), wb_sv_str(name.name));
}

static struct wb_sv unquoted(struct wb_sv v)
{
	v = wb_sv_trim(v);
	return v.n >= 2 && v.p[0] == '"' && v.p[v.n - 1] == '"' ? wb_sv(v.p + 1, v.n - 2) : v;
}

/* "app.money(3)[]" as a statement writes it; those of the engine are found, too, and left out by the query. */
static void ask_for_type(struct survey *s, const char *text)
{
	struct wb_sv v = wb_sv(text, strcspn(text, "([")), schema = { NULL, 0 };
	const char *dot = v.n ? memchr(v.p, '.', v.n) : NULL;

	if (dot) {
		schema = unquoted(wb_sv(v.p, (size_t)(dot - v.p)));
		v = wb_sv(dot + 1, v.n - (size_t)(dot + 1 - v.p));
	}
	ask_for(s, &s->types, schema, unquoted(v));
}

static void ask_for_operation(struct survey *s, const struct wb_operation *op)
{
	ask_for_name(s, &s->relations, op->table);
	ask_for_name(s, &s->relations, op->other);
	if (op->kind != WB_KIND_COLUMN && op->kind != WB_KIND_CONSTRAINT)
		ask_for_name(s, &s->relations, op->object);
	ask_for_name(s, &s->types, op->object);
	if (op->type)
		ask_for_type(s, op->type);
	for (size_t i = 0; i < op->n_functions; i++)
		ask_for_name(s, &s->functions, op->functions[i]);
}

/* ---- rows --------------------------------------------------------------------------------------- */

static const char *text(struct survey *s, struct wb_sv v)
{
	const char *copy = v.p ? wb_arena_sv(&s->world->arena, v) : NULL;

	s->nomem |= v.p && !copy;
	return copy;
}

static struct wb_relation *by_oid(struct survey *s, struct wb_sv oid)
{
	return oid.p ? wb_map_get(&s->by_oid, oid) : NULL;
}

static bool has_flag(struct wb_sv flags, char c)
{
	return flags.n && memchr(flags.p, c, flags.n);
}

static int end_row(struct survey *s, struct wb_error *err)
{
	return s->nomem ? wb_err_nomem(err) : 0;
}

static int take_session(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct survey *s = user;
	const char **path = wb_arena_array(&s->world->arena, s->world->n_path + 1, sizeof *path);

	if (!path)
		return wb_err_nomem(err);
	for (size_t i = 0; i < s->world->n_path; i++)
		path[i] = s->world->path[i];
	path[s->world->n_path] = text(s, row->v[0]);
	s->world->path = path;
	s->world->n_path++;
	s->world->utc = wb_sv_eq(row->v[1], WB_SV("t")) ? WB_YES : WB_NO;
	add_element(&s->path, row->v[0]);
	return end_row(s, err);
}

static enum wb_kind kind_of(struct wb_sv relkind)
{
	static const struct {
		char c;
		enum wb_kind kind;
	} kinds[] = { { 'r', WB_KIND_TABLE },         { 'p', WB_KIND_TABLE },   { 'i', WB_KIND_INDEX },
		      { 'I', WB_KIND_INDEX },         { 'v', WB_KIND_VIEW },    { 'm', WB_KIND_MATERIALIZED_VIEW },
		      { 'f', WB_KIND_FOREIGN_TABLE }, { 'S', WB_KIND_SEQUENCE } };

	for (size_t i = 0; relkind.n && i < WB_ARRAY_LEN(kinds); i++)
		if (kinds[i].c == relkind.p[0])
			return kinds[i].kind;
	return WB_KIND_COUNT;
}

static unsigned flags_of(struct wb_sv v)
{
	static const struct {
		char c;
		unsigned flag;
	} flags[] = { { 'P', WB_REL_PARTITIONED }, { 'p', WB_REL_PARTITION }, { 'd', WB_REL_DEFAULT },
		      { 't', WB_REL_TEMPORARY },   { 'u', WB_REL_UNLOGGED },  { 'x', WB_REL_PARTIAL },
		      { 'h', WB_REL_HYPERTABLE } };
	unsigned all = WB_REL_SEEN;

	for (size_t i = 0; i < WB_ARRAY_LEN(flags); i++)
		all |= has_flag(v, flags[i].c) ? flags[i].flag : 0;
	return all;
}

/* An index or an owned sequence; its table came first. */
static bool hang(struct wb_relation *r, struct wb_relation *table)
{
	r->table = table;
	if (!table)
		return true;
	if (r->kind == WB_KIND_SEQUENCE)
		return wb_relations_add(&table->owned, r);
	if (r->bytes > 0)
		table->index_bytes = (table->index_bytes < 0 ? 0 : table->index_bytes) + r->bytes;
	return wb_relations_add(&table->indexes, r);
}

static int take_relation(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct survey *s = user;
	struct wb_name name = { text(s, row->v[1]), text(s, row->v[2]) };
	const char *oid = text(s, row->v[0]);
	struct wb_relation *r = s->nomem ? NULL : wb_world_add(s->world, name, kind_of(row->v[3]));

	if (!r || !wb_map_put(&s->by_oid, wb_sv_str(oid), r))
		return wb_err_nomem(err);
	r->flags = flags_of(row->v[6]);
	r->rows = wb_pg_cell_number(row, 7);
	r->bytes = wb_pg_cell_number(row, 8);
	if (r->kind == WB_KIND_TABLE || r->kind == WB_KIND_MATERIALIZED_VIEW)
		r->index_bytes = 0;
	r->column = text(s, row->v[5]);
	r->tablespace = text(s, row->v[9]);
	r->method = text(s, row->v[10]);
	r->bound = text(s, row->v[11]);
	r->key = text(s, row->v[12]);
	r->text = text(s, row->v[13]);
	s->nomem |= !hang(r, by_oid(s, row->v[4]));
	add_element(&s->oids, row->v[0]);
	return end_row(s, err);
}

static int take_column(void *user, const struct wb_row *row, struct wb_error *err)
{
	static const struct {
		char c;
		unsigned flag;
	} flags[] = { { 'n', WB_COL_NOT_NULL }, { 'd', WB_COL_DEFAULT },  { 's', WB_COL_STORED },
		      { 'v', WB_COL_VIRTUAL },  { 'i', WB_COL_IDENTITY }, { 'c', WB_COL_COLLATED } };
	struct survey *s = user;
	struct wb_relation *r = by_oid(s, row->v[0]);
	struct wb_world_column c = { .name = text(s, row->v[1]), .type = text(s, row->v[2]) };

	for (size_t i = 0; i < WB_ARRAY_LEN(flags); i++)
		c.flags |= has_flag(row->v[3], flags[i].c) ? flags[i].flag : 0;
	s->nomem |= r && !wb_vec_push(&r->columns, c);
	return end_row(s, err);
}

static const char *const *lines(struct survey *s, struct wb_sv v, size_t *ret_n)
{
	const char **all = wb_arena_array(&s->world->arena, v.n + 1, sizeof *all);
	struct wb_sv line;
	size_t n = 0;

	while (all && v.p && wb_sv_cut(&v, '\n', &line))
		all[n++] = text(s, line);
	s->nomem |= !all;
	*ret_n = n;
	return all;
}

static int take_constraint(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct survey *s = user;
	struct wb_relation *r = by_oid(s, row->v[0]);
	struct wb_world_constraint k = { .name = text(s, row->v[1]),
					 .kind = row->v[2].n ? row->v[2].p[0] : 'c',
					 .invalid = has_flag(row->v[3], 'i'),
					 .inherited = has_flag(row->v[3], 'h'),
					 .not_enforced = has_flag(row->v[3], 'e'),
					 .expr = text(s, row->v[4]),
					 .other = by_oid(s, row->v[5]),
					 .index = by_oid(s, row->v[6]) };
	size_t n;

	k.columns = lines(s, row->v[7], &k.n_columns);
	k.other_columns = lines(s, row->v[8], &n);
	s->nomem |= r && !wb_vec_push(&r->constraints, k);
	s->nomem |= r && k.other && !wb_relations_add(&k.other->referencing, r);
	return end_row(s, err);
}

static int take_tie(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct survey *s = user;
	struct wb_relation *of = by_oid(s, row->v[1]), *r = by_oid(s, row->v[2]);

	if (!of || !r)
		return 0;
	if (wb_sv_eq(row->v[0], WB_SV("view")))
		s->nomem |= !wb_relations_add(&of->dependants, r);
	else
		s->nomem |= !wb_relations_add(&of->children, r) || !wb_relations_add(&r->parents, of);
	return end_row(s, err);
}

static int take_type(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct survey *s = user;
	struct wb_name name = { text(s, row->v[0]), text(s, row->v[1]) };
	struct wb_world_type *t = s->nomem ? NULL : wb_world_type(s->world, name);
	struct wb_relation *user_of = by_oid(s, row->v[4]);

	if (!t && !s->nomem) {
		t = wb_arena_alloc(&s->world->arena, sizeof *t);
		s->nomem |= !t || !wb_vec_push(&s->world->types, t);
	}
	if (s->nomem)
		return wb_err_nomem(err);
	t->name = name;
	t->base = text(s, row->v[2]);
	t->constrained = wb_sv_eq(row->v[3], WB_SV("t")) ? WB_YES : WB_NO;
	s->nomem |= user_of && !wb_relations_add(&t->users, user_of);
	return end_row(s, err);
}

static int take_function(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct survey *s = user;
	struct wb_world_function f = { .name = { text(s, row->v[0]), text(s, row->v[1]) } };

	f.volatile_ = !row->v[2].p ? WB_UNKNOWN : wb_sv_eq(row->v[2], WB_SV("t")) ? WB_YES : WB_NO;
	s->nomem |= !wb_vec_push(&s->world->functions, f);
	return end_row(s, err);
}

static int take_cast(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct survey *s = user;
	struct wb_world_cast c = { text(s, row->v[0]), text(s, row->v[1]) };

	s->nomem |= !wb_vec_push(&s->world->casts, c);
	return end_row(s, err);
}

/* ---- asking ----------------------------------------------------------------------------------------- */

static int ask_session(struct survey *s, struct wb_pg *c, struct wb_error *err)
{
	struct wb_query q = { .sql = wb_sv_str(wb_pg_text(c, WB_PG_SQL_SURVEY_SESSION)),
			      .row = take_session,
			      .row_user = s };
	size_t done, offset;

	return wb_pg_run(&c->base, &q, 1, &done, &offset, err);
}

/* Within one implicit transaction with what pins the search_path. */
static int ask(struct wb_pg *c, struct wb_query *q, size_t n, struct wb_error *err)
{
	size_t pinned = c->base.in_transaction ? 1 : 0, done, offset;

	q[0] = (struct wb_query){ .sql = wb_sv_str(wb_pg_text(c, WB_PG_SQL_SURVEY_PIN)) };
	return wb_pg_run(&c->base, q + pinned, n - pinned, &done, &offset, err);
}

static int ask_relations(struct survey *s, struct wb_pg *c, const struct wb_value *path, struct wb_error *err)
{
	struct wb_value params[] = { array(&s->relations.schemas), array(&s->relations.names), *path,
				     array(&s->types.schemas), array(&s->types.names) };
	struct wb_query q[] = { { .sql = { NULL, 0 } },
				{ .sql = wb_sv_str(wb_pg_text(c, WB_PG_SQL_SURVEY_RELATIONS)),
				  .params = params,
				  .n_params = WB_ARRAY_LEN(params),
				  .row = take_relation,
				  .row_user = s } };

	return ask(c, q, WB_ARRAY_LEN(q), err);
}

static int ask_parts(struct survey *s, struct wb_pg *c, const struct wb_value *path, struct wb_error *err)
{
	struct wb_value oids = array(&s->oids);
	struct wb_value types[] = { oids, wb_v_sv(wb_str_sv(&s->types.schemas)), wb_v_sv(wb_str_sv(&s->types.names)),
				    *path };
	struct wb_value functions[] = { array(&s->functions.schemas), array(&s->functions.names), *path };
	const struct {
		enum wb_pg_sql id;
		const struct wb_value *params;
		int n;
		wb_row_fn row;
	} all[] = { { WB_PG_SQL_SURVEY_COLUMNS, &oids, 1, take_column },
		    { WB_PG_SQL_SURVEY_CONSTRAINTS, &oids, 1, take_constraint },
		    { WB_PG_SQL_SURVEY_TIES, &oids, 1, take_tie },
		    { WB_PG_SQL_SURVEY_TYPES, types, WB_ARRAY_LEN(types), take_type },
		    { WB_PG_SQL_SURVEY_FUNCTIONS, functions, WB_ARRAY_LEN(functions), take_function },
		    { WB_PG_SQL_SURVEY_CASTS, NULL, 0, take_cast } };
	struct wb_query q[WB_ARRAY_LEN(all) + 1];

	for (size_t i = 0; i < WB_ARRAY_LEN(all); i++)
		q[i + 1] = (struct wb_query){ .sql = wb_sv_str(wb_pg_text(c, (int)all[i].id)),
					      .params = all[i].params,
					      .n_params = all[i].n,
					      .row = all[i].row,
					      .row_user = s };
	return ask(c, q, WB_ARRAY_LEN(q), err);
}

static int ask_all(struct survey *s, struct wb_pg *c, struct wb_error *err)
{
	struct wb_value path;
	int rc = s->nomem ? wb_err_nomem(err) : ask_session(s, c, err);

	if (rc < 0)
		return rc;
	path = array(&s->path);
	rc = ask_relations(s, c, &path, err);
	return rc < 0 ? rc : ask_parts(s, c, &path, err);
}

static void names_done(struct names *n)
{
	wb_str_done(&n->schemas);
	wb_str_done(&n->names);
	wb_map_done(&n->seen);
}

#define NO_NAMES \
	{ \
		.schemas = WB_STR_INIT, .names = WB_STR_INIT \
	}

int wb_pg_survey(struct wb_conn *conn, const struct wb_operations *v, size_t n, struct wb_world *w,
		 struct wb_error *err)
{
	struct survey s = { .world = w,
			    .relations = NO_NAMES,
			    .types = NO_NAMES,
			    .functions = NO_NAMES,
			    .path = WB_STR_INIT,
			    .oids = WB_STR_INIT };
	bool was_quiet = wb_pg(conn)->quiet;
	int rc;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < v[i].n; k++)
			ask_for_operation(&s, &v[i].v[k]);
	w->server_version = conn->server_version;
	w->surveyed = true;
	wb_pg(conn)->quiet = true;
	rc = ask_all(&s, wb_pg(conn), err);
	wb_pg(conn)->quiet = was_quiet;
	names_done(&s.relations);
	names_done(&s.types);
	names_done(&s.functions);
	wb_str_done(&s.path);
	wb_str_done(&s.oids);
	wb_map_done(&s.by_oid);
	return rc;
}
