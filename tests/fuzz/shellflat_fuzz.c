#include "commands.h"
#include "shellflat.h"

#include "fuzz.h"

/* Any bytes as shell, and as typed commands. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct arena a = {0};
	struct flat_script script;
	const str names[] = {S("out"), S("src")}, values[] = {{0}, S("a.tar")};
	const struct command_scope scope = {names, values, 2};
	command_list list = {0};
	struct buf out = {0};
	str text = str_of((const char *)bytes, n), why;
	uint32_t at;

	if (!flat_read(text, &a, &script))
		must(script.why && script.at <= n);
	if (commands_read(text, &scope, &a, &list, &why, &at))
		commands_print(&list, S("D"), 4, &out);
	vec_free(&list);
	buf_free(&out);
	arena_clear(&a);
	return 0;
}
