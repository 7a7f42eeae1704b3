#include "identity.h"

#include <stdio.h>
#include <straylight/wire.h>

const char *const field_names[] = { /* ORDER FIELD */
	"argument", "environment", "output", "depfile", "standard output", "timeout", "toolchain", "input", "header",
	"derivation",
};

/* ---- the walk ---- */

static void text(struct action_visitor *v, enum walk_field f, str s)
{
	if (v->text)
		v->text(v, f, s);
}

static void contents(struct action_visitor *v, enum walk_field f, const struct artifact *const *artifacts,
		const struct content *c, uint32_t n)
{
	if (!v->content)
		return;
	for (uint32_t i = 0; i < n; i++)
		v->content(v, f, artifacts[i]->path, &c[i]);
}

/* REAPI wants output paths in order. */
static void output_paths(struct action_visitor *v, const struct action *a)
{
	bool depfile = a->depfile.p != NULL;

	for (uint32_t i = 0; i < a->noutputs; i++) {
		if (depfile && str_cmp(a->depfile, a->outputs[i]->path) < 0) {
			text(v, FIELD_DEPFILE, a->depfile);
			depfile = false;
		}
		text(v, FIELD_OUTPUT, a->outputs[i]->path);
	}
	if (depfile)
		text(v, FIELD_DEPFILE, a->depfile);
}

void action_walk(const struct action *a, const struct contents *c, struct action_visitor *v)
{
	char seconds[16];

	for (uint32_t i = 0; i < a->argc; i++)
		text(v, FIELD_ARGUMENT, a->argv[i]);
	for (uint32_t i = 0; i < a->nenv; i++)
		text(v, FIELD_ENVIRONMENT, a->env[i]);
	output_paths(v, a);
	if (a->out_file.p)
		text(v, FIELD_STDOUT, a->out_file);
	if (a->timeout_s) {
		int n = snprintf(seconds, sizeof seconds, "%u", a->timeout_s);

		text(v, FIELD_TIMEOUT, str_of(seconds, (size_t)n));
	}
	for (uint32_t i = 0; v->tree && i < a->ntoolchains; i++)
		v->tree(v, FIELD_TOOLCHAIN, a->toolchains[i]->rendered.name, a->toolchains[i]->tree);
	contents(v, FIELD_INPUT, a->inputs, c->inputs, a->ninputs);
	contents(v, FIELD_HEADER, a->headers, c->headers, a->nheaders);
	for (uint32_t i = 0; v->tree && i < a->nheader_sets; i++)
		v->tree(v, FIELD_HEADER, sym_str(a->header_sets[i]->owner), c->header_sets[i]);
	if (a->derivation.p)
		text(v, FIELD_DERIVATION, a->derivation);
}

/* ---- the digest ---- */

struct digester {
	struct action_visitor v;
	struct buf arguments, environment, outputs; /* fields of Command */
	struct tree_builder *work, *fixed, *headers;
	struct tree *toolchains;
	struct arena *arena;
	str clash;
};

static void see_text(struct action_visitor *v, enum walk_field f, str s)
{
	struct digester *d = (struct digester *)v;
	str name, value;
	size_t mark;

	switch (f) {
	case FIELD_ARGUMENT: wire_element(&d->arguments, 1, s); break;
	case FIELD_ENVIRONMENT:
		str_cut(s, '=', &name, &value);
		mark = wire_begin(&d->environment, 2);
		wire_str(&d->environment, 1, name);
		wire_str(&d->environment, 2, value);
		wire_end(&d->environment, mark);
		break;
	case FIELD_OUTPUT:
	case FIELD_DEPFILE: wire_element(&d->outputs, 7, s); break;
	default: break; /* fields of Action */
	}
}

/* What does not fit, the builder tells when it ends. */
static void put(struct tree_builder *b, str path, const struct content *c)
{
	switch (c->kind) {
	case TREE_FILE: tree_put_file(b, path, &c->digest, c->executable); break;
	case TREE_DIR: tree_put_tree(b, path, c->tree); break;
	case TREE_SYMLINK: tree_put_symlink(b, path, c->target); break;
	}
}

static void see_content(struct action_visitor *v, enum walk_field f, str path, const struct content *c)
{
	struct digester *d = (struct digester *)v;

	put(d->work, path, c);
	put(f == FIELD_HEADER ? d->headers : d->fixed, path, c);
}

static void see_tree(struct action_visitor *v, enum walk_field f, str path, struct tree *t)
{
	struct digester *d = (struct digester *)v;
	struct tree *merged;

	(void)path;
	if (f != FIELD_TOOLCHAIN) {
		tree_put_tree(d->work, (str){0}, t);
		tree_put_tree(d->headers, (str){0}, t);
		return;
	}
	if (d->clash.p)
		return;
	merged = tree_merge(d->toolchains, t, d->arena, &d->clash);
	if (merged) {
		tree_unref(d->toolchains);
		d->toolchains = merged;
	}
}

