#include "re_int.h"

#include <errno.h>

/* GetTree gives all Directory messages of a tree in one stream; a server that cannot, or that leaves some out, is
 * asked for the others by their digests, level by level.
 *	GetTreeRequest { instance = 1; Digest root = 2; page_size = 3; page_token = 4; digest_function = 5; }
 *	GetTreeResponse { repeated Directory directories = 1; next_page_token = 2; } */

struct getting {
	struct re_client *client;
	struct arena mem;
	struct digest root;
	re_got_tree *done;
	void *ud;
	struct re_status status;
	VEC(struct digest) missing; /* directories that the store lacks */
	struct map met;             /* digests walked over, in mem */
	unsigned levels;
};

static void finish(struct getting *g)
{
	struct re_client *c = g->client;
	struct tree *t = NULL;
	int err = g->status.code == GRPC_OK ? store_get_tree(c->store, &g->root, &t) : -ENOENT;

	if (err == -EBADMSG)
		status_fail(&g->status, &g->mem, GRPC_DATA_LOSS, GRPC_BY_CHANNEL, "a directory is not in canonical form");
	else if (err < 0)
		status_errno(&g->status, &g->mem, err, "a tree cannot be read");
	g->done(g->ud, &g->status, t);
	tree_unref(t);
	vec_free(&g->missing);
	map_free(&g->met);
	arena_clear(&g->mem);
	mem_free(g);
	client_release(c);
}

/* ---- what the store lacks ---- */

static void look(struct getting *g, const struct digest *d);

static void look_below(struct getting *g, str message)
{
	struct wire w = wire_over(message), in;
	struct wire_field f, part;
	struct digest d;

	while (wire_next(&w, &f)) {
		if (f.number != 2 || f.type != WIRE_BYTES)
			continue;
		in = wire_over(f.bytes);
		while (wire_next(&in, &part))
			if (part.number == 2 && wire_get_digest(&part, &d))
				look(g, &d);
	}
}

/* Each digest once, so a tree that names parts many times costs no more; depth is that of a chain of digests, each
 * found in the store: bounded by levels. */
static void look(struct getting *g, const struct digest *d)
{
	struct digest *key;
	struct blob *bytes;

	if (d->size == 0 || map_has(&g->met, str_of((const char *)d, sizeof *d)) || g->levels >= TREE_DEPTH_MAX)
		return;
	key = arena_make(&g->mem, struct digest);
	*key = *d;
	map_put(&g->met, str_of((const char *)key, sizeof *key), key);
	if (store_get(g->client->store, d, &bytes) < 0) {
		vec_push(&g->missing, *d);
		return;
	}
	g->levels++;
	look_below(g, blob_str(bytes));
	g->levels--;
	blob_unref(bytes);
}

static void look_all(struct getting *g);

static void on_fetched(void *ud, const struct re_status *s)
{
	struct getting *g = ud;
	struct digest *lost = arena_array(&g->mem, struct digest, s->nmissing);

	if (s->code == GRPC_OK) {
		look_all(g);
		return;
	}
	for (size_t i = 0; i < s->nmissing; i++)
		lost[i] = s->missing[i];
	status_fail(&g->status, &g->mem, s->code, s->source, "%.*s", STR_ARG(s->text));
	g->status.missing = lost;
	g->status.nmissing = s->nmissing;
	finish(g);
}

static void look_all(struct getting *g)
{
	g->missing.n = 0;
	map_free(&g->met);
	look(g, &g->root);
	if (g->missing.n)
		re_fetch(g->client, g->missing.p, g->missing.n, on_fetched, g);
	else
		finish(g);
}

/* ---- GetTree ---- */

static void on_message(void *ud, struct grpc_call *call, str m)
{
	struct wire w = wire_over(m);
	struct getting *g = ud;
	struct wire_field f;
	struct digest d;

	(void)call;
	while (wire_next(&w, &f))
		if (f.number == 1 && f.type == WIRE_BYTES)
			store_put(g->client->store, f.bytes, &d); /* what is not asked for is harmless under its own name */
}

/* Whatever came of it: what is missing now is fetched. */
static void on_done(void *ud, const struct grpc_status *s)
{
	struct getting *g = ud;

	g->client->stats.calls++;
	client_report(g->client, s);
	look_all(g);
}

static void begin(void *ud, const struct re_status *refusal)
{
	static const struct grpc_events events = {.message = on_message, .done = on_done};
	struct getting *g = ud;
	struct grpc_status why;
	struct grpc_call *call;
	struct buf b = {0};

	if (refusal) {
		status_fail(&g->status, &g->mem, refusal->code, refusal->source, "%.*s", STR_ARG(refusal->text));
		finish(g);
		return;
	}
	look(g, &g->root);
	if (!g->missing.n) { /* all of it is here */
		finish(g);
		return;
	}
	call = rpc_stream(g->client, RE_SERVICE "ContentAddressableStorage/GetTree", NULL, g->client->config.rpc_ms * 4, &events, g, &why);
	if (!call) {
		look_all(g);
		return;
	}
	wire_str(&b, 1, g->client->config.instance);
	wire_digest(&b, 2, &g->root);
	caps_write_fn(g->client, &b, 5);
	grpc_send(call, rpc_blob(&b));
	grpc_end(call);
}

void re_get_tree(struct re_client *c, const struct digest *root, re_got_tree *done, void *ud)
{
	struct getting *g = mem_make(struct getting);

	*g = (struct getting){.client = c, .root = *root, .done = done, .ud = ud};
	client_hold(c);
	caps_need(c, begin, g);
}
