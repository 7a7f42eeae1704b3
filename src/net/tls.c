#include "tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>

struct tls_trust {
	SSL_CTX *ctx;
};

struct tls {
	SSL *ssl;
	BIO *in, *out; /* owned by ssl */
	char error[160];
};

/* ---- trust ---- */

static const char *reason(void)
{
	unsigned long e = ERR_peek_last_error();
	const char *text = e ? ERR_reason_error_string(e) : NULL;

	return text ? text : "it cannot be used";
}

static bool refuse(struct diags *diags, const char *what, str path, const char *hint)
{
	struct diag *d = diag_error(diags, DIAG_REMOTE_TLS, NO_SPAN, "%s '%.*s' cannot be used: %s", what, STR_ARG(path), reason());

	diag_hint(diags, d, "%s", hint);
	return false;
}

static bool set_authorities(SSL_CTX *c, const struct grpc_config *config, struct arena *a, struct diags *diags)
{
	if (!config->ca_file.n) {
		SSL_CTX_set_default_verify_paths(c); /* SSL_CERT_FILE, SSL_CERT_DIR, the system's */
		return true;
	}
	if (SSL_CTX_load_verify_locations(c, str_dup(a, config->ca_file).p, NULL) == 1)
		return true;
	return refuse(diags, "the file of authorities", config->ca_file, "give a PEM file of the certificates to trust");
}

static bool set_own(SSL_CTX *c, const struct grpc_config *config, struct arena *a, struct diags *diags)
{
	str key = config->key_file.n ? config->key_file : config->cert_file;

	if (!config->cert_file.n)
		return true;
	if (SSL_CTX_use_certificate_chain_file(c, str_dup(a, config->cert_file).p) != 1)
		return refuse(diags, "the client's certificate", config->cert_file, "give a PEM file: the certificate, then its chain");
	if (SSL_CTX_use_PrivateKey_file(c, str_dup(a, key).p, SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(c) != 1)
		return refuse(diags, "the client's key", key, "give the PEM file of the key that belongs to the certificate");
	return true;
}

struct tls_trust *tls_trust_new(const struct grpc_config *config, struct diags *diags)
{
	static const unsigned char h2[] = {2, 'h', '2'};
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());
	struct tls_trust *t;
	struct arena a = {0};
	bool ok;

	if (!c)
		mem_oom();
	ERR_clear_error();
	SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
	SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_verify(c, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_alpn_protos(c, h2, sizeof h2);
	ok = set_authorities(c, config, &a, diags) && set_own(c, config, &a, diags);
	arena_clear(&a);
	t = mem_make(struct tls_trust);
	t->ctx = c;
	if (ok)
		return t;
	tls_trust_free(t);
	return NULL;
}

void tls_trust_free(struct tls_trust *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->ctx);
	mem_free(t);
}

/* ---- connections ---- */

struct tls *tls_new(struct tls_trust *trust, const char *host, bool literal)
{
	struct tls *t = mem_make(struct tls);

	t->ssl = SSL_new(trust->ctx);
	t->in = BIO_new(BIO_s_mem());
	t->out = BIO_new(BIO_s_mem());
	if (!t->ssl || !t->in || !t->out)
		mem_oom();
	SSL_set_bio(t->ssl, t->in, t->out);
	SSL_set_connect_state(t->ssl);
	SSL_set_hostflags(t->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (literal) {
		X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(t->ssl), host);
	} else {
		SSL_set_tlsext_host_name(t->ssl, host);
		SSL_set1_host(t->ssl, host);
	}
	return t;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_free(t->ssl);
	mem_free(t);
}

const char *tls_error(const struct tls *t)
{
	return t->error;
}

static enum tls_step fail(struct tls *t, const char *text)
{
	snprintf(t->error, sizeof t->error, "%s", text);
	ERR_clear_error();
	return TLS_FAILED;
}

static enum tls_step judge(struct tls *t, int result)
{
	long verdict;

	switch (SSL_get_error(t->ssl, result)) {
	case SSL_ERROR_WANT_READ: case SSL_ERROR_WANT_WRITE: return TLS_WAIT;
	case SSL_ERROR_ZERO_RETURN: return TLS_CLOSED;
	default: break;
	}
	verdict = SSL_get_verify_result(t->ssl);
	return fail(t, verdict != X509_V_OK ? X509_verify_cert_error_string(verdict) : reason());
}

void tls_feed(struct tls *t, str cipher)
{
	for (size_t at = 0; at < cipher.n;) {
		size_t n = cipher.n - at < INT_MAX ? cipher.n - at : INT_MAX;
		int written = BIO_write(t->in, cipher.p + at, (int)n);

		if (written <= 0)
			mem_oom();
		at += (size_t)written;
	}
}

void tls_drain(struct tls *t, struct buf *cipher)
{
	size_t n;
	int got;

	while ((n = BIO_ctrl_pending(t->out)) > 0) {
		if (n > INT_MAX)
			n = INT_MAX;
		buf_reserve(cipher, n);
		got = BIO_read(t->out, cipher->p + cipher->n, (int)n);
		if (got <= 0)
			return;
		cipher->n += (size_t)got;
	}
}

enum tls_step tls_handshake(struct tls *t)
{
	const unsigned char *protocol;
	unsigned n;
	int r;

	ERR_clear_error();
	r = SSL_do_handshake(t->ssl);
	if (r != 1)
		return judge(t, r);
	SSL_get0_alpn_selected(t->ssl, &protocol, &n);
	if (n != 2 || memcmp(protocol, "h2", 2) != 0)
		return fail(t, "the server does not speak HTTP/2 over TLS (ALPN)");
	return TLS_OK;
}

enum tls_step tls_read(struct tls *t, void *out, size_t room, size_t *n)
{
	int r;

	ERR_clear_error();
	r = SSL_read(t->ssl, out, room < INT_MAX ? (int)room : INT_MAX);
	if (r <= 0)
		return judge(t, r);
	*n = (size_t)r;
	return TLS_OK;
}

enum tls_step tls_write(struct tls *t, str plain)
{
	for (size_t at = 0; at < plain.n;) {
		size_t n = plain.n - at < INT_MAX ? plain.n - at : INT_MAX;
		int r;

		ERR_clear_error();
		r = SSL_write(t->ssl, plain.p + at, (int)n);
		if (r <= 0)
			return judge(t, r) == TLS_FAILED ? TLS_FAILED : fail(t, "the connection cannot be written to");
		at += (size_t)r;
	}
	return TLS_OK;
}
