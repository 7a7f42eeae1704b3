#include "nix_fuzz.h"

/* A text parses, or gives exactly one error. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct diags diags = {0};
	struct nix *x = empty_world(&diags);
	bool ok;

	must(x);
	ok = nix_check_text(x, str_of((const char *)bytes, n), S("(fuzz)"), S("/"));
	must(ok == (diags.errors == 0) && diags.errors <= 1);
	nix_close(x);
	forget(&diags);
	return 0;
}
