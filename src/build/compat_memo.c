#include "compat.h"
#include "memo.h"
#include "nix_memo.h"

/* What an expression gave, by all that is known beforehand.  Below the workspace an action's expression sees its inputs and nothing
 * else, and these the digest covers; a toolchain's sees nothing there.  So it rests on what lies beyond. */

static void key_of(const struct compat *c, const struct compat_world *w, const struct compat_asked *a, unsigned char out[32])
{
	struct buf key = {0};

	memo_key_begin(&key);
	cbor_text(&key, S("compat"));
	cbor_bytes(&key, str_of((const char *)a->what.b, sizeof a->what.b));
	cbor_text(&key, a->label);
	cbor_bytes(&key, w->view.root);
	cbor_bytes(&key, w->package);
	cbor_array(&key, c->doors.nsearch);
	for (size_t i = 0; i < c->doors.nsearch; i++)
		cbor_bytes(&key, c->doors.search[i]);
	cbor_bytes(&key, c->doors.system);
	memo_key_end(&key, out);
}

bool compat_recall(struct compat *c, const struct compat_world *w, struct store *store, const struct compat_asked *a,
		struct instance *out)
{
	struct nix_memo_entry e;
	unsigned char key[32];

	key_of(c, w, a, key);
	if (!nix_memo_get(store, key, &c->doors, c->kept, &c->arena, &e) || e.n != 1)
		return false;
	*out = e.all[0];
	for (size_t i = 0; i < e.ngrounds && w->view.beyond; i++)
		if (e.grounds[i].kind != NIX_GROUND_VARIABLE)
			w->view.beyond(w->view.ud, e.grounds[i].name);
	return true;
}

void compat_remember(struct compat *c, const struct compat_world *w, struct store *store, const struct compat_asked *a,
		const struct instance *gave)
{
	struct nix_memo_entry e = {.all = gave, .n = 1};
	unsigned char key[32];

	if (nix_witness_fleeting(c->witness))
		return;
	e.grounds = nix_witness_grounds(c->witness, &e.ngrounds);
	key_of(c, w, a, key);
	nix_memo_put(store, key, &e);
}
