/* The client against the test server: what servers do, and what goes wrong. */
#include "world.h"

#include "server.h"

struct pair {
	struct world w;
	struct re_server *server;
};

static void start(struct pair *p, const char *like, const char *faults, enum digest_fn fn)
{
	struct re_options o = {.like = like, .faults = faults};
	char *why = NULL;
	char endpoint[64];

	p->server = re_server_start(&o, &why);
	if (!p->server)
		fail_msg("%s", why);
	snprintf(endpoint, sizeof endpoint, "grpc://127.0.0.1:%u", re_server_port(p->server));
	p->w.config.backoff_ms = p->w.config.backoff_ms ? p->w.config.backoff_ms : 5;
	world_open(&p->w, str_dup(&p->w.mem, str_c(endpoint)).p, fn);
}

static void stop(struct pair *p)
{
	world_close(&p->w);
	re_server_stop(p->server);
}

static void faults(struct pair *p, const char *rules)
{
	char *why = re_server_faults(p->server, rules);

	if (why)
		fail_msg("%s", why);
}

static const char *const kinds[] = {"straylight", "casd", "buildgrid", "nativelink"};

/* ---- capabilities ---- */

static void capabilities(void **state)
{
	(void)state;
	for (size_t i = 0; i < SL_COUNT(kinds); i++) {
		struct pair p = {0};
		struct came c = {0};

		start(&p, kinds[i], NULL, DIGEST_SHA256);
		re_capabilities(p.w.client, on_caps, &c);
		wait_for(&p.w, &c);
		must_be(&c, GRPC_OK);
		assert_int_equal(c.caps.fn, DIGEST_SHA256);
		assert_true(c.caps.batch_max == (i == 3 ? 65536u : 4000000u));
		assert_int_equal(c.caps.zstd, i == 0 || i == 3);
		came_clear(&c);
		re_capabilities(p.w.client, on_caps, &c);
		assert_int_equal(c.n, 0); /* never from inside */
		wait_for(&p.w, &c);
		assert_int_equal(re_server_count(p.server, "GetCapabilities"), 1);
		came_clear(&c);
		stop(&p);
	}
}

static void mismatches(void **state)
{
	struct pair p = {0}, q = {.w.config.instance = S("nobody")};
	struct came c = {0};
	struct digest d;
	struct diag *diag;

	(void)state;
	start(&p, "casd", NULL, DIGEST_BLAKE3);
	d = put(&p.w, S("content"));
	upload(&p.w, (struct re_need){.blobs = &d, .nblobs = 1}, &c);
	must_be(&c, GRPC_FAILED_PRECONDITION);
	assert_int_equal(c.source, GRPC_BY_CHANNEL);
	must_say(&c, "SHA256, this build's is BLAKE3");
	assert_int_equal(re_server_count(p.server, "*"), 1);
	diag = re_diag(&p.w.diags, p.w.client, &(struct re_status){.code = c.code, .source = c.source, .text = c.text}, DIAG_ERROR, S("the upload"));
	assert_int_equal(diag->code, DIAG_REMOTE_MISMATCH);
	came_clear(&c);
	stop(&p);

	start(&q, "casd", NULL, DIGEST_SHA256);
	upload(&q.w, (struct re_need){.blobs = &d, .nblobs = 1}, &c);
	must_be(&c, GRPC_INVALID_ARGUMENT);
	assert_int_equal(c.source, GRPC_BY_SERVER);
	came_clear(&c);
	stop(&q);
}

/* ---- blobs ---- */

