/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as CREATE statements of SQLite. The parsers survive all of them;
 * what sqlite3 accepts they understand, and the DDL of the objects makes the
 * same objects again.
 */
#include "driver/driver.h"
#include "driver/sqlite/parse.h"
#include "driver/sqlite/sqlite.h"
#include "schema/schema.h"

#include <sqlite3.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const char *what, const char *text)
{
	if (good)
		return;
	(void)fprintf(stderr, "broken: %s\n%s\n", what, text);
	abort();
}

/* Whatever it is. */
static void parse_all(struct wb_sv text)
{
	wb_autoarena a = WB_ARENA_INIT;
	wb_autostr out = WB_STR_INIT;
	struct wb_sqlite_tokens t = { 0 };
	struct wb_sqlite_table table = { 0 };
	struct wb_sqlite_index index;
	const char *module, *arguments;

	check(wb_sqlite_tokens_read(&t, text), "memory", "");
	wb_sqlite_canonical(&out, t.v, t.n, true);
	check(wb_sqlite_parse_table(&a, &t, &table) >= 0, "memory", "");
	check(wb_sqlite_parse_index(&a, &t, &table, &index) >= 0, "memory", "");
	check(wb_sqlite_parse_virtual(&a, &t, &module, &arguments) >= 0, "memory", "");
	wb_sqlite_table_done(&table);
	wb_vec_done(&t);
}

static int give_up(void *user)
{
	(void)user;
	return 1;
}

static sqlite3 *open_db(void)
{
	sqlite3 *db;

	check(sqlite3_open(":memory:", &db) == SQLITE_OK, "no database", "");
	(void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 1 << 20);
	sqlite3_progress_handler(db, 100000, give_up, NULL);
	return db;
}

/* One statement, of the kinds that the parsers are for. */
static bool accepted(sqlite3 *db, const char *text)
{
	struct wb_head head;
	const char *tail = "";
	sqlite3_stmt *stmt = NULL;
	bool good;

	wb_sql_head(WB_DIALECT_SQLITE, wb_sv_str(text), &head);
	if (strcmp(head.words[0], "CREATE") != 0 ||
	    (strcmp(head.words[1], "TABLE") != 0 && strcmp(head.words[1], "INDEX") != 0 &&
	     strcmp(head.words[1], "UNIQUE") != 0))
		return false;
	(void)sqlite3_exec(db, "CREATE TABLE base (a, b TEXT, \"c d\")", NULL, NULL, NULL);
	good = sqlite3_prepare_v2(db, text, -1, &stmt, &tail) == SQLITE_OK && stmt && !*tail &&
	       sqlite3_step(stmt) == SQLITE_DONE;
	(void)sqlite3_finalize(stmt);
	return good;
}

static struct wb_model *inspect(sqlite3 *db, const char *text)
{
	const struct wb_url url = {
		.text = ":memory:", .safe = ":memory:", .scheme = "sqlite", .database = ":memory:"
	};
	const struct wb_open_options o = { .url = &url, .handle = db };
	struct wb_conn *c = NULL;
	struct wb_model *m = NULL;
	struct wb_error err = { 0 };

	check(wb_conn_open(wb_sqlite_driver(), &o, &c, &err) == 0, "no connection", err.message);
	check(wb_conn_inspect(c, NULL, &m, &err) == 0, err.message, text);
	wb_conn_close(c);
	for (size_t i = 0; i < m->n; i++)
		check(!wb_object_get(m->v[i], "definition"), "not understood", text);
	return m;
}

static void check_again(const struct wb_model *m, const char *text)
{
	sqlite3 *db = open_db();
	wb_autostr ddl = WB_STR_INIT;
	struct wb_model *again;
	struct wb_diff d;
	struct wb_error err = { 0 };

	check(wb_schema_write(m, &ddl, &err) == 0, err.message, text);
	if (sqlite3_exec(db, ddl.p, NULL, NULL, NULL) != SQLITE_OK)
		check(false, sqlite3_errmsg(db), ddl.p);
	again = inspect(db, ddl.p);
	check(wb_schema_diff(m, again, &d, &err) == 0, err.message, text);
	check(d.n == 0, "another schema", ddl.p);
	wb_diff_done(&d);
	wb_model_free(again);
	(void)sqlite3_close(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(size + 1, 1);
	sqlite3 *db;

	check(text != NULL, "memory", "");
	if (size)
		memcpy(text, data, size);
	parse_all(wb_sv(text, size));
	db = open_db();
	if (strlen(text) == size && accepted(db, text)) {
		struct wb_model *m = inspect(db, text);

		check_again(m, text);
		wb_model_free(m);
	}
	(void)sqlite3_close(db);
	free(text);
	return 0;
}
