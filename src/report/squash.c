/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that became one baseline.
 */
#include "report/report.h"

#include "report/text.h"
#include "base/banned.h"

static int squashed_json(struct wb_out *out, const struct wb_squashed *s, struct wb_error *err)
{
	struct wb_json j = { false };
	json_t *o = wb_json_object(&j), *replaced = wb_json_array(&j);

	for (size_t i = 0; i < s->n_replaced; i++)
		wb_json_append(&j, replaced, wb_json_text(&j, s->replaced[i]));
	wb_json_set_text(&j, o, "file", s->file);
	wb_json_set_number(&j, o, "bytes", s->bytes);
	wb_json_set(&j, o, "replaced", replaced);
	wb_json_set(&j, o, "kept", wb_json_bool(s->kept));
	wb_json_set(&j, o, "finished", wb_json_bool(s->finished));
	return wb_json_print(&j, out, o, err);
}

int wb_report_squashed(struct wb_out *out, enum wb_format format, const struct wb_squashed *s, struct wb_error *err)
{
	char count[48];
	const char *files = wb_text_count((int64_t)s->n_replaced, "file", count, sizeof(count));

	if (format == WB_FORMAT_JSON)
		return squashed_json(out, s, err);
	if (!s->finished) {
		wb_out_styled(out, WB_GREEN, "Wrote ");
		wb_out_clean(out, s->file);
		wb_out_addf(out, " in place of %s: it makes the same database.\n", files);
		wb_out_add(out, s->kept ? "They are kept: the same command without --keep removes them.\n" : "");
	} else {
		wb_out_clean(out, s->file);
		wb_out_add(out, " is there already, and proved: ");
		if (s->n_replaced)
			wb_out_addf(out, "%s that it stands for %s.\n", files, s->kept ? "kept" : "removed");
		else
			wb_out_add(out, "nothing was left to do.\n");
	}
	return out->buf.failed ? wb_err_nomem(err) : 0;
}
