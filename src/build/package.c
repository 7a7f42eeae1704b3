#include "keys_int.h"
#include "label.h"

#include <errno.h>

/* Packages, and what their values rest on.  A package is first looked up in the memo; an entry stands if the
 * engine's answers for all that it rests on are what the entry says.  So both a recalled and an evaluated
 * package depend on their grounds, and are asked again when one changes. */

/* ---- grounds that are not files of the workspace ---- */

struct ground_job {
	struct build *build;
	struct dice_job *job;
	struct ground_key key;
	struct ground_value *value;
};

static void ground_work(void *ud)
{
	struct ground_job *j = ud;

	j->value->known = witness_look(j->build->workspace.witness, (enum ground_kind)j->key.kind, j->key.name,
			&j->value->found, &j->value->content);
}

static void ground_done(void *ud)
{
	struct ground_job *j = ud;

	dice_complete(j->job, dice_ptr(j->value));
	mem_free(j);
}

static enum dice_step ground_step(struct dice_ctx *ctx, const void *key)
{
	struct ground_job *j = mem_make(struct ground_job);

	j->build = key_build(ctx);
	j->key = *(const struct ground_key *)key;
	j->value = mem_make(struct ground_value);
	j->job = dice_defer(ctx, NULL, j);
	pool_submit(j->build->pool, ground_work, ground_done, j);
	return DICE_WAIT;
}

static bool ground_same(union dice_value was, union dice_value now)
{
	const struct ground_value *a = was.p, *b = now.p;

	return a->known == b->known && a->found == b->found && (!a->found || digest_eq(&a->content, &b->content));
}

/* Nobody tells of changes out there: it is looked at again for every version. */
static bool ground_transient(union dice_value v)
{
	(void)v;
	return true;
}

static void ground_release(union dice_value v)
{
	mem_free(v.p);
}

static str ground_describe(void *ud, const void *key, struct arena *a)
{
	const struct ground_key *k = key;

	(void)ud;
	return str_fmt(a, "%s%.*s", k->kind == GROUND_VARIABLE ? "env:" : "", STR_ARG(sym_str(k->name)));
}

const struct dice_kind kind_ground = {
	.name = "ground",
	.key_size = sizeof(struct ground_key),
	.step = ground_step,
	.same = ground_same,
	.transient = ground_transient,
	.release = ground_release,
	.describe = ground_describe,
};

static dice_id ground_id(struct dice_ctx *ctx, enum ground_kind kind, sym name)
{
	struct ground_key key = {name, (uint32_t)kind};

	return kind == GROUND_FILE ? dice_dep(ctx, &kind_file, &name) : dice_dep(ctx, &kind_ground, &key);
}

static bool ground_stands(struct dice_ctx *ctx, dice_id id, const struct ground *g)
{
	void *v = dice_got(ctx, id).p;
	const struct file_value *file = v;
	const struct ground_value *other = v;

	if (g->kind != GROUND_FILE)
		return other->known && other->found == g->found &&
				(!g->found || digest_eq(&other->content, &g->content));
	if (!g->found)
		return file->found == FILES_ABSENT;
	return file->found == FILES_KNOWN && !file->err && digest_eq(&file->content.digest, &g->content);
}

/* ---- package ---- */

enum package_phase {
	PACKAGE_FILE,      /* its BUILD.dhall is asked for */
	PACKAGE_RECALLED,  /* the memo was read; entries are tried */
	PACKAGE_EVALUATED, /* what it rests on is asked for */
};

struct package_run { /* scratch */
	struct build *build;
	struct dice_job *job;
	str path;
	enum package_phase phase;
	struct digest content; /* of BUILD.dhall */
	struct memo memo;
	uint32_t entry; /* that is being tried */
	struct package *newest; /* of the first entry */
	struct package *package;
	struct diags diags;
};

static void package_drop(void *scratch)
{
	struct package_run *r = scratch;

	memo_clear(&r->memo);
	package_free(r->newest);
	package_free(r->package);
	diags_free(&r->diags);
}

static void package_resume(void *ud)
{
	struct package_run *r = ud;

	dice_resume(r->job);
}

static enum dice_step on_pool(struct dice_ctx *ctx, struct package_run *r, pool_fn *work)
{
	r->job = dice_defer(ctx, NULL, r);
	pool_submit(r->build->pool, work, package_resume, r);
	return DICE_WAIT;
}

static enum dice_step answer(struct dice_ctx *ctx, struct package_run *r, struct package **p)
{
	struct package_ref *ref = package_ref_new(*p);

	*p = NULL;
	vec_push(&r->build->packages, package_ref(ref));
	return dice_return(ctx, dice_ptr(ref));
}

static str build_file(str package, struct arena *a)
{
	return package.n ? str_fmt(a, "%.*s/BUILD.dhall", STR_ARG(package)) : S("BUILD.dhall");
}

