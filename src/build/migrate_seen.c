/* What outputs refer to, as it was found when they were built: the derivation that phase 0 makes of the value is looked for among those
 * that were instantiated here, and its outputs among the valid paths. */
#include "migrate_int.h"

#include <straylight/closure.h>
#include <straylight/derivation.h>
#include <straylight/instantiate.h>
#include <straylight/valid.h>

#include <time.h>

struct seen {
	struct fixing *f;
	const struct subject *s;
	struct nixstore *folder;
	struct valids *valids;
	const struct drv *drv;
	struct closure *closure;
	text_list paths, names; /* what a reference may be, and what it is called; an empty name: it has none */
};

/* ---- the derivation ---- */

/* Was any derivation of that name instantiated?  Else nothing is evaluated. */
static bool has_name(struct seen *x)
{
	str *names, version = value_some(x->f, x->s->v, "version"), what = x->s->what;
	str end = version.n ? str_fmt(x->f->a, "-%.*s-%.*s.drv", STR_ARG(what), STR_ARG(version)) :
			str_fmt(x->f->a, "-%.*s.drv", STR_ARG(what));
	size_t n = 0;

	if (os_list(x->f->a, nixstore_dir(x->folder).p, &names, &n) != 0)
		return false;
	for (size_t i = 0; i < n; i++)
		if (str_ends(names[i], end))
			return true;
	return false;
}

static bool call(struct seen *x, dh_val v, dh_val type, str *out)
{
	struct fixing *f = x->f;
	struct derivation_nix about;
	struct diags unheard = {0};
	struct buf nix = {0}, b = {0};
	const struct derivation_given given = {0};
	bool ok = derivation_nix_of(f->s->dhall, f->typed, v, type, &given, &about, &nix, &unheard);

	if (ok)
		derivation_call(&about, buf_view(&nix), &b);
	*out = buf_take(&b, f->a);
	buf_free(&nix);
	diags_free(&unheard);
	return ok;
}

static bool instances(struct seen *x, str text, struct instances *out)
{
	struct instantiate q = {.text = text, .directory = x->f->folder};
	struct diags unheard = {0};
	bool ok = instantiate(x->f->store, x->folder, &q, x->f->a, out, &unheard);

	diags_free(&unheard);
	return ok;
}

static const struct drv *load(struct seen *x, str path)
{
	struct diags unheard = {0};
	const struct closure_node *node;

	closure_look(x->closure, nixstore_dir(x->folder));
	node = closure_add(x->closure, nixstore_file(x->folder, path, x->f->a).p, &unheard);
	diags_free(&unheard);
	return node ? node->drv : NULL;
}

static void know(struct seen *x, str path, str name)
{
	vec_push(&x->paths, path);
	vec_push(&x->names, name);
}

/* The output that the value stands for. */
static void know_instance(struct seen *x, const struct instance *i, str name)
{
	const struct drv *d = load(x, i->drv);

	for (size_t k = 0; d && k < d->noutputs; k++)
		if (str_eq(d->outputs[k].name, i->output))
			know(x, d->outputs[k].path, name);
}

/* In a record the others are known by their fields. */
static bool find(struct seen *x)
{
	struct fixing *f = x->f;
	dh_val type = dhall_type_of(f->s->dhall, f->typed);
	bool record = derivation_form(f->s->dhall, type) == DERIVATION_SET;
	struct instances all;
	str text, own = record && x->s->npath ? sym_str(x->s->path[0].name) : S("");

	if (!call(x, record ? dhall_eval(f->s->dhall, f->typed) : x->s->v, record ? type : x->s->type, &text) ||
			!instances(x, text, &all))
		return false;
	for (size_t i = 0; i < all.n; i++) {
		if (str_eq(all.all[i].attr, own))
			x->drv = load(x, all.all[i].drv);
		else
			know_instance(x, &all.all[i], all.all[i].attr);
	}
	return x->drv != NULL;
}

/* ---- names ---- */

static void know_outputs(struct seen *x)
{
	for (size_t i = 0; i < x->drv->noutputs; i++)
		know(x, x->drv->outputs[i].path, x->drv->outputs[i].name);
}

static bool is_known(const struct seen *x, str name)
{
	for (size_t i = 0; i < x->names.n; i++)
		if (str_eq(x->names.p[i], name))
			return true;
	return false;
}

/* Packages of nixpkgs that it takes. */
static void know_packages(struct seen *x)
{
	input_list inputs = {0};
	struct instances all;

	bytes_inputs(x->f, x->s, &inputs);
	for (size_t i = 0; i < inputs.n; i++) {
		str name = inputs.p[i].text;

		if (inputs.p[i].kind == FROM_DRV && !is_known(x, name) &&
				instances(x, str_fmt(x->f->a, "(import <nixpkgs> { }).%.*s", STR_ARG(name)), &all) && all.n == 1)
			know_instance(x, &all.all[0], name);
	}
	vec_free(&inputs);
}

static bool name_of(struct seen *x, str path, str *name, str *why)
{
	for (size_t i = 0; i < x->paths.n; i++)
		if (str_eq(x->paths.p[i], path)) {
			*name = x->names.p[i];
			return true;
		}
	*why = str_fmt(x->f->a, "in the build that is known here an output refers to '%.*s', which is none of them", STR_ARG(path));
	return false;
}

static void add_once(text_list *out, str name)
{
	for (size_t i = 0; i < out->n; i++)
		if (str_eq(out->p[i], name))
			return;
	vec_push(out, name);
}

static str day(struct arena *a, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm))
		return S("an unknown day");
	return str_fmt(a, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static bool gather(struct seen *x, text_list *out, str *when, str *why)
{
	struct arena *a = x->f->a;
	int64_t last = 0;

	know_outputs(x);
	for (size_t i = 0; i < x->drv->noutputs; i++)
		if (!valids_get(x->valids, x->drv->outputs[i].path))
			return false;
	know_packages(x);
	for (size_t i = 0; i < x->drv->noutputs; i++) {
		str path = x->drv->outputs[i].path, name;
		const struct valid *v = valids_get(x->valids, path);
		int64_t time = valids_time(x->valids, path);

		last = time > last ? time : last;
		for (size_t k = 0; k < v->nrefs; k++) {
			if (!name_of(x, v->refs[k], &name, why))
				return false;
			add_once(out, str_dup(a, name));
		}
	}
	*when = day(a, last);
	return true;
}

bool seen_references(struct fixing *f, const struct subject *s, text_list *out, str *when, str *why)
{
	struct seen x = {.f = f, .s = s};
	str dir = str_c(os_join(f->a, f->cache, S("nix/store")));
	bool ok;

	*when = *why = (str){0};
	x.folder = nixstore_new(dir, S(NIX_STORE_DIR));
	x.valids = valids_new(f->store, (str){0});
	x.closure = closure_new(S(NIX_STORE_DIR));
	ok = has_name(&x) && find(&x) && gather(&x, out, when, why);
	closure_free(x.closure);
	valids_free(x.valids);
	nixstore_free(x.folder);
	vec_free(&x.paths);
	vec_free(&x.names);
	return ok;
}
