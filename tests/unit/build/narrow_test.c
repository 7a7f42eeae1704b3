#include "acted.h"
#include "disk.h"
#include "narrow.h"

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

static void read_these(struct world *w, const char *reads)
{
	uint32_t n;
	const str *paths = made_texts(&w->acted.made, reads, &n);

	assert_int_equal(narrow_put(w->disk.store, &w->acted.identity, paths, n), 0);
}

/* The action that is found, or NULL. */
static const struct digest *found(struct world *w, const char *want_reads)
{
	static struct digest action;
	struct arena a = {0};
	struct buf got = {0};
	const str *reads;
	size_t n;
	bool hit = narrow_get(w->disk.store, &w->acted.identity, &a, &action, &reads, &n);

	for (size_t i = 0; hit && i < n; i++)
		buf_fmt(&got, "%s%.*s", i ? " " : "", STR_ARG(reads[i]));
	if (hit)
		assert_str_c(buf_view(&got), want_reads);
	buf_free(&got);
	arena_clear(&a);
	return hit ? &action : NULL;
}

static void set_header(struct world *w, const char *text)
{
	w->acted.headers[0] = acted_content(text);
	assert_true(acted_identify(&w->acted));
}

static void set_set(struct world *w, const char *tree)
{
	tree_unref(w->acted.sets[0]);
	w->acted.sets[0] = acted_tree(tree);
	assert_true(acted_identify(&w->acted));
}

static void every_read_must_be_equal(void **state)
{
	struct world w;
	struct digest first;

	(void)state;
	begin(&w);
	assert_null(found(&w, ""));
	first = w.acted.identity.action;
	read_these(&w, "p/a.h q/b.h");
	assert_true(digest_eq(found(&w, "p/a.h q/b.h"), &first));
	set_set(&w, "q/b.h=b q/c.h=not-read");
	assert_false(digest_eq(&w.acted.identity.action, &first));
	assert_true(digest_eq(found(&w, "p/a.h q/b.h"), &first));
	set_set(&w, "q/b.h=read q/c.h=c");
	assert_null(found(&w, ""));
	set_set(&w, "q/b.h=b q/c.h=c");
	set_header(&w, "changed");
	assert_null(found(&w, ""));
	set_header(&w, "own header");
	assert_non_null(found(&w, "p/a.h q/b.h"));
	end(&w);
}

/* A new file may stand before the one that was read. */
static void another_shape_is_a_miss(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	read_these(&w, "q/b.h");
	set_set(&w, "q/b.h=b q/c.h=c q/d.h=d");
	assert_null(found(&w, ""));
	set_set(&w, "q/b.h=b");
	assert_null(found(&w, ""));
	end(&w);
}

static void nothing_was_read(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	read_these(&w, "");
	set_header(&w, "changed");
	assert_non_null(found(&w, ""));
	end(&w);
}

/* What was read is no file that can be compared: no later run is like it. */
static void reads_that_cannot_be_compared(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	read_these(&w, "q");
	assert_null(found(&w, ""));
	read_these(&w, "not/there.h");
	assert_null(found(&w, ""));
	end(&w);
}

static void back_and_forth(void **state)
{
	struct world w;
	struct digest actions[NARROW_MAX + 2];
	char text[] = "header 0";

	(void)state;
	begin(&w);
	for (unsigned i = 0; i < NARROW_MAX + 2; i++) {
		text[7] = (char)('0' + i);
		set_header(&w, text);
		actions[i] = w.acted.identity.action;
		read_these(&w, "p/a.h");
	}
	for (unsigned i = 0; i < NARROW_MAX + 2; i++) {
		const struct digest *d;

		text[7] = (char)('0' + i);
		set_header(&w, text);
		d = found(&w, "p/a.h");
		assert_int_equal(d != NULL, i >= 2); /* the oldest were dropped */
		assert_true(!d || digest_eq(d, &actions[i]));
	}
	end(&w);
}

/* Bytes that are no manifest of ours, whole records as the store sees them: a miss, and a new run is
 * recorded all the same. */
static void odd_manifests(void **state)
{
	static const str odd[] = {
		{"", 0}, {"\x81", 1}, {"\x81\x80", 2}, {"\x81\x82\x40\x00", 4}, {"\xff\xff\xff", 3},
		{"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9}, {"\x81\x83\x58\x20", 4}, {"not cbor", 8},
	};
	struct world w;

	(void)state;
	begin(&w);
	for (size_t i = 0; i < SL_COUNT(odd); i++) {
		assert_int_equal(store_record_put(w.disk.store, "narrow", w.acted.identity.narrow, odd[i]), 0);
		assert_null(found(&w, ""));
		read_these(&w, "p/a.h");
		assert_non_null(found(&w, "p/a.h"));
	}
	end(&w);
}

static void a_damaged_manifest(void **state)
{
	struct world w;
	char hex[65];
	const char *path;
	struct blob *b;

	(void)state;
	begin(&w);
	read_these(&w, "p/a.h");
	hex_of(w.acted.identity.narrow, 32, hex);
	path = str_fmt(&w.disk.arena, "%s/ac/sha256/narrow/%.2s/%s", w.disk.cache, hex, hex).p;
	assert_int_equal(os_read(path, 0, &b), 0);
	b->b[b->n / 2] ^= 1;
	assert_int_equal(os_replace(path, blob_str(b), 0444, false), 0);
	blob_unref(b);
	assert_null(found(&w, ""));
	read_these(&w, "p/a.h");
	assert_non_null(found(&w, "p/a.h"));
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_read_must_be_equal),
		cmocka_unit_test(another_shape_is_a_miss),
		cmocka_unit_test(nothing_was_read),
		cmocka_unit_test(reads_that_cannot_be_compared),
		cmocka_unit_test(back_and_forth),
		cmocka_unit_test(odd_manifests),
		cmocka_unit_test(a_damaged_manifest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
