/* build.h: a workspace, and what can be asked of it.
 *
 * Layer: build; the face for the commands.  A struct build belongs to one thread, which also runs its
 * event loop while a call is under way; the work happens on a pool and in sandboxes. */
#ifndef STRAYLIGHT_BUILD_H
#define STRAYLIGHT_BUILD_H

#include <straylight/base.h>
#include <straylight/net.h>
#include <straylight/sandbox.h>
#include <straylight/substitute.h>

#define OUT_DIR "straylight-out" /* of a workspace: copies of the outputs asked for */

struct build;
struct package;
struct target;

enum build_served { /* how an action came to its outputs */
	SERVED_RUN,    /* its command ran */
	SERVED_CACHE,  /* the action cache had it */
	SERVED_NARROW, /* nothing that it read had changed */
	SERVED_CORE,   /* computed on trees, no process */
	SERVED_REMOTE, /* a remote worker ran it */
	SERVED_REMOTE_CACHE, /* the remote cache had it */
	SERVED_FAILED,
	SERVED_WOULD,  /* --dry-run: it would run */
};

struct build_action {
	sym label;
	str name;               /* "compile src/a.c" */
	enum build_served served;
	uint64_t wall_ns;
	str out, err;           /* what the command printed */
	const str *reasons;     /* why it ran; only with options.explain */
	size_t nreasons;
	struct digest action;
	bool test;              /* one of a target's tests */
	const str *argv;        /* its command */
	size_t argc;
	size_t known;           /* actions that this build has come to so far, this one among them */
};

/* Called on the build's thread; any may be NULL. */
struct build_observer {
	void *ud;
	void (*waiting)(void *ud);                        /* for another build's lock */
	void (*loading)(void *ud, str package);           /* a BUILD.dhall is being evaluated */
	void (*capturing)(void *ud, str toolchain);       /* a host toolchain is being captured */
	void (*started)(void *ud, const struct build_action *);
	void (*finished)(void *ud, const struct build_action *);
	/* An action at a remote server of which nothing was heard for a while: "queued", "running" … */
	void (*silent)(void *ud, const struct build_action *, const char *stage, str worker, uint64_t silent_ms);
};

enum build_mode {
	BUILD_MODE_WORKSPACE, /* as straylight.dhall says */
	BUILD_MODE_DEBUG,
	BUILD_MODE_RELEASE,
};

enum build_download { /* of what is at a remote server */
	DOWNLOAD_TOPLEVEL, /* the outputs asked for, and what an action needs that runs here */
	DOWNLOAD_ALL,      /* every output */
	DOWNLOAD_NONE,     /* only what an action needs that runs here */
};

/* What is not given is taken from straylight.dhall: an endpoint with p == NULL, then what belongs to it. */
struct build_remote {
	str endpoint;            /* "grpc://host:port", "grpcs://host:port"; empty but not NULL: none */
	str instance;
	const struct net_header *headers; /* their values are hidden in messages */
	size_t nheaders;
	str ca_file, cert_file, key_file;
	bool cache_only;         /* run nothing there */
	bool require;            /* its troubles are errors */
	bool race;               /* run here at the same time what runs there: the first good result counts */
	bool write;              /* results of this machine's sandbox go to its cache */
	enum build_download download;
	unsigned jobs;           /* actions that run there at a time */
	str version;             /* of this program, for the server's log */
};

struct store;
/* Completes it by what the straylight.dhall around `dir` says, as a build there would; texts are the arena's.  Without a
 * workspace it stays as it is.  The store remembers what was evaluated.  false after diagnostics. */
bool build_remote_find(str dir, struct store *, struct build_remote *, struct arena *, struct diags *) SL_MUST_USE;

/* An action whose command ran on this machine: its messages (Action, Command, Directories of its inputs), which one record
 * holds, become blobs of the store.  false: there is no such record, or it is not whole. */
bool build_recall_action(struct store *, const struct digest *action);

