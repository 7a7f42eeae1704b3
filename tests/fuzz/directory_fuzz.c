#include "store_int.h"
#include <straylight/wire.h>

#include "fuzz.h"

static void walk(str in)
{
	struct wire w = wire_over(in);
	struct wire_field f;
	struct digest d;
	size_t before = 0;

	while (wire_next(&w, &f)) {
		must(w.at > before && w.at <= in.n && f.number > 0);
		must(f.bytes.n < w.at - before);
		if (wire_get_digest(&f, &d))
			must(d.size >= 0);
		before = w.at;
	}
	must(w.bad || w.at == in.n);
}

/* What is accepted is canonical: sorted, with names that are file names, and the same when written. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	str in = str_of((const char *)bytes, n);
	struct tree_entry *entries;
	struct arena a = {0};
	struct buf b = {0};
	size_t count;

	walk(in);
	if (directory_read(in, &a, &entries, &count)) {
		for (size_t i = 0; i < count; i++) {
			must(tree_name_ok(entries[i].name));
			must(i == 0 || str_cmp(entries[i - 1].name, entries[i].name) < 0);
		}
		directory_write(entries, count, DIGEST_SHA256, &b);
		must(str_eq(buf_view(&b), in));
	}
	buf_free(&b);
	arena_clear(&a);
	return 0;
}
