/* One Dhall file: its subjects, and what is rewritten of each. */
#include "migrate_int.h"

#include <stdlib.h>

#define DEPTH_MAX 40

/* ---- what is said ---- */

void trouble(struct fixing *f, const struct subject *s, enum lint_rule_id rule, const char *fmt, ...)
{
	struct trouble t = {.target = s->name, .rule = rule};
	va_list args;

	va_start(args, fmt);
	t.why = str_vfmt(f->a, fmt, args);
	va_end(args);
	vec_push(&f->troubles, t);
}

void change(struct fixing *f, const struct subject *s, const char *fmt, ...)
{
	struct migrate_change c = {.target = s->name};
	va_list args;

	va_start(args, fmt);
	c.text = str_vfmt(f->a, fmt, args);
	va_end(args);
	for (size_t i = 0; i < f->changes.n; i++)
		if (str_eq(f->changes.p[i].target, c.target) && str_eq(f->changes.p[i].text, c.text))
			return;
	vec_push(&f->changes, c);
}

bool is_suppressed(const struct fixing *f, const struct subject *s, enum lint_rule_id rule)
{
	for (size_t i = 0; i < f->judged->nfindings; i++) {
		const struct lint_finding *x = &f->judged->findings[i];

		if (x->rule == (uint32_t)rule && x->allowed.p && x->target != LINT_NO_TARGET &&
				str_eq(f->judged->targets[x->target].name, s->name))
			return true;
	}
	return false;
}

str diags_line(struct arena *a, const struct diags *d)
{
	str text = d->first ? d->first->text : S("it does not check");

	return str_dup(a, str_upto(text, str_find(text, '\n')));
}

/* ---- modules ---- */

static str slice(const struct fixing *f, struct dh_range r)
{
	return str_of(f->text.p + r.lo, r.hi - r.lo);
}

/* A selector may stand behind it. */
static str as_operand(struct fixing *f, str text)
{
	bool plain = text.n > 0;

	for (size_t i = 0; i < text.n; i++)
		plain &= !char_in(text.p[i], " \t\n/:");
	return plain || text.p[0] == '(' ? text : str_fmt(f->a, "(%.*s)", STR_ARG(text));
}

str fixing_prelude(struct fixing *f)
{
	sym name = dhall_bound_module(f->typed, S("package"));

	return name ? sym_str(name) : S("(env:STRAYLIGHT_PRELUDE)");
}

str fixing_module(struct fixing *f, const struct subject *s)
{
	sym name;

	if (s->written && s->site.module.hi > s->site.module.lo && !str_eq(sym_str(s->site.maker), S("Derivation")) &&
			(s->site.maker == intern_c("mkDerivation") || s->site.maker == intern_c("derivation") ||
					s->site.maker == intern_c("buildRustPackage") || s->site.maker == intern_c("constrained") ||
					s->site.maker == intern_c("mkHaskellPackage")))
		return as_operand(f, slice(f, s->site.module));
	name = dhall_bound_module(f->typed, S("Derivation"));
	return name ? sym_str(name) : str_fmt(f->a, "%.*s.Derivation", STR_ARG(fixing_prelude(f)));
}

/* ---- subjects ---- */

struct walk {
	struct fixing *f;
	VEC(struct dh_step) path;
	unsigned listed;
};

/* FILE:a.b, as lint calls it. */
static str lint_name(struct walk *w, str own)
{
	struct fixing *f = w->f;
	struct buf b = {0};
	bool below = str_starts(f->path, f->root) && f->path.n > f->root.n, first = true;

	buf_str(&b, below ? str_from(f->path, f->root.n + 1) : f->path);
	for (size_t i = 0; i < w->path.n && w->path.p[i].name; i++) {
		buf_c(&b, first ? ':' : '.');
		buf_str(&b, sym_str(w->path.p[i].name));
		first = false;
	}
	if (w->listed)
		buf_fmt(&b, "#%.*s", STR_ARG(own));
	return buf_take(&b, f->a);
}

/* //package:name of a BUILD.dhall's target. */
static str label_name(struct walk *w, dh_val v)
{
	struct fixing *f = w->f;
	str folder = f->folder, name = {0};
	dh_val common;

	if (value_get(f, v, "common", &common))
		name = value_text(f, common, "name");
	if (!str_ends(f->path, S("/BUILD.dhall")) || !name.n || !str_starts(folder, f->root))
		return lint_name(w, name);
	folder = folder.n > f->root.n ? str_from(folder, f->root.n + 1) : S("");
	return str_fmt(f->a, "//%.*s:%.*s", STR_ARG(folder), STR_ARG(name));
}

static void add(struct walk *w, dh_val v, dh_val type, enum subject_kind kind)
{
	struct fixing *f = w->f;
	struct subject s = {.kind = kind, .v = v, .type = type, .npath = w->path.n};
	struct dh_step *path = arena_array(f->a, struct dh_step, w->path.n + 1);
	str own = str_dup(f->a, value_text(f, v, "name"));

	if (w->path.n)
		memcpy(path, w->path.p, w->path.n * sizeof *path);
	s.path = path;
	s.name = kind == SUBJECT_TARGET ? label_name(w, v) : lint_name(w, own);
	s.what = own.n ? own : s.name;
	s.written = dhall_site(f->typed, path, s.npath, f->a, &s.site);
	vec_push(&f->subjects, s);
}

