#include "operation.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#define DEPTH_MAX 512

/* ---- inputs ---- */

struct laying {
	struct server *server;
	enum digest_fn fn;
	struct arena arena;
};

static int lay_file(struct laying *l, const Re__FileNode *node, const char *path)
{
	struct digest d;
	struct blob *b = digest_of_message(node->digest, &d) ? blobs_get(&l->server->blobs, l->fn, &d) : NULL;
	int fd, err;

	if (!b)
		return -ENOENT;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, node->is_executable ? 0755 : 0644);
	err = fd < 0 ? -errno : os_write_all(fd, b->b, b->n);
	if (fd >= 0)
		close(fd);
	blob_unref(b);
	return err;
}

static int lay_directory(struct laying *l, const Re__Digest *m, const char *path, unsigned depth)
{
	struct digest d;
	Re__Directory *dir = NULL;
	int err = 0;

	if (digest_of_message(m, &d))
		dir = stored_message(l->server, &l->arena, l->fn, &d, &re__directory__descriptor);
	if (!dir)
		return -ENOENT;
	if (depth > DEPTH_MAX)
		return -ELOOP;
	if (mkdir(path, 0777) < 0)
		return -errno;
	for (size_t i = 0; i < dir->n_files && err == 0; i++)
		err = lay_file(l, dir->files[i], os_join(&l->arena, str_c(path), str_c(dir->files[i]->name)));
	for (size_t i = 0; i < dir->n_symlinks && err == 0; i++)
		if (symlink(dir->symlinks[i]->target, os_join(&l->arena, str_c(path), str_c(dir->symlinks[i]->name))) < 0)
			err = -errno;
	for (size_t i = 0; i < dir->n_directories && err == 0; i++)
		err = lay_directory(l, dir->directories[i]->digest,
				os_join(&l->arena, str_c(path), str_c(dir->directories[i]->name)), depth + 1);
	return err;
}

int inputs_lay(struct server *s, enum digest_fn fn, const Re__Digest *root, const char *path)
{
	struct laying l = {.server = s, .fn = fn};
	int err = lay_directory(&l, root, path, 0);

	arena_clear(&l.arena);
	return err;
}

/* ---- outputs ---- */

static bool read_link(struct arena *a, const char *path, const char **target)
{
	char text[PATH_MAX];
	ssize_t n = readlink(path, text, sizeof text);

	*target = n >= 0 ? str_dup(a, str_of(text, (size_t)n)).p : NULL;
	return n >= 0;
}

static Re__Digest *store_file(struct operation *op, const char *path)
{
	struct blob *b;
	struct digest d;

	if (os_read(path, 0, &b) < 0)
		return NULL;
	d = blobs_add(&op->server->blobs, op->fn, blob_str(b));
	blob_unref(b);
	return digest_message(&op->arena, &d);
}

struct directories { /* of one output directory, children before their parents */
	VEC(Re__Directory *) all;
};

static Re__Directory *collect_directory(struct operation *, struct directories *, const char *path, unsigned depth);

static void collect_entry(struct operation *op, struct directories *d, Re__Directory *dir, const char *path, str name,
		unsigned depth)
{
	struct arena *a = &op->arena;
	struct stat st;

	if (lstat(path, &st) < 0)
		return;
	if (S_ISDIR(st.st_mode)) {
		Re__DirectoryNode *node = message_new(a, &re__directory_node__descriptor);
		Re__Directory *below = collect_directory(op, d, path, depth + 1);
		struct digest digest = digest_of(op->fn, pack(a, &below->base));

		node->name = str_dup(a, name).p;
		node->digest = digest_message(a, &digest);
		dir->directories[dir->n_directories++] = node;
	} else if (S_ISLNK(st.st_mode)) {
		Re__SymlinkNode *node = message_new(a, &re__symlink_node__descriptor);

		node->name = str_dup(a, name).p;
		if (read_link(a, path, &node->target))
			dir->symlinks[dir->n_symlinks++] = node;
	} else if (S_ISREG(st.st_mode)) {
		Re__FileNode *node = message_new(a, &re__file_node__descriptor);

		node->name = str_dup(a, name).p;
		node->is_executable = (st.st_mode & 0100) != 0;
		if ((node->digest = store_file(op, path)))
			dir->files[dir->n_files++] = node;
	}
}

