/* SPDX-License-Identifier: Apache-2.0
 *
 * The words that the writer and the reader of snapshots share. For this room only.
 */
#ifndef WB_SCHEMA_SNAPSHOT_H
#define WB_SCHEMA_SNAPSHOT_H

#include "schema/schema.h"

#define WB_SNAPSHOT_TITLE "-- Whimbrel schema snapshot, format "
#define WB_SNAPSHOT_ENGINE "-- engine: "
#define WB_SNAPSHOT_HASH "-- sha256: "
/* Everything after the last such line is objects: bodies of functions, where it might stand, too, come before. */
#define WB_SNAPSHOT_OBJECTS "-- objects, as Whimbrel reads them; not to be edited\n"
#define WB_SNAPSHOT_LINE "--: "

/* --: kind schema=… parent=… name=… key=value …, without what follows needs= */
int wb_snapshot_object(const struct wb_object *o, struct wb_str *out, struct wb_error *err) WB_MUST_USE;
/* How needs name an object: kind and path in one line, whatever its name. False when memory has run out. */
bool wb_snapshot_path(const struct wb_object *o, struct wb_str *out) WB_MUST_USE;

#endif
