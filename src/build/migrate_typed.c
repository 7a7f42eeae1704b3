/* Derivations that neither env, phases nor a path as builder can be taken from in place, as constrained derivations: their
 * phases in order become typed commands. */
#include "migrate_typing.h"

/* ---- the builder ---- */

static void flag_list(struct typing *t, const char *before, const char *name, const text_list *more, uint32_t indent, struct buf *out)
{
	text_list all = {0};

	typing_flags(t, name, &all);
	for (size_t i = 0; i < more->n; i++)
		vec_push(&all, more->p[i]);
	dhalltext_list(before, dhalltext_items(t->f->a, all.p, all.n), all.n, S("Text"), indent + 20, indent + 4, out);
	vec_free(&all);
}

/* A build system with its flags; false: the phases are commands. */
static bool builder_of_system(struct typing *t, uint32_t indent, struct buf *out)
{
	str function = value_text(t->f, t->s->v, "function");
	text_list configure = {0}, make = {0};

	if (t->s->kind != SUBJECT_MK || !t->standard.all || !str_eq(function, S("stdenv.mkDerivation")) ||
			typing_takes(t, "cmake") || typing_takes(t, "meson") || value_length(t->f, t->s->v, "patches"))
		return false;
	for (size_t i = 0; i < t->standard.configure.n; i++)
		vec_push(&configure, t->standard.configure.p[i]);
	for (size_t i = 0; i < t->env.configure.n; i++)
		vec_push(&configure, t->env.configure.p[i]);
	for (size_t i = 0; i < t->standard.make.n; i++)
		vec_push(&make, t->standard.make.p[i]);
	for (size_t i = 0; i < t->env.make.n; i++)
		vec_push(&make, t->env.make.p[i]);
	buf_fmt(out, "( %.*s.Builder.Autotools\n%*s", STR_ARG(t->module), (int)indent + 4, "");
	flag_list(t, "{ configureFlags = ", "configureFlags", &configure, indent + 4, out);
	buf_fmt(out, "\n%*s", (int)indent + 4, "");
	flag_list(t, ", makeFlags = ", "makeFlags", &make, indent + 4, out);
	buf_fmt(out, "\n%*s}\n%*s)", (int)indent + 4, "", (int)indent, "");
	vec_free(&configure);
	vec_free(&make);
	return true;
}

static bool builder_text(struct typing *t, uint32_t indent, struct buf *out)
{
	if (builder_of_system(t, indent, out))
		return true;
	if (!(t->s->kind == SUBJECT_RAW ? typing_raw(t) : typing_phases(t)))
		return false;
	buf_fmt(out, "( %.*s.Builder.Script\n%*s", STR_ARG(t->module), (int)indent + 4, "");
	commands_print(&t->commands, t->module, indent + 4, out);
	buf_fmt(out, "\n%*s)", (int)indent, "");
	return true;
}

static void inputs_text(struct typing *t, uint32_t indent, struct buf *out)
{
	dhalltext_list("", t->inputs.p, t->inputs.n, str_fmt(t->f->a, "%.*s.ConstrainedInput", STR_ARG(t->module)), indent, indent, out);
	if (!t->inputs.n) {
		str text = buf_take(out, t->f->a);

		buf_fmt(out, "(%.*s)", STR_ARG(text));
	}
}

/* ---- where it is written ---- */

/* Arguments of the maker that are replaced by the builder and the inputs; 0: the expression is replaced as a whole. */
static size_t first_replaced(const struct subject *s)
{
	if (s->site.maker == intern_c("mkDerivation") || s->site.maker == intern_c("mkHaskellPackage"))
		return s->site.narguments == 2 ? 1 : 0;
	if (s->site.maker == intern_c("buildRustPackage") || s->site.maker == intern_c("derivation"))
		return s->site.narguments == 3 ? 1 : 0;
	return 0;
}

static bool stays(sym name)
{
	static const char *const names[] = {"name", "system", "outputs", "allowedReferences"};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (name == intern_c(names[i]))
			return true;
	return false;
}

/* What only the old kind of record can say. */
static void tell_lost(struct typing *t)
{
	static const char *const represented[] = {
		"src", "buildInputs", "nativeBuildInputs", "propagatedBuildInputs", "patches", "configureFlags", "makeFlags", "env",
		"phases", "doCheck", "builder", "args", "inputs", "function", "unpackPhase", "patchPhase", "configurePhase",
		"buildPhase", "checkPhase", "installPhase", "fixupPhase", "installCheckPhase", "allowSubstitutes", "__impure", "cargoHash",
	};
	struct buf b = {0};

	for (size_t i = 0; i < t->s->site.nfields; i++) {
		sym name = t->s->site.fields[i].name;
		bool known = stays(name);

		for (size_t k = 0; k < SL_COUNT(represented); k++)
			known |= name == intern_c(represented[k]);
		if (!known && !t->s->site.fields[i].hidden)
			buf_fmt(&b, "%s%.*s", b.n ? ", " : "", STR_ARG(sym_str(name)));
	}
	change(t->f, t->s, "it becomes a constrained derivation%s%.*s", b.n ? " and no longer says " : "", STR_ARG(buf_view(&b)));
	buf_free(&b);
}

