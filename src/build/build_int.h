/* build_int.h: the inside of a struct build, for build.c, load.c and keys.c. */
#ifndef STRAYLIGHT_BUILD_INT_H
#define STRAYLIGHT_BUILD_INT_H

#include "analysis.h"
#include "configure.h"
#include "execute.h"
#include "files.h"
#include "journal.h"
#include "memo.h"
#include "record.h"
#include "away.h"
#include "state.h"
#include "toolchain.h"

#include <straylight/base/pool.h>
#include <straylight/build.h>
#include <straylight/dice.h>
#include <straylight/store.h>
#include <uv.h>

/* ---- the workspace (load.c) ---- */

/* A Dhall session of one worker, opened when the worker first needs it. */
struct session {
	struct dhall *dhall;
	struct diags diags; /* of the package being read */
	struct analysis_types types;
	const struct dh_typed *file; /* straylight.dhall */
	const struct dh_typed *prelude;
	dh_val rendered; /* of the workspace: Workspace.Rendered */
	unsigned char contexts[2][32]; /* as in struct settings */
	bool debug; /* which of them packages get */
	bool ready;
};

struct workspace {
	struct arena arena;
	str root, file; /* the folder, and its straylight.dhall */
	struct dhall_world *world;
	struct session *sessions; /* one per worker, and one more for the loop's thread */
	unsigned nsessions;
	enum build_mode mode;
	struct store *store;
	struct witness *witness;
	struct settings settings;
	const str *deps; /* files and variables that straylight.dhall's value depends on */
	size_t ndeps;
	const struct map *texts; /* doors_instead; set between begin and load; may be NULL */
};

void workspace_begin(struct workspace *, str root, enum build_mode);
/* Remembers what straylight.dhall says, or evaluates it in a session beside those of the workers. */
bool workspace_load(struct workspace *, struct store *, unsigned workers, struct diags *) SL_MUST_USE;
void workspace_clear(struct workspace *);
/* The session, opened anew when it is none or worn: no value of before may be used; false after diagnostics in it.  Without straylight.dhall (file.n == 0) it has the
 * default workspace. */
bool workspace_session(struct workspace *, struct session *) SL_MUST_USE;
/* Is the folder at `path` with that name one that is not looked into? */
bool workspace_skips(const struct workspace *, str path, str name);
/* On a worker: evaluates the package's BUILD.dhall, and remembers that.  NULL after diagnostics. */
struct package *workspace_package(struct workspace *, str path, struct diags *) SL_MUST_USE;
/* All folders with a BUILD.dhall, sorted; listed(ud, …) is told of every folder that was searched. */
bool workspace_packages(struct workspace *, str below, struct arena *, str **paths, size_t *n,
		void (*listed)(void *ud, str path, const struct stamp *), void *ud, struct diags *);

/* ---- what is remembered of Dhall files (recall.c); all of it on any thread ---- */

/* What straylight.dhall says, if it and all that it rests on is remembered. */
bool workspace_recall(struct workspace *);
/* After reading its settings in that session. */
void workspace_remember(struct workspace *, const struct session *);
/* What is remembered of the package whose BUILD.dhall has this content; memo_clear. */
void package_recall(const struct workspace *, str path, const struct digest *content, struct memo *out);
/* The package of an entry; NULL when it is not whole.  package_free. */
struct package *package_recalled(const struct workspace *, str path, const struct memo_entry *) SL_MUST_USE;
/* `file`: the absolute path of its BUILD.dhall. */
void package_remember(const struct workspace *, const struct session *, const struct package *, str file);

/* ---- errors and values of keys (keys.c, package.c) ---- */

struct failure {
	uint32_t refs;
	struct diags diags;
	bool cancelled;
	bool told; /* a dependent's failure says it, with a place */
};

struct file_value {
	enum files_found found;
	struct content content;
	int err; /* it is there but could not be read */
};

struct ground_key {
	sym name;
	uint32_t kind; /* enum ground_kind; not GROUND_FILE */
};

struct ground_value {
	bool known, found; /* not known: it is there but could not be read */
	struct digest content;
};

struct output_value {
	sym name; /* path below the workspace */
	struct content content;
};

