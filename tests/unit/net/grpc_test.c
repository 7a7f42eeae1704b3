#include <straylight/grpc.h>

#include "test.h"

#include "server.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* One loop with a server and a channel to it. */
struct world {
	uv_loop_t loop;
	struct server server;
	struct grpc_channel *channel;
	struct diags diags;
	struct arena mem;
	uint64_t now; /* of the clock, when it is used */
};

/* What came of one call. */
struct seen {
	struct world *w;
	struct grpc_call *call;
	struct arena mem;
	unsigned done, messages;
	size_t bytes, sent, to_send;
	struct grpc_status status;
	str text, last;
	bool pause;
};

static void copy_status(struct seen *s, const struct grpc_status *status)
{
	struct grpc_violation *v = arena_array(&s->mem, struct grpc_violation, status->nviolations);

	s->done++;
	s->status = *status;
	s->text = str_dup(&s->mem, status->text);
	for (size_t i = 0; i < status->nviolations; i++)
		v[i] = (struct grpc_violation){str_dup(&s->mem, status->violations[i].type), str_dup(&s->mem, status->violations[i].subject), {0}};
	s->status.violations = v;
}

static void on_reply(void *ud, const struct grpc_status *status, str reply)
{
	struct seen *s = ud;

	copy_status(s, status);
	s->last = str_dup(&s->mem, reply);
}

static void on_message(void *ud, struct grpc_call *call, str m)
{
	struct seen *s = ud;

	assert_int_equal(s->done, 0);
	s->messages++;
	s->bytes += m.n;
	s->last = str_dup(&s->mem, str_upto(m, 64));
	if (s->pause)
		grpc_pause(call);
}

static void send_some(struct seen *s, struct grpc_call *call)
{
	while (s->sent < s->to_send) {
		struct blob *b = blob_raw(65536);

		s->sent += b->n;
		if (!grpc_send(call, b))
			return;
	}
	grpc_end(call);
}

static void on_room(void *ud, struct grpc_call *call)
{
	send_some(ud, call);
}

static void on_done(void *ud, const struct grpc_status *status)
{
	copy_status(ud, status);
}

static const struct grpc_events events = {on_message, on_room, on_done};

static uint64_t clock_now(void *ud)
{
	return ((struct world *)ud)->now;
}

static void start(struct world *w, struct grpc_config config, const char *scheme)
{
	uv_loop_init(&w->loop);
	server_start(&w->server, &w->loop);
	config.endpoint = str_fmt(&w->mem, "%s://127.0.0.1:%u", scheme, w->server.port);
	w->channel = grpc_open(&w->loop, &config, &w->diags);
	assert_non_null(w->channel);
}

static void stop(struct world *w)
{
	grpc_close(w->channel);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	server_stop(&w->server);
	uv_run(&w->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&w->loop), 0);
	diags_free(&w->diags);
	arena_clear(&w->mem);
}

static struct grpc_request request(struct world *w, const char *name)
{
	return (struct grpc_request){.method = str_fmt(&w->mem, "/test.Service/%s", name), .timeout_ms = 20000};
}

static void unary(struct world *w, struct seen *s, const char *name)
{
	struct grpc_request r = request(w, name);

	*s = (struct seen){.w = w};
	s->call = grpc_unary(w->channel, &r, blob_new(S("hello")), on_reply, s);
}

/* Until the calls are over: nothing but them keeps the loop alive. */
static void run(struct world *w)
{
	uv_run(&w->loop, UV_RUN_DEFAULT);
}

static void check(struct seen *s, enum grpc_code code, enum grpc_source source, bool unseen, const char *text)
{
	assert_int_equal(s->done, 1);
	if (code != s->status.code)
		fail_msg("%s, not %s: %.*s", grpc_code_name(s->status.code), grpc_code_name(code), STR_ARG(s->text));
	if (text && str_find_str(s->text, str_c(text)) == s->text.n && *text)
		fail_msg("'%.*s' does not hold '%s'", STR_ARG(s->text), text);
	assert_int_equal(s->status.source, source);
	assert_int_equal(s->status.unseen, unseen);
	arena_clear(&s->mem);
}

