#include <straylight/narinfo.h>

#include "fuzz.h"

/* What was printed is read again as the same. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct buf once = {0}, twice = {0}, message = {0};
	struct diags diags = {0};
	struct arena a = {0};
	struct narinfo info, again;
	bool ok = narinfo_parse(&a, str_of((const char *)bytes, n), S(NIX_STORE_DIR), S("x"), &info, &diags);

	must(ok == (diags.errors == 0));
	if (ok) {
		struct nix_public_key key = {S("k"), {0}};

		narinfo_print(&info, &once);
		must(narinfo_parse(&a, buf_view(&once), S(NIX_STORE_DIR), S("x"), &again, &diags));
		narinfo_print(&again, &twice);
		must(str_eq(buf_view(&once), buf_view(&twice)));
		narinfo_fingerprint(&info, S(NIX_STORE_DIR), &message);
		(void)narinfo_verify(&info, S(NIX_STORE_DIR), &key, 1);
	}
	buf_free(&once);
	buf_free(&twice);
	buf_free(&message);
	diags_free(&diags);
	arena_clear(&a);
	return 0;
}
