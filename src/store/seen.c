#include "store_int.h"

struct seen_key {
	struct digest digest;
	enum seen_what what; /* 0: free */
};

void seen_init(struct seen *s)
{
	for (size_t i = 0; i < SEEN_SHARDS; i++)
		pthread_mutex_init(&s->shards[i].lock, NULL);
}

void seen_free(struct seen *s)
{
	for (size_t i = 0; i < SEEN_SHARDS; i++) {
		mem_free(s->shards[i].keys);
		pthread_mutex_destroy(&s->shards[i].lock);
	}
}

unsigned long long seen_epoch(struct seen *s)
{
	return atomic_load(&s->epoch);
}

/* The low four bits of the word pick the shard, the rest the cell. */
static struct seen_shard *shard_of(struct seen *s, const struct digest *d)
{
	return &s->shards[digest_word(d) % SEEN_SHARDS];
}

static struct seen_key *cell_of(const struct seen_shard *shard, enum seen_what what, const struct digest *d)
{
	size_t at = (size_t)(digest_word(d) / SEEN_SHARDS + what) & shard->mask;

	while (shard->keys[at].what) {
		if (shard->keys[at].what == what && digest_eq(&shard->keys[at].digest, d))
			break;
		at = (at + 1) & shard->mask;
	}
	return &shard->keys[at];
}

static void grow(struct seen_shard *shard)
{
	struct seen_key *old = shard->keys;
	size_t size = old ? shard->mask + 1 : 0;

	shard->keys = mem_array(struct seen_key, size ? size * 2 : 64);
	shard->mask = size ? size * 2 - 1 : 63;
	for (size_t i = 0; i < size; i++)
		if (old[i].what)
			*cell_of(shard, old[i].what, &old[i].digest) = old[i];
	mem_free(old);
}

bool seen_has(struct seen *s, enum seen_what what, const struct digest *d)
{
	struct seen_shard *shard = shard_of(s, d);
	bool has;

	pthread_mutex_lock(&shard->lock);
	has = shard->keys && cell_of(shard, what, d)->what;
	pthread_mutex_unlock(&shard->lock);
	return has;
}

void seen_add(struct seen *s, unsigned long long epoch, enum seen_what what, const struct digest *d)
{
	struct seen_shard *shard = shard_of(s, d);
	struct seen_key *cell;

	pthread_mutex_lock(&shard->lock);
	if (seen_epoch(s) == epoch) {
		if (!shard->keys || shard->n * 2 > shard->mask)
			grow(shard);
		cell = cell_of(shard, what, d);
		shard->n += cell->what == 0;
		*cell = (struct seen_key){*d, what};
	}
	pthread_mutex_unlock(&shard->lock);
}

void seen_clear(struct seen *s)
{
	atomic_fetch_add(&s->epoch, 1);
	for (size_t i = 0; i < SEEN_SHARDS; i++) {
		struct seen_shard *shard = &s->shards[i];

		pthread_mutex_lock(&shard->lock);
		mem_free(shard->keys);
		shard->keys = NULL;
		shard->n = 0;
		pthread_mutex_unlock(&shard->lock);
	}
}
