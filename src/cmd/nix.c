/* The commands of the Nix language. */
#include "dhall_nix.h"
#include "named.h"

#include <straylight/doors.h>
#include <straylight/base/pool.h>

#include <errno.h>
#include <unistd.h>

#define INPUT_MAX ((size_t)1 << 30)

struct args {
	bool xml, strict, check, all, no_location, read_only, import_derivations;
	str expr, attr, profile, store;
	struct texts search, args, strings;
};

struct nix_work {
	struct call *call;
	struct nix *session;
	bool (*step)(struct nix_work *, nix_val);
	struct nixstore *kept; /* where what is made goes; NULL: nowhere */
	bool failed;
};

static const struct args *args_of(const struct nix_work *w)
{
	return w->call->options;
}

/* ---- the input ---- */

static bool eval_stdin(struct nix_work *w, const char *dir, nix_val *out)
{
	struct blob *text = NULL;
	int err = os_read_fd(STDIN_FILENO, INPUT_MAX, &text);
	bool ok;

	if (err) {
		os_error(&w->call->diags, DIAG_IO, err, "reading", S("standard input"));
		return false;
	}
	ok = args_of(w)->check ? nix_check_text(w->session, blob_str(text), S("(stdin)"), str_c(dir)) :
			nix_eval_text(w->session, blob_str(text), S("(stdin)"), str_c(dir), out);
	blob_unref(text);
	return ok;
}

static str folder_of(str path)
{
	size_t slash = path.n;

	while (slash > 1 && path.p[slash - 1] != '/')
		slash--;
	return str_upto(path, slash > 1 ? slash - 1 : 1);
}

/* A Dhall file, by what it is in Nix. */
static bool eval_dhall(struct nix_work *w, str path, nix_val *out)
{
	struct arena *a = &w->call->arena;
	str name = str_fmt(a, "(%.*s as Nix)", STR_ARG(w->call->arguments.args[0]));
	struct buf nix = {0};
	str text, dir;

	if (!nix_of_dhall(w->call, path, &nix)) {
		buf_free(&nix);
		return false;
	}
	dir = folder_of(path);
	text = buf_take(&nix, a);
	return args_of(w)->check ? nix_check_text(w->session, text, name, dir) : nix_eval_text(w->session, text, name, dir, out);
}

static bool check_file(struct nix_work *w, str path)
{
	struct call *c = w->call;
	struct blob *text = NULL;
	int err = os_read(path.p, INPUT_MAX, &text);
	bool ok;

	if (err) {
		os_error(&c->diags, DIAG_USAGE, err, "reading", path);
		return false;
	}
	ok = nix_check_text(w->session, blob_str(text), path, folder_of(path));
	blob_unref(text);
	return ok;
}

/* The value of -E, of the file, of ./default.nix, or of standard input. */
static bool input(struct nix_work *w, nix_val *out)
{
	struct call *c = w->call;
	const struct args *a = args_of(w);
	const char *dir = call_dir(c);
	str file = c->arguments.nargs ? c->arguments.args[0] : S("default.nix");

	if (!dir)
		return false;
	source_root(str_c(dir));
	if (a->expr.p && c->arguments.nargs) {
		call_usage(c, "'%.*s' is given beside an expression", STR_ARG(file));
		return false;
	}
	if (a->expr.p && a->check)
		return nix_check_text(w->session, a->expr, S("(expression)"), str_c(dir));
	if (a->expr.p)
		return nix_eval_text(w->session, a->expr, S("(expression)"), str_c(dir), out);
	if (str_eq(file, S("-")))
		return eval_stdin(w, dir, out);
	if (file.n == 0 || file.p[0] != '/')
		file = str_c(os_join(&c->arena, str_c(dir), file));
	if (str_ends(file, S(".dhall")))
		return eval_dhall(w, file, out);
	if (a->check)
		return check_file(w, file);
	return named_is_there(c, file) && nix_eval_file(w->session, file, out);
}

static bool split_argument(struct call *c, str given, str *name, str *value)
{
	if (str_cut(given, '=', name, value))
		return true;
	call_usage(c, "'%.*s' is not of the form NAME=VALUE", STR_ARG(given));
	return false;
}

static bool arguments(struct nix_work *w, struct nix_argument **out, size_t *n)
{
	const struct args *a = args_of(w);
	struct call *c = w->call;
	const char *dir = call_dir(c);
	str value;

	*n = 0;
	*out = arena_array(&c->arena, struct nix_argument, a->args.n + a->strings.n);
	for (size_t i = 0; i < a->args.n; i++, ++*n)
		if (!split_argument(c, a->args.p[i], &(*out)[*n].name, &value) || !dir ||
				!nix_eval_text(w->session, value, S("(argument)"), str_c(dir), &(*out)[*n].value))
			return false;
	for (size_t i = 0; i < a->strings.n; i++, ++*n)
		if (!split_argument(c, a->strings.p[i], &(*out)[*n].name, &value) ||
				!nix_text_value(w->session, value, &(*out)[*n].value))
			return false;
	return true;
}

