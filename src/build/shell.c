#include "keys_int.h"

#include <stdlib.h>

#define USERLAND "userland"

bool shell_is(const struct build *b, sym label, uint32_t act)
{
	return b->shell.wanted && b->shell.label == label && b->shell.act == act;
}

static bool has_userland(const struct build *b, sym userland)
{
	for (uint32_t i = 0; i < b->workspace.settings.ntoolchains; i++)
		if (b->workspace.settings.toolchains[i].word == userland)
			return true;
	return false;
}

const sym *shell_words(const struct build *b, const sym *words, uint32_t *n, struct arena *a)
{
	sym userland = intern_c(USERLAND), *all;

	for (uint32_t i = 0; i < *n; i++)
		if (words[i] == userland)
			return words;
	if (!has_userland(b, userland))
		return words;
	all = arena_array(a, sym, *n + 1);
	if (*n)
		memcpy(all, words, *n * sizeof *all);
	all[(*n)++] = userland;
	return all;
}

static str find_shell(const struct action *a)
{
	for (uint32_t i = 0; i < a->ntoolchains; i++) {
		str path = toolchain_tool(a->toolchains[i], S("sh"));

		if (path.p)
			return path;
	}
	return (str){0};
}

static bool has_variable(const struct action *a, str name)
{
	for (uint32_t i = 0; i < a->nenv; i++)
		if (str_starts(a->env[i], name))
			return true;
	return false;
}

/* The action's own environment, and what a shell needs beyond it. */
static void add_environment(struct action *s, const struct action *a, struct arena *arena)
{
	const char *term = getenv("TERM");
	str *env = arena_array(arena, str, a->nenv + 4);

	if (a->nenv)
		memcpy(env, a->env, a->nenv * sizeof *env);
	if (term && !has_variable(a, S("TERM=")))
		env[s->nenv++] = str_fmt(arena, "TERM=%s", term);
	if (!has_variable(a, S("PATH=")))
		env[s->nenv++] = S("PATH=/usr/bin:/bin");
	if (!has_variable(a, S("HOME=")))
		env[s->nenv++] = S("HOME=/tmp");
	if (!has_variable(a, S("PS1=")))
		env[s->nenv++] = str_fmt(arena, "PS1=[%.*s] $ ", STR_ARG(a->name));
	s->env = env;
}

struct action *shell_action(const struct action *a, struct arena *arena, struct diags *diags)
{
	struct action *s = arena_make(arena, struct action);
	str *argv = arena_array(arena, str, 1);
	struct diag *d;

	*s = *a;
	argv[0] = find_shell(a);
	s->argv = argv;
	s->argc = 1;
	if (!argv[0].p) {
		d = diag_error(diags, DIAG_COMMAND_NOT_FOUND, NO_SPAN, "no toolchain of '%.*s' has a shell",
				STR_ARG(a->name));
		diag_hint(diags, d, "give the workspace a toolchain '" USERLAND "' with \"sh\" among its programs");
		return NULL;
	}
	add_environment(s, a, arena);
	return s;
}

int build_shell(struct build *b, sym label, uint32_t act, struct diags *diags)
{
	struct action_key key = {label, act};
	dice_id id;

	if (!build_ready(b, diags))
		return diags_exit(diags);
	b->shell = (struct shell){.wanted = true, .label = label, .act = act};
	id = dice_key(b->dice, &kind_action, &key);
	if (!build_ask(b, &id, 1, diags) && diags->errors)
		return diags_exit(diags);
	return b->shell.code;
}
