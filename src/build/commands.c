#include "commands_int.h"

#include <ctype.h>

bool maker_fail(struct maker *m, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	m->why = str_vfmt(m->a, fmt, args);
	va_end(args);
	return false;
}

struct typed_command *maker_add(struct maker *m, enum command_kind kind, str a, str b, str c)
{
	vec_push(m->list, ((struct typed_command){.kind = kind, .a = a, .b = b, .c = c}));
	return &vec_last(m->list);
}

const str *maker_kept(struct arena *a, const str *p, size_t n)
{
	str *out = arena_array(a, str, n + 1);

	if (n)
		memcpy(out, p, n * sizeof *p);
	return out;
}

/* ---- variables and paths ---- */

#define WORK_MAX (1u << 21)

static str value_of(void *ud, str name)
{
	struct maker *m = ud;

	m->work += m->exported.n + 1;
	for (size_t i = m->exported.n; i-- > 0 && m->work <= WORK_MAX;) { /* the last one counts */
		str key, value;

		if (!str_cut(m->exported.p[i], '=', &key, &value) || !str_eq(key, name))
			continue;
		m->work += value.n;
		return value.p && m->work <= WORK_MAX ? value : S("");
	}
	for (size_t i = 0; i < m->scope->n; i++)
		if (str_eq(m->scope->names[i], name))
			return m->scope->values[i];
	m->unknown = str_dup(m->a, name);
	return (str){0};
}

bool maker_expand(struct maker *m, str *word)
{
	*word = flat_expand(*word, m->a, value_of, m);
	if (m->work > WORK_MAX)
		return maker_fail(m, "its variables grow too long");
	return !m->unknown.p || maker_fail(m, "nothing is known of the variable '%.*s'", STR_ARG(m->unknown));
}

static bool is_absolute(str path)
{
	return path.n && (path.p[0] == '/' || path.p[0] == '$');
}

/* A path as it is seen from the sources. */
str maker_here(struct maker *m, str path)
{
	while (str_starts(path, S("./")) && path.n > 2)
		path = str_from(path, 2);
	if (!m->dir.n || is_absolute(path))
		return path;
	return str_fmt(m->a, "%.*s/%.*s", STR_ARG(m->dir), STR_ARG(path));
}

str maker_without_slash(str path)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

static str name_of(str path)
{
	size_t at;

	path = maker_without_slash(path);
	for (at = path.n; at > 0 && path.p[at - 1] != '/';)
		at--;
	return str_from(path, at);
}

/* Is it a folder by its name, or one that was made before? */
bool maker_is_folder(const struct maker *m, str path)
{
	if (str_eq(path, S(".")) || (path.n && path.p[path.n - 1] == '/'))
		return true;
	for (size_t i = 0; i < m->list->n; i++) {
		const struct typed_command *c = &m->list->p[i];

		if (c->kind == COMMAND_MKDIR && str_starts(c->a, path) && (c->a.n == path.n || c->a.p[path.n] == '/'))
			return true;
	}
	return false;
}

str maker_inside(struct maker *m, str folder, str path)
{
	folder = maker_without_slash(folder);
	return str_eq(folder, S(".")) ? name_of(path)
				      : str_fmt(m->a, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name_of(path)));
}

bool maker_number(str s, uint32_t *out)
{
	*out = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (!isdigit((unsigned char)s.p[i]) || *out > 1000)
			return false;
		*out = *out * 10 + (uint32_t)(s.p[i] - '0');
	}
	return s.n > 0;
}

/* ---- programs ---- */

/* The number of jobs is nobody's business but the machine's. */
static bool is_jobs(const words *w, size_t *i)
{
	str x = w->p[*i];
	uint32_t n;

	if (!str_starts(x, S("-j")) && !str_starts(x, S("-l")))
		return false;
	if (x.n == 2 && *i + 1 < w->n && (maker_number(w->p[*i + 1], &n) || str_starts(w->p[*i + 1], S("$NIX_BUILD_CORES"))))
		++*i;
	return true;
}

static bool run_env(struct maker *m, const words *w)
{
	words all = {0};
	struct typed_command *c;

	if (m->dir.n) {
		vec_push(&all, S("-C"));
		vec_push(&all, m->dir);
	}
	for (size_t i = 0; i < m->exported.n; i++)
		vec_push(&all, m->exported.p[i]);
	for (size_t i = 0; i < w->n; i++)
		vec_push(&all, w->p[i]);
	c = maker_add(m, COMMAND_RUN, S("env"), S(""), S(""));
	c->words = maker_kept(m->a, all.p, all.n);
	c->nwords = all.n;
	vec_free(&all);
	return true;
}

