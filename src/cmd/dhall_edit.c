/* The members of the group "dhall" that edit source: each file of the arguments is read, changed as text, and
 * written back if that changed it.  And tags, which only reads. */
#include "cmd.h"

#include <straylight/doors.h>
#include <straylight/base/pool.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_MAX ((size_t)1 << 30)

struct args {
	bool check, all, cache;
};

struct edit {
	struct call *call;
	const struct args *args;
	bool (*apply)(struct edit *, str text, str name, struct buf *out); /* false after a diagnostic */
	struct buf said; /* by apply, of one file: with --check in the place of the file's name */
	bool differs; /* any file */
	bool print;   /* what apply writes is for standard output, whatever it read */
	struct dhall *session; /* for apply_freeze */
	str directory; /* of the file, absolute */
};

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
		if (e->print)
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

static void edit_all(void *ud)
{
	struct edit *e = ud;
	const struct arguments *a = &e->call->arguments;

	if (a->nargs == 0)
		edit_file(e, S("-"));
	for (size_t i = 0; i < a->nargs; i++)
		edit_file(e, a->args[i]);
}

static int edit(struct call *c, bool (*apply)(struct edit *, str text, str name, struct buf *out))
{
	struct edit e = {.call = c, .args = c->options, .apply = apply};

	pool_run_deep(edit_all, &e);
	buf_free(&e.said);
	return e.args->check && e.differs ? 1 : 0;
}

#define FILES "Files are rewritten in place; - is standard input, which goes to standard output and is also what no " \
	      "FILE means. With --check nothing is written: the names of files that would change are printed, and " \
	      "the exit code is 1 if there are any."

static const struct option check_options[] = {
	FLAG(struct args, check, 0, "check", "write nothing; name the files that would change"),
};

/* ---- format ---- */

static bool apply_format(struct edit *e, str text, str name, struct buf *out)
{
	return dhall_format(text, name, out, &e->call->diags);
}

static int run_format(struct call *c)
{
	return edit(c, apply_format);
}

const struct command cmd_dhall_format = {
	.name = "dhall format",
	.usage = "[FILE | -]…",
	.summary = "lay out Dhall source in the standard style",
	.about = "Lays out source as the standard tools do, at most 80 columns wide, and keeps every comment where it "
		 "belongs. Signs are ASCII, or Unicode throughout where the text has one such sign. " FILES,
	.section = SECTION_LANGUAGE,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(check_options, struct args),
	.run = run_format,
};

/* ---- lint ---- */

static bool apply_lint(struct edit *e, str text, str name, struct buf *out)
{
	return dhall_lint(text, name, out, &e->said, &e->call->diags);
}

static int run_lint(struct call *c)
{
	return edit(c, apply_lint);
}

const struct command cmd_dhall_lint = {
	.name = "dhall lint",
	.usage = "[FILE | -]…",
	.summary = "remove unused bindings, improve old code",
	.about = "Removes bindings that nothing uses (not those that hold an assertion), writes 'let … in let …' as one block, "
		 "asserts equivalences that are only bound, writes ./../a as ../a, and names the files of "
		 "prelude.dhall-lang.org with .dhall. What none of this concerns stays as it is, to the byte. " FILES
		 " Each line then says what would change.",
	.section = SECTION_LANGUAGE,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(check_options, struct args),
	.run = run_lint,
};

/* ---- freeze ---- */

static bool apply_freeze(struct edit *e, str text, str name, struct buf *out)
{
	unsigned flags = (e->args->all ? DHALL_FREEZE_ALL : 0) | (e->args->cache ? DHALL_FREEZE_CACHE : 0);

	return dhall_freeze(e->session, text, name, e->directory, flags, out);
}

static void freeze_all(void *ud)
{
	struct edit *e = ud;
	struct dhall_env env = doors_env(&e->call->arena);
	struct dhall_world *world = dhall_world_new(&env);

	e->session = dhall_open(world, &e->call->diags);
	edit_all(e);
	dhall_close(e->session);
	dhall_world_free(world);
}

static int run_freeze(struct call *c)
{
	struct edit e = {.call = c, .args = c->options, .apply = apply_freeze};

	pool_run_deep(freeze_all, &e);
	return e.args->check && e.differs ? 1 : 0;
}

static const struct option freeze_options[] = {
	FLAG(struct args, all, 0, "all", "local files and environment variables too, not only what is remote"),
	FLAG(struct args, cache, 0, "cache", "write 'missing sha256:… ? import': the hash only finds it in the cache"),
	FLAG(struct args, check, 0, "check", "write nothing; name the files that would change"),
};

const struct command cmd_dhall_freeze = {
	.name = "dhall freeze",
	.usage = "[FILE | -]…",
	.summary = "put the present hashes behind the imports of Dhall source",
	.about = "Puts sha256:… of what it stands for now behind every remote import, also where another hash is written, and "
		 "remembers it in the cache. All else stays as it is, to the byte. " FILES,
	.section = SECTION_LANGUAGE,
	.max = ARGS_ANY,
	COMMAND_OPTIONS(freeze_options, struct args),
	.run = run_freeze,
};

/* ---- tags ---- */

static bool apply_tags(struct edit *e, str text, str name, struct buf *out)
{
	return dhall_tags(text, name, out, &e->call->diags);
}

static int run_tags(struct call *c)
{
	struct edit e = {.call = c, .apply = apply_tags, .print = true};

	pool_run_deep(edit_all, &e);
	return 0;
}

const struct command cmd_dhall_tags = {
	.name = "dhall tags",
	.usage = "[FILE | -]…",
	.summary = "print tags of Dhall source for editors",
	.about = "Prints where bindings, fields and alternatives are written, in the format of etags, which vi and Emacs read. "
		 "- is standard input, which is also what no FILE means.",
	.section = SECTION_LANGUAGE,
	.max = ARGS_ANY,
	.run = run_tags,
};
