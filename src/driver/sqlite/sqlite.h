/* SPDX-License-Identifier: Apache-2.0
 *
 * The SQLite driver. Linked into every build, as it needs nothing but sqlite3.
 */
#ifndef WB_DRIVER_SQLITE_SQLITE_H
#define WB_DRIVER_SQLITE_SQLITE_H

#include "driver/driver.h"

const struct wb_driver *wb_sqlite_driver(void);

#endif
