/* fetch.h: files and trees from URLs, whose hash is known beforehand.
 *
 * Layer: build.
 *
 * What has been fetched is found again by its hash, in the CAS: the second time no URL is asked.  A transfer that
 * breaks goes on where it broke, after a pause; when a URL does not give the right bytes the next is asked.  URLs are
 * file, http and https.  No message holds a URL's user, password or query. */
#ifndef STRAYLIGHT_FETCH_H
#define STRAYLIGHT_FETCH_H

#include <straylight/drv.h>
#include <straylight/store.h>
#include <stdatomic.h>

#define FETCH_BYTES_MAX ((uint64_t)64 << 30)
#define FETCH_SECONDS 7200   /* for one transfer */
#define FETCH_TRIES 5        /* of one URL without a new byte */
#define FETCH_TRIES_MAX 50   /* of one URL in all */
#define FETCH_PAUSE_MS 100   /* before the second try; each later one waits twice as long */
#define FETCH_PAUSE_MAX_MS 30000

struct fetch {
	const str *urls;      /* asked in order */
	size_t nurls;
	str name;             /* what messages call it */
	struct nix_hash hash; /* NIX_ALGO_NONE: not known, and nothing is found again */
	uint64_t max;         /* bytes; 0: FETCH_BYTES_MAX */
	unsigned pause_ms;    /* 0: FETCH_PAUSE_MS */
	const atomic_bool *stop; /* once it is true what goes on ends, false without a diagnostic; may be NULL */
};

/* Each is false after a diagnostic: FETCH_FAILED (no URL gives it, with a note for each), FETCH_HASH, FETCH_OFFLINE, IO,
 * DISK_FULL, and those named.  Texts of results live in the arena. */

/* A file into the CAS; `hash` is of its bytes.  With an unknown hash *got is its SHA-256; it may be NULL. */
bool fetch_file(struct store *, const struct fetch *, struct digest *out, struct nix_hash *got, struct diags *) SL_MUST_USE;
/* What an archive holds, as builtins.fetchTarball gives it: its single topmost entry.  `hash` is of the NAR.  The
 * entry has no name; a DIR has one reference.  ARCHIVE. */
bool fetch_tarball(struct store *, const struct fetch *, struct arena *, struct tree_entry *out, struct nix_hash *got,
		struct diags *) SL_MUST_USE;
/* The output of a fixed-output derivation whose builder is "builtin:fetchurl": url (or urls), executable, unpack.
 * It has the hash that the derivation says.  DRV_OUTPUTS, HASH_TEXT, NIX_DERIVATION (it names no URL), ARCHIVE, NAR_SYNTAX. */
bool fetch_derivation(struct store *, const struct drv *, struct arena *, struct tree_entry *out, struct diags *) SL_MUST_USE;

struct archive_fetch { /* what a target asks for */
	struct fetch file;   /* its hash is known */
	bool unpack;         /* else the file itself is the answer */
	str strip;           /* the directory of the archive that is; p == NULL: the only entry at the top, if that is a directory,
	                      * else all of it */
	bool executable;     /* of a file */
};
/* The entry has no name; a DIR has one reference.  ARCHIVE (also: it has no such directory). */
bool fetch_archive(struct store *, const struct archive_fetch *, struct arena *, struct tree_entry *out, struct diags *) SL_MUST_USE;
/* The same, if it is at hand; false without a diagnostic. */
bool fetch_archive_known(struct store *, const struct archive_fetch *, struct arena *, struct tree_entry *out);

/* A file into a new file at `path`, which the caller removes; nothing is put into the CAS or found there. */
bool fetch_to(const char *path, const struct fetch *, struct nix_hash *got, struct diags *) SL_MUST_USE;
/* A small file into memory (one reference).  *absent, and no diagnostic, when the URL has none. */
bool fetch_text(str url, str name, size_t max, struct blob **out, bool *absent, struct diags *) SL_MUST_USE;

/* The hash of an entry's NAR by any function, and its size.  IO, NAR_FILE. */
bool fetch_nar_hash(struct store *, const struct tree_entry *, enum nix_algo, struct nix_hash *out, uint64_t *size,
		struct diags *) SL_MUST_USE;

#endif
