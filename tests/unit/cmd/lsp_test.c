#include "lsp.h"
#include "test.h"

#include <straylight/base/pool.h>

/* ---- framing ---- */

static void assert_frame(struct lsp_frames *f, enum frame_found want, const char *body)
{
	const char *what = NULL;
	str got = S("");

	assert_int_equal(lsp_frames_next(f, &got, &what), want);
	assert_str_c(want == FRAME_BAD ? str_c(what) : got, body);
}

static void framing(void **state)
{
	struct lsp_frames f = {0};

	(void)state;
	lsp_frames_add(&f, S("Content-Le"));
	assert_frame(&f, FRAME_NONE, "");
	lsp_frames_add(&f, S("ngth: 3\r\nContent-Type: x\r\n\r\nab"));
	assert_frame(&f, FRAME_NONE, "");
	lsp_frames_add(&f, S("ccontent-length:1\n\nd\r\n"));
	assert_frame(&f, FRAME_BODY, "abc");
	assert_frame(&f, FRAME_BODY, "d");
	assert_frame(&f, FRAME_BAD, "a header has no Content-Length");
	assert_frame(&f, FRAME_NONE, "");
	lsp_frames_free(&f);
}

/* What is too long is skipped as it comes, and takes no room. */
static void limits(void **state)
{
	struct lsp_frames f = {0};
	static char piece[1 << 16];
	size_t left = FRAME_BODY_MAX + 1;

	(void)state;
	memset(piece, 'x', sizeof piece);
	lsp_frames_add(&f, S("Content-Length: 67108865\r\n\r\nxxxx"));
	assert_frame(&f, FRAME_BAD, "a message is too long");
	for (left -= 4; left; left -= left < sizeof piece ? left : sizeof piece) {
		lsp_frames_add(&f, str_of(piece, left < sizeof piece ? left : sizeof piece));
		assert_frame(&f, FRAME_NONE, "");
	}
	assert_true(f.in.cap < sizeof piece);
	lsp_frames_add(&f, S("Content-Length: 0\r\n\r\n"));
	assert_frame(&f, FRAME_BODY, "");
	lsp_frames_add(&f, str_of(piece, FRAME_HEADER_MAX));
	assert_frame(&f, FRAME_BAD, "a header is too long");
	lsp_frames_free(&f);
}

/* ---- places ---- */

#define TEXT S("a\xf0\x9f\x98\x80\xc3\xbc\r\n\r\nend")

static void assert_position(bool utf8, uint32_t offset, uint32_t line, uint32_t character)
{
	struct position p = position_of(TEXT, utf8, offset);

	assert_int_equal(p.line, line);
	assert_int_equal(p.character, character);
	assert_int_equal(position_offset(TEXT, utf8, p), offset);
}

static void positions(void **state)
{
	(void)state;
	assert_position(false, 0, 0, 0);
	assert_position(false, 1, 0, 1);
	assert_position(false, 5, 0, 3);
	assert_position(true, 5, 0, 5);
	assert_position(false, 7, 0, 4);
	assert_position(false, 9, 1, 0);
	assert_position(false, 11, 2, 0);
	assert_position(true, 14, 2, 3);
	assert_int_equal(position_offset(TEXT, false, (struct position){0, 99}), 7);
	assert_int_equal(position_offset(TEXT, false, (struct position){1, 1}), 9);
	assert_int_equal(position_offset(TEXT, false, (struct position){9, 0}), 14);
	assert_int_equal(position_offset(S(""), false, (struct position){0, 1}), 0);
}

static void uris(void **state)
{
	struct arena a = {0};
	struct buf b = {0};

	(void)state;
	assert_str_c(uri_path(&a, S("file:///a/b%20c%C3%bc.dhall")), "/a/b c\xc3\xbc.dhall");
	assert_str_c(uri_path(&a, S("file://host/a%")), "/a%");
	assert_str_c(uri_path(&a, S("untitled:1")), "");
	path_uri(S("/a/b c\xc3\xbc.dhall"), &b);
	assert_str_c(buf_view(&b), "file:///a/b%20c%C3%BC.dhall");
	buf_free(&b);
	arena_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(framing),
		cmocka_unit_test(limits),
		cmocka_unit_test(positions),
		cmocka_unit_test(uris),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
