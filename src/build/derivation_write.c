/* Expressions of Nix, and the settings that become one. */
#include "derivation.h"

#define WIDTH 100

/* ---- words ---- */

static bool is_first(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool der_is_word(str s)
{
	static const char *const reserved[] = {"if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or"};

	if (!s.n || !is_first(s.p[0]))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_first(s.p[i]) && !(s.p[i] >= '0' && s.p[i] <= '9') && s.p[i] != '-' && s.p[i] != '\'')
			return false;
	for (size_t i = 0; i < SL_COUNT(reserved); i++)
		if (str_eq(s, str_c(reserved[i])))
			return false;
	return true;
}

str der_key(struct derivation *d, str name)
{
	return der_is_word(name) ? name : der_line(d, name);
}

/* ---- texts ---- */

static void refuse_nul(struct derivation *d, str s)
{
	if (s.n && memchr(s.p, '\0', s.n))
		diag_hint(d->diags, der_refuse(d, NULL, "a text of '%.*s' has a NUL", STR_ARG(d->name)), "Nix ends strings there");
}

void derivation_text(str s, struct buf *b)
{
	buf_c(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		switch (s.p[i]) {
		case '"': buf_lit(b, "\\\""); break;
		case '\\': buf_lit(b, "\\\\"); break;
		case '\n': buf_lit(b, "\\n"); break;
		case '\r': buf_lit(b, "\\r"); break;
		case '\t': buf_lit(b, "\\t"); break;
		case '$':
			if (i + 1 < s.n && s.p[i + 1] == '{')
				buf_c(b, '\\');
			buf_c(b, '$');
			break;
		default: buf_c(b, s.p[i]);
		}
	}
	buf_c(b, '"');
}

str der_line(struct derivation *d, str s)
{
	struct buf b = {0};

	refuse_nul(d, s);
	derivation_text(s, &b);
	return buf_take(&b, d->arena);
}

/* What Nix reads between '' and '' in a way of its own when it stands there. */
static bool is_odd(char c, char next)
{
	if (c == '\'')
		return next == '\'' || next == '$';
	if (c == '$')
		return next == '$' || next == '\'';
	return (unsigned char)c < ' ' && c != '\n' && c != '\t';
}

/* Can it stand between '' and '' with only "${" escaped?  It has lines, and, as Nix takes away the blanks that all lines
 * share, one without any. */
static bool is_block(str s)
{
	bool start = true, flush = false;

	if (str_find(s, '\n') + 1 >= s.n || s.p[0] == '\n' || char_in(s.p[s.n - 1], " '$"))
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], next = i + 1 < s.n ? s.p[i + 1] : '\n';

		if (is_odd(c, next) || (start && c == ' ' && next == '\n'))
			return false;
		flush |= c != ' ' && c != '\n' && (i == 0 || s.p[i - 1] == '\n');
		start = c == '\n' || (start && c == ' ');
	}
	return flush;
}

static void blanks(struct buf *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		buf_c(b, ' ');
}

str der_text(struct derivation *d, str s)
{
	struct buf b = {0};
	str rest = s, line;
	bool more = true;

	if (!is_block(s))
		return der_line(d, s);
	buf_lit(&b, "''\n");
	while (more) {
		more = str_cut(rest, '\n', &line, &rest);
		if (!more && !line.n)
			break;
		if (line.n)
			blanks(&b, d->indent + 4);
		for (size_t i = 0; i < line.n; i++) {
			if (line.p[i] == '$' && i + 1 < line.n && line.p[i + 1] == '{')
				buf_lit(&b, "''");
			buf_c(&b, line.p[i]);
		}
		if (more)
			buf_c(&b, '\n');
	}
	if (s.p[s.n - 1] == '\n')
		blanks(&b, d->indent + 2);
	buf_lit(&b, "''");
	return buf_take(&b, d->arena);
}

/* ---- lists and sets ---- */

