/* Formatting every text of the standard's tests and Prelude. */
#include "../fuzz/format_fuzz.h"

#include "corpus.h"

static const char *keeps(struct arena *mem, const char *path)
{
	struct blob *text = corpus_read(path);
	struct formatted f = {0};
	const char *problem = NULL;

	(void)mem;
	if (!text)
		return "cannot be read";
	if (format_read(&f, blob_str(text)))
		problem = format_problem(&f);
	format_free(&f);
	blob_unref(text);
	return problem;
}

/* As `keeps`, with comments put into every gap between tokens that the text has already. */
static const char *keeps_comments(struct arena *mem, const char *path)
{
	static const char *const notes[] = {" -- a\n", "{- b -} ", "\n\n-- c\n", "\n{- d\n   e -}\n", " {- f -}\n"};
	struct blob *text = corpus_read(path);
	struct buf with = {0};
	const char *problem = NULL;
	struct unit u = {0};
	struct diags diags = {0};

	(void)mem;
	if (!text || !term_parse(&u, blob_str(text), &diags))
		goto out;
	for (size_t skip = 1; skip < 5 && !problem; skip++) {
		struct formatted f = {0};
		str s = blob_str(text);
		size_t gaps = skip;

		with.n = 0;
		for (size_t i = 0; i < s.n; i++) {
			buf_c(&with, s.p[i]);
			if (s.p[i] == ' ' && ++gaps % skip == 0)
				buf_str(&with, str_c(notes[gaps * 7 / skip % SL_COUNT(notes)]));
		}
		if (format_read(&f, buf_view(&with)))
			problem = format_problem(&f);
		format_free(&f);
	}
out:
	diags_free(&diags);
	arena_clear(&u.arena);
	buf_free(&with);
	blob_unref(text);
	return problem;
}

int main(void)
{
	static const char *const folders[] = {"parser/success", "normalization/success", "type-inference/success",
			"alpha-normalization/success", "semantic-hash/success", "import/success"};
	struct corpus c = {0};
	bool ok = true;

	if (!corpus_open(&c))
		return CORPUS_ABSENT;
	for (int odd = 0; odd < 2; odd++) {
		corpus_case *check = odd ? keeps_comments : keeps;

		for (size_t i = 0; i < SL_COUNT(folders); i++)
			corpus_run(&c, str_c(folders[i]), S(".dhall"), check);
		ok &= corpus_part(&c, odd ? "tests with comments" : "tests");
		corpus_run(&c, S("../Prelude"), S(".dhall"), check);
		ok &= corpus_part(&c, odd ? "Prelude with comments" : "Prelude");
	}
	arena_clear(&c.mem);
	return ok ? 0 : 1;
}
