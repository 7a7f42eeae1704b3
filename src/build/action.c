#include "action.h"

#include <stdlib.h>

struct maker {
	const struct configured *c;
	const struct step *step;
	uint32_t act;
	const sym *words;
	struct toolchain *const *toolchains;
	uint32_t ntoolchains;
	struct arena *arena;
	struct diags *diags;
	struct map seen; /* input paths */
	VEC(str) argv;
	VEC(const struct artifact *) inputs;
	VEC(const struct artifact *) headers;
	VEC(const struct set *) header_sets;
};

/* ---- toolchains ---- */

static void note_word(sym word, sym *out, uint32_t *n)
{
	for (uint32_t i = 0; i < *n; i++)
		if (out[i] == word)
			return;
	out[(*n)++] = word;
}

static uint32_t count_in_args(const struct arg *args, uint32_t n)
{
	uint32_t most = n;

	for (uint32_t i = 0; i < n; i++) {
		if (args[i].kind == ARG_WORD)
			most += args[i].word.n;
		if (args[i].kind == ARG_WHEN)
			most += count_in_args(args[i].args, args[i].nargs);
	}
	return most;
}

static uint32_t count_mentions(const struct step *s)
{
	uint32_t most = count_in_args(s->command, s->ncommand) + s->ntoolchains;

	for (uint32_t i = 0; i < s->nenv; i++)
		most += s->env[i].value.n;
	return most;
}

static void note_tools(const struct word *w, sym *out, uint32_t *n)
{
	for (uint32_t i = 0; i < w->n; i++)
		if (w->pieces[i].kind == PIECE_TOOL)
			note_word(w->pieces[i].toolchain, out, n);
}

static void note_args(const struct arg *args, uint32_t count, sym *out, uint32_t *n)
{
	for (uint32_t i = 0; i < count; i++)
		switch (args[i].kind) {
		case ARG_WORD: note_tools(&args[i].word, out, n); break;
		case ARG_FLAGS: note_word(args[i].toolchain, out, n); break;
		case ARG_WHEN: note_args(args[i].args, args[i].nargs, out, n); break;
		case ARG_PROVIDED: break;
		}
}

const sym *action_toolchains(const struct step *s, struct arena *a, uint32_t *n)
{
	sym *out = arena_array(a, sym, count_mentions(s));

	*n = 0;
	note_args(s->command, s->ncommand, out, n);
	for (uint32_t i = 0; i < s->ntoolchains; i++)
		note_word(s->toolchains[i], out, n);
	for (uint32_t i = 0; i < s->nenv; i++)
		note_tools(&s->env[i].value, out, n);
	return out;
}

static const struct toolchain *toolchain_of(const struct maker *m, sym word)
{
	for (uint32_t i = 0; i < m->ntoolchains; i++)
		if (m->words[i] == word)
			return m->toolchains[i];
	return NULL;
}

static str tool(void *ud, sym word, str name)
{
	struct maker *m = ud;
	const struct toolchain *t = toolchain_of(m, word);
	str path = t ? toolchain_tool(t, name) : (str){NULL, 0};

	if (!path.p) {
		struct diag *d = diag_error(m->diags, DIAG_TOOL_UNKNOWN, m->c->target->span,
				"toolchain '%.*s' of '%.*s' has no tool '%.*s'", STR_ARG(sym_str(word)),
				STR_ARG(sym_str(m->c->target->label)), STR_ARG(name));

		diag_hint(m->diags, d, "`straylight toolchain list` shows the tools of each toolchain");
	}
	return path;
}

/* ---- inputs ---- */

static bool is_own_output(const struct maker *m, const struct artifact *a)
{
	return a->label == m->c->target->label && a->act == m->act;
}

static void use(struct maker *m, const struct artifact *a)
{
	bool fresh;

	if (!a || is_own_output(m, a))
		return;
	map_slot(&m->seen, a->path, &fresh);
	if (fresh)
		vec_push(&m->inputs, a);
}

static void use_word(struct maker *m, const struct expanded *w)
{
	for (uint32_t i = 0; i < w->nuses; i++)
		use(m, w->uses[i]);
}

static void use_input(struct maker *m, const struct input *in)
{
	struct artifacts a;

	if (in->kind == INPUT_PROVIDED) {
		struct expansion e = provided_expand(m->c, &in->provided, m->arena);

		for (uint32_t i = 0; i < e.n; i++)
			use_word(m, e.words[i]);
		return;
	}
	a = configured_input(m->c, in, m->arena);
	for (uint32_t i = 0; i < a.n; i++)
		use(m, a.p[i]);
}

