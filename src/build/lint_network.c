/* What commands do: which are shell text, and which fetch something.  A text is looked through by a reader that knows enough of shell to tell commands from
 * their arguments; what it misreads costs a finding or a suppression, nothing else. */
#include "lint_int.h"

#include <ctype.h>

#define WORDS_MAX 64 /* of a command that are looked at */
#define DEPTH_MAX 6  /* texts in texts: sh -c '…', "$(…)" */

/* ---- one command ---- */

struct fetcher {
	const char *program;
	const char *verbs; /* any of these words among its arguments, each with a blank around; NULL: whatever it is told */
};

static const struct fetcher fetchers[] = {
	{"curl", NULL},
	{"wget", NULL},
	{"aria2c", NULL},
	{"scp", NULL},
	{"sftp", NULL},
	{"ftp", NULL},
	{"ssh", NULL},
	{"rsync", NULL},
	{"nix-prefetch-url", NULL},
	{"nix-prefetch-git", NULL},
	{"npx", NULL},
	{"git", " clone fetch pull ls-remote submodule "},
	{"hg", " clone pull "},
	{"svn", " checkout co export update "},
	{"npm", " install ci i update "},
	{"pnpm", " install i add "},
	{"yarn", " install add "},
	{"pip", " install download wheel "},
	{"pip3", " install download wheel "},
	{"poetry", " install add "},
	{"gem", " install fetch "},
	{"bundle", " install "},
	{"cargo", " fetch install update "},
	{"rustup", " toolchain target update install "},
	{"go", " get install download tidy "},
	{"cabal", " update fetch "},
	{"apt", " install update "},
	{"apt-get", " install update download "},
	{"docker", " pull "},
};

/* What another program does is said behind these, their options and numbers. */
static bool is_wrapper(str program)
{
	static const char *const names[] = {
		"env", "exec", "command", "time", "nice", "nohup", "sudo", "eval", "timeout", "xargs", "then", "do", "else", "if", "elif",
		"while", "until", "!", "{", "busybox",
	};

	for (size_t i = 0; i < SL_COUNT(names); i++)
		if (str_eq(program, str_c(names[i])))
			return true;
	return false;
}

static str base_of(str path)
{
	size_t at = path.n;

	while (at && path.p[at - 1] != '/')
		at--;
	return str_from(path, at);
}

static bool is_assignment(str word)
{
	size_t at = str_find(word, '=');

	for (size_t i = 0; i < at; i++)
		if (!isalnum((unsigned char)word.p[i]) && word.p[i] != '_')
			return false;
	return at && at < word.n;
}

static bool is_among(str word, const char *verbs)
{
	char wanted[32];

	if (word.n + 3 > sizeof wanted)
		return false;
	wanted[0] = ' ';
	memcpy(wanted + 1, word.p, word.n);
	memcpy(wanted + 1 + word.n, " ", 2);
	return strstr(verbs, wanted) != NULL;
}

static bool is_offline(str word)
{
	return str_eq(word, S("--offline")) || str_eq(word, S("--no-index")) || str_eq(word, S("--frozen")) ||
	       str_eq(word, S("--help")) || str_eq(word, S("--version"));
}

static bool fetches(str program, const str *arguments, size_t n)
{
	for (size_t i = 0; i < SL_COUNT(fetchers); i++) {
		const char *verbs = fetchers[i].verbs;
		bool does = !verbs;

		if (!str_eq(program, str_c(fetchers[i].program)))
			continue;
		for (size_t k = 0; k < n; k++) {
			if (is_offline(arguments[k]))
				return false;
			does |= verbs && is_among(arguments[k], verbs);
		}
		return does;
	}
	return false;
}

/* Where the program stands that the command is about, behind assignments and wrappers; n when there is none. */
static size_t program_at(const str *words, size_t n)
{
	bool wrapped = false;

	for (size_t at = 0; at < n; at++) {
		bool skipped = !words[at].n || is_assignment(words[at]) ||
			       (wrapped && (words[at].p[0] == '-' || isdigit((unsigned char)words[at].p[0])));

		if (!skipped && !is_wrapper(base_of(words[at])))
			return at;
		if (str_eq(words[at], S("command")) && at + 1 < n && str_starts(words[at + 1], S("-v")))
			return n; /* it asks where a program is */
		wrapped |= !skipped;
	}
	return n;
}

