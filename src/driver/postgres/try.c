/* SPDX-License-Identifier: Apache-2.0
 *
 * An ALTER TABLE tried on an empty copy of its table. The copy is a temporary
 * table of the same name, so that all that the statement calls by its table's
 * name means the copy; the transaction waits a moment for locks at most, and is
 * rolled back. The table itself is locked as a reader locks it.
 */
#include "driver/postgres/pg.h"

#include "base/banned.h"

static const char *const waits[] = { "SET LOCAL lock_timeout = '1s'", "SET LOCAL statement_timeout = '10s'" };

struct marks {
	struct wb_arena *a;
	bool found;
	const char *file, *scans, *indexes;
};

static int take_marks(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct marks *m = user;
	const char **cells[] = { &m->file, &m->scans, &m->indexes };

	for (size_t i = 0; i < WB_ARRAY_LEN(cells); i++) {
		*cells[i] = row->v[i].p ? wb_arena_sv(m->a, row->v[i]) : NULL;
		if (row->v[i].p && !*cells[i])
			return wb_err_nomem(err);
	}
	m->found = true;
	return 0;
}

static int look(struct wb_pg *c, const struct wb_alter_try *t, struct marks *m, struct wb_error *err)
{
	struct wb_value name = wb_v_text(t->table.name);

	m->found = false;
	return wb_pg_ask(c, WB_PG_SQL_TRY_MARKS, &name, 1, take_marks, m, err);
}

struct texts {
	struct wb_arena *a;
	WB_VEC(const char *) v;
};

static int take_text(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct texts *x = user;
	const char *text = wb_arena_sv(x->a, row->v[0]);

	return text && wb_vec_push(&x->v, text) ? 0 : wb_err_nomem(err);
}

static int copy(struct wb_pg *c, const struct wb_alter_try *t, const char *source, const char *name, struct wb_arena *a,
		struct wb_error *err)
{
	const char *make =
		wb_arena_printf(a, "CREATE TEMPORARY TABLE %s (LIKE %s INCLUDING ALL) ON COMMIT DROP", name, source);
	struct wb_value params[] = { wb_v_text(source), wb_v_text(t->table.name) };
	struct texts x = { .a = a };
	int rc = make ? wb_pg_do(c, make, err) : wb_err_nomem(err);

	if (rc == 0)
		rc = wb_pg_ask(c, WB_PG_SQL_TRY_INVALID, params, 2, take_text, &x, err);
	for (size_t i = 0; rc == 0 && i < x.v.n; i++)
		rc = wb_pg_do(c, x.v.v[i], err);
	wb_vec_done(&x.v);
	return rc;
}

static int alter(struct wb_pg *c, const char *name, struct wb_sv actions, struct wb_arena *a, struct wb_error *err)
{
	const char *sql = wb_arena_printf(a, "ALTER TABLE pg_temp.%s %.*s", name, WB_SV_ARG(actions));

	return sql ? wb_pg_do(c, sql, err) : wb_err_nomem(err);
}

static bool differ(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") != 0;
}

static int run(struct wb_pg *c, const struct wb_alter_try *t, struct wb_arena *a, struct wb_alter_tried *ret,
	       struct wb_error *err)
{
	wb_autostr source = WB_STR_INIT, name = WB_STR_INIT;
	struct marks before = { .a = a }, after = { .a = a };
	int rc = 0;

	wb_quote_ident(&name, wb_sv_str(t->table.name));
	wb_quote_ident(&source, wb_sv_str(t->table.schema));
	wb_str_addc(&source, '.');
	wb_quote_ident(&source, wb_sv_str(t->table.name));
	if (name.failed || source.failed)
		return wb_err_nomem(err);
	for (size_t i = 0; rc == 0 && i < WB_ARRAY_LEN(waits); i++)
		rc = wb_pg_do(c, waits[i], err);
	if (rc == 0)
		rc = copy(c, t, source.p, name.p, a, err);
	for (size_t i = 0; rc == 0 && i < t->n_before; i++)
		rc = alter(c, name.p, t->before[i], a, err);
	if (rc == 0)
		rc = look(c, t, &before, err);
	if (rc == 0)
		rc = alter(c, name.p, t->actions, a, err);
	if (rc == 0)
		rc = look(c, t, &after, err);
	if (rc < 0)
		return rc;
	if (!before.found || !after.found || !after.scans)
		return wb_err_set(err, WB_EUNSUPPORTED, "the server does not count what is read (track_counts)");
	*ret = (struct wb_alter_tried){ .rewrites = differ(before.file, after.file),
					.scans = differ(before.scans, after.scans),
					.indexes = differ(before.indexes, after.indexes) };
	return 0;
}

int wb_pg_try(struct wb_conn *conn, const struct wb_alter_try *t, struct wb_alter_tried *ret_tried,
	      struct wb_error *err)
{
	struct wb_pg *c = wb_pg(conn);
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_error second;
	bool was_quiet = c->quiet;
	int rc = wb_pg_do(c, "BEGIN", err);

	if (rc < 0)
		return rc;
	c->quiet = true;
	rc = run(c, t, &a, ret_tried, err);
	int back = wb_pg_rollback(conn, &second);
	if (rc == 0 && back < 0) {
		*err = second;
		rc = back;
	}
	c->quiet = was_quiet;
	return rc;
}
