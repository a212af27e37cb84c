/* SPDX-License-Identifier: Apache-2.0
 *
 * Markdown around foreign text.
 */
#include "report/markdown.h"

#include "report/text.h"
#include "base/banned.h"

#define FENCE_MIN 3u

void wb_markdown_cell(struct wb_out *out, const char *text)
{
	wb_autostr clean = WB_STR_INIT;
	size_t i;

	wb_text_clean(&clean, wb_sv_str(text), 0);
	out->buf.failed |= clean.failed;
	for (i = 0; i < clean.n; i++) {
		if (strchr("|\\<>&`*_[]", clean.p[i]))
			wb_out_add(out, "\\");
		wb_out_addn(out, &clean.p[i], 1);
	}
}

size_t wb_markdown_fence_for(const char *text, size_t n)
{
	size_t run = 0;

	n = n > FENCE_MIN ? n : FENCE_MIN;
	for (; text && *text; text++) {
		run = *text == '`' ? run + 1 : 0;
		n = run < n ? n : run + 1;
	}
	return n;
}

void wb_markdown_fence(struct wb_out *out, size_t n, const char *language)
{
	while (n-- > 0)
		wb_out_add(out, "`");
	wb_out_addf(out, "%s\n", language);
}
