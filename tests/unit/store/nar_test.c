#include "store_test.h"

#include <straylight/nar.h>

/* ---- archives from words ---- */

static void add_word(struct buf *b, str s)
{
	for (unsigned i = 0; i < 8; i++)
		buf_c(b, (char)((uint64_t)s.n >> 8 * i));
	buf_str(b, s);
	while (b->n % 8)
		buf_c(b, '\0');
}

/* "( type regular contents hello )": the magic and these words; "~" is an empty one. */
static str words(struct arena *a, const char *text)
{
	struct buf b = {0};
	str rest = str_c(text), word;

	add_word(&b, S("nix-archive-1"));
	while (rest.n) {
		if (!str_cut(rest, ' ', &word, &rest))
			rest = S("");
		add_word(&b, str_eq(word, S("~")) ? S("") : word);
	}
	return buf_take(&b, a);
}

/* ---- a visitor that writes down what it sees ---- */

struct log {
	struct nar_visitor v;
	struct buf text;
};

static bool log_enter(struct nar_visitor *v, str name)
{
	buf_fmt(&((struct log *)v)->text, "%.*s{", STR_ARG(name));
	return true;
}

static bool log_leave(struct nar_visitor *v)
{
	buf_c(&((struct log *)v)->text, '}');
	return true;
}

static bool log_file(struct nar_visitor *v, str name, bool executable, uint64_t size)
{
	buf_fmt(&((struct log *)v)->text, "%.*s%s:%u=", STR_ARG(name), executable ? "*" : "", (unsigned)size);
	return true;
}

static bool log_data(struct nar_visitor *v, str bytes)
{
	assert_true(bytes.n > 0);
	buf_str(&((struct log *)v)->text, bytes);
	return true;
}

static bool log_done(struct nar_visitor *v)
{
	buf_c(&((struct log *)v)->text, ';');
	return true;
}

static bool log_link(struct nar_visitor *v, str name, str target)
{
	buf_fmt(&((struct log *)v)->text, "%.*s->%.*s;", STR_ARG(name), STR_ARG(target));
	return true;
}

static const struct nar_visitor logging = {log_enter, log_leave, log_file, log_data, log_done, log_link};

static bool read_in_parts(struct nar_visitor *v, str bytes, size_t part, struct diags *diags)
{
	struct nar_reader *r = nar_reader_new(v, S("x.nar"), diags);

	for (; bytes.n; bytes = str_from(bytes, part))
		nar_reader_feed(r, str_upto(bytes, part));
	return nar_reader_end(r);
}

#define SAMPLE                                                                                     \
	"( type directory entry ( name B node ( type regular executable ~ contents hello ) ) "     \
	"entry ( name d node ( type directory entry ( name l node ( type symlink target ../B ) ) " \
	"entry ( name v node ( type directory ) ) ) ) entry ( name z node ( type regular contents ~ ) ) )"

static void events_do_not_depend_on_parts(void **state)
{
	struct arena a = {0};
	str nar = words(&a, SAMPLE);

	(void)state;
	for (size_t part = 1; part <= nar.n; part += part < 20 ? 1 : 97) {
		struct log log = {logging, {0}};
		struct diags diags = {0};

		assert_true(read_in_parts(&log.v, nar, part, &diags));
		assert_str_c(buf_view(&log.text), "{B*:5=hello;d{l->../B;v{}}z:0=;}");
		buf_free(&log.text);
		diags_free(&diags);
	}
	arena_clear(&a);
}