/* ---- what servers do ---- */

static const struct {
	const char *name;
	enum grpc_code code;
	enum grpc_source source;
	bool unseen;
	const char *text;
} rows[] = {
	{"unary", GRPC_OK, GRPC_BY_SERVER, false, ""},
	{"gzip", GRPC_OK, GRPC_BY_SERVER, false, ""},
	{"early", GRPC_OK, GRPC_BY_SERVER, false, ""},
	{"fail", GRPC_FAILED_PRECONDITION, GRPC_BY_SERVER, false, "nä %"},
	{"http", GRPC_UNAVAILABLE, GRPC_BY_CHANNEL, false, "HTTP status 503"},
	{"reset", GRPC_INTERNAL, GRPC_BY_CHANNEL, false, "INTERNAL_ERROR"},
	{"refuse", GRPC_UNAVAILABLE, GRPC_BY_CHANNEL, true, "REFUSED_STREAM"},
	{"goaway", GRPC_UNAVAILABLE, GRPC_BY_CHANNEL, true, "max_age"},
	{"drop", GRPC_UNAVAILABLE, GRPC_BY_CHANNEL, false, "closed"},
	{"none", GRPC_INTERNAL, GRPC_BY_CHANNEL, false, "no answer"},
	{"twice", GRPC_INTERNAL, GRPC_BY_CHANNEL, false, "two answers"},
	{"torn", GRPC_INTERNAL, GRPC_BY_CHANNEL, false, "inside a message"},
	{"huge", GRPC_RESOURCE_EXHAUSTED, GRPC_BY_CHANNEL, false, "larger than"},
};

/* Each on one channel, one after the other: none of them leaves it unusable. */
static void answers(void **state)
{
	struct world w = {0};
	struct seen s;

	(void)state;
	start(&w, (struct grpc_config){0}, "grpc");
	for (size_t i = 0; i < SL_COUNT(rows); i++) {
		unary(&w, &s, rows[i].name);
		run(&w);
		if (s.status.code == GRPC_OK)
			assert_str_c(s.last, i == 0 ? "hello" : i == 1 ? "aaaa" : "early");
		if (s.status.code == GRPC_FAILED_PRECONDITION) {
			assert_int_equal(s.status.nviolations, 1);
			assert_str_c(s.status.violations[0].subject, "blobs/ab/3");
		}
		check(&s, rows[i].code, rows[i].source, rows[i].unseen, rows[i].text);
	}
	assert_int_equal(w.server.accepted, 3); /* again after goaway and drop */
	stop(&w);
}

static void headers(void **state)
{
	struct net_header own[] = {{S("Authorization"), S("Bearer topsecret")}}, more[] = {{S("x-data-bin"), S("foob")}};
	struct world w = {0};
	struct grpc_request r;
	struct buf shown = {0};
	struct seen s = {.w = &w};

	(void)state;
	start(&w, (struct grpc_config){.headers = own, .nheaders = 1, .user_agent = S("straylight/9")}, "grpc");
	r = request(&w, "unary");
	r.headers = more;
	r.nheaders = 1;
	for (int i = 0; i < 2; i++) {
		s = (struct seen){.w = &w};
		grpc_unary(w.channel, &r, blob_new(S("hello")), on_reply, &s);
		run(&w);
		check(&s, GRPC_OK, GRPC_BY_SERVER, false, "");
		assert_string_equal(map_get(&w.server.headers, S("authorization")), "Bearer topsecret");
		assert_string_equal(map_get(&w.server.headers, S("x-data-bin")), "Zm9vYg");
		assert_string_equal(map_get(&w.server.headers, S("user-agent")), "straylight/9");
		assert_string_equal(map_get(&w.server.headers, S("te")), "trailers");
		assert_non_null(map_get(&w.server.headers, S("grpc-timeout")));
	}
	assert_true(w.server.compressed);
	diag_error(&w.diags, DIAG_IO, NO_SPAN, "it says Bearer topsecret");
	diags_render(&w.diags, DIAG_TEXT, false, &shown);
	assert_true(str_find_str(buf_view(&shown), S("topsecret")) == shown.n);
	buf_free(&shown);
	stop(&w);
}

