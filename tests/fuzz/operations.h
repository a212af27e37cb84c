/* SPDX-License-Identifier: Apache-2.0
 *
 * What the fuzzers of operations share: statements as any bytes are read without a
 * crash, each operation is whole, and the second time all is the same.
 */
#ifndef WB_FUZZ_OPERATIONS_H
#define WB_FUZZ_OPERATIONS_H

#include "driver/driver.h"

#include <stdio.h>

typedef int operations_fn(struct wb_sv statement, struct wb_arena *a, struct wb_operations *ret_ops,
			  struct wb_error *err);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "%s\n", what);
	abort();
}

static inline void check_operation(const struct wb_operation *op, size_t size)
{
	require((unsigned)op->code < WB_OP_COUNT && (unsigned)op->kind <= WB_KIND_COUNT, "an unknown code");
	require(op->offset == 0 || op->offset < size, "an offset behind the statement");
	require(!op->n_columns == !op->columns && !op->n_functions == !op->functions, "a list without a length");
	require(!op->expr || strlen(op->expr) <= 65536, "a text that is too long");
	for (size_t i = 0; i < op->n_functions; i++)
		require(op->functions[i].name != NULL, "a function without a name");
}

static inline int check_operations(operations_fn *read, const uint8_t *data, size_t size)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_sv text = { (const char *)data, size };
	struct wb_operations ops = { 0 }, again = { 0 };
	bool unknown = false;

	require(read(text, &a, &ops, NULL) == 0 && read(text, &a, &again, NULL) == 0, "an error");
	require(ops.n > 0, "nothing said");
	for (size_t i = 0; i < ops.n; i++) {
		check_operation(&ops.v[i], size);
		unknown |= ops.v[i].code == WB_OP_UNKNOWN;
	}
	require(!unknown || ops.unknown, "unknown, and no reason");
	require(ops.n == again.n && ops.unknown == again.unknown && ops.form == again.form,
		"another answer the second time");
	return 0;
}

#endif
