/* SPDX-License-Identifier: Apache-2.0
 *
 * The queries of sql/, compiled in, with the names of the journal's schema
 * filled in once per connection. Placeholders: @journal@ (prefix of its
 * tables), @schema@, @schema_literal@, @lock_table_literal@, @settings@ (of the
 * session), and @lock_schema@, @lock_table@, @scope@ (the files of that name, the
 * last one with inspect_ before it), @present@ (which queries of an inspection can find anything), @trash_schema@ and
 * @trash_literal@ (where migrations set things aside), @quietly@ (trash_quietly.sql).
 */
#include "driver/postgres/pg.h"

#include "driver/postgres/postgres_sql.h"

static const char *const own_names[] = {
#define X(name, file) [WB_PG_SQL_##name - WB_SQL_COUNT] = file,
	WB_PG_SQL_MAP(X)
#undef X
#define X(kind, name, file, since, when) [WB_PG_SQL_##name - WB_SQL_COUNT] = file,
		WB_PG_INSPECT_MAP(X)
#undef X
};

static const char *raw(const char *name)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(postgres_sql); i++) {
		if (!strcmp(postgres_sql[i].name, name))
			return postgres_sql[i].text;
	}
	return "";
}

static const char *schema_of(const struct wb_pg *c)
{
	return c->base.options.journal_schema ? c->base.options.journal_schema : "whimbrel";
}

static void add_schema(const struct wb_pg *c, struct wb_str *out)
{
	wb_quote_ident(out, wb_sv_str(schema_of(c)));
}

static void add_journal(const struct wb_pg *c, struct wb_str *out)
{
	add_schema(c, out);
	wb_str_addc(out, '.');
}

static void add_schema_literal(const struct wb_pg *c, struct wb_str *out)
{
	wb_quote_literal(out, WB_DIALECT_POSTGRES, wb_sv_str(schema_of(c)));
}

/* Beside the journal's: what migrations set aside. */
static void add_trash(const struct wb_pg *c, struct wb_str *out, bool literal)
{
	wb_autostr name = WB_STR_INIT;
	wb_str_addf(&name, "%s_trash", schema_of(c));
	out->failed |= name.failed;
	if (literal)
		wb_quote_literal(out, WB_DIALECT_POSTGRES, wb_str_sv(&name));
	else
		wb_quote_ident(out, wb_str_sv(&name));
}

static void add_trash_schema(const struct wb_pg *c, struct wb_str *out)
{
	add_trash(c, out, false);
}

static void add_trash_literal(const struct wb_pg *c, struct wb_str *out)
{
	add_trash(c, out, true);
}

static void add_lock_table_literal(const struct wb_pg *c, struct wb_str *out)
{
	wb_autostr name = WB_STR_INIT;
	add_journal(c, &name);
	wb_str_add(&name, "migration_locks");
	out->failed |= name.failed;
	wb_quote_literal(out, WB_DIALECT_POSTGRES, wb_str_sv(&name));
}

static void add_settings(const struct wb_pg *c, struct wb_str *out)
{
	wb_pg_settings(c, false, out);
}

static void expand(const struct wb_pg *c, const char *text, struct wb_str *out);

static void add_lock_schema(const struct wb_pg *c, struct wb_str *out)
{
	expand(c, raw("lock_schema"), out);
}

static void add_lock_table(const struct wb_pg *c, struct wb_str *out)
{
	expand(c, raw("lock_table"), out);
}

static void add_scope(const struct wb_pg *c, struct wb_str *out)
{
	expand(c, raw("inspect_scope"), out);
}

static void add_quietly(const struct wb_pg *c, struct wb_str *out)
{
	(void)c;
	wb_str_addsv(out, wb_sv_trim(wb_sv_str(raw("trash_quietly"))));
}

