#include "files.h"

struct nix_file *files_add(struct files *f, str name, str text, bool is_path)
{
	struct nix_file file = {f->next + 1, 0, name, text, is_path};

	if (text.n >= UINT32_MAX - 2 - f->next)
		return NULL;
	f->next += (uint32_t)text.n + 2;
	vec_push(&f->all, file);
	return &vec_last(&f->all);
}

struct nix_file *files_at(struct files *f, uint32_t place)
{
	size_t lo = 0, hi = f->all.n;

	if (place == 0 || hi == 0)
		return NULL;
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (f->all.p[mid].base <= place)
			lo = mid;
		else
			hi = mid;
	}
	return &f->all.p[lo];
}

struct span files_span(struct files *f, uint32_t lo, uint32_t hi)
{
	struct nix_file *file = files_at(f, lo);

	if (!file)
		return NO_SPAN;
	if (!file->source)
		file->source = source_add(file->name, file->text);
	return (struct span){file->source, lo - file->base, hi - file->base};
}
