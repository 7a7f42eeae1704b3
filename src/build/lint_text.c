#include "lint_int.h"

#include <ctype.h>

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

bool lint_names_store(str text)
{
	return str_find_str(text, S("/nix/store")) < text.n;
}

/* NAME.drv, with or without !OUTPUT behind. */
bool lint_names_drv(str text)
{
	for (size_t at = 1; at + 4 <= text.n; at++)
		if (memcmp(text.p + at, ".drv", 4) == 0 && is_word(text.p[at - 1]) &&
				(at + 4 == text.n || !is_word(text.p[at + 4])))
			return true;
	return false;
}

bool lint_is_shell(str program)
{
	static const char *const shells[] = {"sh", "bash", "dash", "zsh", "ksh", "ash"};

	for (size_t i = 0; i < program.n; i++)
		if (program.p[i] == '/') {
			program = str_from(program, i + 1);
			i = (size_t)-1;
		}
	for (size_t i = 0; i < SL_COUNT(shells); i++)
		if (str_eq(program, str_c(shells[i])))
			return true;
	return false;
}

/* -c, -ec, -lc … */
bool lint_is_script_flag(str word)
{
	bool is = word.n > 1 && word.p[0] == '-' && word.p[word.n - 1] == 'c';

	for (size_t i = 1; i < word.n; i++)
		is &= isalpha((unsigned char)word.p[i]) != 0;
	return is;
}
