#include "capture_int.h"

#include "fuzz.h"

/* What is accepted is the same when it is written and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct buf first = {0}, second = {0};
	struct capture c, again;
	struct arena a = {0};

	if (capture_decode(str_of((const char *)bytes, n), &a, &c)) {
		capture_encode(&c, &first);
		must(capture_decode(buf_view(&first), &a, &again));
		capture_encode(&again, &second);
		must(str_eq(buf_view(&first), buf_view(&second)));
	}
	buf_free(&first);
	buf_free(&second);
	arena_clear(&a);
	return 0;
}
