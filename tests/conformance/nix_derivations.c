/* A corpus of derivations with their hashes: $STRAYLIGHT_CORPUS/nix/drv.tsv (derivation, output, output
 * path, kind, hash modulo masked, hash modulo) and the files in nix/drv/. */
#include "drv_int.h"

#include "corpus.h"

struct closure {
	struct arena a;
	struct map drvs; /* path to derivation */
	const char *dir;
};

static const struct drv *find(void *ud, str path, struct diags *diags)
{
	struct closure *c = ud;
	struct drv *d = map_get(&c->drvs, path);
	struct blob *b;

	if (d || os_read(os_join(&c->a, str_c(c->dir), str_from(path, sizeof NIX_STORE_DIR)), 0, &b) < 0)
		return d;
	d = drv_parse(&c->a, str_dup(&c->a, blob_str(b)), path, diags);
	if (d)
		map_put(&c->drvs, str_dup(&c->a, path), d);
	blob_unref(b);
	return d;
}

static bool prints_back(struct closure *c, str path, const struct drv *d)
{
	struct blob *b = corpus_read(os_join(&c->a, str_c(c->dir), str_from(path, sizeof NIX_STORE_DIR)));
	struct buf text = {0};
	bool same;

	drv_print(d, &text);
	same = str_eq(blob_str(b), buf_view(&text));
	buf_free(&text);
	blob_unref(b);
	return same;
}

static bool hash_is(const struct drv_hash *h, str hex)
{
	char text[65];

	hex_of(h->b, 32, text);
	return str_eq(hex, str_of(text, 64));
}

/* One row. */
static const char *row(struct closure *c, struct drv_memo *m, str line, struct diags *diags)
{
	const struct drv *d;
	struct drv_hash hash;
	str field[6], path;
	ptrdiff_t output;

	for (size_t i = 0; i < SL_COUNT(field); i++)
		str_cut(line, '\t', &field[i], &line);
	d = find(c, field[0], diags);
	if (!d)
		return "cannot be parsed";
	if (!prints_back(c, field[0], d))
		return "prints otherwise";
	output = drv_find_output(d, field[1]);
	if (output < 0 || !str_eq(d->outputs[output].path, field[2]))
		return "has another output";
	if (!drv_output_path(d, (size_t)output, m, &c->a, &path, diags) || !str_eq(path, field[2]))
		return "implies another output path";
	if ((d->kind == DRV_FIXED) != str_eq(field[3], S("fixed")))
		return "is of another kind";
	if (!drv_hash_masked(m, d, &hash, diags) || !hash_is(&hash, field[4]))
		return "has another masked hash";
	if (!drv_hash_modulo(m, field[0], d, &hash, diags) || !hash_is(&hash, field[5]))
		return "has another hash";
	if (!str_eq(drv_path(d, &c->a, S(NIX_STORE_DIR)), field[0]))
		return "has another path";
	return NULL;
}

int main(void)
{
	const char *given = getenv("STRAYLIGHT_CORPUS");
	struct corpus result = {0};
	struct closure c = {0};
	struct diags diags = {0};
	str root = str_c(given ? given : "../shared/corpus"), rest, line;
	struct blob *table = corpus_read(os_join(&c.a, root, S("nix/drv.tsv")));
	struct drv_memo *m;
	bool ok;

	if (!table) {
		printf("skipped: no nix/drv.tsv in '%s'; set STRAYLIGHT_CORPUS\n", root.p);
		arena_clear(&c.a);
		return CORPUS_ABSENT;
	}
	m = drv_memo_new(S(NIX_STORE_DIR), find, &c);
	c.dir = os_join(&c.a, root, S("nix/drv"));
	for (rest = blob_str(table); rest.n;) {
		if (!str_cut(rest, '\n', &line, &rest))
			rest = S("");
		if (line.n && line.p[0] != '#')
			corpus_report(&result, line, row(&c, m, line, &diags));
	}
	for (const struct diag *d = diags.first; d; d = d->next)
		printf("%.*s\n", STR_ARG(d->text));
	ok = corpus_part(&result, "derivations") && c.drvs.n > 100;
	printf("%zu files\n", c.drvs.n);
	diags_free(&diags);
	drv_memo_free(m);
	map_free(&c.drvs);
	blob_unref(table);
	arena_clear(&c.a);
	arena_clear(&result.mem);
	return !ok;
}
