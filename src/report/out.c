/* SPDX-License-Identifier: Apache-2.0
 *
 * The writer behind every report.
 */
#include "report/out.h"

#include <errno.h>
#include <unistd.h>

#include "report/text.h"
#include "base/banned.h"

#define FLUSH_AT ((size_t)32 * 1024)

static const char *const codes[] = {
	[WB_PLAIN] = "\033[0m",  [WB_BOLD] = "\033[1m",    [WB_DIM] = "\033[2m",   [WB_RED] = "\033[31m",
	[WB_GREEN] = "\033[32m", [WB_YELLOW] = "\033[33m", [WB_CYAN] = "\033[36m",
};

static void settle(struct wb_out *out)
{
	if (out->fd >= 0 && out->buf.n >= FLUSH_AT)
		wb_out_flush(out);
}

void wb_out_addn(struct wb_out *out, const char *p, size_t n)
{
	wb_str_addn(&out->buf, p, n);
	settle(out);
}

void wb_out_add(struct wb_out *out, const char *text)
{
	wb_out_addn(out, text, strlen(text));
}

void wb_out_addf(struct wb_out *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	wb_str_vaddf(&out->buf, fmt, ap);
	va_end(ap);
	settle(out);
}

void wb_out_clean(struct wb_out *out, const char *text)
{
	wb_text_clean(&out->buf, wb_sv_str(text), 0);
	settle(out);
}

void wb_out_style(struct wb_out *out, enum wb_style style)
{
	if (out->color)
		wb_out_add(out, codes[style]);
}

void wb_out_styled(struct wb_out *out, enum wb_style style, const char *fmt, ...)
{
	va_list ap;

	if (style != WB_PLAIN)
		wb_out_style(out, style);
	va_start(ap, fmt);
	wb_str_vaddf(&out->buf, fmt, ap);
	va_end(ap);
	if (style != WB_PLAIN)
		wb_out_style(out, WB_PLAIN);
}

/* Bytes written so far of n; short only after an error. */
static size_t write_all(struct wb_out *out, const char *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t w = write(out->fd, p + done, n - done);

		if (w >= 0) {
			done += (size_t)w;
		} else if (errno != EINTR) {
			out->failed = errno;
			break;
		}
	}
	return done;
}

void wb_out_flush(struct wb_out *out)
{
	bool lost = out->buf.failed;

	if (out->fd < 0)
		return;
	if (!out->failed && out->buf.n)
		(void)write_all(out, out->buf.p, out->buf.n);
	wb_str_clear(&out->buf);
	out->buf.failed = lost;
}

int wb_out_finish(struct wb_out *out, const char *name, struct wb_error *err)
{
	wb_out_flush(out);
	if (out->buf.failed)
		return wb_err_nomem(err);
	if (out->failed == 0 || out->failed == EPIPE)
		return 0;
	errno = out->failed;
	return wb_err_errno(err, WB_EIO, "%s cannot be written", name);
}

void wb_out_done(struct wb_out *out)
{
	wb_str_done(&out->buf);
}
