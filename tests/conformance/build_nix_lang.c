/* The Nix language's own tests, and expressions with the results that Nix 2.8 gave.
 *
 * They are looked for in $STRAYLIGHT_CORPUS/nix, else in ../shared/corpus/nix: lang/eval-okay-X.nix prints what
 * X.exp says, eval-fail-X fails, parse-okay-X and parse-fail-X parse or not; expr/eNN prints what
 * expected/eNN.out says, and as JSON equals eNN.json; expr/fNN fails with the code of the table below. */
#include "corpus.h"

#include <straylight/doors.h>
#include <straylight/base/pool.h>

static const struct {
	const char *name;
	enum diag_code code;
} failures[] = {
	{"f01-throw", DIAG_NIX_THROW}, {"f02-abort", DIAG_NIX_ABORT}, {"f03-assert", DIAG_NIX_ASSERT},
	{"f04-missing-attr", DIAG_NIX_MISSING}, {"f05-infrec", DIAG_NIX_RECURSION}, {"f06-type", DIAG_NIX_TYPE},
	{"f07-missing-arg", DIAG_NIX_ARGUMENT}, {"f08-unexpected-arg", DIAG_NIX_ARGUMENT},
	{"f09-undefvar", DIAG_NIX_UNDEFINED}, {"f10-parse", DIAG_NIX_SYNTAX}, {"f11-div0", DIAG_NIX_VALUE},
	{"f12-index", DIAG_NIX_VALUE}, {"f13-badname", DIAG_NIX_VALUE}, {"f14-tofile-drv", DIAG_NIX_CONTEXT},
	{"f15-import", DIAG_NIX_FILE}, {"f16-badhash", DIAG_HASH_TEXT}, {"f17-dupattr", DIAG_NIX_DUPLICATE},
	{"f18-nosystem", DIAG_NIX_DERIVATION}, {"f19-coerce", DIAG_NIX_COERCE}, {"f20-tryabort", DIAG_NIX_ABORT},
	{"f21-trymissing", DIAG_NIX_MISSING}, {"f22-json", DIAG_NIX_DATA}, {"f23-dupout", DIAG_NIX_DERIVATION},
	{"f24-withundef", DIAG_NIX_UNDEFINED}, {"f25-dupformal", DIAG_NIX_DUPLICATE}, {"f26-regex", DIAG_NIX_VALUE},
};

struct tests {
	struct arena mem;
	str root;
	struct map exceptions;
	size_t passed, failed, left_out;
};

/* One evaluation, in a session of its own. */
struct session {
	struct diags diags;
	struct nix *nix;
};

static bool open_session(struct tests *t, struct session *s)
{
	static const str search[] = {{"lang/dir1", 9}, {"lang/dir2", 9}, {"dir5=lang/dir3", 14},
			{"lang/dir3", 9}, {"lang/dir4", 9}};
	struct nix_env env = doors_nix(&t->mem, search, SL_COUNT(search));

	env.directory = t->root;
	env.say = NULL;
	*s = (struct session){.nix = NULL};
	s->nix = nix_open(&env, &s->diags);
	return s->nix != NULL;
}

static enum diag_code close_session(struct session *s)
{
	enum diag_code code = s->diags.first ? s->diags.first->code : DIAG_NONE;

	nix_close(s->nix);
	diags_free(&s->diags);
	return code;
}

static str read_text(struct tests *t, str path)
{
	struct blob *b = corpus_read(str_dup(&t->mem, path).p);
	str s = b ? str_dup(&t->mem, blob_str(b)) : (str){0};

	blob_unref(b);
	return s;
}

static void report(struct tests *t, str name, const char *problem)
{
	const char *reason = map_get(&t->exceptions, name);

	if (!problem == !reason) {
		t->passed++;
		return;
	}
	t->failed++;
	if (problem)
		printf("FAILED %.*s: %s\n", STR_ARG(name), problem);
	else
		printf("FAILED %.*s: does as it should, but is listed (%s)\n", STR_ARG(name), reason);
}

static bool part(struct tests *t, const char *what)
{
	bool ok = t->failed == 0 && t->passed > 0;

	printf("%s: %zu of %zu as expected%s\n", what, t->passed, t->passed + t->failed,
			t->left_out ? ", some left out" : "");
	t->passed = t->failed = t->left_out = 0;
	return ok;
}

/* ---- lang ---- */

static str file_of(struct tests *t, str name, const char *ending)
{
	return str_fmt(&t->mem, "%.*s/lang/%.*s%s", STR_ARG(t->root), STR_ARG(name), ending);
}

