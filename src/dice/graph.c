#include "dice_int.h"

/* The large arrays grow by an eighth: a node must not cost two, and moving pages is cheap. */
static void *grow(void *p, uint32_t need, uint32_t *cap, uint32_t max, size_t size)
{
	uint64_t want = (uint64_t)need + (need < 16384 ? need / 2 : need / 8) + 64;

	if (need > max)
		mem_oom();
	*cap = want > max ? max : (uint32_t)want;
	return mem_realloc(p, mem_size(*cap, size));
}

/* The next index of an array, which keeps index 0 for "none". */
#define NEXT(p, n, cap, max)                                                                       \
	((n) >= (cap) ? (void)((p) = grow((p), (n) + 1, &(cap), (max), sizeof *(p))) : (void)0, (n)++)

/* ---- engine ---- */

static void stop_idle(uv_handle_t *h)
{
	mem_free(h);
}

struct dice *dice_new(struct uv_loop_s *loop, const struct dice_host *host)
{
	struct dice *d = mem_make(struct dice);

	if (host)
		d->host = *host;
	d->version = 1;
	d->nnodes = d->ncells = d->naux = d->ndeps = 1;
	d->node_cap = 64;
	d->nodes = mem_array(struct node, d->node_cap); /* node 0 is never settled: look-ups read it */
	d->mask = 63;
	d->table = mem_array(uint32_t, d->mask + 1);
	d->ended_end = &d->ended;
	d->txn.dice = d;
	d->idle = mem_make(uv_idle_t);
	d->idle->data = d;
	uv_idle_init(loop, d->idle);
	return d;
}

void dice_free(struct dice *d)
{
	if (!d)
		return;
	dice_abort(&d->txn);
	for (uint32_t id = 1; id < d->nnodes; id++) {
		struct node *n = &d->nodes[id];

		if (active(n))
			run_forget(d, id);
		fault_clear(d, n);
		if (n->flags & VALUED)
			value_release(d->kinds[n->kind], n->value);
	}
	for (size_t i = 0; i < d->requests.n; i++)
		mem_free(d->requests.p[i]);
	vec_free(&d->requests);
	vec_free(&d->queue);
	vec_free(&d->transient);
	vec_free(&d->txn.changes);
	vec_free(&d->path);
	vec_free(&d->seen);
	mem_free(d->nodes);
	mem_free(d->kinds);
	mem_free(d->table);
	mem_free(d->deps);
	mem_free(d->cells);
	mem_free(d->aux);
	arena_clear(&d->keys);
	uv_close((uv_handle_t *)d->idle, stop_idle);
	mem_free(d);
}

void *dice_ud(const struct dice *d)
{
	return d->host.ud;
}

struct dice_stats dice_stats(const struct dice *d)
{
	size_t bytes = sizeof *d + sizeof *d->idle + d->keys.held + d->node_cap * sizeof *d->nodes +
			d->kind_cap * sizeof(void *) + (d->mask + 1) * sizeof *d->table +
			d->dep_cap * sizeof *d->deps + d->cell_cap * sizeof *d->cells +
			d->aux_cap * sizeof *d->aux + d->queue.cap * sizeof *d->queue.p +
			d->transient.cap * sizeof *d->transient.p +
			d->txn.changes.cap * sizeof *d->txn.changes.p +
			d->requests.cap * sizeof *d->requests.p + d->path.cap * sizeof *d->path.p +
			d->seen.cap * sizeof *d->seen.p;

	return (struct dice_stats){
			.nodes = d->nnodes - 1,
			.edges = d->edges,
			.stale = d->stale,
			.active = d->active,
			.jobs = d->njobs,
			.bytes = bytes,
			.steps = d->steps,
			.runs = d->runs,
			.checks = d->checks,
	};
}

/* ---- keys ---- */

static inline uint64_t short_key(const struct dice_kind *kind, const void *key)
{
	uint64_t bits = 0;

	switch (kind->key_size) {
	case 8: memcpy(&bits, key, 8); break;
	case 4: memcpy(&bits, key, 4); break;
	case 0: break;
	default: memcpy(&bits, key, kind->key_size);
	}
	return bits;
}

static inline const void *key_at(const struct node *n, const struct dice_kind *kind)
{
	return kind->key_size <= sizeof n->key ? (const void *)&n->key : (const void *)(uintptr_t)n->key;
}

static inline uint64_t spread(const struct dice_kind *kind, uint64_t h)
{
	h = (h + (uintptr_t)kind) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 32;
}

static uint64_t key_hash(const struct dice_kind *kind, const void *key)
{
	if (kind->hash)
		return spread(kind, kind->hash(key));
	if (kind->key_size <= 8)
		return spread(kind, short_key(kind, key));
	return spread(kind, str_hash(str_of(key, kind->key_size)));
}

static bool node_is(const struct dice *d, const struct node *n, const struct dice_kind *kind, const void *key)
{
	if (d->kinds[n->kind] != kind)
		return false;
	if (kind->equal)
		return kind->equal(key_at(n, kind), key);
	if (kind->key_size <= 8)
		return n->key == short_key(kind, key);
	return memcmp(key_at(n, kind), key, kind->key_size) == 0;
}

