/* syntax_fuzz.h: what the targets of Dhall's parser and decoder share. */
#ifndef STRAYLIGHT_SYNTAX_FUZZ_H
#define STRAYLIGHT_SYNTAX_FUZZ_H

#include "term.h"

#include "fuzz.h"

/* Our own encoding is read back, and written again as the same bytes. */
static inline void round_trip(str encoded)
{
	struct arena mem = {0};
	struct buf again = {0};
	const char *why = NULL;
	const struct term *t = term_decode(&mem, encoded, &why);

	must(t);
	term_encode(t, &again);
	must(str_eq(encoded, buf_view(&again)));
	buf_free(&again);
	arena_clear(&mem);
}

#endif
