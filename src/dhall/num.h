/* num.h: Natural and Integer of any size: a machine word inline, GMP beyond it.
 *
 * Invariant: big == NULL exactly when the value fits int64_t (Integer) or is 0 … INT64_MAX (Natural).
 * A big number is immutable and its limbs live in an arena. */
#ifndef STRAYLIGHT_DHALL_NUM_H
#define STRAYLIGHT_DHALL_NUM_H

#include <straylight/base.h>

struct num_big; /* sign and magnitude; num.c */

struct num {
	int64_t small;
	const struct num_big *big;
};

static inline struct num num_small(int64_t n)
{
	return (struct num){n, NULL};
}

struct num num_add(struct arena *, struct num, struct num);
struct num num_sub(struct arena *, struct num, struct num);
struct num num_mul(struct arena *, struct num, struct num);
/* What num_mul and num_print take, in steps (session.h). */
uint64_t num_mul_work(struct num, struct num);
uint64_t num_print_work(struct num);
uint64_t num_limbs(struct num); /* words of 64 bits; 0 when inline */
struct num num_neg(struct arena *, struct num);
int num_cmp(struct num, struct num);
int num_sign(struct num); /* -1, 0, 1 */
bool num_even(struct num);
double num_double(struct num); /* round to nearest, ties to even */

/* Digits only, base 2, 10 or 16 (no prefix, no sign). */
struct num num_parse(struct arena *, str digits, unsigned base);
void num_print(struct num, struct buf *out); /* decimal, with '-' when negative */

/* As Double/show writes it: the shortest digits that read back as the same number; plain from 0.1 up to
 * 10^7, else with an exponent ("1.0e-2"). */
void num_print_double(double, struct buf *out);

/* Magnitude as big-endian bytes without leading zeros, for CBOR bignums; and back. */
str num_bytes(struct arena *, struct num);
struct num num_from_bytes(struct arena *, str bytes, bool negative);

#endif
