/* SPDX-License-Identifier: Apache-2.0
 *
 * What a database holds of the tables that some operations name: how many rows,
 * about how many bytes. Nothing goes through a whole table: the highest rowid
 * stands for the number of rows where no statistics say better, and some rows for
 * the size of all.
 */
#include "driver/sqlite/internal.h"

#include "model/world.h"

#define LOOKED_AT "500"
#define ENTRY_BYTES 24 /* of an index: a rowid, a header and a small key */

struct survey {
	struct wb_sqlite *c;
	struct wb_world *world;
	struct wb_arena arena;
	struct wb_map seen;
};

/* The first value of the first row, as a number; -1 where there is none. */
static int take_number(void *number, const struct wb_row *row, struct wb_error *err)
{
	int64_t *n = number;

	(void)err;
	if (row->v[0].p && !wb_sv_i64(row->v[0], n))
		*n = -1;
	return 0;
}

/* What cannot be asked (a view has no rowid) is not known. */
static int64_t ask(struct survey *s, const char *sql, const char *name)
{
	struct wb_value param = wb_v_text(name);
	int64_t n = -1;
	struct wb_query q = { .params = &param, .n_params = name ? 1 : 0, .row = take_number, .row_user = &n };
	struct wb_error ignored;
	size_t done, offset;

	if (!sql)
		return -1;
	q.sql = wb_sv_str(sql);
	return wb_sqlite_run(&s->c->base, &q, 1, &done, &offset, &ignored) < 0 ? -1 : n;
}

static int take_text(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct wb_str *text = user;

	(void)err;
	wb_str_addsv(text, row->v[0]);
	return 0;
}

static int ask_text(struct survey *s, const char *sql, const char *name, struct wb_str *ret_text, struct wb_error *err)
{
	struct wb_value param = wb_v_text(name);
	struct wb_query q = {
		.sql = wb_sv_str(sql), .params = &param, .n_params = 1, .row = take_text, .row_user = ret_text
	};
	size_t done, offset;
	int rc = wb_sqlite_run(&s->c->base, &q, 1, &done, &offset, err);

	return rc == 0 && ret_text->failed ? wb_err_nomem(err) : rc;
}

static int64_t count_rows(struct survey *s, const char *name, const char *quoted)
{
	int64_t n = ask(s, "SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE tbl = $1 AND idx IS NOT NULL LIMIT 1",
			name);

	if (n < 0)
		n = ask(s, wb_arena_printf(&s->arena, "SELECT coalesce(max(rowid), 0) FROM %s", quoted), NULL);
	return n;
}

/* Of a row, from the first ones. */
static int64_t row_bytes(struct survey *s, const char *name, const char *quoted)
{
	wb_autostr sum = WB_STR_INIT;
	struct wb_error ignored;
	const char *sql =
		"SELECT group_concat('coalesce(length(CAST(\"' || replace(name, '\"', '\"\"') || '\" AS BLOB)), 0)', "
		"' + ') FROM pragma_table_xinfo($1) WHERE hidden IN (0, 3)";

	if (ask_text(s, sql, name, &sum, &ignored) < 0 || !sum.n)
		return -1;
	return ask(
		s,
		wb_arena_printf(
			&s->arena,
			"SELECT CAST(coalesce(avg(n), 0) AS INTEGER) + 12 FROM (SELECT %s AS n FROM %s LIMIT " LOOKED_AT
			")",
			sum.p, quoted),
		NULL);
}

static void measure(struct survey *s, struct wb_relation *r, const char *name, const char *quoted)
{
	int64_t each = row_bytes(s, name, quoted);
	int64_t indexes = ask(s, "SELECT count(*) FROM pragma_index_list($1)", name);

	r->rows = count_rows(s, name, quoted);
	if (r->rows < 0 || each < 0)
		return;
	r->bytes = r->rows * each;
	r->index_bytes = indexes > 0 ? indexes * r->rows * ENTRY_BYTES : 0;
}

/* SQLite tells names that differ in case alone for the same; they are kept as the operation has them. */
static int look_at(struct survey *s, struct wb_name name, struct wb_error *err)
{
	wb_autostr real = WB_STR_INIT, quoted = WB_STR_INIT;
	struct wb_relation *r;
	int rc;

	if (!name.name || wb_map_get(&s->seen, wb_sv_str(name.name)))
		return 0;
	if (!wb_map_put(&s->seen, wb_sv_str(name.name), s))
		return wb_err_nomem(err);
	rc = ask_text(s, "SELECT name FROM sqlite_master WHERE type = 'table' AND name = $1 COLLATE NOCASE", name.name,
		      &real, err);
	if (rc < 0 || !real.n)
		return rc;
	wb_quote_ident(&quoted, wb_str_sv(&real));
	r = wb_world_add(s->world, name, WB_KIND_TABLE);
	if (!r || quoted.failed)
		return wb_err_nomem(err);
	r->flags |= WB_REL_SEEN;
	measure(s, r, real.p, quoted.p);
	return 0;
}

int wb_sqlite_survey(struct wb_conn *conn, const struct wb_operations *v, size_t n, struct wb_world *w,
		     struct wb_error *err)
{
	struct survey s = { .c = wb_sqlite_of(conn), .world = w, .arena = WB_ARENA_INIT };
	int rc = 0;

	w->surveyed = true;
	w->server_version = conn->server_version;
	for (size_t i = 0; rc == 0 && i < n; i++)
		for (size_t k = 0; rc == 0 && k < v[i].n; k++) {
			rc = look_at(&s, v[i].v[k].table, err);
			if (rc == 0 && v[i].v[k].kind == WB_KIND_TABLE)
				rc = look_at(&s, v[i].v[k].object, err);
		}
	wb_map_done(&s.seen);
	wb_arena_done(&s.arena);
	return rc;
}
