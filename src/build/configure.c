#include "configure.h"
#include "label.h"

#include <stdlib.h>

/* ---- counting ---- */

struct package_ref *package_ref_new(struct package *p)
{
	struct package_ref *r = mem_make(struct package_ref);

	r->refs = 1;
	r->package = p;
	return r;
}

struct package_ref *package_ref(struct package_ref *r)
{
	r->refs++;
	return r;
}

void package_unref(struct package_ref *r)
{
	if (!r || --r->refs)
		return;
	arena_clear(&r->package->arena);
	mem_free(r->package);
	mem_free(r);
}

struct configured *configured_ref(struct configured *c)
{
	c->refs++;
	return c;
}

/* Iterative: a chain of a million targets is let go without deep recursion. */
void configured_unref(struct configured *c)
{
	VEC(struct configured *) dead = {0};

	if (!c || --c->refs)
		return;
	vec_push(&dead, c);
	while (dead.n) {
		c = vec_pop(&dead);
		for (uint32_t i = 0; i < c->target->nneeds; i++)
			if (c->deps[i] && --c->deps[i]->refs == 0)
				vec_push(&dead, c->deps[i]);
		map_free(&c->by_output);
		package_unref(c->package);
		arena_clear(&c->arena);
		mem_free(c);
	}
	vec_free(&dead);
}

/* ---- looking up ---- */

struct configured *configured_dep(const struct configured *c, sym label)
{
	uint32_t lo = 0, hi = c->target->nneeds;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		int order = sym_cmp(c->target->needs[mid], label);

		if (order == 0)
			return c->deps[mid];
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

const struct set *configured_set(const struct configured *c, sym name)
{
	for (uint32_t i = 0; i < c->nsets; i++)
		if (c->sets[i].name == name)
			return &c->sets[i];
	return NULL;
}

bool configured_visible(const struct target *t, sym label)
{
	str package = label_package(label);
	struct pattern p;
	const char *why;

	if (str_eq(package, t->package))
		return true;
	switch (t->visibility) {
	case VISIBLE_PUBLIC: return true;
	case VISIBLE_PRIVATE: return false;
	case VISIBLE_PACKAGE: return package_is_below(package, t->package);
	case VISIBLE_TARGETS: break;
	}
	for (uint32_t i = 0; i < t->nvisible_to; i++)
		if (pattern_parse(t->visible_to[i], t->package, &p, &why) && pattern_matches(&p, label))
			return true;
	return false;
}

/* ---- artifacts ---- */

static str join(struct arena *a, str dir, str name)
{
	if (dir.n == 0)
		return str_dup(a, name);
	return str_fmt(a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name));
}

static const struct artifact *source_artifact(const struct configured *c, str path, struct arena *a)
{
	struct artifact *out = arena_make(a, struct artifact);

	out->path = join(a, c->target->package, path);
	out->name = intern(out->path);
	return out;
}

static const struct artifact **one(struct arena *a, const struct artifact *artifact)
{
	const struct artifact **p = arena_array(a, const struct artifact *, 1);

	*p = artifact;
	return p;
}

struct artifacts configured_input(const struct configured *c, const struct input *in, struct arena *a)
{
	const struct configured *dep;

	switch (in->kind) {
	case INPUT_SOURCE:
		if (!in->label)
			return (struct artifacts){one(a, source_artifact(c, in->text, a)), 1};
		dep = configured_dep(c, in->label);
		return (struct artifacts){dep->defaults, dep->ndefaults};
	case INPUT_OUTPUT: return (struct artifacts){one(a, map_get(&c->by_output, in->text)), 1};
	case INPUT_PROVIDED: break;
	}
	return (struct artifacts){NULL, 0};
}

/* ---- words ---- */

