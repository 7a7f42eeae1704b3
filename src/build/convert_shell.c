/* Phases and hooks as typed commands.  A text becomes commands whole, or not at all. */
#include "convert_int.h"
#include "shellwords.h"

#include <fnmatch.h>

#define HOOKS_MAX 4      /* hooks that run each other */
#define COMMANDS_MAX 2000

struct running {
	struct package *p;
	str attribute;
	texts *out;
};

static bool odd(struct running *r, const char *fmt, ...) SL_PRINTF(2, 3);
static bool odd(struct running *r, const char *fmt, ...)
{
	va_list ap;
	str why;

	va_start(ap, fmt);
	why = str_vfmt(&r->p->c->arena, fmt, ap);
	va_end(ap);
	package_left(r->p, r->attribute, DIAG_CONVERT_SHELL, "write the step as typed commands", "%.*s", STR_ARG(why));
	return false;
}

/* ---- words ---- */

/* Literal text must not look like what stands for paths; those that Nix put into it are replaced. */
static bool literal(struct running *r, str text, struct buf *out)
{
	static const char *const signs[] = {"$out", "@prefix@", "@source@"};

	for (size_t i = 0; i < SL_COUNT(signs); i++)
		if (str_find_str(text, str_c(signs[i])) < text.n)
			return odd(r, "a text has '%s' in it, which would be replaced", signs[i]);
	if (!package_flag(r->p, r->attribute, text, &text))
		return false;
	buf_str(out, text);
	return true;
}

static bool value_of(struct running *r, str name, str *out)
{
	static const char *const outputs[] = {"out", "prefix", "dev", "lib", "bin", "doc", "man", "info", "devdoc", "static"};
	struct package *p = r->p;
	const str *known = map_get(&p->variables, name);
	struct setting *s;

	if (known) {
		*out = *known;
		return true;
	}
	for (size_t i = 0; i < SL_COUNT(outputs); i++)
		if (str_eq(name, str_c(outputs[i]))) {
			*out = S("@prefix@");
			return true;
		}
	if (str_eq(name, S("src")) && p->local) {
		*out = S("@source@");
		return true;
	}
	s = package_setting(p, str_dup(&p->c->arena, name).p);
	if (s && package_coerce(p, s->value, out))
		return package_flag(p, r->attribute, *out, out);
	if (str_eq(name, S("CC")) || str_eq(name, S("CXX")) || str_eq(name, S("AR"))) {
		*out = str_eq(name, S("CC")) ? S("cc") : str_eq(name, S("CXX")) ? S("c++") : S("ar");
		return true;
	}
	return odd(r, "the value of '$%.*s' is not known", STR_ARG(name));
}

/* Files of the package that match, at their place below the working directory. */
static bool glob(struct running *r, str pattern, texts *out)
{
	struct package *p = r->p;
	const char *z = str_fmt(&p->c->arena, "%.*s%s%.*s", STR_ARG(p->cwd), p->cwd.n ? "/" : "", STR_ARG(pattern)).p;
	size_t before = out->n;

	if (!p->local)
		return odd(r, "'%.*s' is a pattern over files that are not at hand", STR_ARG(pattern));
	if (str_starts(str_c(z), S("./")))
		z += 2;
	for (size_t i = 0; i < p->files.n; i++)
		if (fnmatch(z, p->files.p[i].p, FNM_PATHNAME | FNM_PERIOD) == 0)
			vec_push(out, str_from(p->files.p[i], p->cwd.n ? p->cwd.n + 1 : 0));
	return out->n > before || odd(r, "'%.*s' is a pattern over files that the build makes", STR_ARG(pattern));
}

