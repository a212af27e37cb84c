/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements of a migration's sections. Each wanted section is read by a
 * splitter of its own that starts at the section's place. A file up to 1 MiB is
 * read whole and its checksum compared before the first statement is given; a
 * larger one streams, is hashed as it goes by, and compared at the end.
 */
#include "source/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- a file read forwards --------------------------------------------------------- */

struct input {
	const struct wb_migration *m;
	const char *path;
	bool down_file;
	struct wb_sv text; /* all of it, when fd < 0 */
	char *buf; /* text's memory, or that which skipped bytes go through */
	int fd;
	uint64_t offset, end; /* reading stops at end */
	struct wb_part_hash hash;
};

#define INPUT_INIT \
	{ \
		.fd = -1 \
	}
#define SKIP_SIZE ((size_t)64 * 1024)

static void input_done(struct input *in)
{
	if (in->fd >= 0)
		(void)close(in->fd);
	free(in->buf);
	*in = (struct input)INPUT_INIT;
}

static int input_compare(struct input *in, struct wb_error *err)
{
	const struct wb_migration *m = in->m;
	unsigned char up[32], down[32];
	bool same;

	wb_part_hash_final(&in->hash, up, down);
	same = in->down_file || memcmp(up, m->checksum, sizeof(up)) == 0;
	if (wb_sections_any_down(in->hash.sections, in->hash.n))
		same = same && memcmp(down, m->down_checksum, sizeof(down)) == 0;
	if (same)
		return 0;
	wb_err_set(err, WB_ECHECKSUM, "%s was changed while it was in use", in->path);
	wb_err_hint(err, "let nothing write to the folder, and run the command again");
	wb_err_place(err, in->path, 0, 0);
	return WB_ECHECKSUM;
}

static int input_fail(const struct input *in, struct wb_error *err)
{
	(void)wb_err_errno(err, WB_EIO, "cannot read %s", in->path);
	wb_err_place(err, in->path, 0, 0);
	return WB_EIO;
}

static int input_load(struct input *in, size_t size, struct wb_error *err)
{
	ssize_t n = wb_read_full(in->fd, in->buf, size);

	if (n < 0)
		return input_fail(in, err);
	(void)close(in->fd);
	in->fd = -1;
	in->text = wb_sv(in->buf, (size_t)n);
	return 0;
}

