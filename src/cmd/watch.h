/* watch.h: a build under the user's eyes: opened, shown, interrupted, summed up.
 *
 *	struct watch w;
 *	if (watch_open(&w, call, &options)) … build_match, watch_run …
 *	return watch_close(&w, code);
 *
 * The first SIGINT, SIGTERM or SIGHUP stops the build in good order, the second at once. */
#ifndef STRAYLIGHT_CMD_WATCH_H
#define STRAYLIGHT_CMD_WATCH_H

#include "caches.h"
#include "cmd.h"
#include "ui.h"

#include <uv.h>

struct watch_args { /* options that every command that builds has */
	unsigned jobs;
	int sandbox; /* enum sandbox_mode */
	int mode;    /* enum build_mode */
	bool explain;
	str remote, instance; /* p == NULL: as straylight.dhall says */
	bool require_remote, cache_only, race;
	int download; /* enum build_download */
	int digest;   /* ORDER of server_fns */
	bool write;
	int nix;     /* ORDER of its words: straylight, host */
	str host_paths;
	struct caches caches;
};

#define WATCH_ROWS(T, field)                                                                       \
	NUMBER(T, field.jobs, 'j', "jobs", "N", "at most N actions at a time (default: what straylight.dhall says, else one per processor)"), \
	CHOICE(T, field.sandbox, 0, "sandbox", "on|none", "none runs actions without isolation: for "      \
							  "kernels that refuse namespaces"),       \
	CHOICE(T, field.mode, 0, "mode", "workspace|debug|release", "default: what straylight.dhall says"), \
	FLAG(T, field.explain, 0, "explain", "say for each action why it runs"),                       \
	TEXT(T, field.remote, 0, "remote", "grpc://HOST:PORT",                                         \
			"a Remote Execution server, with TLS grpcs://…; empty: none, whatever straylight.dhall says"), \
	TEXT(T, field.instance, 0, "instance", "NAME", "the server's instance"),                       \
	FLAG(T, field.require_remote, 0, "require-remote", "what the server does not do is an error, and not done here"), \
	FLAG(T, field.cache_only, 0, "remote-cache-only", "use the server's cache, and run nothing there"), \
	FLAG(T, field.race, 0, "race", "run what the server runs here too, at the same time: the first good result counts"), \
	CHOICE(T, field.download, 0, "download", "toplevel|all|none",                                  \
			"of the outputs that are at the server: those asked for, all, or none"),         \
	FLAG(T, field.write, 0, "remote-write", "write results of this machine's sandbox to the server's cache"), \
	CHOICE(T, field.digest, 0, "digest", "sha256|blake3",                                          \
			"the function of all digests (default: sha256); a server must offer it"),       \
	CHOICE(T, field.nix, 0, "nix", "straylight|host", "host: the nix of this machine builds nix-compat actions, " \
							 "without isolation"),            \
	TEXT(T, field.host_paths, 0, "host-path", "DIR,DIR…",                                         \
			"folders of this machine, or of the worker, that builders of derivations see"),        \
	CACHE_OPTIONS(T, field.caches)

/* Of the commands that ask about builds: each function has a state of its own. */
#define WATCH_DIGEST(T, field)                                                                     \
	CHOICE(T, field, 0, "digest", "sha256|blake3", "about builds with digests of that function (default: sha256)")

#define WATCH_SIGNALS 3

struct watch {
	struct call *call;
	struct build *build;
	struct build_options options;
	struct build_summary summary; /* of watch_run */
	struct ui ui;
	struct uv_timer_s timer;
	struct uv_signal_s signals[WATCH_SIGNALS];
	bool over;   /* no frame is drawn any more */
	int stopped; /* the signal that stopped it; 0: none */
	int64_t began;
	VEC(str) failed; /* "LABEL NAME", in the call's arena */
	void (*started)(void *ud, const struct build_action *); /* told as well; both may be NULL */
	void (*finished)(void *ud, const struct build_action *);
	void *ud;
};

/* `options` without the observer.  false after diagnostics; watch_close is called all the same. */
bool watch_open(struct watch *, struct call *, const struct watch_args *, const struct build_options *) SL_MUST_USE;
/* build_match of the call's arguments. */
bool watch_match(struct watch *, sym **labels, size_t *n) SL_MUST_USE;
/* build_run; prints what went wrong.  The exit code. */
int watch_run(struct watch *, const sym *labels, size_t n, enum build_goal);
/* One line for people on standard error, unless --quiet or --json. */
void watch_say(struct watch *, const char *fmt, ...) SL_PRINTF(2, 3);
/* ", 0.41 s" since the beginning. */
void watch_time(const struct watch *, struct buf *out);
/* "5 actions ran, 120 cached" */
void watch_counts(const struct watch *, struct buf *out);
/* Path below the workspace → as seen from the current directory; in the call's arena. */
str watch_path(const struct watch *, str path);
/* The frame goes, and none is drawn any more. */
void watch_end(struct watch *);
/* Closes the build; returns the code, or the one that tells of a signal. */
int watch_close(struct watch *, int code);

#endif
