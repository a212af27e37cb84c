/* SPDX-License-Identifier: Apache-2.0
 *
 * Checksums of other tools: CRC-32, and what libcrypto gives.
 */
#include "tests.h"

static void crc32_of_known_texts(void **state)
{
	(void)state;
	assert_int_equal(wb_crc32(0, "", 0), 0);
	assert_int_equal(wb_crc32(0, "123456789", 9), 0xcbf43926);
	assert_int_equal(wb_crc32(0, "\xff\x00\xff", 3), 0x6cdb0272);
}

static void crc32_in_pieces(void **state)
{
	uint32_t crc = 0;
	(void)state;
	for (const char *p = "123456789"; *p; p++)
		crc = wb_crc32(crc, p, 1);
	assert_int_equal(crc, 0xcbf43926);
}

static void check(struct wb_crypto *c, const char *name, const char *want)
{
	unsigned char digest[WB_DIGEST_MAX];
	char hex[2 * WB_DIGEST_MAX + 1];
	struct wb_error err;
	size_t n = 0;
	assert_int_equal(wb_crypto_digest(c, name, WB_SV("abc"), digest, &n, &err), 0);
	wb_hex(digest, n, hex);
	assert_string_equal(hex, want);
}

static void digests_of_libcrypto(void **state)
{
	struct wb_crypto c = { 0 };
	(void)state;
	check(&c, "SHA1", "a9993e364706816aba3e25717850c26c9cd0d89d");
	check(&c, "SHA384",
	      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
	      "8086072ba1e7cc2358baeca134c825a7");
	wb_crypto_done(&c);
	assert_null(c.library);
}

static void a_digest_that_nobody_knows(void **state)
{
	struct wb_crypto c = { 0 };
	unsigned char digest[WB_DIGEST_MAX];
	struct wb_error err;
	size_t n = 0;
	(void)state;
	assert_int_equal(wb_crypto_digest(&c, "NO-SUCH", WB_SV(""), digest, &n, &err), WB_EUNSUPPORTED);
	assert_non_null(strstr(err.message, "NO-SUCH"));
	wb_crypto_done(&c);
}

int test_hashes(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(crc32_of_known_texts),
		cmocka_unit_test(crc32_in_pieces),
		cmocka_unit_test(digests_of_libcrypto),
		cmocka_unit_test(a_digest_that_nobody_knows),
	};

	return RUN_GROUP("hashes");
}
