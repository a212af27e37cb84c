/* SPDX-License-Identifier: Apache-2.0
 *
 * The public backup calls. A restore must also work where the database is
 * missing or cannot be read, so that it connects only to one that answers.
 */
#include "context.h"

#include "migrate/backup.h"

struct backup_box {
	struct wb_backup view; /* first: wb_backup_free gets its address */
	struct wb_arena arena;
};
struct restore_box {
	struct wb_restore view;
	struct wb_arena arena;
};
struct backups_box {
	struct wb_backups view;
	struct wb_arena arena;
	struct wb_backup_list list;
};

WB_API void wb_backup_free(struct wb_backup *backup)
{
	struct backup_box *b = (struct backup_box *)backup;
	if (!b)
		return;
	wb_arena_done(&b->arena);
	free(b);
}

WB_API void wb_restore_free(struct wb_restore *restore)
{
	struct restore_box *b = (struct restore_box *)restore;
	if (!b)
		return;
	wb_arena_done(&b->arena);
	free(b);
}

WB_API void wb_backups_free(struct wb_backups *backups)
{
	struct backups_box *b = (struct backups_box *)backups;
	if (!b)
		return;
	wb_vec_done(&b->list.v);
	wb_vec_done(&b->list.removed);
	wb_arena_done(&b->arena);
	free(b);
}

static int64_t patience(int64_t lock_wait_ms)
{
	return lock_wait_ms ? lock_wait_ms : 60000;
}

static int with_lock(struct wb_context *c, int64_t lock_wait_ms,
		     int (*act)(struct wb_context *c, void *user, struct wb_error *err), void *user,
		     struct wb_error *err)
{
	struct wb_lock_result waited;
	int rc = wb_lock_acquire(&c->target, patience(lock_wait_ms), &waited, err);
	if (rc < 0)
		return rc;
	rc = act(c, user, err);
	if (c->conn)
		c->conn->tick = NULL;
	wb_lock_release(&c->target);
	return rc;
}

static int finish(struct wb_context *c, int rc)
{
	if (rc == WB_ECANCELLED)
		c->cancel = 0; /* what was asked to stop has stopped */
	return rc;
}

/* ---- backup ------------------------------------------------------------------------ */

struct backing_up {
	struct wb_backup_options o;
	struct backup_box *box;
};

static int stop_when_cancelled(void *user)
{
	const struct wb_context *c = user;
	return c->cancel ? WB_ECANCELLED : 0;
}

static int take(struct wb_context *c, void *user, struct wb_error *err)
{
	struct backing_up *b = user;
	c->conn->tick = stop_when_cancelled;
	c->conn->tick_user = c;
	return wb_backup_take(&c->target, &b->o, &b->box->arena, &b->box->view, err);
}

WB_API int wb_backup(struct wb_context *context, const struct wb_backup_options *options, struct wb_backup **ret_backup,
		     struct wb_error *err)
{
	struct backing_up b = { .box = NULL };
	int rc = wb_take_options(&b.o, sizeof(b.o), options, "wb_backup_options", err);
	if (rc == 0)
		rc = wb_prepare(context, WB_NEED_CONN, err);
	if (rc < 0)
		return rc;
	b.box = calloc(1, sizeof(*b.box));
	if (!b.box)
		return wb_err_nomem(err);
	rc = finish(context, with_lock(context, b.o.lock_wait_ms, take, &b, err));
	if (rc < 0 || !ret_backup)
		wb_backup_free(&b.box->view);
	else
		*ret_backup = &b.box->view;
	return rc;
}

/* ---- restore --------------------------------------------------------------------------- */

struct restoring {
	struct wb_restore_options o;
	struct wb_open_options real;
	struct restore_box *box;
};

static int restore(struct wb_context *c, void *user, struct wb_error *err)
{
	struct restoring *r = user;
	return wb_restore_into(&c->target, &r->real, &r->o, false, &r->box->arena, &r->box->view, err);
}

/* A database that is there but cannot be read is what backups are for. */
static bool is_damaged(const struct wb_context *c, const struct wb_error *e)
{
	return (c->driver->caps & WB_CAP_FILE_LOCK) && (e->code == WB_EINPUT || e->code == WB_EIO);
}

