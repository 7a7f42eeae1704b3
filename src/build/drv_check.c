#include "drv_job.h"
#include "scan.h"

#include <straylight/data.h>
#include <straylight/nar.h>

#include <stdlib.h>

/* What comes of a builder: hashed, scanned, and held against what its derivation fixes and allows. */

/* ---- settling, on the pool ---- */

struct reading {
	struct nix_hasher *sha256, *other; /* other: NULL unless the fixed hash is of the NAR by another function */
	struct scan *scan;
	uint64_t size;
};

static bool read_part(void *ud, str bytes)
{
	struct reading *r = ud;

	nix_hasher_add(r->sha256, bytes.p, bytes.n);
	if (r->other)
		nix_hasher_add(r->other, bytes.p, bytes.n);
	scan_add(r->scan, bytes);
	r->size += bytes.n;
	return true;
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

/* All that an output could refer to, sorted. */
static str *candidates(struct drv_job *j, size_t *n)
{
	const struct drv *d = job_drv(j);
	str *all = arena_array(&j->arena, str, j->ninputs + d->noutputs);

	*n = 0;
	for (size_t i = 0; i < j->ninputs; i++)
		all[(*n)++] = j->inputs[i]->path;
	for (size_t i = 0; i < d->noutputs; i++)
		all[(*n)++] = d->outputs[i].path;
	qsort(all, *n, sizeof *all, by_text);
	return all;
}

static bool mismatch(struct drv_job *j, const struct nix_hash *fixed, const struct nix_hash *got)
{
	struct diag *d = job_error(j, DIAG_DRV_MISMATCH, "the output '%.*s' is not what the derivation fixes",
			STR_ARG(job_drv(j)->outputs[0].path));

	diag_note(&j->diags, d, NO_SPAN, "fixed: %.*s", STR_ARG(nix_hash_str(&j->arena, fixed, NIX_SRI, false)));
	diag_note(&j->diags, d, NO_SPAN, "got:   %.*s", STR_ARG(nix_hash_str(&j->arena, got, NIX_SRI, false)));
	diag_hint(&j->diags, d, "if what came is right, write its hash into the expression");
	return false;
}

static bool hash_flat(struct drv_job *j, enum nix_algo algo, struct nix_hash *out)
{
	const struct valid *v = &j->outputs[0];
	struct blob *b;
	int err;

	if (v->entry.kind != TREE_FILE || v->entry.executable) {
		job_error(j, DIAG_DRV_MISMATCH, "the output '%.*s' must be a file that cannot be executed, for its flat hash is fixed",
				STR_ARG(v->path));
		return false;
	}
	err = store_get(j->build->store, &v->entry.digest, &b);
	if (err) {
		os_error(&j->diags, DIAG_IO, err, "reading", v->path);
		return false;
	}
	*out = nix_hash_of(algo, blob_str(b));
	blob_unref(b);
	return true;
}

static bool check_fixed(struct drv_job *j, const struct nix_hash *fixed, bool recursive, const struct nix_hash *nar)
{
	struct valid *v = &j->outputs[0];
	struct nix_hash got = *nar;

	if (!recursive && !hash_flat(j, fixed->algo, &got))
		return false;
	if (!nix_hash_eq(fixed, &got))
		return mismatch(j, fixed, &got);
	if (v->nrefs) {
		job_error(j, DIAG_DRV_REFERENCE, "the output '%.*s', whose hash is fixed, refers to '%.*s'", STR_ARG(v->path),
				STR_ARG(v->refs[0]));
		return false;
	}
	v->ca = str_fmt(&j->arena, "fixed:%s%.*s", recursive ? "r:" : "",
			STR_ARG(nix_hash_str(&j->arena, fixed, NIX_BASE32, true)));
	return true;
}

static bool settle(struct drv_job *j, size_t i, const str *may, size_t nmay)
{
	const struct drv *d = job_drv(j);
	struct valid *v = &j->outputs[i];
	struct nix_hash fixed = {0}, nar;
	bool is_fixed = d->kind == DRV_FIXED, recursive = false, ok;
	struct reading r = {.sha256 = nix_hasher_new(NIX_SHA256), .scan = scan_new(S(NIX_STORE_DIR), may, nmay)};

	ok = !is_fixed || drv_fixed_hash(&d->outputs[i], &fixed, &recursive, &j->diags);
	if (ok && is_fixed && recursive && fixed.algo != NIX_SHA256)
		r.other = nix_hasher_new(fixed.algo);
	ok = ok && nar_dump_entry(j->build->store, &v->entry, read_part, &r, &j->diags);
	nix_hasher_end(r.sha256, &v->nar_hash);
	nar = v->nar_hash;
	if (r.other)
		nix_hasher_end(r.other, &nar);
	v->nar_size = r.size;
	v->refs = scan_found(r.scan, &j->arena, &v->nrefs);
	scan_free(r.scan);
	return ok && (!is_fixed || check_fixed(j, &fixed, recursive, &nar));
}

bool job_settle(struct drv_job *j)
{
	size_t n;
	const str *may = candidates(j, &n);

	for (size_t i = 0; i < job_drv(j)->noutputs; i++)
		if (!settle(j, i, may, n))
			return false;
	return true;
}

/* ---- what is allowed ---- */

static const struct rule {
	const char *name;
	bool allowed;   /* only these, or all but these */
	bool recursive; /* of the whole closure */
} rules[] = {
	{"allowedReferences", true, false},
	{"allowedRequisites", true, true},
	{"disallowedReferences", false, false},
	{"disallowedRequisites", false, true},
};

struct checking {
	struct drv_job *job;
	const struct valid *output;
	bool count_self; /* in the closure */
};

static const struct valid *own_output(struct drv_job *j, str path)
{
	for (size_t i = 0; i < job_drv(j)->noutputs; i++)
		if (str_eq(j->outputs[i].path, path))
			return &j->outputs[i];
	return NULL;
}

typedef VEC(str) str_vec;

/* Everything that the output needs, itself only if it refers to itself. */
static void requisites(struct drv_job *j, const struct valid *output, str_vec *out)
{
	struct map seen = {0};
	VEC(const struct valid *) own = {0};
	str_vec others = {0};
	const struct valid *const *closure;
	size_t n;
	bool fresh;

	vec_push(&own, output);
	for (size_t i = 0; i < own.n; i++)
		for (size_t r = 0; r < own.p[i]->nrefs; r++) {
			const struct valid *next = own_output(j, own.p[i]->refs[r]);

			map_slot(&seen, own.p[i]->refs[r], &fresh);
			if (fresh && next)
				vec_push(&own, next);
			else if (fresh)
				vec_push(&others, own.p[i]->refs[r]);
		}
	closure = valids_closure(j->build->valids, others.p, others.n, &j->arena, &n);
	for (size_t i = 0; i < n; i++)
		map_slot(&seen, closure[i]->path, NULL);
	for (size_t i = 0; i < seen.n; i++)
		vec_push(out, seen.entries[i].key);
	map_free(&seen);
	vec_free(&own);
	vec_free(&others);
}

/* A word is a store path, or the name of an output; false after a diagnostic. */
static bool specified(struct drv_job *j, const struct rule *rule, str *words, size_t n)
{
	const struct drv *d = job_drv(j);

	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		if (storepath_parse(S(NIX_STORE_DIR), words[i], NULL, NULL))
			continue;
		while (k < d->noutputs && !str_eq(d->outputs[k].name, words[i]))
			k++;
		if (k == d->noutputs) {
			drv_attribute_error(d, &j->diags, "'%.*s' in '%s' is neither a store path nor an output", STR_ARG(words[i]), rule->name);
			return false;
		}
		words[i] = d->outputs[k].path;
	}
	return true;
}

