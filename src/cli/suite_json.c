/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON around suites: a line that a program prints as a finding, and the file
 * of saved checksums.
 */
#include "cli/suite.h"

#include "base/banned.h"

/* ---- lines of programs ------------------------------------------------------------------------------ */

/* A text of JSON in the arena. */
static const char *text_of(struct wb_arena *a, const json_t *j)
{
	return wb_arena_sv(a, wb_sv(json_string_value(j), json_string_length(j)));
}

static const char *plain(struct wb_arena *a, const json_t *j)
{
	const char *copy;
	char *text;

	if (json_is_string(j))
		return text_of(a, j);
	text = json_dumps(j, JSON_ENCODE_ANY | JSON_COMPACT);
	copy = wb_arena_str(a, text);
	free(text);
	return copy;
}

static bool list_value(struct wb_arena *a, const json_t *j, struct wb_check_value *v)
{
	const char **list = wb_arena_array(a, json_array_size(j) + 1, sizeof(*list));
	wb_autostr joined = WB_STR_INIT;
	size_t i;

	for (i = 0; list && i < json_array_size(j); i++) {
		list[i] = plain(a, json_array_get(j, i));
		if (!list[i])
			return false;
		wb_str_addf(&joined, "%s%s", i ? ", " : "", list[i]);
	}
	*v = (struct wb_check_value){ v->name, WB_CHECK_VALUE_LIST, wb_arena_sv(a, wb_str_sv(&joined)), list, i };
	return list && v->text && !joined.failed;
}

static bool value_of(struct wb_arena *a, const char *name, const json_t *j, struct wb_check_value *v)
{
	v->name = wb_arena_str(a, name);
	v->type = WB_CHECK_VALUE_NULL;
	if (json_is_null(j))
		return v->name != NULL;
	if (json_is_array(j))
		return v->name && list_value(a, j, v);
	v->type = json_is_number(j) ? WB_CHECK_VALUE_NUMBER : WB_CHECK_VALUE_TEXT;
	v->text = plain(a, j);
	return v->name && v->text;
}

static bool add_details(struct wb_arena *a, json_t *details, struct wb_check_line *line)
{
	struct wb_check_value *v = wb_arena_array(a, json_object_size(details) + 1, sizeof(*v));
	const char *key;
	json_t *value;
	size_t n = 0;

	if (!v)
		return false;
	json_object_foreach(details, key, value) if (!value_of(a, key, value, &v[n++])) return false;
	line->details = v;
	line->n_details = n;
	return true;
}

static bool take_severity(const json_t *j, struct wb_check_line *line)
{
	const char *text = json_string_value(j);
	int i;

	for (i = WB_CHECK_INFO; text && i <= WB_CHECK_CRITICAL; i++)
		if (wb_sv_ieq(wb_sv_str(text), wb_check_severity_name((enum wb_check_severity)i))) {
			line->severity = (enum wb_check_severity)i;
			return true;
		}
	return j == NULL;
}

/* {"severity":"error","message":"…","details":{…}}; a line that is no object is a message. */
int cli_suite_line(void *arena, const char *text, struct wb_check_line *line)
{
	const char *p = text + strspn(text, " \t\r");
	json_t *j, *message;
	bool ok;

	if (*p != '{') {
		line->message = wb_arena_str(arena, text);
		return line->message ? 0 : -1;
	}
	j = json_loads(p, JSON_REJECT_DUPLICATES, NULL);
	message = json_object_get(j, "message");
	ok = json_is_string(message) && take_severity(json_object_get(j, "severity"), line) &&
	     add_details(arena, json_object_get(j, "details"), line);
	if (ok)
		line->message = text_of(arena, message);
	json_decref(j);
	return ok && line->message ? 0 : -1;
}

/* ---- saved checksums -------------------------------------------------------------------------------------- */

int cli_suite_save(const char *path, const struct wb_check_report *report, struct wb_error *err)
{
	struct wb_json j = { false };
	struct wb_out out = WB_OUT_MEMORY;
	json_t *o = wb_json_object(&j), *all = wb_json_array(&j), *one;
	size_t i;
	int rc;

	wb_json_set_text(&j, o, "suite", report->suite->name);
	wb_json_set_text(&j, o, "saved_at", report->end_time);
	for (i = 0; i < report->n_values; i++) {
		one = wb_json_object(&j);
		wb_json_set_text(&j, one, "check", report->values[i].check);
		wb_json_set_number(&j, one, "rows", report->values[i].rows);
		wb_json_set_text(&j, one, "checksum", report->values[i].checksum);
		wb_json_append(&j, all, one);
	}
	wb_json_set(&j, o, "values", all);
	rc = wb_json_print(&j, &out, o, err);
	if (rc == 0)
		rc = wb_fs_replace(path, wb_str_sv(&out.buf), 0600, err);
	wb_out_done(&out);
	return rc;
}

static int wrong_file(const char *path, struct wb_error *err)
{
	wb_err_set(err, WB_EINPUT, "%s is no file of saved checks", path);
	wb_err_hint(err, "`whimbrel check SUITE --save FILE` writes one");
	wb_err_place(err, path, 0, 0);
	return WB_EINPUT;
}

static int take_saved(struct wb_arena *a, const json_t *values, const char *path, struct wb_check_saved *v,
		      struct wb_error *err)
{
	size_t i;

	for (i = 0; i < json_array_size(values); i++) {
		const json_t *one = json_array_get(values, i), *check = json_object_get(one, "check");
		const json_t *rows = json_object_get(one, "rows"), *checksum = json_object_get(one, "checksum");

		if (!json_is_string(check) || !json_is_integer(rows) || !json_is_string(checksum))
			return wrong_file(path, err);
		v[i] = (struct wb_check_saved){ text_of(a, check), json_integer_value(rows), text_of(a, checksum) };
		if (!v[i].check || !v[i].checksum)
			return wb_err_nomem(err);
	}
	return 0;
}

int cli_suite_saved(struct wb_arena *a, const char *path, const struct wb_check_saved **ret_v, size_t *ret_n,
		    struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	struct wb_check_saved *v;
	json_t *j, *values;
	int rc = wb_fs_read(path, (size_t)64 << 20, &text, err);

	if (rc < 0)
		return rc;
	j = json_loadb(text.p, text.n, 0, NULL);
	values = json_object_get(j, "values");
	v = wb_arena_array(a, json_array_size(values) + 1, sizeof(*v));
	if (!json_is_array(values))
		rc = wrong_file(path, err);
	else
		rc = v ? take_saved(a, values, path, v, err) : wb_err_nomem(err);
	if (rc == 0) {
		*ret_v = v;
		*ret_n = json_array_size(values);
	}
	json_decref(j);
	return rc;
}
