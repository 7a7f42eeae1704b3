#include "syntax.h"

static void assert_tags(const char *text, const char *want)
{
	struct buf out = {0};
	struct diags diags = {0};

	assert_true(dhall_tags(str_c(text), S("a/f"), &out, &diags));
	assert_str_c(buf_view(&out), want);
	buf_free(&out);
	diags_free(&diags);
}

#define FILE_TAGS "\x7f" "f\x01" "1,1\n\x7f/f\x01" "1,1\n" /* 15 bytes */

static void tags(void **state)
{
	(void)state;
	assert_tags("1", "\f\na/f,15\n" FILE_TAGS);
	assert_tags("let x = 1\nlet yy = < A | B : T >\nin {\n  `c d` = x }",
			"\f\na/f,107\n" FILE_TAGS "let x \x7fx\x01" "1,5\n" "let yy \x7fyy\x01" "2,15\n"
			"let yy = < A \x7f" "A\x01" "2,22\n" "let yy = < A | B \x7f" "B\x01" "2,26\n"
			"  `c d`\x7f" "c d\x01" "4,42\n");
}

static void refuses(void **state)
{
	struct buf out = {0};
	struct diags diags = {0};

	(void)state;
	assert_false(dhall_tags(S("let x ="), S("f"), &out, &diags));
	assert_int_equal(out.n, 0);
	assert_int_equal(diags.errors, 1);
	diags_free(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
