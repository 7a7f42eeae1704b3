#include "keys_int.h"
#include "label.h"

#include <errno.h>

/* The kinds of questions that a build asks the engine:
 *
 *	file       a path below the workspace     → what it contains
 *	ground     a variable, a path outside     → what it contains
 *	package    a folder                       → its BUILD.dhall, evaluated (package.c)
 *	target     a label                        → the target with its dependencies in place
 *	toolchain  the identity of a rendered one → its tree (toolchain_key.c)
 *	derivation the path of one                → (nothing: its outputs are valid; drv_keys.c)
 *	headers    a target and a name            → the tree of what it provides, with all it passes on
 *	action     a label and a number           → the outputs of that act
 *	goal       a label and what is wanted     → (nothing: it is done)
 *
 * A step that must wait for the pool or the sandbox keeps its work in a struct *_job, which is also its
 * scratch memory. */

struct build *key_build(struct dice_ctx *ctx)
{
	return dice_ctx_ud(ctx);
}

/* ---- failures ---- */

struct failure *failure_new(void)
{
	struct failure *f = mem_make(struct failure);

	f->refs = 1;
	return f;
}

enum dice_step key_fail(struct dice_ctx *ctx, struct diags *diags)
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
	struct build *b = key_build(ctx);
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
static enum dice_step fail_at_dependent(struct dice_ctx *ctx, const struct target *t, sym label, struct failure *f)
{
	struct diags diags = {0};
	const struct diag *cause = f->diags.first;
	bool target = cause->code == DIAG_UNKNOWN_TARGET;
	struct diag *d = diag_error(&diags, cause->code, t->span, "'%.*s' depends on '%.*s'%s%.*s",
			STR_ARG(sym_str(t->label)), STR_ARG(sym_str(label)), target ? ", which does not exist" : ": ",
			STR_ARG(target ? (str){0} : cause->text));

	if (cause->hint.n)
		diag_hint(&diags, d, "%.*s", STR_ARG(cause->hint));
	f->told = true;
	return key_fail(ctx, &diags);
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
		return key_fail(ctx, &diags);
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
			dice_id failed = ids[i];

			arena_clear(&a);
			if (is_absence(error, t->needs[i], ctx, root))
				return fail_at_dependent(ctx, t, t->needs[i], error);
			return dice_skip(ctx, failed);
		}
		deps[i] = dice_got(ctx, ids[i]).p;
	}
	c = configure(ref, t, deps, &diags);
	arena_clear(&a);
	return c ? dice_return(ctx, dice_ptr(c)) : key_fail(ctx, &diags);
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

/* ---- contents of artifacts ---- */

static struct action_key action_key_of(const struct artifact *a)
{
	return (struct action_key){a->label, a->act};
}

dice_id artifact_id(struct dice_ctx *ctx, const struct artifact *a)
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
	if (v->err == -EAGAIN) {
		files_changed(a->path, diags);
		return false;
	}
	d = diag_error(diags, DIAG_SOURCE_MISSING, t->span, "source '%.*s' of '%.*s' %s", STR_ARG(a->path),
			STR_ARG(sym_str(t->label)),
			v->found == FILES_ABSENT ? "does not exist"
			: v->err                 ? strerror(-v->err)
						 : "is not a regular file");
	if (v->found == FILES_ABSENT)
		diag_hint(diags, d, "correct the path in BUILD.dhall, or create the file");
	else if (!v->err)
		diag_hint(diags, d, "list the files that are in it, one by one");
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
bool artifact_content(struct dice_ctx *ctx, dice_id id, const struct artifact *a, const struct target *t,
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
	return key_fail(ctx, &diags);
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
	if (a->acts[k.act].kind == ACT_STEP)
		return process_step(ctx, c, &a->acts[k.act].step, k.act);
	return act_step(ctx, c, &a->acts[k.act]);
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
	.same = action_value_same,
	.release = action_value_release,
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
			return key_fail(ctx, &diags);
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

