#include "page.h"

#define D(name, number, blame, summary) extern const char page_##name[], page_##name##_end[];
#include <straylight/base/diag.def>
#undef D

static const struct {
	const char *start, *end;
} pages[DIAG_COUNT] = {
#define D(name, number, blame, summary) [DIAG_##name] = {page_##name, page_##name##_end},
#include <straylight/base/diag.def>
#undef D
};

str page_of(enum diag_code code)
{
	return str_of(pages[code].start, (size_t)(pages[code].end - pages[code].start));
}