static const struct artifact *label_artifact(
		const struct configured *c, sym label, const struct configured *dep, struct diags *diags)
{
	struct diag *d;

	if (dep->ndefaults == 1)
		return dep->defaults[0];
	d = diag_error(diags, DIAG_NO_SINGLE_OUTPUT, c->target->span,
			"'%.*s' stands for one file here, but has %u outputs", STR_ARG(sym_str(label)), dep->ndefaults);
	diag_hint(diags, d, "name a target with one output, or use it where a list of files is taken");
	return NULL;
}

static const struct artifact *piece_artifact(
		const struct configured *c, const struct piece *p, struct arena *a, struct diags *diags)
{
	if (p->kind == PIECE_OUTPUT)
		return map_get(&c->by_output, p->text);
	if (p->label)
		return label_artifact(c, p->label, configured_dep(c, p->label), diags);
	return source_artifact(c, p->text, a);
}

static str no_tool(const struct configured *c, const struct piece *p, struct diags *diags)
{
	struct diag *d = diag_error(diags, DIAG_TOOL_UNKNOWN, c->target->span,
			"'%.*s' names tool '%.*s' of '%.*s' outside of a command", STR_ARG(sym_str(c->target->label)),
			STR_ARG(p->text), STR_ARG(sym_str(p->toolchain)));

	diag_hint(diags, d, "a toolchain is at hand in a step's command and environment only");
	return (str){NULL, 0};
}

bool configured_word(const struct configured *c, const struct word *w, tool_fn *tool, void *ud, struct arena *a,
		struct expanded *out, struct diags *diags)
{
	const struct artifact **uses = arena_array(a, const struct artifact *, w->n);
	struct buf text = {0};
	uint32_t nuses = 0;
	bool ok = true;

	for (uint32_t i = 0; i < w->n; i++) {
		const struct piece *p = &w->pieces[i];
		const struct artifact *artifact;

		switch (p->kind) {
		case PIECE_TEXT: buf_str(&text, p->text); break;
		case PIECE_SOURCE:
		case PIECE_OUTPUT:
			artifact = piece_artifact(c, p, a, diags);
			if (!artifact && p->kind == PIECE_OUTPUT) { /* a depfile: a place, not an artifact */
				buf_str(&text, c->out_dir);
				buf_c(&text, '/');
				buf_str(&text, p->text);
				break;
			}
			ok = ok && artifact;
			if (!artifact)
				break;
			buf_str(&text, artifact->path);
			uses[nuses++] = artifact;
			break;
		case PIECE_TOOL: {
			str path = tool ? tool(ud, p->toolchain, p->text) : no_tool(c, p, diags);

			ok = ok && path.p;
			buf_str(&text, path);
			break;
		}
		case PIECE_PACKAGE: buf_str(&text, c->target->package.n ? c->target->package : S(".")); break;
		case PIECE_OUTPUTS: buf_str(&text, c->out_dir); break;
		}
	}
	out->uses = uses;
	out->nuses = nuses;
	out->text = buf_take(&text, a);
	return ok;
}

/* ---- configuring ---- */

struct maker {
	struct configured *c;
	struct diags *diags;
	VEC(struct artifact) outputs;
};

static void declare(struct maker *m, str path, uint32_t act, bool directory)
{
	struct artifact out = {
		.path = join(&m->c->arena, m->c->out_dir, path),
		.label = m->c->target->label,
		.act = act,
		.directory = directory,
	};
	bool fresh;

	out.name = intern(out.path);
	map_slot(&m->c->by_output, path, &fresh);
	if (!fresh) {
		struct diag *d = diag_error(m->diags, DIAG_DUPLICATE_OUTPUT, m->c->target->span,
				"two actions of '%.*s' write '%.*s'", STR_ARG(sym_str(m->c->target->label)), STR_ARG(path));

		diag_hint(m->diags, d, "list each source once, and give every output a name of its own");
	}
	vec_push(&m->outputs, out);
}

static bool makes_directory(const struct act *act)
{
	return act->kind == ACT_TREE || act->kind == ACT_SOURCES || (act->kind == ACT_FETCH && act->unpack);
}

