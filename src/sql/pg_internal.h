/* SPDX-License-Identifier: Apache-2.0
 *
 * What the three steps of classifying share: the first words (pg_words.c), the
 * guards before the parser (pg_guard.c), and the tree (pg_parse.c). For this
 * room only.
 */
#ifndef WB_SQL_PG_INTERNAL_H
#define WB_SQL_PG_INTERNAL_H

#include "sql/pg_parse.h"

/* Fills in what the first words tell. True when only the tree tells the rest; info holds what is to be believed
 * of the statement when there is no tree. */
bool wb_pg_words(struct wb_sv statement, struct wb_pg_info *info);

/* Why this statement may not reach the parser (static text), or NULL. */
const char *wb_pg_guard(struct wb_sv statement);

#endif
