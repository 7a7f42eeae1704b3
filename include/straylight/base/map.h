/* map.h: from bytes to a pointer, open addressing.
 *
 * Starts from {0}.  Keys are borrowed: they must live as long as the map (usually in its owner's
 * arena).  Values are not owned.  Iteration is by index in insertion order, so what is printed from a
 * map never depends on hash values. */
#ifndef STRAYLIGHT_BASE_MAP_H
#define STRAYLIGHT_BASE_MAP_H

#include <straylight/base/str.h>

struct map_entry {
	str key;
	void *value;
	uint64_t hash;
};

struct map {
	struct map_entry *entries; /* insertion order */
	size_t n, cap;
	uint32_t *table; /* entry index + 1; 0 = free */
	size_t mask;     /* table size - 1 */
};

void map_free(struct map *);
void *map_get(const struct map *, str key); /* NULL when absent */
bool map_has(const struct map *, str key);

/* The value slot of key, made (NULL) if absent; *fresh, if not NULL, tells.  Valid until the next
 * insertion. */
void **map_slot(struct map *, str key, bool *fresh);

static inline void map_put(struct map *m, str key, void *value)
{
	*map_slot(m, key, NULL) = value;
}

#endif
