#include "nix_fuzz.h"

/* A text has a value that prints, as JSON and XML too where it has such a form, or gives one error; what is printed
 * once is printed again. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct diags diags = {0};
	struct nix *x = empty_world(&diags);
	struct buf one = {0}, two = {0};
	nix_val v;

	must(x);
	if (nix_eval_text(x, str_of((const char *)bytes, n), S("(fuzz)"), S("/"), &v)) {
		must(diags.errors == 0);
		if (nix_print(x, v, true, &one)) {
			must(nix_print(x, v, true, &two));
			must(str_eq(buf_view(&one), buf_view(&two)));
			(void)nix_json(x, v, &one);
			(void)nix_xml(x, v, true, true, &one);
		}
	} else {
		must(diags.errors == 1);
	}
	buf_free(&one);
	buf_free(&two);
	nix_close(x);
	forget(&diags);
	return 0;
}