static bool is_shell(str program)
{
	static const char *const names[] = {"sh", "bash", "dash"};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (str_eq(name_of(program), str_c(names[i])))
			return true;
	return false;
}

bool maker_run(struct maker *m, const words *w)
{
	static const char *const builtins[] = {
		"eval", "source", ".", "exec", "read", "local", "trap", "shift", "pushd", "popd", "test", "unset", "alias",
		"declare", "wait", "return", "wrapProgram", "makeWrapper", "patchShebangs", "configurePhase", "buildPhase",
		"installPhase", "checkPhase", "unpackPhase", "patchPhase", "fixupPhase", "moveToOutput", "installManPage",
		"installShellCompletion",
	};
	struct typed_command *c;

	for (size_t i = 0; i < SL_COUNT(builtins); i++)
		if (str_eq(w->p[0], str_c(builtins[i])))
			return maker_fail(m, "'%.*s' is the shell's own, or stdenv's", STR_ARG(w->p[0]));
	if (is_shell(w->p[0]) && w->n > 1 && w->p[1].n > 1 && w->p[1].p[0] == '-' && w->p[1].p[w->p[1].n - 1] == 'c')
		return maker_fail(m, "'%.*s' runs shell text", STR_ARG(w->p[0]));
	if (m->dir.n || m->exported.n)
		return run_env(m, w);
	c = maker_add(m, COMMAND_RUN, w->p[0], S(""), S(""));
	c->words = maker_kept(m->a, w->p + 1, w->n - 1);
	c->nwords = w->n - 1;
	return true;
}

static bool run_make(struct maker *m, const words *w)
{
	words all = {0};
	struct typed_command *c;

	if (m->exported.n)
		return run_env(m, w);
	if (m->dir.n) {
		vec_push(&all, S("-C"));
		vec_push(&all, m->dir);
	}
	for (size_t i = 1; i < w->n; i++)
		if (!is_jobs(w, &i))
			vec_push(&all, w->p[i]);
	c = maker_add(m, COMMAND_MAKE, S(""), S(""), S(""));
	c->words = maker_kept(m->a, all.p, all.n);
	c->nwords = all.n;
	vec_free(&all);
	return true;
}

static bool run_configure(struct maker *m, const words *w)
{
	struct typed_command *c;

	if (m->dir.n || m->exported.n)
		return run_env(m, w);
	c = maker_add(m, COMMAND_CONFIGURE, S(""), S(""), S(""));
	c->words = maker_kept(m->a, w->p + 1, w->n - 1);
	c->nwords = w->n - 1;
	return true;
}

static bool change_folder(struct maker *m, const words *w)
{
	str to = w->n > 1 ? maker_without_slash(w->p[1]) : S("");

	if (w->n != 2 || is_absolute(to))
		return maker_fail(m, "'cd' leaves the sources");
	while (str_starts(to, S("../")) || str_eq(to, S(".."))) {
		size_t at = m->dir.n;

		if (!at)
			return maker_fail(m, "'cd' leaves the sources");
		while (at > 0 && m->dir.p[at - 1] != '/')
			at--;
		m->dir = str_upto(m->dir, at ? at - 1 : 0);
		to = str_from(to, to.n > 2 ? 3 : 2);
	}
	if (to.n && !str_eq(to, S(".")))
		m->dir = maker_here(m, to);
	return true;
}

static bool touch_files(struct maker *m, const words *w)
{
	for (size_t i = 1; i < w->n; i++) {
		if (!w->p[i].n || w->p[i].p[0] == '-')
			return maker_run(m, w);
		maker_add(m, COMMAND_APPEND, maker_here(m, w->p[i]), S(""), S(""));
	}
	return true;
}

static bool without_effect(const words *w)
{
	static const char *const names[] = {"true", ":", "set", "runHook"};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (str_eq(w->p[0], str_c(names[i])))
			return true;
	return false;
}

