#include "drv_int.h"

static void put(struct buf *b, str s)
{
	static const char letters[] = {['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't', ['"'] = '"', ['\\'] = '\\'};
	char *to;

	buf_reserve(b, mem_size(s.n + 1, 2));
	to = b->p + b->n;
	*to++ = '"';
	for (size_t at = 0; at < s.n;) {
		size_t n = drv_plain(s.p + at, s.n - at);

		memcpy(to, s.p + at, n);
		to += n;
		at += n;
		if (at < s.n) {
			*to++ = '\\';
			*to++ = letters[(unsigned char)s.p[at++]];
		}
	}
	*to++ = '"';
	b->n = (size_t)(to - b->p);
}

static void put_list(struct buf *b, const str *texts, size_t n)
{
	buf_c(b, '[');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_c(b, ',');
		put(b, texts[i]);
	}
	buf_c(b, ']');
}

/* ",": before every element but the first; "(": before each. */
static void open(struct buf *b, size_t i)
{
	buf_add(b, i ? ",(" : "(", i ? 2 : 1);
}

static void put_outputs(struct buf *b, const struct drv *d, bool masked)
{
	buf_c(b, '[');
	for (size_t i = 0; i < d->noutputs; i++) {
		const struct drv_output *o = &d->outputs[i];

		open(b, i);
		put(b, o->name);
		buf_c(b, ',');
		put(b, masked ? S("") : o->path);
		buf_c(b, ',');
		put(b, o->algo);
		buf_c(b, ',');
		put(b, o->hash);
		buf_c(b, ')');
	}
	buf_c(b, ']');
}

static void put_inputs(struct buf *b, const struct drv_input *inputs, size_t n)
{
	buf_c(b, '[');
	for (size_t i = 0; i < n; i++) {
		open(b, i);
		put(b, inputs[i].path);
		buf_c(b, ',');
		put_list(b, inputs[i].outputs, inputs[i].noutputs);
		buf_c(b, ')');
	}
	buf_c(b, ']');
}

static void put_env(struct buf *b, const struct drv *d, bool masked)
{
	buf_c(b, '[');
	for (size_t i = 0; i < d->nenv; i++) {
		open(b, i);
		put(b, d->env[i].key);
		buf_c(b, ',');
		put(b, masked && drv_find_output(d, d->env[i].key) >= 0 ? S("") : d->env[i].value);
		buf_c(b, ')');
	}
	buf_c(b, ']');
}

void drv_write(const struct drv *d, const struct drv_input *inputs, size_t n, bool masked, struct buf *b)
{
	buf_lit(b, "Derive(");
	put_outputs(b, d, masked);
	buf_c(b, ',');
	put_inputs(b, inputs, n);
	buf_c(b, ',');
	put_list(b, d->sources, d->nsources);
	buf_c(b, ',');
	put(b, d->system);
	buf_c(b, ',');
	put(b, d->builder);
	buf_c(b, ',');
	put_list(b, d->args, d->nargs);
	buf_c(b, ',');
	put_env(b, d, masked);
	buf_c(b, ')');
}

void drv_print(const struct drv *d, struct buf *out)
{
	drv_write(d, d->inputs, d->ninputs, false, out);
}
