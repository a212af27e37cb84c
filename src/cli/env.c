/* SPDX-License-Identifier: Apache-2.0
 *
 * The environment: variables of the process, and behind them those of .env.
 *
 *	KEY=VALUE, export KEY=VALUE, # comment, KEY=value # comment
 *	KEY='as it stands', KEY="with \n \r \t \\ \" \$"; both may span lines
 */
#include "cli/setting.h"

#include "base/banned.h"

struct dotenv {
	struct wb_sv text;
	const char *file;
	size_t at; /* next byte */
	struct cli_env *env;
	struct wb_error *err;
};

static unsigned line_at(const struct dotenv *d, size_t offset, unsigned *ret_column)
{
	unsigned line = 1;
	size_t i, start = 0;

	for (i = 0; i < offset && i < d->text.n; i++)
		if (d->text.p[i] == '\n') {
			line++;
			start = i + 1;
		}
	*ret_column = (unsigned)(offset - start) + 1;
	return line;
}

/* The line is not shown: it may hold a password. */
static int wrong(struct dotenv *d, size_t offset, const char *what)
{
	unsigned column, line = line_at(d, offset, &column);

	wb_err_set(d->err, WB_ECONFIG, "%s", what);
	wb_err_hint(d->err, "lines look like NAME=value, NAME='value' or NAME=\"value\"; comments begin with #");
	wb_err_place(d->err, d->file, line, column);
	return WB_ECONFIG;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool at_end_of_line(const struct dotenv *d)
{
	return d->at >= d->text.n || d->text.p[d->at] == '\n';
}

static void skip_blanks(struct dotenv *d)
{
	while (d->at < d->text.n && is_blank(d->text.p[d->at]))
		d->at++;
}

static void skip_line(struct dotenv *d)
{
	while (!at_end_of_line(d))
		d->at++;
	if (d->at < d->text.n)
		d->at++;
}

static bool is_name_char(char c, bool first)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || (!first && c >= '0' && c <= '9');
}

static struct wb_sv take_name(struct dotenv *d)
{
	size_t start = d->at;

	while (d->at < d->text.n && is_name_char(d->text.p[d->at], d->at == start))
		d->at++;
	return wb_sv(d->text.p + start, d->at - start);
}

/* Up to the line's end, or to a comment after a blank. */
static int take_plain(struct dotenv *d, struct wb_str *value)
{
	size_t start = d->at;

	while (!at_end_of_line(d) && !(d->text.p[d->at] == '#' && (d->at == start || is_blank(d->text.p[d->at - 1]))))
		d->at++;
	wb_str_addsv(value, wb_sv_trim(wb_sv(d->text.p + start, d->at - start)));
	return 0;
}

static void add_escape(struct wb_str *value, char c)
{
	static const char from[] = "nrt", to[] = "\n\r\t";
	const char *p = c ? strchr(from, c) : NULL;

	if (p) {
		wb_str_addc(value, to[p - from]);
		return;
	}
	if (c != '"' && c != '\\' && c != '$')
		wb_str_addc(value, '\\');
	wb_str_addc(value, c);
}

static int take_quoted(struct dotenv *d, struct wb_str *value)
{
	size_t start = d->at;
	char quote = d->text.p[d->at++];

	while (d->at < d->text.n && d->text.p[d->at] != quote) {
		if (quote == '"' && d->text.p[d->at] == '\\' && d->at + 1 < d->text.n)
			add_escape(value, d->text.p[++d->at]);
		else
			wb_str_addc(value, d->text.p[d->at]);
		d->at++;
	}
	if (d->at >= d->text.n)
		return wrong(d, start, "a quoted value is not closed");
	d->at++;
	skip_blanks(d);
	if (!at_end_of_line(d) && d->text.p[d->at] != '#')
		return wrong(d, d->at, "text stands after a quoted value");
	return 0;
}

static int keep(struct dotenv *d, struct wb_sv name, struct wb_str *value)
{
	struct cli_variable v;

	v.name = wb_arena_sv(&d->env->arena, name);
	v.value = value->failed ? NULL : wb_arena_sv(&d->env->arena, wb_str_sv(value));
	if (!v.name || !v.value || !wb_vec_push(&d->env->dotenv, v))
		return wb_err_nomem(d->err);
	return 0;
}

static int take_value(struct dotenv *d, struct wb_sv name)
{
	wb_autostr value = WB_STR_INIT;
	int rc;

	skip_blanks(d);
	if (!at_end_of_line(d) && (d->text.p[d->at] == '"' || d->text.p[d->at] == '\''))
		rc = take_quoted(d, &value);
	else
		rc = take_plain(d, &value);
	return rc < 0 ? rc : keep(d, name, &value);
}

static int take_line(struct dotenv *d)
{
	struct wb_sv name;
	int rc;

	skip_blanks(d);
	if (at_end_of_line(d) || d->text.p[d->at] == '#') {
		skip_line(d);
		return 0;
	}
	name = take_name(d);
	if (wb_sv_eq(name, WB_SV("export")) && d->at < d->text.n && is_blank(d->text.p[d->at])) {
		skip_blanks(d);
		name = take_name(d);
	}
	skip_blanks(d);
	if (name.n == 0 || d->at >= d->text.n || d->text.p[d->at] != '=')
		return wrong(d, d->at, name.n ? "\"=\" is missing after a name" : "a name is missing");
	d->at++;
	rc = take_value(d, name);
	if (rc == 0)
		skip_line(d);
	return rc;
}

