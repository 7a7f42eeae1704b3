/* runCommand, writeText and the other makers of small things. */
#include "convert_package.h"

static const char *const makers[] = {
	"writeText", "writeTextFile", "writeScript", "writeScriptBin", "writeShellScript", "writeShellScriptBin", "writeShellApplication",
	"runCommand", "symlinkJoin", "linkFarm", "buildEnv", "substituteAll",
};

bool convert_is_text(str maker)
{
	return convert_is_among(maker, makers, SL_COUNT(makers));
}

static void script(struct package *p, const texts *commands)
{
	p->made->call = S("S.script");
	convert_field(p->c, p->made, "commands", "%s", convert_commands(p->c, commands).p);
	package_put(p);
}

/* Attributes that the maker reads and that have no place here. */
static void report_rest(struct package *p, const char *why)
{
	static const char *const known[] = {"name", "pname", "version", "meta", "passthru", "preferLocalBuild", "allowSubstitutes"};

	for (size_t i = 0; i < p->nsettings; i++) {
		const struct setting *s = &p->settings[i];

		if (!s->used && !convert_is_among(s->name, known, SL_COUNT(known)) && package_has(p, s->name.p))
			package_left(p, s->name, DIAG_CONVERT_LEFT, NULL, "%s", why);
	}
}

/* ---- texts ---- */

static void one_file(struct package *p, str text, bool executable)
{
	struct converting *c = p->c;

	p->made->call = str_fmt(&c->arena, "S.genrule %s ([] : List Text) [ %s ] [ S.Command.Write { output = %s, content = S.word %s, "
			"executable = %s } ]", convert_quoted(c, p->made->name).p, convert_quoted(c, p->made->name).p,
			convert_quoted(c, p->made->name).p, convert_quoted(c, text).p, executable ? "True" : "False");
}

static bool is_symbolic(str text)
{
	return str_find_str(text, S(SYMBOLIC_DIR "/")) < text.n || str_find_str(text, S("/nix/store/")) < text.n;
}

/* The directory of the prefix that a file lies in. */
static void put_parent(struct package *p, str path, texts *out)
{
	size_t slash = path.n;
	str dir;

	while (slash && path.p[slash - 1] != '/')
		slash--;
	if (slash < 2)
		return;
	dir = str_fmt(&p->c->arena, "@prefix@/%.*s", STR_ARG(str_upto(path, slash - 1)));
	vec_push(out, str_fmt(&p->c->arena, "C.Mkdir %s", convert_quoted(p->c, dir).p));
}

/* A text at a path of a prefix, which may name paths of other targets. */
static void below(struct package *p, str text, str path, bool executable)
{
	texts commands = {0};
	struct converting *c = p->c;

	if (str_find_str(text, S("$out")) < text.n || str_find_str(text, S("@prefix@")) < text.n || str_find_str(text, S("${out}")) < text.n) {
		package_left(p, S("text"), DIAG_CONVERT_LEFT, NULL, "it has '$out' or '@prefix@' in it, which would be replaced");
		return;
	}
	if (!package_flag(p, S("text"), text, &text))
		return;
	put_parent(p, path, &commands);
	path = convert_quoted(c, str_fmt(&c->arena, "@prefix@/%.*s", STR_ARG(path)));
	vec_push(&commands, str_fmt(&c->arena, "C.Write { path = %.*s, content = %s }", STR_ARG(path), convert_quoted(c, text).p));
	if (executable)
		vec_push(&commands, str_fmt(&c->arena, "C.Chmod { path = %.*s, mode = \"755\" }", STR_ARG(path)));
	script(p, &commands);
	if (executable)
		convert_field(c, p->made, "executable", "Some %s", convert_quoted(c, str_of(path.p + 10, path.n - 11)).p);
	vec_free(&commands);
}

