#include "nar_int.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define HELD_MAX ((size_t)8 << 20) /* larger files go through a file in the store's scratch folder */

struct importer {
	struct nar_visitor v;
	struct store *store;
	struct diags *diags;
	struct arena arena;
	struct tree_builder *tree;
	struct tree_entry root; /* kind and content when it is no directory */
	struct buf path;        /* of the present node, from the root */
	VEC(size_t) dirs;       /* lengths of the paths that lead there */
	bool executable;
	struct buf held;        /* the present file's bytes … */
	char *spill;            /* … or the file that has them */
	int fd;                 /* of spill; -1: none */
};

static bool fail(struct importer *im, int err, const char *what)
{
	os_error(im->diags, DIAG_NAR_FILE, err, what, buf_view(&im->path));
	return false;
}

static void go(struct importer *im, str name)
{
	im->path.n = im->dirs.n ? vec_last(&im->dirs) : 0;
	if (im->path.n)
		buf_c(&im->path, '/');
	buf_str(&im->path, name);
}

static bool enter(struct nar_visitor *v, str name)
{
	struct importer *im = (struct importer *)v;

	go(im, name);
	if (im->dirs.n)
		tree_put_dir(im->tree, buf_view(&im->path));
	else
		im->root.kind = TREE_DIR;
	vec_push(&im->dirs, im->path.n);
	return true;
}

static bool leave(struct nar_visitor *v)
{
	struct importer *im = (struct importer *)v;

	im->dirs.n--;
	return true;
}

static bool file(struct nar_visitor *v, str name, bool executable, uint64_t size)
{
	struct importer *im = (struct importer *)v;

	(void)size;
	go(im, name);
	im->executable = executable;
	return true;
}

/* Moves the held bytes to a file. */
static bool spill(struct importer *im)
{
	str dir;
	int err;

	if (im->fd < 0) {
		if (!im->spill) {
			err = store_scratch(im->store, &im->arena, &dir);
			if (err < 0)
				return fail(im, err, "storing");
			im->spill = os_join(&im->arena, dir, S("file"));
		}
		im->fd = open(im->spill, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (im->fd < 0)
			return fail(im, errno, "storing");
	}
	err = os_write_all(im->fd, im->held.p, im->held.n);
	im->held.n = 0;
	return err == 0 || fail(im, err, "storing");
}

static bool data(struct nar_visitor *v, str bytes)
{
	struct importer *im = (struct importer *)v;

	buf_str(&im->held, bytes);
	return im->held.n < HELD_MAX || spill(im);
}

static bool file_done(struct nar_visitor *v)
{
	struct importer *im = (struct importer *)v;
	struct digest digest;
	int err;

	if (im->fd >= 0) {
		if (!spill(im))
			return false;
		close(im->fd);
		im->fd = -1;
		err = store_take_file(im->store, im->spill, &digest);
	} else {
		err = store_put(im->store, buf_view(&im->held), &digest);
		im->held.n = 0;
	}
	if (err < 0)
		return fail(im, err, "storing");
	if (im->dirs.n)
		tree_put_file(im->tree, buf_view(&im->path), &digest, im->executable);
	else
		im->root = (struct tree_entry){.kind = TREE_FILE, .executable = im->executable, .digest = digest};
	return true;
}

static bool put_link(struct nar_visitor *v, str name, str target)
{
	struct importer *im = (struct importer *)v;

	go(im, name);
	if (im->dirs.n)
		tree_put_symlink(im->tree, buf_view(&im->path), target);
	else
		im->root = (struct tree_entry){.kind = TREE_SYMLINK, .target = str_dup(&im->arena, target)};
	return true;
}

struct nar_visitor *nar_importer_new(struct store *s, struct diags *diags)
{
	struct importer *im = mem_make(struct importer);

	im->v = (struct nar_visitor){enter, leave, file, data, file_done, put_link};
	im->store = s;
	im->diags = diags;
	im->tree = tree_builder_new();
	im->fd = -1;
	return &im->v;
}

bool nar_importer_end(struct nar_visitor *v, bool ok, struct arena *a, struct tree_entry *out)
{
	struct importer *im = (struct importer *)v;
	struct tree *tree = tree_builder_end(im->tree, NULL, NULL);

	*out = im->root;
	out->target = str_dup(a, im->root.target);
	if (ok && im->root.kind == TREE_DIR) {
		int err = tree ? store_put_tree(im->store, tree) : -ENAMETOOLONG;

		out->dir = tree_ref(tree);
		im->path.n = 0;
		ok = err == 0 || fail(im, err, "storing the tree of");
	}
	if (!ok) {
		tree_unref(out->dir);
		*out = (struct tree_entry){0};
	}
	tree_unref(tree);
	if (im->fd >= 0)
		close(im->fd);
	buf_free(&im->path);
	buf_free(&im->held);
	vec_free(&im->dirs);
	arena_clear(&im->arena);
	mem_free(im);
	return ok;
}