/* Up and down again, small and large, with every kind of server and both digest functions. */
static void round_trip(const char *kind, enum digest_fn fn)
{
	struct pair p = {0};
	struct came c = {0};
	struct digest d[6];
	str bytes[6];

	start(&p, kind, NULL, fn);
	bytes[0] = S("");
	bytes[1] = S("small");
	bytes[2] = noise(&p.w, 70000, 1);
	bytes[3] = noise(&p.w, 5000000, 2);
	bytes[4] = str_of(memset(arena_raw(&p.w.mem, 9000000, 1), 'x', 9000000), 9000000);
	bytes[5] = noise(&p.w, 4000000, 3);
	for (size_t i = 0; i < SL_COUNT(d); i++)
		d[i] = put(&p.w, bytes[i]);
	upload(&p.w, (struct re_need){.blobs = d, .nblobs = SL_COUNT(d)}, &c);
	must_be(&c, GRPC_OK);
	for (size_t i = 1; i < SL_COUNT(d); i++)
		assert_true(re_server_has(p.server, fn, &d[i]));
	assert_int_equal(re_server_count(p.server, "puts"), SL_COUNT(d) - 1);
	world_empty(&p.w);
	fetch(&p.w, d, SL_COUNT(d), &c);
	must_be(&c, GRPC_OK);
	for (size_t i = 0; i < SL_COUNT(d); i++)
		must_have(&p.w, &d[i], bytes[i]);
	came_clear(&c);
	stop(&p);
}

static void blobs(void **state)
{
	(void)state;
	for (size_t i = 0; i < SL_COUNT(kinds); i++)
		round_trip(kinds[i], DIGEST_SHA256);
	round_trip("straylight", DIGEST_BLAKE3);
	round_trip("nativelink", DIGEST_BLAKE3);
}

/* Few calls, and none for what has a lease. */
static void trees(void **state)
{
	struct pair p = {0};
	struct came c = {0};
	struct re_need need = {0};
	struct tree *other;
	struct digest root;

	(void)state;
	start(&p, "casd", NULL, DIGEST_SHA256);
	need.tree = many_files(&p.w, 1500, 1);
	upload(&p.w, need, &c);
	must_be(&c, GRPC_OK);
	assert_true(re_server_count(p.server, "FindMissingBlobs") <= 3);
	assert_int_equal(re_server_count(p.server, "puts"), 1516);
	assert_int_equal(re_server_count(p.server, "Write"), 0);
	upload(&p.w, need, &c);
	assert_true(re_server_count(p.server, "FindMissingBlobs") <= 3);

	/* Another client: where the root is, all is taken to be. */
	other = tree_ref(need.tree);
	root = *tree_digest(other, DIGEST_SHA256);
	world_empty(&p.w);
	upload(&p.w, (struct re_need){.tree = other}, &c);
	must_be(&c, GRPC_OK);
	assert_int_equal(re_stats(p.w.client).find_calls, 1);
	assert_true(re_stats(p.w.client).find_asked < 50);

	/* What was lost is found when every blob is asked for; here it cannot be had again. */
	assert_true(re_server_forget(p.server, DIGEST_SHA256, &tree_find(other, S("dir3/file300"))->digest));
	upload(&p.w, (struct re_need){.tree = other, .thorough = true}, &c);
	must_be(&c, GRPC_FAILED_PRECONDITION);
	assert_int_equal(c.nmissing, 1);
	assert_true(digest_eq(&c.missing[0], &tree_find(other, S("dir3/file300"))->digest));
	put(&p.w, S("file 300 of 1\n"));
	upload(&p.w, (struct re_need){.tree = other, .thorough = true}, &c);
	must_be(&c, GRPC_OK);

	/* And down again, by the root's digest. */
	came_clear(&c);
	re_get_tree(p.w.client, &root, on_tree, &c);
	wait_for(&p.w, &c);
	must_be(&c, GRPC_OK);
	assert_true(digest_eq(tree_digest(c.tree, DIGEST_SHA256), &root));
	assert_int_equal(tree_files(c.tree), 1500);
	came_clear(&c);
	re_fetch_tree(p.w.client, other, on_done, &c);
	wait_for(&p.w, &c);
	must_be(&c, GRPC_OK);
	assert_true(store_has_tree(p.w.store, &root));
	tree_unref(other);
	tree_unref(need.tree);
	came_clear(&c);
	stop(&p);
}

