/* The standard's tests of the parser and of the binary encoding. */
#include "term.h"

#include "corpus.h"

static const struct term *parse(struct unit *u, struct blob *b)
{
	struct diags diags = {0};
	const struct term *t = term_parse(u, blob_str(b), &diags);

	diags_free(&diags);
	return t;
}

/* The encoding of the text; false when it does not parse. */
static bool encoded(struct blob *text, struct buf *out)
{
	struct unit u = {0};
	const struct term *t = parse(&u, text);

	if (t)
		term_encode(t, out);
	arena_clear(&u.arena);
	return t != NULL;
}

/* A.dhall has the encoding B.dhallb; what is printed of it has the same. */
static const char *parser_success(struct arena *mem, const char *path)
{
	struct blob *a = corpus_read(path), *b = corpus_partner(mem, path, S("A.dhall"), "B.dhallb");
	struct unit u = {0};
	struct buf got = {0}, printed = {0}, again = {0};
	struct blob *text = NULL;
	const struct term *t = a ? parse(&u, a) : NULL;
	const char *problem = NULL;

	if (t) {
		term_encode(t, &got);
		term_print(t, &printed);
		text = blob_new(buf_view(&printed));
	}
	if (!t || !b)
		problem = "does not parse";
	else if (!str_eq(buf_view(&got), blob_str(b)))
		problem = "another encoding";
	else if (!encoded(text, &again))
		problem = "what is printed does not parse";
	else if (!str_eq(buf_view(&again), blob_str(b)))
		problem = "what is printed has another encoding";
	if (problem && t)
		printf("%.*s\n", STR_ARG(buf_view(&printed)));
	buf_free(&got);
	buf_free(&printed);
	buf_free(&again);
	blob_unref(text);
	blob_unref(a);
	blob_unref(b);
	arena_clear(&u.arena);
	return problem;
}

static const char *parser_failure(struct arena *mem, const char *path)
{
	struct blob *a = corpus_read(path);
	struct unit u = {0};
	const struct term *t = a ? parse(&u, a) : NULL;

	(void)mem;
	blob_unref(a);
	arena_clear(&u.arena);
	return t ? "is accepted" : NULL;
}

/* A.dhallb means what the text of B.dhall does. */
static const char *decode_success(struct arena *mem, const char *path)
{
	struct blob *a = corpus_read(path), *b = corpus_partner(mem, path, S("A.dhallb"), "B.dhall");
	struct buf got = {0}, want = {0};
	const char *problem = NULL, *why = NULL;
	const struct term *t = term_decode(mem, blob_str(a), &why);

	if (t)
		term_encode(t, &got);
	if (!t)
		problem = why;
	else if (!encoded(b, &want))
		problem = "its text does not parse";
	else if (!str_eq(buf_view(&got), buf_view(&want)))
		problem = "another expression";
	buf_free(&got);
	buf_free(&want);
	blob_unref(a);
	blob_unref(b);
	return problem;
}

static const char *decode_failure(struct arena *mem, const char *path)
{
	struct blob *a = corpus_read(path);
	const char *why = NULL;
	const struct term *t = term_decode(mem, blob_str(a), &why);

	blob_unref(a);
	return t ? "is accepted" : why ? NULL : "is refused without a reason";
}

int main(void)
{
	struct corpus c = {0};
	bool ok;

	if (!corpus_open(&c))
		return CORPUS_ABSENT;
	corpus_run(&c, S("parser/success"), S("A.dhall"), parser_success);
	ok = corpus_part(&c, "parser/success");
	corpus_run(&c, S("parser/failure"), S(".dhall"), parser_failure);
	ok &= corpus_part(&c, "parser/failure");
	corpus_run(&c, S("binary-decode/success"), S("A.dhallb"), decode_success);
	ok &= corpus_part(&c, "binary-decode/success");
	corpus_run(&c, S("binary-decode/failure"), S(".dhallb"), decode_failure);
	ok &= corpus_part(&c, "binary-decode/failure");
	arena_clear(&c.mem);
	return ok ? 0 : 1;
}
