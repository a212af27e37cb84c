/* SPDX-License-Identifier: Apache-2.0
 *
 * The one object that a program may answer with and that is not for the
 * server: {"error": "…"}.
 */
#include "json.h"

static void skip_blanks(struct wb_sv *s)
{
	while (s->n && strchr(" \t\r\n", *s->p)) {
		s->p++;
		s->n--;
	}
}

static bool take_char(struct wb_sv *s, char c)
{
	skip_blanks(s);
	if (!s->n || *s->p != c)
		return false;
	s->p++;
	s->n--;
	return true;
}

static void add_utf8(struct wb_str *out, unsigned c)
{
	if (c < 0x80) {
		wb_str_addc(out, (char)c);
	} else if (c < 0x800) {
		wb_str_addc(out, (char)(0xc0 | c >> 6));
		wb_str_addc(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		wb_str_addc(out, (char)(0xe0 | c >> 12));
		wb_str_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		wb_str_addc(out, (char)(0x80 | (c & 0x3f)));
	} else {
		wb_str_addc(out, (char)(0xf0 | c >> 18));
		wb_str_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		wb_str_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		wb_str_addc(out, (char)(0x80 | (c & 0x3f)));
	}
}

static bool hex4(struct wb_sv *s, unsigned *ret)
{
	unsigned v = 0;
	if (s->n < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef0123456789ABCDEF";
		const char *d = s->p[i] ? strchr(digits, s->p[i]) : NULL;
		if (!d)
			return false;
		v = v << 4 | (unsigned)((d - digits) & 15);
	}
	s->p += 4;
	s->n -= 4;
	*ret = v;
	return true;
}

/* After "\u". Half a pair, and what cannot be in a text of the database, becomes U+FFFD. */
static bool take_unicode(struct wb_sv *s, struct wb_str *out)
{
	unsigned c, low;
	if (!hex4(s, &c))
		return false;
	if (c >= 0xd800 && c < 0xdc00 && s->n >= 6 && s->p[0] == '\\' && s->p[1] == 'u') {
		struct wb_sv rest = wb_sv(s->p + 2, s->n - 2);
		if (hex4(&rest, &low) && low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			*s = rest;
		}
	}
	if (c == 0 || (c >= 0xd800 && c < 0xe000))
		c = 0xfffd;
	add_utf8(out, c);
	return true;
}

static bool take_escape(struct wb_sv *s, struct wb_str *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	if (!s->n)
		return false;
	char c = *s->p++;
	s->n--;
	if (c == 'u')
		return take_unicode(s, out);
	const char *at = c ? strchr(from, c) : NULL;
	if (at)
		wb_str_addc(out, to[at - from]);
	return at != NULL;
}

/* After the first quote. */
static bool take_string(struct wb_sv *s, struct wb_str *out)
{
	while (s->n && *s->p != '"') {
		char c = *s->p++;
		s->n--;
		if (c != '\\')
			wb_str_addc(out, c);
		else if (!take_escape(s, out))
			return false;
	}
	return take_char(s, '"');
}

bool json_member(struct wb_sv text, const char *name, struct wb_str *out)
{
	wb_autostr key = WB_STR_INIT;
	if (!take_char(&text, '{') || !take_char(&text, '"') || !take_string(&text, &key) ||
	    !wb_sv_eq(wb_str_sv(&key), wb_sv_str(name)) || !take_char(&text, ':'))
		return false;
	if (!out)
		return true;
	if (take_char(&text, '"')) {
		(void)take_string(&text, out);
		return true;
	}
	text = wb_sv_trim(text);
	if (text.n && text.p[text.n - 1] == '}')
		text.n--;
	wb_str_addsv(out, wb_sv_trim(text));
	return true;
}
