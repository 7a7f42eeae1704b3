/* The arguments of a file's derivations, as evaluation with symbols gives them: what code puts together is seen here. */
#include "lint_reading.h"

static const struct nix_setting *argument(const struct lint_argument *all, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(all[i].s.name, str_c(name)))
			return &all[i].s;
	return NULL;
}

/* ---- whose they are ---- */

static uint32_t target_named(const struct lint_file *f, const struct nix_setting *s)
{
	struct arena a = {0};
	str end = s ? str_fmt(&a, ":%.*s", STR_ARG(s->text)) : S("");
	uint32_t found = LINT_NO_TARGET;

	for (uint32_t i = 0; i < f->targets.n && end.n > 1; i++)
		if (str_ends(f->targets.p[i].name, end))
			found = i;
	arena_clear(&a);
	return found;
}

/* That of the derivation's name, or the one in which an argument is set; none: another file's derivation came by. */
static uint32_t target_of(const struct lint_file *f, const struct lint_argument *all, size_t n)
{
	uint32_t found = target_named(f, argument(all, n, "pname"));
	bool here = false;

	if (found == LINT_NO_TARGET)
		found = target_named(f, argument(all, n, "name"));
	for (size_t i = 0; i < n && found == LINT_NO_TARGET; i++)
		if (all[i].file.p && str_eq(all[i].file, f->path)) {
			found = lint_innermost(f, all[i].s.at.lo);
			here = true;
		}
	return found == LINT_NO_TARGET && here && f->targets.n == 1 ? 0 : found;
}

/* ---- judging ---- */

static bool is_inside(const struct reading *r, str file)
{
	return str_starts(file, r->root) && file.n > r->root.n && file.p[r->root.n] == '/';
}

static struct nix_range place_of(const struct reading *r, const struct lint_target *t)
{
	return (struct nix_range){t->lo, t->lo + (uint32_t)str_find(str_of(r->text.p + t->lo, t->hi - t->lo), ' ')};
}

static void judge_one(struct reading *r, const struct lint_argument *x, enum maker_kind kind, uint32_t target)
{
	const struct lint_target *t = &r->f->targets.p[target];
	struct nix_setting s = x->s;
	bool placed = x->file.p && (str_eq(x->file, r->f->path) || is_inside(r, x->file));

	r->file = placed ? x->file : r->f->path;
	if (!placed)
		s.at = s.value = place_of(r, t);
	reading_setting(r, &s, kind, target);
	r->file = r->f->path;
}

static void judge_references(struct reading *r, uint32_t target, bool bounded)
{
	const struct lint_target *t = &r->f->targets.p[target];

	if (bounded) {
		vec_push(&r->bounded, target);
		return;
	}
	vec_push(&r->free, target);
	reading_find(r, LINT_REFERENCES, target, place_of(r, t), "outputs of '%.*s' may refer to anything", str_from(t->name, r->name.n + 1));
}

static void judge_arguments(void *ud, str maker, const struct lint_argument *all, size_t n)
{
	struct reading *r = ud;
	const struct nix_setting *references = argument(all, n, "allowedReferences");
	uint32_t target = target_of(r->f, all, n);
	enum maker_kind kind = maker_of(maker);

	if (target == LINT_NO_TARGET)
		return;
	if (kind == MAKER_NONE)
		kind = MAKER_STDENV;
	if (target < r->makers.n && r->makers.p[target] == MAKER_OVERRIDE)
		kind = MAKER_OVERRIDE; /* all that it changes is judged; what it is of is another's matter */
	if (kind == MAKER_STDENV || kind == MAKER_RAW)
		judge_references(r, target, (references && references->shape != NIX_SHAPE_NULL) || argument(all, n, "outputHash"));
	for (size_t i = 0; i < n; i++)
		judge_one(r, &all[i], kind, target);
}

/* ---- references: the source may not show what arguments from elsewhere say ---- */

static bool is_in(const uint32_t *list, size_t n, uint32_t target)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == target)
			return true;
	return false;
}

static void drop_references(struct reading *r)
{
	struct lint_file *f = r->f;
	size_t kept = 0;

	for (size_t i = 0; i < f->findings.n; i++) {
		const struct lint_finding *x = &f->findings.p[i];

		if (x->rule != LINT_REFERENCES || !is_in(r->bounded.p, r->bounded.n, x->target) ||
				is_in(r->free.p, r->free.n, x->target))
			f->findings.p[kept++] = *x;
	}
	f->findings.n = kept;
}

void reading_arguments(struct reading *r)
{
	r->values = true;
	lint_symbolic(r->f->path, r->text, judge_arguments, r);
	drop_references(r);
}
