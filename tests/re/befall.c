#include "call.h"

#define LOW_WATER (1 << 20) /* call `more` below this */

/* ---- faults at a point of the call ---- */

const struct fault *call_fault(const struct call *c, enum fault_kind kind)
{
	for (size_t i = 0; i < c->faults.n; i++)
		if (c->faults.p[i].kind == kind)
			return &c->faults.p[i];
	return NULL;
}

static void after_delay(uv_timer_t *t)
{
	struct call *c = t->data;

	c->paused = false;
	if (!c->begun)
		call_begin(c);
	else
		call_resume(c);
	if (c->begun)
		call_dispatch(c);
}

static void delay(struct call *c, int64_t ms)
{
	c->paused = true;
	if (!c->timer) {
		c->timer = mem_make(uv_timer_t);
		uv_timer_init(&c->server->loop, c->timer);
		c->timer->data = c;
	}
	uv_timer_start(c->timer, after_delay, (uint64_t)ms, 0);
}

static void end_with(struct call *c, const struct fault *f)
{
	Google__Rpc__RetryInfo info = GOOGLE__RPC__RETRY_INFO__INIT;
	Google__Protobuf__Duration wait = GOOGLE__PROTOBUF__DURATION__INIT;

	if (f->valued) {
		wait.seconds = f->value / 1000;
		wait.nanos = (int32_t)(f->value % 1000) * 1000000;
		info.retry_delay = &wait;
		call_detail(c, &info.base, "google.rpc.RetryInfo");
	}
	if (f->when != FAULT_BEFORE)
		call_begin_answer(c);
	c->out_at = c->out.n; /* what is queued is not sent, nor is the handler's status */
	c->finished = false;
	call_finish(c, f->status, "a fault was asked for: %s", status_name(f->status));
}

static void http_answer(struct call *c, int status)
{
	const nghttp2_nv headers[] = {call_header(":status", str_fmt(&c->arena, "%d", status)),
			call_header("content-type", S("text/html"))};
	const nghttp2_data_provider body = {{.ptr = c}, call_read_data};

	buf_lit(&c->out, "<html>a proxy speaks</html>");
	c->open = c->finished = c->cut = true;
	nghttp2_submit_response(conn_session(c->conn), c->stream, headers, SL_COUNT(headers), &body);
	conn_flush(c->conn);
}

static void new_settings(nghttp2_session *h2)
{
	const nghttp2_settings_entry entries[] = {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 40000},
			{NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 16384 + 77}, {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 100}};

	nghttp2_submit_settings(h2, NGHTTP2_FLAG_NONE, entries, SL_COUNT(entries));
}

static void fire(struct call *c, const struct fault *f)
{
	nghttp2_session *h2 = conn_session(c->conn);

	switch (f->kind) {
	case FAULT_STATUS: end_with(c, f); break;
	case FAULT_DELAY: delay(c, f->value); break;
	case FAULT_STALL: c->stalled = true; break;
	case FAULT_TRUNCATE:
		call_begin_answer(c);
		c->finished = c->cut = true;
		c->out_at = c->out.n;
		break;
	case FAULT_RST:
		nghttp2_submit_rst_stream(h2, NGHTTP2_FLAG_NONE, c->stream, f->valued ? (uint32_t)f->value : NGHTTP2_INTERNAL_ERROR);
		c->stalled = true;
		break;
	case FAULT_CLOSE: conn_close(c->conn, f->value == 1); c->stalled = true; break;
	case FAULT_HALFCLOSE: conn_half_close(c->conn); c->stalled = true; break;
	case FAULT_GOAWAY:
		nghttp2_submit_goaway(h2, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(h2), (uint32_t)f->value,
				(const uint8_t *)"asked for", 9);
		break;
	case FAULT_DRAIN: conn_drain(c->conn, f->valued ? (uint64_t)f->value : 100); break;
	case FAULT_REFUSE:
		nghttp2_submit_goaway(h2, NGHTTP2_FLAG_NONE, c->stream - 2, NGHTTP2_NO_ERROR, NULL, 0);
		c->stalled = true;
		conn_close(c->conn, false);
		break;
	case FAULT_SETTINGS: new_settings(h2); break;
	case FAULT_PING:
		for (int64_t i = 0; i < (f->valued ? f->value : 1); i++)
			nghttp2_submit_ping(h2, NGHTTP2_FLAG_NONE, (const uint8_t *)"12345678");
		break;
	case FAULT_HTTP: http_answer(c, f->valued ? (int)f->value : 503); break;
	default: break; /* what shapes the answer is asked for where it is made */
	}
	conn_flush(c->conn);
}

/* The next fault that waits for a number of bytes. */
struct fault *call_next_fault(struct call *c, enum fault_when when)
{
	struct fault *found = NULL;

	for (size_t i = 0; i < c->faults.n; i++) {
		struct fault *f = &c->faults.p[i];

		if (f->when == when && !f->middle && (!found || f->at < found->at))
			found = f;
	}
	return found;
}

void call_befall(struct call *c, struct fault *f)
{
	struct fault now = *f;

	f->when = FAULT_DONE;
	fire(c, &now);
}

/* Those from before, in the order of the rules; a delay comes back here. */
void call_begin(struct call *c)
{
	while (c->next_before < c->faults.n && !c->paused && !c->stalled && !c->closed && !c->finished) {
		struct fault *f = &c->faults.p[c->next_before++];

		if (f->when == FAULT_BEFORE)
			fire(c, f);
	}
	c->begun = !c->paused;
}

/* ---- nghttp2 asks for the body ---- */

static ssize_t wait_for_more(struct call *c)
{
	c->deferred = true;
	return NGHTTP2_ERR_DEFERRED;
}

static ssize_t end_of_body(struct call *c, uint32_t *flags)
{
	nghttp2_nv headers[8];

	*flags |= NGHTTP2_DATA_FLAG_EOF;
	if (!c->cut) {
		*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
		nghttp2_submit_trailer(conn_session(c->conn), c->stream, headers, call_trailers(c, headers, false));
	}
	return 0;
}

static size_t split(struct call *c, size_t n)
{
	const struct fault *f = call_fault(c, FAULT_SPLIT);
	uint64_t max = f && f->valued && f->value > 0 ? (uint64_t)f->value : 7;

	if (f && n > 1) {
		uint64_t piece = 1 + faults_random(&c->server->faults) % max;

		n = piece < n ? piece : n;
	}
	return n;
}

ssize_t call_read(struct call *c, uint8_t *p, size_t n, uint32_t *flags)
{
	struct fault *f;

	if (c->more && !c->finished && c->out.n - c->out_at < LOW_WATER)
		c->more(c);
	if ((f = call_next_fault(c, FAULT_SENT)) && c->sent >= f->at && !c->cut)
		call_befall(c, f);
	if (c->stalled || c->paused)
		return wait_for_more(c);
	if (c->out_at == c->out.n) {
		c->out.n = c->out_at = 0;
		return c->finished ? end_of_body(c, flags) : wait_for_more(c);
	}
	n = split(c, n < c->out.n - c->out_at ? n : c->out.n - c->out_at);
	if ((f = call_next_fault(c, FAULT_SENT)) && f->at - c->sent < n && f->at > c->sent)
		n = f->at - c->sent;
	memcpy(p, c->out.p + c->out_at, n);
	c->out_at += n;
	c->sent += n;
	if (c->out_at > LOW_WATER) {
		memmove(c->out.p, c->out.p + c->out_at, c->out.n - c->out_at);
		c->out.n -= c->out_at;
		c->out_at = 0;
	}
	return (ssize_t)n;
}
