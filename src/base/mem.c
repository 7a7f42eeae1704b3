#include <straylight/base/mem.h>

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define CHUNK_FIRST ((size_t)4 << 10)
#define CHUNK_SMALL ((size_t)64 << 10)  /* up to here chunks of a large arena double */
#define CHUNK_MIDDLE ((size_t)1 << 20)  /* up to here chunks double */
#define CHUNK_LARGEST ((size_t)32 << 20) /* beyond, a chunk is a quarter of what is held, in huge pages */
#define HUGE_PAGE ((size_t)2 << 20)

struct arena_chunk {
	struct arena_chunk *older;
	size_t size; /* of the whole chunk */
};

/* Counts down; the allocation that takes it from 1 to 0 fails.  0: off. */
static atomic_ullong fail_countdown;

__attribute__((constructor)) static void fail_from_environment(void)
{
	const char *nth = getenv("STRAYLIGHT_FAIL_ALLOC");

	if (nth)
		atomic_store(&fail_countdown, strtoull(nth, NULL, 10));
}

void mem_fail_at(uint64_t nth)
{
	atomic_store(&fail_countdown, nth);
}

static bool must_fail(void)
{
	if (SL_LIKELY(atomic_load_explicit(&fail_countdown, memory_order_relaxed) == 0))
		return false;
	return atomic_fetch_sub(&fail_countdown, 1) == 1;
}

void mem_oom(void)
{
	static const char text[] = "error: out of memory\n";

	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(3);
	_exit(3);
}

size_t mem_size(size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		mem_oom();
	return bytes;
}

void *mem_alloc(size_t n)
{
	void *p = must_fail() ? NULL : calloc(1, n ? n : 1);

	if (!p)
		mem_oom();
	return p;
}

void *mem_realloc(void *old, size_t n)
{
	void *p = must_fail() ? NULL : realloc(old, n ? n : 1);

	if (!p)
		mem_oom();
	return p;
}

void mem_free(void *p)
{
	free(p);
}

struct arena *arena_new(void)
{
	return mem_make(struct arena);
}

void arena_clear(struct arena *a)
{
	arena_rewind(a, (struct arena_mark){NULL, NULL});
}

void arena_free(struct arena *a)
{
	if (!a)
		return;
	arena_clear(a);
	mem_free(a);
}

void arena_limit(struct arena *a, size_t limit, arena_over *over, void *ud)
{
	a->limit = limit;
	a->over = over;
	a->over_ud = ud;
}

void arena_large(struct arena *a)
{
	a->large = true;
}

/* A small arena is small and a large one calls malloc rarely. */
static size_t next_chunk_size(const struct arena *a, size_t need)
{
	size_t size = a->chunks ? a->chunks->size * 2 : CHUNK_FIRST, least = a->large ? HUGE_PAGE : CHUNK_MIDDLE;

	if (size > (a->large ? CHUNK_SMALL : CHUNK_MIDDLE)) {
		size = (a->held / 4) & ~(HUGE_PAGE - 1);
		if (size < least)
			size = least;
		if (size > CHUNK_LARGEST)
			size = CHUNK_LARGEST;
	}
	return size < need ? need : size;
}

static void *chunk_memory(size_t size)
{
	void *p;

	if (size < HUGE_PAGE || size % HUGE_PAGE != 0)
		return malloc(size);
	p = aligned_alloc(HUGE_PAGE, size);
	if (p)
		madvise(p, size, MADV_HUGEPAGE); /* only a wish */
	return p;
}

void *arena_grow(struct arena *a, size_t n, size_t align)
{
	size_t need, size, left;
	struct arena_chunk *chunk;

	if (__builtin_add_overflow(n, sizeof *chunk + align, &need))
		mem_oom();
	size = next_chunk_size(a, need);
	left = a->held < a->limit ? a->limit - a->held : 0;
	if (a->limit && size > left) /* what is left, in one */
		size = need > left ? need : left;
	if (a->limit && size > left) {
		a->over(a->over_ud);
		mem_oom(); /* the handler must not return */
	}
	chunk = must_fail() ? NULL : chunk_memory(size);
	if (!chunk)
		mem_oom();
	chunk->older = a->chunks;
	chunk->size = size;
	a->chunks = chunk;
	a->held += size;
	a->cur = (unsigned char *)(chunk + 1);
	a->end = (unsigned char *)chunk + size;
	return arena_raw(a, n, align);
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){a->chunks, a->cur};
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
	while (a->chunks != mark.chunk) {
		struct arena_chunk *dead = a->chunks;

		a->chunks = dead->older;
		a->held -= dead->size;
		free(dead);
	}
	a->cur = mark.cur;
	a->end = a->chunks ? (unsigned char *)a->chunks + a->chunks->size : NULL;
}
