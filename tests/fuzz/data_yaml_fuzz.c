#include "fuzz.h"

#include <straylight/data.h>

/* Bytes are read or refused with one diagnostic; what was read survives being written and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena mem = {0};
	struct diags diags = {0};
	struct buf once = {0}, again = {.limit = (size_t)1 << 20};
	const struct data *d = data_read_yaml(&mem, 0, str_of((const char *)bytes, n), &diags);

	must((d != NULL) == (diags.errors == 0));
	once.limit = (size_t)1 << 20; /* aliases */
	if (d && n < 4096)
		data_yaml(d, false, &once);
	if (once.n && !once.over) {
		d = data_read_yaml(&mem, 0, buf_view(&once), &diags);
		must(d != NULL);
		data_yaml(d, false, &again);
		must(str_eq(buf_view(&once), buf_view(&again)));
	}
	buf_free(&once);
	buf_free(&again);
	diags_free(&diags);
	arena_clear(&mem);
	return 0;
}
