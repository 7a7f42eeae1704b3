#include "cmd.h"

#include <straylight/convert.h>
#include <straylight/trace.h>
#include <straylight/base/json.h>
#include <straylight/base/pool.h>

#include <errno.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 << 20)
#define TRACE_MAX ((size_t)1 << 32)

struct args {
	str from, to, attribute, out, trace;
	struct texts tables, search;
};

struct converting {
	struct call *call;
	struct convert_request q;
	struct convert_report report;
	bool done;
};

static void work(void *ud)
{
	struct converting *w = ud;

	w->done = convert_nix(&w->q, &w->report, &w->call->diags);
}

/* ---- the report ---- */

static void say_left(struct call *c, const struct convert_left *l)
{
	struct diag *d;

	if (l->attribute.n && l->target.n)
		d = diag_warning(&c->diags, l->code, NO_SPAN, "'%.*s' of '%.*s' is not converted: %.*s", STR_ARG(l->attribute), STR_ARG(l->target),
				STR_ARG(l->why));
	else
		d = diag_warning(&c->diags, l->code, NO_SPAN, "'%.*s' is not converted: %.*s", STR_ARG(l->target.n ? l->target : l->attribute),
				STR_ARG(l->why));
	if (l->hint.n)
		diag_hint(&c->diags, d, "%.*s", STR_ARG(l->hint));
}

static void list_json(struct json *j, const char *key, const str *items, size_t n)
{
	json_key(j, key);
	json_array(j);
	for (size_t i = 0; i < n; i++)
		json_str(j, items[i]);
	json_end(j, ']');
}

static void lines_json(struct json *j, const char *key, const struct convert_left *lines, size_t n)
{
	json_key(j, key);
	json_array(j);
	for (size_t i = 0; i < n; i++) {
		const struct convert_left *l = &lines[i];

		json_object(j);
		json_member_str(j, "target", l->target);
		json_member_str(j, "attribute", l->attribute);
		json_member_str(j, "code", str_c(diag_number(l->code)));
		json_member_str(j, "why", l->why);
		json_member_str(j, "hint", l->hint);
		json_end(j, '}');
	}
	json_end(j, ']');
}

static void report_json(struct call *c, const struct convert_report *r, str out)
{
	struct json j = json_to(&c->out);

	json_object(&j);
	json_member_str(&j, "file", r->text.n ? out : S(""));
	list_json(&j, "targets", r->targets, r->ntargets);
	list_json(&j, "packages", r->packages, r->npackages);
	list_json(&j, "programs", r->programs, r->nprograms);
	list_json(&j, "toolchains", r->toolchains, r->ntoolchains);
	lines_json(&j, "left", r->left, r->nleft);
	lines_json(&j, "noted", r->noted, r->nnoted);
	json_end(&j, '}');
	buf_c(&c->out, '\n');
}

static void report(struct call *c, const struct convert_report *r, str out)
{
	if (c->common.json) {
		report_json(c, r, out);
		return;
	}
	for (size_t i = 0; i < r->nleft; i++)
		say_left(c, &r->left[i]);
	for (size_t i = 0; i < r->nnoted; i++)
		diag_warning(&c->diags, r->noted[i].code, NO_SPAN, "'%.*s' of '%.*s' is done in another way: %.*s", STR_ARG(r->noted[i].attribute),
				STR_ARG(r->noted[i].target), STR_ARG(r->noted[i].why));
	call_diags(c);
	call_say(c, "%zu targets; %zu attributes were not converted", r->ntargets, r->nleft);
}

/* ---- files ---- */

static str absolute(struct call *c, const char *dir, str path)
{
	str full = path.n && path.p[0] == '/' ? path : str_c(os_join(&c->arena, str_c(dir), path));

	return os_normalize(&c->arena, full, &full) ? str_dup(&c->arena, full) : full;
}

static str folder_of(struct call *c, str path)
{
	size_t n = path.n;

	while (n > 1 && path.p[n - 1] != '/')
		n--;
	return str_dup(&c->arena, str_upto(path, n > 1 ? n - 1 : n));
}

/* The expression's file; a directory stands for its default.nix, or flake.nix. */
static bool find_file(struct call *c, const char *dir, str given, str *out)
{
	static const char *const names[] = {"default.nix", "flake.nix"};
	struct stat st;

	*out = absolute(c, dir, given);
	if (stat(out->p, &st) != 0) {
		os_error(&c->diags, DIAG_USAGE, errno, "reading", given);
		return false;
	}
	for (size_t i = 0; S_ISDIR(st.st_mode) && i < SL_COUNT(names); i++) {
		str one = str_c(os_join(&c->arena, *out, str_c(names[i])));

		if (stat(one.p, &st) == 0) {
			*out = one;
			return true;
		}
		st.st_mode = S_IFDIR;
	}
	return true;
}

/* What a file had in it at the start; NULL: it was not there. */
struct held {
	str path;
	struct blob *bytes;
};

static struct held hold(str path)
{
	struct held h = {.path = path};

	if (path.n && os_read(path.p, FILE_MAX, &h.bytes) != 0)
		h.bytes = NULL;
	return h;
}

static bool is_as_held(struct call *c, const struct held *h)
{
	struct held now = hold(h->path);
	bool same = (now.bytes != NULL) == (h->bytes != NULL) && str_eq(blob_str(now.bytes), blob_str(h->bytes));

	blob_unref(now.bytes);
	if (!same)
		diag_hint(&c->diags, diag_error(&c->diags, DIAG_MIGRATE_CHANGED, NO_SPAN, "'%.*s' was changed while it was being converted",
				STR_ARG(h->path)), "nothing was written; run the command again");
	return same;
}

