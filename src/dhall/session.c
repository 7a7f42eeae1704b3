#include "session.h"
#include "unit.h"

/* ---- the world ---- */

struct dhall_world *dhall_world_new(const struct dhall_env *env)
{
	struct dhall_world *w = mem_make(struct dhall_world);

	w->env = *env;
	w->env.home = str_dup(&w->names, env->home);
	w->env.directory = env->directory.n ? str_dup(&w->names, env->directory) : S(".");
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	return w;
}

void dhall_world_free(struct dhall_world *w)
{
	if (!w)
		return;
	for (struct loaded *l = w->all, *next; l; l = next) {
		next = l->next;
		unit_free(l);
	}
	for (size_t i = 0; i < w->raw.n; i++)
		if (w->raw.entries[i].value)
			raw_free(w->raw.entries[i].value);
	map_free(&w->raw);
	map_free(&w->units);
	map_free(&w->types);
	arena_clear(&w->names);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	mem_free(w);
}

void dhall_stop(struct dhall_world *w)
{
	atomic_store_explicit(&w->stopped, true, memory_order_relaxed);
}

/* ---- the protected call ---- */

void session_throw(struct dhall *s, enum session_throw why)
{
	stack_forget(s->catch_frame);
	longjmp(*s->catch, (int)why);
}

static const char *floor_of(const struct dhall *s)
{
	const char *floor = stack_floor(), *here = __builtin_frame_address(0);
	size_t levels = (size_t)s->world->env.limits.depth * SESSION_LEVEL_BYTES;

	if (levels && (size_t)(here - floor) > levels)
		floor = here - levels;
	return floor;
}

bool session_protect(struct dhall *s, void (*fn)(void *ud), void *ud)
{
	jmp_buf here, *outer = s->catch;
	const char *outer_frame = s->catch_frame;
	struct where *where = s->where;
	struct young *young = s->young;
	size_t nargs = s->nargs;
	int why;

	if (s->finished)
		return false;
	if (!outer) {
		s->stack_lo = floor_of(s);
		s->steps = s->steps_look = 0;
	}
	s->catch = &here;
	s->catch_frame = __builtin_frame_address(0);
	why = setjmp(here);
	if (why == 0) {
		fn(ud);
	} else {
		s->where = where;
		s->young = young;
		s->nargs = nargs;
		if (why == THROW_LIMIT)
			s->finished = true;
		if (s->hasher) {
			struct digest unused;

			hasher_end(s->hasher, &unused);
			s->hasher = NULL;
		}
	}
	s->catch = outer;
	s->catch_frame = outer_frame;
	return why == 0;
}

/* ---- sessions ---- */

static void make_constants(struct dhall *s)
{
	sym map_names[2] = {intern_c("mapKey"), intern_c("mapValue")};
	sym indexed_names[2] = {intern_c("index"), intern_c("value")};

	for (int i = 0; i < BUILTIN_COUNT; i++) {
		s->builtins[i] = val_new(s, VAL_BUILTIN);
		s->builtins[i]->sub = (uint8_t)i;
		s->builtins[i]->u.args = NULL;
	}
	for (int i = 0; i < 3; i++) {
		s->consts[i] = val_new(s, VAL_CONST);
		s->consts[i]->sub = (uint8_t)i;
	}
	for (int i = 0; i < 2; i++) {
		s->bools[i] = val_new(s, VAL_BOOL);
		s->bools[i]->sub = (uint8_t)i;
	}
	for (int i = 0; i < (int)SL_COUNT(s->small); i++) {
		s->small[i] = val_new(s, VAL_NATURAL);
		s->small[i]->u.num = num_small(i);
	}
	s->empty_text = val_new(s, VAL_TEXT);
	s->empty_text->u.text.p = "";
	s->empty_text->u.text.buf = NULL;
	s->shape_empty = shape_of(s, NULL, 0);
	s->shape_map = shape_of(s, map_names, 2);
	s->shape_indexed = shape_of(s, indexed_names, 2);
	s->empty_record = record_new(s, VAL_RECORD, s->shape_empty, NULL);
	s->empty_record_type = record_new(s, VAL_RECORD_TYPE, s->shape_empty, NULL);
	s->name_underscore = intern_c("_");
	s->name_some = intern_c("Some");
	s->name_none = intern_c("None");
	s->name_default = intern_c("default");
	s->name_type = intern_c("Type");
}