/* Many operations at once share calls and blobs. */
static void together(void **state)
{
	static struct came c[200];
	struct pair p = {0};
	struct tree *t;

	(void)state;
	start(&p, "straylight", NULL, DIGEST_SHA256);
	t = many_files(&p.w, 500, 1);
	for (size_t i = 0; i < SL_COUNT(c); i++) {
		struct digest own = put(&p.w, str_fmt(&p.w.mem, "own %zu", i));

		re_upload(p.w.client, &(struct re_need){.tree = t, .blobs = &own, .nblobs = 1}, on_done, &c[i]);
	}
	for (size_t i = 0; i < SL_COUNT(c); i++) {
		wait_for(&p.w, &c[i]);
		must_be(&c[i], GRPC_OK);
		came_clear(&c[i]);
	}
	assert_int_equal(re_server_count(p.server, "puts"), 500 + 6 + 200);
	assert_true(re_server_count(p.server, "FindMissingBlobs") <= 2);
	tree_unref(t);
	stop(&p);
}

/* ---- faults ---- */

static const struct {
	const char *rules;
	enum grpc_code code;
} upload_faults[] = {
	{"FindMissingBlobs#1:unavailable", GRPC_OK},
	{"FindMissingBlobs#1:close", GRPC_OK},
	{"FindMissingBlobs#1:garbage", GRPC_INTERNAL},
	{"FindMissingBlobs:unauthenticated", GRPC_UNAUTHENTICATED},
	{"FindMissingBlobs#1:none", GRPC_OK},
	{"BatchUpdateBlobs#1:resource-exhausted=20", GRPC_OK},
	{"BatchUpdateBlobs#1:goaway", GRPC_OK},
	{"BatchUpdateBlobs#1:refuse", GRPC_OK},
	{"BatchUpdateBlobs#1:rst", GRPC_OK},
	{"BatchUpdateBlobs#1:partial", GRPC_OK},
	{"BatchUpdateBlobs#1:reverse,gzip,split=3", GRPC_OK},
	{"BatchUpdateBlobs:unimplemented", GRPC_OK},
	{"Write#1:close<1000000", GRPC_OK},
	{"Write#1:unavailable<2000000", GRPC_OK},
	{"Write#1:rst=2<500000;QueryWriteStatus:unimplemented", GRPC_OK},
	{"Write#1:halfclose<1000000", GRPC_OK},
	{"Write#1:none", GRPC_OK},
	{"Write:internal", GRPC_INTERNAL},
	{"Write#1:http=502", GRPC_OK},
	{"*:split=100,ping,settings", GRPC_OK},
	{"*#1:drain", GRPC_OK},
	{"*:unavailable", GRPC_UNAVAILABLE},
};

static void faults_of_uploads(void **state)
{
	(void)state;
	for (size_t i = 0; i < SL_COUNT(upload_faults); i++) {
		for (unsigned plain = 0; plain < 2; plain++) {
			struct pair p = {.w.config = {.no_compression = plain, .rpc_ms = 5000}};
			struct came c = {0};
			struct digest d[2];

			start(&p, "straylight", upload_faults[i].rules, DIGEST_SHA256);
			d[0] = put(&p.w, S("small"));
			d[1] = put(&p.w, noise(&p.w, 6000000, 4));
			upload(&p.w, (struct re_need){.blobs = d, .nblobs = 2}, &c);
			if (c.code != upload_faults[i].code)
				fail_msg("%s (plain %u): %s: %.*s", upload_faults[i].rules, plain, grpc_code_name(c.code), STR_ARG(c.text));
			for (size_t k = 0; c.code == GRPC_OK && k < 2; k++)
				if (!re_server_has(p.server, DIGEST_SHA256, &d[k]))
					fail_msg("%s: a blob is not there", upload_faults[i].rules);
			came_clear(&c);
			stop(&p);
		}
	}
}

