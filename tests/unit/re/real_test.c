/* The client against a real server, whichever STRAYLIGHT_TEST_RE names: tests/re/casd and tests/re/buildgrid start one.
 * Without it the test is skipped. */
#include "world.h"

static const char *endpoint;
static struct re_caps caps;

static void start(struct world *w)
{
	world_open(w, endpoint, DIGEST_SHA256);
}

static void capabilities(void **state)
{
	struct world w = {0};
	struct came c = {0};

	(void)state;
	start(&w);
	re_capabilities(w.client, on_caps, &c);
	wait_for(&w, &c);
	must_be(&c, GRPC_OK);
	caps = c.caps;
	assert_true(caps.batch_max > 0 && caps.batch_max <= 4000000);
	assert_true(caps.high[0] == 2);
	came_clear(&c);
	world_close(&w);
}

static void wrong_instance(void **state)
{
	struct world w = {.config.instance = S("nobody")};
	struct came c = {0};
	struct digest d;

	(void)state;
	start(&w);
	d = put(&w, noise(&w, 100, (unsigned)getpid()));
	upload(&w, (struct re_need){.blobs = &d, .nblobs = 1}, &c);
	assert_int_not_equal(c.code, GRPC_OK);
	assert_int_equal(c.source, GRPC_BY_SERVER);
	came_clear(&c);
	world_close(&w);
}

/* Small and large, up and down, each a new one to the server. */
static void blobs(void **state)
{
	static const size_t sizes[] = {0, 1, 1000, 300000, 3999000, 4100000, 20000000};
	struct world w = {0};
	struct came c = {0};
	struct digest d[SL_COUNT(sizes)];
	str bytes[SL_COUNT(sizes)];

	(void)state;
	start(&w);
	for (size_t i = 0; i < SL_COUNT(sizes); i++) {
		bytes[i] = noise(&w, sizes[i], (unsigned)getpid() + (unsigned)i);
		d[i] = put(&w, bytes[i]);
	}
	upload(&w, (struct re_need){.blobs = d, .nblobs = SL_COUNT(d)}, &c);
	must_be(&c, GRPC_OK);
	assert_int_equal(re_stats(w.client).put_blobs, SL_COUNT(d) - 1);
	upload(&w, (struct re_need){.blobs = d, .nblobs = SL_COUNT(d), .thorough = true}, &c);
	must_be(&c, GRPC_OK);
	assert_int_equal(re_stats(w.client).put_blobs, SL_COUNT(d) - 1);
	world_empty(&w);
	fetch(&w, d, SL_COUNT(d), &c);
	must_be(&c, GRPC_OK);
	for (size_t i = 0; i < SL_COUNT(d); i++)
		must_have(&w, &d[i], bytes[i]);
	d[1].b[0] ^= 1;
	d[6].b[0] ^= 1;
	fetch(&w, d, SL_COUNT(d), &c);
	must_be(&c, GRPC_NOT_FOUND);
	assert_int_equal(c.nmissing, 2);
	came_clear(&c);
	world_close(&w);
}

static void trees(void **state)
{
	struct world w = {0};
	struct came c = {0};
	struct tree *t;
	struct digest root;

	(void)state;
	start(&w);
	t = many_files(&w, 5000, (unsigned)getpid());
	root = *tree_digest(t, DIGEST_SHA256);
	upload(&w, (struct re_need){.tree = t}, &c);
	must_be(&c, GRPC_OK);
	assert_true(re_stats(w.client).find_calls <= 6);
	tree_unref(t);
	world_empty(&w);
	came_clear(&c);
	re_get_tree(w.client, &root, on_tree, &c);
	wait_for(&w, &c);
	must_be(&c, GRPC_OK);
	assert_int_equal(tree_files(c.tree), 5000);
	t = tree_ref(c.tree);
	came_clear(&c);
	re_fetch_tree(w.client, t, on_done, &c);
	wait_for(&w, &c);
	must_be(&c, GRPC_OK);
	assert_true(store_has_tree(w.store, &root));
	tree_unref(t);
	came_clear(&c);
	world_close(&w);
}

