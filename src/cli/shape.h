/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of suites and rules: YAML maps into structs, by tables. A shape is a
 * table of the keys that a map may have, each with its type and the place of
 * its value in a struct; reading, errors with place and hint, and the pages of
 * documentation all come from the table. Depth is bounded by the shapes: none
 * may lead back to itself.
 *
 *	struct rule { const char *name; int64_t batch; struct cli_mark at; };
 *	static const struct cli_field rule_fields[] = {
 *		{ "name", CLI_FIELD_TEXT, offsetof(struct rule, name), .required = true, .doc = "…" },
 *		{ "batch", CLI_FIELD_NUMBER, offsetof(struct rule, batch), .doc = "…" },
 *		{ .name = NULL },
 *	};
 *	static const struct cli_shape rule_shape = {
 *		.what = "a rule", .fields = rule_fields, .size = sizeof(struct rule),
 *		.has_mark = true, .mark = offsetof(struct rule, at),
 *	};
 */
#ifndef WB_CLI_SHAPE_H
#define WB_CLI_SHAPE_H

#include <whimbrel/whimbrel.h>

#include "base/base.h"
#include "report/out.h"

enum cli_field_type {
	CLI_FIELD_TEXT, /* const char * */
	CLI_FIELD_BOOL, /* int: 1 no, 2 yes; 0: not said */
	CLI_FIELD_NUMBER, /* int64_t, not negative */
	CLI_FIELD_DURATION, /* int64_t, milliseconds */
	CLI_FIELD_MICROS, /* int64_t, microseconds: "0.5ms", "50ms", "2s"; the unit has to be said */
	CLI_FIELD_CHOICE, /* int: index into choices, plus 1; 0: not said */
	CLI_FIELD_TEXTS, /* struct wb_texts: a list of texts, or one text */
	CLI_FIELD_VALUES, /* struct wb_named_values: a map of freely chosen names to texts */
	CLI_FIELD_SETS, /* struct cli_items of struct wb_named_values: a list of such maps, or one */
	CLI_FIELD_LISTS, /* struct wb_named_lists: a map of freely chosen names to lists of texts */
	CLI_FIELD_MAP, /* the map of `shape`, at offset in the same struct */
	CLI_FIELD_ITEMS, /* struct cli_items: a list of maps of `shape` */
	CLI_FIELD_NAMED, /* struct cli_items: a map of freely chosen names to maps of `shape`, which has a `title` */
};
#define CLI_FIELD_NO 1
#define CLI_FIELD_YES 2

struct cli_items {
	void *v; /* an array of structs of shape->size */
	size_t n;
};

/* Where a map stands in its file. */
struct cli_mark {
	unsigned line, column;
	size_t offset;
};

struct cli_shape;
struct cli_field {
	const char *name; /* NULL ends a table */
	enum cli_field_type type;
	size_t offset;
	const struct cli_shape *shape;
	const char *choices; /* "a|b|c" */
	int one_of; /* not 0: of the keys that have one a map has but one; kept at shape->one_of */
	bool required;
	const char *doc;
};
struct cli_shape {
	const char *what; /* "a check" */
	const struct cli_field *fields;
	size_t size;
	bool has_mark, has_one_of, has_title;
	size_t mark; /* offset of a struct cli_mark */
	size_t one_of; /* offset of an int; a map then needs one of those keys */
	size_t title; /* offset of a const char *, for the name of a named map */
	const struct cli_field
		*or_field; /* of type TEXT or TEXTS: meant where a text or list stands in place of the map */
};

/* A file in memory: errors found later get their places from it. */
struct cli_shaped {
	const char *file;
	struct wb_sv text;
};
/* Reads the file into ret, a struct of the shape's size, all of whose texts live in the arena. WB_EINPUT with place and
 * hint for what is wrong in it. */
int cli_shape_read(struct wb_arena *a, const char *path, const struct cli_shape *shape, const char *what,
		   struct cli_shaped *ret_file, void *ret, struct wb_error *err) WB_MUST_USE;
/* The same of a text; it is copied. */
int cli_shape_parse(struct wb_arena *a, struct wb_sv text, const char *path, const struct cli_shape *shape,
		    const char *what, struct cli_shaped *ret_file, void *ret, struct wb_error *err) WB_MUST_USE;
/* Place and excerpt of an error that somebody else has found. */
void cli_shape_place(const struct cli_shaped *file, const struct cli_mark *at, struct wb_error *err);
/* Gives an error of the library, which knows file and line, its line of the file. */
void cli_shape_excerpt(const struct cli_shaped *file, struct wb_error *err);
/* The table of keys as Markdown rows, for documentation; prefix stands before each name. */
void cli_shape_docs(struct wb_out *out, const struct cli_shape *shape, const char *prefix);

#endif
