#include "build_int.h"
#include "label.h"
#include "materialize.h"

#include <errno.h>

/* What a build at a server leaves there (--download=none, or inputs of what was asked for) can be had later by its
 * digests.  STATE_HELD has them, a record for each label: one struct held per output, each followed by its path and
 * by the target of a link.  Host byte order: the state never leaves the machine. */

struct held {
	struct digest digest; /* FILE, DIR */
	uint32_t kind, executable, path_n, target_n;
};

/* ---- recording ---- */

static void add(struct build *b, const struct artifact *a, struct buf *out)
{
	const struct content *c = a && a->label ? build_content(b, a) : NULL;
	struct held h;

	if (!c)
		return;
	memset(&h, 0, sizeof h);
	h.kind = c->kind;
	h.executable = c->executable;
	h.path_n = (uint32_t)a->path.n;
	if (c->kind == TREE_FILE)
		h.digest = c->digest;
	else if (c->kind == TREE_DIR)
		h.digest = *tree_digest(c->tree, store_fn(b->store));
	else
		h.target_n = (uint32_t)c->target.n;
	buf_add(out, &h, sizeof h);
	buf_str(out, a->path);
	if (c->kind == TREE_SYMLINK)
		buf_str(out, c->target);
}

static bool is_default(const struct configured *c, const struct artifact *a)
{
	for (uint32_t i = 0; i < c->ndefaults; i++)
		if (c->defaults[i] == a)
			return true;
	return false;
}

void build_hold(struct build *b, const sym *labels, size_t n)
{
	struct buf record = {0};

	for (size_t i = 0; i < n; i++) {
		const struct configured *c = build_configured(b, labels[i]);
		str was;

		if (!c)
			continue;
		record.n = 0;
		for (uint32_t k = 0; k < c->ndefaults; k++)
			add(b, c->defaults[k], &record);
		if (!is_default(c, c->executable))
			add(b, c->executable, &record);
		if (record.n && !(state_get(b->state, STATE_HELD, sym_str(labels[i]), &was) && str_eq(was, buf_view(&record))))
			state_put(b->state, STATE_HELD, sym_str(labels[i]), buf_view(&record));
	}
	buf_free(&record);
}

/* ---- getting ---- */

struct getting {
	struct build *build;
	struct arena arena;
	struct pattern pattern;
	bool met; /* the pattern has matched */
	VEC(str) paths;
	VEC(struct content) contents; /* of each path; a DIR's tree comes from `digests` */
	VEC(struct digest) digests;
	struct tree *tree; /* that came last */
	struct diags *diags;
	bool over;
};

static void take(struct getting *g, const struct held *h, str path, str target)
{
	struct content c = {.kind = (enum tree_kind)h->kind, .executable = h->executable, .digest = h->digest};

	c.target = str_dup(&g->arena, target);
	vec_push(&g->paths, str_dup(&g->build->arena, path));
	vec_push(&g->contents, c);
	vec_push(&g->digests, h->digest);
}

/* A record of another layout is as good as none. */
static void read_record(struct getting *g, str record)
{
	size_t at = 0;

	while (record.n - at >= sizeof(struct held)) {
		struct held h;
		str rest;

		memcpy(&h, record.p + at, sizeof h);
		rest = str_from(record, at + sizeof h);
		if (h.kind > TREE_SYMLINK || h.path_n > rest.n || h.target_n > rest.n - h.path_n)
			return;
		take(g, &h, str_upto(rest, h.path_n), str_upto(str_from(rest, h.path_n), h.target_n));
		at += sizeof h + h.path_n + h.target_n;
	}
}

static void meet(void *ud, str key, str value)
{
	struct getting *g = ud;

	if (!pattern_matches(&g->pattern, intern(key)))
		return;
	g->met = true;
	read_record(g, value);
}

static bool match(struct getting *g, str text)
{
	struct build *b = g->build;
	const char *why = "";
	struct diag *d;

	if (!pattern_parse(text, b->here, &g->pattern, &why)) {
		d = diag_error(g->diags, DIAG_LABEL_SYNTAX, NO_SPAN, "'%.*s' is not a label or pattern", STR_ARG(text));
		diag_hint(g->diags, d, "%s", why);
		return false;
	}
	g->met = false;
	state_each(b->state, STATE_HELD, (str){0}, meet, g);
	if (g->met)
		return true;
	d = diag_error(g->diags, DIAG_NOTHING_MATCHES, NO_SPAN, "no build of '%.*s' at a server is remembered here", STR_ARG(text));
	diag_hint(g->diags, d, "`straylight build %.*s` builds it", STR_ARG(text));
	return false;
}

