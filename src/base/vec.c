#include <straylight/base/vec.h>

void *vec_grow_(void *p, size_t *cap, size_t need, size_t size)
{
	size_t more = *cap < 8 ? 8 : *cap + *cap / 2;

	if (more < need)
		more = need;
	p = mem_realloc(p, mem_size(more, size));
	*cap = more;
	return p;
}