static void write_text(struct package *p, str maker, nix_val drv)
{
	struct converting *c = p->c;
	bool script_text = str_starts(maker, S("writeShell")), bin = str_ends(maker, S("Bin")) || str_eq(maker, S("writeShellApplication"));
	bool executable = bin || script_text || str_eq(maker, S("writeScript")) || package_has(p, "executable");
	str text = {0}, to = {0};

	if (!convert_text_of(c, drv, "text", &text)) {
		package_left(p, S("text"), DIAG_CONVERT_LEFT, NULL, "it is no text");
		return;
	}
	if (script_text)
		text = str_fmt(&c->arena, "#!/bin/bash\n%s%.*s%s", str_eq(maker, S("writeShellApplication")) ? "set -euo pipefail\n" : "", STR_ARG(text),
				str_ends(text, S("\n")) ? "" : "\n");
	if (package_text(p, "destination", &to) && to.n)
		to = to.p[0] == '/' ? str_from(to, 1) : to;
	else if (bin)
		to = str_fmt(&c->arena, "bin/%.*s", STR_ARG(p->made->name));
	if (!to.n && is_symbolic(text))
		package_left(p, S("text"), DIAG_CONVERT_LEFT, NULL, "a file by itself cannot hold the path of a package");
	else if (!to.n)
		one_file(p, text, executable);
	else
		below(p, text, to, executable);
	package_use(p, "executable");
	report_rest(p, "a text is not checked, and finds its programs by PATH");
}

/* ---- shell ---- */

static void env_of(struct package *p)
{
	static const char *const silent[] = {"name", "meta", "passthru", "preferLocalBuild", "allowSubstitutes"};

	for (size_t i = 0; i < p->nsettings; i++) {
		struct setting *s = &p->settings[i];
		nix_val item;
		size_t n = 0;
		str text;

		if (convert_is_among(s->name, silent, SL_COUNT(silent)))
			continue;
		if (str_ends(s->name, S("nputs"))) {
			for (size_t k = 0; nix_kind(p->c->x, s->value) == NIX_LIST && nix_list(p->c->x, s->value, &n) && k < n; k++)
				if (nix_item(p->c->x, s->value, k, &item))
					package_item(p, s->name, item);
		} else if (!package_coerce(p, s->value, &text)) {
			package_left(p, s->name, DIAG_CONVERT_LEFT, NULL, "it is no text, so that it is no variable of the environment");
		} else if (package_flag(p, s->name, text, &text)) {
			vec_push(&p->env, str_fmt(&p->c->arena, "{ name = %s, value = %s }", convert_quoted(p->c, s->name).p,
					convert_quoted(p->c, text).p));
		}
	}
}

/* `… > $out`, and nothing else to do with it: the output is a file. */
static bool is_file(str text)
{
	size_t at = str_find_str(text, S("$out"));

	for (; at < text.n; at += 4) {
		char next = at + 4 < text.n ? text.p[at + 4] : '\n';

		if (next == '/' || str_find_str(text, S("mkdir")) < text.n)
			return false;
		if (str_find_str(str_from(text, at + 4), S("$out")) >= text.n - at - 4)
			return true;
		at += str_find_str(str_from(text, at + 4), S("$out"));
	}
	return false;
}

#define WRITES_PREFIX "C.Write { path = \"@prefix@\", content = "

static void file_of_shell(struct package *p, str text, const texts *commands)
{
	struct converting *c = p->c;
	str one = commands->n == 1 ? commands->p[0] : (str){0};

	(void)text;
	if (!str_starts(one, S(WRITES_PREFIX))) {
		package_left(p, S("buildCommand"), DIAG_CONVERT_SHELL, "make a directory of the output", "its output is a file that programs write");
		return;
	}
	p->made->call = str_fmt(&c->arena, "S.genrule %s ([] : List Text) [ %s ] [ S.Command.Write { output = %s, content = S.word %.*s, "
			"executable = False } ]", convert_quoted(c, p->made->name).p, convert_quoted(c, p->made->name).p,
			convert_quoted(c, p->made->name).p, STR_ARG(str_of(one.p + sizeof WRITES_PREFIX - 1, one.n - sizeof WRITES_PREFIX - 1)));
}

static void run_command(struct package *p, nix_val drv)
{
	texts commands = {0};
	str text;

	if (!convert_text_of(p->c, drv, "text", &text)) {
		package_left(p, S("buildCommand"), DIAG_CONVERT_SHELL, NULL, "it is no text");
		return;
	}
	env_of(p);
	if (!convert_shell(p, S("buildCommand"), text, &commands))
		goto done;
	if (is_file(text) || (commands.n == 1 && str_starts(commands.p[0],
			S("C.Write { path = \"@prefix@\""))))
		file_of_shell(p, text, &commands);
	else
		script(p, &commands);
done:
	vec_free(&commands);
}

/* ---- joins ---- */

static str copy_of(struct package *p, str from, str to)
{
	return str_fmt(&p->c->arena, "C.Copy { from = %s, to = %s }", convert_quoted(p->c, from).p,
			convert_quoted(p->c, to).p);
}