static void walk(struct walk *w, dh_val v, dh_val type, unsigned depth);

static void walk_fields(struct walk *w, dh_val v, dh_val type, unsigned depth)
{
	struct dhall *d = w->f->s->dhall;
	size_t n = dh_fields(d, v);

	for (size_t i = 0; i < n; i++) {
		dh_val field, of = {NULL};
		sym name;

		if (!dh_field_at(d, v, i, &name, &field))
			return;
		dh_type_field(d, type, name, &of);
		vec_push(&w->path, ((struct dh_step){name, 0}));
		walk(w, field, of, depth + 1);
		w->path.n--;
	}
}

static void walk_items(struct walk *w, dh_val v, dh_val type, unsigned depth)
{
	struct dhall *d = w->f->s->dhall;
	size_t n = 0;
	dh_val item, of;

	if (!dh_list(d, v, &n) || !dh_type_item(d, type, &of))
		return;
	w->listed++;
	for (size_t i = 0; i < n; i++) {
		if (!dh_item(d, v, i, &item))
			continue;
		vec_push(&w->path, ((struct dh_step){0, (uint32_t)i}));
		walk(w, item, of, depth + 1);
		w->path.n--;
	}
	w->listed--;
}

/* The same kinds as lint_dhall.c finds. */
static void walk(struct walk *w, dh_val v, dh_val type, unsigned depth)
{
	struct fixing *f = w->f;
	enum dh_kind kind = dh_kind(f->s->dhall, v);

	if (depth > DEPTH_MAX || !type.v)
		return;
	if (kind == DH_LIST)
		walk_items(w, v, type, depth);
	if (kind != DH_RECORD)
		return;
	if (value_has(f, v, "analyze") && value_has(f, v, "common"))
		add(w, v, type, SUBJECT_TARGET);
	else if (value_has(f, v, "installPhase") && value_has(f, v, "buildInputs"))
		add(w, v, type, SUBJECT_MK);
	else if (value_has(f, v, "builder") && value_has(f, v, "args") && value_has(f, v, "env"))
		add(w, v, type, SUBJECT_RAW);
	else if (value_has(f, v, "builder") && value_has(f, v, "inputs") && value_has(f, v, "outputs"))
		add(w, v, type, SUBJECT_CONSTRAINED);
	else
		walk_fields(w, v, type, depth);
}

/* ---- the file ---- */

str fixing_folder(str path)
{
	size_t at = path.n;

	while (at > 1 && path.p[at - 1] != '/')
		at--;
	return str_upto(path, at > 1 ? at - 1 : at);
}

bool fixing_begin(struct fixing *f)
{
	struct walk w = {.f = f};

	f->folder = str_dup(f->a, fixing_folder(f->path));
	if (!reshape_begin(&f->edits, f->text, f->path, f->a, f->diags))
		return false;
	f->typed = dhall_load(f->s->dhall, f->path);
	if (f->typed)
		walk(&w, dhall_eval(f->s->dhall, f->typed), dhall_type_of(f->s->dhall, f->typed), 0);
	vec_free(&w.path);
	return f->typed != NULL;
}

void fixing_end(struct fixing *f)
{
	reshape_end(&f->edits);
	vec_free(&f->subjects);
	vec_free(&f->troubles);
	vec_free(&f->changes);
	vec_free(&f->created);
	vec_free(&f->siblings);
}

/* Has another subject the same expression?  Then both would have to be changed in the same way. */
static bool same_site(const struct subject *a, const struct subject *b)
{
	return a->written && b->written && a->site.at.lo == b->site.at.lo && a->site.at.hi == b->site.at.hi;
}

static bool is_done(const struct fixing *f, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (same_site(&f->subjects.p[k], &f->subjects.p[i]))
			return true;
	return false;
}

static void rewrite(struct fixing *f, const struct subject *s)
{
	if (s->kind == SUBJECT_TARGET) {
		flags_rewrite(f, s);
		pins_rewrite(f, s);
	} else if (!s->written) {
		trouble(f, s, LINT_REFERENCES, "no expression of this file alone makes it");
	} else if (f->mode >= FIX_SETTINGS || !typed_rewrite(f, s)) {
		inputs_rewrite(f, s);
		settings_rewrite(f, s);
	}
}

void fixing_rewrite(struct fixing *f)
{
	if (f->to >= LINT_DICE_PREFERRED && f->mode <= FIX_WRAPPED)
		targets_rewrite(f);
	for (size_t i = 0; i < f->subjects.n && f->mode != FIX_NONE; i++)
		if (!f->subjects.p[i].done && !is_done(f, i))
			rewrite(f, &f->subjects.p[i]);
	if (f->mode != FIX_NONE && f->to >= LINT_DICE_REQUIRED)
		toolchains_rewrite(f);
}
