/* SPDX-License-Identifier: Apache-2.0
 *
 * Unit tests of the driver room: all groups, and what they share.
 */
#include "tests.h"

#include <ftw.h>
#include <unistd.h>

void check_ok(int rc, const struct wb_error *err, const char *file, int line)
{
	if (rc == 0)
		return;
	print_error("%s %s: %s (%s)\n", wb_code_name(rc), err->message, err->detail, err->hint);
	_fail(file, line);
}

int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	if (!p)
		return -1;
	*state = p;
	(void)snprintf(p->dir, sizeof(p->dir), "/tmp/whimbrel-driver-XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	(void)snprintf(p->path, sizeof(p->path), "%s/app.db", p->dir);
	(void)snprintf(p->other, sizeof(p->other), "%s/other", p->dir);
	p->url = (struct wb_url){ .text = p->path, .safe = p->path, .scheme = "sqlite", .database = p->path };
	p->o = (struct wb_open_options){ .url = &p->url, .create = true };
	return 0;
}

int set_up_conn(void **state)
{
	struct place *p;

	if (set_up(state))
		return -1;
	p = *state;
	return wb_conn_open(wb_sqlite_driver(), &p->o, &p->c, &p->err);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

int tear_down(void **state)
{
	struct place *p = *state;
	int rc;

	wb_conn_close(p->c);
	rc = nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return rc;
}

struct wb_conn *open_again(struct place *p, const struct wb_open_options *o)
{
	struct wb_conn *c = NULL;

	assert_ok(wb_conn_open(wb_sqlite_driver(), o ? o : &p->o, &c, &p->err), &p->err);
	return c;
}

int try_exec(struct wb_conn *c, const char *sql, struct wb_error *err)
{
	return wb_exec(c, sql, err);
}

void exec(struct wb_conn *c, const char *sql)
{
	struct wb_sv rest = wb_sv_str(sql), one;
	struct wb_error err = { 0 };

	while (wb_sv_cut(&rest, ';', &one)) {
		struct wb_query q = { .sql = one };

		if (wb_sv_trim(one).n)
			assert_ok(wb_run(c, &q, 1, NULL, NULL, &err), &err);
	}
}

static int take_value(void *user, const struct wb_row *row, struct wb_error *err)
{
	char *buf = user;

	(void)err;
	if (!buf[0])
		(void)wb_sv_copy(row->v[0].p ? row->v[0] : WB_SV("NULL"), buf, 256);
	return 0;
}

const char *value(struct wb_conn *c, const char *sql)
{
	static char buf[256];
	struct wb_query q = { .sql = wb_sv_str(sql), .row = take_value, .row_user = buf };
	struct wb_error err = { 0 };

	buf[0] = '\0';
	assert_ok(wb_run(c, &q, 1, NULL, NULL, &err), &err);
	return buf;
}

void put_file(const char *path, const char *text, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

int main(void)
{
	int failed = 0;

#define X(name) failed += test_##name();
	TEST_GROUPS(X)
#undef X
	return failed ? 1 : 0;
}
