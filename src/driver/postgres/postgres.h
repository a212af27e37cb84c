/* SPDX-License-Identifier: Apache-2.0
 *
 * The PostgreSQL driver: a module, loaded when a database of it is used.
 * wb_postgres_driver is the one symbol that it offers.
 */
#ifndef WB_DRIVER_POSTGRES_POSTGRES_H
#define WB_DRIVER_POSTGRES_POSTGRES_H

#include "driver/driver.h"

WB_API const struct wb_driver *wb_postgres_driver(void);

#endif
