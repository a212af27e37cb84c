/* SPDX-License-Identifier: Apache-2.0
 *
 * What PostgreSQL's texts need worked out: holes of its own, and which changes
 * of an attribute it allows in place.
 */
#include "schema/ddl_postgres.h"
#include "schema/script.h"

#include "base/banned.h"

/* A name with its schema, all of it doubled quotes. */
#define NAMES_MAX (2 * (2 * 63 + 2) + 2)

/* ---- lists: of options, a '1', b 'x, y'; of values, 'a', 'b' ---------------------------------- */

/* The next piece between commas, without blanks around; quotes are doubled within quotes, so that they end and begin.
 */
static bool next_item(struct wb_sv *rest, struct wb_sv *ret_item)
{
	size_t i = 0;
	char quote = 0;

	if (rest->n == 0)
		return false;
	for (; i < rest->n && (quote || rest->p[i] != ','); i++) {
		char c = rest->p[i];
		if (quote ? c == quote : c == '"' || c == '\'')
			quote = quote ? 0 : c;
	}
	*ret_item = wb_sv_trim(wb_sv(rest->p, i));
	i += i < rest->n;
	*rest = wb_sv(rest->p + i, rest->n - i);
	return true;
}

static struct wb_sv list(const char *text)
{
	return wb_sv_str(text ? text : "");
}

static bool has_item(const char *text, struct wb_sv item)
{
	struct wb_sv rest = list(text), one;

	while (next_item(&rest, &one))
		if (wb_sv_eq(one, item))
			return true;
	return false;
}

/* Its name, up to the blank before the value. */
static struct wb_sv name_of(struct wb_sv option)
{
	bool quoted = false;
	size_t i = 0;

	for (; i < option.n && (quoted || option.p[i] != ' '); i++)
		quoted ^= option.p[i] == '"';
	return wb_sv(option.p, i);
}

static bool has_option(const char *text, struct wb_sv name)
{
	struct wb_sv rest = list(text), one;

	while (next_item(&rest, &one))
		if (wb_sv_eq(name_of(one), name))
			return true;
	return false;
}

static void add_piece(struct wb_str *out, size_t start, const char *word, struct wb_sv piece)
{
	wb_str_addf(out, "%s%s ", out->n > start ? ", " : "", word);
	wb_str_addsv(out, piece);
}

/* {option_changes}: ADD a '1', SET b '2', DROP c. */
static bool option_changes(const struct wb_ddl_hole *h, struct wb_str *out)
{
	struct wb_sv rest = list(h->new_value), one;
	size_t start = out->n;

	while (next_item(&rest, &one))
		if (!has_item(h->old_value, one))
			add_piece(out, start, has_option(h->old_value, name_of(one)) ? "SET" : "ADD", one);
	rest = list(h->old_value);
	while (next_item(&rest, &one))
		if (!has_option(h->new_value, name_of(one)))
			add_piece(out, start, "DROP", name_of(one));
	return out->n > start;
}

/* {toast_options}: those that hold for what is kept aside; only where they stay what they were. */
static bool toast_options(const struct wb_ddl_hole *h, struct wb_str *out)
{
	const char *new = wb_object_get(h->object, "options"), *old = wb_object_get(h->before, "options");
	struct wb_sv rest = list(new), one;
	size_t start = out->n;

	while (old && new &&strcmp(old, new) == 0 && next_item(&rest, &one)) {
		if (!wb_sv_starts(one, "toast."))
			continue;
		wb_str_add(out, out->n > start ? ", " : "");
		wb_str_addsv(out, one);
	}
	return out->n > start;
}

/* ---- values of enums ------------------------------------------------------------------------------ */

/* Each of the one is in the other, in the same order. */
static bool is_within(const char *few, const char *many)
{
	struct wb_sv rest = list(few), others = list(many), one, other;

	while (next_item(&rest, &one)) {
		bool found = false;
		while (!found && next_item(&others, &other))
			found = wb_sv_eq(one, other);
		if (!found)
			return false;
	}
	return true;
}

