#include "capture_int.h"
#include "program.h"

#define ANSWER_MAX ((size_t)256 << 10)
#define ANSWER_MS 20000

/* What it prints to both outputs; false unless it ends with 0. */
static bool ask(char *const argv[], struct buf *out)
{
	static char path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C";
	char *const env[] = {path, locale, NULL};

	*out = (struct buf){.limit = ANSWER_MAX};
	return program_ask(argv, env, ANSWER_MS, out, NULL);
}

/* ---- its answers ---- */

bool compiler_known(str name)
{
	static const char *const ends[] = {"gcc", "g++", "clang", "clang++", "cc", "c++"};

	while (name.n && name.p[name.n - 1] >= '0' && name.p[name.n - 1] <= '9') /* "-12" */
		name.n--;
	if (name.n && name.p[name.n - 1] == '-')
		name.n--;
	for (size_t i = 0; i < SL_COUNT(ends); i++) {
		str end = str_c(ends[i]);

		if (str_eq(name, end) || (name.n > end.n && str_ends(name, end) && name.p[name.n - end.n - 1] == '-'))
			return true;
	}
	return false;
}

/* The rest of the line that starts with `key`; p == NULL when there is none. */
static str line_after(str text, str key)
{
	str line;
	bool more = true;

	while (more) {
		more = str_cut(text, '\n', &line, &text);
		if (str_starts(line, key))
			return str_trim(str_from(line, key.n));
	}
	return (str){NULL, 0};
}

typedef VEC(str) str_vec;

static void keep(str_vec *all, struct arena *a, const str **out, size_t *n)
{
	str *texts = arena_array(a, str, all->n);

	for (size_t i = 0; i < all->n; i++)
		texts[i] = str_dup(a, all->p[i]);
	*out = texts;
	*n = all->n;
	vec_free(all);
}

/* "=/a:/b:" */
static void split_dirs(str list, struct arena *a, const str **out, size_t *n)
{
	str_vec dirs = {0};
	str dir;
	bool more = list.n > 0;

	if (str_starts(list, S("=")))
		list = str_from(list, 1);
	while (more) {
		more = str_cut(list, ':', &dir, &list);
		if (dir.n && dir.p[0] == '/')
			vec_push(&dirs, dir);
	}
	keep(&dirs, a, out, n);
}

/* The indented lines between these two. */
static void include_dirs(str text, str_vec *dirs)
{
	static const str first = {"#include <...> search starts here:", 34}, last = {"End of search list.", 19};
	size_t at = str_find_str(text, first);
	str line, rest = str_from(text, at + first.n + 1);
	bool more = at < text.n;

	while (more) {
		more = str_cut(rest, '\n', &line, &rest);
		if (str_eq(line, last))
			return;
		line = str_trim(line);
		if (line.n && line.p[0] == '/')
			vec_push(dirs, line);
	}
}

static bool read_version(str text, struct arena *a, struct compiler *out)
{
	static const str gcc = {"gcc version ", 12}, clang = {"clang version ", 14};
	size_t at = str_find_str(text, clang);
	str word, rest;

	out->clang = at < text.n;
	if (!out->clang)
		at = str_find_str(text, gcc);
	if (at == text.n)
		return false;
	str_cut(str_from(text, at + (out->clang ? clang.n : gcc.n)), ' ', &word, &rest);
	str_cut(word, '\n', &word, &rest);
	out->version = str_fmt(a, "%s %.*s", out->clang ? "clang" : "gcc", STR_ARG(word));
	return true;
}

static bool ask_languages(char *path, const str *languages, size_t n, struct arena *a, struct compiler *out)
{
	char flag_e[] = "-E", flag_v[] = "-v", flag_x[] = "-x", null[] = "/dev/null";
	struct buf text[2] = {{0}, {0}};
	str_vec dirs = {0};
	bool ok = false;

	for (size_t i = 0; i < n && i < 2; i++) {
		char *language = str_zdup(languages[i]);
		char *const argv[] = {path, flag_e, flag_v, flag_x, language, null, NULL};

		ok = ask(argv, &text[i]) && read_version(buf_view(&text[i]), a, out);
		mem_free(language);
		if (!ok)
			break;
		include_dirs(buf_view(&text[i]), &dirs);
	}
	keep(&dirs, a, &out->includes, &out->nincludes);
	buf_free(&text[0]);
	buf_free(&text[1]);
	return ok;
}

static bool ask_dirs(char *path, struct arena *a, struct compiler *out)
{
	char search[] = "-print-search-dirs", resources[] = "-print-resource-dir";
	char *const argv[] = {path, search, NULL}, *const resource_argv[] = {path, resources, NULL};
	struct buf text;
	bool ok = ask(argv, &text);

	if (ok) {
		out->install = str_dup(a, line_after(buf_view(&text), S("install: ")));
		split_dirs(line_after(buf_view(&text), S("programs: ")), a, &out->programs, &out->nprograms);
		split_dirs(line_after(buf_view(&text), S("libraries: ")), a, &out->libraries, &out->nlibraries);
	}
	buf_free(&text);
	if (ok && out->clang) {
		ok = ask(resource_argv, &text);
		out->install = str_dup(a, str_trim(buf_view(&text)));
		buf_free(&text);
	}
	return ok && out->install.n && out->install.p[0] == '/';
}

bool compiler_ask(const char *path, const str *languages, size_t n, struct arena *a, struct compiler *out)
{
	char *own = str_zdup(str_c(path));
	bool ok;

	*out = (struct compiler){0};
	ok = ask_languages(own, languages, n, a, out) && ask_dirs(own, a, out);
	mem_free(own);
	return ok;
}