static void declare_outputs(struct maker *m)
{
	const struct analysis *a = &m->c->target->analysis;

	for (uint32_t i = 0; i < a->nacts; i++) {
		const struct act *act = &a->acts[i];

		if (act->kind != ACT_STEP) {
			declare(m, act->output, i, makes_directory(act));
			continue;
		}
		for (uint32_t k = 0; k < act->step.noutputs; k++)
			declare(m, act->step.outputs[k], i, false);
		for (uint32_t k = 0; k < act->step.ndirectories; k++)
			declare(m, act->step.directories[k], i, true);
		if (act->step.out_file.p && !map_has(&m->c->by_output, act->step.out_file))
			declare(m, act->step.out_file, i, false);
	}
}

/* The vector has stopped moving: the map may point into a copy of it. */
static void index_outputs(struct maker *m)
{
	struct configured *c = m->c;
	struct artifact *outputs = arena_array(&c->arena, struct artifact, m->outputs.n);
	size_t skip = c->out_dir.n + 1;

	if (m->outputs.n)
		memcpy(outputs, m->outputs.p, m->outputs.n * sizeof *outputs);
	for (size_t i = 0; i < m->outputs.n; i++)
		map_put(&c->by_output, str_from(outputs[i].path, skip), &outputs[i]);
	c->outputs = outputs;
	c->noutputs = (uint32_t)m->outputs.n;
	vec_free(&m->outputs);
}

/* No output lies inside another. */
static void check_nesting(struct maker *m)
{
	struct configured *c = m->c;

	for (uint32_t i = 0; i < c->noutputs; i++) {
		str path = str_from(c->outputs[i].path, c->out_dir.n + 1);

		for (size_t n = 1; n < path.n; n++) {
			struct diag *d;

			if (path.p[n] != '/' || !map_has(&c->by_output, str_upto(path, n)))
				continue;
			d = diag_error(m->diags, DIAG_DUPLICATE_OUTPUT, c->target->span,
					"output '%.*s' of '%.*s' lies inside '%.*s', which is an output too",
					STR_ARG(path), STR_ARG(sym_str(c->target->label)), STR_ARG(str_upto(path, n)));
			diag_hint(m->diags, d, "give one of them another name, or declare only the directory");
		}
	}
}

static void unknown_output(struct maker *m, str path)
{
	struct diag *d = diag_error(m->diags, DIAG_OUTPUT_UNKNOWN, m->c->target->span,
			"'%.*s' mentions output '%.*s', which none of its actions writes before",
			STR_ARG(sym_str(m->c->target->label)), STR_ARG(path));

	diag_hint(m->diags, d, "actions run in the order of the list; declare the output in an earlier one");
}

/* `act` may mention what acts before it write. */
static void check_mention(struct maker *m, str output, uint32_t act)
{
	const struct artifact *a = map_get(&m->c->by_output, output);

	if (!a || a->act >= act)
		unknown_output(m, output);
}

/* A step's own outputs and its depfile may be named in its words too. */
static void check_word(struct maker *m, const struct word *w, uint32_t act, const struct step *own)
{
	for (uint32_t i = 0; i < w->n; i++) {
		if (w->pieces[i].kind != PIECE_OUTPUT)
			continue;
		if (!own || !own->depfile.p || !str_eq(w->pieces[i].text, own->depfile))
			check_mention(m, w->pieces[i].text, own ? act + 1 : act);
	}
}

static void check_inputs(struct maker *m, const struct input *in, uint32_t n, uint32_t act)
{
	for (uint32_t i = 0; i < n; i++)
		if (in[i].kind == INPUT_OUTPUT)
			check_mention(m, in[i].text, act);
}

