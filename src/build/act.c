#include "keys_int.h"
#include "label.h"

/* ---- values of actions ---- */

static struct action_value *action_value_new(uint32_t n, enum build_served served)
{
	struct action_value *v = mem_make(struct action_value);

	v->refs = 1;
	v->outputs = arena_array(&v->arena, struct output_value, n);
	v->noutputs = n;
	v->served = served;
	return v;
}

void action_value_release(union dice_value value)
{
	struct action_value *v = value.p;

	if (--v->refs)
		return;
	for (uint32_t i = 0; i < v->noutputs; i++)
		if (v->outputs[i].content.kind == TREE_DIR)
			tree_unref(v->outputs[i].content.tree);
	arena_clear(&v->arena);
	mem_free(v);
}

static bool content_same(const struct content *a, const struct content *b)
{
	if (a->kind != b->kind || a->executable != b->executable)
		return false;
	switch (a->kind) {
	case TREE_FILE: return digest_eq(&a->digest, &b->digest);
	case TREE_DIR: return digest_eq(tree_digest(a->tree, DIGEST_SHA256), tree_digest(b->tree, DIGEST_SHA256));
	case TREE_SYMLINK: return str_eq(a->target, b->target);
	}
	return false;
}

bool action_value_same(union dice_value was, union dice_value now)
{
	const struct action_value *a = was.p, *b = now.p;

	if (a->noutputs != b->noutputs)
		return false;
	for (uint32_t i = 0; i < a->noutputs; i++)
		if (a->outputs[i].name != b->outputs[i].name ||
				!content_same(&a->outputs[i].content, &b->outputs[i].content))
			return false;
	return true;
}

/* From a result in the store; false when a tree that it names cannot be read. */
struct action_value *action_value_of(struct build *b, const struct action_result *r, enum build_served served)
{
	struct action_value *v = action_value_new((uint32_t)r->noutputs, served);

	for (size_t i = 0; i < r->noutputs; i++) {
		const struct output_entry *e = &r->outputs[i];
		struct output_value *o = &v->outputs[i];

		o->name = intern(e->path);
		o->content.kind = e->kind;
		o->content.executable = e->executable;
		o->content.digest = e->digest;
		o->content.target = str_dup(&v->arena, e->target);
		if (e->kind == TREE_DIR && store_get_tree(b->store, &e->digest, &o->content.tree)) {
			v->noutputs = (uint32_t)i;
			action_value_release(dice_ptr(v));
			return NULL;
		}
	}
	return v;
}

/* ---- acts without a process ---- */

enum dice_step act_output(struct dice_ctx *ctx, const struct configured *c, const struct act *act, const struct content *content)
{
	struct build *b = key_build(ctx);
	const struct artifact *a = map_get(&c->by_output, act->output);
	struct action_value *v = action_value_new(1, SERVED_CORE);

	v->outputs[0].name = a->name;
	v->outputs[0].content = *content;
	v->outputs[0].content.target = str_dup(&v->arena, content->target);
	if (content->kind == TREE_DIR)
		tree_ref(content->tree);
	if (b->summary)
		b->summary->core++;
	return dice_return(ctx, dice_ptr(v));
}

static enum dice_step write_step(struct dice_ctx *ctx, const struct configured *c, const struct act *act)
{
	struct arena a = {0};
	struct diags diags = {0};
	struct expanded w;
	struct content content = {.kind = TREE_FILE, .executable = act->executable};
	int err;

	if (configured_word(c, &act->content, NULL, NULL, &a, &w, &diags)) {
		err = store_put(key_build(ctx)->store, w.text, &content.digest);
		if (err)
			os_error(&diags, DIAG_IO, err, "storing", act->output);
	}
	arena_clear(&a);
	return diags.errors ? key_fail(ctx, &diags) : act_output(ctx, c, act, &content);
}

static enum dice_step artifact_step(struct dice_ctx *ctx, const struct configured *c, const struct act *act)
{
	struct store *store = key_build(ctx)->store;
	struct content content = {.kind = TREE_FILE};
	struct diags diags = {0};
	enum dice_step step;

