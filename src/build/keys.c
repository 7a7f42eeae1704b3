#include "build_int.h"
#include "label.h"
#include "narrow.h"
#include "obtain.h"

#include <errno.h>
#include <stdlib.h>

/* The kinds of questions that a build asks the engine:
 *
 *	file       a path below the workspace     → what it contains
 *	package    a folder                       → its BUILD.dhall, evaluated
 *	target     a label                        → the target with its dependencies in place
 *	toolchain  the identity of a rendered one → its tree
 *	headers    a target and a name            → the tree of what it provides, with all it passes on
 *	action     a label and a number           → the outputs of that act
 *	goal       a label and what is wanted     → (nothing: it is done)
 *
 * A step that must wait for the pool or the sandbox keeps its work in a struct *_job, which is also its
 * scratch memory. */

static struct build *build_of(struct dice_ctx *ctx)
{
	return dice_ctx_ud(ctx);
}

/* ---- failures ---- */

static struct failure *failure_new(void)
{
	struct failure *f = mem_make(struct failure);

	f->refs = 1;
	return f;
}

static enum dice_step fail_with(struct dice_ctx *ctx, struct diags *diags)
{
	struct failure *f = failure_new();

	diags_move(&f->diags, diags);
	return dice_fail(ctx, f);
}

static str describe_label(const char *what, sym label, struct arena *a)
{
	return str_fmt(a, "%s %.*s", what, STR_ARG(sym_str(label)));
}

/* ---- file ---- */

struct file_job {
	struct build *build;
	struct dice_job *job;
	str path;
	struct arena arena;
	struct content content;
	struct stamp stamp;
	int64_t read_ns;
	int err;
};

static void file_work(void *ud)
{
	struct file_job *j = ud;

	j->err = files_hash(j->build->files, j->path.p, &j->content, &j->stamp, &j->read_ns);
}

static void file_done(void *ud)
{
	struct file_job *j = ud;
	struct file_value *v = mem_make(struct file_value);

	v->found = j->err == -ENOENT ? FILES_ABSENT : FILES_KNOWN;
	v->err = j->err;
	v->content = j->content;
	if (!j->err)
		files_learn(j->build->files, j->path, &j->content, &j->stamp, j->read_ns);
	dice_complete(j->job, dice_ptr(v));
	arena_clear(&j->arena);
	mem_free(j);
}

static enum dice_step file_step(struct dice_ctx *ctx, const void *key)
{
	struct build *b = build_of(ctx);
	str path = sym_str(*(const sym *)key);
	struct file_value v = {0};
	struct file_value *out;
	struct file_job *j;

	v.found = files_look(b->files, path, &v.content);
	if (v.found != FILES_STALE) {
		out = mem_make(struct file_value);
		*out = v;
		return dice_return(ctx, dice_ptr(out));
	}
	j = mem_make(struct file_job);
	j->build = b;
	j->path = str_dup(&j->arena, path);
	j->job = dice_defer(ctx, NULL, j);
	pool_submit(b->pool, file_work, file_done, j);
	return DICE_WAIT;
}

static bool file_same(union dice_value was, union dice_value now)
{
	const struct file_value *a = was.p, *b = now.p;

	return a->found == b->found && a->err == b->err && a->content.executable == b->content.executable &&
			digest_eq(&a->content.digest, &b->content.digest);
}

static void file_release(union dice_value v)
{
	mem_free(v.p);
}

static str file_describe(void *ud, const void *key, struct arena *a)
{
	(void)ud;
	return describe_label("file", *(const sym *)key, a);
}

const struct dice_kind kind_file = {
	.name = "file",
	.key_size = sizeof(sym),
	.step = file_step,
	.same = file_same,
	.release = file_release,
	.describe = file_describe,
};

/* ---- package ---- */

struct package_job {
	struct build *build;
	struct dice_job *job;
	str path;
	struct package *package;
	struct diags diags;
};

static void package_work(void *ud)
{
	struct package_job *j = ud;

	j->package = workspace_package(&j->build->workspace, j->path, &j->diags);
}

static void package_done(void *ud)
{
	struct package_job *j = ud;

	if (j->package) {
		struct package_ref *ref = package_ref_new(j->package);

		vec_push(&j->build->packages, package_ref(ref));
		dice_complete(j->job, dice_ptr(ref));
	} else {
		struct failure *f = failure_new();

		diags_move(&f->diags, &j->diags);
		dice_reject(j->job, f);
	}
	diags_free(&j->diags);
	mem_free(j);
}

static str build_file(str package, struct arena *a)
{
	return package.n ? str_fmt(a, "%.*s/BUILD.dhall", STR_ARG(package)) : S("BUILD.dhall");
}

static enum dice_step package_step(struct dice_ctx *ctx, const void *key)
{
	struct build *b = build_of(ctx);
	str path = sym_str(*(const sym *)key);
	struct arena a = {0};
	sym file = intern(build_file(path, &a));
	union dice_value v;
	struct package_job *j;