static str replaced(struct tests *t, str s, str from, str to)
{
	struct buf b = {0};

	for (;;) {
		size_t at = str_find_str(s, from);

		buf_str(&b, str_upto(s, at));
		if (at == s.n)
			return buf_take(&b, &t->mem);
		buf_str(&b, to);
		s = str_from(s, at + from.n);
	}
}

/* The one test that needs arguments: see its .flags. */
static size_t autoargs(struct tests *t, struct session *s, str name, struct nix_argument *out)
{
	str lib = str_fmt(&t->mem, "import %.*s/lang/lib.nix", STR_ARG(t->root));

	if (!str_eq(name, S("eval-okay-autoargs")))
		return 0;
	out[0].name = S("lib");
	out[1].name = S("xyzzy");
	return nix_eval_text(s->nix, lib, S("lib"), t->root, &out[0].value) && nix_text_value(s->nix,
			S("xyzzy!"), &out[1].value) ? 2 : 0;
}

static const char *okay(struct tests *t, str name)
{
	str want = read_text(t, file_of(t, name, ".exp"));
	bool xml = !want.p;
	struct nix_argument args[2];
	struct session s;
	struct buf b = {0};
	nix_val v;
	const char *problem = NULL;
	size_t n;

	if (xml)
		want = read_text(t, file_of(t, name, ".exp.xml"));
	if (!want.p) {
		t->left_out++;
		t->passed--; /* nothing says what it should give */
		return NULL;
	}
	want = replaced(t, want, S("/pwd"), t->root);
	if (!open_session(t, &s))
		return "no session";
	n = autoargs(t, &s, name, args);
	if (!nix_eval_file(s.nix, file_of(t, name, ".nix"), &v) ||
			!nix_attr(s.nix, v, n ? S("result") : (str){0}, args, n, &v) ||
			!(xml ? nix_xml(s.nix, v, true, false, &b) : nix_print(s.nix, v, true, &b)))
		problem = str_dup(&t->mem, s.diags.first->text).p;
	else if (!str_eq(str_trim(want), str_trim(buf_view(&b))))
		problem = str_fmt(&t->mem, "gives %.*s", STR_ARG(str_upto(buf_view(&b), 300))).p;
	buf_free(&b);
	close_session(&s);
	return problem;
}

static const char *fails(struct tests *t, str path, enum diag_code code)
{
	struct session s;
	struct buf b = {0};
	nix_val v;
	bool ok;
	enum diag_code got;

	if (!open_session(t, &s))
		return "no session";
	ok = nix_eval_file(s.nix, path, &v) && nix_attr(s.nix, v, (str){0}, NULL, 0, &v) && nix_print(s.nix,
			v, true, &b);
	buf_free(&b);
	got = close_session(&s);
	if (ok)
		return "succeeds";
	return code && got != code ? str_fmt(&t->mem, "fails with %s", diag_number(got)).p : NULL;
}

static const char *parses(struct tests *t, str name, bool should)
{
	str text = read_text(t, file_of(t, name, ".nix"));
	struct session s;
	bool ok;

	if (!open_session(t, &s))
		return "no session";
	ok = nix_check_text(s.nix, text, name, t->root);
	close_session(&s);
	return ok == should ? NULL : ok ? "is accepted" : "is refused";
}

static const char *lang_case(struct tests *t, str name)
{
	if (str_starts(name, S("eval-okay-")))
		return okay(t, name);
	if (str_starts(name, S("eval-fail-")))
		return fails(t, file_of(t, name, ".nix"), DIAG_NONE);
	return parses(t, name, str_starts(name, S("parse-okay-")));
}

/* Where links were lost in a copy of the corpus, what looks at links proves nothing. */
static bool needs_links(str name)
{
	static const char *const names[] = {"eval-okay-pathexists", "eval-okay-readDir-symlinked-directory",
			"eval-okay-readDir",
			"eval-okay-readFileType", "eval-okay-symlink-resolution"};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (str_eq(name, str_c(names[i])))
			return true;
	return false;
}

static bool lang_group(struct tests *t, const char *group)
{
	str *names;
	size_t n;
	struct stamp link;
	bool links = os_stamp(file_of(t, S("readDir/ldir"), "").p, &link) == 0 && S_ISLNK(link.mode);

	if (os_list(&t->mem, str_fmt(&t->mem, "%.*s/lang", STR_ARG(t->root)).p, &names, &n) < 0)
		return true;
	for (size_t i = 0; i < n; i++) {
		str name = str_upto(names[i], names[i].n - 4);

		if (!str_starts(names[i], str_c(group)) || !str_ends(names[i], S(".nix")))
			continue;
		if (!links && needs_links(name))
			t->left_out++;
		else
			report(t, name, lang_case(t, name));
	}
	return part(t, group);
}

