/* SPDX-License-Identifier: Apache-2.0
 *
 * The least that finding nothing to do can cost: read every file of a folder
 * in order of name, hash it with Whimbrel's own SHA-256, and compare with the
 * checksums of a journal table read in the same order.
 * bare_hash DATABASE FOLDER [store]
 */
#include "base/sha256.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int only_sql(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');
	return dot && strcmp(dot, ".sql") == 0;
}

static void hash_file(int folder, const char *name, char out[WB_CHECKSUM_SIZE])
{
	static char buffer[1 << 20];
	unsigned char digest[32];
	struct wb_sha256 hash;
	ssize_t n;
	int fd = openat(folder, name, O_RDONLY);

	if (fd < 0)
		exit(1);
	wb_sha256_init(&hash);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		wb_sha256_add(&hash, buffer, (size_t)n);
	close(fd);
	wb_sha256_final(&hash, digest);
	wb_checksum_text(digest, out);
}

int main(int argc, char **argv)
{
	int store = argc == 4, n, i, folder, different = 0;
	char checksum[WB_CHECKSUM_SIZE];
	struct dirent **names;
	sqlite3_stmt *stmt;
	sqlite3 *db;

	if (argc < 3 || (n = scandir(argv[2], &names, only_sql, alphasort)) < 0)
		return 64;
	folder = open(argv[2], O_RDONLY | O_DIRECTORY);
	if (folder < 0 || sqlite3_open(argv[1], &db) != SQLITE_OK)
		return 1;
	if (store)
		sqlite3_exec(db, "CREATE TABLE journal (version TEXT PRIMARY KEY, checksum TEXT) WITHOUT ROWID; BEGIN",
			     0, 0, 0);
	if (sqlite3_prepare_v2(
		    db, store ? "INSERT INTO journal VALUES (?, ?)" : "SELECT checksum FROM journal ORDER BY version",
		    -1, &stmt, NULL) != SQLITE_OK)
		return 1;
	for (i = 0; i < n; i++) {
		hash_file(folder, names[i]->d_name, checksum);
		if (store) {
			sqlite3_bind_text(stmt, 1, names[i]->d_name, -1, SQLITE_STATIC);
			sqlite3_bind_text(stmt, 2, checksum, -1, SQLITE_STATIC);
			sqlite3_step(stmt);
			sqlite3_reset(stmt);
		} else if (sqlite3_step(stmt) != SQLITE_ROW ||
			   strcmp((const char *)sqlite3_column_text(stmt, 0), checksum) != 0) {
			different++;
		}
	}
	sqlite3_finalize(stmt);
	if (store)
		sqlite3_exec(db, "COMMIT", 0, 0, 0);
	sqlite3_close(db);
	return different != 0;
}
