/* store_int.h: what the files of this layer share. */
#ifndef STORE_INT_H
#define STORE_INT_H

#include <straylight/store.h>
#include <pthread.h>
#include <stdatomic.h>

/* ---- seen: what this process knows to be there, so that it asks the disk once ----
 * A set of (what, digest), in shards.  It is emptied when anything proves damaged or missing: a fact
 * gathered before that (an older epoch) is not added after it. */

enum seen_what {
	SEEN_PLAIN = 1, /* cas/…/HASH */
	SEEN_EXEC,      /* cas/…/HASH.x */
	SEEN_DIRS,      /* every Directory message of this tree */
	SEEN_WHOLE,     /* those, and every file they name */
	SEEN_MADE,      /* trees/…/HASH */
};

#define SEEN_SHARDS 16

struct seen_shard {
	pthread_mutex_t lock;
	struct seen_key *keys;
	size_t n, mask;
};

struct seen {
	struct seen_shard shards[SEEN_SHARDS];
	atomic_ullong epoch;
};

void seen_init(struct seen *);
void seen_free(struct seen *);
unsigned long long seen_epoch(struct seen *);
bool seen_has(struct seen *, enum seen_what, const struct digest *);
void seen_add(struct seen *, unsigned long long epoch, enum seen_what, const struct digest *);
void seen_clear(struct seen *);

/* ---- the store ---- */

/* A tree being materialised; lives on its maker's stack. */
struct flight {
	struct digest tree;
	struct flight *next;
};

struct store {
	enum digest_fn fn;
	struct digest empty; /* of no bytes: always there, seldom on disk */
	char *root;
	int cas, ac, trees; /* directories; cas and the others are those of fn */
	int tmp_all;        /* tmp itself, locked (shared) while the store is open: no sweep runs */
	int tmp;            /* this instance's own directory below it, locked while it lives */
	char *tmp_name, *tmp_path;
	atomic_ullong names; /* below tmp */
	struct seen seen;
	pthread_mutex_t flight_lock; /* guards flights */
	pthread_cond_t landed;
	struct flight *flights;
};

#define TEMP_NAME 24

const char *store_fn_name(enum digest_fn); /* in paths */

/* A new file below tmp, open for writing, or -errno. */
int store_temp(struct store *, char name[TEMP_NAME]);
void store_temp_name(struct store *, char name[TEMP_NAME]);
/* Renames it to dir/name, "ab/…" or "kind/ab/…"; parents are made.  On error it is removed. */
int store_place(struct store *, const char *temp, int dir, const char *name);
/* The same from anywhere, and on error nothing is removed. */
int store_rename(int from_dir, const char *from, int dir, const char *name);
/* Gives an open file of ours its final mode and times and closes it.  Returns err, or the first
 * error met if err is 0. */
int store_finish(int fd, int err, bool executable, int64_t mtime);

/* Modification time of what an action may see, so that it does not depend on when it was written:
 * 2000-01-01T00:00:00Z. */
#define STORE_MTIME 946684800

/* Blobs smaller than this are copied, larger ones linked. */
#define STORE_LINK_MIN ((int64_t)128 << 10)

/* ---- blobs: cas.c, put.c ---- */

#define CAS_NAME 72 /* "ab/HASH.x" */

static inline enum seen_what cas_variant(bool executable)
{
	return executable ? SEEN_EXEC : SEEN_PLAIN;
}
void cas_name(const struct digest *, enum seen_what variant, char out[CAS_NAME]); /* below cas */
/* From fd's position to its end, hashed; `to` < 0: only that.  0 or -errno. */
int cas_copy(enum digest_fn, int fd, int to, struct digest *out);
/* Ends a file below tmp: closes it, gives it its mode and time, and makes it the blob.  On error (err, or its
 * own) it is removed. */
int store_place_blob(struct store *, int fd, int err, const char *temp, const struct digest *, enum seen_what variant);
/* An open file's content put in; consistent even while others write to it.  -EINVAL unless regular. */
int store_put_fd(struct store *, int fd, struct digest *out);
/* The blob as dir/name, which must not exist.  Copies are verified and get `mtime` (0: now). */
int store_get_at(struct store *, const struct digest *, bool executable, bool exclusive, int64_t mtime,
		int dir, const char *name);

/* ---- trees ---- */

#define TREE_NODES_MAX ((uint64_t)1 << 26)

struct tree {
	atomic_uint refs;
	uint32_t depth; /* 0 without directories */
	size_t n, files;
	uint64_t nodes, bytes; /* of all levels, saturating */
	_Atomic(struct digest *) digest[2]; /* by fn; NULL until asked for */
	_Atomic(unsigned char *) shape;
	struct tree_entry *entries; /* behind the struct, with the bytes of names and targets */
};

/* A node of these sorted entries, which are copied; the references in them are taken over. */
struct tree *tree_node(const struct tree_entry *, size_t n);
/* The digest is known already: it was the name of the message that the tree was read from. */
void tree_known(struct tree *, enum digest_fn, const struct digest *);
const struct tree_entry *tree_child(const struct tree *, str name);
/* One component: not empty, not "." or "..", without '/' and NUL. */
bool tree_name_ok(str name);
bool tree_entry_same(const struct tree_entry *, const struct tree_entry *);

/* Reads one Directory message.  Entries are sorted and borrow from the bytes; those of directories
 * have a digest and no tree.  false unless it is canonical: writing it again gives the same bytes. */
bool directory_read(str bytes, struct arena *, struct tree_entry **entries, size_t *n);
/* Writes it.  The digest of a DIR entry without a tree is taken from the entry. */
void directory_write(const struct tree_entry *, size_t n, enum digest_fn, struct buf *out);

/* What a materialised tree consists of is there: names, kinds, sizes. */
bool materialize_intact(const struct tree *, const char *path);

/* ---- records and results ---- */

/* The file of a record: its bytes and their seal.  Unsealing takes the seal off a blob that nobody
 * else has; false leaves it as it is. */
struct blob *record_seal(const char *kind, const unsigned char key[32], str bytes);
bool record_unseal(const char *kind, const unsigned char key[32], struct blob *);
void result_write(const struct action_result *, struct buf *);
bool result_read(str bytes, struct arena *, struct action_result *out); /* copies into the arena */

#endif
