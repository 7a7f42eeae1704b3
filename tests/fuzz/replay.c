/* Runs a fuzz target over files, for compilers without libFuzzer and as a test of the kept corpus:
 *	fuzz_NAME FILE-OR-DIRECTORY…
 * Directories are read whole, in the order of their names.  Prints how many inputs it ran; none at all
 * is an error. */
#include <straylight/base/os.h>

#include "fuzz.h"

#include <errno.h>
#include <stdio.h>

static size_t runs;

static int run_file(const char *path)
{
	struct blob *b;
	unsigned char *exact;
	int r = os_read(path, 0, &b);

	if (r < 0)
		return r;
	exact = mem_alloc(b->n); /* without the blob's NUL byte: ASan sees a read beyond the end */
	memcpy(exact, b->b, b->n);
	LLVMFuzzerTestOneInput(exact, b->n);
	mem_free(exact);
	blob_unref(b);
	runs++;
	return 0;
}

static int run_dir(struct arena *a, const char *path)
{
	str *names;
	size_t n;
	int r = os_list(a, path, &names, &n);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = run_file(os_join(a, str_c(path), names[i]));
	return r;
}

int main(int argc, char **argv)
{
	struct arena a = {0};
	int failed = 0;

	for (int i = 1; i < argc; i++) {
		int r = run_dir(&a, argv[i]);

		if (r == -ENOTDIR)
			r = run_file(argv[i]);
		if (r < 0) {
			fprintf(stderr, "%s: %s\n", argv[i], strerror(-r));
			failed = 1;
		}
	}
	arena_clear(&a);
	printf("%zu inputs\n", runs);
	return failed || runs == 0;
}
