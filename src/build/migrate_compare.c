#include "migrate_run.h"

#define SHOWN_MAX 100 /* bytes of a value */

static void show(struct fixing *f, dh_val v, unsigned depth, struct buf *out);

static void show_list(struct fixing *f, dh_val v, unsigned depth, struct buf *out)
{
	dh_val item;
	size_t n = 0;

	buf_c(out, '[');
	for (size_t i = 0; dh_list(f->s->dhall, v, &n) && i < n && out->n < SHOWN_MAX; i++)
		if (dh_item(f->s->dhall, v, i, &item)) {
			buf_fmt(out, "%s ", i ? "," : "");
			show(f, item, depth + 1, out);
		}
	buf_lit(out, " ]");
}

static void show_record(struct fixing *f, dh_val v, unsigned depth, struct buf *out)
{
	size_t n = dh_fields(f->s->dhall, v);
	dh_val field;
	sym name;

	buf_c(out, '{');
	for (size_t i = 0; i < n && out->n < SHOWN_MAX; i++)
		if (dh_field_at(f->s->dhall, v, i, &name, &field)) {
			buf_fmt(out, "%s %.*s = ", i ? "," : "", STR_ARG(sym_str(name)));
			show(f, field, depth + 1, out);
		}
	buf_lit(out, " }");
}

/* Without types: for people. */
static void show(struct fixing *f, dh_val v, unsigned depth, struct buf *out)
{
	struct dhall *d = f->s->dhall;
	dh_val inner = {NULL};
	bool is = false;
	str text;
	sym name;

	if (depth > 20 || out->n > SHOWN_MAX)
		return;
	switch (dh_kind(d, v)) {
	case DH_TEXT:
		if (dh_text(d, v, &text))
			dhall_spell_text(text, out);
		break;
	case DH_BOOL:
		if (dh_bool(d, v, &is))
			buf_fmt(out, "%s", is ? "True" : "False");
		break;
	case DH_LIST: show_list(f, v, depth, out); break;
	case DH_RECORD: show_record(f, v, depth, out); break;
	case DH_OPTIONAL:
		if (!dh_optional(d, v, &is, &inner))
			break;
		buf_fmt(out, is ? "Some " : "None");
		if (is)
			show(f, inner, depth + 1, out);
		break;
	case DH_UNION:
		if (!dh_case(d, v, &name, &inner))
			break;
		buf_str(out, sym_str(name));
		if (inner.v) {
			buf_c(out, ' ');
			show(f, inner, depth + 1, out);
		}
		break;
	default: buf_lit(out, "…");
	}
}

static str shown(struct fixing *f, dh_val v)
{
	struct buf b = {0};

	show(f, v, 0, &b);
	if (b.n > SHOWN_MAX) {
		b.n = SHOWN_MAX;
		while (b.n && ((unsigned char)b.p[b.n - 1] & 0x80))
			b.n--;
		buf_lit(&b, "…");
	}
	return buf_take(&b, f->a);
}

static bool same_value(struct fixing *a, dh_val x, struct fixing *b, dh_val y)
{
	unsigned char hx[32], hy[32];

	return dhall_hash(a->s->dhall, x, hx) && dhall_hash(b->s->dhall, y, hy) && memcmp(hx, hy, 32) == 0;
}

/* What a target runs, as bytes. */
static bool analysis_bytes(struct fixing *f, const struct subject *s, struct buf *out)
{
	struct package p = {.ntargets = 1};
	struct target t = {0};
	struct diags unheard = {0};
	struct span none = NO_SPAN;
	sym field = s->npath && s->path[s->npath - 1].name ? s->path[s->npath - 1].name : intern_c("target");
	bool ok = analysis_target(f->s->dhall, &f->s->types, field, s->v, s->type, S(""), none, f->a, &t, &unheard);

	t.span = none;
	p.targets = &t;
	if (ok)
		record_package(&p, out);
	diags_free(&unheard);
	return ok;
}

