#include <straylight/nixkey.h>

#include "fuzz.h"

/* A hash that is read is the same in every spelling.  The first byte says which algorithm is expected. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	enum nix_algo algo = n ? (enum nix_algo)(bytes[0] % (NIX_SHA512 + 1)) : NIX_ALGO_NONE;
	str in = str_from(str_of((const char *)bytes, n), 1);
	struct diags diags = {0};
	struct arena a = {0};
	struct nix_public_key key;
	struct nix_hash h, again;
	bool ok = nix_hash_parse(in, algo, &h, NO_SPAN, &diags);

	must(ok == (diags.errors == 0));
	must(!ok || algo == NIX_ALGO_NONE || h.algo == algo);
	for (int base = NIX_BASE16; ok && base <= NIX_SRI; base++) {
		must(nix_hash_parse(nix_hash_str(&a, &h, (enum nix_base)base, true), NIX_ALGO_NONE, &again, NO_SPAN, &diags));
		must(nix_hash_eq(&h, &again));
		must(nix_hash_parse(nix_hash_str(&a, &h, (enum nix_base)base, false), h.algo, &again, NO_SPAN, &diags));
		must(nix_hash_eq(&h, &again));
	}
	if (nix_public_key_parse(in, &key, NO_SPAN, &diags))
		must(!nix_verify(&key, in, in));
	diags_free(&diags);
	arena_clear(&a);
	return 0;
}
