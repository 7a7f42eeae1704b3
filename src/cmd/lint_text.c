#include "lint_format.h"

str lint_shown(const struct lint_view *v, str file)
{
	str root = v->report->root;

	return str_starts(file, root) && file.n > root.n && file.p[root.n] == '/' ? str_from(file, root.n + 1) : file;
}

enum lint_severity lint_shown_severity(const struct lint_view *v, const struct lint_finding *x)
{
	enum lint_severity s = lint_severity(x->rule, v->level);

	return x->allowed.p && s != LINT_SILENT ? LINT_NOTE : s;
}

static enum diag_severity diag_severity_of(enum lint_severity s)
{
	return s == LINT_ERROR ? DIAG_ERROR : s == LINT_WARNING ? DIAG_WARNING : DIAG_NOTE;
}

static void one(const struct lint_view *v, const struct lint_finding *x, struct buf *out)
{
	const struct lint_rule *rule = &lint_rules[x->rule];
	struct diag_note why = {.text = str_c(rule->why)};
	struct diag d = {
		.code = rule->code,
		.severity = diag_severity_of(lint_shown_severity(v, x)),
		.at = {x->source, x->lo, x->hi},
		.text = x->text,
		.notes = &why,
		.hint = str_c(rule->fix),
		.subject = x->target == LINT_NO_TARGET ? (str){0} : v->report->targets[x->target].name,
	};

	diag_render(&d, DIAG_TEXT, v->color, out);
}

void lint_sum(const struct lint_view *v, struct buf *out)
{
	size_t n = v->report->ntargets;

	buf_fmt(out, "%zu of %zu targets pass %s (%zu %%)\n", v->passed, n, lint_level_names[v->level],
			n ? v->passed * 100 / n : 100);
}

static const char *s_of(size_t n)
{
	return n == 1 ? "" : "s";
}

void lint_text(const struct lint_view *v, struct buf *out)
{
	for (size_t i = 0; i < v->report->nfindings; i++) {
		const struct lint_finding *x = &v->report->findings[i];

		if (lint_shown_severity(v, x) != LINT_SILENT && !x->allowed.p)
			one(v, x, out);
	}
	if (v->errors || v->warnings || v->notes)
		buf_fmt(out, "%zu error%s, %zu warning%s, %zu note%s\n", v->errors, s_of(v->errors), v->warnings,
				s_of(v->warnings), v->notes, s_of(v->notes));
	if (v->allowed)
		buf_fmt(out, "%zu finding%s suppressed\n", v->allowed, s_of(v->allowed));
	lint_sum(v, out);
}
