/* Targets of rules: what phase 0 makes of a derivation, or what a nix-compat action says, read as `straylight convert` reads it. */
#include "migrate_int.h"

#include <straylight/convert.h>
#include <straylight/derivation.h>

struct ruling {
	struct fixing *f;
	const struct subject *s;
	struct convert_report report;
	str why; /* there is no rule, because */
};

static bool refuse(struct ruling *r, const char *fmt, ...) SL_PRINTF(2, 3);
static bool refuse(struct ruling *r, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	r->why = str_vfmt(r->f->a, fmt, args);
	va_end(args);
	return false;
}

/* ---- the expression ---- */

/* Where the bytes are that its inputs name by digest. */
static bool find_bytes(struct ruling *r, struct map *bytes)
{
	struct fixing *f = r->f;
	input_list inputs = {0};
	bool ok = true;

	bytes_inputs(f, r->s, &inputs);
	for (size_t i = 0; i < inputs.n && ok; i++) {
		str *path = arena_make(f->a, str);

		if (inputs.p[i].kind != FROM_STORE)
			continue;
		*path = bytes_here(f, inputs.p[i].text, inputs.p[i].digest);
		if (path->p)
			map_put(bytes, inputs.p[i].digest, path);
		else
			ok = refuse(r, "no file or folder '%.*s' here has the digest %.*s: a target needs the files themselves",
					STR_ARG(inputs.p[i].text), STR_ARG(inputs.p[i].digest));
	}
	vec_free(&inputs);
	return ok;
}

/* Says the same of the machine as the workspace does. */
static bool fits_machine(struct ruling *r)
{
	dh_val system, payload;
	sym name;

	if (!value_get(r->f, r->s->v, "system", &system) || !dh_case(r->f->s->dhall, system, &name, &payload) ||
			name == intern_c("x86_64-linux"))
		return true;
	return refuse(r, "it is for %.*s, and a target of a rule is for the machine of the workspace", STR_ARG(sym_str(name)));
}

/* ---- phases ---- */

typedef VEC(struct derivation_instead) instead_list;

static void leave_out(instead_list *out, const char *name)
{
	vec_push(out, ((struct derivation_instead){name, {0}}));
}

static void put_text(struct ruling *r, instead_list *out, const char *name, str text)
{
	struct buf b = {0};

	derivation_text(text, &b);
	vec_push(out, ((struct derivation_instead){name, buf_take(&b, r->f->a)}));
}

static void put_flags(struct ruling *r, instead_list *out, const char *name, const text_list *more)
{
	text_list all = {0};
	struct buf b = {0};

	value_texts(r->f, r->s->v, name, &all);
	for (size_t i = 0; i < more->n; i++)
		vec_push(&all, more->p[i]);
	buf_c(&b, '[');
	for (size_t i = 0; i < all.n; i++) {
		buf_c(&b, ' ');
		derivation_text(all.p[i], &b);
	}
	buf_lit(&b, " ]");
	if (more->n)
		vec_push(out, ((struct derivation_instead){name, buf_take(&b, r->f->a)}));
	buf_free(&b);
	vec_free(&all);
}

/* Phases that do what the build system does anyway become flags, and those that a rule has no place for hooks: of a patchPhase and a
 * fixupPhase nothing but their text runs, and a phase of checks only when it is asked for. */
static void instead_of_phases(struct ruling *r, instead_list *out)
{
	static const char *const phases[] = {"configurePhase", "buildPhase", "installPhase", "checkPhase"};
	struct fixing *f = r->f;
	struct standard st;
	str patch = value_some(f, r->s->v, "patchPhase"), fixup = value_some(f, r->s->v, "fixupPhase");

	standard_phases(f, r->s, &st);
	for (size_t i = 0; i < SL_COUNT(phases) && st.all; i++)
		leave_out(out, phases[i]);
	if (st.all) {
		put_flags(r, out, "configureFlags", &st.configure);
		put_flags(r, out, "makeFlags", &st.make);
	}
	if (!value_says(f, r->s->v, "doCheck", true))
		leave_out(out, "checkPhase");
	leave_out(out, "installCheckPhase");
	if (value_says(f, r->s->v, "__impure", true) && !settings_impurity(f, r->s))
		leave_out(out, "__impure");
	if (patch.p && !value_length(f, r->s->v, "patches")) {
		leave_out(out, "patchPhase");
		put_text(r, out, "postPatch", patch);
	}
	if (fixup.p) {
		leave_out(out, "fixupPhase");
		if (!st.all)
			put_text(r, out, "postFixup", fixup);
	}
	standard_end(&st);
}

