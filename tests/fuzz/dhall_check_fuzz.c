#include "syntax_fuzz.h"

/* A text that has a type also has a normal form, or crosses a bound with a diagnostic.  The normal form
 * decodes from its encoding, has the same type, and is its own normal form: its hash is the same. */

struct checked {
	struct dhall *s;
	struct diags diags;
	unsigned char hash[32];
};

static const struct dh_typed *check(struct checked *c, str text)
{
	const struct dh_parsed *parsed = dhall_parse(c->s, text, S("(fuzz)"), S("/"));
	const struct dh_resolved *resolved = parsed ? dhall_resolve(c->s, parsed) : NULL;

	return resolved ? dhall_check(c->s, resolved) : NULL;
}

static bool limited(const struct diags *ds)
{
	const struct diag *d = ds->last;

	return d && (d->code == DIAG_LIMIT_BYTES || d->code == DIAG_LIMIT_DEPTH || d->code == DIAG_LIMIT_STEPS ||
			    d->code == DIAG_LIMIT_LENGTH);
}

/* What a normal form prints as means the same. */
static void same_again(struct checked *c, str printed)
{
	const struct dh_typed *t = check(c, printed);
	unsigned char hash[32];
	dh_val v;

	if (!t || !(v = dhall_eval(c->s, t)).v || !dhall_hash(c->s, v, hash)) {
		must(limited(&c->diags));
		return;
	}
	must(memcmp(hash, c->hash, sizeof hash) == 0);
}

static void evaluate(struct checked *c, const struct dh_typed *t)
{
	const struct dh_term *normal, *alpha;
	struct buf out = {0};
	unsigned char hash[32];
	dh_val v = dhall_eval(c->s, t);

	normal = v.v ? dhall_quote(c->s, v, false) : NULL;
	alpha = normal ? dhall_quote(c->s, v, true) : NULL;
	if (!alpha || !dhall_hash(c->s, v, c->hash)) {
		must(limited(&c->diags));
		return;
	}
	dhall_encode(alpha, &out);
	sha256(buf_view(&out), hash);
	must(memcmp(hash, c->hash, sizeof hash) == 0);
	round_trip(buf_view(&out));
	out.n = 0;
	dhall_print(normal, &out);
	same_again(c, buf_view(&out));
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct dhall_env env = {.limits = {.bytes = 8 << 20, .depth = 400, .steps = 20000}};
	struct dhall_world *world = dhall_world_new(&env);
	struct checked c = {0};
	const struct dh_typed *t;

	c.s = dhall_open(world, &c.diags);
	t = check(&c, str_of((const char *)bytes, n));
	must((t != NULL) == (c.diags.errors == 0) && c.diags.errors <= 1);
	if (t)
		evaluate(&c, t);
	must(c.diags.errors <= 1);
	dhall_close(c.s);
	dhall_world_free(world);
	diags_free(&c.diags);
	return 0;
}
