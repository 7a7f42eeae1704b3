/* sandbox.h: runs one command that sees nothing but what it was given.
 *
 * Layer: build (the lowest part of it; needs only base).
 *
 * A *zygote* is started with the first request: the program's own executable again, by posix_spawn,
 * so that it is small however large the caller has grown.  It enters new user, mount, ipc, uts and
 * network namespaces once and then forks per request into a mount and pid namespace of its own
 * (DESIGN.md section 6; a network namespace of its own too where asked for).  The command runs with
 * a non-zero uid and no capability, no_new_privs, a fresh session, no descriptor but 0 (empty), 1
 * and 2, and exactly the environment of the request.
 *
 * What it sees: a root made of the request's entries, /proc of its pid namespace, /dev with null,
 * zero, full, random, urandom and links to the standard streams, a private /tmp, and nothing else.  Everything is read-only but /tmp
 * and the SANDBOX_WRITABLE entries.
 *
 * One thread (the loop's) calls everything here. */
#ifndef STRAYLIGHT_SANDBOX_H
#define STRAYLIGHT_SANDBOX_H

#include <straylight/base.h>

struct uv_loop_s;

enum sandbox_mode {
	SANDBOX_ON,   /* the above */
	SANDBOX_NONE, /* plain fork and exec in a directory made from the entries below `cwd`; the host
	               * stays visible; for kernels that refuse namespaces, by explicit request only */
};

enum sandbox_entry_kind {
	SANDBOX_DIR,      /* an empty directory */
	SANDBOX_BIND,     /* host directory or file `source`, read-only, nosuid, nodev */
	SANDBOX_COPY,     /* a private copy of host file `source`, mode 0444 or 0555 */
	SANDBOX_SYMLINK,  /* `source` is the text of the link */
	SANDBOX_WRITABLE, /* host directory `source`, read-write: where outputs are collected */
};

/* Entries are applied in order; parents of a target are made as needed (inside a WRITABLE entry they
 * are made on the host side; a BIND cannot hold later targets). */
struct sandbox_entry {
	enum sandbox_entry_kind kind;
	bool executable; /* COPY */
	str source;      /* borrowed until sandbox_run returns */
	str target;      /* absolute path in the sandbox */
};

struct sandbox_request {
	enum sandbox_mode mode;
	const str *argv;
	size_t argc;         /* at least 1; argv[0] is a path in the sandbox, no PATH search is made */
	const str *env;      /* "K=V" */
	size_t nenv;
	str cwd;             /* absolute path in the sandbox */
	const struct sandbox_entry *entries;
	size_t nentries;
	str scratch;         /* an existing empty host directory of this request; used by mode NONE */
	uint32_t timeout_ms; /* 0 = none; then SIGKILL to everything in the sandbox */
	size_t output_max;   /* bytes kept of stdout and of stderr each; the rest is dropped and counted */
	bool own_network;    /* a fresh network namespace with loopback up, for tests */
	bool interactive;    /* inherit the terminal on 0, 1, 2 (`straylight shell`) */
};

enum sandbox_how {
	SANDBOX_EXITED,   /* code is the exit status */
	SANDBOX_SIGNALED, /* code is the signal */
	SANDBOX_TIMEOUT,
	SANDBOX_CANCELLED,
	SANDBOX_REFUSED,  /* it could not be set up or started: ours or the kernel's fault, see `step` */
};

struct sandbox_result {
	enum sandbox_how how;
	int code;
	const char *step;   /* REFUSED: which step ("unshare user", "bind", "exec" …) */
	str path;           /* REFUSED: the path it was about; may be empty */
	int err;            /* REFUSED: errno.  exec + ENOENT: no such program in the sandbox */
	struct blob *out, *err_out; /* stdout, stderr; never NULL; borrowed during the callback */
	uint64_t dropped;   /* bytes beyond output_max */
	uint64_t wall_ns, user_ns, system_ns, max_rss; /* of the command; bytes */
};

typedef void sandbox_done(void *ud, const struct sandbox_result *);

struct sandbox;

/* No process is started yet. */
struct sandbox *sandbox_new(struct uv_loop_s *) SL_MUST_USE;
/* Kills what still runs (its callbacks are called with CANCELLED), ends the zygote, frees.  Not to be
 * called from a callback; the loop must turn once more before it is closed. */
void sandbox_free(struct sandbox *);

/* Starts a request; done is called exactly once, from the loop, never from inside this call.
 * Returns a number for sandbox_cancel.  The request is copied. */
uint64_t sandbox_run(struct sandbox *, const struct sandbox_request *, sandbox_done *done, void *ud);
/* The command and all its children are killed; done follows with CANCELLED.  Unknown numbers are
 * ignored. */
void sandbox_cancel(struct sandbox *, uint64_t id);

/* What this machine allows, step by step, by trying each in a child: for `doctor` and for the error
 * that stops a build (exit 3) when the sandbox cannot be had. */
struct sandbox_probe {
	const char *step;
	int err;           /* 0: works */
	const char *advice; /* what to do when it does not; NULL when it works */
};
#define SANDBOX_PROBES_MAX 16
size_t sandbox_probe(struct sandbox_probe out[SANDBOX_PROBES_MAX]);

/* main() of every program that uses a sandbox calls this first: in a zygote it never returns. */
void sandbox_zygote_hook(int argc, char **argv);

#endif
