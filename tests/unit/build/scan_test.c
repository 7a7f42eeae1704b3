#include "../test.h"
#include "scan.h"

#include <straylight/base.h>

static const str paths[] = {
	{"/nix/store/00000000000000000000000000000001-a", 45},
	{"/nix/store/zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz2-b", 45},
	{"no store path", 13},
	{"/nix/store/abcdfghijklmnpqrsvwxyz0123456789-c", 45},
};

/* The bytes in parts of that size; the letters of what was found. */
static str found(struct arena *a, str bytes, size_t part)
{
	struct scan *s = scan_new(S("/nix/store"), paths, SL_COUNT(paths));
	struct buf out = {0};
	const str *list;
	size_t n;

	for (size_t at = 0; at < bytes.n; at += part)
		scan_add(s, str_upto(str_from(bytes, at), part));
	scan_add(s, S(""));
	list = scan_found(s, a, &n);
	for (size_t i = 0; i < n; i++)
		buf_c(&out, list[i].p[list[i].n - 1]);
	scan_free(s);
	return buf_take(&out, a);
}

static void hashes_are_found_wherever_they_are_cut(void **state)
{
	static const struct {
		const char *bytes, *found;
	} rows[] = {
		{"", ""},
		{"00000000000000000000000000000001", "a"},
		{"x00000000000000000000000000000001", "a"},
		{"0000000000000000000000000000000001x", "a"},
		{"0000000000000000000000000000000", ""},
		{"0000000000000000000000000000000 1", ""},
		{"e00000000000000000000000000000000001ezzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz2", "ab"},
		{"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz2abcdfghijklmnpqrsvwxyz0123456789", "bc"},
		{"/nix/store/abcdfghijklmnpqrsvwxyz0123456788-c /nix/store/abcdfghijklmnpqrsvwxyz0123456789", "c"},
		{"ABCDFGHIJKLMNPQRSVWXYZ0123456789", ""},
	};
	struct arena a = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++)
		for (size_t part = 1; part < 100; part++)
			assert_str_c(found(&a, str_c(rows[i].bytes), part), rows[i].found);
	arena_clear(&a);
}

/* Beside a search that has no shortcuts. */
static void chance_finds_the_same(void **state)
{
	struct arena a = {0};
	uint64_t seed = 42;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct buf bytes = {0}, want = {0};
		size_t part;

		for (int i = 0; i < 40; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			if (seed >> 62 == 0)
				buf_str(&bytes, str_upto(str_from(paths[(seed >> 40) % 2 * 3], 11), 24 + (seed >> 50) % 10));
			else
				buf_str(&bytes, str_upto(S("0000000z012345eotu"), (seed >> 50) % 18));
		}
		for (size_t k = 0; k < SL_COUNT(paths); k++)
			if (k != 2 && str_find_str(buf_view(&bytes), str_upto(str_from(paths[k], 11), 32)) < bytes.n)
				buf_c(&want, paths[k].p[paths[k].n - 1]);
		part = 1 + (seed >> 33) % 80;
		assert_str(found(&a, buf_view(&bytes), part), buf_view(&want));
		buf_free(&bytes);
		buf_free(&want);
	}
	arena_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_found_wherever_they_are_cut),
		cmocka_unit_test(chance_finds_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
