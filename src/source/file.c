/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads the files of one migration. Up to 1 MiB a file is read once, whole,
 * into the load's buffer; most have no heading and are hashed there and then.
 * Larger ones stream: one pass when nothing in them looks like a heading, else
 * the splitter looks for the sections and a second pass hashes them. A file
 * that changes meanwhile is a problem, so both saw the same bytes.
 */
#include "source/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define OVERLAP ((size_t)4096) /* of two windows of a stream: more than a heading's line */

struct scan {
	struct wb_load *l;
	struct wb_migration *m;
	struct wb_sections sections;
	const char *path; /* for problems */
	bool statement; /* has one, in an implicit section */
	bool failed; /* it could not be read, which is told */
	size_t problems; /* told before this file */
	unsigned char up[32], down[32];
	uint64_t size;
};

static int problem(struct scan *s, const char *kind, int code, bool warning, const char *hint, const char *message)
{
	struct wb_source_problem p = {
		.kind = kind, .version = s->m->version, .file = s->path, .warning = warning, .code = code
	};

	return wb_problem_add(s->l, p, hint, "%s", message);
}

static int unreadable(struct scan *s, const char *cause)
{
	char message[256];

	s->failed = true;
	snprintf(message, sizeof(message), "the file cannot be read: %s", cause);
	return problem(s, "unreadable", WB_EIO, false, "make it readable, or take it out of the folder", message);
}