static bool is_among(str word, const str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(words[i], word))
			return true;
	return false;
}

static bool hold(struct checking *c, const struct rule *rule, str *words, size_t n)
{
	struct drv_job *j = c->job;
	str_vec used = {0};
	struct diag *d = NULL;

	if (!specified(j, rule, words, n))
		return false;
	if (rule->recursive)
		requisites(j, c->output, &used);
	for (size_t i = 0; !rule->recursive && i < c->output->nrefs; i++)
		vec_push(&used, c->output->refs[i]);
	for (size_t i = 0; i < used.n; i++) {
		if (is_among(used.p[i], words, n) == rule->allowed ||
				(rule->recursive && !c->count_self && str_eq(used.p[i], c->output->path)))
			continue;
		if (!d)
			d = job_error(j, DIAG_DRV_REFERENCE, "the output '%.*s' %s to what '%s' %s", STR_ARG(c->output->path),
					rule->recursive ? "leads" : "refers", rule->name, rule->allowed ? "does not name" : "names");
		diag_note(&j->diags, d, NO_SPAN, "%.*s", STR_ARG(used.p[i]));
	}
	vec_free(&used);
	return !d;
}

/* No output leads back to itself through another: they could never be valid one after the other. */
static bool check_cycles(struct drv_job *j)
{
	bool ok = true;

	for (size_t i = 0; i < job_drv(j)->noutputs && ok; i++) {
		const struct valid *v = &j->outputs[i];
		str_vec used = {0};

		for (size_t r = 0; r < v->nrefs && ok; r++) {
			const struct valid *next = str_eq(v->refs[r], v->path) ? NULL : own_output(j, v->refs[r]);

			used.n = 0;
			if (next)
				requisites(j, next, &used);
			ok = !is_among(v->path, used.p, used.n);
			if (!ok)
				job_error(j, DIAG_DRV_REFERENCE, "the outputs '%.*s' and '%.*s' refer to each other", STR_ARG(v->path),
						STR_ARG(next->path));
		}
		vec_free(&used);
	}
	return ok;
}