/* ---- many and much ---- */

/* All of them are waiting at the server at once, on one connection. */
static void thousand(void **state)
{
	static struct seen s[1000];
	static struct world w = {.server.gate = 1000};

	(void)state;
	start(&w, (struct grpc_config){0}, "grpc");
	for (size_t i = 0; i < SL_COUNT(s); i++)
		unary(&w, &s[i], "gate");
	run(&w);
	for (size_t i = 0; i < SL_COUNT(s); i++) {
		assert_str_c(s[i].last, "open");
		check(&s[i], GRPC_OK, GRPC_BY_SERVER, false, "");
	}
	assert_int_equal(w.server.accepted, 1);
	assert_int_equal(w.server.streams_most, 1000);
	assert_int_equal(grpc_stats(w.channel).calls, 0);
	stop(&w);
}

/* The server grants ten streams: further connections come, up to the limit, and the rest waits. */
static void few_streams(void **state)
{
	static struct seen s[300];
	struct world w = {.server.max_streams = 10};

	(void)state;
	start(&w, (struct grpc_config){.connections_max = 3}, "grpc");
	unary(&w, &s[0], "unary");
	run(&w);
	for (size_t i = 0; i < SL_COUNT(s); i++) {
		arena_clear(&s[i].mem);
		unary(&w, &s[i], "unary");
	}
	run(&w);
	for (size_t i = 0; i < SL_COUNT(s); i++)
		check(&s[i], GRPC_OK, GRPC_BY_SERVER, false, "");
	assert_int_equal(w.server.accepted, 3);
	assert_true(w.server.streams_most <= 30);
	stop(&w);
}

static void stream(struct world *w, struct seen *s, const char *name, size_t bytes)
{
	struct grpc_request r = request(w, name);

	*s = (struct seen){.w = w, .to_send = bytes};
	s->call = grpc_start(w->channel, &r, &events, s);
	send_some(s, s->call);
}

static void both_ways(void **state)
{
	struct world w = {0};
	struct seen s;

	(void)state;
	start(&w, (struct grpc_config){0}, "grpc");
	stream(&w, &s, "echo", (size_t)32 << 20);
	assert_true(s.sent <= GRPC_QUEUE + 65536); /* the queue said stop */
	run(&w);
	assert_int_equal(s.bytes, 32 << 20);
	assert_int_equal(s.messages, 512);
	check(&s, GRPC_OK, GRPC_BY_SERVER, false, "");
	stop(&w);
}

static void paused_timer(uv_timer_t *t)
{
	struct seen *s = t->data;

	s->pause = false;
	grpc_resume(s->call);
	uv_close((uv_handle_t *)t, NULL);
}

/* A call that does not read stops its server, and no other call. */
static void reading_slowly(void **state)
{
	struct world w = {0};
	struct seen s, other;
	uv_timer_t t;

	(void)state;
	start(&w, (struct grpc_config){0}, "grpc");
	stream(&w, &s, "flood", 0);
	s.pause = true;
	unary(&w, &other, "unary");
	while (!other.done)
		uv_run(&w.loop, UV_RUN_ONCE);
	check(&other, GRPC_OK, GRPC_BY_SERVER, false, "");
	for (int i = 0; i < 1000; i++)
		uv_run(&w.loop, UV_RUN_NOWAIT);
	assert_int_equal(s.messages, 1);
	assert_true(grpc_stats(w.channel).bytes_in < GRPC_WINDOW + (1 << 20));
	uv_timer_init(&w.loop, &t);
	t.data = &s;
	uv_timer_start(&t, paused_timer, 1, 0);
	run(&w);
	assert_int_equal(s.messages, 256);
	assert_int_equal(s.bytes, 16 << 20);
	check(&s, GRPC_OK, GRPC_BY_SERVER, false, "");
	stop(&w);
}

