#include <straylight/base/blob.h>

static size_t size_of(size_t n)
{
	size_t bytes;

	if (__builtin_add_overflow(n, sizeof(struct blob) + 1, &bytes))
		mem_oom();
	return bytes;
}

static struct blob *begin(struct blob *b, size_t n)
{
	atomic_init(&b->refs, 1);
	b->n = n;
	return b;
}

struct blob *blob_raw(size_t n)
{
	return begin(mem_alloc(size_of(n)), n);
}

struct blob *blob_room(size_t n)
{
	struct blob *b = begin(mem_realloc(NULL, size_of(n)), n);

	b->b[n] = '\0';
	return b;
}

struct blob *blob_new(str bytes)
{
	struct blob *b = blob_room(bytes.n);

	if (bytes.n)
		memcpy(b->b, bytes.p, bytes.n);
	return b;
}

struct blob *blob_ref(struct blob *b)
{
	if (b)
		atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
	return b;
}

void blob_unref(struct blob *b)
{
	if (b && atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1)
		mem_free(b);
}
