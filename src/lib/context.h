/* SPDX-License-Identifier: Apache-2.0
 *
 * The inside of a context; for the lib room, and for scenarios, which look
 * into the contexts of their scratch databases.
 */
#ifndef WB_LIB_CONTEXT_H
#define WB_LIB_CONTEXT_H

#include <whimbrel/whimbrel.h>

#include "migrate/migrate.h"

struct wb_context {
	struct wb_arena arena;
	struct wb_options o;
	struct wb_sink sink;
	struct wb_url url, direct;
	bool has_url, has_direct;
	bool has_server; /* connecting makes no file */
	enum wb_dialect dialect;
	const char *engine;
	struct wb_registry registry;
	const struct wb_driver *driver; /* NULL until a call needs it */
	struct wb_conn *conn; /* NULL until a call needs it */
	bool conn_is_standin; /* an empty database in memory, in place of a file that does not exist yet */
	struct wb_source *source; /* NULL until a call needs it */
	struct wb_variable *variables; /* as the migrate room wants them; NULL until a call needs them */
	struct wb_embedded *embedded; /* the same for the source room */
	const struct wb_embedded *staged; /* the folder as git's next commit has it; NULL: as it is */
	size_t n_staged;
	struct wb_target target;
	struct wb_ahead ahead; /* the journal, read while the files were */
	char host[256];
	struct wb_user user;
	wb_check_load_fn load_suite; /* NULL: none */
	void *load_user;
	wb_transform_load_fn load_rules; /* the same for rules */
	void *rules_user;
	/* For trying out failures: what strikes its connection; and who is told of each statement of a migration before
	 * it is sent, which it then is by itself. NULL: nothing, nobody. */
	const struct wb_fault *fault;
	void (*each)(void *user, struct wb_context *c);
	void *each_user;
	volatile sig_atomic_t cancel;
	volatile sig_atomic_t *stop; /* what is asked: cancel, here or of the context that this one works for */
};

enum wb_need {
	WB_NEED_SOURCE = 1, /* files */
	WB_NEED_CONN = 2, /* a connection */
	WB_NEED_WRITE = 4, /* … that may create an SQLite file */
	WB_NEED_READ = 8, /* … where a database that does not exist yet counts as an empty one */
	WB_NEED_JOURNAL = 16 /* its lean form will be read first: may be done while files are read */
};
/* Brings what a call needs and fills context->target. Files are read anew by every call. */
int wb_prepare(struct wb_context *c, unsigned needs, struct wb_error *err) WB_MUST_USE;
/* Until what is needed can be had, or the time (0 = a minute) is over. */
int wb_wait_for(struct wb_context *c, unsigned needs, int64_t timeout_ms, struct wb_error *err) WB_MUST_USE;
int wb_need_driver(struct wb_context *c, struct wb_error *err) WB_MUST_USE;
/* Copies an options struct of a possibly older or newer caller. */
int wb_take_options(void *dst, size_t dst_size, const void *src, const char *what, struct wb_error *err) WB_MUST_USE;
struct wb_open_options wb_context_open_options(struct wb_context *c);

/* modules.c: the driver of a scheme, loading its module where it is one. */
int wb_driver_of(struct wb_context *c, const char *scheme, const struct wb_driver **ret_driver,
		 struct wb_error *err) WB_MUST_USE;

/* check.c: suites around a run and in sections of migrations. */
/* All of them; the first that fails is an error of this code. */
int wb_check_gate(struct wb_context *c, const struct wb_check_suite *const *v, size_t n, int code,
		  struct wb_error *err) WB_MUST_USE;
/* For wb_target.suite. */
int wb_check_section(void *context, const char *file, const char *suite, struct wb_conn *conn,
		     struct wb_error *err) WB_MUST_USE;

/* Is the suite there, does it make sense, and has it the groups? */
int wb_check_section_valid(struct wb_context *c, const char *file, const char *suite, struct wb_error *err) WB_MUST_USE;

