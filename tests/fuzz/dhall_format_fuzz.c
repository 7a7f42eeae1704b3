#include "format_fuzz.h"

#include "fuzz.h"

/* What parses can be formatted: the same meaning, the same comments, and the second time nothing changes. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct formatted f = {0};

	if (format_read(&f, str_of((const char *)bytes, n)))
		must(!format_problem(&f));
	format_free(&f);
	return 0;
}
