#include "drv_int.h"

#include <stdlib.h>

ptrdiff_t drv_find_output(const struct drv *d, str name)
{
	size_t lo = 0, hi = d->noutputs;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = str_cmp(d->outputs[mid].name, name);

		if (order == 0)
			return (ptrdiff_t)mid;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}

/* ---- kinds ---- */

static const char *const kind_words[] = { /* ORDER drv_kind */
	"addressed by its inputs", "fixed", "addressed by its content", "impure",
};

static bool complain(struct diags *diags, str path, const char *fmt, ...) SL_PRINTF(3, 4);

static bool complain(struct diags *diags, str path, const char *fmt, ...)
{
	struct diag *d;
	va_list args;

	va_start(args, fmt);
	d = diag_verror(diags, DIAG_DRV_OUTPUTS, NO_SPAN, fmt, args);
	va_end(args);
	diag_subject(diags, d, path);
	return false;
}

static enum drv_kind output_kind(const struct drv_output *o)
{
	if (o->algo.n == 0)
		return DRV_INPUT;
	if (o->hash.n == 0)
		return DRV_FLOATING;
	return str_eq(o->hash, S("impure")) ? DRV_IMPURE : DRV_FIXED;
}

static enum nix_algo algo_of(const struct drv_output *o, bool *recursive)
{
	*recursive = str_starts(o->algo, S("r:"));
	return nix_algo_of(*recursive ? str_from(o->algo, 2) : o->algo);
}

/* The fields of one output are ones that Nix writes. */
static bool output_ok(const struct drv_output *o, str path, struct diags *diags)
{
	struct nix_hash hash;
	bool recursive;

	if (o->algo.n == 0)
		return o->hash.n == 0 || complain(diags, path, "the output '%.*s' has a hash and no algorithm",
				STR_ARG(o->name));
	if (algo_of(o, &recursive) == NIX_ALGO_NONE)
		return complain(diags, path, "the output '%.*s' has the unknown hash algorithm '%.*s'",
				STR_ARG(o->name), STR_ARG(o->algo));
	if (output_kind(o) != DRV_FIXED || drv_fixed_hash(o, &hash, &recursive, diags))
		return true;
	diag_subject(diags, diags->last, path);
	return false;
}

bool drv_kind_of(const struct drv *d, enum drv_kind *out, str path, struct diags *diags)
{
	if (d->noutputs == 0)
		return complain(diags, path, "the derivation has no outputs");
	*out = output_kind(&d->outputs[0]);
	for (size_t i = 0; i < d->noutputs; i++) {
		enum drv_kind kind = output_kind(&d->outputs[i]);

		if (!output_ok(&d->outputs[i], path, diags))
			return false;
		if (kind != *out)
			return complain(diags, path, "the output '%.*s' is %s, the output '%.*s' is %s",
					STR_ARG(d->outputs[0].name), kind_words[*out], STR_ARG(d->outputs[i].name),
					kind_words[kind]);
	}
	if (*out == DRV_FIXED && (d->noutputs > 1 || !str_eq(d->outputs[0].name, S("out"))))
		return complain(diags, path, "the derivation is fixed, and its outputs are not 'out' alone");
	return true;
}

bool drv_fixed_hash(const struct drv_output *o, struct nix_hash *out, bool *recursive, struct diags *diags)
{
	bool ok;

	*out = (struct nix_hash){.algo = algo_of(o, recursive)};
	ok = out->algo != NIX_ALGO_NONE && hex_parse(o->hash, out->b, nix_hash_size(out->algo));
	for (size_t i = 0; i < o->hash.n && ok; i++)
		ok = o->hash.p[i] < 'A' || o->hash.p[i] > 'F';
	if (!ok)
		diag_error(diags, DIAG_DRV_OUTPUTS, NO_SPAN,
				"the hash '%.*s' of the output '%.*s' is not '%.*s' in base 16 and small letters",
				STR_ARG(o->hash), STR_ARG(o->name), STR_ARG(o->algo));
	return ok;
}

