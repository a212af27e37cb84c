/* SPDX-License-Identifier: Apache-2.0
 *
 * For tests of the inspection: databases in memory, their models, and the round
 * trip from a database to its snapshot and back.
 */
#ifndef WB_TESTS_UNIT_DRIVER_INSPECTED_H
#define WB_TESTS_UNIT_DRIVER_INSPECTED_H

#include "schema/schema.h"
#include "tests.h"

/* A database in memory, and a connection that borrows it. */
struct memory {
	sqlite3 *db;
	struct wb_conn *c;
	struct wb_url url;
	struct wb_open_options o;
	struct wb_error err;
};
void open_memory(struct memory *m);
void close_memory(struct memory *m);
/* Runs statements and expects success. */
void make(sqlite3 *db, const char *sql);
struct wb_model *inspect(struct wb_conn *c);
/* The model of a database made by sql. */
struct wb_model *model_of(const char *sql);
/* The snapshot's DDL on an empty database gives the same snapshot to the byte, and the pragmas tell the same of both.
 */
void assert_round_trip(const char *sql);

#endif
