/* SPDX-License-Identifier: Apache-2.0
 *
 * Foreign keys while a migration rebuilds tables. With them on, dropping the
 * old table deletes or refuses the rows that refer to it, and inside a
 * transaction they cannot be switched off. So they are off around it, and before
 * the commit all rows that break one are compared with those that did before:
 * by table, parent, columns and values, since a rebuild may renumber rows and
 * keys. Rows of tables WITHOUT ROWID have no address to read values by; they
 * are counted.
 */
#include "driver/sqlite/internal.h"

#define BREACHES_MAX 1000000 /* kinds told apart, for memory's sake: some 200 MB */

struct breach {
	int64_t n;
	const char *table, *parent, *columns, *values; /* values: "" when unknown */
};

void wb_sqlite_breaches_done(struct wb_sqlite_breaches *b)
{
	wb_map_done(&b->map);
	wb_arena_done(&b->arena);
	*b = (struct wb_sqlite_breaches){ 0 };
}

static int add_breach(struct wb_sqlite_breaches *b, const struct breach *found, struct wb_error *err)
{
	wb_autostr key = WB_STR_INIT;
	struct breach *known;
	char *kept;

	wb_str_addf(&key, "%s\x1f%s\x1f%s\x1f%s", found->table, found->parent, found->columns, found->values);
	if (key.failed)
		return wb_err_nomem(err);
	b->n++;
	known = wb_map_get(&b->map, wb_str_sv(&key));
	if (known) {
		known->n++;
		return 0;
	}
	if (b->map.n >= BREACHES_MAX) {
		(void)wb_err_set(err, WB_EREFUSED, "too many rows break foreign keys to tell old ones from new");
		wb_err_hint(err, "mend them first; PRAGMA foreign_key_check lists them");
		return WB_EREFUSED;
	}
	known = wb_arena_alloc(&b->arena, sizeof(*known));
	kept = wb_arena_sv(&b->arena, wb_str_sv(&key));
	if (!known || !kept)
		return wb_err_nomem(err);
	*known = (struct breach){ 1, wb_arena_str(&b->arena, found->table), wb_arena_str(&b->arena, found->parent),
				  wb_arena_str(&b->arena, found->columns), wb_arena_str(&b->arena, found->values) };
	if (!known->table || !known->parent || !known->columns || !known->values ||
	    !wb_map_put(&b->map, wb_sv(kept, key.n), known))
		return wb_err_nomem(err);
	return 0;
}

/* ---- the rows of one table ----------------------------------------------------------- */

/* One foreign key of a table: its columns, and how to read their values from a row. */
struct key {
	int id;
	struct wb_str columns, select;
	sqlite3_stmt *values;
};

static void key_done(struct key *k)
{
	(void)sqlite3_finalize(k->values);
	wb_str_done(&k->columns);
	wb_str_done(&k->select);
}

/* Makes k the foreign key number id of the table. */
static int find_key(struct wb_sqlite *c, const char *table, int id, struct key *k, struct wb_error *err)
{
	static const char sql[] = "SELECT \"from\" FROM pragma_foreign_key_list(?1, 'main') WHERE id = ?2 ORDER BY seq";
	const char *separator = "";
	wb_autostmt *stmt = NULL;
	int rc;

	if (k->id == id)
		return 0;
	key_done(k);
	*k = (struct key){ .id = id, .columns = WB_STR_INIT, .select = WB_STR_INIT };
	rc = wb_sqlite_prepare(c, sql, &stmt, err);
	if (rc)
		return rc;
	if (sqlite3_bind_text(stmt, 1, table, -1, SQLITE_STATIC) || sqlite3_bind_int(stmt, 2, id))
		return wb_err_nomem(err);
	wb_str_add(&k->select, "SELECT ''");
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct wb_sv name = wb_sv_str((const char *)sqlite3_column_text(stmt, 0));

		wb_str_add(&k->columns, separator);
		wb_str_addsv(&k->columns, name);
		wb_str_addf(&k->select, "%s||quote(", *separator ? "||', '" : "");
		wb_quote_ident(&k->select, name);
		wb_str_addc(&k->select, ')');
		separator = ", ";
	}
	wb_str_add(&k->select, " FROM main.");
	wb_quote_ident(&k->select, wb_sv_str(table));
	wb_str_add(&k->select, " WHERE _rowid_ = ?1");
	if (rc != SQLITE_DONE)
		return wb_sqlite_error(c, rc, err);
	return k->columns.failed || k->select.failed ? wb_err_nomem(err) : 0;
}

