/* Derivations in Dhall, by their fields. */
#include "lint_judge.h"

#include <ctype.h>

/* ---- reading ---- */

static bool says(struct judge *j, dh_val record, const char *name, bool wanted)
{
	dh_val v;
	bool is = false;

	return judge_get(j, record, name, &v) && dh_bool(j->s->dhall, v, &is) && is == wanted;
}

static size_t length(struct judge *j, dh_val record, const char *name)
{
	dh_val v;
	size_t n = 0;

	return judge_get(j, record, name, &v) && dh_list(j->s->dhall, v, &n) ? n : 0;
}

/* ---- derivations ---- */

static void judge_outputs(struct judge *j, dh_val v)
{
	dh_val outputs, item;
	size_t n = 0;

	if (!judge_get(j, v, "outputs", &outputs) || !dh_list(j->s->dhall, outputs, &n))
		return;
	if (n == 0)
		FIND(j, LINT_OUTPUT, intern_c("outputs"), "'%.*s' names no output", STR_ARG(j->what));
	for (size_t i = 0; i < n; i++) {
		str text = {0};

		if (!dh_item(j->s->dhall, outputs, i, &item))
			continue;
		if (!dh_text(j->s->dhall, item, &text))
			text = judge_text_in(j, item, "name");
		if (!text.n)
			FIND(j, LINT_OUTPUT, intern_c("outputs"), "'%.*s' has an output without a name", STR_ARG(j->what));
	}
}

/* What all kinds of derivations may say is all that phase 1 leaves. */
void judge_constrained(struct judge *j, dh_val v)
{
	if (!j->f->in_toolchains)
		FIND(j, LINT_UNWRAPPED, 0, "derivation '%.*s' is neither a target nor wrapped as one", STR_ARG(j->what));
	else
		FIND(j, LINT_NIX, 0, "derivation '%.*s' is built by Nix", STR_ARG(j->what));
	if (length(j, v, "env"))
		FIND(j, LINT_ENV, intern_c("env"), "'%.*s' sets environment variables", STR_ARG(j->what));
	if (says(j, v, "allowSubstitutes", false))
		FIND(j, LINT_SUBSTITUTES, intern_c("allowSubstitutes"), "'%.*s' may not come from a cache", STR_ARG(j->what));
	if (says(j, v, "__impure", true))
		FIND(j, LINT_IMPURE, intern_c("__impure"), "'%.*s' is declared impure", STR_ARG(j->what));
	if (judge_is_none(j, v, "allowedReferences"))
		FIND(j, LINT_REFERENCES, intern_c("allowedReferences"), "outputs of '%.*s' may refer to anything",
				STR_ARG(j->what));
	judge_outputs(j, v);
	judge_value(j, 0, v, 0);
}

static void judge_phase(struct judge *j, dh_val v, const char *name)
{
	dh_val phase, inner;
	bool some = false;
	str text = {0};

	if (!judge_get(j, v, name, &phase) || !dh_optional(j->s->dhall, phase, &some, &inner) || !some)
		return;
	FIND(j, LINT_PHASE, intern_c(name), "%s of '%.*s' is shell text", name, STR_ARG(j->what));
	if (!j->f->in_toolchains)
		FIND(j, LINT_PHASE_SHELL, intern_c(name), "%s of '%.*s' is shell text", name, STR_ARG(j->what));
	if (dh_text(j->s->dhall, inner, &text) && lint_uses_network(text))
		FIND(j, LINT_NETWORK, intern_c(name), "%s of '%.*s' uses the network", name, STR_ARG(j->what));
}

/* A phase of one's own is the name of one, or shell. */
static void judge_custom_phase(struct judge *j, str text)
{
	sym phases = intern_c("phases");

	FIND(j, LINT_PHASE, phases, "'%.*s' has a phase of its own", STR_ARG(j->what));
	if (!j->f->in_toolchains && str_find(text, ' ') < text.n)
		FIND(j, LINT_PHASE_SHELL, phases, "a phase of '%.*s' is shell text", STR_ARG(j->what));
	if (lint_uses_network(text))
		FIND(j, LINT_NETWORK, phases, "a phase of '%.*s' uses the network", STR_ARG(j->what));
}

static void judge_phase_list(struct judge *j, dh_val v)
{
	dh_val phases, list, item, payload;
	bool some = false;
	size_t n = 0;
	sym name;
	str text;

	if (!judge_get(j, v, "phases", &phases) || !dh_optional(j->s->dhall, phases, &some, &list) || !some ||
			!dh_list(j->s->dhall, list, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (dh_item(j->s->dhall, list, i, &item) && dh_case(j->s->dhall, item, &name, &payload) && payload.v &&
				dh_text(j->s->dhall, payload, &text))
			judge_custom_phase(j, text);
}

/* The function that gets it all: a name in nixpkgs, or an expression. */
static void judge_function(struct judge *j, dh_val v)
{
	str function = judge_text_in(j, v, "function");

	for (size_t i = 0; i < function.n; i++)
		if (!isalnum((unsigned char)function.p[i]) && !char_in(function.p[i], "._-'")) {
			FIND(j, LINT_NIX_TEXT, intern_c("function"), "'%.*s' has Nix as text: %.*s", STR_ARG(j->what),
					STR_ARG(str_upto(function, 60)));
			return;
		}
}

void judge_mk(struct judge *j, dh_val v)
{
	static const char *const phases[] = {
		"unpackPhase", "patchPhase", "configurePhase", "buildPhase", "checkPhase", "installPhase", "fixupPhase",
		"installCheckPhase",
	};

	judge_constrained(j, v);
	judge_function(j, v);
	judge_phase_list(j, v);
	for (size_t i = 0; i < SL_COUNT(phases); i++)
		judge_phase(j, v, phases[i]);
}

void judge_raw(struct judge *j, dh_val v)
{
	str builder = judge_text_in(j, v, "builder");

	judge_constrained(j, v);
	if (builder.p && !str_starts(builder, S("builtin:")))
		FIND(j, LINT_BUILDER, intern_c("builder"), "'%.*s' is built by the path '%.*s'", STR_ARG(j->what),
				STR_ARG(builder));
	judge_command(j, intern_c("args"), builder, v, "args");
}
