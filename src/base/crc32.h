/* SPDX-License-Identifier: Apache-2.0
 *
 * CRC-32 as zlib and Java's java.util.zip.CRC32 have it: other tools' checksums
 * and lock keys. Start with 0; feed the result to the next piece.
 */
#ifndef WB_BASE_CRC32_H
#define WB_BASE_CRC32_H

#include <stddef.h>
#include <stdint.h>

uint32_t wb_crc32(uint32_t crc, const void *p, size_t n);

#endif
