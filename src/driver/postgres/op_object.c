/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements about objects of any kind: made, dropped, renamed, given away,
 * commented. Most are one line of a table, since their nodes name alike what
 * they have alike.
 */
#include "driver/postgres/reading.h"

#include "base/banned.h"

/* ---- kinds of objects ------------------------------------------------------------- */

static const struct object {
	enum wb_kind kind;
	const char *noun; /* where it is no kind of ours */
	bool part; /* its name stands behind that of its table */
	bool relation; /* has columns */
} objects[] = {
#define OBJECT(name) [PG_QUERY__OBJECT_TYPE__OBJECT_##name]
	OBJECT(ACCESS_METHOD) = { WB_KIND_COUNT, "access method", false, false },
	OBJECT(AGGREGATE) = { WB_KIND_AGGREGATE, NULL, false, false },
	OBJECT(ATTRIBUTE) = { WB_KIND_COUNT, "attribute", true, false },
	OBJECT(CAST) = { WB_KIND_CAST, NULL, false, false },
	OBJECT(COLUMN) = { WB_KIND_COLUMN, NULL, true, false },
	OBJECT(COLLATION) = { WB_KIND_COLLATION, NULL, false, false },
	OBJECT(CONVERSION) = { WB_KIND_CONVERSION, NULL, false, false },
	OBJECT(DATABASE) = { WB_KIND_COUNT, "database", false, false },
	OBJECT(DEFACL) = { WB_KIND_DEFAULT_PRIVILEGES, NULL, false, false },
	OBJECT(DOMAIN) = { WB_KIND_DOMAIN, NULL, false, false },
	OBJECT(DOMCONSTRAINT) = { WB_KIND_COUNT, "domain constraint", true, false },
	OBJECT(EVENT_TRIGGER) = { WB_KIND_EVENT_TRIGGER, NULL, false, false },
	OBJECT(EXTENSION) = { WB_KIND_EXTENSION, NULL, false, false },
	OBJECT(FDW) = { WB_KIND_FOREIGN_WRAPPER, NULL, false, false },
	OBJECT(FOREIGN_SERVER) = { WB_KIND_SERVER, NULL, false, false },
	OBJECT(FOREIGN_TABLE) = { WB_KIND_FOREIGN_TABLE, NULL, false, true },
	OBJECT(FUNCTION) = { WB_KIND_FUNCTION, NULL, false, false },
	OBJECT(INDEX) = { WB_KIND_INDEX, NULL, false, false },
	OBJECT(LANGUAGE) = { WB_KIND_COUNT, "language", false, false },
	OBJECT(LARGEOBJECT) = { WB_KIND_COUNT, "large object", false, false },
	OBJECT(MATVIEW) = { WB_KIND_MATERIALIZED_VIEW, NULL, false, true },
	OBJECT(OPCLASS) = { WB_KIND_OPERATOR_CLASS, NULL, false, false },
	OBJECT(OPERATOR) = { WB_KIND_OPERATOR, NULL, false, false },
	OBJECT(OPFAMILY) = { WB_KIND_OPERATOR_FAMILY, NULL, false, false },
	OBJECT(PARAMETER_ACL) = { WB_KIND_COUNT, "parameter", false, false },
	OBJECT(POLICY) = { WB_KIND_POLICY, NULL, true, false },
	OBJECT(PROCEDURE) = { WB_KIND_PROCEDURE, NULL, false, false },
	OBJECT(PUBLICATION) = { WB_KIND_PUBLICATION, NULL, false, false },
	OBJECT(ROLE) = { WB_KIND_COUNT, "role", false, false },
	OBJECT(ROUTINE) = { WB_KIND_COUNT, "routine", false, false },
	OBJECT(RULE) = { WB_KIND_RULE, NULL, true, false },
	OBJECT(SCHEMA) = { WB_KIND_SCHEMA, NULL, false, false },
	OBJECT(SEQUENCE) = { WB_KIND_SEQUENCE, NULL, false, false },
	OBJECT(SUBSCRIPTION) = { WB_KIND_SUBSCRIPTION, NULL, false, false },
	OBJECT(STATISTIC_EXT) = { WB_KIND_STATISTICS, NULL, false, false },
	OBJECT(TABCONSTRAINT) = { WB_KIND_CONSTRAINT, NULL, true, false },
	OBJECT(TABLE) = { WB_KIND_TABLE, NULL, false, true },
	OBJECT(TABLESPACE) = { WB_KIND_COUNT, "tablespace", false, false },
	OBJECT(TRANSFORM) = { WB_KIND_COUNT, "transform", false, false },
	OBJECT(TRIGGER) = { WB_KIND_TRIGGER, NULL, true, false },
	OBJECT(TSCONFIGURATION) = { WB_KIND_TS_CONFIGURATION, NULL, false, false },
	OBJECT(TSDICTIONARY) = { WB_KIND_TS_DICTIONARY, NULL, false, false },
	OBJECT(TSPARSER) = { WB_KIND_TS_PARSER, NULL, false, false },
	OBJECT(TSTEMPLATE) = { WB_KIND_TS_TEMPLATE, NULL, false, false },
	OBJECT(TYPE) = { WB_KIND_COUNT, "type", false, false },
	OBJECT(USER_MAPPING) = { WB_KIND_USER_MAPPING, NULL, false, false },
	OBJECT(VIEW) = { WB_KIND_VIEW, NULL, false, true },
#undef OBJECT
};

