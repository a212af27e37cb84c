/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading files while the driver is loaded, a server connected to and the
 * journal read: each takes about as long as the other.
 */
#include "reader.h"

static void read_files(void *user)
{
	struct wb_reader *r = user;
	r->rc = wb_source_open(&r->options, &r->source, &r->err);
}

void wb_reader_start(struct wb_reader *r)
{
	wb_thread_start(&r->thread, read_files, r);
}

int wb_reader_finish(struct wb_reader *r, struct wb_source **ret_source, struct wb_error *err)
{
	wb_thread_finish(&r->thread);
	if (r->rc < 0 && err)
		*err = r->err;
	if (r->rc == 0)
		*ret_source = r->source;
	return r->rc;
}
