/* ConstrainedDerivation: a call of stdenv.mkDerivation with what its builder says. */
#include "derivation.h"

static void set_shell(struct derivation *d, const char *phase, const char *text)
{
	der_set(d, phase, der_text(d, str_c(text)));
}

static void use(struct derivation *d, struct der_items *tools, const char *package)
{
	vec_push(&tools->list, der_package(d, "builder", str_c(package)));
}

static void set_script(struct derivation *d, str phase, bool sources)
{
	str names[] = {S("unpackPhase"), S("buildPhase")};

	der_set(d, "phases", der_list_of_texts(d, sources ? names : names + 1, sources ? 2 : 1));
	der_set(d, "buildPhase", phase);
}

static void set_cmake(struct derivation *d, dh_val v)
{
	str type = der_text_in(d, v, "buildType");

	der_set_texts(d, "cmakeFlags", der_get(d, v, "flags"));
	if (!str_eq(type, S("Release")))
		der_set(d, "cmakeBuildType", der_line(d, type));
}

static void set_builder(struct derivation *d, const str *outputs, size_t noutputs, bool sources, struct der_items *tools)
{
	dh_val v;
	sym kind = der_case(d, der_get(d, d->value, "builder"), &v);

	if (kind == intern_c("CMake")) {
		use(d, tools, "cmake");
		set_cmake(d, v);
	} else if (kind == intern_c("Autotools")) {
		der_set_texts(d, "configureFlags", der_get(d, v, "configureFlags"));
		der_set_texts(d, "makeFlags", der_get(d, v, "makeFlags"));
	} else if (kind == intern_c("Meson")) {
		use(d, tools, "meson");
		use(d, tools, "ninja");
		der_set_texts(d, "mesonFlags", der_get(d, v, "flags"));
	} else if (kind == intern_c("Cargo")) {
		use(d, tools, "cargo");
		use(d, tools, "rustc");
		set_shell(d, "buildPhase", "cargo build --release --frozen");
		set_shell(d, "installPhase", "cargo install --frozen --path . --root \"$out\"");
	} else if (kind == intern_c("Cabal")) {
		use(d, tools, "ghc");
		set_shell(d, "configurePhase", "runhaskell Setup configure --prefix=\"$out\"");
		set_shell(d, "buildPhase", "runhaskell Setup build");
		set_shell(d, "installPhase", "runhaskell Setup copy");
	} else if (kind == intern_c("Script")) {
		set_script(d, der_script(d, v, outputs, noutputs, tools), sources);
	} else if (kind == intern_c("NoBuilder")) {
		set_script(d, sources ? S("\"cp -R . \\\"$out\\\"\"") : S("\"mkdir \\\"$out\\\"\""), sources);
	}
}

static bool is_source(struct derivation *d, dh_val input)
{
	dh_val v;

	return der_case(d, input, &v) == intern_c("Store");
}

/* What is in the store is what is built, derivations are what it is built with. */
static size_t set_inputs(struct derivation *d, struct der_items *packages)
{
	dh_val list = der_get(d, d->value, "inputs"), item, only = {NULL};
	struct der_items sources = {0};
	size_t n = 0, found;

	(void)!dh_list(d->dhall, list, &n);
	for (size_t i = 0; i < n; i++) {
		if (!dh_item(d->dhall, list, i, &item))
			continue;
		if (is_source(d, item))
			only = item;
		der_input(d, "inputs", item, is_source(d, item) ? &sources : packages);
	}
	found = sources.list.n;
	if (found == 1)
		der_set(d, "src", der_input_value(d, "inputs", only));
	else if (found)
		der_set(d, "srcs", der_list(d, sources.list.p, found));
	vec_free(&sources.list);
	return found;
}

void derivation_constrained(struct derivation *d, struct buf *out)
{
	struct der_items packages = {0}, tools = {0};
	str head = der_package(d, "builder", S("stdenv.mkDerivation"));
	dh_val inputs = der_get(d, d->value, "inputs");
	size_t noutputs;
	const str *outputs = der_texts(d, der_get(d, d->value, "outputs"), &noutputs);
	str system = der_alternative(d, der_get(d, d->value, "system"));
	struct setting platforms = {S("platforms"), der_list_of_texts(d, &system, 1), false};

	der_set_text(d, "name", der_text_in(d, d->value, "name"));
	set_builder(d, outputs, noutputs, set_inputs(d, &packages) > 0, &tools);
	if (tools.list.n)
		der_set(d, "nativeBuildInputs", der_list(d, tools.list.p, tools.list.n));
	if (packages.list.n)
		der_set(d, "buildInputs", der_list(d, packages.list.p, packages.list.n));
	der_set_outputs(d, outputs, noutputs);
	der_set_references(d, "allowedReferences", &inputs, 1);
	if (!str_eq(system, S(DER_SYSTEM)))
		der_set(d, "meta", der_set_of(d, &platforms, 1, d->indent + 2));
	der_call(d, head, out);
	vec_free(&packages.list);
	vec_free(&tools.list);
}
