/* Sources: files of the package, and what is fetched. */
#include "convert_int.h"

#include <straylight/nixhash.h>

#include <stdlib.h>

#define FILES_MAX 20000

bool convert_relative(const struct converting *c, str path, str *out)
{
	str folder = c->q->folder;

	if (str_eq(path, folder)) {
		*out = S("");
		return true;
	}
	if (!str_starts(path, folder) || path.p[folder.n] != '/')
		return false;
	*out = str_from(path, folder.n + 1);
	return true;
}

static bool is_no_source(const struct converting *c, str path, str name)
{
	static const char *const names[] = {"BUILD.dhall", "straylight.dhall", ".straylight", "straylight-out", ".git", "result"};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (str_eq(name, str_c(names[i])))
			return true;
	return str_ends(name, S(".nix")) || str_eq(path, c->q->file);
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

bool convert_files(struct converting *c, const struct made *m, str attribute, str path, const struct map *kept, texts *out)
{
	VEC(str) todo = {0};
	bool ok = true;

	vec_push(&todo, str_dup(&c->arena, path));
	while (todo.n && ok) {
		str dir = vec_pop(&todo), *names, relative;
		size_t n = 0;

		ok = os_list(&c->arena, dir.p, &names, &n) == 0;
		for (size_t i = 0; i < n && ok; i++) {
			str one = str_c(os_join(&c->arena, dir, names[i]));
			struct stat st;

			if (is_no_source(c, one, names[i]) || lstat(one.p, &st) != 0)
				continue;
			if (S_ISDIR(st.st_mode))
				vec_push(&todo, one);
			else if ((!kept || map_has(kept, one)) && convert_relative(c, one, &relative) && out->n < FILES_MAX)
				vec_push(out, relative);
		}
	}
	vec_free(&todo);
	if (out->n)
		qsort(out->p, out->n, sizeof *out->p, by_text);
	if (!ok || !out->n || out->n >= FILES_MAX)
		convert_left(c, m, DIAG_CONVERT_LEFT, attribute, NULL, "the files of '%.*s' cannot be listed, or there are none", STR_ARG(path));
	return ok && out->n && out->n < FILES_MAX;
}

/* ---- what is fetched ---- */

struct fetched {
	texts urls;
	str hash;   /* as it is written */
	enum nix_algo algo;
	bool tree;  /* the hash is of the unpacked tree */
	bool strip; /* unpacked: the topmost directory is taken off */
	str fetcher;
};

/* mirror://NAME/… of nixpkgs, where one server is enough. */
static str mirror(struct converting *c, str url)
{
	static const struct {
		const char *name, *base;
	} rows[] = {
		{"mirror://gnu/", "https://ftpmirror.gnu.org/"}, {"mirror://sourceforge/", "https://downloads.sourceforge.net/"},
		{"mirror://kernel/", "https://cdn.kernel.org/pub/"}, {"mirror://gnome/", "https://download.gnome.org/"},
		{"mirror://apache/", "https://archive.apache.org/dist/"}, {"mirror://debian/", "https://deb.debian.org/debian/"},
		{"mirror://savannah/", "https://download.savannah.gnu.org/releases/"}, {"mirror://xorg/", "https://xorg.freedesktop.org/releases/"},
		{"mirror://cpan/", "https://cpan.metacpan.org/"}, {"mirror://pypi/", "https://files.pythonhosted.org/packages/source/"},
		{"mirror://hackage/", "https://hackage.haskell.org/package/"}, {"mirror://gnupg/", "https://gnupg.org/ftp/gcrypt/"},
		{"mirror://kde/", "https://download.kde.org/"}, {"mirror://gcc/", "https://gcc.gnu.org/pub/gcc/"},
		{"mirror://ubuntu/", "https://archive.ubuntu.com/ubuntu/"}, {"mirror://imagemagick/", "https://imagemagick.org/archive/releases/"},
		{"mirror://gentoo/", "https://distfiles.gentoo.org/"}, {"mirror://roy/", "https://roy.marples.name/downloads/"},
		{"mirror://sourceforgejp/", "https://osdn.net/dl/"}, {"mirror://metalab/", "https://www.ibiblio.org/pub/"},
		{"mirror://bitlbee/", "https://get.bitlbee.org/"}, {"mirror://hashicorp/", "https://releases.hashicorp.com/"},
		{"mirror://oldsuse/", "https://ftp.gwdg.de/pub/linux/suse/"}, {"mirror://qt/", "https://download.qt.io/"},
		{"mirror://postgresql/", "https://ftp.postgresql.org/pub/"}, {"mirror://steamrt/", "https://repo.steampowered.com/steamrt/"},
		{"mirror://mozilla/", "https://archive.mozilla.org/pub/"}, {"mirror://openbsd/", "https://cdn.openbsd.org/pub/OpenBSD/"},
		{"mirror://samba/", "https://download.samba.org/pub/"}, {"mirror://luarocks/", "https://luarocks.org/"},
	};

	for (size_t i = 0; i < SL_COUNT(rows); i++)
		if (str_starts(url, str_c(rows[i].name)))
			return str_fmt(&c->arena, "%s%.*s", rows[i].base, STR_ARG(str_from(url, strlen(rows[i].name))));
	return url;
}

static void take_urls(struct converting *c, nix_val arguments, struct fetched *f)
{
	nix_val list, item;
	str url;
	size_t n = 0;

	if (convert_text_of(c, arguments, "url", &url))
		vec_push(&f->urls, mirror(c, url));
	if (convert_get(c, arguments, "urls", &list) && nix_kind(c->x, list) == NIX_LIST && nix_list(c->x, list, &n))
		for (size_t i = 0; i < n; i++)
			if (nix_item(c->x, list, i, &item) && nix_kind(c->x, item) == NIX_STRING && nix_string(c->x, item, &url))
				vec_push(&f->urls, mirror(c, url));
}

static void take_hash(struct converting *c, nix_val arguments, struct fetched *f)
{
	static const struct {
		const char *name;
		enum nix_algo algo;
	} rows[] = {{"hash", NIX_ALGO_NONE}, {"sha256", NIX_SHA256}, {"sha512", NIX_SHA512}, {"sha1", NIX_SHA1}, {"md5", NIX_MD5},
			{"outputHash", NIX_SHA256}};

	for (size_t i = 0; i < SL_COUNT(rows) && !f->hash.n; i++)
		if (convert_text_of(c, arguments, rows[i].name, &f->hash))
			f->algo = rows[i].algo;
}

/* The archives that forges make. */
static void take_forge(struct converting *c, nix_val arguments, struct fetched *f)
{
	str owner = {0}, repo = {0}, rev = {0};
	const char *fmt = NULL;

	if (!convert_text_of(c, arguments, "owner", &owner) || !convert_text_of(c, arguments, "repo", &repo) ||
			!(convert_text_of(c, arguments, "rev", &rev) || convert_text_of(c, arguments, "tag", &rev)))
		return;
	if (str_eq(f->fetcher, S("fetchFromGitHub")))
		fmt = "https://github.com/%.*s/%.*s/archive/%.*s.tar.gz";
	else if (str_eq(f->fetcher, S("fetchFromGitLab")))
		fmt = "https://gitlab.com/%.*s/%.*s/-/archive/%.*s.tar.gz";
	else if (str_eq(f->fetcher, S("fetchFromBitbucket")))
		fmt = "https://bitbucket.org/%.*s/%.*s/get/%.*s.tar.gz";
	else if (str_eq(f->fetcher, S("fetchFromSourcehut")))
		fmt = "https://git.sr.ht/%.*s/%.*s/archive/%.*s.tar.gz";
	else if (str_eq(f->fetcher, S("fetchFromCodeberg")))
		fmt = "https://codeberg.org/%.*s/%.*s/archive/%.*s.tar.gz";
	if (fmt)
		vec_push(&f->urls, str_fmt(&c->arena, fmt, STR_ARG(owner), STR_ARG(repo), STR_ARG(rev)));
}

static void take_pypi(struct converting *c, nix_val arguments, struct fetched *f)
{
	str name, version;

	if (convert_text_of(c, arguments, "pname", &name) && convert_text_of(c, arguments, "version", &version))
		vec_push(&f->urls, str_fmt(&c->arena, "https://files.pythonhosted.org/packages/source/%.*s/%.*s/%.*s-%.*s.tar.gz",
				STR_ARG(str_upto(name, 1)), STR_ARG(name), STR_ARG(name), STR_ARG(version)));
}

static bool is_tree_fetcher(str fetcher)
{
	return str_eq(fetcher, S("fetchzip")) || str_eq(fetcher, S("fetchTarball")) || str_starts(fetcher, S("fetchFrom"));
}

/* 64 hexadecimal digits for SHA-256, SRI for others; p == NULL when it is none. */
static str spelled(struct converting *c, const struct fetched *f)
{
	struct diags unheard = {0};
	struct nix_hash h;
	str out = {0};

	if (f->hash.n && nix_hash_parse(f->hash, f->algo, &h, NO_SPAN, &unheard))
		out = nix_hash_str(&c->arena, &h, h.algo == NIX_SHA256 ? NIX_BASE16 : NIX_SRI, false);
	diags_free(&unheard);
	return out;
}

#define NO_HASH "0000000000000000000000000000000000000000000000000000000000000000"

static str hash_text(struct converting *c, struct made *of, str attribute, const struct fetched *f)
{
	str hash = spelled(c, f);

	if (f->tree) {
		convert_left(c, of, DIAG_CONVERT_HASH, attribute, "build it: the error says the hash that the archive has",
				"'%.*s' fixes the hash of the unpacked files, and that of the archive is not known", STR_ARG(f->fetcher));
		return S(NO_HASH);
	}
	if (!hash.n) {
		convert_left(c, of, DIAG_CONVERT_HASH, attribute, "build it: the error says the hash that the file has",
				"'%.*s' has no hash that can be read", STR_ARG(f->fetcher));
		return S(NO_HASH);
	}
	return hash;
}

static str archive(struct converting *c, struct made *of, str attribute, struct fetched *f, bool unpack)
{
	struct made *m;
	str hash;

	for (size_t i = 0; i < f->urls.n; i++)
		if (str_find_str(f->urls.p[i], S(SYMBOLIC_DIR "/")) < f->urls.p[i].n) {
			convert_left(c, of, DIAG_CONVERT_LEFT, attribute, NULL, "an address of it depends on an argument that is not given");
			vec_free(&f->urls);
			return (str){0};
		}
	if (!f->urls.n) {
		convert_left(c, of, DIAG_CONVERT_LEFT, attribute, "fetch it as an archive", "there is no rule that fetches as '%.*s' does",
				STR_ARG(f->fetcher));
		vec_free(&f->urls);
		return (str){0};
	}
	hash = hash_text(c, of, attribute, f);
	m = convert_target(c, str_fmt(&c->arena, "%.*s-%.*s", STR_ARG(of->name), STR_ARG(unpack ? S("src") : S("file"))));
	m->call = str_fmt(&c->arena, "S.http_archive %s %s %s", convert_quoted(c, m->name).p,
			convert_quoted(c, f->urls.p[0]).p, convert_quoted(c, hash).p);
	if (f->urls.n > 1) {
		texts rest = {.p = f->urls.p + 1, .n = f->urls.n - 1};

		convert_field(c, m, "mirrors", "%s", convert_list(c, &rest).p);
	}
	if (!unpack)
		convert_field(c, m, "type", "S.ArchiveType.File");
	vec_free(&f->urls);
	return str_fmt(&c->arena, ":%.*s", STR_ARG(m->name));
}

/* What says how to fetch, and is used here or says nothing of the bytes. */
static void check_arguments(struct converting *c, struct made *of, str attribute, nix_val arguments, str fetcher)
{
	static const char *const known[] = {
		"url", "urls", "name", "sha256", "hash", "sha512", "sha1", "md5", "owner", "repo", "rev", "tag", "pname", "version",
		"meta", "passthru", "curlOpts", "fetchSubmodules", "postFetch", "extension", "stripRoot", "format", "outputHash",
		"outputHashAlgo", "outputHashMode", "executable", "downloadToTemp", "deepClone", "leaveDotGit", "forceFetchGit", "private",
	};
	static const char *const changing[] = {"postFetch", "fetchSubmodules", "leaveDotGit", "curlOpts", "executable"};
	size_t n = nix_attrs(c->x, arguments);
	nix_val v;
	bool is;

	for (size_t i = 0; i < n; i++) {
		str name;
		bool found = false;

		if (!nix_attr_at(c->x, arguments, i, &name, &v))
			continue;
		for (size_t k = 0; k < SL_COUNT(known); k++)
			found |= str_eq(name, str_c(known[k]));
		for (size_t k = 0; k < SL_COUNT(changing); k++)
			if (str_eq(name, str_c(changing[k])))
				found = nix_kind(c->x, v) == NIX_BOOL && nix_bool(c->x, v, &is) && !is;
		if (!found)
			convert_left(c, of, DIAG_CONVERT_LEFT, attribute, NULL, "'%.*s' of '%.*s' has no native form", STR_ARG(name),
					STR_ARG(fetcher));
	}
}

str convert_fetch(struct converting *c, struct made *of, str attribute, nix_val fetch, bool unpack)
{
	struct fetched f = {0};
	nix_val arguments;

	if (!convert_text_of(c, fetch, "fetcher", &f.fetcher) || !convert_get(c, fetch, "symbolic", &arguments))
		return (str){0};
	take_urls(c, arguments, &f);
	take_hash(c, arguments, &f);
	take_forge(c, arguments, &f);
	if (str_eq(f.fetcher, S("fetchPypi")))
		take_pypi(c, arguments, &f);
	f.tree = is_tree_fetcher(f.fetcher) || str_starts(f.fetcher, S("fetchpatch"));
	check_arguments(c, of, attribute, arguments, f.fetcher);
	if (str_starts(f.fetcher, S("fetchgit")) || str_eq(f.fetcher, S("fetchsvn")) || str_eq(f.fetcher, S("fetchhg")) ||
			str_eq(f.fetcher, S("fetchcvs")) || str_eq(f.fetcher, S("fetchbzr")) || str_eq(f.fetcher, S("fetchdarcs")))
		f.urls.n = 0;
	return archive(c, of, attribute, &f, unpack);
}

/* What a builtin would have fetched. */
str convert_builtin_fetch(struct converting *c, struct made *of, str attribute, const struct nix_fetch *n, bool unpack)
{
	struct fetched f = {.fetcher = n->kind == NIX_FETCH_FILE ? S("builtins.fetchurl") : n->kind == NIX_FETCH_ARCHIVE ?
			S("builtins.fetchTarball") : S("builtins.fetchGit"), .tree = n->kind != NIX_FETCH_FILE};
	struct nix_hash h = {.algo = NIX_SHA256};

	if (n->kind != NIX_FETCH_GIT)
		vec_push(&f.urls, mirror(c, n->url));
	if (n->sha256) {
		memcpy(h.b, n->sha256, 32);
		f.hash = nix_hash_str(&c->arena, &h, NIX_SRI, true);
	}
	return archive(c, of, attribute, &f, unpack);
}
