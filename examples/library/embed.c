/* SPDX-License-Identifier: Apache-2.0 — migrations compiled into an SQLite application. */
#include <sqlite3.h>
#include <stdio.h>
#include <whimbrel/whimbrel.h>

static const struct wb_embedded_migration migrations[] = {
	{ "V001__notes.sql", "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT NOT NULL);" },
	{ "V002__welcome.sql", "INSERT INTO notes (body) VALUES ('welcome');" },
};

int main(int argc, char **argv)
{
	sqlite3 *db = NULL;
	struct wb_context *whimbrel = NULL;
	static struct wb_options options; /* all zero: the defaults */
	struct wb_error err;
	if (sqlite3_open(argc > 1 ? argv[1] : "notes.db", &db) != SQLITE_OK)
		return 1;
	options.size = sizeof(options);
	options.sqlite_handle = db;
	options.embedded = migrations, options.n_embedded = 2;
	int rc = wb_open(&options, &whimbrel, &err);
	if (rc == 0 && (rc = wb_up(whimbrel, NULL, NULL, &err)) == 0)
		puts("the schema is up to date; the application goes on with its own handle");
	if (rc < 0)
		fprintf(stderr, "%s: %s\n%s\n", wb_code_name(rc), err.message, err.hint);
	wb_close(whimbrel);
	return sqlite3_close(db) != SQLITE_OK || rc < 0;
}
