#include "execute.h"

#include <errno.h>
#include <unistd.h>

str run_label(const struct run *run)
{
	return sym_str(run->action->configured->target->label);
}

/* ---- outputs ---- */

static void missing(struct run *run, const struct artifact *a, const char *why)
{
	struct diag *d = diag_error(&run->diags, DIAG_OUTPUT_MISSING, run->action->configured->target->span,
			"'%.*s' %s '%.*s'", STR_ARG(run->action->name), why, STR_ARG(a->path));

	diag_subject(&run->diags, d, run_label(run));
	diag_hint(&run->diags, d, "the command succeeded; check the path that it writes to against the outputs "
				  "that the action declares");
}

/* The folders on the way to a path below the writable directory are there, and none of them is a link:
 * one that the command made would lead anywhere. */
static bool has_folders(struct run *run, str rel)
{
	struct stat st;

	for (size_t n = 0; n < rel.n; n++)
		if (rel.p[n] == '/' && (lstat(os_join(&run->arena, run->writable, str_upto(rel, n)), &st) < 0 ||
						       !S_ISDIR(st.st_mode)))
			return false;
	return true;
}

static bool stands(struct run *run, str rel, struct stat *st, const char **host)
{
	*host = os_join(&run->arena, run->writable, rel);
	return has_folders(run, rel) && lstat(*host, st) == 0;
}

/* Commands may leave what they wrote unreadable. */
static int make_readable(const char *host, const struct stat *st)
{
	return (st->st_mode & 0400) || chmod(host, (st->st_mode & 0777) | 0400) == 0 ? 0 : -errno;
}

static bool collect_one(struct run *run, struct store *store, const struct artifact *a, struct output_entry *out)
{
	str rel = str_from(a->path, run->action->configured->out_dir.n + 1);
	const char *host;
	struct stat st;
	struct tree *tree;
	str bad = {0};
	char target[4096];
	ssize_t n;
	int err = 0;

	out->path = a->path;
	if (!stands(run, rel, &st, &host)) {
		missing(run, a, "did not write its output");
		return false;
	}
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode)) {
		missing(run, a, "wrote neither a file nor a directory nor a link:");
		return false;
	}
	if (S_ISDIR(st.st_mode) != a->directory && !S_ISLNK(st.st_mode)) {
		missing(run, a, a->directory ? "wrote a file where it declares a directory:"
					     : "wrote a directory where it declares a file:");
		return false;
	}
	if (S_ISREG(st.st_mode)) {
		out->kind = TREE_FILE;
		out->executable = (st.st_mode & 0100) != 0;
		err = make_readable(host, &st);
		err = err ? err : store_take_file(store, host, &out->digest);
	} else if (S_ISDIR(st.st_mode)) {
		out->kind = TREE_DIR;
		err = store_import(store, host, &tree, &run->arena, &bad);
		if (!err) {
			err = store_put_tree(store, tree);
			out->digest = *tree_digest(tree, store_fn(store));
			tree_unref(tree);
		}
	} else if ((n = readlink(host, target, sizeof target)) >= 0) {
		out->kind = TREE_SYMLINK;
		out->target = str_dup(&run->arena, str_of(target, (size_t)n));
	} else {
		err = -errno;
	}
	if (err)
		os_error(&run->diags, DIAG_IO, err, "collecting", bad.p ? bad : a->path);
	return !err;
}

/* ---- what was not declared ---- */

struct stray {
	struct run *run;
	struct map expected; /* paths below the writable directory that may be there */
	str found;
};

static void expect(struct stray *s, str path)
{
	str rel = str_from(path, s->run->action->configured->out_dir.n + 1);

	map_put(&s->expected, rel, s);
}

static bool is_inside_directory(const struct stray *s, str rel)
{
	const struct action *a = s->run->action;
	size_t skip = a->configured->out_dir.n + 1;

	for (uint32_t i = 0; i < a->noutputs; i++) {
		str dir = str_from(a->outputs[i]->path, skip);

		if (a->outputs[i]->directory && str_starts(rel, dir) && (rel.n == dir.n || rel.p[dir.n] == '/'))
			return true;
	}
	return false;
}

/* Inputs that stand in the writable directory are mount points there. */
static bool is_input(struct run *run, str rel)
{
	str dir = run->action->configured->out_dir;

	return tree_find(run->identity->work, str_fmt(&run->arena, "%.*s/%.*s", STR_ARG(dir), STR_ARG(rel))) != NULL;
}

#define STRAY_DEPTH_MAX 64

