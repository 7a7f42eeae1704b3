#include "build_int.h"

#include <straylight/doors.h>

#include <errno.h>
#include <stdlib.h>

/* ---- sessions ---- */

static const struct dh_typed *load_text(struct dhall *d, str text, str name, str dir)
{
	const struct dh_parsed *parsed = dhall_parse(d, text, name, dir);
	const struct dh_resolved *resolved = parsed ? dhall_resolve(d, parsed) : NULL;

	return resolved ? dhall_check(d, resolved) : NULL;
}

static bool in_record(struct dhall *d, dh_val record, const char *name, dh_val *out)
{
	return dh_field(d, record, intern_c(name), out);
}

/* The prelude's function that makes the workspace plain, applied to it.  The workspace must have the
 * function's parameter type; where it has not, the difference is the error. */
static bool render_workspace(struct workspace *w, struct session *s, const struct dh_typed *prelude,
		const struct dh_typed *file)
{
	dh_val render, type, parameter, result;
	struct diag *d;

	if (!in_record(s->dhall, dhall_eval(s->dhall, prelude), "renderWorkspace", &render) ||
			!dh_type_field(s->dhall, dhall_type_of(s->dhall, prelude), intern_c("renderWorkspace"), &type) ||
			!dh_type_function(s->dhall, type, &parameter, &result)) {
		diag_error(&s->diags, DIAG_WORKSPACE_SHAPE, NO_SPAN, "the prelude has no function renderWorkspace");
		return false;
	}
	if (!dhall_equal(s->dhall, dhall_type_of(s->dhall, file), parameter)) {
		d = diag_error(&s->diags, DIAG_WORKSPACE_SHAPE, dhall_span(file), "this is not a workspace");
		diag_hint(&s->diags, d, "write S.Workspace::{ … } with the fields that differ from the default");
		return false;
	}
	s->rendered = dhall_apply(s->dhall, render, dhall_eval(s->dhall, file));
	(void)w;
	return true;
}

static bool says_debug(const struct session *s)
{
	dh_val mode;
	str text;

	return in_record(s->dhall, s->rendered, "mode", &mode) && dh_text(s->dhall, mode, &text) &&
			str_eq(text, S("debug"));
}

/* A package's value is made of its file, a context, and the type that analyses must have. */
static bool hash_contexts(struct session *s, dh_val contexts)
{
	static const char *const names[] = {"release", "debug"};
	unsigned char hashes[64];
	dh_val context;

	if (!dhall_hash(s->dhall, s->types.analysis, hashes))
		return false;
	for (unsigned i = 0; i < SL_COUNT(names); i++) {
		if (!in_record(s->dhall, contexts, names[i], &context) || !dhall_hash(s->dhall, context, hashes + 32))
			return false;
		sha256(str_of((const char *)hashes, sizeof hashes), s->contexts[i]);
	}
	return true;
}

static bool open_types(struct workspace *w, struct session *s, const struct dh_typed *prelude)
{
	dh_val module, contexts;

	s->debug = w->mode == BUILD_MODE_WORKSPACE ? says_debug(s) : w->mode == BUILD_MODE_DEBUG;
	if (in_record(s->dhall, dhall_eval(s->dhall, prelude), "Analysis", &module) &&
			in_record(s->dhall, module, "Analysis", &s->types.analysis) &&
			in_record(s->dhall, s->rendered, "contexts", &contexts) && hash_contexts(s, contexts) &&
			in_record(s->dhall, contexts, s->debug ? "debug" : "release", &s->types.context))
		return true;
	diag_error(&s->diags, DIAG_WORKSPACE_SHAPE, NO_SPAN, "the prelude is not one that this straylight can use");
	return false;
}

static void session_close(struct session *s)
{
	struct diags diags = s->diags;

	if (s->dhall)
		dhall_close(s->dhall);
	*s = (struct session){.diags = diags};
}

/* A session keeps the values and types of all that it has read.  No package is to pay for those before it. */
#define SESSION_WORN ((size_t)128 << 20)

static void session_renew(struct session *s)
{
	if (s->dhall && (dhall_finished(s->dhall) || dhall_held(s->dhall) > SESSION_WORN))
		session_close(s);
}

static bool session_open(struct workspace *w, struct session *s)
{
	const struct dh_typed *prelude, *file;

	if (s->ready)
		return true;
	if (!s->dhall)
		s->dhall = dhall_open(w->world, &s->diags);
	prelude = load_text(s->dhall, S("env:STRAYLIGHT_PRELUDE"), S("(prelude)"), w->root);
	if (!prelude)
		return false;
	file = w->file.n ? dhall_load(s->dhall, w->file)
			 : load_text(s->dhall, S("(env:STRAYLIGHT_PRELUDE).Workspace::{=}"), S("(workspace)"), w->root);
	s->file = file;
	s->prelude = prelude;
	if (!file || !render_workspace(w, s, prelude, file) || !open_types(w, s, prelude))
		return false;
	s->ready = true;
	return true;
}

