#include <straylight/base/map.h>

void map_free(struct map *m)
{
	mem_free(m->entries);
	mem_free(m->table);
	*m = (struct map){0};
}

/* The table cell where key is, or the free one where it would go. */
static size_t cell_of(const struct map *m, str key, uint64_t hash)
{
	size_t at = hash & m->mask;

	while (m->table[at]) {
		const struct map_entry *e = &m->entries[m->table[at] - 1];

		if (e->hash == hash && str_eq(e->key, key))
			break;
		at = (at + 1) & m->mask;
	}
	return at;
}

void *map_get(const struct map *m, str key)
{
	size_t at;

	if (m->n == 0)
		return NULL;
	at = cell_of(m, key, str_hash(key));
	return m->table[at] ? m->entries[m->table[at] - 1].value : NULL;
}

bool map_has(const struct map *m, str key)
{
	return m->n != 0 && m->table[cell_of(m, key, str_hash(key))] != 0;
}

/* Keeps the table at most half full. */
static void grow(struct map *m)
{
	size_t cap = m->cap ? m->cap * 2 : 8;
	size_t size = cap * 2;

	m->entries = mem_realloc(m->entries, mem_size(cap, sizeof *m->entries));
	m->cap = cap;
	mem_free(m->table);
	m->table = mem_array(uint32_t, size);
	m->mask = size - 1;
	for (size_t i = 0; i < m->n; i++) {
		size_t at = m->entries[i].hash & m->mask;

		while (m->table[at])
			at = (at + 1) & m->mask;
		m->table[at] = (uint32_t)(i + 1);
	}
}

void **map_slot(struct map *m, str key, bool *fresh)
{
	uint64_t hash = str_hash(key);
	size_t at;

	if (m->n == m->cap)
		grow(m);
	at = cell_of(m, key, hash);
	if (fresh)
		*fresh = m->table[at] == 0;
	if (m->table[at] == 0) {
		m->entries[m->n] = (struct map_entry){key, NULL, hash};
		m->table[at] = (uint32_t)++m->n;
	}
	return &m->entries[m->table[at] - 1].value;
}
