/* SPDX-License-Identifier: Apache-2.0
 *
 * Unit tests of the lib room: the public calls as a program makes them, against
 * SQLite files and a PostgreSQL server that lives as long as this program.
 */
#include "tests.h"

int main(void)
{
	int failed = 0;
	const char *only = getenv("WHIMBREL_TEST_ONLY");
	if (only)
		cmocka_set_test_filter(only);
#define X(name) failed += test_##name();
	TEST_GROUPS(X)
#undef X
	return failed ? 1 : 0;
}
