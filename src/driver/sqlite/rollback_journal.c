/* SPDX-License-Identifier: Apache-2.0
 *
 * The rollback journal is kept between migrations: overwriting its header
 * commits as deleting the file does, is synced where a deletion is not (so what
 * was reported as applied survives a power cut), and spares the file system a
 * new file per transaction. It goes with the connection; one that a crash left
 * behind is cold, and the next writer removes it.
 * https://www.sqlite.org/pragma.html#pragma_journal_mode, "PERSIST".
 */
#include "driver/sqlite/internal.h"

#define ASK "PRAGMA main.journal_mode"

/* The mode after the statement, which asks for it or sets it. */
static bool mode_is(struct wb_sqlite *c, const char *sql, const char *mode)
{
	char now[16];

	return wb_sqlite_value(c, sql, now, sizeof(now), NULL) == 0 && strcmp(now, mode) == 0;
}

void wb_sqlite_journal_keep(struct wb_sqlite *c)
{
	if (c->journal_asked || !sqlite3_get_autocommit(c->db))
		return;
	c->journal_asked = true;
	if (mode_is(c, ASK, "delete"))
		c->journal_kept = mode_is(c, "PRAGMA main.journal_mode = PERSIST", "persist");
	wb_sqlite_vfs_keep(c, c->journal_kept);
}

/* A migration may have chosen another mode since. */
void wb_sqlite_journal_drop(struct wb_sqlite *c)
{
	wb_sqlite_vfs_keep(c, false);
	if (c->journal_kept && mode_is(c, ASK, "persist"))
		(void)mode_is(c, "PRAGMA main.journal_mode = DELETE", "delete");
	c->journal_asked = c->journal_kept = false;
}
