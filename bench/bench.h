/* bench.h: what the programs of bench/ share: a clock, the median of some rounds, and one line per
 * figure on standard output: "case <tab> value <tab> unit".  bench/run reads these lines. */
#ifndef STRAYLIGHT_BENCH_H
#define STRAYLIGHT_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS_MAX 101

static inline double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* The compiler must take u for changed, so that a loop keeps asking. */
static inline uint64_t opaque(uint64_t u)
{
	__asm__ volatile("" : "+r"(u));
	return u;
}

static inline int bench_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The median of `rounds` calls (at most ROUNDS_MAX); each returns its own figure. */
static inline double median_of(int rounds, double (*round)(void *ud), void *ud)
{
	double t[ROUNDS_MAX];

	for (int i = 0; i < rounds; i++)
		t[i] = round(ud);
	qsort(t, (size_t)rounds, sizeof *t, bench_order);
	return t[rounds / 2];
}

static inline void figure(const char *name, double value, const char *unit)
{
	printf("%s\t%.4g\t%s\n", name, value, unit);
	fflush(stdout);
}

#endif
