#include "watch.h"

#include <errno.h>
#include <unistd.h>

struct args {
	struct watch_args watch;
};

static const struct option options[] = {
	WATCH_ROWS(struct args, watch),
};

/* The program's path after building it; NULL after diagnostics. */
static const char *build_program(struct watch *w, int *code)
{
	struct call *c = w->call;
	sym *labels;
	size_t n;
	str path;
	struct diag *d;

	if (!watch_match(w, &labels, &n))
		return NULL;
	if (n != 1) {
		call_usage(c, "'%.*s' is %zu targets, and only one can run", STR_ARG(c->arguments.args[0]), n);
		return NULL;
	}
	*code = watch_run(w, labels, n, GOAL_BUILD);
	if (*code || w->stopped)
		return NULL;
	if (!build_executable(w->build, labels[0], &path)) {
		d = diag_error(&c->diags, DIAG_NOT_EXECUTABLE, NO_SPAN, "'%.*s' has nothing to run",
				STR_ARG(sym_str(labels[0])));
		diag_hint(&c->diags, d, "`straylight run` needs a program, such as a cxx_binary");
		return NULL;
	}
	return os_join(&c->arena, str_dup(&c->arena, build_root(w->build)), path);
}

/* Does not return when it succeeds: the program takes over, with everything that was ours closed. */
static void become(struct call *c, const char *program)
{
	const struct arguments *a = &c->arguments;
	char **argv = arena_array(&c->arena, char *, a->nrest + 2);
	int err;

	argv[0] = (char *)(uintptr_t)program;
	for (size_t i = 0; i < a->nrest; i++)
		argv[i + 1] = (char *)(uintptr_t)str_dup(&c->arena, a->rest[i]).p;
	call_flush(c);
	call_diags(c);
	execv(program, argv);
	err = errno;
	os_error(&c->diags, DIAG_NOT_EXECUTABLE, err, "starting", str_c(program));
}

static int run(struct call *c)
{
	const struct args *args = c->options;
	struct watch w;
	const char *program = NULL;
	int code = 0;

	if (watch_open(&w, c, &args->watch, &(struct build_options){0}))
		program = build_program(&w, &code);
	code = watch_close(&w, code);
	if (program && code == 0)
		become(c, program);
	return code;
}

const struct command cmd_run = {
	.name = "run",
	.usage = "LABEL [-- ARGUMENTS]",
	.summary = "build a program and run it",
	.about = "Builds the target, then becomes its program: with the arguments after \"--\", in the current "
		 "folder, with the same environment. It ends with the program's exit code.",
	.section = SECTION_BUILD,
	.flags = COMMAND_SPLIT,
	.min = 1,
	.max = 1,
	.options = options,
	.noptions = SL_COUNT(options),
	.size = sizeof(struct args),
	.run = run,
};
