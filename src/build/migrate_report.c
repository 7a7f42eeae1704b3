/* What a run has to tell: what is fixed, what is left and why, which files. */
#include "migrate_run.h"

enum fate { FATE_GONE, FATE_WRAPPED, FATE_LEFT };

static enum fate fate_of(const struct migration *m, const struct lint_finding *x)
{
	str target = m->before.targets[x->target].name;
	enum fate fate = FATE_GONE;

	for (size_t i = 0; i < m->after.nfindings; i++) {
		const struct lint_finding *y = &m->after.findings[i];

		if (y->target != LINT_NO_TARGET && y->rule == x->rule && str_eq(y->text, x->text) &&
				str_eq(m->after.targets[y->target].name, target)) {
			if (!y->wrapped)
				return FATE_LEFT;
			fate = FATE_WRAPPED;
		}
	}
	return migration_broken(&m->after, m->before.targets[x->target].file) ? FATE_LEFT : fate;
}

/* What is left of a derivation that cannot be a target is left for the same reason. */
static bool is_of_ladder(uint32_t rule)
{
	static const enum lint_rule_id rules[] = {
		LINT_UNWRAPPED, LINT_NIX_OUTSIDE, LINT_MODULE, LINT_MK_DERIVATION, LINT_PHASE_SHELL, LINT_NIX, LINT_STORE_PATH, LINT_DRV,
	};

	for (size_t i = 0; i < SL_COUNT(rules); i++)
		if (rule == (uint32_t)rules[i])
			return true;
	return false;
}

static str trouble_of(const struct migration *m, str target, uint32_t rule, struct arena *a)
{
	for (size_t i = 0; i < m->jobs.n; i++) {
		const struct job *j = m->jobs.p[i];

		for (size_t k = 0; k < j->troubles.n; k++)
			if (j->troubles.p[k].rule == rule && str_eq(j->troubles.p[k].target, target))
				return str_dup(a, j->troubles.p[k].why);
	}
	return (str){0};
}

static str why_left(const struct migration *m, const struct lint_finding *x, struct arena *a)
{
	const struct lint_target *t = &m->before.targets[x->target];
	str why = trouble_of(m, t->name, x->rule, a);

	if (!why.p && is_of_ladder(x->rule))
		why = trouble_of(m, t->name, LINT_UNWRAPPED, a);
	if (why.p)
		return why;
	for (size_t i = 0; i < m->jobs.n && x->rule == LINT_FROM_NIX_OUTSIDE; i++)
		if (str_eq(m->jobs.p[i]->path, x->file) && m->jobs.p[i]->left_from_nix.p)
			return str_dup(a, m->jobs.p[i]->left_from_nix);
	for (size_t i = 0; i < m->jobs.n; i++)
		if (str_eq(m->jobs.p[i]->path, t->file) && m->jobs.p[i]->refused.p)
			return str_dup(a, m->jobs.p[i]->refused);
	return (str){0};
}

static bool was_there(const struct migration *m, const struct lint_finding *y)
{
	str target = m->after.targets[y->target].name;

	for (size_t i = 0; i < m->before.nfindings; i++) {
		const struct lint_finding *x = &m->before.findings[i];

		if (x->target != LINT_NO_TARGET && x->rule == y->rule && str_eq(x->text, y->text) &&
				str_eq(m->before.targets[x->target].name, target))
			return true;
	}
	return false;
}

/* What stands behind the last colon: BUILD.dhall:a becomes //:a when it is a target, and #a of a list :a of a record. */
static str last_part(str name)
{
	size_t at = name.n;

	while (at > 0 && name.p[at - 1] != ':' && name.p[at - 1] != '#')
		at--;
	return str_from(name, at);
}

/* The target that it was before, else one of its file; LINT_NO_TARGET: the file is new. */
static uint32_t before_of(const struct migration *m, const struct lint_target *t)
{
	uint32_t of_file = LINT_NO_TARGET, like = LINT_NO_TARGET;

	for (uint32_t i = 0; i < m->before.ntargets; i++) {
		const struct lint_target *x = &m->before.targets[i];

		if (str_eq(x->name, t->name))
			return i;
		if (!str_eq(x->file, t->file))
			continue;
		if (of_file == LINT_NO_TARGET)
			of_file = i;
		if (like == LINT_NO_TARGET && str_eq(last_part(x->name), last_part(t->name)))
			like = i;
	}
	return like != LINT_NO_TARGET ? like : of_file;
}

static void report_item(struct migrate_report *out, const struct lint_finding *x, uint32_t target, uint32_t lo,
		struct migrate_item *y)
{
	struct place at = source_place(x->source, lo);

