#include "call.h"
#include "gzip.h"

#include <stdio.h>

#define FRAME_HEAD 5            /* gRPC: a flag and the length, before each message */
#define LOW_WATER (1 << 20)     /* call `more` below this */
#define DETAILS_MAX (6 << 10)   /* what clients take in a header */

/* ---- messages ---- */

static void *in_arena(void *arena, size_t n)
{
	return arena_raw(arena, n, _Alignof(max_align_t));
}

static void not_freed(void *arena, void *p)
{
	(void)arena, (void)p;
}

ProtobufCAllocator arena_allocator(struct arena *a)
{
	return (ProtobufCAllocator){in_arena, not_freed, a};
}

void *call_unpack(struct call *c, const ProtobufCMessageDescriptor *type, str bytes)
{
	ProtobufCAllocator allocator = arena_allocator(&c->arena);
	void *message = protobuf_c_message_unpack(type, &allocator, bytes.n, (const uint8_t *)bytes.p);

	if (!message)
		call_finish(c, INVALID_ARGUMENT, "the request is no %s", type->name);
	return message;
}

str pack(struct arena *a, const ProtobufCMessage *message)
{
	size_t n = protobuf_c_message_get_packed_size(message);
	unsigned char *p = arena_raw(a, n + 1, 1);

	protobuf_c_message_pack(message, p);
	return str_of((char *)p, n);
}

Google__Protobuf__Any *any_of(struct arena *a, const ProtobufCMessage *message, const char *type)
{
	Google__Protobuf__Any *any = message_new(a, &google__protobuf__any__descriptor);
	str value = pack(a, message);

	any->type_url = str_fmt(a, "type.googleapis.com/%s", type).p;
	any->value = (ProtobufCBinaryData){value.n, (uint8_t *)(uintptr_t)value.p};
	return any;
}

bool digest_of_message(const Re__Digest *m, struct digest *out)
{
	if (!m || m->size_bytes < 0 || !hex_parse(str_c(m->hash), out->b, 32))
		return false;
	out->size = m->size_bytes;
	return true;
}

Re__Digest *digest_message(struct arena *a, const struct digest *d)
{
	Re__Digest *m = message_new(a, &re__digest__descriptor);
	char *hex = arena_raw(a, 65, 1);

	hex_of(d->b, 32, hex);
	m->hash = hex;
	m->size_bytes = d->size;
	return m;
}

bool call_digest(struct call *c, const Re__Digest *m, struct digest *out)
{
	if (digest_of_message(m, out))
		return true;
	call_finish(c, INVALID_ARGUMENT, "'%s' is no digest", m ? m->hash : "");
	return false;
}

bool call_fn(struct call *c, Re__DigestFunction__Value value, enum digest_fn *out)
{
	*out = value == RE__DIGEST_FUNCTION__VALUE__UNKNOWN ? DIGEST_SHA256 : (enum digest_fn)value;
	if (*out == DIGEST_SHA256 || (*out == DIGEST_BLAKE3 && c->server->like->blake3))
		return true;
	call_finish(c, INVALID_ARGUMENT, "digest function %d is not offered", (int)value);
	return false;
}

bool call_instance(struct call *c, const char *instance)
{
	if (str_eq(str_c(instance), str_c(c->server->options.instance)))
		return true;
	call_finish(c, c->server->like->wrong_instance, "there is no instance '%s'", instance);
	return false;
}

/* ---- sending ---- */

static void resume(struct call *c)
{
	if (c->deferred && !c->closed) {
		c->deferred = false;
		nghttp2_session_resume_data(conn_session(c->conn), c->stream);
	}
	conn_flush(c->conn);
}

static nghttp2_nv header(const char *name, str value)
{
	return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value.p, strlen(name), value.n, 0};
}

static ssize_t read_data(nghttp2_session *h2, int32_t stream, uint8_t *p, size_t n, uint32_t *flags,
		nghttp2_data_source *source, void *ud)
{
	(void)h2, (void)stream, (void)ud;
	return call_read(source->ptr, p, n, flags);
}

static bool zips(const struct call *c)
{
	return c->takes_gzip && call_has(c, FAULT_GZIP);
}

static void begin_answer(struct call *c)
{
	const nghttp2_nv headers[] = {header(":status", S("200")), header("content-type", S("application/grpc")),
			header("grpc-encoding", S("gzip"))};
	const nghttp2_data_provider body = {{.ptr = c}, read_data};

	if (c->open || c->closed)
		return;
	c->open = true;
	nghttp2_submit_response(conn_session(c->conn), c->stream, headers, SL_COUNT(headers) - !zips(c), &body);
}

static void length(unsigned char *p, size_t n)
{
	p[0] = (unsigned char)(n >> 24), p[1] = (unsigned char)(n >> 16);
	p[2] = (unsigned char)(n >> 8), p[3] = (unsigned char)n;
}

