#include "syntax_fuzz.h"

/* Bytes decode or are refused with a reason; what they decode to survives encoding, and printing does
 * not depend on it being well-typed. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena mem = {0};
	struct buf out = {0};
	const char *why = NULL;
	const struct term *t = term_decode(&mem, str_of((const char *)bytes, n), &why);

	must((t != NULL) == (why == NULL));
	if (t) {
		term_encode(t, &out);
		round_trip(buf_view(&out));
		out.n = 0;
		term_print(t, &out);
		must(out.n > 0);
	}
	buf_free(&out);
	arena_clear(&mem);
	return 0;
}
