/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of backfill.c where the library is built for embedding: a migration
 * that asks for batches is refused before any of them has run.
 */
#include "backfill.h"

int wb_backfill_run(struct steps *st, const struct wb_chunk *c, struct wb_error *err)
{
	wb_err_set(err, WB_EUNSUPPORTED, "this build runs no backfill in batches");
	wb_err_place(err, st->item->script->file, c->line, c->column);
	wb_err_hint(err, "it was made for embedding; use a whole libwhimbrel");
	return WB_EUNSUPPORTED;
}
