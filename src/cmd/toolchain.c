#include "watch.h"

#include <straylight/store.h>

#include <errno.h>

struct args {
	str out;
};

/* ---- list ---- */

static void list_text(const struct build_toolchain *t, bool verbose, struct buf *out)
{
	char digest[DIGEST_TEXT_MAX];

	buf_fmt(out, "%.*s: %.*s%s%.*s, %zu files, %.1f MiB\n    %s\n", STR_ARG(t->word), STR_ARG(t->name),
			t->version.n ? ", " : "", STR_ARG(t->version), t->files, (double)t->bytes / (1 << 20),
			digest_text(&t->digest, digest));
	for (size_t i = 0; i < t->ntools && verbose; i++)
		buf_fmt(out, "    %.*s\n", STR_ARG(t->tools[i]));
}

static void list_json(const struct build_toolchain *t, struct json *j)
{
	char digest[DIGEST_TEXT_MAX];

	json_object(j);
	json_key(j, "word");
	json_str(j, t->word);
	json_key(j, "name");
	json_str(j, t->name);
	json_key(j, "version");
	json_str(j, t->version);
	json_key(j, "digest");
	json_c(j, digest_text(&t->digest, digest));
	json_key(j, "files");
	json_int(j, (int64_t)t->files);
	json_key(j, "bytes");
	json_int(j, (int64_t)t->bytes);
	json_key(j, "tools");
	json_object(j);
	for (size_t i = 0; i < t->ntools; i++) {
		str name, path;

		str_cut(t->tools[i], ' ', &name, &path);
		json_key_str(j, name);
		json_str(j, path);
	}
	json_end(j, '}');
	json_end(j, '}');
}

static void list(struct watch *w, const struct build_toolchain *t, size_t n)
{
	struct call *c = w->call;
	struct json j = json_to(&c->out);

	if (!c->common.json) {
		for (size_t i = 0; i < n; i++)
			list_text(&t[i], c->common.verbose, &c->out);
		return;
	}
	json_array(&j);
	for (size_t i = 0; i < n; i++)
		list_json(&t[i], &j);
	json_end(&j, ']');
	buf_c(&c->out, '\n');
}

/* ---- capture ---- */

/* A field's name as Dhall takes it, whatever it is. */
static void dhall_label(str word, struct buf *out)
{
	bool simple = word.n > 0;

	for (size_t i = 0; i < word.n && simple; i++)
		simple = (word.p[i] >= 'a' && word.p[i] <= 'z') || word.p[i] == '_';
	buf_fmt(out, simple ? "%.*s" : "`%.*s`", STR_ARG(word));
}

static void dhall_text(str text, struct buf *out)
{
	buf_c(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\' || text.p[i] == '$')
			buf_c(out, '\\');
		buf_c(out, text.p[i]);
	}
	buf_c(out, '"');
}

/* { cxx = { version = "…", artifact = S.Toolchain.Artifact.Tree "HASH/SIZE" }, … } */
static void pins(const struct build_toolchain *t, size_t n, struct buf *out)
{
	char digest[DIGEST_TEXT_MAX];

	buf_lit(out, "-- Written by `straylight toolchain capture`: the bytes of this machine's toolchains, by digest.\n"
		     "let S = env:STRAYLIGHT_PRELUDE\n"
		     "\n");
	for (size_t i = 0; i < n; i++) {
		buf_str(out, i ? S("    , ") : S("in  { "));
		dhall_label(t[i].word, out);
		buf_lit(out, " =\n      { version = ");
		dhall_text(t[i].version, out);
		buf_fmt(out, "\n      , artifact =\n          S.Toolchain.Artifact.Tree\n            \"%s\"\n      }\n",
				digest_text(&t[i].digest, digest));
	}
	buf_str(out, n ? S("    }\n") : S("in  {=}\n"));
}

static void capture(struct watch *w, const struct build_toolchain *t, size_t n)
{
	struct call *c = w->call;
	const struct args *args = c->options;
	struct buf text = {0};
	int err;

	pins(t, n, &text);
	if (!args->out.p) {
		buf_str(&c->out, buf_view(&text));
	} else {
		err = os_replace(str_dup(&c->arena, args->out).p, buf_view(&text), 0666, false);
		if (err)
			os_error(&c->diags, DIAG_IO, err, "writing", args->out);
		else
			buf_fmt(&c->out, "%.*s\n", STR_ARG(args->out));
	}
	buf_free(&text);
}

/* ---- verify ---- */

struct damage {
	size_t files, damaged;
};

