/* What any value may hide, in whatever it is put: raw flags, sources, Nix as text, what has no hash. */
#include "lint_judge.h"

#include <straylight/prelude.h>

#define NODES_MAX 200000 /* of one target's attributes */

/* ---- reading ---- */

bool judge_get(struct judge *j, dh_val record, const char *name, dh_val *out)
{
	return dh_field(j->s->dhall, record, intern_c(name), out);
}

/* The text in a field; with p == NULL when it is none. */
str judge_text_in(struct judge *j, dh_val record, const char *name)
{
	dh_val v;
	str text = {0};

	return judge_get(j, record, name, &v) && dh_text(j->s->dhall, v, &text) ? text : (str){0};
}

/* An Optional field that is there: is it None? */
bool judge_is_none(struct judge *j, dh_val record, const char *name)
{
	dh_val v, inner;
	bool some = true;

	return judge_get(j, record, name, &v) && dh_optional(j->s->dhall, v, &some, &inner) && !some;
}

/* ---- places ---- */

static bool is_vendored(str path)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != '/')
		at--;
	return str_ends(str_upto(path, at), S("/prelude/")) && prelude_file(str_from(path, at)).p;
}

/* Can the user change it? */
bool judge_is_own(const struct judge *j, str path)
{
	str root = j->w->root;

	return str_eq(path, j->f->path) || (str_starts(path, root) && path.n > root.n && path.p[root.n] == '/' &&
							  !is_vendored(path));
}

/* Where the attribute is set, else the target. */
struct lint_place judge_place(struct judge *j, sym attribute, struct arena *a)
{
	struct lint_place p = j->at;
	struct dh_setting set;

	if (j->listed || !attribute)
		return p;
	vec_push(&j->path, attribute);
	if (dhall_setting(j->typed, j->path.p, j->path.n, a, &set)) {
		if (judge_is_own(j, set.path)) {
			p.file = set.path;
			p.lo = set.name.lo;
			p.hi = set.name.hi;
		} else if (set.value.hi > set.value.lo && judge_is_own(j, set.value_path)) {
			p.file = set.value_path;
			p.lo = set.value.lo;
			p.hi = set.value.hi;
		}
	}
	j->path.n--;
	return p;
}

/* ---- attributes, all the way down ---- */

static void judge_text(struct judge *j, sym attribute, str text)
{
	if (lint_names_store(text))
		FIND(j, LINT_STORE_PATH, attribute, "'%.*s' names /nix/store in '%.*s'", STR_ARG(j->what),
				STR_ARG(sym_str(attribute)));
	if (lint_names_drv(text))
		FIND(j, LINT_DRV, attribute, "'%.*s' names a .drv file in '%.*s'", STR_ARG(j->what),
				STR_ARG(sym_str(attribute)));
}

static bool is_of(struct judge *j, dh_val v, dh_val type)
{
	dh_val own;

	return type.v && dh_case_type(j->s->dhall, v, &own) && dhall_equal(j->s->dhall, own, type);
}

void judge_command(struct judge *j, sym attribute, str program, dh_val record, const char *arguments)
{
	struct arena a = {0};
	dh_val list, item;
	size_t n = 0;
	str *words;

	if (!judge_get(j, record, arguments, &list) || !dh_list(j->s->dhall, list, &n))
		return;
	words = arena_array(&a, str, n + 1);
	words[0] = program;
	for (size_t i = 0; i < n; i++)
		if (!dh_item(j->s->dhall, list, i, &item) || !dh_text(j->s->dhall, item, &words[i + 1]))
			words[i + 1] = S("");
	if (lint_command_is_script(words, n + 1))
		FIND(j, LINT_SHELL, attribute, "'%.*s' runs shell text", STR_ARG(j->what));
	if (lint_command_fetches(words, n + 1))
		FIND(j, LINT_NETWORK, attribute, "'%.*s' uses the network", STR_ARG(j->what));
	arena_clear(&a);
}

/* Is it Some text with anything in it? */
static bool has_text(struct judge *j, dh_val record, const char *name)
{
	dh_val v, inner;
	bool some = false;
	str text = {0};

	return judge_get(j, record, name, &v) && dh_optional(j->s->dhall, v, &some, &inner) && some &&
	       dh_text(j->s->dhall, inner, &text) && text.n;
}

static void judge_case(struct judge *j, sym attribute, dh_val v, sym name, dh_val payload)
{
	struct dhall *d = j->s->dhall;
	str text = {0};

	if (name == intern_c("Raw") && is_of(j, v, j->flag) && dh_text(d, payload, &text))
		FIND(j, LINT_FLAG, attribute, "'%.*s' has the raw flag '%.*s'", STR_ARG(j->what), STR_ARG(text));
	if (name == intern_c("Src") && is_of(j, v, j->input) && dh_text(d, payload, &text))
		FIND(j, LINT_SOURCE, attribute, "'%.*s' takes the path '%.*s' as input", STR_ARG(j->what), STR_ARG(text));
	if (name == intern_c("Run") && is_of(j, v, j->command))
		judge_command(j, attribute, judge_text_in(j, payload, "program"), payload, "arguments");
	if (name == intern_c("Fetch") && is_of(j, v, j->input) && !has_text(j, payload, "sha256") && !has_text(j, payload, "rev"))
		FIND(j, LINT_NETWORK, attribute, "'%.*s' fetches '%.*s' without a hash", STR_ARG(j->what),
				STR_ARG(judge_text_in(j, payload, "url")));
}

static void judge_record(struct judge *j, sym attribute, dh_val v, unsigned depth)
{
	size_t n = dh_fields(j->s->dhall, v);
	sym name;
	dh_val field;

	if (n == 1 && judge_text_in(j, v, "toNix").p)
		FIND(j, LINT_NIX_TEXT, attribute, "'%.*s' has Nix as text: %.*s", STR_ARG(j->what),
				STR_ARG(str_upto(judge_text_in(j, v, "toNix"), 60)));
	for (size_t i = 0; i < n; i++)
		if (dh_field_at(j->s->dhall, v, i, &name, &field))
			judge_value(j, attribute ? attribute : name, field, depth + 1);
}

void judge_value(struct judge *j, sym attribute, dh_val v, unsigned depth)
{
	struct dhall *d = j->s->dhall;
	dh_val inner;
	str text;
	sym name;
	size_t n;
	bool some;

	if (depth > JUDGE_DEPTH || j->nodes++ > NODES_MAX)
		return;
	switch (dh_kind(d, v)) {
	case DH_TEXT:
		if (dh_text(d, v, &text))
			judge_text(j, attribute, text);
		break;
	case DH_LIST:
		for (size_t i = 0; dh_list(d, v, &n) && i < n; i++)
			if (dh_item(d, v, i, &inner))
				judge_value(j, attribute, inner, depth + 1);
		break;
	case DH_OPTIONAL:
		if (dh_optional(d, v, &some, &inner) && some)
			judge_value(j, attribute, inner, depth + 1);
		break;
	case DH_RECORD: judge_record(j, attribute, v, depth); break;
	case DH_UNION:
		if (!dh_case(d, v, &name, &inner))
			break;
		judge_case(j, attribute, v, name, inner);
		if (inner.v)
			judge_value(j, attribute, inner, depth + 1);
		break;
	default: break;
	}
}
