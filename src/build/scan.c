#include "scan.h"

#include <straylight/base.h>

#define HASH STORE_HASH_CHARS
#define TAIL (HASH - 1) /* bytes of earlier parts that a hash may begin in */

struct scan {
	const str *paths;
	size_t n;
	struct map hashes; /* hash → its number + 1 */
	bool *found;
	size_t left;       /* not found yet */
	bool is_digit[256];
	char tail[2 * TAIL];
	size_t ntail;
};

struct scan *scan_new(str store_dir, const str *paths, size_t n)
{
	static const char digits[] = "0123456789abcdfghijklmnpqrsvwxyz";
	struct scan *s = mem_make(struct scan);
	str hash;
	bool fresh;

	s->paths = paths;
	s->n = n;
	s->found = mem_array(bool, n ? n : 1);
	for (const char *p = digits; *p; p++)
		s->is_digit[(unsigned char)*p] = true;
	for (size_t i = 0; i < n; i++) {
		if (!storepath_parse(store_dir, paths[i], &hash, NULL))
			continue;
		*map_slot(&s->hashes, hash, &fresh) = (void *)(uintptr_t)(i + 1);
		s->left += fresh;
	}
	return s;
}

void scan_free(struct scan *s)
{
	if (!s)
		return;
	map_free(&s->hashes);
	mem_free(s->found);
	mem_free(s);
}

static void check(struct scan *s, const char *at)
{
	uintptr_t number = (uintptr_t)map_get(&s->hashes, str_of(at, HASH));

	if (number && !s->found[number - 1]) {
		s->found[number - 1] = true;
		s->left--;
	}
}

/* A byte that is no digit rules out every place before it that would reach it: most bytes are never looked at. */
static void search(struct scan *s, const char *p, size_t n)
{
	size_t at = 0;

	while (at + HASH <= n && s->left) {
		size_t k = HASH;

		while (k > 0 && s->is_digit[(unsigned char)p[at + k - 1]])
			k--;
		if (k == 0)
			check(s, p + at++);
		else
			at += k;
	}
}

void scan_add(struct scan *s, str bytes)
{
	size_t head = bytes.n < TAIL ? bytes.n : TAIL, keep;

	if (!bytes.n)
		return;
	memcpy(s->tail + s->ntail, bytes.p, head);
	search(s, s->tail, s->ntail + head);
	search(s, bytes.p, bytes.n);
	if (bytes.n >= TAIL) {
		memcpy(s->tail, bytes.p + bytes.n - TAIL, TAIL);
		s->ntail = TAIL;
		return;
	}
	keep = s->ntail + head < TAIL ? s->ntail + head : TAIL;
	memmove(s->tail, s->tail + s->ntail + head - keep, keep);
	s->ntail = keep;
}

const str *scan_found(const struct scan *s, struct arena *a, size_t *n)
{
	str *out = arena_array(a, str, s->n);

	*n = 0;
	for (size_t i = 0; i < s->n; i++)
		if (s->found[i])
			out[(*n)++] = s->paths[i];
	return out;
}
