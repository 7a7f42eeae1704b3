/* The value of a Dhall file: what is a target or a derivation in it, by its fields, and what they say. */
#include "lint_int.h"

#include <straylight/dhall_marks.h>
#include <straylight/prelude.h>

#define DEPTH_MAX 40      /* of records and lists around and in a target */
#define NODES_MAX 200000  /* of one target's attributes */

struct judge {
	struct workspace *w;
	struct session *s;
	struct lint_file *f;
	const struct dh_typed *typed;
	dh_val flag, input;   /* S.Flag, S.Derivation.Input */
	VEC(sym) path;        /* of what is judged, from the file's value */
	unsigned listed;      /* lists around it: the path leads to the outermost one only */
	struct lint_place at; /* of the target */
	str what;             /* its name */
	unsigned nodes;
};

/* ---- reading ---- */

static bool get(struct judge *j, dh_val record, const char *name, dh_val *out)
{
	return dh_field(j->s->dhall, record, intern_c(name), out);
}

static bool has(struct judge *j, dh_val record, const char *name)
{
	dh_val v;

	return get(j, record, name, &v);
}

/* The text in a field; with p == NULL when it is none. */
static str text_in(struct judge *j, dh_val record, const char *name)
{
	dh_val v;
	str text = {0};

	return get(j, record, name, &v) && dh_text(j->s->dhall, v, &text) ? text : (str){0};
}

static bool says(struct judge *j, dh_val record, const char *name, bool wanted)
{
	dh_val v;
	bool is = false;

	return get(j, record, name, &v) && dh_bool(j->s->dhall, v, &is) && is == wanted;
}

static size_t length(struct judge *j, dh_val record, const char *name)
{
	dh_val v;
	size_t n = 0;

	return get(j, record, name, &v) && dh_list(j->s->dhall, v, &n) ? n : 0;
}