static const struct object *object_of(PgQuery__ObjectType type)
{
	static const struct object none = { WB_KIND_COUNT, "object", false, false };
	const struct object *o = (unsigned)type < WB_ARRAY_LEN(objects) ? &objects[type] : &none;
	return o->kind || o->noun || o->part || type == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA ? o : &none;
}

enum wb_kind wb_read_kind(PgQuery__ObjectType type)
{
	return object_of(type)->kind;
}

static struct wb_operation *begin(struct wb_reading *r, enum wb_op code, PgQuery__ObjectType type,
				  const ProtobufCMessage *stmt)
{
	const struct object *o = object_of(type);
	struct wb_operation *op = wb_read_add(r, code, o->kind);
	op->noun = o->noun;
	op->flags = stmt ? wb_read_flags(stmt) : 0;
	return op;
}

/* ---- which object ------------------------------------------------------------------------ */

/* "int, text": types of arguments as written cannot be told from the tree; the parser writes them out. */
static const char *argument_types(struct wb_reading *r, wb_nodes v, size_t n)
{
	wb_autostr text = WB_STR_INIT;
	for (size_t i = 0; i < n; i++) {
		const PgQuery__TypeName *t = v[i]->node_case == PG_QUERY__NODE__NODE_TYPE_NAME ? v[i]->type_name : NULL;
		if (v[i]->node_case == PG_QUERY__NODE__NODE_FUNCTION_PARAMETER) {
			const PgQuery__FunctionParameter *p = v[i]->function_parameter;
			bool out = p->mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_OUT ||
				   p->mode == PG_QUERY__FUNCTION_PARAMETER_MODE__FUNC_PARAM_TABLE;
			t = out ? NULL : p->arg_type;
		}
		if (!t)
			continue;
		for (size_t k = 0; k < t->n_names; k++) {
			const char *name =
				t->names[k]->node_case == PG_QUERY__NODE__NODE_STRING ? t->names[k]->string->sval : "";
			wb_str_add(&text, k ? "." : text.n ? ", " : "");
			wb_quote_ident(&text, wb_sv_str(name));
		}
		if (t->n_array_bounds)
			wb_str_add(&text, "[]");
	}
	r->failed |= text.failed;
	const char *copy = wb_arena_str(r->a, text.p);
	r->failed |= !copy;
	return copy;
}

