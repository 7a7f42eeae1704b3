/* runCommand, writeText and the other makers of small things. */
#include "convert_int.h"

static const char *const makers[] = {
	"writeText", "writeTextFile", "writeScript", "writeScriptBin", "writeShellScript", "writeShellScriptBin", "writeShellApplication",
	"runCommand", "symlinkJoin", "linkFarm", "buildEnv", "substituteAll",
};

bool convert_is_text(str maker)
{
	for (size_t i = 0; i < SL_COUNT(makers); i++)
		if (str_eq(maker, str_c(makers[i])))
			return true;
	return false;
}

/* A value's settings, so that the shell and the texts are read as those of packages. */
static void begin(struct package *p, struct converting *c, nix_val drv, nix_val arguments)
{
	size_t n = nix_attrs(c->x, arguments);
	str path;

	*p = (struct package){.c = c, .arguments = arguments};
	p->made = convert_target(c, convert_target_name(c, arguments));
	if (convert_text_of(c, drv, "outPath", &path))
		map_put(&c->by_path, str_dup(&c->arena, path), p->made);
	p->settings = arena_array(&c->arena, struct setting, n + 1);
	for (size_t i = 0; i < n; i++)
		if (nix_attr_at(c->x, arguments, i, &p->settings[p->nsettings].name, &p->settings[p->nsettings].value))
			p->nsettings++;
}

static void end(struct package *p)
{
	p->made->whole = true;
	vec_free(&p->srcs);
	vec_free(&p->deps);
	vec_free(&p->locations);
	vec_free(&p->env);
	vec_free(&p->files);
	map_free(&p->variables);
}

static str locations(struct package *p)
{
	struct buf b = {0};

	for (size_t i = 0; i < p->locations.n; i++)
		buf_fmt(&b, "%s%.*s", i ? ", " : "toMap { ", STR_ARG(p->locations.p[i]));
	buf_lit(&b, " }");
	return buf_take(&b, &p->c->arena);
}

static void script(struct package *p, const texts *commands)
{
	struct converting *c = p->c;

	p->made->call = str_fmt(&c->arena, "S.script %.*s %.*s %.*s", STR_ARG(convert_quoted(c, p->made->name)),
			STR_ARG(convert_list(c, &p->srcs)), STR_ARG(convert_list(c, &p->deps)));
	convert_field(c, p->made, "commands", "%.*s", STR_ARG(convert_commands(c, commands)));
	if (p->locations.n)
		convert_field(c, p->made, "locations", "%.*s", STR_ARG(locations(p)));
	if (p->env.n) {
		struct buf b = {0};

		for (size_t i = 0; i < p->env.n; i++)
			buf_fmt(&b, "%s%.*s", i ? ", " : "[ ", STR_ARG(p->env.p[i]));
		convert_field(c, p->made, "env", "%.*s ]", STR_ARG(buf_view(&b)));
		buf_free(&b);
	}
}

/* ---- texts ---- */

static void one_file(struct package *p, str text, bool executable)
{
	struct converting *c = p->c;

	p->made->call = str_fmt(&c->arena, "S.genrule %.*s ([] : List Text) [ %.*s ] [ S.Command.Write { output = %.*s, content = S.word %.*s, "
			"executable = %s } ]", STR_ARG(convert_quoted(c, p->made->name)), STR_ARG(convert_quoted(c, p->made->name)),
			STR_ARG(convert_quoted(c, p->made->name)), STR_ARG(convert_quoted(c, text)), executable ? "True" : "False");
}

static bool is_symbolic(str text)
{
	return str_find_str(text, S(SYMBOLIC_DIR "/")) < text.n || str_find_str(text, S("/nix/store/")) < text.n;
}