	arena_clear(&a);
	if (!dice_ask(ctx, &kind_file, &file, &v))
		return DICE_WAIT;
	if (((const struct file_value *)v.p)->found != FILES_KNOWN) {
		struct diags diags = {0};
		struct diag *d = diag_error(&diags, DIAG_UNKNOWN_PACKAGE, NO_SPAN,
				"there is no package '//%.*s': '%.*s' does not exist", STR_ARG(path),
				STR_ARG(sym_str(file)));

		diag_hint(&diags, d, "a package is a folder with a BUILD.dhall; check the spelling of the label");
		return fail_with(ctx, &diags);
	}
	if (b->options.observer.loading)
		b->options.observer.loading(b->options.observer.ud, path);
	j = mem_make(struct package_job);
	j->build = b;
	j->path = path;
	j->job = dice_defer(ctx, NULL, j);
	pool_submit(b->pool, package_work, package_done, j);
	return DICE_WAIT;
}

static void package_release(union dice_value v)
{
	package_unref(v.p);
}

static str package_describe(void *ud, const void *key, struct arena *a)
{
	(void)ud;
	return str_fmt(a, "package //%.*s", STR_ARG(sym_str(*(const sym *)key)));
}

const struct dice_kind kind_package = {
	.name = "package",
	.key_size = sizeof(sym),
	.step = package_step,
	.release = package_release,
	.describe = package_describe,
};

/* ---- target ---- */

static void unknown_target(struct diags *diags, const struct package *p, sym label)
{
	str name = label_name(label), best = {0};
	unsigned least = 4;
	struct diag *d = diag_error(diags, DIAG_UNKNOWN_TARGET, NO_SPAN, "there is no target '%.*s'",
			STR_ARG(sym_str(label)));

	for (uint32_t i = 0; i < p->ntargets; i++) {
		unsigned distance = str_distance(name, p->targets[i].name, 3);

		if (distance < least) {
			least = distance;
			best = p->targets[i].name;
		}
	}
	if (best.n)
		diag_hint(diags, d, "did you mean '//%.*s:%.*s'?", STR_ARG(p->path), STR_ARG(best));
	else
		diag_hint(diags, d, "`straylight query targets //%.*s:all` lists what is there", STR_ARG(p->path));
}

/* A dependency that does not exist is the dependent's mistake: the place is in its file. */
static enum dice_step fail_at_dependent(struct dice_ctx *ctx, const struct target *t, const struct failure *f)
{
	struct diags diags = {0};
	const struct diag *cause = f->diags.first;
	struct diag *d = diag_error(&diags, cause->code, t->span, "'%.*s' depends on a target that is not there: %.*s",
			STR_ARG(sym_str(t->label)), STR_ARG(cause->text));

	if (cause->hint.n)
		diag_hint(&diags, d, "%.*s", STR_ARG(cause->hint));
	return fail_with(ctx, &diags);
}

static bool is_absence(const struct failure *f, sym label, const struct dice_ctx *ctx, dice_id root)
{
	enum diag_code code = f->diags.first ? f->diags.first->code : DIAG_NONE;
	const struct dice_kind *kind = dice_kind_of(dice_of(ctx), root);

	if (code == DIAG_UNKNOWN_TARGET)
		return kind == &kind_target && *(const sym *)dice_key_of(dice_of(ctx), root) == label;
	return code == DIAG_UNKNOWN_PACKAGE && kind == &kind_package;
}

static enum dice_step target_step(struct dice_ctx *ctx, const void *key)
{
	sym label = *(const sym *)key;
	sym package = intern(label_package(label));
	union dice_value v;
	struct package_ref *ref;
	const struct target *t;
	struct diags diags = {0};
	struct arena a = {0};
	struct configured **deps, *c;
	dice_id *ids;

	if (!dice_ask(ctx, &kind_package, &package, &v))
		return DICE_WAIT;
	ref = v.p;
	t = package_target(ref->package, label_name(label));
	if (!t) {
		unknown_target(&diags, ref->package, label);
		return fail_with(ctx, &diags);
	}
	ids = arena_array(&a, dice_id, t->nneeds);
	deps = arena_array(&a, struct configured *, t->nneeds);
	for (uint32_t i = 0; i < t->nneeds; i++)
		ids[i] = dice_dep(ctx, &kind_target, &t->needs[i]);
	if (!dice_wait(ctx, ids, t->nneeds)) {
		arena_clear(&a);
		return DICE_WAIT;
	}
	for (uint32_t i = 0; i < t->nneeds; i++) {
		void *error = NULL;
		dice_id root = {0};

		if (dice_failed(ctx, ids[i], &error, &root)) {
			bool absent = is_absence(error, t->needs[i], ctx, root);

			if (!absent) /* skipped, for the same root */
				dice_need(ctx, ids, t->nneeds);
			arena_clear(&a);
			return absent ? fail_at_dependent(ctx, t, error) : DICE_WAIT;
		}
		deps[i] = dice_got(ctx, ids[i]).p;
	}
	c = configure(ref, t, deps, &diags);
	arena_clear(&a);
	return c ? dice_return(ctx, dice_ptr(c)) : fail_with(ctx, &diags);
}

static void target_release(union dice_value v)
{
	configured_unref(v.p);
}

static str target_describe(void *ud, const void *key, struct arena *a)
{
	(void)ud;
	return str_dup(a, sym_str(*(const sym *)key));
}

const struct dice_kind kind_target = {
	.name = "target",
	.key_size = sizeof(sym),
	.step = target_step,
	.release = target_release,
	.describe = target_describe,
};

/* ---- toolchain ---- */