/* "table.part", "schema.table.part": the last is the part. */
static void read_list(struct wb_reading *r, struct wb_operation *op, const struct object *o, wb_nodes v, size_t n)
{
	if (n > 0 && v[0]->node_case == PG_QUERY__NODE__NODE_TYPE_NAME) { /* a domain's constraint; a cast */
		op->object = wb_read_names(r, v[0]->type_name->names, v[0]->type_name->n_names);
		op->other.name = n > 1 ? wb_read_name(r, v[1]) : NULL;
	} else if (o->part && n > 1) {
		op->table = wb_read_names(r, v, n - 1);
		op->object.name = wb_read_name(r, v[n - 1]);
	} else {
		op->object = wb_read_names(r, v, n);
	}
}

static void read_object(struct wb_reading *r, struct wb_operation *op, PgQuery__ObjectType type,
			const PgQuery__Node *node)
{
	const struct object *o = object_of(type);
	const ProtobufCMessage *m = wb_read_inner(node);
	if (!m)
		return;
	if (node->node_case == PG_QUERY__NODE__NODE_LIST) {
		read_list(r, op, o, node->list->items, node->list->n_items);
	} else if (node->node_case == PG_QUERY__NODE__NODE_TYPE_NAME) {
		op->object = wb_read_names(r, node->type_name->names, node->type_name->n_names);
	} else if (node->node_case == PG_QUERY__NODE__NODE_OBJECT_WITH_ARGS) {
		const PgQuery__ObjectWithArgs *w = node->object_with_args;
		op->object = wb_read_names(r, w->objname, w->n_objname);
		op->type = w->args_unspecified ? NULL : argument_types(r, w->objargs, w->n_objargs);
	} else if (node->node_case == PG_QUERY__NODE__NODE_RANGE_VAR) {
		op->object = wb_read_relation(r, node->range_var);
	} else if (node->node_case == PG_QUERY__NODE__NODE_ROLE_SPEC) {
		op->object.name = wb_read_role(r, node->role_spec);
	} else {
		op->object.name = wb_read_name(r, node);
	}
	if (o->relation)
		op->table = op->object;
}

/* The object of statements that give a table, or an object, or a table and the name of a part of it. */
static void read_target(struct wb_reading *r, struct wb_operation *op, PgQuery__ObjectType type,
			const ProtobufCMessage *stmt)
{
	const PgQuery__RangeVar *relation = (const PgQuery__RangeVar *)wb_read_message(stmt, "relation");
	const char *part = wb_read_string(stmt, "subname");
	read_object(r, op, type, (const PgQuery__Node *)wb_read_message(stmt, "object"));
	if (!relation) {
		if (!op->object.name && !op->table.name)
			op->object.name = wb_read_text(r, part);
		return;
	}
	if (object_of(type)->part) {
		op->table = wb_read_relation(r, relation);
		op->object.name = wb_read_text(r, part);
	} else {
		op->object = wb_read_relation(r, relation);
	}
	if (object_of(type)->relation)
		op->table = op->object;
	if (!relation->inh && type != PG_QUERY__OBJECT_TYPE__OBJECT_ATTRIBUTE)
		op->flags |= WB_WITH_ONLY;
}

/* ---- statements with a shape of their own -------------------------------------------------- */

static void drop(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__DropStmt *s = node->drop_stmt;
	bool index = s->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_INDEX;
	for (size_t i = 0; i < s->n_objects; i++) {
		struct wb_operation *op = begin(r, index ? WB_OP_INDEX_DROP : WB_OP_DROP, s->remove_type, &s->base);
		read_object(r, op, s->remove_type, s->objects[i]);
	}
}

static void rename_object(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__RenameStmt *s = node->rename_stmt;
	struct wb_operation *op = begin(r, WB_OP_RENAME, s->rename_type, &s->base);
	read_target(r, op, s->rename_type, &s->base);
	if (s->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_DOMCONSTRAINT)
		op->other.name = wb_read_text(r, s->subname);
	op->expr = wb_read_text(r, s->newname);
}

static void set_schema(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__AlterObjectSchemaStmt *s = node->alter_object_schema_stmt;
	struct wb_operation *op = begin(r, WB_OP_SET_SCHEMA, s->object_type, &s->base);
	read_target(r, op, s->object_type, &s->base);
	op->expr = wb_read_text(r, s->newschema);
}

