/* The archive of a store path, from a cache into the CAS. */
#include "substitute_int.h"

#include <straylight/fetch.h>
#include <straylight/nar.h>

#include "fetch_known.h"
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct reading {
	struct substituter *s;
	struct offer *o;
	struct nar_reader *reader;
	struct nix_hasher *hasher;
	uint64_t n;
	struct diags *diags, form; /* form: of the NAR, told when nothing else is wrong */
};

static bool damaged(struct reading *r, const char *fmt, ...) SL_PRINTF(2, 3);

static bool damaged(struct reading *r, const char *fmt, ...)
{
	struct arena a = {0};
	va_list args;
	str text;

	va_start(args, fmt);
	text = str_vfmt(&a, fmt, args);
	va_end(args);
	diag_error(r->diags, DIAG_CACHE_DAMAGED, NO_SPAN, "the archive of '%.*s' at '%.*s' %.*s", STR_ARG(r->o->info.path),
			STR_ARG(r->s->caches[r->o->cache].shown), STR_ARG(text));
	arena_clear(&a);
	return false;
}

/* Bytes of the NAR go into its hash and into the tree. */
static bool take(void *ud, str bytes)
{
	struct reading *r = ud;

	if (bytes.n > r->o->info.nar_size - r->n)
		return damaged(r, "is larger than %llu bytes, as it should be", (unsigned long long)r->o->info.nar_size);
	r->n += bytes.n;
	nix_hasher_add(r->hasher, bytes.p, bytes.n);
	return nar_reader_feed(r->reader, bytes);
}

static bool take_plain(int fd, struct reading *r)
{
	char part[64 << 10];
	ssize_t n;

	while ((n = read(fd, part, sizeof part)) > 0)
		if (!take(r, str_of(part, (size_t)n)))
			return false;
	return n == 0 || damaged(r, "cannot be read: %s", strerrordesc_np(errno));
}

static bool check(struct reading *r, const struct nix_hash *got)
{
	const struct narinfo *i = &r->o->info;
	struct arena a = {0};
	bool ok = true;

	if (r->n != i->nar_size)
		ok = damaged(r, "has %llu bytes, not %llu", (unsigned long long)r->n, (unsigned long long)i->nar_size);
	else if (!nix_hash_eq(got, &i->nar_hash))
		ok = damaged(r, "has the hash %.*s, not %.*s", STR_ARG(nix_hash_str(&a, got, NIX_BASE32, true)),
				STR_ARG(nix_hash_str(&a, &i->nar_hash, NIX_BASE32, true)));
	arena_clear(&a);
	return ok;
}

static bool unpack(struct reading *r, const char *file)
{
	const struct narinfo *i = &r->o->info;
	struct nar_visitor *v = nar_importer_new(r->s->store, r->diags);
	struct nix_hash got;
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	size_t errors = r->diags->errors;
	bool ok = fd >= 0 || damaged(r, "cannot be read: %s", strerrordesc_np(errno));

	r->reader = nar_reader_new(v, i->path, &r->form);
	r->hasher = nix_hasher_new(NIX_SHA256);
	if (ok)
		ok = str_eq(i->compression, S("none")) ? take_plain(fd, r) : unpack_file(fd, i->path, i->nar_size + 1, take, r, r->diags);
	if (fd >= 0)
		close(fd);
	nix_hasher_end(r->hasher, &got);
	ok = ok && check(r, &got);
	ok = nar_reader_end(r->reader) && ok;
	if (r->diags->errors == errors)
		diags_move(r->diags, &r->form);
	diags_free(&r->form);
	return nar_importer_end(v, ok, &r->s->mem, &r->o->result.entry);
}

static bool is_known(str compression)
{
	static const char *const known[] = {"none", "gzip", "bzip2", "xz", "lzma", "lzip", "lz4", "zstd", "compress"};

	for (size_t i = 0; i < SL_COUNT(known); i++)
		if (str_eq(compression, str_c(known[i])))
			return true;
	return false;
}

/* Into a file of its own: compressed bytes are not wanted a second time. */
static bool obtain(struct reading *r, const char *file)
{
	const struct narinfo *i = &r->o->info;
	str base = r->s->caches[r->o->cache].url;
	str url = str_find_str(i->url, S("://")) < i->url.n ? i->url : str_fmt(&r->s->mem, "%.*s/%.*s", STR_ARG(base), STR_ARG(i->url));
	struct fetch f = {.urls = &url, .nurls = 1, .name = i->path, .hash = i->file_hash, .max = i->file_size};

	if (!is_known(i->compression))
		return damaged(r, "is compressed by '%.*s', which is not known here", STR_ARG(i->compression));
	return fetch_to(file, &f, NULL, r->diags);
}

bool substitute_nar(struct substituter *s, struct offer *o, struct diags *diags)
{
	struct reading r = {.s = s, .o = o, .diags = diags};
	const char *file;
	str dir;
	int err;
	bool ok;

	if (fetch_known(s->store, "nar", &o->info.nar_hash, &s->mem, &o->result.entry))
		return true;
	tree_unref(o->result.entry.dir);
	o->result.entry = (struct tree_entry){0};
	err = store_scratch(s->store, &s->mem, &dir);
	if (err < 0) {
		os_error(diags, DIAG_IO, err, "making a file in", store_root(s->store));
		return false;
	}
	file = os_join(&s->mem, dir, S("nar"));
	ok = obtain(&r, file) && unpack(&r, file);
	unlink(file);
	if (ok)
		fetch_remember(s->store, "nar", &o->info.nar_hash, &o->result.entry);
	return ok;
}
