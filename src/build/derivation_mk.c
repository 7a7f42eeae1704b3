/* MkDerivation: a call of a function of nixpkgs. */
#include "derivation.h"

/* ---- functions of nixpkgs ---- */

struct function {
	const char *name;
	bool checks;              /* doCheck is true when nothing is said */
	const char *const *takes; /* NULL: anything; all else is set in what it makes */
	const char *const (*names)[2]; /* what it calls otherwise */
};

static const char *const haskell_takes[] = {
	"pname", "version", "src", "patches", "patchPhase", "installPhase", "checkPhase", "configureFlags", "buildDepends",
	"buildTools", "libraryHaskellDepends", "doCheck", "dontStrip", "description", "license", "platforms", NULL,
};

static const char *const haskell_names[][2] = {
	{"buildInputs", "buildDepends"}, {"nativeBuildInputs", "buildTools"},
	{"propagatedBuildInputs", "libraryHaskellDepends"}, {NULL, NULL},
};

static const struct function functions[] = { /* the last one is any other */
	{"haskellPackages.mkDerivation", true, haskell_takes, haskell_names},
	{"rustPlatform.buildRustPackage", true, NULL, NULL},
	{"python3Packages.buildPythonPackage", true, NULL, NULL},
	{"python3Packages.buildPythonApplication", true, NULL, NULL},
	{"buildGoModule", true, NULL, NULL},
	{NULL, false, NULL, NULL},
};

static const struct function *function_of(str name)
{
	const struct function *f = functions;

	while (f->name && !str_eq(str_c(f->name), name))
		f++;
	return f;
}

static const char *called(const struct function *f, const char *name)
{
	for (size_t i = 0; f->names && f->names[i][0]; i++)
		if (strcmp(f->names[i][0], name) == 0)
			return f->names[i][1];
	return name;
}

static bool takes(const struct function *f, str name)
{
	if (!f->takes)
		return true;
	for (size_t i = 0; f->takes[i]; i++)
		if (str_eq(name, str_c(f->takes[i])))
			return true;
	return false;
}

/* ---- MkDerivation ---- */

static void set_name(struct derivation *d, const struct function *f)
{
	str name = der_text_in(d, d->value, "name");
	dh_val version;

	if (der_some_in(d, d->value, "version", &version)) {
		der_set(d, "pname", der_line(d, name));
		der_set(d, "version", der_line(d, der_read_text(d, version)));
		return;
	}
	if (f->takes && !d->given->read_only)
		diag_hint(d->diags, der_refuse(d, "name", "'%.*s' has no version, and %s asks for one", STR_ARG(name), f->name),
				"add `// { version = Some \"1.0\" }`");
	der_set(d, "name", der_line(d, name));
}

/* "Build" is buildPhase; a custom one is the name of a phase, or shell text, which gets a name. */
static str phase_name(struct derivation *d, dh_val v, size_t at)
{
	dh_val payload;
	str kind = sym_str(der_case(d, v, &payload)), text, name;

	if (!payload.v)
		return kind.n ? str_fmt(d->arena, "%c%.*sPhase", kind.p[0] | 0x20, STR_ARG(str_from(kind, 1))) : kind;
	text = der_read_text(d, payload);
	if (der_is_word(text))
		return text;
	name = str_fmt(d->arena, "customPhase%zu", at + 1);
	der_set_own(d, "phases", name, der_text(d, text), true);
	return name;
}

static void set_phases(struct derivation *d)
{
	dh_val list, item;
	size_t n = 0;
	str *names;

	if (!der_some_in(d, d->value, "phases", &list))
		return;
	(void)!dh_list(d->dhall, list, &n);
	names = arena_array(d->arena, str, n);
	for (size_t i = 0; i < n; i++)
		if (dh_item(d->dhall, list, i, &item))
			names[i] = phase_name(d, item, i);
	der_set(d, "phases", der_list_of_texts(d, names, n));
}

static void set_attrs(struct derivation *d)
{
	dh_val list = der_get(d, d->value, "attrs"), item;
	size_t n = 0;

	(void)!dh_list(d->dhall, list, &n);
	for (size_t i = 0; i < n; i++)
		if (dh_item(d->dhall, list, i, &item))
			der_set_own(d, "attrs", der_text_in(d, item, "mapKey"), der_raw(d, "attrs", der_get(d, item, "mapValue")), false);
}

