/* Suppressions: `straylight-lint: allow CODES: REASON` and `allow-target`, in a comment. */
#include "lint_int.h"

#include <ctype.h>

#define MARK "straylight-lint:"

/* ---- reading ---- */

static unsigned rule_of(str word)
{
	for (unsigned i = 0; i < lint_rule_count; i++)
		if (str_eq(word, str_c(lint_rules[i].name)) || str_eq(word, str_c(diag_number(lint_rules[i].code))))
			return i;
	return LINT_RULES;
}

/* Without the signs around it. */
static str inside(str comment)
{
	while (comment.n && char_in(comment.p[0], "-#/*{ \t"))
		comment = str_from(comment, 1);
	if (str_ends(comment, S("*/")) || str_ends(comment, S("-}")))
		comment.n -= 2;
	return str_trim(comment);
}

static bool read_codes(struct lint_file *f, str codes, struct lint_allow *x, uint32_t lo, uint32_t hi)
{
	str word;

	while (codes.n) {
		unsigned rule;

		str_cut(codes, ',', &word, &codes);
		word = str_trim(word);
		rule = rule_of(word);
		if (rule == LINT_RULES) {
			lint_find(f, LINT_REASON, LINT_NO_TARGET, f->path, lo, hi, "there is no rule '%.*s'", STR_ARG(word));
			return false;
		}
		x->rules |= UINT64_C(1) << rule;
	}
	return x->rules != 0;
}

/* Brackets, commas and operators that begin a line belong to what follows. */
static bool is_code(char c)
{
	return isalnum((unsigned char)c) || c == '"' || c == '\'' || c == '_' || c == ';';
}

/* The bytes that a suppression of lines covers: its own line, or the next one when it stands alone. */
static void cover(str text, struct lint_allow *x)
{
	uint32_t lo = x->lo, hi = x->hi;
	bool alone = true;

	while (lo > 0 && text.p[lo - 1] != '\n')
		alone &= !is_code(text.p[--lo]);
	while (hi < text.n && text.p[hi] != '\n')
		hi++;
	x->from = lo;
	if (alone) {
		for (hi++; hi < text.n && text.p[hi] != '\n';)
			hi++;
	}
	x->to = hi < text.n ? hi : (uint32_t)text.n;
}

void lint_comment(struct lint_file *f, str text, uint32_t lo, uint32_t hi, str comment)
{
	struct lint_allow one = {.lo = lo, .hi = hi}, *x = &one;
	str rest = inside(comment), verb, codes, reason;

	if (!str_starts(rest, S(MARK)))
		return;
	rest = str_trim(str_from(rest, sizeof MARK - 1));
	str_cut(rest, ' ', &verb, &rest);
	str_cut(rest, ':', &codes, &reason);
	reason = str_trim(reason);
	x->of_target = str_eq(verb, S("allow-target"));
	if (!x->of_target && !str_eq(verb, S("allow"))) {
		lint_find(f, LINT_REASON, LINT_NO_TARGET, f->path, lo, hi, "'%.*s' is neither allow nor allow-target",
				STR_ARG(verb));
		return;
	}
	if (!read_codes(f, codes, x, lo, hi))
		return;
	if (!reason.n) {
		lint_find(f, LINT_REASON, LINT_NO_TARGET, f->path, lo, hi, "the suppression gives no reason");
		return;
	}
	x->reason = str_dup(&f->arena, reason);
	cover(text, x);
	vec_push(&f->allows, one);
}

/* ---- covering ---- */

/* The target in which the comment stands, or else the next one behind it. */
static uint32_t target_of(const struct lint_file *f, const struct lint_allow *x)
{
	uint32_t best = LINT_NO_TARGET, next = LINT_NO_TARGET;

	for (uint32_t i = 0; i < f->targets.n; i++) {
		const struct lint_target *t = &f->targets.p[i];

		if (t->lo <= x->lo && x->lo < t->hi)
			best = i;
		if (t->lo >= x->hi && (next == LINT_NO_TARGET || t->lo < f->targets.p[next].lo))
			next = i;
	}
	return best != LINT_NO_TARGET ? best : next;
}

static bool covers(const struct lint_file *f, const struct lint_allow *x, const struct lint_finding *y)
{
	if (!(x->rules >> y->rule & 1))
		return false;
	if (x->of_target)
		return y->target != LINT_NO_TARGET && y->target == target_of(f, x);
	return str_eq(y->file, f->path) && x->from <= y->lo && y->lo < x->to;
}

void lint_allow_all(struct lint_file *f)
{
	for (size_t i = 0; i < f->allows.n; i++) {
		struct lint_allow *x = &f->allows.p[i];

		for (size_t k = 0; k < f->findings.n; k++)
			if (!f->findings.p[k].allowed.p && covers(f, x, &f->findings.p[k])) {
				f->findings.p[k].allowed = x->reason;
				x->used = true;
			}
	}
}

void lint_allow_other(struct lint_file *f, struct lint_finding *y)
{
	for (size_t i = 0; i < f->allows.n && !y->allowed.p; i++) {
		struct lint_allow *x = &f->allows.p[i];

		if (!x->of_target && covers(f, x, y)) {
			y->allowed = x->reason;
			x->used = true;
		}
	}
}

void lint_allow_idle(struct lint_file *f)
{
	for (size_t i = 0; i < f->allows.n; i++)
		if (!f->allows.p[i].used)
			lint_find(f, LINT_IDLE, LINT_NO_TARGET, f->path, f->allows.p[i].lo, f->allows.p[i].hi,
					"the suppression suppresses nothing");
}
