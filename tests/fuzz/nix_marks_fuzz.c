#include "nix_fuzz.h"

#include <straylight/nix_marks.h>

/* Ranges are in the text, comments begin as comments do, and nothing is told of a text that does not parse. */
struct seen {
	str text;
	size_t n;
};

static void see(void *ud, const struct nix_mark *m)
{
	struct seen *s = ud;

	s->n++;
	must(m->at.lo <= m->at.hi && m->at.hi <= s->text.n);
	must(m->kind != NIX_MARK_COMMENT || s->text.p[m->at.lo] == '#' || s->text.p[m->at.lo] == '/');
	for (size_t i = 0; i < m->nsettings; i++)
		must(m->settings[i].value.lo <= m->settings[i].value.hi && m->settings[i].value.hi <= s->text.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct diags diags = {0};
	struct seen s = {.text = str_of((const char *)bytes, n)};
	bool ok = nix_marks(s.text, S("(fuzz)"), see, &s, &diags);

	must(ok == (diags.errors == 0) && diags.errors <= 1);
	must(ok || s.n == 0);
	forget(&diags);
	return 0;
}
