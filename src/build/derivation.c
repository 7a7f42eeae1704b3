/* Which value is a derivation, what is read of one, and the whole expression: a function of packages, or an overlay. */
#include "derivation.h"

#include <straylight/dhall_marks.h>

#define WIDTH 100

/* ---- reading ---- */

struct span der_place(struct derivation *d, const char *attribute)
{
	struct span whole = dhall_span(d->typed);
	struct arena a = {0};
	struct dh_setting set;
	sym path[2];
	size_t n = 0;

	if (d->field)
		path[n++] = d->field;
	if (attribute)
		path[n++] = intern_c(attribute);
	if (n && dhall_setting(d->typed, path, n, &a, &set) && str_ends(set.path, source_name(whole.file))) {
		whole.lo = set.name.lo;
		whole.hi = set.name.hi;
	} else {
		whole.hi = whole.lo;
	}
	arena_clear(&a);
	return whole;
}

struct diag *der_refuse(struct derivation *d, const char *attribute, const char *fmt, ...)
{
	struct diag *diag;
	va_list args;

	va_start(args, fmt);
	diag = diag_verror(d->diags, DIAG_DERIVATION_FORM, der_place(d, attribute), fmt, args);
	va_end(args);
	d->failed = true;
	return diag;
}

/* The field is there: it has the type of Derivation.dhall, or the names of one by chance. */
static void misfit(struct derivation *d, const char *field)
{
	if (!d->failed)
		diag_hint(d->diags, der_refuse(d, field, "'%s' is of another type than in Derivation.dhall", field),
				"take `D.mkDerivation`, `D.derivation` or `D.constrained`, and set attributes with `//`");
}

dh_val der_get(struct derivation *d, dh_val record, const char *field)
{
	dh_val v = {NULL};

	if (!dh_field(d->dhall, record, intern_c(field), &v))
		misfit(d, field);
	return v;
}

str der_read_text(struct derivation *d, dh_val v)
{
	str s = {0};

	if (!v.v || !dh_text(d->dhall, v, &s))
		misfit(d, "text");
	return s;
}

str der_text_in(struct derivation *d, dh_val record, const char *field)
{
	dh_val v = der_get(d, record, field);
	str s = {0};

	if (!v.v || !dh_text(d->dhall, v, &s))
		misfit(d, field);
	return s;
}

bool der_bool_in(struct derivation *d, dh_val record, const char *field)
{
	dh_val v = der_get(d, record, field);
	bool is = false;

	if (!v.v || !dh_bool(d->dhall, v, &is))
		misfit(d, field);
	return is;
}

bool der_some_in(struct derivation *d, dh_val record, const char *field, dh_val *out)
{
	dh_val v = der_get(d, record, field);
	bool some = false;

	if (!v.v || !dh_optional(d->dhall, v, &some, out))
		misfit(d, field);
	return some;
}

const str *der_texts(struct derivation *d, dh_val list, size_t *n)
{
	dh_val item = {NULL};
	str *out;

	*n = 0;
	if (!list.v || !dh_list(d->dhall, list, n))
		misfit(d, "list");
	out = arena_array(d->arena, str, *n);
	for (size_t i = 0; i < *n; i++)
		if (dh_item(d->dhall, list, i, &item))
			out[i] = der_read_text(d, item);
	return out;
}

sym der_case(struct derivation *d, dh_val v, dh_val *payload)
{
	sym name = 0;

	payload->v = NULL;
	if (!v.v || !dh_case(d->dhall, v, &name, payload))
		misfit(d, "union");
	return name;
}

/* ---- which it is ---- */

struct kind {
	const char *const *fields;
	void (*write)(struct derivation *, struct buf *);
};

#define ALL_HAVE "name", "system"

static const char *const raw_fields[] = {
	ALL_HAVE, "builder", "args", "env", "inputs", "outputs", "allowedReferences", "allowedRequisites",
	"disallowedReferences", "disallowedRequisites", "preferLocalBuild", "allowSubstitutes", "__impure", NULL,
};

