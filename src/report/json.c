/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON values out of results.
 */
#include "report/json.h"

#include "report/text.h"
#include "base/banned.h"

static json_t *kept(struct wb_json *j, json_t *value)
{
	if (!value)
		j->failed = true;
	return value;
}

/* The text with what is no UTF-8 replaced; control characters stay, JSON can say them. */
static json_t *repaired(struct wb_json *j, struct wb_sv s)
{
	wb_autostr text = WB_STR_INIT;
	uint32_t c;
	size_t n;

	for (; (n = wb_utf8_next(s, &c)) > 0; s.p += n, s.n -= n) {
		if (c == 0xFFFD)
			wb_str_add(&text, "\xEF\xBF\xBD");
		else
			wb_str_addn(&text, s.p, n);
	}
	return kept(j, text.failed ? NULL : json_stringn(text.p, text.n));
}

json_t *wb_json_text(struct wb_json *j, const char *text)
{
	json_t *value;

	if (!text)
		return json_null();
	value = json_string(text);
	return value ? value : repaired(j, wb_sv_str(text));
}

json_t *wb_json_number(struct wb_json *j, int64_t n)
{
	return n < 0 ? json_null() : kept(j, json_integer(n));
}

json_t *wb_json_bool(bool b)
{
	return json_boolean(b);
}

json_t *wb_json_object(struct wb_json *j)
{
	return kept(j, json_object());
}

json_t *wb_json_array(struct wb_json *j)
{
	return kept(j, json_array());
}

void wb_json_set(struct wb_json *j, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		j->failed = true;
}

void wb_json_append(struct wb_json *j, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		j->failed = true;
}

void wb_json_set_text(struct wb_json *j, json_t *object, const char *key, const char *text)
{
	wb_json_set(j, object, key, wb_json_text(j, text));
}

void wb_json_set_number(struct wb_json *j, json_t *object, const char *key, int64_t n)
{
	wb_json_set(j, object, key, wb_json_number(j, n));
}

static int into_out(const char *p, size_t n, void *user)
{
	wb_out_addn(user, p, n);
	return 0;
}

static int print(struct wb_json *j, struct wb_out *out, json_t *root, size_t flags, const char *end,
		 struct wb_error *err)
{
	bool failed = j->failed || !root ||
		      json_dump_callback(root, into_out, out, flags | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) != 0;

	json_decref(root);
	if (failed)
		return wb_err_nomem(err);
	wb_out_add(out, end);
	return 0;
}

int wb_json_print(struct wb_json *j, struct wb_out *out, json_t *root, struct wb_error *err)
{
	return print(j, out, root, JSON_INDENT(2), "\n", err);
}

int wb_json_line(struct wb_json *j, struct wb_out *out, json_t *root, struct wb_error *err)
{
	return print(j, out, root, JSON_COMPACT, "\n", err);
}

int wb_json_inline(struct wb_json *j, struct wb_out *out, json_t *root, struct wb_error *err)
{
	return print(j, out, root, 0, "", err);
}
