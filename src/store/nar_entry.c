#include "nar_int.h"

struct writer {
	struct nar_out out;
	struct store *store;
	struct diags *diags;
};

static bool file(struct writer *w, const struct tree_entry *e)
{
	struct blob *b;
	int err = store_get(w->store, &e->digest, &b);
	char text[DIGEST_TEXT_MAX];

	if (err < 0) {
		os_error(w->diags, DIAG_NAR_FILE, err, "reading the content", str_c(digest_text(&e->digest, text)));
		return false;
	}
	nar_out_file(&w->out, e->executable, b->n);
	nar_out_bytes(&w->out, blob_str(b));
	nar_out_pad(&w->out, b->n);
	nar_out_close(&w->out);
	blob_unref(b);
	return !w->out.quit;
}

/* Recurses; trees are at most TREE_DEPTH_MAX deep. */
static bool node(struct writer *w, const struct tree_entry *e)
{
	const struct tree_entry *entries;

	if (e->kind == TREE_FILE)
		return file(w, e);
	if (e->kind == TREE_SYMLINK) {
		nar_out_link(&w->out, e->target);
		return true;
	}
	nar_out_dir(&w->out);
	entries = tree_entries(e->dir);
	for (size_t i = 0; i < tree_count(e->dir); i++) {
		nar_out_entry(&w->out, entries[i].name);
		if (!node(w, &entries[i]))
			return false;
		nar_out_close(&w->out);
	}
	nar_out_close(&w->out);
	return true;
}

bool nar_dump_entry(struct store *s, const struct tree_entry *e, nar_write *write, void *ud, struct diags *diags)
{
	struct writer w = {.store = s, .diags = diags};
	bool ok;

	nar_out_begin(&w.out, write, ud);
	nar_out_magic(&w.out);
	ok = node(&w, e);
	return nar_out_end(&w.out) && ok;
}
