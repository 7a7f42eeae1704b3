#include "store_int.h"

#include "fuzz.h"

/* What is accepted is the same when it is written and read again. */
static void again(const struct action_result *r, struct arena *a)
{
	struct action_result got;
	struct buf b = {0}, c = {0};

	result_write(r, &b);
	must(result_read(buf_view(&b), a, &got));
	result_write(&got, &c);
	must(str_eq(buf_view(&b), buf_view(&c)));
	buf_free(&b);
	buf_free(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const unsigned char key[32];
	str in = str_of((const char *)bytes, n);
	struct action_result r;
	struct arena a = {0};
	struct blob *b = blob_new(in);

	if (result_read(in, &a, &r))
		again(&r, &a);
	record_unseal("result", key, b);
	blob_unref(b);
	b = record_seal("result", key, in);
	must(b->n > n && record_unseal("result", key, b) && str_eq(blob_str(b), in));
	blob_unref(b);
	arena_clear(&a);
	return 0;
}
