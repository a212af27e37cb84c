/* SPDX-License-Identifier: Apache-2.0
 *
 * libcrypto's one-call digest, by name, from version 3 of the library.
 */
#include "crypto.h"

#include "base.h"

#include "wb_build.h"

#ifdef WB_POSTGRES
#include <dlfcn.h>

static int open_library(struct wb_crypto *c, struct wb_error *err)
{
	if (c->digest)
		return 0;
	c->library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
	void *symbol = c->library ? dlsym(c->library, "EVP_Q_digest") : NULL;
	if (!symbol) {
		const char *why = dlerror();
		wb_err_set(err, WB_EUNSUPPORTED, "libcrypto is needed for this tool's checksums");
		wb_err_detail(err, "%s", why ? why : "it has no EVP_Q_digest");
		wb_err_hint(err, "install the package libssl3");
		return WB_EUNSUPPORTED;
	}
	/* ISO C knows no conversion between the two kinds of pointers, POSIX does. */
	memcpy(&c->digest, &symbol, sizeof(symbol));
	return 0;
}

static void close_library(struct wb_crypto *c)
{
	if (c->library)
		(void)dlclose(c->library);
}
#else
/* A build for embedding: nothing is ever loaded. */
static int open_library(struct wb_crypto *c, struct wb_error *err)
{
	(void)c;
	wb_err_set(err, WB_EUNSUPPORTED, "this build cannot check that tool's checksums");
	wb_err_hint(err, "it was made for embedding; take over the history with the program `whimbrel`");
	return WB_EUNSUPPORTED;
}

static void close_library(struct wb_crypto *c)
{
	(void)c;
}
#endif

int wb_crypto_digest(struct wb_crypto *c, const char *name, struct wb_sv data, unsigned char out[WB_DIGEST_MAX],
		     size_t *ret_size, struct wb_error *err)
{
	int rc = open_library(c, err);
	if (rc < 0)
		return rc;
	if (c->digest(NULL, name, NULL, data.p, data.n, out, ret_size) != 1)
		return wb_err_set(err, WB_EUNSUPPORTED, "libcrypto does not offer %s", name);
	return 0;
}

void wb_crypto_done(struct wb_crypto *c)
{
	close_library(c);
	*c = (struct wb_crypto){ 0 };
}
