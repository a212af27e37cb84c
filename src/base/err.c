/* SPDX-License-Identifier: Apache-2.0
 *
 * Filling errors. Texts are formatted aside and then moved in, so that an
 * argument may point into the very error that is overwritten; what does not
 * fit is cut between characters.
 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "base/banned.h"

#define TEXT_MAX sizeof(((struct wb_error *)NULL)->detail) /* the longest field */
#define WINDOW ((size_t)200)

struct code_info {
	const char *name, *text;
	int exit_status;
};

static const struct code_info codes[] = {
#define X(name_, number, status, text_) [number] = { "WB_" #name_, text_, status },
	WB_ERROR_MAP(X)
#undef X
};

/* NULL for an unknown code. */
static const struct code_info *find_code(int code)
{
	if (code >= 0 || code <= -(int)WB_ARRAY_LEN(codes) || !codes[-code].name)
		return NULL;
	return &codes[-code];
}

WB_API const char *wb_code_name(int code)
{
	const struct code_info *info = find_code(code);

	return code == 0 ? "WB_OK" : info ? info->name : "WB_EBUG";
}

WB_API const char *wb_code_text(int code)
{
	const struct code_info *info = find_code(code);

	return code == 0 ? "success" : info ? info->text : wb_code_text(WB_EBUG);
}

WB_API int wb_code_exit_status(int code)
{
	const struct code_info *info = find_code(code);

	return code == 0 ? 0 : info ? info->exit_status : wb_code_exit_status(WB_EBUG);
}

static void format(char *field, size_t size, const char *fmt, va_list ap) WB_PRINTF(3, 0);

static void format(char *field, size_t size, const char *fmt, va_list ap)
{
	char text[TEXT_MAX + 4]; /* one character more than any field, so that a cut one is seen whole */
	int n = vsnprintf(text, sizeof(text), fmt, ap);

	if (n < 0)
		n = 0;
	(void)wb_sv_copy(wb_sv(text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1), field, size);
}

static int set(struct wb_error *err, int code, const char *fmt, va_list ap) WB_PRINTF(3, 0);

static int set(struct wb_error *err, int code, const char *fmt, va_list ap)
{
	char message[sizeof(err->message)];

	if (!err)
		return code;
	format(message, sizeof(message), fmt, ap);
	*err = (struct wb_error){ .code = code };
	memcpy(err->message, message, sizeof(message));
	return code;
}

int wb_err_set(struct wb_error *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)set(err, code, fmt, ap);
	va_end(ap);
	return code;
}

int wb_err_errno(struct wb_error *err, int code, const char *fmt, ...)
{
	int cause = errno;
	va_list ap;

	va_start(ap, fmt);
	(void)set(err, code, fmt, ap);
	va_end(ap);
	errno = cause;
	wb_err_detail(err, "%m");
	errno = cause;
	return code;
}

int wb_err_nomem(struct wb_error *err)
{
	return wb_err_set(err, WB_ENOMEM, "%s", wb_code_text(WB_ENOMEM));
}

void wb_err_detail(struct wb_error *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return;
	va_start(ap, fmt);
	format(err->detail, sizeof(err->detail), fmt, ap);
	va_end(ap);
}

void wb_err_hint(struct wb_error *err, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return;
	va_start(ap, fmt);
	format(err->hint, sizeof(err->hint), fmt, ap);
	va_end(ap);
}

void wb_err_prefix(struct wb_error *err, const char *fmt, ...)
{
	char prefix[sizeof(err->message)];
	char joined[2 * sizeof(err->message) + 2];
	va_list ap;
	int n;

	if (!err)
		return;
	va_start(ap, fmt);
	format(prefix, sizeof(prefix), fmt, ap);
	va_end(ap);
	n = snprintf(joined, sizeof(joined), "%s: %s", prefix, err->message);
	(void)wb_sv_copy(wb_sv(joined, n > 0 ? (size_t)n : 0), err->message, sizeof(err->message));
}

void wb_err_place(struct wb_error *err, const char *file, unsigned line, unsigned column)
{
	if (!err)
		return;
	if (file != err->file)
		(void)wb_sv_copy(wb_sv_str(file), err->file, sizeof(err->file));
	err->line = line;
	err->column = column;
}

static bool is_inner(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Size of the valid UTF-8 character at the start of s, 0 when there is none. */
static size_t character_size(struct wb_sv s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	unsigned char c = (unsigned char)s.p[0];
	size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0, i;
	uint32_t value;

	if (n < 2)
		return n;
	if (n > s.n)
		return 0;
	value = c & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if (!is_inner(s.p[i]))
			return 0;
		value = value << 6 | ((unsigned char)s.p[i] & 0x3f);
	}
	return value < least[n] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff) ? 0 : n;
}

/* The line that offset falls on, without its end. */
static struct wb_sv line_around(struct wb_sv text, size_t offset)
{
	size_t start = offset;
	const char *end = offset < text.n ? memchr(text.p + offset, '\n', text.n - offset) : NULL;
	size_t stop = end ? (size_t)(end - text.p) : text.n;

	while (start > 0 && text.p[start - 1] != '\n')
		start--;
	if (stop > start && text.p[stop - 1] == '\r')
		stop--;
	return wb_sv(text.p + start, stop - start);
}

/* A piece of at most WINDOW bytes round column (counted from 0), cut between characters. */
static struct wb_sv window_around(struct wb_sv line, size_t column)
{
	size_t start = column > WINDOW / 2 ? column - WINDOW / 2 : 0, i;

	if (line.n <= WINDOW)
		return line;
	if (start > line.n - WINDOW)
		start = line.n - WINDOW;
	for (i = 0; i < 3 && start > 0 && is_inner(line.p[start]); i++)
		start++;
	return wb_sv_head(wb_sv(line.p + start, line.n - start), WINDOW);
}

/* Copies with control characters made blanks and bytes that are no UTF-8 made '?', byte for
 * byte, so that columns stay true. Returns where the character at column begins. */
static size_t copy_printable(struct wb_sv s, size_t column, char *out)
{
	size_t i, n, caret = 0;

	for (i = 0; i < s.n; i += n) {
		n = character_size(wb_sv(s.p + i, s.n - i));
		if (i <= column)
			caret = i;
		if (n > 1 && !((unsigned char)s.p[i] == 0xc2 && (unsigned char)s.p[i + 1] < 0xa0))
			memcpy(out + i, s.p + i, n);
		else if (n == 1 && (unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7f)
			out[i] = s.p[i];
		else
			memset(out + i, n ? ' ' : '?', n ? n : 1);
		n = n ? n : 1;
	}
	out[s.n] = '\0';
	return column >= s.n ? s.n : caret;
}

void wb_err_excerpt(struct wb_error *err, struct wb_sv text, size_t offset)
{
	struct wb_sv line, window;
	size_t column;

	if (!err)
		return;
	if (text.n == 0)
		text = WB_SV("");
	offset = offset < text.n ? offset : text.n;
	line = line_around(text, offset);
	column = (size_t)(text.p + offset - line.p);
	window = window_around(line, column < line.n ? column : line.n);
	column -= (size_t)(window.p - line.p);
	_Static_assert(sizeof(err->excerpt) > WINDOW, "a window must fit");
	err->caret = (unsigned)copy_printable(window, column, err->excerpt);
}
