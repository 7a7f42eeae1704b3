/* zygote.h: what the loop's side (sandbox.c) and the zygote say to each other, and the zygote's rooms.
 *
 * Both ends are the same executable, so structs travel as they lie in memory.  The socket is a
 * SOCK_SEQPACKET pair, descriptor 3 of the zygote:
 *
 *   to the zygote    struct zygote_call; RUN carries a memfd with the request (struct wire), then
 *                    descriptors for 0 (interactive only), 1 and 2
 *   from the zygote  struct zygote_reply, cut off after its path; one for every RUN
 *
 * End of file on the socket: the caller is gone, everything is killed.
 *
 * zygote.c sets the namespaces up and forks, zygote_root.c composes what an action sees,
 * zygote_init.c is the action's first process and starts the command. */
#ifndef STRAYLIGHT_BUILD_ZYGOTE_H
#define STRAYLIGHT_BUILD_ZYGOTE_H

#include <straylight/sandbox.h>

#include <limits.h>
#include <sys/resource.h>
#include <sys/types.h>

#define ZYGOTE_ARG "--straylight-zygote" /* then "on", "none" or "probe" */
#define ZYGOTE_FD 3
#define ZYGOTE_MAX 256 /* actions at once: three descriptors each stay below the usual 1024 in flight */
#define ZYGOTE_UID 1000 /* inside; any but 0, which would get its capabilities back at exec */

/* Every step that can refuse, in the order in which they are taken. */
#define ZYGOTE_STEPS(X)                                                                            \
	X(NONE, "")                                                                                \
	X(SPAWN, "start zygote")                                                                   \
	X(REQUEST, "request")                                                                      \
	X(UNSHARE_USER, "unshare user")                                                            \
	X(MAP_UID, "map uid")                                                                      \
	X(UNSHARE, "unshare mount, ipc, uts, net")                                                 \
	X(PRIVATE, "make mounts private")                                                          \
	X(NEW_ROOT, "mount tmpfs")                                                                 \
	X(DEV, "bind devices")                                                                     \
	X(PIVOT, "pivot_root")                                                                     \
	X(DROP, "drop privileges")                                                                 \
	X(NO_USERNS, "refuse nested user namespaces")                                              \
	X(SCOPE, "landlock scope")                                                                 \
	X(CLONE, "clone")                                                                          \
	X(CLONE_NET, "clone with network")                                                         \
	X(PROC, "mount proc")                                                                      \
	X(DIR, "directory")                                                                        \
	X(BIND, "bind")                                                                            \
	X(COPY, "copy")                                                                            \
	X(SYMLINK, "symlink")                                                                      \
	X(WRITABLE, "writable")                                                                    \
	X(ENTER, "enter root")                                                                     \
	X(NETWORK, "loopback up")                                                                  \
	X(CHDIR, "chdir")                                                                          \
	X(EXEC, "exec")

enum zygote_step {
#define X(name, text) STEP_##name,
	ZYGOTE_STEPS(X)
#undef X
	STEP_COUNT
};

const char *zygote_step_name(enum zygote_step);

/* The first two serve requests; as many sockets has a sandbox. */
enum zygote_mode { ZYGOTE_ON, ZYGOTE_NONE, ZYGOTE_PROBE, ZYGOTE_MODES };

const char *zygote_mode_name(enum zygote_mode);

/* sandbox.c: starts one; the caller's end of its socket, or -1 and errno. */
int zygote_start(enum zygote_mode, pid_t *);

enum zygote_verb { ZYGOTE_RUN, ZYGOTE_KILL };

struct zygote_call {
	enum zygote_verb verb;
	uint64_t id;
};

/* Lives in memory shared by the zygote and its actions: an action's first process fills it. */
struct zygote_reply {
	uint64_t id;
	bool told; /* how and what follows is set */
	enum sandbox_how how;
	int code;
	enum zygote_step step; /* REFUSED */
	int err;               /* REFUSED */
	uint64_t wall_ns, user_ns, system_ns, max_rss;
	uint32_t path_n;
	char path[PATH_MAX];
};

/* A request in its memfd: this, then `argc` and `nenv` uint32_t, then the entries, then the strings.
 * Strings are named by their offset in the memfd and end with a NUL. */
struct wire {
	uint32_t argc, nenv, nentries, timeout_ms;
	uint32_t cwd, scratch;
	uint32_t vectors, entries; /* offsets */
	bool own_network, interactive;
};

struct wire_entry {
	enum sandbox_entry_kind kind;
	bool executable;
	uint32_t source, target;
};

static inline const char *wire_text(const struct wire *w, uint32_t at)
{
	return (const char *)w + at;
}

static inline const struct wire_entry *wire_entries(const struct wire *w)
{
	return (const struct wire_entry *)((const char *)w + w->entries);
}

/* What the zygote holds.  In mode NONE only the descriptors below `sock` are open. */
struct zygote {
	enum zygote_mode mode;
	int sock;
	int signals;    /* signalfd: SIGCHLD */
	int self;       /* pidfd of the zygote: readable when it is dead */
	int lean;       /* mount namespace with an empty root and /dev, nothing of the host */
	int host;       /* mount namespace with the host; during set-up only */
	int scope;      /* Landlock ruleset, -1 where the kernel has none */
	uid_t uid;      /* the caller's, outside */
	gid_t gid;
	struct rlimit files; /* as the caller had it; the zygote raises its own */
	struct zygote_reply refusal; /* told: set-up failed, and so does every request */
};

/* Notes a refusal with errno; false. */
bool zygote_refuse(struct zygote_reply *, enum zygote_step, const char *path);
SL_NORETURN void zygote_main(enum zygote_mode);
/* Takes the steps of set-up; false when one that is needed was refused.  With `seen`, tells every
 * step's errno. */
typedef void zygote_seen(void *ud, enum zygote_step, int err);
bool zygote_enter(struct zygote *, zygote_seen *seen, void *ud);
/* A fork with other namespaces; a pid, 0 in the child, or -1. */
pid_t zygote_clone(unsigned long flags);

/* sandbox_probe.c: takes every step and tells each on the socket. */
SL_NORETURN void zygote_probe(struct zygote *);

/* zygote_init.c: the first process of an action. */
SL_NORETURN void zygote_init(const struct zygote *, const int *fds, size_t nfds, struct zygote_reply *);
int zygote_loopback_up(void);

/* zygote_root.c.  Both leave the process in the place where the command is to start. */
bool zygote_root_enter(const struct zygote *, const struct wire *, struct zygote_reply *);
bool zygote_root_lay(const struct wire *, struct zygote_reply *);
/* New-style mounts, detached: a descriptor or -1. */
int zygote_tmpfs(void);
int zygote_proc(void); /* of the caller's pid namespace; the host's, bound, where that is refused */
int zygote_proc_mount(void);

#endif