/* A text at a path of a prefix, which may name paths of other targets. */
static void below(struct package *p, str text, str path, bool executable)
{
	texts commands = {0};
	struct converting *c = p->c;
	size_t slash = path.n;

	if (str_find_str(text, S("$out")) < text.n || str_find_str(text, S("@prefix@")) < text.n || str_find_str(text, S("${out}")) < text.n) {
		package_left(p, S("text"), DIAG_CONVERT_LEFT, NULL, "it has '$out' or '@prefix@' in it, which would be replaced");
		return;
	}
	if (!package_flag(p, S("text"), text, &text))
		return;
	while (slash && path.p[slash - 1] != '/')
		slash--;
	if (slash > 1)
		vec_push(&commands, str_fmt(&c->arena, "C.Mkdir %.*s", STR_ARG(convert_quoted(c, str_fmt(&c->arena, "@prefix@/%.*s",
				STR_ARG(str_upto(path, slash - 1)))))));
	path = convert_quoted(c, str_fmt(&c->arena, "@prefix@/%.*s", STR_ARG(path)));
	vec_push(&commands, str_fmt(&c->arena, "C.Write { path = %.*s, content = %.*s }", STR_ARG(path), STR_ARG(convert_quoted(c, text))));
	if (executable)
		vec_push(&commands, str_fmt(&c->arena, "C.Chmod { path = %.*s, mode = \"755\" }", STR_ARG(path)));
	script(p, &commands);
	if (executable)
		convert_field(c, p->made, "executable", "Some %.*s", STR_ARG(convert_quoted(c, str_of(path.p + 10, path.n - 11))));
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
		text = str_fmt(&c->arena, "#!/bin/sh\n%s%.*s%s", str_eq(maker, S("writeShellApplication")) ? "set -eu\n" : "", STR_ARG(text),
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
	if (package_has(p, "checkPhase") || package_has(p, "runtimeInputs"))
		package_left(p, package_has(p, "checkPhase") ? S("checkPhase") : S("runtimeInputs"), DIAG_CONVERT_LEFT, NULL,
				"the script is not checked, and finds its programs by PATH");
}

/* ---- shell ---- */

static void env_of(struct package *p)
{
	for (size_t i = 0; i < p->nsettings; i++) {
		struct setting *s = &p->settings[i];
		nix_val item;
		size_t n = 0;
		str text;

		if (str_eq(s->name, S("name")) || str_eq(s->name, S("meta")) || str_eq(s->name, S("passthru")) ||
				str_eq(s->name, S("preferLocalBuild")) || str_eq(s->name, S("allowSubstitutes")))
			continue;
		if (str_ends(s->name, S("nputs"))) {
			for (size_t k = 0; nix_kind(p->c->x, s->value) == NIX_LIST && nix_list(p->c->x, s->value, &n) && k < n; k++)
				if (nix_item(p->c->x, s->value, k, &item))
					package_item(p->c, p, s->name, item, false);
		} else if (!package_coerce(p, s->value, &text)) {
			package_left(p, s->name, DIAG_CONVERT_LEFT, NULL, "it is no text, so that it is no variable of the environment");
		} else if (package_flag(p, s->name, text, &text)) {
			vec_push(&p->env, str_fmt(&p->c->arena, "{ name = %.*s, value = %.*s }", STR_ARG(convert_quoted(p->c, s->name)),
					STR_ARG(convert_quoted(p->c, text))));
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
	p->made->call = str_fmt(&c->arena, "S.genrule %.*s ([] : List Text) [ %.*s ] [ S.Command.Write { output = %.*s, content = S.word %.*s, "
			"executable = False } ]", STR_ARG(convert_quoted(c, p->made->name)), STR_ARG(convert_quoted(c, p->made->name)),
			STR_ARG(convert_quoted(c, p->made->name)), STR_ARG(str_of(one.p + sizeof WRITES_PREFIX - 1, one.n - sizeof WRITES_PREFIX - 1)));
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
	return str_fmt(&p->c->arena, "C.Copy { from = %.*s, to = %.*s }", STR_ARG(convert_quoted(p->c, from)),
			STR_ARG(convert_quoted(p->c, to)));
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
	for (size_t i = 0; i < p->nsettings; i++)
		if (!p->settings[i].used && !str_eq(p->settings[i].name, S("name")) && !str_eq(p->settings[i].name, S("meta")))
			package_left(p, p->settings[i].name, DIAG_CONVERT_LEFT, NULL, "prefixes are joined whole");
	if (commands.n)
		script(p, &commands);
	vec_free(&commands);
}

static void farm(struct package *p)
{
	struct setting *s = package_setting(p, "entries");
	texts commands = {0};
	nix_val item, v;
	size_t n = 0;
	str path, name;

	for (size_t i = 0; s && nix_kind(p->c->x, s->value) == NIX_LIST && nix_list(p->c->x, s->value, &n) && i < n; i++)
		if (nix_item(p->c->x, s->value, i, &item) && convert_text_of(p->c, item, "name", &name) && convert_get(p->c, item, "path", &v) &&
				package_coerce(p, v, &path) && package_flag(p, S("entries"), path, &path)) {
			str relative;

			if (convert_relative(p->c, path, &relative)) {
				vec_push(&p->srcs, relative);
				path = str_fmt(&p->c->arena, "@source@/%.*s", STR_ARG(relative));
			}
			vec_push(&commands, copy_of(p, path, str_fmt(&p->c->arena, "@prefix@/%.*s", STR_ARG(name))));
		}
	if (commands.n)
		script(p, &commands);
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
			vec_push(&commands, str_fmt(&p->c->arena, "C.Substitute { path = %.*s, from = %.*s, to = %.*s }",
					STR_ARG(convert_quoted(p->c, to)), STR_ARG(convert_quoted(p->c, str_fmt(&p->c->arena, "@%.*s@", STR_ARG(s->name)))),
					STR_ARG(convert_quoted(p->c, text))));
	}
	script(p, &commands);
	vec_free(&commands);
}

struct made *convert_text(struct converting *c, str maker, nix_val drv, nix_val arguments)
{
	struct package p;

	begin(&p, c, drv, arguments);
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
	end(&p);
	return p.made;
}
