/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading files in a thread of its own while the driver is loaded and a server
 * is connected to: each takes about as long as the other. The thread touches only
 * the source; it calls nobody back and takes no signal. Where there can be none,
 * the files are read afterwards.
 */
#include "reader.h"

#include <signal.h>

static void *read_files(void *user)
{
	struct wb_reader *r = user;
	r->rc = wb_source_open(&r->options, &r->source, &r->err);
	return NULL;
}

void wb_reader_start(struct wb_reader *r)
{
	sigset_t all, before;
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	r->started = pthread_create(&r->thread, NULL, read_files, r) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int wb_reader_finish(struct wb_reader *r, struct wb_source **ret_source, struct wb_error *err)
{
	if (r->started)
		(void)pthread_join(r->thread, NULL);
	else
		(void)read_files(r);
	if (r->rc < 0 && err)
		*err = r->err;
	if (r->rc == 0)
		*ret_source = r->source;
	return r->rc;
}
