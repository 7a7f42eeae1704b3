#include "../test.h"
#include "drv_start.h"
#include "start_form.h"

#include <straylight/base.h>

struct fixture {
	struct arena arena;
	struct diags diags;
	char *root;
	struct store *store;
	struct valids *valids;
	struct drv drv;
	struct drv_output outputs[2];
	struct drv_env env[8];
	struct drv_start start;
};

#define OUT "/nix/store/00000000000000000000000000000001-x"

static void begin(struct fixture *f)
{
	*f = (struct fixture){.root = str_zdup(str_c(fresh_dir()))};
	f->store = store_open(str_c(f->root), DIGEST_SHA256, &f->diags);
	assert_non_null(f->store);
	f->valids = valids_new(f->store, S(""));
	f->outputs[0] = (struct drv_output){.name = S("out"), .path = S(OUT)};
	f->drv = (struct drv){.name = S("x"), .outputs = f->outputs, .noutputs = 1, .builder = S("/bin/sh"), .env = f->env};
}

static void end(struct fixture *f)
{
	valids_free(f->valids);
	store_close(f->store);
	assert_int_equal(os_remove_tree(f->root), 0);
	mem_free(f->root);
	diags_free(&f->diags);
	arena_clear(&f->arena);
}

static void set(struct fixture *f, const char *key, str value)
{
	f->env[f->drv.nenv++] = (struct drv_env){str_c(key), value};
}

static bool make(struct fixture *f)
{
	return drv_start_make(&f->start, &f->drv, f->valids, NULL, 0, 3, &f->arena, &f->diags);
}

/* "" when there is no such variable. */
static str variable(struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->start.nenv; i++) {
		str key, value;

		str_cut(f->start.env[i], '=', &key, &value);
		if (str_eq(key, str_c(name)))
			return value;
	}
	return S("");
}

static str file(struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->start.nfiles; i++)
		if (str_eq(f->start.files[i].name, str_c(name)))
			return f->start.files[i].bytes;
	return S("");
}

static void nix_has_the_first_and_the_last_word(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	set(&f, "HOME", S("/mine"));
	set(&f, "TMPDIR", S("/mine"));
	set(&f, "TERM", S("mine"));
	assert_true(make(&f));
	assert_str(variable(&f, "PATH"), S("/path-not-set"));
	assert_str(variable(&f, "NIX_BUILD_CORES"), S("3"));
	assert_str(variable(&f, "HOME"), S("/mine"));
	assert_str(variable(&f, "TMPDIR"), S("/build"));
	assert_str(variable(&f, "TERM"), S("xterm-256color"));
	assert_str(variable(&f, "NIX_OUTPUT_CHECKED"), S(""));
	for (size_t i = 1; i < f.start.nenv; i++)
		assert_true(str_cmp(f.start.env[i - 1], f.start.env[i]) < 0);
	assert_str(f.start.argv[0], S("sh"));
	end(&f);
}

static void placeholders_become_paths(void **state)
{
	struct fixture f;
	str placeholder, args[1];

	(void)state;
	begin(&f);
	placeholder = storepath_placeholder(&f.arena, S("out"));
	args[0] = str_fmt(&f.arena, "--prefix=%.*s:%.*s", STR_ARG(placeholder), STR_ARG(placeholder));
	f.drv.args = args;
	f.drv.nargs = 1;
	set(&f, "a", str_fmt(&f.arena, "%.*s/bin", STR_ARG(placeholder)));
	assert_true(make(&f));
	assert_str(variable(&f, "a"), S(OUT "/bin"));
	assert_str(f.start.argv[1], S("--prefix=" OUT ":" OUT));
	end(&f);
}

static void attributes_go_into_files(void **state)
{
	struct fixture f;
	str path;

	(void)state;
	begin(&f);
	set(&f, "big", S("of \0 bytes"));
	set(&f, "passAsFile", S(" big\tother\n"));
	assert_true(make(&f));
	assert_str(variable(&f, "big"), S(""));
	path = variable(&f, "bigPath");
	assert_true(str_starts(path, S("/build/.attr-")));
	assert_int_equal(f.start.nfiles, 1);
	assert_str(f.start.files[0].name, str_from(path, sizeof "/build"));
	assert_str(f.start.files[0].bytes, S("of \0 bytes"));
	end(&f);
}

static void structured_attributes_are_two_files(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	set(&f, "__json", S("{\"z\":[1,\"it's\"],\"a\":true,\"r\":2.0,\"n\":null,\"o\":{\"k\":false},\"deep\":[[1]],\"no-name\":1}"));
	assert_true(make(&f));
	assert_str(file(&f, ".attrs.json"), S("{\"a\":true,\"deep\":[[1]],\"n\":null,\"no-name\":1,\"o\":{\"k\":false},\"outputs\":{\"out\":\"" OUT
					      "\"},\"r\":2.0,\"z\":[1,\"it's\"]}"));
	assert_str(file(&f, ".attrs.sh"), S("declare a=1\ndeclare n=''\ndeclare -A o=(['k']= )\ndeclare -A outputs=(['out']='" OUT
					    "' )\ndeclare r=2\ndeclare -a z=(1 'it'\\''s' )\n"));
	assert_str(variable(&f, "NIX_ATTRS_JSON_FILE"), S("/build/.attrs.json"));
	assert_str(variable(&f, "__json"), S(""));
	end(&f);
}

static void what_cannot_be_followed_is_told(void **state)
{
	static const struct {
		const char *key, *value;
	} rows[] = {
		{"__json", "[1]"},
		{"__json", "{"},
		{"__json", "{\"exportReferencesGraph\":{\"g\":\"/nix/store/00000000000000000000000000000001-x\"}}"},
		{"exportReferencesGraph", "one"},
		{"exportReferencesGraph", "a/b " OUT},
		{"exportReferencesGraph", "g " OUT},
		{"exportReferencesGraph", "g elsewhere"},
	};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		struct fixture f;

		begin(&f);
		set(&f, rows[i].key, str_c(rows[i].value));
		assert_false(make(&f));
		assert_int_equal(f.diags.last->code, DIAG_DRV_ATTRIBUTE);
		end(&f);
	}
}

static void the_start_file_has_its_form(void **state)
{
	struct fixture f;
	struct buf out = {0};
	str host[] = {S("/usr")};

	(void)state;
	begin(&f);
	f.start = (struct drv_start){.host = host, .nhost = 1, .builder = S("/bin/sh"), .argv = host, .argc = 1};
	drv_start_file(&f.start, S("f"), S("\0\n"), &f.arena);
	drv_start_write(&f.start, &out);
	assert_str(buf_view(&out), S("1:4:/usr\0" "1:1:f\0" "2:\0\n\0" "2:7:/bin/sh\0" "4:/usr\0" "0:"));
	buf_free(&out);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nix_has_the_first_and_the_last_word),
		cmocka_unit_test(placeholders_become_paths),
		cmocka_unit_test(attributes_go_into_files),
		cmocka_unit_test(structured_attributes_are_two_files),
		cmocka_unit_test(what_cannot_be_followed_is_told),
		cmocka_unit_test(the_start_file_has_its_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
