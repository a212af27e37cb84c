/* SPDX-License-Identifier: Apache-2.0
 *
 * The PostgreSQL driver against a real server: one group per file.
 */
#include "tests/unit/driver_pg/tests.h"

int main(void)
{
	int failed = 0;
	const char *only = getenv("WHIMBREL_TEST_ONLY");
	if (only)
		cmocka_set_test_filter(only);
	failed += test_statement();
	failed += test_operations();
	failed += test_shape();
	failed += test_connect();
	failed += test_run();
	failed += test_copy();
	failed += test_session();
	failed += test_journal();
	failed += test_lock();
	failed += test_probe();
	failed += test_monitor();
	failed += test_database();
	failed += test_dump();
	failed += test_inspect();
	failed += test_inspect_large();
	failed += test_broken();
	return failed ? 1 : 0;
}
