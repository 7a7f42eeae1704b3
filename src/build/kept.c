#include "kept.h"

#include <straylight/build.h>

#define KIND "action"
#define LARGE ((size_t)4 << 10) /* a Directory message that others are likely to have too */

struct keeping {
	struct store *store;
	struct buf messages;
	uint64_t n;
	int err;
};

static void add(struct keeping *k, str message)
{
	cbor_bytes(&k->messages, message);
	k->n++;
}

static void add_tree(struct keeping *, struct tree *);

static void add_below(struct keeping *k, const struct tree *t)
{
	const struct tree_entry *e = tree_entries(t);

	for (size_t i = 0; i < tree_count(t); i++)
		if (e[i].kind == TREE_DIR)
			add_tree(k, e[i].dir);
}

/* A Directory that is in the store has all below it there: store_put_tree puts them from below.  Trees are bounded in
 * depth by the store. */
static void add_tree(struct keeping *k, struct tree *t)
{
	struct buf message = {0};

	if (k->err || store_has(k->store, tree_digest(t, store_fn(k->store))))
		return;
	tree_message(t, store_fn(k->store), &message);
	if (message.n < LARGE) {
		add(k, buf_view(&message));
		add_below(k, t);
	} else {
		k->err = store_put_tree(k->store, t);
	}
	buf_free(&message);
}

int kept_put(struct store *store, const struct identity *id)
{
	struct keeping k = {.store = store};
	struct buf record = {0};

	add(&k, id->action_message);
	add(&k, id->command_message);
	add_tree(&k, id->root);
	cbor_array(&record, k.n);
	buf_str(&record, buf_view(&k.messages));
	if (k.err == 0)
		k.err = store_record_put(store, KIND, id->action.b, buf_view(&record));
	buf_free(&record);
	buf_free(&k.messages);
	return k.err;
}

bool build_recall_action(struct store *store, const struct digest *action)
{
	struct blob *record;
	struct digest d;
	struct cbor in;
	bool ok = true;
	uint64_t n;

	if (!store_record_get(store, KIND, action->b, &record))
		return false;
	in = cbor_over(blob_str(record));
	n = cbor_get_array(&in);
	for (uint64_t i = 0; i < n && ok; i++) {
		str message = cbor_get_bytes(&in);

		ok = !in.bad && store_put(store, message, &d) == 0;
	}
	blob_unref(record);
	return ok;
}
