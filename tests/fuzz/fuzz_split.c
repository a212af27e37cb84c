/* SPDX-License-Identifier: Apache-2.0
 *
 * The splitter on any bytes (the first one chooses: P, or R with headings, for
 * PostgreSQL; Q, or S with headings, for SQLite). However the reader cuts its
 * pieces, and wherever the edge of the window falls, the items and the error are
 * the same.
 */
#include "sql/sql.h"

#include <stdio.h>

#define WINDOW ((size_t)64 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	struct wb_sv text;
	size_t blanks; /* that stand before the text */
	size_t piece;
};

static void require(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "%s\n", what);
	abort();
}

static int read_input(void *user, char *buf, size_t cap, size_t *ret_n, struct wb_error *err WB_UNUSED)
{
	struct input *in = user;
	size_t n = in->blanks ? in->blanks : in->text.n;

	if (n > cap)
		n = cap;
	if (n > in->piece)
		n = in->piece;
	*ret_n = n;
	if (in->blanks) {
		memset(buf, ' ', n);
		in->blanks -= n;
	} else if (n > 0) {
		memcpy(buf, in->text.p, n);
		in->text = wb_sv(in->text.p + n, in->text.n - n);
	}
	return 0;
}

static bool is_heading(void *user WB_UNUSED, struct wb_sv comment)
{
	require(wb_sv_starts(comment, "--") && !memchr(comment.p, '\n', comment.n), "no line comment");
	return wb_sv_starts(comment, "-- migrate:");
}

static void add_item(struct wb_str *out, const struct wb_item *item)
{
	if (item->kind == WB_ITEM_COPY_DATA) {
		require(item->text.n > 0 && item->text.n <= WINDOW, "a chunk of a wrong size");
		wb_str_addsv(out, item->text);
		return;
	}
	wb_str_addf(out, "\n%d%d %u-%u ", item->kind, item->terminated, item->pos.line, item->end.line);
	wb_str_addsv(out, item->text);
}

/* Items and error as text, chunks of data joined; lines but no columns, as blanks move those of the first line. */
static void split(struct wb_str *out, const struct wb_split_options *options, struct wb_sv text, size_t blanks,
		  size_t piece)
{
	struct input in = { text, blanks, piece };
	struct wb_split_options o = *options;
	struct wb_splitter *s = NULL;
	struct wb_item item = { .kind = WB_ITEM_END };
	struct wb_error err = { 0 };
	uint64_t offset = 0;
	int rc;

	o.read = read_input;
	o.read_user = &in;
	require(wb_split_new(&o, &s, &err) == 0, "no memory");
	do {
		rc = wb_split_next(s, &item, &err);
		if (rc)
			break;
		require(item.pos.offset >= offset && item.end.offset >= item.pos.offset + item.text.n,
			"items out of order");
		offset = item.end.offset;
		add_item(out, &item);
	} while (item.kind != WB_ITEM_END);
	if (rc)
		require(rc == WB_EINPUT && err.message[0] && err.hint[0] && err.line > 0,
			"an error without words or place");
	else
		require(offset == text.n + blanks, "the end is not at the end");
	wb_str_addf(out, "\n%d %u %s", rc, err.line, err.message);
	wb_split_free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	wb_autostr whole = WB_STR_INIT, other = WB_STR_INIT;
	struct wb_sv text = { (const char *)data + 2, size - 2 };
	struct wb_split_options o = { 0 };

	if (size < 2 || wb_sv_starts(text, "\xef\xbb\xbf"))
		return 0;
	o.dialect = data[0] & 1 ? WB_DIALECT_SQLITE : WB_DIALECT_POSTGRES;
	o.heading = data[0] & 2 ? is_heading : NULL;
	split(&whole, &o, text, 0, SIZE_MAX);
	split(&other, &o, text, 0, 1);
	require(wb_sv_eq(wb_str_sv(&whole), wb_str_sv(&other)), "pieces of one byte give other items");
	if (data[1] & 1)
		return 0; /* the rest is slow */
	wb_str_clear(&other);
	split(&other, &o, text, WINDOW - 1 - data[1] / 2 % (text.n + 1), SIZE_MAX);
	require(wb_sv_eq(wb_str_sv(&whole), wb_str_sv(&other)), "the edge of the window gives other items");
	return 0;
}
