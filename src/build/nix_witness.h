/* nix_witness.h: what an evaluation of Nix code rests on.
 *
 * Layer: build.  A nix_env whose doors remember what they answered, each answer by its hash: evaluation is a function of its
 * text and of these, so the same answers give the same value.  What has no lasting answer makes the whole evaluation
 * fleeting: the time, a fetch that nothing fixes, a file with two contents, a line that was said (nobody would hear it again). */
#ifndef STRAYLIGHT_BUILD_NIX_WITNESS_H
#define STRAYLIGHT_BUILD_NIX_WITNESS_H

#include <straylight/nix.h>

enum nix_ground_kind { /* written to disk */
	NIX_GROUND_FILE,     /* a file's bytes, behind links */
	NIX_GROUND_LIST,     /* a folder's names, and what they are */
	NIX_GROUND_TYPE,     /* what is there */
	NIX_GROUND_LINK,     /* what a link says */
	NIX_GROUND_SOURCE,   /* an entry as an archive has it: a file's mode and bytes, a folder's entries, a link's target */
	NIX_GROUND_VARIABLE, /* of the environment */
	NIX_GROUND_KINDS
};

struct nix_ground {
	enum nix_ground_kind kind;
	str name;                 /* an absolute path, or the variable's name */
	unsigned char answer[32]; /* zeros: there is nothing */
};

struct nix_witness;

/* The doors are copied; what they point to is borrowed. */
struct nix_witness *nix_witness_new(const struct nix_env *) SL_MUST_USE;
void nix_witness_free(struct nix_witness *); /* after the session; NULL is fine */
struct nix_env nix_witness_env(struct nix_witness *);
/* What lies in the folder is known otherwise: it is no ground.  At most NIX_WITNESS_EXCEPT times; the text is borrowed. */
#define NIX_WITNESS_EXCEPT 2
void nix_witness_except(struct nix_witness *, str folder);

/* Everything that was asked, in order; it lives as long as the witness. */
const struct nix_ground *nix_witness_grounds(const struct nix_witness *, size_t *n);
bool nix_witness_fleeting(const struct nix_witness *);

/* What the doors answer now. */
void nix_ground_look(const struct nix_env *, enum nix_ground_kind, str name, unsigned char answer[32]);

#endif
