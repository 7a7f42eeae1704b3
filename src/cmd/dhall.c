#include "dhall_work.h"

struct args {
	bool alpha, no_check, explain;
};

/* ---- the commands ---- */

static const struct args *args_of(const struct dhall_work *w)
{
	return w->call->options;
}

static bool do_eval(struct dhall_work *w)
{
	dh_val v = w->typed ? dhall_eval(w->session, w->typed) : dhall_eval_unchecked(w->session, w->resolved);

	return dhall_work_print(w, v, args_of(w)->alpha);
}

static bool do_type(struct dhall_work *w)
{
	return w->call->common.quiet || dhall_work_print(w, dhall_type_of(w->session, w->typed), false);
}

static bool do_hash(struct dhall_work *w)
{
	unsigned char hash[32];
	char hex[65];

	if (!dhall_hash(w->session, dhall_eval(w->session, w->typed), hash))
		return false;
	hex_of(hash, sizeof hash, hex);
	buf_fmt(&w->call->out, "sha256:%s\n", hex);
	return true;
}

static int run_eval(struct call *c)
{
	const struct args *a = c->options;

	c->explain = a->explain;
	return dhall_work(c, 0, a->no_check ? DHALL_RESOLVED : DHALL_CHECKED, do_eval);
}

static int run_type(struct call *c)
{
	c->explain = ((const struct args *)c->options)->explain;
	return dhall_work(c, 0, DHALL_CHECKED, do_type);
}

static int run_hash(struct call *c)
{
	c->explain = ((const struct args *)c->options)->explain;
	return dhall_work(c, 0, DHALL_CHECKED, do_hash);
}

static const struct option explain_options[] = {
	DHALL_EXPLAIN(struct args),
};

static const struct option eval_options[] = {
	FLAG(struct args, alpha, 0, "alpha", "rename every bound variable to _"),
	FLAG(struct args, no_check, 0, "no-check", "do not check types: for terms with free variables"),
	DHALL_EXPLAIN(struct args),
};

const struct command cmd_dhall_eval = {
	.name = "dhall eval",
	.usage = "[FILE | -]",
	.summary = "print the normal form of a Dhall expression",
	.about = "Resolves imports, checks types, and prints the normal form. " DHALL_INPUT "\n"
		 "env:STRAYLIGHT_PRELUDE is the prelude of this program unless a variable of that name is set.",
	.section = SECTION_LANGUAGE,
	.max = 1,
	COMMAND_OPTIONS(eval_options, struct args),
	.run = run_eval,
};

const struct command cmd_dhall_type = {
	.name = "dhall type",
	.usage = "[FILE | -]",
	.summary = "print the type of a Dhall expression",
	.about = "Resolves imports, checks types, and prints the type; with --quiet it only checks. " DHALL_INPUT,
	.section = SECTION_LANGUAGE,
	.max = 1,
	COMMAND_OPTIONS(explain_options, struct args),
	.run = run_type,
};

const struct command cmd_dhall_hash = {
	.name = "dhall hash",
	.usage = "[FILE | -]",
	.summary = "print the semantic hash of a Dhall expression",
	.about = "Prints sha256:… of the normal form, as it stands after an import that is pinned. " DHALL_INPUT,
	.section = SECTION_LANGUAGE,
	.max = 1,
	COMMAND_OPTIONS(explain_options, struct args),
	.run = run_hash,
};