/* ---- time ---- */

static void spin(struct world *w)
{
	for (int i = 0; i < 20; i++)
		uv_run(&w->loop, UV_RUN_NOWAIT);
}

/* By a clock that stands while the connection is made, which may take a busy machine any time. */
static void deadline(void **state)
{
	struct world w = {.now = 1000};
	struct grpc_clock clock = {clock_now, &w};
	struct grpc_request r;
	struct seen s = {0}, t = {0};

	(void)state;
	start(&w, (struct grpc_config){.clock = &clock}, "grpc");
	r = request(&w, "hang");
	r.timeout_ms = 30;
	grpc_unary(w.channel, &r, blob_new(S("")), on_reply, &s);
	while (w.server.streams == 0)
		uv_run(&w.loop, UV_RUN_NOWAIT);
	w.now += 29;
	grpc_tick(w.channel);
	spin(&w);
	assert_int_equal(s.done, 0);
	w.now++;
	grpc_tick(w.channel);
	run(&w);
	check(&s, GRPC_DEADLINE_EXCEEDED, GRPC_BY_DEADLINE, false, "no answer within 30 ms");
	unary(&w, &t, "unary");
	run(&w);
	check(&t, GRPC_OK, GRPC_BY_SERVER, false, "");
	assert_int_equal(w.server.accepted, 1);
	assert_int_equal(w.server.streams, 0); /* it was told to stop */
	stop(&w);
}

/* By the real clock: the loop wakes up for it.  Whether the call had a connection by then does not matter. */
static void deadline_wakes(void **state)
{
	struct world w = {0};
	struct grpc_request r;
	struct seen s = {0};

	(void)state;
	start(&w, (struct grpc_config){0}, "grpc");
	r = request(&w, "hang");
	r.timeout_ms = 30;
	grpc_unary(w.channel, &r, blob_new(S("")), on_reply, &s);
	run(&w);
	check(&s, GRPC_DEADLINE_EXCEEDED, GRPC_BY_DEADLINE, s.status.unseen,
			s.status.unseen ? "no connection within 30 ms" : "no answer within 30 ms");
	stop(&w);
}

/* A day of an action that says nothing, on a server that answers PING. */
static void keepalive(void **state)
{
	struct world w = {.now = 1000};
	struct grpc_clock clock = {clock_now, &w};
	struct grpc_request r;
	struct seen s = {0};

	(void)state;
	start(&w, (struct grpc_config){.clock = &clock}, "grpc");
	r = request(&w, "hang");
	r.timeout_ms = 25u * 3600 * 1000;
	grpc_unary(w.channel, &r, blob_new(S("")), on_reply, &s);
	while (grpc_stats(w.channel).connections == 0)
		uv_run(&w.loop, UV_RUN_NOWAIT);
	for (unsigned minute = 0; minute < 24 * 60; minute++) {
		w.now += 60000;
		grpc_tick(w.channel);
		while (w.server.pings < minute + 1)
			uv_run(&w.loop, UV_RUN_NOWAIT);
		spin(&w);
	}
	assert_int_equal(s.done, 0);
	assert_int_equal(w.server.pings, 24 * 60);
	assert_int_equal(w.server.accepted, 1);
	w.now += 3600 * 1000;
	grpc_tick(w.channel);
	run(&w);
	check(&s, GRPC_DEADLINE_EXCEEDED, GRPC_BY_DEADLINE, false, "");
	stop(&w);
}