static unsigned bom_length(const char *p, size_t n)
{
	return n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* ---- sections and hashes -------------------------------------------------------- */

static int one_section(struct scan *s, unsigned bom)
{
	struct wb_section only = { .kind = s->sections.down_file ? WB_SEC_DOWN : WB_SEC_UP,
				   .heading = bom,
				   .options = WB_SECTION_OPTIONS_INIT,
				   .start = { bom, 1, 1 },
				   .end = s->size,
				   .in_down_file = s->sections.down_file };

	s->sections.statements[only.kind] = s->statement;
	return wb_vec_push(&s->sections.v, only) ? 0 : wb_err_nomem(s->l->err);
}

static int scan_memory(struct scan *s, struct wb_sv text)
{
	unsigned bom = bom_length(text.p, text.n);
	struct wb_sv body = wb_sv(text.p + bom, text.n - bom);
	struct wb_mem_reader reader = { text };
	struct wb_part_hash hash;
	enum wb_lead lead = WB_LEAD_NOTHING;
	bool headings = wb_heading_maybe(body);
	int rc;

	s->size = text.n;
	rc = wb_header_read(s->l, s->sections.down_file ? NULL : s->m, body, headings, &lead);
	s->statement = lead == WB_LEAD_STATEMENT;
	if (rc == 0 && headings)
		rc = wb_sections_read(s->l, s->m, &s->sections, wb_mem_read, &reader, text.n, bom);
	else if (rc == 0)
		rc = one_section(s, bom);
	if (rc)
		return rc;
	wb_part_hash_init(&hash, s->sections.v.v, s->sections.v.n, s->sections.down_file);
	wb_part_hash_add(&hash, text.p, text.n);
	wb_part_hash_final(&hash, s->up, s->down);
	return 0;
}

/* ---- large files --------------------------------------------------------------------- */

ssize_t wb_read_full(int fd, char *buf, size_t cap)
{
	size_t have = 0;

	while (have < cap) {
		ssize_t n = read(fd, buf + have, cap - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

static int read_fd(void *user, char *buf, size_t cap, size_t *ret_n, struct wb_error *err)
{
	ssize_t n = wb_read_full(*(int *)user, buf, cap);

	if (n < 0)
		return wb_err_errno(err, WB_EIO, "cannot read");
	*ret_n = (size_t)n;
	return 0;
}

/* Hashes the file as one part. *ret_plain is false when something looks like a heading, or when
 * all that was seen first is comments: then the splitter must say what the file holds. */
static int stream_plain(struct scan *s, int fd, bool *ret_plain)
{
	char *buf = s->l->buf;
	struct wb_part_hash hash;
	enum wb_lead lead = WB_LEAD_NOTHING;
	size_t kept = 0;
	ssize_t n;

	*ret_plain = false;
	wb_part_hash_init(&hash, NULL, 0, s->sections.down_file);
	while ((n = wb_read_full(fd, buf + kept, WB_FILE_SMALL - kept)) > 0) {
		struct wb_sv window = wb_sv(buf, kept + (size_t)n);
		if (hash.offset == 0) {
			unsigned bom = bom_length(buf, window.n);
			int rc = wb_header_read(s->l, s->sections.down_file ? NULL : s->m,
						wb_sv(buf + bom, window.n - bom), true, &lead);
			if (rc || lead != WB_LEAD_STATEMENT)
				return rc;
		}
		if (wb_heading_maybe(window))
			return 0;
		wb_part_hash_add(&hash, buf + kept, (size_t)n);
		kept = window.n < OVERLAP ? window.n : OVERLAP;
		memmove(buf, buf + window.n - kept, kept);
	}
	if (n < 0)
		return unreadable(s, strerror(errno));
	s->size = hash.offset;
	s->statement = true;
	*ret_plain = true;
	wb_part_hash_final(&hash, s->up, s->down);
	return 0;
}

static bool unchanged(int fd, const struct stat *before)
{
	struct stat now;

	return fstat(fd, &now) == 0 && now.st_size == before->st_size && now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == before->st_mtim.tv_nsec;
}

static int stream_hash(struct scan *s, int fd)
{
	struct wb_part_hash hash;
	ssize_t n;

	wb_part_hash_init(&hash, s->sections.v.v, s->sections.v.n, s->sections.down_file);
	while ((n = wb_read_full(fd, s->l->buf, WB_FILE_SMALL)) > 0)
		wb_part_hash_add(&hash, s->l->buf, (size_t)n);
	if (n < 0)
		return unreadable(s, strerror(errno));
	s->size = hash.offset;
	wb_part_hash_final(&hash, s->up, s->down);
	return 0;
}

static int stream_sections(struct scan *s, int fd, unsigned bom, const struct stat *st)
{
	int rc;

	if (lseek(fd, 0, SEEK_SET) != 0)
		return unreadable(s, strerror(errno));
	rc = wb_sections_read(s->l, s->m, &s->sections, read_fd, &fd, (uint64_t)st->st_size, bom);
	if (rc == WB_EIO)
		return unreadable(s, s->l->err->detail);
	if (rc)
		return rc;
	if (lseek(fd, 0, SEEK_SET) != 0)
		return unreadable(s, strerror(errno));
	rc = stream_hash(s, fd);
	if (rc == 0 && !s->failed && !unchanged(fd, st))
		return unreadable(s, "it was changed meanwhile");
	return rc;
}

static int scan_stream(struct scan *s, int fd, const struct stat *st)
{
	char head[3];
	ssize_t n = wb_read_full(fd, head, sizeof(head));
	unsigned bom = n > 0 ? bom_length(head, (size_t)n) : 0;
	bool plain;
	int rc;

	if (n < 0 || lseek(fd, 0, SEEK_SET) != 0)
		return unreadable(s, strerror(errno));
	rc = stream_plain(s, fd, &plain);
	if (rc || s->failed)
		return rc;
	return plain ? one_section(s, bom) : stream_sections(s, fd, bom, st);
}

/* ---- one file --------------------------------------------------------------------------- */

/* Small texts stay in memory while there is room, so that what runs is what was hashed, and is not read again. */
static int hold_text(struct scan *s, struct wb_sv text)
{
	const char *held;

	if (text.n > s->l->hold_left || memchr(text.p, 0, text.n))
		return 0;
	held = wb_arena_sv(&s->l->s->arena, text);
	if (!held)
		return wb_err_nomem(s->l->err);
	s->l->hold_left -= text.n;
	if (s->sections.down_file)
		s->m->down_memory = held;
	else
		s->m->memory = held;
	return 0;
}

static int scan_small(struct scan *s, struct wb_sv text)
{
	int rc = scan_memory(s, text);

	return rc || s->failed ? rc : hold_text(s, text);
}

/* Neither a small file nor one that can be read: what is it? */
static int scan_other(struct scan *s, int fd, const char *cause, bool *ret_keep)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return unreadable(s, strerror(errno));
	*ret_keep = !S_ISDIR(st.st_mode);
	if (S_ISDIR(st.st_mode))
		return 0;
	if (!S_ISREG(st.st_mode))
		return unreadable(s, "it is no regular file");
	if (cause || lseek(fd, 0, SEEK_SET) != 0)
		return unreadable(s, cause ? cause : strerror(errno));
	return st.st_size == 0 ? scan_small(s, wb_sv(s->l->buf, 0)) : scan_stream(s, fd, &st);
}

/* Most are small: a second read that finds the end costs half of what asking for the size does. */
static int scan_fd(struct scan *s, int fd, bool *ret_keep)
{
	ssize_t n = wb_read_full(fd, s->l->buf, WB_FILE_SMALL);

	if (n <= 0 || n == WB_FILE_SMALL)
		return scan_other(s, fd, n < 0 ? strerror(errno) : NULL, ret_keep);
	*ret_keep = true;
	return scan_small(s, wb_sv(s->l->buf, (size_t)n));
}

static int scan_path(struct scan *s, const char *name, bool *ret_keep)
{
	int fd, rc;

	/* Not blocking: opening a FIFO must not wait for a writer. */
	do
		fd = openat(s->l->dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return unreadable(s, strerror(errno));
	rc = scan_fd(s, fd, ret_keep);
	(void)close(fd);
	return rc;
}

static int empty_problem(struct scan *s)
{
	bool nothing = s->size == 0;

	/* A file that cannot be understood is not called empty, too. */
	for (size_t i = s->problems; i < s->l->problems.n; i++)
		if (!s->l->problems.v[i].warning)
			return 0;
	if (s->sections.down_file)
		return problem(s, "empty", WB_EINPUT, true, "write what undoes the migration, or delete the file",
			       "the file holds no statement; the migration cannot be reverted with it");
	return problem(s, "empty", WB_EINPUT, !nothing, nothing ? "write the migration, or delete the file" : NULL,
		       nothing ? "the file is empty" : "the migration holds no statement; applying it does nothing");
}

/* A down section and a down file: which of the two would undo the migration? */
static int check_one_down(struct scan *s)
{
	for (size_t i = 0; s->sections.down_file && i < s->m->n_sections; i++)
		if (s->m->sections[i].kind == WB_SEC_DOWN)
			return problem(s, "section", WB_EINPUT, false, "keep one of the two",
				       "the migration has a down section of its own and this file, too");
	return 0;
}

/* Moves what was found into the migration. */
static int store(struct scan *s)
{
	static const enum wb_section_kind ups[] = { WB_SEC_UP, WB_SEC_EXPAND, WB_SEC_BACKFILL, WB_SEC_CONTRACT };
	struct wb_migration *m = s->m;
	size_t n = m->n_sections, more = s->sections.v.n;
	struct wb_section *all = wb_arena_array(&s->l->s->arena, n + more, sizeof(*all));

	if (!all)
		return wb_err_nomem(s->l->err);
	if (check_one_down(s))
		return WB_ENOMEM;
	if (n)
		memcpy(all, m->sections, n * sizeof(*all));
	memcpy(all + n, s->sections.v.v, more * sizeof(*all));
	m->sections = all;
	m->n_sections = n + more;
	for (size_t i = 0; i < WB_ARRAY_LEN(ups); i++)
		m->has_up = m->has_up || s->sections.statements[ups[i]];
	for (size_t i = 0; i < more; i++)
		m->has_phases =
			m->has_phases || (all[n + i].kind >= WB_SEC_EXPAND && all[n + i].kind <= WB_SEC_CONTRACT);
	m->has_down = m->has_down || s->sections.statements[WB_SEC_DOWN];
	if (!s->sections.down_file) {
		memcpy(m->checksum, s->up, sizeof(m->checksum));
		m->size = s->size;
	}
	if (wb_sections_any_down(s->sections.v.v, more))
		memcpy(m->down_checksum, s->down, sizeof(m->down_checksum));
	return (s->sections.down_file ? m->has_down : m->has_up) ? 0 : empty_problem(s);
}

static int scan_one(struct wb_load *l, struct wb_migration *m, bool down, bool *ret_keep)
{
	struct scan s = { .l = l,
			  .m = m,
			  .path = down ? m->down_file : m->file,
			  .sections = { .down_file = down },
			  .problems = l->problems.n };
	const char *memory = down ? m->down_memory : m->memory, *name = strrchr(s.path, '/');
	int rc;

	*ret_keep = true;
	if (memory)
		rc = scan_memory(&s, wb_sv_str(memory));
	else
		rc = scan_path(&s, name ? name + 1 : s.path, ret_keep);
	if (rc == 0 && *ret_keep && !s.failed)
		rc = store(&s);
	wb_vec_done(&s.sections.v);
	return rc;
}

/* "PostgreSQL" of "PostgreSQL 15 (main)". */
static struct wb_sv first_word(struct wb_sv text)
{
	size_t n = 0;

	text = wb_sv_trim(text);
	while (n < text.n && text.p[n] != ' ' && text.p[n] != '(')
		n++;
	return wb_sv(text.p, n);
}

static int unknown_engine(struct wb_load *l, const struct wb_migration *m, struct wb_sv word)
{
	struct wb_source_problem p = {
		.kind = "header", .version = m->version, .file = m->file, .warning = true, .code = WB_EINPUT
	};
	const char *near = wb_engine_near(word);
	char hint[96];

	if (!near)
		return 0;
	snprintf(hint, sizeof(hint), "did you mean %s?", near);
	return wb_problem_add(l, p, hint, "unknown database '%.*s' in the header", WB_SV_ARG(word));
}

/* Database: of the header; a word that is no engine decides nothing. */
static int other_engine(struct wb_load *l, const struct wb_migration *m, bool *ret_other)
{
	struct wb_sv rest = wb_sv_str(m->header.database), piece;

	*ret_other = false;
	while (l->engine && wb_sv_cut(&rest, ',', &piece)) {
		struct wb_sv word = first_word(piece);
		const char *engine = wb_engine_find(word);
		*ret_other = engine && strcmp(engine, l->engine) != 0;
		if (!engine)
			return unknown_engine(l, m, word);
		if (!*ret_other)
			return 0;
	}
	return 0;
}

static int store_depends(struct wb_load *l, struct wb_migration *m)
{
	const char **v = wb_arena_array(&l->s->arena, l->depends.n, sizeof(*v));

	if (!v)
		return wb_err_nomem(l->err);
	memcpy(v, l->depends.v, l->depends.n * sizeof(*v));
	m->header.depends = v;
	m->header.n_depends = l->depends.n;
	return 0;
}

int wb_file_scan(struct wb_load *l, struct wb_migration *m, bool *ret_keep)
{
	size_t problems = l->problems.n;
	bool other = false, keep_down = true;
	int rc;

	l->depends.n = 0;
	rc = scan_one(l, m, false, ret_keep);
	if (rc || !*ret_keep)
		return rc;
	if (m->header.database)
		rc = other_engine(l, m, &other);
	if (rc == 0 && other) {
		l->s->skipped += m->down_file ? 2 : 1;
		l->problems.n = problems;
		*ret_keep = false;
		return 0;
	}
	if (rc == 0 && m->down_file)
		rc = scan_one(l, m, true, &keep_down);
	if (!keep_down)
		m->down_file = NULL;
	if (!m->type)
		m->type = "schema";
	return rc == 0 && l->depends.n ? store_depends(l, m) : rc;
}
