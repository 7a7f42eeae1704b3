#include <straylight/nixhash.h>

static const char base32[] = "0123456789abcdfghijklmnpqrsvwxyz";
static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* ---- writing ---- */

size_t nix_base32_size(size_t n)
{
	return (n * 8 + 4) / 5;
}

/* Character k from the right holds bits 5k to 5k+4, counted from the lowest bit of the first byte. */
void nix_base32(const void *bytes, size_t n, struct buf *out)
{
	const unsigned char *b = bytes;

	for (size_t k = nix_base32_size(n); k-- > 0;) {
		size_t byte = k * 5 / 8, shift = k * 5 % 8;
		unsigned v = (unsigned)b[byte] >> shift;

		if (byte + 1 < n)
			v |= (unsigned)b[byte + 1] << (8 - shift);
		buf_c(out, base32[v & 31]);
	}
}

void nix_base64(const void *bytes, size_t n, struct buf *out)
{
	const unsigned char *b = bytes;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)b[i] << 16;

		if (i + 1 < n)
			v |= (uint32_t)b[i + 1] << 8;
		if (i + 2 < n)
			v |= b[i + 2];
		buf_c(out, base64[v >> 18]);
		buf_c(out, base64[v >> 12 & 63]);
		buf_c(out, i + 1 < n ? base64[v >> 6 & 63] : '=');
		buf_c(out, i + 2 < n ? base64[v & 63] : '=');
	}
}

static void base16(const unsigned char *b, size_t n, struct buf *out)
{
	char hex[2 * NIX_HASH_MAX + 1];

	hex_of(b, n, hex);
	buf_add(out, hex, 2 * n);
}

void nix_hash_text(const struct nix_hash *h, enum nix_base base, bool prefixed, struct buf *out)
{
	size_t n = nix_hash_size(h->algo);

	if (prefixed || base == NIX_SRI) {
		buf_str(out, str_c(nix_algo_name(h->algo)));
		buf_c(out, base == NIX_SRI ? '-' : ':');
	}
	switch (base) {
	case NIX_BASE16: base16(h->b, n, out); break;
	case NIX_BASE32: nix_base32(h->b, n, out); break;
	case NIX_BASE64:
	case NIX_SRI: nix_base64(h->b, n, out); break;
	}
}

str nix_hash_str(struct arena *a, const struct nix_hash *h, enum nix_base base, bool prefixed)
{
	struct buf b = {0};

	nix_hash_text(h, base, prefixed, &b);
	return buf_take(&b, a);
}

/* ---- reading ---- */

static int digit_of(const char *alphabet, char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

/* false: a character outside the alphabet, or bits beyond the n bytes. */
static bool base32_read(str s, unsigned char *out, size_t n)
{
	memset(out, 0, n);
	for (size_t k = 0; k < s.n; k++) {
		int digit = digit_of(base32, s.p[s.n - k - 1]);
		size_t byte = k * 5 / 8, shift = k * 5 % 8;
		unsigned carry;

		if (digit < 0)
			return false;
		out[byte] |= (unsigned char)((unsigned)digit << shift);
		carry = (unsigned)digit >> (8 - shift);
		if (byte + 1 < n)
			out[byte + 1] |= (unsigned char)carry;
		else if (carry)
			return false;
	}
	return true;
}

/* The padding may be absent; newlines are nothing. */
bool nix_base64_read(str s, struct buf *out)
{
	size_t start = out->n, at = 0;
	uint32_t bits = 0;
	unsigned held = 0;

	for (; at < s.n && s.p[at] != '='; at++) {
		int digit = digit_of(base64, s.p[at]);

		if (s.p[at] == '\n')
			continue;
		if (digit < 0)
			break;
		bits = bits << 6 | (uint32_t)digit;
		held += 6;
		if (held >= 8) {
			held -= 8;
			buf_c(out, (char)(bits >> held & 0xff));
		}
	}
	while (at < s.n && (s.p[at] == '=' || s.p[at] == '\n'))
		at++;
	if (at == s.n)
		return true;
	out->n = start;
	return false;
}

static bool base64_exact(str s, unsigned char *out, size_t n)
{
	struct buf b = {0};
	bool ok = nix_base64_read(s, &b) && b.n == n;

	if (ok)
		memcpy(out, b.p, n);
	buf_free(&b);
	return ok;
}

static struct diag *complain(str text, const char *what, struct span at, struct diags *diags)
{
	return diag_error(diags, DIAG_HASH_TEXT, at, "the hash '%.*s' %s", STR_ARG(text), what);
}

/* What the text says of itself: the algorithm before ':' or, with SRI, '-'. */
static bool split(str text, enum nix_algo *algo, str *rest, bool *sri, struct span at, struct diags *diags)
{
	str name;

	*sri = false;
	*rest = text;
	if (!str_cut(text, ':', &name, rest)) {
		if (!str_cut(text, '-', &name, rest)) {
			*rest = text;
			return true;
		}
		*sri = true;
	}
	*algo = nix_algo_of(name);
	if (*algo != NIX_ALGO_NONE)
		return true;
	diag_hint(diags, diag_error(diags, DIAG_HASH_TEXT, at, "there is no hash algorithm '%.*s'", STR_ARG(name)),
			"it is one of md5, sha1, sha256, sha512");
	return false;
}

static bool decode(str rest, bool sri, struct nix_hash *out, const char **why)
{
	size_t n = nix_hash_size(out->algo);

	*why = "has a character that its base does not have";
	if (!sri && rest.n == 2 * n)
		return hex_parse(rest, out->b, n);
	if (!sri && rest.n == nix_base32_size(n)) {
		*why = "is not base 32 as Nix writes it: the letters e, o, t and u are not used, and no bit may lie "
		       "beyond the hash";
		return base32_read(rest, out->b, n);
	}
	*why = "is not base 64 of the right length";
	if (sri || rest.n == (n + 2) / 3 * 4)
		return base64_exact(rest, out->b, n);
	*why = "has a length that fits none of base 16, base 32 and base 64";
	return false;
}

bool nix_hash_parse(str text, enum nix_algo algo, struct nix_hash *out, struct span at, struct diags *diags)
{
	enum nix_algo said = algo;
	const char *why;
	bool sri;
	str rest;

	*out = (struct nix_hash){0};
	if (!split(text, &said, &rest, &sri, at, diags))
		return false;
	if (said == NIX_ALGO_NONE) {
		diag_hint(diags, complain(text, "does not say its algorithm", at, diags),
				"write it as sha256:… or sha256-…");
		return false;
	}
	if (algo != NIX_ALGO_NONE && said != algo) {
		diag_note(diags, complain(text, "is of another algorithm than it must be", at, diags), NO_SPAN,
				"it must be %s", nix_algo_name(algo));
		return false;
	}
	out->algo = said;
	if (decode(rest, sri, out, &why))
		return true;
	diag_note(diags, complain(text, why, at, diags), NO_SPAN,
			"a %s hash has %zu characters in base 16, %zu in base 32, %zu in base 64",
			nix_algo_name(said), 2 * nix_hash_size(said), nix_base32_size(nix_hash_size(said)),
			(nix_hash_size(said) + 2) / 3 * 4);
	*out = (struct nix_hash){0};
	return false;
}
