/* The sources and patches of a derivation. */
#include "convert_package.h"

static void take_local(struct package *p, str attribute, str path, const struct map *kept)
{
	str relative;
	struct stat st;

	if (!convert_relative(p->c, path, &relative)) {
		package_left(p, attribute, DIAG_CONVERT_LEFT, "write the BUILD.dhall above them: -o", "'%.*s' lies outside of the package's folder",
				STR_ARG(path));
		return;
	}
	if (stat(str_dup(&p->c->arena, path).p, &st) != 0) {
		package_left(p, attribute, DIAG_CONVERT_LEFT, NULL, "'%.*s' is not there", STR_ARG(relative));
		return;
	}
	p->local = true;
	if (!S_ISDIR(st.st_mode)) {
		if (str_ends(path, S(".gz")) || str_ends(path, S(".xz")) || str_ends(path, S(".bz2")) || str_ends(path, S(".zip")))
			package_left(p, attribute, DIAG_CONVERT_LEFT, "unpack it", "'%.*s' is an archive in the package", STR_ARG(relative));
		vec_push(&p->srcs, relative);
		return;
	}
	if (!convert_files(p->c, p->made, attribute, path, kept, &p->srcs))
		return;
	p->subdir = relative;
	for (size_t i = 0; i < p->srcs.n; i++)
		vec_push(&p->files, relative.n ? str_from(p->srcs.p[i], relative.n + 1) : p->srcs.p[i]);
}

/* A package that a target stands for gives what the target makes. */
static void take_package(struct package *p, str attribute, str package)
{
	str label;

	switch (convert_dep(p->c, package, &label)) {
	case DEP_LABEL: vec_push(&p->srcs, label); return;
	case DEP_UNKNOWN:
		package_left(p, attribute, DIAG_CONVERT_DEP, "say in a table which target makes it: --table=FILE",
				"nothing is known to stand for the package '%.*s'", STR_ARG(package));
		return;
	default:
		package_left(p, attribute, DIAG_CONVERT_LEFT, NULL, "its sources are those of the package '%.*s'", STR_ARG(package));
	}
}

static void take_source(struct package *p, str attribute, nix_val v)
{
	struct converting *c = p->c;
	const struct nix_fetch *builtin;
	const struct map *kept = NULL;
	str path = {0}, label, from;

	if (convert_text_of(c, v, "unchosen", &path))
		package_left(p, attribute, DIAG_CONVERT_LEFT, "list the files that are meant", "%.*s, and all are taken", STR_ARG(path));
	if (nix_kind(c->x, v) == NIX_ATTRS && convert_text_of(c, v, "fetcher", &path)) {
		label = convert_fetch(c, p->made, attribute, v, true);
		if (label.p)
			vec_push(&p->srcs, label);
		return;
	}
	if (nix_kind(c->x, v) == NIX_ATTRS && convert_text_of(c, v, "symbol", &path)) {
		take_package(p, attribute, path);
		return;
	}
	if (nix_kind(c->x, v) == NIX_ATTRS && convert_text_of(c, v, "maker", &path)) {
		struct made *m = convert_derivation(c, v);

		if (m && m->call.n)
			vec_push(&p->srcs, str_fmt(&c->arena, ":%.*s", STR_ARG(m->name)));
		return;
	}
	if (!package_coerce(p, v, &path)) {
		package_left(p, attribute, DIAG_CONVERT_LEFT, NULL, "it is no path and no fetch");
		return;
	}
	builtin = symbolic_fetched(c->y, path);
	if (builtin) {
		label = convert_builtin_fetch(c, p->made, attribute, builtin, true);
		if (label.p)
			vec_push(&p->srcs, label);
		return;
	}
	from = symbolic_source(c->y, path, &kept);
	take_local(p, attribute, from.n ? from : path, kept);
}

