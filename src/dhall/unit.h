/* unit.h: the world's units: what an import names, loaded once per process.
 *
 * A unit is loaded by the one session that first asks for it; others wait.  Once its state is not
 * UNIT_LOADING it is immutable and is read without a lock. */
#ifndef STRAYLIGHT_DHALL_UNIT_H
#define STRAYLIGHT_DHALL_UNIT_H

#include "session.h"
#include <pthread.h>
#include <stdatomic.h>

enum unit_state {
	UNIT_LOADING,
	UNIT_DONE,   /* parsed, resolved, checked */
	UNIT_ABSENT, /* it, or something that it imports, does not exist: `?` may take its other side */
	UNIT_FAILED,
};

struct loaded {
	struct unit unit;          /* first: the handles of dhall.h point here */
	enum unit_state state;     /* under the world's lock while LOADING */
	struct dhall *loader;      /* while LOADING; who parsed it, for a text without key */
	struct loaded *outer;      /* the loader's next outer unit */
	struct diags diags;        /* why it is not DONE; empty when it itself is absent */
	struct map deps;           /* while LOADING: names, to themselves */
	const struct headers *headers; /* of a URL: what its relative imports send too */
	bool walked;               /* its decoded term has imports or alternatives */
	struct loaded *next;       /* of the world's list */
};

struct raw { /* what a door gave */
	enum dhall_found found;
	struct blob *blob;
	struct arena arena;
	struct dhall_response response; /* of URLs; in the arena */
};

struct dhall_world {
	struct dhall_env env;
	atomic_bool stopped;       /* by dhall_stop */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct map units;          /* by key */
	struct map types;          /* by key: struct recalled */
	struct map raw;            /* bytes by path or env:NAME: struct raw */
	struct arena names;        /* keys */
	struct loaded *all;
};

/* A unit of no key, for a text that the user gave. */
struct loaded *unit_new(struct dhall_world *, str name, str directory);

/* Out of the world's list and gone, with its source: nothing may refer to it any more. */
void unit_drop(struct dhall_world *, struct loaded *);
void unit_free(struct loaded *);

struct headers {
	const struct dhall_header *p;
	size_t n;
};

/* What is at a canonical location (resolve.c), loaded if need be; never LOADING. */
struct location {
	enum import_kind kind;
	str name;      /* as Location shows it: path, URL, variable */
	str shown;     /* REMOTE: the same without what may be a secret */
	str key;       /* REMOTE, once it is fetched: the URL and the headers */
	const struct headers *headers; /* REMOTE: of the request; may be NULL */
	str path;      /* LOCAL: what the read door gets */
	str directory; /* where its own relative imports start */
};
struct loaded *unit_load(struct dhall *, const struct location *, struct span from);
/* The decoded expression of a cached hash; NULL when it is not cached.  What does not fit its hash is not
 * taken, and the session's owner is warned. */
struct loaded *unit_cached(struct dhall *, const unsigned char hash[32], struct span from);

void raw_free(struct raw *);
/* What the location is called: a path, a URL (shown) or "env:NAME"; in the arena or borrowed. */
str unit_place(struct arena *, const struct location *);
/* The bytes of a file, variable or URL, the same for the whole life of the world; NULL after a diagnostic. */
const struct raw *unit_raw(struct dhall *, const struct location *, struct diags *);

/* remote.c */

/* Whether what is in this directory came from a URL. */
bool remote_is(str directory);
/* Finds the request's headers, fetches the URL and asks whether its server lets `l` import it: fills in
 * key and headers.  Not UNIT_DONE after a diagnostic in l's list. */
enum unit_state remote_fetch(struct dhall *, struct loaded *l, const struct import *, struct location *, struct span from);
/* A URL without user, password and query. */
str remote_shown(struct arena *, str url);
/* A path component as URLs have them. */
str remote_component(struct arena *, str);

void unit_depends(struct loaded *, str name);
/* On all that another depends on; of what is pinned, the URLs behind it do not matter. */
void unit_depends_all(struct loaded *, const struct unit *on, bool pinned);
void unit_publish_deps(struct loaded *); /* at the end of resolving */
/* Resolves and checks what is parsed; the state that it reaches. */
enum unit_state unit_finish(struct dhall *, struct loaded *);
enum unit_state unit_resolve(struct dhall *, struct loaded *);
/* The same, but an import that fails does not keep the others from being resolved. */
void unit_resolve_each(struct dhall *, struct loaded *);
/* With `publish` other sessions need not check it again for its type. */
enum unit_state unit_check(struct dhall *, struct loaded *, bool publish);

/* The value and the type of a DONE unit in this session. */
struct val *unit_value(struct dhall *, const struct unit *);
struct val *unit_type(struct dhall *, const struct unit *);

/* Appends copies. */
void diags_copy(struct diags *to, const struct diags *from);

#endif
