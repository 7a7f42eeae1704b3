/* fault.h: what goes wrong in the test server, where and when.
 *
 *	faults = [ rule { ";" rule } ]
 *	rule   = RPC [ "#" FIRST [ "-" LAST | "+" ] ] [ "%" PERCENT ] ":" fault { "," fault }
 *	fault  = WORD [ "=" VALUE ] [ "@" [ BYTES ] | "<" BYTES ]
 *
 * RPC is a method's name, "*" any.  Calls are counted from 1 for each rule, from when it was given.  WORD is one of
 * fault.def, or a status: "unavailable", "resource-exhausted=MS" (RetryInfo, if the value is there) ….
 * "@N" is when N bytes of the answer's body are sent, "@" the middle of its first message, "<N" when N bytes of the
 * request have come; else it is when the call is about to be handled.
 * docs/internals/re-test-server.md has examples. */
#ifndef RE_FAULT_H
#define RE_FAULT_H

#include <straylight/base.h>

enum fault_kind {
	FAULT_STATUS, /* the call ends with `value` */
#define FAULT(name, word, valued) FAULT_##name,
#include "fault.def"
#undef FAULT
};

enum fault_when { FAULT_BEFORE, FAULT_SENT, FAULT_RECEIVED, FAULT_DONE };

struct fault {
	enum fault_kind kind;
	bool valued;
	int64_t value; /* of a status: the time of its RetryInfo in ms */
	int status;
	enum fault_when when;
	bool middle; /* SENT: in the middle of the first message */
	uint64_t at;
};

struct fault_rule {
	str rpc;
	uint64_t first, last, seen;
	unsigned percent;
	size_t n;
	struct fault *faults;
};

struct faults { /* all in the arena */
	size_t n;
	struct fault_rule *rules;
	uint64_t random; /* state of the generator behind "%" and "split" */
};

/* Replaces *out.  NULL, or what is wrong with the text (in the arena). */
const char *faults_parse(struct arena *, str text, struct faults *out);
/* What goes wrong in this call of `rpc`: appended to a vector of the caller's, by value; counts the call. */
typedef VEC(struct fault) fault_vec;
void faults_of(struct faults *, str rpc, fault_vec *out);
uint64_t faults_random(struct faults *);

/* "unavailable" for 14; gRPC's codes in lower case with dashes.  -1: no such name. */
const char *status_name(int code);
int status_code(str name);

#endif
