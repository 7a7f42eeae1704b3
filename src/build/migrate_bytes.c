/* What inputs name by path or by digest, and where that is in the folder of the file. */
#include "migrate_int.h"

#include <errno.h>
#include <stdlib.h>

#define LOOKED_AT_MAX 20000 /* files and folders, for one input */

/* ---- digests ---- */

bool bytes_digest(struct fixing *f, str path, char text[static DIGEST_TEXT_MAX], str *bad)
{
	struct tree *tree = NULL;
	struct digest d;
	struct stat st;
	int err = stat(path.p, &st) < 0 ? -errno : 0;

	*bad = (str){0};
	if (!err && S_ISDIR(st.st_mode)) {
		err = store_import(f->store, path.p, &tree, f->a, bad);
		err = err ? err : store_put_tree(f->store, tree);
		if (!err)
			d = *tree_digest(tree, store_fn(f->store));
		tree_unref(tree);
	} else if (!err) {
		err = store_put_file(f->store, path.p, &d);
	}
	if (err)
		*bad = str_fmt(f->a, "%s%s%.*s", strerror(-err), bad->n ? ": " : "", STR_ARG(*bad));
	else
		digest_text(&d, text);
	return err == 0;
}

/* ---- looking below a folder ---- */

struct looking {
	struct fixing *f;
	VEC(str) todo; /* folders, absolute */
	size_t seen;
};

static bool is_skipped(const struct looking *l, str name, str path)
{
	return (name.n && name.p[0] == '.') || str_eq(name, S("straylight-out")) || str_eq(path, l->f->path);
}

/* The next folder's names; false at the end. */
static bool next_folder(struct looking *l, str *dir, str **names, size_t *n)
{
	while (l->todo.n && l->seen < LOOKED_AT_MAX) {
		*dir = vec_pop(&l->todo);
		if (os_list(l->f->a, dir->p, names, n) == 0)
			return true;
	}
	return false;
}

static str below(const struct fixing *f, str path)
{
	return path.n > f->folder.n ? str_from(path, f->folder.n + 1) : S(".");
}

static bool has_digest(struct fixing *f, str path, str digest)
{
	char text[DIGEST_TEXT_MAX];
	str bad;

	return bytes_digest(f, path, text, &bad) && str_eq(str_c(text), digest);
}

str bytes_here(struct fixing *f, str name, str digest)
{
	struct looking l = {.f = f};
	str dir, *names, found = {0};
	size_t n;

	vec_push(&l.todo, f->folder);
	while (!found.p && next_folder(&l, &dir, &names, &n))
		for (size_t i = 0; i < n && !found.p; i++) {
			str path = str_c(os_join(f->a, dir, names[i]));
			struct stat st;

			l.seen++;
			if (is_skipped(&l, names[i], path) || lstat(path.p, &st) != 0)
				continue;
			if (str_eq(names[i], name) && has_digest(f, path, digest))
				found = below(f, path);
			else if (S_ISDIR(st.st_mode))
				vec_push(&l.todo, path);
		}
	vec_free(&l.todo);
	return found;
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

bool bytes_files(struct fixing *f, str path, text_list *out)
{
	struct looking l = {.f = f};
	size_t first = out->n, n;
	str full, dir, *names;
	struct stat st;

	if (!os_normalize(f->a, str_c(os_join(f->a, f->folder, path)), &full) || stat(full.p, &st) != 0 ||
			!(str_eq(full, f->folder) || str_starts(full, str_fmt(f->a, "%.*s/", STR_ARG(f->folder)))))
		return false;
	if (!S_ISDIR(st.st_mode)) {
		vec_push(out, below(f, full));
		return true;
	}
	vec_push(&l.todo, full);
	while (next_folder(&l, &dir, &names, &n))
		for (size_t i = 0; i < n; i++) {
			str one = str_c(os_join(f->a, dir, names[i]));

			l.seen++;
			if (is_skipped(&l, names[i], one) || lstat(one.p, &st) != 0)
				continue;
			if (S_ISDIR(st.st_mode))
				vec_push(&l.todo, one);
			else
				vec_push(out, below(f, one));
		}
	vec_free(&l.todo);
	if (out->n > first)
		qsort(out->p + first, out->n - first, sizeof *out->p, by_text);
	return out->n > first && l.seen < LOOKED_AT_MAX;
}

/* ---- inputs of a derivation ---- */

static void add(struct fixing *f, dh_val v, input_list *out)
{
	struct value_input in;

	if (value_input(f, v, &in))
		vec_push(out, in);
}

void bytes_inputs(struct fixing *f, const struct subject *s, input_list *out)
{
	static const char *const lists[] = {"patches", "nativeBuildInputs", "buildInputs", "propagatedBuildInputs", "inputs"};
	dh_val v, item;

	if (s->kind == SUBJECT_MK && value_get(f, s->v, "src", &v))
		add(f, v, out);
	for (size_t i = 0; i < SL_COUNT(lists); i++) {
		size_t n = 0;

		if (!value_get(f, s->v, lists[i], &v) || !dh_list(f->s->dhall, v, &n))
			continue;
		for (size_t k = 0; k < n; k++)
			if (dh_item(f->s->dhall, v, k, &item))
				add(f, item, out);
	}
}
