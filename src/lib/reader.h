/* SPDX-License-Identifier: Apache-2.0
 *
 * Files read beside other work. Private to the lib room. Between start and
 * finish the reader must stay where it is, and what its options point to as well.
 */
#ifndef WB_LIB_READER_H
#define WB_LIB_READER_H

#include "base/thread.h"
#include "source/source.h"

struct wb_reader {
	struct wb_source_options options;
	struct wb_source *source;
	struct wb_error err;
	struct wb_thread thread;
	int rc;
};

void wb_reader_start(struct wb_reader *r);
/* Waits for the thread, or reads now where there is none. Must follow each start. */
int wb_reader_finish(struct wb_reader *r, struct wb_source **ret_source, struct wb_error *err) WB_MUST_USE;

#endif