bool key_is(const struct dice *d, uint32_t id, const struct dice_kind *kind, const void *key)
{
	const struct node *n = &d->nodes[id];
	uint64_t bits;

	if (kind->key_size != sizeof bits || kind->equal)
		return node_is(d, n, kind, key);
	memcpy(&bits, key, sizeof bits);
	return n->key == bits && d->kinds[n->kind] == kind;
}

/* The id, or 0 with *cell where it would go. */
static uint32_t lookup_any(
		const struct dice *d, const struct dice_kind *kind, const void *key, uint64_t *cell)
{
	uint64_t at = key_hash(kind, key) & d->mask;
	uint32_t id;

	while ((id = d->table[at]) && !node_is(d, &d->nodes[id], kind, key))
		at = (at + 1) & d->mask;
	*cell = at;
	return id;
}

/* The same; keys of eight bytes take the short way. */
static inline uint32_t lookup(
		const struct dice *d, const struct dice_kind *kind, const void *key, uint64_t *cell)
{
	uint64_t bits, at;
	uint32_t id;

	if (SL_UNLIKELY(kind->key_size != sizeof bits || kind->hash || kind->equal))
		return lookup_any(d, kind, key, cell);
	memcpy(&bits, key, sizeof bits);
	for (at = spread(kind, bits) & d->mask; (id = d->table[at]); at = (at + 1) & d->mask)
		if (d->nodes[id].key == bits && d->kinds[d->nodes[id].kind] == kind)
			break;
	*cell = at;
	return id;
}

/* At most three quarters full. */
static void table_grow(struct dice *d)
{
	d->mask = d->mask * 2 + 1;
	mem_free(d->table);
	d->table = mem_array(uint32_t, d->mask + 1);
	for (uint32_t id = 1; id < d->nnodes; id++) {
		const struct node *n = &d->nodes[id];
		const struct dice_kind *kind = d->kinds[n->kind];
		uint64_t at = key_hash(kind, key_at(n, kind)) & d->mask;

		while (d->table[at])
			at = (at + 1) & d->mask;
		d->table[at] = id;
	}
}

static uint16_t kind_index(struct dice *d, const struct dice_kind *kind)
{
	for (uint32_t i = 0; i < d->nkinds; i++)
		if (d->kinds[i] == kind)
			return (uint16_t)i;
	NEXT(d->kinds, d->nkinds, d->kind_cap, UINT16_MAX);
	d->kinds[d->nkinds - 1] = kind;
	return (uint16_t)(d->nkinds - 1);
}

dice_id dice_key(struct dice *d, const struct dice_kind *kind, const void *key)
{
	uint64_t cell;
	uint32_t id = lookup(d, kind, key, &cell);
	struct node *n;

	if (id)
		return (dice_id){id};
	if (d->nnodes > (d->mask + 1) / 4 * 3) {
		table_grow(d);
		lookup(d, kind, key, &cell);
	}
	id = NEXT(d->nodes, d->nnodes, d->node_cap, ID_MASK);
	n = &d->nodes[id];
	*n = (struct node){.kind = kind_index(d, kind)};
	if (kind->key_size <= sizeof n->key) {
		n->key = short_key(kind, key);
	} else {
		void *copy = arena_raw(&d->keys, kind->key_size, 8);

		memcpy(copy, key, kind->key_size);
		n->key = (uintptr_t)copy;
	}
	d->table[cell] = id;
	return (dice_id){id};
}

dice_id dice_find(const struct dice *d, const struct dice_kind *kind, const void *key)
{
	uint64_t cell;

	return (dice_id){lookup(d, kind, key, &cell)};
}

const struct dice_kind *dice_kind_of(const struct dice *d, dice_id id)
{
	return d->kinds[d->nodes[id.i].kind];
}

const void *dice_key_of(const struct dice *d, dice_id id)
{
	return key_at(&d->nodes[id.i], dice_kind_of(d, id));
}

str dice_describe(struct dice *d, dice_id id, struct arena *a)
{
	const struct dice_kind *kind = dice_kind_of(d, id);
	str key;

	if (!kind->describe)
		return str_dup(a, str_c(kind->name));
	key = kind->describe(d->host.ud, dice_key_of(d, id), a);
	return str_fmt(a, "%s %.*s", kind->name, STR_ARG(key));
}

/* ---- values ---- */

bool dice_peek(const struct dice *d, dice_id id, union dice_value *out)
{
	const struct node *n;

	if (id.i == 0)
		return false;
	n = &d->nodes[id.i];
	if (n->state != CLEAN)
		return false;
	*out = n->value;
	return true;
}

bool dice_get(const struct dice *d, const struct dice_kind *kind, const void *key, union dice_value *out)
{
	uint64_t cell;
	const struct node *n = &d->nodes[lookup(d, kind, key, &cell)];

	*out = n->value;
	return n->state == CLEAN;
}

void value_release(const struct dice_kind *kind, union dice_value v)
{
	if (kind->release)
		kind->release(v);
}

bool value_same(const struct dice_kind *kind, union dice_value was, union dice_value now)
{
	return kind->same ? kind->same(was, now) : was.u == now.u;
}

