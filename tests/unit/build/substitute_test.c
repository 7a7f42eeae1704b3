#include "disk.h"
#include <straylight/nar.h>
#include <straylight/substitute.h>

#include <sodium.h>

/* Caches that are made by hand, in folders. */
struct world {
	struct disk d;
	struct nix_secret_key secret;
	str key;       /* the public one */
	struct buf taken; /* names that were put, in order */
	str known;     /* the only path that is there already */
};

static struct world begin(void)
{
	struct world w = {.d = disk_new()};
	struct nix_public_key public;
	struct buf b = {0};
	unsigned char pk[32], seed[32] = "a seed that everybody may know.";

	crypto_sign_seed_keypair(pk, w.secret.b, seed);
	w.secret.name = S("test-1");
	nix_public_key_of(&w.secret, &public);
	nix_public_key_text(&public, &b);
	w.key = buf_take(&b, &w.d.arena);
	return w;
}

static void end(struct world *w)
{
	buf_free(&w->taken);
	disk_free(&w->d);
}

/* A path with a digit as its hash. */
static str path_of(struct world *w, char digit, const char *name)
{
	char hash[33] = {0};

	memset(hash, digit, 32);
	return str_fmt(&w->d.arena, NIX_STORE_DIR "/%s-%s", hash, name);
}

static bool collect(void *ud, str bytes)
{
	buf_str(ud, bytes);
	return true;
}

static void write_in(struct world *w, const char *cache, str name, str bytes)
{
	const char *path = disk_path(&w->d, str_fmt(&w->d.arena, "%s/%.*s", cache, STR_ARG(name)).p);

	assert_int_equal(os_mkdirs_for(path, 0755), 0);
	assert_int_equal(os_replace(path, bytes, 0644, false), 0);
}

static void make_cache(struct world *w, const char *cache)
{
	write_in(w, cache, S("nix-cache-info"), S("StoreDir: /nix/store\nPriority: 1\n"));
}

/* A file with this text, that refers to these; NULL `text` writes no archive. */
static void offer(struct world *w, const char *cache, str path, const char *text, const str *refs, size_t nrefs)
{
	struct digest content = disk_put(&w->d, text ? text : "");
	struct tree_entry e = {.kind = TREE_FILE, .digest = content};
	struct narinfo n = {.path = path, .compression = S("none"), .nreferences = nrefs};
	struct buf nar = {0}, info = {0};
	str hash, signature;

	assert_true(nar_dump_entry(w->d.store, &e, collect, &nar, &w->d.diags));
	assert_true(storepath_parse(S(NIX_STORE_DIR), path, &hash, NULL));
	n.url = str_fmt(&w->d.arena, "nar/%.*s.nar", STR_ARG(hash));
	n.nar_hash = nix_hash_of(NIX_SHA256, buf_view(&nar));
	n.nar_size = nar.n;
	n.references = arena_array(&w->d.arena, str, nrefs);
	for (size_t i = 0; i < nrefs; i++)
		n.references[i] = str_from(refs[i], sizeof NIX_STORE_DIR);
	signature = narinfo_sign(&n, S(NIX_STORE_DIR), &w->secret, &w->d.arena);
	n.signatures = &signature;
	n.nsignatures = 1;
	narinfo_print(&n, &info);
	write_in(w, cache, str_fmt(&w->d.arena, "%.*s.narinfo", STR_ARG(hash)), buf_view(&info));
	if (text)
		write_in(w, cache, n.url, buf_view(&nar));
	buf_free(&nar);
	buf_free(&info);
}

static struct substituter *open_caches(struct world *w, const char *first, const char *second)
{
	str urls[2] = {str_fmt(&w->d.arena, "file://%s/", disk_path(&w->d, first))};
	struct substitute_config config = {urls, 1, &w->key, 1, S(NIX_STORE_DIR)};
	struct substituter *s;

	if (second)
		urls[config.ncaches++] = str_fmt(&w->d.arena, "file://%s", disk_path(&w->d, second));
	s = substituter_new(w->d.store, &config, &w->d.diags);
	assert_non_null(s);
	return s;
}