/* The values of a row's key as text; "" for a row without rowid. Lives until the next call. */
static int read_values(struct wb_sqlite *c, struct key *k, sqlite3_stmt *check, const char **ret_values,
		       struct wb_error *err)
{
	int rc = 0;

	*ret_values = "";
	if (sqlite3_column_type(check, 1) == SQLITE_NULL)
		return 0;
	if (k->values)
		(void)sqlite3_reset(k->values);
	else
		rc = wb_sqlite_prepare(c, k->select.p, &k->values, err);
	if (rc)
		return rc;
	(void)sqlite3_bind_int64(k->values, 1, sqlite3_column_int64(check, 1));
	rc = sqlite3_step(k->values);
	if (rc == SQLITE_ROW && sqlite3_column_text(k->values, 0))
		*ret_values = (const char *)sqlite3_column_text(k->values, 0);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : wb_sqlite_error(c, rc, err);
}

static int check_rows(struct wb_sqlite *c, const char *table, sqlite3_stmt *check, struct key *k,
		      struct wb_sqlite_breaches *b, struct wb_error *err)
{
	int rc, result = 0;

	while (!result && (rc = sqlite3_step(check)) == SQLITE_ROW) {
		struct breach found = { .table = table, .parent = (const char *)sqlite3_column_text(check, 2) };

		result = found.parent ? find_key(c, table, sqlite3_column_int(check, 3), k, err) : wb_err_nomem(err);
		if (!result)
			result = read_values(c, k, check, &found.values, err);
		found.columns = k->columns.p;
		if (!result)
			result = add_breach(b, &found, err);
	}
	if (!result && rc != SQLITE_DONE)
		result = wb_sqlite_error(c, rc, err);
	return result;
}

/* A key whose parent has no such unique columns makes the check itself fail: that, too, is a breach. */
static int check_table(struct wb_sqlite *c, const char *table, struct wb_sqlite_breaches *b, struct wb_error *err)
{
	struct key k = { .id = -1, .columns = WB_STR_INIT, .select = WB_STR_INIT };
	wb_autostr sql = WB_STR_INIT;
	wb_autostmt *stmt = NULL;
	int rc;

	wb_str_add(&sql, "PRAGMA main.foreign_key_check(");
	wb_quote_ident(&sql, wb_sv_str(table));
	wb_str_addc(&sql, ')');
	rc = sql.failed ? SQLITE_NOMEM : sqlite3_prepare_v2(c->db, sql.p, -1, &stmt, NULL);
	if (rc == SQLITE_ERROR)
		return add_breach(b, &(struct breach){ 0, table, "", "", sqlite3_errmsg(c->db) }, err);
	if (rc)
		return wb_sqlite_error(c, rc, err);
	rc = check_rows(c, table, stmt, &k, b, err);
	key_done(&k);
	return rc;
}

int wb_sqlite_breaches_find(struct wb_sqlite *c, struct wb_sqlite_breaches *ret_found, struct wb_error *err)
{
	static const char sql[] = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND rootpage > 0 "
				  "AND instr(upper(sql), 'REFERENCES')";
	struct wb_sqlite_breaches b = { 0 };
	wb_autostmt *stmt = NULL;
	int rc = wb_sqlite_prepare(c, sql, &stmt, err), result = rc;

	while (!result && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const char *table = (const char *)sqlite3_column_text(stmt, 0);

		result = table ? check_table(c, table, &b, err) : wb_err_nomem(err);
	}
	if (!result && rc != SQLITE_DONE)
		result = wb_sqlite_error(c, rc, err);
	if (result)
		wb_sqlite_breaches_done(&b);
	else
		*ret_found = b;
	return result;
}

