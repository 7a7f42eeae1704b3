/* The files below SYMBOLIC_DIR, which are nowhere, and the names that they list. */
#include "symbolic_int.h"

extern const char symbolic_text[], symbolic_text_end[], evaluated_text[], evaluated_text_end[];

#define NAMES_MAX 100000

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
}

/* In quotes a name may begin with a digit. */
static bool is_name(str s, bool quoted)
{
	static const char *const words[] = {"if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or"};

	for (size_t i = 0; i < SL_COUNT(words); i++)
		if (str_eq(s, str_c(words[i])))
			return false;
	return s.n && (is_letter(s.p[0]) || (quoted && s.p[0] >= '0' && s.p[0] <= '9'));
}

static bool is_word_byte(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || char_in(c, "-'");
}

/* Every word, wherever it stands: a name that is no package does no harm. */
static void note_names(struct symbolic *y, str text)
{
	for (size_t at = 0, n; at < text.n; at += n ? n : 1) {
		str word;

		for (n = 0; at + n < text.n && is_word_byte(text.p[at + n]); n++)
			continue;
		word = str_of(text.p + at, n);
		if (is_name(word, at && text.p[at - 1] == '"') && !map_has(&y->names, word) && y->names.n < NAMES_MAX)
			map_put(&y->names, str_dup(&y->arena, word), y);
	}
}

void symbolic_note_file(struct symbolic *y, str path, str text)
{
	if (map_has(&y->seen, path))
		return;
	path = str_dup(&y->arena, path);
	map_put(&y->seen, path, y);
	vec_push(&y->files, path);
	note_names(y, text);
}

str symbolic_names(struct symbolic *y)
{
	const struct symbolic_request *q = y->request;
	struct buf b = {0};

	buf_lit(&b, "{ names = [");
	for (size_t i = 0; i < y->names.n; i++)
		buf_fmt(&b, " \"%.*s\"", STR_ARG(y->names.entries[i].key));
	buf_lit(&b, " ]; packages = [");
	for (size_t i = 0; i < q->npackages; i++)
		buf_fmt(&b, " \"%.*s\"", STR_ARG(q->packages[i]));
	buf_lit(&b, " ]; }\n");
	return buf_take(&b, &y->arena);
}

void symbolic_escape(struct buf *out, str path)
{
	for (size_t i = 0; i < path.n; i++) {
		if (char_in(path.p[i], "\"\\$"))
			buf_c(out, '\\');
		buf_c(out, path.p[i]);
	}
}

str symbolic_config(struct symbolic *y, bool follow)
{
	struct buf b = {0};
	str file = y->request->file;
	size_t n = file.n;

	while (n && file.p[n - 1] != '/')
		n--;
	buf_fmt(&b, "import " SYMBOLIC_DIR "/default.nix { inherit (%s) names packages; follow = %s; here = /. + \"",
			follow ? "import " SYMBOLIC_DIR "/names.nix" : "{ names = [ ]; packages = [ ]; }", follow ? "true" : "false");
	symbolic_escape(&b, str_upto(file, n > 1 ? n - 1 : n));
	buf_lit(&b, "\"; }");
	return buf_take(&b, &y->arena);
}

str symbolic_text_of(struct symbolic *y, str path)
{
	str below = str_from(path, sizeof SYMBOLIC_DIR - 1);

	if (str_eq(below, S("/default.nix")))
		return str_of(symbolic_text, (size_t)(symbolic_text_end - symbolic_text));
	if (str_eq(below, S("/evaluated.nix")))
		return str_of(evaluated_text, (size_t)(evaluated_text_end - evaluated_text));
	if (str_eq(below, S("/names.nix")))
		return y->names_text;
	if (str_eq(below, S("/config.nix")))
		return symbolic_config(y, true);
	if (str_eq(below, S("/nixpkgs/default.nix")))
		return S("(import " SYMBOLIC_DIR "/config.nix).nixpkgs");
	if (str_eq(below, S("/nixpkgs/lib/default.nix")))
		return S("(import " SYMBOLIC_DIR "/config.nix).lib");
	return (str){0};
}

bool symbolic_is_below(str path)
{
	return str_starts(path, S(SYMBOLIC_DIR)) && (path.n == sizeof SYMBOLIC_DIR - 1 || path.p[sizeof SYMBOLIC_DIR - 1] == '/');
}