static void references(struct typing *t, struct reshape_field *out)
{
	text_list names = {0};

	references_of(t->f, t->s, &names);
	*out = (struct reshape_field){.name = intern_c("allowedReferences"), .kind = RESHAPE_SET, .before = "Some ",
			.items = dhalltext_items(t->f->a, names.p, names.n), .nitems = names.n, .type = S("Text")};
	vec_free(&names);
}

/* The outputs by name, where they are not the one that is there anyway. */
static bool output_names(struct typing *t, struct reshape_field *out)
{
	struct fixing *f = t->f;
	text_list names = {0};
	bool plain;

	if (!value_output_names(f, t->s->v, &names))
		return false;
	plain = names.n == 1 && str_eq(names.p[0], S("out"));
	*out = (struct reshape_field){.name = intern_c("outputs"), .kind = plain ? RESHAPE_DROP : RESHAPE_SET, .before = "",
			.items = dhalltext_items(f->a, names.p, names.n), .nitems = names.n, .type = S("Text")};
	vec_free(&names);
	return true;
}

static void change_fields(struct typing *t)
{
	VEC(struct reshape_field) changes = {0};
	struct reshape_field x;

	for (size_t i = 0; i < t->s->site.nfields; i++) {
		sym name = t->s->site.fields[i].name;
		bool known = false;

		for (size_t k = 0; k < changes.n; k++)
			known |= changes.p[k].name == name;
		if (!stays(name) && !known)
			vec_push(&changes, ((struct reshape_field){.name = name, .kind = RESHAPE_DROP}));
	}
	if (output_names(t, &x))
		vec_push(&changes, x);
	if (value_is_none(t->f, t->s->v, "allowedReferences")) {
		references(t, &x);
		vec_push(&changes, x);
	}
	reshape_fields(&t->f->edits, &t->s->site, changes.p, changes.n);
	vec_free(&changes);
}

static bool in_place(struct typing *t)
{
	const struct dh_site *site = &t->s->site;
	size_t first = first_replaced(t->s);
	uint32_t indent = reshape_column(t->f->text, site->base.lo) + 2, last;
	struct buf b = {0};
	str text;

	if (!first)
		return false;
	last = site->arguments[site->narguments - 1].hi;
	buf_fmt(&b, "\n%*s", (int)indent, "");
	if (!builder_text(t, indent, &b)) {
		buf_free(&b);
		t->ok = false;
		return true;
	}
	buf_fmt(&b, "\n%*s", (int)indent, "");
	text = buf_take(&b, t->f->a);
	inputs_text(t, indent, &b);
	text = str_fmt(t->f->a, "%.*s%.*s", STR_ARG(text), STR_ARG(buf_view(&b)));
	buf_free(&b);
	reshape_put(&t->f->edits, site->head.lo, site->head.hi, str_fmt(t->f->a, "%.*s.constrained", STR_ARG(t->module)));
	{
		uint32_t lo = site->arguments[first - 1].hi;

		reshape_put(&t->f->edits, lo, last, text);
	}
	change_fields(t);
	return true;
}

static void field_line(struct typing *t, const struct reshape_field *x, uint32_t indent, bool first, struct buf *out)
{
	struct buf b = {0};

	dhalltext_list(x->before, x->items, x->nitems, x->type, indent + 30, indent + 8, &b);
	buf_fmt(out, "\n%*s%s%.*s = %.*s", (int)indent, "", first ? "//  { " : "    , ", STR_ARG(sym_str(x->name)), STR_ARG(buf_view(&b)));
	buf_free(&b);
	(void)t;
}

