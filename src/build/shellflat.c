#include "shellflat.h"
#include "shellwords.h"

#include <ctype.h>

#define COMMANDS_MAX 4096       /* of a text, loops unrolled */
#define WORK_MAX (1u << 22)     /* bytes and pieces of all words, loops unrolled: eight nested ones multiply */

struct binding { /* of a loop around */
	str name, value;
	const struct binding *outer;
};

struct flattening {
	struct arena *a;
	struct flat_script *out;
	size_t work; /* done, in the units of WORK_MAX */
	VEC(struct flat_command) commands;
};

static bool fail(struct flattening *f, uint32_t at, const char *why)
{
	f->out->why = why;
	f->out->at = at;
	return false;
}

static bool is_name_start(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* ---- words ---- */

static const struct binding *bound(const struct binding *b, str name)
{
	while (b && !str_eq(b->name, name))
		b = b->outer;
	return b;
}

/* The first byte of what the piece leaves in the text; '\0' when that is not known. */
static char first_of(const struct shell_piece *p, const struct binding *b)
{
	const struct binding *value = p->kind == SHELL_VARIABLE ? bound(b, p->text) : NULL;
	str text = value ? value->value : p->text;

	if (p->kind == SHELL_VARIABLE && !value)
		return '$';
	return text.n ? text.p[0] : '\0';
}

static bool put_text(struct flattening *f, const struct shell_piece *p, uint32_t at, struct buf *out)
{
	for (size_t i = 0; i + 1 < p->text.n; i++)
		if (p->text.p[i] == '$' && (is_name_start(p->text.p[i + 1]) || p->text.p[i + 1] == '{'))
			return fail(f, at, "a quoted dollar sign");
	if (p->text.n && p->text.p[p->text.n - 1] == '$')
		return fail(f, at, "a quoted dollar sign");
	buf_str(out, p->text);
	return true;
}

static bool word(struct flattening *f, const struct shell_word *w, const struct binding *b, uint32_t at, str *out)
{
	struct buf text = {0};
	bool ok = true;

	for (size_t i = 0; i < w->n && ok; i++) {
		const struct shell_piece *p = &w->pieces[i];
		const struct binding *value = p->kind == SHELL_VARIABLE ? bound(b, p->text) : NULL;
		char next = i + 1 < w->n ? first_of(&w->pieces[i + 1], b) : ' ';

		if (p->kind == SHELL_GLOB)
			ok = fail(f, at, "a pattern");
		else if (p->kind == SHELL_TEXT)
			ok = put_text(f, p, at, &text);
		else if (value)
			buf_str(&text, value->value);
		else
			buf_fmt(&text, next == '\0' || is_name(next) ? "${%.*s}" : "$%.*s", STR_ARG(p->text));
	}
	f->work += text.n + w->n + 1;
	if (ok && f->work > WORK_MAX)
		ok = fail(f, at, "loops that multiply");
	*out = buf_take(&text, f->a);
	if (!out->p)
		*out = S("");
	return ok;
}

static bool has_variable(const struct shell_word *w)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->pieces[i].kind == SHELL_VARIABLE)
			return true;
	return false;
}

/* The text of a here-document: nothing in it is a variable's. */
static bool document(struct flattening *f, const struct shell_command *c, struct flat_command *out)
{
	struct buf b = {0};

	if (has_variable(&c->from))
		return fail(f, c->lo, "a here-document that is expanded");
	for (size_t i = 0; i < c->from.n; i++)
		buf_str(&b, c->from.pieces[i].text);
	f->work += b.n;
	out->input = buf_take(&b, f->a);
	if (!out->input.p)
		out->input = S("");
	out->document = true;
	return true;
}

/* ---- commands ---- */

static bool words(struct flattening *f, const struct shell_command *c, const struct binding *b, struct flat_command *out)
{
	str *all = arena_array(f->a, str, c->nwords + 1), *set = arena_array(f->a, str, c->nassignments + 1), value;

	for (size_t i = 0; i < c->nwords; i++)
		if (!word(f, &c->words[i], b, c->lo, &all[i]))
			return false;
	for (size_t i = 0; i < c->nassignments; i++) {
		if (!word(f, &c->assignments[i].value, b, c->lo, &value))
			return false;
		set[i] = str_fmt(f->a, "%.*s=%.*s", STR_ARG(c->assignments[i].name), STR_ARG(value));
	}
	out->words = all;
	out->nwords = c->nwords;
	out->assignments = set;
	out->nassignments = c->nassignments;
	return true;
}

static bool simple(struct flattening *f, const struct shell_command *c, const struct binding *b)
{
	struct flat_command out = {.at = c->lo, .append = c->output == SHELL_APPEND};

	if (!words(f, c, b, &out) || (c->input == SHELL_READ && !word(f, &c->from, b, c->lo, &out.input)) ||
			(c->input == SHELL_HERE && !document(f, c, &out)) ||
			(c->output && !word(f, &c->to, b, c->lo, &out.output)))
		return false;
	if (f->commands.n >= COMMANDS_MAX)
		return fail(f, c->lo, "a loop of many turns");
	vec_push(&f->commands, out);
	return true;
}

/* Loops are read to a depth of SHELL_DEPTH_MAX. */
static bool list(struct flattening *f, const struct shell_command *c, size_t n, const struct binding *b)
{
	for (size_t i = 0; i < n; i++) {
		struct binding turn = {.name = c[i].variable, .outer = b};

		if (!c[i].variable.p && !simple(f, &c[i], b))
			return false;
		for (size_t k = 0; c[i].variable.p && k < c[i].nwords; k++) {
			if (has_variable(&c[i].words[k]))
				return fail(f, c[i].lo, "a loop over a variable");
			if (!word(f, &c[i].words[k], b, c[i].lo, &turn.value) || !list(f, c[i].body, c[i].nbody, &turn))
				return false;
		}
	}
	return true;
}

bool flat_read(str text, struct arena *a, struct flat_script *out)
{
	struct flattening f = {.a = a, .out = out};
	const struct shell_command *commands;
	struct shell_bad bad;
	size_t n = 0;
	bool ok = shell_read(text, a, &commands, &n, &bad);

	*out = (struct flat_script){0};
	ok = ok ? list(&f, commands, n, NULL) : fail(&f, (uint32_t)bad.at, bad.why);
	if (ok && f.commands.n) {
		struct flat_command *all = arena_array(a, struct flat_command, f.commands.n);

		memcpy(all, f.commands.p, f.commands.n * sizeof *all);
		out->commands = all;
		out->n = f.commands.n;
	}
	vec_free(&f.commands);
	return ok;
}

/* ---- variables ---- */

str flat_expand(str text, struct arena *a, flat_name_fn *name, void *ud)
{
	struct buf b = {0};

	for (size_t at = 0; at < text.n;) {
		bool braced = at + 1 < text.n && text.p[at + 1] == '{';
		size_t lo = at + 1 + braced, hi = lo;
		str with;

		while (text.p[at] == '$' && hi < text.n && is_name(text.p[hi]))
			hi++;
		if (hi == lo || text.p[at] != '$') {
			buf_c(&b, text.p[at++]);
			continue;
		}
		with = name(ud, str_of(text.p + lo, hi - lo));
		hi += braced;
		if (with.p)
			buf_str(&b, with);
		else if (!braced && hi < text.n && text.p[hi] == '$') /* what stands there later may be a letter */
			buf_fmt(&b, "${%.*s}", (int)(hi - lo), text.p + lo);
		else
			buf_add(&b, text.p + at, hi - at);
		at = hi;
	}
	return buf_take(&b, a);
}
