#include "re_int.h"

/* From the bytes of an ActionResult to what the caller gets: Tree messages are fetched and become trees whose
 * directories are in the store, and what came along inside the message is put there too. */

struct taking {
	struct re_client *client;
	struct arena mem;
	struct read_result r;
	re_got_result *done;
	void *ud;
};

static void finish(struct taking *t, const struct re_status *s)
{
	struct re_client *c = t->client;

	t->done(t->ud, s, s->code == GRPC_OK ? &t->r.r : NULL);
	for (size_t i = 0; t->r.trees && i < t->r.r.result.noutputs; i++)
		tree_unref(t->r.trees[i]);
	arena_clear(&t->mem);
	mem_free(t);
	client_release(c);
}

static bool put_stream(struct taking *t, bool has, str bytes, struct digest *digest, struct re_status *s)
{
	int err = has ? store_put(t->client->store, bytes, digest) : 0;

	if (err < 0)
		status_errno(s, &t->mem, err, "what an action printed cannot be stored");
	return err == 0;
}

static bool make_tree(struct taking *t, const struct tree_want *want, struct re_status *s)
{
	struct output_entry *e = (struct output_entry *)(uintptr_t)&t->r.r.result.outputs[want->output];
	struct store *store = t->client->store;
	struct blob *bytes;
	struct tree *tree;
	str why = {0};
	int err = store_get(store, &want->message, &bytes);

	if (err < 0) {
		status_errno(s, &t->mem, err, "an output directory cannot be read");
		return false;
	}
	tree = tree_read_message(blob_str(bytes), store_fn(store), &t->mem, &why);
	blob_unref(bytes);
	if (!tree) {
		status_fail(s, &t->mem, GRPC_DATA_LOSS, GRPC_BY_CHANNEL, "the output directory '%.*s' cannot be used: %.*s", STR_ARG(e->path), STR_ARG(why));
		return false;
	}
	t->r.trees[want->output] = tree;
	e->digest = *tree_digest(tree, store_fn(store));
	err = store_put_tree(store, tree);
	if (err < 0)
		status_errno(s, &t->mem, err, "an output directory cannot be stored");
	return err == 0;
}

static void on_fetched(void *ud, const struct re_status *fetched)
{
	struct taking *t = ud;
	struct re_status s = *fetched;

	for (size_t i = 0; s.code == GRPC_OK && i < t->r.nwants; i++)
		make_tree(t, &t->r.wants[i], &s);
	finish(t, &s);
}

static void begin(struct taking *t)
{
	struct action_result *r = &t->r.r.result;
	struct digest *wanted = arena_array(&t->mem, struct digest, t->r.nwants);
	struct re_status s = {.code = GRPC_OK};

	for (size_t i = 0; i < t->r.nwants; i++)
		wanted[i] = t->r.wants[i].message;
	if (!put_stream(t, t->r.has_out, t->r.raw_out, &r->out, &s) || !put_stream(t, t->r.has_err, t->r.raw_err, &r->err, &s))
		finish(t, &s);
	else if (t->r.nwants)
		re_fetch(t->client, wanted, t->r.nwants, on_fetched, t);
	else
		finish(t, &s);
}

void result_take(struct re_client *c, str bytes, bool cached, str message, re_got_result *done, void *ud)
{
	struct taking *t = mem_make(struct taking);
	struct re_status s = {.code = GRPC_OK};
	str why = {0};
	bool ok;

	t->client = c;
	t->done = done;
	t->ud = ud;
	client_hold(c);
	ok = result_read_message(bytes, store_fn(c->store), &t->mem, &t->r, &why);
	t->r.r.cached = cached;
	t->r.r.message = str_dup(&t->mem, message);
	if (ok) {
		begin(t);
		return;
	}
	status_fail(&s, &t->mem, GRPC_DATA_LOSS, GRPC_BY_CHANNEL, "the server's action result cannot be used: %.*s", STR_ARG(why));
	finish(t, &s);
}
