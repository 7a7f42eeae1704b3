#include "named.h"

#include <straylight/base/pool.h>

#include <errno.h>

struct asking {
	struct call *call;
	const struct instantiate *ask;
	struct nixstore *ns;
	struct store *store;
	struct instances *out;
	bool ok;
};

static void work(void *ud)
{
	struct asking *w = ud;

	w->ok = instantiate(w->store, w->ns, w->ask, &w->call->arena, w->out, &w->call->diags);
}

/* The file that evaluation begins with. */
static str first_file(struct call *c, str file)
{
	struct stat st;

	if (!file.n || !os_normalize(&c->arena, file, &file))
		return S("");
	if (stat(file.p, &st) == 0 && S_ISDIR(st.st_mode))
		return str_c(os_join(&c->arena, file, S("default.nix")));
	return file;
}

bool named_is_there(struct call *c, str file)
{
	str first = first_file(c, file), dir = str_fmt(&c->arena, "%s/", call_dir(c));
	struct stat st;

	if (str_starts(file, S(NIX_STORE_DIR "/")) || stat(first.p, &st) == 0)
		return true;
	os_error(&c->diags, DIAG_USAGE, errno, "reading", str_starts(first, dir) ? str_from(first, dir.n) : first);
	return false;
}

bool named_instantiate(struct call *c, const struct instantiate *ask, struct nixstore *ns, struct instances *out)
{
	const char *cache = os_cache_dir(&c->arena);
	struct asking w = {.call = c, .ask = ask, .ns = ns, .out = out};

	if (ask->file.n && !named_is_there(c, ask->file))
		return false;
	if (!cache) {
		diag_hint(&c->diags, diag_error(&c->diags, DIAG_IO, NO_SPAN, "there is no place for derivations"), "set XDG_CACHE_HOME or HOME");
		return false;
	}
	w.store = store_open(str_c(cache), DIGEST_SHA256, &c->diags);
	if (!w.store)
		return false;
	pool_run_deep(work, &w);
	store_close(w.store);
	if (w.ok && c->common.verbose && out->recalled)
		call_say(c, "remembered: nothing that was read has changed");
	else if (w.ok && c->common.verbose)
		call_say(c, "evaluated, and read %zu files, folders and variables%s", out->nreads,
				out->fleeting ? "; not remembered, for it rests on more than that" : "");
	return w.ok;
}

typedef VEC(struct named_drv) drv_vec;

static bool add(struct call *c, const struct named *options, str given, drv_vec *all)
{
	const char *dir = call_dir(c);
	struct instantiate ask;
	struct instances found;
	struct nixstore *ns;
	bool ok;

	if (!dir)
		return false;
	if (str_ends(given, S(".drv")) || !instantiate_named(given, str_c(dir), &c->arena, &ask)) {
		vec_push(all, ((struct named_drv){.path = given}));
		return true;
	}
	ask.search = options->search.p;
	ask.nsearch = options->search.n;
	ask.import_derivations = options->import_derivations;
	source_root(str_c(dir));
	ns = nixstore_new(nixstore_default(&c->arena), S(NIX_STORE_DIR));
	ok = named_instantiate(c, &ask, ns, &found);
	nixstore_free(ns);
	for (size_t i = 0; ok && i < found.n; i++)
		vec_push(all, ((struct named_drv){found.all[i].drv, first_file(c, ask.file), str_fmt(&c->arena, "%.*s%s%.*s", STR_ARG(ask.attr),
				ask.attr.n && found.all[i].attr.n ? "." : "", STR_ARG(found.all[i].attr))}));
	if (ok && !found.n) {
		call_usage(c, "'%.*s' is no derivation", STR_ARG(given));
		ok = false;
	}
	return ok;
}

bool named_drvs(struct call *c, const struct named *options, const struct named_drv **out, size_t *n)
{
	drv_vec all = {0};
	bool ok = true;
	struct named_drv *copy;

	for (size_t i = 0; i < c->arguments.nargs && ok; i++)
		ok = add(c, options, c->arguments.args[i], &all);
	copy = arena_array(&c->arena, struct named_drv, all.n);
	if (all.n)
		memcpy(copy, all.p, all.n * sizeof *copy);
	*out = copy;
	*n = all.n;
	vec_free(&all);
	return ok;
}
