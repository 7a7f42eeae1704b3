#include "lint_int.h"

#include <ctype.h>

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '.';
}

/* The words of `phrase`, one blank between, as words of the text. */
static bool has_phrase(str text, const char *phrase)
{
	str want = str_c(phrase);

	for (size_t at = 0; at + want.n <= text.n; at++) {
		size_t found = str_find_str(str_from(text, at), want);

		at += found;
		if (at + want.n > text.n)
			return false;
		if ((at == 0 || !is_word(text.p[at - 1])) && (at + want.n == text.n || !is_word(text.p[at + want.n])))
			return true;
	}
	return false;
}

bool lint_uses_network(str text)
{
	static const char *const phrases[] = {
		"curl", "wget", "git clone", "git fetch", "npm install", "npm ci", "pip install", "cargo fetch", "go get",
		"go mod download", "scp", "rsync",
	};

	for (size_t i = 0; i < SL_COUNT(phrases); i++)
		if (has_phrase(text, phrases[i]))
			return true;
	return false;
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
