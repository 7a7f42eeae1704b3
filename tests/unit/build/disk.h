/* disk.h: a workspace folder with its state, and a store, in a directory of their own. */
#ifndef BUILD_DISK_H
#define BUILD_DISK_H

#include "../test.h"
#include "state.h"
#include <straylight/store.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/time.h>

struct disk {
	struct arena arena;
	struct diags diags;
	char *root, *cache;
	struct store *store;
	struct state *state;
};

static inline struct disk disk_new(void)
{
	struct disk d = {0};
	char *dir = fresh_dir();

	d.root = str_zdup(str_c(os_join(&d.arena, str_c(dir), S("work"))));
	d.cache = str_zdup(str_c(os_join(&d.arena, str_c(dir), S("cache"))));
	assert_int_equal(os_mkdirs(d.root, 0755), 0);
	d.store = store_open(str_c(d.cache), DIGEST_SHA256, &d.diags);
	d.state = state_open(str_c(d.root), DIGEST_SHA256, NULL, NULL, &d.diags);
	assert_non_null(d.store);
	assert_non_null(d.state);
	return d;
}

static inline void disk_free(struct disk *d)
{
	state_close(d->state);
	store_close(d->store);
	d->root[strlen(d->root) - sizeof "/work" + 1] = '\0';
	assert_int_equal(os_remove_tree(d->root), 0);
	mem_free(d->root);
	mem_free(d->cache);
	diags_free(&d->diags);
	arena_clear(&d->arena);
}

/* What is committed is there, what is not is lost. */
static inline void disk_reopen(struct disk *d)
{
	state_close(d->state);
	d->state = state_open(str_c(d->root), DIGEST_SHA256, NULL, NULL, &d->diags);
	assert_non_null(d->state);
}

static inline const char *disk_path(struct disk *d, const char *name)
{
	return os_join(&d->arena, str_c(d->root), str_c(name));
}

/* Written as an editor does, at a time well before now. */
static inline void disk_write(struct disk *d, const char *name, const char *text)
{
	const char *path = disk_path(d, name);

	assert_int_equal(os_mkdirs_for(path, 0755), 0);
	assert_int_equal(os_replace(path, str_c(text), 0644, false), 0);
}

static inline void disk_holds(struct disk *d, const char *name, const char *want)
{
	struct blob *b;

	if (!want) {
		struct stat st;

		assert_int_equal(lstat(disk_path(d, name), &st), -1);
		return;
	}
	assert_int_equal(os_read(disk_path(d, name), 0, &b), 0);
	assert_str_c(blob_str(b), want);
	blob_unref(b);
}

static inline struct digest disk_put(struct disk *d, const char *text)
{
	struct digest out;

	assert_int_equal(store_put(d->store, str_c(text), &out), 0);
	return out;
}

/* Long enough that what was written before is old for whoever reads after. */
static inline void disk_settle(void)
{
	usleep(150 * 1000);
}

#endif