static bool text_of_word(struct running *r, const struct shell_word *w, str *out, bool *pattern)
{
	struct buf b = {0};
	str value;
	bool ok = true;

	*pattern = false;
	for (size_t i = 0; i < w->n && ok; i++) {
		const struct shell_piece *e = &w->pieces[i];

		*pattern |= e->kind == SHELL_GLOB;
		if (e->kind == SHELL_VARIABLE) {
			ok = value_of(r, e->text, &value);
			if (ok)
				buf_str(&b, value);
		} else {
			ok = literal(r, e->text, &b);
		}
	}
	*out = buf_take(&b, &r->p->c->arena);
	return ok;
}

/* A word that is one unquoted variable is as many words as its value has. */
static bool expand(struct running *r, const struct shell_word *w, texts *out)
{
	bool pattern;
	str text, one;

	if (w->n == 1 && w->pieces[0].kind == SHELL_VARIABLE && !w->pieces[0].quoted) {
		if (!value_of(r, w->pieces[0].text, &text))
			return false;
		for (text = str_trim(text); text.n; text = str_trim(text)) {
			size_t n = 0;

			while (n < text.n && !strchr(" \t\n", text.p[n]))
				n++;
			one = str_upto(text, n);
			text = str_from(text, n);
			vec_push(out, one);
		}
		return true;
	}
	if (!text_of_word(r, w, &text, &pattern))
		return false;
	if (pattern)
		return glob(r, text, out);
	vec_push(out, text);
	return true;
}

/* ---- commands as Dhall ---- */

static str quoted(struct running *r, str text)
{
	return convert_quoted(r->p->c, text);
}

static void put(struct running *r, const char *fmt, ...) SL_PRINTF(2, 3);
static void put(struct running *r, const char *fmt, ...)
{
	va_list ap;
	str text;

	va_start(ap, fmt);
	text = str_vfmt(&r->p->c->arena, fmt, ap);
	va_end(ap);
	if (r->out->n < COMMANDS_MAX)
		vec_push(r->out, text);
}

static bool is_absolute(str path)
{
	return path.n && (path.p[0] == '/' || path.p[0] == '@');
}

/* Seen from the directory that is built. */
static str placed(struct running *r, str path)
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

/* Options and operands; those of `valued` take the next word. */
struct operands {
	texts words, options;
	str mode, target;
};

static bool operands(struct running *r, const texts *words, const char *valued, struct operands *out)
{
	bool only = false;

	for (size_t i = 1; i < words->n; i++) {
		str w = words->p[i];

		if (only || w.n < 2 || w.p[0] != '-') {
			vec_push(&out->words, w);
		} else if (str_eq(w, S("--"))) {
			only = true;
		} else if (w.p[1] == '-') {
			vec_push(&out->options, w);
		} else {
			for (size_t k = 1; k < w.n; k++) {
				if (!strchr(valued, w.p[k])) {
					vec_push(&out->options, str_fmt(&r->p->c->arena, "-%c", w.p[k]));
					continue;
				}
				str value = k + 1 < w.n ? str_from(w, k + 1) : i + 1 < words->n ? words->p[i + 1] : (str){0};

				i += k + 1 >= w.n;
				if (w.p[k] == 'm')
					out->mode = value;
				else if (w.p[k] == 't')
					out->target = value;
				break;
			}
		}
	}
	return true;
}

static bool has_option(const struct operands *o, const char *option)
{
	for (size_t i = 0; i < o->options.n; i++)
		if (str_eq(o->options.p[i], str_c(option)))
			return true;
	return false;
}

static void end_operands(struct operands *o)
{
	vec_free(&o->words);
	vec_free(&o->options);
}

static void note_out(struct running *r, str path)
{
	r->p->made_out |= str_starts(path, S("@prefix@"));
}

static void put_mkdir(struct running *r, str path)
{
	path = without_slash(placed(r, path));
	note_out(r, path);
	put(r, "C.Mkdir %.*s", STR_ARG(quoted(r, path)));
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
		return str_fmt(&r->p->c->arena, "%.*s/.", STR_ARG(without_slash(from)));
	return from;
}

