/* SPDX-License-Identifier: Apache-2.0
 *
 * Hashes that only adopted tools use, from libcrypto. It is opened when one is
 * asked for and never linked: a program that embeds the library needs nothing
 * but sqlite3.
 */
#ifndef WB_BASE_CRYPTO_H
#define WB_BASE_CRYPTO_H

#include <whimbrel/error.h>

#include "compiler.h"
#include "sv.h"

#define WB_DIGEST_MAX 64

struct wb_crypto {
	void *library; /* NULL until it is needed */
	int (*digest)(void *context, const char *name, const char *properties, const void *data, size_t size,
		      unsigned char *out, size_t *out_size);
};
/* name: "SHA1", "SHA384"; writes *ret_size bytes of at most WB_DIGEST_MAX. WB_EUNSUPPORTED without libcrypto. */
int wb_crypto_digest(struct wb_crypto *c, const char *name, struct wb_sv data, unsigned char out[WB_DIGEST_MAX],
		     size_t *ret_size, struct wb_error *err) WB_MUST_USE;
void wb_crypto_done(struct wb_crypto *c);

#endif
