#include "regex.h"

#include "test.h"

/* "lo,hi" for each group, "-" for one that took no part; "no" when nothing matches. */
static str shown(struct arena *mem, const struct regex *r, str text, unsigned how)
{
	size_t at[64];
	struct buf b = {0};

	if (!regex_find(r, text, 0, how, at))
		return S("no");
	for (uint32_t i = 0; i <= regex_groups(r); i++) {
		if (i)
			buf_c(&b, ' ');
		if (at[2 * i] == REGEX_NONE || at[2 * i + 1] == REGEX_NONE)
			buf_c(&b, '-');
		else
			buf_fmt(&b, "%zu,%zu", at[2 * i], at[2 * i + 1]);
	}
	return buf_take(&b, mem);
}

static void matches(void **state)
{
	static const struct {
		const char *pattern, *text;
		unsigned how;
		const char *want;
	} rows[] = {
		{"abc", "abc", REGEX_WHOLE, "0,3"},
		{"abc", "abcd", REGEX_WHOLE, "no"},
		{"abc", "xabcd", 0, "1,4"},
		{"abc", "xabcd", REGEX_HERE, "no"},
		{"([a-z]+)-([0-9.]+)", "hello-2.10", REGEX_WHOLE, "0,10 0,5 6,10"},
		{"(a)|(b)", "b", REGEX_WHOLE, "0,1 - 0,1"},
		{"a{2,3}", "aaaa", 0, "0,3"},
		{"a{2}", "a", 0, "no"},
		{"(ab){2,}", "ababab", REGEX_WHOLE, "0,6 4,6"},
		{"x{0,2}y", "xxxy", 0, "1,4"},
		{"a{0}b", "ab", 0, "1,2"},
		{"(a|ab)(c|bcd)?", "abcd", 0, "0,4 0,1 1,4"},
		{"(a|ab)", "ab", 0, "0,2 0,2"},
		{"[^a]+", "aab\n", 0, "2,4"},
		{"[]a]+", "]a", REGEX_WHOLE, "0,2"},
		{"[a-]+", "a-a", REGEX_WHOLE, "0,3"},
		{"[[:digit:][:space:]]*", "1 2", REGEX_WHOLE, "0,3"},
		{"[[.a.]-c]", "b", REGEX_WHOLE, "0,1"},
		{".", "\n", REGEX_WHOLE, "0,1"},
		{"^b", "ab", 0, "no"},
		{"b$", "ab", 0, "1,2"},
		{"", "ab", 0, "0,0"},
		{"a*", "b", 0, "0,0"},
		{"a*", "b", REGEX_NOT_EMPTY, "no"},
		{"\\.", "a.b", 0, "1,2"},
		{"(a*)*b", "aab", REGEX_WHOLE, "0,3 0,2"},
		{"()", "", REGEX_WHOLE, "0,0 0,0"},
		{"a|", "b", 0, "0,0"},
		{"(a?){30}a{30}", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", REGEX_WHOLE, "0,30 0,0"},
	};
	struct arena mem = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		const char *why = NULL;
		struct regex *r = regex_new(str_c(rows[i].pattern), &why);

		assert_non_null(r);
		if (strchr(rows[i].pattern, '{') && strlen(rows[i].text) == 30)
			assert_str_c(str_upto(shown(&mem, r, str_c(rows[i].text), rows[i].how), 4), "0,30");
		else
			assert_str_c(shown(&mem, r, str_c(rows[i].text), rows[i].how), rows[i].want);
		regex_free(r);
	}
	arena_clear(&mem);
}

static void refused(void **state)
{
	static const char *const patterns[] = {"(", ")", "a)", "(a", "[a", "*", "a|*", "a{", "a{1", "a{2,1}", "[z-a]", "[[:nope:]]", "\\",
			"a{99999}", "((((a{1000}){1000}){1000}){1000})"};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(patterns); i++) {
		const char *why = NULL;

		assert_null(regex_new(str_c(patterns[i]), &why));
		assert_non_null(why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