/* ---- order ---- */

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static size_t sort_texts(str *texts, size_t n)
{
	size_t kept = 0;

	if (n)
		qsort(texts, n, sizeof *texts, by_text);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || !str_eq(texts[kept - 1], texts[i]))
			texts[kept++] = texts[i];
	return kept;
}

static int by_key(const void *a, const void *b)
{
	return str_cmp(((const struct drv_env *)a)->key, ((const struct drv_env *)b)->key);
}

static int by_output(const void *a, const void *b)
{
	return str_cmp(((const struct drv_output *)a)->name, ((const struct drv_output *)b)->name);
}

static int by_path(const void *a, const void *b)
{
	return str_cmp(((const struct drv_input *)a)->path, ((const struct drv_input *)b)->path);
}

static void merge_outputs(struct drv_input *into, const struct drv_input *more, struct arena *a)
{
	str *all = arena_array(a, str, into->noutputs + more->noutputs);

	for (size_t i = 0; i < into->noutputs; i++)
		all[i] = into->outputs[i];
	for (size_t i = 0; i < more->noutputs; i++)
		all[into->noutputs + i] = more->outputs[i];
	into->noutputs = sort_texts(all, into->noutputs + more->noutputs);
	into->outputs = all;
}

static void sort_inputs(struct drv *d, struct arena *a)
{
	static const struct drv_input none;
	size_t kept = 0;

	if (d->ninputs)
		qsort(d->inputs, d->ninputs, sizeof *d->inputs, by_path);
	for (size_t i = 0; i < d->ninputs; i++) {
		if (kept && str_eq(d->inputs[kept - 1].path, d->inputs[i].path)) {
			merge_outputs(&d->inputs[kept - 1], &d->inputs[i], a);
			continue;
		}
		d->inputs[kept] = d->inputs[i];
		merge_outputs(&d->inputs[kept++], &none, a);
	}
	d->ninputs = kept;
}

/* Of entries with one key the last stays: a map finds it, so the sort need not be stable. */
static void sort_env(struct drv *d)
{
	struct map last = {0};
	size_t kept = 0;

	for (size_t i = 0; i < d->nenv; i++)
		map_put(&last, d->env[i].key, &d->env[i]);
	for (size_t i = 0; i < d->nenv; i++)
		if (map_get(&last, d->env[i].key) == &d->env[i])
			d->env[kept++] = d->env[i];
	map_free(&last);
	d->nenv = kept;
	if (kept)
		qsort(d->env, kept, sizeof *d->env, by_key);
}

void drv_sort(struct drv *d, struct arena *a)
{
	if (d->noutputs)
		qsort(d->outputs, d->noutputs, sizeof *d->outputs, by_output);
	sort_inputs(d, a);
	d->nsources = sort_texts(d->sources, d->nsources);
	sort_env(d);
}

/* ---- the derivation's own path ---- */

str drv_path_of(const struct drv *d, str aterm, struct arena *a, str store_dir)
{
	str *refs = arena_array(a, str, d->ninputs + d->nsources);
	struct nix_hash hash = nix_hash_of(NIX_SHA256, aterm);
	size_t n = d->nsources;

	for (size_t i = 0; i < d->nsources; i++)
		refs[i] = d->sources[i];
	for (size_t i = 0; i < d->ninputs; i++)
		refs[n++] = d->inputs[i].path;
	n = sort_texts(refs, n);
	return storepath_text(a, store_dir, str_fmt(a, "%.*s.drv", STR_ARG(d->name)), &hash,
			(struct storepath_refs){refs, n, false});
}

str drv_path(const struct drv *d, struct arena *a, str store_dir)
{
	struct buf b = {0};
	str path;

	drv_print(d, &b);
	path = drv_path_of(d, buf_view(&b), a, store_dir);
	buf_free(&b);
	return path;
}