static enum dice_step no_package(struct dice_ctx *ctx, str path, sym file)
{
	struct diags diags = {0};
	struct diag *d = diag_error(&diags, DIAG_UNKNOWN_PACKAGE, NO_SPAN,
			"there is no package '//%.*s': '%.*s' does not exist", STR_ARG(path),
			STR_ARG(sym_str(file)));

	diag_hint(&diags, d, "a package is a folder with a BUILD.dhall; check the spelling of the label");
	return key_fail(ctx, &diags);
}

static enum dice_step not_a_name(struct dice_ctx *ctx, str path)
{
	struct diags diags = {0};
	struct diag *d = diag_error(&diags, DIAG_LABEL_SYNTAX, NO_SPAN, "the folder '%.*s' cannot be a package",
			STR_ARG(path));

	diag_hint(&diags, d, "rename it: a label has no blank, quote or ':' in it; or list it in `ignore` of "
			     "straylight.dhall");
	return key_fail(ctx, &diags);
}

static void recall_work(void *ud)
{
	struct package_run *r = ud;

	package_recall(&r->build->workspace, r->path, &r->content, &r->memo);
	if (r->memo.n)
		r->newest = package_recalled(&r->build->workspace, r->path, &r->memo.entries[0]);
}

static void evaluate_work(void *ud)
{
	struct package_run *r = ud;

	r->package = workspace_package(&r->build->workspace, r->path, &r->diags);
}

static enum dice_step evaluate(struct dice_ctx *ctx, struct package_run *r)
{
	const struct build_observer *o = &r->build->options.observer;

	if (o->loading)
		o->loading(o->ud, r->path);
	r->phase = PACKAGE_EVALUATED;
	return on_pool(ctx, r, evaluate_work);
}

static enum dice_step begin(struct dice_ctx *ctx, struct package_run *r, str path)
{
	struct arena a = {0};
	sym name = intern(build_file(path, &a));
	const struct file_value *file;
	union dice_value v;

	arena_clear(&a);
	r->build = key_build(ctx);
	r->path = path;
	if (!label_package_ok(path))
		return not_a_name(ctx, path);
	if (!dice_ask(ctx, &kind_file, &name, &v))
		return DICE_WAIT;
	file = v.p;
	if (file->found != FILES_KNOWN)
		return no_package(ctx, path, name);
	if (file->err)
		return evaluate(ctx, r); /* which says what is wrong with it */
	r->content = file->content.digest;
	r->phase = PACKAGE_RECALLED;
	return on_pool(ctx, r, recall_work);
}

/* Asks for all that the entry rests on.  false: return DICE_WAIT. */
static bool try_entry(struct dice_ctx *ctx, const struct memo_entry *e, bool *holds)
{
	struct arena a = {0};
	dice_id *ids = arena_array(&a, dice_id, e->ngrounds);
	bool there;

	for (uint32_t i = 0; i < e->ngrounds; i++)
		ids[i] = ground_id(ctx, e->grounds[i].kind, e->grounds[i].name);
	there = dice_need(ctx, ids, e->ngrounds);
	*holds = there;
	for (uint32_t i = 0; i < e->ngrounds && *holds; i++)
		*holds = ground_stands(ctx, ids[i], &e->grounds[i]);
	arena_clear(&a);
	return there;
}

static enum dice_step try_entries(struct dice_ctx *ctx, struct package_run *r)
{
	for (; r->entry < r->memo.n; r->entry++) {
		const struct memo_entry *e = &r->memo.entries[r->entry];
		bool holds;

		if (!try_entry(ctx, e, &holds))
			return DICE_WAIT;
		if (holds && r->entry)
			r->package = package_recalled(&r->build->workspace, r->path, e);
		if (holds && r->entry && r->package)
			return answer(ctx, r, &r->package);
		if (holds && !r->entry && r->newest)
			return answer(ctx, r, &r->newest);
	}
	return evaluate(ctx, r);
}

static enum dice_step finish(struct dice_ctx *ctx, struct package_run *r)
{
	const struct package *p = r->package;
	struct arena a = {0};
	enum ground_kind kind;
	dice_id *ids;
	size_t n = 0;
	sym name;
	bool there;

	if (!p)
		return key_fail(ctx, &r->diags);
	ids = arena_array(&a, dice_id, p->ndeps);
	for (size_t i = 0; i < p->ndeps; i++)
		if (ground_of(p->deps[i], r->build->workspace.root, &kind, &name))
			ids[n++] = ground_id(ctx, kind, name);
	there = dice_need(ctx, ids, n);
	arena_clear(&a);
	return there ? answer(ctx, r, &r->package) : DICE_WAIT;
}

static enum dice_step package_step(struct dice_ctx *ctx, const void *key)
{
	struct package_run *r = dice_scratch(ctx, sizeof *r, package_drop);

	switch (r->phase) {
	case PACKAGE_FILE: return begin(ctx, r, sym_str(*(const sym *)key));
	case PACKAGE_RECALLED: return try_entries(ctx, r);
	case PACKAGE_EVALUATED: break;
	}
	return finish(ctx, r);
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