/* An Optional field that is there: is it None? */
static bool is_none(struct judge *j, dh_val record, const char *name)
{
	dh_val v, inner;
	bool some = true;

	return get(j, record, name, &v) && dh_optional(j->s->dhall, v, &some, &inner) && !some;
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
static bool is_own(const struct judge *j, str path)
{
	str root = j->w->root;

	return str_eq(path, j->f->path) || (str_starts(path, root) && path.n > root.n && path.p[root.n] == '/' &&
							  !is_vendored(path));
}

/* Where the attribute is set, else the target. */
static struct lint_place place_of(struct judge *j, sym attribute, struct arena *a)
{
	struct lint_place p = j->at;
	struct dh_setting set;

	if (j->listed || !attribute)
		return p;
	vec_push(&j->path, attribute);
	if (dhall_setting(j->typed, j->path.p, j->path.n, a, &set)) {
		if (is_own(j, set.path)) {
			p.file = set.path;
			p.lo = set.name.lo;
			p.hi = set.name.hi;
		} else if (set.value.hi > set.value.lo && is_own(j, set.value_path)) {
			p.file = set.value_path;
			p.lo = set.value.lo;
			p.hi = set.value.hi;
		}
	}
	j->path.n--;
	return p;
}

#define FIND(j, rule, attribute, ...)                                                                  \
	do {                                                                                           \
		struct arena a_ = {0};                                                                 \
		struct lint_place p_ = place_of((j), (attribute), &a_);                                \
		lint_find((j)->f, (rule), p_.target, p_.file, p_.lo, p_.hi, __VA_ARGS__);              \
		arena_clear(&a_);                                                                      \
	} while (0)

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

static void judge_case(struct judge *j, sym attribute, dh_val v, sym name, dh_val payload)
{
	struct dhall *d = j->s->dhall;
	str text = {0};

	if (name == intern_c("Raw") && is_of(j, v, j->flag) && dh_text(d, payload, &text))
		FIND(j, LINT_FLAG, attribute, "'%.*s' has the raw flag '%.*s'", STR_ARG(j->what), STR_ARG(text));
	if (name == intern_c("Src") && is_of(j, v, j->input) && dh_text(d, payload, &text))
		FIND(j, LINT_SOURCE, attribute, "'%.*s' takes the path '%.*s' as input", STR_ARG(j->what), STR_ARG(text));
	if (name == intern_c("Fetch") && is_of(j, v, j->input) && is_none(j, payload, "sha256"))
		FIND(j, LINT_NETWORK, attribute, "'%.*s' fetches '%.*s' without a hash", STR_ARG(j->what),
				STR_ARG(text_in(j, payload, "url")));
}

static void judge_value(struct judge *j, sym attribute, dh_val v, unsigned depth);

static void judge_record(struct judge *j, sym attribute, dh_val v, unsigned depth)
{
	size_t n = dh_fields(j->s->dhall, v);
	sym name;
	dh_val field;

	if (n == 1 && text_in(j, v, "toNix").p)
		FIND(j, LINT_NIX_TEXT, attribute, "'%.*s' has Nix as text: %.*s", STR_ARG(j->what),
				STR_ARG(str_upto(text_in(j, v, "toNix"), 60)));
	for (size_t i = 0; i < n; i++)
		if (dh_field_at(j->s->dhall, v, i, &name, &field))
			judge_value(j, attribute ? attribute : name, field, depth + 1);
}

static void judge_value(struct judge *j, sym attribute, dh_val v, unsigned depth)
{
	struct dhall *d = j->s->dhall;
	dh_val inner;
	str text;
	sym name;
	size_t n;
	bool some;

	if (depth > DEPTH_MAX || j->nodes++ > NODES_MAX)
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

/* ---- derivations ---- */

static void judge_outputs(struct judge *j, dh_val v)
{
	dh_val outputs, item;
	size_t n = 0;

	if (!get(j, v, "outputs", &outputs) || !dh_list(j->s->dhall, outputs, &n))
		return;
	if (n == 0)
		FIND(j, LINT_OUTPUT, intern_c("outputs"), "'%.*s' names no output", STR_ARG(j->what));
	for (size_t i = 0; i < n; i++) {
		str text = {0};

		if (!dh_item(j->s->dhall, outputs, i, &item))
			continue;
		if (!dh_text(j->s->dhall, item, &text))
			text = text_in(j, item, "name");
		if (!text.n)
			FIND(j, LINT_OUTPUT, intern_c("outputs"), "'%.*s' has an output without a name", STR_ARG(j->what));
	}
}

/* What all kinds of derivations may say. */
static void judge_common(struct judge *j, dh_val v)
{
	if (!j->f->in_toolchains)
		FIND(j, LINT_UNWRAPPED, 0, "derivation '%.*s' is neither a target nor wrapped as one", STR_ARG(j->what));
	else
		FIND(j, LINT_NIX, 0, "derivation '%.*s' is built by Nix", STR_ARG(j->what));
	if (length(j, v, "env"))
		FIND(j, LINT_ENV, intern_c("env"), "'%.*s' sets environment variables", STR_ARG(j->what));
	if (says(j, v, "allowSubstitutes", false))
		FIND(j, LINT_SUBSTITUTES, intern_c("allowSubstitutes"), "'%.*s' may not come from a cache", STR_ARG(j->what));
	if (says(j, v, "__impure", true))
		FIND(j, LINT_IMPURE, intern_c("__impure"), "'%.*s' is declared impure", STR_ARG(j->what));
	if (is_none(j, v, "allowedReferences"))
		FIND(j, LINT_REFERENCES, intern_c("allowedReferences"), "outputs of '%.*s' may refer to anything",
				STR_ARG(j->what));
	judge_outputs(j, v);
	judge_value(j, 0, v, 0);
}

static void judge_phase(struct judge *j, dh_val v, const char *name)
{
	dh_val phase, inner;
	bool some = false;
	str text = {0};

	if (!get(j, v, name, &phase) || !dh_optional(j->s->dhall, phase, &some, &inner) || !some)
		return;
	FIND(j, LINT_PHASE, intern_c(name), "%s of '%.*s' is shell text", name, STR_ARG(j->what));
	if (!j->f->in_toolchains)
		FIND(j, LINT_PHASE_SHELL, intern_c(name), "%s of '%.*s' is shell text", name, STR_ARG(j->what));
	if (dh_text(j->s->dhall, inner, &text) && lint_uses_network(text))
		FIND(j, LINT_NETWORK, intern_c(name), "%s of '%.*s' uses the network", name, STR_ARG(j->what));
}

static void judge_phase_list(struct judge *j, dh_val v)
{
	dh_val phases, list, item, payload;
	bool some = false;
	size_t n = 0;
	sym name;

	if (!get(j, v, "phases", &phases) || !dh_optional(j->s->dhall, phases, &some, &list) || !some ||
			!dh_list(j->s->dhall, list, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (dh_item(j->s->dhall, list, i, &item) && dh_case(j->s->dhall, item, &name, &payload) && payload.v)
			FIND(j, LINT_PHASE, intern_c("phases"), "'%.*s' has a phase of its own", STR_ARG(j->what));
}

static void judge_mk(struct judge *j, dh_val v)
{
	static const char *const phases[] = {
		"unpackPhase", "patchPhase", "configurePhase", "buildPhase", "checkPhase", "installPhase", "fixupPhase",
		"installCheckPhase",
	};

	judge_common(j, v);
	judge_phase_list(j, v);
	for (size_t i = 0; i < SL_COUNT(phases); i++)
		judge_phase(j, v, phases[i]);
}

static void judge_raw(struct judge *j, dh_val v)
{
	str builder = text_in(j, v, "builder"), text = {0};
	dh_val args, item;
	size_t n = 0;

	judge_common(j, v);
	if (builder.p && !str_starts(builder, S("builtin:")))
		FIND(j, LINT_BUILDER, intern_c("builder"), "'%.*s' is built by the path '%.*s'", STR_ARG(j->what),
				STR_ARG(builder));
	if (!get(j, v, "args", &args) || !dh_list(j->s->dhall, args, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		if (!dh_item(j->s->dhall, args, i, &item) || !dh_text(j->s->dhall, item, &text))
			continue;
		if (str_eq(text, S("-c")) && lint_is_shell(builder))
			FIND(j, LINT_SHELL, intern_c("args"), "'%.*s' runs shell text", STR_ARG(j->what));
		if (lint_uses_network(text))
			FIND(j, LINT_NETWORK, intern_c("args"), "'%.*s' uses the network", STR_ARG(j->what));
	}
}

/* ---- targets ---- */

/* What the file calls what is judged: FILE:a.b below the root. */
static str name_here(struct judge *j, struct arena *a)
{
	struct buf b = {0};
	str path = j->f->path, root = j->w->root;

	if (str_starts(path, root) && path.n > root.n)
		path = str_from(path, root.n + 1);
	buf_str(&b, path);
	for (size_t i = 0; i < j->path.n; i++) {
		buf_c(&b, i ? '.' : ':');
		buf_str(&b, sym_str(j->path.p[i]));
	}
	return buf_take(&b, a);
}

/* Where it is written: its field's name; *end is where its value ends when that stands behind the name. */
static struct lint_place place_here(struct judge *j, uint32_t *end, struct arena *a)
{
	struct span whole = dhall_span(j->typed);
	struct lint_place p = {j->f->path, whole.lo, whole.hi, LINT_NO_TARGET};
	struct dh_setting set;

	*end = whole.hi;
	if (j->path.n && dhall_setting(j->typed, j->path.p, j->path.n, a, &set) && str_eq(set.path, j->f->path)) {
		p.lo = set.name.lo;
		*end = p.hi = set.name.hi;
		if (str_eq(set.value_path, j->f->path) && set.value.lo > p.hi)
			*end = set.value.hi;
	}
	return p;
}

static void begin(struct judge *j, str name, str what)
{
	struct arena a = {0};
	uint32_t end;

	j->at = place_here(j, &end, &a);
	j->what = str_dup(&j->f->arena, what);
	j->at.target = lint_target(j->f, name, j->at.lo, end);
	j->nodes = 0;
	arena_clear(&a);
}

static void judge_derivation(struct judge *j, dh_val v, void (*rules)(struct judge *, dh_val))
{
	struct arena a = {0};
	str name = name_here(j, &a), own = text_in(j, v, "name");

	if (j->listed)
		name = str_fmt(&a, "%.*s#%.*s", STR_ARG(name), STR_ARG(own));
	begin(j, name, own.n ? own : name);
	rules(j, v);
	arena_clear(&a);
}

/* The package's folder below the root. */
static str package_of(const struct judge *j)
{
	str path = j->f->path, root = j->w->root;
	size_t at = path.n;

	if (!str_starts(path, root) || path.n <= root.n)
		return S("");
	while (path.p[at - 1] != '/')
		at--;
	return at > root.n + 1 ? str_of(path.p + root.n + 1, at - root.n - 2) : S("");
}

static void judge_target(struct judge *j, dh_val v, dh_val type)
{
	struct arena a = {0};
	struct target t = {0};
	uint32_t end;
	struct lint_place p = place_here(j, &end, &a);
	struct span span = {dhall_span(j->typed).file, p.lo, p.hi};
	sym field = j->path.n ? vec_last(&j->path) : intern_c("target");

	if (analysis_target(j->s->dhall, &j->s->types, field, v, type, package_of(j), span, &a, &t, &j->f->diags)) {
		bool package = str_ends(j->f->path, S("/BUILD.dhall"));

		begin(j, package ? sym_str(t.label) : name_here(j, &a), t.name);
		judge_value(j, 0, v, 0);
		lint_steps(j->f, &t, &j->at, j->w->root);
	}
	arena_clear(&a);
}

static void judge_all(struct judge *j, dh_val v, dh_val type, unsigned depth);

static void judge_fields(struct judge *j, dh_val v, dh_val type, unsigned depth)
{
	struct dhall *d = j->s->dhall;
	size_t n = dh_fields(d, v);

	for (size_t i = 0; i < n; i++) {
		dh_val field, of = {NULL};
		sym name;

		if (!dh_field_at(d, v, i, &name, &field))
			return;
		dh_type_field(d, type, name, &of);
		if (!j->listed)
			vec_push(&j->path, name);
		judge_all(j, field, of, depth + 1);
		if (!j->listed)
			j->path.n--;
	}
}

static void judge_items(struct judge *j, dh_val v, dh_val type, unsigned depth)
{
	struct dhall *d = j->s->dhall;
	size_t n = 0;
	dh_val item, of;

	if (!dh_list(d, v, &n) || !dh_type_item(d, type, &of))
		return;
	j->listed++;
	for (size_t i = 0; i < n; i++)
		if (dh_item(d, v, i, &item))
			judge_all(j, item, of, depth + 1);
	j->listed--;
}

/* Targets and derivations in records and lists. */
static void judge_all(struct judge *j, dh_val v, dh_val type, unsigned depth)
{
	enum dh_kind kind = dh_kind(j->s->dhall, v);

	if (depth > DEPTH_MAX || !type.v)
		return;
	if (kind == DH_LIST)
		judge_items(j, v, type, depth);
	if (kind != DH_RECORD)
		return;
	if (has(j, v, "analyze") && has(j, v, "common"))
		judge_target(j, v, type);
	else if (has(j, v, "installPhase") && has(j, v, "buildInputs"))
		judge_derivation(j, v, judge_mk);
	else if (has(j, v, "builder") && has(j, v, "args") && has(j, v, "env"))
		judge_derivation(j, v, judge_raw);
	else if (has(j, v, "builder") && has(j, v, "inputs") && has(j, v, "outputs"))
		judge_derivation(j, v, judge_common);
	else
		judge_fields(j, v, type, depth);
}

/* ---- the file ---- */

static void judge_workspace(struct judge *j)
{
	const struct settings *s = &j->w->settings;
	struct arena a = {0};

	j->what = S("the workspace");
	j->at = (struct lint_place){j->f->path, dhall_span(j->typed).lo, dhall_span(j->typed).lo, LINT_NO_TARGET};
	judge_value(j, 0, dhall_eval(j->s->dhall, j->typed), 0);
	j->at = place_of(j, intern_c("toolchains"), &a);
	for (uint32_t i = 0; i < s->ntoolchains; i++)
		lint_toolchain(j->f, &s->toolchains[i].rendered, &j->at, sym_str(s->toolchains[i].word));
	arena_clear(&a);
}

/* The workspace's own files that the value rests on, and what stands in those below toolchains/. */
static void note_imports(struct judge *j)
{
	const str *deps;
	size_t n;
	struct buf inside = {0};
	struct arena a = {0};
	struct blob *text;
	const str *instead;
	str toolchains = str_fmt(&a, "%.*s/toolchains/", STR_ARG(j->w->root));

	dhall_dependencies(j->typed, &deps, &n);
	j->f->deps = deps;
	j->f->ndeps = n;
	for (size_t i = 0; i < n; i++) {
		if (!str_starts(deps[i], S("/")) || str_eq(deps[i], j->f->path) || !is_own(j, deps[i]))
			continue;
		vec_push(&j->f->imports, str_dup(&j->f->arena, deps[i]));
		if (!str_starts(deps[i], toolchains))
			continue;
		instead = j->w->texts ? map_get(j->w->texts, deps[i]) : NULL;
		if (instead) {
			buf_str(&inside, *instead);
			continue;
		}
		if (os_read(str_dup(&a, deps[i]).p, 0, &text) != 0)
			continue;
		buf_str(&inside, blob_str(text));
		blob_unref(text);
	}
	j->f->boundary = buf_take(&inside, &j->f->arena);
	arena_clear(&a);
}

/* A prelude of another version may lack them. */
static void find_types(struct judge *j)
{
	dh_val prelude = dhall_eval(j->s->dhall, j->s->prelude), module;

	if (!get(j, prelude, "Flag", &j->flag))
		j->flag.v = NULL;
	if (!get(j, prelude, "Derivation", &module) || !get(j, module, "Input", &j->input))
		j->input.v = NULL;
}

void lint_dhall(struct workspace *w, struct session *s, str text, struct lint_file *f)
{
	struct judge j = {.w = w, .s = s, .f = f};
	struct lint_allows allows = {0};

	if (!lint_read(f, text, &allows, false))
		return;
	j.typed = dhall_load(s->dhall, f->path);
	if (j.typed) {
		find_types(&j);
		note_imports(&j);
		if (str_eq(f->path, w->file))
			judge_workspace(&j);
		else
			judge_all(&j, dhall_eval(s->dhall, j.typed), dhall_type_of(s->dhall, j.typed), 0);
		lint_attach(f);
		lint_allow_all(&allows, f);
	}
	vec_free(&allows.list);
	vec_free(&j.path);
	diags_move(&f->diags, &s->diags);
}
