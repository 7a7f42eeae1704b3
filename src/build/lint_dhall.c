/* The value of a Dhall file: what is a target or a derivation in it, by its fields. */
#include "lint_judge.h"

static bool has(struct judge *j, dh_val record, const char *name)
{
	dh_val v;

	return judge_get(j, record, name, &v);
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
	str name = name_here(j, &a), own = judge_text_in(j, v, "name");

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

	if (depth > JUDGE_DEPTH || !type.v)
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
		judge_derivation(j, v, judge_constrained);
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
	for (uint32_t i = 0; i < s->nhost_paths; i++)
		FIND(j, LINT_HOST_PATH, intern_c("host_paths"), "builders of derivations see '%.*s' of the host", STR_ARG(s->host_paths[i]));
	j->at = judge_place(j, intern_c("toolchains"), &a);
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
		if (!str_starts(deps[i], S("/")) || str_eq(deps[i], j->f->path) || !judge_is_own(j, deps[i]))
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

	if (!judge_get(j, prelude, "Flag", &j->flag))
		j->flag.v = NULL;
	if (!judge_get(j, prelude, "Derivation", &module))
		return;
	if (!judge_get(j, module, "Input", &j->input))
		j->input.v = NULL;
	if (!judge_get(j, module, "Command", &j->command))
		j->command.v = NULL;
}

void lint_dhall(struct workspace *w, struct session *s, str text, struct lint_file *f)
{
	struct judge j = {.w = w, .s = s, .f = f};

	if (!lint_read(f, text, false))
		return;
	j.typed = dhall_load(s->dhall, f->path);
	if (j.typed) {
		find_types(&j);
		note_imports(&j);
		if (str_eq(f->path, w->file))
			judge_workspace(&j);
		else
			judge_all(&j, dhall_eval(s->dhall, j.typed), dhall_type_of(s->dhall, j.typed), 0);
		lint_hosts_find(f);
		lint_attach(f);
		lint_allow_all(f);
	}
	vec_free(&j.path);
	diags_move(&f->diags, &s->diags);
}
