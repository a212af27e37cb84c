/* SPDX-License-Identifier: Apache-2.0
 *
 * Database files on which things are tried out.
 */
#ifndef WB_DRIVER_SQLITE_NEST_H
#define WB_DRIVER_SQLITE_NEST_H

#include "driver/driver.h"

int wb_sqlite_nest_open(const struct wb_nest_options *o, struct wb_nest **ret_nest, struct wb_error *err);
int wb_sqlite_nest_make(struct wb_nest *nest, const char *name, const char *from, struct wb_error *err);
int wb_sqlite_nest_remove(struct wb_nest *nest, const char *name, struct wb_error *err);
char *wb_sqlite_nest_url(const struct wb_nest *nest, struct wb_arena *a, const char *name);
void wb_sqlite_nest_close(struct wb_nest *nest);

#endif
