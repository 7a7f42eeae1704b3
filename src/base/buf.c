#include <straylight/base/buf.h>

#include <stdio.h>

void buf_free(struct buf *b)
{
	mem_free(b->p);
	*b = (struct buf){.limit = b->limit};
}

void buf_reserve(struct buf *b, size_t more)
{
	size_t need, cap;

	if (__builtin_add_overflow(b->n, more, &need))
		mem_oom();
	if (need <= b->cap)
		return;
	cap = b->cap < 64 ? 64 : b->cap * 2;
	if (cap < need)
		cap = need;
	b->p = mem_realloc(b->p, cap);
	b->cap = cap;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
	if (b->limit && (b->over || n > b->limit - b->n)) {
		b->over = true;
		return;
	}
	if (n == 0)
		return;
	buf_reserve(b, n);
	memcpy(b->p + b->n, bytes, n);
	b->n += n;
}

void buf_vfmt(struct buf *b, const char *fmt, va_list args)
{
	char small[256];
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(small, sizeof small, fmt, args);
	if (n > 0 && (size_t)n < sizeof small) {
		buf_add(b, small, (size_t)n);
	} else if (n > 0) {
		char *big = mem_alloc((size_t)n + 1);

		vsnprintf(big, (size_t)n + 1, fmt, again);
		buf_add(b, big, (size_t)n);
		mem_free(big);
	}
	va_end(again);
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	buf_vfmt(b, fmt, args);
	va_end(args);
}

const char *buf_z(struct buf *b)
{
	buf_reserve(b, 1);
	b->p[b->n] = '\0';
	return b->p;
}

str buf_take(struct buf *b, struct arena *a)
{
	str s = str_dup(a, buf_view(b));

	buf_free(b);
	return s;
}