static bool do_copy(struct running *r, const struct operands *o, const char *kind)
{
	size_t n = o->words.n;
	str to = o->target.n ? o->target : n ? o->words.p[n - 1] : (str){0};
	bool deep = has_option(o, "-r") || has_option(o, "-R") || has_option(o, "-a") || has_option(o, "--recursive");

	if (!o->target.n && n)
		n--;
	if (!n)
		return odd(r, "a copy from or to nothing");
	to = placed(r, to);
	for (size_t i = 0; i < n; i++) {
		str from = placed(r, o->words.p[i]);

		if (deep || strcmp(kind, "Move") == 0)
			from = copied_from(r, from, to, n == 1);
		if (strcmp(kind, "Move") == 0 && str_ends(from, S("/.")))
			kind = "Copy";
		put(r, "C.%s { from = %.*s, to = %.*s }", kind, STR_ARG(quoted(r, from)), STR_ARG(quoted(r, to)));
	}
	note_out(r, to);
	return true;
}

static bool do_remove(struct running *r, const struct operands *o)
{
	for (size_t i = 0; i < o->words.n; i++)
		put(r, "C.Remove %.*s", STR_ARG(quoted(r, placed(r, o->words.p[i]))));
	return true;
}

static bool do_link(struct running *r, const struct operands *o)
{
	str link;

	if (o->words.n != 2 || !has_option(o, "-s"))
		return odd(r, "'ln' is not understood but with -s, a target and a name");
	link = placed(r, o->words.p[1]);
	if (str_ends(link, S("/")) || str_eq(link, S(".")))
		link = str_fmt(&r->p->c->arena, "%.*s%.*s", STR_ARG(str_eq(link, S(".")) ? S("./") : link), STR_ARG(base_of(o->words.p[0])));
	put(r, "C.Symlink { target = %.*s, link = %.*s }", STR_ARG(quoted(r, o->words.p[0])), STR_ARG(quoted(r, link)));
	note_out(r, link);
	return true;
}

static void run(struct running *r, str program, const str *arguments, size_t n)
{
	texts list = {0};

	for (size_t i = 0; i < n; i++)
		vec_push(&list, arguments[i]);
	put(r, "C.Run { program = %.*s, arguments = %.*s }", STR_ARG(quoted(r, program)), STR_ARG(convert_list(r->p->c, &list)));
	vec_free(&list);
}

static bool do_chmod(struct running *r, const texts *words)
{
	if (words->n < 3)
		return odd(r, "'chmod' without a file");
	if (words->p[1].p[0] == '-') {
		run(r, words->p[0], words->p + 1, words->n - 1);
		return !r->p->cwd.n || odd(r, "'chmod' with options in another directory");
	}
	for (size_t i = 2; i < words->n; i++)
		put(r, "C.Chmod { path = %.*s, mode = %.*s }", STR_ARG(quoted(r, placed(r, words->p[i]))), STR_ARG(quoted(r, words->p[1])));
	return true;
}