bool workspace_session(struct workspace *w, struct session *s)
{
	session_renew(s);
	return session_open(w, s);
}

/* ---- reading the workspace ---- */

#define JOBS_MAX 4096

static void read_toolchains(struct workspace *w, struct session *s)
{
	dh_val list, item, key, value;
	struct toolchain_choice *choices;
	size_t n = 0;

	if (!in_record(s->dhall, s->rendered, "toolchains", &list) || !dh_list(s->dhall, list, &n))
		return;
	choices = arena_array(&w->arena, struct toolchain_choice, n);
	for (size_t i = 0; i < n; i++) {
		str word;

		if (!dh_item(s->dhall, list, i, &item) || !in_record(s->dhall, item, "mapKey", &key) ||
				!in_record(s->dhall, item, "mapValue", &value) || !dh_text(s->dhall, key, &word) ||
				!analysis_rendered(s->dhall, value, &w->arena, &choices[w->settings.ntoolchains].rendered))
			continue;
		choices[w->settings.ntoolchains++].word = intern(word);
	}
	w->settings.toolchains = choices;
}

static str read_text(struct workspace *w, struct dhall *d, dh_val record, const char *name)
{
	dh_val v, inner;
	bool some = true;
	str text;

	if (!in_record(d, record, name, &v))
		return (str){0};
	if (dh_optional(d, v, &some, &inner))
		v = inner;
	return some && dh_text(d, v, &text) ? str_dup(&w->arena, text) : (str){0};
}

static bool read_truth(struct dhall *d, dh_val record, const char *name)
{
	dh_val v;
	bool is = false;

	return in_record(d, record, name, &v) && dh_bool(d, v, &is) && is;
}

static void read_remote(struct workspace *w, struct dhall *d, dh_val rendered)
{
	dh_val optional, r;
	bool some = false;

	if (!in_record(d, rendered, "remote", &optional) || !dh_optional(d, optional, &some, &r) || !some)
		return;
	w->settings.remote = (struct remote_settings){
		.endpoint = read_text(w, d, r, "endpoint"),
		.instance = read_text(w, d, r, "instance"),
		.ca_file = read_text(w, d, r, "ca"),
		.cert_file = read_text(w, d, r, "cert"),
		.key_file = read_text(w, d, r, "key"),
		.cache_only = read_truth(d, r, "cache_only"),
		.require = read_truth(d, r, "require"),
		.write = read_truth(d, r, "write"),
	};
}

static const str *read_texts(struct workspace *w, struct session *s, const char *name, uint32_t *n)
{
	dh_val list, item;
	size_t count = 0;
	str *out;

	*n = 0;
	if (!in_record(s->dhall, s->rendered, name, &list) || !dh_list(s->dhall, list, &count))
		return NULL;
	out = arena_array(&w->arena, str, count);
	for (size_t i = 0; i < count; i++)
		if (dh_item(s->dhall, list, i, &item) && dh_text(s->dhall, item, &out[*n])) {
			out[*n] = str_dup(&w->arena, out[*n]);
			++*n;
		}
	return out;
}

static void read_rest(struct workspace *w, struct session *s)
{
	dh_val optional, inner;
	bool some = false;
	uint64_t seconds = 0, jobs = 0;

	if (in_record(s->dhall, s->rendered, "timeout", &optional) &&
			dh_optional(s->dhall, optional, &some, &inner) && some && dh_natural(s->dhall, inner, &seconds))
		w->settings.timeout_s = seconds > UINT32_MAX / 1000 ? UINT32_MAX / 1000 : (uint32_t)seconds;
	if (in_record(s->dhall, s->rendered, "jobs", &optional) &&
			dh_optional(s->dhall, optional, &some, &inner) && some &&
			dh_natural(s->dhall, inner, &jobs) && jobs <= JOBS_MAX)
		w->settings.jobs = (uint32_t)jobs;
	w->settings.ignored = read_texts(w, s, "ignore", &w->settings.nignored);
	w->settings.host_paths = read_texts(w, s, "host_paths", &w->settings.nhost_paths);
	w->settings.substituters = read_texts(w, s, "substituters", &w->settings.nsubstituters);
	w->settings.trusted_keys = read_texts(w, s, "trusted_keys", &w->settings.ntrusted_keys);
}