struct build_remote_summary {
	size_t runs, hits;       /* actions */
	size_t puts, refused;    /* results written there, or not taken */
	size_t healed;           /* times that something lost was made or sent again */
	size_t troubles;         /* calls that failed in the end */
	size_t races, won_here;  /* actions that ran there and here at once; of which here was first */
	size_t asks, asked;      /* FindMissingBlobs: calls, blobs */
	uint64_t sent_bytes, got_bytes, sent_blobs, got_blobs;
};

struct build_options {
	unsigned jobs;          /* 0: as straylight.dhall says, else one per processor */
	bool keep_going, dry_run, explain;
	enum build_mode mode;
	unsigned check;         /* run each action that many times and compare; 0 and 1: do not */
	enum sandbox_mode sandbox;
	str cache;              /* directory; empty: os_cache_dir */
	enum digest_fn digest;  /* 0: SHA-256.  Builds with one know nothing of those with another */
	bool nix_host;          /* nix-compat actions are run by the nix of this machine, unsandboxed */
	const str *host_paths;  /* folders of this machine that the builders of derivations see; none: as straylight.dhall says */
	size_t nhost_paths;
	struct substitute_config caches; /* for derivations: no cache is named: as straylight.dhall says.  Its keys are the user's */
	struct build_remote remote;
	struct build_observer observer;
};

/* The workspace around `dir` (absolute): the nearest folder at or above it with a straylight.dhall; *here is
 * the rest of `dir`.  Both in the arena.  false after a diagnostic. */
bool build_find(str dir, struct arena *, str *root, str *here, struct diags *) SL_MUST_USE;
/* Removes what builds left in the workspace at `root`: straylight-out/, with `expunge` .straylight/ too; the
 * cache stays.  Waits for a build that runs there: waiting(ud), if not NULL, is called once before.  false
 * after diagnostics. */
bool build_clean(str root, bool expunge, void (*waiting)(void *ud), void *ud, struct diags *) SL_MUST_USE;

/* Finds straylight.dhall in `dir` or above, opens the store and the workspace's state and takes its
 * lock; nothing is evaluated yet.  NULL after diagnostics. */
struct build *build_open(str dir, const struct build_options *, struct diags *) SL_MUST_USE;
void build_close(struct build *);
str build_root(const struct build *);
/* The package that `dir` of build_open stands in, for ":name" and no label at all. */
str build_here(const struct build *);

/* The targets that the patterns name, sorted, each once.  No pattern: every target of the package here.
 * false after diagnostics. */
bool build_match(struct build *, const str *patterns, size_t n, sym **labels, size_t *nlabels, struct diags *)
		SL_MUST_USE;
/* Every package of the workspace, by folder, sorted. */
bool build_packages(struct build *, str **paths, size_t *n, struct diags *) SL_MUST_USE;

enum build_goal {
	GOAL_BUILD, /* the default outputs, and a copy of them in straylight-out/ */
	GOAL_TEST,  /* the same, then the tests */
};

struct build_summary {
	size_t ran, cached, narrowed, core, failed, would;
	size_t unfinished; /* of the labels asked for: something failed on the way to them */
	struct build_remote_summary remote;
};

/* Builds.  The worst error's exit code; 130 after build_interrupt. */
int build_run(struct build *, const sym *labels, size_t n, enum build_goal, struct build_summary *, struct diags *);
/* Stops what runs; build_run returns soon.  May be called from an observer or a signal handler of the
 * loop. */
void build_interrupt(struct build *);

struct build_away { /* an action that is at a server */
	sym label;
	str name;
	const char *stage;   /* "uploading", "queued", "running", "fetching", "waiting" */
	str worker;          /* may be empty */
	uint64_t silent_ms;  /* since the server last said anything */
};
/* During build_run, from the loop: every one of them. */
void build_each_away(struct build *, void (*fn)(void *ud, const struct build_away *), void *ud);

/* Whether the last successful build_run of the same patterns, goal and options is still right: by the
 * stamps of every file that it looked at, of the toolchains' directories and of its outputs, without
 * evaluating anything.  true: nothing is to be done, and the outputs' paths are *paths. */