static void join(struct package *p)
{
	struct setting *s = package_setting(p, "paths");
	texts commands = {0};
	nix_val item;
	size_t n = 0;
	str path;

	if (s)
		s->used = true;
	for (size_t i = 0; s && nix_kind(p->c->x, s->value) == NIX_LIST && nix_list(p->c->x, s->value, &n) && i < n; i++)
		if (nix_item(p->c->x, s->value, i, &item) && package_coerce(p, item, &path) && package_flag(p, S("paths"), path, &path)) {
			if (str_starts(path, S("/usr")))
				package_left(p, S("paths"), DIAG_CONVERT_DEP, NULL, "a package of the host has no prefix of its own to be joined");
			else
				vec_push(&commands, copy_of(p, str_fmt(&p->c->arena, "%.*s/.", STR_ARG(path)), S("@prefix@")));
		}
	(void)convert_hook(p, "postBuild", &commands);
	report_rest(p, "prefixes are joined whole");
	if (commands.n)
		script(p, &commands);
	else
		package_left(p, S("paths"), DIAG_CONVERT_LEFT, NULL, "nothing of it could be converted");
	vec_free(&commands);
}

static void farm(struct package *p)
{
	struct setting *s = package_setting(p, "entries");
	texts commands = {0};
	nix_val item, v;
	size_t n = 0;
	str path, name;

	package_use(p, "entries");
	report_rest(p, "links are all that a farm has");
	for (size_t i = 0; s && nix_kind(p->c->x, s->value) == NIX_LIST && nix_list(p->c->x, s->value, &n) && i < n; i++)
		if (nix_item(p->c->x, s->value, i, &item) && convert_text_of(p->c, item, "name", &name) && convert_get(p->c, item, "path", &v) &&
				package_coerce(p, v, &path) && package_flag(p, S("entries"), path, &path)) {
			str relative;

			if (convert_relative(p->c, path, &relative)) {
				vec_push(&p->srcs, relative);
				path = str_fmt(&p->c->arena, "@source@/%.*s", STR_ARG(relative));
			}
			put_parent(p, name, &commands);
			vec_push(&commands, copy_of(p, path, str_fmt(&p->c->arena, "@prefix@/%.*s", STR_ARG(name))));
		} else {
			package_left(p, S("entries"), DIAG_CONVERT_LEFT, NULL, "one of them has no path of a target or file");
		}
	if (commands.n) {
		package_noted(p, S("entries"), "files are copied, not linked");
		script(p, &commands);
	}
	vec_free(&commands);
}

/* substituteAll: a file with @name@ for its attributes. */
static void substitute(struct package *p)
{
	texts commands = {0};
	str path, relative, to;

	if (!package_text(p, "src", &path) || !convert_relative(p->c, path, &relative)) {
		package_left(p, S("src"), DIAG_CONVERT_LEFT, NULL, "it is no file of the package");
		return;
	}
	vec_push(&p->srcs, relative);
	to = str_fmt(&p->c->arena, "@prefix@/%.*s", STR_ARG(p->made->name));
	vec_push(&commands, copy_of(p, relative, to));
	for (size_t i = 0; i < p->nsettings; i++) {
		struct setting *s = &p->settings[i];
		str text;

		if (s->used || str_eq(s->name, S("name")) || str_eq(s->name, S("meta")))
			continue;
		if (str_eq(s->name, S("isExecutable")) || str_eq(s->name, S("dir"))) {
			package_left(p, s->name, DIAG_CONVERT_LEFT, NULL, "the file has the mode of its source, and lies at the top");
			continue;
		}
		if (package_coerce(p, s->value, &text) && package_flag(p, s->name, text, &text))
			vec_push(&commands, str_fmt(&p->c->arena, "C.Substitute { path = %s, from = %s, to = %s }",
					convert_quoted(p->c, to).p, convert_quoted(p->c, str_fmt(&p->c->arena, "@%.*s@", STR_ARG(s->name))).p,
					convert_quoted(p->c, text).p));
	}
	script(p, &commands);
	vec_free(&commands);
}

struct made *convert_text(struct converting *c, str maker, nix_val drv, nix_val arguments)
{
	struct package p;

	package_begin(&p, c, drv, arguments);
	if (str_starts(maker, S("write")))
		write_text(&p, maker, drv);
	else if (str_eq(maker, S("runCommand")))
		run_command(&p, drv);
	else if (str_eq(maker, S("linkFarm")))
		farm(&p);
	else if (str_eq(maker, S("substituteAll")))
		substitute(&p);
	else
		join(&p);
	package_end(&p);
	return p.made;
}
