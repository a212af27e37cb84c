/* SPDX-License-Identifier: Apache-2.0
 *
 * Operations, and the parts of a tree that they are filled from. Fields that
 * many kinds of nodes have are asked for by name: libpg_query describes them.
 */
#include "driver/postgres/reading.h"

#include "base/banned.h"

/* ---- fields by name ------------------------------------------------------------ */

static const void *field(const ProtobufCMessage *m, const char *name, ProtobufCType type, bool repeated)
{
	const ProtobufCFieldDescriptor *f =
		m ? protobuf_c_message_descriptor_get_field_by_name(m->descriptor, name) : NULL;
	if (!f || f->type != type || (f->label == PROTOBUF_C_LABEL_REPEATED) != repeated)
		return NULL;
	return (const char *)m + f->offset;
}

const char *wb_read_string(const ProtobufCMessage *m, const char *name)
{
	char *const *p = field(m, name, PROTOBUF_C_TYPE_STRING, false);
	return p && *p && **p ? *p : NULL;
}

bool wb_read_bool(const ProtobufCMessage *m, const char *name)
{
	const protobuf_c_boolean *p = field(m, name, PROTOBUF_C_TYPE_BOOL, false);
	return p && *p;
}

int wb_read_enum(const ProtobufCMessage *m, const char *name)
{
	const int *p = field(m, name, PROTOBUF_C_TYPE_ENUM, false);
	return p ? *p : 0;
}

const ProtobufCMessage *wb_read_message(const ProtobufCMessage *m, const char *name)
{
	ProtobufCMessage *const *p = field(m, name, PROTOBUF_C_TYPE_MESSAGE, false);
	return p ? *p : NULL;
}

wb_nodes wb_read_list(const ProtobufCMessage *m, const char *name, size_t *ret_n)
{
	const char *p = field(m, name, PROTOBUF_C_TYPE_MESSAGE, true);
	*ret_n = 0;
	if (!p)
		return NULL;
	const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field_by_name(m->descriptor, name);
	memcpy(ret_n, (const char *)m + f->quantifier_offset, sizeof(*ret_n));
	wb_nodes v;
	memcpy(&v, p, sizeof(v));
	return v;
}

/* All members of the union are pointers to messages. */
const ProtobufCMessage *wb_read_inner(const PgQuery__Node *node)
{
	return node && node->node_case != PG_QUERY__NODE__NODE__NOT_SET ? (const ProtobufCMessage *)node->integer
									: NULL;
}

static const struct {
	const char *field;
	uint32_t flag;
} said[] = {
	{ "if_not_exists", WB_WITH_IF_EXISTS }, { "missing_ok", WB_WITH_IF_EXISTS }, { "replace", WB_WITH_REPLACE },
	{ "concurrent", WB_WITH_CONCURRENTLY }, { "unique", WB_WITH_UNIQUE },        { "skip_data", WB_WITH_NO_DATA },
};

uint32_t wb_read_flags(const ProtobufCMessage *m)
{
	uint32_t flags = 0;
	for (size_t i = 0; i < WB_ARRAY_LEN(said); i++)
		flags |= wb_read_bool(m, said[i].field) ? said[i].flag : 0;
	if (wb_read_enum(m, "behavior") == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE)
		flags |= WB_WITH_CASCADE;
	if (wb_read_message(m, "where_clause"))
		flags |= WB_WITH_WHERE;
	return flags;
}

/* ---- operations -------------------------------------------------------------------- */

struct wb_operation *wb_read_add(struct wb_reading *r, enum wb_op code, enum wb_kind kind)
{
	struct wb_operation op = { .code = code, .kind = kind };
	if (r->failed || !wb_vec_push(&r->ops, op)) {
		r->failed = true;
		r->spare = op;
		return &r->spare;
	}
	return &r->ops.v[r->ops.n - 1];
}

/* ---- names ---------------------------------------------------------------------------- */

const char *wb_read_text(struct wb_reading *r, const char *text)
{
	const char *copy = text && *text ? wb_arena_str(r->a, text) : NULL;
	r->failed |= text && *text && !copy;
	return copy;
}

/* The parser cuts names at 63 bytes, if need be within a character. */
static const char *name(struct wb_reading *r, const char *text)
{
	char whole[64];
	if (!text || strlen(text) < 60)
		return wb_read_text(r, text);
	wb_pg_name(whole, text, strlen(text));
	return wb_read_text(r, whole);
}

struct wb_name wb_read_relation(struct wb_reading *r, const PgQuery__RangeVar *relation)
{
	if (!relation)
		return (struct wb_name){ NULL, NULL };
	return (struct wb_name){ name(r, relation->schemaname), name(r, relation->relname) };
}

static const char *text_of(const PgQuery__Node *node)
{
	if (node->node_case == PG_QUERY__NODE__NODE_STRING)
		return node->string->sval;
	static const char *const fields[] = { "name", "colname", "rolename", "priv_name" };
	const char *text = NULL;
	for (size_t i = 0; !text && i < WB_ARRAY_LEN(fields); i++)
		text = wb_read_string(wb_read_inner(node), fields[i]);
	return text;
}

const char *wb_read_name(struct wb_reading *r, const PgQuery__Node *node)
{
	return name(r, text_of(node));
}

struct wb_name wb_read_names(struct wb_reading *r, wb_nodes v, size_t n)
{
	return (struct wb_name){ n > 1 ? name(r, text_of(v[n - 2])) : NULL, n > 0 ? name(r, text_of(v[n - 1])) : NULL };
}

void wb_read_columns(struct wb_reading *r, struct wb_operation *op, wb_nodes v, size_t n)
{
	const char **columns = n ? wb_arena_array(r->a, n, sizeof(*columns)) : NULL;
	r->failed |= n && !columns;
	for (size_t i = 0; columns && i < n; i++)
		columns[i] = name(r, text_of(v[i]));
	op->columns = columns;
	op->n_columns = columns ? n : 0;
}

const char *wb_read_role(struct wb_reading *r, const PgQuery__RoleSpec *role)
{
	static const char *const words[] = {
		[PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CURRENT_ROLE] = "CURRENT_ROLE",
		[PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CURRENT_USER] = "CURRENT_USER",
		[PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_SESSION_USER] = "SESSION_USER",
		[PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_PUBLIC] = "PUBLIC",
	};
	unsigned type = role ? (unsigned)role->roletype : 0;
	if (type < WB_ARRAY_LEN(words) && words[type])
		return words[type];
	return role ? name(r, role->rolename) : NULL;
}

void wb_read_type(struct wb_reading *r, struct wb_operation *op, const PgQuery__TypeName *type)
{
	static const char *const serials[] = { "smallserial", "serial2", "serial", "serial4", "bigserial", "serial8" };
	if (!type)
		return;
	op->base = wb_read_names(r, type->names, type->n_names);
	if (type->n_array_bounds > 0)
		op->flags |= WB_WITH_ARRAY;
	for (size_t i = 0; !op->base.schema && op->base.name && i < WB_ARRAY_LEN(serials); i++) {
		if (!strcmp(op->base.name, serials[i]))
			op->flags |= WB_WITH_SERIAL;
	}
}