static const struct {
	const char *words, *says;
} bad[] = {
	{"", "the archive ends too early at byte 24"},
	{"[", "'[' stands where '(' must at byte 24"},
	{"( typo", "'typo' stands where 'type' must at byte 40"},
	{"( type regular ~", "'' stands where 'contents' must at byte 72"},
	{"( type fifo", "the type 'fifo' is none of regular, symlink and directory at byte 56"},
	{"( type regular executable yes", "a word of 3 bytes stands where '' must at byte 96"},
	{"( type regular )", "')' stands where 'contents' must"},
	{"( type regular contents x ) )", "something follows the archive"},
	{"( type symlink target ~ )", "the target of a link is empty or has a NUL byte"},
	{"( type directory entry ( name ~ node", "'' is no name of a file"},
	{"( type directory entry ( name . node", "'.' is no name of a file"},
	{"( type directory entry ( name .. node", "'..' is no name of a file"},
	{"( type directory entry ( name a/b node", "'a/b' is no name of a file"},
	{"( type directory entry ( name b node ( type directory ) ) entry ( name a node", "the name 'a' is not in the order of bytes"},
	{"( type directory entry ( name a node ( type directory ) ) entry ( name B node", "the name 'B' is not in the order of bytes"},
	{"( type directory entry ( name a node ( type directory ) ) entry ( name a node", "the name 'a' is there twice"},
	{"( type directory entry ( node", "'node' stands where 'name' must"},
	{"( type directory exit", "'exit' stands where 'entry' must"},
};

static void hostile_archives_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < SL_COUNT(bad); i++) {
		struct log log = {logging, {0}};
		struct diags diags = {0};
		struct arena a = {0};

		if (read_in_parts(&log.v, words(&a, bad[i].words), 7, &diags))
			fail_msg("row %zu was read", i);
		assert_int_equal(diags.errors, 1);
		if (str_find_str(diags.first->text, str_c(bad[i].says)) == diags.first->text.n)
			fail_msg("row %zu: got '%.*s', want '%s'", i, STR_ARG(diags.first->text), bad[i].says);
		buf_free(&log.text);
		diags_free(&diags);
		arena_clear(&a);
	}
}

/* One byte of an archive replaced. */
static void refuse_with(const char *text, size_t at, char c, const char *says)
{
	struct log log = {logging, {0}};
	struct diags diags = {0};
	struct arena a = {0};
	str nar = words(&a, text);
	char *copy = malloc(nar.n);

	memcpy(copy, nar.p, nar.n);
	copy[at] = c;
	assert_false(read_in_parts(&log.v, str_of(copy, nar.n), nar.n, &diags));
	assert_str_c(diags.first->text, says);
	free(copy);
	buf_free(&log.text);
	diags_free(&diags);
	arena_clear(&a);
}

static void lengths_and_padding(void **state)
{
	static const char one[] = "( type regular contents hello )";

	(void)state;
	refuse_with(one, 22, 1, "padding is not zero at byte 22");
	refuse_with(one, 7, 1, "a word of 72057594037927949 bytes stands where 'nix-archive-1' must at byte 0");
	refuse_with(one, 95, -1, "a file has a length of more than 63 bits at byte 88");
	refuse_with(one, 94, 1, "the archive ends too early at byte 120");
	refuse_with("( type symlink target x )", 89, 16, "a word of 4097 bytes stands where 4095 are the most at byte 88");
	refuse_with("( type directory entry ( name x node ( type directory ) ) )", 129, 1,
			"a word of 257 bytes stands where 255 are the most at byte 128");
}

static void every_cut_is_refused(void **state)
{
	struct arena a = {0};
	str nar = words(&a, SAMPLE);

	(void)state;
	for (size_t n = 0; n < nar.n; n++) {
		struct log log = {logging, {0}};
		struct diags diags = {0};

		assert_false(read_in_parts(&log.v, str_upto(nar, n), n ? n : 1, &diags));
		assert_int_equal(diags.errors, 1);
		buf_free(&log.text);
		diags_free(&diags);
	}
	arena_clear(&a);
}

static void depth_has_a_limit(void **state)
{
	for (unsigned depth = NAR_DEPTH_MAX; depth <= NAR_DEPTH_MAX + 1; depth++) {
		struct log log = {logging, {0}};
		struct diags diags = {0};
		struct arena a = {0};
		struct buf b = {0};
		bool ok;

		(void)state;
		buf_lit(&b, "( type directory");
		for (unsigned i = 1; i < depth; i++)
			buf_lit(&b, " entry ( name d node ( type directory");
		for (unsigned i = 1; i < depth; i++)
			buf_lit(&b, " ) )");
		buf_lit(&b, " )");
		ok = read_in_parts(&log.v, words(&a, buf_z(&b)), 1000, &diags);
		assert_int_equal(ok, depth == NAR_DEPTH_MAX);
		buf_free(&b);
		buf_free(&log.text);
		diags_free(&diags);
		arena_clear(&a);
	}
}