static void set_owner(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__AlterOwnerStmt *s = node->alter_owner_stmt;
	struct wb_operation *op = begin(r, WB_OP_OWNER, s->object_type, &s->base);
	read_target(r, op, s->object_type, &s->base);
	op->expr = wb_read_role(r, s->newowner);
}

static void comment(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__CommentStmt *s = node->comment_stmt;
	struct wb_operation *op = begin(r, WB_OP_COMMENT, s->objtype, NULL);
	read_object(r, op, s->objtype, s->object);
	op->expr = wb_read_text(r, s->comment);
}

static void grant(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__GrantStmt *s = node->grant_stmt;
	for (size_t i = 0; i < s->n_objects; i++) {
		struct wb_operation *op = begin(r, WB_OP_PRIVILEGES, s->objtype, &s->base);
		op->flags |= s->is_grant ? 0 : WB_WITH_REVERSE;
		read_object(r, op, s->objtype, s->objects[i]);
		if (s->targtype == PG_QUERY__GRANT_TARGET_TYPE__ACL_TARGET_ALL_IN_SCHEMA)
			op->table = op->object = (struct wb_name){ op->object.name, NULL };
	}
}

static void create_function(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__CreateFunctionStmt *s = node->create_function_stmt;
	struct wb_operation *op = wb_read_add(r, WB_OP_CREATE, s->is_procedure ? WB_KIND_PROCEDURE : WB_KIND_FUNCTION);
	op->flags = wb_read_flags(&s->base);
	op->object = wb_read_names(r, s->funcname, s->n_funcname);
	op->type = argument_types(r, s->parameters, s->n_parameters);
}

static void define(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__DefineStmt *s = node->define_stmt;
	struct wb_operation *op = begin(r, WB_OP_CREATE, s->kind, &s->base);
	op->object = wb_read_names(r, s->defnames, s->n_defnames);
}

static void create_domain(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__CreateDomainStmt *s = node->create_domain_stmt;
	struct wb_operation *op = wb_read_add(r, WB_OP_CREATE, WB_KIND_DOMAIN);
	op->object = wb_read_names(r, s->domainname, s->n_domainname);
	wb_read_type(r, op, s->type_name);
	size_t i = wb_piece_at(r, s->type_name ? s->type_name->location : 0);
	op->type = wb_piece_text(r, i, wb_piece_find(r, i, SIZE_MAX, "collate constraint default check not null"));
	for (size_t n = 0; n < s->n_constraints; n++) {
		const PgQuery__Node *k = s->constraints[n];
		int type = k->node_case == PG_QUERY__NODE__NODE_CONSTRAINT ? (int)k->constraint->contype : 0;
		op->flags |= type == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK     ? WB_WITH_CHECK
			     : type == PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL ? WB_WITH_NOT_NULL
			     : type == PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT ? WB_WITH_DEFAULT
									     : 0;
	}
}