static const struct {
	const char *rules;
	enum grpc_code code;
} fetch_faults[] = {
	{"BatchReadBlobs#1:unavailable", GRPC_OK},
	{"BatchReadBlobs#1:close@", GRPC_OK},
	{"BatchReadBlobs#1:flip", GRPC_OK}, /* by stream then */
	{"BatchReadBlobs:flip;Read:flip", GRPC_DATA_LOSS},
	{"BatchReadBlobs#1:partial", GRPC_OK},
	{"BatchReadBlobs#1:cut", GRPC_OK},
	{"BatchReadBlobs#1:garbage", GRPC_OK},
	{"BatchReadBlobs:unimplemented", GRPC_OK},
	{"BatchReadBlobs#1:truncate@", GRPC_OK},
	{"Read#1:flip", GRPC_OK},
	{"Read#1:close@1000000", GRPC_OK},
	{"Read#1:unavailable@2000000", GRPC_OK},
	{"Read#1:rst@100000", GRPC_OK},
	{"Read#1:goaway@100000", GRPC_OK},
	{"Read#1:truncate@1000000", GRPC_OK},
	{"Read#1:close@5000000;Read#2:internal", GRPC_OK},
	{"Read#1:twice", GRPC_OK},
	{"Read#1:oversize", GRPC_OK},
	{"Read#1:length@", GRPC_OK},
	{"Read:not-found", GRPC_NOT_FOUND},
	{"*:forget", GRPC_NOT_FOUND},
	{"Read:permission-denied", GRPC_PERMISSION_DENIED},
};

static void faults_of_fetches(void **state)
{
	(void)state;
	for (size_t i = 0; i < SL_COUNT(fetch_faults); i++) {
		for (unsigned plain = 0; plain < 2; plain++) {
			struct pair p = {.w.config = {.no_compression = plain, .rpc_ms = 5000}};
			struct came c = {0};
			struct digest d[2];
			str large;

			start(&p, "straylight", NULL, DIGEST_SHA256);
			large = noise(&p.w, 6000000, 5);
			d[0] = re_server_put(p.server, DIGEST_SHA256, S("small"));
			d[1] = re_server_put(p.server, DIGEST_SHA256, large);
			faults(&p, fetch_faults[i].rules);
			fetch(&p.w, d, 2, &c);
			if (c.code != fetch_faults[i].code)
				fail_msg("%s (plain %u): %s: %.*s", fetch_faults[i].rules, plain, grpc_code_name(c.code), STR_ARG(c.text));
			if (c.code == GRPC_OK) {
				must_have(&p.w, &d[0], S("small"));
				must_have(&p.w, &d[1], large);
			}
			if (c.code == GRPC_NOT_FOUND)
				assert_true(c.nmissing > 0);
			came_clear(&c);
			stop(&p);
		}
	}
}

#define MANY 4500u

/* At most one question for a thousand blobs, and no blob twice. */
static void many(void **state)
{
	struct digest *d = mem_array(struct digest, MANY);
	struct pair p = {0};
	struct came c = {0};

	(void)state;
	start(&p, "casd", NULL, DIGEST_SHA256);
	for (size_t i = 0; i < MANY; i++)
		d[i] = put(&p.w, str_fmt(&p.w.mem, "the small blob of number %zu\n", i));
	upload(&p.w, (struct re_need){.blobs = d, .nblobs = MANY}, &c);
	must_be(&c, GRPC_OK);
	assert_true(re_server_count(p.server, "FindMissingBlobs") <= MANY / 1000);
	assert_int_equal(re_stats(p.w.client).find_asked, MANY);
	assert_int_equal(re_server_count(p.server, "puts"), MANY);
	assert_true(re_server_count(p.server, "BatchUpdateBlobs") < 20);
	for (size_t i = 0; i < MANY; i++)
		assert_true(re_server_has(p.server, DIGEST_SHA256, &d[i]));
	came_clear(&c);
	stop(&p);
	mem_free(d);
}

/* What a batch cannot have because it is not there, or damaged, is told; the rest of the batch goes. */
static void absent(void **state)
{
	struct digest d[3];
	struct pair p = {0};
	struct came c = {0};

	(void)state;
	start(&p, "straylight", NULL, DIGEST_SHA256);
	d[0] = put(&p.w, S("one"));
	d[1] = digest_of(DIGEST_SHA256, S("nobody has this"));
	d[2] = put(&p.w, S("three"));
	upload(&p.w, (struct re_need){.blobs = d, .nblobs = 3}, &c);
	must_be(&c, GRPC_FAILED_PRECONDITION);
	assert_int_equal(c.nmissing, 1);
	assert_true(digest_eq(&c.missing[0], &d[1]));
	assert_true(re_server_has(p.server, DIGEST_SHA256, &d[0]) && re_server_has(p.server, DIGEST_SHA256, &d[2]));
	came_clear(&c);
	stop(&p);
}