static void silence(void **state)
{
	struct world w = {.now = 1000, .server.silent_pings = true};
	struct grpc_clock clock = {clock_now, &w};
	struct grpc_request r;
	struct seen s = {0};

	(void)state;
	start(&w, (struct grpc_config){.clock = &clock, .ping_ms = 10000, .ping_timeout_ms = 5000}, "grpc");
	r = request(&w, "hang");
	r.timeout_ms = 3600 * 1000;
	grpc_unary(w.channel, &r, blob_new(S("")), on_reply, &s);
	while (w.server.streams == 0)
		uv_run(&w.loop, UV_RUN_NOWAIT);
	spin(&w);
	w.now += 10000;
	grpc_tick(w.channel);
	spin(&w);
	w.now += 4999;
	grpc_tick(w.channel);
	spin(&w);
	assert_int_equal(s.done, 0);
	w.now += 1;
	grpc_tick(w.channel);
	run(&w);
	check(&s, GRPC_UNAVAILABLE, GRPC_BY_CHANNEL, false, "no answer to a PING within 5000 ms");
	stop(&w);
}

/* A server that finds the PINGs too many gets half as many. */
static void calm(void **state)
{
	struct world w = {.now = 1000};
	struct grpc_clock clock = {clock_now, &w};
	struct seen s, t;

	(void)state;
	start(&w, (struct grpc_config){.clock = &clock, .ping_ms = 5000}, "grpc");
	unary(&w, &s, "calm");
	while (w.server.streams == 0)
		uv_run(&w.loop, UV_RUN_NOWAIT);
	spin(&w);
	assert_int_equal(s.done, 0); /* it was told before the GOAWAY: it goes on */
	unary(&w, &t, "hang");
	while (w.server.accepted < 2 || w.server.streams < 2)
		uv_run(&w.loop, UV_RUN_NOWAIT);
	spin(&w);
	grpc_cancel(s.call);
	spin(&w);
	w.now += 9000;
	grpc_tick(w.channel);
	spin(&w);
	assert_int_equal(w.server.pings, 0);
	w.now += 1000;
	grpc_tick(w.channel);
	spin(&w);
	assert_int_equal(w.server.pings, 1);
	stop(&w);
	check(&s, GRPC_CANCELLED, GRPC_BY_CALLER, false, "");
	check(&t, GRPC_CANCELLED, GRPC_BY_CALLER, false, "");
}

/* ---- no connection ---- */

static void connect_fails(void **state)
{
	struct world w = {.server.mute = true};
	struct grpc_config config = {.connect_ms = 50};
	struct seen s;

	(void)state;
	start(&w, config, "grpc");
	unary(&w, &s, "unary");
	run(&w);
	check(&s, GRPC_UNAVAILABLE, GRPC_BY_CHANNEL, false, "could not be reached within 50 ms: waiting for its HTTP/2");
	grpc_close(w.channel);
	uv_close((uv_handle_t *)&w.server.tcp, NULL);
	run(&w);
	w.channel = grpc_open(&w.loop, &(struct grpc_config){.endpoint = str_fmt(&w.mem, "grpc://127.0.0.1:%u", w.server.port)}, &w.diags);
	unary(&w, &s, "unary");
	run(&w);
	check(&s, GRPC_UNAVAILABLE, GRPC_BY_CHANNEL, true, "connection refused");
	grpc_close(w.channel);
	w.channel = grpc_open(&w.loop, &(struct grpc_config){.endpoint = S("grpc://no-such-host.invalid:1")}, &w.diags);
	unary(&w, &s, "unary");
	run(&w);
	check(&s, GRPC_UNAVAILABLE, GRPC_BY_CHANNEL, true, "cannot find 'no-such-host.invalid'");
	grpc_close(w.channel);
	run(&w);
	while (w.server.conns)
		server_conn_close(w.server.conns);
	run(&w);
	assert_int_equal(uv_loop_close(&w.loop), 0);
	arena_clear(&w.mem);
	arena_clear(&w.server.mem);
}