static int input_open_file(struct input *in, struct wb_error *err)
{
	struct stat st;
	bool small;

	in->fd = open(in->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (in->fd < 0 || fstat(in->fd, &st) != 0)
		return input_fail(in, err);
	small = (uint64_t)st.st_size <= WB_FILE_SMALL;
	in->buf = malloc(small ? (size_t)st.st_size + 1 : SKIP_SIZE);
	if (!in->buf)
		return wb_err_nomem(err);
	return small ? input_load(in, (size_t)st.st_size, err) : 0;
}

static int input_open(struct input *in, const struct wb_migration *m, bool down_file, struct wb_error *err)
{
	const char *memory = down_file ? m->down_memory : m->memory;
	const struct wb_section *sections;
	size_t n = wb_sections_of(m, down_file, &sections);
	int rc = 0;

	*in = (struct input){ .m = m, .path = down_file ? m->down_file : m->file, .down_file = down_file, .fd = -1 };
	wb_part_hash_init(&in->hash, sections, n, down_file);
	if (memory)
		in->text = wb_sv_str(memory);
	else
		rc = input_open_file(in, err);
	if (rc == 0 && in->fd < 0) {
		wb_part_hash_add(&in->hash, in->text.p, in->text.n);
		rc = input_compare(in, err);
	}
	if (rc)
		input_done(in);
	return rc;
}

/* wb_read_fn: the bytes from offset to end. */
static int input_read(void *input, char *buf, size_t cap, size_t *ret_n, struct wb_error *err)
{
	struct input *in = input;
	uint64_t left = in->end > in->offset ? in->end - in->offset : 0;
	size_t want = left < cap ? (size_t)left : cap;
	ssize_t n = 0;

	if (in->fd < 0) {
		uint64_t rest = in->text.n > in->offset ? in->text.n - in->offset : 0;
		n = (ssize_t)(want < rest ? want : rest);
		if (n)
			memcpy(buf, in->text.p + in->offset, (size_t)n);
	} else if (want) {
		n = wb_read_full(in->fd, buf, want);
		if (n < 0)
			return input_fail(in, err);
		wb_part_hash_add(&in->hash, buf, (size_t)n);
	}
	in->offset += (uint64_t)n;
	*ret_n = (size_t)n;
	return 0;
}

static int input_skip(struct input *in, uint64_t to, struct wb_error *err)
{
	size_t n = 1;
	int rc = 0;

	if (in->fd < 0) {
		in->offset = to;
		return 0;
	}
	in->end = to;
	while (n && in->offset < to && rc == 0)
		rc = input_read(in, in->buf, SKIP_SIZE, &n, err);
	return rc;
}

/* Reads what is left of a stream and compares; closes. */
static int input_finish(struct input *in, struct wb_error *err)
{
	int rc = 0;

	if (in->fd >= 0) {
		rc = input_skip(in, UINT64_MAX, err);
		if (rc == 0)
			rc = input_compare(in, err);
	}
	input_done(in);
	return rc;
}

/* Goes to a section, which may be in the other file. */
static int input_seek(struct input *in, const struct wb_migration *m, const struct wb_section *s, struct wb_error *err)
{
	int rc = 0;

	if (in->m && in->down_file != s->in_down_file)
		rc = input_finish(in, err);
	if (rc == 0 && !in->m)
		rc = input_open(in, m, s->in_down_file, err);
	if (rc == 0)
		rc = input_skip(in, s->start.offset, err);
	in->end = s->end;
	return rc;
}

/* ---- variables -------------------------------------------------------------------------- */

/* From out on, text given comes from `in` on; all of it from one place when it is a value. */
struct run {
	size_t out, in;
	bool value;
};

struct wb_statements {
	const struct wb_migration *m;
	unsigned kinds;
	struct wb_stmt_options o;
	struct input in;
	size_t next; /* section */
	const struct wb_section *section; /* the one that splitter reads */
	struct wb_splitter *splitter;
	struct wb_item item; /* given last, as the file has it */
	struct wb_str text; /* its text with variables substituted */
	WB_VEC(struct run) runs;
};

/* The name in "${name}" at p; n = 0 when it is nothing of that form. */
static struct wb_sv variable_at(struct wb_sv text, size_t p)
{
	size_t n = 0;
	const char *s = text.p + p + 2;

	if (text.n - p < 4 || text.p[p] != '$' || text.p[p + 1] != '{')
		return wb_sv(NULL, 0);
	while (p + 2 + n < text.n && (s[n] == '_' || ((s[n] | 32) >= 'a' && (s[n] | 32) <= 'z') ||
				      (n && ((s[n] >= '0' && s[n] <= '9') || s[n] == '.' || s[n] == '-'))))
		n++;
	return p + 2 + n < text.n && s[n] == '}' ? wb_sv(s, n) : wb_sv(NULL, 0);
}

static const char *value_of(const struct wb_statements *s, struct wb_sv name)
{
	for (size_t i = 0; i < s->o.n_variables; i++)
		if (wb_sv_eq(name, wb_sv_str(s->o.variables[i].name)))
			return s->o.variables[i].value;
	return NULL;
}

static int unknown_variable(struct wb_statements *s, struct wb_sv name, size_t at, struct wb_error *err)
{
	struct wb_sv text = s->item.text;

	wb_err_set(err, WB_EINPUT, "unknown variable ${%.*s}", WB_SV_ARG(name));
	wb_err_hint(err, "set %.*s under variables: in the configuration, or write $${%.*s} for the text itself",
		    WB_SV_ARG(name), WB_SV_ARG(name));
	for (size_t i = 0; i < s->o.n_variables; i++)
		if (wb_near_enough(name, wb_sv_str(s->o.variables[i].name)))
			wb_err_hint(err, "did you mean ${%s}?", s->o.variables[i].name);
	wb_sql_error_place(err, s->in.path, s->item.pos, text, at);
	return WB_EINPUT;
}

/* Appends text[from, to) as it is. */
static bool add_run(struct wb_statements *s, size_t from, size_t to)
{
	struct run run = { s->text.n, from, false };

	wb_str_addn(&s->text, s->item.text.p + from, to - from);
	return to == from || wb_vec_push(&s->runs, run);
}

static int substitute(struct wb_statements *s, struct wb_item *item, struct wb_error *err)
{
	struct wb_sv text = item->text;
	size_t from = 0; /* copied up to here */
	const char *p = text.p, *end = text.p + text.n;
	bool ok = true, changed = false;

	wb_str_clear(&s->text);
	while (ok && (p = memmem(p, (size_t)(end - p), "${", 2))) {
		size_t at = (size_t)(p - text.p);
		struct wb_sv name = variable_at(text, at);
		p += 2;
		if (name.n == 0)
			continue;
		changed = true;
		if (at > from && p[-3] == '$') {
			/* $${name} is ${name}: one $ is left out. */
			ok = add_run(s, from, at - 1);
			from = at;
			continue;
		}
		const char *value = value_of(s, name);
		if (!value)
			return unknown_variable(s, name, at, err);
		struct run run = { s->text.n + (at - from), at, true };
		ok = add_run(s, from, at) && wb_vec_push(&s->runs, run);
		wb_str_add(&s->text, value);
		from = at + name.n + 3;
	}
	if (!changed)
		return 0;
	ok = ok && add_run(s, from, text.n);
	if (!ok || s->text.failed)
		return wb_err_nomem(err);
	item->text = wb_str_sv(&s->text);
	return 0;
}

static size_t original_offset(const struct wb_statements *s, size_t offset)
{
	for (size_t i = s->runs.n; i > 0; i--) {
		const struct run *r = &s->runs.v[i - 1];
		if (r->out <= offset)
			return r->value ? r->in : r->in + (offset - r->out);
	}
	return offset;
}

/* ---- statements ------------------------------------------------------------------------ */

int wb_statements_open(const struct wb_migration *m, unsigned kinds, const struct wb_stmt_options *o,
		       struct wb_statements **ret, struct wb_error *err)
{
	struct wb_statements *s = calloc(1, sizeof(*s));

	if (!s)
		return wb_err_nomem(err);
	s->m = m;
	s->kinds = kinds;
	s->o = *o;
	s->in = (struct input)INPUT_INIT;
	s->text = (struct wb_str)WB_STR_INIT;
	*ret = s;
	return 0;
}

static int open_section(struct wb_statements *s, struct wb_error *err)
{
	struct wb_split_options o = {
		.dialect = s->o.dialect, .read = input_read, .read_user = &s->in, .start = s->section->start
	};
	int rc = input_seek(&s->in, s->m, s->section, err);

	o.file = s->in.path;
	return rc ? rc : wb_split_new(&o, &s->splitter, err);
}

/* Gives the next item as the file has it. */
static int next_item(struct wb_statements *s, struct wb_error *err)
{
	int rc = 0;

	for (;;) {
		while (!s->splitter && s->next < s->m->n_sections && rc == 0) {
			s->section = &s->m->sections[s->next++];
			if (s->kinds & (1u << s->section->kind))
				rc = open_section(s, err);
		}
		if (rc)
			return rc;
		if (!s->splitter) {
			s->section = NULL;
			s->item = (struct wb_item){ .kind = WB_ITEM_END };
			return s->in.m ? input_finish(&s->in, err) : 0;
		}
		rc = wb_split_next(s->splitter, &s->item, err);
		if (rc || s->item.kind != WB_ITEM_END)
			return rc;
		wb_split_free(s->splitter);
		s->splitter = NULL;
	}
}

int wb_statements_next(struct wb_statements *s, struct wb_item *ret_item, const struct wb_section **ret_section,
		       struct wb_error *err)
{
	struct wb_item item;
	int rc;

	s->runs.n = 0;
	rc = next_item(s, err);
	if (rc)
		return rc;
	item = s->item;
	if (item.kind == WB_ITEM_STATEMENT && (s->section->options.variables == WB_YES ||
					       (s->section->options.variables == WB_UNSET && s->o.variables_default)))
		rc = substitute(s, &item, err);
	if (rc)
		return rc;
	*ret_item = item;
	if (ret_section)
		*ret_section = s->section;
	return 0;
}

void wb_statements_place(const struct wb_statements *s, size_t offset, struct wb_error *err)
{
	if (s->section)
		wb_sql_error_place(err, s->in.path, s->item.pos, s->item.text, original_offset(s, offset));
}

void wb_statements_close(struct wb_statements *s)
{
	if (!s)
		return;
	wb_split_free(s->splitter);
	input_done(&s->in);
	wb_str_done(&s->text);
	wb_vec_done(&s->runs);
	free(s);
}

/* ---- whole texts ----------------------------------------------------------------------------- */

static int too_long(const char *path, size_t max, struct wb_error *err)
{
	wb_err_set(err, WB_EINPUT, "the text of %s is longer than %zu bytes", path, max);
	wb_err_place(err, path, 0, 0);
	return WB_EINPUT;
}

static int append_section(struct input *in, const struct wb_section *s, size_t max, struct wb_str *text,
			  struct wb_error *err)
{
	size_t size = (size_t)(s->end - s->start.offset), n;
	int rc = 0;

	if (size == 0)
		return 0;
	if (size > max - text->n)
		return too_long(in->path, max, err);
	if (!wb_str_reserve(text, size))
		return wb_err_nomem(err);
	do {
		rc = input_read(in, text->p + text->n, text->cap - text->n - 1, &n, err);
		if (rc == 0)
			text->n += n;
	} while (rc == 0 && n);
	text->p[text->n] = '\0';
	return rc;
}

int wb_migration_down_text(const struct wb_migration *m, size_t max, struct wb_str *ret_text, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	struct input in = INPUT_INIT;
	int rc = 0;

	if (!m->has_down)
		return wb_err_set(err, WB_ENOTFOUND, "%s has no down part", m->name);
	for (size_t i = 0; i < m->n_sections && rc == 0; i++) {
		if (m->sections[i].kind != WB_SEC_DOWN)
			continue;
		rc = input_seek(&in, m, &m->sections[i], err);
		if (rc == 0)
			rc = append_section(&in, &m->sections[i], max, &text, err);
	}
	if (rc == 0)
		rc = input_finish(&in, err);
	input_done(&in);
	if (rc)
		return rc;
	wb_str_done(ret_text);
	*ret_text = text;
	text = (struct wb_str)WB_STR_INIT;
	return 0;
}

int wb_migration_text(const struct wb_migration *m, size_t max, struct wb_str *ret_text, struct wb_error *err)
{
	if (!m->memory)
		return wb_fs_read(m->file, max, ret_text, err);
	if (strlen(m->memory) > max)
		return too_long(m->file, max, err);
	wb_str_clear(ret_text);
	wb_str_add(ret_text, m->memory);
	return ret_text->failed ? wb_err_nomem(err) : 0;
}
