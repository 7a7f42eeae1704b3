#include "ide.h"

#include "fuzz.h"

/* A text is asked about at many places.  Ranges lie in the text; what is renamed parses again, with every variable
 * bound where it was; a text that is mended parses and is as long or longer. */

#define PLACES_MAX 30

/* ---- the same binding ---- */

struct shape_of_text {
	struct walk w; /* first */
	VEC(uint64_t) all;
};

static void see(struct walk *w, const struct term *t)
{
	struct shape_of_text *s = (struct shape_of_text *)w;
	uint32_t free = t->kind == TERM_VAR && t->u.var.index == VAR_FREE ? t->u.var.at : 0;
	uint32_t index = t->kind == TERM_VAR ? t->u.var.index : t->n;

	vec_push(&s->all, (uint64_t)t->kind << 56 ^ (uint64_t)free << 32 ^ index);
}

static void must_bind_alike(const struct term *a, const struct term *b)
{
	struct shape_of_text x = {.w.visit = see}, y = {.w.visit = see};

	ide_walk(&x.w, a);
	ide_walk(&y.w, b);
	must(x.all.n == y.all.n && memcmp(x.all.p, y.all.p, x.all.n * sizeof *x.all.p) == 0);
	vec_free(&x.all);
	vec_free(&y.all);
}

static int compare(const void *a, const void *b)
{
	const struct dh_edit *x = a, *y = b;

	return x->at.lo < y->at.lo ? -1 : x->at.lo > y->at.lo;
}

static void renamed(struct dh_ide *i, struct dh_edit *edits, size_t n)
{
	struct unit u = {0};
	struct diags ds = {0};
	struct buf out = {0};
	uint32_t at = 0;

	qsort(edits, n, sizeof *edits, compare);
	for (size_t k = 0; k < n; k++) {
		must(edits[k].at.lo >= at && edits[k].at.hi > edits[k].at.lo && edits[k].at.hi <= i->text.n);
		buf_add(&out, i->text.p + at, edits[k].at.lo - at);
		buf_str(&out, edits[k].with);
		at = edits[k].at.hi;
	}
	buf_str(&out, str_from(i->text, at));
	must(term_parse(&u, buf_view(&out), &ds) != NULL);
	must_bind_alike(ide_root(i), u.term);
	buf_free(&out);
	diags_free(&ds);
	arena_clear(&u.arena);
}

/* ---- one place ---- */

static void within(const struct dh_ide *i, struct dh_range r)
{
	must(r.lo <= r.hi && r.hi <= i->text.n);
}

static void ask(struct dh_ide *i, struct dh_ide *good, uint32_t at)
{
	struct arena mem = {0};
	struct dh_seen seen;
	struct dh_place place;
	struct dh_completion completion;
	struct dh_range *ranges;
	struct dh_edit *edits;
	size_t n;

	if (dhall_ide_seen(i, at, &mem, &seen))
		within(i, seen.at);
	if (dhall_ide_definition(i, at, &mem, &place) && !place.path.n)
		within(i, place.at);
	if (dhall_ide_occurrences(i, at, &mem, &ranges, &n)) {
		must(n > 0);
		for (size_t k = 0; k < n; k++)
			within(i, ranges[k]);
		must(dhall_ide_rename(i, at, S("a"), &mem, &edits, &n) == DH_RENAME_OK);
		renamed(i, edits, n);
	}
	dhall_ide_complete(i, good, at, &mem, &completion);
	within(i, completion.at);
	must(completion.at.hi == at);
	arena_clear(&mem);
}

static void ask_all(struct dh_ide *i, struct dh_ide *good)
{
	struct arena mem = {0};
	struct dh_symbol *symbols;
	struct dh_link *links;
	size_t stride = i->text.n / PLACES_MAX + 1, n;

	dhall_ide_symbols(i, &mem, &symbols, &n);
	for (size_t k = 0; k < n; k++)
		within(i, symbols[k].at);
	dhall_ide_links(i, &mem, &links, &n);
	for (size_t k = 0; k < n; k++)
		within(i, links[k].at);
	arena_clear(&mem);
	for (size_t at = 0; at <= i->text.n; at += stride)
		ask(i, good, (uint32_t)at);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct dhall_env env = {.limits = {.bytes = 8 << 20, .depth = 400, .steps = 20000}};
	struct dhall_world *world = dhall_world_new(&env);
	struct dh_ide *i = dhall_ide_open(world, str_of((const char *)bytes, n), S("/fuzz"), S("/"));
	struct dh_ide *mended = NULL;

	must(dhall_ide_parsed(i) || dhall_ide_diags(i)->errors == 1);
	if (!dhall_ide_parsed(i))
		mended = dhall_ide_mend(i);
	if (mended) {
		must(dhall_ide_parsed(mended) && mended->text.n >= n);
		ask_all(mended, NULL);
	}
	ask_all(i, mended);
	dhall_ide_close(mended);
	dhall_ide_close(i);
	dhall_world_free(world);
	return 0;
}