/* The pause is as long as the server asks for. */
static void retry_info(void **state)
{
	struct pair p = {0};
	struct came c = {0};
	struct digest d;
	int64_t start_ns;

	(void)state;
	start(&p, "straylight", "FindMissingBlobs#1:resource-exhausted=300", DIGEST_SHA256);
	d = put(&p.w, S("content"));
	start_ns = os_now_ns();
	upload(&p.w, (struct re_need){.blobs = &d, .nblobs = 1}, &c);
	must_be(&c, GRPC_OK);
	assert_true(os_now_ns() - start_ns >= 300 * INT64_C(1000000));
	assert_int_equal(re_stats(p.w.client).retries, 1);
	came_clear(&c);
	stop(&p);
}

/* A write that broke goes on where the server has it, compressed or not; where it cannot tell, from the start. */
static void resume(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct pair p = {.w.config.no_compression = i == 0};
		struct came c = {0};
		struct digest d;

		start(&p, "straylight", i == 2 ? "Write#1:close<3000000;QueryWriteStatus:unimplemented" : "Write#1:close<3000000", DIGEST_SHA256);
		d = put(&p.w, noise(&p.w, 6000000, 4 + i));
		upload(&p.w, (struct re_need){.blobs = &d, .nblobs = 1}, &c);
		must_be(&c, GRPC_OK);
		assert_true(re_server_has(p.server, DIGEST_SHA256, &d));
		assert_int_equal(re_server_count(p.server, "Write"), 2);
		assert_int_equal(re_server_count(p.server, "QueryWriteStatus"), 1);
		assert_int_equal(re_server_count(p.server, "resumed"), i < 2);
		came_clear(&c);
		stop(&p);
	}
}

/* Every call says who makes it; those of an execution also for which action. */
static void metadata(void **state)
{
	struct pair p = {.w.config.version = S("9")};
	struct came c = {0};
	struct re_action a;

	(void)state;
	start(&p, "straylight", NULL, DIGEST_SHA256);
	a = action(&p.w, NULL, "true", "", 0);
	a.mnemonic = S("compile a.c");
	a.target = S("//a:a");
	execute(&p.w, &a, &c);
	must_be(&c, GRPC_OK);
	assert_true(re_server_count(p.server, "*") >= 4);
	assert_int_equal(re_server_count(p.server, "identified"), re_server_count(p.server, "*"));
	assert_int_equal(re_server_count(p.server, "attributed"), 1);
	tree_unref(a.root);
	came_clear(&c);
	stop(&p);
}

/* The server is left alone after failures, and well again when it answers. */
static void breaker(void **state)
{
	struct pair p = {.w.config = {.retries = 9, .backoff_ms = 5}};
	struct came c = {0};
	struct digest d;
	str why;

	(void)state;
	start(&p, "straylight", "*:unavailable", DIGEST_SHA256);
	d = put(&p.w, S("content"));
	assert_int_equal(re_health(p.w.client, &why), RE_WELL);
	upload(&p.w, (struct re_need){.blobs = &d, .nblobs = 1}, &c);
	must_be(&c, GRPC_UNAVAILABLE);
	assert_int_equal(re_health(p.w.client, &why), RE_AWAY);
	assert_true(why.n > 0);
	faults(&p, "");
	upload(&p.w, (struct re_need){.blobs = &d, .nblobs = 1}, &c);
	must_be(&c, GRPC_UNAVAILABLE);
	assert_int_equal(re_server_count(p.server, "FindMissingBlobs"), 0);
	came_clear(&c);
	stop(&p);
}

/* ---- action results ---- */

static struct action_result some_result(struct world *w)
{
	struct output_entry *e = arena_array(&w->mem, struct output_entry, 3);
	struct tree_builder *b = tree_builder_new();
	struct digest in = put(w, S("inside")), exe = put(w, S("program"));
	struct tree *t;