	*y = (struct migrate_item){.rule = x->rule, .target = target, .file = str_dup(&out->arena, x->file), .line = at.line,
			.column = at.column, .text = str_dup(&out->arena, x->text)};
}

static void report_items(struct migration *m, struct migrate_report *out)
{
	struct migrate_item *items = arena_array(&out->arena, struct migrate_item, m->before.nfindings + m->after.nfindings + 1);

	for (size_t i = 0; i < m->before.nfindings; i++) {
		const struct lint_finding *x = &m->before.findings[i];
		struct migrate_item *y = &items[out->nitems];
		enum fate fate;

		if (!migration_wants(m, x))
			continue;
		report_item(out, x, x->target, x->lo, y);
		fate = fate_of(m, x);
		y->fixed = fate != FATE_LEFT;
		y->wrapped = fate == FATE_WRAPPED;
		if (!y->fixed)
			y->why = why_left(m, x, &out->arena);
		out->nitems++;
	}
	for (size_t i = 0; i < m->after.nfindings; i++) {
		struct lint_finding y = m->after.findings[i];
		uint32_t target;

		if (!migration_wants(m, &y) || was_there(m, &y))
			continue;
		target = before_of(m, &m->after.targets[y.target]);
		if (target == LINT_NO_TARGET)
			continue;
		report_item(out, &y, target, m->before.targets[target].lo, &items[out->nitems]);
		y.target = target;
		items[out->nitems++].why = why_left(m, &y, &out->arena);
	}
	out->items = items;
}

/* Behind the others. */
static void report_created(struct migration *m, struct migrate_report *out, struct migrate_file *files)
{
	for (size_t i = 0; i < m->jobs.n; i++)
		for (size_t k = 0; k < m->jobs.p[i]->created.n && m->jobs.p[i]->differs; k++) {
			const struct lint_text *x = &m->jobs.p[i]->created.p[k];
			bool known = false;

			for (size_t f = 0; f < out->nfiles; f++)
				known |= str_eq(files[f].path, x->path);
			if (!known)
				files[out->nfiles++] = (struct migrate_file){str_dup(&out->arena, x->path), S(""),
						str_dup(&out->arena, x->text), false};
		}
}

static void report_files(struct migration *m, struct migrate_report *out, struct migrate_file *files)
{
	size_t n = 0;
	struct migrate_change *changes;

	for (size_t i = 0; i < m->jobs.n; i++) {
		struct job *j = m->jobs.p[i];

		n += j->changes.n;
		if (!j->differs || str_eq(j->before, j->after))
			continue;
		files[out->nfiles++] = (struct migrate_file){str_dup(&out->arena, j->path), str_dup(&out->arena, j->before),
				str_dup(&out->arena, j->after), false};
	}
	report_created(m, out, files);
	changes = arena_array(&out->arena, struct migrate_change, n + 1);
	for (size_t i = 0; i < m->jobs.n; i++)
		for (size_t k = 0; k < m->jobs.p[i]->changes.n && m->jobs.p[i]->differs; k++) {
			const struct migrate_change *c = &m->jobs.p[i]->changes.p[k];

			changes[out->nchanges++] = (struct migrate_change){str_dup(&out->arena, c->target), str_dup(&out->arena, c->text)};
		}
	out->changes = changes;
	out->files = files;
}

static void report_targets(struct migration *m, struct migrate_report *out)
{
	struct lint_target *targets = arena_array(&out->arena, struct lint_target, m->before.ntargets + 1);

	for (size_t i = 0; i < m->before.ntargets; i++) {
		targets[i] = m->before.targets[i];
		targets[i].name = str_dup(&out->arena, targets[i].name);
		targets[i].file = str_dup(&out->arena, targets[i].file);
	}
	out->targets = targets;
	out->ntargets = m->before.ntargets;
	out->ntargets_after = m->after.ntargets;
	out->root = str_dup(&out->arena, m->before.root);
	mem_free(lint_passes(&m->before, m->q->to, &out->passed_before));
	mem_free(lint_passes(&m->after, m->q->to, &out->passed_after));
}

static size_t count_files(const struct migration *m)
{
	size_t n = m->jobs.n;

	for (size_t i = 0; i < m->jobs.n; i++)
		n += m->jobs.p[i]->created.n;
	return n;
}

struct migrate_file *migration_report(struct migration *m, struct migrate_report *out)
{
	struct migrate_file *files = arena_array(&out->arena, struct migrate_file, count_files(m) + 1);

	report_targets(m, out);
	report_items(m, out);
	report_files(m, out, files);
	return files;
}
