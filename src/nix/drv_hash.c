#include "drv_int.h"

#include <stdlib.h>

/* What is known of the derivation at a path. */
struct known {
	enum { KNOWN_NOT, KNOWN_OPEN, KNOWN_HASH } state; /* OPEN: on the stack of the walk */
	struct drv_hash hash;
	str *outputs; /* names, sorted */
	size_t noutputs;
};

struct drv_memo {
	struct arena arena;
	struct map known;
	struct buf text; /* of the derivation that is being hashed */
	VEC(struct known *) found; /* the inputs of all frames of the walk, as far as they were looked at */
	str store_dir;
	drv_find *find;
	void *ud;
};

struct frame {
	str path;
	const struct drv *d;
	struct known *known; /* NULL: the derivation that was asked about has no path */
	size_t inputs;       /* where they begin in `found`; up to `next` they are known */
	size_t next;         /* input to look at */
};

typedef VEC(struct frame) frame_vec;

struct drv_memo *drv_memo_new(str store_dir, drv_find *find, void *ud)
{
	struct drv_memo *m = mem_make(struct drv_memo);

	m->store_dir = str_dup(&m->arena, store_dir);
	m->find = find;
	m->ud = ud;
	return m;
}

void drv_memo_free(struct drv_memo *m)
{
	if (!m)
		return;
	map_free(&m->known);
	buf_free(&m->text);
	vec_free(&m->found);
	arena_clear(&m->arena);
	mem_free(m);
}

str drv_memo_store_dir(const struct drv_memo *m)
{
	return m->store_dir;
}

bool drv_memo_has(const struct drv_memo *m, str path)
{
	const struct known *k = map_get(&m->known, path);

	return k && k->state == KNOWN_HASH;
}

static struct known *known_at(struct drv_memo *m, str path)
{
	struct known *k = map_get(&m->known, path);

	if (!k) {
		k = arena_make(&m->arena, struct known);
		map_put(&m->known, str_dup(&m->arena, path), k);
	}
	return k;
}

/* ---- one derivation whose inputs are known ---- */

/* An input by its hash, in base 16. */
struct replaced {
	struct drv_input in;
	char hex[65];
};

