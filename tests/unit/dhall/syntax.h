/* syntax.h: what the tests of the parser and its neighbours share. */
#ifndef STRAYLIGHT_TEST_SYNTAX_H
#define STRAYLIGHT_TEST_SYNTAX_H

#include "term.h"

#include "test.h"

/* A unit with the text parsed; the test fails when it does not parse. */
struct parsed {
	struct unit unit;
	struct diags diags;
	const struct term *t;
};

static inline void parse_try(struct parsed *p, str text)
{
	*p = (struct parsed){0};
	p->unit.file = source_add(S("test"), text);
	p->t = term_parse(&p->unit, text, &p->diags);
}

static inline void parse_free(struct parsed *p)
{
	source_drop(p->unit.file);
	diags_free(&p->diags);
	arena_clear(&p->unit.arena);
}

static inline const struct term *parse_ok(struct parsed *p, str text)
{
	parse_try(p, text);
	if (!p->t)
		fail_msg("'%.*s' does not parse: %.*s", STR_ARG(str_upto(text, 200)),
				STR_ARG(p->diags.first ? p->diags.first->text : S("no diagnostic")));
	return p->t;
}

/* The CBOR diagnostic notation of the bytes, for readable expectations: [3, 4, "x", null]. */
static inline void cbor_show(struct cbor *c, struct buf *out)
{
	struct cbor_item item;

	assert_true(cbor_next(c, &item));
	switch (item.major) {
	case CBOR_UINT: buf_fmt(out, "%llu", (unsigned long long)item.n); break;
	case CBOR_NINT: buf_fmt(out, "-%llu", (unsigned long long)item.n + 1); break;
	case CBOR_TEXT: buf_fmt(out, "\"%.*s\"", STR_ARG(item.bytes)); break;
	case CBOR_BYTES:
		buf_lit(out, "h'");
		for (size_t i = 0; i < item.bytes.n; i++)
			buf_fmt(out, "%02x", (unsigned char)item.bytes.p[i]);
		buf_c(out, '\'');
		break;
	case CBOR_ARRAY:
	case CBOR_MAP:
		buf_c(out, item.major == CBOR_ARRAY ? '[' : '{');
		for (uint64_t i = 0; i < item.n; i++) {
			if (i)
				buf_lit(out, ", ");
			cbor_show(c, out);
			if (item.major == CBOR_MAP) {
				buf_lit(out, ": ");
				cbor_show(c, out);
			}
		}
		buf_c(out, item.major == CBOR_ARRAY ? ']' : '}');
		break;
	case CBOR_TAG:
		buf_fmt(out, "%llu(", (unsigned long long)item.n);
		cbor_show(c, out);
		buf_c(out, ')');
		break;
	case CBOR_SIMPLE:
		if (item.info == 20 || item.info == 21)
			buf_str(out, item.info == 21 ? S("true") : S("false"));
		else if (item.info == 22)
			buf_lit(out, "null");
		else
			buf_fmt(out, "%g_%d", cbor_float(&item), item.info - 24);
		break;
	}
}

static inline void assert_encoding(const struct term *t, const char *want)
{
	struct buf bytes = {0}, shown = {0};
	struct cbor c;

	term_encode(t, &bytes);
	c = cbor_over(buf_view(&bytes));
	cbor_show(&c, &shown);
	assert_int_equal(c.at, bytes.n);
	assert_str_c(buf_view(&shown), want);
	buf_free(&bytes);
	buf_free(&shown);
}

static inline void assert_parses(const char *text, const char *want)
{
	struct parsed p;

	assert_encoding(parse_ok(&p, str_c(text)), want);
	parse_free(&p);
}

/* n times `part`, in the arena. */
static inline void repeat(struct buf *out, size_t n, const char *part)
{
	for (size_t i = 0; i < n; i++)
		buf_str(out, str_c(part));
}

#endif