int cli_dotenv_parse(struct wb_sv text, const char *file, struct cli_env *env, struct wb_error *err)
{
	struct dotenv d = { text, file, 0, env, err };
	int rc = 0;

	if (text.n && memchr(text.p, '\0', text.n))
		return wrong(&d, (size_t)((const char *)memchr(text.p, '\0', text.n) - text.p),
			     "a NUL byte is in the file");
	if (wb_sv_starts(text, "\xEF\xBB\xBF"))
		d.at = 3;
	while (rc == 0 && d.at < text.n)
		rc = take_line(&d);
	return rc;
}

const char *cli_env_get(const struct cli_env *env, const char *name, bool *ret_dotenv)
{
	const char *value = getenv(name);
	size_t i;

	if (ret_dotenv)
		*ret_dotenv = false;
	if (value)
		return value[0] ? value : NULL;
	for (i = env->dotenv.n; i-- > 0;) {
		if (strcmp(env->dotenv.v[i].name, name) != 0)
			continue;
		if (ret_dotenv)
			*ret_dotenv = true;
		return env->dotenv.v[i].value[0] ? env->dotenv.v[i].value : NULL;
	}
	return NULL;
}

void cli_env_done(struct cli_env *env)
{
	wb_vec_done(&env->dotenv);
	wb_arena_done(&env->arena);
}

/* ---- ${NAME} ---- */

static bool is_variable_name(struct wb_sv name)
{
	size_t i;

	for (i = 0; i < name.n; i++)
		if (!is_name_char(name.p[i], i == 0))
			return false;
	return name.n > 0 && name.n < 200;
}

/* What stands between the braces. */
static int expand_one(const struct cli_env *env, struct wb_sv inner, struct wb_str *out, struct wb_error *err)
{
	struct wb_sv name = inner, fallback = { NULL, 0 };
	const char *sign = inner.n ? memmem(inner.p, inner.n, ":-", 2) : NULL;
	const char *value;
	char text[200];

	if (sign) {
		name = wb_sv(inner.p, (size_t)(sign - inner.p));
		fallback = wb_sv(sign + 2, inner.n - name.n - 2);
	}
	if (!is_variable_name(name) || !wb_sv_copy(name, text, sizeof(text))) {
		wb_err_set(err, WB_ECONFIG, "\"${%.*s}\" names no environment variable", WB_SV_ARG(inner));
		wb_err_hint(err, "write ${NAME} or ${NAME:-default}; $${ stands for ${ itself");
		return WB_ECONFIG;
	}
	value = cli_env_get(env, text, NULL);
	if (!value && !sign) {
		wb_err_set(err, WB_ECONFIG, "the environment variable %s is not set", text);
		wb_err_hint(err, "set it, in the environment or in .env, or give a default: ${%s:-default}", text);
		return WB_ECONFIG;
	}
	if (value)
		wb_str_add(out, value);
	else
		wb_str_addsv(out, fallback);
	return 0;
}

static int expand_next(const struct cli_env *env, struct wb_sv *rest, struct wb_str *out, struct wb_error *err)
{
	const char *p = memmem(rest->p, rest->n, "${", 2), *close;
	struct wb_sv inner;

	if (!p) {
		wb_str_addsv(out, *rest);
		rest->n = 0;
		return 0;
	}
	if (p > rest->p && p[-1] == '$') {
		wb_str_addn(out, rest->p, (size_t)(p - rest->p) - 1);
		wb_str_add(out, "${");
		*rest = wb_sv(p + 2, (size_t)(rest->p + rest->n - p) - 2);
		return 0;
	}
	wb_str_addn(out, rest->p, (size_t)(p - rest->p));
	*rest = wb_sv(p + 2, (size_t)(rest->p + rest->n - p) - 2);
	close = rest->n ? memchr(rest->p, '}', rest->n) : NULL;
	if (!close)
		return wb_err_set(err, WB_ECONFIG, "\"${\" has no closing \"}\"");
	inner = wb_sv(rest->p, (size_t)(close - rest->p));
	*rest = wb_sv(close + 1, rest->n - inner.n - 1);
	return expand_one(env, inner, out, err);
}

int cli_expand(const struct cli_env *env, struct wb_arena *a, const char *text, const char **ret_text,
	       struct wb_error *err)
{
	wb_autostr out = WB_STR_INIT;
	struct wb_sv rest = wb_sv_str(text);
	const char *copy;
	int rc = 0;

	while (rc == 0 && rest.n)
		rc = expand_next(env, &rest, &out, err);
	if (rc < 0)
		return rc;
	copy = out.failed ? NULL : wb_arena_sv(a, wb_str_sv(&out));
	if (!copy)
		return wb_err_nomem(err);
	*ret_text = copy;
	return 0;
}