/* A digit for each query of an inspection. */
static void add_present(const struct wb_pg *c, struct wb_str *out)
{
	static const char *const when[] = {
#define X(kind, name, file, since, when) when,
		WB_PG_INSPECT_MAP(X)
#undef X
	};
	(void)c;
	wb_str_add(out, "concat(''");
	for (size_t i = 0; i < WB_ARRAY_LEN(when); i++)
		wb_str_addf(out, ", CASE WHEN %s THEN 1 ELSE 0 END", when[i] ? when[i] : "true");
	wb_str_addc(out, ')');
}

static const struct {
	const char *mark;
	void (*add)(const struct wb_pg *c, struct wb_str *out);
} marks[] = {
	{ "@journal@", add_journal },
	{ "@schema@", add_schema },
	{ "@schema_literal@", add_schema_literal },
	{ "@lock_table_literal@", add_lock_table_literal },
	{ "@settings@", add_settings },
	{ "@lock_schema@", add_lock_schema },
	{ "@lock_table@", add_lock_table },
	{ "@scope@", add_scope },
	{ "@present@", add_present },
	{ "@trash_schema@", add_trash_schema },
	{ "@trash_literal@", add_trash_literal },
	{ "@quietly@", add_quietly },
};

/* Length of the mark that text starts with, its replacement added; 0 when there is none. */
static size_t replace(const struct wb_pg *c, const char *text, struct wb_str *out)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(marks); i++) {
		size_t n = strlen(marks[i].mark);
		if (!strncmp(text, marks[i].mark, n)) {
			marks[i].add(c, out);
			return n;
		}
	}
	return 0;
}

/* Recursion ends: the included files include nothing. */
static void expand(const struct wb_pg *c, const char *text, struct wb_str *out)
{
	while (*text) {
		size_t plain = strcspn(text, "@");
		wb_str_addn(out, text, plain);
		text += plain;
		size_t n = *text ? replace(c, text, out) : 0;
		if (*text && !n)
			wb_str_addc(out, *text);
		text += *text && !n ? 1 : n;
	}
}

const char *wb_pg_text(struct wb_pg *c, int id)
{
	if (!c->sql[id]) {
		wb_autostr out = WB_STR_INIT;
		expand(c, raw(id < WB_SQL_COUNT ? wb_sql_name((enum wb_sql_id)id) : own_names[id - WB_SQL_COUNT]),
		       &out);
		c->sql[id] = out.failed ? NULL : wb_arena_sv(&c->arena, wb_sv_trim(wb_str_sv(&out)));
	}
	return c->sql[id];
}

const char *wb_pg_sql(struct wb_conn *conn, enum wb_sql_id id)
{
	return wb_pg_text(wb_pg(conn), (int)id);
}

static void end_statement(struct wb_str *out)
{
	while (out->n && !out->failed && (out->p[out->n - 1] == '\n' || out->p[out->n - 1] == ' '))
		out->p[--out->n] = 0;
	wb_str_add(out, ";\n");
}

/* The table's name stands open: rules may name one of their own. */
static void add_rejects(const struct wb_pg *c, struct wb_str *out)
{
	const char *create = raw("rejects_create"), *hole = strstr(create, "@table@");
	wb_str_addn(out, create, hole ? (size_t)(hole - create) : 0);
	expand(c, raw("rejects_table"), out);
	expand(c, hole ? hole + strlen("@table@") : "", out);
	end_statement(out);
	wb_str_add(out, "COMMENT ON TABLE ");
	expand(c, raw("rejects_table"), out);
	wb_str_add(out, " IS 'Rows that a transformation could not take, and why'");
	end_statement(out);
}

int wb_pg_journal_sql(const char *journal_schema, struct wb_str *out, struct wb_error *err)
{
	static const char *const parts[] = { "journal_create", "state_create", "timing_create", "trash_create" };
	struct wb_pg c = { .base = { .options = { .journal_schema = journal_schema } } };
	for (size_t i = 0; i < WB_ARRAY_LEN(parts); i++) {
		expand(&c, raw(parts[i]), out);
		end_statement(out);
	}
	add_rejects(&c, out);
	return out->failed ? wb_err_nomem(err) : 0;
}
