#include "../nix/nix_test.h"
#include <straylight/nar.h>
#include <straylight/nixstore.h>

#include <unistd.h>

#define PATH S(NIX_STORE_DIR "/hvr52ngsmq2cydg49qs4398wlqdxdi25-x")

struct fixture {
	struct arena a;
	struct diags diags;
	char *root;
	struct nixstore *ns;
};

static struct fixture begin(void)
{
	struct fixture f = {.root = str_zdup(str_c(fresh_dir()))};

	f.ns = nixstore_new(str_c(os_join(&f.a, str_c(f.root), S("store"))), S(NIX_STORE_DIR));
	return f;
}

static void end(struct fixture *f)
{
	nixstore_free(f->ns);
	assert_int_equal(os_remove_tree(f->root), 0);
	mem_free(f->root);
	diags_free(&f->diags);
	arena_clear(&f->a);
}

static const char *at(struct fixture *f, const char *name)
{
	return os_join(&f->a, str_c(f->root), str_c(name));
}

static void make(struct fixture *f, const char *name, const char *text, mode_t mode)
{
	assert_int_equal(os_mkdirs_for(at(f, name), 0755), 0);
	assert_int_equal(os_replace(at(f, name), str_c(text), mode, false), 0);
}

static void holds(struct fixture *f, str path, const char *below, const char *text, mode_t mode)
{
	str entry = nixstore_file(f->ns, path, &f->a);
	const char *file = *below ? os_join(&f->a, entry, str_c(below)) : entry.p;
	struct blob *b;
	struct stat st;

	assert_int_equal(os_read(file, 0, &b), 0);
	assert_str_c(blob_str(b), text);
	blob_unref(b);
	assert_int_equal(lstat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
	assert_int_equal(st.st_mtime, 1);
}

/* The path of what lies there. */
static str source_path(struct fixture *f, const char *name)
{
	struct nix_hash h = {.algo = NIX_SHA256};
	struct digest nar;

	assert_true(nar_hash(at(f, name), &nar, &f->diags));
	memcpy(h.b, nar.b, 32);
	return storepath_fixed(&f->a, S(NIX_STORE_DIR), S("src"), true, &h, (struct storepath_refs){0});
}

static void nothing_is_left_over(struct fixture *f)
{
	str *names;
	size_t n;

	assert_int_equal(os_list(&f->a, at(f, "store/.new"), &names, &n), 0);
	assert_int_equal(n, 0);
}

static void a_text_is_written_once(void **state)
{
	struct fixture f = begin();

	(void)state;
	assert_false(nixstore_has(f.ns, PATH));
	assert_true(nixstore_write(f.ns, PATH, S("one"), &f.diags));
	assert_true(nixstore_has(f.ns, PATH));
	assert_true(nixstore_write(f.ns, PATH, S("two"), &f.diags));
	assert_str_c(str_c(nixstore_file(f.ns, PATH, &f.a).p + strlen(f.root)), "/store/hvr52ngsmq2cydg49qs4398wlqdxdi25-x");
	holds(&f, PATH, "", "one", 0444);
	nothing_is_left_over(&f);
	end(&f);
}

static bool no_secrets(void *ud, str path, str type)
{
	(void)ud;
	return !(str_ends(path, S("secret")) && str_eq(type, S("regular")));
}

static void a_copy_has_the_form_of_a_store(void **state)
{
	struct fixture f = begin();
	struct stat st;
	str path;

	(void)state;
	make(&f, "src/dir/run", "#!", 0700);
	make(&f, "src/text", "text", 0600);
	assert_int_equal(symlink("text", at(&f, "src/link")), 0);
	path = source_path(&f, "src");
	make(&f, "src/dir/secret", "x", 0600);
	assert_true(nixstore_copy(f.ns, path, at(&f, "src"), true, no_secrets, NULL, &f.diags));
	holds(&f, path, "text", "text", 0444);
	holds(&f, path, "dir/run", "#!", 0555);
	assert_int_equal(lstat(nixstore_file(f.ns, path, &f.a).p, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0555);
	assert_int_equal(st.st_mtime, 1);
	assert_int_equal(lstat(os_join(&f.a, nixstore_file(f.ns, path, &f.a), S("link")), &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat(os_join(&f.a, nixstore_file(f.ns, path, &f.a), S("dir/secret")), &st), -1);
	nothing_is_left_over(&f);
	end(&f);
}

/* What is not what the path was computed from does not get the name. */
static void a_source_that_changed_is_refused(void **state)
{
	struct fixture f = begin();
	str path;

	(void)state;
	make(&f, "src/text", "text", 0600);
	path = source_path(&f, "src");
	make(&f, "src/text", "other", 0600);
	assert_false(nixstore_copy(f.ns, path, at(&f, "src"), true, NULL, NULL, &f.diags));
	assert_int_equal(f.diags.first->code, DIAG_NIX_FILE);
	assert_false(nixstore_has(f.ns, path));
	nothing_is_left_over(&f);
	end(&f);
}

static void single_files_and_links_are_entries(void **state)
{
	struct fixture f = begin();
	struct nix_hash h = nix_hash_of(NIX_SHA256, S("text"));
	str flat = storepath_fixed(&f.a, S(NIX_STORE_DIR), S("src"), false, &h, (struct storepath_refs){0}), link;
	char target[16] = "";

	(void)state;
	make(&f, "text", "text", 0755);
	assert_true(nixstore_copy(f.ns, flat, at(&f, "text"), false, NULL, NULL, &f.diags));
	holds(&f, flat, "", "text", 0444);
	assert_int_equal(symlink("gone", at(&f, "link")), 0);
	link = source_path(&f, "link");
	assert_true(nixstore_copy(f.ns, link, at(&f, "link"), true, NULL, NULL, &f.diags));
	assert_int_equal(readlink(nixstore_file(f.ns, link, &f.a).p, target, sizeof target - 1), 4);
	assert_string_equal(target, "gone");
	end(&f);
}

static void trees_of_the_store_are_exported(void **state)
{
	struct fixture f = begin();
	struct store *s = store_open(str_c(at(&f, "cache")), DIGEST_SHA256, &f.diags);
	struct tree_entry e = {.kind = TREE_DIR};

	(void)state;
	make(&f, "src/dir/run", "#!", 0700);
	assert_int_equal(store_import(s, at(&f, "src"), &e.dir, &f.a, NULL), 0);
	assert_true(nixstore_export(f.ns, PATH, s, &e, &f.diags));
	holds(&f, PATH, "dir/run", "#!", 0555);
	tree_unref(e.dir);
	store_close(s);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_written_once),
		cmocka_unit_test(a_copy_has_the_form_of_a_store),
		cmocka_unit_test(a_source_that_changed_is_refused),
		cmocka_unit_test(single_files_and_links_are_entries),
		cmocka_unit_test(trees_of_the_store_are_exported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
