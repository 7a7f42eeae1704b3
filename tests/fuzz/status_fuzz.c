#include "status.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	str in = str_of((const char *)bytes, n), text;
	struct buf coded = {0}, again = {0};
	struct arena a = {0};
	struct grpc_status s;

	if (grpc_status_read(in, &a, &s)) {
		must((unsigned)s.code < GRPC_CODES && s.retry_ms >= -1);
		must(s.nviolations <= STATUS_DETAILS_MAX && s.text.n <= n);
	} else {
		must(s.code == GRPC_UNKNOWN && s.nviolations == 0);
	}
	text = status_unescape(in, &a);
	must(text.n <= n);
	must((unsigned)status_of_text(in) < GRPC_CODES);
	base64_write(in, &coded);
	must(base64_read(buf_view(&coded), &again) && str_eq(buf_view(&again), in));
	again.n = 0;
	base64_read(in, &again);
	must(again.n <= n);
	buf_free(&coded);
	buf_free(&again);
	arena_clear(&a);
	return 0;
}
