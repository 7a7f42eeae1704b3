#include "re_int.h"

#define METADATA_HEADER "build.bazel.remote.execution.v2.requestmetadata-bin"
#define PAUSE_MAX_MS 60000u

struct rpc {
	struct re_client *client;
	const char *method;
	struct digest action;
	uint32_t timeout_ms;
	struct blob *message;
	rpc_done *done;
	void *ud;
	unsigned tries;
};

struct blob *rpc_blob(struct buf *b)
{
	struct blob *out = blob_new(buf_view(b));

	buf_free(b);
	return out;
}

/* RequestMetadata { ToolDetails { name = 1; version = 2; } = 1; action = 2; invocation = 3; mnemonic = 5; target = 6; } */
static void metadata(struct re_client *c, const struct digest *action, str mnemonic, str target, struct buf *out)
{
	char hex[65];
	size_t mark = wire_begin(out, 1);

	wire_str(out, 1, S("straylight"));
	wire_str(out, 2, c->config.version);
	wire_end(out, mark);
	if (!digest_is_none(action)) {
		hex_of(action->b, 32, hex);
		wire_str(out, 2, str_of(hex, 64));
	}
	wire_str(out, 3, c->config.invocation);
	wire_str(out, 5, mnemonic);
	wire_str(out, 6, target);
}

static void report(struct re_client *c, const struct grpc_status *s, unsigned tries)
{
	c->stats.calls++;
	c->stats.retries += tries > 1;
	client_report(c, s);
}

bool rpc_again(struct re_client *c, const struct grpc_status *s, unsigned tries, uint64_t *pause_ms)
{
	uint64_t most;

	if (c->closing || !status_is_transient(s) || tries > c->config.retries || c->away_until > client_now())
		return false;
	most = (uint64_t)c->config.backoff_ms << (tries < 8 ? tries - 1 : 7);
	if (most > (uint64_t)c->config.backoff_ms * 100)
		most = (uint64_t)c->config.backoff_ms * 100;
	*pause_ms = most / 2 + client_random(c) % (most / 2 + 1);
	if (s->retry_ms >= 0)
		*pause_ms += (uint64_t)s->retry_ms < PAUSE_MAX_MS ? (uint64_t)s->retry_ms : PAUSE_MAX_MS;
	return true;
}

static void try_call(void *ud);

static void finish(struct rpc *r, const struct grpc_status *s, str reply)
{
	struct re_client *c = r->client;

	blob_unref(r->message); /* whoever made it may want the room again */
	r->done(r->ud, s, reply);
	mem_free(r);
	client_release(c);
}

static void on_reply(void *ud, const struct grpc_status *s, str reply)
{
	struct rpc *r = ud;
	uint64_t pause;

	report(r->client, s, r->tries);
	if (rpc_again(r->client, s, r->tries, &pause))
		client_sleep(r->client, pause, try_call, r);
	else
		finish(r, s, reply);
}

static void try_call(void *ud)
{
	struct rpc *r = ud;
	struct net_header header = {S(METADATA_HEADER), {0}};
	struct grpc_request request = {.method = str_c(r->method), .timeout_ms = r->timeout_ms, .headers = &header, .nheaders = 1};
	struct grpc_status why;
	struct buf b = {0};

	if (!client_ready(r->client, &why)) {
		finish(r, &why, (str){NULL, 0});
		return;
	}
	metadata(r->client, &r->action, (str){0}, (str){0}, &b);
	header.value = buf_view(&b);
	r->tries++;
	grpc_unary(r->client->channel, &request, blob_ref(r->message), on_reply, r);
	buf_free(&b);
}

void rpc_call(struct re_client *c, const char *method, const struct digest *action, uint32_t timeout_ms, struct blob *message,
		rpc_done *done, void *ud)
{
	struct rpc *r = mem_make(struct rpc);
	struct grpc_status why;

	*r = (struct rpc){.client = c, .method = method, .timeout_ms = timeout_ms, .message = message, .done = done, .ud = ud};
	if (action)
		r->action = *action;
	client_hold(c);
	if (client_ready(c, &why))
		try_call(r);
	else
		client_sleep(c, 0, try_call, r);
}

struct grpc_call *rpc_stream(struct re_client *c, const char *method, const struct re_action *action, uint32_t timeout_ms,
		const struct grpc_events *events, void *ud, struct grpc_status *why)
{
	static const struct re_action none;
	struct net_header header = {S(METADATA_HEADER), {0}};
	struct grpc_request request = {.method = str_c(method), .timeout_ms = timeout_ms, .headers = &header, .nheaders = 1};
	struct grpc_call *call;
	struct buf b = {0};

	if (!client_ready(c, why))
		return NULL;
	if (!action)
		action = &none;
	metadata(c, &action->action, action->mnemonic, action->target, &b);
	header.value = buf_view(&b);
	call = grpc_start(c->channel, &request, events, ud);
	buf_free(&b);
	return call;
}