static void add_type(const struct wb_ddl_hole *h, struct wb_str *out)
{
	wb_str_add(out, "ALTER TYPE ");
	wb_quote_ident(out, wb_sv_str(h->object->schema));
	wb_str_addc(out, '.');
	wb_quote_ident(out, wb_sv_str(h->object->name));
}

/* The first of the old values that stands behind this place of the new ones. */
static bool find_next_old(const char *old, struct wb_sv rest, struct wb_sv *ret_one)
{
	while (next_item(&rest, ret_one))
		if (has_item(old, *ret_one))
			return true;
	return false;
}

/* {enum_values}: a statement for each new value. */
static bool enum_values(const struct wb_ddl_hole *h, struct wb_str *out)
{
	struct wb_sv rest = list(h->new_value), one, next;

	while (next_item(&rest, &one)) {
		if (has_item(h->old_value, one))
			continue;
		add_type(h, out);
		wb_str_add(out, " ADD VALUE ");
		wb_str_addsv(out, one);
		if (find_next_old(h->old_value, rest, &next)) {
			wb_str_add(out, " BEFORE ");
			wb_str_addsv(out, next);
		}
		wb_str_add(out, ";\n");
	}
	return true;
}

static bool names_value(const struct wb_object *o, struct wb_sv value)
{
	for (size_t i = 0; i < o->n_attrs; i++)
		if (memmem(o->attrs[i].value, strlen(o->attrs[i].value), value.p, value.n))
			return true;
	return false;
}

static bool is_as_it_was(const struct wb_model *from, const struct wb_object *o)
{
	const struct wb_object *old = wb_model_find(from, o->kind, o->schema, o->parent, o->name);
	bool equal = old && old->n_attrs == o->n_attrs;

	for (size_t i = 0; equal && i < o->n_attrs; i++)
		equal = strcmp(o->attrs[i].key, old->attrs[i].key) == 0 &&
			strcmp(o->attrs[i].value, old->attrs[i].value) == 0;
	return equal;
}

/* The server allows no use of a new value before the end of the transaction that has added it. */
static bool is_used(const struct wb_model *from, const struct wb_model *to, const struct wb_difference *d)
{
	struct wb_sv rest = list(d->expected_value), one;

	while (next_item(&rest, &one)) {
		if (has_item(d->actual_value, one))
			continue;
		for (size_t i = 0; i < to->n; i++)
			if (to->v[i]->kind != WB_KIND_ENUM && names_value(to->v[i], one) &&
			    !is_as_it_was(from, to->v[i]))
				return true;
	}
	return false;
}

bool wb_ddl_postgres_loses_values(const struct wb_object *from, const struct wb_object *to)
{
	const char *values = wb_object_get(from, "values");
	struct wb_sv rest = list(values), one;

	while (from->kind == WB_KIND_ENUM && next_item(&rest, &one))
		if (!has_item(wb_object_get(to, "values"), one))
			return true;
	return false;
}

static void add_alter_column(const struct wb_object *column, bool whole, struct wb_str *out)
{
	/* Some of what is told to a partitioned table must be told to its partitions, too. */
	wb_str_add(out, whole ? "ALTER TABLE " : "ALTER TABLE ONLY ");
	wb_quote_ident(out, wb_sv_str(column->schema));
	wb_str_addc(out, '.');
	wb_quote_ident(out, wb_sv_str(column->parent));
	wb_str_add(out, " ALTER COLUMN ");
	wb_quote_ident(out, wb_sv_str(column->name));
}

/* ---- sequences ---------------------------------------------------------------------------------------- */

/* Its line among those of an identity, or its attribute; NULL: as the server has it by itself. */
static const char *setting(const struct wb_object *o, const char *key, const char *word, char *buf, size_t size)
{
	const char *lines = wb_object_get(o, "identity_options");
	struct wb_sv rest = list(lines), line;

	if (o->kind == WB_KIND_SEQUENCE)
		return wb_object_get(o, key);
	while (wb_sv_cut(&rest, '\n', &line)) {
		if (!wb_sv_starts(line, word) || line.n == strlen(word))
			continue;
		line = wb_sv_trim(wb_sv(line.p + strlen(word), line.n - strlen(word)));
		return wb_sv_copy(line, buf, size) ? buf : NULL;
	}
	return NULL;
}

