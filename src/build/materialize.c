#include "materialize.h"

#include <errno.h>
#include <unistd.h>

struct memo { /* host byte order: the state never leaves the machine */
	struct stamp stamp;
	struct digest digest;
};

static struct digest digest_of_content(struct store *store, const struct content *c)
{
	struct digest d = {0};

	switch (c->kind) {
	case TREE_FILE: d = c->digest; break;
	case TREE_DIR: d = *tree_digest(c->tree, store_fn(store)); break;
	case TREE_SYMLINK: d = digest_of(DIGEST_SHA256, c->target); break;
	}
	d.b[0] ^= c->executable;
	return d;
}

/* ---- stamps ---- */

static int hash_below(struct hasher *h, struct arena *a, const char *dir, unsigned depth)
{
	str *names;
	size_t n;
	int err = depth == 0 ? -ELOOP : os_list(a, dir, &names, &n);

	for (size_t i = 0; !err && i < n; i++) {
		const char *path = os_join(a, str_c(dir), names[i]);
		struct stamp s;

		err = os_stamp(path, &s);
		if (err)
			break;
		hasher_add(h, names[i].p, names[i].n + 1);
		hasher_add(h, &s, sizeof s);
		if (S_ISDIR(s.mode))
			err = hash_below(h, a, path, depth - 1);
	}
	hasher_add(h, "", 1);
	return err;
}

int output_stamp(const char *path, struct stamp *out)
{
	struct arena a = {0};
	struct hasher *h;
	struct digest d;
	int err = os_stamp(path, out);

	if (err || !S_ISDIR(out->mode))
		return err;
	h = hasher_new(DIGEST_BLAKE3);
	hasher_add(h, out, sizeof *out);
	err = hash_below(h, &a, path, TREE_DEPTH_MAX);
	hasher_end(h, &d);
	memcpy(&out->mtime_ns, d.b, sizeof out->mtime_ns);
	memcpy(&out->ctime_ns, d.b + 8, sizeof out->ctime_ns);
	arena_clear(&a);
	return err;
}

static bool is_there(struct state *state, const char *full, str path, const struct digest *digest)
{
	struct memo memo;
	struct stamp now;
	str value;

	if (!state_get(state, STATE_OUTPUT, path, &value) || value.n != sizeof memo)
		return false;
	memcpy(&memo, value.p, sizeof memo);
	return output_stamp(full, &now) == 0 && stamp_eq(&now, &memo.stamp) && digest_eq(digest, &memo.digest);
}

/* ---- writing ---- */

/* Files that stand where a folder must be: outputs of targets that are no more. */
static void clear_way(str root, str path)
{
	struct arena a = {0};

	for (size_t n = sizeof OUT_DIR; n < path.n; n++) {
		const char *folder;
		struct stat st;

		if (path.p[n] != '/')
			continue;
		folder = os_join(&a, root, str_upto(path, n));
		if (lstat(folder, &st) == 0 && !S_ISDIR(st.st_mode))
			unlink(folder);
	}
	arena_clear(&a);
}

static int make_way(str root, str path, const char *full)
{
	int err = os_remove_tree(full);

	if (!err)
		err = os_mkdirs_for(full, 0755);
	if (err != -ENOTDIR && err != -EEXIST)
		return err;
	clear_way(root, path);
	return os_mkdirs_for(full, 0755);
}

static int write_content(struct store *store, const char *full, const struct content *c)
{
	switch (c->kind) {
	case TREE_FILE: return store_get_file(store, &c->digest, c->executable, true, full);
	case TREE_DIR: return store_export(store, c->tree, full, true);
	case TREE_SYMLINK: break;
	}
	{
		struct arena a = {0};
		int status = symlink(str_dup(&a, c->target).p, full) < 0 ? -errno : 0;

		arena_clear(&a);
		return status;
	}
}

int materialize(struct state *state, struct store *store, str root, str path, const struct content *c)
{
	struct arena a = {0};
	const char *full = os_join(&a, root, path);
	struct memo memo = {.digest = digest_of_content(store, c)};
	int err = 0;

	if (!is_there(state, full, path, &memo.digest)) {
		err = make_way(root, path, full);
		if (!err)
			err = write_content(store, full, c);
		if (!err)
			err = output_stamp(full, &memo.stamp);
		if (!err)
			state_put(state, STATE_OUTPUT, path, str_of((const char *)&memo, sizeof memo));
	}
	arena_clear(&a);
	return err;
}