static void duration(struct buf *out, uint32_t seconds)
{
	size_t mark;

	if (!seconds)
		return;
	mark = wire_begin(out, 6);
	wire_int(out, 1, seconds);
	wire_end(out, mark);
}

static str command_message(struct digester *d)
{
	struct buf b = {0};

	buf_str(&b, buf_view(&d->arguments));
	buf_str(&b, buf_view(&d->environment));
	wire_str(&b, 6, S(WORK_DIR));
	buf_str(&b, buf_view(&d->outputs));
	return buf_take(&b, d->arena);
}

static str action_message(const struct action *a, const struct digest *command, const struct digest *root,
		struct arena *arena)
{
	struct buf b = {0};

	wire_digest(&b, 1, command);
	wire_digest(&b, 2, root);
	duration(&b, a->timeout_s);
	if (a->out_file.p) {
		size_t mark = wire_begin(&b, 9);

		buf_lit(&b, "stdout ");
		buf_str(&b, a->out_file);
		wire_end(&b, mark);
	}
	if (a->derivation.p) {
		size_t mark = wire_begin(&b, 9);

		buf_lit(&b, "derivation ");
		buf_str(&b, a->derivation);
		wire_end(&b, mark);
	}
	return buf_take(&b, arena);
}

static void narrow_key(const struct action *a, struct identity *id, struct tree *fixed, enum digest_fn fn)
{
	struct hasher *h = hasher_new(DIGEST_SHA256);
	struct digest out;

	hasher_add(h, "narrow 1", 8);
	hasher_add(h, id->command.b, sizeof id->command.b);
	hasher_add(h, a->out_file.n ? a->out_file.p : "", a->out_file.n + 1);
	for (uint32_t i = 0; i < a->ntoolchains; i++)
		hasher_add(h, a->toolchains[i]->digest.b, sizeof a->toolchains[i]->digest.b);
	hasher_add(h, tree_digest(fixed, fn)->b, 32);
	hasher_add(h, tree_shape(id->work), 32);
	hasher_end(h, &out);
	memcpy(id->narrow, out.b, sizeof id->narrow);
}

static void clash(const struct action *a, str path, struct diags *diags)
{
	struct diag *d = diag_error(diags, DIAG_INPUT_CLASH, a->configured->target->span,
			"'%.*s' of '%.*s' has two different inputs at '%.*s'", STR_ARG(a->name),
			STR_ARG(sym_str(a->configured->target->label)), STR_ARG(path));

	diag_hint(diags, d, "rename an output, or drop one of the dependencies that bring it");
}

static bool finish(struct digester *d, const struct action *a, enum digest_fn fn, struct identity *out)
{
	struct tree *fixed = tree_builder_end(d->fixed, d->arena, &d->clash);
	struct tree *below;

	out->headers = tree_builder_end(d->headers, d->arena, &d->clash);
	out->work = tree_builder_end(d->work, d->arena, &d->clash);
	if (d->clash.p) {
		tree_unref(fixed);
		return false;
	}
	below = tree_below(out->work, S(WORK_DIR));
	out->root = tree_merge(d->toolchains, below, d->arena, &d->clash);
	tree_unref(below);
	if (out->root) {
		out->command_message = command_message(d);
		out->command = digest_of(fn, out->command_message);
		out->action_message = action_message(a, &out->command, tree_digest(out->root, fn), d->arena);
		out->action = digest_of(fn, out->action_message);
		narrow_key(a, out, fixed, fn);
	}
	tree_unref(fixed);
	return out->root != NULL;
}

bool action_identity(const struct action *a, const struct contents *c, enum digest_fn fn, struct arena *arena,
		struct identity *out, struct diags *diags)
{
	struct digester d = {
		.v = {see_text, see_content, see_tree},
		.work = tree_builder_new(),
		.fixed = tree_builder_new(),
		.headers = tree_builder_new(),
		.toolchains = tree_empty(),
		.arena = arena,
	};
	bool ok;

	*out = (struct identity){0};
	action_walk(a, c, &d.v);
	ok = finish(&d, a, fn, out);
	tree_unref(d.toolchains);
	buf_free(&d.arguments);
	buf_free(&d.environment);
	buf_free(&d.outputs);
	if (!ok) {
		clash(a, d.clash, diags);
		identity_clear(out);
	}
	return ok;
}

void identity_clear(struct identity *id)
{
	tree_unref(id->root);
	tree_unref(id->work);
	tree_unref(id->headers);
	id->root = id->work = id->headers = NULL;
}