struct toolchain_job {
	struct build *build;
	struct dice_job *job;
	const struct rendered *rendered;
	struct toolchain *toolchain;
	struct diags diags;
};

static void toolchain_work(void *ud)
{
	struct toolchain_job *j = ud;

	j->toolchain = toolchain_obtain(j->build->store, j->build->workspace.root, j->rendered, &j->diags);
}

static void toolchain_done(void *ud)
{
	struct toolchain_job *j = ud;

	if (j->toolchain) {
		vec_push(&j->build->used, toolchain_ref(j->toolchain));
		dice_complete(j->job, dice_ptr(j->toolchain));
	} else {
		struct failure *f = failure_new();

		diags_move(&f->diags, &j->diags);
		dice_reject(j->job, f);
	}
	diags_free(&j->diags);
	mem_free(j);
}

static enum dice_step toolchain_step(struct dice_ctx *ctx, const void *key)
{
	struct build *b = build_of(ctx);
	struct toolchain_job *j = mem_make(struct toolchain_job);

	j->build = b;
	j->rendered = map_get(&b->toolchains, sym_str(*(const sym *)key));
	j->job = dice_defer(ctx, NULL, j);
	if (b->options.observer.capturing)
		b->options.observer.capturing(b->options.observer.ud, j->rendered->name);
	pool_submit(b->pool, toolchain_work, toolchain_done, j);
	return DICE_WAIT;
}

static void toolchain_release(union dice_value v)
{
	toolchain_unref(v.p);
}

const struct dice_kind kind_toolchain = {
	.name = "toolchain",
	.key_size = sizeof(sym),
	.step = toolchain_step,
	.release = toolchain_release,
};

static const struct rendered *choose(const struct build *b, const struct configured *c, sym word)
{
	const struct analysis *a = &c->target->analysis;

	for (uint32_t i = 0; i < a->ntoolchains; i++)
		if (a->toolchains[i].word == word)
			return &a->toolchains[i].rendered;
	for (uint32_t i = 0; i < b->workspace.ntoolchains; i++)
		if (b->workspace.toolchains[i].word == word)
			return &b->workspace.toolchains[i].rendered;
	return NULL;
}

sym build_toolchain_key(struct build *b, const struct rendered *r)
{
	struct buf bytes = {0};
	unsigned char hash[32];
	char hex[65];
	sym key;

	rendered_encode(r, &bytes);
	sha256(buf_view(&bytes), hash);
	buf_free(&bytes);
	hex_of(hash, sizeof hash, hex);
	key = intern_c(hex);
	if (!map_has(&b->toolchains, sym_str(key))) {
		struct rendered *copy = arena_make(&b->arena, struct rendered);

		*copy = rendered_copy(r, &b->arena);
		map_put(&b->toolchains, sym_str(key), copy);
	}
	return key;
}

sym build_toolchain(struct build *b, const struct configured *c, sym word, struct diags *diags)
{
	const struct rendered *r = choose(b, c, word);
	struct diag *d;

	if (r)
		return build_toolchain_key(b, r);
	d = diag_error(diags, DIAG_TOOLCHAIN_UNKNOWN, c->target->span,
			"'%.*s' needs a toolchain '%.*s', and the workspace has none",
			STR_ARG(sym_str(c->target->label)), STR_ARG(sym_str(word)));
	diag_hint(diags, d, "add it to toolchains in straylight.dhall, or set the target's toolchain");
	return 0;
}

/* ---- contents of artifacts ---- */

static struct action_key action_key_of(const struct artifact *a)
{
	return (struct action_key){a->label, a->act};
}

static dice_id artifact_id(struct dice_ctx *ctx, const struct artifact *a)
{
	struct action_key key = action_key_of(a);

	return a->label ? dice_dep(ctx, &kind_action, &key) : dice_dep(ctx, &kind_file, &a->name);
}

static bool source_content(const struct artifact *a, const struct target *t, const struct file_value *v,
		struct content *out, struct diags *diags)
{
	struct diag *d;

	if (v->found == FILES_KNOWN && !v->err) {
		*out = v->content;
		return true;
	}
	d = diag_error(diags, DIAG_SOURCE_MISSING, t->span, "source '%.*s' of '%.*s' %s", STR_ARG(a->path),
			STR_ARG(sym_str(t->label)),
			v->found == FILES_ABSENT ? "does not exist"
			: v->err                 ? strerror(-v->err)
						 : "is not a regular file");
	if (v->found == FILES_ABSENT)
		diag_hint(diags, d, "correct the path in BUILD.dhall, or create the file");
	return false;
}

static bool output_content(const struct artifact *a, const struct action_value *v, struct content *out)
{
	for (uint32_t i = 0; i < v->noutputs; i++)
		if (v->outputs[i].name == a->name) {
			*out = v->outputs[i].content;
			return true;
		}
	return false;
}

/* The value behind an artifact's key, which must be answered. */
static bool artifact_content(struct dice_ctx *ctx, dice_id id, const struct artifact *a, const struct target *t,
		struct content *out, struct diags *diags)
{
	void *v = dice_got(ctx, id).p;

	if (!a->label)
		return source_content(a, t, v, out, diags);
	if (output_content(a, v, out))
		return true;
	diag_error(diags, DIAG_INTERNAL, t->span, "'%.*s' was not among its action's outputs", STR_ARG(a->path));
	return false;
}