static bool same_analysis(struct fixing *a, const struct subject *x, struct fixing *b, const struct subject *y)
{
	struct buf p = {0}, q = {0};
	bool same = analysis_bytes(a, x, &p) && analysis_bytes(b, y, &q) && str_eq(buf_view(&p), buf_view(&q));

	buf_free(&p);
	buf_free(&q);
	return same;
}

/* The same step, or that of an item which became a field of its name. */
static bool same_step(const struct subject *x, const struct subject *s, size_t k)
{
	const struct dh_step *a = &x->path[k], *b = &s->path[k];

	return (a->name == b->name && a->item == b->item) || (s->npath == 1 && !b->name && a->name && str_eq(sym_str(a->name), s->what));
}

static const struct subject *same_place(const struct fixing *f, const struct subject *s)
{
	for (size_t i = 0; i < f->subjects.n; i++) {
		const struct subject *x = &f->subjects.p[i];
		bool same = x->npath == s->npath;

		for (size_t k = 0; k < s->npath && same; k++)
			same = same_step(x, s, k);
		if (same)
			return x;
	}
	return NULL;
}

/* The differences of its fields; false when there is one. */
static bool compare_fields(struct fixing *a, const struct subject *x, struct fixing *b, const struct subject *y)
{
	size_t n = dh_fields(a->s->dhall, x->v);
	bool same = true;

	if (x->kind != y->kind)
		return false;
	for (size_t i = 0; i < n; i++) {
		dh_val p, q;
		sym name;

		if (!dh_field_at(a->s->dhall, x->v, i, &name, &p) || !dh_field(b->s->dhall, y->v, name, &q) || same_value(a, p, b, q))
			continue;
		same = false;
		change(a, x, "%.*s: %.*s becomes %.*s", STR_ARG(sym_str(name)), STR_ARG(shown(a, p)), STR_ARG(shown(b, q)));
	}
	return same;
}

static bool has_flag(const struct migration *m, str target)
{
	for (size_t i = 0; i < m->before.nfindings; i++) {
		const struct lint_finding *x = &m->before.findings[i];

		if (x->rule == LINT_FLAG && x->target != LINT_NO_TARGET && str_eq(m->before.targets[x->target].name, target))
			return true;
	}
	return false;
}

static bool has_finding(const struct migration *m, str target)
{
	for (size_t i = 0; i < m->before.nfindings; i++) {
		const struct lint_finding *x = &m->before.findings[i];

		if (x->target != LINT_NO_TARGET && lint_severity(x->rule, m->q->to) >= LINT_WARNING &&
				str_eq(m->before.targets[x->target].name, target))
			return true;
	}
	return false;
}

/* false: a target that nothing was wrong with would be another one. */
static bool compare_subject(struct migration *m, struct fixing *a, const struct subject *x, struct fixing *b)
{
	const struct subject *y = same_place(b, x);
	bool same;

	if (!y)
		return false;
	if (x->kind == SUBJECT_TARGET && y->kind == SUBJECT_TARGET) {
		same = same_analysis(a, x, b, y);
		if (!same && has_flag(m, x->name))
			change(a, x, "the words of its commands are others: a flag of the compiler only is no longer given to the linker, or the other way round");
	} else {
		same = compare_fields(a, x, b, y);
	}
	return same || has_finding(m, x->name);
}

void migration_compare(struct migration *m, struct workspace *old, struct job *j)
{
	struct diags unheard = {0};
	struct fixing a, b;
	bool ok = true;

	if (!workspace_session(old, &old->sessions[0]) || !workspace_session(&m->w, &m->w.sessions[0]))
		return;
	a = migration_fixing(m, old, j, j->before, &unheard);
	b = migration_fixing(m, &m->w, j, j->after, &unheard);
	if (fixing_begin(&a) && fixing_begin(&b)) {
		for (size_t i = 0; i < a.subjects.n && ok; i++)
			ok = compare_subject(m, &a, &a.subjects.p[i], &b);
		for (size_t i = 0; i < a.changes.n && ok; i++)
			vec_push(&j->changes, a.changes.p[i]);
	} else {
		ok = false;
	}
	j->same = ok;
	fixing_end(&a);
	fixing_end(&b);
	diags_free(&unheard);
}
