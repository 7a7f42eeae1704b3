/* match and split. */
#include "builtin.h"
#include "regex.h"

static const struct regex *compiled(struct nix *x, struct val *v, const char *what)
{
	str pattern = want_plain(x, v, what);
	bool fresh;
	void **slot = map_slot(&x->regexes, pattern, &fresh);
	const char *why = NULL;

	if (*slot)
		return *slot;
	*slot = regex_new(pattern, &why);
	if (!*slot)
		fail(x, DIAG_NIX_VALUE, NULL, "the regular expression '%.*s' is wrong: %s", STR_ARG(pattern), why);
	return *slot;
}

void regexes_free(struct nix *x)
{
	for (size_t i = 0; i < x->regexes.n; i++)
		regex_free(x->regexes.entries[i].value);
}

/* Groups that took no part are null. */
static struct val **groups(struct nix *x, const struct regex *r, str s, const size_t *at)
{
	struct val **items = items_new(x, regex_groups(r));

	for (uint32_t i = 1; i <= regex_groups(r); i++)
		items[i - 1] = at[2 * i] == REGEX_NONE || at[2 * i + 1] == REGEX_NONE ? &x->v_null :
				str_cell(x, str_of(s.p + at[2 * i], at[2 * i + 1] - at[2 * i]));
	return items;
}

static size_t *positions(struct nix *x, const struct regex *r)
{
	return raw(x, ((size_t)regex_groups(r) + 1) * 2 * sizeof(size_t));
}

void builtin_match(struct nix *x, struct val **args, struct val *out)
{
	const struct regex *r = compiled(x, args[0], "match");
	str s = want_str(x, args[1], "match");
	size_t *at = positions(x, r);

	nix_cost(x, regex_cost(r, s.n));
	if (regex_find(r, s, 0, REGEX_WHOLE | REGEX_HERE, at))
		val_list(out, groups(x, r, s, at), regex_groups(r));
	else
		val_null(out);
}

/* The next match behind the last one: an empty match is followed by one that is not, or by a byte. */
static bool next_match(const struct regex *r, str s, bool first, size_t *at)
{
	size_t from = first ? 0 : at[1];

	if (!first && at[0] == at[1]) {
		if (from == s.n)
			return false;
		if (regex_find(r, s, from, REGEX_HERE | REGEX_NOT_EMPTY, at))
			return true;
		from++;
	}
	return regex_find(r, s, from, 0, at);
}

static void push(struct nix *x, struct val *v)
{
	vec_push(&x->items, v);
}

void builtin_split(struct nix *x, struct val **args, struct val *out)
{
	const struct regex *r = compiled(x, args[0], "split");
	str s = want_str(x, args[1], "split");
	size_t *at = positions(x, r), end = 0, n;
	struct val **items;

	x->items.n = 0; /* nothing else runs while this does */
	nix_cost(x, regex_cost(r, s.n));
	while (next_match(r, s, end == 0 && x->items.n == 0, at)) {
		push(x, str_cell(x, str_of(s.p + end, at[0] - end)));
		push(x, list_cell(x, groups(x, r, s, at), regex_groups(r)));
		end = at[1];
	}
	push(x, x->items.n ? str_cell(x, str_from(s, end)) : args[1]);
	n = x->items.n;
	items = items_new(x, n);
	memcpy(items, x->items.p, n * sizeof *items);
	val_list(out, items, n);
}
