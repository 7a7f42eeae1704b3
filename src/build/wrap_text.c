#include "label.h"
#include "wrap_int.h"

#include <straylight/dhall.h>
#include <straylight/doors.h>

/* ---- Dhall ---- */

static void inputs(const struct wrapped *w, const char *module, struct buf *out)
{
	size_t n = 0;

	buf_lit(out, ", inputs = ");
	for (size_t i = 0; i < w->ninputs; i++) {
		buf_fmt(out, "%s%s.Input.Source ", n++ ? ", " : "[ ", module);
		dhall_spell_text(w->inputs[i], out);
	}
	for (size_t i = 0; i < w->nbytes; i++) {
		buf_fmt(out, "%s%s.Input.Artifact { name = ", n++ ? ", " : "[ ", module);
		dhall_spell_text(w->bytes[i].name, out);
		buf_lit(out, ", digest = ");
		dhall_spell_text(w->bytes[i].digest, out);
		buf_lit(out, " }");
	}
	if (n)
		buf_lit(out, " ]\n");
	else
		buf_fmt(out, "[] : List %s.Input\n", module);
}

static void outputs(const struct wrapped *w, struct buf *out)
{
	buf_lit(out, ", outputs = [ ");
	for (size_t i = 0; i < w->noutputs; i++) {
		buf_fmt(out, "%s{ name = ", i ? ", " : "");
		dhall_spell_text(w->outputs[i], out);
		buf_lit(out, ", binding = Some ");
		dhall_spell_text(w->outputs[i], out);
		buf_lit(out, " }");
	}
	buf_lit(out, " ]\n");
}

void wrap_call(const struct wrapped *w, const char *module, struct buf *out)
{
	buf_lit(out, "S.action ");
	dhall_spell_text(w->name, out);
	buf_fmt(out, " %s.Action::{ category = %s.ActionCategory.Custom \"nix-compat\"\n, identifier = ", module, module);
	dhall_spell_text(w->drv_name, out);
	inputs(w, module, out);
	outputs(w, out);
	buf_lit(out, ", command = [ \"nix\", \"build\", \"--no-link\", ");
	dhall_spell_text(w->expression, out);
	buf_fmt(out, " ]\n, env = [] : List %s.EnvVar, toolchain = None S.Toolchain.Toolchain }\n", module);
}

static void target(const struct wrapped *w, struct buf *out)
{
	dhall_spell_field(w->name, out);
	buf_lit(out, " = ");
	wrap_call(w, "Action", out);
}

static bool check_names(struct wrapping *w)
{
	for (size_t i = 0; i < w->all.n; i++) {
		str name = w->all.p[i].name;

		if (label_name_ok(name) && str_find(name, '`') == name.n)
			continue;
		diag_hint(w->diags, diag_error(w->diags, DIAG_WRAP_UNFIT, NO_SPAN, "'%.*s' cannot be the name of a target", STR_ARG(name)),
				"%s", label_name_rule);
		return false;
	}
	return true;
}

/* ---- what is written is right ---- */

static bool check_type(struct wrapping *w, str written)
{
	struct dhall_env env = doors_env(&w->arena);
	struct dhall_world *world = dhall_world_new(&env);
	struct dhall *d = dhall_open(world, w->diags);
	const struct dh_parsed *parsed = d ? dhall_parse(d, written, S("BUILD.dhall"), w->request->dir) : NULL;
	const struct dh_resolved *resolved = parsed ? dhall_resolve(d, parsed) : NULL;
	bool ok = resolved && dhall_check(d, resolved);

	if (d)
		dhall_close(d);
	dhall_world_free(world);
	return ok;
}

bool wrap_text(struct wrapping *w, struct buf *out)
{
	struct buf raw = {0}, laid = {0};
	bool ok = check_names(w);

	buf_fmt(&raw, "-- Derivations of %.*s, until rules take their place; `straylight wrap --nix` writes it anew.\n", STR_ARG(w->file));
	buf_lit(&raw, "let S = env:STRAYLIGHT_PRELUDE\nlet Action = S.Action\nin {\n");
	for (size_t i = 0; i < w->all.n; i++) {
		if (i)
			buf_lit(&raw, ", ");
		target(&w->all.p[i], &raw);
	}
	buf_lit(&raw, "}\n");
	ok = ok && dhall_format(buf_view(&raw), S("BUILD.dhall"), &laid, w->diags) && check_type(w, buf_view(&laid));
	if (ok)
		buf_str(out, buf_view(&laid));
	buf_free(&raw);
	buf_free(&laid);
	return ok;
}
