/* SPDX-License-Identifier: Apache-2.0
 *
 * A copy of the whole database beside the real one, made of a dump of one moment.
 * Its name tells whose it is: the next run removes what a killed one has left.
 */
#include "bench/advise.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/banned.h"

struct copying {
	const struct wb_advise_place *p;
	const struct wb_advise_options *o;
	const char *phase;
};

static int copied(void *user, int64_t done, int64_t total, struct wb_error *err)
{
	const struct copying *c = user;
	if (*c->p->stop)
		return wb_err_set(err, WB_ECANCELLED, "cancelled");
	if (c->o->progress && done >= 0)
		c->o->progress(c->o->progress_user, c->phase, (size_t)done, total > 0 ? (size_t)total : 0);
	return 0;
}

/* In the folder for such files. */
static int make_file(struct wb_str *path, int *ret_fd, struct wb_error *err)
{
	const char *dir = getenv("TMPDIR");
	wb_autostr place = WB_STR_INIT;
	wb_str_addf(&place, "%s/", dir && *dir ? dir : "/tmp");
	if (place.failed)
		return wb_err_nomem(err);
	wb_fs_sweep(place.p);
	wb_str_add(&place, "whimbrel-advice");
	return place.failed ? wb_err_nomem(err) : wb_fs_temp(place.p, path, ret_fd, err);
}

static int stopped(void *user)
{
	const struct wb_advise_place *p = user;
	return *p->stop ? WB_ECANCELLED : 0;
}

static int build(const struct wb_advise_place *p, struct copying *c, const char *path, int fd,
		 struct wb_advise_copy *copy, struct wb_error *err)
{
	struct wb_copying how = { .copied = copied, .user = c, .tools = p->tools_dir };
	struct wb_dump d = { .path = path, .fd = fd, .copying = &how };
	char id[37];
	struct wb_scratch_options so = { .real = p->real, .path = path, .id = id, .copying = &how, .no_owner = true };
	union {
		const struct wb_advise_place *in;
		void *out;
	} user = { p };
	wb_uuid(id);
	p->conn->tick = stopped;
	p->conn->tick_user = user.out;
	c->phase = "dump";
	int rc = wb_conn_dump(p->conn, &d, err);
	p->conn->tick = NULL;
	c->phase = "copy";
	return rc < 0 ? rc : wb_scratch_open(p->driver, &so, &copy->scratch, err);
}

int wb_advise_copy_open(const struct wb_advise_place *p, const struct wb_advise_options *o,
			struct wb_advise_copy *ret_copy, struct wb_error *err)
{
	struct copying c = { .p = p, .o = o };
	wb_autostr path = WB_STR_INIT;
	int64_t start = wb_now_ms();
	int fd = -1;
	*ret_copy = (struct wb_advise_copy){ 0 };
	if (!p->driver->scratch_open)
		return wb_err_set(err, WB_EUNSUPPORTED, "%s databases cannot be copied", p->driver->name);
	int rc = make_file(&path, &fd, err);
	if (rc == 0)
		rc = build(p, &c, path.p, fd, ret_copy, err);
	if (fd >= 0) {
		(void)unlink(path.p);
		(void)close(fd);
	}
	if (rc == 0)
		rc = wb_conn_open(p->driver, &ret_copy->scratch->open, &ret_copy->conn, err);
	if (rc < 0 && rc != WB_ECANCELLED) {
		wb_err_prefix(err, "a copy to try indexes on cannot be made");
		if (rc == WB_EPRIVILEGE)
			wb_err_hint(err,
				    "the role needs CREATEDB; or install HypoPG, and ask the planner: --prove planner");
	}
	ret_copy->ms = wb_now_ms() - start;
	if (rc < 0)
		wb_advise_copy_close(p, ret_copy);
	return rc;
}

void wb_advise_copy_close(const struct wb_advise_place *p, struct wb_advise_copy *c)
{
	wb_conn_close(c->conn);
	if (c->scratch)
		p->driver->scratch_close(c->scratch);
	*c = (struct wb_advise_copy){ 0 };
}
