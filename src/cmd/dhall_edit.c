/* Each file is read, changed as text, and written back if that changed it. */
#include "dhall_edit.h"

#include <straylight/doors.h>
#include <straylight/base/pool.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_MAX ((size_t)1 << 30)

/* ---- one file ---- */

/* The file itself and not a link to it, with the permissions that it has. */
static bool write_back(struct edit *e, const char *path, str bytes)
{
	char *real = realpath(path, NULL);
	struct stat st;
	int err = real && stat(real, &st) == 0 ? 0 : -errno;

	if (!err)
		err = os_replace(real, bytes, st.st_mode & 07777, false);
	if (err)
		os_error(&e->call->diags, DIAG_IO, err, "writing", str_c(path));
	free(real);
	return err == 0;
}

static size_t folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash > path ? (size_t)(slash - path) : 1;
}

static bool read_text(struct edit *e, str file, const char **path, struct blob **text)
{
	struct call *c = e->call;
	bool standard = str_eq(file, S("-"));
	const char *dir = call_dir(c);
	int err;

	if (!dir)
		return false;
	*path = standard ? NULL : os_join(&c->arena, str_c(dir), file);
	e->directory = standard ? str_c(dir) : str_dup(&c->arena, str_upto(str_c(*path), folder_length(*path)));
	err = standard ? os_read_fd(STDIN_FILENO, INPUT_MAX, text) : os_read(*path, INPUT_MAX, text);
	if (err)
		os_error(&c->diags, standard ? DIAG_IO : DIAG_USAGE, err, "reading", standard ? S("standard input") : file);
	return err == 0;
}

static void edit_file(struct edit *e, str file)
{
	struct call *c = e->call;
	const char *path = NULL;
	struct blob *text = NULL;
	struct buf out = {0};
	str name = str_eq(file, S("-")) ? S("(stdin)") : file;
	bool same;

	if (!read_text(e, file, &path, &text))
		return;
	if (e->apply(e, blob_str(text), name, &out)) {
		same = str_eq(buf_view(&out), blob_str(text));
		e->differs |= !same;
		if (e->kind == EDIT_PRINT)
			buf_str(&c->out, buf_view(&out));
		else if (e->args->check && !same && e->said.n)
			buf_str(&c->out, buf_view(&e->said));
		else if (e->args->check && !same)
			buf_fmt(&c->out, "%.*s\n", STR_ARG(name));
		else if (!e->args->check && !path)
			buf_str(&c->out, buf_view(&out));
		else if (!e->args->check && !same)
			write_back(e, path, buf_view(&out));
	}
	e->said.n = 0;
	buf_free(&out);
	blob_unref(text);
}

static void edit_files(struct edit *e)
{
	const struct arguments *a = &e->call->arguments;

	if (a->nargs == 0)
		edit_file(e, S("-"));
	for (size_t i = 0; i < a->nargs; i++)
		edit_file(e, a->args[i]);
}

static void edit_deep(void *ud)
{
	struct edit *e = ud;
	struct dhall_env env = doors_env(&e->call->arena);
	struct dhall_world *world;

	if (e->kind != EDIT_SESSION) {
		edit_files(e);
		return;
	}
	world = dhall_world_new(&env);
	e->session = dhall_open(world, &e->call->diags);
	edit_files(e);
	dhall_close(e->session);
	dhall_world_free(world);
}

int dhall_edit(struct call *c, edit_fn *apply, enum edit_kind kind)
{
	static const struct edit_args none;
	struct edit e = {.kind = kind, .apply = apply, .call = c, .args = kind == EDIT_PRINT ? &none : c->options};

	pool_run_deep(edit_deep, &e);
	buf_free(&e.said);
	return e.args->check && e.differs ? 1 : 0;
}
