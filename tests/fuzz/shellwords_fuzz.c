#include "shellwords.h"

#include "fuzz.h"

/* What is read lies in the text, and words have pieces. */
static void look(const struct shell_command *c, size_t count, size_t n, unsigned depth)
{
	must(!count || depth <= SHELL_DEPTH_MAX);
	for (size_t i = 0; i < count; i++) {
		must(c[i].lo < c[i].hi && c[i].hi <= n);
		for (size_t k = 0; k < c[i].nwords; k++)
			must(c[i].words[k].n > 0);
		look(c[i].body, c[i].nbody, n, depth + 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena a = {0};
	const struct shell_command *list;
	struct shell_bad bad;
	size_t count;

	if (shell_read(str_of((const char *)bytes, n), &a, &list, &count, &bad))
		look(list, count, n, 0);
	else
		must(bad.why && bad.at <= n);
	arena_clear(&a);
	return 0;
}