/* A growing array of problems as the public structs show them. */
struct wb_problem_list {
	struct wb_arena *arena;
	struct wb_problems list;
};
int wb_problems_add_error(struct wb_problem_list *p, const char *kind, const struct wb_error *e,
			  struct wb_error *err) WB_MUST_USE;
/* Is something told to be wrong at this line already? */
bool wb_problems_tell(const struct wb_problem_list *p, const struct wb_error *e);

/* schema_read.c: a context like this one, but elsewhere. */
int wb_open_like(const struct wb_context *c, const char *url, struct wb_context **ret,
		 struct wb_error *err) WB_MUST_USE;

/* trash.c: where what migrations take away is kept, for people; NULL: it is lost. */
int wb_trash_place(const struct wb_context *c, struct wb_arena *a, const char **ret_place,
		   struct wb_error *err) WB_MUST_USE;

/* pending.c: files that the next `up` would run, by sort_key. */
enum wb_pending { WB_PENDING_NOT, WB_PENDING_WHOLE, WB_PENDING_REST }; /* REST: some of its statements are done */
int wb_pending_find(struct wb_context *c, const struct wb_journal *j, struct wb_map *ret_pending,
		    struct wb_error *err) WB_MUST_USE;
enum wb_pending wb_pending_of(const struct wb_map *pending, const struct wb_migration *m);

/* trial.c: an empty database beside the real one, for trying things out. */
struct wb_trial {
	struct wb_context *owner, *context;
	char name[80];
	struct wb_arena arena;
};
/* dir: the folder of its migrations; NULL: the owner's files. Calls on t->context stop when the owner is cancelled.
 * wb_trial_close() is due also after an error. */
int wb_trial_open(struct wb_context *owner, const char *dir, struct wb_trial *t, struct wb_error *err) WB_MUST_USE;
/* The context alone, for a database that there is. */
int wb_trial_context(struct wb_context *owner, const char *url, struct wb_context **ret_context,
		     struct wb_error *err) WB_MUST_USE;
/* With one file held in memory, which outlives it. */
int wb_trial_open_file(struct wb_context *owner, const struct wb_embedded_migration *file, struct wb_trial *t,
		       struct wb_error *err) WB_MUST_USE;
/* For commands that take --scratch-url: what to do where the role may not make databases. */
void wb_trial_hint(int rc, struct wb_error *err);
void wb_trial_close(struct wb_trial *t); /* the database is removed */

/* beside.c: the path of a file that a section of a migration names, and the names after its "#"; texts between commas.
 */
int wb_beside(struct wb_arena *a, const char *file, const char *named, const char **ret_path,
	      struct wb_texts *ret_names, struct wb_error *err) WB_MUST_USE;
int wb_listed(struct wb_arena *a, struct wb_sv list, struct wb_texts *ret, struct wb_error *err) WB_MUST_USE;

/* links.c: $TMPDIR or /tmp; a folder of links to files, in there; "" until it is made. */
const char *wb_temp_dir(void);
void wb_temp_hint(struct wb_error *err);
#define WB_LINKS_MAX 512
int wb_links_make(char folder[WB_LINKS_MAX], const char *purpose, struct wb_error *err) WB_MUST_USE;
int wb_links_add(const char *folder, const char *path, const char *name,
		 struct wb_error *err) WB_MUST_USE; /* name NULL: its own */
void wb_links_remove(const char *folder, const struct wb_sink *sink);

/* against.c, reversible.c, roundtrip.c, breaking.c: parts of validate */
int wb_validate_reversible(struct wb_context *c, const struct wb_journal *j, struct wb_problem_list *p,
			   struct wb_error *err) WB_MUST_USE;
int wb_validate_against(struct wb_context *c, const char *revision, struct wb_problem_list *p,
			struct wb_error *err) WB_MUST_USE;
int wb_validate_round_trip(struct wb_context *c, struct wb_problem_list *p, struct wb_error *err) WB_MUST_USE;
int wb_validate_breaking(struct wb_context *c, const struct wb_validate_options *o, const struct wb_journal *j,
			 struct wb_problem_list *p, struct wb_error *err) WB_MUST_USE;

#endif
