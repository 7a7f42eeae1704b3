/* Formatting and linting every text of the standard's tests and Prelude. */
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

/* What lint writes parses, and there is nothing left to do in it. */
static const char *lints(struct arena *mem, const char *path)
{
	struct blob *text = corpus_read(path);
	struct buf once = {0}, twice = {0};
	struct diags diags = {0};
	const char *problem = NULL;

	(void)mem;
	if (dhall_lint(blob_str(text), S("(text)"), &once, NULL, &diags)) {
		if (!dhall_lint(buf_view(&once), S("(text)"), &twice, NULL, &diags))
			problem = "what lint writes does not parse";
		else if (!str_eq(buf_view(&once), buf_view(&twice)))
			problem = "linted again it changes";
	}
	if (problem)
		printf("%.*s\n", STR_ARG(buf_view(&once)));
	buf_free(&once);
	buf_free(&twice);
	diags_free(&diags);
	blob_unref(text);
	return problem;
}

int main(void)
{
	static const char *const folders[] = {"parser/success", "normalization/success", "type-inference/success",
			"alpha-normalization/success", "semantic-hash/success", "import/success"};
	static const struct {
		const char *name;
		corpus_case *check;
	} checks[] = {{"format", keeps}, {"format with comments", keeps_comments}, {"lint", lints}};
	struct corpus c = {0};
	bool ok = true;

	if (!corpus_open(&c)) {
		arena_clear(&c.mem);
		return CORPUS_ABSENT;
	}
	for (size_t k = 0; k < SL_COUNT(checks); k++) {
		corpus_case *check = checks[k].check;

		for (size_t i = 0; i < SL_COUNT(folders); i++)
			corpus_run(&c, str_c(folders[i]), S(".dhall"), check);
		corpus_run(&c, S("../Prelude"), S(".dhall"), check);
		ok &= corpus_part(&c, checks[k].name);
	}
	arena_clear(&c.mem);
	return ok ? 0 : 1;
}
