#include "capture_int.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define THREADS_MAX 4
#define LANGUAGES_MAX 2

struct capturing {
	struct store *store;
	const struct capture_request *request;
	struct arena *arena;
	struct diags *diags;
	struct found found;
	struct buf version;
	VEC(struct capture_tool) tools;
	str languages[LANGUAGES_MAX]; /* those of the request that a C compiler may have */
	size_t nlanguages;
	bool cxx;
};

/* ---- programs ---- */

static const str program_dirs[] = {{"/usr/bin", 8}, {"/usr/sbin", 9}, {"/usr/local/bin", 14}};

/* Its path, and it is added; p == NULL when it is not installed. */
static str add_program(struct capturing *c, str name)
{
	str path = found_in(&c->found, program_dirs, SL_COUNT(program_dirs), name);

	return path.p && found_add(&c->found, path) ? path : (str){NULL, 0};
}

/* Debian's packages of programs: those that are called otherwise, and the compiler of a workspace's word. */
static const struct {
	const char *program, *package;
} homes[] = {
	{"aclocal", "automake"}, {"autoheader", "autoconf"}, {"autoreconf", "autoconf"}, {"ctest", "cmake"},
	{"libtoolize", "libtool"}, {"ninja", "ninja-build"}, {"pkg-config", "pkgconf"},
	{"rustc", "rustc"},
};

static str home_of(str program)
{
	for (size_t i = 0; i < SL_COUNT(homes); i++)
		if (str_eq(program, str_c(homes[i].program)))
			return str_c(homes[i].package);
	return (str){NULL, 0};
}

static bool need_program(struct capturing *c, str name)
{
	str path = memchr(name.p, '/', name.n) ? (str){NULL, 0} : add_program(c, name);
	struct diag *d;

	if (path.p) {
		vec_push(&c->tools, ((struct capture_tool){str_dup(c->arena, name), str_dup(c->arena, path)}));
		return true;
	}
	d = diag_error(c->diags, DIAG_TOOLCHAIN_PROGRAM, NO_SPAN, "'%.*s' is not installed", STR_ARG(name));
	if (home_of(name).p)
		diag_hint(c->diags, d, "apt-get install %.*s, or name another program", STR_ARG(home_of(name)));
	else
		diag_hint(c->diags, d, "install the package that has /usr/bin/%.*s, or name another program", STR_ARG(name));
	return false;
}

/* ---- gcc and clang ---- */

/* Files of gcc's own directory that belong to languages other than C and C++. */
static const char *const others[] = {"cc1obj", "f951", "gnat1", "go1", "d21", "cc1gm2", "lto-dump", "libobjc",
	"libgfortran", "libcaf_", "libgnat", "libgnarl", "libgo.", "libgobegin", "libgphobos", "libgdruntime",
	"g++-mapper-server", "libcc1"};
static const char *const cxx_only[] = {"cc1plus", "libstdc++", "libsupc++"};

static bool starts_with_any(str name, const char *const *prefixes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_starts(name, str_c(prefixes[i])))
			return true;
	return false;
}

/* The files, not the directories: headers are named by the search list, plugins are not for builds. */
static void add_gcc_dir(struct capturing *c, str dir)
{
	str *names;
	size_t n;

	dir = found_physical(&c->found, dir);
	if (!dir.p || os_list(&c->found.arena, dir.p, &names, &n) < 0)
		return;
	for (size_t i = 0; i < n; i++)
		if (!starts_with_any(names[i], others, SL_COUNT(others)) &&
				(c->cxx || !starts_with_any(names[i], cxx_only, SL_COUNT(cxx_only))))
			found_add(&c->found, str_c(os_join(&c->found.arena, dir, names[i])));
}

/* A directory that packages of all kinds share: only what belongs to the C library is taken of it. */
static bool is_shared(str real)
{
	static const str usr = {"/usr/include/", 13};
	str rest = str_from(real, usr.n);

	if (str_eq(real, S("/usr/include")) || str_starts(real, S("/usr/local/")))
		return true;
	return str_starts(real, usr) && !memchr(rest.p, '/', rest.n) && !str_starts(rest, S("c++"));
}

static void add_includes(struct capturing *c, const struct compiler *k)
{
	for (size_t i = 0; i < k->nincludes; i++) {
		str real = found_physical(&c->found, k->includes[i]);

		if (real.p && !is_shared(real))
			found_add_whole(&c->found, real);
	}
}

