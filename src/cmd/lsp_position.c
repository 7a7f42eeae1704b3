/* Places as the protocol has them, and the JSON that they come in. */
#include "lsp.h"

#include <ctype.h>
#include <stdlib.h>

/* ---- lines and characters ---- */

/* The bytes of the character at `at`, and how much it counts. */
static unsigned step(str text, bool utf8, size_t at, uint32_t *units)
{
	uint32_t cp;
	unsigned n = (unsigned char)text.p[at] < 0x80 ? 1 : utf8_get(text, at, &cp);

	if (n == 0)
		n = 1;
	*units = utf8 ? n : n == 4 ? 2 : 1;
	return n;
}

struct position position_from(str text, bool utf8, uint32_t offset, uint32_t *line, uint32_t *lo)
{
	struct position p = {0};
	uint32_t units;

	if (offset > text.n)
		offset = (uint32_t)text.n;
	for (const char *at; offset && (at = memchr(text.p + *lo, '\n', offset - *lo)) != NULL; ++*line)
		*lo = (uint32_t)(at + 1 - text.p);
	p.line = *line;
	for (size_t at = *lo; at < offset; p.character += units)
		at += step(text, utf8, at, &units);
	return p;
}

struct position position_of(str text, bool utf8, uint32_t offset)
{
	uint32_t line = 0, lo = 0;

	return position_from(text, utf8, offset, &line, &lo);
}

uint32_t position_offset(str text, bool utf8, struct position p)
{
	size_t at = 0, end;
	uint32_t units = 0;

	for (uint32_t line = 0; line < p.line; line++) {
		at += str_find(str_from(text, at), '\n');
		if (at >= text.n)
			return (uint32_t)text.n;
		at++;
	}
	end = at + str_find(str_from(text, at), '\n');
	if (end > at && end < text.n && text.p[end - 1] == '\r')
		end--;
	for (uint32_t left = p.character; at < end && left; left -= units < left ? units : left)
		at += step(text, utf8, at, &units);
	return (uint32_t)(at < end ? at : end);
}

/* ---- URIs ---- */

static int hex(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

str uri_path(struct arena *a, str uri)
{
	struct buf b = {0};
	size_t host;

	if (!str_starts(uri, S("file://")))
		return S("");
	uri = str_from(uri, 7);
	host = str_find(uri, '/');
	uri = str_from(uri, host);
	for (size_t i = 0; i < uri.n; i++) {
		bool escape = uri.p[i] == '%' && i + 2 < uri.n && hex(uri.p[i + 1]) >= 0 && hex(uri.p[i + 2]) >= 0;

		buf_c(&b, escape ? (char)(hex(uri.p[i + 1]) * 16 + hex(uri.p[i + 2])) : uri.p[i]);
		i += escape ? 2 : 0;
	}
	return buf_take(&b, a);
}

void path_uri(str path, struct buf *out)
{
	if (!str_starts(path, S("/"))) { /* a URL */
		buf_str(out, path);
		return;
	}
	buf_lit(out, "file://");
	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];

		if (isalnum(c) || char_in(c, "/-._~"))
			buf_c(out, (char)c);
		else
			buf_fmt(out, "%%%02X", c);
	}
}

/* ---- JSON ---- */

const struct data *json_member(const struct data *d, const char *name)
{
	for (size_t i = 0; d && d->kind == DATA_OBJECT && i < d->n; i++)
		if (str_eq(d->keys[i], str_c(name)))
			return d->items[i];
	return NULL;
}

str json_text(const struct data *d)
{
	return d && d->kind == DATA_TEXT ? d->text : S("");
}

int64_t json_number(const struct data *d, int64_t otherwise)
{
	char digits[24];

	if (!d || d->kind != DATA_NUMBER || d->text.n >= sizeof digits)
		return otherwise;
	memcpy(digits, d->text.p, d->text.n);
	digits[d->text.n] = '\0';
	return strtoll(digits, NULL, 10);
}

bool json_true(const struct data *d)
{
	return d && d->kind == DATA_BOOL && d->truth;
}

static uint32_t unsigned_of(const struct data *d)
{
	int64_t n = json_number(d, 0);

	return n < 0 ? 0 : n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

struct position json_position(const struct data *d)
{
	return (struct position){unsigned_of(json_member(d, "line")), unsigned_of(json_member(d, "character"))};
}
