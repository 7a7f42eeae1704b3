#include "watch.h"

#include <straylight/dhall.h>
#include <straylight/store.h>

#include <errno.h>

struct args {
	str out;
	bool check;
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
	json_member_str(j, "word", t->word);
	json_member_str(j, "name", t->name);
	json_member_str(j, "version", t->version);
	json_key(j, "digest");
	json_c(j, digest_text(&t->digest, digest));
	json_member_int(j, "files", (int64_t)t->files);
	json_member_int(j, "bytes", (int64_t)t->bytes);
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
static void dhall_texts(const char *lead, const str *texts, size_t n, struct buf *out)
{
	buf_fmt(out, "%s = [", lead);
	for (size_t i = 0; i < n; i++) {
		buf_str(out, i ? S(", ") : S(" "));
		dhall_spell_text(texts[i], out);
	}
	buf_str(out, n ? S(" ]\n") : S("] : List Text\n"));
}

/* S.Toolchain.Artifact.Pinned { digest = "HASH/SIZE", host = { … } }, or …Tree "HASH/SIZE". */
static void pin(const struct build_toolchain *t, struct buf *out)
{
	const struct build_host *h = t->host;
	char digest[DIGEST_TEXT_MAX];

	digest_text(&t->digest, digest);
	if (!h) {
		buf_fmt(out, "      , artifact = S.Toolchain.Artifact.Tree \"%s\"\n", digest);
		return;
	}
	buf_fmt(out,
			"      , artifact =\n          S.Toolchain.Artifact.Pinned\n            { digest =\n                \"%s\"\n"
			"            , host =\n",
			digest);
	dhall_texts("              { compilers", h->compilers, h->ncompilers, out);
	dhall_texts("              , languages", h->languages, h->nlanguages, out);
	dhall_texts("              , packages", h->packages, h->npackages, out);
	dhall_texts("              , programs", h->programs, h->nprograms, out);
	buf_lit(out, "              }\n            }\n");
}

/* { cxx = { version = "…", artifact = … }, … } */
static void pins(const struct build_toolchain *t, size_t n, struct buf *out)
{
	buf_lit(out, "-- Written by `straylight toolchain capture`: the bytes of this machine's toolchains, by digest, and what\n"
		     "-- they are captured from.  `straylight toolchain update` writes it anew.\n"
		     "let S = env:STRAYLIGHT_PRELUDE\n"
		     "\n");
	for (size_t i = 0; i < n; i++) {
		buf_str(out, i ? S("    , ") : S("in  { "));
		dhall_spell_field(t[i].word, out);
		buf_lit(out, " =\n      { version = ");
		dhall_spell_text(t[i].version, out);
		buf_c(out, '\n');
		pin(&t[i], out);
		buf_lit(out, "      }\n");
	}
	buf_str(out, n ? S("    }\n") : S("in  {=}\n"));
}

static void write_pins(struct call *c, str file, const struct build_toolchain *t, size_t n)
{
	struct buf text = {0};
	int err;

	pins(t, n, &text);
	err = os_replace(str_dup(&c->arena, file).p, buf_view(&text), 0666, false);
	if (err)
		os_error(&c->diags, DIAG_IO, err, "writing", file);
	buf_free(&text);
}

static void capture(struct watch *w, const struct build_toolchain *t, size_t n)
{
	struct call *c = w->call;
	const struct args *args = c->options;

	if (!args->out.p) {
		pins(t, n, &c->out);
		return;
	}
	write_pins(c, args->out, t, n);
	if (!c->diags.errors)
		buf_fmt(&c->out, "%.*s\n", STR_ARG(args->out));
}

/* ---- update ---- */

/* A line on what is pinned and what is here; true when they are the same. */
static bool compare_pin(struct call *c, const struct build_toolchain *t)
{
	char now[DIGEST_TEXT_MAX];
	bool same;

	digest_text(&t->digest, now);
	same = !t->pinned.n || str_eq(t->pinned, str_c(now));
	buf_fmt(&c->out, "%.*s: %.*s", STR_ARG(t->word), STR_ARG(t->name));
	if (t->version.n)
		buf_fmt(&c->out, ", %.*s", STR_ARG(t->version));
	if (!t->pinned.n)
		buf_lit(&c->out, ", not pinned\n");
	else if (same)
		buf_lit(&c->out, ", as it is pinned\n");
	else
		buf_fmt(&c->out, "\n    pinned  %.*s\n    here    %s\n", STR_ARG(t->pinned), now);
	return same;
}

static void update(struct watch *w, const struct build_toolchain *t, size_t n)
{
	struct call *c = w->call;
	const struct args *args = c->options;
	bool same = true;
	struct diag *d;

	for (size_t i = 0; i < n; i++)
		same = compare_pin(c, &t[i]) && same;
	if (same)
		return;
	if (!args->check) {
		write_pins(c, c->arguments.args[0], t, n);
		return;
	}
	d = diag_error(&c->diags, DIAG_TOOLCHAIN_DRIFT, NO_SPAN, "this machine has other toolchains than those that are pinned");
	diag_hint(&c->diags, d, "`straylight toolchain update %.*s` pins what is installed here",
			STR_ARG(c->arguments.args[0]));
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

static int with_toolchains(struct call *c, enum build_bytes which,
		void (*act)(struct watch *, const struct build_toolchain *, size_t n))
{
	struct watch w;
	const struct build_toolchain *t;
	size_t n;

	if (watch_open(&w, c, &(struct watch_args){0}, &(struct build_options){0}) &&
			build_toolchains(w.build, which, &t, &n, &c->diags) && !w.stopped)
		act(&w, t, n);
	return watch_close(&w, 0);
}

static int run_list(struct call *c)
{
	return with_toolchains(c, BYTES_OF_WORKSPACE, list);
}

static int run_capture(struct call *c)
{
	return with_toolchains(c, BYTES_OF_MACHINE, capture);
}

static int run_update(struct call *c)
{
	return with_toolchains(c, BYTES_OF_MACHINE, update);
}

static int run_verify(struct call *c)
{
	return with_toolchains(c, BYTES_OF_WORKSPACE, verify);
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
		 "  let pins = ./toolchains.dhall\n"
		 "  in … cxx = S.Toolchain.pin pins.cxx (S.Toolchain.hostCxx { packages = … })",
	.section = SECTION_BUILD,
	.options = capture_options,
	.noptions = SL_COUNT(capture_options),
	.size = sizeof(struct args),
	.run = run_capture,
};

static const struct option update_options[] = {
	FLAG(struct args, check, 0, "check", "write nothing; end with 1 when something else is installed than is pinned"),
};

const struct command cmd_toolchain_update = {
	.name = "toolchain update",
	.usage = "FILE",
	.summary = "pin the toolchains that this machine has now",
	.about = "Captures every toolchain of the workspace from this machine, also those that are pinned, and says how they "
		 "differ from the pins. If one does, FILE, which `straylight toolchain capture -o FILE` made, is written "
		 "anew. To change what is captured, edit the lists in FILE first.",
	.section = SECTION_BUILD,
	.min = 1,
	.max = 1,
	.options = update_options,
	.noptions = SL_COUNT(update_options),
	.size = sizeof(struct args),
	.run = run_update,
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
