#include "nix.h"

/* Types are { }, functions that only a type is passed to ignore it.  Folds go by builtins.foldl', which needs no stack
 * for each item.  None is null, and Some x is x. */

#define TYPE "{ }"
#define FINITE "d - d == 0.0"

struct row {
	const char *text;
	enum nix_level level;
};

static const struct row rows[] = { /* by enum builtin */
	[BUILTIN_NATURAL_FOLD] = {"n: t: succ: zero: builtins.foldl' (x: i: succ x) zero (builtins.genList (i: i) n)",
			NIX_EXPRESSION},
	[BUILTIN_NATURAL_BUILD] = {"k: k " TYPE " (n: n + 1) 0", NIX_EXPRESSION},
	[BUILTIN_NATURAL_IS_ZERO] = {"n: n == 0", NIX_EXPRESSION},
	[BUILTIN_NATURAL_EVEN] = {"n: n / 2 * 2 == n", NIX_EXPRESSION},
	[BUILTIN_NATURAL_ODD] = {"n: n / 2 * 2 != n", NIX_EXPRESSION},
	[BUILTIN_NATURAL_TO_INTEGER] = {"n: n", NIX_EXPRESSION},
	[BUILTIN_NATURAL_SHOW] = {"builtins.toString", NIX_SIMPLE},
	[BUILTIN_NATURAL_SUBTRACT] = {"x: y: if y < x then 0 else y - x", NIX_EXPRESSION},
	[BUILTIN_INTEGER_TO_DOUBLE] = {"n: n + 0.0", NIX_EXPRESSION},
	[BUILTIN_INTEGER_SHOW] = {"n: if n < 0 then builtins.toString n else \"+${builtins.toString n}\"", NIX_EXPRESSION},
	[BUILTIN_INTEGER_NEGATE] = {"n: 0 - n", NIX_EXPRESSION},
	[BUILTIN_INTEGER_CLAMP] = {"n: if n < 0 then 0 else n", NIX_EXPRESSION},
	[BUILTIN_DOUBLE_SHOW] = {"d: let m = builtins.match \"(-?[0-9]+)([.][0-9]+)?(e[+]?(-?)0*([0-9]+))?\" "
			"(builtins.toJSON d); at = builtins.elemAt m; in if " FINITE " then at 0 + (if at 1 == null then \".0\" "
			"else at 1) + (if at 2 == null then \"\" else \"e\" + at 3 + at 4) else if d < 0.0 then \"-Infinity\" "
			"else if 0.0 < d then \"Infinity\" else \"NaN\"", NIX_EXPRESSION},
	[BUILTIN_LIST_BUILD] = {"t: k: k " TYPE " (x: xs: [ x ] ++ xs) [ ]", NIX_EXPRESSION},
	[BUILTIN_LIST_FOLD] = {"t: xs: l: cons: nil: let n = builtins.length xs; in builtins.foldl' "
			"(ys: i: cons (builtins.elemAt xs (n - 1 - i)) ys) nil (builtins.genList (i: i) n)", NIX_EXPRESSION},
	[BUILTIN_LIST_LENGTH] = {"t: builtins.length", NIX_EXPRESSION},
	[BUILTIN_LIST_HEAD] = {"t: xs: if xs == [ ] then null else builtins.head xs", NIX_EXPRESSION},
	[BUILTIN_LIST_LAST] = {"t: xs: if xs == [ ] then null else builtins.elemAt xs (builtins.length xs - 1)", NIX_EXPRESSION},
	[BUILTIN_LIST_INDEXED] = {"t: xs: builtins.genList (i: { index = i; value = builtins.elemAt xs i; }) "
			"(builtins.length xs)", NIX_EXPRESSION},
	[BUILTIN_LIST_REVERSE] = {"t: xs: let n = builtins.length xs; in builtins.genList (i: builtins.elemAt xs (n - 1 - i)) n",
			NIX_EXPRESSION},
	[BUILTIN_TEXT_SHOW] = {"t: builtins.replaceStrings [ \"$\" ] [ \"\\\\u0024\" ] (builtins.toJSON t)", NIX_EXPRESSION},
	[BUILTIN_TEXT_REPLACE] = {"needle: with': t: if needle == \"\" then t else builtins.replaceStrings [ needle ] [ with' ] t",
			NIX_EXPRESSION},
	[BUILTIN_DATE_SHOW] = {"d: d", NIX_EXPRESSION},
	[BUILTIN_TIME_SHOW] = {"t: t", NIX_EXPRESSION},
	[BUILTIN_TIMEZONE_SHOW] = {"z: z", NIX_EXPRESSION},
	[BUILTIN_BOOL] = {TYPE, NIX_SIMPLE},
	[BUILTIN_NATURAL] = {TYPE, NIX_SIMPLE},
	[BUILTIN_INTEGER] = {TYPE, NIX_SIMPLE},
	[BUILTIN_DOUBLE] = {TYPE, NIX_SIMPLE},
	[BUILTIN_TEXT] = {TYPE, NIX_SIMPLE},
	[BUILTIN_BYTES] = {TYPE, NIX_SIMPLE},
	[BUILTIN_DATE] = {TYPE, NIX_SIMPLE},
	[BUILTIN_TIME] = {TYPE, NIX_SIMPLE},
	[BUILTIN_TIMEZONE] = {TYPE, NIX_SIMPLE},
	[BUILTIN_LIST] = {"t: " TYPE, NIX_EXPRESSION},
	[BUILTIN_OPTIONAL] = {"t: " TYPE, NIX_EXPRESSION},
	[BUILTIN_NONE] = {"t: null", NIX_EXPRESSION},
};

_Static_assert(SL_COUNT(rows) == BUILTIN_COUNT, "a builtin has no translation");

const char *nix_builtin(enum builtin b, enum nix_level *level)
{
	*level = rows[b].level;
	return rows[b].text;
}
