#include "git.h"
#include "program.h"
#include "unpack.h"

#include <straylight/net.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define ANSWER_MAX ((size_t)1 << 20)
#define GIT_SECONDS INT64_C(3600)
#define ARGS_MAX 16

extern char **environ;

struct git {
	struct store *store;
	struct arena mem;
	str url, ref, rev;
	const char *dir; /* the repository */
	const char *more[3]; /* variables beside the usual; may be NULL */
	struct diags *diags;
	struct buf said; /* what the last command printed */
};

/* ---- running git ---- */

/* No question is asked of anybody, and no variable of the caller's own git is meant for this one. */
static char **environment(struct git *g)
{
	static const char *const own[] = {"GIT_TERMINAL_PROMPT=0", "GIT_SSH_COMMAND=ssh -oBatchMode=yes", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C"};
	struct arena *a = &g->mem;
	size_t n = 0, count = 0;
	char **env;

	while (environ[count])
		count++;
	env = arena_array(a, char *, count + SL_COUNT(own) + SL_COUNT(g->more) + 1);
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], "GIT_", 4) != 0 && strncmp(environ[i], "LC_ALL=", 7) != 0)
			env[n++] = environ[i];
	for (size_t i = 0; i < SL_COUNT(own); i++)
		env[n++] = (char *)(uintptr_t)own[i];
	for (size_t i = 0; i < SL_COUNT(g->more) && g->more[i]; i++)
		env[n++] = (char *)(uintptr_t)g->more[i];
	return env;
}

/* git in the repository, with these arguments; true when it ends with 0. */
static bool run(struct git *g, const char *const *args)
{
	const char *argv[ARGS_MAX + 8] = {"git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-C", g->dir};
	bool started, ok;

	for (size_t i = 0; args[i] && i < ARGS_MAX; i++)
		argv[7 + i] = args[i];
	g->said.n = 0;
	g->said.limit = ANSWER_MAX;
	ok = program_ask((char *const *)(uintptr_t)argv, environment(g), GIT_SECONDS * 1000, &g->said, &started);
	if (!started)
		buf_lit(&g->said, "the program git cannot be started");
	return ok;
}

#define GIT(g, ...) run((g), (const char *const[]){__VA_ARGS__, NULL})

static bool failed(struct git *g, const char *hint)
{
	struct diag *d = diag_error(g->diags, DIAG_FETCH_FAILED, NO_SPAN, "the %s %.*s of '%.*s' cannot be fetched", g->rev.n ? "commit" : "branch",
			STR_ARG(g->rev.n ? g->rev : g->ref), STR_ARG(net_shown(&g->mem, g->url)));
	str said = str_trim(buf_view(&g->said)), line;

	while (str_cut(said, '\n', &line, &said))
		;
	if (line.n)
		diag_note(g->diags, d, NO_SPAN, "%.*s", STR_ARG(line));
	diag_hint(g->diags, d, "%s", hint);
	return false;
}

/* ---- the repository ---- */

static bool has_commit(struct git *g)
{
	return GIT(g, "cat-file", "-e", str_fmt(&g->mem, "%.*s^{commit}", STR_ARG(g->rev)).p);
}

/* The folder of a repository on this machine; NULL for others. */
static const char *local(struct git *g)
{
	if (str_starts(g->url, S("file:///")))
		return str_dup(&g->mem, str_from(g->url, 7)).p;
	return g->url.n && g->url.p[0] == '/' ? str_dup(&g->mem, g->url).p : NULL;
}

static bool may_fetch(str url)
{
	static const char *const schemes[] = {"http://", "https://", "ssh://", "git://"};

	for (size_t i = 0; i < SL_COUNT(schemes); i++)
		if (str_starts(url, str_c(schemes[i])))
			return true;
	return false;
}

