#include "build_int.h"
#include "label.h"

#include <stdlib.h>

/* ---- targets ---- */

bool build_configure(struct build *b, const sym *labels, size_t n, struct diags *diags)
{
	dice_id *ids;
	bool ok;

	if (!build_ready(b, diags))
		return false;
	ids = mem_array(dice_id, n);
	for (size_t i = 0; i < n; i++)
		ids[i] = dice_key(b->dice, &kind_target, &labels[i]);
	ok = build_ask(b, ids, n, diags);
	mem_free(ids);
	return ok;
}

static const char *const visibility_words[] = {"public", "private", "package", "targets"}; /* ORDER VISIBILITY */

bool build_target(struct build *b, sym label, struct build_target *out)
{
	sym package = intern(label_package(label));
	union dice_value v;
	const struct target *t;
	str *sources;

	if (!b->dice || !dice_get(b->dice, &kind_package, &package, &v))
		return false;
	t = package_target(((struct package_ref *)v.p)->package, label_name(label));
	if (!t)
		return false;
	sources = arena_array(&b->arena, str, t->nsources);
	for (uint32_t i = 0; i < t->nsources; i++)
		sources[i] = t->package.n ? str_fmt(&b->arena, "%.*s/%.*s", STR_ARG(t->package), STR_ARG(t->sources[i]))
					  : t->sources[i];
	*out = (struct build_target){
		.label = t->label,
		.span = t->span,
		.visibility = visibility_words[t->visibility],
		.labels = t->labels,
		.nlabels = t->nlabels,
		.sources = sources,
		.nsources = t->nsources,
		.needs = t->needs,
		.nneeds = t->nneeds,
		.ntests = t->analysis.ntests + t->analysis.nsuite,
		.executable = t->analysis.executable.p != NULL,
	};
	return true;
}

/* ---- actions ----
 * The walk goes from what is wanted to what makes it, and lists an action after those whose outputs it
 * reads: an explicit stack, so that chains may be long. */

struct node {
	const struct configured *c;
	uint32_t act;
	bool opened;           /* its producers were pushed */
	bool listed, failed;
	struct action *action; /* of a step, once opened */
};

struct walk {
	struct build *build;
	struct diags *diags;
	struct map nodes; /* "LABEL act" → struct node * */
	VEC(struct node *) stack; /* a node may stand here again, until it is opened */
	VEC(struct build_command) out;
	bool failed;
};

static void want_act(struct walk *w, const struct configured *c, uint32_t act)
{
	struct arena *a = &w->build->arena;
	void **slot = map_slot(&w->nodes, str_fmt(a, "%.*s %u", STR_ARG(sym_str(c->target->label)), act), NULL);
	struct node *n = *slot;

	if (!n) {
		*slot = n = arena_make(a, struct node);
		n->c = c;
		n->act = act;
	}
	if (!n->opened)
		vec_push(&w->stack, n);
}

static void want_artifact(struct walk *w, const struct artifact *a)
{
	const struct configured *c = a->label ? build_configured(w->build, a->label) : NULL;

	if (c)
		want_act(w, c, a->act);
}

static struct toolchain **toolchains_of(struct walk *w, const struct configured *c, const sym *words, uint32_t n)
{
	struct build *b = w->build;
	struct toolchain **out = arena_array(&b->arena, struct toolchain *, n);
	sym *keys = arena_array(&b->arena, sym, n);

	if (!build_toolchain_keys(b, c, words, n, keys, w->diags))
		return NULL;
	for (uint32_t i = 0; i < n; i++) {
		dice_id id = dice_key(b->dice, &kind_toolchain, &keys[i]);
		union dice_value v;

		if (!dice_peek(b->dice, id, &v) && !build_ask(b, &id, 1, w->diags))
			return NULL;
		if (!dice_peek(b->dice, id, &v))
			return NULL;
		out[i] = v.p;
	}
	return out;
}

static const struct step *step_of(const struct configured *c, uint32_t act)
{
	const struct analysis *a = &c->target->analysis;

	if (act >= a->nacts)
		return &a->tests[act - a->nacts];
	return a->acts[act].kind == ACT_STEP ? &a->acts[act].step : NULL;
}

