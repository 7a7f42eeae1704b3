#include <straylight/dhall_marks.h>

#include "fuzz.h"

static void see(void *ud, const struct dh_mark *m)
{
	str text = *(str *)ud;

	must(m->at.lo <= m->at.hi && m->at.hi <= text.n);
	must(m->kind != DH_MARK_COMMENT || text.p[m->at.lo] == '-' || text.p[m->at.lo] == '{' || str_starts(text, S("#!")));
	must(m->kind != DH_MARK_IMPORT || m->at.lo < m->at.hi);
}

/* Ranges are in the text; one diagnostic when it does not parse. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct diags diags = {0};
	str text = str_of((const char *)bytes, n);
	bool ok = dhall_marks(text, S("(fuzz)"), see, &text, &diags);

	must(ok == (diags.errors == 0) && diags.errors <= 1);
	for (const struct diag *d = diags.first; d; d = d->next)
		source_drop(d->at.file);
	diags_free(&diags);
	return 0;
}
