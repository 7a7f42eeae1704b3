#include <straylight/base/diag.h>

#include "test.h"

#define TEXT "let x = 1\nlet y = x + \"a\"\nin  y\n"

/* Line 2, columns 13 to 15: "a" with its quotes. */
static struct span quoted_a(uint32_t file)
{
	return (struct span){file, 22, 25};
}

static void assert_rendered(const struct diags *ds, enum diag_style style, bool color, const char *want)
{
	struct buf out = {0};

	diags_render(ds, style, color, &out);
	assert_string_equal(buf_z(&out), want);
	buf_free(&out);
}

/* One with all there is, one warning without a place. */
static void make_two(struct diags *ds, uint32_t file)
{
	struct diag *d = diag_error(ds, DIAG_USAGE, quoted_a(file), "'%s' is not a number", "\"a\"");

	diag_note(ds, d, (struct span){file, 4, 5}, "'x' is one");
	diag_note(ds, d, NO_SPAN, "numbers add only to numbers");
	diag_hint(ds, d, "write %d", 2);
	d = diag_warning(ds, DIAG_DISK_FULL, NO_SPAN, "little space");
	diag_subject(ds, d, S("//pkg:lib"));
	diag_detail(ds, d, S("line one\nline two"));
}

static void golden_text(void **state)
{
	uint32_t file = source_add(S("pkg/BUILD.dhall"), S(TEXT));
	struct diags ds = {0};

	(void)state;
	make_two(&ds, file);
	assert_rendered(&ds, DIAG_TEXT, false,
			"error[E0001]: '\"a\"' is not a number\n"
			"  --> pkg/BUILD.dhall:2:13\n"
			"     2 | let y = x + \"a\"\n"
			"       |             ^^^\n"
			"  note: 'x' is one\n"
			"  --> pkg/BUILD.dhall:1:5\n"
			"     1 | let x = 1\n"
			"       |     ^\n"
			"  note: numbers add only to numbers\n"
			"  hint: write 2\n"
			"warning[E0003]: //pkg:lib: little space\n"
			"    line one\n"
			"    line two\n");
	diags_free(&ds);
	source_drop(file);
}

static void golden_gcc(void **state)
{
	uint32_t file = source_add(S("pkg/BUILD.dhall"), S(TEXT));
	struct diags ds = {0};

	(void)state;
	make_two(&ds, file);
	diag_error(&ds, DIAG_INTERNAL, NO_SPAN, "no place at all");
	assert_rendered(&ds, DIAG_GCC, false,
			"pkg/BUILD.dhall:2:13: error: '\"a\"' is not a number [E0001]\n"
			"pkg/BUILD.dhall:1:5: note: 'x' is one\n"
			"//pkg:lib: warning: little space [E0003]\n"
			"straylight: error: no place at all [E0005]\n");
	diags_free(&ds);
	source_drop(file);
}

static void golden_json(void **state)
{
	uint32_t file = source_add(S("pkg/BUILD.dhall"), S(TEXT));
	struct diags ds = {0};

	(void)state;
	make_two(&ds, file);
	assert_rendered(&ds, DIAG_JSON, false,
			"{\"code\":\"E0001\",\"name\":\"USAGE\",\"severity\":\"error\","
			"\"message\":\"'\\\"a\\\"' is not a number\",\"file\":\"pkg/BUILD.dhall\","
			"\"line\":2,\"column\":13,\"end_line\":2,\"end_column\":16,\"hint\":\"write 2\","
			"\"notes\":[{\"message\":\"'x' is one\",\"file\":\"pkg/BUILD.dhall\","
			"\"line\":1,\"column\":5,\"end_line\":1,\"end_column\":6},"
			"{\"message\":\"numbers add only to numbers\"}]}\n"
			"{\"code\":\"E0003\",\"name\":\"DISK_FULL\",\"severity\":\"warning\","
			"\"message\":\"little space\",\"subject\":\"//pkg:lib\","
			"\"detail\":\"line one\\nline two\"}\n");
	diags_free(&ds);
	source_drop(file);
}

static void golden_color(void **state)
{
	uint32_t file = source_add(S("f"), S("ab\n"));
	struct diags ds = {0};

	(void)state;
	diag_error(&ds, DIAG_IO, (struct span){file, 1, 2}, "bad");
	assert_rendered(&ds, DIAG_TEXT, true,
			"\033[1;31merror[E0002]\033[0m: \033[1mbad\033[0m\n"
			"  --> f:1:2\n"
			"     1 | ab\n"
			"       | \033[1;32m ^\033[0m\n");
	diags_free(&ds);
	source_drop(file);
}

/* The source and the caret line for one span. */
static void assert_carets(str text, uint32_t lo, uint32_t hi, const char *want)
{
	uint32_t file = source_add(S("f"), text);
	struct diags ds = {0};
	struct buf out = {0};
	str lines, dropped;

	diag_error(&ds, DIAG_IO, (struct span){file, lo, hi}, "m");
	diags_render(&ds, DIAG_TEXT, false, &out);
	str_cut(buf_view(&out), '\n', &dropped, &lines);
	str_cut(lines, '\n', &dropped, &lines);
	assert_str_c(lines, want);
	buf_free(&out);
	diags_free(&ds);
	source_drop(file);
}

