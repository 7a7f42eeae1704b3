/* like.h: how a server behaves where servers differ.
 *
 * "straylight" is what the API asks for, with all that is optional; the others were measured on the servers they
 * are named for (docs/internals/re-test-server.md). */
#ifndef RE_LIKE_H
#define RE_LIKE_H

#include <straylight/base.h>

enum like_missing { /* what Execute says of blobs that are not there */
	MISSING_DETAILS, /* the call: FAILED_PRECONDITION with a PreconditionFailure */
	MISSING_BARE,    /* the call: FAILED_PRECONDITION without */
	MISSING_STATUS,  /* response.status: NOT_FOUND for Action and Command, INTERNAL for inputs */
};

struct like {
	const char *name;
	int api_low, api_high; /* 2.low to 2.high */
	bool blake3, zstd, resume; /* resume: QueryWriteStatus and uploads that go on */
	int64_t max_batch;       /* as it is announced; 0 has the limit of a message */
	size_t max_message;
	int over;                /* the status of a message beyond it */
	int wrong_instance;      /* the status; Capabilities answer all the same if `open_capabilities` */
	bool open_capabilities;
	bool batch_size_fails;   /* a wrong size fails the whole BatchUpdateBlobs */
	bool batch_blake3;       /* BatchUpdateBlobs takes BLAKE3 */
	int write_short;         /* the status of an upload that ends early or goes on too long */
	int offset_and_limit;    /* the status of a Read with both; 0 works */
	int past_end;            /* the status of a Read from past the end; 0 is an empty answer */
	size_t chunk;            /* of a Read */
	bool empty_message;      /* a Read of the empty blob has one message */
	bool metadata, backwards; /* operations have metadata; QUEUED comes once more after EXECUTING */
	bool cache_failures;     /* exit codes other than 0 are cached */
	bool ignore_do_not_cache;
	int timeout_exit;        /* the exit code of what was killed for its time */
	bool timeout_output;     /* what it printed is kept */
	bool absent_program_fails; /* NOT_FOUND, exit code -178; else exit code 1 */
	enum like_missing missing_action, missing_input;
	bool symlinks, symlinks_twice; /* outputs may be symlinks (else INTERNAL); they are in the older fields too */
	bool old_outputs;        /* output_files and output_directories are honoured */
	bool tree_root_twice;    /* a Tree's root is among its children */
	bool cancel;             /* CancelOperation works; else UNIMPLEMENTED, and the action runs on */
	bool list;               /* ListOperations */
};

/* NULL: no such server. */
const struct like *like_find(str name);

#endif