/* ---- around a migration ------------------------------------------------------------------ */

/* Whoever builds a table anew over rows without parent may want to mend them first; said once. */
static void warn_of_breaches(struct wb_sqlite *c)
{
	const struct breach *b = c->breaches.map.n ? c->breaches.map.entries[0].value : NULL;

	if (!b || !c->breaches.n || c->breaches_told)
		return;
	c->breaches_told = true;
	wb_log(c->base.options.sink, WB_LOG_WARN,
	       "%lld row%s no parent%s (of %s%s): foreign keys are off while tables are built anew, and what was "
	       "broken "
	       "before does not stop a migration; PRAGMA foreign_key_check lists them",
	       (long long)c->breaches.n, c->breaches.n == 1 ? " has" : "s have", b->parent[0] ? "" : " they could have",
	       b->table, c->breaches.map.n > 1 ? ", and more" : "");
}

int wb_sqlite_before_migration(struct wb_conn *conn, const struct wb_tx_options *o, struct wb_error *err)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);
	int rc;

	wb_sqlite_journal_keep(c);
	if (!o || !o->foreign_keys_off)
		return 0;
	if (!sqlite3_get_autocommit(c->db))
		return wb_err_set(err, WB_EBUG, "foreign keys cannot be switched off inside a transaction");
	wb_sqlite_begin(c);
	wb_sqlite_breaches_done(&c->breaches);
	rc = wb_sqlite_session_take(c, err);
	if (!rc)
		rc = wb_sqlite_breaches_find(c, &c->breaches, err);
	if (rc)
		return rc;
	warn_of_breaches(c);
	c->foreign_keys_off = true;
	c->session.dirty = true;
	return wb_sqlite_exec(c, "PRAGMA foreign_keys = OFF", err);
}

static int report(const struct breach *b, int64_t n, struct wb_error *err)
{
	bool broken_key = !b->parent[0];

	if (broken_key)
		(void)wb_err_set(err, WB_ESQL, "the migration leaves a foreign key of %s that cannot work", b->table);
	else
		(void)wb_err_set(err, WB_ESQL,
				 "the migration breaks a foreign key: %lld row%s of %s ha%s no parent in %s",
				 (long long)n, n == 1 ? "" : "s", b->table, n == 1 ? "s" : "ve", b->parent);
	if (broken_key)
		wb_err_detail(err, "%s", b->values);
	else if (b->values[0])
		wb_err_detail(err, "%s (%s) = %s", b->table, b->columns, b->values);
	else
		wb_err_detail(err, "%s (%s)", b->table, b->columns);
	wb_err_hint(err,
		    "nothing was committed; keep, delete or mend these rows in the migration (rows that were broken "
		    "before it do not count)");
	return WB_ESQL;
}

int wb_sqlite_check(struct wb_conn *conn, struct wb_error *err)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);
	struct wb_sqlite_breaches now = { 0 };
	size_t i;
	int rc;

	if (!c->foreign_keys_off)
		return 0;
	wb_sqlite_begin(c);
	rc = wb_sqlite_breaches_find(c, &now, err);
	for (i = 0; i < now.map.n && !rc; i++) {
		const struct breach *b = now.map.entries[i].value;
		const struct breach *before = wb_map_get(&c->breaches.map, now.map.entries[i].key);

		if (b->n > (before ? before->n : 0))
			rc = report(b, b->n - (before ? before->n : 0), err);
	}
	wb_sqlite_breaches_done(&now);
	return rc;
}