/* ---- raw derivations that are shell: a mkDerivation of one phase, in the files that it takes ---- */

/* The text that its shell runs; p == NULL: it runs something else. */
static str shell_of(struct ruling *r)
{
	str builder = value_text(r->f, r->s->v, "builder"), found = {0};
	text_list args = {0};
	bool shell = lint_is_shell(builder);

	value_texts(r->f, r->s->v, "args", &args);
	for (size_t i = 0; i + 2 <= args.n && shell && str_starts(args.p[i], S("-")); i++)
		if (str_ends(args.p[i], S("c")) && i + 2 == args.n)
			found = args.p[i + 1];
	vec_free(&args);
	return found;
}

static str path_of(const struct value_input *in, const struct map *bytes)
{
	const str *here = in->kind == FROM_STORE ? map_get(bytes, in->digest) : NULL;

	return here ? *here : in->kind == FROM_SRC ? in->text : (str){0};
}

static bool add_inputs(struct ruling *r, const struct map *bytes, struct buf *names, struct buf *attributes)
{
	input_list inputs = {0};
	struct buf packages = {0};
	size_t sources = 0;
	bool ok = true;

	bytes_inputs(r->f, r->s, &inputs);
	for (size_t i = 0; i < inputs.n && ok; i++) {
		str path = path_of(&inputs.p[i], bytes);

		if (inputs.p[i].kind == FROM_DRV && str_find(inputs.p[i].text, '.') == inputs.p[i].text.n) {
			buf_fmt(names, ", %.*s", STR_ARG(inputs.p[i].text));
			buf_fmt(&packages, " %.*s", STR_ARG(inputs.p[i].text));
		} else if (path.p && !sources++) {
			buf_lit(attributes, "src = ./. + ");
			derivation_text(str_fmt(r->f->a, "/%.*s", STR_ARG(path)), attributes);
			buf_lit(attributes, "; ");
		} else {
			ok = refuse(r, "it takes more than packages and one file or folder");
		}
	}
	buf_fmt(attributes, "buildInputs = [%.*s ]; phases = [ %s\"buildPhase\" ]; ", STR_ARG(buf_view(&packages)),
			sources ? "\"unpackPhase\" " : "");
	vec_free(&inputs);
	buf_free(&packages);
	return ok;
}

static bool raw_expression(struct ruling *r, const struct map *bytes, struct buf *nix)
{
	struct fixing *f = r->f;
	str shell = shell_of(r);
	struct buf names = {0}, attributes = {0};
	bool ok;

	if (!shell.p)
		return refuse(r, "it has a builder of its own, which is no shell with a text");
	if (value_length(f, r->s->v, "outputs") > 1 || value_length(f, r->s->v, "env") || value_says(f, r->s->v, "__impure", true) ||
			value_fixes_output(r->f, r->s->v))
		return refuse(r, "it is a raw derivation with variables, several outputs or one with a hash, or one that is impure");
	if (str_find_str(shell, S("$inputs")) < shell.n || str_find_str(shell, S("${inputs")) < shell.n)
		return refuse(r, "its text looks its inputs up by their paths in the store");
	ok = add_inputs(r, bytes, &names, &attributes);
	buf_fmt(nix, "{ stdenv%.*s }: stdenv.mkDerivation { name = ", STR_ARG(buf_view(&names)));
	derivation_text(r->s->what, nix);
	buf_fmt(nix, "; %.*sbuildPhase = ", STR_ARG(buf_view(&attributes)));
	derivation_text(shell, nix);
	buf_lit(nix, "; }");
	buf_free(&names);
	buf_free(&attributes);
	return ok;
}

