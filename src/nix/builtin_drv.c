/* derivationStrict: attributes become a derivation, its path, and the paths of its outputs. */
#include "builtin.h"

#include <stdlib.h>

struct maker { /* the derivation and all that is only its own lives in x->scratch */
	struct nix *x;
	struct arena *mem;
	const struct expr *at;
	struct drv *d;
	const struct context *c; /* of all strings */
	struct buf *json;        /* with __structuredAttrs; else NULL */
	bool ignore_nulls, floating, impure;
	bool has_hash;
	str hash, algo, mode;
};

SL_NORETURN static void wrong(struct maker *m, const char *what, str value)
{
	fail(m->x, DIAG_NIX_DERIVATION, m->at, "the derivation '%.*s': %s '%.*s'", STR_ARG(m->d->name), what, STR_ARG(value));
}

static bool flag(struct nix *x, struct attrs *a, sym name)
{
	const struct attr *found = attrs_find(a, name);

	return found && want_bool(x, found->v, "derivationStrict");
}

/* ---- outputs ---- */

static void begin_outputs(struct maker *m, size_t n)
{
	if (n == 0)
		fail(m->x, DIAG_NIX_DERIVATION, m->at, "the derivation '%.*s' has no outputs", STR_ARG(m->d->name));
	m->d->outputs = arena_array(m->mem, struct drv_output, n);
	m->d->noutputs = 0;
}

static void put_output(struct maker *m, str name)
{
	for (size_t i = 0; i < m->d->noutputs; i++)
		if (str_eq(m->d->outputs[i].name, name))
			wrong(m, "there are two outputs", name);
	if (str_eq(name, S("drv")))
		wrong(m, "no output can be called", name);
	m->d->outputs[m->d->noutputs++].name = name;
}

static str next_word(str *rest)
{
	size_t lo = 0, hi;

	while (lo < rest->n && memchr(" \t\n\r", rest->p[lo], 4))
		lo++;
	for (hi = lo; hi < rest->n && !memchr(" \t\n\r", rest->p[hi], 4);)
		hi++;
	*rest = (str){rest->p + hi, rest->n - hi};
	return str_of(rest->p - (hi - lo), hi - lo);
}

static void outputs_of_words(struct maker *m, str words)
{
	str rest = words, w;
	size_t n = 0;

	while (next_word(&rest).n)
		n++;
	begin_outputs(m, n);
	for (rest = words; (w = next_word(&rest)).n;)
		put_output(m, w);
}

static void outputs_of_list(struct maker *m, struct val *v)
{
	size_t n;
	struct val **items = want_list(m->x, v, &n, "outputs");

	begin_outputs(m, n);
	for (size_t i = 0; i < n; i++)
		put_output(m, want_plain(m->x, items[i], "outputs"));
}

/* ---- attributes ---- */

static str string_of(struct maker *m, struct val *v)
{
	struct buf *b;
	str s;

	force(m->x, v);
	if (val_tag(v) == T_STRING) {
		m->c = context_union(m->x, m->c, val_context(v));
		return val_str(v);
	}
	b = buf_borrow(m->x);
	coerce(m->x, v, COERCE_MORE | COERCE_COPY, b, &m->c, m->at);
	s = str_dup(m->mem, buf_view(b));
	buf_return(m->x, b);
	return s;
}


static void put_args(struct maker *m, struct val *v)
{
	size_t n;
	struct val **items = want_list(m->x, v, &n, "the builder's arguments");

	m->d->args = arena_array(m->mem, str, n);
	m->d->nargs = n;
	for (size_t i = 0; i < n; i++)
		m->d->args[i] = string_of(m, items[i]);
}

static void put_env(struct maker *m, str key, str value)
{
	m->d->env[m->d->nenv++] = (struct drv_env){key, value};
}

static void known(struct maker *m, sym name, str value)
{
	struct words *w = &m->x->w;

	if (name == w->builder) {
		m->d->builder = value;
	} else if (name == w->system) {
		m->d->system = value;
	} else if (name == w->output_hash) {
		m->hash = value;
		m->has_hash = true;
	} else if (name == w->output_hash_algo) {
		m->algo = value;
	} else if (name == w->output_hash_mode) {
		if (!str_eq(value, S("flat")) && !str_eq(value, S("recursive")))
			wrong(m, "outputHashMode cannot be", value);
		m->mode = value;
	} else if (name == w->outputs) {
		outputs_of_words(m, value);
	}
}

