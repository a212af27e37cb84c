/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts of attributes compared for what a change of them means to others
 * (breaking_text.c); the rules that ask are in breaking.c. Private to this room.
 */
#ifndef WB_SCHEMA_BREAKING_H
#define WB_SCHEMA_BREAKING_H

#include "schema/schema.h"

/* Does the new type hold all that the old one does? NULL: any type. */
bool wb_type_is_wider(const char *old, const char *new);
/* Does the new text only list more values than the old one: an enum's labels, a check's IN (…)? */
bool wb_text_lists_more(const char *old, const char *new);
bool wb_check_lists_more(const char *old, const char *new);
/* Do all columns that the old query gives have their names in the new one? False where names cannot be read. */
bool wb_query_keeps_columns(const char *old, const char *new);
/* Is all that the old lines grant granted by the new ones? */
bool wb_grants_keep(const char *old, const char *new);
/* Can the arguments of the new routine be given as those of the old one? */
bool wb_arguments_keep(const char *old, const char *new);
/* Names the text, from its first parenthesis on where it has one and before REFERENCES, a column that the table had? */
bool wb_text_names_column(const char *text, const struct wb_model *before, const struct wb_object *table);

#endif