static struct action *make(struct walk *w, const struct configured *c, uint32_t act)
{
	const struct step *step = step_of(c, act);
	uint32_t n;
	const sym *words = action_toolchains(step, &w->build->arena, &n);
	struct toolchain **toolchains = toolchains_of(w, c, words, n);

	return toolchains ? action_make(c, step, act, words, toolchains, n, &w->build->arena, w->diags) : NULL;
}

static void paths(struct arena *a, const struct artifact *const *artifacts, uint32_t n, const str **out, size_t *count)
{
	str *p = arena_array(a, str, n);

	for (uint32_t i = 0; i < n; i++)
		p[i] = artifacts[i]->path;
	*out = p;
	*count = n;
}

/* Every file of the header sets, flattened. */
static void header_paths(struct walk *w, const struct action *a, struct build_command *out)
{
	VEC(str) all = {0};
	struct map seen = {0};
	str *p;

	for (uint32_t i = 0; i < a->nheaders; i++)
		vec_push(&all, a->headers[i]->path);
	for (uint32_t i = 0; i < a->step->nheaders; i++) {
		struct expansion e;

		if (a->step->headers[i].kind != INPUT_PROVIDED || !a->step->headers[i].provided.transitive)
			continue;
		e = provided_expand(a->configured, &a->step->headers[i].provided, &w->build->arena);
		for (uint32_t k = 0; k < e.n; k++)
			for (uint32_t u = 0; u < e.words[k]->nuses; u++) {
				bool fresh;

				map_slot(&seen, e.words[k]->uses[u]->path, &fresh);
				if (fresh)
					vec_push(&all, e.words[k]->uses[u]->path);
			}
	}
	p = arena_array(&w->build->arena, str, all.n);
	if (all.n)
		memcpy(p, all.p, all.n * sizeof *p);
	out->headers = p;
	out->nheaders = all.n;
	vec_free(&all);
	map_free(&seen);
}

static void emit_step(struct walk *w, const struct action *a, uint32_t act)
{
	struct build_command out = {
		.label = a->configured->target->label,
		.name = a->name,
		.category = category_names[a->step->category],
		.argv = a->argv,
		.argc = a->argc,
		.env = a->env,
		.nenv = a->nenv,
		.depfile = a->depfile,
		.out_file = a->out_file,
		.act = act,
	};

	paths(&w->build->arena, a->inputs, a->ninputs, &out.inputs, &out.ninputs);
	paths(&w->build->arena, a->outputs, a->noutputs, &out.outputs, &out.noutputs);
	header_paths(w, a, &out);
	vec_push(&w->out, out);
}

typedef VEC(const struct artifact *) artifact_vec;

static void input_artifacts(struct walk *w, const struct configured *c, const struct input *in, artifact_vec *out)
{
	struct artifacts a = {0};

	if (in->kind != INPUT_PROVIDED) {
		a = configured_input(c, in, &w->build->arena);
	} else {
		struct expansion e = provided_expand(c, &in->provided, &w->build->arena);

		for (uint32_t i = 0; i < e.n; i++)
			for (uint32_t k = 0; k < e.words[i]->nuses; k++)
				vec_push(out, e.words[i]->uses[k]);
	}
	for (uint32_t i = 0; i < a.n; i++)
		vec_push(out, a.p[i]);
}

static void core_artifacts(struct walk *w, const struct configured *c, const struct act *a, artifact_vec *out)
{
	if (a->kind == ACT_COPY)
		input_artifacts(w, c, &a->from, out);
	for (uint32_t i = 0; i < a->nitems; i++)
		input_artifacts(w, c, &a->items[i].from, out);
}

static void emit_core(struct walk *w, const struct configured *c, uint32_t act)
{
	static const char *const kinds[] = { /* ORDER ACT */
		NULL, "write", "copy", "symlink", "tree", "artifact", "sources", "fetch",
	};
	const struct act *a = &c->target->analysis.acts[act];
	const struct artifact *output = map_get(&c->by_output, a->output);
	artifact_vec inputs = {0};
	struct build_command out = {
		.label = c->target->label,
		.name = str_fmt(&w->build->arena, "%s %.*s", kinds[a->kind], STR_ARG(a->output)),
		.category = kinds[a->kind],
		.core = kinds[a->kind],
	};

	core_artifacts(w, c, a, &inputs);
	out.argv = a->urls;
	out.argc = a->nurls;
	paths(&w->build->arena, inputs.p, (uint32_t)inputs.n, &out.inputs, &out.ninputs);
	paths(&w->build->arena, &output, 1, &out.outputs, &out.noutputs);
	vec_push(&w->out, out);
	vec_free(&inputs);
}

