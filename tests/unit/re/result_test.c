#include "re_int.h"

#include "test.h"

static void link_field(struct buf *b, unsigned field, const char *path, const char *target)
{
	size_t mark = wire_begin(b, field);

	wire_str(b, 1, str_c(path));
	wire_str(b, 2, str_c(target));
	wire_end(b, mark);
}

static void file_field(struct buf *b, const char *path, const struct digest *d)
{
	size_t mark = wire_begin(b, 2);

	wire_str(b, 1, str_c(path));
	if (d)
		wire_digest(b, 2, d);
	wire_end(b, mark);
}

/* Links are read from the new field and both old ones; one that is told twice is one. */
static void links(void **state)
{
	struct buf b = {0};
	struct arena a = {0};
	struct read_result r;
	str why = {0};

	(void)state;
	link_field(&b, 10, "c", "file");
	link_field(&b, 11, "b", "dir");
	link_field(&b, 12, "c", "file");
	link_field(&b, 12, "a", "../x");
	assert_true(result_read_message(buf_view(&b), DIGEST_SHA256, &a, &r, &why));
	assert_int_equal(r.r.result.noutputs, 3);
	assert_str_c(r.r.result.outputs[0].path, "a");
	assert_str_c(r.r.result.outputs[0].target, "../x");
	assert_str_c(r.r.result.outputs[1].target, "dir");
	assert_str_c(r.r.result.outputs[2].target, "file");
	link_field(&b, 12, "c", "other");
	assert_false(result_read_message(buf_view(&b), DIGEST_SHA256, &a, &r, &why));
	assert_str_c(why, "two outputs stand in one place");
	buf_free(&b);
	arena_clear(&a);
}

static void refused(void **state)
{
	static const char *const paths[] = {"../a", "/a", "a/../b", "", "a//b", "a/"};
	struct digest d = digest_of(DIGEST_SHA256, S("x"));
	struct arena a = {0};
	struct read_result r;
	str why = {0};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(paths); i++) {
		struct buf b = {0};

		file_field(&b, paths[i], &d);
		if (result_read_message(buf_view(&b), DIGEST_SHA256, &a, &r, &why))
			fail_msg("'%s' is taken for a path", paths[i]);
		buf_free(&b);
	}
	assert_false(result_read_message(S("\x12\xff"), DIGEST_SHA256, &a, &r, &why));
	arena_clear(&a);
}

/* NativeLink writes 64 zeros and size 0 for what is empty: it is the empty blob, which never travels. */
static void empty(void **state)
{
	struct digest none = {0}, want = digest_of(DIGEST_SHA256, S(""));
	struct buf b = {0};
	struct arena a = {0};
	struct read_result r;
	str why = {0};

	(void)state;
	file_field(&b, "z", &none);
	wire_digest(&b, 6, &none);
	assert_true(result_read_message(buf_view(&b), DIGEST_SHA256, &a, &r, &why));
	assert_true(digest_eq(&r.r.result.outputs[0].digest, &want));
	assert_true(r.has_out && r.raw_out.n == 0 && r.has_err);
	b.n = 0;
	file_field(&b, "z", NULL);
	assert_false(result_read_message(buf_view(&b), DIGEST_SHA256, &a, &r, &why));
	buf_free(&b);
	arena_clear(&a);
}

static struct tree *sample(void)
{
	struct digest x = digest_of(DIGEST_SHA256, S("x"));
	struct tree_builder *b = tree_builder_new();

	tree_put_file(b, S("a/b/c"), &x, true);
	tree_put_file(b, S("d/b/c"), &x, true); /* a/b and d/b are one message */
	tree_put_symlink(b, S("a/l"), S("b"));
	tree_put_dir(b, S("empty"));
	return tree_builder_end(b, NULL, NULL);
}

static void trees(void **state)
{
	struct tree *t = sample(), *again;
	struct arena a = {0};
	struct buf b = {0};
	size_t mark;
	str why = {0};

	(void)state;
	tree_write_message(t, DIGEST_SHA256, &b);
	again = tree_read_message(buf_view(&b), DIGEST_SHA256, &a, &why);
	assert_non_null(again);
	assert_true(digest_eq(tree_digest(t, DIGEST_SHA256), tree_digest(again, DIGEST_SHA256)));
	tree_unref(again);

	/* The root among the children changes nothing. */
	mark = wire_begin(&b, 2);
	tree_message(t, DIGEST_SHA256, &b);
	wire_end(&b, mark);
	again = tree_read_message(buf_view(&b), DIGEST_SHA256, &a, &why);
	assert_non_null(again);
	tree_unref(again);

	/* Without its children it is nothing. */
	b.n = 0;
	mark = wire_begin(&b, 1);
	tree_message(t, DIGEST_SHA256, &b);
	wire_end(&b, mark);
	assert_null(tree_read_message(buf_view(&b), DIGEST_SHA256, &a, &why));
	assert_str_c(why, "a directory in it is missing");
	tree_unref(t);
	buf_free(&b);
	arena_clear(&a);
}

/* What is written is what is read. */
static void round_trip(void **state)
{
	struct digest x = digest_of(DIGEST_SHA256, S("x"));
	struct output_entry e[] = {
		{.path = S("d"), .kind = TREE_DIR, .digest = x}, {.path = S("f"), .kind = TREE_FILE, .executable = true, .digest = x},
		{.path = S("l"), .kind = TREE_SYMLINK, .target = S("f")},
	};
	struct action_result r = {.outputs = e, .noutputs = 3, .exit_code = -1, .out = x, .err = x, .worker = S("w"), .start_ns = 5000000001, .wall_ns = 7};
	struct tree_want want = {x, 0};
	struct buf b = {0};
	struct arena a = {0};
	struct read_result out;
	str why = {0};

	(void)state;
	result_write_message(&r, &want, &b);
	assert_true(result_read_message(buf_view(&b), DIGEST_SHA256, &a, &out, &why));
	assert_int_equal(out.r.result.noutputs, 3);
	assert_int_equal(out.nwants, 1);
	assert_int_equal(out.wants[0].output, 0);
	assert_true(out.r.result.outputs[1].executable);
	assert_int_equal(out.r.result.exit_code, -1);
	assert_int_equal(out.r.result.start_ns, 5000000001);
	assert_int_equal(out.r.result.wall_ns, 7);
	assert_false(out.has_out);
	assert_true(digest_eq(&out.r.result.out, &x));
	buf_free(&b);
	arena_clear(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links), cmocka_unit_test(refused), cmocka_unit_test(empty), cmocka_unit_test(trees), cmocka_unit_test(round_trip),
	};

	return cmocka_run_group_tests_name("result", tests, NULL, NULL);
}