/* By its name, else with the ref that it is on, else with all there is. */
static bool fetch(struct git *g)
{
	const char *url = str_dup(&g->mem, g->url).p, *rev = str_dup(&g->mem, g->rev).p;

	if (GIT(g, "fetch", "--quiet", "--force", "--", url, rev) && has_commit(g))
		return true;
	if (g->ref.n && GIT(g, "fetch", "--quiet", "--force", "--", url, str_dup(&g->mem, g->ref).p) && has_commit(g))
		return true;
	return GIT(g, "fetch", "--quiet", "--force", "--", url, "+refs/*:refs/*") && has_commit(g);
}

/* The bare copy in the cache. */
static bool copy(struct git *g)
{
	struct diag *d;
	unsigned char key[32];
	char hex[65];
	int err;

	if (!may_fetch(g->url)) {
		g->said.n = 0;
		return failed(g, "write a path, or a URL of the schemes file, http, https, ssh and git");
	}
	net_hide(g->url);
	sha256(g->url, key);
	hex_of(key, 32, hex);
	g->dir = str_fmt(&g->mem, "%.*s/git/%s", STR_ARG(store_root(g->store)), hex).p;
	err = os_mkdirs(g->dir, 0777);
	if (err < 0) {
		os_error(g->diags, DIAG_IO, err, "making", str_c(g->dir));
		return false;
	}
	if (has_commit(g))
		return true;
	if (net_is_offline()) {
		d = diag_error(g->diags, DIAG_FETCH_OFFLINE, NO_SPAN, "the commit %.*s is not in the cache, and the network is off", STR_ARG(g->rev));
		diag_hint(g->diags, d, "leave --offline out this once; later it is found by its name");
		return false;
	}
	return (GIT(g, "init", "--quiet", "--bare") && fetch(g)) || failed(g, "check the URL, the rev and the network");
}

static bool repository(struct git *g)
{
	g->dir = local(g);
	if (!g->dir)
		return copy(g);
	return str_eq(g->rev, S(GIT_DIRTY)) || has_commit(g) || failed(g, "check that the path is a repository which has the commit");
}

/* ---- a branch ---- */

/* As Nix understands one: a name is a branch. */
static str whole_ref(struct git *g)
{
	if (str_starts(g->ref, S("refs/")) || str_eq(g->ref, S("HEAD")))
		return str_dup(&g->mem, g->ref);
	return str_fmt(&g->mem, "refs/heads/%.*s", STR_ARG(g->ref));
}

static str first_word(struct git *g)
{
	str said = buf_view(&g->said);
	size_t n = 0;

	while (n < said.n && said.p[n] != ' ' && said.p[n] != '\t' && said.p[n] != '\n')
		n++;
	return str_dup(&g->mem, str_upto(said, n));
}

static bool resolve_here(struct git *g, bool named, str *rev)
{
	if (!GIT(g, "rev-parse", "--verify", "--quiet", "--end-of-options", str_fmt(&g->mem, "%.*s^{commit}", STR_ARG(whole_ref(g))).p))
		return failed(g, "check that the path is a repository which has the branch");
	*rev = first_word(g);
	if (!named && !GIT(g, "diff", "--quiet", "--no-ext-diff", "--ignore-submodules", "HEAD", "--"))
		*rev = S(GIT_DIRTY);
	return true;
}

static bool resolve_there(struct git *g, str *rev)
{
	struct diag *d;

	if (!may_fetch(g->url)) {
		g->said.n = 0;
		return failed(g, "write a path, or a URL of the schemes file, http, https, ssh and git");
	}
	net_hide(g->url);
	if (net_is_offline()) {
		d = diag_error(g->diags, DIAG_FETCH_OFFLINE, NO_SPAN, "nobody can be asked for the branch %.*s: the network is off", STR_ARG(g->ref));
		diag_hint(g->diags, d, "name the commit with 'rev'");
		return false;
	}
	g->dir = "/";
	if (!GIT(g, "ls-remote", "--exit-code", "--", str_dup(&g->mem, g->url).p, whole_ref(g).p))
		return failed(g, "check the URL, the branch and the network");
	*rev = first_word(g);
	return true;
}

