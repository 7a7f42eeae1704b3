#include "cmd.h"
#include "ui.h"

#include <straylight/prelude.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct args {
	bool vendor_prelude;
};

static const struct option options[] = {
	FLAG(struct args, vendor_prelude, 0, "vendor-prelude", "copy the prelude to prelude/ and use that copy"),
};

#define IGNORED "/.straylight/\n/straylight-out/\n"

/* %s is where the prelude is. */
static const char workspace_text[] = "-- The workspace: toolchains, mode and limits.  What is not said is the default.\n"
				     "let S = %s\n"
				     "\n"
				     "in  S.Workspace::{=}\n";

static const char build_text[] = "-- What can be built in this folder; `straylight run :hello` builds and runs it.\n"
				 "let S = %s\n"
				 "\n"
				 "in  { hello = S.cxx_binary \"hello\" [ \"hello.c\" ] ([] : List Text) }\n";

static const char hello_text[] = "#include <stdio.h>\n"
				 "\n"
				 "int main(void)\n"
				 "{\n"
				 "\tputs(\"hello\");\n"
				 "\treturn 0;\n"
				 "}\n";

struct plan { /* a file that will be there */
	str path, text;
};

struct init {
	struct call *call;
	str dir; /* "" is the current one */
	bool begun; /* a BUILD.dhall is there: of convert, of wrap, or by hand */
	VEC(struct plan) files;
};

static const char *full(const struct init *in, str path)
{
	return os_join(&in->call->arena, in->dir, path);
}

static void add(struct init *in, str path, str text)
{
	struct plan p = {path, text};

	vec_push(&in->files, p);
}

static void plan_prelude(struct init *in)
{
	struct arena *a = &in->call->arena;
	str path, text;

	for (size_t i = 0; i < prelude_count(); i++) {
		prelude_at(i, &path, &text);
		add(in, str_fmt(a, "prelude/%.*s", STR_ARG(path)), text);
	}
}

static void plan(struct init *in, bool vendored)
{
	struct arena *a = &in->call->arena;
	const char *prelude = vendored ? "./prelude/package.dhall" : "env:STRAYLIGHT_PRELUDE";

	add(in, S("straylight.dhall"), str_fmt(a, workspace_text, prelude));
	if (!in->begun) {
		add(in, S("BUILD.dhall"), str_fmt(a, build_text, prelude));
		add(in, S("hello.c"), str_c(hello_text));
	}
	if (vendored)
		plan_prelude(in);
}

/* Nothing is written unless all of it can be new. */
static bool is_free(struct init *in)
{
	struct diags *diags = &in->call->diags;

	for (size_t i = 0; i < in->files.n; i++) {
		const char *path = full(in, in->files.p[i].path);
		struct diag *d;

		if (access(path, F_OK) < 0)
			continue;
		d = diag_error(diags, DIAG_USAGE, NO_SPAN, "'%s' is already there", path);
		diag_hint(diags, d, "init writes only new files; name another folder, or move that one away");
	}
	return diags->errors == 0;
}

static int write_new(const char *path, str text)
{
	int err = os_mkdirs_for(path, 0777), fd;

	if (err)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return -errno;
	err = os_write_all(fd, text.p, text.n);
	return close(fd) < 0 && !err ? -errno : err;
}

static bool write_all(struct init *in)
{
	for (size_t i = 0; i < in->files.n; i++) {
		const char *path = full(in, in->files.p[i].path);
		int err = write_new(path, in->files.p[i].text);

		if (err) {
			os_error(&in->call->diags, DIAG_IO, err, "writing", str_c(path));
			return false;
		}
		buf_fmt(&in->call->out, "%s\n", path);
	}
	return true;
}

/* An existing .gitignore gets what it lacks. */
static bool ignore(struct init *in)
{
	const char *path = full(in, S(".gitignore"));
	struct buf text = {0};
	struct blob *old = NULL;
	int err = os_read(path, 0, &old);

	if (err == 0)
		buf_str(&text, blob_str(old));
	blob_unref(old);
	if (err && err != -ENOENT)
		goto failed;
	if (str_find_str(buf_view(&text), S("straylight-out")) < text.n) {
		buf_free(&text);
		return true;
	}
	if (text.n && text.p[text.n - 1] != '\n')
		buf_c(&text, '\n');
	buf_lit(&text, IGNORED);
	err = os_replace(path, buf_view(&text), 0666, false);
failed:
	buf_free(&text);
	if (err)
		os_error(&in->call->diags, DIAG_IO, err, "writing", str_c(path));
	else
		buf_fmt(&in->call->out, "%s\n", path);
	return err == 0;
}

static void say_next(struct init *in)
{
	struct buf where = {0};

	if (in->begun) {
		call_say(in->call, "BUILD.dhall was there and stays");
		return;
	}
	if (in->dir.n) {
		buf_lit(&where, "-C ");
		ui_quote(in->dir, &where);
		buf_c(&where, ' ');
	}
	call_say(in->call, "`straylight run %.*s:hello` builds and runs the first program", STR_ARG(buf_view(&where)));
	buf_free(&where);
}

static int run(struct call *c)
{
	const struct args *args = c->options;
	struct init in = {.call = c};

	if (c->arguments.nargs)
		in.dir = c->arguments.args[0];
	in.begun = access(full(&in, S("BUILD.dhall")), F_OK) == 0;
	plan(&in, args->vendor_prelude);
	if (is_free(&in) && write_all(&in) && ignore(&in))
		say_next(&in);
	vec_free(&in.files);
	return 0;
}

const struct command cmd_init = {
	.name = "init",
	.usage = "[DIR]",
	.summary = "begin a workspace",
	.about = "Writes straylight.dhall, a first BUILD.dhall with a program in C, and .gitignore, into DIR or the "
		 "current folder. Where there is a BUILD.dhall already, it stays, and no program is written. Nothing that "
		 "exists is overwritten.\n"
		 "The prelude is part of straylight; with --vendor-prelude the workspace gets a copy of its own, which "
		 "stays as it is when straylight changes.",
	.section = SECTION_BUILD,
	.max = 1,
	.options = options,
	.noptions = SL_COUNT(options),
	.size = sizeof(struct args),
	.run = run,
};