static bool do_install(struct running *r, const struct operands *o)
{
	size_t n = o->words.n;
	str mode = o->mode.n ? o->mode : S("755"), to;
	bool folder;

	if (has_option(o, "-d")) {
		for (size_t i = 0; i < n; i++)
			put_mkdir(r, o->words.p[i]);
		return true;
	}
	for (size_t i = 0; i < o->options.n; i++)
		if (str_starts(o->options.p[i], S("--mode=")))
			mode = str_from(o->options.p[i], 7);
	to = o->target.n ? o->target : n > 1 ? o->words.p[--n] : (str){0};
	if (!n || !to.n)
		return odd(r, "'install' from or to nothing");
	to = placed(r, to);
	/* Without -D, what it goes to must be there: a directory of that name, or none and it is the file's. */
	folder = o->target.n || n > 1 || str_ends(to, S("/")) || (!has_option(o, "-D") && r->p->made_out &&
			(str_ends(to, S("/bin")) || str_ends(to, S("/lib")) || str_ends(to, S("/include")) || str_ends(to, S("/share")) ||
			str_ends(to, S("/man1"))));
	for (size_t i = 0; i < n; i++) {
		str one = folder ? str_fmt(&r->p->c->arena, "%.*s/%.*s", STR_ARG(without_slash(to)), STR_ARG(base_of(o->words.p[i]))) : to;

		put(r, "C.Install { from = %.*s, to = %.*s, mode = %.*s }", STR_ARG(quoted(r, placed(r, o->words.p[i]))),
				STR_ARG(quoted(r, one)), STR_ARG(quoted(r, mode)));
		note_out(r, one);
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
			vec_push(&files, placed(r, w));
			continue;
		}
		if (str_eq(w, S("--replace")) || str_eq(w, S("--replace-fail")) || str_eq(w, S("--replace-warn")) || str_eq(w, S("--replace-quiet"))) {
			ok = i + 2 < words->n || odd(r, "a replacement of nothing");
			from = ok ? words->p[i + 1] : from;
			to = ok ? words->p[i + 2] : to;
			i += 2;
		} else if (str_eq(w, S("--subst-var-by"))) {
			ok = i + 2 < words->n || odd(r, "a replacement of nothing");
			from = ok ? str_fmt(&r->p->c->arena, "@%.*s@", STR_ARG(words->p[i + 1])) : from;
			to = ok ? words->p[i + 2] : to;
			i += 2;
		} else if (str_eq(w, S("--subst-var")) && i + 1 < words->n) {
			i++;
			from = str_fmt(&r->p->c->arena, "@%.*s@", STR_ARG(words->p[i]));
			ok = value_of(r, words->p[i], &to);
		} else {
			ok = odd(r, "'%.*s' of substituteInPlace is not understood", STR_ARG(w));
		}
		if (ok && (str_eq(from, S("@prefix@")) || str_eq(from, S("@source@"))))
			ok = odd(r, "a text has '%.*s' in it, which would be replaced", STR_ARG(from));
		for (size_t k = 0; k < files.n && ok; k++)
			put(r, "C.Substitute { path = %.*s, from = %.*s, to = %.*s }", STR_ARG(quoted(r, files.p[k])), STR_ARG(quoted(r, from)),
					STR_ARG(quoted(r, to)));
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
	put(r, "C.Make %.*s", STR_ARG(convert_list(r->p->c, &list)));
	r->p->made_out = true;
	vec_free(&list);
	return true;
}

static bool do_cd(struct running *r, const texts *words)
{
	str path, to = words->n == 2 ? words->p[1] : (str){0};

	if (!to.n || is_absolute(to))
		return odd(r, "'cd' to a place outside of the sources");
	path = placed(r, to);
	if (!os_normalize(&r->p->c->arena, path, &path))
		return odd(r, "'cd' to a place outside of the sources");
	r->p->cwd = path;
	return true;
}

static bool do_man_pages(struct running *r, const texts *words)
{
	for (size_t i = 1; i < words->n; i++) {
		str w = words->p[i];
		char section = w.n > 2 && w.p[w.n - 2] == '.' ? w.p[w.n - 1] : '\0';

		if (section < '1' || section > '9')
			return odd(r, "'%.*s' is no manual page", STR_ARG(w));
		put(r, "C.Install { from = %.*s, to = %.*s, mode = \"644\" }", STR_ARG(quoted(r, placed(r, w))),
				STR_ARG(quoted(r, str_fmt(&r->p->c->arena, "@prefix@/share/man/man%c/%.*s", section, STR_ARG(base_of(w))))));
	}
	return true;
}

/* ---- redirections ---- */