/* The whole expression, by its value. */
static void anew(struct typing *t)
{
	const struct dh_site *site = &t->s->site;
	uint32_t column = reshape_column(t->f->text, site->bare.lo);
	struct buf b = {0};
	struct reshape_field refs, outs;
	text_list known = {0};
	bool first = true;

	buf_fmt(&b, "%.*s.constrained\n%*s", STR_ARG(t->module), (int)column + 2, "");
	dhall_spell_text(t->s->what, &b);
	buf_fmt(&b, "\n%*s", (int)column + 2, "");
	if (!builder_text(t, column + 2, &b)) {
		t->ok = false;
		buf_free(&b);
		return;
	}
	buf_fmt(&b, "\n%*s", (int)column + 2, "");
	{
		struct buf inputs = {0};

		inputs_text(t, column + 2, &inputs);
		buf_str(&b, buf_view(&inputs));
		buf_free(&inputs);
	}
	if (output_names(t, &outs) && outs.kind == RESHAPE_SET) {
		field_line(t, &outs, column, first, &b);
		first = false;
	}
	references(t, &refs);
	if (!value_is_none(t->f, t->s->v, "allowedReferences")) {
		dh_val v, inner, item;
		bool some = false;
		size_t n = 0;
		str text = {0};

		if (value_get(t->f, t->s->v, "allowedReferences", &v) && dh_optional(t->f->s->dhall, v, &some, &inner) && some &&
				dh_list(t->f->s->dhall, inner, &n))
			for (size_t i = 0; i < n; i++)
				if (dh_item(t->f->s->dhall, inner, i, &item) && dh_text(t->f->s->dhall, item, &text))
					vec_push(&known, str_dup(t->f->a, text));
		refs.items = dhalltext_items(t->f->a, known.p, known.n);
		refs.nitems = known.n;
		vec_free(&known);
	}
	field_line(t, &refs, column, first, &b);
	if (first)
		buf_lit(&b, " }");
	else
		buf_fmt(&b, "\n%*s}", (int)column + 4, "");
	reshape_put(&t->f->edits, site->bare.lo, site->bare.hi, buf_take(&b, t->f->a));
}

/* ---- */

/* Only what cannot be said in place is worth another kind of record. */
static bool is_needed(struct typing *t)
{
	struct fixing *f = t->f;
	const struct subject *s = t->s;
	str function = value_text(f, s->v, "function");
	bool odd = false;

	if (is_suppressed(f, s, LINT_PHASE) || is_suppressed(f, s, LINT_BUILDER) || is_suppressed(f, s, LINT_ENV) ||
			is_suppressed(f, s, LINT_SHELL))
		return false;
	if (s->kind == SUBJECT_RAW)
		return !str_starts(value_text(f, s->v, "builder"), S("builtin:"));
	if (s->kind != SUBJECT_MK)
		return false;
	odd = typing_is_odd(t);
	if (t->env.left.n && t->standard.all)
		return false; /* nothing says those */
	return odd || !t->standard.all || (t->env.blanks && str_eq(function, S("stdenv.mkDerivation")));
}

static bool is_possible(struct typing *t)
{
	str function = value_text(t->f, t->s->v, "function");
	bool odd = false;

	if (t->s->kind == SUBJECT_RAW && value_fixes_output(t->f, t->s->v)) {
		trouble(t->f, t->s, LINT_BUILDER, "its output has a hash, which a constrained derivation does not fix");
		return false;
	}
	odd = typing_is_odd(t);
	if (t->s->kind == SUBJECT_MK && odd) {
		trouble(t->f, t->s, LINT_PHASE, "what its own phase does is said nowhere");
		return false;
	}
	if (t->env.left.n) {
		trouble(t->f, t->s, LINT_ENV, "no setting says what '%.*s' does", STR_ARG(t->env.left.p[0]));
		return false;
	}
	if (t->s->kind == SUBJECT_MK && !str_eq(function, S("stdenv.mkDerivation"))) {
		trouble(t->f, t->s, LINT_PHASE, "the other phases are those of '%.*s', which have no typed form", STR_ARG(function));
		return false;
	}
	return true;
}

static void source_of(struct typing *t)
{
	dh_val v;
	str name = {0};

	if (t->s->kind == SUBJECT_MK && value_get(t->f, t->s->v, "src", &v)) {
		typing_input(t, v, &name);
		t->source = name;
	}
	typing_inputs(t, "patches");
	typing_inputs(t, "nativeBuildInputs");
	typing_inputs(t, "buildInputs");
	typing_inputs(t, "propagatedBuildInputs");
	typing_inputs(t, "inputs");
}

bool typed_rewrite(struct fixing *f, const struct subject *s)
{
	struct typing t = {.f = f, .s = s, .ok = true};
	bool done = false;
	size_t edits = f->edits.edits.n;

	standard_phases(f, s, &t.standard);
	env_moves(f, s, &t.standard, &t.env);
	if (is_needed(&t) && is_possible(&t)) {
		t.module = fixing_module(f, s);
		source_of(&t);
		typing_know(&t);
		if (t.ok && !in_place(&t))
			anew(&t);
		done = t.ok;
		if (!done)
			f->edits.edits.n = edits;
		else
			tell_lost(&t);
	}
	standard_end(&t.standard);
	env_end(&t.env);
	vec_free(&t.commands);
	vec_free(&t.inputs);
	vec_free(&t.names);
	vec_free(&t.values);
	return done;
}