static Re__Directory *collect_directory(struct operation *op, struct directories *d, const char *path, unsigned depth)
{
	Re__Directory *dir = message_new(&op->arena, &re__directory__descriptor);
	str *names = NULL;
	size_t n = 0;

	if (depth < DEPTH_MAX && os_list(&op->arena, path, &names, &n) == 0) {
		dir->files = arena_array(&op->arena, Re__FileNode *, n);
		dir->directories = arena_array(&op->arena, Re__DirectoryNode *, n);
		dir->symlinks = arena_array(&op->arena, Re__SymlinkNode *, n);
	}
	for (size_t i = 0; i < n; i++)
		collect_entry(op, d, dir, os_join(&op->arena, str_c(path), names[i]), names[i], depth);
	vec_push(&d->all, dir);
	return dir;
}

static void put_directory(struct operation *op, Re__ActionResult *r, const char *name, const char *path)
{
	Re__OutputDirectory *out = message_new(&op->arena, &re__output_directory__descriptor);
	Re__Command__OutputDirectoryFormat format = op->command->output_directory_format;
	Re__Tree tree = RE__TREE__INIT;
	struct directories d = {0};
	struct digest digest;

	tree.root = collect_directory(op, &d, path, 0);
	tree.children = d.all.p;
	tree.n_children = d.all.n - !op->server->like->tree_root_twice; /* the root is the last */
	digest = blobs_add(&op->server->blobs, op->fn, pack(&op->arena, &tree.base));
	out->path = name;
	if (format != RE__COMMAND__OUTPUT_DIRECTORY_FORMAT__DIRECTORY_ONLY)
		out->tree_digest = digest_message(&op->arena, &digest);
	if (format != RE__COMMAND__OUTPUT_DIRECTORY_FORMAT__TREE_ONLY) {
		for (size_t i = 0; i < d.all.n; i++)
			digest = blobs_add(&op->server->blobs, op->fn, pack(&op->arena, &d.all.p[i]->base));
		out->root_directory_digest = digest_message(&op->arena, &digest);
	}
	r->output_directories[r->n_output_directories++] = out;
	vec_free(&d.all);
}

static bool put_symlink(struct operation *op, Re__ActionResult *r, const char *name, const char *path)
{
	Re__OutputSymlink *out = message_new(&op->arena, &re__output_symlink__descriptor);
	struct stat st;

	if (!op->server->like->symlinks) {
		operation_fail(op, INTERNAL, 0, "the output '%s' is a symlink", name);
		return false;
	}
	out->path = name;
	if (!read_link(&op->arena, path, &out->target))
		return true;
	r->output_symlinks[r->n_output_symlinks++] = out;
	if (op->server->like->symlinks_twice && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		r->output_directory_symlinks[r->n_output_directory_symlinks++] = out;
	else if (op->server->like->symlinks_twice)
		r->output_file_symlinks[r->n_output_file_symlinks++] = out;
	return true;
}

static bool put(struct operation *op, Re__ActionResult *r, const char *name)
{
	const char *path = os_join(&op->arena, op->work, str_c(name));
	Re__OutputFile *out;
	struct stat st;

	if (lstat(path, &st) < 0)
		return true; /* an output that was not made is left out */
	if (S_ISLNK(st.st_mode))
		return put_symlink(op, r, name, path);
	if (S_ISDIR(st.st_mode))
		put_directory(op, r, name, path);
	else if (S_ISREG(st.st_mode)) {
		out = message_new(&op->arena, &re__output_file__descriptor);
		out->path = name;
		out->is_executable = (st.st_mode & 0100) != 0;
		if ((out->digest = store_file(op, path)))
			r->output_files[r->n_output_files++] = out;
	}
	return true;
}

bool outputs_collect(struct operation *op, Re__ActionResult *r)
{
	const Re__Command *command = op->command;
	bool old = op->server->like->old_outputs && command->n_output_paths == 0;
	size_t n = command->n_output_paths + command->n_output_files + command->n_output_directories;
	bool fine = true;

	r->output_files = arena_array(&op->arena, Re__OutputFile *, n);
	r->output_directories = arena_array(&op->arena, Re__OutputDirectory *, n);
	r->output_symlinks = arena_array(&op->arena, Re__OutputSymlink *, n);
	r->output_file_symlinks = arena_array(&op->arena, Re__OutputSymlink *, n);
	r->output_directory_symlinks = arena_array(&op->arena, Re__OutputSymlink *, n);
	for (size_t i = 0; i < command->n_output_paths && fine; i++)
		fine = put(op, r, command->output_paths[i]);
	for (size_t i = 0; old && i < command->n_output_files && fine; i++)
		fine = put(op, r, command->output_files[i]);
	for (size_t i = 0; old && i < command->n_output_directories && fine; i++)
		fine = put(op, r, command->output_directories[i]);
	return fine;
}