/* ---- expr ---- */

static const char *same_json(struct tests *t, struct session *s, str file, str name)
{
	str text = str_fmt(&t->mem, "builtins.fromJSON (builtins.readFile %.*s/expr/expected/%.*s.json) == "
			"builtins.fromJSON (builtins.unsafeDiscardStringContext (builtins.toJSON (import %.*s)))", STR_ARG(t->root), STR_ARG(name), STR_ARG(file));
	nix_val v;
	bool equal = false;

	return nix_eval_text(s->nix, text, S("(test)"), t->root, &v) && nix_bool(s->nix, v, &equal) &&
			equal ? NULL : "another JSON";
}

static const char *expr_case(struct tests *t, str name)
{
	str file = str_fmt(&t->mem, "%.*s/expr/%.*s.nix", STR_ARG(t->root), STR_ARG(name));
	str want = read_text(t, str_fmt(&t->mem, "%.*s/expr/expected/%.*s.out", STR_ARG(t->root), STR_ARG(name)));
	struct session s;
	struct buf b = {0};
	const char *problem = NULL;
	nix_val v;

	if (!open_session(t, &s))
		return "no session";
	if (!nix_eval_file(s.nix, file, &v) || !nix_print(s.nix, v, true, &b))
		problem = str_dup(&t->mem, s.diags.first->text).p;
	else if (!str_eq(str_trim(want), str_trim(buf_view(&b))))
		problem = str_fmt(&t->mem, "gives %.*s", STR_ARG(str_upto(buf_view(&b), 300))).p;
	else
		problem = same_json(t, &s, file, name);
	buf_free(&b);
	close_session(&s);
	return problem;
}

static bool expressions(struct tests *t)
{
	str *names;
	size_t n;
	struct stamp s;
	bool fixture = os_stamp(str_fmt(&t->mem, "%.*s/expr/fixture", STR_ARG(t->root)).p, &s) == 0;

	if (os_list(&t->mem, str_fmt(&t->mem, "%.*s/expr", STR_ARG(t->root)).p, &names, &n) < 0)
		return true;
	for (size_t i = 0; i < n; i++) {
		str name = str_upto(names[i], names[i].n < 4 ? 0 : names[i].n - 4), text;

		if (!str_ends(names[i], S(".nix")) || name.p[0] != 'e')
			continue;
		text = read_text(t, str_fmt(&t->mem, "%.*s/expr/%.*s", STR_ARG(t->root), STR_ARG(names[i])));
		if (!fixture && str_find_str(text, S("./fixture")) < text.n)
			t->left_out++;
		else
			report(t, name, expr_case(t, name));
	}
	for (size_t i = 0; i < SL_COUNT(failures); i++)
		report(t, str_c(failures[i].name), fails(t, str_fmt(&t->mem, "%.*s/expr/%s.nix",
				STR_ARG(t->root), failures[i].name),
				failures[i].code));
	return part(t, "expr");
}

/* ---- all ---- */

static void read_exceptions(struct tests *t)
{
	str rest = read_text(t, S("tests/conformance/nix_lang.exceptions")), line, name, reason;

	while (rest.n) {
		str_cut(rest, '\n', &line, &rest);
		if (line.n && line.p[0] != '#' && str_cut(line, '\t', &name, &reason))
			map_put(&t->exceptions, name, (void *)(uintptr_t)str_dup(&t->mem, reason).p);
	}
}

struct run {
	struct tests t;
	bool ok;
};

static void run(void *ud)
{
	struct run *r = ud;

	read_exceptions(&r->t);
	r->ok = lang_group(&r->t, "eval-okay");
	r->ok &= lang_group(&r->t, "eval-fail");
	r->ok &= lang_group(&r->t, "parse-okay");
	r->ok &= lang_group(&r->t, "parse-fail");
	r->ok &= expressions(&r->t);
}

int main(void)
{
	const char *given = getenv("STRAYLIGHT_CORPUS");
	struct run r = {.ok = false};
	char *root = realpath(given ? given : "../shared/corpus", NULL);
	struct stamp s;

	if (root)
		r.t.root = str_fmt(&r.t.mem, "%s/nix", root);
	if (!root || os_stamp(r.t.root.p, &s) < 0) {
		printf("skipped: no tests of Nix; set STRAYLIGHT_CORPUS\n");
		free(root);
		return CORPUS_ABSENT;
	}
	setenv("TEST_VAR", "foo", 1);
	setenv("HOME", "/fake-home", 1);
	unsetenv("NIX_PATH");
	pool_run_deep(run, &r);
	map_free(&r.t.exceptions);
	arena_clear(&r.t.mem);
	free(root);
	return r.ok ? 0 : 1;
}
