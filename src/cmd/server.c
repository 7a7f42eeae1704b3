#include "server.h"
#include "version.h"

#include <stdlib.h>

const enum digest_fn server_fns[] = {DIGEST_SHA256, DIGEST_BLAKE3}; /* ORDER of --digest */

void server_headers(struct arena *a, struct build_remote *r)
{
	const char *lines = getenv("STRAYLIGHT_REMOTE_HEADERS");
	str rest = str_c(lines), line, name, value;
	struct net_header *headers;

	if (!lines)
		return;
	headers = arena_array(a, struct net_header, rest.n);
	while (rest.n) {
		str_cut(rest, '\n', &line, &rest);
		if (!str_cut(line, ':', &name, &value))
			continue;
		value = str_trim(value);
		headers[r->nheaders++] = (struct net_header){str_trim(name), value};
		diag_hide(value);
	}
	r->headers = headers;
}

/* ---- from open to close ---- */

static bool open_store(struct server *r, enum digest_fn fn)
{
	struct call *c = r->call;
	const char *cache = os_cache_dir(&c->arena);
	struct diag *d;

	if (cache) {
		r->store = store_open(str_c(cache), fn, &c->diags);
	} else {
		d = diag_error(&c->diags, DIAG_STORE_OPEN, NO_SPAN, "there is no place for the cache");
		diag_hint(&c->diags, d, "set XDG_CACHE_HOME or HOME");
	}
	return r->store != NULL;
}

struct re_client *server_client(struct server *r, struct store *store)
{
	struct re_config config = {
		.channel = {
			.endpoint = r->which.endpoint,
			.ca_file = r->which.ca_file,
			.cert_file = r->which.cert_file,
			.key_file = r->which.key_file,
			.headers = r->which.headers,
			.nheaders = r->which.nheaders,
		},
		.instance = r->which.instance,
		.version = S(STRAYLIGHT_VERSION),
	};

	return re_open(&r->loop, &config, store, &r->call->diags);
}

bool server_open(struct server *r, struct call *c, const struct server_args *args)
{
	const char *dir = call_dir(c);

	*r = (struct server){.call = c, .which = {.endpoint = args->endpoint, .instance = args->instance}};
	uv_loop_init(&r->loop);
	if (c->common.offline)
		r->which.endpoint = S("");
	server_headers(&c->arena, &r->which);
	if (!dir || !open_store(r, server_fns[args->digest]) || !build_remote_find(str_c(dir), r->store, &r->which, &c->arena, &c->diags))
		return false;
	if (!r->which.endpoint.n)
		return true;
	r->client = server_client(r, r->store);
	return r->client != NULL;
}

static void close_handle(uv_handle_t *h, void *ud)
{
	(void)ud;
	if (!uv_is_closing(h))
		uv_close(h, NULL);
}

void server_close(struct server *r)
{
	re_close(r->client);
	uv_run(&r->loop, UV_RUN_DEFAULT);
	uv_walk(&r->loop, close_handle, NULL);
	uv_run(&r->loop, UV_RUN_DEFAULT);
	uv_loop_close(&r->loop);
	if (r->store)
		store_close(r->store);
}

bool server_needed(struct server *r)
{
	struct diag *d;

	if (r->client)
		return true;
	d = diag_error(&r->call->diags, DIAG_USAGE, NO_SPAN, "there is no server to ask");
	diag_hint(&r->call->diags, d, "give --remote=grpc://HOST:PORT, or name one in straylight.dhall: "
				      "`remote = Some S.Remote::{ endpoint = \"grpc://HOST:PORT\" }`");
	return false;
}

/* ---- talks ---- */

static void keep(struct server *r, const struct re_status *s)
{
	struct arena *a = &r->call->arena;
	struct digest *missing = arena_array(a, struct digest, s->nmissing);

	for (size_t i = 0; i < s->nmissing; i++)
		missing[i] = s->missing[i];
	r->status = *s;
	r->status.text = str_dup(a, s->text);
	r->status.missing = missing;
	r->over = true;
}

static bool turn(struct server *r)
{
	while (!r->over)
		uv_run(&r->loop, UV_RUN_ONCE);
	r->over = false;
	return r->status.code == GRPC_OK;
}

static void on_done(void *ud, const struct re_status *s)
{
	keep(ud, s);
}

static void on_caps(void *ud, const struct re_status *s, const struct re_caps *caps)
{
	struct server *r = ud;

	if (caps)
		*(struct re_caps *)r->reply = *caps;
	keep(r, s);
}