static bool echoed(struct running *r, const texts *words, struct buf *out)
{
	size_t i = 1;
	bool newline = true;

	if (i < words->n && str_eq(words->p[i], S("-n"))) {
		newline = false;
		i++;
	}
	if (i < words->n && (str_eq(words->p[i], S("-e")) || str_eq(words->p[i], S("-ne"))))
		return odd(r, "'echo' with escapes");
	for (size_t first = i; i < words->n; i++) {
		if (i > first)
			buf_c(out, ' ');
		buf_str(out, words->p[i]);
	}
	if (newline)
		buf_c(out, '\n');
	return true;
}

static bool printed(struct running *r, const texts *words, struct buf *out)
{
	bool line = words->n == 3 && (str_eq(words->p[1], S("%s\n")) || str_eq(words->p[1], S("%s\\n")));

	if (words->n != 2 && !line)
		return odd(r, "'printf' with a format");
	if (!line && (str_find(words->p[1], '%') < words->p[1].n || str_find(words->p[1], '\\') < words->p[1].n))
		return odd(r, "'printf' with a format");
	buf_str(out, words->p[words->n - 1]);
	if (line)
		buf_c(out, '\n');
	return true;
}

static bool do_redirected(struct running *r, const struct shell_command *c, const texts *words)
{
	str program = words->n ? words->p[0] : (str){0}, to, text;
	struct buf b = {0};
	bool pattern, ok = text_of_word(r, &c->to, &to, &pattern);

	if (ok && str_eq(to, S("/dev/null")) && c->output == SHELL_WRITE) {
		buf_free(&b);
		return odd(r, "output that is thrown away");
	}
	if (ok && str_eq(program, S("echo")))
		ok = echoed(r, words, &b);
	else if (ok && str_eq(program, S("printf")))
		ok = printed(r, words, &b);
	else if (ok && str_eq(program, S("cat")) && words->n == 1 && c->input == SHELL_HERE) {
		ok = text_of_word(r, &c->from, &text, &pattern);
		if (ok)
			buf_str(&b, text);
	} else if (ok && (words->n == 0 || str_eq(program, S(":")) || str_eq(program, S("true")))) {
		ok = true;
	} else if (ok && str_eq(program, S("cat")) && words->n == 2 && c->output == SHELL_WRITE && !c->input) {
		put(r, "C.Copy { from = %.*s, to = %.*s }", STR_ARG(quoted(r, placed(r, words->p[1]))), STR_ARG(quoted(r, placed(r, to))));
		buf_free(&b);
		return true;
	} else if (ok) {
		ok = odd(r, "the output of '%.*s' goes to a file", STR_ARG(program));
	}
	to = placed(r, to);
	note_out(r, to);
	if (ok)
		put(r, "C.%s { path = %.*s, content = %.*s }", c->output == SHELL_APPEND ? "Append" : "Write", STR_ARG(quoted(r, to)),
				STR_ARG(quoted(r, buf_view(&b))));
	buf_free(&b);
	return ok;
}

/* ---- one command ---- */

static bool is_among(str name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name, str_c(names[i])))
			return true;
	return false;
}

static bool is_program(str name)
{
	static const char *const names[] = {
		"sed", "awk", "find", "perl", "python", "python3", "touch", "cat", "tr", "sort", "head", "gzip", "bzip2", "xz", "gcc", "cc", "g++",
		"c++", "clang", "ar", "ranlib", "strip", "ld", "nm", "sh", "bash", "autoreconf", "autoconf", "automake", "aclocal", "libtoolize",
		"cmake", "meson", "ninja", "bison", "flex", "m4", "msgfmt", "pkg-config", "date", "uname", "echo", "printf", "xargs", "gunzip",
		"lua", "luac", "jq", "makeinfo", "env", "true", "cmp", "diff", "basename", "dirname", "grep", "rmdir", "tee",
	};

	return is_among(name, names, SL_COUNT(names)) || str_starts(name, S("./")) || str_starts(name, S("@prefix@/")) ||
			str_starts(name, S("/usr/bin/")) || (name.n && name.p[0] == '@');
}

