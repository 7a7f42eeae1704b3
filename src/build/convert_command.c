/* One program of shell each, as typed commands. */
#include "convert_shell.h"

str shell_quoted(struct running *r, str text)
{
	return convert_quoted(r->p->c, text);
}

void shell_put(struct running *r, const char *fmt, ...)
{
	va_list ap;
	str text;

	va_start(ap, fmt);
	text = str_vfmt(&r->p->c->arena, fmt, ap);
	va_end(ap);
	r->p->work += text.n;
	vec_push(r->out, text);
}

static bool is_absolute(str path)
{
	return path.n && (path.p[0] == '/' || path.p[0] == '@');
}

str shell_placed(struct running *r, str path)
{
	if (!r->p->cwd.n || is_absolute(path))
		return path;
	if (str_eq(path, S(".")))
		return r->p->cwd;
	return str_fmt(&r->p->c->arena, "%.*s/%.*s", STR_ARG(r->p->cwd), STR_ARG(path));
}

static str base_of(str path)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	for (size_t i = path.n; i > 0; i--)
		if (path.p[i - 1] == '/')
			return str_from(path, i);
	return path;
}

static str without_slash(str path)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return path;
}

void shell_note_out(struct running *r, str path)
{
	r->p->made_out |= str_starts(path, S("@prefix@"));
}

static void put_mkdir(struct running *r, str path)
{
	path = without_slash(shell_placed(r, path));
	shell_note_out(r, path);
	shell_put(r, "C.Mkdir %s", shell_quoted(r, path).p);
}

static bool do_mkdir(struct running *r, const struct operands *o)
{
	for (size_t i = 0; i < o->words.n; i++)
		put_mkdir(r, o->words.p[i]);
	return true;
}

/* The prefix is there from the start, which it is not for the shell: a copy of a directory to it is one of what is in it. */
static str copied_from(struct running *r, str from, str to, bool alone)
{
	if (str_eq(without_slash(to), S("@prefix@")) && alone && !r->p->made_out && !str_ends(from, S("/.")) && !str_eq(from, S(".")))
		return str_fmt(&r->p->c->arena, "%.*s%s.", STR_ARG(from), str_ends(from, S("/")) ? "" : "/");
	return from;
}

static bool copy(struct running *r, const struct operands *o, const char *kind)
{
	size_t n = o->words.n;
	str to = o->target.n ? o->target : n ? o->words.p[n - 1] : (str){0};
	bool deep = shell_has_option(o, "-r") || shell_has_option(o, "-R") || shell_has_option(o, "-a") || shell_has_option(o, "--recursive");

	if (!o->target.n && n)
		n--;
	if (!n)
		return shell_odd(r, "a copy from or to nothing");
	to = shell_placed(r, to);
	for (size_t i = 0; i < n; i++) {
		str from = shell_placed(r, o->words.p[i]);

		if (deep || strcmp(kind, "Move") == 0)
			from = copied_from(r, from, to, n == 1);
		if (strcmp(kind, "Move") == 0 && str_ends(from, S("/.")))
			kind = "Copy";
		shell_put(r, "C.%s { from = %s, to = %s }", kind, shell_quoted(r, from).p, shell_quoted(r, to).p);
	}
	shell_note_out(r, to);
	return true;
}

static bool do_remove(struct running *r, const struct operands *o)
{
	for (size_t i = 0; i < o->words.n; i++)
		shell_put(r, "C.Remove %s", shell_quoted(r, shell_placed(r, o->words.p[i])).p);
	return true;
}

static bool do_link(struct running *r, const struct operands *o)
{
	str link, base;

	if (o->words.n != 2 || !shell_has_option(o, "-s"))
		return shell_odd(r, "'ln' is not understood but with -s, a target and a name");
	link = shell_placed(r, o->words.p[1]);
	base = base_of(o->words.p[0]);
	if (str_eq(link, S(".")))
		link = str_fmt(&r->p->c->arena, "./%.*s", STR_ARG(base));
	else if (str_ends(link, S("/")))
		link = str_fmt(&r->p->c->arena, "%.*s%.*s", STR_ARG(link), STR_ARG(base));
	shell_put(r, "C.Symlink { target = %s, link = %s }", shell_quoted(r, o->words.p[0]).p, shell_quoted(r, link).p);
	shell_note_out(r, link);
	return true;
}

static void run(struct running *r, str program, const str *arguments, size_t n)
{
	texts list = {0};

	for (size_t i = 0; i < n; i++)
		vec_push(&list, arguments[i]);
	shell_put(r, "C.Run { program = %s, arguments = %s }", shell_quoted(r, program).p, convert_list(r->p->c, &list).p);
	vec_free(&list);
}