/* ---- headers ---- */

static void put_content(struct tree_builder *b, str path, const struct content *c)
{
	/* One path twice is one artifact twice: names of outputs are distinct, and so are sources. */
	switch (c->kind) {
	case TREE_FILE: tree_put_file(b, path, &c->digest, c->executable); break;
	case TREE_DIR: tree_put_tree(b, path, c->tree); break;
	case TREE_SYMLINK: tree_put_symlink(b, path, c->target); break;
	}
}

static enum dice_step headers_step(struct dice_ctx *ctx, const void *key)
{
	struct headers_key k = *(const struct headers_key *)key;
	union dice_value v;
	const struct configured *c;
	const struct set *s;
	VEC(dice_id) ids = {0};
	VEC(const struct artifact *) uses = {0};
	struct tree_builder *b;
	struct diags diags = {0};
	struct tree *tree;
	bool ok = true;

	if (!dice_ask(ctx, &kind_target, &k.owner, &v))
		return DICE_WAIT;
	c = v.p;
	s = configured_set(c, k.name);
	for (uint32_t i = 0; i < s->nwords; i++)
		for (uint32_t n = 0; n < s->words[i].nuses; n++) {
			vec_push(&uses, s->words[i].uses[n]);
			vec_push(&ids, artifact_id(ctx, s->words[i].uses[n]));
		}
	for (uint32_t i = 0; i < s->nfrom; i++) {
		struct headers_key from = {s->from[i]->owner, s->from[i]->name};

		vec_push(&ids, dice_dep(ctx, &kind_headers, &from));
	}
	if (!dice_need(ctx, ids.p, ids.n)) {
		vec_free(&ids);
		vec_free(&uses);
		return DICE_WAIT;
	}
	b = tree_builder_new();
	for (size_t i = 0; i < uses.n; i++) {
		struct content content;

		if (artifact_content(ctx, ids.p[i], uses.p[i], c->target, &content, &diags))
			put_content(b, uses.p[i]->path, &content);
		else
			ok = false;
	}
	for (size_t i = uses.n; i < ids.n; i++)
		tree_put_tree(b, (str){0}, dice_got(ctx, ids.p[i]).p);
	tree = tree_builder_end(b, NULL, NULL);
	vec_free(&ids);
	vec_free(&uses);
	if (ok && tree)
		return dice_return(ctx, dice_ptr(tree));
	tree_unref(tree);
	if (ok)
		diag_error(&diags, DIAG_INPUT_CLASH, c->target->span, "'%.*s' provides two different files at one path",
				STR_ARG(sym_str(k.owner)));
	return fail_with(ctx, &diags);
}

static bool headers_same(union dice_value was, union dice_value now)
{
	return digest_eq(tree_digest(was.p, DIGEST_SHA256), tree_digest(now.p, DIGEST_SHA256));
}

static void headers_release(union dice_value v)
{
	tree_unref(v.p);
}

static str headers_describe(void *ud, const void *key, struct arena *a)
{
	const struct headers_key *k = key;

	(void)ud;
	return str_fmt(a, "%.*s of %.*s", STR_ARG(sym_str(k->name)), STR_ARG(sym_str(k->owner)));
}

const struct dice_kind kind_headers = {
	.name = "headers",
	.key_size = sizeof(struct headers_key),
	.step = headers_step,
	.same = headers_same,
	.release = headers_release,
	.describe = headers_describe,
};

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

static void action_release(union dice_value value)
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

static bool action_same(union dice_value was, union dice_value now)
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
static struct action_value *value_of_result(struct build *b, const struct action_result *r, enum build_served served)
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
			action_release(dice_ptr(v));
			return NULL;
		}
	}
	return v;
}

/* ---- acts without a process ---- */

static enum dice_step one_output(struct dice_ctx *ctx, const struct configured *c, const struct act *act,
		const struct content *content)
{
	struct build *b = build_of(ctx);
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
		err = store_put(build_of(ctx)->store, w.text, &content.digest);
		if (err)
			os_error(&diags, DIAG_IO, err, "storing", act->output);
	}
	arena_clear(&a);
	return diags.errors ? fail_with(ctx, &diags) : one_output(ctx, c, act, &content);
}

static enum dice_step artifact_step(struct dice_ctx *ctx, const struct configured *c, const struct act *act)
{
	struct store *store = build_of(ctx)->store;
	struct content content = {.kind = TREE_FILE};
	struct diags diags = {0};
	enum dice_step step;

