#include "re_int.h"

/* An upload goes in three steps, each begun when every blob of the one before was heard of:
 *	ASKING       which directories the server lacks (and which files, when it is not too many to ask at once)
 *	FILES        the files of those, and the single blobs
 *	DIRECTORIES  their messages: after their files, so that a message at the server means that they are there */

#define ASK_FILES_MAX 1000u
#define WANT_MAX 500u /* single blobs in a turn of the loop: the first are asked for before the last are looked at */

enum step { ASKING, FILES, DIRECTORIES };

struct directory {
	struct known *known;
	struct tree *tree; /* borrowed of the need's */
};

struct upload {
	struct re_client *client;
	struct arena mem;
	struct tree *tree;
	struct digest *blobs; /* without the empty one */
	size_t nblobs, at;    /* those before `at` are wanted */
	bool thorough;
	bool few; /* the files were asked for together with the directories */
	re_done *done;
	void *ud;
	enum step step;
	size_t waiting;  /* for so many blobs, and one for the step that is being made */
	uint32_t serial; /* of its present walk */
	VEC(struct directory) dirs;
	VEC(struct known *) files;
	VEC(struct digest) absent;
	struct re_status status;
};

/* ---- walks ---- */

static bool is_empty(const struct digest *d)
{
	return d->size == 0;
}

/* Each blob once in a walk. */
static bool is_first(struct upload *u, struct known *k)
{
	bool first = k->mark != u->serial;

	k->mark = u->serial;
	return first;
}

static struct known *visit(struct upload *u, const struct digest *d)
{
	struct known *k = known_of(u->client, d);

	return is_first(u, k) ? k : NULL;
}

static void walk(struct upload *u, struct tree *t, bool files)
{
	const struct digest *d = tree_digest(t, store_fn(u->client->store));
	const struct tree_entry *e = tree_entries(t);
	struct known *k = is_empty(d) ? NULL : visit(u, d);

	if (!k)
		return;
	if (!u->thorough && known_there(k) && (k->whole || (u->step == FILES && !u->few))) {
		k->whole = true;
		return;
	}
	vec_push(&u->dirs, ((struct directory){k, t}));
	for (size_t i = 0; i < tree_count(t); i++) {
		if (e[i].kind == TREE_DIR)
			walk(u, e[i].dir, files);
		else if (files && e[i].kind == TREE_FILE && !is_empty(&e[i].digest) && (k = visit(u, &e[i].digest)))
			vec_push(&u->files, k);
	}
}

static void walk_again(struct upload *u, bool files)
{
	u->serial = ++u->client->serial;
	u->dirs.n = u->files.n = 0;
	if (u->tree)
		walk(u, u->tree, files);
}

/* The next one that this walk has not met; NULL: there are no more. */
static struct known *next_blob(struct upload *u)
{
	struct known *k = NULL;

	while (!k && u->at < u->nblobs)
		k = visit(u, &u->blobs[u->at++]);
	return k;
}

static void want(struct upload *u, struct known *k, bool send)
{
	u->waiting += known_want(u->client, k, u, send);
}

/* ---- steps ---- */

static void finish(struct upload *u)
{
	struct re_client *c = u->client;

	for (size_t i = 0; u->status.code == GRPC_OK && i < u->dirs.n; i++)
		u->dirs.p[i].known->whole = u->dirs.p[i].known->state == KNOWN_THERE;
	u->status.missing = u->absent.p;
	u->status.nmissing = u->absent.n;
	u->done(u->ud, &u->status);
	tree_unref(u->tree);
	vec_free(&u->dirs);
	vec_free(&u->files);
	vec_free(&u->absent);
	arena_clear(&u->mem);
	mem_free(u);
	client_release(c);
}

static void begin_asking(struct upload *u)
{
	struct known *k;

	walk_again(u, true);
	u->few = u->thorough || u->dirs.n + u->files.n + u->nblobs <= ASK_FILES_MAX;
	while (u->few && (k = next_blob(u)))
		vec_push(&u->files, k);
	for (size_t i = 0; u->thorough && i < u->dirs.n; i++)
		known_forget(u->dirs.p[i].known);
	for (size_t i = 0; u->thorough && i < u->files.n; i++)
		known_forget(u->files.p[i]);
	for (size_t i = 0; i < u->dirs.n; i++)
		want(u, u->dirs.p[i].known, false);
	for (size_t i = 0; u->few && i < u->files.n; i++)
		want(u, u->files.p[i], false);
}

static void step_done(struct upload *);

/* false: that were all. */
static bool want_some(struct upload *u)
{
	struct known *k;

	for (size_t i = 0; i < WANT_MAX && (k = next_blob(u)); i++)
		want(u, k, true);
	return u->at < u->nblobs && u->status.code == GRPC_OK;
}

static void want_more(void *ud)
{
	struct upload *u = ud;

	if (want_some(u)) {
		client_sleep(u->client, 0, want_more, u);
		return;
	}
	find_wanted(u->client);
	step_done(u);
}

/* Before it the first ones are asked for. */
static void want_rest(void *ud)
{
	struct upload *u = ud;

	find_wanting(u->client);
	want_more(u);
}

static void begin_files(struct upload *u)
{
	walk_again(u, true);
	u->at = 0;
	for (size_t i = 0; i < u->files.n; i++)
		want(u, u->files.p[i], true);
	if (!want_some(u))
		return;
	u->waiting++; /* for them all to be wanted */
	client_sleep(u->client, 0, want_rest, u);
}

static void begin_directories(struct upload *u)
{
	for (size_t i = 0; i < u->dirs.n; i++) {
		struct known *k = u->dirs.p[i].known;

		if (!k->dir && k->state != KNOWN_THERE)
			k->dir = tree_ref(u->dirs.p[i].tree);
		want(u, k, true);
	}
}

static void step_done(struct upload *u)
{
	while (--u->waiting == 0) {
		if (u->step == DIRECTORIES || u->status.code != GRPC_OK) {
			finish(u);
			return;
		}
		u->step++;
		u->waiting = 1; /* what is heard while the step is made does not end it */
		if (u->step == FILES)
			begin_files(u);
		else
			begin_directories(u);
	}
}

void upload_heard(struct upload *u, const struct digest *d, const struct re_status *why, bool absent)
{
	if (absent) {
		vec_push(&u->absent, *d);
		status_fail(&u->status, &u->mem, GRPC_FAILED_PRECONDITION, GRPC_BY_CHANNEL, "blobs are neither here nor at the server");
	} else if (why) {
		status_fail(&u->status, &u->mem, why->code, why->source, "%.*s", STR_ARG(why->text));
	}
	step_done(u);
}

static void begin(void *ud, const struct re_status *refusal)
{
	struct upload *u = ud;

	if (refusal) {
		status_fail(&u->status, &u->mem, refusal->code, refusal->source, "%.*s", STR_ARG(refusal->text));
		finish(u);
		return;
	}
	u->waiting = 1;
	begin_asking(u);
	step_done(u);
}

void re_upload(struct re_client *c, const struct re_need *need, re_done *done, void *ud)
{
	struct upload *u = mem_make(struct upload);

	u->client = c;
	u->tree = need->tree ? tree_ref(need->tree) : NULL;
	u->blobs = arena_raw(&u->mem, mem_size(need->nblobs, sizeof *u->blobs), _Alignof(struct digest));
	for (size_t i = 0; i < need->nblobs; i++)
		if (!is_empty(&need->blobs[i]))
			u->blobs[u->nblobs++] = need->blobs[i];
	u->thorough = need->thorough;
	u->done = done;
	u->ud = ud;
	client_hold(c);
	caps_need(c, begin, u);
}
