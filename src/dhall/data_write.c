#include <straylight/base/json.h>
#include <straylight/base/utf8.h>
#include <straylight/data.h>

/* ---- JSON ---- */

static void json(const struct data *, unsigned indent, unsigned level, struct buf *);

static void json_line(unsigned indent, unsigned level, struct buf *out)
{
	if (!indent)
		return;
	buf_c(out, '\n');
	for (unsigned i = 0; i < indent * level; i++)
		buf_c(out, ' ');
}

static void json_parts(const struct data *d, unsigned indent, unsigned level, struct buf *out)
{
	bool named = d->kind == DATA_OBJECT;

	buf_c(out, named ? '{' : '[');
	for (size_t i = 0; i < d->n; i++) {
		if (i)
			buf_c(out, ',');
		json_line(indent, level + 1, out);
		if (named) {
			json_quote(out, d->keys[i]);
			buf_str(out, indent ? S(": ") : S(":"));
		}
		json(d->items[i], indent, level + 1, out);
	}
	if (d->n)
		json_line(indent, level, out);
	buf_c(out, named ? '}' : ']');
}

static void json(const struct data *d, unsigned indent, unsigned level, struct buf *out)
{
	switch (d->kind) {
	case DATA_NULL: buf_lit(out, "null"); break;
	case DATA_BOOL: buf_str(out, d->truth ? S("true") : S("false")); break;
	case DATA_NUMBER: buf_str(out, d->text); break;
	case DATA_TEXT: json_quote(out, d->text); break;
	case DATA_LIST:
	case DATA_OBJECT: json_parts(d, indent, level, out); break;
	}
}

void data_json(const struct data *d, unsigned indent, struct buf *out)
{
	json(d, indent, 0, out);
}

/* ---- YAML: texts ---- */

/* Words that some version of YAML reads as something else than a text. */
static bool is_reserved(str s)
{
	static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
	char low[8];

	if (s.n >= sizeof low)
		return false;
	for (size_t i = 0; i < s.n; i++)
		low[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] | 0x20 : s.p[i]);
	for (size_t i = 0; i < SL_COUNT(words); i++)
		if (str_eq(str_of(low, s.n), str_c(words[i])))
			return true;
	return false;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* What begins with a letter or a slash and goes on with these is no number, date, tag or comment. */
static bool is_plain(str s)
{
	if (s.n == 0 || !(is_letter(s.p[0]) || s.p[0] == '/') || s.p[s.n - 1] == ' ' || is_reserved(s))
		return false;
	for (size_t i = 1; i < s.n; i++) {
		char c = s.p[i], next = i + 1 < s.n ? s.p[i + 1] : ' ';

		if (c == ':' && next == ' ')
			return false;
		if (!is_letter(c) && !(c >= '0' && c <= '9') && !memchr("-./ :+=()@%;,", c, 13))
			return false;
	}
	return true;
}

/* Characters that YAML does not allow, or takes for line ends. */
static bool must_escape(uint32_t cp)
{
	return (cp >= 0x7f && cp <= 0x9f) || cp == 0x2028 || cp == 0x2029 || cp == 0xfeff || (cp & 0xfffe) == 0xfffe;
}

static void quoted_text(str s, struct buf *out)
{
	struct buf json = {0};
	uint32_t cp;
	unsigned n;

	json_quote(&json, s);
	for (size_t i = 0; i < json.n; i += n) {
		n = utf8_get(buf_view(&json), i, &cp);
		if (must_escape(cp) && cp > 0xffff)
			buf_fmt(out, "\\U%08x", cp);
		else if (must_escape(cp))
			buf_fmt(out, "\\u%04x", cp);
		else
			buf_add(out, json.p + i, n);
	}
	buf_free(&json);
}

/* Whether it can stand in a block of lines, and reads well there. */
static bool is_block(str s)
{
	uint32_t cp;
	unsigned n;

	if (str_find(s, '\n') + 1 >= s.n || s.p[0] == '\n' || s.p[0] == ' ' || str_ends(s, S("\n\n")))
		return false;
	for (size_t i = 0; i < s.n; i += n) {
		n = utf8_get(s, i, &cp);
		if (!n || (cp < 0x20 && cp != '\n') || must_escape(cp))
			return false;
		if (cp == ' ' && (i + 1 == s.n || s.p[i + 1] == '\n'))
			return false;
	}
	return true;
}

