#include "caches.h"
#include "named.h"

#include <straylight/closure.h>
#include <straylight/nixstore.h>

struct args {
	struct caches caches;
	struct named named;
	str store;
};

struct realising {
	struct call *call;
	struct nixstore *ns;
	struct store *store;
};

/* ---- into the folder ---- */

/* A folder is complete: a path that is there has all that it refers to. */
static bool known(void *ud, str path)
{
	return nixstore_has(((struct realising *)ud)->ns, path);
}

static bool put(void *ud, const struct substituted *s, struct diags *diags)
{
	struct realising *r = ud;

	if (!nixstore_export(r->ns, s->path, r->store, &s->entry, diags))
		return false;
	call_say(r->call, "substituted %.*s", STR_ARG(s->path));
	return true;
}

static bool realise(struct realising *r, struct substituter *s, str path)
{
	struct substitute_into into = {known, put, r};
	struct call *c = r->call;

	switch (substitute_closure(s, path, &into, &c->diags)) {
	case SUBSTITUTE_DONE:
		return true;
	case SUBSTITUTE_ABSENT:
		diag_hint(&c->diags, diag_error(&c->diags, DIAG_CACHE_MISSING, NO_SPAN, "no binary cache has '%.*s'", STR_ARG(path)),
				"name a cache that has it with --substituters=URL, or build it");
		return false;
	case SUBSTITUTE_FAILED:
		break;
	}
	return false;
}

static void give(struct realising *r, struct substituter *s, str path)
{
	struct call *c = r->call;

	if (!realise(r, s, path))
		return;
	buf_str(&c->out, nixstore_file(r->ns, path, &c->arena));
	buf_c(&c->out, '\n');
}

/* All outputs of a derivation; `file` may be its store path. */
static void give_outputs(struct realising *r, struct substituter *s, str file)
{
	struct call *c = r->call;
	struct closure *closure = closure_new(S(NIX_STORE_DIR));
	const struct closure_node *n;

	closure_look(closure, str_dup(&c->arena, nixstore_dir(r->ns)));
	closure_look(closure, nixstore_default(&c->arena));
	n = closure_add(closure, str_dup(&c->arena, file).p, &c->diags);
	for (size_t i = 0; n && i < n->drv->noutputs; i++) {
		if (n->drv->outputs[i].path.n)
			give(r, s, n->drv->outputs[i].path);
		else
			diag_error(&c->diags, DIAG_CACHE_MISSING, NO_SPAN, "the path of the output '%.*s' of '%.*s' is known when it is built",
					STR_ARG(n->drv->outputs[i].name), STR_ARG(n->path));
	}
	closure_free(closure);
}

/* Store paths, what lies below them, and derivations. */
static void work(struct realising *r, struct substituter *s)
{
	struct call *c = r->call;
	const struct args *a = c->options;
	const struct named_drv *all;
	size_t n;
	str path;

	if (!named_drvs(c, &a->named, &all, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		str given = all[i].path;

		if (str_ends(given, S(".drv")))
			give_outputs(r, s, given);
		else if (storepath_top(S(NIX_STORE_DIR), given, &path))
			give(r, s, path);
		else
			call_usage(c, "'%.*s' is no store path and no derivation", STR_ARG(given));
	}
}

static int run_realise(struct call *c)
{
	const struct args *a = c->options;
	const char *cache = os_cache_dir(&c->arena);
	struct realising r = {.call = c};
	struct substituter *s;

	if (!cache) {
		diag_hint(&c->diags, diag_error(&c->diags, DIAG_IO, NO_SPAN, "there is no place for the cache"), "set XDG_CACHE_HOME or HOME");
		return 0;
	}
	r.store = store_open(str_c(cache), DIGEST_SHA256, &c->diags);
	if (!r.store)
		return 0;
	r.ns = nixstore_new(a->store.p ? a->store : nixstore_default(&c->arena), S(NIX_STORE_DIR));
	s = caches_open(c, &a->caches, r.store);
	if (s)
		work(&r, s);
	substituter_free(s);
	nixstore_free(r.ns);
	store_close(r.store);
	return 0;
}

static const struct option realise_options[] = {
	CACHE_OPTIONS(struct args, caches),
	NAMED_OPTIONS(struct args, named),
	TEXT(struct args, store, 0, "store", "DIR", "put the paths into DIR (default: nix/store in the cache)"),
};

const struct command cmd_nix_realise = {
	.name = "nix realise",
	.usage = "--substituters=URL,… (PATH | NAME#ATTR)…",
	.summary = "take store paths, and all that they refer to, from binary caches",
	.about = "Puts each store path, and all that it refers to, into a folder that is laid out as " NIX_STORE_DIR " is, and prints where the "
		 "path lies there; of a derivation (FILE.drv, its store path, or NAME#ATTR: attribute ATTR of <NAME>) all outputs. Binary caches are folders as Nix makes them, at file, http or https URLs; what they say must be signed "
		 "by a trusted key, unless the path follows from its content. Archives are checked while they are unpacked, and are "
		 "fetched once: what the cache of straylight has is not asked for again.",
	.section = SECTION_LANGUAGE,
	.min = 1,
	.max = ARGS_ANY,
	.options = realise_options,
	.noptions = SL_COUNT(realise_options),
	.size = sizeof(struct args),
	.run = run_realise,
};
