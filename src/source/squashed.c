/* SPDX-License-Identifier: Apache-2.0
 *
 * The head of a baseline that stands for other files: which ones, with their
 * checksums, and that of its own body. By it a later run knows that the file is
 * the one that was proved, and that the old files are those it was proved
 * against, so that removing them can be finished after a crash.
 */
#include "source/internal.h"

#include <errno.h>

#define BODY_MARK "-- squashed sha256:"
#define FILE_MARK "-- sha256:"
#define HEX 64

static void add_hex(struct wb_str *out, const unsigned char digest[32])
{
	char hex[HEX + 1];

	wb_hex(digest, 32, hex);
	wb_str_add(out, hex);
}

/* A name with a line end in it must not end the comment. */
static void add_name(struct wb_str *out, const char *name)
{
	for (; *name; name++)
		wb_str_addc(out, (unsigned char)*name < ' ' ? '?' : *name);
}

void wb_squashed_head(struct wb_str *out, const char *version, struct wb_migration *const *v, size_t n,
		      const unsigned char body[32])
{
	wb_str_addf(out, "-- Baseline %s, for empty databases: it makes what these files made one after the other.\n",
		    version);
	wb_str_add(out, "-- Written and proved by `whimbrel squash`; an edit makes the proof void.\n" BODY_MARK);
	add_hex(out, body);
	wb_str_add(out, "\n");
	for (size_t i = 0; i < n; i++) {
		wb_str_add(out, FILE_MARK);
		add_hex(out, v[i]->checksum);
		wb_str_add(out, " ");
		add_name(out, v[i]->name);
		wb_str_add(out, "\n");
	}
	wb_str_add(out, "\n" WB_SQUASHED_HEADING);
}

/* ---- reading it again -------------------------------------------------------------- */

struct reading {
	FILE *f;
	char *line;
	size_t cap;
	struct wb_arena arena;
	struct wb_map files; /* name → its checksum in hex */
	char body[HEX + 1]; /* as the head says */
	struct wb_error *err;
};

static void done(struct reading *r)
{
	if (r->f)
		(void)fclose(r->f);
	free(r->line);
	wb_map_done(&r->files);
	wb_arena_done(&r->arena);
}

static int take_file(struct reading *r, struct wb_sv rest)
{
	struct wb_sv hex;
	char *name, *checksum;

	if (!wb_sv_cut(&rest, ' ', &hex) || hex.n != HEX)
		return 0;
	name = wb_arena_sv(&r->arena, rest);
	checksum = wb_arena_sv(&r->arena, hex);
	return name && checksum && wb_map_put(&r->files, wb_sv_str(name), checksum) ? 0 : wb_err_nomem(r->err);
}

static int take_line(struct reading *r, struct wb_sv line)
{
	const size_t body = sizeof(BODY_MARK) - 1, file = sizeof(FILE_MARK) - 1;

	if (wb_sv_starts(line, BODY_MARK) && line.n == body + HEX)
		(void)wb_sv_copy(wb_sv(line.p + body, HEX), r->body, sizeof(r->body));
	return wb_sv_starts(line, FILE_MARK) ? take_file(r, wb_sv(line.p + file, line.n - file)) : 0;
}

/* Up to the heading; what follows is the body. */
static int read_head(struct reading *r)
{
	ssize_t n;
	int rc = 0;

	while (rc == 0 && (n = getline(&r->line, &r->cap, r->f)) > 0 && strcmp(r->line, WB_SQUASHED_HEADING) != 0)
		rc = take_line(r, wb_sv(r->line, (size_t)n - (r->line[n - 1] == '\n')));
	return rc;
}

static bool body_matches(struct reading *r)
{
	char chunk[16384], hex[HEX + 1];
	unsigned char digest[32];
	struct wb_sha256 h;
	size_t n;

	wb_sha256_init(&h);
	while ((n = fread(chunk, 1, sizeof(chunk), r->f)) > 0)
		wb_sha256_add(&h, chunk, n);
	wb_sha256_final(&h, digest);
	wb_hex(digest, sizeof(digest), hex);
	return !ferror(r->f) && strcmp(hex, r->body) == 0;
}

static int refuse(const struct wb_migration *base, const char *why, const char *name, struct wb_error *err)
{
	(void)wb_err_set(err, WB_EREFUSED, "%s is there already, and %s%s", base->name, name ? name : "", why);
	wb_err_hint(err, "keep it, or remove it and squash anew");
	wb_err_place(err, base->file, 0, 0);
	return WB_EREFUSED;
}

static int check(struct reading *r, const struct wb_migration *base, struct wb_migration *const *v, size_t n)
{
	int rc = read_head(r);
	char hex[HEX + 1];

	if (rc)
		return rc;
	if (!*r->body)
		return refuse(base, "it was not written by `squash`", NULL, r->err);
	if (!body_matches(r))
		return refuse(base, "it was changed since it was proved", NULL, r->err);
	for (size_t i = 0; i < n; i++) {
		const char *proved = wb_map_get(&r->files, wb_sv_str(v[i]->name));

		wb_hex(v[i]->checksum, sizeof(v[i]->checksum), hex);
		if (!proved)
			return refuse(base, " is none of the files it stands for", v[i]->name, r->err);
		if (strcmp(proved, hex) != 0)
			return refuse(base, " was changed since it was proved", v[i]->name, r->err);
	}
	return 0;
}

int wb_squashed_check(const struct wb_migration *base, struct wb_migration *const *v, size_t n, struct wb_error *err)
{
	struct reading r = { .f = fopen(base->file, "re"), .arena = WB_ARENA_INIT, .err = err };
	int rc = r.f ? check(&r, base, v, n) : wb_err_errno(err, WB_EIO, "cannot open %s", base->file);

	done(&r);
	return rc;
}
