/* The public face: sessions, and the walls behind which evaluation may fail. */
#include "machine.h"

#include <straylight/storepath.h>

#define DEFAULT_BYTES ((size_t)8 << 30)

static void learn_words(struct words *w)
{
#define W(field, text) w->field = intern_c(text)
	W(out_path, "outPath"); W(drv_path, "drvPath"); W(to_string, "__toString"); W(functor, "__functor");
	W(type, "type"); W(name, "name"); W(value, "value"); W(success, "success"); W(key, "key");
	W(overrides, "__overrides"); W(body, "body"); W(path, "path"); W(prefix, "prefix"); W(file, "file");
	W(line, "line"); W(column, "column"); W(outputs, "outputs"); W(right, "right"); W(wrong, "wrong");
	W(version, "version"); W(args, "args"); W(builder, "builder"); W(system, "system");
	W(output_name, "outputName"); W(find_file, "__findFile"); W(nix_path, "__nixPath");
	W(start_set, "startSet"); W(operator_, "operator"); W(structured, "__structuredAttrs");
	W(ignore_nulls, "__ignoreNulls"); W(content_addressed, "__contentAddressed"); W(impure, "__impure");
	W(output_hash, "outputHash"); W(output_hash_algo, "outputHashAlgo"); W(output_hash_mode, "outputHashMode");
	W(all_outputs, "allOutputs"); W(filter, "filter"); W(recursive, "recursive"); W(sha256, "sha256");
	W(url, "url"); W(recurse, "recurseForDerivations");
#undef W
}

bool nix_wall(struct nix *x, void (*step)(struct nix *, void *), void *ud)
{
	struct guard g;

	if (x->finished)
		return false;
	x->floor = stack_floor();
	if (guard_begin(x, &g, false)) {
		step(x, ud);
		guard_end(x, &g);
		return true;
	}
	error_report(x);
	return false;
}

static void begin(struct nix *x, void *ud)
{
	(void)ud;
	builtins_init(x);
}

struct nix *nix_open(const struct nix_env *env, struct diags *diags)
{
	struct nix *x = mem_make(struct nix);

	x->env = *env;
	if (!x->env.store_dir.n)
		x->env.store_dir = S(NIX_STORE_DIR);
	x->diags = diags;
	x->steps = env->limits.steps ? env->limits.steps : UINT64_MAX;
	arena_large(&x->mem);
	error_limits(x, env->limits.bytes ? env->limits.bytes : DEFAULT_BYTES);
	x->room = (env->limits.bytes ? env->limits.bytes : DEFAULT_BYTES) / 4;
	learn_words(&x->w);
	val_bool(&x->v_true, true);
	val_bool(&x->v_false, false);
	val_null(&x->v_null);
	val_list(&x->v_empty_list, NULL, 0);
	x->v_empty_list.head |= UNSEEN;
	val_text(&x->v_empty_text, text_new(x, (str){0}), NULL);
	x->memo = drv_memo_new(x->env.store_dir, NULL, NULL);
	if (nix_wall(x, begin, NULL))
		return x;
	nix_close(x);
	return NULL;
}

void nix_close(struct nix *x)
{
	if (!x)
		return;
	drv_memo_free(x->memo);
	profile_free(x);
	regexes_free(x);
	map_free(&x->parsed);
	map_free(&x->added);
	map_free(&x->sources);
	map_free(&x->realised);
	map_free(&x->texts);
	map_free(&x->regexes);
	map_free(&x->drvs);
	for (size_t i = 0; i < x->borrowed.n; i++) {
		buf_free(x->borrowed.p[i]);
		mem_free(x->borrowed.p[i]);
	}
	vec_free(&x->borrowed);
	vec_free(&x->frames);
	vec_free(&x->stack);
	vec_free(&x->attr_path);
	vec_free(&x->binders);
	vec_free(&x->items);
	vec_free(&x->pairs);
	vec_free(&x->files.all);
	mem_free(x->bound);
	arena_clear(&x->scratch);
	arena_clear(&x->mem);
	mem_free(x);
}

/* ---- texts ---- */

struct asked {
	str text, name, dir;
	struct val *v, *with;
	bool only_check;
	const struct nix_argument *args;
	size_t n;
	struct buf *out;
	bool strict, yes;
};