static void alter_domain(struct wb_reading *r, const PgQuery__Node *node)
{
	static const struct {
		char subtype;
		enum wb_op code;
		uint32_t flags;
		const char *expr;
	} forms[] = {
		{ 'T', WB_OP_DOMAIN_ALTER, 0, "default" },
		{ 'N', WB_OP_DOMAIN_ALTER, 0, "drop not null" },
		{ 'X', WB_OP_DOMAIN_ALTER, 0, "drop constraint" },
		{ 'O', WB_OP_DOMAIN_CONSTRAINT_ADD, WB_WITH_NOT_NULL, NULL },
		{ 'C', WB_OP_DOMAIN_CONSTRAINT_ADD, WB_WITH_CHECK, NULL },
		{ 'V', WB_OP_DOMAIN_CONSTRAINT_VALIDATE, 0, NULL },
	};
	const PgQuery__AlterDomainStmt *s = node->alter_domain_stmt;
	const PgQuery__Constraint *k =
		s->def && s->def->node_case == PG_QUERY__NODE__NODE_CONSTRAINT ? s->def->constraint : NULL;
	struct wb_operation *op = wb_read_add(r, WB_OP_DOMAIN_ALTER, WB_KIND_DOMAIN);
	for (size_t i = 0; i < WB_ARRAY_LEN(forms); i++) {
		if (s->subtype[0] == forms[i].subtype) {
			op->code = forms[i].code;
			op->flags = forms[i].flags;
			op->expr = forms[i].expr;
		}
	}
	op->flags |= wb_read_flags(&s->base) | (k && k->skip_validation ? WB_WITH_NOT_VALID : 0);
	op->object = wb_read_names(r, s->type_name, s->n_type_name);
	op->other.name = wb_read_text(r, k ? k->conname : s->name);
	if (!k || !k->raw_expr)
		return;
	op->expr = wb_piece_inside(r, wb_piece_find(r, wb_piece_at(r, k->location), SIZE_MAX, "check") + 1);
	wb_read_calls(r, op, wb_read_any(k->raw_expr));
}

static void alter_enum(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__AlterEnumStmt *s = node->alter_enum_stmt;
	bool renames = *s->old_val;
	struct wb_operation *op =
		wb_read_add(r, renames ? WB_OP_ENUM_RENAME_VALUE : WB_OP_ENUM_ADD_VALUE, WB_KIND_ENUM);
	op->object = wb_read_names(r, s->type_name, s->n_type_name);
	op->flags = (s->skip_if_new_val_exists ? WB_WITH_IF_EXISTS : 0) | (*s->new_val_neighbor ? WB_WITH_PLACED : 0);
	op->expr = wb_read_text(r, renames ? s->old_val : s->new_val);
	op->type = renames ? wb_read_text(r, s->new_val) : NULL;
}

static void publication_tables(struct wb_reading *r, const char *name, wb_nodes v, size_t n, uint32_t flags)
{
	for (size_t i = 0; i < n; i++) {
		const PgQuery__PublicationObjSpec *o = v[i]->publication_obj_spec;
		struct wb_operation *op = wb_read_add(r, WB_OP_PUBLICATION_TABLE, WB_KIND_PUBLICATION);
		op->flags = flags;
		op->object.name = wb_read_text(r, name);
		if (o->pubtable)
			op->other = wb_read_relation(r, o->pubtable->relation);
		else
			op->other.schema = wb_read_text(r, o->name);
	}
}

static void create_publication(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__CreatePublicationStmt *s = node->create_publication_stmt;
	wb_read_add(r, WB_OP_CREATE, WB_KIND_PUBLICATION)->object.name = wb_read_text(r, s->pubname);
	publication_tables(r, s->pubname, s->pubobjects, s->n_pubobjects, WB_WITH_INLINE);
}

static void alter_publication(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__AlterPublicationStmt *s = node->alter_publication_stmt;
	bool drops = s->action == PG_QUERY__ALTER_PUBLICATION_ACTION__AP_DropObjects;
	publication_tables(r, s->pubname, s->pubobjects, s->n_pubobjects, drops ? WB_WITH_REVERSE : 0);
	if (!s->n_pubobjects)
		wb_read_add(r, WB_OP_ALTER, WB_KIND_PUBLICATION)->object.name = wb_read_text(r, s->pubname);
}

static void roles(struct wb_reading *r, const PgQuery__Node *node)
{
	const ProtobufCMessage *m = wb_read_inner(node);
	bool drops = node->node_case == PG_QUERY__NODE__NODE_DROP_ROLE_STMT;
	size_t n;
	wb_nodes v = wb_read_list(m, drops ? "roles" : "granted_roles", &n);
	for (size_t i = 0; i < n; i++) {
		struct wb_operation *op = wb_read_add(r, WB_OP_DATABASE, WB_KIND_COUNT);
		op->noun = "role";
		op->expr = drops ? "drop" : wb_read_bool(m, "is_grant") ? "grant" : "revoke";
		op->flags = wb_read_flags(m);
		op->object.name = wb_read_name(r, v[i]);
	}
}

