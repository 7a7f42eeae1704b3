/* world.h: a client on a loop, with a store of its own, and what comes of its operations. */
#ifndef STRAYLIGHT_RE_WORLD_H
#define STRAYLIGHT_RE_WORLD_H

#include "test.h"

#include <straylight/re.h>
#include <straylight/wire.h>

#include <uv.h>

struct world {
	uv_loop_t loop;
	struct diags diags;
	struct arena mem;
	char *dir;
	struct store *store;
	struct re_client *client;
	struct re_config config;
};

static inline void world_open(struct world *w, const char *endpoint, enum digest_fn fn)
{
	uv_loop_init(&w->loop);
	w->dir = str_zdup(str_c(fresh_dir()));
	w->store = store_open(str_c(w->dir), fn, &w->diags);
	assert_non_null(w->store);
	w->config.channel.endpoint = str_c(endpoint);
	w->client = re_open(&w->loop, &w->config, w->store, &w->diags);
	assert_non_null(w->client);
}

static inline void world_close(struct world *w)
{
	re_close(w->client);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&w->loop), 0);
	store_close(w->store);
	os_remove_tree(w->dir);
	mem_free(w->dir);
	diags_free(&w->diags);
	arena_clear(&w->mem);
}

/* The same client with an empty store: what it has now comes from the server. */
static inline void world_empty(struct world *w)
{
	enum digest_fn fn = store_fn(w->store);

	re_close(w->client);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	store_close(w->store);
	os_remove_tree(w->dir);
	w->store = store_open(str_c(w->dir), fn, &w->diags);
	w->client = re_open(&w->loop, &w->config, w->store, &w->diags);
}

/* ---- what came ---- */

struct came {
	struct arena mem;
	unsigned n;
	enum grpc_code code;
	enum grpc_source source;
	str text;
	struct digest *missing;
	size_t nmissing;
	bool has_result;
	struct action_result result; /* copied */
	bool cached;
	struct tree *tree; /* one reference: that of the first output that is a directory, or of re_get_tree */
	struct re_caps caps;
};

static inline void came_status(struct came *c, const struct re_status *s)
{
	c->n++;
	c->code = s->code;
	c->source = s->source;
	c->text = str_dup(&c->mem, s->text);
	c->nmissing = s->nmissing;
	c->missing = arena_array(&c->mem, struct digest, s->nmissing);
	for (size_t i = 0; i < s->nmissing; i++)
		c->missing[i] = s->missing[i];
}

static inline void on_done(void *ud, const struct re_status *s)
{
	came_status(ud, s);
}

static inline void on_caps(void *ud, const struct re_status *s, const struct re_caps *caps)
{
	struct came *c = ud;

	came_status(c, s);
	if (caps)
		c->caps = *caps;
}

static inline void on_tree(void *ud, const struct re_status *s, struct tree *t)
{
	struct came *c = ud;

	came_status(c, s);
	c->tree = t ? tree_ref(t) : NULL;
}

static inline void on_result(void *ud, const struct re_status *s, const struct re_result *r)
{
	struct came *c = ud;
	struct output_entry *e;

	came_status(c, s);
	c->has_result = r != NULL;
	if (!r)
		return;
	c->cached = r->cached;
	c->result = r->result;
	e = arena_array(&c->mem, struct output_entry, r->result.noutputs);
	for (size_t i = 0; i < r->result.noutputs; i++) {
		e[i] = r->result.outputs[i];
		e[i].path = str_dup(&c->mem, e[i].path);
		e[i].target = str_dup(&c->mem, e[i].target);
		if (r->trees[i] && !c->tree)
			c->tree = tree_ref(r->trees[i]);
	}
	c->result.outputs = e;
	c->result.worker = str_dup(&c->mem, r->result.worker);
}

static inline void came_clear(struct came *c)
{
	tree_unref(c->tree);
	arena_clear(&c->mem);
	*c = (struct came){0};
}

/* Turns the loop until the operation is over. */
static inline void wait_for(struct world *w, struct came *c)
{
	while (!c->n)
		uv_run(&w->loop, UV_RUN_ONCE);
	assert_int_equal(c->n, 1);
}

static inline void must_be(const struct came *c, enum grpc_code code)
{
	if (c->code != code)
		fail_msg("%s, not %s: %.*s", grpc_code_name(c->code), grpc_code_name(code), STR_ARG(c->text));
}