/* By a file of each: the C library's start files and headers, the kernel's headers, crypt.h. */
static bool add_libc(struct capturing *c, const struct compiler *k)
{
	static const str headers[] = {{"stdio.h", 7}, {"linux/errno.h", 13}, {"crypt.h", 7}};
	str owned[1 + SL_COUNT(headers)];
	str crt = found_in(&c->found, k->libraries, k->nlibraries, S("crt1.o"));
	size_t n = 0;

	for (size_t i = 0; i < SL_COUNT(headers); i++) {
		str path = found_physical(&c->found, found_in(&c->found, k->includes, k->nincludes, headers[i]));

		if (!path.p && i == 0)
			return false;
		if (path.p && !map_has(&c->found.known, path))
			owned[n++] = path;
	}
	crt = found_physical(&c->found, crt);
	if (!crt.p)
		return false;
	if (str_starts(crt, S("/usr/lib/"))) {
		owned[n++] = crt;
	} else { /* a cross compiler's: the directory is its own */
		while (crt.p[crt.n - 1] != '/')
			crt.n--;
		found_add_whole(&c->found, str_upto(crt, crt.n - 1));
	}
	return found_add_owners(&c->found, owned, n);
}

/* Those that gcc starts; what a machine does not have, gcc does without. */
static void add_parts(struct capturing *c, const struct compiler *k)
{
	static const char *const parts[] = {"as", "ld", "ld.bfd", "collect2", "lto-wrapper"};
	static const char *const beside[] = {"ldscripts", "bfd-plugins/liblto_plugin.so"};
	struct found *f = &c->found;

	for (size_t i = 0; i < SL_COUNT(parts); i++) {
		str path = found_in(f, k->programs, k->nprograms, str_c(parts[i]));

		if (!path.p || !found_add(f, path))
			add_program(c, str_c(parts[i]));
	}
	for (size_t i = 0; i < SL_COUNT(beside); i++) {
		str path = found_in(f, k->libraries, k->nlibraries, str_c(beside[i]));

		if (path.p && !found_add(f, path))
			found_add_whole(f, path);
	}
}

/* "cc" and "c++" too, where they are this compiler; cpp, gcc-ar and the like beside gcc. */
static void add_names(struct capturing *c, str name, str path)
{
	static const char *const aliases[] = {"cc", "c++"}, *const tools[] = {"gcc-ar", "gcc-nm", "gcc-ranlib", "cpp"};
	str real = found_physical(&c->found, path);

	for (size_t i = 0; i < SL_COUNT(aliases); i++) {
		str alias = found_in(&c->found, program_dirs, 1, str_c(aliases[i]));

		if (alias.p && str_eq(found_physical(&c->found, alias), real))
			found_add(&c->found, alias);
	}
	if (str_ends(name, S("gcc")))
		for (size_t i = 0; i < SL_COUNT(tools); i++)
			add_program(c, str_fmt(&c->found.arena, "%.*s%s", (int)(name.n - 3), name.p, tools[i]));
}

static void add_version(struct capturing *c, str version)
{
	if (str_find_str(buf_view(&c->version), version) < c->version.n)
		return;
	if (c->version.n)
		buf_lit(&c->version, ", ");
	buf_str(&c->version, version);
}

static bool bad_compiler(struct capturing *c, str name, const char *what, const char *hint)
{
	struct diag *d = diag_error(c->diags, DIAG_TOOLCHAIN_PARTS, NO_SPAN, "%s '%.*s'", what, STR_ARG(name));

	diag_hint(c->diags, d, "%s", hint);
	return false;
}

static bool add_compiler(struct capturing *c, str name)
{
	struct compiler k;
	str path, crt;

	if (!need_program(c, name))
		return false;
	path = vec_last(&c->tools).path;
	if (!compiler_known(name) || c->nlanguages == 0)
		return true;
	if (!compiler_ask(path.p, c->languages, c->nlanguages, &c->found.arena, &k))
		return bad_compiler(c, name, "no answer about its parts from the compiler",
				"see that it compiles an empty file in each language asked for; "
				"for C++ that needs g++ and libstdc++'s headers");
	add_version(c, k.version);
	add_names(c, name, path);
	add_includes(c, &k);
	crt = found_in(&c->found, k.libraries, k.nlibraries, S("crtbegin.o"));
	if (k.clang)
		found_add_whole(&c->found, k.install);
	else
		add_gcc_dir(c, k.install);
	if (crt.p)
		add_gcc_dir(c, str_upto(crt, crt.n - S("/crtbegin.o").n));
	add_parts(c, &k);
	if (!add_libc(c, &k))
		return bad_compiler(c, name, "the C library's headers and start files are missing for",
				"install libc6-dev and linux-libc-dev (for another machine: their -cross packages)");
	return true;
}

/* ---- finding ---- */

static void choose_languages(struct capturing *c)
{
	for (size_t i = 0; i < c->request->nlanguages; i++) {
		str language = c->request->languages[i];

		c->cxx |= str_eq(language, S("c++"));
		if ((str_eq(language, S("c")) || str_eq(language, S("c++"))) && c->nlanguages < LANGUAGES_MAX)
			c->languages[c->nlanguages++] = language;
	}
}

