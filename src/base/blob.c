#include <straylight/base/blob.h>

struct blob *blob_raw(size_t n)
{
	struct blob *b;
	size_t bytes;

	if (__builtin_add_overflow(n, sizeof *b + 1, &bytes))
		mem_oom();
	b = mem_alloc(bytes);
	atomic_init(&b->refs, 1);
	b->n = n;
	return b;
}

struct blob *blob_new(str bytes)
{
	struct blob *b = blob_raw(bytes.n);

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
