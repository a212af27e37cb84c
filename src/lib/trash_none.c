/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of trash.c where the library is built for embedding.
 */
#include "context.h"

WB_API int wb_trash(struct wb_context *context, const struct wb_trash_options *options, struct wb_trash **ret_trash,
		    struct wb_error *err)
{
	(void)context, (void)options, (void)ret_trash;
	wb_err_set(err, WB_EUNSUPPORTED, "this build knows nothing of what migrations have set aside");
	wb_err_hint(err, "it was made for embedding; use a whole libwhimbrel");
	return WB_EUNSUPPORTED;
}

WB_API void wb_trash_free(struct wb_trash *trash)
{
	(void)trash;
}
