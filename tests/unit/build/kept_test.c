#include "acted.h"
#include "disk.h"
#include "kept.h"

#include <straylight/build.h>

struct world {
	struct disk disk;
	struct acted acted;
};

static void begin(struct world *w)
{
	w->disk = disk_new();
	acted_compile(&w->acted);
	assert_true(acted_identify(&w->acted));
}

static void end(struct world *w)
{
	acted_clear(&w->acted);
	disk_free(&w->disk);
}

/* Another store below another cache directory, for what must not come from the first one's memory. */
static bool is_there(struct world *w, const struct digest *d)
{
	struct diags diags = {0};
	struct store *fresh = store_open(str_c(w->disk.cache), DIGEST_SHA256, &diags);
	bool there = store_has(fresh, d);

	store_close(fresh);
	return there;
}

static void becomes_blobs_when_asked(void **state)
{
	struct tree *root;
	struct world w;
	struct blob *b;

	(void)state;
	begin(&w);
	assert_false(build_recall_action(w.disk.store, &w.acted.identity.action));
	assert_int_equal(kept_put(w.disk.store, &w.acted.identity), 0);
	assert_false(is_there(&w, &w.acted.identity.action));
	assert_false(is_there(&w, &w.acted.identity.command));
	assert_true(build_recall_action(w.disk.store, &w.acted.identity.action));
	assert_int_equal(store_get(w.disk.store, &w.acted.identity.action, &b), 0);
	assert_true(str_eq(blob_str(b), w.acted.identity.action_message));
	blob_unref(b);
	assert_int_equal(store_get(w.disk.store, &w.acted.identity.command, &b), 0);
	assert_true(str_eq(blob_str(b), w.acted.identity.command_message));
	blob_unref(b);
	assert_int_equal(store_get_tree(w.disk.store, tree_digest(w.acted.identity.root, DIGEST_SHA256), &root), 0);
	tree_unref(root);
	end(&w);
}

static struct tree *many_headers(unsigned n)
{
	struct tree_builder *b = tree_builder_new();
	struct digest d = digest_of(DIGEST_SHA256, S("x"));
	struct tree *t;
	char path[64];

	for (unsigned i = 0; i < n; i++) {
		snprintf(path, sizeof path, "many/sub/h%u.h", i);
		tree_put_file(b, str_c(path), &d, false);
	}
	tree_put_file(b, S("many/sub/below/one.h"), &d, false);
	t = tree_builder_end(b, NULL, NULL);
	assert_non_null(t);
	return t;
}

/* Large directories are shared by many actions: they are blobs at once, with all below them. */
static void large_directories_are_shared(void **state)
{
	struct tree *root, *headers = many_headers(200);
	const struct tree_entry *sub = tree_find(headers, S("many/sub")), *below = tree_find(headers, S("many/sub/below"));
	struct world w;
	struct blob *record;

	(void)state;
	begin(&w);
	tree_unref(w.acted.sets[0]);
	w.acted.sets[0] = tree_ref(headers);
	assert_true(acted_identify(&w.acted));
	assert_int_equal(kept_put(w.disk.store, &w.acted.identity), 0);
	assert_true(is_there(&w, tree_digest(sub->dir, DIGEST_SHA256)));
	assert_true(is_there(&w, tree_digest(below->dir, DIGEST_SHA256)));
	assert_true(store_record_get(w.disk.store, "action", w.acted.identity.action.b, &record));
	assert_true(record->n < 4096);
	blob_unref(record);
	assert_true(build_recall_action(w.disk.store, &w.acted.identity.action));
	assert_int_equal(store_get_tree(w.disk.store, tree_digest(w.acted.identity.root, DIGEST_SHA256), &root), 0);
	tree_unref(root);
	tree_unref(headers);
	end(&w);
}

static void odd_records(void **state)
{
	static const str odd[] = {{"", 0}, {"\xff", 1}, {"\x82\x41", 2}, {"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9}, {"\x81\x01", 2}, {"no", 2}};
	struct world w;

	(void)state;
	begin(&w);
	for (size_t i = 0; i < SL_COUNT(odd); i++) {
		assert_int_equal(store_record_put(w.disk.store, "action", w.acted.identity.action.b, odd[i]), 0);
		(void)build_recall_action(w.disk.store, &w.acted.identity.action);
		assert_false(store_has(w.disk.store, &w.acted.identity.action));
	}
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(becomes_blobs_when_asked),
		cmocka_unit_test(large_directories_are_shared),
		cmocka_unit_test(odd_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
