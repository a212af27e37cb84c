/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML maps into structs, by tables (shape.h). One function for each type of
 * field; nothing here knows what the fields mean.
 */
#include "cli/shape.h"

#include <strings.h>

#include "cli/cli.h"
#include "cli/yaml.h"
#include "base/banned.h"

/* Far more than anybody writes. An alias counts again each time it is used. */
#define VALUES_MAX ((size_t)100000)
#define FILE_MAX ((size_t)16 << 20)

struct shaper {
	struct cli_yaml *yaml;
	struct wb_arena *a;
	struct wb_error *err;
	size_t values;
};

/* ---- what is wrong ---- */

static int wrong(struct shaper *s, const yaml_node_t *node, const char *name, const char *wants)
{
	wb_err_set(s->err, WB_EINPUT, "%s has to be %s", name, wants);
	cli_yaml_place(s->yaml, node->start_mark, s->err);
	return WB_EINPUT;
}

static int unknown_key(struct shaper *s, const yaml_node_t *node, const struct cli_shape *shape)
{
	struct wb_sv name = cli_yaml_scalar(node);
	const struct cli_field *f;
	struct cli_guess guess;
	wb_autostr all = WB_STR_INIT;

	wb_err_set(s->err, WB_EINPUT, "%s has no key \"%.*s\"", shape->what, WB_SV_ARG(name));
	cli_guess_init(&guess, name);
	for (f = shape->fields; f->name; f++) {
		cli_guess_try(&guess, wb_sv_str(f->name));
		wb_str_addf(&all, "%s%s", all.n ? ", " : "", f->name);
	}
	if (!cli_guess_hint(&guess, "", s->err))
		wb_err_hint(s->err, "it may have: %s", all.p);
	cli_yaml_place(s->yaml, node->start_mark, s->err);
	return WB_EINPUT;
}

static int twice(struct shaper *s, const yaml_node_t *node, struct wb_sv name)
{
	wb_err_set(s->err, WB_EINPUT, "\"%.*s\" stands here twice", WB_SV_ARG(name));
	cli_yaml_place(s->yaml, node->start_mark, s->err);
	return WB_EINPUT;
}

static int missing_key(struct shaper *s, const yaml_node_t *node, const struct cli_shape *shape,
		       const struct cli_field *f)
{
	wb_err_set(s->err, WB_EINPUT, "%s needs \"%s\"", shape->what, f->name);
	if (f->doc)
		wb_err_hint(s->err, "%s: %s", f->name, f->doc);
	cli_yaml_place(s->yaml, node->start_mark, s->err);
	return WB_EINPUT;
}

static int missing_choice(struct shaper *s, const yaml_node_t *node, const struct cli_shape *shape)
{
	wb_autostr all = WB_STR_INIT;
	const struct cli_field *f;

	for (f = shape->fields; f->name; f++)
		if (f->one_of)
			wb_str_addf(&all, "%s%s", all.n ? ", " : "", f->name);
	wb_err_set(s->err, WB_EINPUT, "%s does not say what it is to do", shape->what);
	wb_err_hint(s->err, "it needs one of: %s", all.p);
	cli_yaml_place(s->yaml, node->start_mark, s->err);
	return WB_EINPUT;
}

/* ---- texts ---- */

/* The text of a scalar in the arena; a list or map, an empty value, or a NUL in it is an error. */
static int take_text(struct shaper *s, const yaml_node_t *node, const char *name, const char **ret)
{
	struct wb_sv text;

	if (++s->values > VALUES_MAX)
		return wrong(s, node, s->yaml->what, "smaller: it holds more than 100000 values");
	if (node->type != YAML_SCALAR_NODE || cli_yaml_is_null(node))
		return wrong(s, node, name, "a text");
	text = cli_yaml_scalar(node);
	if (text.n && memchr(text.p, '\0', text.n))
		return wrong(s, node, name, "a text without NUL characters");
	*ret = wb_arena_sv(s->a, text);
	return *ret ? 0 : wb_err_nomem(s->err);
}

static int read_text(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, void *to)
{
	return take_text(s, node, f->name, to);
}

static int read_bool(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, void *to)
{
	const char *text = NULL;
	bool yes = false;
	int rc = take_text(s, node, f->name, &text);

	if (rc == 0 && !cli_bool(wb_sv_str(text), &yes))
		return wrong(s, node, f->name, "true or false");
	if (rc == 0)
		*(int *)to = yes ? CLI_FIELD_YES : CLI_FIELD_NO;
	return rc;
}

