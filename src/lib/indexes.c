/* SPDX-License-Identifier: Apache-2.0
 *
 * wb_index_report: what is to be said about the indexes of a schema, in words
 * and with the SQL that mends it.
 */
#include "schema.h"
#include "schema/index_report.h"

#define NAME_MAX_BYTES 63 /* PostgreSQL cuts longer ones off */

struct report_box {
	struct wb_index_report pub; /* first */
	struct wb_arena arena;
	struct wb_index_uses uses;
	struct wb_index_findings findings;
};

struct noting {
	struct report_box *b;
	const struct wb_model *m;
	const struct wb_ddl *ddl;
};

WB_API void wb_index_report_free(struct wb_index_report *report)
{
	struct report_box *b = (struct report_box *)report;
	if (!b)
		return;
	wb_index_findings_done(&b->findings);
	wb_vec_done(&b->uses);
	wb_arena_done(&b->arena);
	free(b);
}

/* ---- names ---------------------------------------------------------------------------------- */

static void add_quoted(struct wb_str *out, const char *schema, const char *name)
{
	if (schema) {
		wb_quote_ident(out, wb_sv_str(schema));
		wb_str_addc(out, '.');
	}
	wb_quote_ident(out, wb_sv_str(name));
}

static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool is_taken(const struct wb_model *m, const char *schema, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (!strcmp(m->v[i]->name, name) && (!schema || (m->v[i]->schema && !strcmp(m->v[i]->schema, schema))))
			return true;
	return false;
}

/* orders_who_idx, and a number when that is taken. */
static void add_new_name(struct noting *g, const struct wb_object *o, const char *columns, struct wb_str *out)
{
	wb_autostr name = WB_STR_INIT, full = WB_STR_INIT;
	wb_str_addf(&name, "%s_", o->parent);
	for (const char *p = columns; *p; p++)
		if (is_plain(*p) || (name.n && name.p[name.n - 1] != '_'))
			wb_str_addc(&name, is_plain(*p) ? *p : '_');
	struct wb_sv head = wb_sv_head(wb_str_sv(&name), NAME_MAX_BYTES - 7);
	while (head.n && head.p[head.n - 1] == '_')
		head.n--;
	for (int i = 0; !full.failed && (i == 0 || is_taken(g->m, o->schema, full.p)); i++) {
		wb_str_clear(&full);
		wb_str_addsv(&full, head);
		wb_str_add(&full, "_idx");
		if (i)
			wb_str_addf(&full, "%d", i);
	}
	wb_quote_ident(out, wb_str_sv(&full));
	out->failed |= name.failed || full.failed;
}

/* ---- SQL --------------------------------------------------------------------------------------- */

static const char *concurrently(const struct noting *g, const struct wb_object *o)
{
	/* The server has no such form for the whole of a partitioned table. */
	return o->owner && wb_object_get(o->owner, "partition_by") ? "" : g->ddl->concurrently;
}

static void rebuild(struct noting *g, const struct wb_object *index, struct wb_str *out)
{
	wb_str_addf(out, "REINDEX INDEX%s ", concurrently(g, index));
	add_quoted(out, index->schema, index->name);
	wb_str_add(out, ";\n");
}

static void create_sql(struct noting *g, const struct wb_index_finding *f, struct wb_str *out)
{
	wb_autostr column = WB_STR_INIT;
	const struct wb_object *o = f->object;
	if (!f->columns)
		wb_quote_ident(&column, wb_sv_str(o->name));
	const char *columns = f->columns ? f->columns : column.p;
	wb_str_addf(out, "CREATE INDEX%s ", concurrently(g, o));
	add_new_name(g, o, columns, out);
	wb_str_add(out, " ON ");
	add_quoted(out, o->schema, o->parent);
	wb_str_addf(out, " (%s);\n", columns);
	out->failed |= column.failed;
}

static void drop_sql(struct noting *g, const struct wb_index_finding *f, struct wb_str *out)
{
	wb_str_addf(out, "DROP INDEX%s ", concurrently(g, f->object));
	add_quoted(out, f->object->schema, f->object->name);
	wb_str_add(out, ";\n");
}

static void rebuild_sql(struct noting *g, const struct wb_index_finding *f, struct wb_str *out)
{
	rebuild(g, f->object, out);
}

static void lacking_sql(struct noting *g, const struct wb_index_finding *f, struct wb_str *out)
{
	if (f->other)
		rebuild(g, f->other, out);
	else
		create_sql(g, f, out);
}

/* ---- words ----------------------------------------------------------------------------------------- */

static void lacking_words(struct noting *g, const struct wb_index_finding *f, struct wb_str *out)
{
	(void)g;
	if (f->other)
		wb_str_addf(out, "%s, which begins with (%s), is invalid", f->other->name, f->columns);
	else
		wb_str_addf(out, "no index begins with (%s)", f->columns);
}

