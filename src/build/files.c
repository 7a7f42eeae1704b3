#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* A directory's record: for each file a row of fixed size, then its name.  Host byte order: the state
 * never leaves the machine. */
struct row {
	struct stamp stamp;
	struct digest digest;
	uint32_t executable;
	uint32_t name_n;
};

struct file {
	str name;
	struct stamp stamp;
	struct digest digest;
	bool executable;
};

struct dir {
	str path;
	struct map by_name; /* → struct file * */
	bool changed;
};

struct look {
	str path;
	struct stamp stamp; /* mode 0: absent */
	int64_t looked_ns;
};

struct files {
	struct arena arena;
	struct state *state;
	struct store *store;
	str root;
	struct map dirs; /* path → struct dir * */
	VEC(struct look) looks;
};

struct files *files_new(struct state *state, struct store *store, str root)
{
	struct files *f = mem_make(struct files);

	f->state = state;
	f->store = store;
	f->root = str_dup(&f->arena, root);
	return f;
}

void files_free(struct files *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->dirs.n; i++)
		map_free(&((struct dir *)f->dirs.entries[i].value)->by_name);
	map_free(&f->dirs);
	vec_free(&f->looks);
	arena_clear(&f->arena);
	mem_free(f);
}

/* ---- the memo ---- */

static void load(struct files *f, struct dir *d)
{
	str in;

	if (!state_get(f->state, STATE_DIR, d->path, &in))
		return;
	while (in.n >= sizeof(struct row)) {
		struct row row;
		struct file *file;

		memcpy(&row, in.p, sizeof row);
		in = str_from(in, sizeof row);
		if (row.name_n > in.n)
			return;
		file = arena_make(&f->arena, struct file);
		file->name = str_dup(&f->arena, str_upto(in, row.name_n));
		file->stamp = row.stamp;
		file->digest = row.digest;
		file->executable = row.executable != 0;
		map_put(&d->by_name, file->name, file);
		in = str_from(in, row.name_n);
	}
}

static void split(str path, str *dir, str *name)
{
	size_t at = path.n;

	while (at && path.p[at - 1] != '/')
		at--;
	*name = str_from(path, at);
	*dir = str_upto(path, at ? at - 1 : 0);
}

static struct dir *dir_of(struct files *f, str path)
{
	struct dir *d = map_get(&f->dirs, path);

	if (d)
		return d;
	d = arena_make(&f->arena, struct dir);
	d->path = str_dup(&f->arena, path);
	map_put(&f->dirs, d->path, d);
	load(f, d);
	return d;
}

static void save(struct files *f, const struct dir *d)
{
	struct buf b = {0};

	for (size_t i = 0; i < d->by_name.n; i++) {
		const struct file *file = d->by_name.entries[i].value;
		struct row row;

		memset(&row, 0, sizeof row);
		row.stamp = file->stamp;
		row.digest = file->digest;
		row.executable = file->executable;
		row.name_n = (uint32_t)file->name.n;
		if (file->stamp.mode == 0)
			continue;
		buf_add(&b, &row, sizeof row);
		buf_str(&b, file->name);
	}
	state_put(f->state, STATE_DIR, d->path, b.n ? buf_view(&b) : (str){NULL, 0});
	buf_free(&b);
}

void files_save(struct files *f)
{
	for (size_t i = 0; i < f->dirs.n; i++) {
		struct dir *d = f->dirs.entries[i].value;

		if (d->changed)
			save(f, d);
		d->changed = false;
	}
}

/* ---- looking ---- */

static void note(struct files *f, str path, const struct stamp *stamp, int64_t now_ns)
{
	struct look look = {str_dup(&f->arena, path), {0}, now_ns};

	if (stamp)
		look.stamp = *stamp;
	vec_push(&f->looks, look);
}

enum files_found files_look(struct files *f, str path, struct content *out)
{
	struct arena_mark mark = arena_mark(&f->arena);
	int64_t now_ns = os_wall_ns();
	struct stat st;
	struct stamp stamp;
	bool absent = stat(os_join(&f->arena, f->root, path), &st) < 0;
	str dir, name;
	const struct file *file;

