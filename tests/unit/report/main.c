/* SPDX-License-Identifier: Apache-2.0
 *
 * The unit tests of the report room: what each result looks like in each form.
 */
#include "tests.h"

#include "base/banned.h"

void assert_has(const struct wb_out *out, const char *part)
{
	if (!strstr(out->buf.p, part))
		fail_msg("\"%s\" is not in:\n%s", part, out->buf.p);
}

void assert_lacks(const struct wb_out *out, const char *part)
{
	if (strstr(out->buf.p, part))
		fail_msg("\"%s\" is in:\n%s", part, out->buf.p);
}

json_t *as_json(const struct wb_out *out)
{
	json_error_t error;
	json_t *root = json_loadb(out->buf.p, out->buf.n, JSON_REJECT_DUPLICATES, &error);

	if (!root)
		fail_msg("no JSON (%s) in line %d:\n%s", error.text, error.line, out->buf.p);
	return root;
}

const json_t *at(const json_t *root, const char *path)
{
	struct wb_sv rest = wb_sv_str(path), piece;
	const json_t *value = root;
	char key[64];
	int64_t index;

	while (value && wb_sv_cut(&rest, '.', &piece)) {
		assert_true(wb_sv_copy(piece, key, sizeof(key)));
		if (json_is_array(value) && wb_sv_i64(piece, &index))
			value = json_array_get(value, (size_t)index);
		else
			value = json_object_get(value, key);
	}
	if (!value)
		fail_msg("the JSON has no %s", path);
	return value;
}

const char *text_at(const json_t *root, const char *path)
{
	const char *text = json_string_value(at(root, path));

	if (!text)
		fail_msg("%s is no text", path);
	return text;
}

int main(void)
{
	int failed = 0;

#define X(name) failed += test_##name();
	TEST_GROUPS(X)
#undef X
	return failed ? 1 : 0;
}
