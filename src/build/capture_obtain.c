#include "capture_int.h"

/* The new stamps are taken before the check: what changes in between is seen by the next one. */
static struct capture restamped(const struct capture *c, struct arena *a)
{
	struct capture out = *c;
	struct capture_dir *dirs = arena_array(a, struct capture_dir, c->ndirs);
	int64_t now = os_wall_ns();

	for (size_t i = 0; i < c->ndirs; i++) {
		dirs[i] = c->dirs[i];
		if (os_stamp(dirs[i].path.p, &dirs[i].stamp) < 0 || os_stamp_racy(&dirs[i].stamp, now))
			dirs[i].stamp.ctime_ns = 0;
	}
	out.dirs = dirs;
	return out;
}

/* The tree's directories can be mounted: they stand materialised, or all that they need is in the
 * store.  (A cache that was emptied in part is found here, and the capture is made again.) */
static bool usable(struct store *s, struct tree *t, struct arena *a)
{
	const struct tree_entry *e = tree_entries(t);
	str path;

	for (size_t i = 0; i < tree_count(t); i++)
		if (e[i].kind == TREE_DIR && store_materialize(s, e[i].dir, a, &path) < 0)
			return false;
	return true;
}

/* The record, if the machine is still as it says: every file is looked at.  A directory that moved on
 * because something else was installed there gets its new stamp, which the check of a build with nothing
 * to do (noop.c) rests on. */
static bool recorded(struct store *s, const char *record, const struct capture_request *r, struct arena *a,
		struct capture *out, struct tree **tree)
{
	struct capture now;

	if (!capture_read(record, r, store_fn(s), a, out))
		return false;
	if (!capture_unmoved(out)) {
		now = restamped(out, a);
		if (!capture_fresh(out))
			return false;
		(void)!capture_write(&now, record); /* only the next check is slower without it */
		*out = now;
	} else if (!capture_fresh(out)) {
		return false;
	}
	if (store_get_tree(s, &out->digest, tree) < 0)
		return false;
	if (usable(s, *tree, a))
		return true;
	tree_unref(*tree);
	*tree = NULL;
	return false;
}

static const char *record_path(str workspace, const struct capture_request *r, enum digest_fn fn, struct arena *a)
{
	struct digest name = capture_request_digest(r, fn);
	char hex[33];

	hex_of(name.b, 16, hex);
	return str_fmt(a, "%.*s/.straylight/toolchains/%s", STR_ARG(workspace), hex).p;
}

struct tree *capture_obtain(struct store *s, str workspace, const struct bytes *b, struct arena *a,
		struct capture *out, struct diags *diags)
{
	struct capture_request r = {b->compilers, b->languages, b->packages, b->programs, b->ncompilers,
		b->nlanguages, b->npackages, b->nprograms};
	const char *record = record_path(workspace, &r, store_fn(s), a);
	struct tree *t = NULL;
	int err;

	if (recorded(s, record, &r, a, out, &t))
		return t;
	if (!capture_host(s, &r, a, out, &t, diags))
		return NULL;
	err = capture_write(out, record);
	if (err < 0) {
		os_error(diags, DIAG_IO, err, "writing", str_c(record));
		tree_unref(t);
		return NULL;
	}
	return t;
}
