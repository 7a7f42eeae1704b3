#include "call.h"
#include "gzip.h"

#include <stdio.h>

struct call *call_new(struct conn *conn, int32_t stream)
{
	struct call *c = mem_make(struct call);

	c->conn = conn;
	c->stream = stream;
	return c;
}

static const struct method *find_method(str path)
{
	char want[256];

	for (size_t i = 0; i < nmethods; i++) {
		snprintf(want, sizeof want, "/%s/%s", methods[i].service, methods[i].name);
		if (str_eq(path, str_c(want)))
			return &methods[i];
	}
	return NULL;
}

static void read_metadata(struct call *c)
{
	const Re__RequestMetadata *m = request_metadata_of(&c->arena, c->metadata);

	if (!m || !m->tool_details || !*m->tool_details->tool_name || !*m->tool_invocation_id)
		return;
	c->server->identified++;
	c->server->attributed += *m->action_id && *m->action_mnemonic && *m->target_id;
}

void call_headers_done(struct call *c)
{
	const char *token = c->server->options.token;

	c->method = find_method(c->path);
	if (!c->method) {
		call_finish(c, UNIMPLEMENTED, "there is no method '%.*s'", STR_ARG(c->path));
		return;
	}
	c->server->counts[method_index(c->method)]++;
	read_metadata(c);
	faults_of(&c->server->faults, str_c(c->method->name), &c->faults);
	if (token && !str_eq(c->authorization, str_c(token)))
		call_finish(c, UNAUTHENTICATED, "the authorization is not known");
}

/* The next whole message of the request; false: there is none, or it was refused. */
static bool next_message(struct call *c, str *out)
{
	const unsigned char *p = (const unsigned char *)c->in.p;
	size_t n;

	if (c->in.n < FRAME_HEAD)
		return false;
	n = (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
	if (n > c->server->like->max_message)
		call_finish(c, c->server->like->over, "the message has %zu bytes, more than %zu", n, c->server->like->max_message);
	else if (p[0] > 1 || (p[0] == 1 && !str_eq(c->encoding, S("gzip"))))
		call_finish(c, UNIMPLEMENTED, "messages in '%.*s' are not known here", STR_ARG(c->encoding));
	else if (c->in.n - FRAME_HEAD >= n) {
		*out = str_of(c->in.p + FRAME_HEAD, n);
		return true;
	}
	return false;
}

static void handle(struct call *c, str message)
{
	struct buf plain = {0};

	if (c->in.p[0] == 0)
		c->method->message(c, message);
	else if (gzip_unpack(message, c->server->like->max_message, &plain))
		c->method->message(c, buf_view(&plain));
	else
		call_finish(c, INTERNAL, "the message is not gzip, or too large");
	buf_free(&plain);
}

/* Gives the handler what has come; a unary request when it is whole. */
void call_dispatch(struct call *c)
{
	str message;

	if (!c->begun && !c->paused && next_message(c, &message))
		call_begin(c);
	if (!c->begun)
		return;
	while (!c->paused && !c->stalled && !c->finished && !c->closed && (c->method->streams || (!c->handled && c->in_end)) &&
			next_message(c, &message)) {
		size_t n = FRAME_HEAD + message.n;

		c->handled = true;
		handle(c, message);
		memmove(c->in.p, c->in.p + n, c->in.n - n);
		c->in.n -= n;
	}
	if (!c->in_end || c->paused || c->stalled || c->finished || c->closed)
		return;
	if (c->method->streams && c->in.n == 0)
		c->method->end(c);
	else if (!c->handled || (c->method->streams && c->in.n))
		call_finish(c, INTERNAL, "the request ends within a message");
}

void call_data(struct call *c, str bytes)
{
	struct fault *f;

	c->received += bytes.n;
	while ((f = call_next_fault(c, FAULT_RECEIVED)) && c->received >= f->at && !c->finished && !c->stalled)
		call_befall(c, f);
	if (c->finished || c->closed || c->stalled || !c->method)
		return;
	buf_str(&c->in, bytes);
	call_dispatch(c);
}

void call_request_end(struct call *c)
{
	c->in_end = true;
	if (c->method && !c->finished && !c->closed) {
		if (c->in.n == 0 && !c->begun && !c->method->streams)
			call_finish(c, INTERNAL, "the request has no message");
		else
			call_dispatch(c);
	}
}

static void closed_timer(uv_handle_t *h)
{
	mem_free(h);
}

void call_free(struct call *c)
{
	c->closed = true;
	if (c->dropped)
		c->dropped(c);
	if (c->timer) {
		c->timer->data = NULL;
		uv_timer_stop(c->timer);
		uv_close((uv_handle_t *)c->timer, closed_timer);
	}
	buf_free(&c->in);
	buf_free(&c->out);
	buf_free(&c->details);
	vec_free(&c->faults);
	arena_clear(&c->arena);
	mem_free(c);
}
