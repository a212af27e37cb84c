/* SPDX-License-Identifier: Apache-2.0
 *
 * A snapshot becomes a model again. Only the lines of objects are read; the
 * hash in the head tells whether somebody has edited them.
 */
#include "schema/snapshot.h"

#include "base/banned.h"

/* Needs name objects of any line, so they are resolved last. */
struct later {
	struct wb_object *o;
	const char *needs;
};

struct reading {
	struct wb_model *m;
	const char *file;
	struct wb_sv rest; /* what is still to be read */
	unsigned line;
	struct wb_map paths; /* "kind path" -> object, for needs */
	struct wb_map keys; /* each once */
	WB_VEC(struct later) later;
	struct wb_str names[3], value, path; /* of the line being read */
	struct wb_error *err;
};

static int wrong(struct reading *r, const char *what)
{
	wb_err_set(r->err, WB_EINPUT, "%s", what);
	wb_err_hint(r->err, "take the snapshot again with `whimbrel snapshot`");
	wb_err_place(r->err, r->file, r->line, 1);
	return WB_EINPUT;
}

bool wb_snapshot_is(struct wb_sv text)
{
	return wb_sv_starts(text, WB_SNAPSHOT_TITLE);
}

/* ---- words ----------------------------------------------------------------------- */

static bool unescape(struct wb_str *out, char c)
{
	static const char from[] = "\"\\nrt", to[] = "\"\\\n\r\t";
	const char *known = c ? strchr(from, c) : NULL;

	if (known)
		wb_str_addc(out, to[known - from]);
	return known;
}

/* A value off the front of *line, plain or in quotes. */
static bool take_value(struct wb_sv *line, struct wb_str *out)
{
	bool quoted = line->n && line->p[0] == '"';
	char end = quoted ? '"' : ' ';
	size_t i = quoted;

	wb_str_clear(out);
	while (i < line->n && line->p[i] != end) {
		size_t plain = i;
		while (plain < line->n && line->p[plain] != end && (!quoted || line->p[plain] != '\\'))
			plain++;
		wb_str_addn(out, line->p + i, plain - i);
		i = plain;
		if (i == line->n || line->p[i] == end)
			break;
		if (++i == line->n || !unescape(out, line->p[i++]))
			return false;
	}
	if (quoted && i++ == line->n)
		return false;
	line->p += i;
	line->n -= i;
	if (line->n && line->p[0] != ' ')
		return false;
	line->p += line->n > 0;
	line->n -= line->n > 0;
	return true;
}

static bool take_key(struct wb_sv *line, struct wb_sv *ret_key)
{
	const char *equal = memchr(line->p, '=', line->n);

	if (!equal)
		return false;
	*ret_key = wb_sv(line->p, (size_t)(equal - line->p));
	line->n -= ret_key->n + 1;
	line->p = equal + 1;
	return true;
}

/* Keys are few and come again and again. */
static const char *keep_key(struct reading *r, struct wb_sv key)
{
	char *known = wb_map_get(&r->keys, key);

	if (known)
		return known;
	known = wb_arena_sv(&r->m->arena, key);
	return known && wb_map_put(&r->keys, wb_sv_str(known), known) ? known : NULL;
}

/* ---- objects ------------------------------------------------------------------------- */

static bool take_kind(struct wb_sv *line, enum wb_kind *ret_kind)
{
	char name[64];
	struct wb_sv word;

	if (!wb_sv_cut(line, ' ', &word) || !wb_sv_copy(word, name, sizeof(name)))
		return false;
	for (char *p = name; *p; p++)
		if (*p == '_')
			*p = ' ';
	return wb_kind_find(name, ret_kind);
}

static int add_path(struct reading *r, struct wb_object *o)
{
	char *key;

	wb_str_clear(&r->path);
	key = wb_snapshot_path(o, &r->path) ? wb_arena_sv(&r->m->arena, wb_str_sv(&r->path)) : NULL;
	return key && wb_map_put(&r->paths, wb_sv(key, r->path.n), o) ? 0 : wb_err_nomem(r->err);
}

