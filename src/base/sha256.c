/* SPDX-License-Identifier: Apache-2.0
 *
 * Two ways through a block: plain C, and the x86 SHA instructions. Which one
 * is asked of the C library at each call: it looked at the CPU when the program
 * started, and asking is a load. (The CPUID instruction itself is trapped in
 * virtual machines, and remembering its answer here would need a global.)
 */
#include "base/sha256.h"

#include <stdbool.h>
#include <string.h>

#include "base/banned.h"

#if defined(__x86_64__) && defined(__has_include)
#if __has_include(<sys/platform/x86.h>)
#define HAVE_SHA_NI 1
#include <immintrin.h>
#include <sys/platform/x86.h>
#endif
#endif

static const uint32_t k[64] __attribute__((aligned(16))) = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotr(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static uint32_t load_be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void store_be32(unsigned char *p, uint32_t x)
{
	p[0] = (unsigned char)(x >> 24);
	p[1] = (unsigned char)(x >> 16);
	p[2] = (unsigned char)(x >> 8);
	p[3] = (unsigned char)x;
}

static void expand(uint32_t w[64], const unsigned char *block)
{
	uint32_t s0, s1;
	size_t i;

	for (i = 0; i < 16; i++)
		w[i] = load_be32(block + 4 * i);
	for (; i < 64; i++) {
		s0 = rotr(w[i - 15], 7) ^ rotr(w[i - 15], 18) ^ w[i - 15] >> 3;
		s1 = rotr(w[i - 2], 17) ^ rotr(w[i - 2], 19) ^ w[i - 2] >> 10;
		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
}

static void block_plain(uint32_t state[8], const unsigned char *block)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	uint32_t w[64], t1, t2;
	size_t i;

	expand(w, block);
	for (i = 0; i < 64; i++) {
		t1 = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + k[i] + w[i];
		t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
		h = g, g = f, f = e, e = d + t1;
		d = c, c = b, b = a, a = t1 + t2;
	}
	state[0] += a, state[1] += b, state[2] += c, state[3] += d;
	state[4] += e, state[5] += f, state[6] += g, state[7] += h;
}

void wb_sha256_blocks_plain(uint32_t state[8], const unsigned char *p, size_t n)
{
	for (; n; n--, p += 64)
		block_plain(state, p);
}

#ifdef HAVE_SHA_NI

bool wb_sha256_has_ni(void)
{
	return x86_cpu_active(x86_cpu_SHA) && x86_cpu_active(x86_cpu_SSSE3) && x86_cpu_active(x86_cpu_SSE4_1);
}

#define SHA_NI __attribute__((target("sha,sse4.1,ssse3")))

/* One block. The instructions want the state as the words (a b e f) and (c d g h), and do
 * two rounds each; m0 to m3 are the next 16 words of the schedule. */
SHA_NI static void block_ni(__m128i *abef, __m128i *cdgh, const unsigned char *p)
{
	const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	const __m128i *in = (const void *)p;
	__m128i m0 = _mm_shuffle_epi8(_mm_loadu_si128(in), swap);
	__m128i m1 = _mm_shuffle_epi8(_mm_loadu_si128(in + 1), swap);
	__m128i m2 = _mm_shuffle_epi8(_mm_loadu_si128(in + 2), swap);
	__m128i m3 = _mm_shuffle_epi8(_mm_loadu_si128(in + 3), swap);
	__m128i x = *abef, y = *cdgh, wk, next;
	size_t i;

	for (i = 0; i < 64; i += 4) {
		wk = _mm_add_epi32(m0, _mm_load_si128((const void *)(k + i)));
		y = _mm_sha256rnds2_epu32(y, x, wk);
		x = _mm_sha256rnds2_epu32(x, y, _mm_shuffle_epi32(wk, 0x0e));
		next = _mm_add_epi32(_mm_sha256msg1_epu32(m0, m1), _mm_alignr_epi8(m3, m2, 4));
		m0 = m1, m1 = m2, m2 = m3;
		m3 = _mm_sha256msg2_epu32(next, m2);
	}
	*abef = _mm_add_epi32(*abef, x);
	*cdgh = _mm_add_epi32(*cdgh, y);
}

SHA_NI void wb_sha256_blocks_ni(uint32_t state[8], const unsigned char *p, size_t n)
{
	__m128i *out = (void *)state;
	__m128i dcba = _mm_loadu_si128(out), hgfe = _mm_loadu_si128(out + 1);
	__m128i cdab = _mm_shuffle_epi32(dcba, 0xb1), efgh = _mm_shuffle_epi32(hgfe, 0x1b);
	__m128i abef = _mm_alignr_epi8(cdab, efgh, 8), cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);

	for (; n; n--, p += 64)
		block_ni(&abef, &cdgh, p);
	abef = _mm_shuffle_epi32(abef, 0x1b); /* feba */
	cdgh = _mm_shuffle_epi32(cdgh, 0xb1); /* dchg */
	_mm_storeu_si128(out, _mm_blend_epi16(abef, cdgh, 0xf0));
	_mm_storeu_si128(out + 1, _mm_alignr_epi8(cdgh, abef, 8));
}

#else

bool wb_sha256_has_ni(void)
{
	return false;
}

void wb_sha256_blocks_ni(uint32_t state[8], const unsigned char *p, size_t n)
{
	wb_sha256_blocks_plain(state, p, n);
}

#endif

static void blocks(uint32_t state[8], const unsigned char *p, size_t n)
{
	if (wb_sha256_has_ni())
		wb_sha256_blocks_ni(state, p, n);
	else
		wb_sha256_blocks_plain(state, p, n);
}

void wb_sha256_init(struct wb_sha256 *h)
{
	static const uint32_t start[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
					   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	*h = (struct wb_sha256){ 0 };
	memcpy(h->state, start, sizeof(start));
}

void wb_sha256_add(struct wb_sha256 *h, const void *p, size_t n)
{
	const unsigned char *in = p;
	size_t held = h->length % 64, part = 64 - held;

	h->length += n;
	if (held && n >= part) {
		memcpy(h->block + held, in, part);
		blocks(h->state, h->block, 1);
		in += part;
		n -= part;
		held = 0;
	}
	if (n >= 64) {
		blocks(h->state, in, n / 64);
		in += n / 64 * 64;
		n %= 64;
	}
	if (n)
		memcpy(h->block + held, in, n);
}

void wb_sha256_final(struct wb_sha256 *h, unsigned char digest[32])
{
	static const unsigned char padding[64] = { 0x80 };
	uint64_t bits = h->length * 8;
	unsigned char size[8];
	size_t i;

	store_be32(size, (uint32_t)(bits >> 32));
	store_be32(size + 4, (uint32_t)bits);
	wb_sha256_add(h, padding, 1 + (119 - h->length % 64) % 64);
	wb_sha256_add(h, size, sizeof(size));
	for (i = 0; i < 8; i++)
		store_be32(digest + 4 * i, h->state[i]);
}

void wb_hex(const unsigned char *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}

void wb_checksum_text(const unsigned char digest[32], char out[WB_CHECKSUM_SIZE])
{
	memcpy(out, "sha256:", 7);
	wb_hex(digest, 32, out + 7);
}