static bool known(void *ud, str path)
{
	return str_eq(((struct world *)ud)->known, path);
}

static bool put(void *ud, const struct substituted *s, struct diags *diags)
{
	struct world *w = ud;
	struct blob *b;

	(void)diags;
	assert_int_equal(s->entry.kind, TREE_FILE);
	assert_int_equal(store_get(w->d.store, &s->entry.digest, &b), 0);
	buf_str(&w->taken, blob_str(b));
	buf_c(&w->taken, ' ');
	blob_unref(b);
	return true;
}

static enum substitute_result closure(struct world *w, struct substituter *s, str path)
{
	struct substitute_into into = {known, put, w};

	w->taken.n = 0;
	return substitute_closure(s, path, &into, &w->d.diags);
}

static void failed(struct world *w, enum diag_code code, const char *has)
{
	assert_true(w->d.diags.errors);
	assert_int_equal(w->d.diags.first->code, code);
	if (!strstr(str_dup(&w->d.arena, w->d.diags.first->text).p, has))
		fail_msg("'%s' is not in: %.*s", has, STR_ARG(w->d.diags.first->text));
	diags_free(&w->d.diags);
}

static void references_come_first(void **state)
{
	struct world w = begin();
	str a = path_of(&w, 'a', "a"), b = path_of(&w, 'b', "b"), c = path_of(&w, 'c', "c"), refs[] = {a, b, c};
	struct substituter *s;

	(void)state;
	make_cache(&w, "one");
	offer(&w, "one", a, "a", NULL, 0);
	offer(&w, "one", b, "b", refs, 2); /* itself, too */
	offer(&w, "one", c, "c", refs, 2);
	s = open_caches(&w, "one", NULL);
	assert_int_equal(closure(&w, s, c), SUBSTITUTE_DONE);
	assert_str_c(buf_view(&w.taken), "a b c ");
	w.known = b;
	assert_int_equal(closure(&w, s, c), SUBSTITUTE_DONE);
	assert_str_c(buf_view(&w.taken), "a c ");
	w.known = c;
	assert_int_equal(closure(&w, s, c), SUBSTITUTE_DONE);
	assert_int_equal(w.taken.n, 0);
	assert_int_equal(closure(&w, s, path_of(&w, 'd', "d")), SUBSTITUTE_ABSENT);
	assert_null(w.d.diags.first);
	substituter_free(s);
	end(&w);
}

/* What the CAS has is not asked for: the archives are gone, a new substituter knows. */
static void archives_are_fetched_once(void **state)
{
	struct world w = begin();
	str a = path_of(&w, 'a', "a");
	const struct substituted *got;
	struct substituter *s;

	(void)state;
	make_cache(&w, "one");
	offer(&w, "one", a, "text", NULL, 0);
	s = open_caches(&w, "one", NULL);
	assert_int_equal(substitute(s, a, &got, &w.d.diags), SUBSTITUTE_DONE);
	assert_str(got->path, a);
	assert_int_equal(got->nrefs, 0);
	substituter_free(s);
	assert_int_equal(os_remove_tree(disk_path(&w.d, "one/nar")), 0);
	s = open_caches(&w, "one", NULL);
	assert_int_equal(substitute(s, a, &got, &w.d.diags), SUBSTITUTE_DONE);
	substituter_free(s);
	end(&w);
}

static void the_next_cache_is_asked(void **state)
{
	struct world w = begin();
	str a = path_of(&w, 'a', "a"), b = path_of(&w, 'b', "b");
	const struct substituted *got;
	struct substituter *s;

	(void)state;
	make_cache(&w, "one");
	make_cache(&w, "two");
	offer(&w, "one", a, NULL, NULL, 0);
	offer(&w, "two", a, "", NULL, 0);
	offer(&w, "two", b, "b", NULL, 0);
	s = open_caches(&w, "one", "two");
	assert_int_equal(substitute(s, a, &got, &w.d.diags), SUBSTITUTE_DONE);
	assert_int_equal(w.d.diags.errors, 0);
	assert_int_equal(w.d.diags.warnings, 1);
	assert_int_equal(substitute(s, b, &got, &w.d.diags), SUBSTITUTE_DONE);
	substituter_free(s);
	diags_free(&w.d.diags);
	end(&w);
}