static bool counts_down(const struct wb_object *o)
{
	char buf[64];
	const char *increment = setting(o, "increment", "INCREMENT BY", buf, sizeof(buf));

	return increment && *increment == '-';
}

/* The last number of its type; an identity counts in the type of its column. */
static const char *top_of(const struct wb_object *o)
{
	const char *type = wb_object_get(o, "type");

	if (type && strcmp(type, "smallint") == 0)
		return "32767";
	return type && strcmp(type, "integer") == 0 ? "2147483647" : "9223372036854775807";
}

/* What it has by itself is written, too: NO MINVALUE beside AS is the end of the type. */
static void add_limits(const struct wb_object *o, const char *set, struct wb_str *out)
{
	char low[64], high[64], first[64];
	bool down = counts_down(o);
	const char *top = top_of(o), *minimum = setting(o, "minimum", "MINVALUE", low, sizeof(low));
	const char *maximum = setting(o, "maximum", "MAXVALUE", high, sizeof(high));
	const char *start = setting(o, "start", "START WITH", first, sizeof(first));
	char bottom[24];

	snprintf(bottom, sizeof(bottom), "-%.*s%c", (int)strlen(top) - 1, top, top[strlen(top) - 1] + 1);
	minimum = minimum ? minimum : down ? bottom : "1";
	maximum = maximum ? maximum : down ? "-1" : top;
	wb_str_addf(out, "%sMINVALUE %s %sMAXVALUE %s %sSTART WITH %s ", set, minimum, set, maximum, set,
		    start  ? start
		    : down ? maximum
			   : minimum);
}

static bool has_word(const struct wb_object *o, const char *key, const char *word)
{
	struct wb_sv rest = list(wb_object_get(o, "identity_options")), line;

	if (o->kind == WB_KIND_SEQUENCE)
		return wb_object_get(o, key);
	while (wb_sv_cut(&rest, '\n', &line))
		if (wb_sv_eq(line, wb_sv_str(word)))
			return true;
	return false;
}

/* All at once, since one alone need not fit the others. One that turns round starts anew: no value that it has had is
 * in what it can have now. */
static bool add_settings(const struct wb_ddl_hole *h, const char *set, struct wb_str *out)
{
	static const struct {
		const char *key, *word, *otherwise;
	} numbers[] = { { "increment", "INCREMENT BY", "INCREMENT BY 1" }, { "cache", "CACHE", "CACHE 1" } };
	char buf[64];

	for (size_t i = 0; i < WB_ARRAY_LEN(numbers); i++) {
		const char *value = setting(h->object, numbers[i].key, numbers[i].word, buf, sizeof(buf));
		if (value)
			wb_str_addf(out, "%s%s %s ", set, numbers[i].word, value);
		else
			wb_str_addf(out, "%s%s ", set, numbers[i].otherwise);
	}
	add_limits(h->object, set, out);
	wb_str_addf(out, "%s%s", set, has_word(h->object, "cycle", "CYCLE") ? "CYCLE" : "NO CYCLE");
	if (h->before && counts_down(h->before) != counts_down(h->object))
		wb_str_add(out, " RESTART");
	return true;
}

static bool sequence_settings(const struct wb_ddl_hole *h, struct wb_str *out)
{
	return add_settings(h, "", out);
}

/* Of an identity; the server makes it of the table's name and the column's. Names are written as SQL. */
static void add_sequence(const struct wb_object *column, bool alone, struct wb_str *out)
{
	char buf[NAMES_MAX];
	const char *own = setting(column, "", "SEQUENCE NAME", buf, sizeof(buf));
	wb_autostr made = WB_STR_INIT;
	struct wb_lexer lexer;
	struct wb_token token, last = { 0 };

	if (own) {
		wb_lex_init(&lexer, WB_DIALECT_POSTGRES, wb_sv_str(own));
		while (alone && (token = wb_lex_next(&lexer)).kind != WB_TOK_END)
			last = token;
		wb_str_addsv(out, alone ? last.text : wb_sv_str(own));
		return;
	}
	wb_str_addf(&made, "%s_%s_seq", column->parent, column->name);
	if (!alone) {
		wb_quote_ident(out, wb_sv_str(column->schema));
		wb_str_addc(out, '.');
	}
	wb_quote_ident(out, wb_str_sv(&made));
	out->failed |= made.failed;
}

