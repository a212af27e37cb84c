/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a snapshot. What is accepted is written again and read again as
 * the same; with the hash that its objects have, any list of objects may be.
 */
#include "schema/snapshot.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good, const char *what)
{
	if (good)
		return;
	(void)fprintf(stderr, "broken: %s\n", what);
	abort();
}

static struct wb_model *read_it(struct wb_sv text)
{
	struct wb_model *m = NULL;
	struct wb_error err = { 0 };
	int rc = wb_snapshot_read(text, "x", &m, &err);

	check(rc == 0 || rc == WB_EINPUT || rc == WB_ENEWER, "another code");
	check((rc == 0) == (m != NULL), "a model with an error, or none without");
	check(rc != WB_EINPUT || err.line > 0, "an error without a place");
	return m;
}

/* Objects and attributes; a need more or less is not seen. */
static void check_again(const struct wb_model *m)
{
	wb_autostr text = WB_STR_INIT;
	struct wb_model *again;
	struct wb_error err = { 0 };
	char one[65], two[65];
	int rc = wb_snapshot_write(m, &text, &err);

	check(rc == 0 || rc == WB_EBUG || rc == WB_EUNSUPPORTED, "cannot be written");
	if (rc)
		return; /* an object lacks what its DDL asks for */
	again = read_it(wb_str_sv(&text));
	check(again != NULL, "what was written cannot be read");
	check(wb_snapshot_hash(m, one, &err) == 0 && wb_snapshot_hash(again, two, &err) == 0, "no hash");
	check(strcmp(one, two) == 0, "another hash");
	wb_model_free(again);
}

/* The objects behind a head whose hash is right: told by the error's absence only, so it is tried. */
static void read_objects(struct wb_sv objects)
{
	wb_autostr text = WB_STR_INIT;

	wb_str_addf(&text, WB_SNAPSHOT_TITLE "%d\n" WB_SNAPSHOT_ENGINE "sqlite\n" WB_SNAPSHOT_HASH "%064d\n\n",
		    WB_SNAPSHOT_FORMAT, 0);
	wb_str_add(&text, WB_SNAPSHOT_OBJECTS);
	wb_str_addsv(&text, objects);
	check(!text.failed, "memory");
	wb_model_free(read_it(wb_str_sv(&text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wb_sv text = wb_sv((const char *)data, size);
	struct wb_model *m = read_it(text);

	if (m)
		check_again(m);
	wb_model_free(m);
	read_objects(text);
	return 0;
}
