/* store_test.h: a store in a directory of its own, and trees from a line of text. */
#ifndef STORE_TEST_H
#define STORE_TEST_H

#include "../test.h"
#include "store_int.h"

#include <errno.h>
#include <fcntl.h>

struct fixture {
	struct arena arena;
	struct diags diags;
	char *root;
	struct store *store;
};

static inline struct fixture fixture_new(void)
{
	struct fixture f = {0};

	f.root = str_zdup(str_c(fresh_dir()));
	f.store = store_open(str_c(f.root), DIGEST_SHA256, &f.diags);
	assert_non_null(f.store);
	return f;
}

static inline void fixture_free(struct fixture *f)
{
	if (f->store)
		store_close(f->store);
	assert_int_equal(os_remove_tree(f->root), 0);
	mem_free(f->root);
	diags_free(&f->diags);
	arena_clear(&f->arena);
}

static inline const char *path_of(struct fixture *f, const char *fmt, ...)
{
	va_list args;
	str rest;

	va_start(args, fmt);
	rest = str_vfmt(&f->arena, fmt, args);
	va_end(args);
	return os_join(&f->arena, str_c(f->root), rest);
}

static inline const char *cas_file(struct fixture *f, const struct digest *d, const char *suffix)
{
	char hex[65];

	hex_of(d->b, 32, hex);
	return path_of(f, "cas/sha256/%.2s/%s%s", hex, hex, suffix);
}

static inline struct digest put(struct fixture *f, str bytes)
{
	struct digest d;

	assert_int_equal(store_put(f->store, bytes, &d), 0);
	return d;
}

/* n bytes that differ with the seed. */
static inline str noise(struct arena *a, size_t n, unsigned seed)
{
	char *p = arena_raw(a, n, 1);

	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525u + 1013904223u;
		p[i] = (char)(seed >> 24);
	}
	return str_of(p, n);
}

/* Makes a file beside the store's own directories. */
static inline const char *make_file(struct fixture *f, const char *name, str bytes, mode_t mode)
{
	const char *path = path_of(f, "%s", name);

	assert_int_equal(os_replace(path, bytes, mode, false), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static inline void assert_file(const char *path, str want, mode_t mode)
{
	struct blob *b;
	struct stat st;

	assert_int_equal(os_read(path, 0, &b), 0);
	assert_str(blob_str(b), want);
	blob_unref(b);
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
}

/* Other words for the same: damage behind the store's back, and forget what this process has seen. */
static inline void overwrite(struct fixture *f, const char *path, str bytes)
{
	assert_int_equal(os_replace(path, bytes, 0444, false), 0);
	seen_clear(&f->store->seen);
}

/* "a/b=text c*=program d@=target e/" */
static inline struct tree *tree_from(struct fixture *f, const char *text)
{
	struct tree_builder *b = tree_builder_new();
	str rest = str_c(text), word, name, value;
	struct tree *t;

	while (rest.n) {
		struct digest d;

		str_cut(rest, ' ', &word, &rest);
		if (!str_cut(word, '=', &name, &value)) {
			if (word.n)
				tree_put_dir(b, str_upto(word, word.n - 1));
			continue;
		}
		if (name.p[name.n - 1] == '@') {
			tree_put_symlink(b, str_upto(name, name.n - 1), value);
			continue;
		}
		d = put(f, value);
		if (name.p[name.n - 1] == '*')
			tree_put_file(b, str_upto(name, name.n - 1), &d, true);
		else
			tree_put_file(b, name, &d, false);
	}
	t = tree_builder_end(b, NULL, NULL);
	assert_non_null(t);
	return t;
}

#endif