/* The settings alone, without the line of the name. */
static struct wb_sv settings_of(const struct wb_object *column)
{
	struct wb_sv rest = list(wb_object_get(column, "identity_options")), line, all = rest;

	return wb_sv_cut(&rest, '\n', &line) && wb_sv_starts(line, "SEQUENCE NAME ") ? rest : all;
}

/* {identity_changes}: of its settings, and of the name of its sequence, which a table that is renamed does not take
 * along. */
static bool identity_changes(const struct wb_ddl_hole *h, struct wb_str *out)
{
	wb_autostr old = WB_STR_INIT, new = WB_STR_INIT;

	add_sequence(h->before, true, &old);
	add_sequence(h->object, true, &new);
	out->failed |= old.failed || new.failed;
	if (out->failed)
		return true;
	if (strcmp(old.p, new.p) != 0) {
		wb_str_add(out, "ALTER SEQUENCE ");
		add_sequence(h->before, false, out);
		wb_str_addf(out, " RENAME TO %s;\n", new.p);
	}
	if (wb_sv_eq(settings_of(h->before), settings_of(h->object)))
		return true;
	add_alter_column(h->object, false, out);
	wb_str_addc(out, ' ');
	add_settings(h, "SET ", out);
	wb_str_add(out, ";\n");
	return true;
}

/* {follows_table}: it belongs to the same column all the time. */
static bool follows_table(const struct wb_ddl_hole *h, struct wb_str *out)
{
	const char *new = wb_object_get(h->object, "owned_by");
	const char *old = h->before ? wb_object_get(h->before, "owned_by") : NULL;

	(void)out;
	return old && new &&strcmp(old, new) == 0 && !(h->plan && wb_plan_is_released(h->plan, h->before));
}

/* ---- columns -------------------------------------------------------------------------------------------- */

/* {column_grants}: what is taken from somebody on a table is taken on its columns as well. */
static void add_grant(struct wb_sv line, const char *owner, struct wb_str *out)
{
	static const char maker[] = " TO CURRENT_USER";
	const char *at = owner ? memmem(line.p, line.n, maker, strlen(maker)) : NULL;

	wb_str_add(out, "GRANT ");
	if (at)
		wb_str_addf(out, "%.*s TO %s", (int)(at - line.p), line.p, owner);
	else
		wb_str_addsv(out, line);
	wb_str_add(out, ";\n");
}

static bool column_grants(const struct wb_ddl_hole *h, struct wb_str *out)
{
	const char *owner = wb_object_get(h->object, "owner");
	size_t n;
	struct wb_object *const *v = wb_model_children(h->model, h->object, WB_KIND_COLUMN, &n);

	for (size_t i = 0; i < n; i++) {
		struct wb_sv rest = list(wb_object_get(v[i], "privileges")), line;
		while (wb_sv_cut(&rest, '\n', &line))
			add_grant(line, owner, out);
	}
	return true;
}

/* {of_view}: of a view, which has no column of its own. */
static bool of_view(const struct wb_ddl_hole *h, struct wb_str *out)
{
	const struct wb_object *owner = h->object->owner;

	(void)out;
	return owner && (owner->kind == WB_KIND_VIEW || owner->kind == WB_KIND_MATERIALIZED_VIEW);
}

/* {foreign}: the table is a foreign one. */
static bool foreign(const struct wb_ddl_hole *h, struct wb_str *out)
{
	(void)out;
	return h->object->owner && h->object->owner->kind == WB_KIND_FOREIGN_TABLE;
}

enum family { OTHER, NUMBER, TEXT, TIME };

static enum family family_of(struct wb_sv type)
{
	static const struct {
		const char *name;
		enum family family;
	} names[] = { { "smallint", NUMBER },
		      { "integer", NUMBER },
		      { "bigint", NUMBER },
		      { "numeric", NUMBER },
		      { "real", NUMBER },
		      { "double precision", NUMBER },
		      { "text", TEXT },
		      { "character varying", TEXT },
		      { "character", TEXT },
		      { "date", TIME },
		      { "timestamp without time zone", TIME },
		      { "timestamp with time zone", TIME } };