	tree_put_file(b, S("sub/deep/a"), &in, false);
	tree_put_file(b, S("sub/exe"), &exe, true);
	tree_put_symlink(b, S("link"), S("sub/exe"));
	tree_put_dir(b, S("empty"));
	t = tree_builder_end(b, NULL, NULL);
	assert_int_equal(store_put_tree(w->store, t), 0);
	e[0] = (struct output_entry){.path = S("dir"), .kind = TREE_DIR, .digest = *tree_digest(t, store_fn(w->store))};
	e[1] = (struct output_entry){.path = S("out/file"), .kind = TREE_FILE, .executable = true, .digest = exe};
	e[2] = (struct output_entry){.path = S("out/link"), .kind = TREE_SYMLINK, .target = S("file")};
	tree_unref(t);
	return (struct action_result){.outputs = e, .noutputs = 3, .exit_code = 0, .out = put(w, S("printed")), .err = put(w, S("")),
			.worker = S("here"), .start_ns = 1700000000123456789, .wall_ns = 5000000};
}

static void action_cache(void **state)
{
	(void)state;
	for (size_t i = 0; i < SL_COUNT(kinds); i++) {
		struct pair p = {0};
		struct came c = {0};
		struct action_result r;
		struct re_action a;
		struct digest key;

		start(&p, kinds[i], NULL, DIGEST_SHA256);
		r = some_result(&p.w);
		a = action(&p.w, NULL, "true", "", 0);
		key = a.action;
		tree_unref(a.root);
		upload(&p.w, (struct re_need){.blobs = &key, .nblobs = 1}, &c);
		came_clear(&c);
		re_ac_get(p.w.client, &key, on_result, &c);
		wait_for(&p.w, &c);
		must_be(&c, GRPC_OK);
		assert_false(c.has_result);
		came_clear(&c);
		re_ac_put(p.w.client, &key, &r, on_done, &c);
		wait_for(&p.w, &c);
		must_be(&c, GRPC_OK);
		came_clear(&c);
		world_empty(&p.w);
		re_ac_get(p.w.client, &key, on_result, &c);
		wait_for(&p.w, &c);
		must_be(&c, GRPC_OK);
		assert_true(c.has_result && c.cached);
		assert_int_equal(c.result.noutputs, 3);
		for (size_t k = 0; k < 3; k++) {
			assert_str(c.result.outputs[k].path, r.outputs[k].path);
			assert_str(c.result.outputs[k].target, r.outputs[k].target);
			assert_int_equal(c.result.outputs[k].kind, r.outputs[k].kind);
			assert_int_equal(c.result.outputs[k].executable, r.outputs[k].executable);
			assert_true(k == 2 || digest_eq(&c.result.outputs[k].digest, &r.outputs[k].digest));
		}
		assert_int_equal(c.result.start_ns, r.start_ns);
		assert_int_equal(c.result.wall_ns, r.wall_ns);
		assert_str_c(c.result.worker, "here");
		assert_non_null(tree_find(c.tree, S("empty")));
		assert_str(output(&p.w, &c.result.out), S("printed"));
		assert_str(output(&p.w, &tree_find(c.tree, S("sub/deep/a"))->digest), S("inside"));
		came_clear(&c);
		stop(&p);
	}
}

/* ---- execution ---- */

static void run(struct pair *p, const char *name, bool must_work)
{
	struct came c = {0};
	struct tree *in = many_files(&p->w, 20, 9);
	struct re_action a = action(&p->w, in, "cat dir0/file19 > o/copy; mkdir o/d; echo x > o/d/e; ln -s e o/d/l; echo said; exit 3", "o/copy o/d", 20);

	execute(&p->w, &a, &c);
	if (must_work && (c.code != GRPC_OK || c.result.exit_code != 3))
		fail_msg("%s: %s: exit %d: %.*s", name, grpc_code_name(c.code), c.result.exit_code, STR_ARG(c.text));
	if (c.code == GRPC_OK) {
		assert_int_equal(c.result.noutputs, 2);
		assert_str_c(c.result.outputs[0].path, "o/copy");
		assert_str(output(&p->w, &c.result.outputs[0].digest), S("file 19 of 9\n"));
		assert_str(output(&p->w, &c.result.out), S("said\n"));
		assert_str(tree_find(c.tree, S("l"))->target, S("e"));
		assert_str(output(&p->w, &tree_find(c.tree, S("e"))->digest), S("x\n"));
	}
	came_clear(&c);
	tree_unref(in);
	tree_unref(a.root);
}