/* ---- work ---- */

static void write_profile(struct nix_work *w)
{
	str file = args_of(w)->profile;
	struct buf b = {0};
	int err;

	if (!file.p)
		return;
	nix_profile_report(w->session, &b);
	err = os_replace(str_dup(&w->call->arena, file).p, buf_view(&b), 0666, false);
	if (err)
		os_error(&w->call->diags, DIAG_USAGE, err, "writing", file);
	buf_free(&b);
}

static void work(struct nix_work *w)
{
	struct nix_argument *given;
	nix_val v = {NULL};
	size_t n;

	if (!arguments(w, &given, &n) || !input(w, &v) || args_of(w)->check)
		return;
	if (nix_attr(w->session, v, args_of(w)->attr, given, n, &v) && !w->step(w, v))
		w->call->out.n = 0;
}

static void work_deep(void *ud)
{
	struct nix_work *w = ud;
	struct call *c = w->call;
	struct nix_env env = doors_nix(&c->arena, args_of(w)->search.p, args_of(w)->search.n);

	if (w->kept)
		doors_nix_keep(&env, w->kept);
	if (args_of(w)->import_derivations)
		doors_nix_build(&env);
	w->session = nix_open(&env, &c->diags);
	if (w->session) {
		if (args_of(w)->profile.p)
			nix_profile(w->session);
		work(w);
		write_profile(w);
		nix_close(w->session);
	}
	doors_nix_end(&env);
}

static int run(struct call *c, bool (*step)(struct nix_work *, nix_val), struct nixstore *kept)
{
	struct nix_work w = {.call = c, .step = step, .kept = kept};

	pool_run_deep(work_deep, &w);
	nixstore_free(kept);
	return 0;
}

/* ---- eval ---- */

static bool do_eval(struct nix_work *w, nix_val v)
{
	const struct args *a = args_of(w);
	struct buf *out = &w->call->out;
	bool ok;

	if (a->xml)
		return nix_xml(w->session, v, a->strict, !a->no_location, out);
	ok = w->call->common.json ? nix_json(w->session, v, out) : nix_print(w->session, v, a->strict, out);
	buf_c(out, '\n');
	return ok;
}

/* false after a diagnostic. */
static bool store_folder(struct call *c, str given, str *out)
{
	*out = given.p ? given : nixstore_default(&c->arena);
	if (out->n)
		return true;
	diag_hint(&c->diags, diag_error(&c->diags, DIAG_IO, NO_SPAN, "there is no place for derivations"),
			"set XDG_CACHE_HOME or HOME, or give --store=DIR");
	return false;
}

/* What is to be built has to be written somewhere. */
static int run_eval(struct call *c)
{
	const struct args *a = c->options;
	str dir;

	if (!a->import_derivations)
		return run(c, do_eval, NULL);
	if (!store_folder(c, (str){0}, &dir))
		return 0;
	return run(c, do_eval, nixstore_new(dir, S(NIX_STORE_DIR)));
}

/* ---- instantiate ---- */

static void give_path(struct call *c, str path, str output)
{
	buf_str(&c->out, path);
	if (!str_eq(output, S("out")))
		buf_fmt(&c->out, "!%.*s", STR_ARG(output));
	buf_c(&c->out, '\n');
}

static void give_drv(void *ud, str attr_path, nix_val drv)
{
	struct nix_work *w = ud;
	str path, output;

	if (!nix_drv_path(w->session, drv, &path, &output)) {
		w->failed = true;
		return;
	}
	if (args_of(w)->all)
		buf_fmt(&w->call->out, "%.*s ", STR_ARG(attr_path));
	give_path(w->call, path, output);
}

static bool do_instantiate(struct nix_work *w, nix_val v)
{
	bool lenient = args_of(w)->all;

	return (nix_derivations(w->session, v, lenient, give_drv, w) && !w->failed) || lenient;
}

/* What of the options and arguments is the request; false after a diagnostic. */
static bool request(struct call *c, struct instantiate *out)
{
	const struct args *a = c->options;
	const char *dir = call_dir(c);
	str file = c->arguments.nargs ? c->arguments.args[0] : S("default.nix");
	struct instantiate_argument *args = arena_array(&c->arena, struct instantiate_argument, a->args.n + a->strings.n);

	if (!dir)
		return false;
	source_root(str_c(dir));
	*out = (struct instantiate){.text = a->expr, .directory = str_c(dir), .attr = a->attr, .args = args, .search = a->search.p,
			.nsearch = a->search.n, .import_derivations = a->import_derivations};
	if (!a->expr.p)
		out->file = file.n && file.p[0] == '/' ? file : str_c(os_join(&c->arena, str_c(dir), file));
	for (; out->nargs < a->args.n + a->strings.n; out->nargs++) {
		size_t i = out->nargs;
		struct instantiate_argument *arg = &args[i];

		arg->is_text = i >= a->args.n;
		if (!split_argument(c, arg->is_text ? a->strings.p[i - a->args.n] : a->args.p[i], &arg->name, &arg->value))
			return false;
	}
	return true;
}

