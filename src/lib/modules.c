/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding drivers. SQLite is part of the library; PostgreSQL is a module that is
 * loaded when its database is used, since libpq and the parser cost more at
 * start-up than everything else together.
 */
#include "context.h"

#include <dlfcn.h>
#include <unistd.h>

#include "driver/sqlite/sqlite.h"
#include "wb_build.h"

#ifdef WB_POSTGRES
typedef const struct wb_driver *(*driver_fn)(void);

static void folder_of_program(char *buf, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", buf, size - 1);
	buf[n > 0 ? n : 0] = 0;
	char *slash = strrchr(buf, '/');
	if (slash)
		*slash = 0;
}

/* Where modules are looked for, in order: said by the caller, beside the program, where `make install` puts them. */
static int open_module(struct wb_context *c, const char *name, void **ret_handle, struct wb_error *err)
{
	char beside[1024], path[1400], cause[512] = "";
	folder_of_program(beside, sizeof(beside));
	const char *folders[] = { c->o.module_dir, beside, WB_MODULE_DIR };
	for (size_t i = 0; i < WB_ARRAY_LEN(folders); i++) {
		if (!folders[i] || !*folders[i])
			continue;
		snprintf(path, sizeof(path), "%s/whimbrel-%s.so", folders[i], name);
		if (access(path, R_OK) != 0)
			continue;
		*ret_handle = dlopen(path, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);
		if (*ret_handle)
			return 0;
		const char *why = dlerror();
		(void)wb_sv_copy(wb_sv_str(why ? why : "unknown"), cause, sizeof(cause));
	}
	wb_err_set(err, WB_EUNSUPPORTED, "the %s driver (whimbrel-%s.so) cannot be loaded", name, name);
	wb_err_detail(err, "%s",
		      *cause ? cause : "the file was found neither beside the program nor where modules are installed");
	wb_err_hint(err, "put whimbrel-%s.so beside the program, or set WHIMBREL_MODULE_DIR; it needs libpq5", name);
	return WB_EUNSUPPORTED;
}

static int load_module(struct wb_context *c, const char *name, const char *symbol, struct wb_error *err)
{
	void *handle = NULL;
	int rc = open_module(c, name, &handle, err);
	if (rc < 0)
		return rc;
	union {
		void *object;
		driver_fn function;
	} u = { dlsym(handle, symbol) };
	rc = u.object ? wb_driver_register(&c->registry, u.function(), err)
		      : wb_err_set(err, WB_EUNSUPPORTED, "whimbrel-%s.so is no driver: it has no %s", name, symbol);
	dlclose(handle);
	return rc;
}
#else
/* A build for embedding: nothing is ever loaded. */
static int load_module(struct wb_context *c, const char *name, const char *symbol, struct wb_error *err)
{
	(void)c, (void)symbol;
	wb_err_set(err, WB_EUNSUPPORTED, "this build has no %s driver", name);
	wb_err_hint(err, "it was made without PostgreSQL, for embedding; use a whole libwhimbrel");
	return WB_EUNSUPPORTED;
}
#endif

int wb_driver_of(struct wb_context *c, const char *scheme, const struct wb_driver **ret_driver, struct wb_error *err)
{
	const struct wb_driver *d = wb_driver_find(&c->registry, scheme);
	int rc = 0;
	if (!d && !strcmp(scheme, "sqlite"))
		rc = wb_driver_register(&c->registry, wb_sqlite_driver(), err);
	else if (!d && !strncmp(scheme, "postgres", 8))
		rc = load_module(c, "postgres", "wb_postgres_driver", err);
	if (rc < 0)
		return rc;
	d = wb_driver_find(&c->registry, scheme);
	if (!d)
		return wb_err_set(err, WB_EUNSUPPORTED, "this build has no driver for %s", scheme);
	*ret_driver = d;
	return 0;
}
