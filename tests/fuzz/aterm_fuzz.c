#include "drv_int.h"

#include "fuzz.h"

/* What is accepted is printed back to the byte, satisfies the invariant, and has a hash, if its inputs do not
 * matter. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	str in = str_of((const char *)bytes, n);
	struct diags diags = {0};
	struct arena a = {0};
	struct drv *d = drv_parse(&a, in, S("/nix/store/x-name.drv"), &diags);
	struct buf b = {0};

	must(!d == (diags.errors == 1));
	if (d) {
		struct drv_memo *m = drv_memo_new(S(NIX_STORE_DIR), NULL, NULL);
		struct drv_hash h;

		drv_print(d, &b);
		must(str_eq(buf_view(&b), in));
		b.n = 0;
		drv_json(d, &b);
		drv_sort(d, &a);
		b.n = 0;
		drv_print(d, &b);
		must(str_eq(buf_view(&b), in));
		must(drv_hash_masked(m, d, &h, &diags) || d->ninputs || d->kind == DRV_FIXED);
		(void)!drv_fill(d, m, &a, &diags);
		drv_memo_free(m);
	}
	buf_free(&b);
	diags_free(&diags);
	arena_clear(&a);
	return 0;
}
