#include <straylight/base/cbor.h>
#include <straylight/base/digest.h>

#include <blake3.h>
#include <endian.h>
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

/* ---- hexadecimal: eight digits at a time, since messages of Remote Execution are made of little else ---- */

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Four bytes as the eight digits of a word, the first one lowest. */
static uint64_t digits_of(uint32_t bytes)
{
	uint64_t v = bytes, nibbles, over;

	v = (v << 16 | v) & UINT64_C(0x0000ffff0000ffff);
	v = (v << 8 | v) & UINT64_C(0x00ff00ff00ff00ff);
	nibbles = (v >> 4 | v << 8) & EACH(0x0f);
	over = (nibbles + EACH(6)) >> 4 & EACH(1); /* it is a letter */
	return nibbles + EACH('0') + over * ('a' - '0' - 10);
}

/* And back; *good stays if all are digits.  Of a letter bit 6 is set and bit 4 is not, of a decimal digit bits 5 and 4 are;
 * the rest is the range of the low four. */
static uint32_t bytes_of(uint64_t digits, bool *good)
{
	uint64_t letter = digits >> 6 & EACH(1), v = (digits & EACH(0x0f)) + letter * 9, wrong;

	wrong = (digits | v << 3) & EACH(0x80);
	wrong |= ~(digits >> 4 ^ digits >> 6) & EACH(1);
	wrong |= ~(digits >> 5 | digits >> 6) & EACH(1);
	wrong |= ((v + EACH(6)) >> 4 ^ letter) & EACH(1);
	*good &= wrong == 0;
	v = (v << 4 | v >> 8) & UINT64_C(0x00ff00ff00ff00ff);
	v = (v | v >> 8) & UINT64_C(0x0000ffff0000ffff);
	return (uint32_t)(v | v >> 16);
}

/* Of four bytes, or of fewer at the end. */
static inline void write_digits(const unsigned char *bytes, size_t part, char *out)
{
	uint32_t word = 0;
	uint64_t digits;

	memcpy(&word, bytes, part);
	digits = htole64(digits_of(le32toh(word)));
	memcpy(out, &digits, 2 * part);
}

static inline void read_digits(const char *p, size_t part, unsigned char *out, bool *good)
{
	uint64_t digits = EACH('0');
	uint32_t word;

	memcpy(&digits, p, 2 * part);
	word = htole32(bytes_of(le64toh(digits), good));
	memcpy(out, &word, part);
}

void hex_of(const unsigned char *bytes, size_t n, char *out)
{
	size_t i = 0;

	for (; n - i >= 4; i += 4)
		write_digits(bytes + i, 4, out + 2 * i);
	if (i < n)
		write_digits(bytes + i, n - i, out + 2 * i);
	out[2 * n] = '\0';
}

bool hex_parse(str s, unsigned char *out, size_t n)
{
	bool good = s.n == 2 * n;
	size_t i = 0;

	if (!good)
		return false;
	for (; n - i >= 4; i += 4)
		read_digits(s.p + 2 * i, 4, out + i, &good);
	if (i < n)
		read_digits(s.p + 2 * i, n - i, out + i, &good);
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