static inline void must_say(const struct came *c, const char *part)
{
	if (str_find_str(c->text, str_c(part)) == c->text.n)
		fail_msg("'%.*s' does not hold '%s'", STR_ARG(c->text), part);
}

/* ---- operations, to their end ---- */

static inline enum grpc_code upload(struct world *w, struct re_need need, struct came *c)
{
	came_clear(c);
	re_upload(w->client, &need, on_done, c);
	wait_for(w, c);
	return c->code;
}

static inline enum grpc_code fetch(struct world *w, const struct digest *d, size_t n, struct came *c)
{
	came_clear(c);
	re_fetch(w->client, d, n, on_done, c);
	wait_for(w, c);
	return c->code;
}

/* ---- content ---- */

static inline struct digest put(struct world *w, str bytes)
{
	struct digest d;

	assert_int_equal(store_put(w->store, bytes, &d), 0);
	return d;
}

static inline str noise(struct world *w, size_t n, unsigned seed)
{
	char *p = arena_raw(&w->mem, n, 1);

	for (size_t i = 0; i < n; i++) {
		seed = seed * 1664525u + 1013904223u;
		p[i] = (char)(seed >> 24);
	}
	return str_of(p, n);
}

static inline void must_have(struct world *w, const struct digest *d, str bytes)
{
	struct blob *b;

	assert_int_equal(store_get(w->store, d, &b), 0);
	assert_true(str_eq(blob_str(b), bytes));
	blob_unref(b);
}

/* n files in folders of a hundred; `seed` makes them others. */
static inline struct tree *many_files(struct world *w, unsigned n, unsigned seed)
{
	struct tree_builder *b = tree_builder_new();

	for (unsigned i = 0; i < n; i++) {
		struct digest d = put(w, str_fmt(&w->mem, "file %u of %u\n", i, seed));

		tree_put_file(b, str_fmt(&w->mem, "dir%u/file%u", i / 100, i), &d, i % 7 == 0);
	}
	return tree_builder_end(b, NULL, NULL);
}

/* An action that runs `script` by sh, with outputs (words, below "work"). */
static inline struct re_action action(struct world *w, struct tree *inputs, const char *script, const char *outputs, unsigned timeout_s)
{
	struct tree_builder *root = tree_builder_new();
	struct re_action a = {0};
	struct buf b = {0};
	str word, rest = str_c(outputs);
	size_t mark;

	wire_element(&b, 1, S("/bin/sh"));
	wire_element(&b, 1, S("-c"));
	wire_element(&b, 1, str_c(script));
	mark = wire_begin(&b, 2);
	wire_str(&b, 1, S("PATH"));
	wire_str(&b, 2, S("/usr/bin:/bin"));
	wire_end(&b, mark);
	wire_str(&b, 6, S("work"));
	while (rest.n) {
		str_cut(rest, ' ', &word, &rest);
		wire_element(&b, 7, word);
	}
	a.command = put(w, buf_view(&b));
	tree_put_dir(root, S("work"));
	if (inputs)
		tree_put_tree(root, S("work"), inputs);
	a.root = tree_builder_end(root, NULL, NULL);
	b.n = 0;
	wire_digest(&b, 1, &a.command);
	wire_digest(&b, 2, tree_digest(a.root, store_fn(w->store)));
	if (timeout_s) {
		mark = wire_begin(&b, 6);
		wire_int(&b, 1, timeout_s);
		wire_end(&b, mark);
	}
	a.action = put(w, buf_view(&b));
	buf_free(&b);
	return a;
}

static inline enum grpc_code execute(struct world *w, const struct re_action *a, struct came *c)
{
	came_clear(c);
	re_execute(w->client, a, on_result, c);
	wait_for(w, c);
	return c->code;
}

static inline str output(struct world *w, const struct digest *d)
{
	struct came c = {0};
	struct blob *b;
	str s;

	if (!store_has(w->store, d)) {
		fetch(w, d, 1, &c);
		must_be(&c, GRPC_OK);
		came_clear(&c);
	}
	assert_int_equal(store_get(w->store, d, &b), 0);
	s = str_dup(&w->mem, blob_str(b));
	blob_unref(b);
	return s;
}

#endif