static bool do_chmod(struct running *r, const texts *words)
{
	if (words->n < 3)
		return shell_odd(r, "'chmod' without a file");
	if (words->p[1].p[0] == '-') {
		run(r, words->p[0], words->p + 1, words->n - 1);
		return !r->p->cwd.n || shell_odd(r, "'chmod' with options in another directory");
	}
	for (size_t i = 2; i < words->n; i++)
		shell_put(r, "C.Chmod { path = %s, mode = %s }", shell_quoted(r, shell_placed(r, words->p[i])).p, shell_quoted(r, words->p[1]).p);
	return true;
}

static bool do_install(struct running *r, const struct operands *o)
{
	size_t n = o->words.n;
	str mode = o->mode.n ? o->mode : S("755"), to;
	bool folder;

	if (shell_has_option(o, "-d")) {
		for (size_t i = 0; i < n; i++)
			put_mkdir(r, o->words.p[i]);
		return true;
	}
	for (size_t i = 0; i < o->options.n; i++)
		if (str_starts(o->options.p[i], S("--mode=")))
			mode = str_from(o->options.p[i], 7);
	to = o->target.n ? o->target : n > 1 ? o->words.p[--n] : (str){0};
	if (!n || !to.n)
		return shell_odd(r, "'install' from or to nothing");
	to = shell_placed(r, to);
	/* Without -D, what it goes to must be there: a directory of that name, or none and it is the file's. */
	folder = o->target.n || n > 1 || str_ends(to, S("/")) || (!shell_has_option(o, "-D") && r->p->made_out &&
			(str_ends(to, S("/bin")) || str_ends(to, S("/lib")) || str_ends(to, S("/include")) || str_ends(to, S("/share")) ||
			str_ends(to, S("/man1"))));
	for (size_t i = 0; i < n; i++) {
		str base = base_of(o->words.p[i]), top = without_slash(to);
		str one = folder ? str_fmt(&r->p->c->arena, "%.*s/%.*s", STR_ARG(top), STR_ARG(base)) : to;

		shell_put(r, "C.Install { from = %s, to = %s, mode = %s }", shell_quoted(r, shell_placed(r, o->words.p[i])).p,
				shell_quoted(r, one).p, shell_quoted(r, mode).p);
		shell_note_out(r, one);
	}
	return true;
}

/* substituteInPlace FILE… (--replace FROM TO | --subst-var-by NAME TO)… */
static bool do_substitute(struct running *r, const texts *words)
{
	texts files = {0};
	bool ok = true;

	for (size_t i = 1; i < words->n && ok; i++) {
		str w = words->p[i], from = {0}, to = {0};

		if (!str_starts(w, S("--"))) {
			vec_push(&files, shell_placed(r, w));
			continue;
		}
		if (str_eq(w, S("--replace")) || str_eq(w, S("--replace-fail")) || str_eq(w, S("--replace-warn")) || str_eq(w, S("--replace-quiet"))) {
			ok = i + 2 < words->n || shell_odd(r, "a replacement of nothing");
			from = ok ? words->p[i + 1] : from;
			to = ok ? words->p[i + 2] : to;
			i += 2;
		} else if (str_eq(w, S("--subst-var-by"))) {
			ok = i + 2 < words->n || shell_odd(r, "a replacement of nothing");
			from = ok ? str_fmt(&r->p->c->arena, "@%.*s@", STR_ARG(words->p[i + 1])) : from;
			to = ok ? words->p[i + 2] : to;
			i += 2;
		} else if (str_eq(w, S("--subst-var")) && i + 1 < words->n) {
			i++;
			from = str_fmt(&r->p->c->arena, "@%.*s@", STR_ARG(words->p[i]));
			ok = shell_value(r, words->p[i], &to);
		} else {
			ok = shell_odd(r, "'%.*s' of substituteInPlace is not understood", STR_ARG(w));
		}
		if (ok && (str_eq(from, S("@prefix@")) || str_eq(from, S("@source@"))))
			ok = shell_odd(r, "a text has '%.*s' in it, which would be replaced", STR_ARG(from));
		for (size_t k = 0; k < files.n && ok; k++)
			shell_put(r, "C.Substitute { path = %s, from = %s, to = %s }", shell_quoted(r, files.p[k]).p, shell_quoted(r, from).p,
					shell_quoted(r, to).p);
	}
	vec_free(&files);
	return ok;
}