/* Pushes what makes the inputs of a node; false when it cannot be made. */
static bool open_node(struct walk *w, struct node *n)
{
	artifact_vec inputs = {0};

	n->opened = true;
	if (!step_of(n->c, n->act)) {
		core_artifacts(w, n->c, &n->c->target->analysis.acts[n->act], &inputs);
	} else {
		n->action = make(w, n->c, n->act);
		if (!n->action)
			return false;
		for (uint32_t i = 0; i < n->action->ninputs; i++)
			vec_push(&inputs, n->action->inputs[i]);
		for (uint32_t i = 0; i < n->action->step->nheaders; i++)
			input_artifacts(w, n->c, &n->action->step->headers[i], &inputs);
	}
	for (size_t i = inputs.n; i-- > 0;)
		want_artifact(w, inputs.p[i]);
	vec_free(&inputs);
	return true;
}

/* A node is opened when it is first on top, and listed when it is on top again: by then all that it reads
 * is listed. */
static void walk_all(struct walk *w)
{
	while (w->stack.n) {
		struct node *n = vec_last(&w->stack);

		if (!n->opened) {
			n->failed = !open_node(w, n);
			w->failed = w->failed || n->failed;
			continue;
		}
		(void)vec_pop(&w->stack);
		if (n->listed || n->failed)
			continue;
		n->listed = true;
		if (n->action)
			emit_step(w, n->action, n->act);
		else
			emit_core(w, n->c, n->act);
	}
}

bool build_commands(struct build *b, const sym *labels, size_t n, const struct build_command **out, size_t *count,
		struct diags *diags)
{
	struct walk w = {.build = b, .diags = diags};
	struct build_command *p;

	if (!build_configure(b, labels, n, diags))
		return false;
	for (size_t i = 0; i < n; i++) {
		const struct configured *c = build_configured(b, labels[i]);

		for (uint32_t k = 0; k < c->ndefaults; k++)
			want_artifact(&w, c->defaults[k]);
		if (c->executable)
			want_artifact(&w, c->executable);
		walk_all(&w);
	}
	p = arena_array(&b->arena, struct build_command, w.out.n);
	if (w.out.n)
		memcpy(p, w.out.p, w.out.n * sizeof *p);
	*out = p;
	*count = w.out.n;
	vec_free(&w.out);
	vec_free(&w.stack);
	map_free(&w.nodes);
	return !w.failed;
}

/* ---- the past ---- */

struct past {
	struct build *build;
	str prefix;
	VEC(struct build_past) all;
};

static void take_past(void *ud, str key, str value)
{
	struct past *p = ud;
	struct journal_event e;
	struct build_past out;

	(void)value;
	if (!journal_last(p->build->state, key, &p->build->arena, &e))
		return;
	out = (struct build_past){
		.name = str_dup(&p->build->arena, str_from(key, p->prefix.n)),
		.run = e.run,
		.served = e.served,
		.start_ns = e.start_ns,
		.wall_ns = e.wall_ns,
		.action = e.action,
		.reasons = e.reasons,
		.nreasons = e.nreasons,
	};
	vec_push(&p->all, out);
}

void build_history(struct build *b, sym label, const struct build_past **out, size_t *n)
{
	struct past p = {.build = b, .prefix = str_fmt(&b->arena, "%.*s ", STR_ARG(sym_str(label)))};
	struct build_past *copy;

	state_each(b->state, STATE_RUN, p.prefix, take_past, &p);
	copy = arena_array(&b->arena, struct build_past, p.all.n);
	if (p.all.n)
		memcpy(copy, p.all.p, p.all.n * sizeof *copy);
	*out = copy;
	*n = p.all.n;
	vec_free(&p.all);
}

