#include "../../fuzz/format_fuzz.h"
#include "generate.h"
#include "syntax.h"

#include <straylight/dhall.h>

/* What must hold of every text: printed, encoded, formatted, it is the same.  STRAYLIGHT_GENERATED is how many
 * texts (the slow tier has more), STRAYLIGHT_SEED which. */

static const char *problem_of(str text)
{
	struct unit u = {0}, again = {0};
	struct diags diags = {0};
	struct buf encoded = {0}, other = {0};
	struct formatted f = {0};
	const struct term *t = term_parse(&u, text, &diags), *same;
	const char *problem = NULL, *why = NULL;

	if (!t) {
		diags_render(&diags, DIAG_TEXT, false, &other);
		printf("%.*s", STR_ARG(buf_view(&other)));
		problem = "does not parse";
		goto out;
	}
	term_encode(t, &encoded);
	same = term_decode(&again.arena, buf_view(&encoded), &why);
	if (same)
		term_encode(same, &other);
	if (!same || !str_eq(buf_view(&encoded), buf_view(&other)))
		problem = "decoded from its encoding it is another";
	other.n = 0;
	term_print(t, &other);
	same = term_parse(&again, buf_view(&other), &diags);
	other.n = 0;
	if (same)
		term_encode(same, &other);
	if (!same || !str_eq(buf_view(&encoded), buf_view(&other)))
		problem = "what is printed of it is another";
	if (!format_read(&f, text))
		problem = "cannot be formatted";
	else if (format_problem(&f))
		problem = format_problem(&f);
	format_free(&f);
out:
	buf_free(&encoded);
	buf_free(&other);
	diags_free(&diags);
	arena_clear(&u.arena);
	arena_clear(&again.arena);
	return problem;
}

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *given = getenv(name);

	return given ? strtoul(given, NULL, 10) : otherwise;
}

static void generated(void **state)
{
	unsigned long n = number("STRAYLIGHT_GENERATED", 2000), bytes = 0;
	struct generator g = {.state = number("STRAYLIGHT_SEED", 1) * 0x9e3779b97f4a7c15 | 1};

	(void)state;
	for (unsigned long i = 0; i < n; i++) {
		str text = generate(&g);
		const char *problem = problem_of(text);

		if (problem) {
			printf("%.*s\n", STR_ARG(text));
			fail_msg("text %lu %s", i, problem);
		}
		bytes += text.n;
	}
	printf("%lu texts, %lu bytes\n", n, bytes);
	buf_free(&g.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(generated)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
