/* SPDX-License-Identifier: Apache-2.0
 *
 * What a check has found: facts become the details of an issue and the words of
 * its message. A template is a text with {names} of facts; a detail that is
 * nothing but one {name} keeps the type of its fact.
 */
#include "check/check.h"

#include "base/banned.h"

static struct wb_check_value *add(struct wb_checking *k, const char *name)
{
	struct wb_check_fact fact = { .value = { .name = wb_arena_str(&k->arena, name) } };
	if (!fact.value.name || !wb_vec_push(&k->facts, fact)) {
		k->nomem = true;
		return NULL;
	}
	return &k->facts.v[k->facts.n - 1].value;
}

static void set(struct wb_checking *k, const char *name, enum wb_check_value_type type, const char *text)
{
	struct wb_check_value *v = add(k, name);
	if (!v)
		return;
	v->type = text ? type : WB_CHECK_VALUE_NULL;
	v->text = wb_arena_str(&k->arena, text);
	k->nomem |= text && !v->text;
}

void wb_check_text(struct wb_checking *k, const char *name, const char *text)
{
	set(k, name, WB_CHECK_VALUE_TEXT, text);
}

void wb_check_number(struct wb_checking *k, const char *name, int64_t n)
{
	char buf[32];
	snprintf(buf, sizeof(buf), "%lld", (long long)n);
	set(k, name, WB_CHECK_VALUE_NUMBER, buf);
}

/* JSON's numbers: "007" is none, "12." is none. */
static bool is_number(struct wb_sv s)
{
	int64_t ignored;
	size_t i = s.n && s.p[0] == '-';
	return wb_check_micros(s, &ignored) && !(s.n > i + 1 && s.p[i] == '0' && s.p[i + 1] != '.');
}

void wb_check_decimal(struct wb_checking *k, const char *name, struct wb_sv text)
{
	const char *copy = text.p ? wb_arena_sv(&k->arena, text) : NULL;
	k->nomem |= text.p && !copy;
	set(k, name, copy && is_number(text) ? WB_CHECK_VALUE_NUMBER : WB_CHECK_VALUE_TEXT, copy);
}

void wb_check_list(struct wb_checking *k, const char *name, const char *const *v, size_t n)
{
	const char **list = wb_arena_array(&k->arena, n ? n : 1, sizeof(*list));
	struct wb_check_value *value = list ? add(k, name) : NULL;
	if (!value) {
		k->nomem = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		list[i] = wb_arena_str(&k->arena, v[i] ? v[i] : "NULL");
		k->nomem |= !list[i];
	}
	value->type = WB_CHECK_VALUE_LIST;
	value->list = list;
	value->n_list = n;
	if (!k->nomem)
		value->text = wb_check_join(k, &(struct wb_texts){ list, n });
}

void wb_check_quiet(struct wb_checking *k)
{
	if (k->facts.n)
		k->facts.v[k->facts.n - 1].quiet = true;
}

/* ---- templates ------------------------------------------------------------------------------------- */

/* The next {name}: what is before it, and the name; false when there is none. "{{" is a bracket. */
static bool next_name(struct wb_sv *rest, struct wb_sv *ret_before, struct wb_sv *ret_name)
{
	const char *open = rest->n ? memchr(rest->p, '{', rest->n) : NULL, *close;
	size_t left;
	if (!open)
		return false;
	left = rest->n - (size_t)(open - rest->p);
	*ret_before = wb_sv(rest->p, (size_t)(open - rest->p));
	close = left > 1 && open[1] == '{' ? NULL : memchr(open, '}', left);
	if (!close) { /* a bracket of the text itself */
		size_t skip = left > 1 && open[1] == '{' ? 2 : 1;
		ret_before->n++;
		*ret_name = wb_sv(NULL, 0);
		*rest = wb_sv(open + skip, left - skip);
		return true;
	}
	*ret_name = wb_sv(open + 1, (size_t)(close - open) - 1);
	*rest = wb_sv(close + 1, left - (size_t)(close - open) - 1);
	return true;
}

static const struct wb_check_value *find(const struct wb_checking *k, struct wb_sv name)
{
	for (size_t i = 0; i < k->facts.n; i++) {
		if (wb_sv_eq(name, wb_sv_str(k->facts.v[i].value.name)))
			return &k->facts.v[i].value;
	}
	return NULL;
}

static const char *expand(struct wb_checking *k, const char *text)
{
	wb_autostr s = WB_STR_INIT;
	struct wb_sv rest = wb_sv_str(text), before, name;
	while (next_name(&rest, &before, &name)) {
		const struct wb_check_value *v = name.p ? find(k, name) : NULL;
		wb_str_addsv(&s, before);
		if (v)
			wb_str_add(&s, v->text ? v->text : "null");
		else if (name.p)
			wb_str_addf(&s, "{%.*s}", WB_SV_ARG(name));
	}
	wb_str_addsv(&s, rest);
	return wb_check_keep(k, &s);
}

