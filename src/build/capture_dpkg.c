#include "capture_int.h"

#define LISTS "/var/lib/dpkg/info"
#define GHC_PACKAGES "/var/lib/ghc/package.conf.d" /* GHC's database, whose index is made when a package is installed */
#define LIST_MAX ((size_t)64 << 20)

/* What no build reads. */
static const char *const left_out[] = {"/usr/share/doc/", "/usr/share/man/", "/usr/share/info/",
	"/usr/share/lintian/", "/usr/share/locale/", "/usr/share/bug/", "/usr/share/doc-base/"};

static bool is_wanted(str path)
{
	for (size_t i = 0; i < SL_COUNT(left_out); i++)
		if (str_starts(path, str_c(left_out[i])))
			return false;
	return str_starts(path, S("/usr/")) || str_starts(path, S("/lib")) || str_starts(path, S("/bin/")) ||
			str_starts(path, S("/sbin/")) || str_starts(path, S(GHC_PACKAGES));
}

static bool add_list(struct found *f, str list)
{
	struct blob *b;
	str line, rest;
	bool more = true;

	if (os_read(list.p, LIST_MAX, &b) < 0)
		return false;
	found_watch(f, list);
	for (rest = blob_str(b); more;) {
		more = str_cut(rest, '\n', &line, &rest);
		if (is_wanted(line))
			found_add(f, str_dup(&f->arena, line));
		if (str_eq(line, S(GHC_PACKAGES)))
			found_add(f, S(GHC_PACKAGES "/package.cache"));
	}
	blob_unref(b);
	return true;
}

static str debian_arch(void)
{
#if defined(__x86_64__)
	return S(":amd64");
#elif defined(__aarch64__)
	return S(":arm64");
#else
	return S(":riscv64");
#endif
}

/* NAME.list, or NAME:ARCH.list for what may be installed for several. */
bool found_add_package(struct found *f, str name)
{
	if (name.n == 0 || memchr(name.p, '/', name.n))
		return false;
	return add_list(f, str_fmt(&f->arena, LISTS "/%.*s.list", STR_ARG(name))) ||
			add_list(f, str_fmt(&f->arena, LISTS "/%.*s%.*s.list", STR_ARG(name), STR_ARG(debian_arch())));
}

/* The whole line, as the list may write it: /usr/lib/x and, from before the merge of /usr, /lib/x. */
static bool names_path(struct found *f, str list, str path)
{
	str line = str_fmt(&f->arena, "\n%.*s\n", STR_ARG(path));

	if (str_find_str(list, line) != list.n)
		return true;
	if (!str_starts(path, S("/usr/")))
		return false;
	line = str_fmt(&f->arena, "\n%.*s\n", STR_ARG(str_from(path, 4)));
	return str_find_str(list, line) != list.n;
}

bool found_add_owners(struct found *f, const str *paths, size_t n)
{
	str *names;
	size_t count, left = n;
	bool *owned = arena_array(&f->arena, bool, n);

	if (os_list(&f->arena, LISTS, &names, &count) < 0)
		return n == 0;
	for (size_t i = 0; i < count && left; i++) {
		str list = str_c(os_join(&f->arena, S(LISTS), names[i]));
		bool wanted = false;
		struct blob *b;

		if (!str_ends(list, S(".list")) || os_read(list.p, LIST_MAX, &b) < 0)
			continue;
		for (size_t k = 0; k < n; k++)
			if (!owned[k] && names_path(f, blob_str(b), paths[k])) {
				wanted = owned[k] = true;
				left--;
			}
		blob_unref(b);
		if (wanted)
			add_list(f, list);
	}
	return left == 0;
}
