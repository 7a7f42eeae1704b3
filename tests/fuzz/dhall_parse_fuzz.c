#include "syntax_fuzz.h"

/* A text parses or gives exactly one error; what it parses to survives printing and encoding. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct unit u = {0}, v = {0};
	struct diags diags = {0};
	struct buf encoded = {0}, printed = {0}, again = {0};
	const struct term *t = term_parse(&u, str_of((const char *)bytes, n), &diags), *same;

	must((t != NULL) == (diags.errors == 0) && diags.errors <= 1);
	if (t) {
		term_encode(t, &encoded);
		round_trip(buf_view(&encoded));
		term_print(t, &printed);
		same = term_parse(&v, buf_view(&printed), &diags);
		must(same);
		term_encode(same, &again);
		must(str_eq(buf_view(&encoded), buf_view(&again)));
		again.n = 0;
		term_print(same, &again);
		must(str_eq(buf_view(&printed), buf_view(&again)));
	}
	buf_free(&encoded);
	buf_free(&printed);
	buf_free(&again);
	diags_free(&diags);
	arena_clear(&u.arena);
	arena_clear(&v.arena);
	return 0;
}
