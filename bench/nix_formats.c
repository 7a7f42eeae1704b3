/* nix_formats make DIR: writes 10,000 derivations, each with up to 9 inputs among those before it, into DIR.
 * nix_formats hash DIR: reads, parses and hashes every one of them, on one thread; prints what each part of
 * that takes for all (the best of RUNS runs, processor time), the bytes, and one derivation of many inputs. */
#include "bench.h"

#include <straylight/drv.h>

#include <string.h>
#include <time.h>

#define COUNT 10000
#define RUNS 5

struct corpus {
	struct arena arena;
	str texts[COUNT], paths[COUNT];
	struct drv *drvs[COUNT];
	struct map by_path;
	size_t bytes;
	const char *dir;
};

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static const struct drv *find(void *ud, str path, struct diags *diags)
{
	(void)diags;
	return map_get(&((struct corpus *)ud)->by_path, path);
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	exit(1);
}

/* ---- make ---- */

static const char phase[] =
	"runHook preInstall\nmkdir -p $out/bin \"$out/share/man\"\nfor f in *.sh; do\n\tinstall -m755 \"$f\" $out/bin/\ndone\n";

static str *out_only(struct arena *a)
{
	str *s = arena_array(a, str, 1);

	s[0] = S("out");
	return s;
}

static void add_env(struct drv *d, const char *key, str value)
{
	d->env[d->nenv++] = (struct drv_env){str_c(key), value};
}

static struct drv *one(struct corpus *c, size_t i, size_t inputs)
{
	struct arena *a = &c->arena;
	struct drv *d = arena_make(a, struct drv);
	struct buf list = {0};

	d->name = str_fmt(a, "package-%zu-1.%zu", i, i % 17);
	d->outputs = arena_array(a, struct drv_output, 1);
	d->outputs[d->noutputs++].name = S("out");
	d->inputs = arena_array(a, struct drv_input, inputs);
	for (size_t k = 0; k < inputs; k++) {
		size_t of = inputs > 100 ? k : i - 1 - (i * 7919 + k * k * 131) % i;

		d->inputs[d->ninputs++] = (struct drv_input){c->paths[of], out_only(a), 1};
		buf_fmt(&list, "%s%.*s", k ? " " : "", STR_ARG(c->drvs[of]->outputs[0].path));
	}
	d->sources = arena_array(a, str, 1);
	d->sources[d->nsources++] = S("/nix/store/p429xghl80l2hacgb4xi2p0p7fp7vwf5-builder.sh");
	d->system = S("x86_64-linux");
	d->builder = S("/nix/store/c8lg3m5mr246fvlx6xsrxa0sykv4l9pg-bootstrap-tools/bin/sh");
	d->args = arena_array(a, str, 2);
	d->args[d->nargs++] = S("-e");
	d->args[d->nargs++] = d->sources[0];
	d->env = arena_array(a, struct drv_env, 32);
	add_env(d, "buildInputs", buf_take(&list, a));
	add_env(d, "builder", d->builder);
	for (unsigned k = 0; k < 14; k++)
		add_env(d, str_fmt(a, "configureFlag%u", k).p, str_fmt(a, "--with-feature-%u=%zu --enable-shared", k, i * k));
	add_env(d, "installPhase", str_c(phase));
	add_env(d, "name", d->name);
	add_env(d, "out", S(""));
	add_env(d, "system", d->system);
	add_env(d, "unpackPhase", str_c(phase));
	drv_sort(d, a);
	return d;
}

static void make(struct corpus *c)
{
	struct drv_memo *m = drv_memo_new(S(NIX_STORE_DIR), find, c);
	struct diags diags = {0};
	struct buf b = {0};

	for (size_t i = 0; i < COUNT; i++) {
		struct drv *d = c->drvs[i] = one(c, i, i == COUNT - 1 ? 1751 : i < 10 ? 0 : i % 10);

		must(drv_fill(d, m, &c->arena, &diags), "cannot be filled");
		b.n = 0;
		drv_print(d, &b);
		c->paths[i] = drv_path_of(d, buf_view(&b), &c->arena, S(NIX_STORE_DIR));
		map_put(&c->by_path, c->paths[i], d);
		must(os_replace(os_join(&c->arena, str_c(c->dir), str_from(c->paths[i], sizeof NIX_STORE_DIR)), buf_view(&b), 0644,
				false) == 0, "cannot be written");
	}
	buf_free(&b);
	drv_memo_free(m);
}

/* ---- hash ---- */

static void read_all(struct corpus *c)
{
	str *names;
	size_t n;

	must(os_list(&c->arena, c->dir, &names, &n) == 0 && n == COUNT, "the folder has not what `make` makes");
	c->bytes = 0;
	for (size_t i = 0; i < n; i++) {
		struct blob *b;

		must(os_read(os_join(&c->arena, str_c(c->dir), names[i]), 0, &b) == 0, "cannot be read");
		c->texts[i] = str_dup(&c->arena, blob_str(b));
		c->paths[i] = str_fmt(&c->arena, NIX_STORE_DIR "/%.*s", STR_ARG(names[i]));
		c->bytes += b->n;
		blob_unref(b);
	}
}

struct times {
	double read, parse, hash, limit;
};

static struct times round_of(const char *dir)
{
	struct corpus *c = mem_make(struct corpus);
	struct drv_memo *m = drv_memo_new(S(NIX_STORE_DIR), find, c);
	struct diags diags = {0};
	struct times t;
	double start = cpu_seconds();
	unsigned char hash[32];

	c->dir = dir;
	read_all(c);
	t.read = cpu_seconds() - start;
	start = cpu_seconds();
	for (size_t i = 0; i < COUNT; i++) {
		c->drvs[i] = drv_parse(&c->arena, c->texts[i], c->paths[i], &diags);
		must(c->drvs[i] != NULL, "does not parse");
		map_put(&c->by_path, c->paths[i], c->drvs[i]);
	}
	t.parse = cpu_seconds() - start;
	start = cpu_seconds();
	for (size_t i = 0; i < COUNT; i++) {
		struct drv_hash h;

		must(drv_hash_modulo(m, c->paths[i], c->drvs[i], &h, &diags), "has no hash");
	}
	t.hash = cpu_seconds() - start;
	start = cpu_seconds();
	for (size_t i = 0; i < COUNT; i++)
		sha256(c->texts[i], hash);
	t.limit = cpu_seconds() - start;
	figure("bytes", (double)c->bytes, "B");
	drv_memo_free(m);
	map_free(&c->by_path);
	arena_clear(&c->arena);
	mem_free(c);
	return t;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

int main(int argc, char **argv)
{
	struct corpus *c = mem_make(struct corpus);
	struct times best;

	must(argc == 3, "usage: nix_formats make|hash DIR");
	c->dir = argv[2];
	if (strcmp(argv[1], "make") == 0) {
		make(c);
		return 0;
	}
	best = round_of(argv[2]);
	for (unsigned i = 1; i < RUNS; i++) {
		struct times t = round_of(argv[2]);

		best = (struct times){least(best.read, t.read), least(best.parse, t.parse), least(best.hash, t.hash), least(best.limit, t.limit)};
	}
	figure("read", best.read * 1e3, "ms");
	figure("parse", best.parse * 1e3, "ms");
	figure("hash", best.hash * 1e3, "ms");
	figure("parse and hash", (best.parse + best.hash) * 1e3, "ms");
	figure("SHA-256 of the same bytes", best.limit * 1e3, "ms");
	return 0;
}
