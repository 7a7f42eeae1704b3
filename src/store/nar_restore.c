#include "nar_int.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define WRITE_MIN ((size_t)64 << 10)

struct restorer {
	struct nar_visitor v;
	struct diags *diags;
	char *root;
	bool made;        /* something is there that was not before */
	struct buf path;  /* of the present directory or file */
	VEC(size_t) dirs; /* lengths of the paths that lead there */
	int fd;           /* the present file; -1: none */
	struct buf held;  /* its bytes that are not written yet */
};

/* Nothing else is in the folder and names come once and in order, so no path here passes a link that the
 * archive made. */
static const char *go(struct restorer *r, str name)
{
	r->path.n = r->dirs.n ? vec_last(&r->dirs) : 0;
	if (r->dirs.n)
		buf_c(&r->path, '/');
	buf_str(&r->path, r->dirs.n ? name : str_c(r->root));
	return buf_z(&r->path);
}

static bool done(struct restorer *r, int result, const char *what)
{
	if (result >= 0) {
		r->made = true;
		return true;
	}
	os_error(r->diags, DIAG_NAR_FILE, errno, what, buf_view(&r->path));
	return false;
}

static bool enter(struct nar_visitor *v, str name)
{
	struct restorer *r = (struct restorer *)v;

	if (!done(r, mkdir(go(r, name), 0777), "making the directory"))
		return false;
	vec_push(&r->dirs, r->path.n);
	return true;
}

static bool leave(struct nar_visitor *v)
{
	struct restorer *r = (struct restorer *)v;

	r->dirs.n--;
	return true;
}

static bool file(struct nar_visitor *v, str name, bool executable, uint64_t size)
{
	struct restorer *r = (struct restorer *)v;

	(void)size;
	r->fd = open(go(r, name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, executable ? 0777 : 0666);
	return done(r, r->fd, "making the file");
}

static bool write_out(struct restorer *r, str bytes)
{
	int err = os_write_all(r->fd, bytes.p, bytes.n);

	if (err < 0)
		errno = -err;
	return done(r, err, "writing");
}

static bool data(struct nar_visitor *v, str bytes)
{
	struct restorer *r = (struct restorer *)v;

	if (r->held.n == 0 && bytes.n >= WRITE_MIN)
		return write_out(r, bytes);
	buf_str(&r->held, bytes);
	if (r->held.n < WRITE_MIN)
		return true;
	bytes = buf_view(&r->held);
	r->held.n = 0;
	return write_out(r, bytes);
}

static bool file_done(struct nar_visitor *v)
{
	struct restorer *r = (struct restorer *)v;
	bool ok = r->held.n == 0 || write_out(r, buf_view(&r->held));
	int fd = r->fd;

	r->held.n = 0;
	r->fd = -1;
	return done(r, close(fd), "writing") && ok;
}

static bool make_link(struct nar_visitor *v, str name, str target)
{
	struct restorer *r = (struct restorer *)v;
	char z[NAR_TARGET_MAX + 1];

	memcpy(z, target.p, target.n);
	z[target.n] = '\0';
	return done(r, symlink(z, go(r, name)), "making the link");
}

struct nar_visitor *nar_restorer_new(const char *path, struct diags *diags)
{
	struct restorer *r = mem_make(struct restorer);

	r->v = (struct nar_visitor){enter, leave, file, data, file_done, make_link};
	r->diags = diags;
	r->root = str_zdup(str_c(path));
	r->fd = -1;
	return &r->v;
}

bool nar_restorer_end(struct nar_visitor *v, bool ok)
{
	struct restorer *r = (struct restorer *)v;

	if (r->fd >= 0)
		close(r->fd);
	if (!ok && r->made)
		os_remove_tree(r->root);
	buf_free(&r->path);
	buf_free(&r->held);
	vec_free(&r->dirs);
	mem_free(r->root);
	mem_free(r);
	return ok;
}
