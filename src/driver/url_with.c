/* SPDX-License-Identifier: Apache-2.0
 *
 * The same server, another database: for scratch databases beside the real one.
 */
#include "driver.h"

char *wb_url_with_database(struct wb_arena *a, const struct wb_url *url, const char *name)
{
	/* In both of libpq's forms a later dbname replaces an earlier one. */
	if (!strstr(url->text, "://"))
		return wb_arena_printf(a, "%s dbname=%s", url->text, name);
	return wb_arena_printf(a, "%s%cdbname=%s", url->text, strchr(url->text, '?') ? '&' : '?', name);
}
