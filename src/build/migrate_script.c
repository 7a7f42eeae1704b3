/* What a derivation runs, as typed commands. */
#include "migrate_typing.h"

/* ---- variables ---- */

static void know(struct typing *t, str name, str value)
{
	vec_push(&t->names, name);
	vec_push(&t->values, value);
}

static void know_outputs(struct typing *t)
{
	struct fixing *f = t->f;
	dh_val list, item;
	size_t n = 0;
	str text = {0};

	know(t, S("out"), (str){0});
	if (!value_get(f, t->s->v, "outputs", &list) || !dh_list(f->s->dhall, list, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		if (!dh_item(f->s->dhall, list, i, &item))
			continue;
		if (!dh_text(f->s->dhall, item, &text))
			text = value_text(f, item, "name");
		know(t, str_dup(f->a, text), (str){0});
	}
}

void typing_know(struct typing *t)
{
	struct fixing *f = t->f;
	str version = value_some(f, t->s->v, "version");

	know_outputs(t);
	know(t, S("name"), str_dup(f->a, t->s->what));
	know(t, S("pname"), str_dup(f->a, t->s->what));
	if (version.p)
		know(t, S("version"), str_dup(f->a, version));
	if (t->source.p)
		know(t, S("src"), t->source);
	for (size_t i = 0; i < t->env.all.n; i++) {
		str name, value;

		str_cut(t->env.all.p[i], '=', &name, &value);
		know(t, name, value.p ? value : S(""));
	}
}

/* ---- inputs ---- */

static str base_name(str path)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != '/')
		at--;
	return str_from(path, at);
}

static str called(struct typing *t, const struct value_input *in)
{
	str full;

	if (in->kind != FROM_SRC)
		return str_dup(t->f->a, in->text);
	if (!os_normalize(t->f->a, str_c(os_join(t->f->a, t->f->folder, in->text)), &full))
		return str_dup(t->f->a, in->text);
	return base_name(full);
}

void typing_input(struct typing *t, dh_val v, str *name)
{
	struct value_input in;
	str text;

	if (!value_input(t->f, v, &in))
		return;
	*name = called(t, &in);
	text = input_text(t->f, t->s, &in, true);
	t->ok &= text.p != NULL;
	for (size_t i = 0; i < t->inputs.n; i++)
		if (str_eq(t->inputs.p[i], text))
			return;
	if (text.p)
		vec_push(&t->inputs, text);
}

