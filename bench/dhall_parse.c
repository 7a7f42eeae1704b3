/* dhall_parse FILE…: how fast each file is parsed, on one thread: the best of RUNS runs in processor time,
 * with what the terms take.  Files are read before the clock starts. */
#include "term.h"

#include <straylight/base/os.h>

#include <stdio.h>
#include <time.h>

#define RUNS 20

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Seconds; negative when the text does not parse. */
static double run(str text, size_t *held)
{
	struct unit u = {0};
	struct diags diags = {0};
	double start = cpu_seconds(), end;
	const struct term *t = term_parse(&u, text, &diags);

	end = cpu_seconds();
	*held = u.arena.held;
	if (!t) {
		struct buf out = {0};

		diags_render(&diags, DIAG_TEXT, false, &out);
		fputs(buf_z(&out), stderr);
		buf_free(&out);
	}
	diags_free(&diags);
	arena_clear(&u.arena);
	return t ? end - start : -1;
}

struct bench {
	int argc;
	char **argv;
	int failed;
};

static void measure(void *ud)
{
	struct bench *b = ud;

	for (int i = 1; i < b->argc; i++) {
		struct blob *file = NULL;
		double best = -1;
		size_t held = 0;

		if (os_read(b->argv[i], 0, &file) < 0) {
			fprintf(stderr, "%s cannot be read\n", b->argv[i]);
			b->failed = 1;
			continue;
		}
		for (int n = 0; n < RUNS; n++) {
			double s = run(blob_str(file), &held);

			if (s < 0) {
				b->failed = 1;
				break;
			}
			if (best < 0 || s < best)
				best = s;
		}
		if (best >= 0)
			printf("%s: %.2f MB, %.2f ms, %.0f MB/s, %.1f MB of terms\n", b->argv[i], (double)file->n / 1e6,
					best * 1e3, (double)file->n / 1e6 / best, (double)held / 1e6);
		blob_unref(file);
	}
}

int main(int argc, char **argv)
{
	struct bench b = {argc, argv, 0};

	pool_run_deep(measure, &b);
	return b.failed;
}