static void lost(struct getting *g, const struct digest *digest)
{
	char text[DIGEST_TEXT_MAX];
	struct diag *d = diag_error(g->diags, DIAG_REMOTE_LOST, NO_SPAN, "neither this machine nor the server has '%s'",
			digest_text(digest, text));

	diag_hint(g->diags, d, "`straylight build` makes again what was lost");
}

static void tree_come(void *ud, const struct re_status *s, struct tree *t)
{
	struct getting *g = ud;

	if (t)
		g->tree = tree_ref(t);
	else
		away_tell(g->build->away, s, S("fetching the directories"), g->diags);
	g->over = true;
}

static void turn(struct getting *g)
{
	while (!g->over)
		uv_run(&g->build->loop, UV_RUN_ONCE);
	g->over = false;
}

/* Directories first: their messages say what else to fetch. */
static bool load_tree(struct getting *g, size_t i)
{
	struct content *c = &g->contents.p[i];

	if (store_get_tree(g->build->store, &g->digests.p[i], &c->tree) == 0)
		return true;
	if (!g->build->away) {
		lost(g, &g->digests.p[i]);
		return false;
	}
	g->tree = NULL;
	away_get_tree(g->build->away, &g->digests.p[i], tree_come, g);
	turn(g);
	c->tree = g->tree;
	return c->tree != NULL;
}

static void fetch_over(void *ud)
{
	((struct getting *)ud)->over = true;
}

static bool fetch(struct getting *g)
{
	struct away_fetch f = {.contents = g->contents.p, .n = g->contents.n, .done = fetch_over, .ud = g};

	if (!g->build->away)
		return true;
	away_fetch(g->build->away, &f);
	turn(g);
	if (f.nlost)
		lost(g, &f.lost[0]);
	diags_move(g->diags, &f.diags);
	away_troubles(g->build->away, g->diags);
	arena_clear(&f.arena);
	return !g->diags->errors;
}

static bool write_all(struct getting *g)
{
	struct build *b = g->build;

	for (size_t i = 0; i < g->contents.n; i++) {
		int err = materialize(b->state, b->store, b->workspace.root, g->paths.p[i], &g->contents.p[i]);

		if (err == -ENOENT)
			lost(g, &g->digests.p[i]);
		else if (err)
			os_error(g->diags, DIAG_IO, err, "writing", g->paths.p[i]);
		if (err)
			return false;
	}
	return true;
}

static bool get(struct getting *g, const str *patterns, size_t n)
{
	static const str here = {":all", sizeof ":all" - 1};
	bool ok = true;
	int err;

	if (n == 0) {
		patterns = &here;
		n = 1;
	}
	for (size_t i = 0; i < n; i++)
		ok = match(g, patterns[i]) && ok;
	for (size_t i = 0; i < g->paths.n && ok; i++)
		ok = g->contents.p[i].kind != TREE_DIR || load_tree(g, i);
	if (!ok || !fetch(g) || !write_all(g))
		return false;
	err = state_commit(g->build->state);
	if (err)
		os_error(g->diags, DIAG_IO, err, "saving the state of", g->build->workspace.root);
	return err == 0;
}

int build_get(struct build *b, const str *patterns, size_t n, const str **paths, size_t *npaths, struct diags *diags)
{
	struct getting g = {.build = b, .diags = diags};

	*npaths = 0;
	if (build_ready(b, diags) && get(&g, patterns, n)) {
		str *out = arena_array(&b->arena, str, g.paths.n);

		for (size_t i = 0; i < g.paths.n; i++)
			out[i] = g.paths.p[i];
		*paths = out;
		*npaths = g.paths.n;
	}
	for (size_t i = 0; i < g.contents.n; i++)
		tree_unref(g.contents.p[i].tree);
	vec_free(&g.paths);
	vec_free(&g.contents);
	vec_free(&g.digests);
	arena_clear(&g.arena);
	return diags_exit(diags);
}
