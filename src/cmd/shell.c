#include "watch.h"

struct args {
	struct watch_args watch;
	str action;
};

static const struct option options[] = {
	WATCH_ROWS(struct args, watch),
	TEXT(struct args, action, 0, "action", "NAME", "which action of the target (default: the last one)"),
};

struct shell {
	struct watch watch;
	const struct build_command *action;
};

static void say_command(struct shell *s)
{
	struct buf text = {0};

	buf_fmt(&text, "a shell where '%.*s' runs; what is written here is thrown away. Its command is\n ",
			STR_ARG(s->action->name));
	for (size_t i = 0; i < s->action->argc; i++) {
		buf_c(&text, ' ');
		ui_quote(s->action->argv[i], &text);
	}
	watch_say(&s->watch, "%.*s", STR_ARG(buf_view(&text)));
	buf_free(&text);
}

/* From here on the terminal is the shell's. */
static void started(void *ud, const struct build_action *a)
{
	struct shell *s = ud;

	if (a->label != s->action->label || !str_eq(a->name, s->action->name))
		return;
	watch_end(&s->watch);
	say_command(s);
}

static bool choose(struct shell *s, sym label)
{
	struct call *c = s->watch.call;
	const struct args *args = c->options;
	const struct build_command *all;
	struct buf names = {0};
	struct diag *d;
	size_t n;

	if (!build_commands(s->watch.build, &label, 1, &all, &n, &c->diags))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (all[i].label != label || all[i].core)
			continue;
		buf_fmt(&names, "%s'%.*s'", names.n ? ", " : "", STR_ARG(all[i].name));
		if (!args->action.p || str_eq(args->action, all[i].name))
			s->action = &all[i];
	}
	if (!s->action && args->action.p && names.n) {
		d = diag_error(&c->diags, DIAG_USAGE, NO_SPAN, "'%.*s' has no action '%.*s'", STR_ARG(sym_str(label)),
				STR_ARG(args->action));
		diag_hint(&c->diags, d, "it has %.*s", STR_ARG(buf_view(&names)));
	} else if (!s->action) {
		diag_error(&c->diags, DIAG_USAGE, NO_SPAN, "'%.*s' runs no command", STR_ARG(sym_str(label)));
	}
	buf_free(&names);
	return s->action != NULL;
}

static int shell(struct shell *s)
{
	struct call *c = s->watch.call;
	sym *labels;
	size_t n;

	if (!watch_match(&s->watch, &labels, &n))
		return 0;
	if (n != 1) {
		call_usage(c, "'%.*s' is %zu targets, and a shell stands in one", STR_ARG(c->arguments.args[0]), n);
		return 0;
	}
	return choose(s, labels[0]) ? build_shell(s->watch.build, labels[0], s->action->act, &c->diags) : 0;
}

static int run(struct call *c)
{
	const struct args *args = c->options;
	struct shell s = {0};
	int code = 0;

	if (watch_open(&s.watch, c, &args->watch, &(struct build_options){0})) {
		s.watch.started = started;
		s.watch.ud = &s;
		code = shell(&s);
	}
	return watch_close(&s.watch, code);
}

const struct command cmd_shell = {
	.name = "shell",
	.usage = "LABEL",
	.summary = "open a shell where an action of a target would run",
	.about = "Builds what the action reads, lays it out as the action would see it, and starts a shell there instead of "
		 "the command, with its environment. The workspace's toolchain \"userland\" is added, and must have \"sh\". "
		 "Nothing that is written there is kept. It ends with the shell's exit code.",
	.section = SECTION_BUILD,
	.min = 1,
	.max = 1,
	.options = options,
	.noptions = SL_COUNT(options),
	.size = sizeof(struct args),
	.run = run,
};
