/* frames.c: uploads to a Remote Execution server at the speed of the server: every message is built before the clock
 * starts, and one connection carries them.  What a client that hashes, asks and frames as it goes is measured by.
 *
 *	bench_frames HOST:PORT small COUNT SIZE    FindMissingBlobs, then BatchUpdateBlobs as large as may be, all at once
 *	bench_frames HOST:PORT large SIZE CHUNK    one ByteStream Write in messages of CHUNK bytes
 *
 * Contents are new in each run: a server that has a blob takes nothing. */
#include <straylight/base.h>

#include <arpa/inet.h>
#include <errno.h>
#include <google/bytestream/bytestream.pb-c.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <remote_execution.pb-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH_MAX 4000000
#define WINDOW (16 << 20)

struct call {
	const char *path;
	VEC(str) messages;
	size_t message, at; /* what is sent */
	int status;       /* of gRPC; -1 until it is there */
	struct buf answer;
};

struct client {
	int fd;
	nghttp2_session *h2;
	struct arena arena;
	const char *authority;
	size_t open;
	uint64_t salt;
};

static void die(const char *what)
{
	fprintf(stderr, "bench_frames: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* ---- messages ---- */

static str pack(struct arena *a, const ProtobufCMessage *m)
{
	size_t n = protobuf_c_message_get_packed_size(m);
	unsigned char *p = arena_raw(a, n + 5, 1);

	p[0] = 0;
	p[1] = (unsigned char)(n >> 24), p[2] = (unsigned char)(n >> 16), p[3] = (unsigned char)(n >> 8), p[4] = (unsigned char)n;
	protobuf_c_message_pack(m, p + 5);
	return str_of((char *)p, n + 5);
}

static Re__Digest *digest_message(struct arena *a, const struct digest *d)
{
	Re__Digest *m = arena_make(a, Re__Digest);
	char *hex = arena_raw(a, 65, 1);

	re__digest__init(m);
	hex_of(d->b, 32, hex);
	m->hash = hex;
	m->size_bytes = d->size;
	return m;
}

/* ---- HTTP/2 ---- */

static ssize_t read_body(nghttp2_session *h2, int32_t stream, uint8_t *out, size_t max, uint32_t *flags,
		nghttp2_data_source *source, void *ud)
{
	struct call *c = source->ptr;
	size_t n = 0;

	(void)h2, (void)stream, (void)ud;
	while (n < max && c->message < c->messages.n) {
		str left = str_from(c->messages.p[c->message], c->at);
		size_t take = left.n < max - n ? left.n : max - n;

		memcpy(out + n, left.p, take);
		n += take;
		c->at += take;
		if (take == left.n)
			c->message++, c->at = 0;
	}
	if (c->message == c->messages.n)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static nghttp2_nv header(const char *name, const char *value)
{
	return (nghttp2_nv){(uint8_t *)(uintptr_t)name, (uint8_t *)(uintptr_t)value, strlen(name), strlen(value), 0};
}

static void submit(struct client *client, struct call *c)
{
	const nghttp2_nv headers[] = {header(":method", "POST"), header(":scheme", "http"), header(":path", c->path),
			header(":authority", client->authority), header("content-type", "application/grpc"), header("te", "trailers")};
	const nghttp2_data_provider body = {{.ptr = c}, read_body};

	c->status = -1;
	if (nghttp2_submit_request(client->h2, NULL, headers, SL_COUNT(headers), &body, c) < 0)
		die("nghttp2_submit_request");
	client->open++;
}

static int on_header(nghttp2_session *h2, const nghttp2_frame *frame, const uint8_t *name, size_t namelen,
		const uint8_t *value, size_t valuelen, uint8_t flags, void *ud)
{
	struct call *c = nghttp2_session_get_stream_user_data(h2, frame->hd.stream_id);

	(void)flags, (void)ud, (void)valuelen;
	if (c && str_eq(str_of((const char *)name, namelen), S("grpc-status")))
		c->status = atoi((const char *)value);
	return 0;
}

static int on_data(nghttp2_session *h2, uint8_t flags, int32_t stream, const uint8_t *p, size_t n, void *ud)
{
	struct call *c = nghttp2_session_get_stream_user_data(h2, stream);

	(void)flags, (void)ud;
	buf_add(&c->answer, p, n);
	return 0;
}

static int on_close(nghttp2_session *h2, int32_t stream, uint32_t code, void *ud)
{
	struct client *client = ud;

	(void)h2, (void)stream, (void)code;
	client->open--;
	return 0;
}

static void make_session(struct client *client)
{
	const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, WINDOW},
			{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
	nghttp2_session_callbacks *callbacks;

	nghttp2_session_callbacks_new(&callbacks);
	nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
	if (nghttp2_session_client_new(&client->h2, callbacks, client) != 0)
		mem_oom();
	nghttp2_session_callbacks_del(callbacks);
	nghttp2_submit_settings(client->h2, NGHTTP2_FLAG_NONE, settings, SL_COUNT(settings));
	nghttp2_session_set_local_window_size(client->h2, NGHTTP2_FLAG_NONE, 0, WINDOW);
}

static void dial(struct client *client)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	str host, port;
	int on = 1;

	if (!str_cut(str_c(client->authority), ':', &host, &port))
		die("HOST:PORT is wanted");
	address.sin_port = htons((uint16_t)atoi(port.p));
	inet_pton(AF_INET, str_dup(&client->arena, host).p, &address.sin_addr);
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(client->fd, (struct sockaddr *)&address, sizeof address) < 0)
		die("connect");
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	make_session(client);
}

/* Sends what there is; blocks only while the peer takes nothing and says nothing. */
static void turn(struct client *client, struct buf *out)
{
	struct pollfd p = {client->fd, POLLIN, 0};
	static char in[256 << 10];
	const uint8_t *bytes;
	ssize_t n;

	while (out->n < 1 << 20 && (n = nghttp2_session_mem_send(client->h2, &bytes)) > 0)
		buf_add(out, bytes, (size_t)n);
	p.events = out->n ? POLLIN | POLLOUT : POLLIN;
	if (poll(&p, 1, 30000) <= 0)
		die("the server says nothing");
	if (p.revents & POLLOUT && (n = send(client->fd, out->p, out->n, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0) {
		memmove(out->p, out->p + n, out->n - (size_t)n);
		out->n -= (size_t)n;
	}
	if (p.revents & (POLLIN | POLLHUP)) {
		n = recv(client->fd, in, sizeof in, MSG_DONTWAIT);
		if (n == 0 || (n > 0 && nghttp2_session_mem_recv(client->h2, (uint8_t *)in, (size_t)n) < 0))
			die("the connection ended");
	}
}

static void finish(struct client *client, struct call *calls, size_t n)
{
	struct buf out = {0};

	while (client->open)
		turn(client, &out);
	buf_free(&out);
	for (size_t i = 0; i < n; i++)
		if (calls[i].status != 0) {
			fprintf(stderr, "bench_frames: %s: status %d\n", calls[i].path, calls[i].status);
			exit(1);
		}
}

/* ---- small blobs ---- */

#define CAS "/build.bazel.remote.execution.v2.ContentAddressableStorage/"

/* The server's limit for batches, less some for digests. */
static size_t batch_limit(struct client *client)
{
	Re__GetCapabilitiesRequest request = RE__GET_CAPABILITIES_REQUEST__INIT;
	struct call c = {.path = "/build.bazel.remote.execution.v2.Capabilities/GetCapabilities"};
	Re__ServerCapabilities *caps;
	int64_t limit = 0;

	vec_push(&c.messages, pack(&client->arena, &request.base));
	submit(client, &c);
	finish(client, &c, 1);
	caps = c.answer.n > 5 ? re__server_capabilities__unpack(NULL, c.answer.n - 5, (uint8_t *)c.answer.p + 5) : NULL;
	if (caps && caps->cache_capabilities)
		limit = caps->cache_capabilities->max_batch_total_size_bytes;
	if (caps)
		re__server_capabilities__free_unpacked(caps, NULL);
	buf_free(&c.answer);
	vec_free(&c.messages);
	return limit > 0 && limit < BATCH_MAX ? (size_t)limit : BATCH_MAX;
}

static ProtobufCBinaryData small_content(struct client *client, size_t i, size_t size)
{
	uint8_t *p = arena_raw(&client->arena, size, 8);
	uint64_t random = client->salt + i * UINT64_C(0x9e3779b97f4a7c15);

	for (size_t k = 0; k < size; k++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		p[k] = (uint8_t)(random >> 56);
	}
	return (ProtobufCBinaryData){size, p};
}

static void small(struct client *client, size_t count, size_t size)
{
	size_t limit = batch_limit(client), per = (limit - limit / 50) / (size + 80), ncalls;
	Re__FindMissingBlobsRequest find = RE__FIND_MISSING_BLOBS_REQUEST__INIT;
	struct call *calls;
	int64_t start, taken;

	per = per ? per : 1;
	ncalls = 1 + (count + per - 1) / per;
	calls = arena_array(&client->arena, struct call, ncalls);
	find.blob_digests = arena_array(&client->arena, Re__Digest *, count);
	for (size_t at = 0, call = 1; at < count; at += per, call++) {
		size_t n = count - at < per ? count - at : per;
		Re__BatchUpdateBlobsRequest batch = RE__BATCH_UPDATE_BLOBS_REQUEST__INIT;

		batch.requests = arena_array(&client->arena, Re__BatchUpdateBlobsRequest__Request *, n);
		for (size_t i = 0; i < n; i++) {
			Re__BatchUpdateBlobsRequest__Request *r = arena_make(&client->arena, Re__BatchUpdateBlobsRequest__Request);
			struct digest d;

			re__batch_update_blobs_request__request__init(r);
			r->data = small_content(client, at + i, size);
			d = digest_of(DIGEST_SHA256, str_of((char *)r->data.data, size));
			r->digest = find.blob_digests[find.n_blob_digests++] = digest_message(&client->arena, &d);
			batch.requests[batch.n_requests++] = r;
		}
		calls[call].path = CAS "BatchUpdateBlobs";
		vec_push(&calls[call].messages, pack(&client->arena, &batch.base));
	}
	calls[0].path = CAS "FindMissingBlobs";
	vec_push(&calls[0].messages, pack(&client->arena, &find.base));
	start = os_now_ns();
	submit(client, &calls[0]);
	finish(client, calls, 1);
	for (size_t i = 1; i < ncalls; i++)
		submit(client, &calls[i]);
	finish(client, calls, ncalls);
	taken = os_now_ns() - start;
	for (size_t i = 0; i < ncalls; i++) {
		buf_free(&calls[i].answer);
		vec_free(&calls[i].messages);
	}
	printf("%zu blobs of %zu bytes\t%.6f\ts\n", count, size, (double)taken / 1e9);
}

/* ---- a large one ---- */

/* All chunks, one after the other. */
static char *large_content(struct client *client, size_t size, size_t chunk)
{
	ProtobufCBinaryData first = small_content(client, 0, chunk);
	char *p = arena_raw(&client->arena, size, 8);

	for (size_t at = 0; at < size; at += chunk) {
		memcpy(p + at, first.data, size - at < chunk ? size - at : chunk);
		p[at] = (char)(at / chunk);
	}
	return p;
}

static void large(struct client *client, size_t size, size_t chunk)
{
	char *content = large_content(client, size, chunk);
	struct digest d = digest_of(DIGEST_SHA256, str_of(content, size));
	struct call c = {.path = "/google.bytestream.ByteStream/Write"};
	char text[DIGEST_TEXT_MAX];
	const char *name = str_fmt(&client->arena, "uploads/%016llx-0000-4000-8000-000000000000/blobs/%s",
			(unsigned long long)client->salt, digest_text(&d, text)).p;
	int64_t start;

	for (size_t at = 0; at < size; at += chunk) {
		Google__Bytestream__WriteRequest r = GOOGLE__BYTESTREAM__WRITE_REQUEST__INIT;
		size_t n = size - at < chunk ? size - at : chunk;

		r.resource_name = at ? "" : name;
		r.write_offset = (int64_t)at;
		r.finish_write = at + n == size;
		r.data = (ProtobufCBinaryData){n, (uint8_t *)content + at};
		vec_push(&c.messages, pack(&client->arena, &r.base));
	}
	start = os_now_ns();
	submit(client, &c);
	finish(client, &c, 1);
	printf("one blob of %zu bytes\t%.6f\ts\n", size, (double)(os_now_ns() - start) / 1e9);
	buf_free(&c.answer);
	vec_free(&c.messages);
}

int main(int argc, char **argv)
{
	struct client client = {0};

	if (argc != 5 || (strcmp(argv[2], "small") != 0 && strcmp(argv[2], "large") != 0)) {
		fprintf(stderr, "usage: bench_frames HOST:PORT small COUNT SIZE | large SIZE CHUNK\n");
		return 2;
	}
	client.authority = argv[1];
	client.salt = (uint64_t)os_wall_ns() * 2654435761u ^ (uint64_t)getpid();
	dial(&client);
	if (strcmp(argv[2], "small") == 0)
		small(&client, strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10));
	else
		large(&client, strtoul(argv[3], NULL, 10), strtoul(argv[4], NULL, 10));
	nghttp2_session_del(client.h2);
	close(client.fd);
	arena_clear(&client.arena);
	return 0;
}
