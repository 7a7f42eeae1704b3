/* Builtins of numbers. */
#include "builtin.h"

#include <math.h>

static void both(struct nix *x, enum expr_kind op, struct val **args, struct val *out)
{
	force(x, args[0]);
	force(x, args[1]);
	arithmetic(x, op, args[0], args[1], call_site(x), out);
}

void builtin_add(struct nix *x, struct val **args, struct val *out)
{
	both(x, EX_ADD, args, out);
}

void builtin_sub(struct nix *x, struct val **args, struct val *out)
{
	both(x, EX_SUB, args, out);
}

void builtin_mul(struct nix *x, struct val **args, struct val *out)
{
	both(x, EX_MUL, args, out);
}

void builtin_div(struct nix *x, struct val **args, struct val *out)
{
	both(x, EX_DIV, args, out);
}

void builtin_bit_and(struct nix *x, struct val **args, struct val *out)
{
	int64_t a = want_int(x, args[0], "bitAnd"), b = want_int(x, args[1], "bitAnd");

	val_int(out, a & b);
}

void builtin_bit_or(struct nix *x, struct val **args, struct val *out)
{
	int64_t a = want_int(x, args[0], "bitOr"), b = want_int(x, args[1], "bitOr");

	val_int(out, a | b);
}

void builtin_bit_xor(struct nix *x, struct val **args, struct val *out)
{
	int64_t a = want_int(x, args[0], "bitXor"), b = want_int(x, args[1], "bitXor");

	val_int(out, a ^ b);
}

static void whole(struct nix *x, struct val *v, double (*round)(double), const char *what, struct val *out)
{
	double f;

	force(x, v);
	if (val_tag(v) == T_INT) {
		*out = *v;
		return;
	}
	if (val_tag(v) != T_FLOAT)
		fail(x, DIAG_NIX_TYPE, NULL, "%s needs a number, and this is %s", what, type_article(v));
	f = round(v->u.f);
	if (!(f >= -9223372036854775808.0 && f < 9223372036854775808.0))
		fail(x, DIAG_NIX_VALUE, NULL, "%s: the number does not fit in 64 bits", what);
	val_int(out, (int64_t)f);
}

void builtin_ceil(struct nix *x, struct val **args, struct val *out)
{
	whole(x, args[0], ceil, "ceil", out);
}

void builtin_floor(struct nix *x, struct val **args, struct val *out)
{
	whole(x, args[0], floor, "floor", out);
}

void builtin_less_than(struct nix *x, struct val **args, struct val *out)
{
	val_bool(out, less(x, args[0], args[1], call_site(x)));
}