static bool is_one_line(const str *items, size_t n, unsigned column)
{
	size_t width = column;

	for (size_t i = 0; i < n; i++) {
		if (str_find(items[i], '\n') < items[i].n)
			return false;
		width += items[i].n + 1;
	}
	return width <= WIDTH;
}

str der_list(struct derivation *d, const str *items, size_t n)
{
	bool flat = is_one_line(items, n, d->indent + 24);
	struct buf b = {0};

	buf_c(&b, '[');
	for (size_t i = 0; i < n; i++) {
		buf_c(&b, flat ? ' ' : '\n');
		blanks(&b, flat ? 0 : d->indent + 4);
		buf_str(&b, items[i]);
	}
	buf_c(&b, flat ? ' ' : '\n');
	blanks(&b, flat ? 0 : d->indent + 2);
	buf_c(&b, ']');
	return buf_take(&b, d->arena);
}

str der_list_of_texts(struct derivation *d, const str *texts, size_t n)
{
	str *items = arena_array(d->arena, str, n);

	for (size_t i = 0; i < n; i++)
		items[i] = der_line(d, texts[i]);
	return der_list(d, items, n);
}

str der_set_of(struct derivation *d, const struct setting *s, size_t n, unsigned indent)
{
	struct buf b = {0};

	if (!n)
		return S("{ }");
	buf_lit(&b, "{\n");
	for (size_t i = 0; i < n; i++) {
		blanks(&b, indent + 2);
		buf_fmt(&b, "%.*s = ", STR_ARG(der_key(d, s[i].name)));
		buf_str(&b, s[i].expr);
		buf_lit(&b, ";\n");
	}
	blanks(&b, indent);
	buf_c(&b, '}');
	return buf_take(&b, d->arena);
}

/* ---- settings ---- */

void der_set_own(struct derivation *d, const char *attribute, str name, str expr, bool late)
{
	struct setting s = {str_dup(d->arena, name), expr, late};

	if (map_has(&d->set, name)) {
		diag_hint(d->diags, der_refuse(d, attribute, "'%.*s' is set twice in '%.*s'", STR_ARG(name), STR_ARG(d->name)),
				"environment variables and attributes are one set in Nix: leave one of them out");
		return;
	}
	vec_push(&d->settings, s);
	map_put(&d->set, s.name, NULL);
}

void der_set(struct derivation *d, const char *name, str expr)
{
	der_set_own(d, name, str_c(name), expr, false);
}

void der_set_true(struct derivation *d, const char *name, bool is)
{
	if (is)
		der_set(d, name, S("true"));
}

static void replace(struct derivation *d)
{
	for (size_t i = 0; i < d->given->ninstead; i++) {
		const struct derivation_instead *x = &d->given->instead[i];
		size_t n = 0;

		for (size_t k = 0; k < d->settings.n; k++)
			if (!str_eq(d->settings.p[k].name, str_c(x->name)))
				d->settings.p[n++] = d->settings.p[k];
		d->settings.n = n;
		if (x->expr.p)
			vec_push(&d->settings, ((struct setting){str_c(x->name), x->expr, false}));
	}
}

void der_call(struct derivation *d, str head, struct buf *out)
{
	VEC(struct setting) now = {0}, late = {0};

	replace(d);
	for (size_t i = 0; i < d->settings.n; i++)
		if (d->settings.p[i].late)
			vec_push(&late, d->settings.p[i]);
		else
			vec_push(&now, d->settings.p[i]);
	if (late.n)
		buf_c(out, '(');
	buf_str(out, head);
	buf_c(out, ' ');
	buf_str(out, der_set_of(d, now.p, now.n, d->indent));
	if (late.n) {
		buf_lit(out, ").overrideAttrs (old: ");
		buf_str(out, der_set_of(d, late.p, late.n, d->indent));
		buf_c(out, ')');
	}
	vec_free(&now);
	vec_free(&late);
}