static void results(void **state)
{
	struct world w = {0};
	struct came c = {0};
	struct output_entry e[2] = {{.path = S("d"), .kind = TREE_DIR}, {.path = S("f"), .kind = TREE_FILE}};
	struct re_action a;
	struct action_result r = {.outputs = e, .noutputs = 2, .worker = S("here")};
	struct tree *t;

	(void)state;
	start(&w);
	a = action(&w, NULL, str_fmt(&w.mem, "true %d", getpid()).p, "d f", 0);
	t = many_files(&w, 3, 1);
	store_put_tree(w.store, t);
	e[0].digest = *tree_digest(t, DIGEST_SHA256);
	e[1].digest = r.out = r.err = put(&w, S("content"));
	re_ac_get(w.client, &a.action, on_result, &c);
	wait_for(&w, &c);
	must_be(&c, GRPC_OK);
	assert_false(c.has_result);
	upload(&w, (struct re_need){.tree = a.root, .blobs = (struct digest[]){a.action, a.command}, .nblobs = 2}, &c);
	must_be(&c, GRPC_OK);
	came_clear(&c);
	re_ac_put(w.client, &a.action, &r, on_done, &c);
	wait_for(&w, &c);
	must_be(&c, caps.ac_write ? GRPC_OK : GRPC_PERMISSION_DENIED);
	world_empty(&w);
	came_clear(&c);
	re_ac_get(w.client, &a.action, on_result, &c);
	wait_for(&w, &c);
	must_be(&c, GRPC_OK);
	assert_int_equal(c.has_result, caps.ac_write);
	if (c.has_result) {
		assert_true(digest_eq(tree_digest(c.tree, DIGEST_SHA256), tree_digest(t, DIGEST_SHA256)));
		assert_str(output(&w, &c.result.out), S("content"));
	}
	tree_unref(t);
	tree_unref(a.root);
	came_clear(&c);
	world_close(&w);
}

static void executions(void **state)
{
	struct world w = {0};
	struct came c = {0};
	struct tree *in;
	struct re_action a;

	(void)state;
	if (!caps.exec)
		skip();
	start(&w);
	in = many_files(&w, 300, (unsigned)getpid());
	a = action(&w, in, "cat dir1/file150 > o/copy; mkdir -p o/d; echo x > o/d/e; ln -s e o/d/l; echo said; exit 3", "o/copy o/d", 60);
	execute(&w, &a, &c);
	must_be(&c, GRPC_OK);
	assert_int_equal(c.result.exit_code, 3);
	assert_false(c.cached);
	assert_str(output(&w, &c.result.out), S("said\n"));
	tree_unref(a.root);

	a = action(&w, in, "cat dir1/file150 > o/copy; mkdir -p o/d; echo x > o/d/e; ln -s e o/d/l; echo said", "o/copy o/d", 60);
	for (unsigned round = 0; round < 2; round++) {
		execute(&w, &a, &c);
		must_be(&c, GRPC_OK);
		assert_int_equal(c.result.exit_code, 0);
		assert_int_equal(c.cached, round == 1);
		assert_int_equal(c.result.noutputs, 2);
		assert_str(output(&w, &c.result.outputs[0].digest), str_fmt(&w.mem, "file 150 of %u\n", (unsigned)getpid()));
		assert_str(tree_find(c.tree, S("l"))->target, S("e"));
		assert_str(output(&w, &tree_find(c.tree, S("e"))->digest), S("x\n"));
	}
	tree_unref(a.root);

	a = action(&w, in, "echo begun; sleep 60", "", 1);
	execute(&w, &a, &c);
	must_be(&c, GRPC_DEADLINE_EXCEEDED);
	assert_int_equal(c.source, GRPC_BY_SERVER);
	tree_unref(a.root);

	a = action(&w, NULL, "sleep 60", "", 0);
	a.timeout_ms = 1500;
	execute(&w, &a, &c);
	must_be(&c, GRPC_DEADLINE_EXCEEDED);
	assert_int_equal(c.source, GRPC_BY_DEADLINE);
	tree_unref(a.root);
	tree_unref(in);
	came_clear(&c);
	world_close(&w);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capabilities), cmocka_unit_test(wrong_instance), cmocka_unit_test(blobs), cmocka_unit_test(trees), cmocka_unit_test(results),
		cmocka_unit_test(executions),
	};

	endpoint = getenv("STRAYLIGHT_TEST_RE");
	if (!endpoint)
		return 77;
	signal(SIGPIPE, SIG_IGN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("real", tests, NULL, NULL);
}