static void put_structured(struct maker *m, const struct attr *a)
{
	struct words *w = &m->x->w;

	if (a->name == w->structured)
		return;
	if (m->json->n > 1)
		buf_c(m->json, ',');
	json_quote(m->json, sym_str(a->name));
	buf_c(m->json, ':');
	json_write(m->x, a->v, true, m->json, &m->c, m->at);
	if (a->name == w->outputs) {
		outputs_of_list(m, a->v);
	} else if (a->name == w->builder) {
		m->d->builder = want_str(m->x, a->v, "builder");
		m->c = context_union(m->x, m->c, val_context(a->v));
	} else if (a->name == w->system || a->name == w->output_hash || a->name == w->output_hash_algo || a->name == w->output_hash_mode) {
		known(m, a->name, want_plain(m->x, a->v, sym_str(a->name).p));
	}
}

static void put_attr(struct maker *m, const struct attr *a)
{
	struct words *w = &m->x->w;
	str value;

	if (a->name == w->ignore_nulls)
		return;
	if (m->ignore_nulls) {
		force(m->x, a->v);
		if (val_tag(a->v) == T_NULL)
			return;
	}
	if (a->name == w->content_addressed || a->name == w->impure) {
		bool yes = want_bool(m->x, a->v, sym_str(a->name).p);

		*(a->name == w->impure ? &m->impure : &m->floating) |= yes;
		return;
	}
	if (a->name == w->args) {
		put_args(m, a->v);
		return;
	}
	if (m->json) {
		put_structured(m, a);
		return;
	}
	value = string_of(m, a->v);
	put_env(m, sym_str(a->name), value);
	known(m, a->name, value);
}

/* ---- what it depends on ---- */

struct inputs {
	VEC(struct drv_input) drvs;
	VEC(str) sources;
	struct map seen;
};

static void put_input(struct nix *x, struct inputs *in, str drv, str output)
{
	str *outputs = arena_raw(&x->scratch, sizeof *outputs, 8);
	struct drv_input i = {drv, outputs, 1};

	*outputs = output;
	vec_push(&in->drvs, i);
}

/* "=DRV": the derivation as a file, so with all that its closure is made of. */
static void put_closure(struct nix *x, struct inputs *in, str path)
{
	VEC(str) todo = {0};

	vec_push(&todo, path);
	while (todo.n) {
		str p = vec_pop(&todo);
		const struct drv_kept *d = map_get(&x->drvs, p);
		bool fresh;

		map_slot(&in->seen, p, &fresh);
		if (!fresh)
			continue;
		vec_push(&in->sources, p);
		if (!d)
			continue;
		for (size_t i = 0; i < d->noutputs; i++)
			put_input(x, in, p, d->outputs[i]);
		for (size_t i = 0; i < d->ninputs; i++)
			vec_push(&todo, d->inputs[i]);
		for (size_t i = 0; i < d->nsources; i++)
			vec_push(&todo, d->sources[i]);
	}
	vec_free(&todo);
}

static void put_inputs(struct maker *m)
{
	struct nix *x = m->x;
	struct inputs in = {0};
	str output, drv;

	for (uint32_t i = 0; m->c && i < m->c->n; i++) {
		str e = sym_str(m->c->e[i]);

		if (e.p[0] == '=')
			put_closure(x, &in, str_from(e, 1));
		else if (e.p[0] == '!' && str_cut(str_from(e, 1), '!', &output, &drv))
			put_input(x, &in, drv, output);
		else
			vec_push(&in.sources, e);
	}
	m->d->inputs = arena_array(m->mem, struct drv_input, in.drvs.n);
	m->d->ninputs = in.drvs.n;
	m->d->sources = arena_array(m->mem, str, in.sources.n);
	m->d->nsources = in.sources.n;
	if (in.drvs.n)
		memcpy(m->d->inputs, in.drvs.p, in.drvs.n * sizeof *in.drvs.p);
	if (in.sources.n)
		memcpy(m->d->sources, in.sources.p, in.sources.n * sizeof *in.sources.p);
	vec_free(&in.drvs);
	vec_free(&in.sources);
	map_free(&in.seen);
}

/* ---- the kind ---- */

static struct drv_env *env_of(struct drv *d, str key)
{
	for (size_t i = 0; i < d->nenv; i++)
		if (str_eq(d->env[i].key, key))
			return &d->env[i];
	return NULL;
}

static void set_env(struct maker *m, str key, str value)
{
	struct drv_env *e = env_of(m->d, key);

	if (e)
		e->value = value;
	else
		put_env(m, key, value);
}