static const char *const mk_fields[] = {
	ALL_HAVE, "version", "function", "src", "buildInputs", "nativeBuildInputs", "propagatedBuildInputs", "patches",
	"configureFlags", "makeFlags", "env", "attrs", "phases", "unpackPhase", "patchPhase", "configurePhase", "buildPhase",
	"checkPhase", "installPhase", "fixupPhase", "installCheckPhase", "doCheck", "dontFixup", "dontStrip", "outputs",
	"allowedReferences", "allowSubstitutes", "__impure", "cargoHash", "meta", NULL,
};

static const char *const constrained_fields[] = {ALL_HAVE, "builder", "inputs", "outputs", "allowedReferences", NULL};

static const struct kind kinds[] = {
	{raw_fields, derivation_raw}, {mk_fields, derivation_mk}, {constrained_fields, derivation_constrained},
};

static bool has_all(struct dhall *dhall, dh_val type, const char *const *fields)
{
	dh_val field;
	size_t n = 0;

	while (fields[n])
		n++;
	if (dh_type_fields(dhall, type) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!dh_type_field(dhall, type, intern_c(fields[i]), &field))
			return false;
	return true;
}

static const struct kind *kind_of(struct dhall *dhall, dh_val type)
{
	for (size_t i = 0; i < SL_COUNT(kinds); i++)
		if (has_all(dhall, type, kinds[i].fields))
			return &kinds[i];
	return NULL;
}

enum derivation_form derivation_form(struct dhall *dhall, dh_val type)
{
	size_t n = dh_type_fields(dhall, type);
	dh_val field;
	sym name;

	if (kind_of(dhall, type))
		return DERIVATION_ONE;
	for (size_t i = 0; i < n; i++)
		if (!dh_type_field_at(dhall, type, i, &name, &field) || !kind_of(dhall, field))
			return DERIVATION_NONE;
	return n ? DERIVATION_SET : DERIVATION_NONE;
}

/* ---- functions of packages ---- */

static void parameters(const struct derivation *d, struct buf *out)
{
	size_t width = d->indent + 4;
	bool flat;

	for (size_t i = 0; i < d->packages.n; i++)
		width += d->packages.p[i].n + 2;
	flat = width <= WIDTH;
	buf_c(out, '{');
	for (size_t i = 0; i < d->packages.n; i++) {
		buf_fmt(out, "%s%*s%.*s", flat ? "" : "\n", flat ? 1 : (int)d->indent + 2, "", STR_ARG(d->packages.p[i]));
		buf_str(out, flat && i + 1 == d->packages.n ? S("") : S(","));
	}
	buf_fmt(out, "%s%*s}:\n", flat ? "" : "\n", flat ? 1 : (int)d->indent, "");
}

static void end(struct derivation *d)
{
	vec_free(&d->packages);
	vec_free(&d->settings);
	map_free(&d->has);
	map_free(&d->set);
}

/* One more derivation; `like` has what all of the file share. */
static bool begin(struct derivation *d, const struct derivation *like, dh_val v, sym field, unsigned indent)
{
	dh_val name;
	str text = {0};

	*d = *like;
	d->value = v;
	d->field = field;
	d->indent = indent;
	if (dh_field(d->dhall, v, intern_c("name"), &name) && dh_text(d->dhall, name, &text))
		d->name = text;
	return text.p != NULL;
}

static bool write_as(struct derivation *d, dh_val type, struct buf *out)
{
	kind_of(d->dhall, type)->write(d, out);
	return !d->failed;
}

static bool write_one(const struct derivation *like, dh_val v, dh_val type, struct derivation_nix *about, struct buf *out)
{
	struct derivation d;
	struct buf body = {0};
	bool ok = begin(&d, like, v, 0, 0) && write_as(&d, type, &body);

	about->function = about->packages = d.packages.n > 0;
	if (d.packages.n) {
		parameters(&d, out);
		buf_c(out, '\n');
	}
	buf_str(out, buf_view(&body));
	buf_c(out, '\n');
	buf_free(&body);
	end(&d);
	return ok;
}

/* ---- overlays ---- */

/* A member that needs what it replaces needs the previous one. */
static bool needs_itself(const struct derivation *d)
{
	return map_has(&d->has, sym_str(d->field));
}

