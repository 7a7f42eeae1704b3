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

static bool is_there(struct state *state, const char *full, str path, const struct digest *digest)
{
	struct memo memo;
	struct stamp now;
	str value;

	if (!state_get(state, STATE_OUTPUT, path, &value) || value.n != sizeof memo)
		return false;
	memcpy(&memo, value.p, sizeof memo);
	return os_stamp(full, &now) == 0 && stamp_eq(&now, &memo.stamp) && digest_eq(digest, &memo.digest);
}

static int write_content(struct store *store, const char *full, const struct content *c)
{
	int err = os_remove_tree(full);

	if (!err)
		err = os_mkdirs_for(full, 0755);
	if (err)
		return err;
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
		err = write_content(store, full, c);
		if (!err)
			err = os_stamp(full, &memo.stamp);
		if (!err)
			state_put(state, STATE_OUTPUT, path, str_of((const char *)&memo, sizeof memo));
	}
	arena_clear(&a);
	return err;
}
