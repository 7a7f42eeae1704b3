#include <straylight/base/cbor.h>
#include <straylight/base/digest.h>

#include <blake3.h>
#include <openssl/sha.h>
#include <stdio.h>

/* OpenSSL 3 calls the one-shot and streaming SHA256_* functions deprecated in favour of EVP; they are
 * kept here because EVP costs an allocation and a provider look-up per digest, more than hashing a
 * small directory does. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

struct hasher {
	enum digest_fn fn;
	int64_t size;
	union {
		SHA256_CTX sha;
		blake3_hasher blake3;
	} u;
};

static void begin(struct hasher *h, enum digest_fn fn)
{
	h->fn = fn;
	h->size = 0;
	if (fn == DIGEST_BLAKE3)
		blake3_hasher_init(&h->u.blake3);
	else
		SHA256_Init(&h->u.sha);
}

void hasher_add(struct hasher *h, const void *bytes, size_t n)
{
	h->size += (int64_t)n;
	if (h->fn == DIGEST_BLAKE3)
		blake3_hasher_update(&h->u.blake3, bytes, n);
	else
		SHA256_Update(&h->u.sha, bytes, n);
}

static void finish(struct hasher *h, struct digest *out)
{
	if (h->fn == DIGEST_BLAKE3)
		blake3_hasher_finalize(&h->u.blake3, out->b, sizeof out->b);
	else
		SHA256_Final(out->b, &h->u.sha);
	out->size = h->size;
}

struct hasher *hasher_new(enum digest_fn fn)
{
	struct hasher *h = mem_make(struct hasher);

	begin(h, fn);
	return h;
}

void hasher_end(struct hasher *h, struct digest *out)
{
	finish(h, out);
	mem_free(h);
}

void digest_write(struct buf *b, const struct digest *d)
{
	cbor_array(b, 2);
	cbor_bytes(b, str_of((const char *)d->b, sizeof d->b));
	cbor_int(b, d->size);
}

bool digest_read(struct cbor *c, struct digest *out)
{
	str hash;

	if (!cbor_get_row(c, 2))
		return false;
	hash = cbor_get_bytes(c);
	out->size = cbor_get_int(c);
	if (c->bad || hash.n != sizeof out->b || out->size < 0)
		return false;
	memcpy(out->b, hash.p, sizeof out->b);
	return true;
}

struct digest digest_of(enum digest_fn fn, str bytes)
{
	struct hasher h;
	struct digest d;

	begin(&h, fn);
	hasher_add(&h, bytes.p ? bytes.p : "", bytes.n);
	finish(&h, &d);
	return d;
}

void sha256(str bytes, unsigned char out[32])
{
	SHA256_CTX c;

	SHA256_Init(&c);
	SHA256_Update(&c, bytes.p ? bytes.p : "", bytes.n);
	SHA256_Final(out, &c);
}

int digest_cmp(const struct digest *a, const struct digest *b)
{
	int order = memcmp(a->b, b->b, sizeof a->b);

	return order ? order : (a->size > b->size) - (a->size < b->size);
}

void hex_of(const unsigned char *bytes, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * n] = '\0';
}

/* The value of a digit and one more; 0: it is none.  Hashes are random: no branch on them is guessed right. */
static const unsigned char hex_values[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
	['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

bool hex_parse(str s, unsigned char *out, size_t n)
{
	bool good = s.n == 2 * n;

	for (size_t i = 0; good && i < n; i++) {
		unsigned hi = hex_values[(unsigned char)s.p[2 * i]], lo = hex_values[(unsigned char)s.p[2 * i + 1]];

		good = hi && lo;
		out[i] = (unsigned char)((hi - 1) << 4 | (lo - 1));
	}
	return good;
}

const char *digest_text(const struct digest *d, char out[DIGEST_TEXT_MAX])
{
	hex_of(d->b, sizeof d->b, out);
	snprintf(out + 64, DIGEST_TEXT_MAX - 64, "/%lld", (long long)d->size);
	return out;
}

bool digest_parse(str s, struct digest *out)
{
	str hash, size;
	uint64_t n = 0;

	if (!str_cut(s, '/', &hash, &size) || size.n == 0 || size.n > 18)
		return false;
	for (size_t i = 0; i < size.n; i++) {
		if (size.p[i] < '0' || size.p[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(size.p[i] - '0');
	}
	out->size = (int64_t)n;
	return hex_parse(hash, out->b, sizeof out->b);
}