/* What callPackage is given from elsewhere: all but the record's own. */
static void note_packages(const struct derivation *d, dh_val set, struct derivation_nix *about)
{
	dh_val own;

	about->packages |= needs_itself(d);
	for (size_t i = 0; i < d->packages.n; i++)
		about->packages |= !dh_field(d->dhall, set, intern(d->packages.p[i]), &own);
}

static bool write_member(const struct derivation *like, dh_val set, sym name, dh_val v, dh_val type, struct derivation_nix *about,
		struct buf *out)
{
	struct derivation d;
	struct buf body = {0};
	bool ok = begin(&d, like, v, name, 4) && write_as(&d, type, &body);

	buf_fmt(out, "  %.*s = ", STR_ARG(der_key(&d, sym_str(name))));
	if (d.packages.n) {
		buf_lit(out, "final.callPackage (\n    ");
		parameters(&d, out);
		buf_lit(out, "    ");
		buf_str(out, buf_view(&body));
		if (needs_itself(&d))
			buf_fmt(out, "\n  ) { inherit (prev) %.*s; };\n", STR_ARG(sym_str(name)));
		else
			buf_lit(out, "\n  ) { };\n");
	} else if (ok) {
		end(&d);
		body.n = 0;
		ok = begin(&d, like, v, name, 2) && write_as(&d, type, &body);
		buf_str(out, buf_view(&body));
		buf_lit(out, ";\n");
	}
	note_packages(&d, set, about);
	buf_free(&body);
	end(&d);
	return ok;
}

static bool write_set(const struct derivation *like, dh_val set, dh_val type, struct derivation_nix *about, struct buf *out)
{
	size_t n = dh_fields(like->dhall, set);
	bool ok = true;

	buf_lit(out, "final: prev: {\n");
	for (size_t i = 0; i < n; i++) {
		dh_val v, of;
		sym name;

		ok &= dh_field_at(like->dhall, set, i, &name, &v) && dh_type_field(like->dhall, type, name, &of) &&
				write_member(like, set, name, v, of, about, out);
	}
	buf_lit(out, "}\n");
	return ok;
}

/* ---- */

bool derivation_nix_of(struct dhall *dhall, const struct dh_typed *typed, dh_val v, dh_val type, const struct derivation_given *given,
		struct derivation_nix *about, struct buf *out, struct diags *diags)
{
	struct arena arena = {0};
	struct derivation like = {.dhall = dhall, .typed = typed, .diags = diags, .arena = &arena, .given = given};
	bool ok;

	*about = (struct derivation_nix){.form = derivation_form(dhall, type)};
	if (about->form == DERIVATION_ONE)
		ok = write_one(&like, v, type, about, out);
	else
		ok = about->form == DERIVATION_SET && write_set(&like, v, type, about, out);
	arena_clear(&arena);
	return ok;
}

bool derivation_nix(struct dhall *dhall, const struct dh_typed *typed, struct derivation_nix *about, struct buf *out,
		struct diags *diags)
{
	static const struct derivation_given nothing;

	return derivation_nix_of(dhall, typed, dhall_eval(dhall, typed), dhall_type_of(dhall, typed), &nothing, about, out, diags);
}

/* nixpkgs takes overlays since 2017; before that, a function of the configuration. */
#define WITH_NIXPKGS "let nixpkgs = import <nixpkgs>; overlay = (%.*s); in builtins.intersectAttrs (overlay { } { }) " \
		"(if builtins.functionArgs nixpkgs ? overlays then nixpkgs { overlays = [ overlay ]; } " \
		"else nixpkgs { config.packageOverrides = pkgs: overlay pkgs pkgs; })"
#define WITHOUT "let overlay = (%.*s); own = overlay (own // { callPackage = f: args: f (builtins.intersectAttrs " \
		"(builtins.functionArgs f) own // args); }) { }; in own"

void derivation_call(const struct derivation_nix *about, str nix, struct buf *out)
{
	if (about->form == DERIVATION_SET)
		buf_fmt(out, about->packages ? WITH_NIXPKGS : WITHOUT, STR_ARG(nix));
	else if (about->function)
		buf_fmt(out, "(import <nixpkgs> { }).callPackage (%.*s) { }", STR_ARG(nix));
	else
		buf_str(out, nix);
}