	for (size_t i = 0; i < WB_ARRAY_LEN(names); i++)
		if (wb_sv_eq(type, wb_sv_str(names[i].name)))
			return names[i].family;
	return OTHER;
}

/* Without what stands in parentheses, timestamp(3) with time zone. */
static void base_of(const char *type, struct wb_str *out)
{
	const char *open = type ? strchr(type, '(') : NULL, *close = open ? strchr(open, ')') : NULL;

	if (!type)
		return;
	wb_str_addn(out, type, close ? (size_t)(open - type) : strlen(type));
	wb_str_add(out, close ? close + 1 : "");
}

/* The type of a column or, of a domain, what its values are stored as: one that the server has itself, or not. */
static const char *stored_as(const struct wb_object *o)
{
	const char *type = o ? wb_object_get(o, "type") : NULL;

	for (size_t i = 0; type && i < o->n_needs; i++)
		if (o->needs[i]->kind == WB_KIND_DOMAIN && wb_stage_names(type, o->needs[i]))
			return stored_as(o->needs[i]);
	return type;
}

/* {loose_type}: what a column is of while its own type is away. That of a domain's values, which may fit where their
 * texts do not, 1.00 where an integer is to be; else they are texts. Names without a dot are the server's. */
static bool loose_type(const struct wb_ddl_hole *h, struct wb_str *out)
{
	const char *type = stored_as(h->object);
	bool is_domain = type && type != wb_object_get(h->object, "type");

	wb_str_add(out, is_domain && !strchr(type, '.') ? type : "text");
	return true;
}

/* {conversion}: how an old value becomes one of the new type. Within a family the server's own way is to refuse what
 * does not fit, where a cast would cut it off. Else there is one for every pair of types by their texts; from and to
 * texts there is a better one. */
static bool conversion(const struct wb_ddl_hole *h, struct wb_str *out)
{
	wb_autostr old = WB_STR_INIT, new = WB_STR_INIT;
	const char *type = wb_object_get(h->object, "type");
	enum family a, b;

	base_of(stored_as(h->before), &old);
	base_of(stored_as(h->object), &new);
	out->failed |= old.failed || new.failed;
	if (out->failed || !type)
		return true;
	a = family_of(wb_str_sv(&old));
	b = family_of(wb_str_sv(&new));
	if (a == b && a != OTHER)
		return true;
	wb_str_add(out, " USING ");
	wb_quote_ident(out, wb_sv_str(h->object->name));
	wb_str_addf(out, "%s::%s", strcmp(old.p, new.p) != 0 && a != TEXT && b != TEXT ? "::text" : "", type);
	return true;
}

static bool inherits_from(const struct wb_model *m, const struct wb_object *table, const struct wb_object *parent)
{
	const struct wb_object *one;

	for (size_t i = 0; (one = wb_stage_parent(m, table, i)); i++)
		if (one == parent)
			return true;
	return false;
}

/* The column of that table that it has from this one; NULL when it has not, or is not there yet. */
static const struct wb_object *inheriting(const struct wb_ddl_hole *h, const struct wb_object *table,
					  const struct wb_object *column)
{
	const struct wb_object *same;

	if ((h->plan && wb_plan_is_coming(h->plan, table)) || !inherits_from(h->model, table, column->owner))
		return NULL;
	same = wb_model_find(h->model, WB_KIND_COLUMN, table->schema, table->name, column->name);
	return same && wb_object_get(same, "inherited") ? same : NULL;
}

/* The place of the first table; foreign ones stand behind the others. */
static size_t first_table(const struct wb_model *m)
{
	const struct wb_object before = { .kind = WB_KIND_TABLE, .name = "" };

	return wb_model_place(m, &before);
}

static bool is_table(const struct wb_model *m, size_t i)
{
	return i < m->n && (m->v[i]->kind == WB_KIND_TABLE || m->v[i]->kind == WB_KIND_FOREIGN_TABLE);
}

typedef void (*spread_fn)(const struct wb_model *m, const struct wb_object *column, struct wb_str *out);