static bool do_run(struct running *r, const texts *words)
{
	str program = words->p[0];

	if (r->p->cwd.n)
		return odd(r, "'%.*s' runs in '%.*s', and commands run in the directory that is built", STR_ARG(program), STR_ARG(r->p->cwd));
	if (!is_program(program) && str_find(program, '/') == program.n)
		return odd(r, "'%.*s' is no program that is known", STR_ARG(program));
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
			return odd(r, "'patch' with '%.*s'", STR_ARG(words->p[i]));
	}
	if (c->input == SHELL_READ && !text_of_word(r, &c->from, &file, &pattern))
		return false;
	if (!file.n || strip > 9 || r->p->cwd.n)
		return odd(r, "this call of 'patch'");
	put(r, "C.Patch { file = %.*s, strip = %u }", STR_ARG(quoted(r, file)), strip);
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
			return odd(r, "'tar' with '%.*s'", STR_ARG(w));
	}
	if (!file.n || r->p->cwd.n)
		return odd(r, "this call of 'tar'");
	put(r, "C.Untar { archive = %.*s, strip = %u }", STR_ARG(quoted(r, file)), strip);
	return true;
}

static bool run_hook(struct running *r, str name)
{
	if (r->p->depth >= HOOKS_MAX)
		return odd(r, "hooks that run each other");
	return convert_hook(r->p, str_dup(&r->p->c->arena, name).p, r->out);
}

static bool do_words(struct running *r, const struct shell_command *c, const texts *words)
{
	static const char *const idle[] = {":", "true", "set", "patchShebangs", "moveToOutput", "fixLibtool", "runHook", "shopt", "unset", "chown"};
	str program = words->p[0];
	struct operands o = {0};
	bool ok;

	if (str_eq(program, S("runHook")))
		return words->n != 2 || run_hook(r, words->p[1]);
	if (is_among(program, idle, SL_COUNT(idle)))
		return true;
	if (str_eq(program, S("make")))
		return do_make(r, words);
	if (str_eq(program, S("cd")))
		return do_cd(r, words);
	if (str_eq(program, S("chmod")))
		return do_chmod(r, words);
	if (str_eq(program, S("substituteInPlace")))
		return do_substitute(r, words);
	if (str_eq(program, S("patch")))
		return do_patch(r, c, words);
	if (str_eq(program, S("tar")))
		return do_tar(r, words);
	if (str_eq(program, S("installManPage")))
		return do_man_pages(r, words);
	if (str_eq(program, S("./configure")) && !r->p->cwd.n) {
		texts list = {.p = words->p + 1, .n = words->n - 1};

		put(r, "C.Configure %.*s", STR_ARG(convert_list(r->p->c, &list)));
		return true;
	}
	if (str_eq(program, S("echo")))
		return true; /* it says something to people */
	(void)operands(r, words, str_eq(program, S("install")) ? "mtgo" : str_eq(program, S("cp")) || str_eq(program, S("mv")) ? "t" :
			str_eq(program, S("mkdir")) ? "m" : "", &o);
	if (str_eq(program, S("mkdir")))
		ok = do_mkdir(r, &o);
	else if (str_eq(program, S("cp")) || str_eq(program, S("mv")))
		ok = do_copy(r, &o, str_eq(program, S("cp")) ? "Copy" : "Move");
	else if (str_eq(program, S("rm")))
		ok = do_remove(r, &o);
	else if (str_eq(program, S("ln")))
		ok = do_link(r, &o);
	else if (str_eq(program, S("install")))
		ok = do_install(r, &o);
	else
		ok = do_run(r, words);
	end_operands(&o);
	return ok;
}

static bool do_list(struct running *r, const struct shell_command *list, size_t n);

static bool set_variable(struct running *r, str name, str value)
{
	str *slot = arena_make(&r->p->c->arena, str);

	*slot = value;
	map_put(&r->p->variables, str_dup(&r->p->c->arena, name), slot);
	return true;
}

