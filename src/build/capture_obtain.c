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

/* A directory where something else was installed is not looked at file by file a second time. */
static bool still_fresh(const struct capture *c, const char *record, struct arena *a)
{
	struct capture now;

	if (capture_unmoved(c))
		return true;
	now = restamped(c, a);
	if (!capture_fresh(c))
		return false;
	(void)!capture_write(&now, record); /* only the next check is slower without it */
	return true;
}

static struct tree *recorded(struct store *s, const char *record, const struct capture_request *r, struct arena *a,
		str *version)
{
	struct arena scratch = {0};
	struct capture c;
	struct tree *t = NULL;

	if (capture_read(record, r, store_fn(s), &scratch, &c) && still_fresh(&c, record, &scratch) &&
			store_get_tree(s, &c.digest, &t) == 0)
		*version = str_dup(a, c.version);
	arena_clear(&scratch);
	return t;
}

static const char *record_path(str workspace, const struct capture_request *r, enum digest_fn fn, struct arena *a)
{
	struct digest name = capture_request_digest(r, fn);
	char hex[33];

	hex_of(name.b, 16, hex);
	return str_fmt(a, "%.*s/.straylight/toolchains/%s", STR_ARG(workspace), hex).p;
}

struct tree *capture_obtain(struct store *s, str workspace, const struct bytes *b, struct arena *a, str *version,
		struct diags *diags)
{
	struct capture_request r = {b->compilers, b->languages, b->packages, b->programs, b->ncompilers,
		b->nlanguages, b->npackages, b->nprograms};
	struct arena scratch = {0};
	const char *record = record_path(workspace, &r, store_fn(s), &scratch);
	struct tree *t = recorded(s, record, &r, a, version);
	struct capture c;
	int err;

	if (!t && capture_host(s, &r, &scratch, &c, &t, diags)) {
		*version = str_dup(a, c.version);
		err = capture_write(&c, record);
		if (err < 0) {
			os_error(diags, DIAG_IO, -err, "cannot write", str_c(record));
			tree_unref(t);
			t = NULL;
		}
	}
	arena_clear(&scratch);
	return t;
}