/* ---- cells, records, slices ---- */

uint32_t cell_new(struct dice *d, uint32_t to, uint32_t next)
{
	uint32_t c = d->free_cell;

	if (c)
		d->free_cell = d->cells[c].next;
	else
		c = NEXT(d->cells, d->ncells, d->cell_cap, UINT32_MAX);
	d->cells[c] = (struct cell){to, next};
	return c;
}

void cell_free(struct dice *d, uint32_t c)
{
	d->cells[c].next = d->free_cell;
	d->free_cell = c;
}

struct aux *aux_need(struct dice *d, uint32_t id)
{
	uint32_t i = d->nodes[id].aux;

	if (i)
		return &d->aux[i];
	i = d->free_aux;
	if (i)
		d->free_aux = d->aux[i].free;
	else
		i = NEXT(d->aux, d->naux, d->aux_cap, UINT32_MAX);
	d->aux[i] = (struct aux){0};
	d->nodes[id].aux = i;
	return &d->aux[i];
}

void aux_tidy(struct dice *d, struct node *n)
{
	struct aux *a = aux_of(d, n);

	if (!a || a->scratch || a->job || a->root || a->news != NOTHING)
		return;
	a->free = d->free_aux;
	d->free_aux = n->aux;
	n->aux = 0;
}

void fault_clear(struct dice *d, struct node *n)
{
	struct aux *a = aux_of(d, n);

	if (!a || !a->root)
		return;
	if (a->error && d->host.release_error)
		d->host.release_error(a->error);
	a->error = NULL;
	a->root = 0;
	aux_tidy(d, n);
}

static void deps_reserve(struct dice *d, uint32_t more)
{
	if (more > UINT32_MAX - d->ndeps)
		mem_oom();
	if (d->ndeps + more > d->dep_cap)
		d->deps = grow(d->deps, d->ndeps + more, &d->dep_cap, UINT32_MAX, sizeof *d->deps);
	d->ndeps += more;
}

/* A slice of 2^room words: a freed one of that size, or new. */
static uint32_t slice_new(struct dice *d, uint8_t room)
{
	uint32_t at = d->free_slices[room];

	if (at) {
		d->free_slices[room] = d->deps[at];
		return at;
	}
	deps_reserve(d, 1u << room);
	return d->ndeps - (1u << room);
}

static void slice_double(struct dice *d, struct node *n)
{
	uint32_t at, size = 1u << n->room;

	if (n->room && n->dep + size == d->ndeps) { /* the last one grows where it is */
		deps_reserve(d, size);
		n->room++;
		return;
	}
	at = slice_new(d, (uint8_t)(n->room + 1));
	memcpy(d->deps + at, deps_of(d, n), n->ndep * sizeof *d->deps);
	if (n->room) {
		d->deps[n->dep] = d->free_slices[n->room];
		d->free_slices[n->room] = n->dep;
	}
	n->dep = at;
	n->room++;
}

/* ---- edges ---- */

static void edge_add(struct dice *d, uint32_t from, uint32_t to)
{
	uint32_t c = cell_new(d, to, d->nodes[from].rdep);

	d->nodes[from].rdep = c;
	d->edges++;
}

void dep_record(struct dice *d, uint32_t me, uint32_t k, uint32_t id, uint32_t mark)
{
	struct node *n = &d->nodes[me];
	uint32_t *dep;

	if (k == n->ndep) {
		if (k == 1u << n->room)
			slice_double(d, n);
		deps_of(d, n)[n->ndep++] = id | mark;
		edge_add(d, id, me);
		return;
	}
	dep = deps_of(d, n) + k;
	if ((*dep & ID_MASK) != id) { /* the old one keeps its reverse edge */
		d->stale++;
		edge_add(d, id, me);
	}
	*dep = id | mark;
}

void deps_truncate(struct dice *d, struct node *n, uint32_t k)
{
	d->stale += n->ndep - k;
	n->ndep = k;
}

void dirty_above(struct dice *d, uint32_t from)
{
	vec_push(&d->queue, from);
	while (d->queue.n) {
		uint32_t id = vec_pop(&d->queue);

		for (uint32_t c = d->nodes[id].rdep; c; c = d->cells[c].next) {
			struct node *n = &d->nodes[d->cells[c].to];

			if (!settled(n))
				continue;
			n->state = DIRTY;
			n->at = d->version - 1;
			vec_push(&d->queue, d->cells[c].to);
		}
	}
}

void edges_compact(struct dice *d)
{
	if (d->stale < 1024 || d->stale < d->edges / 2)
		return;
	d->ncells = 1;
	d->free_cell = 0;
	d->edges = d->stale = 0;
	for (uint32_t id = 1; id < d->nnodes; id++)
		d->nodes[id].rdep = 0;
	for (uint32_t id = 1; id < d->nnodes; id++) {
		struct node *n = &d->nodes[id];
		const uint32_t *deps = deps_of(d, n);

		for (uint32_t k = 0; k < n->ndep; k++)
			edge_add(d, deps[k] & ID_MASK, id);
	}
}
