/* SPDX-License-Identifier: Apache-2.0
 *
 * Unit tests of the base room: all groups, and what they share.
 */
#include "tests.h"

#include <fcntl.h>

bool is_utf8(const char *p, size_t n)
{
	const unsigned char *s = (const unsigned char *)p;
	size_t i = 0, more;
	uint32_t value;

	while (i < n) {
		more = s[i] < 0x80             ? 0
		       : (s[i] & 0xe0) == 0xc0 ? 1
		       : (s[i] & 0xf0) == 0xe0 ? 2
		       : (s[i] & 0xf8) == 0xf0 ? 3
					       : 9;
		value = more == 0 ? s[i] : s[i] & (0x3fu >> more);
		if (more == 9 || i + more >= n)
			return false;
		for (i++; more; more--, i++) {
			if ((s[i] & 0xc0) != 0x80)
				return false;
			value = value << 6 | (s[i] & 0x3fu);
		}
		if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
			return false;
	}
	return true;
}

int count_fds(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

int main(void)
{
	int failed = 0;

#define X(name) failed += test_##name();
	TEST_GROUPS(X)
#undef X
	return failed ? 1 : 0;
}