static int set(struct reading *r, struct wb_object *o, struct wb_sv key, const char *value)
{
	const char *kept;
	struct later l = { o, NULL };

	if (wb_sv_eq(key, WB_SV("needs"))) {
		l.needs = wb_arena_str(&r->m->arena, value);
		return l.needs && wb_vec_push(&r->later, l) ? 0 : wb_err_nomem(r->err);
	}
	kept = keep_key(r, key);
	return kept && wb_object_set(r->m, o, kept, value) ? 0 : wb_err_nomem(r->err);
}

/* schema=, parent= and name= come first, in this order; only the name must be there. */
static void take_names(struct wb_sv *line, struct wb_str texts[3], const char *values[3])
{
	static const char *const names[] = { "schema", "parent", "name" };
	struct wb_sv key;

	for (size_t i = 0; i < WB_ARRAY_LEN(names); i++) {
		struct wb_sv before = *line;
		if (!take_key(line, &key))
			return;
		if (!wb_sv_eq(key, wb_sv_str(names[i])))
			*line = before;
		else if (take_value(line, &texts[i]))
			values[i] = texts[i].p;
		else
			return;
	}
}

static int take_identity(struct reading *r, enum wb_kind kind, struct wb_sv *line, struct wb_object **ret_o)
{
	const char *values[3] = { NULL };

	take_names(line, r->names, values);
	if (r->names[0].failed || r->names[1].failed || r->names[2].failed)
		return wb_err_nomem(r->err);
	if (!values[2])
		return wrong(r, "this line names no object");
	*ret_o = wb_model_add(r->m, kind, values[0], values[1], values[2]);
	return *ret_o ? 0 : wb_err_nomem(r->err);
}

static int take_object(struct reading *r, struct wb_sv line)
{
	struct wb_str *value = &r->value;
	enum wb_kind kind;
	struct wb_object *o = NULL;
	struct wb_sv key;
	int rc;

	if (!take_kind(&line, &kind))
		return wrong(r, "this line is of no known kind");
	rc = take_identity(r, kind, &line, &o);
	while (rc == 0 && line.n) {
		if (!take_key(&line, &key) || !take_value(&line, value))
			return wrong(r, "this line cannot be read");
		rc = value->failed ? wb_err_nomem(r->err) : set(r, o, key, value->p);
	}
	return rc ? rc : add_path(r, o);
}

static int resolve(struct reading *r)
{
	for (size_t i = 0; i < r->later.n; i++) {
		struct wb_sv rest = wb_sv_str(r->later.v[i].needs), one;
		while (wb_sv_cut(&rest, '\n', &one)) {
			struct wb_object *o = wb_map_get(&r->paths, one);
			if (!o)
				return wrong(r, "an object needs one that the snapshot does not hold");
			if (!wb_object_need(r->m, r->later.v[i].o, o))
				return wb_err_nomem(r->err);
		}
	}
	return 0;
}

/* ---- the whole -------------------------------------------------------------------------- */

static bool next_line(struct reading *r, struct wb_sv *ret_line)
{
	r->line++;
	return wb_sv_cut(&r->rest, '\n', ret_line);
}

