#include "cmd.h"

#include <straylight/doors.h>
#include <straylight/base/pool.h>

#include <unistd.h>

#define INPUT_MAX ((size_t)1 << 30)

struct args {
	bool alpha, no_check;
};

/* What one command works on, on a stack of its own (the language recurses). */
struct work {
	struct call *call;
	bool (*step)(struct work *);
	str text, name, directory;
	struct dhall *session;
	const struct dh_resolved *resolved;
	const struct dh_typed *typed; /* NULL with --no-check */
};

static const struct args *args_of(const struct work *w)
{
	return w->call->options;
}

/* ---- input ---- */

static bool read_input(struct work *w, struct blob **text)
{
	struct call *c = w->call;
	str file = c->arguments.nargs ? c->arguments.args[0] : S("-");
	const char *dir = call_dir(c);
	str path = file;
	size_t slash;
	int err;

	if (!dir)
		return false;
	w->directory = str_c(dir);
	source_root(w->directory);
	if (str_eq(file, S("-"))) {
		w->name = S("(stdin)");
		err = os_read_fd(STDIN_FILENO, INPUT_MAX, text);
		if (err)
			os_error(&c->diags, DIAG_IO, err, "reading", S("standard input"));
		return err == 0;
	}
	w->name = file;
	if (file.p[0] != '/')
		path = str_c(os_join(&c->arena, w->directory, file));
	err = os_read(str_dup(&c->arena, file).p, INPUT_MAX, text);
	if (err) {
		os_error(&c->diags, DIAG_USAGE, err, "reading", file);
		return false;
	}
	for (slash = path.n; slash > 1 && path.p[slash - 1] != '/';)
		slash--;
	w->directory = str_dup(&c->arena, str_upto(path, slash > 1 ? slash - 1 : 1));
	return true;
}

/* ---- the commands ---- */

static bool load(struct work *w)
{
	const struct dh_parsed *parsed = dhall_parse(w->session, w->text, w->name, w->directory);

	w->resolved = parsed ? dhall_resolve(w->session, parsed) : NULL;
	if (w->resolved && !args_of(w)->no_check)
		w->typed = dhall_check(w->session, w->resolved);
	return args_of(w)->no_check ? w->resolved != NULL : w->typed != NULL;
}

static bool print(struct work *w, dh_val v, bool alpha)
{
	const struct dh_term *term = v.v ? dhall_quote(w->session, v, alpha) : NULL;

	if (!term)
		return false;
	dhall_print(term, &w->call->out);
	buf_c(&w->call->out, '\n');
	return true;
}

static bool do_eval(struct work *w)
{
	dh_val v = w->typed ? dhall_eval(w->session, w->typed) : dhall_eval_unchecked(w->session, w->resolved);

	return print(w, v, args_of(w)->alpha);
}

static bool do_type(struct work *w)
{
	return w->call->common.quiet || print(w, dhall_type_of(w->session, w->typed), false);
}

static bool do_hash(struct work *w)
{
	unsigned char hash[32];
	char hex[65];

	if (!dhall_hash(w->session, dhall_eval(w->session, w->typed), hash))
		return false;
	hex_of(hash, sizeof hash, hex);
	buf_fmt(&w->call->out, "sha256:%s\n", hex);
	return true;
}

static void work_deep(void *ud)
{
	struct work *w = ud;
	struct call *c = w->call;
	struct dhall_env env = doors_env(&c->arena);
	struct dhall_world *world = dhall_world_new(&env);

	w->session = dhall_open(world, &c->diags);
	if (!load(w) || !w->step(w))
		c->out.n = 0;
	dhall_close(w->session);
	dhall_world_free(world);
}

static int work(struct call *c, bool (*step)(struct work *))
{
	struct work w = {.call = c, .step = step};
	struct blob *text = NULL;

	if (!read_input(&w, &text))
		return 0;
	w.text = blob_str(text);
	pool_run_deep(work_deep, &w);
	blob_unref(text);
	return 0;
}

static int run_eval(struct call *c)
{
	return work(c, do_eval);
}

static int run_type(struct call *c)
{
	return work(c, do_type);
}

static int run_hash(struct call *c)
{
	return work(c, do_hash);
}

#define INPUT "FILE is a file or - for standard input, which is also what no FILE means. Imports are resolved " \
	      "from the file's folder, on standard input from the current one."

static const struct option eval_options[] = {
	FLAG(struct args, alpha, 0, "alpha", "rename every bound variable to _"),
	FLAG(struct args, no_check, 0, "no-check", "do not check types: for terms with free variables"),
};

const struct command cmd_dhall_eval = {
	.name = "dhall eval",
	.usage = "[FILE | -]",
	.summary = "print the normal form of a Dhall expression",
	.about = "Resolves imports, checks types, and prints the normal form. " INPUT "\n"
		 "env:STRAYLIGHT_PRELUDE is the prelude of this program unless a variable of that name is set.",
	.section = SECTION_LANGUAGE,
	.max = 1,
	.options = eval_options,
	.noptions = SL_COUNT(eval_options),
	.size = sizeof(struct args),
	.run = run_eval,
};

const struct command cmd_dhall_type = {
	.name = "dhall type",
	.usage = "[FILE | -]",
	.summary = "print the type of a Dhall expression",
	.about = "Resolves imports, checks types, and prints the type; with --quiet it only checks. " INPUT,
	.section = SECTION_LANGUAGE,
	.max = 1,
	.size = sizeof(struct args),
	.run = run_type,
};

const struct command cmd_dhall_hash = {
	.name = "dhall hash",
	.usage = "[FILE | -]",
	.summary = "print the semantic hash of a Dhall expression",
	.about = "Prints sha256:… of the normal form, as it stands after an import that is pinned. " INPUT,
	.section = SECTION_LANGUAGE,
	.max = 1,
	.size = sizeof(struct args),
	.run = run_hash,
};