static bool do_for(struct running *r, const struct shell_command *c)
{
	texts values = {0};
	bool ok = true;

	for (size_t i = 0; i < c->nwords && ok; i++)
		ok = expand(r, &c->words[i], &values);
	for (size_t i = 0; i < values.n && ok; i++)
		ok = set_variable(r, c->variable, values.p[i]) && do_list(r, c->body, c->nbody);
	vec_free(&values);
	return ok;
}

static bool export_word(struct running *r, str w)
{
	str name, value;

	if (!str_cut(w, '=', &name, &value))
		return true;
	if (str_eq(name, S("HOME")) || str_eq(name, S("PATH")) || str_eq(name, S("LD_LIBRARY_PATH")))
		return odd(r, "'%.*s' is set", STR_ARG(name));
	vec_push(&r->p->env, str_fmt(&r->p->c->arena, "{ name = %.*s, value = %.*s }", STR_ARG(quoted(r, name)), STR_ARG(quoted(r, value))));
	return set_variable(r, name, value);
}

static bool do_command(struct running *r, const struct shell_command *c)
{
	texts words = {0};
	bool pattern, ok = true;
	str value;

	if (c->variable.p)
		return do_for(r, c);
	for (size_t i = 0; i < c->nassignments && ok; i++) {
		ok = c->nwords == 0 || odd(r, "a variable that is set for one command");
		ok = ok && text_of_word(r, &c->assignments[i].value, &value, &pattern) && set_variable(r, c->assignments[i].name, value);
	}
	for (size_t i = 0; i < c->nwords && ok; i++)
		ok = expand(r, &c->words[i], &words);
	if (ok && c->output)
		ok = do_redirected(r, c, &words);
	else if (ok && words.n && str_eq(words.p[0], S("export")))
		for (size_t i = 1; i < words.n && ok; i++)
			ok = export_word(r, words.p[i]);
	else if (ok && c->input && !(words.n && str_eq(words.p[0], S("patch"))))
		ok = odd(r, "input from a file");
	else if (ok && words.n)
		ok = do_words(r, c, &words);
	vec_free(&words);
	return ok;
}

static bool do_list(struct running *r, const struct shell_command *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!do_command(r, &list[i]))
			return false;
	return true;
}

static unsigned line_of(str text, size_t at)
{
	unsigned line = 1;

	for (size_t i = 0; i < at && i < text.n; i++)
		line += text.p[i] == '\n';
	return line;
}

bool convert_shell(struct package *p, str attribute, str text, texts *out)
{
	struct running r = {p, attribute, out};
	const struct shell_command *list;
	size_t n, before = out->n, env = p->env.n;
	struct shell_bad bad;
	bool ok;

	if (!shell_read(text, &p->c->arena, &list, &n, &bad))
		return odd(&r, "%s is not understood (line %u of it)", bad.why, line_of(text, bad.at));
	p->depth++;
	ok = do_list(&r, list, n);
	p->depth--;
	if (!p->depth)
		p->cwd = (str){0};
	if (!ok) {
		out->n = before;
		p->env.n = env;
	}
	return ok;
}

bool convert_hook(struct package *p, const char *name, texts *out)
{
	struct setting *s = package_setting(p, name);
	str text;

	if (!s || nix_kind(p->c->x, s->value) == NIX_NULL)
		return true;
	s->used = true;
	if (!package_coerce(p, s->value, &text)) {
		package_left(p, str_c(name), DIAG_CONVERT_SHELL, NULL, "it is no text");
		return false;
	}
	return convert_shell(p, str_c(name), text, out);
}

str convert_commands(struct converting *c, const texts *list)
{
	struct buf b = {0};

	for (size_t i = 0; i < list->n; i++)
		buf_fmt(&b, "%s%.*s", i ? ", " : "[ ", STR_ARG(list->p[i]));
	buf_str(&b, list->n ? S(" ]") : S("([] : List C)"));
	return buf_take(&b, &c->arena);
}