static void look_for_strays(struct stray *s, str rel, unsigned depth)
{
	struct arena *arena = &s->run->arena;
	str *names;
	size_t n;
	const char *host = rel.n ? os_join(arena, s->run->writable, rel) : s->run->writable.p;

	if (depth > STRAY_DEPTH_MAX || os_list(arena, host, &names, &n) < 0)
		return;
	for (size_t i = 0; i < n && !s->found.p; i++) {
		str path = rel.n ? str_fmt(arena, "%.*s/%.*s", STR_ARG(rel), STR_ARG(names[i])) : names[i];
		struct stat st;

		if (map_has(&s->expected, path) || is_inside_directory(s, path))
			continue;
		if (lstat(os_join(arena, s->run->writable, path), &st) < 0)
			continue;
		if (S_ISDIR(st.st_mode))
			look_for_strays(s, path, depth + 1);
		else if (!is_input(s->run, path))
			s->found = path;
	}
}

static bool check_strays(struct run *run)
{
	struct stray s = {.run = run};
	const struct action *a = run->action;

	for (uint32_t i = 0; i < a->noutputs; i++)
		expect(&s, a->outputs[i]->path);
	if (a->depfile.p)
		expect(&s, a->depfile);
	look_for_strays(&s, (str){0}, 0);
	map_free(&s.expected);
	if (s.found.p) {
		struct diag *d = diag_error(&run->diags, DIAG_OUTPUT_UNDECLARED, a->configured->target->span,
				"'%.*s' wrote '%.*s', which it does not declare", STR_ARG(a->name), STR_ARG(s.found));

		diag_subject(&run->diags, d, run_label(run));
		diag_hint(&run->diags, d, "declare it as an output, or make the command write it below /tmp");
	}
	return !s.found.p;
}

/* ---- the depfile ---- */

static bool read_depfile(struct run *run, struct store *store)
{
	const struct action *a = run->action;
	const char *host;
	struct blob *text = NULL;
	struct stat st;
	bool ok;

	if (!a->depfile.p || !stands(run, str_from(a->depfile, a->configured->out_dir.n + 1), &st, &host))
		return true; /* nothing is known of what it read, so nothing is narrowed */
	ok = S_ISREG(st.st_mode) && make_readable(host, &st) == 0 && os_read(host, DEPFILE_MAX, &text) == 0 &&
			reads_parse(blob_str(text), a, run->identity, &run->arena, &run->reads);
	if (ok && run->keep_depfile)
		ok = store_put(store, blob_str(text), &run->depfile) == 0;
	blob_unref(text);
	if (!ok) {
		struct diag *d = diag_error(&run->diags, DIAG_DEPFILE_BAD, a->configured->target->span,
				"'%.*s' wrote an unreadable depfile '%.*s'", STR_ARG(a->name), STR_ARG(a->depfile));

		diag_subject(&run->diags, d, run_label(run));
		diag_hint(&run->diags, d, "a depfile has make's syntax, as gcc -MD -MF writes it");
	}
	return ok;
}

/* The output that is made of what the command printed. */
static bool write_stdout(struct run *run)
{
	const struct action *a = run->action;
	struct diag *d;
	const char *host;
	str rel;
	int err;

	if (!a->out_file.p)
		return true;
	rel = str_from(a->out_file, a->configured->out_dir.n + 1);
	if (!has_folders(run, rel))
		return true; /* it is missed when outputs are collected */
	if (run->ran.dropped) {
		d = diag_error(&run->diags, DIAG_OUTPUT_MISSING, a->configured->target->span,
				"'%.*s' printed too much for its output '%.*s'", STR_ARG(a->name), STR_ARG(a->out_file));
		diag_subject(&run->diags, d, run_label(run));
		diag_hint(&run->diags, d, "let the command write the file itself");
		return false;
	}
	host = os_join(&run->arena, run->writable, rel);
	err = os_remove_tree(host);
	err = err ? err : os_replace(host, run->out, 0644, false);
	if (err)
		os_error(&run->diags, DIAG_IO, err, "writing", a->out_file);
	return !err;
}

bool collect_outputs(struct run *run, struct store *store)
{
	const struct action *a = run->action;
	struct output_entry *outputs = arena_array(&run->arena, struct output_entry, a->noutputs);
	int err;

	if (!write_stdout(run) || !check_strays(run) || !read_depfile(run, store))
		return false;
	for (uint32_t i = 0; i < a->noutputs; i++)
		if (!collect_one(run, store, a->outputs[i], &outputs[i]))
			return false;
	run->result.outputs = outputs;
	run->result.noutputs = a->noutputs;
	err = store_put(store, run->out, &run->result.out);
	if (!err)
		err = store_put(store, run->err, &run->result.err);
	if (err)
		os_error(&run->diags, DIAG_IO, err, "storing the output of", a->name);
	return !err;
}