static const str *platforms_of(struct derivation *d, dh_val meta, size_t *n)
{
	dh_val list = der_get(d, meta, "platforms"), item;
	str system = der_alternative(d, der_get(d, d->value, "system")), *out;

	*n = 0;
	(void)!dh_list(d->dhall, list, n);
	out = arena_array(d->arena, str, *n + 1);
	for (size_t i = 0; i < *n; i++)
		if (dh_item(d->dhall, list, i, &item))
			out[i] = der_alternative(d, item);
	if (!*n && !str_eq(system, S(DER_SYSTEM)))
		out[(*n)++] = system; /* nixpkgs says what is built on: all that can be said is what it is for */
	return out;
}

static void set_meta(struct derivation *d, const struct function *f)
{
	dh_val meta = der_get(d, d->value, "meta"), v;
	struct setting s[3];
	size_t n = 0, nplatforms;
	const str *platforms = platforms_of(d, meta, &nplatforms);

	if (der_some_in(d, meta, "description", &v))
		s[n++] = (struct setting){S("description"), der_line(d, der_read_text(d, v)), false};
	if (der_some_in(d, meta, "license", &v))
		s[n++] = (struct setting){S("license"), der_line(d, der_read_text(d, v)), false};
	if (nplatforms)
		s[n++] = (struct setting){S("platforms"), der_list_of_texts(d, platforms, nplatforms), false};
	for (size_t i = 0; f->takes && i < n; i++)
		der_set_own(d, "meta", s[i].name, s[i].expr, false);
	if (!f->takes && n)
		der_set(d, "meta", der_set_of(d, s, n, d->indent + 2));
}

static void set_checks(struct derivation *d, const struct function *f)
{
	bool check = der_bool_in(d, d->value, "doCheck");

	if (check != f->checks)
		der_set(d, "doCheck", check ? S("true") : S("false"));
	der_set_true(d, "dontFixup", der_bool_in(d, d->value, "dontFixup"));
	der_set_true(d, "dontStrip", der_bool_in(d, d->value, "dontStrip"));
}

static void set_all_inputs(struct derivation *d, const struct function *f)
{
	static const char *const lists[] = {"patches", "nativeBuildInputs", "buildInputs", "propagatedBuildInputs"};

	der_set(d, "src", der_input_value(d, "src", der_get(d, d->value, "src")));
	for (size_t i = 0; i < SL_COUNT(lists); i++)
		der_set_inputs(d, called(f, lists[i]), der_get(d, d->value, lists[i]));
}

static void set_limits(struct derivation *d)
{
	dh_val inputs[] = {
		der_get(d, d->value, "nativeBuildInputs"), der_get(d, d->value, "buildInputs"),
		der_get(d, d->value, "propagatedBuildInputs"),
	};

	der_set_references(d, "allowedReferences", inputs, SL_COUNT(inputs));
	der_set_false(d, "allowSubstitutes");
	der_set_true(d, "__impure", der_bool_in(d, d->value, "__impure"));
}

void derivation_mk(struct derivation *d, struct buf *out)
{
	static const char *const phases[] = {
		"unpackPhase", "patchPhase", "configurePhase", "buildPhase", "checkPhase", "installPhase", "fixupPhase",
		"installCheckPhase",
	};
	str function = der_text_in(d, d->value, "function");
	const struct function *f = function_of(function);
	str head = der_package(d, "function", function);
	size_t noutputs;
	const str *outputs = der_texts(d, der_get(d, d->value, "outputs"), &noutputs);

	set_name(d, f);
	set_all_inputs(d, f);
	der_set_outputs(d, outputs, noutputs);
	der_set_some_text(d, "cargoHash");
	der_set_texts(d, "configureFlags", der_get(d, d->value, "configureFlags"));
	der_set_texts(d, "makeFlags", der_get(d, d->value, "makeFlags"));
	set_phases(d);
	for (size_t i = 0; i < SL_COUNT(phases); i++)
		der_set_some_text(d, phases[i]);
	set_checks(d, f);
	set_limits(d);
	for (size_t i = 0; i < d->settings.n; i++)
		d->settings.p[i].late = !takes(f, d->settings.p[i].name);
	der_set_env(d, f->takes != NULL);
	set_attrs(d);
	set_meta(d, f);
	der_call(d, head, out);
}
