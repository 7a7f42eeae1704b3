/* Derivation: a call of `derivation` itself. */
#include "derivation.h"

static void set_hash(struct derivation *d, dh_val output)
{
	dh_val v;
	str hash;

	if (!der_some_in(d, output, "hash", &v))
		return;
	hash = der_read_text(d, v);
	der_set(d, "outputHash", der_line(d, hash));
	if (der_some_in(d, output, "hashAlgo", &v))
		der_set(d, "outputHashAlgo", der_line(d, der_read_text(d, v)));
	else if (str_find(hash, '-') == hash.n)
		der_set(d, "outputHashAlgo", S("\"sha256\""));
	if (der_some_in(d, output, "hashMode", &v) && str_eq(der_alternative(d, v), S("Recursive")))
		der_set(d, "outputHashMode", S("\"recursive\""));
}

/* The names; *path: an assertion that its output lies where it is said to, for each that says so. */
static void set_raw_outputs(struct derivation *d, struct buf *paths)
{
	dh_val list = der_get(d, d->value, "outputs"), item, v;
	size_t n = 0;
	str *names;

	(void)!dh_list(d->dhall, list, &n);
	names = arena_array(d->arena, str, n);
	for (size_t i = 0; i < n; i++) {
		if (!dh_item(d->dhall, list, i, &item))
			continue;
		names[i] = der_text_in(d, item, "name");
		if (der_some_in(d, item, "path", &v))
			buf_fmt(paths, "assert drv.%.*s.outPath == %.*s;\n", STR_ARG(der_key(d, names[i])),
					STR_ARG(der_line(d, der_read_text(d, v))));
		if (n == 1)
			set_hash(d, item);
		else if (der_some_in(d, item, "hash", &v))
			diag_hint(d->diags, der_refuse(d, "outputs", "'%.*s' has %zu outputs, and one of them a hash",
							STR_ARG(d->name), n), "Nix fixes a single output, \"out\"");
	}
	if (n == 0)
		diag_hint(d->diags, der_refuse(d, "outputs", "'%.*s' has no output", STR_ARG(d->name)),
				"most have one: `outputs = [ D.output \"out\" ]`");
	der_set_outputs(d, names, n);
}

void derivation_raw(struct derivation *d, struct buf *out)
{
	static const char *const references[] = {
		"allowedReferences", "allowedRequisites", "disallowedReferences", "disallowedRequisites",
	};
	dh_val inputs = der_get(d, d->value, "inputs");
	struct buf paths = {0};

	der_set_text(d, "name", der_text_in(d, d->value, "name"));
	der_set(d, "system", der_line(d, der_alternative(d, der_get(d, d->value, "system"))));
	der_set(d, "builder", der_line(d, der_text_in(d, d->value, "builder")));
	der_set_texts(d, "args", der_get(d, d->value, "args"));
	set_raw_outputs(d, &paths);
	der_set_inputs(d, "inputs", inputs);
	for (size_t i = 0; i < SL_COUNT(references); i++)
		der_set_references(d, references[i], &inputs, 1);
	der_set_true(d, "preferLocalBuild", der_bool_in(d, d->value, "preferLocalBuild"));
	der_set_false(d, "allowSubstitutes");
	der_set_true(d, "__impure", der_bool_in(d, d->value, "__impure"));
	der_set_env(d, false);
	if (paths.n)
		buf_lit(out, "let drv = ");
	der_call(d, S("derivation"), out);
	if (paths.n) {
		buf_lit(out, ";\nin ");
		buf_str(out, buf_view(&paths));
		buf_lit(out, "drv");
	}
	buf_free(&paths);
}
