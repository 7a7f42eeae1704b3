#include "re_int.h"

#include "test.h"

#include <errno.h>
#include <sys/stat.h>
#include <zstd.h>

struct world {
	struct diags diags;
	char *dir;
	struct re_client client;
};

static void begin(struct world *w)
{
	*w = (struct world){.dir = str_zdup(str_c(fresh_dir())), .client.caps.zstd = true};
	w->client.config.instance = S("i");
	w->client.store = store_open(str_c(w->dir), DIGEST_SHA256, &w->diags);
	assert_non_null(w->client.store);
}

static void end(struct world *w)
{
	store_close(w->client.store);
	os_remove_tree(w->dir);
	mem_free(w->dir);
	diags_free(&w->diags);
}

/* Lines that repeat, or bytes that nothing shrinks. */
static char *content(size_t n, bool random)
{
	char *p = mem_alloc(n + 1);
	uint64_t seed = 42;

	for (size_t i = 0; i < n; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		p[i] = random ? (char)(seed >> 56) : i % 61 ? "the same words, again\n"[i % 22] : (char)('a' + (seed >> 60));
	}
	return p;
}

/* What a server sees of a try. */
struct got {
	str name;
	int64_t offset, next; /* of the first and after the last */
	bool finished;
	unsigned messages;
	struct buf data;
	struct arena mem;
};

static void take_message(struct got *g, str m)
{
	struct wire in = wire_over(m);
	struct wire_field f;
	int64_t offset = 0;
	str data = {0};

	assert_false(g->finished);
	assert_true(m.n < RE_MESSAGE_MAX);
	while (wire_next(&in, &f)) {
		if (f.number == 1)
			g->name = str_dup(&g->mem, f.bytes);
		if (f.number == 2)
			offset = (int64_t)f.n;
		if (f.number == 3)
			g->finished = f.n;
		if (f.number == 10)
			data = f.bytes;
	}
	assert_false(in.bad);
	if (g->messages++ == 0)
		g->offset = offset;
	else
		assert_int_equal(offset, g->next);
	g->next = offset + (int64_t)data.n;
	buf_str(&g->data, data);
}

static void one_try(struct chunks *m, int64_t base, struct got *g)
{
	*g = (struct got){0};
	chunks_begin(m, "UUID", base);
	while (!chunks_ended(m)) {
		struct blob *b = chunks_next(m);

		assert_non_null(b);
		take_message(g, blob_str(b));
		blob_unref(b);
	}
	assert_true(g->finished);
	assert_int_equal(chunks_size(m), g->next);
}

static void got_clear(struct got *g)
{
	buf_free(&g->data);
	arena_clear(&g->mem);
}

static struct chunks *open_chunks(struct world *w, str bytes, struct known *k)
{
	struct chunks *m;
	int err = 0;

	*k = (struct known){0};
	assert_int_equal(store_put(w->client.store, bytes, &k->digest), 0);
	m = chunks_new(&w->client, k, &err);
	assert_non_null(m);
	return m;
}

static void must_unpack(str packed, str wanted)
{
	char *out = mem_alloc(wanted.n + 1);

	assert_int_equal(ZSTD_decompress(out, wanted.n, packed.p, packed.n), wanted.n);
	assert_memory_equal(out, wanted.p, wanted.n);
	mem_free(out);
}

static const size_t sizes[] = {1, 1023, 1024, 16384, 48 << 10, (48 << 10) + 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5000000};

/* Whole, and from where a server says that it is. */
static void plain(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	w.client.caps.zstd = false;
	for (size_t i = 0; i < SL_COUNT(sizes); i++) {
		char *bytes = content(sizes[i], false);
		struct known k;
		struct chunks *m = open_chunks(&w, str_of(bytes, sizes[i]), &k);
		struct got g;

		for (size_t base = 0; base == 0 || base < sizes[i]; base += base / 2 + 700001) {
			one_try(m, (int64_t)base, &g);
			assert_false(chunks_packed(m));
			assert_int_equal(g.offset, base);
			assert_int_equal(g.data.n, sizes[i] - base);
			assert_true(str_starts(g.name, S("i/uploads/UUID/blobs/")));
			if (g.data.n)
				assert_memory_equal(g.data.p, bytes + base, g.data.n);
			got_clear(&g);
		}
		chunks_free(m);
		mem_free(bytes);
	}
	end(&w);
}

