/* SPDX-License-Identifier: Apache-2.0
 *
 * An empty database beside the real one, and a context for it, on which
 * migrations are tried out. It is removed at the end.
 */
#include "context.h"

#include <fcntl.h>
#include <unistd.h>

/* The URL with another database in its path; an SQLite file beside the system's temporary files. Databases are made
 * and dropped past a pooler. */
static char *trial_url(struct wb_trial *t)
{
	const struct wb_context *c = t->owner;
	if (c->driver->caps & WB_CAP_FILE_LOCK)
		return wb_arena_printf(&t->arena, "sqlite:%s/%s.db", wb_temp_dir(), t->name);
	return wb_url_with_database(&t->arena, c->has_direct ? &c->direct : &c->url, t->name);
}

static void make_name(struct wb_trial *t)
{
	char uuid[37];
	wb_uuid(uuid);
	(void)snprintf(t->name, sizeof(t->name), "whimbrel_scratch_%s", uuid);
	for (char *p = t->name; *p; p++)
		*p = *p == '-' ? '_' : *p;
}

/* Whoever reads it reads what the migrations hold; sqlite3 would let everybody. */
static int make_private(const struct wb_trial *t, struct wb_error *err)
{
	if (!(t->owner->driver->caps & WB_CAP_FILE_LOCK))
		return 0;
	int fd = open(strchr(t->context->o.url, ':') + 1, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		int rc = wb_err_errno(err, WB_EIO, "%s cannot be made", t->context->o.url);
		wb_temp_hint(err);
		return rc;
	}
	(void)close(fd);
	return 0;
}

static struct wb_options trial_options(const struct wb_context *owner, const char *url)
{
	struct wb_options o = owner->o;
	o.size = sizeof(o);
	o.url = url;
	o.direct_url = NULL;
	o.sqlite_handle = NULL;
	o.event = NULL;
	o.allow_reset = true;
	/* What is said of files is said where they are run for good. */
	if (o.log_level == WB_LOG_WARN || o.log_level == WB_LOG_INFO)
		o.log_level = WB_LOG_ERROR;
	o.protected_environment = false;
	return o;
}

int wb_trial_context(struct wb_context *owner, const char *url, struct wb_context **ret_context, struct wb_error *err)
{
	struct wb_options o = trial_options(owner, url);
	o.keep_snapshots = false;
	int rc = wb_open(&o, ret_context, err);
	if (rc == 0) {
		(*ret_context)->stop = owner->stop;
		wb_check_loader(*ret_context, owner->load_suite, owner->load_user);
		wb_transform_loader(*ret_context, owner->load_rules, owner->rules_user);
	}
	return rc;
}

static int open_trial(struct wb_context *owner, const char *dir, const struct wb_embedded_migration *file,
		      struct wb_trial *t, struct wb_error *err)
{
	*t = (struct wb_trial){ .owner = owner, .arena = WB_ARENA_INIT };
	int rc = wb_need_driver(owner, err);
	if (rc < 0)
		return rc;
	make_name(t);
	struct wb_options o = trial_options(owner, trial_url(t));
	o.dir = dir ? dir : o.dir;
	o.embedded = file ? file : o.embedded;
	o.n_embedded = file ? 1 : dir ? 0 : o.n_embedded;
	if (!o.url)
		return wb_err_nomem(err);
	rc = wb_open(&o, &t->context, err);
	if (rc < 0)
		return rc;
	t->context->stop = &owner->cancel;
	rc = make_private(t, err);
	if (rc == 0)
		rc = wb_create_database(t->context, NULL, err);
	if (rc < 0)
		wb_err_prefix(err, "a scratch database cannot be created");
	return rc;
}

int wb_trial_open(struct wb_context *owner, const char *dir, struct wb_trial *t, struct wb_error *err)
{
	return open_trial(owner, dir, NULL, t, err);
}

int wb_trial_open_file(struct wb_context *owner, const struct wb_embedded_migration *file, struct wb_trial *t,
		       struct wb_error *err)
{
	return open_trial(owner, NULL, file, t, err);
}

void wb_trial_hint(int rc, struct wb_error *err)
{
	if (rc == WB_EPRIVILEGE)
		wb_err_hint(err,
			    "pass --scratch-url: a server on which databases may be made; or let an administrator say "
			    "ALTER ROLE ... CREATEDB");
}

void wb_trial_close(struct wb_trial *t)
{
	struct wb_error ignored;
	/* Twice: what is short, memory above all, may be there again. */
	if (t->context && wb_drop_database(t->context, NULL, &ignored) < 0 &&
	    wb_drop_database(t->context, NULL, &ignored) < 0)
		wb_log(&t->owner->sink, WB_LOG_WARN, "the scratch database %s could not be removed: %s", t->name,
		       ignored.message);
	wb_close(t->context);
	wb_arena_done(&t->arena);
}