static void invalid_words(struct noting *g, const struct wb_index_finding *f, struct wb_str *out)
{
	(void)g;
	(void)f;
	wb_str_add(out, "it was not built to its end: kept up to date, but never read");
}

static void duplicate_words(struct noting *g, const struct wb_index_finding *f, struct wb_str *out)
{
	(void)g;
	wb_str_addf(out, "%s does all that it is good for", f->other->name);
}

static void unused_words(struct noting *g, const struct wb_index_finding *f, struct wb_str *out)
{
	const char *since = g->b->uses.since;
	wb_str_addf(out, "not read since %s%s", since ? "the statistics were reset, " : "this server counts",
		    since ? since : "");
	if (f->use->bytes > 0)
		wb_str_addf(out, "; it takes %lld kB", (long long)(f->use->bytes / 1024));
}

static void candidate_words(struct noting *g, const struct wb_index_finding *f, struct wb_str *out)
{
	(void)g;
	(void)f;
	wb_str_add(out, "many values in no order, and its table is read as a whole");
}

static const struct {
	const char *name;
	void (*words)(struct noting *g, const struct wb_index_finding *f, struct wb_str *out);
	void (*sql)(struct noting *g, const struct wb_index_finding *f, struct wb_str *out);
} faults[] = {
	[WB_INDEX_LACKING] = { "foreign_key_without_index", lacking_words, lacking_sql },
	[WB_INDEX_INVALID] = { "invalid_index", invalid_words, rebuild_sql },
	[WB_INDEX_DUPLICATE] = { "duplicate_index", duplicate_words, drop_sql },
	[WB_INDEX_UNUSED] = { "unused_index", unused_words, drop_sql },
	[WB_INDEX_CANDIDATE] = { "missing_index", candidate_words, create_sql },
};

/* ---- the report ------------------------------------------------------------------------------------- */

static const char *told(struct noting *g, const struct wb_index_finding *f,
			void (*tell)(struct noting *g, const struct wb_index_finding *f, struct wb_str *out))
{
	wb_autostr text = WB_STR_INIT;
	tell(g, f, &text);
	return text.failed ? NULL : wb_arena_sv(&g->b->arena, wb_str_sv(&text));
}

static bool note(struct noting *g, const struct wb_index_finding *f, struct wb_index_note *out)
{
	wb_autostr path = WB_STR_INIT;
	if (!wb_object_path(f->object, &path))
		return false;
	*out = (struct wb_index_note){ .type = faults[f->fault].name,
				       .kind = wb_kind_name(f->object->kind),
				       .object = wb_arena_sv(&g->b->arena, wb_str_sv(&path)),
				       .severity = wb_severity_name(f->severity),
				       .message = told(g, f, faults[f->fault].words),
				       .sql = told(g, f, faults[f->fault].sql) };
	return out->object && out->message && out->sql;
}

static int note_all(struct noting *g, struct wb_error *err)
{
	struct report_box *b = g->b;
	struct wb_index_note *v = wb_arena_array(&b->arena, b->findings.n, sizeof(*v));
	bool ok = v;
	for (size_t i = 0; i < b->findings.n && ok; i++)
		ok = note(g, &b->findings.v[i], &v[i]);
	b->pub = (struct wb_index_report){ .notes = v, .n_notes = b->findings.n, .since = b->uses.since };
	return ok ? 0 : wb_err_nomem(err);
}

static int look(struct wb_context *c, struct noting *g, struct wb_error *err)
{
	struct report_box *b = g->b;
	int rc = c ? wb_prepare(c, WB_NEED_CONN, err) : 0;
	if (rc == 0 && c)
		rc = wb_conn_index_use(c->conn, &b->arena, &b->uses, err);
	if (rc == 0)
		rc = wb_index_findings_make(g->m, &b->uses, &b->findings, err);
	return rc == 0 ? note_all(g, err) : rc;
}

WB_API int wb_index_report(struct wb_context *context, const struct wb_schema *schema,
			   struct wb_index_report **ret_report, struct wb_error *err)
{
	struct report_box *b = calloc(1, sizeof(*b));
	if (!b)
		return wb_err_nomem(err);
	b->arena = b->findings.arena = (struct wb_arena)WB_ARENA_INIT;
	struct noting g = { b, ((const struct schema_box *)schema)->model, wb_ddl_find(schema->engine) };
	int rc = g.ddl ? look(context, &g, err)
		       : wb_err_set(err, WB_EUNSUPPORTED, "no DDL is known for %s", schema->engine);
	if (rc < 0)
		wb_index_report_free(&b->pub);
	else
		*ret_report = &b->pub;
	return rc;
}