struct dhall *dhall_open(struct dhall_world *w, struct diags *diags)
{
	struct dhall *s = mem_make(struct dhall);

	s->world = w;
	s->diags = diags;
	make_constants(s);
	session_limits(s, &w->env.limits);
	return s;
}

bool dhall_finished(const struct dhall *s)
{
	return s->finished;
}

size_t dhall_held(const struct dhall *s)
{
	return s->arena.held + s->tables.held;
}

void dhall_close(struct dhall *s)
{
	if (!s)
		return;
	mem_free(s->args);
	buf_free(&s->encoded);
	arena_clear(&s->arena);
	arena_clear(&s->tables);
	mem_free(s);
}

/* ---- maps of pointers ---- */

static size_t cell_of(const struct ptr_map *m, const void *a, const void *b)
{
	uint64_t h = ((uintptr_t)a ^ ((uintptr_t)b * 0xff51afd7ed558ccdu)) * 0x9e3779b97f4a7c15u;
	size_t at = (size_t)(h >> 32) & m->mask;

	while (m->cells[at].a && (m->cells[at].a != a || m->cells[at].b != b))
		at = (at + 1) & m->mask;
	return at;
}

void *ptr_map_get(const struct ptr_map *m, const void *a, const void *b)
{
	return m->n ? m->cells[cell_of(m, a, b)].value : NULL;
}

static void ptr_map_grow(struct ptr_map *m, struct arena *mem)
{
	struct ptr_map old = *m;
	size_t size = old.cells ? (old.mask + 1) * 2 : 64;

	m->cells = arena_array(mem, struct ptr_cell, size);
	m->mask = size - 1;
	for (size_t i = 0; old.cells && i <= old.mask; i++)
		if (old.cells[i].a)
			m->cells[cell_of(m, old.cells[i].a, old.cells[i].b)] = old.cells[i];
}

void ptr_map_put(struct dhall *s, struct ptr_map *m, const void *a, const void *b, void *value)
{
	size_t at;

	if (!m->cells || (m->n + 1) * 2 > m->mask)
		ptr_map_grow(m, &s->tables);
	at = cell_of(m, a, b);
	if (!m->cells[at].a)
		m->n++;
	m->cells[at] = (struct ptr_cell){a, b, value};
	young_written(s, m);
}

/* ---- values ---- */

struct val *val_natural(struct dhall *s, struct num n)
{
	struct val *v;

	if (!n.big && n.small < (int64_t)SL_COUNT(s->small))
		return s->small[n.small];
	v = val_new(s, VAL_NATURAL);
	v->u.num = n;
	return v;
}

struct val *val_integer(struct dhall *s, struct num n)
{
	struct val *v = val_new(s, VAL_INTEGER);

	v->u.num = n;
	return v;
}

struct val *val_variable(struct dhall *s, sym name, uint32_t level, struct val *type)
{
	struct val *v = val_new(s, VAL_VAR);

	v->n = level;
	v->u.var.name = name;
	v->u.var.type = type;
	return v;
}

struct val *val_three(struct dhall *s, enum val_kind kind, struct val *a, struct val *b, struct val *c)
{
	struct val *v = val_new(s, kind);

	v->n = 3;
	v->u.args = arena_raw(&s->arena, 3 * sizeof *v->u.args, _Alignof(struct val *));
	v->u.args[0] = a;
	v->u.args[1] = b;
	v->u.args[2] = c;
	return v;
}
