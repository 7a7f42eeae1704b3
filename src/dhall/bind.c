/* Free variables of a text that stand for what was checked before: each becomes an import that is resolved already, so its
 * value and its type are those of the other unit, found once. */
#include "children.h"
#include "session.h"
#include "unit.h"

/* x@n is the n-th binding of x, counted from the last one. */
static const struct dhall_binding *binding_of(const struct dhall_binding *b, size_t n, const struct term *t)
{
	uint32_t beyond = t->u.var.at;

	while (n-- > 0)
		if (str_eq(b[n].name, sym_str(t->u.var.name)) && beyond-- == 0)
			return &b[n];
	return NULL;
}

static void bind_variable(struct unit *u, struct term *t, const struct dhall_binding *b)
{
	struct import *im = arena_make(&u->arena, struct import);

	im->kind = IMPORT_MISSING;
	im->target = (const struct unit *)(const void *)b->value;
	t->kind = TERM_IMPORT;
	t->u.import = im;
}

const struct dh_parsed *dhall_parse_with(struct dhall *s, str text, str name, str directory,
		const struct dhall_binding *bindings, size_t n)
{
	const struct dh_parsed *parsed = dhall_parse(s, text, name, directory);
	struct term_stack todo = {0};
	struct unit *u;

	if (!parsed)
		return NULL;
	u = &((struct loaded *)(uintptr_t)(const void *)parsed)->unit;
	vec_push(&todo, u->term);
	while (todo.n) {
		const struct term *t = vec_pop(&todo);
		const struct dhall_binding *b = NULL;

		if (t->kind == TERM_VAR && t->u.var.index == VAR_FREE)
			b = binding_of(bindings, n, t);
		if (b)
			bind_variable(u, (struct term *)(uintptr_t)t, b);
		else
			term_children(&todo, t);
	}
	vec_free(&todo);
	return parsed;
}