/* The head: *ret_hash is what it says of the objects. */
static int take_head(struct reading *r, struct wb_sv *ret_engine, struct wb_sv *ret_hash)
{
	struct wb_sv line;
	int64_t format = 0;

	if (!next_line(r, &line) || !wb_sv_starts(line, WB_SNAPSHOT_TITLE) ||
	    !wb_sv_i64(wb_sv(line.p + strlen(WB_SNAPSHOT_TITLE), line.n - strlen(WB_SNAPSHOT_TITLE)), &format))
		return wrong(r, "this is no schema snapshot");
	if (format > WB_SNAPSHOT_FORMAT) {
		wb_err_set(r->err, WB_ENEWER, "the snapshot %s has format %d, this Whimbrel knows up to %d", r->file,
			   (int)format, WB_SNAPSHOT_FORMAT);
		wb_err_hint(r->err, "upgrade Whimbrel, or take the snapshot again");
		return WB_ENEWER;
	}
	if (!next_line(r, &line) || !wb_sv_starts(line, WB_SNAPSHOT_ENGINE))
		return wrong(r, "the snapshot does not say of which engine it is");
	*ret_engine = wb_sv(line.p + strlen(WB_SNAPSHOT_ENGINE), line.n - strlen(WB_SNAPSHOT_ENGINE));
	if (!next_line(r, &line) || !wb_sv_starts(line, WB_SNAPSHOT_HASH))
		return wrong(r, "the snapshot has no hash");
	*ret_hash = wb_sv(line.p + strlen(WB_SNAPSHOT_HASH), line.n - strlen(WB_SNAPSHOT_HASH));
	return 0;
}

/* Goes behind the last line that begins the objects. */
static bool find_objects(struct reading *r)
{
	const struct wb_sv mark = WB_SV("\n" WB_SNAPSHOT_OBJECTS);
	const char *found = NULL, *p = r->rest.p, *end = r->rest.p + r->rest.n;

	while ((p = memmem(p, (size_t)(end - p), mark.p, mark.n)))
		found = p++;
	if (!found)
		return false;
	for (p = r->rest.p; p < found + mark.n; p++)
		r->line += *p == '\n';
	r->rest = wb_sv(found + mark.n, (size_t)(end - found) - mark.n);
	return true;
}

static int take_objects(struct reading *r)
{
	struct wb_sv line;
	int rc = 0;

	if (!find_objects(r))
		return wrong(r, "the snapshot holds no list of objects");
	while (rc == 0 && next_line(r, &line)) {
		if (!wb_sv_starts(line, WB_SNAPSHOT_LINE))
			return wrong(r, "only objects may stand here");
		rc = take_object(r, wb_sv(line.p + strlen(WB_SNAPSHOT_LINE), line.n - strlen(WB_SNAPSHOT_LINE)));
	}
	return rc ? rc : resolve(r);
}

static int check_hash(struct reading *r, struct wb_sv said)
{
	char hex[65];
	int rc = wb_snapshot_hash(r->m, hex, r->err);

	r->line = 3;
	return rc == 0 && !wb_sv_eq(said, wb_sv_str(hex)) ? wrong(r, "the snapshot was changed after it was written")
							  : rc;
}

static int read_all(struct reading *r)
{
	struct wb_sv engine, hash;
	char name[32];
	int rc = take_head(r, &engine, &hash);

	if (rc)
		return rc;
	if (!wb_sv_copy(engine, name, sizeof(name)))
		return wrong(r, "the engine is none that Whimbrel knows");
	r->m = wb_model_new(name, NULL);
	if (!r->m)
		return wb_err_nomem(r->err);
	rc = take_objects(r);
	if (rc == 0)
		rc = wb_model_finish(r->m, r->err);
	if (rc == WB_EBUG)
		return wrong(r, "the snapshot holds an object twice");
	return rc ? rc : check_hash(r, hash);
}

int wb_snapshot_read(struct wb_sv text, const char *file, struct wb_model **ret_model, struct wb_error *err)
{
	struct reading r = { .file = file,
			     .rest = text,
			     .names = { WB_STR_INIT, WB_STR_INIT, WB_STR_INIT },
			     .value = WB_STR_INIT,
			     .path = WB_STR_INIT,
			     .err = err };
	int rc = read_all(&r);

	wb_map_done(&r.paths);
	wb_map_done(&r.keys);
	wb_vec_done(&r.later);
	for (size_t i = 0; i < WB_ARRAY_LEN(r.names); i++)
		wb_str_done(&r.names[i]);
	wb_str_done(&r.value);
	wb_str_done(&r.path);
	if (rc)
		wb_model_free(r.m);
	else
		*ret_model = r.m;
	return rc;
}
