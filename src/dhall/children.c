#include "children.h"

static void push(struct term_stack *todo, const struct term *t)
{
	if (t)
		vec_push(todo, t);
}

void term_children(struct term_stack *todo, const struct term *t)
{
	switch ((enum term_kind)t->kind) {
	case TERM_LAMBDA:
	case TERM_PI:
		push(todo, t->u.bind.b);
		push(todo, t->u.bind.a);
		break;
	case TERM_APP:
	case TERM_ANNOT:
	case TERM_OP:
	case TERM_TOMAP:
	case TERM_PROJECT_TYPE:
	case TERM_COMPLETE:
		push(todo, t->u.two.b);
		push(todo, t->u.two.a);
		break;
	case TERM_LET:
		push(todo, t->u.let.body);
		push(todo, t->u.let.value);
		push(todo, t->u.let.type);
		break;
	case TERM_TEXT:
		for (uint32_t i = t->n; i-- > 0;)
			push(todo, t->u.text.chunks[i].expr);
		break;
	case TERM_IF:
	case TERM_MERGE:
		push(todo, t->u.three.c);
		push(todo, t->u.three.b);
		push(todo, t->u.three.a);
		break;
	case TERM_LIST:
		for (uint32_t i = t->n; i-- > 0;)
			push(todo, t->u.list.items[i]);
		break;
	case TERM_EMPTY:
	case TERM_SOME:
	case TERM_SHOW_CONSTRUCTOR:
	case TERM_ASSERT: push(todo, t->u.one.a); break;
	case TERM_RECORD:
	case TERM_RECORD_TYPE:
	case TERM_UNION:
		for (uint32_t i = t->n; i-- > 0;)
			push(todo, t->u.fields.fields[i].value);
		break;
	case TERM_FIELD: push(todo, t->u.field.a); break;
	case TERM_PROJECT: push(todo, t->u.project.a); break;
	case TERM_WITH:
		push(todo, t->u.with.b);
		push(todo, t->u.with.a);
		break;
	default: break;
	}
}
