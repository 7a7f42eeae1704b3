/* cas.h: what the cas commands are about: blobs and trees, by digest or by a path. */
#ifndef STRAYLIGHT_CMD_CAS_H
#define STRAYLIGHT_CMD_CAS_H

#include "described.h"

struct cas_args { /* of every cas command */
	struct server_args remote;
	bool tree;
	str out; /* cas get */
};

#define CAS_ROWS                                                                                                       \
	TEXT(struct cas_args, remote.endpoint, 0, "remote", "grpc://HOST:PORT", "a server, with TLS grpcs://…, beside the "  \
									        "cache of this machine"),              \
	TEXT(struct cas_args, remote.instance, 0, "instance", "NAME", "the server's instance"),                        \
	CHOICE(struct cas_args, remote.digest, 0, "digest", "sha256|blake3", "the function of all digests (default: sha256)")
#define CAS_TREE_ROW                                                                                                   \
	FLAG(struct cas_args, tree, 0, "tree", "digests are those of directories, with all that is in them")

struct subject {
	struct digest digest;
	struct tree *tree; /* one reference; NULL: a blob */
};

/* server_open; without --remote there is no server, whatever the workspace says. */
bool cas_open(struct server *, struct call *) SL_MUST_USE;

/* The digest, or what is at the path; contents of a path are put into the store that is given, which may be NULL for
 * files.  false after diagnostics. */
bool cas_subject(struct server *, struct store *, str digest_or_path, struct subject *out) SL_MUST_USE;
/* The tree of a digest, from the store or the server; NULL after a diagnostic. */
struct tree *cas_tree(struct server *, const struct digest *);
/* Every blob of it, its Directory messages among them, each at least once. */
typedef VEC(struct digest) digest_list;
void cas_blobs(struct server *, const struct subject *, digest_list *out);

#endif