static bool do_make(struct running *r, const texts *words)
{
	texts list = {0};

	if (r->p->cwd.n) {
		vec_push(&list, S("-C"));
		vec_push(&list, r->p->cwd);
	}
	for (size_t i = 1; i < words->n; i++)
		if (!str_starts(words->p[i], S("-j")))
			vec_push(&list, words->p[i]);
	shell_put(r, "C.Make %s", convert_list(r->p->c, &list).p);
	r->p->made_out = true;
	vec_free(&list);
	return true;
}

static bool do_cd(struct running *r, const texts *words)
{
	str path, to = words->n == 2 ? words->p[1] : (str){0};

	if (!to.n || is_absolute(to))
		return shell_odd(r, "'cd' to a place outside of the sources");
	path = shell_placed(r, to);
	if (!os_normalize(&r->p->c->arena, path, &path))
		return shell_odd(r, "'cd' to a place outside of the sources");
	r->p->cwd = path;
	return true;
}

static bool do_man_pages(struct running *r, const texts *words)
{
	for (size_t i = 1; i < words->n; i++) {
		str w = words->p[i], base = base_of(w);
		char section = w.n > 2 && w.p[w.n - 2] == '.' ? w.p[w.n - 1] : '\0';

		if (section < '1' || section > '9')
			return shell_odd(r, "'%.*s' is no manual page", STR_ARG(w));
		shell_put(r, "C.Install { from = %s, to = %s, mode = \"644\" }", shell_quoted(r, shell_placed(r, w)).p,
				shell_quoted(r, str_fmt(&r->p->c->arena, "@prefix@/share/man/man%c/%.*s", section, STR_ARG(base))).p);
	}
	return true;
}

/* Those of every build, those of the packages that it depends on, and what a path leads to. */
static bool is_program(const struct running *r, str name)
{
	static const char *const names[] = {
		"sed", "awk", "find", "perl", "python", "python3", "touch", "cat", "tr", "sort", "head", "gzip", "bzip2", "xz", "gcc", "cc", "g++",
		"c++", "clang", "ar", "ranlib", "strip", "ld", "nm", "sh", "bash", "autoreconf", "autoconf", "automake", "aclocal", "libtoolize",
		"cmake", "meson", "ninja", "bison", "flex", "m4", "msgfmt", "pkg-config", "date", "uname", "echo", "printf", "xargs", "gunzip",
		"lua", "luac", "jq", "makeinfo", "env", "true", "cmp", "diff", "basename", "dirname", "grep", "rmdir", "tee",
	};

	return convert_is_among(name, names, SL_COUNT(names)) || map_has(&r->p->c->programs, name) || str_starts(name, S("./")) || str_starts(name, S("@prefix@/")) ||
			str_starts(name, S("/usr/bin/")) || (name.n && name.p[0] == '@');
}

static bool do_run(struct running *r, const texts *words)
{
	str program = words->p[0];

	if (r->p->cwd.n)
		return shell_odd(r, "'%.*s' runs in '%.*s', and commands run in the directory that is built", STR_ARG(program), STR_ARG(r->p->cwd));
	if (!is_program(r, program) && str_find(program, '/') == program.n)
		return shell_odd(r, "'%.*s' is no program that is known", STR_ARG(program));
	run(r, program, words->p + 1, words->n - 1);
	return true;
}

static bool do_patch(struct running *r, const struct shell_command *c, const texts *words)
{
	str file = {0};
	bool pattern;
	unsigned strip = 0;

	for (size_t i = 1; i < words->n; i++) {
		if (str_starts(words->p[i], S("-p")) && words->p[i].n == 3)
			strip = (unsigned)(words->p[i].p[2] - '0');
		else if (str_eq(words->p[i], S("-i")) && i + 1 < words->n)
			file = words->p[++i];
		else
			return shell_odd(r, "'patch' with '%.*s'", STR_ARG(words->p[i]));
	}
	if (c->input == SHELL_READ && !shell_text(r, &c->from, &file, &pattern))
		return false;
	if (!file.n || strip > 9 || r->p->cwd.n)
		return shell_odd(r, "this call of 'patch'");
	shell_put(r, "C.Patch { file = %s, strip = %u }", shell_quoted(r, file).p, strip);
	return true;
}

static bool do_tar(struct running *r, const texts *words)
{
	str file = {0};
	unsigned strip = 0;

	for (size_t i = 1; i < words->n; i++) {
		str w = words->p[i];

		if (str_starts(w, S("--strip-components=")) && w.n == 20)
			strip = (unsigned)(w.p[19] - '0');
		else if (str_find(w, 'x') < w.n && (w.p[0] == '-' || i == 1) && i + 1 < words->n && !file.n)
			file = words->p[++i];
		else
			return shell_odd(r, "'tar' with '%.*s'", STR_ARG(w));
	}
	if (!file.n || r->p->cwd.n)
		return shell_odd(r, "this call of 'tar'");
	shell_put(r, "C.Untar { archive = %s, strip = %u }", shell_quoted(r, file).p, strip);
	return true;
}