/* "localhost" has an IPv6 address too, where nobody listens. */
static void several_addresses(void **state)
{
	struct world w = {0};
	struct grpc_config config = {0};
	struct seen s;

	(void)state;
	start(&w, config, "grpc");
	grpc_close(w.channel);
	config.endpoint = str_fmt(&w.mem, "grpc://localhost:%u", w.server.port);
	w.channel = grpc_open(&w.loop, &config, &w.diags);
	unary(&w, &s, "unary");
	run(&w);
	check(&s, GRPC_OK, GRPC_BY_SERVER, false, "");
	stop(&w);
}

static void cancels(void **state)
{
	struct world w = {0};
	struct seen s, t, u;

	(void)state;
	start(&w, (struct grpc_config){0}, "grpc");
	unary(&w, &s, "hang");
	grpc_cancel(s.call);
	assert_int_equal(s.done, 0); /* never from inside */
	run(&w);
	check(&s, GRPC_CANCELLED, GRPC_BY_CALLER, true, "cancelled");
	unary(&w, &t, "hang");
	unary(&w, &u, "hang");
	while (w.server.streams < 2)
		uv_run(&w.loop, UV_RUN_ONCE);
	grpc_cancel(t.call);
	while (w.server.streams > 1)
		uv_run(&w.loop, UV_RUN_ONCE);
	check(&t, GRPC_CANCELLED, GRPC_BY_CALLER, false, "cancelled");
	stop(&w);
	check(&u, GRPC_CANCELLED, GRPC_BY_CALLER, false, "closed by its user");
}

/* ---- TLS ---- */

static void pem(const char *path, X509 *cert, EVP_PKEY *key)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	if (cert)
		PEM_write_X509(f, cert);
	else
		PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
}

/* A certificate that vouches for itself, for 127.0.0.1 or for another name. */
static X509 *certificate(EVP_PKEY *key, const char *alt)
{
	X509 *c = X509_new();
	X509_NAME *name = X509_get_subject_name(c);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, alt);

	X509_set_version(c, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(c), 1);
	X509_gmtime_adj(X509_getm_notBefore(c), -1000);
	X509_gmtime_adj(X509_getm_notAfter(c), 100000);
	X509_set_pubkey(c, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(c, name);
	X509_add_ext(c, e, -1);
	X509_EXTENSION_free(e);
	X509_sign(c, key, EVP_sha256());
	return c;
}

