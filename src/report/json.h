/* SPDX-License-Identifier: Apache-2.0
 *
 * A thin layer over jansson: texts that may be absent or no UTF-8, numbers
 * that may be unknown, and one flag for memory that ran out.
 */
#ifndef WB_REPORT_JSON_H
#define WB_REPORT_JSON_H

#include <jansson.h>

#include "report/out.h"

struct wb_json {
	bool failed; /* memory ran out on the way */
};

/* null for NULL; bytes that are no UTF-8 become U+FFFD. */
json_t *wb_json_text(struct wb_json *j, const char *text);
/* null for a negative number. */
json_t *wb_json_number(struct wb_json *j, int64_t n);
json_t *wb_json_bool(bool b);
json_t *wb_json_object(struct wb_json *j);
json_t *wb_json_array(struct wb_json *j);
/* Both take the value over. */
void wb_json_set(struct wb_json *j, json_t *object, const char *key, json_t *value);
void wb_json_append(struct wb_json *j, json_t *array, json_t *value);
void wb_json_set_text(struct wb_json *j, json_t *object, const char *key, const char *text);
void wb_json_set_number(struct wb_json *j, json_t *object, const char *key, int64_t n);
/* Writes root indented with a line end, and releases it. WB_ENOMEM when anything failed on the way. */
int wb_json_print(struct wb_json *j, struct wb_out *out, json_t *root, struct wb_error *err) WB_MUST_USE;
/* The same on one line; inline: without the line end. */
int wb_json_inline(struct wb_json *j, struct wb_out *out, json_t *root, struct wb_error *err) WB_MUST_USE;
int wb_json_line(struct wb_json *j, struct wb_out *out, json_t *root, struct wb_error *err) WB_MUST_USE;

#endif
