/* Typed commands (prelude/Builder.dhall) as shell: an argument is one word, whatever is in it; only `$out` and the like, at
 * its beginning, stand for outputs. */
#include "derivation.h"

struct script {
	struct derivation *d;
	struct buf out;
	const str *outputs;
	size_t noutputs;
	struct der_items *tools;
};

/* ---- words ---- */

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || char_in(c, "_-./+,:@%=");
}

/* The length of "$out" at the beginning of the text, 0 when it begins with no output. */
static size_t output_length(const struct script *s, str text)
{
	for (size_t i = 0; i < s->noutputs; i++) {
		str name = s->outputs[i], rest = str_from(text, 1);

		if (str_starts(text, S("$")) && str_starts(rest, name) && (rest.n == name.n || rest.p[name.n] == '/'))
			return name.n + 1;
	}
	return 0;
}

static void word(struct script *s, str text)
{
	size_t head = output_length(s, text);
	str rest = str_from(text, head);
	bool plain = rest.n > 0;

	buf_c(&s->out, ' ');
	if (head)
		buf_fmt(&s->out, "\"%.*s\"", STR_ARG(str_upto(text, head)));
	if (head && !rest.n)
		return;
	for (size_t i = 0; i < rest.n && plain; i++)
		plain = is_plain(rest.p[i]);
	if (plain) {
		buf_str(&s->out, rest);
		return;
	}
	buf_c(&s->out, '\'');
	for (size_t i = 0; i < rest.n; i++)
		if (rest.p[i] == '\'')
			buf_lit(&s->out, "'\\''");
		else
			buf_c(&s->out, rest.p[i]);
	buf_c(&s->out, '\'');
}

static void say(struct script *s, const char *shell)
{
	buf_str(&s->out, str_c(shell));
}

static void field(struct script *s, dh_val v, const char *name)
{
	word(s, der_text_in(s->d, v, name));
}

static void words(struct script *s, dh_val list)
{
	size_t n;
	const str *texts = der_texts(s->d, list, &n);

	for (size_t i = 0; i < n; i++)
		word(s, texts[i]);
}

static void tool(struct script *s, const char *package)
{
	str name = der_package(s->d, "builder", str_c(package));

	for (size_t i = 0; i < s->tools->list.n; i++)
		if (str_eq(s->tools->list.p[i], name))
			return;
	vec_push(&s->tools->list, name);
}

/* ---- commands ---- */

static void pair(struct script *s, const char *shell, dh_val v, const char *first, const char *second)
{
	say(s, shell);
	field(s, v, first);
	field(s, v, second);
}

static void strip(struct script *s, dh_val v, const char *option)
{
	uint64_t n = 0;

	(void)!dh_natural(s->d->dhall, der_get(s->d, v, "strip"), &n);
	buf_fmt(&s->out, "%s%llu", option, (unsigned long long)n);
}

static void on_text(struct script *s, dh_val v, const char *shell)
{
	say(s, shell);
	word(s, der_read_text(s->d, v));
}

static void write_text(struct script *s, dh_val v, const char *to)
{
	say(s, "printf %s");
	field(s, v, "content");
	say(s, to);
	field(s, v, "path");
}

static void patch_elf(struct script *s, dh_val v)
{
	dh_val inner;

	tool(s, "patchelf");
	say(s, "patchelf");
	if (der_some_in(s->d, v, "interpreter", &inner))
		on_text(s, inner, " --set-interpreter");
	if (der_some_in(s->d, v, "rpath", &inner))
		on_text(s, inner, " --set-rpath");
	field(s, v, "path");
}

static void install(struct script *s, dh_val v)
{
	say(s, "install -D -m");
	field(s, v, "mode");
	field(s, v, "from");
	field(s, v, "to");
}

static void untar(struct script *s, dh_val v)
{
	say(s, "tar -xf");
	field(s, v, "archive");
	strip(s, v, " --strip-components=");
}

static void patch(struct script *s, dh_val v)
{
	say(s, "patch");
	strip(s, v, " -p");
	say(s, " <");
	field(s, v, "file");
}

static void run(struct script *s, dh_val v)
{
	size_t at = s->out.n;

	field(s, v, "program");
	memmove(s->out.p + at, s->out.p + at + 1, s->out.n - at - 1); /* no blank before it */
	s->out.n--;
	words(s, der_get(s->d, v, "arguments"));
}

static void substitute(struct script *s, dh_val v)
{
	say(s, "substituteInPlace");
	field(s, v, "path");
	say(s, " --replace");
	field(s, v, "from");
	field(s, v, "to");
}

static void command(struct script *s, dh_val v)
{
	dh_val x;
	str kind = sym_str(der_case(s->d, v, &x));

	if (str_eq(kind, S("Mkdir")))
		on_text(s, x, "mkdir -p");
	else if (str_eq(kind, S("Copy")))
		pair(s, "cp -R", x, "from", "to");
	else if (str_eq(kind, S("Move")))
		pair(s, "mv", x, "from", "to");
	else if (str_eq(kind, S("Remove")))
		on_text(s, x, "rm -rf");
	else if (str_eq(kind, S("Symlink")))
		pair(s, "ln -s", x, "target", "link");
	else if (str_eq(kind, S("Chmod")))
		pair(s, "chmod", x, "mode", "path");
	else if (str_eq(kind, S("Write")))
		write_text(s, x, " >");
	else if (str_eq(kind, S("Append")))
		write_text(s, x, " >>");
	else if (str_eq(kind, S("Substitute")))
		substitute(s, x);
	else if (str_eq(kind, S("Untar")))
		untar(s, x);
	else if (str_eq(kind, S("Unzip"))) {
		tool(s, "unzip");
		on_text(s, x, "unzip -q");
	} else if (str_eq(kind, S("Patch")))
		patch(s, x);
	else if (str_eq(kind, S("PatchElf")))
		patch_elf(s, x);
	else if (str_eq(kind, S("Configure"))) {
		say(s, "./configure");
		words(s, x);
	} else if (str_eq(kind, S("Make"))) {
		say(s, "make");
		words(s, x);
	} else if (str_eq(kind, S("Install")))
		install(s, x);
	else if (str_eq(kind, S("Run")))
		run(s, x);
	buf_c(&s->out, '\n');
}

str der_script(struct derivation *d, dh_val commands, const str *outputs, size_t noutputs, struct der_items *tools)
{
	struct script s = {.d = d, .outputs = outputs, .noutputs = noutputs, .tools = tools};
	size_t n = 0;
	dh_val item;
	str text;

	(void)!dh_list(d->dhall, commands, &n);
	for (size_t i = 0; i < n; i++)
		if (dh_item(d->dhall, commands, i, &item))
			command(&s, item);
	text = buf_take(&s.out, d->arena);
	return der_text(d, text.n ? text : S(":\n"));
}
