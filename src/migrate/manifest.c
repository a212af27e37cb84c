/* SPDX-License-Identifier: Apache-2.0
 *
 * The manifest beside a backup: one JSON object. It is written by hand and read
 * by sqlite3's JSON functions, which every build has: an embedding application
 * needs no JSON library.
 */
#include "backup.h"

#include <unistd.h>

#include "driver/sqlite/sqlite.h"

#define MANIFEST_FORMAT 1
#define MANIFEST_MAX (64u << 10)

static const struct field {
	const char *key;
	size_t offset; /* of a text in struct wb_backup_info */
	bool needed;
} fields[] = {
	{ "name", offsetof(struct wb_backup_info, name), true },
	{ "engine", offsetof(struct wb_backup_info, engine), true },
	{ "server_version", offsetof(struct wb_backup_info, server_version), false },
	{ "database", offsetof(struct wb_backup_info, database), false },
	{ "project", offsetof(struct wb_backup_info, project), false },
	{ "schema_version", offsetof(struct wb_backup_info, schema_version), false },
	{ "tool_version", offsetof(struct wb_backup_info, tool_version), false },
	{ "dump_tool", offsetof(struct wb_backup_info, dump_tool), false },
	{ "dump_format", offsetof(struct wb_backup_info, dump_format), false },
	{ "sha256", offsetof(struct wb_backup_info, sha256), true },
	{ "created_at", offsetof(struct wb_backup_info, created_at), true },
};

static const char **text_of(struct wb_backup_info *info, const struct field *f)
{
	return (const char **)(void *)((char *)info + f->offset);
}

/* ---- writing -------------------------------------------------------------------- */

static void add_text(struct wb_str *s, const char *text)
{
	if (!text) {
		wb_str_add(s, "null");
		return;
	}
	wb_str_addc(s, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			wb_str_addf(s, "\\%c", *text);
		else if ((unsigned char)*text < ' ')
			wb_str_addf(s, "\\u%04x", (unsigned char)*text);
		else
			wb_str_addc(s, *text);
	}
	wb_str_addc(s, '"');
}

/* As the backup itself: what a killed run leaves of it is swept by the next one. */
static int create(const char *path, struct wb_sv text, struct wb_error *err)
{
	wb_autostr temp = WB_STR_INIT;
	int fd = -1, rc = wb_fs_temp(path, &temp, &fd, err);
	if (rc < 0)
		return rc;
	rc = wb_fs_write(fd, text.p, text.n, path, err);
	if (rc == 0)
		rc = wb_fs_publish(temp.p, fd, path, err);
	if (rc < 0)
		(void)unlink(temp.p);
	(void)close(fd);
	return rc;
}

int wb_manifest_write(const char *path, const struct wb_backup_info *info, struct wb_error *err)
{
	wb_autostr s = WB_STR_INIT;
	struct wb_backup_info copy = *info;
	const char *slash = strrchr(info->file, '/');
	wb_str_addf(&s, "{\n  \"tool\": \"whimbrel\",\n  \"format\": %d,\n  \"file\": ", MANIFEST_FORMAT);
	add_text(&s, slash ? slash + 1 : info->file);
	for (size_t i = 0; i < WB_ARRAY_LEN(fields); i++) {
		wb_str_addf(&s, ",\n  \"%s\": ", fields[i].key);
		add_text(&s, *text_of(&copy, &fields[i]));
	}
	wb_str_addf(&s, ",\n  \"bytes\": %lld\n}\n", (long long)info->bytes);
	return s.failed ? wb_err_nomem(err) : create(path, wb_str_sv(&s), err);
}

/* ---- reading ----------------------------------------------------------------------- */

struct reading {
	struct wb_arena *arena;
	struct wb_backup_info *info;
	int64_t format;
	bool ours;
};

static int take_entry(void *user, const struct wb_row *row, struct wb_error *err)
{
	struct reading *r = user;
	struct wb_sv key = row->v[0], value = row->v[1];
	if (wb_sv_eq(key, WB_SV("format")))
		(void)wb_sv_i64(value, &r->format);
	if (wb_sv_eq(key, WB_SV("bytes")))
		(void)wb_sv_i64(value, &r->info->bytes);
	if (wb_sv_eq(key, WB_SV("tool")))
		r->ours = wb_sv_eq(value, WB_SV("whimbrel"));
	for (size_t i = 0; i < WB_ARRAY_LEN(fields); i++) {
		if (!value.p || !wb_sv_eq(key, wb_sv_str(fields[i].key)))
			continue;
		const char **text = text_of(r->info, &fields[i]);
		*text = wb_arena_sv(r->arena, value);
		if (!*text)
			return wb_err_nomem(err);
	}
	return 0;
}

static int parse(struct wb_sv text, struct reading *r, struct wb_error *err)
{
	static const struct wb_url memory = {
		.text = "sqlite::memory:", .safe = "sqlite::memory:", .scheme = "sqlite", .database = ":memory:"
	};
	const struct wb_open_options o = { .url = &memory, .create = true, .monitor = true };
	struct wb_value json = wb_v_sv(text);
	struct wb_query q = { .sql = WB_SV("SELECT key, value FROM json_each(?1)"),
			      .params = &json,
			      .n_params = 1,
			      .row = take_entry,
			      .row_user = r };
	struct wb_conn *c = NULL;
	int rc = wb_conn_open(wb_sqlite_driver(), &o, &c, err);
	if (rc == 0)
		rc = wb_run(c, &q, 1, NULL, NULL, err);
	wb_conn_close(c);
	return rc;
}

static int none(const char *path, const char *why, struct wb_error *err)
{
	wb_err_set(err, WB_EINPUT, "%s is no manifest of a backup", path);
	wb_err_detail(err, "%s", why);
	return WB_EINPUT;
}

static int check(const char *path, const struct reading *r, struct wb_error *err)
{
	if (!r->ours)
		return none(path, "its \"tool\" is not \"whimbrel\"", err);
	if (r->format > MANIFEST_FORMAT) {
		wb_err_set(err, WB_ENEWER, "the manifest %s has format %lld, this Whimbrel knows up to %d", path,
			   (long long)r->format, MANIFEST_FORMAT);
		wb_err_hint(err, "a newer Whimbrel made this backup; restore it with that version, or a newer one");
		return WB_ENEWER;
	}
	for (size_t i = 0; i < WB_ARRAY_LEN(fields); i++) {
		if (fields[i].needed && !*text_of(r->info, &fields[i]))
			return none(path, fields[i].key, err);
	}
	return r->info->bytes >= 0 ? 0 : none(path, "bytes", err);
}

int wb_manifest_read(const char *path, struct wb_arena *a, struct wb_backup_info *ret_info, struct wb_error *err)
{
	wb_autostr text = WB_STR_INIT;
	struct wb_backup_info info = { .bytes = -1 };
	struct reading r = { .arena = a, .info = &info };
	struct wb_error why = { 0 };
	int rc = wb_fs_read(path, MANIFEST_MAX, &text, err);
	if (rc < 0)
		return rc;
	rc = parse(wb_str_sv(&text), &r, &why);
	if (rc == WB_ENOMEM)
		return wb_err_nomem(err);
	rc = rc < 0 ? none(path, why.message, err) : check(path, &r, err);
	if (rc == 0)
		*ret_info = info;
	return rc;
}
