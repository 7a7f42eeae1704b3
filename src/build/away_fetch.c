#include "away_int.h"

#include <string.h>

/* Contents that a step here needs, or that the user asked for, from the server into the store. */

typedef VEC(struct digest) digest_vec;

static void want(digest_vec *list, const struct digest *d, struct store *store)
{
	if (d->size > 0 && !store_has(store, d))
		vec_push(list, *d);
}

/* Trees are bounded in depth by the store. */
static void want_tree(digest_vec *list, const struct tree *t, struct store *store)
{
	const struct tree_entry *e = tree_entries(t);

	for (size_t i = 0; i < tree_count(t); i++) {
		if (e[i].kind == TREE_FILE)
			want(list, &e[i].digest, store);
		else if (e[i].kind == TREE_DIR)
			want_tree(list, e[i].dir, store);
	}
}

static void end(struct away_fetch *f)
{
	f->away->under_way--;
	f->done(f->ud);
}

static void lose(struct away_fetch *f, const struct digest *lost, size_t n)
{
	struct digest *copy = arena_array(&f->arena, struct digest, n);

	for (size_t i = 0; i < n; i++)
		copy[i] = lost[i];
	f->lost = copy;
	f->nlost = n;
}

/* What cannot be had from a server in trouble is as good as lost: it is made again. */
static void fetched(void *ud, const struct re_status *s)
{
	struct away_fetch *f = ud;
	struct away *r = f->away;

	if (s->code != GRPC_OK && s->nmissing) {
		lose(f, s->missing, s->nmissing);
	} else if (s->code != GRPC_OK && s->source != GRPC_BY_CALLER) {
		away_trouble(r, TROUBLE_FETCH, s, S("fetching what is needed here"));
		if (r->options.require)
			re_diag(&f->diags, r->client, s, DIAG_ERROR, S("fetching what is needed here"));
		else
			lose(f, f->wanted, f->nwanted);
	}
	end(f);
}

static void free_timer(uv_handle_t *timer)
{
	mem_free(timer);
}

static void nothing(uv_timer_t *timer)
{
	struct away_fetch *f = timer->data;

	uv_close((uv_handle_t *)timer, free_timer);
	end(f);
}

/* `done` comes from the loop, also when there is nothing to fetch. */
static void end_soon(struct away_fetch *f)
{
	uv_timer_t *timer = mem_make(uv_timer_t);

	uv_timer_init(f->away->loop, timer);
	timer->data = f;
	uv_timer_start(timer, nothing, 0, 0);
}

void away_fetch(struct away *r, struct away_fetch *f)
{
	digest_vec list = {0};

	f->away = r;
	r->under_way++;
	for (size_t i = 0; i < f->n; i++) {
		if (f->contents[i].kind == TREE_FILE)
			want(&list, &f->contents[i].digest, r->store);
		else if (f->contents[i].kind == TREE_DIR)
			want_tree(&list, f->contents[i].tree, r->store);
	}
	for (size_t i = 0; i < f->ntrees; i++)
		want_tree(&list, f->trees[i], r->store);
	f->wanted = arena_array(&f->arena, struct digest, list.n);
	f->nwanted = list.n;
	if (list.n) {
		memcpy(f->wanted, list.p, list.n * sizeof *list.p);
		re_fetch(r->client, list.p, list.n, fetched, f);
	} else {
		end_soon(f);
	}
	vec_free(&list);
}

void away_get_tree(struct away *r, const struct digest *root, re_got_tree *done, void *ud)
{
	re_get_tree(r->client, root, done, ud);
}
