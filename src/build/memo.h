/* memo.h: values of Dhall files, remembered across processes and workspaces.
 *
 * In the store, per key, up to MEMO_MAX entries, newest first: what the value rested on, and the value as
 * record.c writes it.  An entry is a statement about bytes alone ("with these contents of these files the
 * value is this"), so it is never wrong, only of no use when something is another now.  Contents are
 * digests of the store's function.  The integrity cache is no ground: it holds only what a hash names.
 *
 * The key covers the program (with the prelude inside it and the reader of values), STRAYLIGHT_PRELUDE
 * when it is set, and what the caller adds: the path and content of the file itself, and whatever else it
 * is evaluated with. */
#ifndef STRAYLIGHT_BUILD_MEMO_H
#define STRAYLIGHT_BUILD_MEMO_H

#include <straylight/dhall.h>
#include <straylight/store.h>

#define MEMO_MAX 8

/* ---- what a value rests on ---- */

enum ground_kind { /* written to disk */
	GROUND_FILE,     /* name: a path below the workspace */
	GROUND_OUTSIDE,  /* an absolute path */
	GROUND_VARIABLE, /* of the environment */
	GROUND_PLACE,    /* no name: where the workspace is, and HOME */
	GROUND_KINDS
};

struct ground {
	enum ground_kind kind;
	sym name;
	bool found;
	struct digest content; /* when found */
};

/* What a name of dhall_dependencies is, in the workspace at `root`; false: a part of the program, or a URL,
 * whose content can only be known by asking again. */
bool ground_of(str dependency, str root, enum ground_kind *kind, sym *name);
/* The name again; in the arena. */
str ground_dependency(enum ground_kind kind, sym name, str root, struct arena *);

/* ---- what was read ---- */

/* A Dhall world that remembers the digest of everything that its doors gave.  Any thread. */
struct witness;
struct witness *witness_new(const struct dhall_env *inner, enum digest_fn, str root) SL_MUST_USE;
void witness_free(struct witness *); /* after the world */
struct dhall_env witness_env(struct witness *);
/* What a value rests on by what was read for it, in the arena.  false when that cannot be said: something
 * gave two contents, or came from a URL and was not pinned. */
bool witness_grounds(struct witness *, const str *dependencies, size_t n, struct arena *,
		const struct ground **out, size_t *count) SL_MUST_USE;
/* The digest of the content that was read at an absolute path. */
bool witness_content(struct witness *, str path, struct digest *out) SL_MUST_USE;
/* What is there now, read anew; false when it cannot be read. */
bool witness_look(const struct witness *, enum ground_kind, sym name, bool *found, struct digest *out)
		SL_MUST_USE;

struct memo_entry;
/* Whether all that an entry rests on is there as it was. */
bool witness_vouches(const struct witness *, const struct memo_entry *) SL_MUST_USE;

/* ---- in the store ---- */

/* The beginning of a key: the program and STRAYLIGHT_PRELUDE. */
void memo_key_begin(struct buf *key);
void memo_key_end(struct buf *key, unsigned char out[32]); /* frees */

struct memo_entry {
	const struct ground *grounds;
	uint32_t ngrounds;
	str value;
};

struct memo {
	struct arena arena;
	struct blob *bytes;
	struct memo_entry entries[MEMO_MAX];
	uint32_t n;
};

/* The entries of a key, newest first; none when nothing whole is there.  memo_clear. */
void memo_get(struct store *, const char *kind, const unsigned char key[32], struct memo *out);
void memo_clear(struct memo *);
/* One more entry.  0 or a negative errno. */
int memo_put(struct store *, const char *kind, const unsigned char key[32], const struct ground *, size_t n,
		str value);
/* The bytes of a memo; for tests. */
bool memo_read(str bytes, struct memo *out) SL_MUST_USE;

#endif
