#include "num.h"

#include <gmp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct num_big {
	bool negative;
	size_t n;          /* limbs; the most significant one is not 0 */
	mp_limb_t limbs[]; /* least significant first */
};

_Static_assert(sizeof(mp_limb_t) == 8 && GMP_NAIL_BITS == 0, "a limb is a 64-bit word");

/* A magnitude wherever it lives. */
struct mag {
	const mp_limb_t *p;
	size_t n; /* 0: zero */
	bool negative;
	mp_limb_t word; /* where a small one lives */
};

static void *gmp_alloc(size_t n)
{
	return mem_realloc(NULL, n);
}

static void *gmp_realloc(void *p, size_t old, size_t n)
{
	(void)old;
	return mem_realloc(p, n);
}

static void gmp_free(void *p, size_t n)
{
	(void)n;
	mem_free(p);
}

/* GMP's scratch memory fails as ours does: with exit code 3, not with abort. */
__attribute__((constructor)) static void gmp_memory(void)
{
	mp_set_memory_functions(gmp_alloc, gmp_realloc, gmp_free);
}

static void view(const struct num *x, struct mag *m)
{
	if (x->big) {
		*m = (struct mag){x->big->limbs, x->big->n, x->big->negative, 0};
		return;
	}
	m->negative = x->small < 0;
	m->word = m->negative ? 0 - (mp_limb_t)x->small : (mp_limb_t)x->small;
	m->p = &m->word;
	m->n = m->word != 0;
}

static struct num_big *big_new(struct arena *a, size_t limbs)
{
	size_t bytes = sizeof(struct num_big) + mem_size(limbs ? limbs : 1, sizeof(mp_limb_t));
	struct num_big *b = arena_raw(a, bytes, _Alignof(struct num_big));

	b->n = limbs;
	b->negative = false;
	return b;
}

/* Keeps the invariant of num.h. */
static struct num normal(struct num_big *b)
{
	while (b->n && b->limbs[b->n - 1] == 0)
		b->n--;
	if (b->n == 0)
		return num_small(0);
	if (b->n == 1 && b->limbs[0] <= (mp_limb_t)INT64_MAX + b->negative)
		return num_small(b->negative ? (int64_t)(0 - b->limbs[0]) : (int64_t)b->limbs[0]);
	return (struct num){0, b};
}

static int mag_cmp(const struct mag *x, const struct mag *y)
{
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	return x->n ? mpn_cmp(x->p, y->p, (mp_size_t)x->n) : 0;
}

/* x + y, or x - y with the sign of y turned. */
static struct num sum(struct arena *a, struct mag *x, struct mag *y)
{
	struct mag *wide = mag_cmp(x, y) < 0 ? y : x;
	struct mag *slim = wide == x ? y : x;
	struct num_big *out = big_new(a, wide->n + 1);

	out->negative = wide->negative;
	if (slim->n == 0) {
		memcpy(out->limbs, wide->p, wide->n * sizeof(mp_limb_t));
		out->limbs[wide->n] = 0;
	} else if (x->negative == y->negative) {
		out->limbs[wide->n] = mpn_add(out->limbs, wide->p, (mp_size_t)wide->n, slim->p, (mp_size_t)slim->n);
	} else {
		out->limbs[wide->n] = 0;
		mpn_sub(out->limbs, wide->p, (mp_size_t)wide->n, slim->p, (mp_size_t)slim->n);
	}
	return normal(out);
}

struct num num_add(struct arena *a, struct num x, struct num y)
{
	struct mag mx, my;
	int64_t small;

	if (!x.big && !y.big && !__builtin_add_overflow(x.small, y.small, &small))
		return num_small(small);
	view(&x, &mx);
	view(&y, &my);
	return sum(a, &mx, &my);
}

struct num num_sub(struct arena *a, struct num x, struct num y)
{
	struct mag mx, my;
	int64_t small;

	if (!x.big && !y.big && !__builtin_sub_overflow(x.small, y.small, &small))
		return num_small(small);
	view(&x, &mx);
	view(&y, &my);
	my.negative = !my.negative;
	return sum(a, &mx, &my);
}

