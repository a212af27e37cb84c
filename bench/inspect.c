/* SPDX-License-Identifier: Apache-2.0
 *
 * inspect URL FOLDER: a program that reads a schema, all of it, and does
 * nothing with it: what inspecting costs without writing a text. FOLDER holds
 * the module for PostgreSQL. Tells how many objects there are.
 */
#include <stdio.h>

#include <whimbrel/schema.h>
#include <whimbrel/whimbrel.h>

int main(int argc, char **argv)
{
	struct wb_options o = { .size = sizeof(o) };
	struct wb_context *context = NULL;
	struct wb_schema *schema = NULL;
	struct wb_error err;

	if (argc != 3)
		return 64;
	o.url = argv[1];
	o.module_dir = argv[2];
	int rc = wb_open(&o, &context, &err);
	if (rc == 0)
		rc = wb_schema_read(context, NULL, NULL, &schema, &err);
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", wb_code_name(rc), err.message);
	else
		printf("%zu\n", schema->n_objects);
	wb_schema_free(schema);
	wb_close(context);
	return rc < 0;
}