/* The same bytes in each try, so that offsets hold. */
static void packed(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	for (size_t i = 0; i < SL_COUNT(sizes); i++) {
		char *bytes = content(sizes[i], false);
		struct known k;
		struct chunks *m = open_chunks(&w, str_of(bytes, sizes[i]), &k);
		struct got first, again;

		one_try(m, 0, &first);
		assert_int_equal(chunks_packed(m), sizes[i] >= 1024);
		if (chunks_packed(m)) {
			assert_true(first.data.n < sizes[i]);
			assert_true(str_starts(first.name, S("i/uploads/UUID/compressed-blobs/zstd/")));
			must_unpack(buf_view(&first.data), str_of(bytes, sizes[i]));
			one_try(m, (int64_t)first.data.n / 2, &again);
			assert_int_equal(again.offset, first.data.n / 2);
			assert_str(buf_view(&again.data), str_from(buf_view(&first.data), first.data.n / 2));
			got_clear(&again);
			chunks_plain(m);
			one_try(m, 0, &again);
			assert_str(buf_view(&again.data), str_of(bytes, sizes[i]));
			got_clear(&again);
		}
		got_clear(&first);
		chunks_free(m);
		mem_free(bytes);
	}
	end(&w);
}

static void not_worth_packing(void **state)
{
	char *bytes = content(3000000, true);
	struct chunks *m;
	struct known k;
	struct world w;
	struct got g;

	(void)state;
	begin(&w);
	m = open_chunks(&w, str_of(bytes, 3000000), &k);
	one_try(m, 0, &g);
	assert_false(chunks_packed(m));
	assert_str(buf_view(&g.data), str_of(bytes, 3000000));
	got_clear(&g);
	chunks_free(m);
	memset(bytes, 'x', 2000000); /* one of three samples is as it was */
	m = open_chunks(&w, str_of(bytes, 3000000), &k);
	one_try(m, 0, &g);
	assert_true(chunks_packed(m));
	must_unpack(buf_view(&g.data), str_of(bytes, 3000000));
	got_clear(&g);
	chunks_free(m);
	mem_free(bytes);
	end(&w);
}

static void a_directory(void **state)
{
	struct tree_builder *b = tree_builder_new();
	struct digest d = digest_of(DIGEST_SHA256, S("x"));
	struct buf message = {0};
	struct chunks *m;
	struct known k = {0};
	struct world w;
	struct got g;
	int err = 0;

	(void)state;
	begin(&w);
	tree_put_file(b, S("a"), &d, false);
	k.dir = tree_builder_end(b, NULL, NULL);
	k.digest = *tree_digest(k.dir, DIGEST_SHA256);
	tree_message(k.dir, DIGEST_SHA256, &message);
	m = chunks_new(&w.client, &k, &err);
	assert_non_null(m);
	one_try(m, 0, &g);
	assert_str(buf_view(&g.data), buf_view(&message));
	got_clear(&g);
	chunks_free(m);
	buf_free(&message);
	tree_unref(k.dir);
	end(&w);
}

static void cannot_be_read(void **state)
{
	char *bytes = content(3000000, true), hex[65];
	struct known k = {.digest = digest_of(DIGEST_SHA256, S("not there"))};
	struct arena a = {0};
	struct chunks *m;
	struct blob *first;
	struct world w;
	const char *path;
	int err = 0;

	(void)state;
	begin(&w);
	assert_null(chunks_new(&w.client, &k, &err));
	assert_int_equal(err, -ENOENT);
	for (int zstd = 0; zstd < 2; zstd++) { /* it becomes shorter while it is sent */
		w.client.caps.zstd = zstd;
		memset(bytes, zstd ? 'x' : 'y', 3000000);
		m = open_chunks(&w, str_of(bytes, 3000000), &k);
		chunks_begin(m, "UUID", 0);
		hex_of(k.digest.b, 32, hex);
		path = str_fmt(&a, "%s/cas/sha256/%.2s/%s", w.dir, hex, hex).p;
		if (!zstd) {
			first = chunks_next(m);
			assert_non_null(first);
			blob_unref(first);
		}
		assert_int_equal(chmod(path, 0644), 0);
		assert_int_equal(truncate(path, 100), 0);
		while ((first = chunks_next(m)))
			blob_unref(first);
		assert_int_equal(chunks_error(m), -EIO);
		chunks_free(m);
	}
	mem_free(bytes);
	arena_clear(&a);
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(packed),
		cmocka_unit_test(not_worth_packing),
		cmocka_unit_test(a_directory),
		cmocka_unit_test(cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