static void check_args(struct maker *m, const struct arg *args, uint32_t n, uint32_t act, const struct step *own)
{
	for (uint32_t i = 0; i < n; i++) {
		if (args[i].kind == ARG_WORD)
			check_word(m, &args[i].word, act, own);
		if (args[i].kind == ARG_WHEN) /* its arguments hold no further When */
			check_args(m, args[i].args, args[i].nargs, act, own);
	}
}

static void check_step(struct maker *m, const struct step *s, uint32_t act)
{
	check_args(m, s->command, s->ncommand, act, s);
	for (uint32_t i = 0; i < s->nenv; i++)
		check_word(m, &s->env[i].value, act, s);
	check_inputs(m, s->inputs, s->ninputs, act);
	check_inputs(m, s->headers, s->nheaders, act);
}

static void check_mentions(struct maker *m)
{
	const struct analysis *a = &m->c->target->analysis;

	for (uint32_t i = 0; i < a->nacts; i++) {
		const struct act *act = &a->acts[i];

		switch (act->kind) {
		case ACT_STEP: check_step(m, &act->step, i); break;
		case ACT_WRITE: check_word(m, &act->content, i + 1, NULL); break;
		case ACT_COPY: check_inputs(m, &act->from, 1, i); break;
		case ACT_TREE:
		case ACT_SOURCES:
			for (uint32_t k = 0; k < act->nitems; k++)
				check_inputs(m, &act->items[k].from, 1, i);
			break;
		case ACT_SYMLINK:
		case ACT_FETCH:
		case ACT_ARTIFACT: break;
		}
	}
	for (uint32_t i = 0; i < a->ntests; i++)
		check_step(m, &a->tests[i], a->nacts);
	for (uint32_t i = 0; i < a->nprovides; i++)
		for (uint32_t k = 0; k < a->provides[i].nwords; k++)
			check_word(m, &a->provides[i].words[k], a->nacts, NULL);
	for (uint32_t i = 0; i < a->noutputs; i++)
		check_mention(m, a->outputs[i], a->nacts);
	check_inputs(m, a->exports, a->nexports, a->nacts);
	if (a->executable.p)
		check_mention(m, a->executable, a->nacts);
}

static void check_visibility(struct maker *m)
{
	const struct target *t = m->c->target;

	for (uint32_t i = 0; i < t->nneeds; i++) {
		const struct target *dep = m->c->deps[i]->target;
		struct diag *d;

		if (configured_visible(dep, t->label))
			continue;
		d = diag_error(m->diags, DIAG_NOT_VISIBLE, t->span, "'%.*s' may not depend on '%.*s'",
				STR_ARG(sym_str(t->label)), STR_ARG(sym_str(dep->label)));
		diag_note(m->diags, d, dep->span, "its visibility does not include '%.*s'", STR_ARG(sym_str(t->label)));
		diag_hint(m->diags, d, "widen common.visibility of '%.*s', or depend on a target that is public",
				STR_ARG(sym_str(dep->label)));
	}
}

/* What all provides of that name say, as one set. */
static void make_set(struct maker *m, sym name, struct set *out)
{
	struct configured *c = m->c;
	const struct analysis *a = &c->target->analysis;
	uint32_t nwords = 0, nfrom = 0;
	struct expanded *words;
	const struct set **from;

	for (uint32_t i = 0; i < a->nprovides; i++) {
		nwords += a->provides[i].name == name ? a->provides[i].nwords : 0;
		nfrom += a->provides[i].name == name ? a->provides[i].nfrom : 0;
	}
	words = arena_array(&c->arena, struct expanded, nwords);
	from = arena_array(&c->arena, const struct set *, nfrom);
	*out = (struct set){.name = name, .owner = c->target->label, .words = words, .from = from};
	for (uint32_t i = 0; i < a->nprovides; i++) {
		const struct provide *p = &a->provides[i];

		if (p->name != name)
			continue;
		for (uint32_t k = 0; k < p->nwords; k++)
			configured_word(c, &p->words[k], NULL, NULL, &c->arena, &words[out->nwords++], m->diags);
		for (uint32_t k = 0; k < p->nfrom; k++) {
			const struct set *s = configured_set(configured_dep(c, p->from[k]), name);

			if (s)
				from[out->nfrom++] = s;
		}
	}
}