/* Has it something of its own instead of what it inherits? Null it may not be on another parent's account, too. */
static bool differs_from_parent(const struct wb_model *m, const struct wb_object *child, const char *key)
{
	if (strcmp(key, "not_null") == 0)
		return wb_stage_effective(m, child, key);
	return wb_object_get(child, key) || (strcmp(key, "default") == 0 && wb_object_get(child, "no_default"));
}

/* For the column and those that inherit it, but not for those that have something of their own instead. */
static void spread(const struct wb_ddl_hole *h, const struct wb_object *column, const char *key, spread_fn write,
		   struct wb_str *out)
{
	add_alter_column(column, strcmp(key, "not_null") == 0 && wb_object_get(column->owner, "partition_by"), out);
	write(h->model, column, out);
	wb_str_add(out, ";\n");
	for (size_t i = first_table(h->model); is_table(h->model, i) && column->owner; i++) {
		const struct wb_object *child = inheriting(h, h->model->v[i], column);
		if (child && !differs_from_parent(h->model, child, key))
			spread(h, child, key, write, out);
	}
}

static void write_not_null(const struct wb_model *m, const struct wb_object *column, struct wb_str *out)
{
	(void)m;
	(void)column;
	wb_str_add(out, " DROP NOT NULL");
}

static void write_default(const struct wb_model *m, const struct wb_object *column, struct wb_str *out)
{
	const char *value = wb_stage_effective(m, column, "default");

	if (value)
		wb_str_addf(out, " SET DEFAULT %s", value);
	else
		wb_str_add(out, " DROP DEFAULT");
}

/* What a type of any length has by itself; others can have no other than theirs. */
static void write_storage(const struct wb_model *m, const struct wb_object *column, struct wb_str *out)
{
	static const char *const mains[] = { "numeric", "inet", "cidr" };
	const char *storage = wb_stage_effective(m, column, "storage"), *type = wb_stage_effective(m, column, "type");
	bool is_main = false;

	for (size_t i = 0; i < WB_ARRAY_LEN(mains) && type; i++)
		is_main |= wb_sv_starts(wb_sv_str(type), mains[i]) && !strchr(type, '[');
	wb_str_addf(out, " SET STORAGE %s", storage ? storage : is_main ? "MAIN" : "EXTENDED");
}

/* {effective_default}: a partition has its own, even where it says no other thing than its parent's. */
static bool effective_default(const struct wb_ddl_hole *h, struct wb_str *out)
{
	const char *value = wb_stage_effective(h->model, h->object, "default");

	if (value)
		wb_str_add(out, value);
	return value;
}

/* A new type has a storage and a compression of its own, and no default. */
static void add_rest(const struct wb_ddl_hole *h, const struct wb_object *column, struct wb_str *out)
{
	const struct {
		const char *value, *set;
	} rest[] = { { wb_stage_effective(h->model, column, "default"), "DEFAULT" },
		     { wb_stage_effective(h->model, column, "storage"), "STORAGE" },
		     { wb_object_get(column, "compression"), "COMPRESSION" } };

	for (size_t i = 0; i < WB_ARRAY_LEN(rest); i++) {
		if (!rest[i].value)
			continue;
		add_alter_column(column, false, out);
		wb_str_addf(out, " SET %s %s;\n", rest[i].set, rest[i].value);
	}
	for (size_t i = first_table(h->model); is_table(h->model, i) && column->owner; i++) {
		const struct wb_object *child = inheriting(h, h->model->v[i], column);
		if (child)
			add_rest(h, child, out);
	}
}

/* {rest_again}: of the column and all that inherit it. */
static bool rest_again(const struct wb_ddl_hole *h, struct wb_str *out)
{
	add_rest(h, h->object, out);
	return true;
}

/* {is_public}: the schema that every database has, with a remark. */
static bool is_public(const struct wb_ddl_hole *h, struct wb_str *out)
{
	(void)out;
	return h->object->kind == WB_KIND_SCHEMA && strcmp(h->object->name, "public") == 0;
}

/* {not_null_drops}: those of a key stay what they are, and one whose parent must not be null. */
static bool not_null_drops(const struct wb_ddl_hole *h, struct wb_str *out)
{
	if (!wb_stage_effective(h->model, h->object, "not_null"))
		spread(h, h->object, "not_null", write_not_null, out);
	return true;
}