static void carets(void **state)
{
	(void)state;
	/* over several lines: to the end of the first */
	assert_carets(S("abc\ndef\n"), 1, 6, "     1 | abc\n       |  ^^\n");
	/* empty, at the end of a line and of the text */
	assert_carets(S("abc\ndef"), 3, 3, "     1 | abc\n       |    ^\n");
	assert_carets(S("abc"), 3, 3, "     1 | abc\n       |    ^\n");
	assert_carets(S(""), 0, 0, "     1 | \n       | ^\n");
	/* one column per code point; tabs and commands to the terminal are blanks */
	assert_carets(S("\xc3\xb6\xc3\xb6 x"), 5, 6, "     1 | \xc3\xb6\xc3\xb6 x\n       |    ^\n");
	assert_carets(S("\t\033[2Jx"), 5, 6, "     1 |   [2Jx\n       |      ^\n");
	/* a span of another text than the one that is there */
	assert_carets(S("abc"), 4000000000u, 4000000001u, "     1 | abc\n       |    ^\n");
	assert_carets(S("abc"), 1, 4000000000u, "     1 | abc\n       |  ^^\n");
}

static void long_lines_are_cut(void **state)
{
	char text[1000];
	struct diags ds = {0};
	struct buf out = {0};
	uint32_t file;

	(void)state;
	for (size_t fill = 0; fill < 2; fill++) {
		memset(text, fill ? '\x80' : 'a', sizeof text);
		text[500] = 'X';
		file = source_add(S("f"), str_of(text, sizeof text));
		diag_error(&ds, DIAG_IO, (struct span){file, 500, 501}, "m");
		diags_render(&ds, DIAG_TEXT, false, &out);
		assert_true(out.n < 600);
		assert_true(str_find(buf_view(&out), 'X') < out.n);
		assert_true(str_find(buf_view(&out), '^') < out.n);
		diags_free(&ds);
		buf_free(&out);
		source_drop(file);
	}
}

static struct diag *pass_on(struct diags *ds, const char *fmt, ...)
{
	va_list args;
	struct diag *d;

	va_start(args, fmt);
	d = diag_verror(ds, DIAG_IO, NO_SPAN, fmt, args);
	va_end(args);
	return d;
}

static void formatted_by_another(void **state)
{
	struct diags ds = {0};

	(void)state;
	assert_str_c(pass_on(&ds, "%s and %d", "one", 2)->text, "one and 2");
	assert_int_equal(ds.errors, 1);
	diags_free(&ds);
}

static void moving(void **state)
{
	uint32_t file = source_add(S("pkg/BUILD.dhall"), S(TEXT));
	struct diags a = {0}, b = {0};
	struct buf before = {0}, after = {0};

	(void)state;
	diag_error(&a, DIAG_IO, NO_SPAN, "first");
	make_two(&a, file);
	diags_render(&a, DIAG_JSON, false, &before);
	diags_move(&b, &a);
	assert_null(a.first);
	assert_int_equal(a.errors + a.warnings, 0);
	assert_int_equal(b.errors, 2);
	assert_int_equal(b.warnings, 1);
	diags_render(&b, DIAG_JSON, false, &after);
	assert_str(buf_view(&after), buf_view(&before));
	diags_move(&b, &a);
	assert_int_equal(b.errors, 2);
	diags_free(&a);
	diags_free(&b);
	buf_free(&before);
	buf_free(&after);
	source_drop(file);
}

/* The worst error decides; warnings do not count. */
static void exit_codes(void **state)
{
	struct diags ds = {0};

	(void)state;
	assert_int_equal(diags_exit(&ds), 0);
	diag_warning(&ds, DIAG_INTERNAL, NO_SPAN, "w");
	assert_int_equal(diags_exit(&ds), 0);
	diag_error(&ds, DIAG_USAGE, NO_SPAN, "u");
	assert_int_equal(diags_exit(&ds), 2);
	diag_error(&ds, DIAG_IO, NO_SPAN, "i");
	diag_error(&ds, DIAG_USAGE, NO_SPAN, "u");
	assert_int_equal(diags_exit(&ds), 3);
	diags_free(&ds);
}

static void codes(void **state)
{
	(void)state;
	for (int i = 1; i < DIAG_COUNT; i++) {
		enum diag_code code = (enum diag_code)i;
		const char *number = diag_number(code);

		assert_true(number[0] == 'E' && strspn(number + 1, "0123456789") == 4 && number[5] == '\0');
		assert_int_equal(diag_find(str_c(number)), code); /* so no two are the same */
		assert_true(diag_blame(code) >= BLAME_USER && diag_blame(code) <= BLAME_INFRA);
		assert_true(diag_name(code)[0] && diag_summary(code)[0]);
	}
	assert_int_equal(diag_find(S("E9999")), DIAG_NONE);
	assert_int_equal(diag_find(S("")), DIAG_NONE);
}

static void softened(void **state)
{
	struct diags from = {0}, to = {0};

	(void)state;
	make_two(&from, 0);
	diags_soften(&to, &from);
	assert_int_equal(to.errors, 0);
	assert_int_equal(to.warnings, 2);
	assert_int_equal(diags_exit(&to), 0);
	assert_null(from.first);
	assert_int_equal(to.first->code, DIAG_USAGE);
	assert_true(str_eq(to.first->hint, S("write 2")));
	diags_free(&to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_text), cmocka_unit_test(softened),  cmocka_unit_test(golden_gcc),
		cmocka_unit_test(golden_json),  cmocka_unit_test(golden_color),
		cmocka_unit_test(carets),       cmocka_unit_test(long_lines_are_cut),
		cmocka_unit_test(moving),       cmocka_unit_test(exit_codes),
		cmocka_unit_test(codes),        cmocka_unit_test(formatted_by_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
