/* made.h: targets made by hand, as analysis.c would read them, and configured.
 *
 * Words are written so: "<f.c" a source, "<:x" a label's file, ">a.o" an output, "!cc" a tool of "cxx",
 * "." the package, "/" the output directory, anything else is text. */
#ifndef BUILD_MADE_H
#define BUILD_MADE_H

#include "../test.h"
#include "configure.h"
#include "label.h"

struct made {
	struct arena arena;
	struct diags diags;
	struct configured **all; /* in order; counted */
	size_t n, cap;
	struct map by_label;
};

static inline void made_clear(struct made *m)
{
	for (size_t i = m->n; i-- > 0;)
		configured_unref(m->all[i]);
	mem_free(m->all);
	map_free(&m->by_label);
	diags_free(&m->diags);
	arena_clear(&m->arena);
}

static inline sym made_label(const char *text)
{
	const char *why;
	sym label = label_parse(str_c(text), (str){0}, &why);

	if (!label)
		fail_msg("'%s' is not a label: %s", text, why);
	return label;
}

static inline const str *made_texts(struct made *m, const char *text, uint32_t *n)
{
	str rest = str_c(text), word, *out = arena_array(&m->arena, str, rest.n + 1);

	*n = 0;
	while (rest.n) {
		str_cut(rest, ' ', &word, &rest);
		if (word.n)
			out[(*n)++] = word;
	}
	return out;
}

static inline const sym *made_syms(struct made *m, const char *text, uint32_t *n)
{
	const str *texts = made_texts(m, text, n);
	sym *out = arena_array(&m->arena, sym, *n);

	for (uint32_t i = 0; i < *n; i++)
		out[i] = label_is(texts[i]) ? made_label(texts[i].n < 256 ? str_dup(&m->arena, texts[i]).p : "")
					    : intern(texts[i]);
	return out;
}

static inline struct word made_word(struct made *m, str text)
{
	struct piece *p = arena_make(&m->arena, struct piece);

	p->kind = PIECE_TEXT;
	p->text = str_dup(&m->arena, text);
	if (text.n && strchr("<>!", text.p[0])) {
		p->text = str_dup(&m->arena, str_from(text, 1));
		p->kind = text.p[0] == '<' ? PIECE_SOURCE : text.p[0] == '>' ? PIECE_OUTPUT : PIECE_TOOL;
		p->toolchain = p->kind == PIECE_TOOL ? intern_c("cxx") : 0;
		p->label = p->kind == PIECE_SOURCE && label_is(p->text) ? made_label(p->text.p) : 0;
	} else if (str_eq(text, S("."))) {
		p->kind = PIECE_PACKAGE;
	} else if (str_eq(text, S("/"))) {
		p->kind = PIECE_OUTPUTS;
	}
	return (struct word){p, 1};
}

static inline const struct word *made_words(struct made *m, const char *text, uint32_t *n)
{
	const str *texts = made_texts(m, text, n);
	struct word *out = arena_array(&m->arena, struct word, *n);

	for (uint32_t i = 0; i < *n; i++)
		out[i] = made_word(m, texts[i]);
	return out;
}

/* A list of "<f.c", "<:label" and ">output". */
static inline const struct input *made_inputs(struct made *m, const char *text, uint32_t *n)
{
	const str *texts = made_texts(m, text, n);
	struct input *out = arena_array(&m->arena, struct input, *n);

	for (uint32_t i = 0; i < *n; i++) {
		struct word w = made_word(m, texts[i]);

		out[i].kind = w.pieces->kind == PIECE_OUTPUT ? INPUT_OUTPUT : INPUT_SOURCE;
		out[i].label = w.pieces->label;
		out[i].text = w.pieces->text;
	}
	return out;
}

static inline struct target *made_target(struct made *m, const char *label)
{
	struct target *t = arena_make(&m->arena, struct target);

	t->label = made_label(label);
	t->package = label_package(t->label);
	t->name = label_name(t->label);
	return t;
}