static bool dispatch(struct maker *m, const words *w, const struct flat_command *c)
{
	str p = w->p[0];

	if (without_effect(w))
		return true;
	if (str_eq(p, S("echo")) || str_eq(p, S("printf")) || (str_eq(p, S("cat")) && c->document && w->n == 1))
		return write_text(m, w, c);
	if (str_eq(p, S("patch")) && !c->output.p && !c->document)
		return apply_patch(m, w, c->input);
	if (c->input.p || c->output.p)
		return maker_fail(m, "'%.*s' is redirected", STR_ARG(p));
	if (str_eq(p, S("cd")))
		return change_folder(m, w);
	if (str_eq(p, S("mkdir")))
		return make_folders(m, w);
	if (str_eq(p, S("rm")))
		return remove_files(m, w);
	if (str_eq(p, S("cp")))
		return put_files(m, w, COMMAND_COPY);
	if (str_eq(p, S("mv")))
		return put_files(m, w, COMMAND_MOVE);
	if (str_eq(p, S("ln")))
		return link_file(m, w);
	if (str_eq(p, S("chmod")))
		return change_mode(m, w);
	if (str_eq(p, S("install")))
		return install_files(m, w);
	if (str_eq(p, S("substituteInPlace")))
		return substitute_text(m, w);
	if (str_eq(p, S("sed")))
		return edit_stream(m, w);
	if (str_eq(p, S("tar")))
		return untar_archive(m, w);
	if (str_eq(p, S("unzip")) && w->n == 2 && !m->dir.n) {
		maker_add(m, COMMAND_UNZIP, maker_here(m, w->p[1]), S(""), S(""));
		return true;
	}
	if (str_eq(p, S("patchelf")))
		return patch_elf(m, w);
	if (str_eq(p, S("touch")))
		return touch_files(m, w);
	if (str_eq(p, S("make")) || str_eq(p, S("gmake")))
		return run_make(m, w);
	if (str_eq(p, S("./configure")))
		return run_configure(m, w);
	return maker_run(m, w);
}

/* Assignments for all that follows. */
static bool assign(struct maker *m, const str *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		str x = p[i];

		if (!maker_expand(m, &x))
			return false;
		if (str_find(x, '=') == x.n)
			continue; /* export of what is set already */
		vec_push(&m->exported, x);
	}
	return true;
}

static bool one(struct maker *m, const struct flat_command *c)
{
	words w = {0};
	size_t before = m->exported.n;
	bool ok = true, all = c->nwords == 0;

	for (size_t i = 0; i < c->nwords && ok; i++) {
		str x = c->words[i];

		ok = str_find_str(x, S("$NIX_BUILD_CORES")) < x.n || maker_expand(m, &x);
		vec_push(&w, x);
	}
	ok = ok && assign(m, c->assignments, c->nassignments);
	if (ok && w.n && str_eq(w.p[0], S("export"))) {
		ok = assign(m, w.p + 1, w.n - 1);
		all = true;
	} else if (ok && w.n) {
		ok = dispatch(m, &w, c);
	}
	if (!all)
		m->exported.n = before;
	vec_free(&w);
	return ok;
}

bool commands_read(str shell, const struct command_scope *scope, struct arena *a, command_list *list, str *why, uint32_t *at)
{
	struct maker m = {.scope = scope, .a = a, .list = list};
	struct flat_script script;
	bool ok = flat_read(shell, a, &script);

	if (!ok) {
		*why = str_fmt(a, "%s", script.why);
		*at = script.at;
	}
	for (size_t i = 0; i < script.n && ok; i++) {
		ok = one(&m, &script.commands[i]);
		*why = m.why;
		*at = script.commands[i].at;
	}
	vec_free(&m.exported);
	return ok;
}

/* ---- the environment ---- */

static void prepend(struct typed_command *c, const str *first, size_t n, struct arena *a)
{
	str *all = arena_array(a, str, n + c->nwords + 1);

	memcpy(all, first, n * sizeof *first);
	if (c->nwords)
		memcpy(all + n, c->words, c->nwords * sizeof *c->words);
	c->words = all;
	c->nwords += n;
}

void commands_set(command_list *list, const str *assignments, size_t n, struct arena *a)
{
	for (size_t i = 0; n && i < list->n; i++) {
		struct typed_command *c = &list->p[i];

		if (c->kind == COMMAND_RUN && !str_eq(c->a, S("env"))) {
			prepend(c, &c->a, 1, a);
			c->a = S("env");
		}
		if (c->kind == COMMAND_RUN || c->kind == COMMAND_CONFIGURE || c->kind == COMMAND_MAKE)
			prepend(c, assignments, n, a);
	}
}