static void eval_file(struct nix *x, void *ud)
{
	struct asked *a = ud;

	a->v = cell(x);
	import_file(x, path_canonical(x, a->text), a->v);
}

bool nix_eval_file(struct nix *x, str path, nix_val *out)
{
	struct asked a = {.text = path};
	bool ok = nix_wall(x, eval_file, &a);

	out->v = ok ? a.v : NULL;
	return ok;
}

static void eval_text_step(struct nix *x, void *ud)
{
	struct asked *a = ud;
	struct expr *e = nix_parse(x, str_dup(&x->mem, a->text), str_dup(&x->mem, a->name), str_dup(&x->mem,
			a->dir), false, NULL);

	if (a->only_check)
		return;
	a->v = cell(x);
	a->v->head = head_of(T_THUNK, e);
	a->v->u.env = x->globals;
	force(x, a->v);
}

bool nix_eval_text(struct nix *x, str text, str name, str directory, nix_val *out)
{
	struct asked a = {.text = text, .name = name, .dir = directory};
	bool ok = nix_wall(x, eval_text_step, &a);

	out->v = ok ? a.v : NULL;
	return ok;
}

bool nix_check_text(struct nix *x, str text, str name, str directory)
{
	struct asked a = {.text = text, .name = name, .dir = directory, .only_check = true};

	return nix_wall(x, eval_text_step, &a);
}

static void text_value(struct nix *x, void *ud)
{
	struct asked *a = ud;

	a->v = cell(x);
	set_str(x, a->v, a->text);
}

bool nix_text_value(struct nix *x, str bytes, nix_val *out)
{
	struct asked a = {.text = bytes};
	bool ok = nix_wall(x, text_value, &a);

	out->v = ok ? a.v : NULL;
	return ok;
}

/* ---- attribute paths ---- */

/* The next part of a.b."c d"; parts may be empty only in quotes. */
static bool next_part(struct nix *x, str *rest, str *part)
{
	size_t n;

	if (rest->n && rest->p[0] == '"') {
		n = str_find(str_from(*rest, 1), '"') + 1;
		if (n >= rest->n)
			fail(x, DIAG_USAGE, NULL, "a quote in the attribute path does not end");
		*part = str_of(rest->p + 1, n - 1);
		n++;
	} else {
		n = str_find(*rest, '.');
		*part = str_upto(*rest, n);
	}
	if (n < rest->n && rest->p[n] != '.')
		fail(x, DIAG_USAGE, NULL, "the attribute path goes on behind a quote");
	*rest = str_from(*rest, n + 1);
	return true;
}

static void step_into(struct nix *x, struct val *v, str part, struct val **out)
{
	const struct attr *found;
	size_t i = 0;

	if (val_tag(v) == T_LIST) {
		for (size_t k = 0; k < part.n; k++) {
			if (part.p[k] < '0' || part.p[k] > '9' || i > SIZE_MAX / 16)
				fail(x, DIAG_NIX_MISSING, NULL, "'%.*s' is no index of a list", STR_ARG(part));
			i = i * 10 + (size_t)(part.p[k] - '0');
		}
		if (i >= list_len(v) || !part.n)
			fail(x, DIAG_NIX_MISSING, NULL,
					"the list has %zu items, so none has the index '%.*s'", list_len(v), STR_ARG(part));
		*out = v->u.items[i];
		return;
	}
	if (val_tag(v) != T_ATTRS)
		fail(x, DIAG_NIX_TYPE, NULL, "'%.*s' of the attribute path is looked for in %s",
				STR_ARG(part), type_article(v));
	found = attrs_find(v->u.attrs, intern(part));
	if (!found)
		fail_missing(x, NULL, v->u.attrs, intern(part));
	*out = found->v;
}

static void attr_step(struct nix *x, void *ud)
{
	struct asked *a = ud;
	struct attrs *args = attrs_new(&x->mem, a->n);
	struct val *v = a->v;
	str rest = a->text, part;

	for (size_t i = 0; i < a->n; i++)
		attrs_put(args, intern(a->args[i].name), 0, a->args[i].value.v);
	attrs_end(args);
	for (;;) {
		struct val *called = cell(x);

		if (!rest.n && a->n == 0)
			break;
		auto_call(x, v, args, called);
		v = called;
		if (!rest.n)
			break;
		next_part(x, &rest, &part);
		step_into(x, v, part, &v);
	}
	force(x, v);
	a->v = v;
}

