#include "store_test.h"

static const unsigned char key[32] = {1, 2, 3};

static const char *record_file(struct fixture *f, const char *kind, const unsigned char k[32])
{
	char hex[65];

	hex_of(k, 32, hex);
	return path_of(f, "ac/sha256/%s/%.2s/%s", kind, hex, hex);
}

static void records_come_back(void **state)
{
	static const str texts[] = {{"", 0}, {"a\0b", 3}};
	struct fixture f = fixture_new();
	struct blob *b;

	(void)state;
	assert_false(store_record_get(f.store, "narrow", key, &b));
	for (size_t i = 0; i < SL_COUNT(texts); i++) {
		assert_int_equal(store_record_put(f.store, "narrow", key, texts[i]), 0);
		assert_true(store_record_get(f.store, "narrow", key, &b));
		assert_str(blob_str(b), texts[i]);
		blob_unref(b);
		assert_false(store_record_get(f.store, "package", key, &b));
	}
	fixture_free(&f);
}

/* Every way a byte can be wrong: flipped, cut off, added; and the right bytes under a wrong name. */
static void a_damaged_record_is_a_miss(void **state)
{
	struct fixture f = fixture_new();
	const char *file = record_file(&f, "narrow", key);
	unsigned char other[32] = {9};
	struct blob *whole, *b;

	(void)state;
	assert_int_equal(store_record_put(f.store, "narrow", key, S("some bytes")), 0);
	assert_int_equal(os_read(file, 0, &whole), 0);
	for (size_t i = 0; i < 2 * whole->n + 1; i++) {
		struct buf bytes = {0};

		buf_str(&bytes, str_upto(blob_str(whole), i < whole->n ? i : whole->n));
		if (i > whole->n)
			bytes.p[i - whole->n - 1] ^= 4;
		if (i == whole->n)
			buf_c(&bytes, 0);
		assert_int_equal(os_replace(file, buf_view(&bytes), 0444, false), 0);
		assert_false(store_record_get(f.store, "narrow", key, &b));
		assert_int_not_equal(access(file, F_OK), 0);
		buf_free(&bytes);
	}
	assert_int_equal(store_record_put(f.store, "narrow", other, S("")), 0);
	assert_int_equal(os_replace(record_file(&f, "narrow", other), blob_str(whole), 0444, false), 0);
	assert_false(store_record_get(f.store, "narrow", other, &b));
	blob_unref(whole);
	fixture_free(&f);
}

struct sample {
	struct output_entry outputs[3];
	struct action_result result;
	struct digest file, tree, action;
};

static struct sample sample_put(struct fixture *f)
{
	struct tree *t = tree_from(f, "x/y=in-tree");
	struct sample s = {.file = put(f, S("output")), .tree = *tree_digest(t, DIGEST_SHA256),
		.action = digest_of(DIGEST_SHA256, S("action"))};

	assert_int_equal(store_put_tree(f->store, t), 0);
	tree_unref(t);
	s.outputs[0] = (struct output_entry){S("a"), TREE_FILE, true, s.file, S("")};
	s.outputs[1] = (struct output_entry){S("b/c"), TREE_SYMLINK, false, {{0}, 0}, S("../a")};
	s.outputs[2] = (struct output_entry){S("d"), TREE_DIR, false, s.tree, S("")};
	s.result = (struct action_result){s.outputs, 3, -7, digest_of(DIGEST_SHA256, S("")),
		put(f, S("complaint")), S("here"), -1, INT64_MAX};
	return s;
}

static void results_come_back(void **state)
{
	struct fixture f = fixture_new();
	struct sample s = sample_put(&f);
	struct action_result got;

	(void)state;
	s.result.outputs = s.outputs;
	assert_false(store_result_get(f.store, &s.action, &f.arena, &got));
	assert_int_equal(store_result_put(f.store, &s.action, &s.result), 0);
	assert_true(store_result_get(f.store, &s.action, &f.arena, &got));
	assert_int_equal(got.noutputs, 3);
	assert_int_equal(got.exit_code, -7);
	assert_int_equal(got.start_ns, -1);
	assert_true(got.wall_ns == INT64_MAX);
	assert_str(got.worker, S("here"));
	assert_true(digest_eq(&got.err, &s.result.err) && digest_eq(&got.out, &s.result.out));
	for (size_t i = 0; i < 3; i++) {
		assert_str(got.outputs[i].path, s.outputs[i].path);
		assert_str(got.outputs[i].target, s.outputs[i].target);
		assert_int_equal(got.outputs[i].kind, s.outputs[i].kind);
		assert_int_equal(got.outputs[i].executable, s.outputs[i].executable);
		assert_true(digest_eq(&got.outputs[i].digest, &s.outputs[i].digest));
	}
	fixture_free(&f);
}

static void a_result_without_its_parts_is_a_miss(void **state)
{
	struct fixture f = fixture_new();
	struct sample s = sample_put(&f);
	struct digest in_tree = digest_of(DIGEST_SHA256, S("in-tree")), parts[] = {s.file, s.tree, s.result.err, in_tree};
	struct action_result got;

	(void)state;
	s.result.outputs = s.outputs;
	assert_int_equal(store_result_put(f.store, &s.action, &s.result), 0);
	for (size_t i = 0; i < SL_COUNT(parts); i++) {
		const char *file = cas_file(&f, &parts[i], "");
		struct blob *bytes;

		assert_int_equal(os_read(file, 0, &bytes), 0);
		seen_clear(&f.store->seen);
		assert_true(store_result_get(f.store, &s.action, &f.arena, &got));
		overwrite(&f, file, S("torn"));
		assert_false(store_result_get(f.store, &s.action, &f.arena, &got));
		assert_int_equal(got.noutputs, 0);
		unlink(file);
		assert_false(store_result_get(f.store, &s.action, &f.arena, &got));
		overwrite(&f, file, blob_str(bytes));
		blob_unref(bytes);
	}
	seen_clear(&f.store->seen);
	assert_true(store_result_get(f.store, &s.action, &f.arena, &got));
	fixture_free(&f);
}

static void the_reader_refuses(void **state)
{
	struct fixture f = fixture_new();
	struct sample s = sample_put(&f);
	struct action_result got;
	struct buf b = {0};

	(void)state;
	s.result.outputs = s.outputs;
	result_write(&s.result, &b);
	assert_true(result_read(buf_view(&b), &f.arena, &got));
	for (size_t i = 0; i < b.n; i++)
		assert_false(result_read(str_upto(buf_view(&b), i), &f.arena, &got));
	buf_c(&b, 0);
	assert_false(result_read(buf_view(&b), &f.arena, &got));
	b.n = 0;
	s.outputs[1].path = S("e"); /* not sorted any more */
	result_write(&s.result, &b);
	assert_false(result_read(buf_view(&b), &f.arena, &got));
	buf_free(&b);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_back),
		cmocka_unit_test(a_damaged_record_is_a_miss),
		cmocka_unit_test(results_come_back),
		cmocka_unit_test(a_result_without_its_parts_is_a_miss),
		cmocka_unit_test(the_reader_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
