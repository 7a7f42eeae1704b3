#include "out.h"

#define COPIED ((size_t)2 << 10) /* so little is copied: a part of its own costs more */

void out_added(struct out *o, size_t n)
{
	if (n == 0)
		return;
	if (o->parts.n && !vec_last(&o->parts).blob)
		vec_last(&o->parts).n += n;
	else
		vec_push(&o->parts, ((struct out_part){.n = n}));
	o->n += n;
}

void out_add(struct out *o, const void *bytes, size_t n)
{
	buf_add(&o->bytes, bytes, n);
	out_added(o, n);
}

void out_blob(struct out *o, struct blob *b, const char *p, size_t n)
{
	if (n <= COPIED) {
		out_add(o, p, n);
		return;
	}
	vec_push(&o->parts, ((struct out_part){blob_ref(b), p, n}));
	o->n += n;
}

size_t out_bufs(const struct out *o, size_t sent, uv_buf_t *bufs, size_t max)
{
	const char *own = o->bytes.p;
	size_t n = 0;

	for (size_t i = 0; i < o->parts.n && n < max; i++) {
		const struct out_part *part = &o->parts.p[i];
		const char *p = part->blob ? part->p : own;

		if (!part->blob)
			own += part->n;
		if (sent >= part->n) {
			sent -= part->n;
			continue;
		}
		bufs[n++] = uv_buf_init((char *)(uintptr_t)p + sent, (unsigned)(part->n - sent));
		sent = 0;
	}
	return n;
}

void out_clear(struct out *o)
{
	for (size_t i = 0; i < o->parts.n; i++)
		blob_unref(o->parts.p[i].blob);
	o->parts.n = 0;
	o->bytes.n = 0;
	o->n = 0;
}

void out_free(struct out *o)
{
	out_clear(o);
	vec_free(&o->parts);
	buf_free(&o->bytes);
}