/* Nothing may stop it: a session left without foreign keys would harm whoever goes on with it. */
int wb_sqlite_after_migration(struct wb_conn *conn, struct wb_error *err)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);
	int rc;

	wb_sqlite_breaches_done(&c->breaches);
	c->foreign_keys_off = false;
	if (!c->session.dirty)
		return 0;
	if (!sqlite3_get_autocommit(c->db))
		return wb_err_set(err, WB_EBUG, "settings cannot be put back inside a transaction");
	wb_sqlite_begin(c);
	c->deaf = true;
	rc = wb_sqlite_session_restore(c, err);
	c->deaf = false;
	return rc;
}

/* ---- around a rebuild ---------------------------------------------------------------------- */

#define SPILL_BYTES (64 << 20)

static int set_for_rebuild(struct wb_sqlite *c, const char *name, const char *value, char before[32],
			   struct wb_error *err)
{
	char sql[80];
	int rc;

	(void)snprintf(sql, sizeof(sql), "PRAGMA main.%s", name);
	rc = wb_sqlite_value(c, sql, before, 32, err);
	(void)snprintf(sql, sizeof(sql), "PRAGMA main.%s = %s", name, value);
	if (rc == 0)
		rc = wb_sqlite_exec(c, sql, err);
	if (rc)
		before[0] = '\0';
	return rc;
}

static int set_back(struct wb_sqlite *c, const char *name, char before[32], struct wb_error *err)
{
	char sql[80];
	int rc = 0;

	(void)snprintf(sql, sizeof(sql), "PRAGMA main.%s = %s", name, before);
	if (before[0])
		rc = wb_sqlite_exec(c, sql, err);
	before[0] = '\0';
	return rc;
}

/* Pages of the old table become those of the new one's indexes and so go to the rollback journal; each time the cache
 * (2 MB) spills, that has to be synced before. A larger cache would not do: it makes sorting slower. And where the
 * library is built to fill deleted pages with zeros, that costs as much again as the copy, and while the rows are still
 * there it hides nothing; whoever asks for it, the migration by its PRAGMA, gets it. The settings of an application's
 * handle are its own. */
int wb_sqlite_rebuild_begin(struct wb_conn *conn, bool copied, struct wb_error *err)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);
	char size[24], overwrites[16], syncs[16];
	int64_t n = 0;
	int rc;

	wb_sqlite_begin(c);
	if (c->embedded)
		return 0;
	rc = wb_sqlite_value(c, "PRAGMA main.page_size", size, sizeof(size), err);
	if (rc == 0 && wb_sv_i64(wb_sv_str(size), &n) && n > 0) {
		/* Whether it spills at all sqlite3 takes from the last eight bits. */
		(void)snprintf(size, sizeof(size), "%lld", (long long)(SPILL_BYTES / n) | 1);
		rc = set_for_rebuild(c, "cache_spill", size, c->spill, err);
	}
	if (rc == 0)
		rc = wb_sqlite_value(c, "PRAGMA main.synchronous", syncs, sizeof(syncs), err);
	wb_sqlite_vfs_gather(c, rc == 0 && strcmp(syncs, "0") != 0);
	if (rc == 0)
		rc = wb_sqlite_value(c, "PRAGMA main.secure_delete", overwrites, sizeof(overwrites), err);
	if (rc == 0 && copied && !c->session.overwrites_asked && strcmp(overwrites, "1") == 0)
		rc = set_for_rebuild(c, "secure_delete", "FAST", c->overwrites, err);
	return rc;
}

int wb_sqlite_rebuild_end(struct wb_conn *conn, struct wb_error *err)
{
	struct wb_sqlite *c = wb_sqlite_of(conn);
	bool spills;
	int rc;

	wb_sqlite_begin(c);
	wb_sqlite_vfs_gather(c, false);
	spills = c->spill[0] && strcmp(c->spill, "0") != 0;
	rc = set_back(c, "cache_spill", c->spill, err);
	if (rc == 0 && spills)
		rc = wb_sqlite_exec(c, "PRAGMA main.cache_spill = ON", err);
	return rc ? rc : set_back(c, "secure_delete", c->overwrites, err);
}
