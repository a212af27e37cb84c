/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements for SQLite, as any bytes: read into operations without a crash,
 * each of them whole, and the same the second time.
 */
#include "driver/driver.h"
#include "driver/sqlite/sqlite.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "%s\n", what);
	abort();
}

static void check_operation(const struct wb_operation *op, size_t size)
{
	require((unsigned)op->code < WB_OP_COUNT && (unsigned)op->kind <= WB_KIND_COUNT, "an unknown code");
	require(op->offset == 0 || op->offset < size, "an offset behind the statement");
	require(!op->n_columns == !op->columns && !op->n_functions == !op->functions, "a list without a length");
	for (size_t i = 0; i < op->n_functions; i++)
		require(op->functions[i].name != NULL, "a function without a name");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_sv text = { (const char *)data, size };
	struct wb_operations ops = { 0 }, again = { 0 };
	const struct wb_driver *d = wb_sqlite_driver();

	require(wb_driver_operations(d, text, &a, &ops, NULL) == 0 &&
			wb_driver_operations(d, text, &a, &again, NULL) == 0,
		"an error");
	require(ops.n > 0, "nothing said");
	for (size_t i = 0; i < ops.n; i++) {
		check_operation(&ops.v[i], size);
		require(ops.v[i].code != WB_OP_UNKNOWN || ops.unknown, "unknown, and no reason");
	}
	require(ops.n == again.n && ops.unknown == again.unknown, "another answer the second time");
	return 0;
}