static void what_is_not_signed_is_not_believed(void **state)
{
	struct world w = begin();
	str a = path_of(&w, 'a', "a"), b = path_of(&w, 'b', "b");
	const struct substituted *got;
	struct substituter *s;

	(void)state;
	make_cache(&w, "one");
	offer(&w, "one", a, "text", NULL, 0);
	w.key.p = str_dup(&w.d.arena, w.key).p;
	((char *)(uintptr_t)w.key.p)[10] ^= 1;
	s = open_caches(&w, "one", NULL);
	assert_int_equal(substitute(s, a, &got, &w.d.diags), SUBSTITUTE_FAILED);
	assert_null(got);
	failed(&w, DIAG_CACHE_SIGNATURE, "no trusted key has signed");
	substituter_free(s);
	/* An answer for another path. */
	assert_int_equal(rename(disk_path(&w.d, "one/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.narinfo"),
			disk_path(&w.d, "one/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.narinfo")), 0);
	s = open_caches(&w, "one", NULL);
	assert_int_equal(substitute(s, b, &got, &w.d.diags), SUBSTITUTE_FAILED);
	failed(&w, DIAG_CACHE_DAMAGED, "answers for");
	substituter_free(s);
	end(&w);
}

static void closures_have_an_end_and_no_hole(void **state)
{
	struct world w = begin();
	str a = path_of(&w, 'a', "a"), b = path_of(&w, 'b', "b");
	struct substituter *s;

	(void)state;
	make_cache(&w, "one");
	offer(&w, "one", a, "a", &b, 1);
	s = open_caches(&w, "one", NULL);
	assert_int_equal(closure(&w, s, a), SUBSTITUTE_FAILED);
	failed(&w, DIAG_CACHE_MISSING, "no binary cache has '/nix/store/bbbb");
	offer(&w, "one", b, "b", &a, 1);
	assert_int_equal(closure(&w, s, a), SUBSTITUTE_FAILED);
	failed(&w, DIAG_CACHE_DAMAGED, "refers to itself, through");
	assert_int_equal(w.taken.n, 0);
	substituter_free(s);
	end(&w);
}

static void a_cache_that_is_none_is_told_once(void **state)
{
	struct world w = begin();
	str a = path_of(&w, 'a', "a"), url = S("relative/path");
	struct substitute_config config = {&url, 1, NULL, 0, S(NIX_STORE_DIR)};
	const struct substituted *got;
	struct substituter *s;

	(void)state;
	assert_int_equal(os_mkdirs(disk_path(&w.d, "one"), 0755), 0);
	s = open_caches(&w, "one", NULL);
	assert_int_equal(substitute(s, a, &got, &w.d.diags), SUBSTITUTE_FAILED);
	failed(&w, DIAG_CACHE_UNFIT, "has no nix-cache-info");
	assert_int_equal(substitute(s, a, &got, &w.d.diags), SUBSTITUTE_ABSENT);
	assert_null(w.d.diags.first);
	substituter_free(s);
	assert_null(substituter_new(w.d.store, &config, &w.d.diags));
	failed(&w, DIAG_CACHE_UNFIT, "is no address");
	config = (struct substitute_config){NULL, 0, &url, 1, S(NIX_STORE_DIR)};
	assert_null(substituter_new(w.d.store, &config, &w.d.diags));
	failed(&w, DIAG_KEY_SYNTAX, "");
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_come_first),
		cmocka_unit_test(archives_are_fetched_once),
		cmocka_unit_test(the_next_cache_is_asked),
		cmocka_unit_test(what_is_not_signed_is_not_believed),
		cmocka_unit_test(closures_have_an_end_and_no_hole),
		cmocka_unit_test(a_cache_that_is_none_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