static bool need_package(struct capturing *c, str name)
{
	static const str depends = {"/depends", 8};
	bool all = str_ends(name, depends);
	struct diag *d;

	name = all ? str_upto(name, name.n - depends.n) : name;
	if (all ? found_add_depends(&c->found, name) : found_add_package(&c->found, name))
		return true;
	d = diag_error(c->diags, DIAG_TOOLCHAIN_PACKAGE, NO_SPAN, "the package '%.*s' is not installed", STR_ARG(name));
	diag_hint(c->diags, d, "apt-get install %.*s", STR_ARG(name));
	return false;
}

static bool find(struct capturing *c)
{
	static const str roots[] = {{"/lib", 4}, {"/lib64", 6}, {"/bin", 4}, {"/sbin", 5}};
	const struct capture_request *r = c->request;
	bool ok = true;

	choose_languages(c);
	for (size_t i = 0; i < SL_COUNT(roots); i++)
		found_physical(&c->found, roots[i]);
	for (size_t i = 0; i < r->ncompilers; i++)
		ok &= add_compiler(c, r->compilers[i]);
	for (size_t i = 0; i < r->nprograms; i++)
		ok &= need_program(c, r->programs[i]);
	for (size_t i = 0; i < r->npackages; i++)
		ok &= need_package(c, r->packages[i]);
	if (ok)
		found_close(&c->found);
	return ok;
}

/* ---- storing ---- */

struct storing {
	struct store *store;
	struct found *found;
	atomic_size_t next;
	atomic_int err;       /* the first */
	atomic_size_t failed; /* its file */
};

static void *store_files(void *ud)
{
	struct storing *s = ud;
	size_t i;

	while ((i = atomic_fetch_add(&s->next, 1)) < s->found->files.n && atomic_load(&s->err) == 0) {
		struct found_file *file = &s->found->files.p[i];
		int err = store_put_file(s->store, file->path.p, &file->digest), none = 0;

		if (err < 0 && atomic_compare_exchange_strong(&s->err, &none, err))
			atomic_store(&s->failed, i);
	}
	return NULL;
}

static bool store_all(struct capturing *c)
{
	struct storing s = {.store = c->store, .found = &c->found};
	unsigned n = os_cpus() < THREADS_MAX ? os_cpus() : THREADS_MAX, started = 0;
	pthread_t threads[THREADS_MAX];

	while (started + 1 < n && pthread_create(&threads[started], NULL, store_files, &s) == 0)
		started++;
	store_files(&s);
	while (started)
		pthread_join(threads[--started], NULL);
	if (atomic_load(&s.err) == 0)
		return true;
	os_error(c->diags, DIAG_IO, -atomic_load(&s.err), "cannot take in",
			c->found.files.p[atomic_load(&s.failed)].path);
	return false;
}

static struct tree *build_tree(struct capturing *c)
{
	struct tree_builder *b = tree_builder_new();
	const struct found *f = &c->found;

	for (size_t i = 0; i < f->files.n; i++)
		tree_put_file(b, str_from(f->files.p[i].path, 1), &f->files.p[i].digest, f->files.p[i].executable);
	for (size_t i = 0; i < f->links.n; i++)
		tree_put_symlink(b, str_from(f->links.p[i].path, 1), f->links.p[i].target);
	return tree_builder_end(b, NULL, NULL);
}

static bool finish(struct capturing *c, struct capture *out, struct tree **tree)
{
	struct tree *t;
	int err;

	if (!store_all(c))
		return false;
	t = build_tree(c);
	if (!t) { /* a file became a link or a directory meanwhile */
		diag_error(c->diags, DIAG_TOOLCHAIN_PARTS, NO_SPAN, "files changed while they were captured");
		return false;
	}
	err = store_put_tree(c->store, t);
	if (err < 0) {
		os_error(c->diags, DIAG_IO, -err, "cannot write to the cache", store_root(c->store));
		tree_unref(t);
		return false;
	}
	out->digest = *tree_digest(t, store_fn(c->store));
	out->nfiles = tree_files(t);
	out->bytes = tree_bytes(t);
	out->version = str_dup(c->arena, buf_view(&c->version));
	out->tools = arena_array(c->arena, struct capture_tool, c->tools.n);
	if (c->tools.n)
		memcpy((void *)out->tools, c->tools.p, c->tools.n * sizeof *c->tools.p);
	out->ntools = c->tools.n;
	found_stamps(&c->found, c->arena, out);
	*tree = t;
	return true;
}

bool capture_host(struct store *s, const struct capture_request *request, struct arena *a, struct capture *out,
		struct tree **tree, struct diags *diags)
{
	struct capturing c = {.store = s, .request = request, .arena = a, .diags = diags, .found = {.diags = diags}};
	bool ok;

	*tree = NULL;
	*out = (struct capture){.request = capture_request_digest(request, store_fn(s))};
	ok = find(&c) && finish(&c, out, tree);
	found_free(&c.found);
	buf_free(&c.version);
	vec_free(&c.tools);
	return ok;
}
