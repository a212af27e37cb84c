/* SPDX-License-Identifier: Apache-2.0
 *
 * YAML by libyaml, with places counted in bytes as everywhere else.
 */
#include "cli/yaml.h"

#include "base/banned.h"

/* ---- places ---- */

static bool is_line_end(const char *p, const char *end)
{
	return *p == '\n' || (*p == '\r' && (p + 1 == end || p[1] != '\n'));
}

/* libyaml counts characters; we count bytes. */
size_t cli_yaml_offset(const struct cli_yaml *y, yaml_mark_t mark)
{
	const char *p = y->text.p, *end = y->text.p + y->text.n;
	size_t line, column;

	for (line = 0; line < mark.line && p < end; p++)
		line += is_line_end(p, end);
	for (column = 0; column < mark.column && p < end; column++)
		for (p++; p < end && ((unsigned char)*p & 0xC0) == 0x80;)
			p++;
	return (size_t)(p - y->text.p);
}

void cli_text_place(struct wb_sv text, const char *file, size_t offset, unsigned line, struct wb_error *err)
{
	size_t start = offset;

	while (start > 0 && text.p[start - 1] != '\n' && text.p[start - 1] != '\r')
		start--;
	wb_err_place(err, file, line, (unsigned)(offset - start) + 1);
	wb_err_excerpt(err, text, offset);
}

void cli_yaml_place(const struct cli_yaml *y, yaml_mark_t mark, struct wb_error *err)
{
	cli_text_place(y->text, y->file, cli_yaml_offset(y, mark), (unsigned)mark.line + 1, err);
}

/* ---- nodes ---- */

yaml_node_t *cli_yaml_root(struct cli_yaml *y)
{
	return yaml_document_get_root_node(&y->doc);
}

yaml_node_t *cli_yaml_node(struct cli_yaml *y, int id)
{
	return yaml_document_get_node(&y->doc, id);
}

struct wb_sv cli_yaml_scalar(const yaml_node_t *node)
{
	return wb_sv((const char *)node->data.scalar.value, node->data.scalar.length);
}

bool cli_yaml_is_null(const yaml_node_t *node)
{
	struct wb_sv text;

	if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	text = cli_yaml_scalar(node);
	return text.n == 0 || wb_sv_eq(text, WB_SV("~")) || wb_sv_eq(text, WB_SV("null"));
}

/* ---- the document ---- */

static int syntax_error(const struct cli_yaml *y, const yaml_parser_t *parser, struct wb_error *err)
{
	if (parser->error == YAML_MEMORY_ERROR)
		return wb_err_nomem(err);
	wb_err_set(err, y->code, "%s is not valid YAML", y->what);
	wb_err_detail(err, "%s%s%s", parser->problem ? parser->problem : "unknown cause", parser->context ? ", " : "",
		      parser->context ? parser->context : "");
	if (parser->error == YAML_READER_ERROR)
		wb_err_place(err, y->file, 0, 0);
	else
		cli_yaml_place(y, parser->problem_mark, err);
	return y->code;
}

/* A second document would be ignored in silence. */
static int refuse_more(struct cli_yaml *y, yaml_parser_t *parser, struct wb_error *err)
{
	yaml_document_t more;
	int rc = 0;

	if (!yaml_parser_load(parser, &more))
		return syntax_error(y, parser, err);
	if (yaml_document_get_root_node(&more)) {
		rc = wb_err_set(err, y->code, "%s holds more than one document", y->what);
		cli_yaml_place(y, more.start_mark, err);
	}
	yaml_document_delete(&more);
	return rc;
}

int cli_yaml_open(struct cli_yaml *y, struct wb_error *err)
{
	yaml_parser_t parser;
	int rc = 0;

	if (!yaml_parser_initialize(&parser))
		return wb_err_nomem(err);
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)y->text.p, y->text.n);
	if (!yaml_parser_load(&parser, &y->doc)) {
		rc = syntax_error(y, &parser, err);
	} else {
		rc = refuse_more(y, &parser, err);
		if (rc < 0)
			cli_yaml_close(y);
	}
	yaml_parser_delete(&parser);
	return rc;
}

void cli_yaml_close(struct cli_yaml *y)
{
	yaml_document_delete(&y->doc);
}
