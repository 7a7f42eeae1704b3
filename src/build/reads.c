#include "reads.h"

#include "depfile.h"

#include <stdlib.h>

static int by_text(const void *a, const void *b)
{
	return str_cmp(*(const str *)a, *(const str *)b);
}

bool below_work(str path, struct arena *a, str *out)
{
	if (path.n && path.p[0] != '/')
		path = str_fmt(a, "/" WORK_DIR "/%.*s", STR_ARG(path));
	if (!os_normalize(a, path, &path) || !str_starts(path, S("/" WORK_DIR "/")))
		return false;
	*out = str_from(path, sizeof "/" WORK_DIR);
	return true;
}

static bool is_below(str path, str dir)
{
	return str_starts(path, dir) && path.n > dir.n && path.p[dir.n] == '/';
}

/* Only headers are listed: the other inputs count anyway.  A read of something that is not known by its
 * path (through a link, or by a name that was not understood) leaves it open what was read. */
bool reads_parse(str depfile, const struct action *action, const struct identity *id, struct arena *a,
		struct reads *out)
{
	const str *paths;
	str *kept, path;
	size_t n, count = 0;

	*out = (struct reads){.known = true};
	if (!depfile_parse(depfile, a, &paths, &n))
		return false;
	kept = arena_array(a, str, n);
	for (size_t i = 0; i < n; i++) {
		if (!below_work(paths[i], a, &path))
			continue;
		if (tree_find(id->headers, path))
			kept[count++] = path;
		else if (!tree_find(id->work, path) && !is_below(path, action->configured->out_dir))
			out->known = false;
	}
	if (count)
		qsort(kept, count, sizeof *kept, by_text);
	out->paths = kept;
	for (size_t i = 0; i < count; i++)
		if (out->n == 0 || !str_eq(kept[out->n - 1], kept[i]))
			kept[out->n++] = kept[i];
	return true;
}
