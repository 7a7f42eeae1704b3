#include "../nix/nix_test.h"
#include <straylight/closure.h>

#include <unistd.h>

struct fixture {
	struct arena a;
	struct diags diags;
	struct closure *closure;
	char *dir;
};

static struct fixture begin(void)
{
	struct fixture f = {.closure = closure_new(S(NIX_STORE_DIR)), .dir = str_zdup(str_c(fresh_dir()))};

	return f;
}

static void end(struct fixture *f)
{
	closure_free(f->closure);
	assert_int_equal(os_remove_tree(f->dir), 0);
	mem_free(f->dir);
	diags_free(&f->diags);
	arena_clear(&f->a);
}

/* Writes the derivation that uses these, under its own name; its store path. */
static str write_drv(struct fixture *f, const char *name, const char *inputs)
{
	str text = simple_drv(&f->a, inputs, "[]");
	struct drv *d = parsed(&f->a, text, str_fmt(&f->a, "%s.drv", name).p);
	str path = drv_path(d, &f->a, S(NIX_STORE_DIR));

	assert_int_equal(os_replace(os_join(&f->a, str_c(f->dir), str_from(path, sizeof NIX_STORE_DIR)), text, 0644, false), 0);
	return path;
}

static const struct closure_node *add(struct fixture *f, str path)
{
	return closure_add(f->closure, os_join(&f->a, str_c(f->dir), str_from(path, sizeof NIX_STORE_DIR)), &f->diags);
}

static const char *uses(struct fixture *f, str a, str b)
{
	if (b.n == 0)
		return str_fmt(&f->a, "[(\"%.*s\",[\"out\"])]", STR_ARG(a)).p;
	if (str_cmp(a, b) > 0)
		return uses(f, b, a);
	return str_fmt(&f->a, "[(\"%.*s\",[\"out\"]),(\"%.*s\",[\"out\"])]", STR_ARG(a), STR_ARG(b)).p;
}

static void inputs_come_before_what_uses_them(void **state)
{
	struct fixture f = begin();
	str leaf = write_drv(&f, "leaf", "[]"), left = write_drv(&f, "left", uses(&f, leaf, S("")));
	str right = write_drv(&f, "right", uses(&f, leaf, S(""))), top = write_drv(&f, "top", uses(&f, left, right));
	const struct closure_node *const *order;
	const struct closure_node *node;
	size_t n;

	(void)state;
	node = add(&f, top);
	assert_non_null(node);
	assert_true(closure_load(f.closure, &f.diags));
	order = closure_order(f.closure, &n);
	assert_int_equal(n, 4);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(order[i]->index, i);
		for (size_t k = 0; k < order[i]->drv->ninputs; k++) {
			assert_true(order[i]->inputs[k]->index < i);
			assert_str(order[i]->inputs[k]->path, order[i]->drv->inputs[k].path);
		}
	}
	assert_ptr_equal(order[3], node);
	assert_non_null(add(&f, left));
	assert_true(closure_load(f.closure, &f.diags));
	closure_order(f.closure, &n);
	assert_int_equal(n, 4);
	end(&f);
}

static void a_missing_input_is_told(void **state)
{
	struct fixture f = begin();
	str leaf = write_drv(&f, "leaf", "[]"), top = write_drv(&f, "top", uses(&f, leaf, S("")));

	(void)state;
	unlink(os_join(&f.a, str_c(f.dir), str_from(leaf, sizeof NIX_STORE_DIR)));
	assert_non_null(add(&f, top));
	assert_false(closure_load(f.closure, &f.diags));
	assert_int_equal(f.diags.errors, 1);
	assert_int_equal(f.diags.first->code, DIAG_DRV_MISSING);
	end(&f);
}

/* A derivation put where another one should be. */
static void another_text_is_no_input(void **state)
{
	struct fixture f = begin();
	str leaf = write_drv(&f, "leaf", "[]"), top = write_drv(&f, "top", uses(&f, leaf, S("")));
	const char *file = os_join(&f.a, str_c(f.dir), str_from(leaf, sizeof NIX_STORE_DIR));

	(void)state;
	assert_int_equal(os_replace(file, simple_drv(&f.a, "[]", "[(\"a\",\"b\")]"), 0644, false), 0);
	assert_non_null(add(&f, top));
	assert_false(closure_load(f.closure, &f.diags));
	assert_int_equal(f.diags.errors, 1);
	assert_int_equal(f.diags.first->code, DIAG_DRV_PATH);
	end(&f);
}

static void a_long_chain(void **state)
{
	struct fixture f = begin();
	str path = write_drv(&f, "d", "[]");
	size_t n;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		path = write_drv(&f, "d", uses(&f, path, S("")));
	assert_non_null(add(&f, path));
	assert_true(closure_load(f.closure, &f.diags));
	closure_order(f.closure, &n);
	assert_int_equal(n, 1001);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inputs_come_before_what_uses_them),
		cmocka_unit_test(a_missing_input_is_told),
		cmocka_unit_test(another_text_is_no_input),
		cmocka_unit_test(a_long_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
