#include "lint_int.h"

/* ---- words ---- */

/* The literal text of a word; what is symbolic leaves nothing. */
static str word_text(const struct word *w, struct arena *a)
{
	struct buf b = {0};

	for (uint32_t i = 0; i < w->n; i++)
		if (w->pieces[i].kind == PIECE_TEXT)
			buf_str(&b, w->pieces[i].text);
	return buf_take(&b, a);
}

/* A program's name, by a tool or as text. */
static str program_of(const struct arg *arg, struct arena *a)
{
	if (arg->kind != ARG_WORD)
		return (str){0};
	for (uint32_t i = 0; i < arg->word.n; i++)
		if (arg->word.pieces[i].kind == PIECE_TOOL)
			return arg->word.pieces[i].text;
	return word_text(&arg->word, a);
}

struct view { /* of a step's command */
	str program;
	bool shell;       /* it is a shell that gets its commands as an argument */
	bool network;
};

static struct view view_of(const struct step *s, struct arena *a)
{
	struct view v = {.program = s->ncommand ? program_of(&s->command[0], a) : (str){0}};
	str *words = arena_array(a, str, s->ncommand + 1);

	for (uint32_t i = 0; i < s->ncommand; i++)
		words[i] = i == 0 ? v.program : s->command[i].kind == ARG_WORD ? program_of(&s->command[i], a) : S("");
	v.shell = lint_command_is_script(words, s->ncommand);
	v.network = lint_command_fetches(words, s->ncommand);
	return v;
}

/* ---- rules ---- */

static void judge_effects(struct lint_file *f, const struct step *s, const struct view *v, const struct lint_place *p)
{
	bool declared = false;

	for (uint32_t i = 0; i < s->ncoeffects; i++) {
		if (s->coeffects[i].resource == RESOURCE_PURE)
			continue;
		declared |= s->coeffects[i].resource == RESOURCE_NETWORK;
		lint_find(f, LINT_EFFECT, p->target, p->file, p->lo, p->hi, "step '%.*s' declares %s%s%.*s",
				STR_ARG(s->identifier), resource_names[s->coeffects[i].resource],
				s->coeffects[i].detail.n ? " " : "", STR_ARG(s->coeffects[i].detail));
	}
	if (v->network && !declared)
		lint_find(f, LINT_NETWORK, p->target, p->file, p->lo, p->hi,
				"step '%.*s' uses the network and does not declare it", STR_ARG(s->identifier));
}

static bool is_nix(const struct step *s, const struct view *v)
{
	return (s->category == CATEGORY_CUSTOM && str_eq(s->custom, S("nix-compat"))) || str_eq(v->program, S("nix")) ||
	       str_eq(v->program, S("nix-build"));
}

static void note_wrapped(struct lint_file *f, const struct target *t, const struct step *s, str root)
{
	for (uint32_t i = 0; i < s->ninputs; i++)
		if (s->inputs[i].kind == INPUT_SOURCE && str_ends(s->inputs[i].text, S(".nix")))
			vec_push(&f->wrapped, str_fmt(&f->arena, "%.*s/%.*s%s%.*s", STR_ARG(root), STR_ARG(t->package),
							t->package.n ? "/" : "", STR_ARG(s->inputs[i].text)));
}

static void judge_texts(struct lint_file *f, const struct step *s, const struct lint_place *p, struct arena *a)
{
	for (uint32_t i = 0; i < s->ncommand; i++) {
		str text = s->command[i].kind == ARG_WORD ? word_text(&s->command[i].word, a) : (str){0};

		if (lint_names_store(text))
			lint_find(f, LINT_STORE_PATH, p->target, p->file, p->lo, p->hi, "step '%.*s' names /nix/store",
					STR_ARG(s->identifier));
		if (lint_names_drv(text))
			lint_find(f, LINT_DRV, p->target, p->file, p->lo, p->hi, "step '%.*s' names a .drv file",
					STR_ARG(s->identifier));
	}
}

static void judge_step(struct lint_file *f, const struct target *t, const struct step *s, const struct lint_place *p,
		str root)
{
	struct arena a = {0};
	struct view v = view_of(s, &a);

	if (v.shell)
		lint_find(f, LINT_SHELL, p->target, p->file, p->lo, p->hi, "step '%.*s' runs shell text by %.*s",
				STR_ARG(s->identifier), STR_ARG(v.program));
	judge_effects(f, s, &v, p);
	judge_texts(f, s, p, &a);
	if (is_nix(s, &v)) {
		note_wrapped(f, t, s, root);
		if (s->ncommand && s->command[s->ncommand - 1].kind == ARG_WORD)
			lint_expression(word_text(&s->command[s->ncommand - 1].word, &a), p, f);
		lint_find(f, f->in_toolchains ? LINT_NIX : LINT_NIX_OUTSIDE, p->target, p->file, p->lo, p->hi,
				"'%.*s' is built by Nix", STR_ARG(s->identifier));
	}
	arena_clear(&a);
}

/* Below toolchains/ what Nix builds may be named. */
static bool is_inside(const struct lint_file *f, str installable)
{
	return f->in_toolchains || str_find_str(f->boundary, installable) < f->boundary.n;
}

void lint_toolchain(struct lint_file *f, const struct rendered *r, const struct lint_place *p, str of)
{
	for (uint32_t i = 0; i < r->nbytes; i++) {
		const struct bytes *b = &r->bytes[i];

		if (b->kind == BYTES_HOST)
			lint_find(f, LINT_HOST, p->target, p->file, p->lo, p->hi, "toolchain '%.*s' is captured from the host",
					STR_ARG(of));
		if (b->kind == BYTES_NIX)
			lint_find(f, is_inside(f, b->where) ? LINT_FROM_NIX : LINT_FROM_NIX_OUTSIDE, p->target, p->file, p->lo, p->hi,
					"toolchain '%.*s' is '%.*s' of Nix", STR_ARG(of), STR_ARG(b->where));
	}
}

void lint_steps(struct lint_file *f, const struct target *t, const struct lint_place *p, str root)
{
	const struct analysis *a = &t->analysis;

	for (uint32_t i = 0; i < a->nacts; i++)
		if (a->acts[i].kind == ACT_STEP)
			judge_step(f, t, &a->acts[i].step, p, root);
	for (uint32_t i = 0; i < a->ntests; i++)
		judge_step(f, t, &a->tests[i], p, root);
	for (uint32_t i = 0; i < a->ntoolchains; i++)
		lint_toolchain(f, &a->toolchains[i].rendered, p, sym_str(a->toolchains[i].word));
}
