#include "../test.h"
#include "toolchain.h"

static const str texts[] = {{"one", 3}, {"two", 3}, {"", 0}, {"four", 4}};
static const struct named_text named[] = {{{"cc", 2}, {"/usr/bin/gcc", 12}}, {{"ar", 2}, {"/usr/bin/ar", 11}}};
static const struct flag_list flags[] = {{{"compile", 7}, texts, 2}, {{"link", 4}, texts + 2, 2}, {{"none", 4}, NULL, 0}};
static const struct bytes bytes[] = {
	{.kind = BYTES_HOST, .compilers = texts, .ncompilers = 1, .languages = texts + 1, .nlanguages = 1,
			.packages = texts, .npackages = 4, .programs = texts + 3, .nprograms = 1},
	{.kind = BYTES_TREE, .where = {"digest", 6}},
};
static const struct rendered whole = {
	.name = {"gcc", 3}, .bytes = bytes, .nbytes = 2, .tools = named, .ntools = 2, .flags = flags, .nflags = 3,
	.env = named, .nenv = 1,
};

static void encodes_same(const struct rendered *a, const struct rendered *b, bool same)
{
	struct buf x = {0}, y = {0};

	rendered_encode(a, &x);
	rendered_encode(b, &y);
	assert_int_equal(str_eq(buf_view(&x), buf_view(&y)), same);
	buf_free(&x);
	buf_free(&y);
}

static void a_copy_is_the_same(void **state)
{
	struct arena a = {0};
	struct rendered copy = rendered_copy(&whole, &a), none = rendered_copy(&(struct rendered){0}, &a);

	(void)state;
	encodes_same(&whole, &copy, true);
	encodes_same(&(struct rendered){0}, &none, true);
	assert_ptr_not_equal(copy.name.p, whole.name.p);
	assert_ptr_not_equal(copy.bytes[0].packages[3].p, texts[3].p);
	assert_ptr_not_equal(copy.flags[1].flags[1].p, texts[3].p);
	arena_clear(&a);
}

/* Whatever differs gives another identity: lists are not run together. */
static void every_part_counts(void **state)
{
	struct rendered r;
	struct flag_list other_flags[3];
	struct bytes other_bytes[2];
	struct named_text other_named[2];

	(void)state;
	r = whole, r.name = S("clang"), encodes_same(&whole, &r, false);
	r = whole, r.nbytes = 1, encodes_same(&whole, &r, false);
	r = whole, r.ntools = 1, encodes_same(&whole, &r, false);
	r = whole, r.nflags = 2, encodes_same(&whole, &r, false);
	r = whole, r.nenv = 2, encodes_same(&whole, &r, false);
	memcpy(other_flags, flags, sizeof flags);
	r = whole, r.flags = other_flags;
	other_flags[0].n = 1;
	encodes_same(&whole, &r, false);
	memcpy(other_named, named, sizeof named);
	r = whole, r.tools = other_named;
	other_named[1].value = S("/usr/bin/ld");
	encodes_same(&whole, &r, false);
	r = whole, r.bytes = other_bytes;
	for (unsigned i = 0; i < 6; i++) {
		memcpy(other_bytes, bytes, sizeof bytes);
		switch (i) {
		case 0: other_bytes[0].ncompilers = 0; break;
		case 1: other_bytes[0].nlanguages = 0; break;
		case 2: other_bytes[0].npackages = 3; break;
		case 3: other_bytes[0].nprograms = 0; break;
		case 4: other_bytes[1].where = S("another"); break;
		case 5: other_bytes[1].kind = BYTES_NIX; break;
		}
		encodes_same(&whole, &r, false);
	}
}

/* A text moves from one list to its neighbour. */
static void lists_are_told_apart(void **state)
{
	struct bytes x = {.kind = BYTES_HOST, .compilers = texts, .ncompilers = 2};
	struct bytes y = {.kind = BYTES_HOST, .compilers = texts, .ncompilers = 1, .languages = texts + 1, .nlanguages = 1};
	struct rendered a = {.bytes = &x, .nbytes = 1}, b = {.bytes = &y, .nbytes = 1};

	(void)state;
	encodes_same(&a, &b, false);
}

static void looking_up(void **state)
{
	struct toolchain t = {.rendered = whole};

	(void)state;
	assert_str_c(toolchain_tool(&t, S("ar")), "/usr/bin/ar");
	assert_null(toolchain_tool(&t, S("ld")).p);
	assert_int_equal(toolchain_flags(&t, S("link"))->n, 2);
	assert_int_equal(toolchain_flags(&t, S("none"))->n, 0);
	assert_null(toolchain_flags(&t, S("compile_c")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_is_the_same),
		cmocka_unit_test(every_part_counts),
		cmocka_unit_test(lists_are_told_apart),
		cmocka_unit_test(looking_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