/* CREATE SCHEMA AUTHORIZATION r is named like its owner. */
static void create_schema(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__CreateSchemaStmt *s = node->create_schema_stmt;
	struct wb_operation *op = wb_read_add(r, WB_OP_CREATE, WB_KIND_SCHEMA);
	op->flags = wb_read_flags(&s->base);
	op->object.name = *s->schemaname ? wb_read_text(r, s->schemaname) : wb_read_role(r, s->authrole);
	const char *schema = op->object.name;
	size_t first = r->ops.n;
	for (size_t i = 0; i < s->n_schema_elts; i++)
		wb_read_statement(r, s->schema_elts[i]);
	for (size_t i = first; i < r->ops.n; i++) {
		struct wb_name *name = r->ops.v[i].table.name ? &r->ops.v[i].table : &r->ops.v[i].object;
		bool same = r->ops.v[i].object.name == r->ops.v[i].table.name;
		name->schema = name->schema ? name->schema : schema;
		if (same)
			r->ops.v[i].object = *name;
	}
}

static void create_statistics(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__CreateStatsStmt *s = node->create_stats_stmt;
	struct wb_operation *op = wb_read_add(r, WB_OP_CREATE, WB_KIND_STATISTICS);
	op->flags = wb_read_flags(&s->base);
	op->object = wb_read_names(r, s->defnames, s->n_defnames);
	if (s->n_relations && s->relations[0]->node_case == PG_QUERY__NODE__NODE_RANGE_VAR)
		op->table = wb_read_relation(r, s->relations[0]->range_var);
}

/* ---- statements that are told by a table --------------------------------------------------------- */

