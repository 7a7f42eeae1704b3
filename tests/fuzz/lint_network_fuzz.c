#include "lint_int.h"

#include "fuzz.h"

/* It ends, whatever the text; an empty line before it says nothing; one command is what its words are. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	str text = str_of((const char *)bytes, n), words[8];
	struct arena a = {0};
	size_t nwords = 0;

	must(lint_uses_network(text) == lint_uses_network(str_fmt(&a, "\n%.*s", STR_ARG(text))));
	while (nwords < SL_COUNT(words) && str_cut(text, ' ', &words[nwords], &text))
		nwords++;
	if (nwords && lint_command_is_script(words, nwords))
		must(nwords > 2);
	(void)lint_command_fetches(words, nwords);
	arena_clear(&a);
	return 0;
}