static void load_main(void *ud)
{
	struct workspace *w = ud;
	struct session *s = &w->sessions[w->nsessions - 1];

	if (!session_open(w, s))
		return;
	dhall_dependencies(s->file, &w->deps, &w->ndeps);
	read_toolchains(w, s);
	read_rest(w, s);
	read_remote(w, s->dhall, s->rendered);
	w->settings.lint = read_text(w, s->dhall, s->rendered, "lint");
	w->settings.debug = says_debug(s);
	memcpy(w->settings.contexts, s->contexts, sizeof s->contexts);
	if (!s->diags.errors)
		workspace_remember(w, s);
}

void workspace_begin(struct workspace *w, str root, enum build_mode mode)
{
	w->root = str_dup(&w->arena, root);
	w->file = str_fmt(&w->arena, "%.*s/straylight.dhall", STR_ARG(root));
	w->mode = mode;
}

bool workspace_load(struct workspace *w, struct store *store, unsigned workers, struct diags *diags)
{
	struct dhall_env doors = doors_env(&w->arena), env;
	struct session *s;

	w->store = store;
	doors.directory = w->root; /* the same from every folder of the workspace */
	if (w->texts)
		doors_instead(&doors, w->texts);
	w->witness = witness_new(&doors, store_fn(store), w->root);
	env = witness_env(w->witness);
	w->world = dhall_world_new(&env);
	w->nsessions = workers + 1;
	w->sessions = arena_array(&w->arena, struct session, w->nsessions);
	if (!w->texts && workspace_recall(w))
		return true;
	s = &w->sessions[workers];
	pool_run_deep(load_main, w);
	diags_move(diags, &s->diags);
	return s->ready;
}

void workspace_clear(struct workspace *w)
{
	for (unsigned i = 0; i < w->nsessions; i++) {
		session_close(&w->sessions[i]);
		diags_free(&w->sessions[i].diags);
	}
	if (w->world)
		dhall_world_free(w->world);
	witness_free(w->witness);
	arena_clear(&w->arena);
}

/* ---- packages ---- */

struct package *workspace_package(struct workspace *w, str path, struct diags *diags)
{
	int worker = pool_worker();
	struct session *s = &w->sessions[worker < 0 ? w->nsessions - 1 : (unsigned)worker];
	struct arena a = {0};
	struct package *p = NULL;

	if (session_open(w, s)) {
		str file = path.n ? str_fmt(&a, "%.*s/%.*s/BUILD.dhall", STR_ARG(w->root), STR_ARG(path))
				  : str_fmt(&a, "%.*s/BUILD.dhall", STR_ARG(w->root));
		const struct dh_typed *typed = dhall_load(s->dhall, file);

		if (typed)
			p = analysis_package(s->dhall, &s->types, typed, path, &s->diags);
		if (p)
			package_remember(w, s, p, file);
	}
	arena_clear(&a);
	session_renew(s);
	diags_move(diags, &s->diags);
	return p;
}

bool workspace_skips(const struct workspace *w, str path, str name)
{
	if (name.p[0] == '.' || (path.n == name.n && str_eq(name, S(OUT_DIR))))
		return true;
	for (uint32_t i = 0; i < w->settings.nignored; i++)
		if (str_eq(path, w->settings.ignored[i]))
			return true;
	return false;
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

static bool is_listed(const str *names, size_t n, str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

bool workspace_packages(struct workspace *w, str below, struct arena *a, str **paths, size_t *n,
		void (*listed)(void *ud, str path, const struct stamp *), void *ud, struct diags *diags)
{
	VEC(str) todo = {0};
	VEC(str) found = {0};
	bool ok = true;

	vec_push(&todo, below);
	while (todo.n) {
		str dir = vec_pop(&todo), *names;
		const char *full = dir.n ? os_join(a, w->root, dir) : w->root.p;
		size_t count;
		struct stamp stamp;
		int err = os_stamp(full, &stamp);

		if ((err == -ENOENT || (!err && !S_ISDIR(stamp.mode))) && dir.n)
			continue; /* links are not followed: one may lead to a folder above it */
		err = err ? err : os_list(a, full, &names, &count);
		if (err == -ENOENT && dir.n)
			continue;
		if (err) {
			os_error(diags, DIAG_IO, err, "listing", str_c(full));
			ok = false;
			break;
		}
		listed(ud, dir, &stamp);
		if (dir.n && is_listed(names, count, S("straylight.dhall")))
			continue; /* another workspace */
		for (size_t i = 0; i < count; i++) {
			str path = dir.n ? str_fmt(a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(names[i])) : names[i];

			if (str_eq(names[i], S("BUILD.dhall")))
				vec_push(&found, dir);
			else if (!workspace_skips(w, path, names[i]))
				vec_push(&todo, path);
		}
	}
	*paths = arena_array(a, str, found.n);
	*n = found.n;
	if (found.n) {
		memcpy(*paths, found.p, found.n * sizeof **paths);
		qsort(*paths, found.n, sizeof **paths, by_text);
	}
	vec_free(&todo);
	vec_free(&found);
	return ok;
}