bool nix_attr(struct nix *x, nix_val v, str path, const struct nix_argument *arguments, size_t n, nix_val *out)
{
	struct asked a = {.v = v.v, .text = path, .args = arguments, .n = n};
	bool ok = nix_wall(x, attr_step, &a);

	out->v = ok ? a.v : NULL;
	return ok;
}

/* ---- looking ---- */

static void force_step(struct nix *x, void *ud)
{
	force(x, ((struct asked *)ud)->v);
}

enum nix_kind nix_kind(struct nix *x, nix_val v)
{
	static const enum nix_kind kinds[] = {NIX_INT, NIX_FLOAT, NIX_BOOL, NIX_NULL, NIX_STRING, NIX_PATH,
			NIX_LIST, NIX_ATTRS,
			NIX_FUNCTION, NIX_FUNCTION, NIX_FUNCTION};
	struct asked a = {.v = v.v};

	return v.v && nix_wall(x, force_step, &a) ? kinds[val_tag(v.v)] : NIX_NONE;
}

bool nix_string(struct nix *x, nix_val v, str *out)
{
	enum nix_kind k = nix_kind(x, v);

	if (k != NIX_STRING && k != NIX_PATH)
		return false;
	*out = val_str(v.v);
	return true;
}

bool nix_bool(struct nix *x, nix_val v, bool *out)
{
	if (nix_kind(x, v) != NIX_BOOL)
		return false;
	*out = v.v->u.i;
	return true;
}

bool nix_list(struct nix *x, nix_val v, size_t *n)
{
	if (nix_kind(x, v) != NIX_LIST)
		return false;
	*n = list_len(v.v);
	return true;
}

bool nix_item(struct nix *x, nix_val list, size_t i, nix_val *out)
{
	size_t n;

	if (!nix_list(x, list, &n) || i >= n)
		return false;
	out->v = list.v->u.items[i];
	return true;
}

size_t nix_attrs(struct nix *x, nix_val v)
{
	return nix_kind(x, v) == NIX_ATTRS ? attrs_flat(&x->mem, v.v->u.attrs)->n : 0;
}

bool nix_attr_at(struct nix *x, nix_val v, size_t i, str *name, nix_val *out)
{
	size_t n = nix_attrs(x, v);
	const struct attr **sorted;

	if (i >= n)
		return false;
	if (x->sorted_of != v.v->u.attrs) { /* one set is gone through at a time */
		x->sorted = attrs_by_name(&x->mem, v.v->u.attrs);
		x->sorted_of = v.v->u.attrs;
	}
	sorted = x->sorted;
	*name = sym_str(sorted[i]->name);
	out->v = sorted[i]->v;
	return true;
}

bool nix_get(struct nix *x, nix_val v, str name, nix_val *out)
{
	const struct attr *a = nix_kind(x, v) == NIX_ATTRS ? attrs_find(v.v->u.attrs, intern(name)) : NULL;

	if (a)
		out->v = a->v;
	return a != NULL;
}

/* ---- printing ---- */

static void print_step(struct nix *x, void *ud)
{
	struct asked *a = ud;

	print_value(x, a->v, a->out, a->strict);
}

bool nix_print(struct nix *x, nix_val v, bool strict, struct buf *out)
{
	struct asked a = {.v = v.v, .out = out, .strict = strict};

	return nix_wall(x, print_step, &a);
}

static void json_step(struct nix *x, void *ud)
{
	struct asked *a = ud;
	const struct context *c = NULL;

	json_write(x, a->v, true, a->out, &c, NULL);
}

bool nix_json(struct nix *x, nix_val v, struct buf *out)
{
	struct asked a = {.v = v.v, .out = out};

	return nix_wall(x, json_step, &a);
}

static void xml_step(struct nix *x, void *ud)
{
	struct asked *a = ud;
	const struct context *c = NULL;

	if (a->strict)
		force_deep(x, a->v);
	xml_write(x, a->v, a->strict, a->yes, a->out, &c);
}

bool nix_xml(struct nix *x, nix_val v, bool strict, bool places, struct buf *out)
{
	struct asked a = {.v = v.v, .out = out, .strict = strict, .yes = places};

	return nix_wall(x, xml_step, &a);
}
