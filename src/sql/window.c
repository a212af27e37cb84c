/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling the window. It is always filled to the brim, so that results do not
 * depend on how the reader cuts its pieces.
 */
#include "sql/window.h"

void wb_window_init(struct wb_window *w, const struct wb_split_options *o)
{
	struct wb_pos start = o->start;
	if (start.line == 0)
		start = (struct wb_pos){ .offset = start.offset, .line = 1, .column = 1 };
	*w = (struct wb_window){ .read = o->read, .read_user = o->read_user, .place.pos = start };
}

void wb_window_done(struct wb_window *w)
{
	free(w->p);
	w->p = NULL;
}

struct wb_pos wb_window_pos(const struct wb_window *w, size_t at)
{
	struct wb_text_cursor place = w->place;
	wb_text_advance(&place, wb_sv(w->p + w->placed, at - w->placed));
	return place.pos;
}

struct wb_pos wb_window_move(struct wb_window *w, size_t at)
{
	wb_text_advance(&w->place, wb_sv(w->p + w->placed, at - w->placed));
	w->placed = at;
	return w->place.pos;
}

/* ---- the start of a file ------------------------------------------------ */

static const struct {
	const char *bytes;
	size_t n;
	const char *what;
} magics[] = {
#define MAGIC(bytes, what) \
	{ \
		bytes, sizeof(bytes) - 1, what \
	}
	MAGIC("\xff\xfe", "it looks like UTF-16 text: save it as UTF-8"),
	MAGIC("\xfe\xff", "it looks like UTF-16 text: save it as UTF-8"),
	MAGIC("PGDMP", "it looks like an archive of pg_dump: turn it into SQL with pg_restore --file=…, or dump with "
		       "--format=plain"),
	MAGIC("toc.dat\0", "it looks like an archive of pg_dump: turn it into SQL with pg_restore --file=…, or dump "
			   "with --format=plain"),
	MAGIC("PGCOPY\n\xff\r\n", "it looks like binary COPY data: write it in the text format"),
	MAGIC("SQLite format 3\0", "it looks like an SQLite database: write its SQL with sqlite3 FILE .dump"),
	MAGIC("\x1f\x8b", "it looks like a gzip archive: decompress it first"),
	MAGIC("\x28\xb5\x2f\xfd", "it looks like a zstd archive: decompress it first"),
	MAGIC("\xfd"
	      "7zXZ",
	      "it looks like an xz archive: decompress it first"),
	MAGIC("PK\x03\x04", "it looks like a zip archive: unpack it first"),
#undef MAGIC
};

static void look_at_start(struct wb_window *w)
{
	for (size_t i = 0; i < WB_ARRAY_LEN(magics); i++) {
		if (w->n >= magics[i].n && memcmp(w->p, magics[i].bytes, magics[i].n) == 0)
			w->magic = magics[i].what;
	}
	if (w->n < 3 || memcmp(w->p, "\xef\xbb\xbf", 3) != 0)
		return;
	w->place.pos.offset = 3;
	w->n -= 3;
	memmove(w->p, w->p + 3, w->n);
}

/* ---- filling ---------------------------------------------------------------- */

int wb_window_explain(const struct wb_window *w, struct wb_error *err)
{
	const char *hint = "save it as UTF-8, for example with iconv --from-code=WINDOWS-1252 --to-code=UTF-8";
	if (w->fault == WB_TEXT_NUL) {
		wb_err_set(err, WB_EINPUT, "a NUL byte stands in the text");
		hint = "this is no text file, or one in another encoding: save it as UTF-8";
	} else {
		wb_err_set(err, WB_EINPUT, "the text is not UTF-8");
		wb_err_detail(err,
			      w->fault == WB_TEXT_CUT ? "it ends inside the character that byte 0x%02x starts"
						      : "no character is written with byte 0x%02x here",
			      (unsigned char)w->p[w->good]);
	}
	wb_err_hint(err, "%s", w->magic ? w->magic : hint);
	return WB_EINPUT;
}

static int make_room(struct wb_window *w, struct wb_error *err)
{
	if (w->cap && w->n <= w->cap / 2)
		return WB_OK;
	size_t cap = w->cap ? w->cap * 2 : WB_WINDOW_SIZE;
	char *p = realloc(w->p, cap);
	if (!p)
		return wb_err_nomem(err);
	w->p = p;
	w->cap = cap;
	return WB_OK;
}

static int read_full(struct wb_window *w, struct wb_error *err)
{
	while (!w->eof && w->n < w->cap) {
		size_t n = 0;
		int rc = w->read(w->read_user, w->p + w->n, w->cap - w->n, &n, err);
		if (rc)
			return rc;
		if (n > w->cap - w->n)
			return wb_err_set(err, WB_EBUG, "a reader returned more bytes than it was asked for");
		w->n += n;
		w->eof = n == 0;
	}
	return WB_OK;
}

static void drop_front(struct wb_window *w, size_t drop)
{
	if (drop == 0)
		return;
	wb_window_move(w, drop);
	w->placed = 0;
	w->n -= drop;
	w->good -= drop;
	memmove(w->p, w->p + drop, w->n);
}

int wb_window_fill(struct wb_window *w, size_t drop, struct wb_error *err)
{
	bool first = w->cap == 0;
	drop_front(w, drop);
	int rc = make_room(w, err);
	if (rc == WB_OK)
		rc = read_full(w, err);
	if (rc)
		return rc;
	if (first && w->place.pos.offset == 0)
		look_at_start(w);
	enum wb_text_fault fault;
	w->good += wb_text_valid(wb_sv(w->p + w->good, w->n - w->good), &fault);
	if (fault != WB_TEXT_CUT || w->eof)
		w->fault = fault;
	return WB_OK;
}
