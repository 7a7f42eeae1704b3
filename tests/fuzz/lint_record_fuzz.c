#include "lint_int.h"

#include "fuzz.h"

/* What is accepted is the same when it is written and read again. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct lint_file f = {.path = S("/w/BUILD.dhall")}, got = {.path = S("/w/BUILD.dhall")};
	struct buf out = {0}, again = {0};

	if (lint_recall(str_of((const char *)bytes, n), S("/w"), &f)) {
		lint_record(&f, S("/w"), &out);
		must(lint_recall(buf_view(&out), S("/w"), &got));
		lint_record(&got, S("/w"), &again);
		must(str_eq(buf_view(&out), buf_view(&again)));
	}
	lint_file_clear(&f);
	lint_file_clear(&got);
	buf_free(&out);
	buf_free(&again);
	return 0;
}