static void yaml_indent(unsigned level, struct buf *out)
{
	for (unsigned i = 0; i < 2 * level; i++)
		buf_c(out, ' ');
}

static void block_text(str s, unsigned level, struct buf *out)
{
	str line, rest = str_ends(s, S("\n")) ? str_upto(s, s.n - 1) : s;
	bool more = true;

	buf_str(out, rest.n < s.n ? S("|") : S("|-"));
	while (more) {
		more = str_cut(rest, '\n', &line, &rest);
		buf_c(out, '\n');
		if (line.n)
			yaml_indent(level ? level : 1, out);
		buf_str(out, line);
	}
}

/* ---- YAML: structure ---- */

struct yaml {
	struct buf *out;
	bool quoted;
};

static void yaml_text(const struct yaml *y, str s, unsigned level, bool key)
{
	if (!y->quoted && is_plain(s))
		buf_str(y->out, s);
	else if (!y->quoted && !key && is_block(s))
		block_text(s, level, y->out);
	else
		quoted_text(s, y->out);
}

/* YAML 1.1 wants a sign before an exponent. */
static void yaml_number(str s, struct buf *out)
{
	size_t e = str_find(s, 'e');

	if (str_eq(s, S("NaN")))
		buf_lit(out, ".nan");
	else if (str_eq(s, S("Infinity")) || str_eq(s, S("-Infinity")))
		buf_str(out, s.p[0] == '-' ? S("-.inf") : S(".inf"));
	else if (e + 1 < s.n && s.p[e + 1] >= '0' && s.p[e + 1] <= '9')
		buf_fmt(out, "%.*se+%.*s", STR_ARG(str_upto(s, e)), STR_ARG(str_from(s, e + 1)));
	else
		buf_str(out, s);
}

static bool is_nested(const struct data *d)
{
	return (d->kind == DATA_LIST || d->kind == DATA_OBJECT) && d->n;
}

static void yaml_leaf(const struct yaml *y, const struct data *d, unsigned level)
{
	if (d->kind == DATA_TEXT)
		yaml_text(y, d->text, level, false);
	else if (d->kind == DATA_NUMBER)
		yaml_number(d->text, y->out);
	else
		json(d, 0, 0, y->out);
}

#define SIMPLE_KEY_MAX 1000 /* before a ':' YAML takes at most 1024 characters as a key */

static void yaml_key(const struct yaml *y, str key, unsigned level)
{
	struct buf text = {0};
	struct yaml apart = {&text, y->quoted};

	yaml_text(&apart, key, level, true);
	if (text.n <= SIMPLE_KEY_MAX) {
		buf_fmt(y->out, "%.*s:", STR_ARG(buf_view(&text)));
	} else {
		buf_fmt(y->out, "? %.*s\n", STR_ARG(buf_view(&text)));
		yaml_indent(level, y->out);
		buf_c(y->out, ':');
	}
	buf_free(&text);
}

/* The parts of a list or object; the first one stands where the output is. */
static void yaml_parts(const struct yaml *y, const struct data *d, unsigned level)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct data *part = d->items[i];

		if (i)
			yaml_indent(level, y->out);
		if (d->kind == DATA_LIST)
			buf_lit(y->out, "-");
		else
			yaml_key(y, d->keys[i], level);
		if (is_nested(part) && d->kind == DATA_LIST) {
			buf_c(y->out, ' ');
			yaml_parts(y, part, level + 1);
		} else if (is_nested(part)) {
			buf_c(y->out, '\n');
			yaml_indent(level + 1, y->out);
			yaml_parts(y, part, level + 1);
		} else {
			buf_c(y->out, ' ');
			yaml_leaf(y, part, level + 1);
			buf_c(y->out, '\n');
		}
	}
}

void data_yaml(const struct data *d, bool quoted, struct buf *out)
{
	struct yaml y = {out, quoted};

	if (is_nested(d)) {
		yaml_parts(&y, d, 0);
		return;
	}
	yaml_leaf(&y, d, 0);
	buf_c(out, '\n');
}
