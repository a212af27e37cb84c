/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 against the vectors of FIPS 180-4's examples, by each way through a
 * block, and in pieces of every size.
 */
#include "tests.h"

typedef void (*blocks_fn)(uint32_t state[8], const unsigned char *p, size_t n);

static const struct {
	const char *text;
	size_t times;
	const char *digest;
} vectors[] = {
	{ "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrst"
	  "nopqrstu",
	  1, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	{ "a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
};

/* The text repeated, padded to whole blocks as the standard says. */
static unsigned char *padded(const char *text, size_t times, size_t *ret_blocks)
{
	size_t length = strlen(text), total = length * times, n = (total + 9 + 63) / 64, i;
	unsigned char *p = calloc(n, 64);

	assert_non_null(p);
	for (i = 0; i < times; i++)
		memcpy(p + i * length, text, length);
	p[total] = 0x80;
	for (i = 0; i < 8; i++)
		p[n * 64 - 1 - i] = (unsigned char)((uint64_t)total * 8 >> (8 * i));
	*ret_blocks = n;
	return p;
}

static void check_vectors(blocks_fn blocks)
{
	size_t i, j, n;
	char hex[65];

	for (i = 0; i < WB_ARRAY_LEN(vectors); i++) {
		unsigned char *p = padded(vectors[i].text, vectors[i].times, &n);
		struct wb_sha256 h;

		wb_sha256_init(&h);
		blocks(h.state, p, n);
		for (j = 0; j < 8; j++)
			(void)snprintf(hex + 8 * j, 9, "%08x", (unsigned)h.state[j]);
		assert_string_equal(hex, vectors[i].digest);
		free(p);
	}
}

static void plain_blocks(void **state)
{
	(void)state;
	check_vectors(wb_sha256_blocks_plain);
}

static void sha_ni_blocks(void **state)
{
	(void)state;
	if (!wb_sha256_has_ni())
		return; /* valgrind and older processors have no SHA instructions */
	check_vectors(wb_sha256_blocks_ni);
}

static void both_ways_agree_on_any_bytes(void **state)
{
	struct wb_retry random = { .seed = 99 };
	uint32_t a[8] = { 0 }, b[8] = { 0 };
	unsigned char bytes[64 * 5 + 1];
	size_t round, i;

	(void)state;
	if (!wb_sha256_has_ni())
		return; /* valgrind and older processors have no SHA instructions */
	for (round = 0; round < 500; round++) {
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = (unsigned char)wb_retry_jitter(&random, 0, 255);
		wb_sha256_blocks_plain(a, bytes + 1, round % 6); /* not aligned */
		wb_sha256_blocks_ni(b, bytes + 1, round % 6);
		assert_memory_equal(a, b, sizeof(a));
	}
}

static void whole_texts(void **state)
{
	unsigned char digest[32];
	struct wb_sha256 h;
	char hex[65];
	size_t i, j;

	(void)state;
	for (i = 0; i < WB_ARRAY_LEN(vectors); i++) {
		wb_sha256_init(&h);
		for (j = 0; j < vectors[i].times; j++)
			wb_sha256_add(&h, vectors[i].text, strlen(vectors[i].text));
		wb_sha256_final(&h, digest);
		wb_hex(digest, sizeof(digest), hex);
		assert_string_equal(hex, vectors[i].digest);
	}
}

/* Every total length round two blocks, cut at every place. */
static void pieces_make_the_whole(void **state)
{
	unsigned char bytes[150], whole[32], pieces[32];
	struct wb_sha256 h;
	size_t n, cut;

	(void)state;
	for (n = 0; n < sizeof(bytes); n++)
		bytes[n] = (unsigned char)(n * 37 + 11);
	for (n = 0; n <= sizeof(bytes); n++) {
		wb_sha256_init(&h);
		wb_sha256_add(&h, bytes, n);
		wb_sha256_final(&h, whole);
		for (cut = 0; cut <= n; cut++) {
			wb_sha256_init(&h);
			wb_sha256_add(&h, bytes, cut);
			wb_sha256_add(&h, bytes + cut, n - cut);
			wb_sha256_final(&h, pieces);
			assert_memory_equal(whole, pieces, 32);
		}
	}
}

static void writes_checksums(void **state)
{
	static const unsigned char bytes[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	char out[WB_CHECKSUM_SIZE];
	unsigned char digest[32];
	struct wb_sha256 h;

	(void)state;
	wb_hex(bytes, sizeof(bytes), out);
	assert_string_equal(out, "00017f80ff");
	wb_hex(bytes, 0, out);
	assert_string_equal(out, "");
	wb_sha256_init(&h);
	wb_sha256_add(&h, NULL, 0);
	wb_sha256_final(&h, digest);
	wb_checksum_text(digest, out);
	assert_string_equal(out, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int test_sha256(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_blocks),
		cmocka_unit_test(sha_ni_blocks),
		cmocka_unit_test(both_ways_agree_on_any_bytes),
		cmocka_unit_test(whole_texts),
		cmocka_unit_test(pieces_make_the_whole),
		cmocka_unit_test(writes_checksums),
	};

	return RUN_GROUP("sha256");
}