static int select_h2(SSL *ssl, const unsigned char **out, unsigned char *n, const unsigned char *in, unsigned nin, void *ud)
{
	(void)ssl;
	return SSL_select_next_proto((unsigned char **)(uintptr_t)out, n, ud, 3, in, nin) == OPENSSL_NPN_NEGOTIATED
			? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static SSL_CTX *server_tls(X509 *cert, EVP_PKEY *key, bool wants_client, const char *protocol)
{
	SSL_CTX *c = SSL_CTX_new(TLS_server_method());

	SSL_CTX_use_certificate(c, cert);
	SSL_CTX_use_PrivateKey(c, key);
	SSL_CTX_set_alpn_select_cb(c, select_h2, (void *)(uintptr_t)protocol);
	if (wants_client) {
		X509_STORE_add_cert(SSL_CTX_get_cert_store(c), cert);
		SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	}
	return c;
}

static const struct {
	const char *alt, *protocol;
	bool trusted, wants_client, shows_client;
	enum grpc_code code;
	const char *text;
} tls_rows[] = {
	{"IP:127.0.0.1", "\2h2", true, false, false, GRPC_OK, ""},
	{"IP:127.0.0.1", "\2h2", true, true, true, GRPC_OK, ""},
	{"IP:127.0.0.1", "\2h2", true, true, false, GRPC_UNAVAILABLE, ""},
	{"IP:127.0.0.1", "\2h2", false, false, false, GRPC_UNAVAILABLE, "self-signed certificate"},
	{"IP:127.0.0.2", "\2h2", true, false, false, GRPC_UNAVAILABLE, "IP address mismatch"},
	{"IP:127.0.0.1", "\2xx", true, false, false, GRPC_UNAVAILABLE, "does not speak HTTP/2 over TLS"},
};

static void tls(void **state)
{
	char dir[256], cert_path[300], key_path[300];
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct seen s;

	(void)state;
	snprintf(dir, sizeof dir, "%s", fresh_dir());
	snprintf(cert_path, sizeof cert_path, "%s/cert.pem", dir);
	snprintf(key_path, sizeof key_path, "%s/key.pem", dir);
	for (size_t i = 0; i < SL_COUNT(tls_rows); i++) {
		X509 *cert = certificate(key, tls_rows[i].alt);
		struct world w = {.server.ssl = server_tls(cert, key, tls_rows[i].wants_client, tls_rows[i].protocol)};
		struct grpc_config config = {0};

		pem(cert_path, cert, NULL);
		pem(key_path, NULL, key);
		if (tls_rows[i].trusted)
			config.ca_file = str_c(cert_path);
		if (tls_rows[i].shows_client) {
			config.cert_file = str_c(cert_path);
			config.key_file = str_c(key_path);
		}
		start(&w, config, "grpcs");
		stream(&w, &s, "echo", (size_t)4 << 20);
		run(&w);
		check(&s, tls_rows[i].code, tls_rows[i].code == GRPC_OK ? GRPC_BY_SERVER : GRPC_BY_CHANNEL,
				tls_rows[i].code != GRPC_OK && s.status.unseen, tls_rows[i].text);
		if (tls_rows[i].code == GRPC_OK)
			assert_int_equal(s.bytes, 4 << 20);
		if (*tls_rows[i].text)
			assert_true(s.status.final);
		stop(&w);
		X509_free(cert);
	}
	EVP_PKEY_free(key);
	os_remove_tree(dir);
}

static void refuses_config(void **state)
{
	const struct net_header newline[] = {{S("x"), S("a\nb")}}, reserved[] = {{S("grpc-status"), S("0")}};
	const struct grpc_config bad[] = {
		{.endpoint = S("localhost:1")},
		{.endpoint = S("grpcs://a:1"), .ca_file = S("/nonexistent")},
		{.endpoint = S("grpcs://a:1"), .cert_file = S("/nonexistent")},
		{.endpoint = S("grpc://a:1"), .headers = newline, .nheaders = 1},
		{.endpoint = S("grpc://a:1"), .headers = reserved, .nheaders = 1},
	};
	static const enum diag_code codes[] = {DIAG_REMOTE_CONFIG, DIAG_REMOTE_TLS, DIAG_REMOTE_TLS, DIAG_REMOTE_CONFIG, DIAG_REMOTE_CONFIG};

	(void)state;
	for (size_t i = 0; i < SL_COUNT(bad); i++) {
		struct diags diags = {0};

		assert_null(grpc_open(NULL, &bad[i], &diags));
		assert_int_equal(diags.errors, 1);
		assert_int_equal(diags.first->code, codes[i]);
		diags_free(&diags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers), cmocka_unit_test(headers), cmocka_unit_test(thousand), cmocka_unit_test(few_streams),
		cmocka_unit_test(both_ways), cmocka_unit_test(reading_slowly), cmocka_unit_test(deadline), cmocka_unit_test(deadline_wakes), cmocka_unit_test(keepalive),
		cmocka_unit_test(silence), cmocka_unit_test(calm), cmocka_unit_test(connect_fails), cmocka_unit_test(several_addresses), cmocka_unit_test(cancels),
		cmocka_unit_test(tls), cmocka_unit_test(refuses_config),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("grpc", tests, NULL, NULL);
}