static int read_number(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, void *to)
{
	const char *text = NULL;
	int64_t n = 0;
	int rc = take_text(s, node, f->name, &text);

	if (rc == 0 && (!wb_sv_i64(wb_sv_str(text), &n) || n < 0))
		return wrong(s, node, f->name, "a number that is not negative");
	if (rc == 0)
		*(int64_t *)to = n;
	return rc;
}

static int read_duration(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, void *to)
{
	const char *text = NULL;
	int rc = take_text(s, node, f->name, &text);

	if (rc < 0 || wb_sv_duration_ms(wb_sv_str(text), to))
		return rc;
	(void)wrong(s, node, f->name, "a duration");
	wb_err_hint(s->err, "a duration looks like 250ms, 10s, 5m or 1h; a bare number means seconds");
	return WB_EINPUT;
}

/* Digits with at most one point, and "us", "ms" or "s" behind them. */
static bool micros_of(struct wb_sv text, int64_t *ret)
{
	int64_t unit = wb_sv_ends(text, "us") ? 1 : wb_sv_ends(text, "ms") ? 1000 : 1000000, n = 0, part = 0;
	size_t i, digits = 0;

	if (text.n < 2 || text.p[text.n - 1] != 's')
		return false;
	text = wb_sv_trim(wb_sv(text.p, text.n - (unit == 1000000 ? 1 : 2)));
	for (i = 0; i < text.n && text.p[i] >= '0' && text.p[i] <= '9' && n < 1000000000; i++, digits++)
		n = n * 10 + (text.p[i] - '0');
	n *= unit;
	if (i < text.n && text.p[i] == '.')
		for (i++, part = unit; i < text.n && text.p[i] >= '0' && text.p[i] <= '9'; i++, digits++) {
			part /= 10;
			n += part * (text.p[i] - '0');
		}
	*ret = n;
	return digits && i == text.n && n > 0;
}

static int read_micros(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, void *to)
{
	const char *text = NULL;
	int rc = take_text(s, node, f->name, &text);

	if (rc < 0 || micros_of(wb_sv_str(text), to))
		return rc;
	(void)wrong(s, node, f->name, "a time");
	wb_err_hint(s->err, "a time looks like 0.5ms, 50ms or 2s");
	return WB_EINPUT;
}

/* CRITICAL is critical. */
static int choice_index(const char *choices, struct wb_sv text)
{
	struct wb_sv rest = wb_sv_str(choices), one;
	int i;

	for (i = 0; wb_sv_cut(&rest, '|', &one); i++)
		if (one.n == text.n && strncasecmp(one.p, text.p, one.n) == 0)
			return i;
	return -1;
}

static int read_choice(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, void *to)
{
	const char *text = NULL;
	int at = -1, rc = take_text(s, node, f->name, &text);

	if (rc < 0)
		return rc;
	at = choice_index(f->choices, wb_sv_str(text));
	if (at < 0) {
		wb_err_set(s->err, WB_EINPUT, "%s cannot be \"%s\"", f->name, text);
		wb_err_hint(s->err, "it is one of: %s", f->choices);
		cli_yaml_place(s->yaml, node->start_mark, s->err);
		return WB_EINPUT;
	}
	*(int *)to = at + 1;
	return 0;
}

/* ---- lists of texts ---- */

static int read_texts(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, void *to)
{
	const yaml_node_item_t *item;
	struct wb_texts *list = to;
	const char **v;
	size_t n = 1;
	int rc = 0;

	if (node->type == YAML_SEQUENCE_NODE)
		n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	else if (node->type != YAML_SCALAR_NODE)
		return wrong(s, node, f->name, "a list of texts");
	v = wb_arena_array(s->a, n ? n : 1, sizeof(*v));
	if (!v)
		return wb_err_nomem(s->err);
	if (node->type == YAML_SCALAR_NODE)
		rc = take_text(s, node, f->name, &v[0]);
	else
		for (n = 0, item = node->data.sequence.items.start; rc == 0 && item < node->data.sequence.items.top;
		     item++)
			rc = take_text(s, cli_yaml_node(s->yaml, *item), f->name, &v[n++]);
	*list = (struct wb_texts){ v, n };
	return rc;
}

/* ---- maps of freely chosen names ---- */

typedef int (*named_fn)(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, const char *name,
			void *to);