/* name: the field that names the object, a text, names, a table or an object. */
static const struct simple {
	enum wb_op code;
	enum wb_kind kind;
	const char *noun, *name, *expr;
} simple[] = {
#define NODE(name) [PG_QUERY__NODE__NODE_##name]
#define OURS(code, kind, name) \
	{ \
		WB_OP_##code, WB_KIND_##kind, NULL, name, NULL \
	}
#define OTHER(code, noun, name) \
	{ \
		WB_OP_##code, WB_KIND_COUNT, noun, name, NULL \
	}
#define SERVER(noun, name, expr) \
	{ \
		WB_OP_DATABASE, WB_KIND_COUNT, noun, name, expr \
	}
	NODE(COMPOSITE_TYPE_STMT) = OURS(CREATE, COMPOSITE, "typevar"),
	NODE(CREATE_AM_STMT) = OTHER(CREATE, "access method", "amname"),
	NODE(CREATE_CAST_STMT) = OURS(CREATE, CAST, NULL),
	NODE(CREATE_CONVERSION_STMT) = OURS(CREATE, CONVERSION, "conversion_name"),
	NODE(CREATE_ENUM_STMT) = OURS(CREATE, ENUM, "type_name"),
	NODE(CREATE_EVENT_TRIG_STMT) = OURS(CREATE, EVENT_TRIGGER, "trigname"),
	NODE(CREATE_EXTENSION_STMT) = OURS(CREATE, EXTENSION, "extname"),
	NODE(CREATE_FDW_STMT) = OURS(CREATE, FOREIGN_WRAPPER, "fdwname"),
	NODE(CREATE_FOREIGN_SERVER_STMT) = OURS(CREATE, SERVER, "servername"),
	NODE(CREATE_OP_CLASS_STMT) = OURS(CREATE, OPERATOR_CLASS, "opclassname"),
	NODE(CREATE_OP_FAMILY_STMT) = OURS(CREATE, OPERATOR_FAMILY, "opfamilyname"),
	NODE(CREATE_PLANG_STMT) = OTHER(CREATE, "language", "plname"),
	NODE(CREATE_RANGE_STMT) = OURS(CREATE, RANGE, "type_name"),
	NODE(CREATE_SEQ_STMT) = OURS(CREATE, SEQUENCE, "sequence"),
	NODE(CREATE_TRANSFORM_STMT) = OTHER(CREATE, "transform", NULL),
	NODE(CREATE_USER_MAPPING_STMT) = OURS(CREATE, USER_MAPPING, "servername"),
	NODE(IMPORT_FOREIGN_SCHEMA_STMT) = OURS(CREATE, FOREIGN_TABLE, NULL),
	NODE(ALTER_COLLATION_STMT) = OURS(ALTER, COLLATION, "collname"),
	NODE(ALTER_DEFAULT_PRIVILEGES_STMT) = OURS(PRIVILEGES, DEFAULT_PRIVILEGES, NULL),
	NODE(ALTER_EVENT_TRIG_STMT) = OURS(ALTER, EVENT_TRIGGER, "trigname"),
	NODE(ALTER_EXTENSION_CONTENTS_STMT) = OURS(ALTER, EXTENSION, "extname"),
	NODE(ALTER_EXTENSION_STMT) = OURS(EXTENSION_UPDATE, EXTENSION, "extname"),
	NODE(ALTER_FDW_STMT) = OURS(ALTER, FOREIGN_WRAPPER, "fdwname"),
	NODE(ALTER_FOREIGN_SERVER_STMT) = OURS(ALTER, SERVER, "servername"),
	NODE(ALTER_FUNCTION_STMT) = OURS(ALTER, FUNCTION, "func"),
	NODE(ALTER_OBJECT_DEPENDS_STMT) = OTHER(ALTER, "dependence", "object"),
	NODE(ALTER_OPERATOR_STMT) = OURS(ALTER, OPERATOR, "opername"),
	NODE(ALTER_OP_FAMILY_STMT) = OURS(ALTER, OPERATOR_FAMILY, "opfamilyname"),
	NODE(ALTER_SEQ_STMT) = OURS(ALTER, SEQUENCE, "sequence"),
	NODE(ALTER_STATS_STMT) = OURS(ALTER, STATISTICS, "defnames"),
	NODE(ALTER_TSCONFIGURATION_STMT) = OURS(ALTER, TS_CONFIGURATION, "cfgname"),
	NODE(ALTER_TSDICTIONARY_STMT) = OURS(ALTER, TS_DICTIONARY, "dictname"),
	NODE(ALTER_TYPE_STMT) = OTHER(ALTER, "type", "type_name"),
	NODE(ALTER_USER_MAPPING_STMT) = OURS(ALTER, USER_MAPPING, "servername"),
	NODE(DROP_USER_MAPPING_STMT) = OURS(DROP, USER_MAPPING, "servername"),
	NODE(DROP_OWNED_STMT) = OTHER(DROP, "owned", NULL),
	NODE(REASSIGN_OWNED_STMT) = OTHER(OWNER, "owned", NULL),
	NODE(SEC_LABEL_STMT) = OTHER(ALTER, "label", NULL),
	NODE(ALTER_DATABASE_STMT) = SERVER("database", "dbname", "alter"),
	NODE(ALTER_DATABASE_REFRESH_COLL_STMT) = SERVER("database", "dbname", "alter"),
	NODE(ALTER_DATABASE_SET_STMT) = SERVER("database", "dbname", "alter"),
	NODE(CREATEDB_STMT) = SERVER("database", "dbname", "create"),
	NODE(DROPDB_STMT) = SERVER("database", "dbname", "drop"),
	NODE(ALTER_ROLE_STMT) = SERVER("role", "role", "alter"),
	NODE(ALTER_ROLE_SET_STMT) = SERVER("role", "role", "alter"),
	NODE(CREATE_ROLE_STMT) = SERVER("role", "role", "create"),
	NODE(ALTER_TABLE_SPACE_OPTIONS_STMT) = SERVER("tablespace", "tablespacename", "alter"),
	NODE(CREATE_TABLE_SPACE_STMT) = SERVER("tablespace", "tablespacename", "create"),
	NODE(DROP_TABLE_SPACE_STMT) = SERVER("tablespace", "tablespacename", "drop"),
	NODE(ALTER_SUBSCRIPTION_STMT) = SERVER("subscription", "subname", "alter"),
	NODE(CREATE_SUBSCRIPTION_STMT) = SERVER("subscription", "subname", "create"),
	NODE(DROP_SUBSCRIPTION_STMT) = SERVER("subscription", "subname", "drop"),
	NODE(ALTER_SYSTEM_STMT) = SERVER("system", NULL, "alter"),
};