static bool differs(const struct wb_object *a, const struct wb_object *b, const char *key)
{
	const char *one = wb_object_get(a, key), *other = wb_object_get(b, key);

	return one && other ? strcmp(one, other) != 0 : one != other;
}

/* {default_changes}: unless it came with the new type. */
static bool default_changes(const struct wb_ddl_hole *h, struct wb_str *out)
{
	bool retyped =
		h->before && (differs(h->before, h->object, "type") || differs(h->before, h->object, "collation"));

	if (!retyped || wb_object_get(h->object, "inherited") || wb_object_get(h->object, "of_composite"))
		spread(h, h->object, "default", write_default, out);
	return true;
}

static bool storage_changes(const struct wb_ddl_hole *h, struct wb_str *out)
{
	spread(h, h->object, "storage", write_storage, out);
	return true;
}

bool wb_ddl_postgres_hole(const struct wb_ddl_hole *h, struct wb_str *out)
{
	static const struct {
		const char *name;
		bool (*fill)(const struct wb_ddl_hole *h, struct wb_str *out);
	} all[] = {
		{ "option_changes", option_changes },
		{ "toast_options", toast_options },
		{ "enum_values", enum_values },
		{ "sequence_settings", sequence_settings },
		{ "follows_table", follows_table },
		{ "identity_changes", identity_changes },
		{ "storage_changes", storage_changes },
		{ "foreign", foreign },
		{ "conversion", conversion },
		{ "loose_type", loose_type },
		{ "not_null_drops", not_null_drops },
		{ "default_changes", default_changes },
		{ "rest_again", rest_again },
		{ "effective_default", effective_default },
		{ "is_public", is_public },
		{ "of_view", of_view },
		{ "column_grants", column_grants },
	};

	for (size_t i = 0; i < WB_ARRAY_LEN(all); i++)
		if (wb_sv_eq(h->name, wb_sv_str(all[i].name)))
			return all[i].fill(h, out);
	return false;
}

/* ---- what is allowed ---------------------------------------------------------------------------------------- */

typedef bool (*can_fn)(const struct wb_model *from, const struct wb_model *to, const struct wb_difference *d);

static bool adds_values(const struct wb_model *from, const struct wb_model *to, const struct wb_difference *d)
{
	return is_within(d->actual_value, d->expected_value) && !is_used(from, to, d);
}

static bool is_foreign_key(const struct wb_model *from, const struct wb_model *to, const struct wb_difference *d)
{
	const char *type = wb_object_get(d->expected, "type");

	(void)from;
	(void)to;
	return type && strcmp(type, "foreign key") == 0;
}

/* Columns may come behind those there are. */
static bool appends(const struct wb_model *from, const struct wb_model *to, const struct wb_difference *d)
{
	struct wb_sv old = list(d->actual_value), new = list(d->expected_value), a, b;

	(void)from;
	(void)to;
	while (next_item(&old, &a))
		if (!next_item(&new, &b) || !wb_sv_eq(a, b))
			return false;
	return true;
}

/* A window function remains one. */
static bool stays_window(const struct wb_model *from, const struct wb_model *to, const struct wb_difference *d)
{
	(void)from;
	(void)to;
	return d->expected_value && d->actual_value &&
	       !strstr(d->expected_value, "\n WINDOW") == !strstr(d->actual_value, "\n WINDOW");
}

bool wb_ddl_postgres_can_alter(const struct wb_model *from, const struct wb_model *to, const struct wb_difference *d)
{
	static const struct {
		enum wb_kind kind;
		const char *key;
		can_fn can;
	} limits[] = {
		{ WB_KIND_ENUM, "values", adds_values },
		{ WB_KIND_CONSTRAINT, "deferrable", is_foreign_key },
		{ WB_KIND_VIEW, "columns", appends },
		{ WB_KIND_FUNCTION, "definition", stays_window },
	};

	for (size_t i = 0; i < WB_ARRAY_LEN(limits); i++)
		if (limits[i].kind == d->expected->kind && strcmp(limits[i].key, d->attribute) == 0)
			return limits[i].can(from, to, d);
	return true;
}
