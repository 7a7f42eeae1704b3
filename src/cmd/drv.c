#include "cmd.h"

#include <straylight/closure.h>
#include <straylight/nixstore.h>

/* Derivations of `nix instantiate` are found by their paths. */
static struct closure *open_closure(struct call *c)
{
	struct closure *closure = closure_new(S(NIX_STORE_DIR));

	closure_look(closure, nixstore_default(&c->arena));
	return closure;
}

/* ---- drv show ---- */

static void show_list(struct buf *out, const char *what, const str *texts, size_t n)
{
	buf_fmt(out, "  %s%s\n", what, n ? "" : ": none");
	for (size_t i = 0; i < n; i++) {
		buf_lit(out, "    ");
		json_quote(out, texts[i]);
		buf_c(out, '\n');
	}
}

static void show_outputs(struct buf *out, const struct drv *d)
{
	buf_lit(out, "  outputs\n");
	for (size_t i = 0; i < d->noutputs; i++) {
		const struct drv_output *o = &d->outputs[i];

		buf_fmt(out, "    %.*s%s%.*s", STR_ARG(o->name), o->path.n ? " " : "", STR_ARG(o->path));
		if (o->algo.n)
			buf_fmt(out, " %.*s:%.*s", STR_ARG(o->algo), STR_ARG(o->hash.n ? o->hash : S("(unknown)")));
		buf_c(out, '\n');
	}
}

static void show_inputs(struct buf *out, const struct drv *d)
{
	buf_fmt(out, "  inputs%s\n", d->ninputs ? "" : ": none");
	for (size_t i = 0; i < d->ninputs; i++) {
		buf_fmt(out, "    %.*s", STR_ARG(d->inputs[i].path));
		for (size_t o = 0; o < d->inputs[i].noutputs; o++)
			buf_fmt(out, "%c%.*s", o ? ',' : '!', STR_ARG(d->inputs[i].outputs[o]));
		buf_c(out, '\n');
	}
}

static void show(struct buf *out, const struct closure_node *n)
{
	const struct drv *d = n->drv;

	buf_fmt(out, "%.*s\n  system: %.*s\n  builder: %.*s\n", STR_ARG(n->path), STR_ARG(d->system), STR_ARG(d->builder));
	show_list(out, "arguments", d->args, d->nargs);
	show_outputs(out, d);
	show_inputs(out, d);
	show_list(out, "sources", d->sources, d->nsources);
	buf_fmt(out, "  environment%s\n", d->nenv ? "" : ": none");
	for (size_t i = 0; i < d->nenv; i++) {
		buf_fmt(out, "    %.*s = ", STR_ARG(d->env[i].key));
		json_quote(out, d->env[i].value);
		buf_c(out, '\n');
	}
}

/* Reads argument i. */
static const struct closure_node *add(struct call *c, struct closure *closure, size_t i)
{
	return closure_add(closure, str_dup(&c->arena, c->arguments.args[i]).p, &c->diags);
}

static int run_show(struct call *c)
{
	struct closure *closure = open_closure(c);
	size_t shown = 0;

	for (size_t i = 0; i < c->arguments.nargs; i++) {
		const struct closure_node *n = add(c, closure, i);

		if (!n)
			continue;
		if (!c->common.json) {
			show(&c->out, n);
			continue;
		}
		buf_fmt(&c->out, "%s\n  ", shown++ ? "," : "{");
		json_quote(&c->out, n->path);
		buf_lit(&c->out, ": ");
		drv_json(n->drv, &c->out);
	}
	if (shown)
		buf_lit(&c->out, "\n}\n");
	closure_free(closure);
	return 0;
}

const struct command cmd_drv_show = {
	.name = "drv show",
	.usage = "FILE…",
	.summary = "print what derivations say",
	.about = "Parses .drv files and prints what they say: outputs, inputs, the builder, its arguments and its "
		 "environment. With --json it prints what `nix derivation show` of Nix 2.8 does, to the byte.",
	.section = SECTION_LANGUAGE,
	.min = 1,
	.max = ARGS_ANY,
	.run = run_show,
};

