/* SPDX-License-Identifier: Apache-2.0
 *
 * A call of wb_squash(), shared by squash.c, which decides what is meant and
 * changes the folder, and squash_prove.c, which writes the file and proves it.
 */
#ifndef WB_LIB_SQUASH_H
#define WB_LIB_SQUASH_H

#include "context.h"

#include "migrate/backup.h"

struct squash_box {
	struct wb_squashed view; /* first: wb_squashed_free gets its address */
	struct wb_arena arena;
	WB_VEC(const char *) replaced;
};

struct squash {
	struct wb_context *c;
	struct wb_squash_options o;
	struct squash_box *box;
	const char *version; /* as its file has it */
	const char *file, *name; /* of the baseline */
	const struct wb_migration *base; /* it is there already */
	WB_VEC(struct wb_migration *) old; /* what it stands for, oldest first */
	struct wb_copy_watch watch;
	struct wb_str head, temp; /* temp: the new file until it is proved */
	int fd;
	char work[WB_LINKS_MAX]; /* a folder in which the new file stands alone */
	unsigned char digest[32]; /* of its body */
};

/* Writes the new file into s->fd, under its hidden name, out of what the old files make. */
int wb_squash_write(struct squash *s, struct wb_error *err) WB_MUST_USE;
/* Does the file at path alone make what the old files made (not asked of s->base, which was proved when it was
 * written)? And would the folder be a valid one with it in their place? WB_ENO when the two databases differ. */
int wb_squash_prove(struct squash *s, const char *path, struct wb_error *err) WB_MUST_USE;

#endif
