/* Builtins of strings and versions. */
#include "builtin.h"

void builtin_to_string(struct nix *x, struct val **args, struct val *out)
{
	const struct context *c = NULL;
	const struct text *t = coerce_text(x, args[0], COERCE_MORE, &c, call_site(x));

	val_text(out, t, c);
}

void builtin_string_length(struct nix *x, struct val **args, struct val *out)
{
	const struct context *c = NULL;

	val_int(out, (int64_t)coerce_text(x, args[0], COERCE_COPY, &c, call_site(x))->n);
}

void builtin_substring(struct nix *x, struct val **args, struct val *out)
{
	int64_t from = want_int(x, args[0], "substring"), n = want_int(x, args[1], "substring");
	const struct context *c = NULL;
	const struct text *t;
	str s;

	if (from < 0)
		fail(x, DIAG_NIX_VALUE, NULL, "substring: the start %lld is negative", (long long)from);
	t = coerce_text(x, args[2], COERCE_COPY, &c, call_site(x));
	s = str_from(text_str(t), (size_t)from);
	if (n >= 0)
		s = str_upto(s, (size_t)n);
	val_text(out, s.n == t->n ? t : s.n ? text_new(x, s) : x->v_empty_text.u.text, c);
}

void builtin_concat_strings_sep(struct nix *x, struct val **args, struct val *out)
{
	str sep = want_str(x, args[0], "concatStringsSep");
	const struct context *c = val_context(args[0]);
	size_t n;
	struct val **items = want_list(x, args[1], &n, "concatStringsSep");
	struct buf *b = buf_borrow(x);

	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_str(b, sep);
		coerce(x, items[i], COERCE_COPY, b, &c, call_site(x));
	}
	val_text(out, text_new(x, buf_view(b)), c);
	buf_return(x, b);
}

/* ---- replaceStrings ---- */

struct pairs {
	str *from;
	struct val **to;
	size_t n;
};

/* The first of the patterns that s starts with at `at`. */
static size_t pattern_at(const struct pairs *p, str s, size_t at)
{
	for (size_t i = 0; i < p->n; i++)
		if (str_starts(str_from(s, at), p->from[i]))
			return i;
	return p->n;
}

void builtin_replace_strings(struct nix *x, struct val **args, struct val *out)
{
	size_t n, m;
	struct val **from = want_list(x, args[0], &n, "replaceStrings"), **to = want_list(x, args[1], &m,
			"replaceStrings");
	struct pairs p = {raw(x, n * sizeof *p.from), to, n};
	const struct context *c;
	struct buf *b;
	str s;

	if (n != m)
		fail(x, DIAG_NIX_VALUE, NULL, "replaceStrings: the lists have %zu and %zu items", n, m);
	for (size_t i = 0; i < n; i++)
		p.from[i] = want_str(x, from[i], "replaceStrings");
	s = want_str(x, args[2], "replaceStrings");
	c = val_context(args[2]);
	nix_cost(x, n * (uint64_t)s.n / 16);
	b = buf_borrow(x);
	for (size_t at = 0; at <= s.n;) {
		nix_room(x, b);
		size_t i = pattern_at(&p, s, at);

		if (i < n) {
			buf_str(b, want_str(x, to[i], "replaceStrings"));
			c = context_union(x, c, val_context(to[i]));
			if (p.from[i].n) {
				at += p.from[i].n;
				continue;
			}
		}
		if (at < s.n)
			buf_c(b, s.p[at]);
		at++;
	}
	val_text(out, text_new(x, buf_view(b)), c);
	buf_return(x, b);
}

/* ---- versions ---- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The next component: a run of digits, or of what is neither digit, dot nor dash. */
static str component(str *rest)
{
	size_t at = 0, lo;

	while (at < rest->n && (rest->p[at] == '.' || rest->p[at] == '-'))
		at++;
	lo = at;
	if (at < rest->n && is_digit(rest->p[at]))
		while (at < rest->n && is_digit(rest->p[at]))
			at++;
	else
		while (at < rest->n && !is_digit(rest->p[at]) && rest->p[at] != '.' && rest->p[at] != '-')
			at++;
	*rest = str_from(*rest, at);
	return lo == at ? (str){0} : str_of(rest->p - (at - lo), at - lo);
}

static bool number_of(str s, int64_t *n)
{
	*n = 0;
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]) || __builtin_mul_overflow(*n, 10, n) || __builtin_add_overflow(*n,
				s.p[i] - '0', n))
			return false;
	return s.n > 0 && *n <= INT32_MAX;
}

static bool component_less(str a, str b)
{
	int64_t n, m;
	bool an = number_of(a, &n), bn = number_of(b, &m);

	if (an && bn)
		return n < m;
	if (!a.n && bn)
		return true;
	if (str_eq(a, S("pre")) && !str_eq(b, S("pre")))
		return true;
	if (str_eq(b, S("pre")))
		return false;
	if (bn)
		return true; /* 2.3a is before 2.3.1 */
	if (an)
		return false;
	return str_cmp(a, b) < 0;
}

void builtin_compare_versions(struct nix *x, struct val **args, struct val *out)
{
	str a = want_plain(x, args[0], "compareVersions"), b = want_plain(x, args[1], "compareVersions");
	int order = 0;

	while (order == 0 && (a.n || b.n)) {
		str p = component(&a), q = component(&b);

		order = component_less(p, q) ? -1 : component_less(q, p) ? 1 : 0;
	}
	val_int(out, order);
}

void builtin_split_version(struct nix *x, struct val **args, struct val *out)
{
	str rest = want_plain(x, args[0], "splitVersion"), part, again = rest;
	struct val **items;
	size_t n = 0;

	while ((part = component(&again)).n)
		n++;
	items = items_new(x, n);
	for (size_t i = 0; i < n; i++)
		items[i] = str_cell(x, component(&rest));
	val_list(out, items, n);
}

/* The name ends before the first dash that no letter follows. */
void builtin_parse_drv_name(struct nix *x, struct val **args, struct val *out)
{
	str s = want_plain(x, args[0], "parseDrvName"), version = {0};
	struct attrs *a = attrs_new(&x->mem, 2);

	for (size_t i = 0; i + 1 < s.n; i++)
		if (s.p[i] == '-' && (unsigned)((s.p[i + 1] | 0x20) - 'a') >= 26) {
			version = str_from(s, i + 1);
			s = str_upto(s, i);
			break;
		}
	attrs_put(a, x->w.name, 0, str_cell(x, s));
	attrs_put(a, x->w.version, 0, str_cell(x, version));
	attrs_end(a);
	val_attrs(out, a);
}
