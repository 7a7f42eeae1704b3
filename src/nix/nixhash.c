#include <straylight/nixhash.h>

#include <openssl/md5.h>
#include <openssl/sha.h>

/* The one-shot contexts, for the reason that base/digest.c gives. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static const struct {
	const char *name;
	size_t size;
} algos[] = { /* ORDER NIX_ALGO */
	{"", 0}, {"md5", 16}, {"sha1", 20}, {"sha256", 32}, {"sha512", 64},
};

size_t nix_hash_size(enum nix_algo algo)
{
	return algos[algo].size;
}

const char *nix_algo_name(enum nix_algo algo)
{
	return algos[algo].name;
}

enum nix_algo nix_algo_of(str name)
{
	for (unsigned i = NIX_MD5; i < SL_COUNT(algos); i++)
		if (str_eq(name, str_c(algos[i].name)))
			return (enum nix_algo)i;
	return NIX_ALGO_NONE;
}

bool nix_hash_eq(const struct nix_hash *a, const struct nix_hash *b)
{
	return a->algo == b->algo && memcmp(a->b, b->b, nix_hash_size(a->algo)) == 0;
}

/* ---- computing ---- */

struct nix_hasher {
	enum nix_algo algo;
	union {
		MD5_CTX md5;
		SHA_CTX sha1;
		SHA256_CTX sha256;
		SHA512_CTX sha512;
	} u;
};

static void begin(struct nix_hasher *h, enum nix_algo algo)
{
	h->algo = algo;
	switch (algo) {
	case NIX_MD5: MD5_Init(&h->u.md5); break;
	case NIX_SHA1: SHA1_Init(&h->u.sha1); break;
	case NIX_SHA256: SHA256_Init(&h->u.sha256); break;
	case NIX_SHA512: SHA512_Init(&h->u.sha512); break;
	case NIX_ALGO_NONE: break;
	}
}

void nix_hasher_add(struct nix_hasher *h, const void *bytes, size_t n)
{
	switch (h->algo) {
	case NIX_MD5: MD5_Update(&h->u.md5, bytes, n); break;
	case NIX_SHA1: SHA1_Update(&h->u.sha1, bytes, n); break;
	case NIX_SHA256: SHA256_Update(&h->u.sha256, bytes, n); break;
	case NIX_SHA512: SHA512_Update(&h->u.sha512, bytes, n); break;
	case NIX_ALGO_NONE: break;
	}
}

static void finish(struct nix_hasher *h, struct nix_hash *out)
{
	*out = (struct nix_hash){.algo = h->algo};
	switch (h->algo) {
	case NIX_MD5: MD5_Final(out->b, &h->u.md5); break;
	case NIX_SHA1: SHA1_Final(out->b, &h->u.sha1); break;
	case NIX_SHA256: SHA256_Final(out->b, &h->u.sha256); break;
	case NIX_SHA512: SHA512_Final(out->b, &h->u.sha512); break;
	case NIX_ALGO_NONE: break;
	}
}

struct nix_hasher *nix_hasher_new(enum nix_algo algo)
{
	struct nix_hasher *h = mem_make(struct nix_hasher);

	begin(h, algo);
	return h;
}

void nix_hasher_end(struct nix_hasher *h, struct nix_hash *out)
{
	finish(h, out);
	mem_free(h);
}

struct nix_hash nix_hash_of(enum nix_algo algo, str bytes)
{
	struct nix_hasher h;
	struct nix_hash out;

	begin(&h, algo);
	nix_hasher_add(&h, bytes.p ? bytes.p : "", bytes.n);
	finish(&h, &out);
	return out;
}

void nix_compress(const unsigned char *hash, size_t n, unsigned char *out, size_t nout)
{
	memset(out, 0, nout);
	for (size_t i = 0; i < n; i++)
		out[i % nout] ^= hash[i];
}
