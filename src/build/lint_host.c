/* How what a file describes was built, beside what it says. */
#include "lint_int.h"

#include <straylight/hostpath.h>

static str text_of(const struct hostpath *h, struct arena *a)
{
	struct buf b = {0};
	str text;

	if (h->attr.n)
		buf_fmt(&b, "'%.*s'", STR_ARG(h->attr));
	else
		buf_lit(&b, "it");
	buf_str(&b, h->nix ? S(" was built by the host's Nix") : S(" was built with "));
	for (size_t i = 0; i < h->n && !h->nix; i++)
		buf_fmt(&b, "%s%.*s", i ? ", " : "", STR_ARG(h->folders[i]));
	if (!h->nix)
		buf_lit(&b, " of the host in sight");
	text = str_dup(a, buf_view(&b));
	buf_free(&b);
	return text;
}

void lint_hosts(struct store *store, struct lint_file *f)
{
	struct arena a = {0};
	size_t n;
	const struct hostpath *all = hostpath_get(store, f->path, &a, &n);

	for (size_t i = 0; i < n; i++)
		vec_push(&f->hosts, ((struct lint_host){str_dup(&f->arena, all[i].attr), text_of(&all[i], &f->arena)}));
	arena_clear(&a);
}

/* The target of that name, or the only one. */
static uint32_t target_of(const struct lint_file *f, str name)
{
	struct arena a = {0};
	str end = str_fmt(&a, ":%.*s", STR_ARG(name));
	uint32_t found = f->targets.n == 1 ? 0 : LINT_NO_TARGET;

	for (uint32_t i = 0; i < f->targets.n && name.n; i++)
		if (str_ends(f->targets.p[i].name, end))
			found = i;
	arena_clear(&a);
	return found;
}

void lint_hosts_find(struct lint_file *f)
{
	for (size_t i = 0; i < f->hosts.n; i++) {
		uint32_t target = target_of(f, f->hosts.p[i].name);
		uint32_t at = target == LINT_NO_TARGET ? 0 : f->targets.p[target].lo;

		lint_find(f, LINT_HOST_PATH, target, f->path, at, at, "%.*s", STR_ARG(f->hosts.p[i].text));
	}
}