/* *ret_there: the context has a connection to the database that is to be replaced. */
static int look_at_real(struct wb_context *c, struct restoring *r, bool *ret_there, struct wb_error *err)
{
	struct wb_error why = { 0 };
	bool there = false;
	r->real = wb_context_open_options(c);
	if (c->has_direct)
		r->real.url = &c->direct;
	if (!c->driver->exists_db)
		return wb_err_set(err, WB_EUNSUPPORTED, "%s cannot be restored", c->engine);
	int rc = c->driver->exists_db(&r->real, &there, err);
	if (rc < 0)
		return rc;
	rc = wb_prepare(c, there ? WB_NEED_CONN : 0, &why);
	if (rc < 0 && is_damaged(c, &why)) {
		wb_log(&c->sink, WB_LOG_WARN, "the database that is replaced cannot be read: %s", why.message);
		rc = wb_prepare(c, 0, &why);
		there = false;
	}
	if (rc < 0 && err)
		*err = why;
	if (!there)
		c->target.conn = NULL;
	*ret_there = there;
	return rc;
}

static int check_pooler(const struct wb_context *c, struct wb_error *err)
{
	if (!c->conn->pooled || c->has_direct)
		return 0;
	wb_err_set(err, WB_EUNSUPPORTED, "a database cannot be restored through a transaction pooler");
	wb_err_hint(err, "give direct_url, an address past the pooler");
	return WB_EUNSUPPORTED;
}

static int check_meant(const struct wb_context *c, const struct restoring *r, struct wb_error *err)
{
	if (!r->o.file || !*r->o.file)
		return wb_err_set(err, WB_EUSAGE, "no backup was named");
	if (!c->has_url)
		return wb_err_set(err, WB_EUSAGE, "no database was given");
	if (!c->o.protected_environment || r->o.confirmed)
		return 0;
	wb_err_set(err, WB_EPROTECTED, "this environment is protected: its database is not replaced unasked");
	wb_err_hint(err, "confirm it, or give --yes");
	return WB_EPROTECTED;
}

static int restore_anyhow(struct wb_context *c, struct restoring *r, struct wb_error *err)
{
	bool there = false;
	int rc = wb_need_driver(c, err);
	if (rc == 0)
		rc = look_at_real(c, r, &there, err);
	if (rc == 0 && there)
		rc = check_pooler(c, err);
	if (rc < 0)
		return rc;
	return there ? with_lock(c, r->o.lock_wait_ms, restore, r, err) : restore(c, r, err);
}

WB_API int wb_restore(struct wb_context *context, const struct wb_restore_options *options,
		      struct wb_restore **ret_restore, struct wb_error *err)
{
	struct restoring r = { .box = NULL };
	int rc = wb_take_options(&r.o, sizeof(r.o), options, "wb_restore_options", err);
	if (rc == 0)
		rc = check_meant(context, &r, err);
	if (rc < 0)
		return rc;
	r.box = calloc(1, sizeof(*r.box));
	if (!r.box)
		return wb_err_nomem(err);
	rc = finish(context, restore_anyhow(context, &r, err));
	if (rc < 0 || !ret_restore)
		wb_restore_free(&r.box->view);
	else
		*ret_restore = &r.box->view;
	return rc;
}

/* ---- the folder ---------------------------------------------------------------------------- */

#define PRUNE_DEFAULT_MS (30LL * 24 * 60 * 60 * 1000)

WB_API int wb_backups(struct wb_context *context, const struct wb_backups_options *options,
		      struct wb_backups **ret_backups, struct wb_error *err)
{
	struct wb_backups_options o;
	int rc = wb_take_options(&o, sizeof(o), options, "wb_backups_options", err);
	if (rc == 0)
		rc = wb_prepare(context, 0, err);
	if (rc < 0)
		return rc;
	struct backups_box *b = calloc(1, sizeof(*b));
	const char *dir = wb_backup_dir(&context->target);
	if (!b)
		return wb_err_nomem(err);
	rc = wb_backup_read_dir(dir, &b->arena, &b->list, err);
	if (rc == 0 && o.prune)
		rc = wb_backup_prune(dir, o.older_than_ms ? o.older_than_ms : PRUNE_DEFAULT_MS, &b->arena, &b->list,
				     err);
	if (rc < 0) {
		wb_backups_free(&b->view);
		return rc;
	}
	b->view = (struct wb_backups){ .dir = dir,
				       .backups = b->list.v.v,
				       .n_backups = b->list.v.n,
				       .removed = b->list.removed.v,
				       .n_removed = b->list.removed.n };
	*ret_backups = &b->view;
	return 0;
}