/* ---- files and the store ---- */

static bool into_buf(void *ud, str bytes)
{
	buf_str(ud, bytes);
	return true;
}

static struct buf dumped(struct fixture *f, const char *path)
{
	struct buf b = {0};

	if (!nar_dump(path, into_buf, &b, &f->diags))
		fail_msg("%.*s", STR_ARG(f->diags.first->text));
	return b;
}

/* The tree whose hash `nix-hash` of Nix 2.8 gave. */
static const char *make_sample(struct fixture *f)
{
	const char *dir = path_of(f, "t1");

	assert_int_equal(os_mkdirs(path_of(f, "t1/sub/void"), 0755), 0);
	make_file(f, "t1/a", S("hello"), 0644);
	make_file(f, "t1/B", S("#!/bin/sh\n"), 0755);
	make_file(f, "t1/sub/empty", S(""), 0444);
	assert_int_equal(symlink("a/b", path_of(f, "t1/sub/link")), 0);
	return dir;
}

static void hash_is_that_of_nix(void **state)
{
	struct fixture f = fixture_new();
	char text[DIGEST_TEXT_MAX];
	struct digest d;

	(void)state;
	assert_true(nar_hash(make_sample(&f), &d, &f.diags));
	assert_string_equal(digest_text(&d, text), "7876cd0df7cfe7c9fa8e21d254a9985ea0aea81b6e7aa30d05e54bce36319b68/1232");
	fixture_free(&f);
}

static void restored_trees_are_the_same(void **state)
{
	struct fixture f = fixture_new();
	struct buf first = dumped(&f, make_sample(&f)), second;
	struct nar_visitor *v = nar_restorer_new(path_of(&f, "t2"), &f.diags);

	(void)state;
	assert_true(nar_restorer_end(v, read_in_parts(v, buf_view(&first), 100, &f.diags)));
	second = dumped(&f, path_of(&f, "t2"));
	assert_str(buf_view(&second), buf_view(&first));
	assert_file(path_of(&f, "t2/B"), S("#!/bin/sh\n"), 0755);
	buf_free(&first);
	buf_free(&second);
	fixture_free(&f);
}

static void a_failed_restore_leaves_nothing(void **state)
{
	struct fixture f = fixture_new();
	str nar = words(&f.arena, "( type directory entry ( name a node ( type regular contents x ) ) entry ( name a node");
	struct nar_visitor *v = nar_restorer_new(path_of(&f, "t2"), &f.diags);
	struct stamp s;

	(void)state;
	assert_false(nar_restorer_end(v, read_in_parts(v, nar, nar.n, &f.diags)));
	assert_int_equal(os_stamp(path_of(&f, "t2"), &s), -ENOENT);
	fixture_free(&f);
}

static void an_existing_place_is_left_alone(void **state)
{
	struct fixture f = fixture_new();
	str nar = words(&f.arena, SAMPLE);
	struct nar_visitor *v = nar_restorer_new(make_sample(&f), &f.diags);

	(void)state;
	assert_false(nar_restorer_end(v, read_in_parts(v, nar, nar.n, &f.diags)));
	assert_int_equal(f.diags.first->code, DIAG_NAR_FILE);
	assert_file(path_of(&f, "t1/a"), S("hello"), 0644);
	fixture_free(&f);
}

static void through_the_store(const char *text)
{
	struct fixture f = fixture_new();
	str nar = words(&f.arena, text);
	struct nar_visitor *v = nar_importer_new(f.store, &f.diags);
	struct tree_entry root;
	struct buf b = {0};

	assert_true(nar_importer_end(v, read_in_parts(v, nar, 50, &f.diags), &f.arena, &root));
	assert_true(nar_dump_entry(f.store, &root, into_buf, &b, &f.diags));
	assert_str(buf_view(&b), nar);
	tree_unref(root.dir);
	buf_free(&b);
	fixture_free(&f);
}

