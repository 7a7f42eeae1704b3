#include "re_int.h"

/* What is asked for while calls are under way goes together into the next one: so many small questions become few
 * calls.  FindMissingBlobsRequest { instance = 1; Digest blob_digests = 2; digest_function = 3; }, and the answer
 * { Digest missing = 2; }: some 80 bytes for each. */

#define FINDS_MAX 8u
#define DIGESTS_MAX 1600u  /* so that what the first answer names is on its way before the last one comes; and below the */
                           /* 128 KiB from which on malloc maps, and unmaps, each message by itself */
#define ENTRY_MAX 80u      /* bytes of a digest in the message */
#define DIGESTS_FIRST 200u /* of the first of many: what it names is read while the others are asked for */

struct find {
	struct re_client *client;
	struct known **asked;
	size_t n;
};

static void end(struct find *f)
{
	struct re_client *c = f->client;

	mem_free(f->asked);
	mem_free(f);
	c->finds--;
	find_pump(c);
	client_release(c);
}

static void fail_all(struct find *f, const struct re_status *why)
{
	for (size_t i = 0; i < f->n; i++)
		known_failed(f->client, f->asked[i], why, false);
}

/* Marks the missing ones; false when the answer is none. */
static bool read_missing(struct find *from, str reply, uint32_t serial)
{
	struct wire w = wire_over(reply);
	struct wire_field f;
	struct digest d;
	size_t next = 0;

	while (wire_next(&w, &f)) {
		struct known *k;

		if (f.number != 2)
			continue;
		if (!wire_get_digest(&f, &d))
			return false;
		k = known_expected(from->client, from->asked, from->n, &next, &d);
		if (k)
			k->mark = serial;
	}
	return !w.bad;
}

static void on_missing(void *ud, const struct grpc_status *s, str reply)
{
	struct find *f = ud;
	struct re_status why = {.code = GRPC_OK};
	struct arena a = {0};
	uint32_t serial = ++f->client->serial;
	bool *missing;

	status_keep(&why, &a, s, "the server did not say which blobs it lacks");
	if (s->code == GRPC_OK && !read_missing(f, reply, serial))
		status_fail(&why, &a, GRPC_INTERNAL, GRPC_BY_CHANNEL, "the server's answer to FindMissingBlobs cannot be read");
	if (why.code != GRPC_OK) {
		fail_all(f, &why);
	} else {
		missing = arena_array(&a, bool, f->n); /* before walks that this starts mark anew */
		for (size_t i = 0; i < f->n; i++)
			missing[i] = f->asked[i]->mark == serial;
		for (size_t i = 0; i < f->n; i++)
			known_asked(f->client, f->asked[i], missing[i]);
	}
	arena_clear(&a);
	end(f);
}

static void ask(struct re_client *c, size_t n)
{
	struct find *f = mem_make(struct find);
	struct blob *message;
	struct buf b;

	f->client = c;
	f->n = c->find.n < n ? c->find.n : n;
	f->asked = mem_array(struct known *, f->n);
	message = blob_room(c->config.instance.n + f->n * ENTRY_MAX + 64);
	b = buf_over(message->b, message->n);
	wire_str(&b, 1, c->config.instance);
	for (size_t i = 0; i < f->n; i++) {
		f->asked[i] = queue_pop(&c->find);
		wire_digest(&b, 2, &f->asked[i]->digest);
	}
	caps_write_fn(c, &b, 3);
	blob_cut(message, b.n);
	c->find_due -= f->n < c->find_due ? f->n : c->find_due;
	c->finds++;
	c->stats.find_calls++;
	c->stats.find_asked += f->n;
	client_hold(c);
	rpc_call(c, RE_SERVICE "ContentAddressableStorage/FindMissingBlobs", NULL, c->config.rpc_ms, message, on_missing, f);
}

/* One call in a turn of the loop, which sends it: the next is put together while the server reads it. */
static void pump(void *ud)
{
	struct re_client *c = ud;

	c->find_soon = false;
	if (c->finds == 0 && !c->wanting)
		c->find_due = c->find.n;
	else if (c->find.n >= DIGESTS_MAX && c->find_due < DIGESTS_MAX)
		c->find_due = DIGESTS_MAX;
	if (!c->find_due || c->finds == FINDS_MAX)
		return;
	ask(c, c->finds == 0 && c->find_due > DIGESTS_MAX ? DIGESTS_FIRST : DIGESTS_MAX);
	find_pump(c);
}

void find_pump(struct re_client *c)
{
	if (c->find_soon || !c->find.n)
		return;
	c->find_soon = true;
	client_sleep(c, 0, pump, c);
}

void find_wanting(struct re_client *c)
{
	c->wanting++;
}

void find_wanted(struct re_client *c)
{
	c->wanting--;
	c->find_due = c->find.n;
	find_pump(c);
}