	if (!digest_parse(act->target, &content.digest)) {
		diag_error(&diags, DIAG_ARTIFACT_UNKNOWN, c->target->span, "'%.*s' is not a digest (HASH/SIZE)",
				STR_ARG(act->target));
		return fail_with(ctx, &diags);
	}
	if (store_get_tree(store, &content.digest, &content.tree) == 0) {
		content.kind = TREE_DIR;
	} else if (!store_has(store, &content.digest)) {
		struct diag *d = diag_error(&diags, DIAG_ARTIFACT_UNKNOWN, c->target->span,
				"the store has no artifact '%.*s'", STR_ARG(act->target));

		diag_hint(&diags, d, "put it there first, or fetch it from where it was made");
		return fail_with(ctx, &diags);
	}
	step = one_output(ctx, c, act, &content);
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
		diag_error(&diags, DIAG_NO_SINGLE_OUTPUT, c->target->span,
				"'%.*s' copies one file or tree to '%.*s', but its input is %u files",
				STR_ARG(sym_str(c->target->label)), STR_ARG(act->output), in.n);
		arena_clear(&a);
		return fail_with(ctx, &diags);
	}
	g = gather(ctx, c, in.p, in.n, &a, &diags);
	if (!g.wait)
		step = g.failed ? fail_with(ctx, &diags) : one_output(ctx, c, act, &g.contents[0]);
	if (!g.wait && !g.failed && !in.p[0]->label && g.contents[0].kind == TREE_FILE)
		files_provide(build_of(ctx)->files, in.p[0]->path, &g.contents[0].digest);
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
static bool put_item(struct tree_builder *b, str path, const struct gathered *g, struct arena *a)
{
	for (uint32_t i = 0; i < g->n; i++) {
		const struct content *c = &g->contents[i];
		str at = path;
		enum tree_put put = TREE_PUT_OK;

		if (g->n > 1 || (path.n == 0 && c->kind != TREE_DIR)) {
			str name = last_name(g->artifacts[i]->path);

			at = path.n ? str_fmt(a, "%.*s/%.*s", STR_ARG(path), STR_ARG(name)) : name;
		}
		switch (c->kind) {
		case TREE_FILE: put = tree_put_file(b, at, &c->digest, c->executable); break;
		case TREE_DIR: put = tree_put_tree(b, at, c->tree); break;
		case TREE_SYMLINK: put = tree_put_symlink(b, at, c->target); break;
		}
		if (put == TREE_PUT_CLASH)
			return false;
	}
	return true;
}

static enum dice_step tree_step(struct dice_ctx *ctx, const struct configured *c, const struct act *act)
{
	struct build *b = build_of(ctx);
	struct arena a = {0};
	struct diags diags = {0};
	struct gathered *all = arena_array(&a, struct gathered, act->nitems);
	struct tree_builder *builder;
	struct content content = {.kind = TREE_DIR};
	bool wait = false, failed = false, clash = false;
	enum dice_step step;

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
		return fail_with(ctx, &diags);
	}
	builder = tree_builder_new();
	for (uint32_t i = 0; i < act->nitems; i++) {
		for (uint32_t k = 0; k < all[i].n; k++)
			if (!all[i].artifacts[k]->label && all[i].contents[k].kind == TREE_FILE)
				files_provide(b->files, all[i].artifacts[k]->path, &all[i].contents[k].digest);
		clash = !put_item(builder, act->items[i].path, &all[i], &a) || clash;
	}
	content.tree = tree_builder_end(builder, NULL, NULL);
	if (clash || !content.tree || store_put_tree(b->store, content.tree)) {
		diag_error(&diags, DIAG_INPUT_CLASH, c->target->span, "the tree '%.*s' of '%.*s' has two entries at one path",
				STR_ARG(act->output), STR_ARG(sym_str(c->target->label)));
		tree_unref(content.tree);
		arena_clear(&a);
		return fail_with(ctx, &diags);
	}
	step = one_output(ctx, c, act, &content);
	tree_unref(content.tree);
	arena_clear(&a);
	return step;
}

/* ---- steps ---- */

enum phase { PHASE_TOOLCHAINS, PHASE_INPUTS, PHASE_RUN };

struct step_job {
	enum phase phase;
	struct build *build;
	struct dice_job *job;
	struct configured *configured; /* counted */
	struct arena arena;
	struct diags diags;
	const struct step *step;
	const sym *words;
	dice_id *ids; /* of the phase */
	uint32_t nwords;
	struct toolchain **toolchains; /* counted */
	struct action *action;
	struct contents contents;
	struct tree **header_sets; /* counted */
	struct content *inputs, *headers;
	struct identity identity;
	struct run run;
	const str *reasons;
	size_t nreasons;
	unsigned again; /* --check: runs still to make */
	struct action_result first;
	bool over;
};

static void step_drop(void *memory)
{
	struct step_job *j = *(struct step_job **)memory;

	if (!j)
		return;
	identity_clear(&j->identity);
	for (uint32_t i = 0; j->toolchains && i < j->nwords; i++)
		toolchain_unref(j->toolchains[i]);
	for (uint32_t i = 0; j->header_sets && i < j->action->nheader_sets; i++)
		tree_unref(j->header_sets[i]);
	configured_unref(j->configured);
	diags_free(&j->run.diags);
	arena_clear(&j->run.arena);
	diags_free(&j->diags);
	arena_clear(&j->arena);
	mem_free(j);
}

static void notify(struct step_job *j, enum build_served served, bool finished)
{
	struct build *b = j->build;
	struct build_action a = {
		.label = j->configured->target->label,
		.name = j->action->name,
		.served = served,
		.wall_ns = j->run.wall_ns,
		.out = j->run.out,
		.err = j->run.err,
		.reasons = j->reasons,
		.nreasons = j->nreasons,
		.action = j->identity.action,
		.test = j->step->category == CATEGORY_TEST,
		.argv = j->action->argv,
		.argc = j->action->argc,
		.known = b->known,
	};

	if (finished && b->options.observer.finished)
		b->options.observer.finished(b->options.observer.ud, &a);
	if (!finished && b->options.observer.started)
		b->options.observer.started(b->options.observer.ud, &a);
}

