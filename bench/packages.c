/* How long the packages of a workspace take: to evaluate or recall them, or only to read their files.
 *
 *	bench_packages DIR CACHE          from opening the build until every package is known
 *	bench_packages DIR CACHE --read   reading every BUILD.dhall, one after the other */
#include "bench.h"

#include <straylight/build.h>

static size_t loaded;

static void on_loading(void *ud, str package)
{
	(void)ud;
	(void)package;
	loaded++;
}

static int fail(struct diags *diags)
{
	struct buf text = {0};

	for (const struct diag *d = diags->first; d; d = d->next)
		buf_fmt(&text, "%.*s\n", STR_ARG(d->text));
	fwrite(text.p, 1, text.n, stderr);
	return 1;
}

static int measure(const struct build_options *options, str dir, bool read)
{
	double from = now_ns();
	struct diags diags = {0};
	struct build_summary summary;
	str pattern = S("//..."), *paths;
	sym *labels;
	size_t n;
	struct build *b = build_open(dir, options, &diags);

	if (!b)
		return fail(&diags);
	if (read) {
		struct arena a = {0};

		if (!build_packages(b, &paths, &n, &diags))
			return fail(&diags);
		from = now_ns();
		for (size_t i = 0; i < n; i++) {
			struct blob *text = NULL;

			if (os_read(str_fmt(&a, "%.*s/%.*s/BUILD.dhall", STR_ARG(dir), STR_ARG(paths[i])).p, 0, &text))
				return 1;
			blob_unref(text);
		}
		figure("read", (now_ns() - from) / 1e6, "ms");
	} else {
		if (!build_match(b, &pattern, 1, &labels, &n, &diags))
			return fail(&diags);
		figure("load", (now_ns() - from) / 1e6, "ms");
		figure("evaluated", (double)loaded, "packages");
		figure("targets", (double)n, "targets");
	}
	if (build_run(b, NULL, 0, GOAL_BUILD, &summary, &diags)) /* keeps what was learned of files */
		return fail(&diags);
	build_close(b);
	return 0;
}

int main(int argc, char **argv)
{
	struct build_options options = {.observer.loading = on_loading};

	if (argc < 3)
		return 2;
	options.cache = str_c(argv[2]);
	return measure(&options, str_c(argv[1]), argc > 3);
}
