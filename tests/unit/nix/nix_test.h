/* nix_test.h: what the tests of derivations share. */
#ifndef NIX_TEST_H
#define NIX_TEST_H

#include "../test.h"
#include <straylight/drv.h>

/* A derivation with one input-addressed output, from its inputs and its environment as ATerm lists. */
static inline str simple_drv(struct arena *a, const char *inputs, const char *env)
{
	return str_fmt(a, "Derive([(\"out\",\"\",\"\",\"\")],%s,[],\"x86_64-linux\",\"/bin/sh\",[],%s)", inputs, env);
}

static inline struct drv *parsed(struct arena *a, str text, const char *path)
{
	struct diags diags = {0};
	struct drv *d = drv_parse(a, text, str_c(path), &diags);

	if (!d)
		fail_msg("%.*s", STR_ARG(diags.first->text));
	diags_free(&diags);
	return d;
}

#endif