/* ---- drv hash ---- */

static void hex_line(struct buf *out, const char *what, const struct drv_hash *h)
{
	char hex[65];

	hex_of(h->b, sizeof h->b, hex);
	buf_fmt(out, "  %s: %s\n", what, hex);
}

static void hash_text(struct buf *out, const struct closure_node *n, const struct drv_hash *hash,
		const struct drv_hash *masked, const str *paths)
{
	buf_fmt(out, "%.*s\n", STR_ARG(n->path));
	hex_line(out, "hash", hash);
	hex_line(out, "masked", masked);
	buf_lit(out, "  outputs\n");
	for (size_t i = 0; i < n->drv->noutputs; i++)
		buf_fmt(out, "    %.*s %.*s\n", STR_ARG(n->drv->outputs[i].name),
				STR_ARG(paths[i].n ? paths[i] : S("(known when it is built)")));
}

static void hash_json(struct json *j, const struct closure_node *n, const struct drv_hash *hash,
		const struct drv_hash *masked, const str *paths)
{
	char hex[65];

	json_object(j);
	json_member_str(j, "path", n->path);
	json_key(j, "hash");
	hex_of(hash->b, sizeof hash->b, hex);
	json_c(j, hex);
	json_key(j, "masked");
	hex_of(masked->b, sizeof masked->b, hex);
	json_c(j, hex);
	json_key(j, "outputs");
	json_object(j);
	for (size_t i = 0; i < n->drv->noutputs; i++) {
		json_key_str(j, n->drv->outputs[i].name);
		if (paths[i].n)
			json_str(j, paths[i]);
		else
			json_null(j);
	}
	json_end(j, '}');
	json_end(j, '}');
}

static void hash_one(struct call *c, struct closure *closure, const struct closure_node *n, struct json *j)
{
	struct drv_memo *memo = closure_memo(closure);
	str *paths = arena_array(&c->arena, str, n->drv->noutputs);
	struct drv_hash hash, masked;

	if (!drv_hash_modulo(memo, n->path, n->drv, &hash, &c->diags) || !drv_hash_masked(memo, n->drv, &masked, &c->diags))
		return;
	for (size_t i = 0; i < n->drv->noutputs; i++)
		if (!drv_output_path(n->drv, i, memo, &c->arena, &paths[i], &c->diags))
			return;
	if (c->common.json)
		hash_json(j, n, &hash, &masked, paths);
	else
		hash_text(&c->out, n, &hash, &masked, paths);
	(void)!drv_check(n->drv, n->path, memo, &c->diags);
}

static int run_hash(struct call *c)
{
	struct closure *closure = open_closure(c);
	struct json j = json_to(&c->out);

	if (c->common.json)
		json_array(&j);
	for (size_t i = 0; i < c->arguments.nargs; i++) {
		const struct closure_node *n = add(c, closure, i);

		if (n)
			hash_one(c, closure, n, &j);
	}
	if (c->common.json) {
		json_end(&j, ']');
		buf_c(&c->out, '\n');
	}
	closure_free(closure);
	return 0;
}

const struct command cmd_drv_hash = {
	.name = "drv hash",
	.usage = "FILE…",
	.summary = "compute the hashes and output paths of derivations",
	.about = "Prints for each .drv file the hash that its dependants use (hashDerivationModulo), the one with its own "
		 "output paths left empty, which makes them, and the output paths that follow. Paths in the file that are others are errors.\n"
		 "Input derivations are looked for beside the files, then where nix instantiate puts them, then in " NIX_STORE_DIR
		 ".",
	.section = SECTION_LANGUAGE,
	.min = 1,
	.max = ARGS_ANY,
	.run = run_hash,
};
