/* builtin.h: what the files of builtins share.
 *
 * A builtin gets as many arguments as its row in builtin.def says, not evaluated; it writes its result, or
 * fails.  `out` may be the cell that is being evaluated: it is written last. */
#ifndef STRAYLIGHT_NIX_BUILTIN_H
#define STRAYLIGHT_NIX_BUILTIN_H

#include "machine.h"

#define B(name, arity, global, fn) void fn(struct nix *, struct val **, struct val *);
#include "builtin.def"
#undef B

/* f applied to arguments, now. */
static inline void call1(struct nix *x, struct val *f, struct val *a, struct val *out)
{
	call(x, f, &a, 1, out);
}

/* f applied to an argument, later. */
static inline struct val *later(struct nix *x, struct val *f, struct val *a)
{
	struct val *v = cell(x);

	val_app(v, f, a);
	return v;
}

static inline struct val *str_cell(struct nix *x, str s)
{
	struct val *v = cell(x);

	set_str(x, v, s);
	return v;
}

static inline struct val *int_cell(struct nix *x, int64_t i)
{
	struct val *v = cell(x);

	val_int(v, i);
	return v;
}

static inline struct val *attrs_cell(struct nix *x, struct attrs *a)
{
	struct val *v = cell(x);

	val_attrs(v, a);
	return v;
}

static inline struct val *list_cell(struct nix *x, struct val **items, size_t n)
{
	struct val *v = cell(x);

	val_list(v, items, n);
	return v;
}

static inline struct val **items_new(struct nix *x, size_t n)
{
	return raw(x, mem_size(n, sizeof(struct val *)));
}

#endif