static int by_hex(const void *a, const void *b)
{
	return memcmp(((const struct replaced *)a)->hex, ((const struct replaced *)b)->hex, 64);
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

/* Different derivations may have one hash: their used outputs are merged. */
static size_t merge_equal(struct replaced *r, size_t n, struct drv_input *out, struct arena *a)
{
	size_t kept = 0;

	for (size_t i = 0, end; i < n; i = end) {
		size_t total = 0, unique = 0;
		str *all;

		for (end = i; end < n && by_hex(&r[i], &r[end]) == 0; end++)
			total += r[end].in.noutputs;
		out[kept] = r[i].in;
		out[kept++].path = str_of(r[i].hex, 64);
		if (end == i + 1)
			continue;
		all = arena_array(a, str, total);
		total = 0;
		for (size_t k = i; k < end; k++)
			for (size_t o = 0; o < r[k].in.noutputs; o++)
				all[total++] = r[k].in.outputs[o];
		if (total)
			qsort(all, total, sizeof *all, by_text);
		for (size_t o = 0; o < total; o++)
			if (unique == 0 || !str_eq(all[unique - 1], all[o]))
				all[unique++] = all[o];
		out[kept - 1].outputs = all;
		out[kept - 1].noutputs = unique;
	}
	return kept;
}

static void hash_regular(struct drv_memo *m, const struct drv *d, struct known *const *known, bool masked,
		struct drv_hash *out)
{
	struct arena_mark mark = arena_mark(&m->arena);
	struct replaced *r = arena_raw(&m->arena, mem_size(d->ninputs, sizeof *r), _Alignof(struct replaced));
	struct drv_input *inputs = arena_array(&m->arena, struct drv_input, d->ninputs);
	size_t n;

	*out = (struct drv_hash){.deferred = d->kind == DRV_FLOATING};
	for (size_t i = 0; i < d->ninputs; i++) {
		r[i].in = d->inputs[i];
		hex_of(known[i]->hash.b, sizeof known[i]->hash.b, r[i].hex);
		out->deferred |= known[i]->hash.deferred;
	}
	if (d->ninputs)
		qsort(r, d->ninputs, sizeof *r, by_hex);
	n = merge_equal(r, d->ninputs, inputs, &m->arena);
	m->text.n = 0;
	drv_write(d, inputs, n, masked, &m->text);
	sha256(buf_view(&m->text), out->b);
	arena_rewind(&m->arena, mark);
}

static bool hash_fixed(struct drv_memo *m, const struct drv *d, struct drv_hash *out, struct diags *diags)
{
	struct arena_mark mark = arena_mark(&m->arena);
	const struct drv_output *o = &d->outputs[0];
	struct buf text = {0};
	str path;

	*out = (struct drv_hash){0};
	if (!drv_output_path(d, 0, m, &m->arena, &path, diags))
		return false;
	buf_lit(&text, "fixed:out:");
	buf_str(&text, o->algo);
	buf_c(&text, ':');
	buf_str(&text, o->hash);
	buf_c(&text, ':');
	buf_str(&text, path);
	sha256(buf_view(&text), out->b);
	buf_free(&text);
	arena_rewind(&m->arena, mark);
	return true;
}

static bool hash_of(struct drv_memo *m, const struct frame *f, bool masked, struct drv_hash *out, struct diags *diags)
{
	if (f->d->kind == DRV_FIXED)
		return hash_fixed(m, f->d, out, diags);
	if (f->d->kind == DRV_IMPURE) {
		out->deferred = true;
		sha256(S("impure"), out->b);
		return true;
	}
	hash_regular(m, f->d, f->d->ninputs ? &m->found.p[f->inputs] : NULL, masked, out);
	return true;
}

/* ---- the walk over the closure ---- */

static bool fail(struct diags *diags, enum diag_code code, const char *fmt, ...) SL_PRINTF(3, 4);

static bool fail(struct diags *diags, enum diag_code code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	diag_verror(diags, code, NO_SPAN, fmt, args);
	va_end(args);
	return false;
}

static bool has_output(const struct known *k, str name)
{
	return k->noutputs && bsearch(&name, k->outputs, k->noutputs, sizeof name, by_text);
}

static bool outputs_exist(const struct frame *f, const struct drv_input *in, const struct known *k, struct diags *diags)
{
	for (size_t i = 0; i < in->noutputs; i++)
		if (!has_output(k, in->outputs[i]))
			return fail(diags, DIAG_DRV_MISSING, "'%.*s' has no output '%.*s', which '%.*s' uses",
					STR_ARG(in->path), STR_ARG(in->outputs[i]),
					STR_ARG(f->path.n ? f->path : f->d->name));
	return true;
}

static void open(struct drv_memo *m, frame_vec *stack, str path, const struct drv *d, struct known *k)
{
	if (k)
		k->state = KNOWN_OPEN;
	vec_push(stack, ((struct frame){path, d, k, m->found.n, 0}));
	vec_reserve(&m->found, m->found.n + d->ninputs);
	m->found.n += d->ninputs;
}

static bool push(struct drv_memo *m, frame_vec *stack, str path, struct known *k, struct diags *diags)
{
	const struct frame *user = &vec_last(stack);
	size_t errors = diags->errors;
	const struct drv *d = m->find ? m->find(m->ud, path, diags) : NULL;

	if (!d) {
		if (diags->errors == errors)
			fail(diags, DIAG_DRV_MISSING, "the input derivation '%.*s' of '%.*s' is not there",
					STR_ARG(path), STR_ARG(user->path.n ? user->path : user->d->name));
		return false;
	}
	open(m, stack, path, d, k);
	return true;
}

static bool learn(struct drv_memo *m, const struct frame *f, struct diags *diags)
{
	struct known *k = f->known;

	if (!hash_of(m, f, false, &k->hash, diags))
		return false;
	k->noutputs = f->d->noutputs;
	k->outputs = arena_array(&m->arena, str, k->noutputs);
	for (size_t i = 0; i < k->noutputs; i++)
		k->outputs[i] = str_dup(&m->arena, f->d->outputs[i].name);
	k->state = KNOWN_HASH;
	return true;
}

/* Looks at the inputs of the topmost frame; an unknown one becomes the new top.  *done: all are known. */
static bool advance(struct drv_memo *m, frame_vec *stack, bool *done, struct diags *diags)
{
	struct frame *f = &vec_last(stack);

	*done = false;
	/* What a fixed or an impure output is made of does not matter. */
	for (; f->d->kind != DRV_FIXED && f->d->kind != DRV_IMPURE && f->next < f->d->ninputs; f->next++) {
		const struct drv_input *in = &f->d->inputs[f->next];
		struct known *k = known_at(m, in->path);

		if (k->state == KNOWN_OPEN)
			return fail(diags, DIAG_DRV_CYCLE, "'%.*s' needs itself, through '%.*s'",
					STR_ARG(in->path), STR_ARG(f->path.n ? f->path : f->d->name));
		if (k->state == KNOWN_NOT)
			return push(m, stack, in->path, k, diags);
		if (!outputs_exist(f, in, k, diags))
			return false;
		m->found.p[f->inputs + f->next] = k;
	}
	*done = true;
	return true;
}

/* Makes every input of d known, and d itself when it has a path; else gives its masked hash. */
static bool walk(struct drv_memo *m, str path, const struct drv *d, struct drv_hash *masked, struct diags *diags)
{
	frame_vec stack = {0};
	bool ok = true, done;

	m->found.n = 0;
	open(m, &stack, path, d, path.n ? known_at(m, path) : NULL);
	while (ok && stack.n) {
		const struct frame *f;

		ok = advance(m, &stack, &done, diags);
		if (!ok || !done)
			continue;
		f = &vec_last(&stack);
		ok = f->known ? learn(m, f, diags) : hash_of(m, f, true, masked, diags);
		if (ok)
			m->found.n = vec_pop(&stack).inputs;
	}
	for (size_t i = 0; i < stack.n; i++)
		if (stack.p[i].known)
			stack.p[i].known->state = KNOWN_NOT;
	vec_free(&stack);
	return ok;
}

bool drv_hash_modulo(struct drv_memo *m, str path, const struct drv *d, struct drv_hash *out, struct diags *diags)
{
	const struct known *k = map_get(&m->known, path);

	if (!k || k->state != KNOWN_HASH) {
		if (!walk(m, path, d, NULL, diags))
			return false;
		k = map_get(&m->known, path);
	}
	*out = k->hash;
	return true;
}

bool drv_hash_masked(struct drv_memo *m, const struct drv *d, struct drv_hash *out, struct diags *diags)
{
	return walk(m, S(""), d, out, diags);
}