static bool expression_of(struct ruling *r, struct buf *nix)
{
	struct fixing *f = r->f;
	struct derivation_nix about;
	struct map bytes = {0};
	struct derivation_given given = {.bytes = &bytes, .read_only = true};
	instead_list instead = {0};
	struct diags diags = {0};
	bool ok = fits_machine(r) && find_bytes(r, &bytes);

	if (r->s->kind == SUBJECT_MK)
		instead_of_phases(r, &instead);
	given.instead = instead.p;
	given.ninstead = instead.n;
	if (ok && r->s->kind == SUBJECT_RAW)
		ok = raw_expression(r, &bytes, nix);
	else if (ok && !derivation_nix_of(f->s->dhall, f->typed, r->s->v, r->s->type, &given, &about, nix, &diags))
		ok = refuse(r, "%.*s", STR_ARG(diags_line(f->a, &diags)));
	diags_free(&diags);
	map_free(&bytes);
	vec_free(&instead);
	return ok;
}

/* ---- the rule ---- */

static bool convert(struct ruling *r, str nix)
{
	struct fixing *f = r->f;
	struct convert_request q = {.file = f->path, .text = nix, .folder = f->folder, .tables = f->tables, .ntables = f->ntables,
			.rows = f->siblings.p, .nrows = f->siblings.n};
	struct diags diags = {0};
	bool ok = convert_nix(&q, &r->report, &diags);

	if (!ok)
		(void)refuse(r, "%.*s", STR_ARG(diags_line(f->a, &diags)));
	else if (r->report.nleft && r->report.left[0].attribute.n)
		ok = refuse(r, "%.*s: %.*s", STR_ARG(r->report.left[0].attribute), STR_ARG(r->report.left[0].why));
	else if (r->report.nleft)
		ok = refuse(r, "%.*s", STR_ARG(r->report.left[0].why));
	else if (!r->report.ntargets)
		ok = refuse(r, "nothing of it is a target");
	diags_free(&diags);
	return ok;
}

/* ---- where it is written ---- */

/* S.make "a" … as S.make "name" …: others call it so. */
static str renamed(struct fixing *f, str call, str old, str name)
{
	str head, literal = dhalltext_quoted(f->a, old);
	size_t at = str_find(call, ' ') + 1;

	if (str_eq(old, name) || at >= call.n || !str_starts(str_from(call, at), literal))
		return call;
	head = str_upto(call, at);
	return str_fmt(f->a, "%.*s%.*s%.*s", STR_ARG(head), STR_ARG(dhalltext_quoted(f->a, name)), STR_ARG(str_from(call, at + literal.n)));
}

static str own_name(struct ruling *r)
{
	dh_val common;
	str name = {0};

	if (value_get(r->f, r->s->v, "common", &common))
		name = value_text(r->f, common, "name");
	return name.n ? str_dup(r->f->a, name) : r->s->what;
}

static bool put(struct ruling *r)
{
	struct fixing *f = r->f;
	const struct convert_report *c = &r->report;
	str call = c->calls[0];

	if (c->ntargets > 1 && !place_has_room(f, r->s))
		return refuse(r, "what it fetches is a target of its own, for which only a record of targets has room");
	if (r->s->kind == SUBJECT_TARGET)
		call = renamed(f, call, c->targets[0], own_name(r));
	place_target(f, r->s, call);
	for (size_t i = 1; i < c->ntargets; i++)
		place_another(f, r->s, c->targets[i], c->calls[i]);
	return true;
}

/* ---- what is told ---- */

static void tell_needs(struct ruling *r, const str *names, size_t n, const char *what)
{
	struct buf b = {0};

	for (size_t i = 0; i < n; i++)
		buf_fmt(&b, " %.*s", STR_ARG(names[i]));
	if (n)
		change(r->f, r->s, "%s%.*s", what, STR_ARG(buf_view(&b)));
	buf_free(&b);
}