	if (!digest_parse(act->target, &content.digest)) {
		diag_hint(&diags,
				diag_error(&diags, DIAG_ARTIFACT_UNKNOWN, c->target->span, "'%.*s' is not a digest",
						STR_ARG(act->target)),
				"a digest is written HASH/SIZE: 64 hexadecimal digits, then the size in bytes");
		return key_fail(ctx, &diags);
	}
	if (store_get_tree(store, &content.digest, &content.tree) == 0) {
		content.kind = TREE_DIR;
	} else if (!store_has(store, &content.digest)) {
		struct diag *d = diag_error(&diags, DIAG_ARTIFACT_UNKNOWN, c->target->span,
				"the store has no artifact '%.*s'", STR_ARG(act->target));

		diag_hint(&diags, d, "put it there first, or fetch it from where it was made");
		return key_fail(ctx, &diags);
	}
	step = act_output(ctx, c, act, &content);
	if (content.kind == TREE_DIR)
		tree_unref(content.tree);
	return step;
}

/* The contents that an input stands for, once they are answered; the list is in the arena. */
struct gathered {
	const struct artifact *const *artifacts;
	struct content *contents;
	uint32_t n;
	bool wait, failed;
};

static struct gathered gather(struct dice_ctx *ctx, const struct configured *c, const struct artifact *const *p,
		uint32_t n, struct arena *a, struct diags *diags)
{
	struct gathered g = {.artifacts = p, .n = n};
	dice_id *ids = arena_array(a, dice_id, n);

	for (uint32_t i = 0; i < n; i++)
		ids[i] = artifact_id(ctx, p[i]);
	if (!dice_need(ctx, ids, n)) {
		g.wait = true;
		return g;
	}
	g.contents = arena_array(a, struct content, n);
	for (uint32_t i = 0; i < n; i++)
		if (!artifact_content(ctx, ids[i], p[i], c->target, &g.contents[i], diags))
			g.failed = true;
	return g;
}

/* Sources that become outputs must be in the store. */
static void provide(struct build *b, const struct gathered *g, struct diags *diags)
{
	for (uint32_t i = 0; i < g->n && !diags->errors; i++)
		if (!g->artifacts[i]->label && g->contents[i].kind == TREE_FILE &&
				!files_need(b->files, g->artifacts[i]->path, &g->contents[i].digest, diags))
			return;
}

static struct artifacts artifacts_of(const struct configured *c, const struct input *in, struct arena *a)
{
	struct expansion e;
	VEC(const struct artifact *) all = {0};
	const struct artifact **p;
	struct artifacts out;

	if (in->kind != INPUT_PROVIDED)
		return configured_input(c, in, a);
	e = provided_expand(c, &in->provided, a);
	for (uint32_t i = 0; i < e.n; i++)
		for (uint32_t k = 0; k < e.words[i]->nuses; k++)
			vec_push(&all, e.words[i]->uses[k]);
	p = arena_array(a, const struct artifact *, all.n);
	if (all.n)
		memcpy(p, all.p, all.n * sizeof *p);
	out = (struct artifacts){p, (uint32_t)all.n};
	vec_free(&all);
	return out;
}

static enum dice_step copy_step(struct dice_ctx *ctx, const struct configured *c, const struct act *act)
{
	struct arena a = {0};
	struct diags diags = {0};
	struct artifacts in = artifacts_of(c, &act->from, &a);
	struct gathered g;
	enum dice_step step = DICE_WAIT;

	if (in.n != 1) {
		diag_hint(&diags,
				diag_error(&diags, DIAG_NO_SINGLE_OUTPUT, c->target->span,
						"'%.*s' copies one file or tree to '%.*s', but its input is %u files",
						STR_ARG(sym_str(c->target->label)), STR_ARG(act->output), in.n),
				"name one of the files, or make a tree of them");
		arena_clear(&a);
		return key_fail(ctx, &diags);
	}
	g = gather(ctx, c, in.p, in.n, &a, &diags);
	if (!g.wait && !g.failed)
		provide(key_build(ctx), &g, &diags);
	if (!g.wait)
		step = diags.errors ? key_fail(ctx, &diags) : act_output(ctx, c, act, &g.contents[0]);
	arena_clear(&a);
	return step;
}

static str last_name(str path)
{
	size_t at = path.n;

	while (at && path.p[at - 1] != '/')
		at--;
	return str_from(path, at);
}

/* One entry of a Tree: one file at its path; several in a directory there, by their last names. */
static void put_item(struct tree_builder *b, str path, const struct gathered *g, struct arena *a)
{
	for (uint32_t i = 0; i < g->n; i++) {
		const struct content *c = &g->contents[i];
		str at = path;

		if (g->n > 1 || (path.n == 0 && c->kind != TREE_DIR)) {
			str name = last_name(g->artifacts[i]->path);

			at = path.n ? str_fmt(a, "%.*s/%.*s", STR_ARG(path), STR_ARG(name)) : name;
		}
		switch (c->kind) {
		case TREE_FILE: tree_put_file(b, at, &c->digest, c->executable); break;
		case TREE_DIR: tree_put_tree(b, at, c->tree); break;
		case TREE_SYMLINK: tree_put_symlink(b, at, c->target); break;
		}
	}
}