bool git_resolve(struct store *s, str url, str ref, struct arena *a, str *rev, struct diags *diags)
{
	struct git g = {.store = s, .url = url, .ref = ref.n ? ref : S("HEAD"), .diags = diags};
	unsigned char name[20];
	bool ok;

	g.dir = local(&g);
	ok = g.dir ? resolve_here(&g, ref.n > 0, rev) : resolve_there(&g, rev);
	if (ok && !hex_parse(*rev, name, sizeof name)) {
		g.said.n = 0;
		ok = failed(&g, "git names a commit that is none");
	}
	*rev = ok ? str_dup(a, *rev) : S("");
	buf_free(&g.said);
	arena_clear(&g.mem);
	return ok;
}

/* ---- its files ---- */

static bool number(struct git *g, int64_t *out)
{
	str text = str_trim(buf_view(&g->said));
	char *end;

	errno = 0;
	*out = text.n ? strtoll(str_dup(&g->mem, text).p, &end, 10) : -1;
	return *out >= 0 && errno == 0;
}

static bool unpack(struct git *g, const char *file, struct tree_entry *out)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0) {
		os_error(g->diags, DIAG_IO, errno, "reading", str_c(file));
		return false;
	}
	ok = unpack_archive(g->store, fd, g->url, out, g->diags);
	close(fd);
	return ok;
}

/* A path that git names, made absolute. */
static const char *git_path(struct git *g, const char *what)
{
	str said;

	if (!GIT(g, "rev-parse", "--git-path", what))
		return NULL;
	said = str_trim(buf_view(&g->said));
	return said.n && said.p[0] == '/' ? str_dup(&g->mem, said).p : os_join(&g->mem, str_c(g->dir), said);
}

/* The tree of what is tracked, as it is: made with an index and objects of our own, so the repository stays as it is. */
static const char *dirty_tree(struct git *g, str scratch)
{
	const char *index = git_path(g, "index"), *objects = git_path(g, "objects");
	const char *own = os_join(&g->mem, scratch, S("index")), *made = os_join(&g->mem, scratch, S("objects"));

	if (!index || !objects || os_copy_file(index, own, 0600) < 0 || os_mkdirs(made, 0700) < 0)
		return NULL;
	g->more[0] = str_fmt(&g->mem, "GIT_INDEX_FILE=%s", own).p;
	g->more[1] = str_fmt(&g->mem, "GIT_OBJECT_DIRECTORY=%s", made).p;
	g->more[2] = str_fmt(&g->mem, "GIT_ALTERNATE_OBJECT_DIRECTORIES=%s", objects).p;
	if (!GIT(g, "add", "-u", "--", ":/") || !GIT(g, "write-tree"))
		return NULL;
	return first_word(g).p;
}

static bool files(struct git *g, struct git_commit *out)
{
	bool dirty = str_eq(g->rev, S(GIT_DIRTY)), ok;
	const char *rev = dirty ? "HEAD" : str_dup(&g->mem, g->rev).p, *file;
	str dir;
	int err = store_scratch(g->store, &g->mem, &dir);

	if (err < 0) {
		os_error(g->diags, DIAG_IO, err, "making a file in", store_root(g->store));
		return false;
	}
	file = os_join(&g->mem, dir, S("archive"));
	ok = GIT(g, "log", "-1", "--format=%ct", "--no-show-signature", rev) && number(g, &out->time);
	if (dirty)
		rev = ok ? dirty_tree(g, dir) : NULL;
	else
		ok = ok && GIT(g, "rev-list", "--count", rev) && number(g, &out->count);
	ok = ok && rev && GIT(g, "archive", "--format=tar", "-o", file, rev);
	if (!ok)
		failed(g, "check the repository with git fsck");
	ok = ok && unpack(g, file, &out->files);
	os_remove_tree(dir.p);
	return ok;
}

bool git_fetch(struct store *s, str url, str ref, str rev, struct git_commit *out, struct diags *diags)
{
	struct git g = {.store = s, .url = url, .ref = ref, .rev = rev, .diags = diags};
	bool ok = repository(&g) && files(&g, out);

	buf_free(&g.said);
	arena_clear(&g.mem);
	return ok;
}
