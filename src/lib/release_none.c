/* SPDX-License-Identifier: Apache-2.0
 *
 * In place of release.c and breaking.c where the library is built for embedding:
 * an application that brings its own migrations releases nothing.
 */
#include "context.h"

#include <whimbrel/release.h>

static int none(struct wb_error *err)
{
	wb_err_set(err, WB_EUNSUPPORTED, "this build knows nothing of releases");
	wb_err_hint(err, "it was made for embedding; use a whole libwhimbrel");
	return WB_EUNSUPPORTED;
}

WB_API int wb_release(struct wb_context *context, const struct wb_release_options *options,
		      struct wb_release **ret_release, struct wb_error *err)
{
	(void)context, (void)options, (void)ret_release;
	return none(err);
}

WB_API void wb_release_free(struct wb_release *release)
{
	(void)release;
}

WB_API int wb_releases(struct wb_context *context, struct wb_releases **ret_releases, struct wb_error *err)
{
	(void)context, (void)ret_releases;
	return none(err);
}

WB_API void wb_releases_free(struct wb_releases *releases)
{
	(void)releases;
}

int wb_validate_breaking(struct wb_context *c, const struct wb_validate_options *o, const struct wb_journal *j,
			 struct wb_problem_list *p, struct wb_error *err)
{
	(void)c, (void)o, (void)j, (void)p;
	return none(err);
}