static void make_fixed(struct maker *m)
{
	bool recursive = str_eq(m->mode, S("recursive"));
	struct nix_hash h = {0};
	struct drv_output *o = &m->d->outputs[0];
	enum nix_algo algo = nix_algo_of(m->algo);

	if (m->d->noutputs != 1 || !str_eq(o->name, S("out")))
		fail(m->x, DIAG_NIX_DERIVATION, m->at, "the derivation '%.*s' has a hash, so it can only have the output 'out'", STR_ARG(m->d->name));
	if (m->algo.n && algo == NIX_ALGO_NONE)
		wrong(m, "there is no hash function", m->algo);
	if (m->hash.n == 0) {
		if (!m->algo.n)
			fail(m->x, DIAG_NIX_DERIVATION, m->at, "the derivation '%.*s' has an empty hash of no function", STR_ARG(m->d->name));
		h.algo = algo; /* all zero, as Nix takes it */
	} else {
		h = read_hash(m->x, m->hash, algo);
	}
	o->algo = str_fmt(m->mem, "%s%s", recursive ? "r:" : "", nix_algo_name(h.algo));
	o->hash = nix_hash_str(m->mem, &h, NIX_BASE16, false);
	o->path = storepath_fixed(m->mem, m->x->env.store_dir, m->d->name, recursive, &h, (struct storepath_refs){0});
	m->d->kind = DRV_FIXED;
	set_env(m, S("out"), o->path);
}

static void make_floating(struct maker *m)
{
	bool flat = str_eq(m->mode, S("flat"));
	enum nix_algo algo = m->algo.n ? nix_algo_of(m->algo) : NIX_SHA256;

	if (algo == NIX_ALGO_NONE)
		algo = NIX_SHA256;
	for (size_t i = 0; i < m->d->noutputs; i++) {
		m->d->outputs[i].algo = str_fmt(m->mem, "%s%s", flat ? "" : "r:", nix_algo_name(algo));
		if (m->impure)
			m->d->outputs[i].hash = S("impure");
		set_env(m, m->d->outputs[i].name, storepath_placeholder(m->mem, m->d->outputs[i].name));
	}
	m->d->kind = m->impure ? DRV_IMPURE : DRV_FLOATING;
}

static void make_kind(struct maker *m)
{
	if (m->has_hash) {
		make_fixed(m);
		return;
	}
	if (m->floating && m->impure)
		fail(m->x, DIAG_NIX_DERIVATION, m->at, "the derivation '%.*s' cannot be both content-addressed and impure", STR_ARG(m->d->name));
	if (m->floating || m->impure) {
		make_floating(m);
		return;
	}
	for (size_t i = 0; i < m->d->noutputs; i++)
		set_env(m, m->d->outputs[i].name, (str){"", 0});
}

/* ---- the result ---- */

SL_NORETURN static void fail_diags(struct maker *m, struct diags *diags)
{
	str why = str_dup(&m->x->mem, diags->first->text);

	diags_free(diags);
	fail(m->x, DIAG_NIX_DERIVATION, m->at, "the derivation '%.*s': %.*s", STR_ARG(m->d->name), STR_ARG(why));
}

static str *texts_kept(struct nix *x, const str *s, size_t n)
{
	str *out = raw(x, n * sizeof *out);

	for (size_t i = 0; i < n; i++)
		out[i] = str_dup(&x->mem, s[i]);
	return out;
}

/* What a closure wants to know later. */
static struct drv_kept *kept(struct maker *m)
{
	struct nix *x = m->x;
	struct drv_kept *k = arena_make(&x->mem, struct drv_kept);
	str *names = arena_array(m->mem, str, m->d->noutputs), *inputs = arena_array(m->mem, str, m->d->ninputs);

	for (size_t i = 0; i < m->d->noutputs; i++)
		names[i] = m->d->outputs[i].name;
	for (size_t i = 0; i < m->d->ninputs; i++)
		inputs[i] = sym_str(intern(m->d->inputs[i].path)); /* once for all who refer to it */
	k->outputs = texts_kept(x, names, k->noutputs = m->d->noutputs);
	k->ninputs = m->d->ninputs;
	k->inputs = raw(x, k->ninputs * sizeof *k->inputs);
	if (k->ninputs)
		memcpy(k->inputs, inputs, k->ninputs * sizeof *inputs);
	k->sources = texts_kept(x, m->d->sources, k->nsources = m->d->nsources);
	return k;
}