uint64_t build_run_number(const struct build *b)
{
	str value;
	struct cbor in;

	if (b->journal)
		return journal_run(b->journal);
	if (!state_get(b->state, STATE_RUN, S("#"), &value))
		return 0;
	in = cbor_over(value);
	return cbor_get_uint(&in);
}

/* ---- toolchains ---- */

static const str *joined(const str *a, size_t *n, const str *b, size_t more, struct arena *arena)
{
	str *out = arena_array(arena, str, *n + more);

	if (*n)
		memcpy(out, a, *n * sizeof *out);
	if (more)
		memcpy(out + *n, b, more * sizeof *out);
	*n += more;
	return out;
}

/* The parts' requests as one; NULL when a part is not captured. */
static struct build_host *host_of(const struct rendered *r, struct arena *a)
{
	struct build_host *h = arena_make(a, struct build_host);

	for (uint32_t i = 0; i < r->nbytes; i++) {
		const struct bytes *b = &r->bytes[i];

		if (b->kind != BYTES_HOST && b->kind != BYTES_PINNED)
			return NULL;
		h->compilers = joined(h->compilers, &h->ncompilers, b->compilers, b->ncompilers, a);
		h->languages = joined(h->languages, &h->nlanguages, b->languages, b->nlanguages, a);
		h->packages = joined(h->packages, &h->npackages, b->packages, b->npackages, a);
		h->programs = joined(h->programs, &h->nprograms, b->programs, b->nprograms, a);
	}
	return h;
}

/* The same with every pin undone. */
static struct rendered unpinned(const struct rendered *r, struct arena *a)
{
	struct rendered out = rendered_copy(r, a);
	struct bytes *bytes = arena_array(a, struct bytes, out.nbytes);

	for (uint32_t i = 0; i < out.nbytes; i++) {
		bytes[i] = out.bytes[i];
		if (bytes[i].kind == BYTES_PINNED)
			bytes[i].kind = BYTES_HOST;
	}
	out.bytes = bytes;
	return out;
}

static str pin_of(const struct rendered *r)
{
	for (uint32_t i = 0; i < r->nbytes; i++)
		if (r->bytes[i].kind == BYTES_PINNED || r->bytes[i].kind == BYTES_TREE)
			return r->bytes[i].where;
	return (str){0};
}

static void describe_toolchain(struct build *b, const struct toolchain_choice *choice, const struct toolchain *t,
		struct build_toolchain *out)
{
	str *tools = arena_array(&b->arena, str, t->rendered.ntools);

	for (uint32_t i = 0; i < t->rendered.ntools; i++)
		tools[i] = str_fmt(&b->arena, "%.*s %.*s", STR_ARG(t->rendered.tools[i].name),
				STR_ARG(t->rendered.tools[i].value));
	*out = (struct build_toolchain){
		.word = sym_str(choice->word),
		.name = t->rendered.name,
		.version = t->version,
		.digest = t->digest,
		.files = tree_files(t->tree),
		.bytes = tree_bytes(t->tree),
		.tools = tools,
		.ntools = t->rendered.ntools,
		.pinned = pin_of(&choice->rendered),
		.host = host_of(&choice->rendered, &b->arena),
	};
}

bool build_toolchains(struct build *b, enum build_bytes which, const struct build_toolchain **out, size_t *n, struct diags *diags)
{
	struct build_toolchain *p;

	*n = 0;
	if (!build_ready(b, diags))
		return false;
	*out = p = arena_array(&b->arena, struct build_toolchain, b->workspace.settings.ntoolchains);
	for (uint32_t i = 0; i < b->workspace.settings.ntoolchains; i++) {
		const struct toolchain_choice *choice = &b->workspace.settings.toolchains[i];
		struct rendered wanted = which == BYTES_OF_MACHINE ? unpinned(&choice->rendered, &b->arena)
								   : choice->rendered;
		sym key = build_toolchain_key(b, &wanted);
		dice_id id = dice_key(b->dice, &kind_toolchain, &key);
		union dice_value v;

		if (!build_ask(b, &id, 1, diags) || !dice_peek(b->dice, id, &v))
			return false;
		describe_toolchain(b, choice, v.p, &p[(*n)++]);
	}
	return true;
}
