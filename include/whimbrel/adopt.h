/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking over another tool's history: Flyway, golang-migrate, dbmate, Rails,
 * goose, Alembic, sqlx, Atlas, sqitch, Liquibase, refinery, tern,
 * graphile-migrate. Its table is only read; nothing of the schema is changed.
 */
#ifndef WHIMBREL_ADOPT_H
#define WHIMBREL_ADOPT_H

#include "context.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_adopt_options {
	size_t size;
	const char *from; /* the tool: "flyway", "dbmate" …; NULL = told by the shape of its table */
	const char *table; /* "[schema.]table"; NULL = the one that is found */
	const char *files; /* folder of the tool's own files where it is not that of the migrations; NULL */
	bool dry_run; /* look and tell, change nothing */
	bool write_sql; /* render the tool's migrations as files of the folder first, where it can */
	bool accept_changed; /* files whose checksum differs from the tool's are taken as they are */
};

/* One migration of the other tool. Absent text is NULL. */
struct wb_adoption_item {
	const char *version; /* as the journal writes it */
	const char *description, *file;
	const char *state; /* "applied", "failed", "baseline", "missing"; "history": only in the history */
	const char *checksum; /* "verified", "changed", "unknown": it cannot be checked; "none": the tool has none */
	const char *applied_at; /* RFC 3339 */
	const char *note; /* what is particular about it */
	bool known; /* the journal has it from an earlier adoption */
};

struct wb_adoption {
	const char *tool, *title; /* "golang-migrate"; as it writes itself */
	const char *schema, *table; /* of its history; schema NULL where there are none */
	const struct wb_adoption_item *items;
	size_t n_items;
	const char *const *notes; /* whole sentences for the user */
	size_t n_notes;
	const char *const *written; /* files that were written */
	size_t n_written;
	size_t recorded; /* migrations that were (or, in a dry run, would be) recorded */
	size_t changed; /* files whose checksum differs */
	size_t pending; /* files that `up` will apply next */
	bool dry_run;
};

/* WB_ENOTFOUND: no history of a known tool; WB_EUSAGE: several, name one; WB_ECHECKSUM: a file was changed;
 * WB_ESTATE: the tool left a migration half done; WB_EREFUSED: the journal has migrations of its own. Adopting again
 * takes over what the tool has applied since; recorded is then 0 when there is nothing. */
int wb_adopt(struct wb_context *context, const struct wb_adopt_options *options, struct wb_adoption **ret_adoption,
	     struct wb_error *err);
void wb_adoption_free(struct wb_adoption *adoption);

/* The names that options.from takes, NULL at the end. */
const char *const *wb_adopt_tools(void);

#ifdef __cplusplus
}
#endif
#endif
