#include "execute.h"

#include <errno.h>
#include <sys/statvfs.h>

/* What to say of a command that did not end well. */

static bool exists(struct run *run, str dir, str name, str *found)
{
	str path = dir.n ? str_fmt(&run->arena, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name)) : name;
	struct stat st;

	if (!os_normalize(&run->arena, path, &path) || tree_find(run->identity->work, path))
		return false;
	if (stat(os_join(&run->arena, run->workspace, path), &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	*found = path;
	return true;
}

static str directory(str path)
{
	size_t at = path.n;

	while (at && path.p[at - 1] != '/')
		at--;
	return str_upto(path, at ? at - 1 : 0);
}

/* Where a compiler would have looked: beside the inputs, and in every -I, -iquote and -isystem. */
static bool find_undeclared(struct run *run, str name, str *found)
{
	const struct action *a = run->action;

	if (exists(run, (str){0}, name, found) || exists(run, a->configured->target->package, name, found))
		return true;
	for (uint32_t i = 0; i < a->ninputs; i++)
		if (exists(run, directory(a->inputs[i]->path), name, found))
			return true;
	for (uint32_t i = 0; i < a->nheaders; i++)
		if (exists(run, directory(a->headers[i]->path), name, found))
			return true;
	for (uint32_t i = 0; i < a->argc; i++) {
		str dir = a->argv[i];

		if (str_starts(dir, S("-I")))
			dir = str_from(dir, 2);
		if (dir.n && dir.p[0] != '-' && exists(run, dir, name, found))
			return true;
	}
	return false;
}

/* What compilers write around the name of a file that they did not find: gcc, clang and rustc, which asks for a
 * module by two names. */
static const struct {
	const char *text;
	bool behind; /* the name stands behind it, up to a quotation mark */
} signs[] = {
	{": No such file or directory", false},
	{"' file not found", false},
	{"create file \"", true},
	{"\" or \"", true},
};

static bool is_quote(char c)
{
	return c == '\'' || c == '"' || c == '`';
}

static str name_before(str line)
{
	size_t end = line.n, start;

	while (end && is_quote(line.p[end - 1]))
		end--;
	start = end;
	while (start && line.p[start - 1] != ' ' && !is_quote(line.p[start - 1]))
		start--;
	return str_of(line.p + start, end - start);
}

/* A file of the workspace that the command complains of, and that is not among its inputs. */
static bool undeclared(struct run *run, str *found)
{
	str text = run->err, line;

	while (text.n) {
		str_cut(text, '\n', &line, &text);
		for (size_t i = 0; i < SL_COUNT(signs); i++) {
			size_t at = str_find_str(line, str_c(signs[i].text));
			str name, rest;

			if (at == line.n)
				continue;
			rest = str_from(line, at + strlen(signs[i].text));
			name = signs[i].behind ? str_upto(rest, str_find(rest, '"')) : name_before(str_upto(line, at));
			if (name.n && name.p[0] != '/' && name.n < 512 && find_undeclared(run, name, found))
				return true;
		}
	}
	return false;
}

/* What a command that meets the sandbox's walls says, and what to do about it. */
static const struct {
	const char *sign, *advice;
} clues[] = {
	{"Network is unreachable", "actions have no network; fetch what it needs into the sources"},
	{"Temporary failure in name resolution", "actions have no network; fetch what it needs into the sources"},
	{"Could not resolve host", "actions have no network; fetch what it needs into the sources"},
	{"Name or service not known", "actions have no network; fetch what it needs into the sources"},
	{"Read-only file system", "an action writes to its outputs and below /tmp; all else is read-only"},
	{": not found", "only programs of the action's toolchains and inputs are there: `straylight toolchain list -v`"},
	{"/env: '", "only programs of the action's toolchains and inputs are there: `straylight toolchain list -v`"},
	{"command not found", "only programs of the action's toolchains and inputs are there: `straylight toolchain list -v`"},
};

static void hint_by_output(struct diags *diags, struct diag *d, str output)
{
	for (size_t i = 0; i < SL_COUNT(clues) && !d->hint.n; i++)
		if (str_find_str(output, str_c(clues[i].sign)) < output.n)
			diag_hint(diags, d, "%s", clues[i].advice);
}

/* As shells and env say it. */
static bool lacks_command(const struct run *run)
{
	return run->ran.how == SANDBOX_EXITED && run->ran.code == 127 &&
			str_find_str(run->err, S("not found")) < run->err.n;
}

/* Less than this is none: what the command could not write is gone again by now, and may have been a block. */
#define ROOM_LEFT ((uint64_t)4 << 20)

/* The command met a full disk: that is not its fault. */
static bool lacks_room(const struct run *run)
{
	struct statvfs fs;

	return str_find_str(run->err, str_c(strerror(ENOSPC))) < run->err.n && statvfs(run->scratch.p, &fs) == 0 &&
			(uint64_t)fs.f_bavail * fs.f_frsize < ROOM_LEFT;
}

static void exit_failure(struct run *run)
{
	const struct action *a = run->action;
	bool test = a->step->category == CATEGORY_TEST;
	enum diag_code code = test ? DIAG_TEST_FAILED : DIAG_ACTION_FAILED;
	str found;
	struct buf output = {0};
	struct diag *d;

	if (undeclared(run, &found)) {
		d = diag_error(&run->diags, DIAG_HEADER_UNDECLARED, a->configured->target->span,
				"'%.*s' needs '%.*s', which exists but is not declared", STR_ARG(a->name), STR_ARG(found));
		diag_hint(&run->diags, d, "add it to hdrs or srcs of '%.*s', or depend on the target that has it",
				STR_ARG(run_label(run)));
	} else if (lacks_room(run)) {
		d = diag_error(&run->diags, DIAG_DISK_FULL, a->configured->target->span,
				"'%.*s' failed: the disk of the cache is full", STR_ARG(a->name));
		diag_hint(&run->diags, d, "free some space and run the command again");
	} else if (lacks_command(run)) {
		d = diag_error(&run->diags, DIAG_COMMAND_NOT_FOUND, a->configured->target->span,
				"'%.*s' runs a command that is not in its toolchains", STR_ARG(a->name));
		diag_hint(&run->diags, d, "add the program to a toolchain that the step uses, in straylight.dhall");
	} else if (run->ran.how == SANDBOX_SIGNALED) {
		d = diag_error(&run->diags, code, a->configured->target->span, "'%.*s' was ended by signal %d (%s)",
				STR_ARG(a->name), run->ran.code, strsignal(run->ran.code));
	} else {
		d = diag_error(&run->diags, code, a->configured->target->span, "'%.*s' failed with exit code %d",
				STR_ARG(a->name), run->ran.code);
	}
	diag_subject(&run->diags, d, run_label(run));
	buf_str(&output, run->err);
	buf_str(&output, run->out);
	diag_detail(&run->diags, d, buf_view(&output));
	hint_by_output(&run->diags, d, buf_view(&output));
	buf_free(&output);
}

static struct diag *not_started(struct run *run)
{
	const struct action *a = run->action;
	struct span at = a->configured->target->span;
	str program = a->argv[0], rel;
	struct diag *d;

	if (run->ran.err != ENOENT) {
		d = diag_error(&run->diags, DIAG_COMMAND_NOT_FOUND, at, "'%.*s' cannot run '%.*s': %s", STR_ARG(a->name),
				STR_ARG(program), strerror(run->ran.err));
		diag_hint(&run->diags, d, run->ran.err == E2BIG
				? "its arguments and environment are too long; pass them in a file"
				: "the file must be executable, and a program or a script that begins with #!");
		return d;
	}
	if (below_work(program, &run->arena, &rel) && tree_find(run->identity->work, rel)) {
		d = diag_error(&run->diags, DIAG_COMMAND_NOT_FOUND, at,
				"'%.*s' runs '%.*s', whose interpreter or loader is not among its inputs and toolchains",
				STR_ARG(a->name), STR_ARG(program));
		diag_hint(&run->diags, d, "add the toolchain that it needs to the step's toolchains");
		return d;
	}
	d = diag_error(&run->diags, DIAG_COMMAND_NOT_FOUND, at,
			"'%.*s' runs '%.*s', which is not among its inputs and toolchains", STR_ARG(a->name),
			STR_ARG(program));
	diag_hint(&run->diags, d, "name a tool of a toolchain, or an output of a dependency");
	return d;
}

void mishap_tell(struct run *run)
{
	const struct action *a = run->action;
	struct span at = a->configured->target->span;
	struct diag *d;

	switch (run->ran.how) {
	case SANDBOX_CANCELLED: run->cancelled = true; return;
	case SANDBOX_TIMEOUT:
		d = diag_error(&run->diags, DIAG_ACTION_TIMEOUT, at, "'%.*s' took longer than %u second%s",
				STR_ARG(a->name), run->request.timeout_ms / 1000,
				run->request.timeout_ms == 1000 ? "" : "s");
		diag_hint(&run->diags, d, "raise the timeout of the step, or of the workspace");
		diag_detail(&run->diags, d, run->err);
		break;
	case SANDBOX_REFUSED:
		if (strcmp(run->ran.step, "exec") == 0) {
			d = not_started(run);
			break;
		}
		d = diag_error(&run->diags, DIAG_SANDBOX_REFUSED, at, "the sandbox failed at '%s' %.*s: %s",
				run->ran.step, STR_ARG(run->ran.path), strerror(run->ran.err));
		diag_hint(&run->diags, d, "`straylight doctor` tries each step and says what to do; "
					  "--sandbox=none runs without, and is recorded");
		break;
	default: exit_failure(run); return;
	}
	diag_subject(&run->diags, d, run_label(run));
}
