/* https://docs.github.com/actions/reference/workflow-commands-for-github-actions: `::error file=…,line=…::message`. */
#include "lint_format.h"

/* In a message %, CR and LF are escaped; in a property also ':' and ','. */
static void escaped(struct buf *out, str s, bool property)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
			buf_fmt(out, "%%%02X", (unsigned char)c);
		else
			buf_c(out, c);
	}
}

static void one(const struct lint_view *v, const struct lint_finding *x, struct buf *out)
{
	static const char *const words[] = {"", "notice", "warning", "error"};
	const struct lint_rule *rule = &lint_rules[x->rule];
	struct place from = source_place(x->source, x->lo), to = source_place(x->source, x->hi);

	buf_fmt(out, "::%s file=", words[lint_shown_severity(v, x)]);
	escaped(out, lint_shown(v, x->file), true);
	buf_fmt(out, ",line=%u,col=%u,endLine=%u,endColumn=%u,title=%s %s::", from.line, from.column, to.line, to.column,
			diag_number(rule->code), rule->name);
	escaped(out, x->text, false);
	buf_fmt(out, "%%0A%s%%0A%s\n", rule->why, rule->fix);
}

void lint_github(const struct lint_view *v, struct buf *out)
{
	for (size_t i = 0; i < v->report->nfindings; i++) {
		const struct lint_finding *x = &v->report->findings[i];

		if (lint_shown_severity(v, x) != LINT_SILENT && !x->allowed.p)
			one(v, x, out);
	}
	lint_sum(v, out);
}
