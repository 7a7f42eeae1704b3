/* drvbuild.h: closures of derivations, built without Nix.
 *
 * Layer: build.
 *
 * Each derivation becomes one REAPI Action: its input root has the store paths that the builder may read at nix/store, a
 * launcher and the start file (src/build/launch.c); so the sandbox here and a remote worker run the same thing, and
 * one digest is its key everywhere.  What comes of it is hashed, scanned for references and checked against what the
 * derivation allows and fixes; then it is valid (valid.h), and is never built again.
 *
 * A struct drvbuild belongs to one thread, which also runs its loop while a call is under way. */
#ifndef STRAYLIGHT_DRVBUILD_H
#define STRAYLIGHT_DRVBUILD_H

#include <straylight/build.h>
#include <straylight/closure.h>
#include <straylight/substitute.h>
#include <straylight/valid.h>

struct drvbuild;

enum drv_served {
	DRV_SERVED_RUN,     /* its builder ran here */
	DRV_SERVED_REMOTE,  /* … or on a remote worker */
	DRV_SERVED_CACHE,   /* another derivation's action was the same, here or at the server */
	DRV_SERVED_FETCHED, /* a builtin made it */
	DRV_SERVED_FAILED,
};

struct drvbuild_observer { /* any may be NULL */
	void *ud;
	void (*started)(void *ud, str drv, enum drv_served how);
	void (*finished)(void *ud, str drv, enum drv_served how, uint64_t wall_ns);
	void (*substituted)(void *ud, str path); /* a store path was taken from a cache */
};

/* Whose loop, pool and store it uses: those of a build.  They outlive it. */
struct drvbuild_owner {
	struct uv_loop_s *loop;
	struct pool *pool;
	struct store *store; /* with SHA-256 */
};

struct drvbuild_options {
	const struct drvbuild_owner *owner; /* NULL: its own */
	unsigned jobs;             /* builders at a time; 0: one per processor */
	unsigned cores;            /* NIX_BUILD_CORES; 0, as Nix says: the builder decides */
	bool keep_going;           /* after a failure with all that does not need it */
	const str *host;           /* host folders that builders see, absolute */
	size_t nhost;
	str cache;                 /* directory; empty: os_cache_dir */
	struct substitute_config caches; /* no cache: nothing is substituted; borrowed until drvbuild_open returns */
	const str *vouchers; /* of the keys, those that only this build trusts: what is valid by them is so for builds with the same ones */
	size_t nvouchers;
	struct build_remote remote; /* an endpoint that is empty: none */
	struct drvbuild_observer observer;
};

/* The closure is borrowed.  NULL after diagnostics. */
struct drvbuild *drvbuild_open(struct closure *, const struct drvbuild_options *, struct diags *) SL_MUST_USE;
/* NULL is fine.  With an owner nothing may be submitted any more, the loop must turn once more, and the closure last until then. */
void drvbuild_close(struct drvbuild *);
struct uv_loop_s *drvbuild_loop(struct drvbuild *);
struct store *drvbuild_store(struct drvbuild *);
struct valids *drvbuild_valids(struct drvbuild *);

/* Builds the derivations and what they need.  false after diagnostics, or when it was stopped. */
bool drvbuild_run(struct drvbuild *, const struct closure_node *const *, size_t n, struct diags *) SL_MUST_USE;
/* Stops what runs; drvbuild_run returns soon.  From the loop's thread. */
void drvbuild_interrupt(struct drvbuild *);

/* ---- one at a time, for who has a graph of their own ---- */

struct drv_job;
/* ok, or the diagnostics say why not: none when it was withdrawn. */
typedef void drvbuild_done(void *ud, bool ok, enum drv_served, struct diags *);
/* Builds one derivation whose outputs are not valid, and those of its inputs are.  done is called once, from the loop, never from
 * inside this call; the job is gone then. */
struct drv_job *drvbuild_submit(struct drvbuild *, const struct closure_node *, drvbuild_done *done, void *ud);
/* Nobody wants it any more: done comes soon. */
void drvbuild_withdraw(struct drv_job *);

/* ---- binary caches (drv_substitute.c) ---- */

/* Are all outputs of the derivation there? */
bool drvbuild_has(struct drvbuild *, const struct drv *);
/* There are caches, and none was asked for it yet. */
bool drvbuild_may_substitute(const struct drvbuild *, const struct closure_node *);
/* The diagnostics are warnings: what a cache cannot give is built. */
struct drv_substitution;
typedef void drvbuild_substituted(void *ud, struct diags *);
/* Takes what the caches have of what the derivations need: their outputs or, where those are in no cache, their sources that lie nowhere
 * here and the outputs of their inputs, and so on; never outputs of what says allowSubstitutes = false.  The closure was loaded.  done is called once, from the loop, never from inside
 * this call; then drvbuild_has tells what is there.  drvbuild_run does all this by itself. */
struct drv_substitution *drvbuild_substitute(struct drvbuild *, const struct closure_node *const *, size_t n,
		drvbuild_substituted *done, void *ud);
/* Before done: nobody wants it any more; done comes soon. */
void drvbuild_substitute_stop(struct drv_substitution *);

struct drvbuild_summary {
	size_t ran, remote, cached, fetched, failed;
	size_t substituted; /* store paths */
	size_t known; /* of those asked for: valid before */
};
struct drvbuild_summary drvbuild_summary(const struct drvbuild *);

/* ---- taking them out (drv_export.c); false after diagnostics ---- */

/* DIR/nix/store/… with the closure of the paths, as a store of Nix is laid out. */
bool drvbuild_export(struct drvbuild *, const str *paths, size_t n, const char *dir, struct diags *) SL_MUST_USE;
/* A binary cache: nix-cache-info, narinfos, and archives that are not compressed.  `key` signs; may be NULL. */
struct nix_secret_key;
bool drvbuild_to_cache(struct drvbuild *, const str *paths, size_t n, const char *dir, const struct nix_secret_key *key,
		struct diags *) SL_MUST_USE;

#endif
