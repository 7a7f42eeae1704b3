#include <straylight/base/intern.h>

#include <pthread.h>
#include <stdatomic.h>

/* Texts stand in pages that never move, so sym_str needs no lock.  The table of sym numbers is open
 * addressed and replaced as a whole when it grows; a reader that still looks at the old one finds
 * either its name or a free cell, and then asks again under the lock.  Old tables stay, linked from the
 * newest (their sizes double, so together they are smaller than it). */
#define PAGE_BITS 12
#define PAGE_SIZE (1u << PAGE_BITS)
#define PAGES_MAX (1u << 16) /* 268 million names */

struct name {
	str text;
	uint64_t hash;
};

struct table {
	struct table *older;
	size_t mask;
	_Atomic sym cells[];
};

static struct {
	pthread_mutex_t lock;
	struct arena texts;
	_Atomic(struct name *) pages[PAGES_MAX];
	_Atomic(struct table *) table;
	uint32_t count; /* under the lock; sym 0 is never used */
} names = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct name *name_of(sym s)
{
	struct name *page = atomic_load_explicit(&names.pages[s >> PAGE_BITS], memory_order_acquire);

	return &page[s & (PAGE_SIZE - 1)];
}

/* The sym in the table, or 0 with *at the free cell. */
static sym lookup(struct table *t, str text, uint64_t hash, size_t *at)
{
	size_t i = hash & t->mask;
	sym s;

	while ((s = atomic_load_explicit(&t->cells[i], memory_order_acquire)) != 0) {
		const struct name *n = name_of(s);

		if (n->hash == hash && str_eq(n->text, text))
			return s;
		i = (i + 1) & t->mask;
	}
	*at = i;
	return 0;
}

static struct table *table_grown(struct table *old)
{
	size_t size = old ? (old->mask + 1) * 2 : 4096;
	struct table *t = mem_alloc(sizeof *t + size * sizeof t->cells[0]);

	t->older = old;
	t->mask = size - 1;
	for (sym s = 1; s <= names.count; s++) {
		size_t i = name_of(s)->hash & t->mask;

		while (atomic_load_explicit(&t->cells[i], memory_order_relaxed))
			i = (i + 1) & t->mask;
		atomic_store_explicit(&t->cells[i], s, memory_order_relaxed);
	}
	return t;
}

static sym add(str text, uint64_t hash, struct table *t, size_t at)
{
	sym s = names.count + 1;
	_Atomic(struct name *) *page = &names.pages[s >> PAGE_BITS];

	if (s >> PAGE_BITS >= PAGES_MAX)
		mem_oom();
	if (!atomic_load_explicit(page, memory_order_relaxed))
		atomic_store_explicit(page, mem_array(struct name, PAGE_SIZE), memory_order_release);
	*name_of(s) = (struct name){str_dup(&names.texts, text), hash};
	names.count = s;
	atomic_store_explicit(&t->cells[at], s, memory_order_release);
	return s;
}

sym intern(str text)
{
	uint64_t hash = str_hash(text);
	struct table *t = atomic_load_explicit(&names.table, memory_order_acquire);
	size_t at = 0;
	sym s;

	if (SL_LIKELY(t != NULL) && (s = lookup(t, text, hash, &at)) != 0)
		return s;
	pthread_mutex_lock(&names.lock);
	t = atomic_load_explicit(&names.table, memory_order_relaxed);
	if (!t || ((size_t)names.count + 1) * 2 > t->mask) {
		t = table_grown(t);
		atomic_store_explicit(&names.table, t, memory_order_release);
	}
	s = lookup(t, text, hash, &at);
	if (!s)
		s = add(text, hash, t, at);
	pthread_mutex_unlock(&names.lock);
	return s;
}

str sym_str(sym s)
{
	return s ? name_of(s)->text : (str){NULL, 0};
}

int sym_cmp(sym a, sym b)
{
	return a == b ? 0 : str_cmp(sym_str(a), sym_str(b));
}
