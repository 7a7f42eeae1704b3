#include <straylight/nixkey.h>

#include <sodium.h>

/* "NAME:BASE64" of exactly n bytes. */
static bool split(str text, str *name, unsigned char *out, size_t n)
{
	struct buf b = {0};
	str value;
	bool ok;

	ok = str_cut(str_trim(text), ':', name, &value) && name->n && nix_base64_read(value, &b) && b.n == n;
	if (ok)
		memcpy(out, b.p, n);
	if (b.p)
		sodium_memzero(b.p, b.cap);
	buf_free(&b);
	return ok;
}

static bool complain(const char *what, size_t n, struct span at, struct diags *diags)
{
	diag_hint(diags, diag_error(diags, DIAG_KEY_SYNTAX, at, "this is not a %s key", what),
			"it is a name, ':', and %zu bytes in base 64", n);
	return false;
}

bool nix_public_key_parse(str text, struct nix_public_key *out, struct span at, struct diags *diags)
{
	return split(text, &out->name, out->b, sizeof out->b) || complain("public", sizeof out->b, at, diags);
}

bool nix_secret_key_parse(str text, struct nix_secret_key *out, struct span at, struct diags *diags)
{
	return split(text, &out->name, out->b, sizeof out->b) || complain("secret", sizeof out->b, at, diags);
}

void nix_secret_key_wipe(struct nix_secret_key *k)
{
	sodium_memzero(k->b, sizeof k->b);
}

void nix_public_key_of(const struct nix_secret_key *k, struct nix_public_key *out)
{
	out->name = k->name;
	crypto_sign_ed25519_sk_to_pk(out->b, k->b);
}

void nix_public_key_text(const struct nix_public_key *k, struct buf *out)
{
	buf_str(out, k->name);
	buf_c(out, ':');
	nix_base64(k->b, sizeof k->b, out);
}

static const unsigned char *bytes_of(str s)
{
	return (const unsigned char *)(s.p ? s.p : "");
}

void nix_sign(const struct nix_secret_key *k, str message, struct buf *out)
{
	unsigned char signature[crypto_sign_BYTES];

	crypto_sign_detached(signature, NULL, bytes_of(message), message.n, k->b);
	buf_str(out, k->name);
	buf_c(out, ':');
	nix_base64(signature, sizeof signature, out);
}

bool nix_verify(const struct nix_public_key *k, str message, str signature)
{
	unsigned char b[crypto_sign_BYTES];
	str name;

	return split(signature, &name, b, sizeof b) && str_eq(name, k->name) &&
			crypto_sign_verify_detached(b, bytes_of(message), message.n, k->b) == 0;
}