static struct wb_name named(struct wb_reading *r, struct wb_operation *op, const ProtobufCMessage *m, const char *field)
{
	size_t n;
	wb_nodes v = wb_read_list(m, field, &n);
	const ProtobufCMessage *inner = wb_read_message(m, field);
	if (v && n > 0)
		return wb_read_names(r, v, n);
	if (!inner)
		return (struct wb_name){ NULL, wb_read_text(r, wb_read_string(m, field)) };
	if (inner->descriptor == &pg_query__range_var__descriptor)
		return wb_read_relation(r, (const PgQuery__RangeVar *)inner);
	if (inner->descriptor == &pg_query__role_spec__descriptor)
		return (struct wb_name){ NULL, wb_read_role(r, (const PgQuery__RoleSpec *)inner) };
	if (inner->descriptor != &pg_query__object_with_args__descriptor)
		return (struct wb_name){ NULL, NULL };
	const PgQuery__ObjectWithArgs *w = (const PgQuery__ObjectWithArgs *)inner;
	op->type = w->args_unspecified ? NULL : argument_types(r, w->objargs, w->n_objargs);
	return wb_read_names(r, w->objname, w->n_objname);
}

static void read_simple(struct wb_reading *r, const PgQuery__Node *node)
{
	const struct simple *s = &simple[node->node_case];
	const ProtobufCMessage *m = wb_read_inner(node);
	struct wb_operation *op = wb_read_add(r, s->code, s->kind);
	op->noun = s->noun;
	op->expr = s->expr;
	op->flags = wb_read_flags(m);
	if (s->name)
		op->object = named(r, op, m, s->name);
}

static void create_view(struct wb_reading *r, const PgQuery__Node *node)
{
	const PgQuery__ViewStmt *s = node->view_stmt;
	struct wb_operation *op = wb_read_add(r, WB_OP_CREATE, WB_KIND_VIEW);
	op->flags = wb_read_flags(&s->base);
	op->object = op->table = wb_read_relation(r, s->view);
	op->other = s->query ? wb_read_source(r, wb_read_any(s->query), NULL) : (struct wb_name){ NULL, NULL };
}

static wb_reader_fn *const statements[] = {
	NODE(ALTER_DOMAIN_STMT) = alter_domain,
	NODE(ALTER_ENUM_STMT) = alter_enum,
	NODE(ALTER_OBJECT_SCHEMA_STMT) = set_schema,
	NODE(ALTER_OWNER_STMT) = set_owner,
	NODE(ALTER_PUBLICATION_STMT) = alter_publication,
	NODE(COMMENT_STMT) = comment,
	NODE(CREATE_DOMAIN_STMT) = create_domain,
	NODE(CREATE_FUNCTION_STMT) = create_function,
	NODE(CREATE_PUBLICATION_STMT) = create_publication,
	NODE(CREATE_SCHEMA_STMT) = create_schema,
	NODE(CREATE_STATS_STMT) = create_statistics,
	NODE(DEFINE_STMT) = define,
	NODE(DROP_ROLE_STMT) = roles,
	NODE(DROP_STMT) = drop,
	NODE(GRANT_ROLE_STMT) = roles,
	NODE(GRANT_STMT) = grant,
	NODE(RENAME_STMT) = rename_object,
	NODE(VIEW_STMT) = create_view,
};

wb_reader_fn *wb_read_of_object(unsigned node_case)
{
	if (node_case < WB_ARRAY_LEN(statements) && statements[node_case])
		return statements[node_case];
	return node_case < WB_ARRAY_LEN(simple) && simple[node_case].code ? read_simple : NULL;
}
