#include "blobs.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define KEY_LENGTH 41

static struct blob on_disk; /* the value of what is in the directory */

static void key_of(enum digest_fn fn, const struct digest *d, char key[KEY_LENGTH])
{
	key[0] = (char)fn;
	memcpy(key + 1, d->b, 32);
	memcpy(key + 33, &d->size, 8);
}

static const char *path_of(struct blobs *b, enum digest_fn fn, const struct digest *d, char out[512])
{
	char hex[65];

	hex_of(d->b, 32, hex);
	snprintf(out, 512, "%s/%d-%s-%lld", b->dir, fn, hex, (long long)d->size);
	return out;
}

/* The slot of a digest, made when `make`. */
static struct blob **slot_of(struct blobs *b, enum digest_fn fn, const struct digest *d, bool make)
{
	char key[KEY_LENGTH];
	void **slot;
	bool fresh;

	key_of(fn, d, key);
	if (!make && !map_has(&b->map, str_of(key, KEY_LENGTH)))
		return NULL;
	slot = map_slot(&b->map, make ? str_dup(&b->arena, str_of(key, KEY_LENGTH)) : str_of(key, KEY_LENGTH), &fresh);
	return (struct blob **)slot;
}

static void load(struct blobs *b, str name)
{
	struct digest d;
	long long size;
	char hex[65];
	int fn;

	if (sscanf(name.p, "%d-%64[0-9a-f]-%lld", &fn, hex, &size) != 3 || !hex_parse(str_c(hex), d.b, 32))
		return;
	d.size = size;
	*slot_of(b, (enum digest_fn)fn, &d, true) = &on_disk;
}

int blobs_open(struct blobs *b, const char *dir)
{
	str *names;
	size_t n;
	int err;

	*b = (struct blobs){0};
	if (!dir)
		return 0;
	b->dir = str_dup(&b->arena, str_c(dir)).p;
	if ((err = os_mkdirs(dir, 0777)) < 0 || (err = os_list(&b->arena, dir, &names, &n)) < 0)
		return err;
	for (size_t i = 0; i < n; i++)
		load(b, str_dup(&b->arena, names[i]));
	return 0;
}

void blobs_close(struct blobs *b)
{
	for (size_t i = 0; i < b->map.n; i++)
		if (b->map.entries[i].value != &on_disk)
			blob_unref(b->map.entries[i].value);
	map_free(&b->map);
	arena_clear(&b->arena);
}

bool blobs_has(struct blobs *b, enum digest_fn fn, const struct digest *d)
{
	struct blob **slot = slot_of(b, fn, d, false);

	return (slot && *slot) || d->size == 0;
}

struct blob *blobs_get(struct blobs *b, enum digest_fn fn, const struct digest *d)
{
	struct blob **slot = slot_of(b, fn, d, false), *read;
	char path[512];

	if (d->size == 0)
		return blob_new(S(""));
	if (!slot || !*slot)
		return NULL;
	if (*slot != &on_disk)
		return blob_ref(*slot);
	return os_read(path_of(b, fn, d, path), 0, &read) == 0 ? read : NULL;
}

void blobs_put(struct blobs *b, enum digest_fn fn, const struct digest *d, struct blob *content)
{
	struct blob **slot = slot_of(b, fn, d, true);
	char path[512];

	if (*slot)
		return;
	b->puts++;
	if (!b->dir)
		*slot = blob_ref(content);
	else if (os_replace(path_of(b, fn, d, path), blob_str(content), 0644, false) == 0)
		*slot = &on_disk;
}

struct digest blobs_add(struct blobs *b, enum digest_fn fn, str bytes)
{
	struct digest d = digest_of(fn, bytes);
	struct blob *content = blob_new(bytes);

	blobs_put(b, fn, &d, content);
	blob_unref(content);
	return d;
}

bool blobs_forget(struct blobs *b, enum digest_fn fn, const struct digest *d)
{
	struct blob **slot = slot_of(b, fn, d, false);
	char path[512];

	if (!slot || !*slot)
		return false;
	if (*slot == &on_disk)
		unlink(path_of(b, fn, d, path));
	else
		blob_unref(*slot);
	*slot = NULL;
	return true;
}

void blobs_forget_all(struct blobs *b)
{
	for (size_t i = 0; i < b->map.n; i++) {
		const char *key = b->map.entries[i].key.p;
		struct digest d;

		memcpy(d.b, key + 1, 32);
		memcpy(&d.size, key + 33, 8);
		blobs_forget(b, (enum digest_fn)key[0], &d);
	}
}
