/* Phases as shell that do what stdenv does by itself, but for flags. */
#include "migrate_int.h"
#include "shellflat.h"

#include <ctype.h>

static bool is_ignored(const struct flat_command *c)
{
	static const char *const names[] = {"runHook", "true", ":", "set"};

	for (size_t i = 0; i < SL_COUNT(names) && c->nwords; i++)
		if (str_eq(c->words[0], str_c(names[i])))
			return !c->input.p && !c->output.p && !c->nassignments;
	return false;
}

/* The one command that has an effect; NULL: there is none, or more (*more). */
static const struct flat_command *only(const struct flat_script *s, bool *more)
{
	const struct flat_command *found = NULL;

	*more = false;
	for (size_t i = 0; i < s->n; i++) {
		if (is_ignored(&s->commands[i]))
			continue;
		*more = found != NULL;
		if (*more)
			return NULL;
		found = &s->commands[i];
	}
	return found;
}

static bool is_assignment(str word)
{
	size_t n = 0;

	while (n < word.n && (isalnum((unsigned char)word.p[n]) || word.p[n] == '_'))
		n++;
	return n > 0 && n < word.n && word.p[n] == '=' && !isdigit((unsigned char)word.p[0]);
}

static bool is_jobs(const struct flat_command *c, size_t *i)
{
	str x = c->words[*i];

	if (!str_starts(x, S("-j")) && !str_starts(x, S("-l")))
		return false;
	if (x.n == 2 && *i + 1 < c->nwords && (isdigit((unsigned char)c->words[*i + 1].p[0]) ||
							      str_eq(c->words[*i + 1], S("$NIX_BUILD_CORES"))))
		++*i;
	return true;
}

/* $out is $(out) to make; *other: there is another variable, or a blank in it, which a list of flags would split. */
static str for_make(struct fixing *f, str word, bool *other)
{
	struct buf b = {0};

	for (size_t i = 0; i < word.n; i++) {
		size_t n = i + 1;

		*other |= word.p[i] == ' ' || word.p[i] == '\t' || word.p[i] == '\n';
		if (word.p[i] != '$') {
			buf_c(&b, word.p[i]);
			continue;
		}
		while (n < word.n && (isalnum((unsigned char)word.p[n]) || word.p[n] == '_'))
			n++;
		*other |= !str_eq(str_of(word.p + i, n - i), S("$out"));
		buf_lit(&b, "$(out)");
		i = n - 1;
	}
	return buf_take(&b, f->a);
}

static bool add_once(text_list *list, str flag)
{
	str name, value, key, rest;

	str_cut(flag, '=', &name, &value);
	for (size_t i = 0; i < list->n; i++) {
		str_cut(list->p[i], '=', &key, &rest);
		if (str_eq(list->p[i], flag))
			return true;
		if (str_eq(key, name))
			return false;
	}
	vec_push(list, flag);
	return true;
}

/* make, with settings of variables, and the targets that stdenv makes anyway. */
static bool is_make(struct fixing *f, const struct flat_command *c, const char *target, struct standard *out)
{
	bool found = target == NULL, other = false, ok = true;

	if (c->nassignments || c->input.p || c->output.p || !c->nwords || !str_eq(c->words[0], S("make")))
		return false;
	for (size_t i = 1; i < c->nwords && ok; i++) {
		if (is_jobs(c, &i))
			continue;
		if (is_assignment(c->words[i])) {
			ok = add_once(&out->make, for_make(f, c->words[i], &other)) && !other;
		} else {
			ok = target && !found && str_eq(c->words[i], str_c(target));
			found = true;
		}
	}
	return ok && found;
}

static bool is_configure(struct fixing *f, const struct flat_command *c, struct standard *out)
{
	if (c->nassignments || c->input.p || c->output.p || !c->nwords || !str_eq(c->words[0], S("./configure")))
		return false;
	for (size_t i = 1; i < c->nwords; i++) {
		str x = c->words[i];

		if (str_eq(x, S("--prefix=$out")))
			continue;
		if (str_find(x, '$') < x.n || str_find(x, ' ') < x.n || x.p[0] != '-')
			return false;
		vec_push(&out->configure, x);
	}
	(void)f;
	return true;
}

bool standard_text(struct fixing *f, const char *phase, str text, struct standard *out)
{
	struct flat_script script;
	const struct flat_command *c;
	bool more;

	if (!flat_read(text, f->a, &script))
		return false;
	c = only(&script, &more);
	if (more)
		return false;
	if (str_eq(str_c(phase), S("fixupPhase")) && !c) {
		out->dont_fixup = true;
		return true;
	}
	if (!c)
		return false;
	if (str_eq(str_c(phase), S("checkPhase")))
		return is_make(f, c, "check", out);
	if (str_eq(str_c(phase), S("buildPhase")))
		return is_make(f, c, NULL, out);
	if (str_eq(str_c(phase), S("installPhase")))
		return is_make(f, c, "install", out);
	return str_eq(str_c(phase), S("configurePhase")) && is_configure(f, c, out);
}

static bool is_standard(struct fixing *f, const struct subject *s, const char *phase, str text, struct standard *out)
{
	if (str_eq(str_c(phase), S("installCheckPhase")) ||
			(str_eq(str_c(phase), S("checkPhase")) && !value_says(f, s->v, "doCheck", true)))
		return true; /* it is never run */
	return standard_text(f, phase, text, out);
}

void standard_phases(struct fixing *f, const struct subject *s, struct standard *out)
{
	static const char *const phases[] = {
		"unpackPhase", "patchPhase", "configurePhase", "buildPhase", "checkPhase", "installPhase", "fixupPhase",
		"installCheckPhase",
	};

	*out = (struct standard){.all = true};
	for (size_t i = 0; i < SL_COUNT(phases); i++) {
		str text = value_some(f, s->v, phases[i]);

		if (text.p)
			out->all &= is_standard(f, s, phases[i], text, out);
	}
}

void standard_end(struct standard *s)
{
	vec_free(&s->configure);
	vec_free(&s->make);
}