#define LIKE_FAULTS 4 /* the first ones are tried with every kind of server */

static const char *const execute_faults[] = {
	"",
	"Execute#1:forget",
	"Execute#1:killed",
	"Execute#1:drop",
	"Execute#1:drop,lose",
	"Execute#1:unavailable",
	"Execute#1:close@",
	"Execute#1:goaway@",
	"Execute#1:rst@",
	"Execute#1:failed-precondition",
	"Execute#1:drop;WaitExecution#1:unavailable;WaitExecution#2:drop",
	"Execute#1:drop;WaitExecution#1:unimplemented",
	"Execute#1:http=504",
	"Execute#1:truncate@",
	"FindMissingBlobs#1:lie",
	"FindMissingBlobs#1:forget",
	"BatchUpdateBlobs#1:forget",
	"*:split=5,ping=2,settings",
};

static void executions(void **state)
{
	(void)state;
	for (size_t k = 0; k < SL_COUNT(kinds); k++) {
		if (k == 2)
			continue; /* BuildGrid has no workers */
		for (size_t i = 0; i < (k == 0 ? SL_COUNT(execute_faults) : LIKE_FAULTS); i++) {
			struct pair p = {.w.config = {.rpc_ms = 5000}};

			start(&p, kinds[k], NULL, DIGEST_SHA256);
			faults(&p, execute_faults[i]);
			run(&p, str_fmt(&p.w.mem, "%s: %s", kinds[k], execute_faults[i]).p, true);
			stop(&p);
		}
	}
}

static void execution_ends(void **state)
{
	struct pair p = {.w.config = {.rpc_ms = 5000}};
	struct came c = {0};
	struct re_action a;
	struct re_run *r;

	(void)state;
	start(&p, "straylight", NULL, DIGEST_SHA256);
	/* Its own timeout: told by the server, with what was printed. */
	a = action(&p.w, NULL, "echo begun; sleep 30", "", 1);
	execute(&p.w, &a, &c);
	must_be(&c, GRPC_DEADLINE_EXCEEDED);
	assert_int_equal(c.source, GRPC_BY_SERVER);
	tree_unref(a.root);

	/* The client's own deadline, when the server says nothing. */
	faults(&p, "Execute:never");
	a = action(&p.w, NULL, "true", "", 0);
	a.timeout_ms = 300;
	execute(&p.w, &a, &c);
	must_be(&c, GRPC_DEADLINE_EXCEEDED);
	assert_int_equal(c.source, GRPC_BY_DEADLINE);
	assert_true(re_server_count(p.server, "CancelOperation") <= 1);
	a.timeout_ms = 0;

	/* Cancelled. */
	came_clear(&c);
	r = re_execute(p.w.client, &a, on_result, &c);
	while (re_server_count(p.server, "Execute") < 3)
		uv_run(&p.w.loop, UV_RUN_NOWAIT);
	re_cancel(r);
	wait_for(&p.w, &c);
	must_be(&c, GRPC_CANCELLED);
	tree_unref(a.root);

	/* Inputs that nobody has. */
	faults(&p, "");
	a = action(&p.w, NULL, "true # lost", "", 0);
	a.command = digest_of(DIGEST_SHA256, S("nobody has this"));
	execute(&p.w, &a, &c);
	must_be(&c, GRPC_FAILED_PRECONDITION);
	assert_int_equal(c.source, GRPC_BY_CHANNEL);
	assert_int_equal(c.nmissing, 1);
	tree_unref(a.root);
	came_clear(&c);
	stop(&p);
}

