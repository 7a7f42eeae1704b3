#include <straylight/base/json.h>
#include <straylight/base/utf8.h>

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Before each value or key: the comma, if this is not the first of its level. */
static void element(struct json *j)
{
	if (j->after_key)
		j->after_key = false;
	else if (j->depth && j->some[j->depth - 1])
		buf_c(j->out, ',');
	if (j->depth)
		j->some[j->depth - 1] = true;
}

static void open(struct json *j, char c)
{
	element(j);
	buf_c(j->out, c);
	assert(j->depth < JSON_DEPTH_MAX);
	j->some[j->depth++] = false;
}

void json_object(struct json *j)
{
	open(j, '{');
}

void json_array(struct json *j)
{
	open(j, '[');
}

void json_end(struct json *j, char close)
{
	assert(j->depth > 0 && !j->after_key && (close == '}' || close == ']'));
	j->depth--;
	buf_c(j->out, close);
}

void json_key_str(struct json *j, str key)
{
	assert(j->depth > 0 && !j->after_key);
	element(j);
	json_quote(j->out, key);
	buf_c(j->out, ':');
	j->after_key = true;
}

void json_key(struct json *j, const char *key)
{
	json_key_str(j, str_c(key));
}

void json_str(struct json *j, str s)
{
	element(j);
	json_quote(j->out, s);
}

void json_c(struct json *j, const char *z)
{
	json_str(j, str_c(z));
}

void json_int(struct json *j, int64_t n)
{
	element(j);
	buf_fmt(j->out, "%" PRId64, n);
}

void json_bool(struct json *j, bool yes)
{
	element(j);
	buf_str(j->out, yes ? S("true") : S("false"));
}

void json_null(struct json *j)
{
	element(j);
	buf_lit(j->out, "null");
}

/* Whole numbers up to where doubles stop holding all of them are written as such. */
static void double_text(double d, char *text, size_t size)
{
	int digits = 0;

	if (fabs(d) < 0x1p53 && d == nearbyint(d)) {
		snprintf(text, size, "%.0f", d);
		return;
	}
	do
		snprintf(text, size, "%.*g", ++digits, d);
	while (digits < 17 && strtod(text, NULL) != d);
}

void json_double(struct json *j, double d)
{
	char text[32];

	if (!isfinite(d)) {
		json_null(j);
		return;
	}
	double_text(d, text, sizeof text);
	element(j);
	buf_str(j->out, str_c(text));
}

/* What the byte is written as, NULL for itself; scratch holds a \u escape. */
static const char *escape_of(unsigned char c, char scratch[8])
{
	switch (c) {
	case '"': return "\\\"";
	case '\\': return "\\\\";
	case '\b': return "\\b";
	case '\f': return "\\f";
	case '\n': return "\\n";
	case '\r': return "\\r";
	case '\t': return "\\t";
	default: break;
	}
	if (c >= 0x20)
		return NULL;
	snprintf(scratch, 8, "\\u%04x", c);
	return scratch;
}

void json_quote(struct buf *b, str s)
{
	char scratch[8];

	buf_c(b, '"');
	for (size_t at = 0; at < s.n;) {
		const char *escape = escape_of((unsigned char)s.p[at], scratch);
		uint32_t cp;
		unsigned n = utf8_get(s, at, &cp);

		if (escape)
			buf_str(b, str_c(escape));
		else if (n)
			buf_add(b, s.p + at, n);
		else
			buf_lit(b, "\xef\xbf\xbd");
		at += n ? n : 1;
	}
	buf_c(b, '"');
}

void json_member_str(struct json *j, const char *key, str value)
{
	json_key(j, key);
	json_str(j, value);
}

void json_member_int(struct json *j, const char *key, int64_t value)
{
	json_key(j, key);
	json_int(j, value);
}