void typing_inputs(struct typing *t, const char *list)
{
	dh_val v, item;
	size_t n = 0;
	str name;

	if (!value_get(t->f, t->s->v, list, &v) || !dh_list(t->f->s->dhall, v, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (dh_item(t->f->s->dhall, v, i, &item))
			typing_input(t, item, &name);
}

bool typing_takes(struct typing *t, const char *program)
{
	static const char *const lists[] = {"nativeBuildInputs", "buildInputs"};
	struct value_input in;
	dh_val v, item;
	size_t n;
	bool found = false;

	for (size_t k = 0; k < SL_COUNT(lists); k++) {
		n = 0;
		if (!value_get(t->f, t->s->v, lists[k], &v) || !dh_list(t->f->s->dhall, v, &n))
			continue;
		for (size_t i = 0; i < n; i++)
			if (dh_item(t->f->s->dhall, v, i, &item) && value_input(t->f, item, &in))
				found |= in.kind == FROM_DRV && str_eq(in.text, str_c(program));
	}
	return found;
}

/* ---- phases as commands ---- */

const str *typing_kept(struct typing *t, const text_list *texts)
{
	str *out = arena_array(t->f->a, str, texts->n + 1);

	if (texts->n)
		memcpy(out, texts->p, texts->n * sizeof *out);
	return out;
}

/* Flags of a list: to make $(out) is what the shell calls $out. */
void typing_flags(struct typing *t, const char *name, text_list *out)
{
	text_list flags = {0};

	value_texts(t->f, t->s->v, name, &flags);
	for (size_t i = 0; i < flags.n; i++) {
		str x = flags.p[i];
		size_t at = str_find_str(x, S("$(out)"));

		if (at < x.n)
			x = str_fmt(t->f->a, "%.*s$out%.*s", (int)at, x.p, STR_ARG(str_from(x, at + 6)));
		vec_push(out, x);
	}
	vec_free(&flags);
}

static void run_make(struct typing *t, const char *target)
{
	text_list words = {0};
	struct typed_command c = {.kind = COMMAND_MAKE};

	typing_flags(t, "makeFlags", &words);
	if (target)
		vec_push(&words, str_c(target));
	c.words = typing_kept(t, &words);
	c.nwords = words.n;
	vec_push(&t->commands, c);
	vec_free(&words);
}

static void run_configure(struct typing *t)
{
	text_list words = {0};
	struct typed_command c = {.kind = COMMAND_CONFIGURE};

	vec_push(&words, S("--prefix=$out"));
	typing_flags(t, "configureFlags", &words);
	c.words = typing_kept(t, &words);
	c.nwords = words.n;
	vec_push(&t->commands, c);
	vec_free(&words);
}

static bool is_archive(str name)
{
	static const char *const ends[] = {".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2", ".tar.zst"};

	for (size_t i = 0; i < SL_COUNT(ends); i++)
		if (str_ends(name, str_c(ends[i])))
			return true;
	return false;
}

static void unpack(struct typing *t)
{
	if (is_archive(t->source))
		vec_push(&t->commands, ((struct typed_command){.kind = COMMAND_UNTAR, .a = t->source, .strip = 1}));
	else if (str_ends(t->source, S(".zip")))
		vec_push(&t->commands, ((struct typed_command){.kind = COMMAND_UNZIP, .a = t->source}));
}

static void patches(struct typing *t)
{
	struct value_input in;
	dh_val v, item;
	size_t n = 0;

	if (!value_get(t->f, t->s->v, "patches", &v) || !dh_list(t->f->s->dhall, v, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (dh_item(t->f->s->dhall, v, i, &item) && value_input(t->f, item, &in))
			vec_push(&t->commands, ((struct typed_command){.kind = COMMAND_PATCH, .a = called(t, &in), .strip = 1}));
}

/* stdenv configures and makes only what has a configure script and a Makefile. */
static bool has_makefile(struct typing *t)
{
	int known = source_has(t->f, t->s, "Makefile");

	if (known == 1 || source_has(t->f, t->s, "makefile") == 1 || source_has(t->f, t->s, "GNUmakefile") == 1)
		return true;
	if (value_length(t->f, t->s->v, "makeFlags") || value_length(t->f, t->s->v, "configureFlags"))
		return true;
	if (known == 0)
		return source_has(t->f, t->s, "configure") == 1;
	return !value_some(t->f, t->s->v, "installPhase").p || value_some(t->f, t->s->v, "configurePhase").p;
}

static bool has_configure(struct typing *t)
{
	int known = source_has(t->f, t->s, "configure");

	return known >= 0 ? known : value_length(t->f, t->s->v, "configureFlags") > 0;
}

static void guess(struct typing *t, const char *phase, bool runs)
{
	if (source_has(t->f, t->s, "configure") < 0)
		change(t->f, t->s, "%s: the sources are not at hand; they are taken to %s", phase,
				runs ? "need it" : "have nothing for it to do");
}

static bool standard_phase(struct typing *t, const char *phase)
{
	bool configures = strcmp(phase, "configurePhase") == 0;

	if (strcmp(phase, "unpackPhase") == 0)
		unpack(t);
	if (strcmp(phase, "patchPhase") == 0)
		patches(t);
	if (configures && (typing_takes(t, "cmake") || typing_takes(t, "meson"))) {
		trouble(t->f, t->s, LINT_PHASE, "other phases are shell, and %s configures it", typing_takes(t, "cmake") ? "cmake" : "meson");
		return false;
	}
	if (configures) {
		guess(t, phase, has_configure(t));
		if (has_configure(t))
			run_configure(t);
	}
	if (strcmp(phase, "buildPhase") == 0) {
		guess(t, phase, has_makefile(t));
		if (has_makefile(t))
			run_make(t, NULL);
	}
	if (strcmp(phase, "checkPhase") == 0)
		run_make(t, "check");
	if (strcmp(phase, "installPhase") == 0)
		run_make(t, "install");
	return true;
}

static bool shell_phase(struct typing *t, const char *phase, str text)
{
	struct command_scope scope = {t->names.p, t->values.p, t->names.n};
	str why = {0};
	uint32_t at = 0;

	if (lint_uses_network(text)) {
		trouble(t->f, t->s, LINT_NETWORK, "%s uses the network: what it takes must be an input with a digest", phase);
		trouble(t->f, t->s, t->s->kind == SUBJECT_RAW ? LINT_SHELL : LINT_PHASE, "%s uses the network", phase);
		return false;
	}
	if (commands_read(text, &scope, t->f->a, &t->commands, &why, &at))
		return true;
	trouble(t->f, t->s, t->s->kind == SUBJECT_RAW ? LINT_SHELL : LINT_PHASE, "%s: %.*s, in '%.*s'", phase, STR_ARG(why),
			STR_ARG(str_upto(str_from(text, at), str_find(str_upto(str_from(text, at), 60), '\n'))));
	return false;
}

struct phase {
	const char *field, *name;
};
static const struct phase phases[] = {
	{"unpackPhase", "Unpack"}, {"patchPhase", "Patch"}, {"configurePhase", "Configure"}, {"buildPhase", "Build"},
	{"checkPhase", "Check"}, {"installPhase", "Install"}, {"fixupPhase", "Fixup"},
};

/* Is the phase one of those that run? */
static bool runs(struct typing *t, const struct phase *p, bool *odd)
{
	dh_val v, list, item, payload;
	bool some = false, found = false;
	size_t n = 0;
	sym name;

	if (strcmp(p->name, "Check") == 0 && !value_says(t->f, t->s->v, "doCheck", true))
		return false;
	if (!value_get(t->f, t->s->v, "phases", &v) || !dh_optional(t->f->s->dhall, v, &some, &list) || !some)
		return true;
	for (size_t i = 0; dh_list(t->f->s->dhall, list, &n) && i < n; i++) {
		if (!dh_item(t->f->s->dhall, list, i, &item) || !dh_case(t->f->s->dhall, item, &name, &payload))
			continue;
		*odd |= payload.v != NULL;
		found |= name == intern_c(p->name);
	}
	return found;
}

bool typing_phases(struct typing *t)
{
	bool odd = false, ok = true;

	for (size_t i = 0; i < SL_COUNT(phases) && ok; i++) {
		str text = value_some(t->f, t->s->v, phases[i].field);

		if (!runs(t, &phases[i], &odd))
			continue;
		ok = text.p ? shell_phase(t, phases[i].field, text) : standard_phase(t, phases[i].field);
	}
	commands_set(&t->commands, t->env.all.p, t->env.all.n, t->f->a);
	return ok && !odd;
}

/* ---- raw derivations ---- */

static str name_of(str path)
{
	size_t at = path.n;

	while (at > 0 && path.p[at - 1] != '/')
		at--;
	return str_from(path, at);
}

static bool fetches(const struct typing *t, str program, const text_list *args)
{
	str *words = arena_array(t->f->a, str, args->n + 1);
	bool found = false;

	words[0] = program;
	for (size_t i = 0; i < args->n; i++) {
		words[i + 1] = args->p[i];
		found |= lint_uses_network(args->p[i]);
	}
	return found || lint_command_fetches(words, args->n + 1);
}

/* The builder as a program with its arguments. */
static bool run_builder(struct typing *t, str builder, const text_list *args)
{
	struct fixing *f = t->f;
	str program = name_of(builder);
	struct typed_command c = {.kind = COMMAND_RUN, .a = str_dup(f->a, program), .words = typing_kept(t, args), .nwords = args->n};

	if (!str_trim(program).n) {
		trouble(f, t->s, LINT_BUILDER, "'%.*s' is no program", STR_ARG(builder));
		return false;
	}
	if (fetches(t, program, args)) {
		trouble(f, t->s, LINT_NETWORK, "'%.*s' uses the network: what it takes must be an input with a digest", STR_ARG(program));
		trouble(f, t->s, LINT_BUILDER, "'%.*s' uses the network", STR_ARG(program));
		return false;
	}
	vec_push(&t->commands, c);
	change(f, t->s, "'%.*s' is looked for among its inputs, not at its path", STR_ARG(c.a));
	return true;
}

bool typing_raw(struct typing *t)
{
	struct fixing *f = t->f;
	str builder = value_text(f, t->s->v, "builder");
	text_list args = {0};
	bool shell = lint_is_shell(builder), ok = true;
	size_t at = 0;

	value_texts(f, t->s->v, "args", &args);
	while (shell && at + 1 < args.n && str_starts(args.p[at], S("-")) && !str_ends(args.p[at], S("c")))
		at++;
	if (shell && at + 1 < args.n && str_starts(args.p[at], S("-"))) {
		ok = shell_phase(t, "args", args.p[at + 1]);
		if (!ok)
			trouble(f, t->s, LINT_BUILDER, "it is a shell whose text has no typed form");
	} else {
		ok = run_builder(t, builder, &args);
	}
	commands_set(&t->commands, t->env.all.p, t->env.all.n, f->a);
	vec_free(&args);
	return ok;
}

bool typing_is_odd(struct typing *t)
{
	bool odd = false;

	(void)runs(t, &phases[0], &odd);
	return odd;
}
