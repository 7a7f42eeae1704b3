#include "build_int.h"
#include "remote.h"

/* Files are named from the workspace's root. */
static void choose_file(str *file, str said, str root, struct arena *a)
{
	if (!file->n && said.n)
		*file = str_c(os_join(a, root, said));
}

void remote_choose(struct build_remote *r, const struct remote_settings *s, str root, struct arena *a)
{
	if (!r->endpoint.p) {
		r->endpoint = str_dup(a, s->endpoint);
		if (!r->instance.p)
			r->instance = str_dup(a, s->instance);
		r->cache_only |= s->cache_only && !r->race;
		r->require |= s->require && !r->race;
		r->write |= s->write;
	}
	choose_file(&r->ca_file, s->ca_file, root, a);
	choose_file(&r->cert_file, s->cert_file, root, a);
	choose_file(&r->key_file, s->key_file, root, a);
}

bool build_remote_find(str dir, struct store *store, struct build_remote *r, struct arena *a, struct diags *diags)
{
	struct workspace w = {0};
	struct diags none = {0};
	str root, here;
	bool ok = build_find(dir, a, &root, &here, &none);

	diags_free(&none);
	if (!ok)
		return true; /* outside of a workspace only what was given counts */
	source_root(root);
	workspace_begin(&w, root, BUILD_MODE_WORKSPACE);
	ok = workspace_load(&w, store, 0, diags);
	if (ok)
		remote_choose(r, &w.settings.remote, root, a);
	workspace_clear(&w);
	return ok;
}
