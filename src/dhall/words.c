#include "term.h"

const char *const *dhall_words(size_t *n)
{
	static const char *const words[] = {
		"if", "then", "else", "let", "in", "using", "missing", "assert", "as", "merge", "toMap", "showConstructor", "forall",
		"with", "Some", "Infinity", "NaN", "True", "False", "Type", "Kind", "Sort",
#define B(id, name, type) name,
#include "builtin.def"
#undef B
	};

	*n = SL_COUNT(words);
	return words;
}