#define SEEDS 40u

/* Faults by chance: whatever ends well is right, and everything ends. */
static void by_chance(void **state)
{
	unsigned well = 0;

	(void)state;
	for (unsigned seed = 1; seed <= SEEDS; seed++) {
		struct re_options o = {.seed = seed, .faults = "*%8:unavailable;*%3:close@;*%3:rst;*%3:goaway;*%2:truncate@;*%2:drain;*%2:refuse;Read%10:flip;"
				"BatchReadBlobs%10:flip;Execute%10:drop;Execute%10:forget;FindMissingBlobs%10:forget;BatchUpdateBlobs%10:partial;*%20:split=50"};
		struct pair p = {.w.config = {.rpc_ms = 2000, .backoff_ms = 2}};
		struct came c = {0};
		struct tree *in;
		struct re_action a;
		char *why = NULL;

		p.server = re_server_start(&o, &why);
		world_open(&p.w, str_fmt(&p.w.mem, "grpc://127.0.0.1:%u", re_server_port(p.server)).p, DIGEST_SHA256);
		in = many_files(&p.w, 10, seed);
		a = action(&p.w, in, "cat dir0/file9 > copy; head -c 300000 /dev/zero > zeros", "copy zeros", 20);
		a.timeout_ms = 20000;
		if (execute(&p.w, &a, &c) == GRPC_OK) {
			struct digest d[2] = {c.result.outputs[0].digest, c.result.outputs[1].digest}, want = digest_of(DIGEST_SHA256, str_fmt(&p.w.mem, "file 9 of %u\n", seed));

			assert_int_equal(c.result.exit_code, 0);
			assert_true(digest_eq(&d[0], &want));
			well += fetch(&p.w, d, 2, &c) == GRPC_OK;
			for (size_t i = 0; i < 2; i++) {
				if (c.code == GRPC_OK)
					assert_true(store_has(p.w.store, &d[i]));
				if (store_has(p.w.store, &d[i]))
					assert_int_equal(store_verify(p.w.store, &d[i]), 0);
			}
		}
		came_clear(&c);
		tree_unref(a.root);
		tree_unref(in);
		stop(&p);
	}
	assert_true(well > SEEDS / 2);
}

/* What ends for ever ends soon, and closing ends all. */
static void closing(void **state)
{
	struct pair p = {0};
	struct came c[4] = {0};
	struct re_action a;
	struct digest d;

	(void)state;
	start(&p, "straylight", "*:stall", DIGEST_SHA256);
	d = put(&p.w, noise(&p.w, 100, 3));
	a = action(&p.w, NULL, "true", "", 0);
	re_upload(p.w.client, &(struct re_need){.blobs = &d, .nblobs = 1}, on_done, &c[0]);
	re_fetch(p.w.client, &d, 1, on_done, &c[1]);
	re_execute(p.w.client, &a, on_result, &c[2]);
	re_ac_get(p.w.client, &a.action, on_result, &c[3]);
	for (int i = 0; i < 50; i++)
		uv_run(&p.w.loop, UV_RUN_NOWAIT);
	stop(&p);
	for (size_t i = 0; i < SL_COUNT(c); i++) {
		assert_int_equal(c[i].n, 1);
		must_be(&c[i], GRPC_CANCELLED);
		came_clear(&c[i]);
	}
	tree_unref(a.root);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capabilities), cmocka_unit_test(mismatches), cmocka_unit_test(blobs), cmocka_unit_test(trees), cmocka_unit_test(together),
		cmocka_unit_test(many), cmocka_unit_test(absent), cmocka_unit_test(retry_info), cmocka_unit_test(resume), cmocka_unit_test(metadata),
		cmocka_unit_test(faults_of_uploads), cmocka_unit_test(faults_of_fetches), cmocka_unit_test(breaker), cmocka_unit_test(action_cache),
		cmocka_unit_test(executions), cmocka_unit_test(execution_ends), cmocka_unit_test(by_chance), cmocka_unit_test(closing),
	};

	signal(SIGPIPE, SIG_IGN);
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("re", tests, NULL, NULL);
}