/* ---- parts of an analysis: each list has room for as many ---- */

#define MADE_MAX 64

static inline struct act *made_act(struct made *m, struct target *t, enum act_kind kind)
{
	struct act *acts = (struct act *)(uintptr_t)t->analysis.acts;

	if (!acts)
		t->analysis.acts = acts = arena_array(&m->arena, struct act, MADE_MAX);
	assert_true(t->analysis.nacts < MADE_MAX);
	acts[t->analysis.nacts].kind = kind;
	return &acts[t->analysis.nacts++];
}

static inline struct step made_a_step(struct made *m, const char *name, const char *command, const char *outputs)
{
	struct step s = {.category = CATEGORY_COMPILE, .identifier = str_c(name)};
	const struct word *words = made_words(m, command, &s.ncommand);
	struct arg *args = arena_array(&m->arena, struct arg, s.ncommand);

	for (uint32_t i = 0; i < s.ncommand; i++)
		args[i].word = words[i];
	s.command = args;
	s.outputs = made_texts(m, outputs, &s.noutputs);
	return s;
}

static inline struct step *made_step(struct made *m, struct target *t, const char *name, const char *command,
		const char *outputs)
{
	struct act *act = made_act(m, t, ACT_STEP);

	act->step = made_a_step(m, name, command, outputs);
	return &act->step;
}

static inline struct provide *made_provide(struct made *m, struct target *t, const char *name, const char *words,
		const char *from)
{
	struct provide *all = (struct provide *)(uintptr_t)t->analysis.provides, *p;

	if (!all)
		t->analysis.provides = all = arena_array(&m->arena, struct provide, MADE_MAX);
	assert_true(t->analysis.nprovides < MADE_MAX);
	p = &all[t->analysis.nprovides++];
	p->name = intern_c(name);
	p->words = made_words(m, words, &p->nwords);
	p->from = made_syms(m, from, &p->nfrom);
	return p;
}

static inline struct provided made_provided(struct made *m, const char *name, const char *deps, bool transitive)
{
	struct provided p = {.name = intern_c(name), .transitive = transitive};

	p.deps = made_syms(m, deps, &p.ndeps);
	return p;
}

/* ---- configuring ---- */

static inline int made_by_text(const void *a, const void *b)
{
	return sym_cmp(*(const sym *)a, *(const sym *)b);
}

/* `needs`: every label that the target mentions, of targets made before.  NULL when it failed. */
static inline struct configured *made_configure(struct made *m, struct target *t, const char *needs)
{
	struct package *package = mem_make(struct package);
	struct package_ref *ref = package_ref_new(package);
	sym *labels = (sym *)(uintptr_t)made_syms(m, needs, &t->nneeds);
	struct configured **deps = arena_array(&m->arena, struct configured *, t->nneeds);
	struct configured *c;

	if (t->nneeds)
		qsort(labels, t->nneeds, sizeof *labels, made_by_text);
	t->needs = labels;
	for (uint32_t i = 0; i < t->nneeds; i++) {
		deps[i] = map_get(&m->by_label, sym_str(labels[i]));
		assert_non_null(deps[i]);
	}
	c = configure(ref, t, deps, &m->diags);
	package_unref(ref);
	if (!c)
		return NULL;
	if (m->n == m->cap) {
		m->cap = m->cap ? 2 * m->cap : 64;
		m->all = mem_realloc(m->all, m->cap * sizeof(struct configured *));
	}
	m->all[m->n++] = c;
	map_put(&m->by_label, sym_str(t->label), c);
	return c;
}

/* The one error that was reported, which is forgotten. */
static inline void made_failed(struct made *m, enum diag_code code, const char *text)
{
	assert_int_equal(m->diags.errors, 1);
	assert_string_equal(diag_number(m->diags.first->code), diag_number(code));
	assert_str_c(m->diags.first->text, text);
	diags_free(&m->diags);
}

#endif
