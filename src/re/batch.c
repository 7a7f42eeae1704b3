#include "re_int.h"

#include <errno.h>
#include <sched.h>

/* Batches are put together on libuv's threads: reading and hashing are most of the work of many small blobs.  A maker is a
 * piece of work there that takes one batch after the other off the list until there is none, so that it does not wait for
 * the loop, which hears of each batch as it is ready.  Nothing of a blob that is being sent changes meanwhile.
 *
 * Makers yield often: the loop is to send what is ready, and a server on this machine to read it.  Where cores are few, the
 * scheduler lets those wait for milliseconds else, and then makers wait for them; where nobody waits, it costs next to nothing. */

#define HEAD_MAX 128u /* of what is around the entries, without the instance */
#define ROOM_MIN ((size_t)64 << 10) /* smaller messages have memory of their own */
#define YIELD 32u /* blobs, about an eighth of a millisecond */
#define MAKERS_MIN 2u
#define MAKERS_MAX 4u /* libuv has so many threads */

struct maker {
	struct re_client *client;
	uv_work_t work;
};

/* ---- the message ---- */

/* A directory's message, which is made now. */
static int add_directory(struct buf *b, enum digest_fn fn, const struct known *k)
{
	struct buf message = {0};

	tree_message(k->dir, fn, &message);
	wire_str(b, 2, buf_view(&message));
	buf_free(&message);
	return 0;
}

/* From the store right into the message, verified; 0 or -errno. */
static int add_file(struct buf *b, struct store *store, const struct known *k)
{
	size_t n = (size_t)k->digest.size;

	wire_varint(b, 2 << 3 | WIRE_BYTES);
	wire_varint(b, n);
	if (n > b->cap - b->n)
		return -EFBIG;
	b->n += n;
	return store_read(store, &k->digest, b->p + b->n - n);
}

/* What cannot be read leaves nothing behind. */
static int add_entry(struct buf *b, struct store *store, const struct known *k)
{
	size_t before = b->n, mark = wire_begin(b, 2);
	int err;

	wire_digest(b, 1, &k->digest);
	err = k->dir ? add_directory(b, store_fn(store), k) : add_file(b, store, k);
	if (err)
		b->n = before;
	else
		wire_end(b, mark);
	return err;
}

static void put_together(struct batch *b)
{
	struct re_client *c = b->client;
	struct buf message;

	if (!b->message)
		b->message = blob_room(b->room);
	message = buf_over(b->message->b, b->room);
	wire_str(&message, 1, c->config.instance);
	for (size_t i = 0; i < b->n; i++) {
		b->errs[i] = add_entry(&message, c->store, b->blobs[i]);
		if (i % YIELD == YIELD - 1)
			sched_yield();
	}
	caps_write_fn(c, &message, 5);
	blob_cut(b->message, message.n);
}

/* ---- makers ---- */

static void push(struct batch **list, struct batch *b)
{
	while (*list)
		list = &(*list)->next;
	*list = b;
	b->next = NULL;
}

static struct batch *pop(struct batch **list)
{
	struct batch *b = *list;

	if (b)
		*list = b->next;
	return b;
}

/* With memory that was used before, if there is some. */
static struct batch *next_to_make(struct re_client *c)
{
	struct batch *b;

	uv_mutex_lock(&c->making);
	b = pop(&c->to_make);
	if (b && b->shares && c->rooms.n)
		b->message = c->rooms.p[--c->rooms.n];
	uv_mutex_unlock(&c->making);
	return b;
}

static void make_all(uv_work_t *work)
{
	struct maker *m = work->data;
	struct re_client *c = m->client;
	struct batch *b;

	while ((b = next_to_make(c))) {
		put_together(b);
		uv_mutex_lock(&c->making);
		push(&c->made, b);
		uv_mutex_unlock(&c->making);
		uv_async_send(&c->was_made);
		sched_yield();
	}
}

static void give(struct re_client *c)
{
	struct batch *list, *b;

	uv_mutex_lock(&c->making);
	list = c->made;
	c->made = NULL;
	uv_mutex_unlock(&c->making);
	while ((b = pop(&list)))
		batch_made(b);
}

static void on_made(uv_async_t *h)
{
	struct re_client *c = h->data;

	client_hold(c);
	give(c);
	client_release(c);
}

static void begin_maker(struct re_client *);

/* A batch may have come after the maker looked for the last time. */
static void on_all_made(uv_work_t *work, int status)
{
	struct maker *m = work->data;
	struct re_client *c = m->client;
	bool more;

	(void)status; /* it is never cancelled */
	mem_free(m);
	c->makers--;
	uv_mutex_lock(&c->making);
	more = c->to_make != NULL;
	uv_mutex_unlock(&c->making);
	if (more)
		begin_maker(c);
	give(c);
	client_release(c);
}

static void begin_maker(struct re_client *c)
{
	struct maker *m;

	if (c->makers >= c->makers_max)
		return;
	m = mem_make(struct maker);
	m->client = c;
	m->work.data = m;
	c->makers++;
	client_hold(c);
	uv_queue_work(c->loop, &m->work, make_all, on_all_made);
}

/* ---- a batch ---- */

void batch_make(struct re_client *c, struct known **blobs, size_t n)
{
	size_t around = c->config.instance.n + HEAD_MAX;
	struct batch *b = mem_make(struct batch);

	*b = (struct batch){.client = c, .blobs = blobs, .errs = mem_array(int, n), .n = n, .room = around};
	for (size_t i = 0; i < n; i++)
		b->room += way_entry(blobs[i]);
	b->shares = b->room >= ROOM_MIN && b->room <= around + RE_BATCH;
	if (b->shares)
		b->room = around + RE_BATCH;
	c->up.batches++;
	c->up.bytes += b->room;
	client_hold(c);
	uv_mutex_lock(&c->making);
	push(&c->to_make, b);
	uv_mutex_unlock(&c->making);
	begin_maker(c);
}

/* Memory is kept only while there are batches. */
static void free_message(struct re_client *c, struct batch *b)
{
	uv_mutex_lock(&c->making);
	if (b->message && b->shares && blob_is_ours(b->message))
		vec_push(&c->rooms, b->message);
	else
		blob_unref(b->message);
	while (!c->up.batches && c->rooms.n)
		blob_unref(c->rooms.p[--c->rooms.n]);
	uv_mutex_unlock(&c->making);
}

void batch_free(struct batch *b)
{
	struct re_client *c = b->client;

	c->up.batches--;
	c->up.bytes -= b->room;
	free_message(c, b);
	mem_free(b->blobs);
	mem_free(b->errs);
	mem_free(b);
	way_pump(&c->up);
	client_release(c);
}

/* Half of the cores: the loop, and perhaps a server on this machine, want the others. */
void batch_init(struct re_client *c)
{
	unsigned half = uv_available_parallelism() / 2;

	c->makers_max = half < MAKERS_MIN ? MAKERS_MIN : half > MAKERS_MAX ? MAKERS_MAX : half;
	uv_mutex_init(&c->making);
	uv_async_init(c->loop, &c->was_made, on_made);
	uv_unref((uv_handle_t *)&c->was_made);
	c->was_made.data = c;
}