struct action_value {
	uint32_t refs;
	struct arena arena;
	struct output_value *outputs; /* sorted as the action's outputs are */
	uint32_t noutputs;
	enum build_served served;
};

struct action_key {
	sym label;
	uint32_t act; /* a step of tests when beyond the acts */
};

struct headers_key {
	sym owner, name;
};

enum goal_bits { GOAL_KEY_BUILD, GOAL_KEY_TEST };

struct goal_key {
	sym label;
	uint32_t goal; /* enum goal_bits */
};

extern const struct dice_kind kind_file, kind_ground, kind_package, kind_target, kind_toolchain, kind_headers, kind_action,
		kind_goal;

struct listed {
	str path; /* below the workspace; "" is the root */
	struct stamp stamp;
};

struct search { /* for packages below a folder */
	str below;
	str *paths; /* what was found, sorted */
	size_t n;
	VEC(struct listed) listed; /* every folder that was looked into */
	int64_t began_ns;          /* wall clock */
};

struct shell { /* build_shell's: the step that is not to run, but to be looked at */
	bool wanted;
	sym label;
	uint32_t act;
	int code;
};

struct racing { /* step_race.c */
	struct race *first; /* for their turn here */
	unsigned here;      /* that have it: inputs are fetched, or the command runs */
	unsigned runs;      /* the latter */
	size_t begun, won_here;
};

struct build {
	struct arena arena;
	struct build_options options;
	uv_loop_t loop;
	struct pool *pool;
	struct workspace workspace;
	str here;
	struct store *store;
	struct state *state;
	struct files *files;
	struct provider *provider;
	struct executor *executor;
	struct dice *dice;
	struct dice_request *request;
	struct journal *journal;
	struct away *away; /* NULL: none */
	struct racing racing;
	struct map distrusted; /* bytes of an action_key: no cache is believed about it */
	VEC(struct action_key) lost; /* whose outputs are nowhere; made again before the build goes on */
	struct map toolchains; /* identity (hex) → const struct rendered * */
	struct derivations *derivations; /* NULL: none was needed yet */
	struct map beyond; /* paths outside of the workspace that nix-compat actions looked at; no values */
	struct build_summary *summary;
	size_t known; /* steps that were begun */
	struct shell shell;
	VEC(struct package_ref *) packages; /* every one that was asked for; counted */
	VEC(struct toolchain *) used;       /* counted */
	VEC(struct search) searches;
	int64_t opened_ns; /* wall clock */
	const str *vouchers; /* of options.caches.keys: straylight.dhall's own, which the user does not trust elsewhere */
	size_t nvouchers;
	size_t said_paths; /* of options.host_paths: given, and not from straylight.dhall */
	bool interrupted;
};

/* If the content is, or has, one of the lost blobs and an action made it, that action is to run again. */
bool build_lose(struct build *, const struct artifact *, const struct content *, const struct digest *lost, size_t n);

/* Searches for packages.  build_search_end frees.  false after diagnostics. */
bool build_search(struct build *, str below, struct search *out, struct diags *) SL_MUST_USE;
void build_search_end(struct search *);

/* Evaluates straylight.dhall and starts the engine, once.  false after diagnostics. */
bool build_ready(struct build *, struct diags *) SL_MUST_USE;
/* Asks for keys and waits; failures become diagnostics.  true when all are answered. */
bool build_ask(struct build *, const dice_id *ids, size_t n, struct diags *) SL_MUST_USE;
/* The configured target, or NULL when it was not asked for or failed. */
const struct configured *build_configured(struct build *, sym label);

/* Evaluation looked at a path outside of the workspace: it counts for build_is_done. */
void build_beyond(struct build *, str path);
/* Turns the loop until no command runs any more that lost a race. */
void race_settle(struct build *);

/* What an output of an action is; NULL when it was not made. */
const struct content *build_content(struct build *, const struct artifact *);
/* Remembers the outputs of the labels for build_get. */
void build_hold(struct build *, const sym *labels, size_t n);

sym build_toolchain_key(struct build *, const struct rendered *);
/* The keys of the toolchains that a target uses for the words; false after one diagnostic, which names all that are missing. */
bool build_toolchain_keys(struct build *, const struct configured *, const sym *words, uint32_t n, sym *keys, struct diags *) SL_MUST_USE;

#endif
