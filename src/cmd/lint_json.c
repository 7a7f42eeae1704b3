#include "lint_format.h"

static const char *const severity_names[] = {"silent", "note", "warning", "error"};

static void place(struct json *j, const struct lint_view *v, const struct lint_finding *x)
{
	struct place from = source_place(x->source, x->lo), to = source_place(x->source, x->hi);

	json_member_str(j, "file", lint_shown(v, x->file));
	json_member_int(j, "line", from.line);
	json_member_int(j, "column", from.column);
	json_member_int(j, "end_line", to.line);
	json_member_int(j, "end_column", to.column);
}

static void targets(struct json *j, const struct lint_view *v)
{
	size_t passed;
	bool *passes = lint_passes(v->report, v->level, &passed);

	json_key(j, "targets");
	json_array(j);
	for (size_t i = 0; i < v->report->ntargets; i++) {
		json_object(j);
		json_member_str(j, "name", v->report->targets[i].name);
		json_key(j, "passes");
		json_bool(j, passes[i]);
		json_end(j, '}');
	}
	json_end(j, ']');
	mem_free(passes);
}

static void finding(struct json *j, const struct lint_view *v, const struct lint_finding *x)
{
	const struct lint_rule *rule = &lint_rules[x->rule];

	json_object(j);
	json_key(j, "code");
	json_c(j, diag_number(rule->code));
	json_key(j, "rule");
	json_c(j, rule->name);
	json_key(j, "severity");
	json_c(j, severity_names[lint_severity(x->rule, v->level)]);
	json_member_str(j, "message", x->text);
	if (x->target != LINT_NO_TARGET) {
		json_member_str(j, "target", v->report->targets[x->target].name);
	}
	place(j, v, x);
	json_key(j, "why");
	json_c(j, rule->why);
	json_key(j, "fix");
	json_c(j, rule->fix);
	if (x->allowed.p) {
		json_member_str(j, "suppressed", x->allowed);
	}
	if (x->wrapped) {
		json_key(j, "wrapped");
		json_bool(j, true);
	}
	json_end(j, '}');
}

void lint_json(const struct lint_view *v, struct buf *out)
{
	struct json j = json_to(out);

	json_object(&j);
	json_key(&j, "level");
	json_c(&j, lint_level_names[v->level]);
	json_member_int(&j, "passed", (int64_t)v->passed);
	json_member_int(&j, "total", (int64_t)v->report->ntargets);
	json_member_int(&j, "suppressed", (int64_t)v->allowed);
	targets(&j, v);
	json_key(&j, "findings");
	json_array(&j);
	for (size_t i = 0; i < v->report->nfindings; i++)
		if (lint_shown_severity(v, &v->report->findings[i]) != LINT_SILENT)
			finding(&j, v, &v->report->findings[i]);
	json_end(&j, ']');
	json_end(&j, '}');
	buf_c(out, '\n');
}
