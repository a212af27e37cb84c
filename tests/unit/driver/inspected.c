/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the inspection share.
 */
#include "inspected.h"

#include "base/base.h"

void open_memory(struct memory *m)
{
	memset(m, 0, sizeof(*m));
	assert_int_equal(sqlite3_open(":memory:", &m->db), SQLITE_OK);
	m->url = (struct wb_url){ .text = ":memory:", .safe = ":memory:", .scheme = "sqlite", .database = ":memory:" };
	m->o = (struct wb_open_options){ .url = &m->url, .handle = m->db };
	assert_ok(wb_conn_open(wb_sqlite_driver(), &m->o, &m->c, &m->err), &m->err);
}

void close_memory(struct memory *m)
{
	wb_conn_close(m->c);
	assert_int_equal(sqlite3_close(m->db), SQLITE_OK);
}

void make(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s\n%s", sqlite3_errmsg(db), sql);
}

struct wb_model *inspect(struct wb_conn *c)
{
	struct wb_model *m = NULL;
	struct wb_error err = { 0 };

	assert_ok(wb_conn_inspect(c, NULL, &m, &err), &err);
	return m;
}

struct wb_model *model_of(const char *sql)
{
	struct memory mem;
	struct wb_model *m;

	open_memory(&mem);
	make(mem.db, sql);
	m = inspect(mem.c);
	close_memory(&mem);
	return m;
}

/* ---- what the pragmas say ------------------------------------------------------------ */

static const char pragmas[] =
	"SELECT group_concat(line, char(10)) FROM (SELECT line FROM ("
	"SELECT 'table ' || name || ' ' || type || ' ' || ncol || ' ' || wr || strict AS line FROM pragma_table_list "
	"WHERE schema = 'main' AND name NOT LIKE 'sqlite%' UNION ALL "
	"SELECT 'column ' || m.name || ' ' || x.cid || ' ' || x.name || ' ' || replace(replace(x.type, ' ', ''), "
	"char(10), '') || ' ' || x.\"notnull\" || ' ' || lower(replace(coalesce(x.dflt_value, 'no'), ' ', '')) || ' ' "
	"|| x.pk || x.hidden FROM sqlite_schema m, pragma_table_xinfo(m.name) x WHERE m.type = 'table' "
	"UNION ALL "
	"SELECT 'key ' || m.name || ' ' || f.seq || ' ' || f.\"table\" || ' ' || f.\"from\" || ' ' || "
	"coalesce(f.\"to\", "
	"'no') || ' ' || f.on_update || ' ' || f.on_delete || ' ' || f.match FROM sqlite_schema m, "
	"pragma_foreign_key_list(m.name) f WHERE m.type = 'table' UNION ALL "
	"SELECT 'index ' || m.name || ' ' || iif(l.origin = 'c', l.name, l.origin) || ' ' || l.\"unique\" || l.partial "
	"|| "
	"' ' || x.seqno || ' ' || x.cid || ' ' || coalesce(x.name, 'no') || ' ' || x.\"desc\" || ' ' || "
	"coalesce(x.coll, 'no') || ' ' || x.key FROM sqlite_schema m, pragma_index_list(m.name) l, "
	"pragma_index_xinfo(l.name) x WHERE m.type = 'table' UNION ALL "
	"SELECT 'counter ' || name FROM sqlite_schema WHERE name = 'sqlite_sequence') ORDER BY line)";

static char *what_pragmas_say(sqlite3 *db)
{
	sqlite3_stmt *stmt;
	char *copy;

	assert_int_equal(sqlite3_prepare_v2(db, pragmas, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	copy = sqlite3_mprintf("%s", sqlite3_column_text(stmt, 0));
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
	return copy;
}

static void write_snapshot(struct wb_conn *c, struct wb_str *out)
{
	struct wb_model *m = inspect(c);
	struct wb_error err = { 0 };

	assert_ok(wb_snapshot_write(m, out, &err), &err);
	wb_model_free(m);
}

void assert_round_trip(const char *sql)
{
	wb_autostr first = WB_STR_INIT, second = WB_STR_INIT;
	struct memory a, b;
	char *before, *after;

	open_memory(&a);
	open_memory(&b);
	make(a.db, sql);
	write_snapshot(a.c, &first);
	make(b.db, first.p);
	write_snapshot(b.c, &second);
	if (strcmp(first.p, second.p) != 0)
		print_error("of: %s\n", sql);
	assert_string_equal(first.p, second.p);
	before = what_pragmas_say(a.db);
	after = what_pragmas_say(b.db);
	if (strcmp(before, after) != 0)
		print_error("of: %s\n%s\n", sql, first.p);
	assert_string_equal(before, after);
	sqlite3_free(before);
	sqlite3_free(after);
	close_memory(&a);
	close_memory(&b);
}