static bool may_write(struct call *c, str path)
{
	struct stat st;

	if (!path.n || stat(path.p, &st) != 0 || (st.st_mode & 0222 && access(path.p, W_OK) == 0))
		return true;
	diag_hint(&c->diags, diag_error(&c->diags, DIAG_MIGRATE_READ_ONLY, NO_SPAN, "'%.*s' may not be written", STR_ARG(path)),
			"nothing was written; give it write permission, or name another file");
	return false;
}

/* false after a diagnostic; trace_free in either case. */
static bool read_trace(struct call *c, str path, struct trace *out)
{
	struct blob *bytes;
	int err = os_read(path.p, TRACE_MAX, &bytes);
	bool ok;

	if (err) {
		os_error(&c->diags, DIAG_USAGE, err, "reading", path);
		return false;
	}
	ok = trace_read(blob_str(bytes), path, out, &c->diags);
	blob_unref(bytes);
	return ok;
}

static bool write_out(struct call *c, str path, str text)
{
	int err = os_replace(path.p, text, 0666, false);

	if (err)
		os_error(&c->diags, DIAG_IO, err, "writing", path);
	return !err;
}

static bool languages(struct call *c, const struct args *a)
{
	if (a->from.p && !str_eq(a->from, S("nix")))
		call_usage(c, "--from=%.*s: only nix can be converted", STR_ARG(a->from));
	else if (a->to.p && !str_eq(a->to, S("dice")))
		call_usage(c, "--to=%.*s: only dice can be converted to", STR_ARG(a->to));
	else
		return true;
	return false;
}

static int run_convert(struct call *c)
{
	const struct args *a = c->options;
	const char *dir = call_dir(c);
	struct converting w = {.call = c};
	struct held in, before;
	struct trace trace = {0};
	str out = {0}, *tables;
	int code = 0;

	if (!dir || !languages(c, a) || !find_file(c, dir, c->arguments.args[0], &w.q.file))
		return 0;
	if (a->out.p && !str_eq(a->out, S("-")))
		out = absolute(c, dir, a->out);
	w.q.folder = out.n ? folder_of(c, out) : folder_of(c, w.q.file);
	w.q.attribute = a->attribute;
	tables = arena_array(&c->arena, str, a->tables.n + 1);
	for (size_t i = 0; i < a->tables.n; i++)
		tables[i] = absolute(c, dir, a->tables.p[i]);
	w.q.tables = tables;
	w.q.ntables = a->tables.n;
	w.q.search = a->search.p;
	w.q.nsearch = a->search.n;
	source_root(str_c(dir));
	w.q.trace = a->trace.p ? &trace : NULL;
	if (!may_write(c, out) || (a->trace.p && !read_trace(c, absolute(c, dir, a->trace), &trace))) {
		trace_free(&trace);
		return 0;
	}
	in = hold(w.q.file);
	before = hold(out);
	pool_run_deep(work, &w);
	if (w.done && (!out.n || (is_as_held(c, &in) && is_as_held(c, &before)))) {
		code = w.report.nleft ? 1 : 0;
		if (out.n && w.report.text.n && !write_out(c, out, w.report.text))
			code = 3;
		if (!out.n && !c->common.json)
			buf_str(&c->out, w.report.text);
		report(c, &w.report, out);
	}
	blob_unref(in.bytes);
	blob_unref(before.bytes);
	convert_end(&w.report);
	trace_free(&trace);
	return code;
}

static const struct option options[] = {
	TEXT(struct args, from, 0, "from", "nix", "what is converted"),
	TEXT(struct args, to, 0, "to", "dice", "what it becomes: targets"),
	TEXT(struct args, attribute, 'A', "attr", "ATTR", "only the derivation at this path, and what it depends on"),
	TEXT(struct args, out, 'o', "out", "FILE", "write the BUILD.dhall there, not to standard output"),
	TEXTS(struct args, search, 'I', NULL, "NAME=PATH", "where <NAME> is; before NIX_PATH"),
	TEXT(struct args, trace, 0, "trace", "FILE", "what `straylight trace --save` saw of the package's build: its targets, file by file"),
	TEXTS(struct args, tables, 0, "table", "FILE", "a Dhall record that says what stands for packages of nixpkgs"),
};

const struct command cmd_convert = {
	.name = "convert",
	.usage = "FILE",
	.summary = "write a Nix derivation as native targets",
	.about = "Evaluates the expression, with <nixpkgs> if -I or NIX_PATH has its folder and with symbols in its place otherwise, and "
		 "writes a BUILD.dhall of native targets: packages with autotools, cmake, meson, make, cargo, cabal or setup.py, scripts of "
		 "typed commands, texts, and archives that are fetched. What is written is laid out and type-checks.\n"
		 "Each attribute of a derivation is used, known to say nothing of the build, or reported. Dependencies become what a "
		 "table says: a label, Debian packages of the toolchain \"cxx\", or programs of the toolchain \"foreign\"; --table adds "
		 "to it.\n"
		 "With --trace the only package becomes the targets that the traced build compiled and linked.\n"
		 "Sources are looked for below the folder of FILE, or with -o below that of the BUILD.dhall.\n"
		 "Exit code: 1 when anything was not converted; what could be is written all the same.",
	.section = SECTION_BUILD,
	.min = 1,
	.max = 1,
	COMMAND_OPTIONS(options, struct args),
	.run = run_convert,
};