static void tell_outputs(struct ruling *r)
{
	if (r->s->kind != SUBJECT_RAW && !value_says(r->f, r->s->v, "dontFixup", true))
		change(r->f, r->s, "what stdenv does behind the installation (stripping, patching of paths) is not done");
	if (r->s->kind != SUBJECT_TARGET && !value_is_none(r->f, r->s->v, "allowedReferences"))
		change(r->f, r->s, "it no longer says allowedReferences: it sees nothing but what it names");
}

/* What targets do in another way. */
static void tell_noted(struct ruling *r)
{
	for (size_t i = 0; i < r->report.nnoted; i++) {
		const struct convert_left *x = &r->report.noted[i];

		if (x->attribute.n)
			change(r->f, r->s, "%.*s: %.*s", STR_ARG(x->attribute), STR_ARG(x->why));
		else
			change(r->f, r->s, "%.*s", STR_ARG(x->why));
	}
}

static void tell(struct ruling *r)
{
	const struct convert_report *c = &r->report;
	size_t end = str_find(c->calls[0], ' ');

	change(r->f, r->s, "it becomes a target of the rule %.*s", STR_ARG(str_upto(c->calls[0], end)));
	for (size_t i = 1; i < c->ntargets; i++)
		change(r->f, r->s, "'%.*s' is a target of its own, of %.*s", STR_ARG(c->targets[i]),
				STR_ARG(str_upto(c->calls[i], str_find(c->calls[i], ' '))));
	tell_outputs(r);
	tell_noted(r);
	tell_needs(r, c->packages, c->npackages, "the toolchain \"cxx\" needs the packages");
	tell_needs(r, c->programs, c->nprograms, "the toolchain \"foreign\" needs the programs");
}

/* ---- nix-compat actions ---- */

str rule_wrapped(struct fixing *f, const struct subject *s)
{
	dh_val action, category, payload;
	text_list command = {0};
	str kind = {0}, expression = {0};
	sym name;

	if (s->kind != SUBJECT_TARGET || !value_get(f, s->v, "action", &action) || !value_get(f, action, "category", &category) ||
			!dh_case(f->s->dhall, category, &name, &payload) || name != intern_c("Custom") || !payload.v ||
			!dh_text(f->s->dhall, payload, &kind) || !str_eq(kind, S("nix-compat")))
		return expression;
	value_texts(f, action, "command", &command);
	if (command.n > 2 && str_eq(command.p[0], S("nix")) && str_eq(command.p[1], S("build")))
		expression = command.p[command.n - 1];
	vec_free(&command);
	return expression;
}

/* Does the expression say that it is for other machines only? */
static bool is_foreign(str expression)
{
	str rest = str_from(expression, str_find_str(expression, S("platforms = [")));

	rest = str_upto(rest, str_find(rest, ']'));
	return rest.n && str_find_str(rest, S("-linux")) < rest.n && str_find_str(rest, S("x86_64-linux")) == rest.n;
}

static bool expression_wrapped(struct ruling *r, struct buf *nix)
{
	str expression = rule_wrapped(r->f, r->s);

	buf_str(nix, expression);
	return !is_foreign(expression) ||
	       refuse(r, "it names platforms other than x86_64-linux, and a target of a rule is for the machine of the workspace");
}

bool rule_rewrite(struct fixing *f, const struct subject *s, str *name, str *why)
{
	struct ruling r = {.f = f, .s = s};
	struct buf nix = {0};
	bool ok;

	ok = (s->kind == SUBJECT_TARGET ? expression_wrapped(&r, &nix) : expression_of(&r, &nix)) && convert(&r, buf_view(&nix)) && put(&r);
	if (ok) {
		tell(&r);
		*name = str_dup(f->a, r.report.targets[0]);
	}
	*why = r.why;
	convert_end(&r.report);
	buf_free(&nix);
	return ok;
}
