#include "lint_int.h"

const char *const lint_level_names[] = { /* ORDER LEVEL */
	"permissive", "constrained", "dice-preferred", "dice-required", "pure-dice",
};

const struct lint_rule lint_rules[] = {
#define LINT(id, name, severities, why, fix) {DIAG_LINT_##id, name, severities, why, fix},
#include "lint.def"
#undef LINT
};

const size_t lint_rule_count = SL_COUNT(lint_rules);

enum lint_level lint_level_of(str name)
{
	unsigned level = 0;

	while (level < LINT_LEVELS && !str_eq(name, str_c(lint_level_names[level])))
		level++;
	return (enum lint_level)level;
}

enum lint_severity lint_severity(unsigned rule, enum lint_level level)
{
	switch (lint_rules[rule].severities[level]) {
	case 'N': return LINT_NOTE;
	case 'W': return LINT_WARNING;
	case 'E': return LINT_ERROR;
	default: return LINT_SILENT;
	}
}

void lint_file_clear(struct lint_file *f)
{
	vec_free(&f->targets);
	vec_free(&f->findings);
	map_free(&f->found);
	vec_free(&f->imports);
	vec_free(&f->hosts);
	vec_free(&f->allows);
	vec_free(&f->wrapped);
	diags_free(&f->diags);
	arena_clear(&f->arena);
}

void lint_find(struct lint_file *f, enum lint_rule_id rule, uint32_t target, str file, uint32_t lo, uint32_t hi,
		const char *fmt, ...)
{
	struct lint_finding x = {.rule = rule, .target = target, .lo = lo, .hi = hi};
	va_list args;
	bool fresh;
	str key;

	x.file = str_dup(&f->arena, file);
	va_start(args, fmt);
	x.text = str_vfmt(&f->arena, fmt, args);
	va_end(args);
	key = str_fmt(&f->arena, "%u %u %u %u %.*s %.*s", (unsigned)rule, target, lo, hi, STR_ARG(x.text), STR_ARG(file));
	map_slot(&f->found, key, &fresh);
	if (!fresh)
		return;
	vec_push(&f->findings, x);
}

uint32_t lint_target(struct lint_file *f, str name, uint32_t lo, uint32_t hi)
{
	struct lint_target t = {str_dup(&f->arena, name), f->path, lo, hi, false};

	vec_push(&f->targets, t);
	return (uint32_t)f->targets.n - 1;
}

uint32_t lint_innermost(const struct lint_file *f, uint32_t at)
{
	uint32_t best = LINT_NO_TARGET;

	for (uint32_t i = 0; i < f->targets.n; i++) {
		const struct lint_target *t = &f->targets.p[i];

		if (t->lo <= at && at < t->hi &&
				(best == LINT_NO_TARGET || t->hi - t->lo < f->targets.p[best].hi - f->targets.p[best].lo))
			best = i;
	}
	return best;
}

void lint_attach(struct lint_file *f)
{
	for (size_t i = 0; i < f->findings.n; i++)
		if (f->findings.p[i].target == LINT_NO_TARGET && str_eq(f->findings.p[i].file, f->path))
			f->findings.p[i].target = lint_innermost(f, f->findings.p[i].lo);
}
