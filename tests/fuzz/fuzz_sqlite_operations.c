/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements for SQLite, as any bytes: what their tokens tell, and what sqlite3
 * says of them on a mock, which they may change and must not break.
 */
#include "tests/fuzz/operations.h"

#include "driver/sqlite/sqlite.h"

static void try_it(const struct wb_driver *d, struct wb_sv text)
{
	wb_autoarena a = WB_ARENA_INIT;
	struct wb_operations ops = { 0 };
	struct wb_mock *mock = NULL;
	struct wb_tried t;

	require(wb_mock_open(d, NULL, &mock, NULL) == 0, "no mock");
	for (int i = 0; i < 2; i++) {
		require(d->operations(text, &a, &ops, NULL) == 0, "an error");
		require(wb_mock_try(mock, text, &a, &ops, &t, NULL) == 0, "an error of the mock");
		require(t.offset == SIZE_MAX || t.offset <= text.n, "a refusal behind the statement");
		require((t.verdict != WB_WRONG && t.verdict != WB_REFUSED) || t.message, "a refusal without a reason");
		for (size_t k = 0; k < ops.n; k++)
			check_operation(&ops.v[k], text.n);
		require(wb_mock_mark(mock, i > 0, NULL) == 0, "no way back");
	}
	wb_mock_close(mock);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct wb_driver *d = wb_sqlite_driver();

	(void)check_operations(d->operations, data, size);
	try_it(d, wb_sv((const char *)data, size));
	return 0;
}