	*out = (struct content){0};
	arena_rewind(&f->arena, mark);
	if (!absent)
		os_stamp_of(&st, &stamp);
	note(f, path, absent ? NULL : &stamp, now_ns);
	if (absent)
		return FILES_ABSENT;
	if (!S_ISREG(st.st_mode))
		return FILES_ODD;
	split(path, &dir, &name);
	file = map_get(&dir_of(f, dir)->by_name, name);
	if (!file || !stamp_eq(&file->stamp, &stamp))
		return FILES_STALE;
	out->kind = TREE_FILE;
	out->digest = file->digest;
	out->executable = file->executable;
	return FILES_KNOWN;
}

/* ---- hashing ---- */

static int hash_fd(const struct files *f, int fd, struct digest *out)
{
	struct hasher *h = hasher_new(store_fn(f->store));
	char *block = mem_alloc((size_t)256 << 10);
	ssize_t n;
	int err = 0;

	while ((n = read(fd, block, (size_t)256 << 10)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err = -errno;
			break;
		}
		hasher_add(h, block, (size_t)n);
	}
	hasher_end(h, out);
	mem_free(block);
	return err;
}

#define TRIES 3

int files_hash(const struct files *f, const char *path, struct content *out, struct stamp *stamp, int64_t *read_ns)
{
	struct arena a = {0};
	const char *full = os_join(&a, f->root, str_c(path));
	int err = -EAGAIN;

	for (int i = 0; i < TRIES && err == -EAGAIN; i++) {
		struct stat before, after;
		int fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

		if (fd < 0) {
			err = -errno;
			break;
		}
		*read_ns = os_wall_ns();
		err = fstat(fd, &before) < 0 ? -errno : hash_fd(f, fd, &out->digest);
		if (!err && fstat(fd, &after) < 0)
			err = -errno;
		close(fd);
		if (err)
			break;
		os_stamp_of(&before, stamp);
		if (before.st_size != after.st_size || before.st_ctim.tv_nsec != after.st_ctim.tv_nsec ||
				before.st_ctim.tv_sec != after.st_ctim.tv_sec || out->digest.size != after.st_size)
			err = -EAGAIN;
		out->kind = TREE_FILE;
		out->executable = (before.st_mode & 0100) != 0;
	}
	arena_clear(&a);
	return err;
}

void files_learn(struct files *f, str path, const struct content *c, const struct stamp *stamp, int64_t read_ns)
{
	str dir, name;
	struct dir *d;
	struct file *file;

	if (os_stamp_racy(stamp, read_ns))
		return;
	split(path, &dir, &name);
	d = dir_of(f, dir);
	file = map_get(&d->by_name, name);
	if (!file) {
		file = arena_make(&f->arena, struct file);
		file->name = str_dup(&f->arena, name);
		map_put(&d->by_name, file->name, file);
	}
	file->stamp = *stamp;
	file->digest = c->digest;
	file->executable = c->executable;
	d->changed = true;
}

int files_provide(const struct files *f, str path, const struct digest *want)
{
	struct arena a = {0};
	struct digest got;
	int err;

	if (store_has(f->store, want))
		return 0;
	err = store_put_file(f->store, os_join(&a, f->root, path), &got);
	arena_clear(&a);
	if (err)
		return err;
	return digest_eq(&got, want) ? 0 : -EAGAIN;
}

void files_changed(str path, struct diags *diags)
{
	struct diag *d = diag_error(diags, DIAG_SOURCE_CHANGED, NO_SPAN, "'%.*s' was edited while the build was using it",
			STR_ARG(path));

	diag_hint(diags, d, "build again; nothing of the half-edited file was kept");
}

bool files_need(const struct files *f, str path, const struct digest *want, struct diags *diags)
{
	int err = files_provide(f, path, want);

	if (err == -EAGAIN || err == -ENOENT)
		files_changed(path, diags);
	else if (err)
		os_error(diags, DIAG_IO, err, "storing", path);
	return !err;
}

void files_each(const struct files *f, void (*fn)(void *ud, str path, const struct stamp *, int64_t looked_ns), void *ud)
{
	for (size_t i = 0; i < f->looks.n; i++)
		fn(ud, f->looks.p[i].path, &f->looks.p[i].stamp, f->looks.p[i].looked_ns);
}