bool build_is_done(struct build *, const str *patterns, size_t n, enum build_goal, const str **paths, size_t *npaths);
/* After a build_run that returned 0: remembers it for build_is_done. */
void build_remember(struct build *, const str *patterns, size_t n, enum build_goal, const sym *labels, size_t nlabels);

/* After build_run: where the outputs of a target are, relative to the workspace. */
void build_outputs(struct build *, sym label, const str **paths, size_t *n);
bool build_executable(struct build *, sym label, str *path);
/* Instead of building: the outputs of every target that matches and whose last build was at a server, by the digests
 * that it left, into the workspace; *paths are where they are.  Nothing is evaluated and nothing runs.  The exit code. */
int build_get(struct build *, const str *patterns, size_t n, const str **paths, size_t *npaths, struct diags *);
struct uv_loop_s *build_loop(struct build *);

/* ---- questions (query.c): everything is owned by the build ---- */

struct build_target {
	sym label;
	struct span span;        /* where it is written */
	const char *visibility;  /* "public", "private", "package", "targets" */
	const str *labels;       /* common.labels */
	const str *sources;      /* paths below the workspace, sorted */
	const sym *needs;        /* labels that it mentions, sorted */
	size_t nlabels, nsources, nneeds;
	size_t ntests;
	bool executable;
};

/* Evaluates what is needed and checks that all of it fits together.  false after diagnostics. */
bool build_configure(struct build *, const sym *labels, size_t n, struct diags *) SL_MUST_USE;
/* After build_match or build_configure reached it. */
bool build_target(struct build *, sym label, struct build_target *out) SL_MUST_USE;

struct build_command {
	sym label;
	str name;           /* "compile src/a.c" */
	const char *category;
	const str *argv, *env; /* of a "fetch" its URLs */
	const str *inputs;  /* paths below the workspace; outputs of others stand in straylight-out/ */
	const str *headers; /* those that may be read */
	const str *outputs;
	str depfile;        /* may be empty */
	str out_file;       /* where what it prints goes; may be empty */
	uint32_t act;       /* its number in the target, for build_shell */
	const char *core;   /* not NULL: no process; "write" … "fetch" (ORDER ACT) */
	size_t argc, nenv, ninputs, nheaders, noutputs;
};

/* Every action that building the labels could run, producers first.  Host toolchains are captured if
 * they are not.  false after diagnostics. */
bool build_commands(struct build *, const sym *labels, size_t n, const struct build_command **out, size_t *count,
		struct diags *) SL_MUST_USE;

/* Builds what the action (with a process) reads, and starts a shell where it would run: with the toolchain
 * "userland" too, if the workspace has one, and the terminal.  What is written there is thrown away.  The
 * shell's exit code, or that of diagnostics.  The observer's `started` comes before the shell. */
int build_shell(struct build *, sym label, uint32_t act, struct diags *);

struct build_past { /* what the journal knows of one action */
	str name;
	uint64_t run;       /* number of the run it happened in; the newest is build_run_number */
	enum build_served served;
	int64_t start_ns, wall_ns;
	struct digest action;
	const str *reasons;
	size_t nreasons;
};
/* The last event of every action of a label, in order of names. */
void build_history(struct build *, sym label, const struct build_past **out, size_t *n);
uint64_t build_run_number(const struct build *);

struct build_host { /* what a capture asks of a machine */
	const str *compilers, *languages, *packages, *programs;
	size_t ncompilers, nlanguages, npackages, nprograms;
};

struct build_toolchain {
	str word, name, version;
	struct digest digest;
	size_t files;
	uint64_t bytes;
	const str *tools;  /* "cc /usr/bin/gcc" */
	size_t ntools;
	str pinned;              /* the digest that the workspace pins; may be empty */
	struct build_host *host; /* what all of it is captured from; NULL when a part is not */
};

enum build_bytes {
	BYTES_OF_WORKSPACE, /* captured if they are not; of those that are pinned, the pinned bytes */
	BYTES_OF_MACHINE,   /* what this machine has in their place */
};
/* The workspace's toolchains.  false after diagnostics. */
bool build_toolchains(struct build *, enum build_bytes, const struct build_toolchain **out, size_t *n, struct diags *)
		SL_MUST_USE;

#endif