static void verify_tree(struct store *store, const struct tree *tree, struct damage *d)
{
	const struct tree_entry *e = tree_entries(tree);

	for (size_t i = 0; i < tree_count(tree); i++) {
		if (e[i].kind == TREE_DIR)
			verify_tree(store, e[i].dir, d);
		if (e[i].kind != TREE_FILE)
			continue;
		d->files++;
		d->damaged += store_verify(store, &e[i].digest) != 0;
	}
}

/* The copies that sandboxes see share files with the damaged store: what is below the root is bound. */
static void drop_copies(struct store *store, const struct tree *tree, struct arena *a)
{
	const struct tree_entry *e = tree_entries(tree);
	str path;

	for (size_t i = 0; i < tree_count(tree); i++)
		if (e[i].kind == TREE_DIR && store_materialize(store, e[i].dir, a, &path) == 0)
			(void)os_remove_tree(path.p);
}

static bool verify_one(struct call *c, struct store *store, const struct build_toolchain *t)
{
	struct damage d = {0};
	struct tree *tree = NULL;
	struct diag *diag;
	bool whole;

	if (store_get_tree(store, &t->digest, &tree) == 0)
		verify_tree(store, tree, &d);
	whole = tree && !d.damaged;
	if (tree && !whole)
		drop_copies(store, tree, &c->arena);
	if (whole) {
		buf_fmt(&c->out, "%.*s: %zu files, all whole\n", STR_ARG(t->word), d.files);
	} else {
		diag = diag_error(&c->diags, DIAG_TOOLCHAIN_BYTES, NO_SPAN,
				"toolchain '%.*s': %zu of %zu files in the cache are damaged or missing",
				STR_ARG(t->word), tree ? d.damaged : t->files, t->files);
		diag_hint(&c->diags, diag, "what was damaged is removed; a toolchain of this machine is captured again "
					   "when it is next needed");
	}
	tree_unref(tree);
	return whole;
}

static void verify(struct watch *w, const struct build_toolchain *t, size_t n)
{
	struct call *c = w->call;
	const char *cache = os_cache_dir(&c->arena);
	struct store *store = cache ? store_open(str_c(cache), DIGEST_SHA256, &c->diags) : NULL;
	bool whole = true;

	for (size_t i = 0; i < n && store && !w->stopped; i++)
		whole = verify_one(c, store, &t[i]) && whole;
	if (!whole) /* the records say that the store has it all */
		(void)os_remove_tree(os_join(&c->arena, build_root(w->build), S(".straylight/toolchains")));
	if (store)
		store_close(store);
}

/* ---- the rows ---- */

static int with_toolchains(struct call *c, void (*act)(struct watch *, const struct build_toolchain *, size_t n))
{
	struct watch w;
	const struct build_toolchain *t;
	size_t n;

	if (watch_open(&w, c, &(struct watch_args){0}, &(struct build_options){0}) &&
			build_toolchains(w.build, &t, &n, &c->diags) && !w.stopped)
		act(&w, t, n);
	return watch_close(&w, 0);
}

static int run_list(struct call *c)
{
	return with_toolchains(c, list);
}

static int run_capture(struct call *c)
{
	return with_toolchains(c, capture);
}

static int run_verify(struct call *c)
{
	return with_toolchains(c, verify);
}

static const struct option capture_options[] = {
	TEXT(struct args, out, 'o', "out", "FILE", "write there instead of to standard output"),
};

const struct command cmd_toolchain_list = {
	.name = "toolchain list",
	.usage = "",
	.summary = "list the workspace's toolchains",
	.about = "Prints for each toolchain the word that rules know it by, its name and version, and the digest of its "
		 "bytes; with --verbose its tools. Those of this machine are captured if they are not.",
	.section = SECTION_BUILD,
	.run = run_list,
};

const struct command cmd_toolchain_capture = {
	.name = "toolchain capture",
	.usage = "",
	.summary = "capture this machine's toolchains and print their digests",
	.about = "Puts the compilers and programs that straylight.dhall asks for, with what they need, into the cache, and "
		 "prints a Dhall file that names the bytes. A toolchain is pinned with it:\n"
		 "  let pinned = ./toolchains.dhall\n"
		 "  in … cxx = S.Toolchain.hostCxx { packages = … } // { compiler = S.Toolchain.Compiler.GCC pinned.cxx }",
	.section = SECTION_BUILD,
	.options = capture_options,
	.noptions = SL_COUNT(capture_options),
	.size = sizeof(struct args),
	.run = run_capture,
};

const struct command cmd_toolchain_verify = {
	.name = "toolchain verify",
	.usage = "",
	.summary = "check that the cache has every byte of the toolchains",
	.about = "Reads every file of the toolchains in the cache and compares it with its digest. Ends with 1 when one is "
		 "damaged or missing.",
	.section = SECTION_BUILD,
	.run = run_verify,
};