/* Where the shell text stands that the command runs; n when it runs none. */
static size_t script_at(const str *words, size_t n)
{
	size_t at = program_at(words, n);

	for (size_t i = at + 1; at < n && i + 1 < n && lint_is_shell(words[at]); i++)
		if (lint_is_script_flag(words[i]))
			return i + 1;
	return n;
}

bool lint_command_is_script(const str *words, size_t n)
{
	return script_at(words, n) < n;
}

static bool text_fetches(str text, unsigned depth);

static bool command_fetches(const str *words, size_t n, unsigned depth)
{
	size_t at = program_at(words, n), script = script_at(words, n);
	str program;

	if (at == n)
		return false;
	if (script < n)
		return text_fetches(words[script], depth + 1);
	program = base_of(words[at++]);
	if (str_starts(program, S("python")) && n - at > 1 && str_eq(words[at], S("-m")))
		return fetches(words[at + 1], words + at + 2, n - at - 2);
	return fetches(program, words + at, n - at);
}

bool lint_command_fetches(const str *words, size_t n)
{
	return command_fetches(words, n, 0);
}

/* ---- a text of commands ---- */

struct reader {
	str text;
	size_t at;
	unsigned depth;
	str words[WORDS_MAX];
	size_t n;
	bool found;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* What stands behind one of these is a command of its own. */
static bool is_end(char c)
{
	return char_in(c, "\n;|&()`");
}

static void end_command(struct reader *r)
{
	r->found |= r->n && command_fetches(r->words, r->n, r->depth);
	r->n = 0;
}

static void end_word(struct reader *r, str word)
{
	if (word.n && r->n < WORDS_MAX)
		r->words[r->n++] = word;
}

/* Commands inside of a text in double quotes. */
static void look_inside(struct reader *r, str quoted)
{
	for (size_t i = 0; i < quoted.n && !r->found; i++)
		if (quoted.p[i] == '`' || (quoted.p[i] == '$' && i + 1 < quoted.n && quoted.p[i + 1] == '(')) {
			r->found |= text_fetches(str_from(quoted, i + 1), r->depth + 1);
			return;
		}
}

/* From an opening quote to behind the closing one; the word is what is between. */
static void read_quoted(struct reader *r)
{
	char quote = r->text.p[r->at];
	size_t from = ++r->at;
	str inside;

	while (r->at < r->text.n && r->text.p[r->at] != quote)
		r->at += r->text.p[r->at] == '\\' && quote == '"' && r->at + 1 < r->text.n ? 2 : 1;
	inside = str_of(r->text.p + from, r->at - from);
	r->at += r->at < r->text.n;
	if (quote == '"')
		look_inside(r, inside);
	end_word(r, inside);
}

static void read_plain(struct reader *r)
{
	size_t from = r->at;

	while (r->at < r->text.n && !is_blank(r->text.p[r->at]) && !is_end(r->text.p[r->at]) &&
			!(r->at > from && char_in(r->text.p[r->at], "\"'")))
		r->at += r->text.p[r->at] == '\\' && r->at + 1 < r->text.n ? 2 : 1;
	end_word(r, str_of(r->text.p + from, r->at - from));
}

static bool text_fetches(str text, unsigned depth)
{
	struct reader r = {.text = text, .depth = depth};

	if (depth > DEPTH_MAX)
		return false;
	while (r.at < text.n && !r.found) {
		char c = text.p[r.at];

		if (is_end(c)) {
			end_command(&r);
			r.at++;
		} else if (is_blank(c) || (c == '\\' && r.at + 1 < text.n && text.p[r.at + 1] == '\n')) {
			r.at += c == '\\' ? 2 : 1;
		} else if (c == '#' && (r.at == 0 || is_blank(text.p[r.at - 1]) || is_end(text.p[r.at - 1]))) {
			r.at += str_find(str_from(text, r.at), '\n');
		} else if (c == '"' || c == '\'') {
			read_quoted(&r);
		} else {
			read_plain(&r);
		}
	}
	end_command(&r);
	return r.found;
}

bool lint_uses_network(str text)
{
	return str_find_str(text, S("/dev/tcp/")) < text.n || text_fetches(text, 0);
}