/* Headers that are provided with all they pass on stay sets: their trees are made once and shared. */
static void use_header(struct maker *m, const struct input *in)
{
	struct artifacts a;

	if (in->kind == INPUT_PROVIDED && in->provided.transitive) {
		for (uint32_t i = 0; i < in->provided.ndeps; i++) {
			const struct set *s = configured_set(
					configured_dep(m->c, in->provided.deps[i]), in->provided.name);

			if (s)
				vec_push(&m->header_sets, s);
		}
		return;
	}
	if (in->kind == INPUT_PROVIDED) {
		struct expansion e = provided_expand(m->c, &in->provided, m->arena);

		for (uint32_t i = 0; i < e.n; i++)
			for (uint32_t k = 0; k < e.words[i]->nuses; k++)
				vec_push(&m->headers, e.words[i]->uses[k]);
		return;
	}
	a = configured_input(m->c, in, m->arena);
	for (uint32_t i = 0; i < a.n; i++)
		vec_push(&m->headers, a.p[i]);
}

/* ---- words ---- */

static void add_flags(struct maker *m, const struct arg *arg)
{
	const struct toolchain *t = toolchain_of(m, arg->toolchain);
	const struct flag_list *flags = t ? toolchain_flags(t, arg->category) : NULL;

	for (uint32_t i = 0; flags && i < flags->n; i++)
		vec_push(&m->argv, flags->flags[i]);
}

static void add_provided(struct maker *m, const struct arg *arg)
{
	struct expansion e = provided_expand(m->c, &arg->provided, m->arena);

	for (uint32_t i = 0; i < e.n; i++) {
		str word = e.words[i]->text;

		if (arg->flag.p)
			vec_push(&m->argv, arg->flag);
		if (arg->prefix.n)
			word = str_fmt(m->arena, "%.*s%.*s", STR_ARG(arg->prefix), STR_ARG(word));
		vec_push(&m->argv, word);
		use_word(m, e.words[i]);
	}
}

static void add_arg(struct maker *, const struct arg *);

/* The arguments of a When, if the file that it asks about ends as it says. */
static void add_when(struct maker *m, const struct arg *arg)
{
	struct word file = {&arg->file, 1};
	struct expanded w;

	if (!configured_word(m->c, &file, NULL, NULL, m->arena, &w, m->diags))
		return;
	for (uint32_t i = 0; i < arg->nsuffixes; i++) {
		if (!str_ends(w.text, arg->suffixes[i]))
			continue;
		for (uint32_t k = 0; k < arg->nargs; k++)
			add_arg(m, &arg->args[k]);
		return;
	}
}

static void add_arg(struct maker *m, const struct arg *arg)
{
	struct expanded w;

	switch (arg->kind) {
	case ARG_WORD:
		if (configured_word(m->c, &arg->word, tool, m, m->arena, &w, m->diags)) {
			vec_push(&m->argv, w.text);
			use_word(m, &w);
		}
		break;
	case ARG_FLAGS: add_flags(m, arg); break;
	case ARG_PROVIDED: add_provided(m, arg); break;
	case ARG_WHEN: add_when(m, arg); break;
	}
}

/* By name: "A=" stands before "A1=", as REAPI has it, though '=' is greater than '1'. */
static int by_name(const void *a, const void *b)
{
	str x, y, value;

	str_cut(*(const str *)a, '=', &x, &value);
	str_cut(*(const str *)b, '=', &y, &value);
	return str_cmp(x, y);
}

/* The toolchains' variables, then the step's, which win. */
static void make_env(struct maker *m, struct action *out)
{
	struct map vars = {0};
	str *env;

	for (uint32_t i = 0; i < m->ntoolchains; i++)
		for (uint32_t k = 0; k < m->toolchains[i]->rendered.nenv; k++) {
			const struct named_text *v = &m->toolchains[i]->rendered.env[k];
			str *line = arena_make(m->arena, str);

			*line = str_fmt(m->arena, "%.*s=%.*s", STR_ARG(v->name), STR_ARG(v->value));
			map_put(&vars, v->name, line);
		}
	for (uint32_t i = 0; i < m->step->nenv; i++) {
		struct expanded w;
		str *line = arena_make(m->arena, str);

		if (!configured_word(m->c, &m->step->env[i].value, tool, m, m->arena, &w, m->diags))
			continue;
		use_word(m, &w);
		*line = str_fmt(m->arena, "%.*s=%.*s", STR_ARG(m->step->env[i].name), STR_ARG(w.text));
		map_put(&vars, m->step->env[i].name, line);
	}
	env = arena_array(m->arena, str, vars.n);
	for (size_t i = 0; i < vars.n; i++)
		env[i] = *(const str *)vars.entries[i].value;
	if (vars.n)
		qsort(env, vars.n, sizeof *env, by_name);
	out->env = env;
	out->nenv = (uint32_t)vars.n;
	map_free(&vars);
}