/* One message, with what is wrong with it. */
static void add_frame(struct call *c, str bytes)
{
	const struct fault *over = call_fault(c, FAULT_OVERSIZE), *cut = call_fault(c, FAULT_CUT);
	const struct fault *flag = call_fault(c, FAULT_FLAG), *longer = call_fault(c, FAULT_LENGTH);
	size_t more = over ? (size_t)(over->valued ? over->value : 5 << 20) : 0;
	unsigned char head[FRAME_HEAD], field[7];
	struct buf zipped = {0};

	if (zips(c)) {
		gzip_pack(bytes, &zipped);
		bytes = buf_view(&zipped);
	}
	if (call_has(c, FAULT_GARBAGE))
		bytes = S("\x0a\xff\xff\xff\xff\x0f not a message");
	if (cut)
		bytes = str_upto(bytes, bytes.n - (cut->valued ? (size_t)cut->value < bytes.n ? (size_t)cut->value : bytes.n : bytes.n > 0));
	head[0] = flag ? (unsigned char)(flag->valued ? flag->value : 1) : zips(c);
	length(head + 1, bytes.n + (more ? more + sizeof field : 0) + (longer ? (size_t)(longer->valued ? longer->value : 1) : 0));
	buf_add(&c->out, head, sizeof head);
	buf_str(&c->out, bytes);
	if (more) { /* field 1000, bytes; its length as a varint of five bytes */
		field[0] = 0xc2, field[1] = 0x3e;
		for (size_t i = 0; i < 5; i++)
			field[2 + i] = (unsigned char)((more >> (7 * i) & 127) | (i < 4 ? 128 : 0));
		buf_add(&c->out, field, sizeof field);
		buf_reserve(&c->out, more);
		memset(c->out.p + c->out.n, 0, more);
		c->out.n += more;
	}
	buf_free(&zipped);
}

/* The middle of the first message is known when there is one. */
static void place_middles(struct call *c, size_t n)
{
	for (size_t i = 0; i < c->faults.n; i++)
		if (c->faults.p[i].middle) {
			c->faults.p[i].middle = false;
			c->faults.p[i].at = FRAME_HEAD + n / 2;
		}
}

void call_send(struct call *c, const ProtobufCMessage *message)
{
	size_t n = protobuf_c_message_get_packed_size(message);
	unsigned char *p;

	if (c->finished || c->closed || call_has(c, FAULT_NONE))
		return;
	p = mem_alloc(n + 1);
	protobuf_c_message_pack(message, p);
	place_middles(c, n);
	for (int times = call_has(c, FAULT_TWICE) ? 2 : 1; times > 0; times--)
		add_frame(c, str_of((char *)p, n));
	mem_free(p);
	begin_answer(c);
	resume(c);
}

void call_answer(struct call *c, const ProtobufCMessage *message)
{
	call_send(c, message);
	call_finish(c, OK, " ");
}

/* ---- the end ---- */

void call_detail(struct call *c, const ProtobufCMessage *message, const char *type)
{
	Google__Rpc__Status *status = message_new(&c->arena, &google__rpc__status__descriptor);
	Google__Protobuf__Any *any = any_of(&c->arena, message, type);
	str packed;

	status->n_details = 1;
	status->details = &any;
	packed = pack(&c->arena, &status->base); /* code and message are added by merging: fields of both count */
	if (c->details.n + packed.n <= DETAILS_MAX)
		buf_str(&c->details, packed);
}

static str base64(struct arena *a, str s)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct buf out = {0};

	for (size_t i = 0; i < s.n; i += 3) {
		size_t n = s.n - i < 3 ? s.n - i : 3;
		unsigned v = 0;

		for (size_t k = 0; k < 3; k++)
			v = v << 8 | (k < n ? (unsigned char)s.p[i + k] : 0);
		for (size_t k = 0; k <= n; k++) /* without padding, as gRPC's servers write it */
			buf_c(&out, digits[v >> (18 - 6 * k) & 63]);
	}
	return buf_take(&out, a);
}

/* grpc-message: bytes beyond printable ASCII, and "%", in percent's encoding. */
static str percent(struct arena *a, str s)
{
	struct buf out = {0};

	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~' || s.p[i] == '%')
			buf_fmt(&out, "%%%02X", (unsigned char)s.p[i]);
		else
			buf_c(&out, s.p[i]);
	return buf_take(&out, a);
}

static str packed_status(struct call *c)
{
	Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
	struct buf all = {0};

	status.code = c->status;
	status.message = str_dup(&c->arena, c->why).p;
	buf_str(&all, pack(&c->arena, &status.base));
	buf_str(&all, buf_view(&c->details));
	return buf_take(&all, &c->arena);
}