/* Remembered from another time, or evaluated. */
static int run_remembered(struct call *c, str dir)
{
	struct nixstore *ns = nixstore_new(dir, S(NIX_STORE_DIR));
	struct instantiate ask;
	struct instances found;

	if (request(c, &ask) && named_instantiate(c, &ask, ns, &found))
		for (size_t i = 0; i < found.n; i++)
			give_path(c, found.all[i].drv, found.all[i].output);
	nixstore_free(ns);
	return 0;
}

/* A Nix file or an expression: what is remembered. */
static bool is_plain(const struct call *c)
{
	const struct args *a = c->options;

	str file = c->arguments.nargs ? c->arguments.args[0] : S("default.nix");

	return !a->all && !a->profile.p && !(a->expr.p && c->arguments.nargs) && !str_eq(file, S("-")) &&
			!str_ends(file, S(".dhall"));
}

static int run_instantiate(struct call *c)
{
	const struct args *a = c->options;
	str dir;

	if (a->read_only)
		return run(c, do_instantiate, NULL);
	if (!store_folder(c, a->store, &dir))
		return 0;
	if (is_plain(c))
		return run_remembered(c, dir);
	return run(c, do_instantiate, nixstore_new(dir, S(NIX_STORE_DIR)));
}

/* ---- rows ---- */

#define INPUT_OPTIONS                                                                                           \
	TEXT(struct args, expr, 'E', "expr", "EXPR", "this expression, not a file"),                            \
	TEXT(struct args, attr, 'A', "attr", "ATTR", "the attribute at this path: a.b.0.\"c d\""),              \
	TEXTS(struct args, search, 'I', NULL, "NAME=PATH", "where <NAME> is; before NIX_PATH"),                 \
	TEXTS(struct args, args, 0, "arg", "NAME=EXPR", "an argument for functions on the way"),                \
	TEXTS(struct args, strings, 0, "argstr", "NAME=TEXT", "the same, a string"),                            \
	TEXT(struct args, profile, 0, "profile", "FILE", "write what evaluating each attribute took to FILE"),          \
	FLAG(struct args, import_derivations, 0, "allow-import-from-derivation", "build what evaluation reads of outputs")

static const struct option eval_options[] = {
	FLAG(struct args, xml, 0, "xml", "print as XML"),
	FLAG(struct args, no_location, 0, "no-location", "with --xml: leave places out"),
	FLAG(struct args, strict, 0, "strict", "evaluate all that is inside, too"),
	FLAG(struct args, check, 0, "parse-only", "only read the text, and print nothing"),
	INPUT_OPTIONS,
};

static const struct option instantiate_options[] = {
	FLAG(struct args, all, 0, "all", "pass over what fails, and print attribute paths in front"),
	TEXT(struct args, store, 0, "store", "DIR", "put derivations and sources into DIR (default: nix/store in the cache)"),
	FLAG(struct args, read_only, 0, "readonly-mode", "put them nowhere; only compute paths"),
	INPUT_OPTIONS,
};

const struct command cmd_nix_eval = {
	.name = "nix eval",
	.usage = "[FILE | - | -E EXPR]",
	.summary = "print the value of a Nix expression",
	.about = "Prints the value as Nix does; with --json as JSON, which evaluates all of it. FILE is a file, a directory "
		 "with a default.nix, a Dhall file, or - for standard input; none means ./default.nix. <NAME> is looked for in what -I "
		 "gives, then in NIX_PATH.\n"
		 "On the way to an attribute, functions whose parameters all have defaults, or are given, are called; the value itself is "
		 "when there are arguments.",
	.section = SECTION_LANGUAGE,
	.max = 1,
	.options = eval_options,
	.noptions = SL_COUNT(eval_options),
	.size = sizeof(struct args),
	.run = run_eval,
};

const struct command cmd_nix_instantiate = {
	.name = "nix instantiate",
	.usage = "[FILE | - | -E EXPR]",
	.summary = "print the paths of derivations that a Nix expression makes",
	.about = "Prints the store path of the derivation, or of each derivation in a set or list; sets inside it count where they "
		 "say recurseForDerivations. FILE is a file, a directory with a default.nix, or - for standard input; none means "
		 "./default.nix. FILE may be a Dhall file whose value is a derivation, or a record of them, as the prelude's Derivation.dhall "
		 "has them: what straylight-dhall-to-nix(1) writes of it is called with the packages of <nixpkgs>, if it names any.\n"
		 "The derivations, and the sources and texts that they use, are put into a folder that is laid out as " NIX_STORE_DIR
		 " is; there the drv commands find them by the paths that are printed. What was instantiated is remembered with all that "
		 "was read: while that is the same, nothing is evaluated again.",
	.section = SECTION_LANGUAGE,
	.max = 1,
	.options = instantiate_options,
	.noptions = SL_COUNT(instantiate_options),
	.size = sizeof(struct args),
	.run = run_instantiate,
};