/* A forwarded set: nothing of its own, all of the dependency's. */
static void forward_set(struct maker *m, const struct set *s, struct set *out)
{
	const struct set **from = arena_array(&m->c->arena, const struct set *, 1);

	from[0] = s;
	*out = (struct set){.name = s->name, .owner = m->c->target->label, .forward = true, .from = from, .nfrom = 1};
}

static void make_sets(struct maker *m)
{
	const struct analysis *a = &m->c->target->analysis;
	uint32_t most = a->nprovides;
	struct set *sets;

	for (uint32_t i = 0; i < a->nforwards; i++)
		most += configured_dep(m->c, a->forwards[i])->nsets;
	sets = arena_array(&m->c->arena, struct set, most);
	m->c->sets = sets;
	for (uint32_t i = 0; i < a->nprovides; i++)
		if (!configured_set(m->c, a->provides[i].name))
			make_set(m, a->provides[i].name, &sets[m->c->nsets++]);
	for (uint32_t i = 0; i < a->nforwards; i++) {
		const struct configured *dep = configured_dep(m->c, a->forwards[i]);

		for (uint32_t k = 0; k < dep->nsets; k++)
			if (!configured_set(m->c, dep->sets[k].name))
				forward_set(m, &dep->sets[k], &sets[m->c->nsets++]);
	}
}

static void make_defaults(struct maker *m)
{
	struct configured *c = m->c;
	const struct analysis *a = &c->target->analysis;
	VEC(const struct artifact *) all = {0};
	const struct artifact **p;

	for (uint32_t i = 0; i < a->noutputs; i++)
		vec_push(&all, (const struct artifact *)map_get(&c->by_output, a->outputs[i]));
	for (uint32_t i = 0; i < a->nexports; i++) {
		struct artifacts in = configured_input(c, &a->exports[i], &c->arena);

		for (uint32_t k = 0; k < in.n; k++)
			vec_push(&all, in.p[k]);
	}
	p = arena_array(&c->arena, const struct artifact *, all.n);
	if (all.n)
		memcpy(p, all.p, all.n * sizeof *p);
	c->defaults = p;
	c->ndefaults = (uint32_t)all.n;
	vec_free(&all);
	if (a->executable.p)
		c->executable = map_get(&c->by_output, a->executable);
	for (uint32_t i = 0; !c->executable && i < a->nforwards; i++)
		c->executable = configured_dep(c, a->forwards[i])->executable;
}

struct configured *configure(struct package_ref *package, const struct target *t, struct configured *const *deps,
		struct diags *diags)
{
	struct configured *c = mem_make(struct configured);
	struct maker m = {.c = c, .diags = diags};
	size_t errors = diags->errors;

	c->refs = 1;
	c->package = package_ref(package);
	c->target = t;
	c->deps = arena_array(&c->arena, struct configured *, t->nneeds);
	for (uint32_t i = 0; i < t->nneeds; i++)
		c->deps[i] = configured_ref(deps[i]);
	c->out_dir = t->package.n ? str_fmt(&c->arena, OUT_DIR "/%.*s/%.*s", STR_ARG(t->package), STR_ARG(t->name))
				  : str_fmt(&c->arena, OUT_DIR "/%.*s", STR_ARG(t->name));
	declare_outputs(&m);
	index_outputs(&m);
	check_nesting(&m);
	check_visibility(&m);
	if (diags->errors == errors)
		check_mentions(&m);
	if (diags->errors == errors) {
		make_sets(&m);
		make_defaults(&m);
	}
	if (diags->errors == errors)
		return c;
	configured_unref(c);
	return NULL;
}
