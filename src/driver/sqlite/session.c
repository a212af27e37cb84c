/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings that a migration changes for its session end with it. They are read
 * once, before the first statement that may change one; afterwards each that
 * differs is put back. Settings kept in the file (journal_mode, user_version,
 * page_size and the like) are the migration's purpose and stay.
 */
#include "driver/sqlite/internal.h"

static const struct setting {
	const char *name;
	bool outside; /* cannot be changed inside a transaction */
	const char *read; /* for one that cannot be asked for its value */
	const char *on; /* again, after its value: sqlite3 takes a number for true by its last eight bits alone */
} settings[] = {
	{ .name = "foreign_keys", .outside = true },
	{ .name = "synchronous", .outside = true },
	{ .name = "temp_store", .outside = true },
	{ .name = "locking_mode", .outside = true },
	{ .name = "legacy_alter_table" },
	{ .name = "recursive_triggers" },
	{ .name = "defer_foreign_keys" },
	{ .name = "ignore_check_constraints" },
	{ .name = "query_only" },
	{ .name = "writable_schema" },
	{ .name = "trusted_schema" },
	{ .name = "case_sensitive_like", .read = "SELECT 'a' NOT LIKE 'A'" },
	{ .name = "reverse_unordered_selects" },
	{ .name = "read_uncommitted" },
	{ .name = "automatic_index" },
	{ .name = "cell_size_check" },
	{ .name = "cache_size" },
	{ .name = "cache_spill", .on = "PRAGMA cache_spill = ON" },
	{ .name = "mmap_size" },
	{ .name = "journal_size_limit" },
	{ .name = "wal_autocheckpoint" },
	{ .name = "fullfsync" },
	{ .name = "checkpoint_fullfsync" },
	{ .name = "threads" },
	{ .name = "analysis_limit" },
	{ .name = "soft_heap_limit" },
	{ .name = "secure_delete" },
	{ .name = "count_changes" },
	{ .name = "full_column_names" },
	{ .name = "short_column_names" },
};
_Static_assert(WB_ARRAY_LEN(settings) <= WB_SQLITE_SETTINGS_MAX, "room for each value");

#define FOREIGN_KEYS 0 /* its place in the table */
#define VALUE_SIZE sizeof(((struct wb_sqlite_session *)NULL)->values[0])

static int read_setting(struct wb_sqlite *c, const struct setting *s, char value[VALUE_SIZE], struct wb_error *err)
{
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "PRAGMA %s", s->name);
	return wb_sqlite_value(c, s->read ? s->read : sql, value, VALUE_SIZE, err);
}

static int count_databases(struct wb_sqlite *c, int *ret_n, struct wb_error *err)
{
	char buf[16];
	int64_t n = 0;
	int rc = wb_sqlite_value(c, "SELECT count(*) FROM pragma_database_list WHERE seq >= 2", buf, sizeof(buf), err);

	if (!rc && wb_sv_i64(wb_sv_str(buf), &n))
		*ret_n = (int)n;
	return rc;
}

int wb_sqlite_session_take(struct wb_sqlite *c, struct wb_error *err)
{
	struct wb_sqlite_session *s = &c->session;
	size_t i;
	int rc = 0;

	if (s->taken)
		return 0;
	for (i = 0; i < WB_ARRAY_LEN(settings) && !rc; i++)
		rc = read_setting(c, &settings[i], s->values[i], err);
	if (!rc)
		rc = count_databases(c, &s->databases, err);
	s->taken = rc == 0;
	return rc;
}

static int restore_setting(struct wb_sqlite *c, size_t i, struct wb_error *err)
{
	const char *before = c->session.values[i];
	char now[VALUE_SIZE], sql[128];
	int rc = read_setting(c, &settings[i], now, err);

	if (rc || !before[0] || strcmp(now, before) == 0)
		return rc;
	(void)snprintf(sql, sizeof(sql), "PRAGMA %s = %s", settings[i].name, before);
	rc = wb_sqlite_exec(c, sql, err);
	return rc == 0 && settings[i].on && strcmp(before, "0") != 0 ? wb_sqlite_exec(c, settings[i].on, err) : rc;
}

/* Databases come and go in order, so those of the migration are the last. */
static int detach_new(struct wb_sqlite *c, struct wb_error *err)
{
	char name[128];
	wb_autostr sql = WB_STR_INIT;
	int n = 0, rc = count_databases(c, &n, err);

	while (!rc && n-- > c->session.databases) {
		rc = wb_sqlite_value(c, "SELECT name FROM pragma_database_list ORDER BY seq DESC LIMIT 1", name,
				     sizeof(name), err);
		wb_str_clear(&sql);
		wb_str_add(&sql, "DETACH ");
		wb_quote_ident(&sql, wb_sv_str(name));
		if (!rc)
			rc = wb_sqlite_exec(c, sql.failed ? NULL : sql.p, err);
	}
	return rc;
}

int wb_sqlite_session_restore(struct wb_sqlite *c, struct wb_error *err)
{
	bool inside = !sqlite3_get_autocommit(c->db);
	size_t i;
	int rc = 0;

	if (!c->session.dirty)
		return 0;
	wb_sqlite_listen(c); /* PRAGMA busy_timeout replaces the handler */
	for (i = 0; i < WB_ARRAY_LEN(settings) && !rc; i++)
		if (!(settings[i].outside && inside) && !(i == FOREIGN_KEYS && c->foreign_keys_off))
			rc = restore_setting(c, i, err);
	if (!rc && !inside)
		rc = detach_new(c, err);
	if (!rc && !inside && !c->foreign_keys_off)
		c->session.dirty = false;
	return rc;
}