/* Trailers; `first` when they are the only headers. */
static size_t trailers(struct call *c, nghttp2_nv *out, bool first)
{
	size_t n = 0;

	if (first) {
		out[n++] = header(":status", S("200"));
		out[n++] = header("content-type", S("application/grpc"));
	}
	if (!call_has(c, FAULT_NOSTATUS))
		out[n++] = header("grpc-status", str_fmt(&c->arena, "%d", c->status));
	else
		out[n++] = header("x-trailer", S("1"));
	if (c->status != OK)
		out[n++] = header("grpc-message", percent(&c->arena, c->why));
	if (c->details.n)
		out[n++] = header("grpc-status-details-bin", base64(&c->arena, packed_status(c)));
	return n;
}

void call_finish(struct call *c, int status, const char *fmt, ...)
{
	nghttp2_nv headers[8];
	va_list ap;

	if (c->finished || c->closed)
		return;
	va_start(ap, fmt);
	c->why = str_trim(str_vfmt(&c->arena, fmt, ap));
	va_end(ap);
	c->finished = true;
	c->status = status;
	if (c->server->options.verbose)
		fprintf(stderr, "re_server: %s %s %.*s\n", c->method ? c->method->name : "?", status_name(status), STR_ARG(c->why));
	if (!c->open && !c->stalled) {
		c->open = true;
		nghttp2_submit_response(conn_session(c->conn), c->stream, headers, trailers(c, headers, true), NULL);
	}
	resume(c);
}

/* ---- faults at a point of the call ---- */

const struct fault *call_fault(const struct call *c, enum fault_kind kind)
{
	for (size_t i = 0; i < c->faults.n; i++)
		if (c->faults.p[i].kind == kind)
			return &c->faults.p[i];
	return NULL;
}

static void closed_timer(uv_handle_t *h)
{
	mem_free(h);
}

static void begin(struct call *);
static void dispatch(struct call *);

static void after_delay(uv_timer_t *t)
{
	struct call *c = t->data;

	c->paused = false;
	if (!c->begun)
		begin(c);
	else
		resume(c);
	if (c->begun)
		dispatch(c);
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
		begin_answer(c);
	c->out_at = c->out.n; /* what is queued is not sent, nor is the handler's status */
	c->finished = false;
	call_finish(c, f->status, "a fault was asked for: %s", status_name(f->status));
}

static void http_answer(struct call *c, int status)
{
	const nghttp2_nv headers[] = {header(":status", str_fmt(&c->arena, "%d", status)), header("content-type", S("text/html"))};
	const nghttp2_data_provider body = {{.ptr = c}, read_data};

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
		begin_answer(c);
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
static struct fault *next_at(struct call *c, enum fault_when when)
{
	struct fault *found = NULL;

	for (size_t i = 0; i < c->faults.n; i++) {
		struct fault *f = &c->faults.p[i];

		if (f->when == when && !f->middle && (!found || f->at < found->at))
			found = f;
	}
	return found;
}

static void fire_once(struct call *c, struct fault *f)
{
	struct fault now = *f;

	f->when = FAULT_DONE;
	fire(c, &now);
}

/* Those from before, in the order of the rules; a delay comes back here. */
static void begin(struct call *c)
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
		nghttp2_submit_trailer(conn_session(c->conn), c->stream, headers, trailers(c, headers, false));
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
	if ((f = next_at(c, FAULT_SENT)) && c->sent >= f->at && !c->cut)
		fire_once(c, f);
	if (c->stalled || c->paused)
		return wait_for_more(c);
	if (c->out_at == c->out.n) {
		c->out.n = c->out_at = 0;
		return c->finished ? end_of_body(c, flags) : wait_for_more(c);
	}
	n = split(c, n < c->out.n - c->out_at ? n : c->out.n - c->out_at);
	if ((f = next_at(c, FAULT_SENT)) && f->at - c->sent < n && f->at > c->sent)
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

/* ---- the request ---- */

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

void call_headers_done(struct call *c)
{
	const char *token = c->server->options.token;

	c->method = find_method(c->path);
	if (!c->method) {
		call_finish(c, UNIMPLEMENTED, "there is no method '%.*s'", STR_ARG(c->path));
		return;
	}
	c->server->counts[method_index(c->method)]++;
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
static void dispatch(struct call *c)
{
	str message;

	if (!c->begun && !c->paused && next_message(c, &message))
		begin(c);
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
	while ((f = next_at(c, FAULT_RECEIVED)) && c->received >= f->at && !c->finished && !c->stalled)
		fire_once(c, f);
	if (c->finished || c->closed || c->stalled || !c->method)
		return;
	buf_str(&c->in, bytes);
	dispatch(c);
}

void call_request_end(struct call *c)
{
	c->in_end = true;
	if (c->method && !c->finished && !c->closed) {
		if (c->in.n == 0 && !c->begun && !c->method->streams)
			call_finish(c, INTERNAL, "the request has no message");
		else
			dispatch(c);
	}
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
