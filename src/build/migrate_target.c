/* Phases 2 to 4, one Dhall file: which of its derivations and nix-compat actions become targets of rules, in the order of what they
 * need, and what is wrapped because it cannot. */
#include "migrate_int.h"

struct plan {
	struct fixing *f;
	struct subject *s;
	str why;    /* it is no target of a rule, because */
	bool tried;
};

/* ---- which ---- */

static bool has_finding(const struct fixing *f, const struct subject *s, enum lint_rule_id rule)
{
	for (size_t i = 0; i < f->judged->nfindings; i++) {
		const struct lint_finding *x = &f->judged->findings[i];

		if (x->rule == (uint32_t)rule && !x->allowed.p && x->target != LINT_NO_TARGET &&
				lint_severity(x->rule, f->to) >= LINT_WARNING && str_eq(f->judged->targets[x->target].name, s->name))
			return true;
	}
	return false;
}

static bool is_wanted(struct fixing *f, const struct subject *s)
{
	if (s->kind != SUBJECT_TARGET)
		return has_finding(f, s, LINT_UNWRAPPED);
	return (has_finding(f, s, LINT_NIX_OUTSIDE) || has_finding(f, s, LINT_NIX)) && rule_wrapped(f, s).p;
}

static bool same_site(const struct subject *a, const struct subject *b)
{
	return a->written && b->written && a->site.at.lo == b->site.at.lo && a->site.at.hi == b->site.at.hi;
}

/* ---- what needs what ---- */

/* What others of its record call it; an item of a list is known by its name.  p == NULL: it stands deeper. */
static str field_of(const struct subject *s)
{
	if (s->npath != 1)
		return (str){0};
	return s->path[0].name ? sym_str(s->path[0].name) : s->what;
}

/* A derivation of the same record or list that it takes as input and that is not a target of a rule; NULL: there is none. */
static const struct subject *waits_for(struct fixing *f, const struct subject *s)
{
	input_list inputs = {0};
	const struct subject *found = NULL;

	if (s->kind == SUBJECT_TARGET || !field_of(s).p)
		return NULL;
	bytes_inputs(f, s, &inputs);
	for (size_t i = 0; i < inputs.n; i++)
		for (size_t k = 0; k < f->subjects.n && inputs.p[i].kind == FROM_DRV; k++) {
			const struct subject *o = &f->subjects.p[k];

			if (o != s && o->kind != SUBJECT_TARGET && !o->ruled && str_eq(field_of(o), inputs.p[i].text))
				found = o;
		}
	vec_free(&inputs);
	return found;
}

static void note_sibling(struct fixing *f, const struct subject *s, str name)
{
	if (field_of(s).p && s->kind != SUBJECT_TARGET)
		vec_push(&f->siblings, ((struct convert_row){field_of(s), str_fmt(f->a, ":%.*s", STR_ARG(name))}));
}

/* ---- rounds ---- */

static bool attempt(struct plan *p)
{
	str name;

	if (p->s->done || p->tried || waits_for(p->f, p->s))
		return false;
	p->tried = true;
	if (!rule_rewrite(p->f, p->s, &name, &p->why))
		return false;
	p->s->done = p->s->ruled = true;
	note_sibling(p->f, p->s, name);
	return true;
}

static void rules(struct plan *plans, size_t n)
{
	for (bool again = true; again;) {
		again = false;
		for (size_t i = 0; i < n; i++)
			again |= attempt(&plans[i]);
	}
}

static void wrap(struct plan *p)
{
	struct fixing *f = p->f;
	const struct subject *other = p->tried ? NULL : waits_for(f, p->s);
	str why = p->why;

	if (other && f->mode <= FIX_RECORD)
		why = str_fmt(f->a, "it needs '%.*s', which is no target of a rule", STR_ARG(other->what));
	if (why.p)
		trouble(f, p->s, LINT_UNWRAPPED, "%.*s", STR_ARG(why));
	if (p->s->kind == SUBJECT_TARGET)
		return;
	p->s->done = wrap_rewrite(f, p->s, &why);
	if (!p->s->done)
		trouble(f, p->s, LINT_UNWRAPPED, "it cannot be wrapped: %.*s", STR_ARG(why));
}

void targets_rewrite(struct fixing *f)
{
	VEC(struct plan) plans = {0};

	for (size_t i = 0; i < f->subjects.n; i++) {
		struct subject *s = &f->subjects.p[i];
		bool twice = false;

		for (size_t k = 0; k < i; k++)
			twice |= same_site(&f->subjects.p[k], s);
		if (!twice && is_wanted(f, s) && s->written)
			vec_push(&plans, ((struct plan){.f = f, .s = s}));
	}
	f->listed = place_is_list(f);
	if (f->mode <= FIX_RECORD)
		rules(plans.p, plans.n);
	for (size_t i = 0; i < plans.n; i++) {
		if (!plans.p[i].s->done)
			wrap(&plans.p[i]);
		f->replaced |= plans.p[i].s->done;
	}
	if (f->mode == FIX_RECORD)
		place_record(f);
	vec_free(&plans);
}