bool server_caps(struct server *r, struct re_client *client, struct re_caps *out)
{
	r->reply = out;
	re_capabilities(client, on_caps, r);
	return turn(r);
}

bool server_upload(struct server *r, struct re_client *client, const struct re_need *need)
{
	re_upload(client, need, on_done, r);
	return turn(r);
}

bool server_find(struct server *r, const struct digest *digests, size_t n)
{
	re_find(r->client, digests, n, on_done, r);
	return turn(r);
}

bool server_fetch(struct server *r, struct re_client *client, const struct digest *digests, size_t n)
{
	re_fetch(client, digests, n, on_done, r);
	return turn(r);
}

bool server_fetch_tree(struct server *r, struct tree *t)
{
	re_fetch_tree(r->client, t, on_done, r);
	return turn(r);
}

static void on_tree(void *ud, const struct re_status *s, struct tree *t)
{
	struct server *r = ud;

	r->reply = t ? tree_ref(t) : NULL;
	keep(r, s);
}

struct tree *server_tree(struct server *r, const struct digest *root)
{
	re_get_tree(r->client, root, on_tree, r);
	turn(r);
	return r->reply;
}

struct answer {
	bool has;
	struct action_result *result;
	str message;
};

static void copy_result(struct arena *a, const struct action_result *from, struct action_result *to)
{
	struct output_entry *outputs = arena_array(a, struct output_entry, from->noutputs);

	*to = *from;
	to->worker = str_dup(a, from->worker);
	for (size_t i = 0; i < from->noutputs; i++) {
		outputs[i] = from->outputs[i];
		outputs[i].path = str_dup(a, outputs[i].path);
		outputs[i].target = str_dup(a, outputs[i].target);
	}
	to->outputs = outputs;
}

static void on_result(void *ud, const struct re_status *s, const struct re_result *result)
{
	struct server *r = ud;
	struct answer *answer = r->reply;

	answer->has = result != NULL;
	if (result) {
		copy_result(&r->call->arena, &result->result, answer->result);
		answer->message = str_dup(&r->call->arena, result->message);
	}
	keep(r, s);
}

bool server_lookup(struct server *r, const struct digest *action, bool *has, struct action_result *out)
{
	struct answer answer = {.result = out};
	bool ok;

	r->reply = &answer;
	re_ac_get(r->client, action, on_result, r);
	ok = turn(r);
	*has = answer.has;
	return ok;
}

bool server_update(struct server *r, const struct digest *action, const struct action_result *result)
{
	re_ac_put(r->client, action, result, on_done, r);
	return turn(r);
}

bool server_execute(struct server *r, const struct re_action *action, bool *has, struct action_result *out, str *message)
{
	struct answer answer = {.result = out};
	bool ok;

	r->reply = &answer;
	(void)re_execute(r->client, action, on_result, r);
	ok = turn(r);
	*has = answer.has;
	*message = answer.message;
	return ok;
}

struct diag *server_tell(struct server *r, const char *what)
{
	return re_diag(&r->call->diags, r->client, &r->status, DIAG_ERROR, str_c(what));
}

/* ---- blobs ---- */

static void absent(struct server *r, const struct digest *d, const char *what)
{
	char text[DIGEST_TEXT_MAX];
	struct diag *g = diag_error(&r->call->diags, DIAG_CAS_ABSENT, NO_SPAN, "%s '%s' is not in the cache of this machine", what,
			digest_text(d, text));

	diag_hint(&r->call->diags, g, "--remote=grpc://HOST:PORT looks for it at a server too");
}

struct blob *server_blob(struct server *r, const struct digest *d, const char *what)
{
	struct blob *out;
	int err = store_get(r->store, d, &out);

	if (err == 0)
		return out;
	if (!r->client) {
		absent(r, d, what);
		return NULL;
	}
	if (!server_fetch(r, r->client, d, 1)) {
		server_tell(r, str_fmt(&r->call->arena, "fetching %s", what).p);
		return NULL;
	}
	err = store_get(r->store, d, &out);
	if (err)
		os_error(&r->call->diags, DIAG_IO, err, "reading", str_c(what));
	return err ? NULL : out;
}

bool server_digest(struct call *c, str text, struct digest *out)
{
	if (digest_parse(text, out))
		return true;
	call_usage(c, "'%.*s' is not a digest (HASH/SIZE)", STR_ARG(text));
	return false;
}