static void the_store_gives_back_what_it_got(void **state)
{
	(void)state;
	through_the_store(SAMPLE);
	through_the_store("( type directory )");
	through_the_store("( type regular contents hello )");
	through_the_store("( type regular executable ~ contents ~ )");
	through_the_store("( type symlink target a/b )");
}

/* Larger than all buffers: a thread writes, and the importer needs a file. */
static void large_files(void **state)
{
	struct fixture f = fixture_new();
	str big = noise(&f.arena, ((size_t)20 << 20) + 3, 1);
	struct buf first, second = {0};
	struct nar_visitor *v;
	struct tree_entry root;
	struct digest d, want;

	(void)state;
	assert_int_equal(os_mkdirs(path_of(&f, "t3"), 0755), 0);
	make_file(&f, "t3/big", big, 0644);
	make_file(&f, "t3/small", S("x"), 0644);
	first = dumped(&f, path_of(&f, "t3"));
	want = digest_of(DIGEST_SHA256, buf_view(&first));
	assert_true(nar_hash(path_of(&f, "t3"), &d, &f.diags));
	assert_true(digest_eq(&d, &want));
	v = nar_importer_new(f.store, &f.diags);
	assert_true(nar_importer_end(v, read_in_parts(v, buf_view(&first), 100000, &f.diags), &f.arena, &root));
	assert_true(nar_dump_entry(f.store, &root, into_buf, &second, &f.diags));
	assert_true(str_eq(buf_view(&first), buf_view(&second)));
	tree_unref(root.dir);
	buf_free(&first);
	buf_free(&second);
	fixture_free(&f);
}

static bool refuse_second(void *ud, str bytes)
{
	(void)bytes;
	return ++*(unsigned *)ud < 2;
}

static void writing_ends_when_nobody_reads(void **state)
{
	struct fixture f = fixture_new();
	unsigned calls = 0;

	(void)state;
	make_file(&f, "big", noise(&f.arena, (size_t)20 << 20, 1), 0644);
	assert_false(nar_dump(path_of(&f, "big"), refuse_second, &calls, &f.diags));
	assert_int_equal(calls, 2);
	assert_int_equal(f.diags.errors, 0);
	fixture_free(&f);
}

static void what_is_no_file_is_refused(void **state)
{
	struct fixture f = fixture_new();
	struct digest d;

	(void)state;
	assert_int_equal(os_mkdirs(path_of(&f, "t"), 0755), 0);
	assert_int_equal(mkfifo(path_of(&f, "t/pipe"), 0600), 0);
	assert_false(nar_hash(path_of(&f, "t"), &d, &f.diags));
	assert_int_equal(f.diags.first->code, DIAG_NAR_FILE);
	assert_true(str_ends(f.diags.first->text, S("/t/pipe' is no file, directory or link")));
	diags_free(&f.diags);
	assert_false(nar_hash(path_of(&f, "absent"), &d, &f.diags));
	assert_true(str_ends(f.diags.first->text, S("/absent': no such file or directory")));
	fixture_free(&f);
}

static void a_missing_content_is_told(void **state)
{
	struct fixture f = fixture_new();
	struct tree_entry e = {.kind = TREE_FILE, .digest = digest_of(DIGEST_SHA256, S("nowhere"))};
	struct buf b = {0};

	(void)state;
	assert_false(nar_dump_entry(f.store, &e, into_buf, &b, &f.diags));
	assert_int_equal(f.diags.first->code, DIAG_NAR_FILE);
	buf_free(&b);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_do_not_depend_on_parts),
		cmocka_unit_test(hostile_archives_are_refused),
		cmocka_unit_test(lengths_and_padding),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(depth_has_a_limit),
		cmocka_unit_test(hash_is_that_of_nix),
		cmocka_unit_test(restored_trees_are_the_same),
		cmocka_unit_test(a_failed_restore_leaves_nothing),
		cmocka_unit_test(an_existing_place_is_left_alone),
		cmocka_unit_test(the_store_gives_back_what_it_got),
		cmocka_unit_test(large_files),
		cmocka_unit_test(writing_ends_when_nobody_reads),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(a_missing_content_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