static void count(struct build_summary *s, enum build_served served)
{
	if (!s)
		return;
	switch (served) {
	case SERVED_RUN: s->ran++; break;
	case SERVED_CACHE: s->cached++; break;
	case SERVED_NARROW: s->narrowed++; break;
	case SERVED_CORE: s->core++; break;
	case SERVED_FAILED: s->failed++; break;
	case SERVED_WOULD: s->would++; break;
	}
}

/* ORDER CATEGORY and coeffects: what a build grants is decided here and nowhere else. */
static bool check_coeffects(struct step_job *j)
{
	const struct step *s = j->step;

	for (uint32_t i = 0; i < s->ncoeffects; i++) {
		const struct coeffect *e = &s->coeffects[i];
		struct diag *d;

		if (e->resource == RESOURCE_PURE)
			continue;
		d = diag_error(&j->diags, DIAG_COEFFECT_REFUSED, j->configured->target->span,
				"'%.*s' of '%.*s' declares %s%s%.*s, which this build does not grant",
				STR_ARG(s->identifier), STR_ARG(sym_str(j->configured->target->label)),
				resource_names[e->resource], e->detail.n ? " " : "", STR_ARG(e->detail));
		if (e->resource == RESOURCE_NETWORK)
			diag_hint(&j->diags, d, "the network is reached only through the witness proxy, which this "
						"version does not have; keep what is needed among the sources");
		else
			diag_hint(&j->diags, d, "remove the coeffect, and what needs it, from the step");
		return false;
	}
	return true;
}

static enum dice_step step_fail(struct dice_ctx *ctx, struct step_job *j)
{
	if (j->action) {
		notify(j, SERVED_FAILED, true);
		count(j->build->summary, SERVED_FAILED);
	}
	return fail_with(ctx, &j->diags);
}

static bool ask_toolchains(struct dice_ctx *ctx, struct step_job *j)
{
	if (!j->ids) {
		j->words = action_toolchains(j->step, &j->arena, &j->nwords);
		j->ids = arena_array(&j->arena, dice_id, j->nwords);
		for (uint32_t i = 0; i < j->nwords; i++) {
			sym key = build_toolchain(j->build, j->configured, j->words[i], &j->diags);

			if (!key)
				return true;
			j->ids[i] = dice_dep(ctx, &kind_toolchain, &key);
		}
	}
	if (!dice_need(ctx, j->ids, j->nwords))
		return false;
	j->toolchains = arena_array(&j->arena, struct toolchain *, j->nwords);
	for (uint32_t i = 0; i < j->nwords; i++)
		j->toolchains[i] = toolchain_ref(dice_got(ctx, j->ids[i]).p);
	return true;
}

static uint32_t input_count(const struct action *a)
{
	return a->ninputs + a->nheaders + a->nheader_sets;
}

static void ask_inputs(struct dice_ctx *ctx, struct step_job *j)
{
	const struct action *a = j->action;
	dice_id *id = j->ids = arena_array(&j->arena, dice_id, input_count(a));

	for (uint32_t i = 0; i < a->ninputs; i++)
		*id++ = artifact_id(ctx, a->inputs[i]);
	for (uint32_t i = 0; i < a->nheaders; i++)
		*id++ = artifact_id(ctx, a->headers[i]);
	for (uint32_t i = 0; i < a->nheader_sets; i++) {
		struct headers_key key = {a->header_sets[i]->owner, a->header_sets[i]->name};

		*id++ = dice_dep(ctx, &kind_headers, &key);
	}
}

static void read_inputs(struct dice_ctx *ctx, struct step_job *j)
{
	const struct action *a = j->action;
	const dice_id *id = j->ids;
	const struct target *t = j->configured->target;

	j->inputs = arena_array(&j->arena, struct content, a->ninputs);
	j->headers = arena_array(&j->arena, struct content, a->nheaders);
	j->header_sets = arena_array(&j->arena, struct tree *, a->nheader_sets);
	for (uint32_t i = 0; i < a->ninputs; i++)
		artifact_content(ctx, *id++, a->inputs[i], t, &j->inputs[i], &j->diags);
	for (uint32_t i = 0; i < a->nheaders; i++)
		artifact_content(ctx, *id++, a->headers[i], t, &j->headers[i], &j->diags);
	for (uint32_t i = 0; i < a->nheader_sets; i++)
		j->header_sets[i] = tree_ref(dice_got(ctx, *id++).p);
	j->contents = (struct contents){j->inputs, j->headers, j->header_sets};
}

static void record(struct step_job *j, enum build_served served, const str *reads, size_t nreads)
{
	struct journal_event e = {
		.served = served,
		.start_ns = j->run.result.start_ns,
		.wall_ns = (int64_t)j->run.wall_ns,
		.action = j->identity.action,
		.reasons = j->reasons,
		.nreasons = j->nreasons,
	};

	journal_record(j->build->journal, j->action, &j->contents, &j->identity, reads, nreads);
	journal_event(j->build->journal, j->action, &e);
}

static enum dice_step step_succeed(struct dice_ctx *ctx, struct step_job *j, const struct action_result *r,
		enum build_served served)
{
	struct action_value *v = value_of_result(j->build, r, served);

