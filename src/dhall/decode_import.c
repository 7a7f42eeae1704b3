#include "decode.h"

static void hash(struct decoder *d, struct items *items, struct import *i)
{
	struct cbor_item head;
	str multihash;

	items_take(d, items, "an import has too few parts");
	head = items_next(d);
	if (items_is_null(head))
		return;
	multihash = items_view(d, head, CBOR_BYTES, "the hash of an import must be bytes");
	if (multihash.n != 34 || memcmp(multihash.p, "\x12\x20", 2) != 0)
		items_refuse(d, "the hash of an import is not SHA-256");
	memcpy(i->hash, multihash.p + 2, 32);
	i->has_hash = true;
}

/* Path components, at least one; for `query` the last item is the query or null. */
static void components(struct decoder *d, struct items *items, struct import *i, bool query)
{
	size_t base = d->parts.n;

	while (items->left > query) {
		str part = items_text(d, items, "an import has no path");

		vec_push(&d->parts, part);
	}
	if (d->parts.n == base)
		items_refuse(d, "an import has no path");
	i->nparts = d->parts.n - base;
	i->parts = DECODE_TAKE(d, parts, base, str);
	if (!query)
		return;
	if (items_is_null(items_peek(d))) {
		items_take(d, items, "");
		items_next(d);
	} else {
		i->query = items_text(d, items, "the query of a URL must be a text");
	}
}

static void remote(struct decoder *d, struct items *items, struct import *i, bool https)
{
	i->kind = IMPORT_REMOTE;
	i->https = https;
	items_take(d, items, "an import has too few parts");
	if (items_is_null(items_peek(d)))
		items_next(d);
	else
		i->headers = decode_term(d);
	i->authority = items_text(d, items, "a URL needs its authority");
	components(d, items, i, true);
}

struct term *decode_import(struct decoder *d, struct items *items)
{
	static const uint8_t bases[] = {BASE_ABSOLUTE, BASE_HERE, BASE_PARENT, BASE_HOME};
	struct term *t = decode_make(d, TERM_IMPORT);
	struct import *i = arena_make(d->mem, struct import);
	uint64_t scheme;

	t->u.import = i;
	hash(d, items, i);
	i->mode = (enum import_mode)items_small(d, items, IMPORT_BYTES, "there is no such mode of import");
	scheme = items_small(d, items, 7, "there is no such kind of import");
	if (scheme <= 1) {
		remote(d, items, i, scheme == 1);
	} else if (scheme <= 5) {
		i->kind = IMPORT_LOCAL;
		i->base = (enum import_base)bases[scheme - 2];
		components(d, items, i, false);
	} else if (scheme == 6) {
		i->kind = IMPORT_ENV;
		i->variable = items_text(d, items, "an environment variable needs its name");
	} else {
		i->kind = IMPORT_MISSING;
	}
	return t;
}
