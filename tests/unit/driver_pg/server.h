/* SPDX-License-Identifier: Apache-2.0
 *
 * A private PostgreSQL server for the tests, and a PgBouncer in transaction
 * mode before it. Both are children of the test program, live in a folder of
 * their own, and end with the program, however it ends.
 */
#ifndef WB_TESTS_DRIVER_PG_SERVER_H
#define WB_TESTS_DRIVER_PG_SERVER_H

#include <stddef.h>

/* Starts on first use; ends the program with a message when it cannot. The folder of the server's socket. */
const char *server_socket(void);
/* The same for the pooler, port 6432. */
const char *pooler_socket(void);
/* The folder that all of it lives in, writable for the server. */
const char *server_folder(void);

#endif
