#include "lint_format.h"
#include "version.h"

#include <ctype.h>

static const char *const level_names[] = {"none", "note", "warning", "error"};

static void message(struct json *j, const char *key, str text)
{
	json_key(j, key);
	json_object(j);
	json_member_str(j, "text", text);
	json_end(j, '}');
}

static void rule(struct json *j, const struct lint_rule *r, enum lint_severity severity)
{
	json_object(j);
	json_key(j, "id");
	json_c(j, diag_number(r->code));
	json_key(j, "name");
	json_c(j, r->name);
	message(j, "shortDescription", str_c(diag_summary(r->code)));
	message(j, "fullDescription", str_c(r->why));
	message(j, "help", str_c(r->fix));
	json_key(j, "defaultConfiguration");
	json_object(j);
	json_key(j, "level");
	json_c(j, level_names[severity]);
	json_end(j, '}');
	json_end(j, '}');
}

static void tool(struct json *j, const struct lint_view *v)
{
	json_key(j, "tool");
	json_object(j);
	json_key(j, "driver");
	json_object(j);
	json_key(j, "name");
	json_c(j, "straylight");
	json_key(j, "version");
	json_c(j, STRAYLIGHT_VERSION);
	json_key(j, "rules");
	json_array(j);
	for (size_t i = 0; i < lint_rule_count; i++)
		rule(j, &lint_rules[i], lint_severity((unsigned)i, v->level));
	json_end(j, ']');
	json_end(j, '}');
	json_end(j, '}');
}

static void region(struct json *j, const struct lint_finding *x)
{
	struct place from = source_place(x->source, x->lo), to = source_place(x->source, x->hi);

	json_key(j, "region");
	json_object(j);
	json_member_int(j, "startLine", from.line);
	json_member_int(j, "startColumn", from.column);
	json_member_int(j, "endLine", to.line);
	json_member_int(j, "endColumn", to.column);
	json_end(j, '}');
}

/* A path as a URI reference (RFC 3986): what is not unreserved or a slash is %XX. */
static void uri(struct json *j, str path)
{
	struct buf b = {0};

	for (size_t i = 0; i < path.n; i++) {
		unsigned char c = (unsigned char)path.p[i];

		if (isalnum(c) || char_in(c, "-._~/"))
			buf_c(&b, (char)c);
		else
			buf_fmt(&b, "%%%02X", c);
	}
	json_member_str(j, "uri", buf_view(&b));
	buf_free(&b);
}

static void place(struct json *j, const struct lint_view *v, const struct lint_finding *x)
{
	str shown = lint_shown(v, x->file);

	json_key(j, "locations");
	json_array(j);
	json_object(j);
	json_key(j, "physicalLocation");
	json_object(j);
	json_key(j, "artifactLocation");
	json_object(j);
	uri(j, shown);
	if (shown.n && shown.p[0] != '/') {
		json_key(j, "uriBaseId");
		json_c(j, "SRCROOT");
	}
	json_end(j, '}');
	region(j, x);
	json_end(j, '}');
	if (x->target != LINT_NO_TARGET) {
		json_key(j, "logicalLocations");
		json_array(j);
		json_object(j);
		json_member_str(j, "fullyQualifiedName", v->report->targets[x->target].name);
		json_end(j, '}');
		json_end(j, ']');
	}
	json_end(j, '}');
	json_end(j, ']');
}

static void result(struct json *j, const struct lint_view *v, const struct lint_finding *x)
{
	json_object(j);
	json_key(j, "ruleId");
	json_c(j, diag_number(lint_rules[x->rule].code));
	json_member_int(j, "ruleIndex", x->rule);
	json_key(j, "level");
	json_c(j, level_names[lint_severity(x->rule, v->level)]);
	message(j, "message", x->text);
	place(j, v, x);
	if (x->allowed.p) {
		json_key(j, "suppressions");
		json_array(j);
		json_object(j);
		json_key(j, "kind");
		json_c(j, "inSource");
		json_member_str(j, "justification", x->allowed);
		json_end(j, '}');
		json_end(j, ']');
	}
	json_end(j, '}');
}

void lint_sarif(const struct lint_view *v, struct buf *out)
{
	struct json j = json_to(out);

	json_object(&j);
	json_key(&j, "$schema");
	json_c(&j, "https://json.schemastore.org/sarif-2.1.0.json");
	json_key(&j, "version");
	json_c(&j, "2.1.0");
	json_key(&j, "runs");
	json_array(&j);
	json_object(&j);
	tool(&j, v);
	json_key(&j, "columnKind");
	json_c(&j, "unicodeCodePoints");
	json_key(&j, "results");
	json_array(&j);
	for (size_t i = 0; i < v->report->nfindings; i++)
		if (lint_shown_severity(v, &v->report->findings[i]) != LINT_SILENT)
			result(&j, v, &v->report->findings[i]);
	json_end(&j, ']');
	json_end(&j, '}');
	json_end(&j, ']');
	json_end(&j, '}');
	buf_c(out, '\n');
}
