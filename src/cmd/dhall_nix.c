#include "dhall_nix.h"
#include "dhall_work.h"

#include <straylight/derivation.h>
#include <straylight/doors.h>

static bool write_value(struct dhall *s, const struct dh_typed *typed, struct buf *out)
{
	dh_val v = dhall_eval(s, typed);
	const struct dh_term *t = v.v ? dhall_quote(s, v, false) : NULL;

	if (!t || !dhall_nix(s, t, out))
		return false;
	buf_c(out, '\n');
	return true;
}

/* What is no derivation is a value. */
static bool write(struct dhall *s, const struct dh_typed *typed, struct derivation_nix *about, struct buf *out, struct diags *diags)
{
	*about = (struct derivation_nix){.form = derivation_form(s, dhall_type_of(s, typed))};
	if (about->form == DERIVATION_NONE)
		return write_value(s, typed, out);
	return derivation_nix(s, typed, about, out, diags);
}

static bool do_to_nix(struct dhall_work *w)
{
	struct derivation_nix about;

	return write(w->session, w->typed, &about, &w->call->out, &w->call->diags);
}

bool nix_of_dhall(struct call *c, str file, struct buf *out)
{
	struct dhall_env env = doors_env(&c->arena);
	struct dhall_world *world = dhall_world_new(&env);
	struct dhall *s = dhall_open(world, &c->diags);
	const struct dh_typed *typed = dhall_load(s, file);
	struct derivation_nix about;
	struct buf nix = {0};
	bool ok = typed && write(s, typed, &about, &nix, &c->diags);

	if (ok)
		derivation_call(&about, buf_view(&nix), out);
	buf_free(&nix);
	dhall_close(s);
	dhall_world_free(world);
	return ok;
}

DHALL_RUN(to_nix, 0, DHALL_CHECKED)

const struct command cmd_dhall_to_nix = {
	.name = "dhall to-nix",
	.usage = "[FILE | -]",
	.summary = "write a Dhall expression in the Nix language",
	.about = "Writes the normal form, functions too, as a Nix expression. Types become { }, None null, Some x is x, a value "
		 "of a union a function that takes a record of handlers. Names that Nix cannot have are spelled with quotes in "
		 "them. " DHALL_INPUT "\n"
		 "A derivation of the prelude's Derivation.dhall becomes what nixpkgs takes: a call of `derivation`, of "
		 "stdenv.mkDerivation or of another function of nixpkgs, as a function of the packages that it names; a record of derivations an "
		 "overlay. `builtins.toNix` texts are put in as they are, if they are Nix. The paths in it start from the "
		 "folder of FILE: write the result there. straylight-nix-instantiate(1) takes FILE itself.",
	.section = SECTION_LANGUAGE,
	.max = 1,
	.run = run_to_nix,
};