struct num num_mul(struct arena *a, struct num x, struct num y)
{
	struct mag mx, my;
	const struct mag *wide, *slim;
	struct num_big *out;
	int64_t small;

	if (!x.big && !y.big && !__builtin_mul_overflow(x.small, y.small, &small))
		return num_small(small);
	view(&x, &mx);
	view(&y, &my);
	if (mx.n == 0 || my.n == 0)
		return num_small(0);
	wide = mx.n >= my.n ? &mx : &my;
	slim = wide == &mx ? &my : &mx;
	out = big_new(a, wide->n + slim->n);
	out->negative = mx.negative != my.negative;
	mpn_mul(out->limbs, wide->p, (mp_size_t)wide->n, slim->p, (mp_size_t)slim->n);
	return normal(out);
}

uint64_t num_limbs(struct num x)
{
	return x.big ? x.big->n : 0;
}

static uint64_t log2_of(uint64_t n)
{
	return n ? 63 - (uint64_t)__builtin_clzll(n) : 0;
}

/* Of the slim factor's size the cost of each of the wide one's limbs grows linearly, then like its root,
 * then with its logarithm; GMP's measured figures are below these. */
uint64_t num_mul_work(struct num x, struct num y)
{
	uint64_t n = num_limbs(x), m = num_limbs(y);
	uint64_t wide = n > m ? n : m, slim = n > m ? m : n;

	return slim < 32 ? wide * (slim + 1) / 16 : wide * 2 * log2_of(slim);
}

uint64_t num_print_work(struct num x)
{
	uint64_t n = num_limbs(x), log = log2_of(n);

	return n * (1 + log * log / 2);
}

struct num num_neg(struct arena *a, struct num x)
{
	return num_sub(a, num_small(0), x);
}

int num_cmp(struct num x, struct num y)
{
	struct mag mx, my;

	if (!x.big && !y.big)
		return (x.small > y.small) - (x.small < y.small);
	view(&x, &mx);
	view(&y, &my);
	if (mx.negative != my.negative)
		return mx.negative ? -1 : 1;
	return mx.negative ? mag_cmp(&my, &mx) : mag_cmp(&mx, &my);
}

int num_sign(struct num x)
{
	if (x.big)
		return x.big->negative ? -1 : 1;
	return (x.small > 0) - (x.small < 0);
}

bool num_even(struct num x)
{
	return (x.big ? x.big->limbs[0] : (mp_limb_t)x.small) % 2 == 0;
}

/* The 64 highest bits, the lowest of which also stands for all that is cut off: enough for the
 * processor to round to 53 as if it saw everything. */
static double magnitude_double(const mp_limb_t *p, size_t n)
{
	int shift = __builtin_clzll(p[n - 1]);
	uint64_t top = p[n - 1] << shift;
	bool rest = false;

	if (shift && n > 1)
		top |= p[n - 2] >> (64 - shift);
	if (n > 1)
		rest = (p[n - 2] << shift) != 0;
	for (size_t i = 0; i + 2 < n && !rest; i++)
		rest = p[i] != 0;
	if (n > 1100 / 64 + 1)
		return HUGE_VAL;
	return ldexp((double)(top | rest), (int)((n - 1) * 64) - shift);
}

double num_double(struct num x)
{
	double d;

	if (!x.big)
		return (double)x.small;
	d = magnitude_double(x.big->limbs, x.big->n);
	return x.big->negative ? -d : d;
}

