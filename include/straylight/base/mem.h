/* mem.h: memory by lifetime.
 *
 * What dies together is allocated together: an arena is freed in one call, and nothing in it is freed
 * before.  The few things that outlive an arena come from mem_alloc (single owner) or are blobs
 * (blob.h, counted).
 *
 * No function here returns NULL.  When the system has no memory left, the out-of-memory handler
 * prints one line and ends the process with exit code 3; state on disk is always written by rename,
 * so ending anywhere is safe.  An arena may have a byte limit; crossing it calls the arena's own
 * handler, which must not return (the Dhall and Nix evaluators leave by longjmp to the entry point). */
#ifndef STRAYLIGHT_BASE_MEM_H
#define STRAYLIGHT_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SL_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define SL_MUST_USE __attribute__((warn_unused_result))
#define SL_NORETURN __attribute__((noreturn))
#define SL_LIKELY(x) __builtin_expect(!!(x), 1)
#define SL_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define SL_COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The heap.  mem_alloc gives zeroed bytes.  mem_realloc(NULL, n) allocates; what is beyond the old
 * size is not zeroed.  mem_free(NULL) does nothing. */
void *mem_alloc(size_t n) SL_MUST_USE;
void *mem_realloc(void *, size_t n) SL_MUST_USE;
void mem_free(void *);
#define mem_make(T) ((T *)mem_alloc(sizeof(T)))
#define mem_array(T, n) ((T *)mem_alloc(mem_size((n), sizeof(T))))

/* n * size, or the out-of-memory handler when the product does not fit. */
size_t mem_size(size_t n, size_t size);

/* Prints "out of memory" and exits with code 3. */
SL_NORETURN void mem_oom(void);

/* Fault injection: the nth allocation from now on (heap or arena chunk, counted from 1) fails.
 * 0 switches it off.  STRAYLIGHT_FAIL_ALLOC=N in the environment does the same from the start. */
void mem_fail_at(uint64_t nth);

struct arena_chunk;
typedef void arena_over(void *ud); /* a limit was crossed; must not return */

/* Invariant: cur <= end; both lie in the newest chunk, or all are NULL. */
struct arena {
	unsigned char *cur, *end;
	struct arena_chunk *chunks; /* newest first */
	size_t held;                /* bytes of all chunks */
	size_t limit;               /* of held; 0 = none */
	arena_over *over;           /* used when limit != 0 */
	void *over_ud;
	bool large; /* arena_large */
};

struct arena *arena_new(void) SL_MUST_USE;
void arena_free(struct arena *); /* NULL is fine */

/* An arena inside another struct: start from {0}, end with arena_clear, which frees everything and
 * leaves it ready for use. */
void arena_clear(struct arena *);

/* From now on at most `limit` bytes; over(ud) is called instead of crossing it. */
void arena_limit(struct arena *, size_t limit, arena_over *over, void *ud);

/* It will hold megabytes: as soon as it is not tiny any more, it grows by huge pages where the system has them.  That
 * costs up to one such page (2 MiB), and spares as many faults as small pages are in it. */
void arena_large(struct arena *);

/* A position to return to: everything allocated after the mark dies at arena_rewind. */
struct arena_mark {
	struct arena_chunk *chunk;
	unsigned char *cur;
};
struct arena_mark arena_mark(const struct arena *);
void arena_rewind(struct arena *, struct arena_mark);

/* The slow path of arena_raw. */
void *arena_grow(struct arena *, size_t n, size_t align);

/* n bytes, aligned to `align` (a power of two), not zeroed. */
static inline void *arena_raw(struct arena *a, size_t n, size_t align)
{
	uintptr_t at = ((uintptr_t)a->cur + (align - 1)) & ~(uintptr_t)(align - 1);

	if (SL_LIKELY(at <= (uintptr_t)a->end && n <= (uintptr_t)a->end - at && a->cur)) {
		a->cur = (unsigned char *)at + n;
		return (void *)at;
	}
	return arena_grow(a, n, align);
}

/* The same, zeroed. */
static inline void *arena_alloc(struct arena *a, size_t n, size_t align)
{
	void *p = arena_raw(a, n, align);

	return n ? memset(p, 0, n) : p;
}

#define arena_make(a, T) ((T *)arena_alloc((a), sizeof(T), _Alignof(T)))
#define arena_array(a, T, n) ((T *)arena_alloc((a), mem_size((n), sizeof(T)), _Alignof(T)))

#endif