static bool do_copy(struct running *r, const struct operands *o)
{
	return copy(r, o, "Copy");
}

static bool do_move(struct running *r, const struct operands *o)
{
	return copy(r, o, "Move");
}

/* It says something to people, in the log. */
static bool do_echo(struct running *r, const texts *words)
{
	run(r, words->p[0], words->p + 1, words->n - 1);
	return true;
}

static bool do_configure(struct running *r, const texts *words)
{
	texts list = {.p = words->p + 1, .n = words->n - 1};

	if (r->p->cwd.n)
		return do_run(r, words);
	shell_put(r, "C.Configure %s", convert_list(r->p->c, &list).p);
	return true;
}

/* Scripts end at the first command that fails, and at a variable that is not set. */
static bool do_set(struct running *r, const texts *words)
{
	static const char *const fine[] = {"-e", "-x", "+x", "-u", "-eu", "-ex", "-eux", "-v", "+v", "-euo", "-o", "pipefail", "errexit"};

	for (size_t i = 1; i < words->n; i++)
		if (!convert_is_among(words->p[i], fine, SL_COUNT(fine)))
			return shell_odd(r, "'set' with '%.*s'", STR_ARG(words->p[i]));
	return true;
}

/* What these change is an error here anyway, or a syntax that is not read. */
static bool do_shopt(struct running *r, const texts *words)
{
	static const char *const fine[] = {"-s", "-u", "nullglob", "failglob", "extglob"};

	for (size_t i = 1; i < words->n; i++)
		if (!convert_is_among(words->p[i], fine, SL_COUNT(fine)))
			return shell_odd(r, "'shopt' with '%.*s'", STR_ARG(words->p[i]));
	return true;
}

static bool do_nothing(struct running *r, const texts *words)
{
	(void)r;
	(void)words;
	return true;
}

/* ---- all of them ---- */

/* What targets do in another way, and how. */
static bool is_otherwise(struct running *r, str program)
{
	static const struct {
		const char *program, *why;
	} rows[] = {
		{"patchShebangs", "interpreters are those of the sandbox's /bin and /usr/bin, where scripts look for them"},
		{"moveToOutput", "all outputs are one prefix, where it stays"},
		{"chown", "outputs have no owners"},
		{"fixLibtool", "libtool runs as the package has it"},
		{"unset", "only what the sandbox sets is in the environment"},
	};

	for (size_t i = 0; i < SL_COUNT(rows); i++)
		if (str_eq(program, str_c(rows[i].program))) {
			package_noted(r->p, r->attribute, "'%s' is not called: %s", rows[i].program, rows[i].why);
			return true;
		}
	return false;
}

bool shell_call(struct running *r, const struct shell_command *c, const texts *words)
{
	static const struct {
		const char *program;
		bool (*with_words)(struct running *, const texts *);
		bool (*with_operands)(struct running *, const struct operands *);
		const char *valued; /* OPERANDS: options that take a word */
	} rows[] = {
		{":", do_nothing, NULL, NULL}, {"true", do_nothing, NULL, NULL}, {"set", do_set, NULL, NULL},
		{"shopt", do_shopt, NULL, NULL}, {"echo", do_echo, NULL, NULL}, {"make", do_make, NULL, NULL},
		{"cd", do_cd, NULL, NULL}, {"chmod", do_chmod, NULL, NULL}, {"substituteInPlace", do_substitute, NULL, NULL},
		{"tar", do_tar, NULL, NULL}, {"installManPage", do_man_pages, NULL, NULL}, {"./configure", do_configure, NULL, NULL},
		{"mkdir", NULL, do_mkdir, "m"}, {"cp", NULL, do_copy, "t"}, {"mv", NULL, do_move, "t"}, {"rm", NULL, do_remove, ""},
		{"ln", NULL, do_link, ""}, {"install", NULL, do_install, "mtgo"},
	};
	str program = words->p[0];
	struct operands o = {0};
	bool ok;

	if (str_eq(program, S("patch")))
		return do_patch(r, c, words);
	if (is_otherwise(r, program))
		return true;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		if (!str_eq(program, str_c(rows[i].program)))
			continue;
		if (rows[i].with_words)
			return rows[i].with_words(r, words);
		shell_operands(r, words, rows[i].valued, &o);
		ok = rows[i].with_operands(r, &o);
		shell_end_operands(&o);
		return ok;
	}
	return do_run(r, words);
}