static str below(str path, str dir)
{
	return dir.n && str_starts(path, dir) && path.n > dir.n && path.p[dir.n] == '/' ? str_from(path, dir.n + 1) : path;
}

/* Where a file stands in a tree of sources: below its package, or below the outputs of what made it.  What a
 * label stands for may come from a package beyond its own; then it is the path below the workspace. */
static str place_of(const struct configured *c, const struct input *in, const struct artifact *a)
{
	str path = a->path;

	if (!a->label)
		return below(path, in->label ? label_package(in->label) : c->target->package);
	path = below(path, S(OUT_DIR));
	path = below(path, label_package(a->label));
	return below(path, label_name(a->label));
}

/* Each file at its place; of a directory what is in it. */
static void put_sources(struct tree_builder *b, const struct configured *c, const struct input *in, const struct gathered *g)
{
	for (uint32_t i = 0; i < g->n; i++) {
		const struct content *content = &g->contents[i];
		str at = place_of(c, in, g->artifacts[i]);

		switch (content->kind) {
		case TREE_FILE: tree_put_file(b, at, &content->digest, content->executable); break;
		case TREE_DIR: tree_put_tree(b, (str){0}, content->tree); break;
		case TREE_SYMLINK: tree_put_symlink(b, at, content->target); break;
		}
	}
}

static enum dice_step tree_step(struct dice_ctx *ctx, const struct configured *c, const struct act *act)
{
	struct build *b = key_build(ctx);
	struct arena a = {0};
	struct diags diags = {0};
	struct gathered *all = arena_array(&a, struct gathered, act->nitems);
	struct tree_builder *builder;
	struct content content = {.kind = TREE_DIR};
	bool wait = false, failed = false;
	str clash = {0};
	enum dice_step step;
	int err;

	for (uint32_t i = 0; i < act->nitems; i++) {
		struct artifacts in = artifacts_of(c, &act->items[i].from, &a);

		all[i] = gather(ctx, c, in.p, in.n, &a, &diags);
		wait = wait || all[i].wait;
		failed = failed || all[i].failed;
	}
	if (wait || failed) {
		arena_clear(&a);
		if (!failed)
			return DICE_WAIT;
		return key_fail(ctx, &diags);
	}
	builder = tree_builder_new();
	for (uint32_t i = 0; i < act->nitems; i++) {
		provide(b, &all[i], &diags);
		if (act->kind == ACT_SOURCES)
			put_sources(builder, c, &act->items[i].from, &all[i]);
		else
			put_item(builder, act->items[i].path, &all[i], &a);
	}
	content.tree = tree_builder_end(builder, &a, &clash);
	if (!content.tree)
		diag_hint(&diags,
				diag_error(&diags, DIAG_INPUT_CLASH, c->target->span,
						"the tree '%.*s' of '%.*s' has two entries at '%.*s'", STR_ARG(act->output),
						STR_ARG(sym_str(c->target->label)), STR_ARG(clash)),
				act->kind == ACT_SOURCES ? "leave one of the two out of its srcs" : "give each entry a path of its own");
	else if ((err = store_put_tree(b->store, content.tree)) != 0)
		os_error(&diags, DIAG_IO, err, "storing", act->output);
	if (diags.errors) {
		tree_unref(content.tree);
		arena_clear(&a);
		return key_fail(ctx, &diags);
	}
	step = act_output(ctx, c, act, &content);
	tree_unref(content.tree);
	arena_clear(&a);
	return step;
}


enum dice_step act_step(struct dice_ctx *ctx, const struct configured *c, const struct act *act)
{
	switch (act->kind) {
	case ACT_WRITE: return write_step(ctx, c, act);
	case ACT_COPY: return copy_step(ctx, c, act);
	case ACT_TREE:
	case ACT_SOURCES: return tree_step(ctx, c, act);
	case ACT_FETCH: return fetch_step(ctx, c, act);
	case ACT_ARTIFACT: return artifact_step(ctx, c, act);
	case ACT_SYMLINK:
	case ACT_STEP: break;
	}
	return act_output(ctx, c, act, &(struct content){.kind = TREE_SYMLINK, .target = act->target});
}
