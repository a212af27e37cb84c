/* SPDX-License-Identifier: Apache-2.0
 *
 * One YAML document in memory, for the readers of this room: whimbrel.yaml
 * (config.c), and files whose maps become structs (shape.c). What is wrong has
 * the code of the document, and its place.
 */
#ifndef WB_CLI_YAML_H
#define WB_CLI_YAML_H

#include <yaml.h>

#include <whimbrel/whimbrel.h>

#include "base/base.h"

struct cli_yaml {
	const char *file, *what; /* for errors: "whimbrel.yaml", "the configuration" */
	struct wb_sv text; /* all three must stay as long as the document */
	int code; /* of errors: WB_ECONFIG, WB_EINPUT */
	yaml_document_t doc;
};
/* Reads the text, which has to hold one document at most. After 0 cli_yaml_close() is due. */
int cli_yaml_open(struct cli_yaml *y, struct wb_error *err) WB_MUST_USE;
void cli_yaml_close(struct cli_yaml *y);
/* NULL for an empty document. */
yaml_node_t *cli_yaml_root(struct cli_yaml *y);
yaml_node_t *cli_yaml_node(struct cli_yaml *y, int id);
struct wb_sv cli_yaml_scalar(const yaml_node_t *node);
/* An empty value, "~" or "null". */
bool cli_yaml_is_null(const yaml_node_t *node);
/* Where the node stands, in bytes. */
size_t cli_yaml_offset(const struct cli_yaml *y, yaml_mark_t mark);
/* Place and excerpt of an error. */
void cli_yaml_place(const struct cli_yaml *y, yaml_mark_t mark, struct wb_error *err);
void cli_text_place(struct wb_sv text, const char *file, size_t offset, unsigned line, struct wb_error *err);

#endif