/* ---- outputs ---- */

static int by_path(const void *a, const void *b)
{
	return str_cmp((*(const struct artifact *const *)a)->path, (*(const struct artifact *const *)b)->path);
}

static void make_outputs(struct maker *m, struct action *out)
{
	const struct configured *c = m->c;
	const struct artifact **p;
	uint32_t first = 0, end = c->noutputs;

	while (first < end) {
		uint32_t mid = first + (end - first) / 2;

		if (c->outputs[mid].act < m->act)
			first = mid + 1;
		else
			end = mid;
	}
	while (end < c->noutputs && c->outputs[end].act == m->act)
		end++;
	p = arena_array(m->arena, const struct artifact *, end - first);
	for (uint32_t i = first; i < end; i++)
		p[out->noutputs++] = &c->outputs[i];
	if (out->noutputs)
		qsort(p, out->noutputs, sizeof *p, by_path);
	out->outputs = p;
}

static str below_out(const struct maker *m, str path)
{
	if (!path.p)
		return path;
	return str_fmt(m->arena, "%.*s/%.*s", STR_ARG(m->c->out_dir), STR_ARG(path));
}

#define TAKE(m, vec, T, field, count)                                                              \
	do {                                                                                       \
		T *p_ = arena_array((m)->arena, T, (vec)->n);                                      \
		if ((vec)->n)                                                                      \
			memcpy(p_, (vec)->p, (vec)->n * sizeof *p_);                               \
		(field) = p_;                                                                      \
		(count) = (uint32_t)(vec)->n;                                                      \
		vec_free(vec);                                                                     \
	} while (0)

static str name_of(const struct maker *m)
{
	str category = m->step->category == CATEGORY_CUSTOM ? m->step->custom
							     : str_c(category_names[m->step->category]);

	return str_fmt(m->arena, "%.*s %.*s", STR_ARG(category), STR_ARG(m->step->identifier));
}

struct action *action_make(const struct configured *c, const struct step *step, uint32_t act, const sym *words,
		struct toolchain *const *toolchains, uint32_t n, struct arena *arena, struct diags *diags)
{
	struct maker m = {c, step, act, words, toolchains, n, arena, diags, {0}, {0}, {0}, {0}, {0}};
	struct action *out = arena_make(arena, struct action);
	size_t errors = diags->errors;

	out->configured = c;
	out->step = step;
	out->name = name_of(&m);
	for (uint32_t i = 0; i < step->ncommand; i++)
		add_arg(&m, &step->command[i]);
	make_env(&m, out);
	for (uint32_t i = 0; i < step->ninputs; i++)
		use_input(&m, &step->inputs[i]);
	for (uint32_t i = 0; i < step->nheaders; i++)
		use_header(&m, &step->headers[i]);
	make_outputs(&m, out);
	out->depfile = below_out(&m, step->depfile);
	out->out_file = below_out(&m, step->out_file);
	out->timeout_s = step->timeout_s;
	out->toolchains = toolchains;
	out->ntoolchains = n;
	if (m.argv.n == 0 && diags->errors == errors)
		diag_error(diags, DIAG_EMPTY_COMMAND, c->target->span, "'%.*s' of '%.*s' has no command",
				STR_ARG(out->name), STR_ARG(sym_str(c->target->label)));
	TAKE(&m, &m.argv, str, out->argv, out->argc);
	TAKE(&m, &m.inputs, const struct artifact *, out->inputs, out->ninputs);
	TAKE(&m, &m.headers, const struct artifact *, out->headers, out->nheaders);
	TAKE(&m, &m.header_sets, const struct set *, out->header_sets, out->nheader_sets);
	map_free(&m.seen);
	return diags->errors == errors ? out : NULL;
}