/* ---- structured ---- */

static bool hold_size(struct checking *c, const struct data *checks, const char *name, uint64_t size)
{
	const struct data *limit = drv_attr(checks, str_c(name));
	struct drv_job *j = c->job;

	if (!limit || limit->kind != DATA_NUMBER || size <= strtoull(str_dup(&j->arena, limit->text).p, NULL, 10))
		return true;
	job_error(j, DIAG_DRV_REFERENCE, "the output '%.*s' has %llu bytes, and '%s' is %.*s", STR_ARG(c->output->path),
			(unsigned long long)size, name, STR_ARG(limit->text));
	return false;
}

static uint64_t closure_size(struct checking *c)
{
	str_vec used = {0};
	uint64_t size = c->output->nar_size;

	requisites(c->job, c->output, &used);
	for (size_t i = 0; i < used.n; i++) {
		const struct valid *own = own_output(c->job, used.p[i]);
		const struct valid *v = own ? own : valids_get(c->job->build->valids, used.p[i]);

		if (v && v != c->output)
			size += v->nar_size;
	}
	vec_free(&used);
	return size;
}

static bool hold_list(struct checking *c, const struct rule *rule, const struct data *list)
{
	str *words;

	if (!list || list->kind != DATA_LIST)
		return true;
	words = arena_array(&c->job->arena, str, list->n);
	for (size_t i = 0; i < list->n; i++)
		words[i] = list->items[i]->kind == DATA_TEXT ? list->items[i]->text : S("");
	return hold(c, rule, words, list->n);
}

static bool check_structured(struct drv_job *j)
{
	const struct data *top = drv_attrs_read(job_drv(j), &j->arena, &j->diags);
	const struct data *all = drv_attr(top, S("outputChecks"));
	bool ok = top != NULL;

	for (size_t i = 0; i < job_drv(j)->noutputs && ok; i++) {
		struct checking c = {j, &j->outputs[i], true};
		const struct data *checks = drv_attr(all, job_drv(j)->outputs[i].name);

		ok = !checks || (hold_size(&c, checks, "maxSize", c.output->nar_size) &&
				hold_size(&c, checks, "maxClosureSize", closure_size(&c)));
		for (size_t k = 0; k < SL_COUNT(rules) && ok; k++)
			ok = hold_list(&c, &rules[k], drv_attr(checks, str_c(rules[k].name)));
	}
	return ok;
}

bool job_check(struct drv_job *j)
{
	const struct drv *d = job_drv(j);
	str *words;
	size_t n;

	if (!check_cycles(j))
		return false;
	if (drv_variable(d, S("__json")).p)
		return check_structured(j);
	for (size_t i = 0; i < d->noutputs; i++)
		for (size_t k = 0; k < SL_COUNT(rules); k++) {
			struct checking c = {j, &j->outputs[i], false};

			if (drv_words(d, str_c(rules[k].name), &j->arena, &words, &n) && !hold(&c, &rules[k], words, n))
				return false;
		}
	return true;
}
