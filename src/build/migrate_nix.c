/* A Nix file, for phase 1: attributes that only say what holds anyway, or what nobody may say, go. */
#include "migrate_int.h"

struct attributes { /* of one call */
	struct fixing *f;
	const struct nix_mark *call;
	struct subject target; /* its name is the target's */
};

/* ---- places ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Behind the semicolon of `name = value;`, or 0 when it is written in another way. */
static uint32_t binding_end(const struct fixing *f, const struct nix_setting *s)
{
	uint32_t at = s->value.hi;
	str name = str_of(f->text.p + s->at.lo, s->at.hi - s->at.lo);

	if (s->inherited || !str_eq(name, s->name) || (s->at.lo > 0 && f->text.p[s->at.lo - 1] == '.'))
		return 0;
	while (at < f->text.n && is_blank(f->text.p[at]))
		at++;
	return at < f->text.n && f->text.p[at] == ';' ? at + 1 : 0;
}

static const struct nix_setting *setting(const struct nix_mark *m, const char *name)
{
	for (size_t i = 0; i < m->nsettings; i++)
		if (str_eq(m->settings[i].name, str_c(name)))
			return &m->settings[i];
	return NULL;
}

/* What is written between the quotes is all of the text. */
static bool is_plain_text(const struct fixing *f, const struct nix_setting *s)
{
	str value = str_of(f->text.p + s->value.lo, s->value.hi - s->value.lo);

	return s->shape == NIX_SHAPE_TEXT && str_find_str(value, S("${")) == value.n && value.n && (value.p[0] == '"' || value.p[0] == '\'');
}

/* ---- changes ---- */

/* On one line. */
static str squeezed(struct fixing *f, struct nix_range r)
{
	struct buf b = {0};

	for (uint32_t i = r.lo; i < r.hi; i++)
		if (!is_blank(f->text.p[i]))
			buf_c(&b, f->text.p[i]);
		else if (b.n && b.p[b.n - 1] != ' ')
			buf_c(&b, ' ');
	return buf_take(&b, f->a);
}

static void drop(struct attributes *a, const char *name, const char *why)
{
	const struct nix_setting *s = setting(a->call, name);
	uint32_t end = s ? binding_end(a->f, s) : 0;

	if (!end)
		return;
	reshape_cut(&a->f->edits, s->at.lo, end);
	change(a->f, &a->target, "%s: %.*s goes: %s", name, STR_ARG(squeezed(a->f, s->value)), why);
}

static void outputs(struct attributes *a)
{
	const struct nix_setting *s = setting(a->call, "outputs");

	if (!s || s->shape != NIX_SHAPE_LIST || s->items || !binding_end(a->f, s))
		return;
	reshape_put(&a->f->edits, s->value.lo, s->value.hi, S("[ \"out\" ]"));
	change(a->f, &a->target, "outputs: [ ] becomes [ \"out\" ]");
}

/* What makes it impure, or NULL. */
static const char *impurity(struct attributes *a)
{
	const struct lint_report *r = a->f->judged;

	for (size_t i = 0; i < a->call->nsettings; i++)
		if (lint_uses_network(a->call->settings[i].text))
			return "its build uses the network";
	for (size_t i = 0; i < r->nfindings; i++)
		if (r->findings[i].rule == LINT_IMPURE && r->findings[i].target != LINT_NO_TARGET &&
				str_eq(r->targets[r->findings[i].target].name, a->target.name) &&
				str_ends(r->findings[i].text, S("depends on the machine")))
			return "its expression depends on the machine";
	return NULL;
}

static void switches(struct attributes *a)
{
	static const char *const impure[] = {"__impure", "__noChroot"};
	const struct nix_setting *s = setting(a->call, "allowSubstitutes");
	const char *why;

	if (s && s->shape == NIX_SHAPE_FALSE)
		drop(a, "allowSubstitutes", "it may come from a cache");
	for (size_t i = 0; i < SL_COUNT(impure); i++) {
		s = setting(a->call, impure[i]);
		if (!s || s->shape == NIX_SHAPE_FALSE)
			continue;
		why = impurity(a);
		if (why)
			trouble(a->f, &a->target, LINT_IMPURE, "%s", why);
		else
			drop(a, impure[i], "nothing in its text needs it");
	}
}

static const char *const phases[] = {"configurePhase", "buildPhase", "installPhase"};

static void make_flags(struct attributes *a, const struct nix_setting *s, const text_list *flags)
{
	struct buf b = {0};

	buf_lit(&b, "makeFlags = [");
	for (size_t i = 0; i < flags->n; i++)
		buf_fmt(&b, " \"%.*s\"", STR_ARG(flags->p[i]));
	buf_lit(&b, " ];");
	reshape_put(&a->f->edits, s->at.lo, binding_end(a->f, s), buf_take(&b, a->f->a));
}

/* Phases that do what stdenv does, but for settings of make. */
static void standard(struct attributes *a)
{
	struct standard st = {.all = true};
	const struct nix_setting *first = NULL;
	struct fixing *f = a->f;

	for (size_t i = 0; i < SL_COUNT(phases); i++) {
		const struct nix_setting *s = setting(a->call, phases[i]);

		if (!s)
			continue;
		if (!is_plain_text(f, s) || !binding_end(f, s) || !standard_text(f, phases[i], s->text, &st)) {
			st.all = false;
			trouble(f, &a->target, LINT_PHASE, "%s does more than stdenv by itself", phases[i]);
		} else if (!first) {
			first = s;
		}
	}
	if (first && st.all && !st.configure.n && (!st.make.n || !setting(a->call, "makeFlags"))) {
		for (size_t i = 0; i < SL_COUNT(phases); i++) {
			const struct nix_setting *s = setting(a->call, phases[i]);

			if (s && (s != first || !st.make.n))
				drop(a, phases[i], "stdenv does it anyway");
		}
		if (st.make.n)
			make_flags(a, first, &st.make);
		if (st.make.n)
			change(f, &a->target, "%.*s: becomes makeFlags, which every phase gets", STR_ARG(first->name));
	}
	standard_end(&st);
}

/* ---- calls ---- */

static bool is_target(struct attributes *a)
{
	for (size_t i = 0; i < a->f->judged->ntargets; i++) {
		const struct lint_target *t = &a->f->judged->targets[i];

		if (str_eq(t->file, a->f->path) && t->lo == a->call->at.lo && t->hi == a->call->at.hi) {
			a->target.name = t->name;
			return true;
		}
	}
	return false;
}

static void visit(void *ud, const struct nix_mark *m)
{
	struct attributes a = {.f = ud, .call = m};
	struct dh_range at = {m->at.lo, m->at.hi};

	if (m->kind == NIX_MARK_COMMENT)
		vec_push(&a.f->edits.comments, at);
	if (m->kind != NIX_MARK_CALL || !m->set || !is_target(&a))
		return;
	trouble(a.f, &a.target, LINT_REFERENCES, "what stdenv and its compiler leave in an output is known after a build only");
	if (!is_suppressed(a.f, &a.target, LINT_SUBSTITUTES) && !is_suppressed(a.f, &a.target, LINT_IMPURE))
		switches(&a);
	if (!is_suppressed(a.f, &a.target, LINT_OUTPUT))
		outputs(&a);
	if (!is_suppressed(a.f, &a.target, LINT_PHASE))
		standard(&a);
}

bool nix_rewrite(struct fixing *f)
{
	f->folder = str_dup(f->a, fixing_folder(f->path));
	f->edits = (struct reshape){.a = f->a, .text = f->text};
	return f->mode == FIX_NONE || nix_marks(f->text, f->path, visit, f, f->diags);
}