	if (!v) {
		diag_error(&j->diags, DIAG_IO, NO_SPAN, "an output of '%.*s' cannot be read from the store",
				STR_ARG(j->action->name));
		return step_fail(ctx, j);
	}
	notify(j, served, true);
	count(j->build->summary, served);
	return dice_return(ctx, dice_ptr(v));
}

/* The result without running anything; false when it must run. */
static bool look_up(struct step_job *j, struct action_result *r, enum build_served *served)
{
	struct build *b = j->build;
	struct digest other;
	const str *reads = NULL;
	size_t nreads = 0;

	if (b->options.check > 1)
		return false;
	*served = SERVED_CACHE;
	if (store_result_get(b->store, &j->identity.action, &j->arena, r))
		return true;
	if (!j->action->depfile.p)
		return false;
	*served = SERVED_NARROW;
	return narrow_get(b->store, &j->identity, &j->arena, &other, &reads, &nreads) &&
			store_result_get(b->store, &other, &j->arena, r);
}

static void run_started(void *ud)
{
	notify(ud, SERVED_RUN, false);
}

static void run_done(void *ud)
{
	struct step_job *j = ud;

	if (j->run.cancelled) {
		struct failure *f = failure_new();

		f->cancelled = true;
		dice_reject(j->job, f);
		return;
	}
	j->over = true;
	dice_resume(j->job);
}

static void run_cancel(void *ud)
{
	executor_cancel(&((struct step_job *)ud)->run);
}

static enum dice_step start_run(struct dice_ctx *ctx, struct step_job *j)
{
	j->run = (struct run){
		.action = j->action,
		.contents = &j->contents,
		.identity = &j->identity,
		.workspace = j->build->workspace.root,
		.publish = j->build->options.sandbox == SANDBOX_ON && j->again == 0,
		.started = run_started,
		.done = run_done,
		.ud = j,
	};
	j->over = false;
	j->job = dice_defer(ctx, run_cancel, j);
	executor_run(j->build->executor, &j->run);
	return DICE_WAIT;
}

/* --check: the first difference between two runs' outputs. */
static bool same_outputs(struct step_job *j)
{
	const struct action_result *a = &j->first, *b = &j->run.result;

	for (size_t i = 0; i < a->noutputs; i++) {
		const struct output_entry *x = &a->outputs[i], *y = &b->outputs[i];
		struct diag *d;

		if (x->kind == y->kind && x->executable == y->executable && digest_eq(&x->digest, &y->digest) &&
				str_eq(x->target, y->target))
			continue;
		d = diag_error(&j->diags, DIAG_NOT_REPRODUCIBLE, j->configured->target->span,
				"'%.*s' gave another '%.*s' when it ran again", STR_ARG(j->action->name), STR_ARG(x->path));
		diag_hint(&j->diags, d, "look for time stamps, random seeds, addresses and the order of files");
		return false;
	}
	return true;
}

static void keep_first(struct step_job *j)
{
	struct output_entry *outputs = arena_array(&j->arena, struct output_entry, j->run.result.noutputs);

	for (size_t i = 0; i < j->run.result.noutputs; i++) {
		outputs[i] = j->run.result.outputs[i];
		outputs[i].path = str_dup(&j->arena, outputs[i].path);
		outputs[i].target = str_dup(&j->arena, outputs[i].target);
	}
	j->first = j->run.result;
	j->first.outputs = outputs;
}

static enum dice_step after_run(struct dice_ctx *ctx, struct step_job *j)
{
	struct build *b = j->build;

	diags_move(&j->diags, &j->run.diags);
	if (j->diags.errors)
		return step_fail(ctx, j);
	if (b->options.check > 1 && j->first.noutputs && !same_outputs(j))
		return step_fail(ctx, j);
	if (j->again) {
		if (!j->first.noutputs)
			keep_first(j);
		j->again--;
		arena_clear(&j->run.arena);
		return start_run(ctx, j);
	}
	record(j, SERVED_RUN, j->run.reads, j->run.nreads);
	return step_succeed(ctx, j, &j->run.result, SERVED_RUN);
}

static enum dice_step first_look(struct dice_ctx *ctx, struct step_job *j)
{
	struct build *b = j->build;
	struct action_result r;
	enum build_served served;

	if (!action_identity(j->action, &j->contents, store_fn(b->store), &j->arena, &j->identity, &j->diags))
		return step_fail(ctx, j);
	if (look_up(j, &r, &served))
		return step_succeed(ctx, j, &r, served);
	journal_explain(b->journal, j->action, &j->contents, &j->identity, &j->arena, &j->reasons, &j->nreasons);
	if (b->options.dry_run) {
		struct failure *f = failure_new();

		f->cancelled = true;
		notify(j, SERVED_WOULD, true);
		count(b->summary, SERVED_WOULD);
		return dice_fail(ctx, f);
	}
	j->again = b->options.check > 1 ? b->options.check - 1 : 0;
	j->phase = PHASE_RUN;
	return start_run(ctx, j);
}

static enum dice_step process_step(struct dice_ctx *ctx, struct configured *c, const struct step *step, uint32_t act)
{
	struct step_job **slot = dice_scratch(ctx, sizeof *slot, step_drop);
	struct step_job *j = *slot;

