/* SPDX-License-Identifier: Apache-2.0
 *
 * The least that applying a folder of files to SQLite can cost: per file, read
 * it, one transaction with its statements and one journal row, synchronous FULL.
 * bare_sqlite DATABASE FOLDER [persist] applies what is below "-- migrate:down"
 * of none; with persist it keeps the rollback journal, as Whimbrel does.
 */
#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(sqlite3 *db, int rc, const char *what)
{
	if (rc == SQLITE_OK || rc == SQLITE_DONE)
		return;
	fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
	exit(1);
}

static char *read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text, *down;
	long size;

	if (!f || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0 || fseek(f, 0, SEEK_SET) != 0)
		exit(1);
	text = malloc((size_t)size + 1);
	if (!text || fread(text, 1, (size_t)size, f) != (size_t)size)
		exit(1);
	text[size] = 0;
	fclose(f);
	down = strstr(text, "-- migrate:down");
	if (down)
		*down = 0;
	return text;
}

static int only_sql(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');
	return dot && strcmp(dot, ".sql") == 0;
}

int main(int argc, char **argv)
{
	struct dirent **names;
	sqlite3_stmt *journal;
	sqlite3 *db;
	int n, i;

	if (argc != 3 && argc != 4)
		return 64;
	n = scandir(argv[2], &names, only_sql, alphasort);
	if (n < 0 || sqlite3_open(argv[1], &db) != SQLITE_OK)
		return 1;
	check(db,
	      sqlite3_exec(db,
			   "PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS journal (version TEXT PRIMARY KEY)",
			   0, 0, 0),
	      "journal");
	if (argc == 4)
		check(db, sqlite3_exec(db, "PRAGMA journal_mode = PERSIST", 0, 0, 0), "journal_mode");
	check(db, sqlite3_prepare_v2(db, "INSERT INTO journal VALUES (?)", -1, &journal, NULL), "prepare");
	for (i = 0; i < n; i++) {
		char path[4096], *text;

		snprintf(path, sizeof(path), "%s/%s", argv[2], names[i]->d_name);
		text = read_file(path);
		check(db, sqlite3_exec(db, "BEGIN IMMEDIATE", 0, 0, 0), "begin");
		check(db, sqlite3_exec(db, text, 0, 0, 0), path);
		sqlite3_bind_text(journal, 1, names[i]->d_name, -1, SQLITE_STATIC);
		check(db, sqlite3_step(journal), "journal");
		sqlite3_reset(journal);
		check(db, sqlite3_exec(db, "COMMIT", 0, 0, 0), "commit");
		free(text);
		free(names[i]);
	}
	free(names);
	sqlite3_finalize(journal);
	sqlite3_close(db);
	return 0;
}
