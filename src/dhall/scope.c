#include "scope.h"
#include "term.h"

void scope_free(struct scope *s)
{
	arena_clear(&s->mem);
	mem_free(s->names);
	vec_free(&s->binders);
	*s = (struct scope){0};
}

static size_t slot_of(const struct scope *s, sym name)
{
	size_t at = (name * 0x9e3779b1u) & s->mask;

	while (s->names[at].name && s->names[at].name != name)
		at = (at + 1) & s->mask;
	return at;
}

static void grow(struct scope *s)
{
	struct scope_name *old = s->names;
	size_t size = old ? s->mask + 1 : 0;

	s->mask = size ? size * 2 - 1 : 63;
	s->names = mem_array(struct scope_name, s->mask + 1);
	for (size_t i = 0; i < size; i++)
		if (old[i].name)
			s->names[slot_of(s, old[i].name)] = old[i];
	mem_free(old);
}

static struct scope_name *cell(struct scope *s, sym name)
{
	struct scope_name *c;

	if (s->n * 2 >= s->mask)
		grow(s);
	c = &s->names[slot_of(s, name)];
	if (!c->name) {
		c->name = name;
		s->n++;
	}
	return c;
}

void scope_push(struct scope *s, sym name)
{
	struct scope_name *c = cell(s, name);

	if (c->n == c->cap) {
		uint32_t *levels = arena_raw(&s->mem, (c->cap ? c->cap * 2 : 2) * sizeof *levels, _Alignof(uint32_t));

		if (c->n)
			memcpy(levels, c->levels, c->n * sizeof *levels);
		c->levels = levels;
		c->cap = c->cap ? c->cap * 2 : 2;
	}
	c->levels[c->n] = scope_depth(s);
	vec_push(&s->binders, ((struct scope_binder){name, c->n}));
	c->n++;
}

void scope_pop(struct scope *s)
{
	struct scope_binder b = vec_pop(&s->binders);

	s->names[slot_of(s, b.name)].n--;
}

uint32_t scope_find(struct scope *s, sym name, uint32_t n, uint32_t *beyond)
{
	uint32_t count = scope_count(s, name);

	if (n >= count) {
		*beyond = n - count;
		return VAR_FREE;
	}
	return scope_depth(s) - 1 - s->names[slot_of(s, name)].levels[count - 1 - n];
}

sym scope_name(const struct scope *s, uint32_t index, uint32_t *n)
{
	const struct scope_binder *b = &s->binders.p[scope_depth(s) - 1 - index];

	*n = scope_count(s, b->name) - 1 - b->ordinal;
	return b->name;
}

uint32_t scope_count(const struct scope *s, sym name)
{
	return s->n ? s->names[slot_of(s, name)].n : 0;
}

void scope_mark(struct scope *s)
{
	s->marks++;
}

bool scope_marked(struct scope *s, sym name, uint32_t *value)
{
	struct scope_name *c = cell(s, name);

	if (c->mark == s->marks) {
		*value = c->value;
		return true;
	}
	c->mark = s->marks;
	c->value = *value;
	return false;
}