static int take_name(struct shaper *s, const yaml_node_t *map, const yaml_node_pair_t *pair, const char **ret)
{
	const yaml_node_t *name = cli_yaml_node(s->yaml, pair->key);
	const yaml_node_pair_t *before;
	int rc = take_text(s, name, "a name", ret);

	for (before = map->data.mapping.pairs.start; rc == 0 && before < pair; before++) {
		const yaml_node_t *other = cli_yaml_node(s->yaml, before->key);

		if (other->type == YAML_SCALAR_NODE && wb_sv_eq(cli_yaml_scalar(other), wb_sv_str(*ret)))
			rc = twice(s, name, wb_sv_str(*ret));
	}
	return rc;
}

/* An array of n things of one size, each made by fn. */
static int read_named(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, size_t size, named_fn fn,
		      void **ret_v, size_t *ret_n)
{
	const yaml_node_pair_t *pair;
	const char *name = NULL;
	char *v;
	size_t n = 0;
	int rc = 0;

	if (node->type != YAML_MAPPING_NODE)
		return wrong(s, node, f->name, "a map");
	n = (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
	v = wb_arena_array(s->a, n ? n : 1, size);
	if (!v)
		return wb_err_nomem(s->err);
	for (n = 0, pair = node->data.mapping.pairs.start; rc == 0 && pair < node->data.mapping.pairs.top;
	     pair++, n++) {
		rc = take_name(s, node, pair, &name);
		if (rc == 0)
			rc = fn(s, cli_yaml_node(s->yaml, pair->value), f, name, v + n * size);
	}
	*ret_v = v;
	*ret_n = n;
	return rc;
}

static int one_value(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, const char *name, void *to)
{
	struct wb_named_value *value = to;

	(void)f;
	value->name = name;
	return take_text(s, node, name, &value->value);
}

static int one_list(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, const char *name, void *to)
{
	struct wb_named_texts *list = to;

	list->name = name;
	return read_texts(s, node, f, &list->texts);
}

static int read_values(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, void *to)
{
	struct wb_named_values *all = to;
	void *v = NULL;
	int rc = read_named(s, node, f, sizeof(struct wb_named_value), one_value, &v, &all->n);

	all->v = v;
	return rc;
}

static int read_sets(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, void *to)
{
	const yaml_node_item_t *item;
	struct cli_items *items = to;
	struct wb_named_values *v;
	size_t n = 1;
	int rc = 0;

	if (node->type == YAML_SEQUENCE_NODE)
		n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	v = wb_arena_array(s->a, n ? n : 1, sizeof(*v));
	if (!v)
		return wb_err_nomem(s->err);
	if (node->type != YAML_SEQUENCE_NODE)
		rc = read_values(s, node, f, &v[0]);
	else
		for (n = 0, item = node->data.sequence.items.start; rc == 0 && item < node->data.sequence.items.top;
		     item++)
			rc = read_values(s, cli_yaml_node(s->yaml, *item), f, &v[n++]);
	*items = (struct cli_items){ v, n };
	return rc;
}

static int read_lists(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, void *to)
{
	struct wb_named_lists *all = to;
	void *v = NULL;
	int rc = read_named(s, node, f, sizeof(struct wb_named_texts), one_list, &v, &all->n);

	all->v = v;
	return rc;
}

/* ---- maps of a shape ---- */

static int read_shape(struct shaper *s, const yaml_node_t *node, const struct cli_shape *shape, void *to);

static int read_map(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, void *to)
{
	return read_shape(s, node, f->shape, to);
}

static int one_named(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, const char *name, void *to)
{
	*(const char **)((char *)to + f->shape->title) = name;
	return read_shape(s, node, f->shape, to);
}

static int read_named_maps(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, void *to)
{
	struct cli_items *items = to;

	return read_named(s, node, f, f->shape->size, one_named, &items->v, &items->n);
}

static int read_items(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, void *to)
{
	struct cli_items *items = to;
	const yaml_node_item_t *item;
	size_t n;
	char *v;
	int rc = 0;

	if (node->type != YAML_SEQUENCE_NODE)
		return wrong(s, node, f->name, "a list");
	n = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
	v = wb_arena_array(s->a, n ? n : 1, f->shape->size);
	if (!v)
		return wb_err_nomem(s->err);
	for (n = 0, item = node->data.sequence.items.start; rc == 0 && item < node->data.sequence.items.top;
	     item++, n++)
		rc = read_shape(s, cli_yaml_node(s->yaml, *item), f->shape, v + n * f->shape->size);
	*items = (struct cli_items){ v, n };
	return rc;
}

static int read_field(struct shaper *s, const yaml_node_t *node, const struct cli_field *f, void *to)
{
	static int (*const readers[])(struct shaper *, const yaml_node_t *, const struct cli_field *, void *) = {
		[CLI_FIELD_TEXT] = read_text,        [CLI_FIELD_BOOL] = read_bool,
		[CLI_FIELD_NUMBER] = read_number,    [CLI_FIELD_DURATION] = read_duration,
		[CLI_FIELD_CHOICE] = read_choice,    [CLI_FIELD_TEXTS] = read_texts,
		[CLI_FIELD_VALUES] = read_values,    [CLI_FIELD_LISTS] = read_lists,
		[CLI_FIELD_MAP] = read_map,          [CLI_FIELD_ITEMS] = read_items,
		[CLI_FIELD_NAMED] = read_named_maps, [CLI_FIELD_MICROS] = read_micros,
		[CLI_FIELD_SETS] = read_sets,
	};

	return readers[f->type](s, node, f, (char *)to + f->offset);
}

static const struct cli_field *find_field(const struct cli_shape *shape, struct wb_sv name)
{
	const struct cli_field *f;

	for (f = shape->fields; f->name; f++)
		if (wb_sv_eq(name, wb_sv_str(f->name)))
			return f;
	return NULL;
}

static int take_alternative(struct shaper *s, const yaml_node_t *node, const struct cli_shape *shape,
			    const struct cli_field *f, void *to)
{
	int *kept = (int *)((char *)to + shape->one_of);
	const struct cli_field *other;

	if (*kept == 0 || !f->one_of) {
		*kept = f->one_of ? f->one_of : *kept;
		return 0;
	}
	for (other = shape->fields; other->name && other->one_of != *kept;)
		other++;
	wb_err_set(s->err, WB_EINPUT, "%s has \"%s\" already, so it cannot have \"%s\"", shape->what, other->name,
		   f->name);
	wb_err_hint(s->err, "make two of it");
	cli_yaml_place(s->yaml, node->start_mark, s->err);
	return WB_EINPUT;
}

static int read_pair(struct shaper *s, const yaml_node_t *map, const yaml_node_pair_t *pair,
		     const struct cli_shape *shape, void *to)
{
	const yaml_node_t *name = cli_yaml_node(s->yaml, pair->key);
	const struct cli_field *f;
	const char *text = NULL;
	int rc;

	if (name->type != YAML_SCALAR_NODE)
		return wrong(s, name, "a key", "a plain word");
	f = find_field(shape, cli_yaml_scalar(name));
	if (!f)
		return unknown_key(s, name, shape);
	rc = take_name(s, map, pair, &text);
	if (rc == 0 && shape->has_one_of)
		rc = take_alternative(s, name, shape, f, to);
	return rc < 0 ? rc : read_field(s, cli_yaml_node(s->yaml, pair->value), f, to);
}

static bool has_key(struct shaper *s, const yaml_node_t *map, const char *name)
{
	const yaml_node_pair_t *pair;

	for (pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top; pair++)
		if (wb_sv_eq(cli_yaml_scalar(cli_yaml_node(s->yaml, pair->key)), wb_sv_str(name)))
			return true;
	return false;
}

static int check_whole(struct shaper *s, const yaml_node_t *node, const struct cli_shape *shape, const void *to)
{
	const struct cli_field *f;

	for (f = shape->fields; f->name; f++)
		if (f->required && !has_key(s, node, f->name))
			return missing_key(s, node, shape, f);
	if (shape->has_one_of && *(const int *)((const char *)to + shape->one_of) == 0)
		return missing_choice(s, node, shape);
	return 0;
}

static int read_shape(struct shaper *s, const yaml_node_t *node, const struct cli_shape *shape, void *to)
{
	const struct cli_mark mark = { (unsigned)node->start_mark.line + 1, (unsigned)node->start_mark.column + 1,
				       cli_yaml_offset(s->yaml, node->start_mark) };
	const yaml_node_pair_t *pair;
	int rc = 0;

	if (++s->values > VALUES_MAX)
		return wrong(s, node, s->yaml->what, "smaller: it holds more than 100000 values");
	if (shape->has_mark)
		*(struct cli_mark *)((char *)to + shape->mark) = mark;
	if (shape->or_field && node->type != YAML_MAPPING_NODE)
		return read_field(s, node, shape->or_field, to);
	if (node->type != YAML_MAPPING_NODE)
		return wrong(s, node, shape->what, "a map of keys and values");
	for (pair = node->data.mapping.pairs.start; rc == 0 && pair < node->data.mapping.pairs.top; pair++)
		rc = read_pair(s, node, pair, shape, to);
	return rc < 0 ? rc : check_whole(s, node, shape, to);
}

/* ---- files ---- */

static int read_root(struct shaper *s, const struct cli_shape *shape, void *to)
{
	const yaml_node_t *root = cli_yaml_root(s->yaml);

	if (!root || cli_yaml_is_null(root)) {
		wb_err_set(s->err, WB_EINPUT, "%s is empty", s->yaml->what);
		wb_err_place(s->err, s->yaml->file, 1, 1);
		return WB_EINPUT;
	}
	return read_shape(s, root, shape, to);
}

int cli_shape_parse(struct wb_arena *a, struct wb_sv text, const char *path, const struct cli_shape *shape,
		    const char *what, struct cli_shaped *ret_file, void *ret, struct wb_error *err)
{
	struct wb_error ignored;
	struct cli_yaml yaml = { .file = wb_arena_str(a, path),
				 .what = what,
				 .text = wb_sv(wb_arena_sv(a, text), text.n),
				 .code = WB_EINPUT };
	struct shaper s = { .yaml = &yaml, .a = a, .err = err ? err : &ignored };
	int rc;

	if (!yaml.file || !yaml.text.p)
		return wb_err_nomem(err);
	memset(ret, 0, shape->size);
	rc = cli_yaml_open(&yaml, s.err);
	if (rc < 0)
		return rc;
	rc = read_root(&s, shape, ret);
	cli_yaml_close(&yaml);
	*ret_file = (struct cli_shaped){ yaml.file, yaml.text };
	return rc;
}

int cli_shape_read(struct wb_arena *a, const char *path, const struct cli_shape *shape, const char *what,
		   struct cli_shaped *ret_file, void *ret, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	int rc = wb_fs_read(path, FILE_MAX, &text, err);

	return rc < 0 ? rc : cli_shape_parse(a, wb_str_sv(&text), path, shape, what, ret_file, ret, err);
}

void cli_shape_place(const struct cli_shaped *file, const struct cli_mark *at, struct wb_error *err)
{
	cli_text_place(file->text, file->file, at->offset, at->line, err);
}

void cli_shape_excerpt(const struct cli_shaped *shaped, struct wb_error *err)
{
	const char *p = shaped->text.p, *end = p + shaped->text.n;
	unsigned line;

	if (err->code != WB_EINPUT || err->line == 0 || !shaped->file || strcmp(err->file, shaped->file) != 0)
		return;
	for (line = 1; p < end && line < err->line; p++)
		line += *p == '\n';
	p += err->column ? err->column - 1 : 0;
	wb_err_excerpt(err, shaped->text, p < end ? (size_t)(p - shaped->text.p) : shaped->text.n);
}

/* ---- documentation ---- */

static const char *type_text(const struct cli_field *f)
{
	static const char *const texts[] = {
		[CLI_FIELD_TEXT] = "text",
		[CLI_FIELD_BOOL] = "true or false",
		[CLI_FIELD_NUMBER] = "number",
		[CLI_FIELD_DURATION] = "duration",
		[CLI_FIELD_CHOICE] = "",
		[CLI_FIELD_TEXTS] = "text or list of texts",
		[CLI_FIELD_VALUES] = "map of texts",
		[CLI_FIELD_LISTS] = "map of lists of texts",
		[CLI_FIELD_MAP] = "map",
		[CLI_FIELD_ITEMS] = "list",
		[CLI_FIELD_NAMED] = "map of maps",
		[CLI_FIELD_MICROS] = "time",
		[CLI_FIELD_SETS] = "map of texts, or list of such maps",
	};

	return f->type == CLI_FIELD_CHOICE ? f->choices : texts[f->type];
}

void cli_shape_docs(struct wb_out *out, const struct cli_shape *shape, const char *prefix)
{
	const struct cli_field *f;
	const char *p;

	for (f = shape->fields; f->name; f++) {
		wb_out_addf(out, "| `%s%s` | ", prefix, f->name);
		for (p = type_text(f); *p; p++)
			wb_out_addn(out, *p == '|' ? ", " : p, *p == '|' ? 2 : 1);
		wb_out_addf(out, "%s | %s |\n", f->required ? ", needed" : "", f->doc ? f->doc : "");
	}
}