/* names: words separated by blanks. */
static bool has_word(const char *names, struct wb_sv word)
{
	struct wb_sv rest = wb_sv_str(names), one;
	while (wb_sv_cut(&rest, ' ', &one)) {
		if (wb_sv_eq(one, word))
			return true;
	}
	return false;
}

bool wb_check_template_fits(const char *text, const char *names, struct wb_sv *ret_bad)
{
	struct wb_sv rest = wb_sv_str(text), before, name;
	while (text && next_name(&rest, &before, &name)) {
		*ret_bad = name;
		if (name.p && !has_word(names, name))
			return false;
	}
	return true;
}

/* ---- issues --------------------------------------------------------------------------------------------- */

static void copy_details(struct wb_checking *k, struct wb_check_issue *issue)
{
	struct wb_check_value *v = wb_arena_array(&k->arena, k->facts.n + 1, sizeof(*v));
	size_t n = 0;
	k->nomem |= !v;
	for (size_t i = 0; v && i < k->facts.n; i++) {
		if (!k->facts.v[i].quiet)
			v[n++] = k->facts.v[i].value;
	}
	issue->details = v;
	issue->n_details = n;
}

static struct wb_check_value detail_of(struct wb_checking *k, const struct wb_named_value *said)
{
	struct wb_sv text = wb_sv_str(said->value);
	const struct wb_check_value *fact = NULL;
	struct wb_check_value v;
	if (text.n > 2 && text.p[0] == '{' && memchr(text.p, '}', text.n) == text.p + text.n - 1)
		fact = find(k, wb_sv(text.p + 1, text.n - 2));
	if (fact)
		v = *fact;
	else
		v = (struct wb_check_value){ .type = WB_CHECK_VALUE_TEXT, .text = expand(k, said->value) };
	v.name = said->name;
	return v;
}

static void make_details(struct wb_checking *k, struct wb_check_issue *issue)
{
	const struct wb_named_values *said = &k->check->details;
	struct wb_check_value *v = wb_arena_array(&k->arena, said->n, sizeof(*v));
	k->nomem |= !v;
	for (size_t i = 0; v && i < said->n; i++)
		v[i] = detail_of(k, &said->v[i]);
	issue->details = v;
	issue->n_details = v ? said->n : 0;
}

static void push(struct wb_checking *k, struct wb_check_issue issue)
{
	char now[32];
	issue.group = k->check->group;
	issue.check = k->check;
	issue.timestamp = wb_arena_str(&k->arena, wb_time_rfc3339(wb_wall_us(), now, sizeof(now)));
	if (issue.outcome == WB_CHECK_FAILED && k->check->details.n)
		make_details(k, &issue);
	else
		copy_details(k, &issue);
	k->facts.n = 0;
	k->nomem |= !issue.timestamp || !issue.message || !wb_vec_push(&k->issues, issue);
}

void wb_check_fail(struct wb_checking *k)
{
	const char *template = k->check->message ? k->check->message : wb_check_kinds[k->check->kind].failed;
	push(k, (struct wb_check_issue){ .severity = k->severity,
					 .outcome = WB_CHECK_FAILED,
					 .check_name = k->check->name,
					 .message = k->message ? k->message : expand(k, template) });
	k->severity = k->check->severity;
	k->message = NULL;
}

static const char *why_text(struct wb_checking *k, const struct wb_error *why)
{
	const char *text = wb_arena_printf(&k->arena, "could not run: %s%s%s", why->message, *why->detail ? ": " : "",
					   why->detail);
	k->nomem |= !text;
	return text;
}

void wb_check_close(struct wb_checking *k, enum wb_check_outcome outcome, const struct wb_error *why)
{
	struct wb_check_issue issue = { .outcome = outcome, .check_name = k->check->name };
	if (outcome == WB_CHECK_NOT_RUN) {
		k->facts.n = 0;
		issue.severity = WB_CHECK_CRITICAL;
		issue.message = why_text(k, why);
		wb_check_text(k, "error", wb_code_name(why->code));
		if (*why->sqlstate)
			wb_check_text(k, "sqlstate", why->sqlstate);
		if (*why->hint)
			wb_check_text(k, "hint", why->hint);
	} else if (outcome == WB_CHECK_SKIPPED) {
		issue.message = expand(k, "skipped: {needs} has not passed, and this check needs it");
	} else {
		issue.check_name = k->check->passed ? k->check->passed : k->check->name;
		issue.message = expand(k, wb_check_kinds[k->check->kind].passed);
	}
	push(k, issue);
}