static str finish(struct maker *m)
{
	struct nix *x = m->x;
	struct diags diags = {0};
	struct buf *b;
	struct drv_hash h;
	str path;

	drv_sort(m->d, m->mem);
	if (m->d->kind == DRV_INPUT && !drv_fill(m->d, x->memo, m->mem, &diags))
		fail_diags(m, &diags);
	b = buf_borrow(x);
	drv_print(m->d, b);
	path = drv_path_of(m->d, buf_view(b), &x->mem, x->env.store_dir);
	if (!map_has(&x->drvs, path)) {
		if (x->env.write && !x->env.write(x->env.ud, path, buf_view(b), &diags))
			fail_door(x, &diags, path);
		map_put(&x->drvs, path, kept(m));
		if (!drv_hash_modulo(x->memo, path, m->d, &h, &diags))
			fail_diags(m, &diags);
	}
	buf_return(x, b);
	return path;
}

static struct val *path_cell(struct nix *x, str path, str element)
{
	struct val *v = cell(x);

	val_text(v, text_new(x, path), context_one(x, intern(element)));
	return v;
}

static void give(struct maker *m, str path, struct val *out)
{
	struct nix *x = m->x;
	struct attrs *a = attrs_new(&x->mem, m->d->noutputs + 1);

	attrs_put(a, x->w.drv_path, 0, path_cell(x, path, str_fmt(&x->mem, "=%.*s", STR_ARG(path))));
	for (size_t i = 0; i < m->d->noutputs; i++) {
		const struct drv_output *o = &m->d->outputs[i];
		str shown = o->path.n ? o->path : storepath_downstream(&x->mem, x->env.store_dir, path, o->name);

		attrs_put(a, intern(o->name), 0, path_cell(x, shown, str_fmt(&x->mem, "!%.*s!%.*s", STR_ARG(o->name), STR_ARG(path))));
	}
	attrs_end(a);
	val_attrs(out, a);
}

static void take_name(struct maker *m, struct attrs *a)
{
	struct nix *x = m->x;
	const struct attr *name = attrs_find(a, x->w.name);

	if (!name)
		fail(x, DIAG_NIX_DERIVATION, m->at, "a derivation needs the attribute 'name'");
	m->d->name = want_plain(x, name->v, "a derivation's name");
}

static void check_whole(struct maker *m)
{
	struct nix *x = m->x;

	if (!m->d->builder.p)
		wrong(m, "it needs the attribute", S("builder"));
	if (!m->d->system.p)
		wrong(m, "it needs the attribute", S("system"));
	check_name(x, m->d->name);
	if (str_ends(m->d->name, S(".drv")))
		fail(x, DIAG_NIX_DERIVATION, m->at, "the name of a derivation cannot end with '.drv', as '%.*s' does", STR_ARG(m->d->name));
	for (size_t i = 0; i < m->d->noutputs; i++)
		check_name(x, m->d->outputs[i].name);
}

static void make(struct maker *m, struct attrs *a)
{
	struct nix *x = m->x;
	const struct attr **sorted = attrs_by_name(&x->mem, a);
	struct drv_env *more;

	m->d->env = arena_array(m->mem, struct drv_env, a->n);
	begin_outputs(m, 1);
	put_output(m, S("out"));
	if (m->json)
		buf_c(m->json, '{');
	for (uint32_t i = 0; i < a->n; i++)
		put_attr(m, sorted[i]);
	more = arena_array(m->mem, struct drv_env, m->d->nenv + m->d->noutputs + 1); /* room for outputs and __json */
	if (m->d->nenv)
		memcpy(more, m->d->env, m->d->nenv * sizeof *more);
	m->d->env = more;
	if (m->json) {
		buf_c(m->json, '}');
		put_env(m, S("__json"), str_dup(m->mem, buf_view(m->json)));
	}
}

void builtin_derivation_strict(struct nix *x, struct val **args, struct val *out)
{
	struct attrs *a = attrs_flat(&x->mem, want_attrs(x, args[0], "derivationStrict"));
	struct arena_mark mark = arena_mark(&x->scratch);
	struct maker m = {.x = x, .mem = &x->scratch, .at = call_site(x), .d = arena_make(&x->scratch, struct drv)};
	str path;

	take_name(&m, a);
	m.ignore_nulls = flag(x, a, x->w.ignore_nulls);
	if (flag(x, a, x->w.structured))
		m.json = buf_borrow(x);
	make(&m, a);
	if (m.json)
		buf_return(x, m.json);
	check_whole(&m);
	put_inputs(&m);
	make_kind(&m);
	path = finish(&m);
	give(&m, path, out);
	arena_rewind(&x->scratch, mark);
}
