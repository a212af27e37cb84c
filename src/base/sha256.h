/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256 (FIPS 180-4), with the x86 SHA extensions where the CPU has them.
 */
#ifndef WB_BASE_SHA256_H
#define WB_BASE_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wb_sha256 {
	uint32_t state[8];
	uint64_t length;
	unsigned char block[64];
};

void wb_sha256_init(struct wb_sha256 *h);
void wb_sha256_add(struct wb_sha256 *h, const void *p, size_t n);
void wb_sha256_final(struct wb_sha256 *h, unsigned char digest[32]);
void wb_hex(const unsigned char *p, size_t n, char *out); /* writes 2n + 1 bytes */
/* "sha256:<64 hex digits>"; out has WB_CHECKSUM_SIZE bytes. */
#define WB_CHECKSUM_SIZE 72
void wb_checksum_text(const unsigned char digest[32], char out[WB_CHECKSUM_SIZE]);

/* The two ways through n blocks of 64 bytes, named so that tests can compare them. The second
 * may be called only where the CPU has it. */
void wb_sha256_blocks_plain(uint32_t state[8], const unsigned char *p, size_t n);
void wb_sha256_blocks_ni(uint32_t state[8], const unsigned char *p, size_t n);
bool wb_sha256_has_ni(void);

#endif
