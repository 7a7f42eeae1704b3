#include "hpack.h"

#include "test.h"

#include <nghttp2/nghttp2.h>

/* One end of a connection: nghttp2 writes header blocks, hpack rewrites them, an inflater reads the result. */
struct wire {
	nghttp2_hd_deflater *deflater;
	nghttp2_hd_inflater *inflater;
	struct hpack *hpack;
	struct buf out;
	size_t frames, largest; /* of the last block */
	size_t bytes;
};

static struct wire wire_new(enum hpack_form form, size_t split)
{
	struct wire w = {.hpack = hpack_new(form, split)};

	assert_int_equal(nghttp2_hd_deflate_new(&w.deflater, 4096), 0);
	assert_int_equal(nghttp2_hd_inflate_new(&w.inflater), 0);
	return w;
}

static void wire_free(struct wire *w)
{
	nghttp2_hd_deflate_del(w->deflater);
	nghttp2_hd_inflate_del(w->inflater);
	hpack_free(w->hpack);
	buf_free(&w->out);
}

static nghttp2_nv nv(const char *name, const char *value)
{
	return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name), strlen(value), 0};
}

/* The frames' payloads, joined; checks types, flags and the stream. */
static str joined(struct wire *w, struct arena *a)
{
	struct buf all = {0};
	size_t at = 0;

	w->frames = w->largest = 0;
	while (at < w->out.n) {
		const unsigned char *p = (const unsigned char *)w->out.p + at;
		size_t n = (size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2];
		bool last = at + 9 + n == w->out.n;

		assert_int_equal(p[3], w->frames ? NGHTTP2_CONTINUATION : NGHTTP2_HEADERS);
		assert_int_equal(p[4], (w->frames ? 0 : NGHTTP2_FLAG_END_STREAM) | (last ? NGHTTP2_FLAG_END_HEADERS : 0));
		assert_int_equal(p[8], 5);
		w->largest = n > w->largest ? n : w->largest;
		w->frames++;
		buf_add(&all, p + 9, n);
		at += 9 + n;
	}
	w->bytes = all.n;
	return buf_take(&all, a);
}

static void read_back(struct wire *w, str block, const nghttp2_nv *want, size_t n)
{
	const uint8_t *at = (const uint8_t *)block.p;
	size_t left = block.n, seen = 0;
	int flags = 0;

	while (!(flags & NGHTTP2_HD_INFLATE_FINAL)) {
		nghttp2_nv got;
		ssize_t used = nghttp2_hd_inflate_hd2(w->inflater, &got, &flags, at, left, 1);

		assert_true(used >= 0);
		at += used;
		left -= (size_t)used;
		if (!(flags & NGHTTP2_HD_INFLATE_EMIT))
			continue;
		assert_in_range(seen, 0, n - 1);
		assert_str(str_of((char *)got.name, got.namelen), str_of((char *)want[seen].name, want[seen].namelen));
		assert_str(str_of((char *)got.value, got.valuelen), str_of((char *)want[seen].value, want[seen].valuelen));
		seen++;
	}
	nghttp2_hd_inflate_end_headers(w->inflater);
	assert_int_equal(seen, n);
}

/* One block, given in two pieces, comes out and is read back. */
static void pass(struct wire *w, nghttp2_nv *headers, size_t n)
{
	uint8_t frame[9 + 8192] = {0, 0, 0, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 0, 0, 0, 5};
	ssize_t used = nghttp2_hd_deflate_hd(w->deflater, frame + 9, 8192, headers, n);
	struct arena a = {0};

	assert_true(used > 0);
	frame[1] = (uint8_t)(used >> 8), frame[2] = (uint8_t)used;
	w->out.n = 0;
	hpack_pass(w->hpack, str_of((char *)frame, 7), &w->out);
	hpack_pass(w->hpack, str_of((char *)frame + 7, 2 + (size_t)used), &w->out);
	read_back(w, joined(w, &a), headers, n);
	arena_clear(&a);
}

static void test_forms(void **state)
{
	(void)state;
	for (int form = HPACK_NGHTTP2; form <= HPACK_NEVER; form++)
		for (size_t split = 0; split < 4; split++) {
			struct wire w = wire_new((enum hpack_form)form, split);
			nghttp2_nv headers[] = {nv(":status", "200"), nv("content-type", "application/grpc"), nv("grpc-status", "0"),
					nv("grpc-message", "")};
			size_t first;

			pass(&w, headers, 4);
			first = w.bytes;
			pass(&w, headers, 4);
			if (form == HPACK_PLAIN)
				assert_int_equal(w.bytes, 4); /* all from the table */
			if (form == HPACK_LITERAL || form == HPACK_NEVER)
				assert_int_equal(w.bytes, first);
			if (split)
				assert_int_equal(w.largest, split < w.bytes ? split : w.bytes);
			wire_free(&w);
		}
}

/* More than the table holds, and a table that becomes smaller: what was evicted is not used again. */
static void test_eviction(void **state)
{
	struct wire w = wire_new(HPACK_PLAIN, 0);
	char value[600];

	(void)state;
	for (int i = 0; i < 60; i++) {
		nghttp2_nv headers[2];

		memset(value, 'a' + i % 26, sizeof value - 1);
		value[sizeof value - 1] = '\0';
		headers[0] = nv("x-long", value);
		headers[1] = nv("x-same", "one");
		if (i == 30) {
			hpack_limit(w.hpack, 700);
			nghttp2_hd_inflate_change_table_size(w.inflater, 700);
			nghttp2_hd_deflate_change_table_size(w.deflater, 700);
		}
		pass(&w, headers, 2);
	}
	wire_free(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms), cmocka_unit_test(test_eviction)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
