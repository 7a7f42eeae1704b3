/* Header fields, an empty line, a body of Content-Length bytes.  Lines end in CR LF; LF alone is taken too. */
#include "lsp.h"

#include <strings.h>

void lsp_frames_add(struct lsp_frames *f, str bytes)
{
	size_t skipped = f->skip < bytes.n ? f->skip : bytes.n;

	f->skip -= skipped;
	if (f->at) {
		memmove(f->in.p, f->in.p + f->at, f->in.n - f->at);
		f->in.n -= f->at;
		f->at = 0;
	}
	buf_str(&f->in, str_from(bytes, skipped));
}

void lsp_frames_free(struct lsp_frames *f)
{
	buf_free(&f->in);
	*f = (struct lsp_frames){0};
}

/* The number behind "Content-Length:"; false for any other field, and for no number. */
static bool content_length(str field, size_t *out)
{
	str name, value;
	size_t n = 0;

	if (!str_cut(field, ':', &name, &value) || name.n != 14 || strncasecmp(name.p, "Content-Length", 14) != 0)
		return false;
	value = str_trim(value);
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] < '0' || value.p[i] > '9' || n > SIZE_MAX / 100)
			return false;
		n = n * 10 + (size_t)(value.p[i] - '0');
	}
	*out = n;
	return value.n > 0;
}

/* The length of the header with its empty line; 0: it has not come whole. */
static size_t header_length(str s)
{
	size_t line = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\n')
			continue;
		if (i == line || (i == line + 1 && s.p[line] == '\r'))
			return i + 1;
		line = i + 1;
	}
	return 0;
}

static enum frame_found bad(struct lsp_frames *f, size_t length, const char **what, const char *why)
{
	f->at += length;
	*what = why;
	return FRAME_BAD;
}

/* A body that is not wanted, or what of it has come. */
static void skip_body(struct lsp_frames *f, size_t length)
{
	size_t here = f->in.n - f->at < length ? f->in.n - f->at : length;

	f->at += here;
	f->skip = length - here;
}

enum frame_found lsp_frames_next(struct lsp_frames *f, str *body, const char **what)
{
	str rest = str_from(buf_view(&f->in), f->at), line, fields;
	size_t header = header_length(str_upto(rest, FRAME_HEADER_MAX)), length = 0;
	bool known = false;

	if (!header)
		return rest.n < FRAME_HEADER_MAX ? FRAME_NONE : bad(f, FRAME_HEADER_MAX, what, "a header is too long");
	for (fields = str_upto(rest, header); str_cut(fields, '\n', &line, &fields);)
		known |= content_length(line, &length);
	if (!known)
		return bad(f, header, what, "a header has no Content-Length");
	if (length > FRAME_BODY_MAX) {
		bad(f, header, what, "a message is too long");
		skip_body(f, length);
		return FRAME_BAD;
	}
	if (rest.n - header < length)
		return FRAME_NONE;
	*body = str_of(rest.p + header, length);
	f->at += header + length;
	return FRAME_BODY;
}

void frame_write(struct buf *out, str body)
{
	buf_fmt(out, "Content-Length: %zu\r\n\r\n", body.n);
	buf_str(out, body);
}