static unsigned digit_value(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

struct num num_parse(struct arena *a, str digits, unsigned base)
{
	struct num_big *b;
	unsigned char *values;
	uint64_t small = 0;

	while (digits.n && digits.p[0] == '0')
		digits = str_from(digits, 1);
	if (digits.n <= (base == 10 ? 18 : base == 16 ? 15 : 62)) {
		for (size_t i = 0; i < digits.n; i++)
			small = small * base + digit_value(digits.p[i]);
		return num_small((int64_t)small);
	}
	b = big_new(a, digits.n / 16 + 2); /* four bits a digit hold any base up to 16 */
	values = arena_raw(a, digits.n, 1);
	for (size_t i = 0; i < digits.n; i++)
		values[i] = (unsigned char)digit_value(digits.p[i]);
	b->n = (size_t)mpn_set_str(b->limbs, values, digits.n, (int)base);
	return normal(b);
}

void num_print(struct num x, struct buf *out)
{
	struct mag m;
	mp_limb_t *copy;
	unsigned char *digits;
	size_t n;

	view(&x, &m);
	if (m.negative)
		buf_c(out, '-');
	if (m.n <= 1) {
		char text[24];

		buf_add(out, text, (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)(m.n ? m.p[0] : 0)));
		return;
	}
	copy = mem_realloc(NULL, mem_size(m.n + 1, sizeof *copy)); /* mpn_get_str writes over it */
	memcpy(copy, m.p, m.n * sizeof *copy);
	digits = mem_realloc(NULL, m.n * 20 + 2);
	n = mpn_get_str(digits, 10, copy, (mp_size_t)m.n);
	for (size_t i = 0; i < n; i++)
		digits[i] = (unsigned char)(digits[i] + '0');
	while (n > 1 && digits[0] == '0') {
		memmove(digits, digits + 1, --n);
	}
	buf_add(out, digits, n);
	mem_free(digits);
	mem_free(copy);
}

str num_bytes(struct arena *a, struct num x)
{
	struct mag m;
	unsigned char *p;
	size_t n, skip;

	view(&x, &m);
	if (m.n == 0)
		return (str){NULL, 0};
	skip = (size_t)__builtin_clzll(m.p[m.n - 1]) / 8;
	n = m.n * 8 - skip;
	p = arena_raw(a, n, 1);
	for (size_t i = 0; i < n; i++)
		p[n - 1 - i] = (unsigned char)(m.p[i / 8] >> (i % 8 * 8));
	return (str){(const char *)p, n};
}

struct num num_from_bytes(struct arena *a, str bytes, bool negative)
{
	struct num_big *b = big_new(a, bytes.n / 8 + 1);

	memset(b->limbs, 0, b->n * sizeof b->limbs[0]);
	b->negative = negative;
	for (size_t i = 0; i < bytes.n; i++)
		b->limbs[i / 8] |= (mp_limb_t)(unsigned char)bytes.p[bytes.n - 1 - i] << (i % 8 * 8);
	return normal(b);
}

/* ---- doubles ---- */

/* The shortest digits that read back as d, and the power of ten of the first one. */
static int shortest(double d, char digits[20], int *power)
{
	char text[40];
	int n = 0;

	for (int precision = 0; precision <= 16; precision++) {
		snprintf(text, sizeof text, "%.*e", precision, d);
		if (strtod(text, NULL) == d)
			break;
	}
	for (const char *s = text; *s != 'e'; s++)
		if (*s != '.')
			digits[n++] = *s;
	*power = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
	while (n > 1 && digits[n - 1] == '0')
		n--;
	return n;
}

static void print_fixed(const char *digits, int n, int power, struct buf *out)
{
	if (power < 0) {
		buf_lit(out, "0.");
		for (int i = power + 1; i < 0; i++)
			buf_c(out, '0');
		buf_add(out, digits, (size_t)n);
		return;
	}
	for (int i = 0; i <= power; i++)
		buf_c(out, i < n ? digits[i] : '0');
	buf_c(out, '.');
	if (n > power + 1)
		buf_add(out, digits + power + 1, (size_t)(n - power - 1));
	else
		buf_c(out, '0');
}

void num_print_double(double d, struct buf *out)
{
	char digits[20];
	int n, power;

	if (isnan(d)) {
		buf_lit(out, "NaN");
		return;
	}
	if (signbit(d))
		buf_c(out, '-');
	d = fabs(d);
	if (isinf(d)) {
		buf_lit(out, "Infinity");
		return;
	}
	n = shortest(d, digits, &power);
	if (d == 0 || (d >= 0.1 && d < 1e7)) {
		print_fixed(digits, n, power, out);
		return;
	}
	buf_c(out, digits[0]);
	buf_c(out, '.');
	buf_add(out, n > 1 ? digits + 1 : "0", n > 1 ? (size_t)n - 1 : 1);
	buf_fmt(out, "e%d", power);
}
