/* SPDX-License-Identifier: Apache-2.0
 *
 * Unit tests of the bench room.
 */
#include "tests.h"

int main(void)
{
	int failed = 0;

#define X(name) failed += test_##name();
	TEST_GROUPS(X)
#undef X
	return failed ? 1 : 0;
}
