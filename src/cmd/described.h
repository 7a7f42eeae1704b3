/* described.h: an action by its digest: its messages and its inputs, from the store or a server; and how it is shown. */
#ifndef STRAYLIGHT_CMD_DESCRIBED_H
#define STRAYLIGHT_CMD_DESCRIBED_H

#include "server.h"

struct described {
	struct digest digest;
	struct re_described said;
	struct re_command command;
	struct tree *root; /* one reference; NULL: it cannot be had, *why */
	str why;
};

/* false after diagnostics.  That the inputs cannot be had is none, unless they are needed. */
bool described_load(struct server *, str digest, bool inputs_needed, struct described *out) SL_MUST_USE;
void described_free(struct described *);

/* As text, and as members of the JSON object that is open.  all: also what is in large directories. */
void described_show(const struct described *, enum digest_fn, bool all, struct buf *out);
void described_json(const struct described *, enum digest_fn, struct json *);
void action_result_show(const struct action_result *, struct buf *out);
void action_result_json(const struct action_result *, struct json *);

/* One line for each entry, with names below `at`; directories of more than `most` files are one line. */
void tree_show(struct tree *, enum digest_fn, str at, size_t most, struct buf *out);
void tree_json(struct tree *, enum digest_fn, str at, struct json *);

#endif