void package_sources(struct package *p)
{
	struct setting *s = package_setting(p, "src"), *all = package_setting(p, "srcs");
	nix_val item;
	size_t n = 0;
	str root, rest;

	if (s && nix_kind(p->c->x, s->value) != NIX_NULL)
		take_source(p, S("src"), s->value);
	if (s)
		s->used = true;
	if (all) {
		all->used = true;
		if (nix_kind(p->c->x, all->value) == NIX_LIST && nix_list(p->c->x, all->value, &n) && n == 1 &&
				nix_item(p->c->x, all->value, 0, &item))
			take_source(p, S("srcs"), item);
		else if (!s)
			package_left(p, S("srcs"), DIAG_CONVERT_LEFT, NULL, "there is more than one source");
	}
	if (package_text(p, "sourceRoot", &root)) {
		if (str_starts(root, S("./")))
			root = str_from(root, 2);
		if (str_find(root, '$') < root.n)
			package_left(p, S("sourceRoot"), DIAG_CONVERT_LEFT, NULL, "it depends on variables");
		else if (str_cut(root, '/', &root, &rest))
			p->subdir = p->subdir.n ? str_fmt(&p->c->arena, "%.*s/%.*s", STR_ARG(p->subdir), STR_ARG(rest)) : rest;
	}
	rest = S("");
	if (package_text(p, "cmakeDir", &rest) && rest.n)
		package_left(p, S("cmakeDir"), DIAG_CONVERT_LEFT, NULL, "the rule builds the topmost directory");
}

static void take_patch(struct package *p, nix_val v, texts *out)
{
	const struct map *kept;
	str path, label, relative, from;

	if (nix_kind(p->c->x, v) == NIX_NULL)
		return;
	if (nix_kind(p->c->x, v) == NIX_ATTRS && convert_text_of(p->c, v, "fetcher", &path)) {
		label = convert_fetch(p->c, p->made, S("patches"), v, false);
		if (label.p)
			vec_push(out, label);
		return;
	}
	if (!package_coerce(p, v, &path)) {
		package_left(p, S("patches"), DIAG_CONVERT_LEFT, NULL, "one of them is no file");
		return;
	}
	from = symbolic_source(p->c->y, path, &kept);
	if (from.n)
		path = from;
	if (convert_relative(p->c, path, &relative))
		vec_push(out, relative);
	else
		package_left(p, S("patches"), DIAG_CONVERT_LEFT, NULL, "'%.*s' lies outside of the package's folder", STR_ARG(path));
}

/* The rule applies patches before all commands, and in the topmost directory. */
static void put_patches(struct package *p, const texts *list, char strip)
{
	if (!p->subdir.n && !package_has(p, "prePatch") && list->n) {
		convert_field(p->c, p->made, "patches", "%s", convert_list(p->c, list).p);
		if (strip != '1')
			convert_field(p->c, p->made, "patch_strip", "%c", strip);
		return;
	}
	for (size_t i = 0; i < list->n; i++)
		vec_push(&p->patches, str_fmt(&p->c->arena, "C.Patch { file = %s, strip = %c }",
				convert_quoted(p->c, package_location(p, list->p[i], list->p[i])).p, strip));
}

void package_patches(struct package *p)
{
	struct setting *s = package_setting(p, "patches");
	texts list = {0};
	nix_val item;
	size_t n = 0;
	char strip = '1';
	str flags;

	if (!s)
		return;
	s->used = true;
	package_use(p, "patchFlags");
	if (!package_runs(p, "patchPhase", "dontPatch"))
		return;
	if (nix_kind(p->c->x, s->value) == NIX_LIST) {
		for (size_t i = 0; nix_list(p->c->x, s->value, &n) && i < n; i++)
			if (nix_item(p->c->x, s->value, i, &item))
				take_patch(p, item, &list);
	} else {
		take_patch(p, s->value, &list);
	}
	if (package_text(p, "patchFlags", &flags) && str_trim(flags).n) {
		flags = str_trim(flags);
		if (flags.n == 3 && str_starts(flags, S("-p")) && flags.p[2] >= '0' && flags.p[2] <= '9')
			strip = flags.p[2];
		else
			package_left(p, S("patchFlags"), DIAG_CONVERT_LEFT, NULL, "'%.*s' is more than a -p", STR_ARG(flags));
	}
	put_patches(p, &list, strip);
	vec_free(&list);
}

bool package_file(const struct package *p, const char *name)
{
	for (size_t i = 0; i < p->files.n; i++)
		if (str_eq(p->files.p[i], str_c(name)))
			return true;
	return false;
}
