/* exportReferencesGraph: closures as files for the builder. */
#include "drv_start.h"

#include <straylight/base.h>

static bool is_input(str path, const struct valid *const *inputs, size_t n)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = str_cmp(inputs[mid]->path, path);

		if (order == 0)
			return true;
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

bool drv_graph_text(struct valids *t, str path, const struct valid *const *inputs, size_t ninputs, struct arena *a, struct buf *out)
{
	const struct valid *const *closure;
	size_t n;

	if (!is_input(path, inputs, ninputs))
		return false;
	closure = valids_closure(t, &path, 1, a, &n);
	for (size_t i = 0; i < n; i++) {
		buf_str(out, closure[i]->path);
		buf_fmt(out, "\n\n%zu\n", closure[i]->nrefs);
		for (size_t r = 0; r < closure[i]->nrefs; r++) {
			buf_str(out, closure[i]->refs[r]);
			buf_c(out, '\n');
		}
	}
	return true;
}
