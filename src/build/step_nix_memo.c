#include "step_nix.h"

#include <straylight/nixstore.h>

/* What an action's expression gave, so that it is not evaluated again while nothing has changed: a record "compat" by the SHA-256 of
 * all that is known beforehand (the action, and where its workspace and the search path are).  It holds the derivation's path, then
 * what evaluation looked at outside of the workspace, each as it was: a struct row, and the path. */

#define GRAIN_NS ((int64_t)10 * 1000 * 1000)

struct row {
	struct stamp stamp; /* mode 0: absent */
	uint32_t path_n;
	uint32_t none;
};

static void key_of(const struct step_nix *n, unsigned char key[32])
{
	const struct step_job *j = n->job;
	struct buf text = {0};

	buf_fmt(&text, "1 %.*s|%.*s|", STR_ARG(n->system), STR_ARG(j->build->workspace.root));
	for (size_t i = 0; i < n->nsearch; i++)
		buf_fmt(&text, "%.*s|", STR_ARG(n->search[i]));
	buf_add(&text, j->identity.action.b, sizeof j->identity.action.b);
	buf_str(&text, sym_str(j->configured->target->label));
	sha256(buf_view(&text), key);
	buf_free(&text);
}

static void look(const char *path, struct stamp *out)
{
	struct stat st;

	memset(out, 0, sizeof *out);
	if (stat(path, &st) == 0)
		os_stamp_of(&st, out);
}

/* Everything outside is as it was; it is looked at by this evaluation too. */
static bool stands(struct step_nix *n, str rows)
{
	while (rows.n) {
		struct stamp now;
		struct row row;
		str path;

		if (rows.n < sizeof row)
			return false;
		memcpy(&row, rows.p, sizeof row);
		rows = str_from(rows, sizeof row);
		if (row.path_n > rows.n)
			return false;
		path = str_dup(&n->arena, str_upto(rows, row.path_n));
		rows = str_from(rows, row.path_n);
		look(path.p, &now);
		if (!stamp_eq(&now, &row.stamp))
			return false;
		if (!map_has(&n->beyond, path))
			map_put(&n->beyond, path, NULL);
	}
	return true;
}

/* A derivation that was removed from its folder is evaluated again. */
static bool is_kept(struct step_nix *n, str drv)
{
	struct nixstore *ns = nixstore_new(nixstore_default(&n->arena), S(NIX_STORE_DIR));
	bool kept = storepath_parse(S(NIX_STORE_DIR), drv, NULL, NULL) && nixstore_has(ns, drv);

	nixstore_free(ns);
	return kept;
}

bool step_nix_recall(struct step_nix *n)
{
	unsigned char key[32];
	struct blob *b;
	str drv, rows;
	bool ok;

	key_of(n, key);
	if (!store_record_get(n->job->build->store, "compat", key, &b))
		return false;
	ok = str_cut(blob_str(b), '\n', &drv, &rows) && is_kept(n, drv) && stands(n, rows);
	if (ok)
		n->drv = str_dup(&n->arena, drv);
	blob_unref(b);
	return ok;
}

/* What changed so late that its stamp proves nothing is not remembered. */
void step_nix_remember(struct step_nix *n, int64_t began_ns)
{
	unsigned char key[32];
	struct buf out = {0};
	bool settled = true;

	key_of(n, key);
	buf_fmt(&out, "%.*s\n", STR_ARG(n->drv));
	for (size_t i = 0; i < n->beyond.n && settled; i++) {
		str path = n->beyond.entries[i].key;
		struct row row;

		memset(&row, 0, sizeof row);
		look(path.p, &row.stamp);
		row.path_n = (uint32_t)path.n;
		settled = !row.stamp.mode || row.stamp.ctime_ns < began_ns - GRAIN_NS;
		buf_add(&out, &row, sizeof row);
		buf_str(&out, path);
	}
	if (settled)
		(void)!store_record_put(n->job->build->store, "compat", key, buf_view(&out));
	buf_free(&out);
}
