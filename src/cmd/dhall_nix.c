#include "dhall_work.h"

static bool do_to_nix(struct dhall_work *w)
{
	dh_val v = dhall_eval(w->session, w->typed);
	const struct dh_term *t = v.v ? dhall_quote(w->session, v, false) : NULL;

	if (!t || !dhall_nix(w->session, t, &w->call->out))
		return false;
	buf_c(&w->call->out, '\n');
	return true;
}

DHALL_RUN(to_nix, 0, DHALL_CHECKED)

const struct command cmd_dhall_to_nix = {
	.name = "dhall to-nix",
	.usage = "[FILE | -]",
	.summary = "write a Dhall expression in the Nix language",
	.about = "Writes the normal form, functions too, as a Nix expression. Types become { }, None null, Some x is x, a value "
		 "of a union a function that takes a record of handlers. Names that Nix cannot have are spelled with quotes in "
		 "them. " DHALL_INPUT,
	.section = SECTION_LANGUAGE,
	.max = 1,
	.run = run_to_nix,
};
