#include "analysis.h"
#include "memo.h"
#include "record.h"

#include "fuzz.h"

/* What is accepted is the same when it is written and read again. */
static void package_again(const struct package *p)
{
	struct buf bytes = {0}, again = {0};
	struct package *got;

	record_package(p, &bytes);
	got = record_read_package(buf_view(&bytes), p->path, p->file);
	must(got);
	record_package(got, &again);
	must(str_eq(buf_view(&bytes), buf_view(&again)));
	package_free(got);
	buf_free(&bytes);
	buf_free(&again);
}

static void settings_again(const struct settings *s, struct arena *a)
{
	struct buf bytes = {0}, again = {0};
	struct settings got;

	record_settings(s, &bytes);
	must(record_read_settings(buf_view(&bytes), a, &got));
	record_settings(&got, &again);
	must(str_eq(buf_view(&bytes), buf_view(&again)));
	buf_free(&bytes);
	buf_free(&again);
}

/* The first byte says what the rest is: a package, settings, or a memo with packages in it. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	str in = str_of((const char *)bytes + (n != 0), n - (n != 0));
	struct memo memo = {0};
	struct settings s;
	struct package *p;
	struct arena a = {0};

	if (n && bytes[0] == 'p' && (p = record_read_package(in, S("p/q"), 1)) != NULL) {
		package_again(p);
		package_free(p);
	}
	if (n && bytes[0] == 's' && record_read_settings(in, &a, &s))
		settings_again(&s, &a);
	if (n && bytes[0] == 'm' && memo_read(in, &memo))
		for (uint32_t i = 0; i < memo.n; i++)
			package_free(record_read_package(memo.entries[i].value, (str){NULL, 0}, 1));
	memo_clear(&memo);
	arena_clear(&a);
	return 0;
}
