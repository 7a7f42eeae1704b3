/* As the `show-derivation` of Nix 2.8 prints it, to the byte: two spaces a level, bytes that are not
 * UTF-8 as they are. */
#include "drv_int.h"

#include <stdio.h>

static void quote(struct buf *b, str s)
{
	static const char letters[] = {['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['"'] = '"', ['\\'] = '\\'};

	buf_c(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < sizeof letters && letters[c]) {
			buf_c(b, '\\');
			buf_c(b, letters[c]);
		} else if (c < 0x20) {
			buf_fmt(b, "\\u%04x", c);
		} else {
			buf_c(b, (char)c);
		}
	}
	buf_c(b, '"');
}

/* A new line, indented, for element i of a list or object. */
static void line(struct buf *b, size_t i, unsigned level)
{
	if (i)
		buf_c(b, ',');
	buf_fmt(b, "\n%*s", (int)(2 * level), "");
}

static void key(struct buf *b, size_t i, unsigned level, str name)
{
	line(b, i, level);
	quote(b, name);
	buf_lit(b, ": ");
}

/* The end of something with n elements. */
static void end(struct buf *b, size_t n, unsigned level, char c)
{
	if (n)
		line(b, 0, level);
	buf_c(b, c);
}

static void texts(struct buf *b, const str *s, size_t n, unsigned level)
{
	buf_c(b, '[');
	for (size_t i = 0; i < n; i++) {
		line(b, i, level + 1);
		quote(b, s[i]);
	}
	end(b, n, level, ']');
}

static void field(struct buf *b, size_t *i, const char *name, str value)
{
	if (value.n == 0)
		return;
	key(b, (*i)++, 4, str_c(name));
	quote(b, value);
}

static void outputs(struct buf *b, const struct drv *d)
{
	buf_c(b, '{');
	for (size_t i = 0; i < d->noutputs; i++) {
		const struct drv_output *o = &d->outputs[i];
		size_t n = 0;

		key(b, i, 3, o->name);
		buf_c(b, '{');
		field(b, &n, "path", o->path);
		field(b, &n, "hashAlgo", o->algo);
		field(b, &n, "hash", str_eq(o->hash, S("impure")) ? S("") : o->hash);
		if (d->kind == DRV_IMPURE) {
			key(b, n++, 4, S("impure"));
			buf_lit(b, "true");
		}
		end(b, n, 3, '}');
	}
	end(b, d->noutputs, 2, '}');
}

void drv_json(const struct drv *d, struct buf *b)
{
	buf_c(b, '{');
	key(b, 0, 2, S("outputs"));
	outputs(b, d);
	key(b, 1, 2, S("inputSrcs"));
	texts(b, d->sources, d->nsources, 2);
	key(b, 1, 2, S("inputDrvs"));
	buf_c(b, '{');
	for (size_t i = 0; i < d->ninputs; i++) {
		key(b, i, 3, d->inputs[i].path);
		texts(b, d->inputs[i].outputs, d->inputs[i].noutputs, 3);
	}
	end(b, d->ninputs, 2, '}');
	key(b, 1, 2, S("system"));
	quote(b, d->system);
	key(b, 1, 2, S("builder"));
	quote(b, d->builder);
	key(b, 1, 2, S("args"));
	texts(b, d->args, d->nargs, 2);
	key(b, 1, 2, S("env"));
	buf_c(b, '{');
	for (size_t i = 0; i < d->nenv; i++) {
		key(b, i, 3, d->env[i].key);
		quote(b, d->env[i].value);
	}
	end(b, d->nenv, 2, '}');
	end(b, 1, 1, '}');
}
