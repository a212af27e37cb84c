/* SPDX-License-Identifier: Apache-2.0
 *
 * What is unsafe in migrations, and the safe form: findings of rules that look
 * at files, and, where there is a database, at its sizes and versions.
 */
#ifndef WHIMBREL_LINT_H
#define WHIMBREL_LINT_H

#include "context.h"

#ifdef __cplusplus
extern "C" {
#endif

enum wb_lint_level { WB_LINT_OFF, WB_LINT_INFO, WB_LINT_WARNING, WB_LINT_ERROR };

/* A rule: texts are static. */
struct wb_lint_rule {
	const char *id; /* "index-concurrently" */
	enum wb_lint_level level; /* unless the configuration says otherwise */
	const char *engines; /* "postgresql", "sqlite" or "postgresql, sqlite" */
	bool loses_data; /* as an error it means that rows are lost */
	const char *title; /* what it wants, one line */
	const char *reason;
	const char *example; /* SQL that it finds; NULL: it is not about SQL */
	const char *safe; /* and what it wants instead; NULL */
};
/* All of them by number, in the order of the documentation. */
size_t wb_lint_rules(void);
void wb_lint_rule(size_t number, struct wb_lint_rule *ret_rule);
/* False when there is no rule of that name. */
bool wb_lint_rule_find(const char *id, struct wb_lint_rule *ret_rule);

/* What the configuration says of rules. Later ones win. */
struct wb_lint_setting {
	const char *rule;
	const char *files; /* pattern (fnmatch) of a path or a file name; NULL: everywhere */
	enum wb_lint_level level;
};

struct wb_lint_options {
	size_t size;
	const char *const *files; /* these alone, also such that are no part of the folder; none: all */
	size_t n_files;
	const char *changed_since; /* git revision: files that are new or changed since it left our line */
	bool staged; /* files that git's next commit would add or change */
	bool offline; /* the text alone, though there is a URL */
	bool applied; /* with a URL: also files that have been applied, which nobody can change any more */
	const struct wb_lint_setting *settings;
	size_t n_settings;
};

struct wb_lint_finding {
	const char *rule;
	enum wb_lint_level level; /* never OFF */
	bool loses_data;
	const char *version; /* of the migration; NULL when it is none */
	const char *file; /* NULL: the folder as a whole */
	unsigned line, column; /* from 1; 0: the file as a whole */
	const char *excerpt; /* the line; NULL */
	unsigned caret; /* byte in it */
	unsigned statement; /* ordinal in its file, from 1; 0: none */
	const char *message, *hint, *safe_sql; /* the latter two may be NULL */
};

/* What could not be known, and in how many places that mattered. */
struct wb_lint_unknown {
	const char *what;
	size_t n;
};

struct wb_lint {
	const struct wb_lint_finding *findings;
	size_t n_findings;
	size_t files, statements; /* looked at */
	size_t ignored; /* findings that an ignore comment took back */
	size_t count[4]; /* of findings, by level */
	bool critical; /* an error loses data */
	const char *server; /* whose sizes and version counted; NULL: text alone */
	const struct wb_lint_unknown *unknown;
	size_t n_unknown;
};

/* options may be NULL. A folder is needed unless files are named. With a URL the database is only read. What is wrong
 * with files is a finding; errors are what keeps it from looking. */
int wb_lint(struct wb_context *context, const struct wb_lint_options *options, struct wb_lint **ret_lint,
	    struct wb_error *err);
void wb_lint_free(struct wb_lint *lint); /* accepts NULL */

#ifdef __cplusplus
}
#endif
#endif
