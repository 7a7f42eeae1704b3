#include "dhall_repl.h"

static void offer(struct buf *names, str before, str name, str word)
{
	size_t start = names->n;

	buf_str(names, before);
	buf_str(names, name);
	if (str_starts(str_from(buf_view(names), start), word))
		buf_c(names, '\0');
	else
		names->n = start;
}

static const struct dhall_binding *binding(const struct repl *r, str name)
{
	for (size_t i = r->bindings.n; i-- > 0;)
		if (str_eq(r->bindings.p[i].name, name))
			return &r->bindings.p[i];
	return NULL;
}

/* The fields of what stands before the last dot. */
static void offer_fields(struct repl *r, str word, struct buf *names)
{
	size_t dot = word.n;
	str name, rest;
	const struct dhall_binding *b;
	dh_val v;
	sym field;

	while (word.p[dot - 1] != '.')
		dot--;
	str_cut(str_upto(word, dot - 1), '.', &name, &rest);
	b = binding(r, name);
	v = b ? dhall_eval(r->session, b->value) : (dh_val){NULL};
	while (v.v && rest.n) {
		str_cut(rest, '.', &name, &rest);
		if (!dh_field(r->session, v, intern(name), &v))
			return;
	}
	for (size_t i = 0; v.v && dh_kind(r->session, v) == DH_RECORD && i < dh_fields(r->session, v); i++) {
		dh_val ignored;

		if (dh_field_at(r->session, v, i, &field, &ignored))
			offer(names, str_upto(word, dot), sym_str(field), word);
	}
}

void repl_complete(void *ud, str line, str word, struct buf *names)
{
	struct repl *r = ud;
	size_t n;
	const char *const *words = dhall_words(&n);

	if (line.n && line.p[0] == ':' && line.n == word.n + 1) {
		for (size_t i = 0; i < r->nverbs; i++)
			offer(names, S(""), str_c(r->verbs[i]), word);
		return;
	}
	if (str_starts(line, S(":load ")) || (word.n && char_in(word.p[0], "./~")))
		return;
	if (str_find(word, '.') < word.n) {
		offer_fields(r, word, names);
		diags_free(&r->call->diags);
		repl_renew(r);
		return;
	}
	for (size_t i = 0; i < r->bindings.n; i++)
		offer(names, S(""), r->bindings.p[i].name, word);
	for (size_t i = 0; i < n; i++)
		offer(names, S(""), str_c(words[i]), word);
}
