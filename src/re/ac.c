#include "re_int.h"

/* ---- GetActionResult ----
 * { instance = 1; Digest action = 2; inline_stdout = 3; inline_stderr = 4; digest_function = 6; } */

struct lookup {
	struct re_client *client;
	struct arena mem;
	struct digest action;
	re_got_result *done;
	void *ud;
};

static void end_lookup(struct lookup *l, const struct re_status *s, const struct re_result *r)
{
	struct re_client *c = l->client;

	c->stats.ac_hits += r != NULL;
	c->stats.ac_misses += s->code == GRPC_OK && !r;
	l->done(l->ud, s, r);
	arena_clear(&l->mem);
	mem_free(l);
	client_release(c);
}

/* A result whose directories are lost is no result. */
static void on_taken(void *ud, const struct re_status *s, const struct re_result *r)
{
	static const struct re_status ok;

	end_lookup(ud, s->nmissing ? &ok : s, r);
}

static void on_found(void *ud, const struct grpc_status *s, str reply)
{
	struct re_status why = {.code = GRPC_OK};
	struct lookup *l = ud;

	if (s->code == GRPC_OK) {
		result_take(l->client, reply, true, (str){NULL, 0}, on_taken, l);
		return;
	}
	if (s->code != GRPC_NOT_FOUND || s->source != GRPC_BY_SERVER)
		status_keep(&why, &l->mem, s, "the action cache was not read");
	end_lookup(l, &why, NULL);
}

static void look_up(void *ud, const struct re_status *refusal)
{
	struct lookup *l = ud;
	struct re_client *c = l->client;
	struct buf b = {0};

	if (refusal) {
		end_lookup(l, refusal, NULL);
		return;
	}
	wire_str(&b, 1, c->config.instance);
	wire_digest(&b, 2, &l->action);
	wire_bool(&b, 3, true);
	wire_bool(&b, 4, true);
	caps_write_fn(c, &b, 6);
	rpc_call(c, RE_SERVICE "ActionCache/GetActionResult", &l->action, c->config.rpc_ms, rpc_blob(&b), on_found, l);
}

void re_ac_get(struct re_client *c, const struct digest *action, re_got_result *done, void *ud)
{
	struct lookup *l = mem_make(struct lookup);

	*l = (struct lookup){.client = c, .action = *action, .done = done, .ud = ud};
	client_hold(c);
	caps_need(c, look_up, l);
}

/* ---- UpdateActionResult ----
 * { instance = 1; Digest action = 2; ActionResult result = 3; digest_function = 5; }
 * First all single blobs and Tree messages, then directory after directory, then the result. */

struct update {
	struct re_client *client;
	struct arena mem;
	struct digest action;
	struct action_result result;
	struct tree **trees; /* one reference each */
	struct tree_want *wants;
	size_t ntrees, next;
	re_done *done;
	void *ud;
};

static void end_update(struct update *u, const struct re_status *s)
{
	struct re_client *c = u->client;

	c->stats.ac_puts += s->code == GRPC_OK;
	u->done(u->ud, s);
	for (size_t i = 0; i < u->ntrees; i++)
		tree_unref(u->trees[i]);
	arena_clear(&u->mem);
	mem_free(u);
	client_release(c);
}

static void on_updated(void *ud, const struct grpc_status *s, str reply)
{
	struct re_status why = {.code = GRPC_OK};
	struct update *u = ud;

	(void)reply;
	status_keep(&why, &u->mem, s, "the server did not take an action result");
	end_update(u, &why);
}

static void publish(struct update *u)
{
	struct re_client *c = u->client;
	struct buf b = {0};
	size_t mark;

	wire_str(&b, 1, c->config.instance);
	wire_digest(&b, 2, &u->action);
	mark = wire_begin(&b, 3);
	result_write_message(&u->result, u->wants, &b);
	wire_end(&b, mark);
	caps_write_fn(c, &b, 5);
	rpc_call(c, RE_SERVICE "ActionCache/UpdateActionResult", &u->action, c->config.rpc_ms, rpc_blob(&b), on_updated, u);
}

static void on_uploaded(void *ud, const struct re_status *s)
{
	struct update *u = ud;
	struct re_need need = {.thorough = true}; /* what is in a shared cache may be believed by others */

	if (s->code != GRPC_OK) {
		end_update(u, s);
	} else if (u->next < u->ntrees) {
		need.tree = u->trees[u->next++];
		re_upload(u->client, &need, on_uploaded, u);
	} else {
		publish(u);
	}
}

/* The tree of one output, and its Tree message in the store. */
static int take_directory(struct update *u, uint32_t output, struct digest *blob)
{
	struct store *store = u->client->store;
	struct buf message = {0};
	int err = store_get_tree(store, &u->result.outputs[output].digest, &u->trees[u->ntrees]);

	if (err < 0)
		return err;
	tree_write_message(u->trees[u->ntrees], store_fn(store), &message);
	err = store_put(store, buf_view(&message), blob);
	buf_free(&message);
	u->wants[u->ntrees++] = (struct tree_want){*blob, output};
	return err;
}

static void upload_parts(struct update *u)
{
	struct digest *blobs = arena_array(&u->mem, struct digest, u->result.noutputs + 2);
	struct re_need need = {.blobs = blobs, .thorough = true};
	struct re_status s = {.code = GRPC_OK};
	int err = 0;

	u->trees = arena_array(&u->mem, struct tree *, u->result.noutputs);
	u->wants = arena_array(&u->mem, struct tree_want, u->result.noutputs);
	for (size_t i = 0; i < u->result.noutputs && err == 0; i++) {
		const struct output_entry *e = &u->result.outputs[i];

		if (e->kind == TREE_FILE)
			blobs[need.nblobs++] = e->digest;
		else if (e->kind == TREE_DIR)
			err = take_directory(u, (uint32_t)i, &blobs[need.nblobs++]);
	}
	blobs[need.nblobs++] = u->result.out;
	blobs[need.nblobs++] = u->result.err;
	if (err < 0) {
		status_errno(&s, &u->mem, err, "an output directory cannot be read");
		end_update(u, &s);
		return;
	}
	re_upload(u->client, &need, on_uploaded, u);
}

static void begin_update(void *ud, const struct re_status *refusal)
{
	struct re_status s = {.code = GRPC_OK};
	struct update *u = ud;

	if (refusal) {
		end_update(u, refusal);
	} else if (!u->client->caps.ac_write) {
		status_fail(&s, &u->mem, GRPC_PERMISSION_DENIED, GRPC_BY_CHANNEL, "the server takes no action results from clients (its capabilities say so)");
		end_update(u, &s);
	} else {
		upload_parts(u);
	}
}

static void copy_result(struct update *u, const struct action_result *r)
{
	struct output_entry *e = arena_array(&u->mem, struct output_entry, r->noutputs);

	for (size_t i = 0; i < r->noutputs; i++) {
		e[i] = r->outputs[i];
		e[i].path = str_dup(&u->mem, e[i].path);
		e[i].target = str_dup(&u->mem, e[i].target);
	}
	u->result = *r;
	u->result.outputs = e;
	u->result.worker = str_dup(&u->mem, r->worker);
}

void re_ac_put(struct re_client *c, const struct digest *action, const struct action_result *r, re_done *done, void *ud)
{
	struct update *u = mem_make(struct update);

	*u = (struct update){.client = c, .action = *action, .done = done, .ud = ud};
	copy_result(u, r);
	client_hold(c);
	caps_need(c, begin_update, u);
}
