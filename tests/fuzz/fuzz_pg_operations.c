/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements for PostgreSQL, as any bytes: what its parser tells of them.
 */
#include "driver/postgres/pg.h"

#include "tests/fuzz/operations.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return check_operations(wb_pg_operations, data, size);
}