	if (!j) {
		j = *slot = mem_make(struct step_job);
		j->build = build_of(ctx);
		j->configured = configured_ref(c);
		j->step = step;
		j->build->known++;
		if (!check_coeffects(j))
			return fail_with(ctx, &j->diags);
	}
	if (j->phase == PHASE_TOOLCHAINS) {
		if (!ask_toolchains(ctx, j))
			return DICE_WAIT;
		if (!j->diags.errors)
			j->action = action_make(c, step, act, j->words, j->toolchains, j->nwords, &j->arena, &j->diags);
		if (j->diags.errors)
			return fail_with(ctx, &j->diags);
		ask_inputs(ctx, j);
		j->phase = PHASE_INPUTS;
	}
	if (j->phase == PHASE_INPUTS) {
		if (!dice_need(ctx, j->ids, input_count(j->action)))
			return DICE_WAIT;
		read_inputs(ctx, j);
		if (j->diags.errors)
			return step_fail(ctx, j);
		return first_look(ctx, j);
	}
	return after_run(ctx, j);
}

/* ---- action ---- */

static enum dice_step action_step(struct dice_ctx *ctx, const void *key)
{
	struct action_key k = *(const struct action_key *)key;
	union dice_value v;
	struct configured *c;
	const struct analysis *a;

	if (!dice_ask(ctx, &kind_target, &k.label, &v))
		return DICE_WAIT;
	c = v.p;
	a = &c->target->analysis;
	if (k.act >= a->nacts)
		return process_step(ctx, c, &a->tests[k.act - a->nacts], k.act);
	switch (a->acts[k.act].kind) {
	case ACT_STEP: return process_step(ctx, c, &a->acts[k.act].step, k.act);
	case ACT_WRITE: return write_step(ctx, c, &a->acts[k.act]);
	case ACT_COPY: return copy_step(ctx, c, &a->acts[k.act]);
	case ACT_TREE: return tree_step(ctx, c, &a->acts[k.act]);
	case ACT_ARTIFACT: return artifact_step(ctx, c, &a->acts[k.act]);
	case ACT_SYMLINK: break;
	}
	return one_output(ctx, c, &a->acts[k.act],
			&(struct content){.kind = TREE_SYMLINK, .target = a->acts[k.act].target});
}

static str action_describe(void *ud, const void *key, struct arena *a)
{
	const struct action_key *k = key;

	(void)ud;
	return str_fmt(a, "action %u of %.*s", k->act, STR_ARG(sym_str(k->label)));
}

const struct dice_kind kind_action = {
	.name = "action",
	.key_size = sizeof(struct action_key),
	.step = action_step,
	.same = action_same,
	.release = action_release,
	.describe = action_describe,
};

/* ---- goal ---- */

static void want_defaults(struct dice_ctx *ctx, const struct configured *c, dice_id *ids, size_t *n)
{
	for (uint32_t i = 0; i < c->ndefaults; i++)
		ids[(*n)++] = artifact_id(ctx, c->defaults[i]);
	if (c->executable)
		ids[(*n)++] = artifact_id(ctx, c->executable);
}

static void want_tests(struct dice_ctx *ctx, const struct configured *c, dice_id *ids, size_t *n)
{
	const struct analysis *a = &c->target->analysis;

	for (uint32_t i = 0; i < a->ntests; i++) {
		struct action_key key = {c->target->label, a->nacts + i};

		ids[(*n)++] = dice_dep(ctx, &kind_action, &key);
	}
	for (uint32_t i = 0; i < a->nsuite; i++) {
		struct goal_key key = {a->suite[i], GOAL_KEY_TEST};

		ids[(*n)++] = dice_dep(ctx, &kind_goal, &key);
	}
}

static enum dice_step goal_step(struct dice_ctx *ctx, const void *key)
{
	struct goal_key k = *(const struct goal_key *)key;
	union dice_value v;
	const struct configured *c;
	struct arena a = {0};
	dice_id *ids;
	size_t n = 0;
	bool there;

	if (!dice_ask(ctx, &kind_target, &k.label, &v))
		return DICE_WAIT;
	c = v.p;
	ids = arena_array(&a, dice_id, (size_t)c->ndefaults + 1 + c->target->analysis.ntests + c->target->analysis.nsuite);
	want_defaults(ctx, c, ids, &n);
	if (k.goal == GOAL_KEY_TEST)
		want_tests(ctx, c, ids, &n);
	there = dice_need(ctx, ids, n);
	for (uint32_t i = 0; there && i < c->ndefaults; i++) {
		struct content content;
		struct diags diags = {0};

		if (!artifact_content(ctx, ids[i], c->defaults[i], c->target, &content, &diags)) {
			arena_clear(&a);
			return fail_with(ctx, &diags);
		}
	}
	arena_clear(&a);
	return there ? dice_return(ctx, dice_u64(1)) : DICE_WAIT;
}

static str goal_describe(void *ud, const void *key, struct arena *a)
{
	const struct goal_key *k = key;

	(void)ud;
	return describe_label(k->goal == GOAL_KEY_TEST ? "tests of" : "outputs of", k->label, a);
}

const struct dice_kind kind_goal = {
	.name = "goal",
	.key_size = sizeof(struct goal_key),
	.step = goal_step,
	.describe = goal_describe,
};
