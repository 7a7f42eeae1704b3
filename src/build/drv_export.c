#include "drv_job.h"

#include <straylight/nar.h>
#include <straylight/narinfo.h>
#include <straylight/nixstore.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Valid paths, out of the CAS: as a store of Nix, or as a binary cache. */

static bool failed(struct diags *diags, int err, const char *what, const char *path)
{
	os_error(diags, DIAG_IO, err, what, str_c(path));
	return false;
}

/* ---- a store ---- */

bool drvbuild_export(struct drvbuild *b, const str *paths, size_t n, const char *dir, struct diags *diags)
{
	struct arena a = {0};
	size_t count;
	const struct valid *const *closure = valids_closure(b->valids, paths, n, &a, &count);
	struct nixstore *ns = nixstore_new(str_c(os_join(&a, str_c(dir), S("nix/store"))), S(NIX_STORE_DIR));
	bool ok = true;

	for (size_t i = 0; i < count && ok; i++)
		ok = nixstore_export(ns, closure[i]->path, b->store, &closure[i]->entry, diags);
	nixstore_free(ns);
	arena_clear(&a);
	return ok;
}

/* ---- a binary cache ---- */

struct archive {
	int fd, err;
};

static bool write_part(void *ud, str bytes)
{
	struct archive *w = ud;

	w->err = os_write_all(w->fd, bytes.p, bytes.n);
	return w->err == 0;
}

/* nar/HASH.nar, whole when it has its name. */
static bool write_archive(struct drvbuild *b, const struct valid *v, const char *dir, str url, struct arena *a, struct diags *diags)
{
	const char *to = os_join(a, str_c(dir), url), *fresh = str_fmt(a, "%s.new-%ld", to, (long)getpid()).p;
	struct archive w = {.fd = -1};
	struct stat st;
	bool ok;

	if (stat(to, &st) == 0 && (uint64_t)st.st_size == v->nar_size)
		return true;
	w.fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (w.fd < 0)
		return failed(diags, errno, "making", fresh);
	ok = nar_dump_entry(b->store, &v->entry, write_part, &w, diags);
	close(w.fd);
	if (ok && rename(fresh, to) == 0)
		return true;
	if (ok || w.err)
		failed(diags, w.err ? w.err : errno, "writing", to);
	unlink(fresh);
	return false;
}

static str base_of(str path)
{
	return str_from(path, sizeof NIX_STORE_DIR);
}

static bool write_info(const struct valid *v, const char *dir, str url, const struct nix_secret_key *key, struct arena *a,
		struct diags *diags)
{
	struct narinfo info = {
		.path = v->path,
		.url = url,
		.compression = S("none"),
		.file_hash = v->nar_hash,
		.file_size = v->nar_size,
		.nar_hash = v->nar_hash,
		.nar_size = v->nar_size,
		.references = arena_array(a, str, v->nrefs),
		.nreferences = v->nrefs,
		.deriver = v->deriver.n ? base_of(v->deriver) : S(""),
		.ca = v->ca,
	};
	str hash, signature;
	struct buf text = {0};
	const char *to;
	int err;

	for (size_t i = 0; i < v->nrefs; i++)
		info.references[i] = base_of(v->refs[i]);
	if (key) {
		signature = narinfo_sign(&info, S(NIX_STORE_DIR), key, a);
		info.signatures = &signature;
		info.nsignatures = 1;
	}
	storepath_parse(S(NIX_STORE_DIR), v->path, &hash, NULL);
	to = os_join(a, str_c(dir), str_fmt(a, "%.*s.narinfo", STR_ARG(hash)));
	narinfo_print(&info, &text);
	err = os_replace(to, buf_view(&text), 0644, false);
	buf_free(&text);
	return !err || failed(diags, err, "writing", to);
}

bool drvbuild_to_cache(struct drvbuild *b, const str *paths, size_t n, const char *dir, const struct nix_secret_key *key,
		struct diags *diags)
{
	struct arena a = {0};
	size_t count;
	const struct valid *const *closure = valids_closure(b->valids, paths, n, &a, &count);
	int err = os_mkdirs(os_join(&a, str_c(dir), S("nar")), 0755);
	bool ok;

	err = err ? err : os_replace(os_join(&a, str_c(dir), S("nix-cache-info")), S("StoreDir: " NIX_STORE_DIR "\n"), 0644, false);
	ok = !err || failed(diags, err, "making", dir);
	for (size_t i = 0; i < count && ok; i++) {
		str url = str_fmt(&a, "nar/%.*s.nar", STR_ARG(nix_hash_str(&a, &closure[i]->nar_hash, NIX_BASE32, false)));

		ok = write_archive(b, closure[i], dir, url, &a, diags) && write_info(closure[i], dir, url, key, &a, diags);
	}
	arena_clear(&a);
	return ok;
}
