#include "call.h"
#include "gzip.h"

#include <stdio.h>

#define DETAILS_MAX (6 << 10) /* what clients take in a header */

/* ---- sending ---- */

void call_resume(struct call *c)
{
	if (c->deferred && !c->closed) {
		c->deferred = false;
		nghttp2_session_resume_data(conn_session(c->conn), c->stream);
	}
	conn_flush(c->conn);
}

nghttp2_nv call_header(const char *name, str value)
{
	return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value.p, strlen(name), value.n, 0};
}

ssize_t call_read_data(nghttp2_session *h2, int32_t stream, uint8_t *p, size_t n, uint32_t *flags,
		nghttp2_data_source *source, void *ud)
{
	(void)h2, (void)stream, (void)ud;
	return call_read(source->ptr, p, n, flags);
}

static bool zips(const struct call *c)
{
	return c->takes_gzip && call_has(c, FAULT_GZIP);
}

void call_begin_answer(struct call *c)
{
	const nghttp2_nv headers[] = {call_header(":status", S("200")), call_header("content-type", S("application/grpc")),
			call_header("grpc-encoding", S("gzip"))};
	const nghttp2_data_provider body = {{.ptr = c}, call_read_data};

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
	size_t less = cut && cut->valued ? (size_t)cut->value : 1;
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
		bytes = str_upto(bytes, bytes.n > less ? bytes.n - less : 0);
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
	call_begin_answer(c);
	call_resume(c);
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
size_t call_trailers(struct call *c, nghttp2_nv *out, bool first)
{
	size_t n = 0;

	if (first) {
		out[n++] = call_header(":status", S("200"));
		out[n++] = call_header("content-type", S("application/grpc"));
	}
	if (!call_has(c, FAULT_NOSTATUS))
		out[n++] = call_header("grpc-status", str_fmt(&c->arena, "%d", c->status));
	else
		out[n++] = call_header("x-trailer", S("1"));
	if (c->status != OK)
		out[n++] = call_header("grpc-message", percent(&c->arena, c->why));
	if (c->details.n)
		out[n++] = call_header("grpc-status-details-bin", base64(&c->arena, packed_status(c)));
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
		nghttp2_submit_response(conn_session(c->conn), c->stream, headers, call_trailers(c, headers, true), NULL);
	}
	call_resume(c);
}
