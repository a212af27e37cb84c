/* SPDX-License-Identifier: Apache-2.0
 *
 * Where in a file an offset in one of its statements is; reading from memory.
 */
#include "sql/text.h"

void wb_sql_error_place(struct wb_error *err, const char *file, struct wb_pos pos, struct wb_sv statement,
			size_t offset)
{
	struct wb_text_cursor c = { .pos = pos };
	if (offset > statement.n)
		offset = statement.n;
	wb_text_advance(&c, wb_sv(statement.p, offset));
	wb_err_place(err, file, c.pos.line, c.pos.column);
	wb_err_excerpt(err, statement, offset);
}

int wb_mem_read(void *mem_reader, char *buf, size_t cap, size_t *ret_n, struct wb_error *err WB_UNUSED)
{
	struct wb_mem_reader *r = mem_reader;
	size_t n = r->rest.n < cap ? r->rest.n : cap;
	*ret_n = n;
	if (n == 0)
		return WB_OK;
	memcpy(buf, r->rest.p, n);
	r->rest.p += n;
	r->rest.n -= n;
	return WB_OK;
}
