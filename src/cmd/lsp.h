/* lsp.h: the language server for Dhall, without its pipes: bytes in, bytes out.
 *
 * Language Server Protocol 3.17 over JSON-RPC 2.0.  One thread, on a stack of POOL_STACK:
 *	lsp_input   takes bytes; whole messages are queued, $/cancelRequest takes effect at once
 *	lsp_step    answers the oldest message
 *	lsp_idle    checks a document that has changed, and publishes its diagnostics
 * What is to be sent gathers in `out`.  Whoever has the pipes calls lsp_input with all there is before each step, so
 * a burst of changes is checked once.
 *
 * Invariants: every request gets exactly one response; a message that cannot be read gets an error and does
 * not end the server; nothing is written but the integrity cache. */
#ifndef STRAYLIGHT_CMD_LSP_H
#define STRAYLIGHT_CMD_LSP_H

#include <straylight/base.h>
#include <straylight/data.h>
#include <straylight/dhall_ide.h>

/* ---- framing (lsp_frame.c) ---- */

#define FRAME_HEADER_MAX 4096
#define FRAME_BODY_MAX ((size_t)64 << 20)

struct lsp_frames { /* from {0} */
	struct buf in;
	size_t at;   /* what is before it has been given out */
	size_t skip; /* bytes of a body that is too long and has not come yet */
};

enum frame_found {
	FRAME_NONE, /* more bytes are needed */
	FRAME_BODY,
	FRAME_BAD,  /* a header that says no length, or more than FRAME_BODY_MAX: it is skipped, *what says why */
};

void lsp_frames_add(struct lsp_frames *, str bytes);
/* The body is borrowed until the next lsp_frames_add. */
enum frame_found lsp_frames_next(struct lsp_frames *, str *body, const char **what);
void lsp_frames_free(struct lsp_frames *);
void frame_write(struct buf *out, str body);

/* ---- positions (lsp_position.c) ---- */

struct position {
	uint32_t line, character; /* from 0 */
};

/* A character counts as its UTF-16 units, with `utf8` as its bytes.  What is beyond the end of a line or of the text
 * is that end. */
struct position position_of(str text, bool utf8, uint32_t offset);
/* The same from the beginning of a line that is not behind it; *line and *lo become those of its own. */
struct position position_from(str text, bool utf8, uint32_t offset, uint32_t *line, uint32_t *lo);
uint32_t position_offset(str text, bool utf8, struct position);

str uri_path(struct arena *, str uri); /* empty: not a file */
void path_uri(str path, struct buf *out);

/* ---- reading JSON ---- */

/* The member; NULL when d is no object or has none (d may be NULL). */
const struct data *json_member(const struct data *d, const char *name);
str json_text(const struct data *);                  /* empty for what is no text */
int64_t json_number(const struct data *, int64_t otherwise);
bool json_true(const struct data *);
struct position json_position(const struct data *);

/* ---- documents (lsp_doc.c) ---- */

struct document {
	char *uri;         /* as the client writes it */
	str path;          /* absolute; empty: not a file */
	str directory;     /* where its imports start */
	struct arena mem;  /* of the three */
	struct buf text;
	int64_t version;
	struct dh_ide *now;  /* of the text as it was when it was last looked at; NULL: not yet */
	struct dh_ide *good; /* the last version that parsed; now, when that did */
	bool mended;         /* good is now without what does not parse: its places are those of now */
	bool stale;          /* now is older than the text */
	bool unpublished;    /* its diagnostics are to be sent */
	struct document *next;
};

/* ---- the server ---- */

struct lsp_files { /* doors that only completion uses; may be NULL */
	/* The names in a folder, those of folders with a slash at their end. */
	void (*list)(void *ud, struct arena *, str folder, str **names, size_t *n);
	/* The names of the environment. */
	void (*variables)(void *ud, struct arena *, str **names, size_t *n);
	void *ud;
};

enum lsp_phase {
	LSP_NEW,     /* nothing was asked yet */
	LSP_RUNNING, /* initialized */
	LSP_SHUT,    /* asked to shut down */
	LSP_ENDED,   /* exit came */
	LSP_BROKEN,  /* exit came without shutdown */
};

struct message;

struct near { /* the line of the last place that was written: the next is often near */
	const char *text;
	uint32_t line, lo;
};

struct lsp {
	struct dhall_env doors; /* what an open document does not answer goes there */
	struct lsp_files files;
	struct dhall_world *world;
	enum lsp_phase phase;
	bool utf8;            /* positions; else UTF-16 */
	bool resolves;        /* the client asks for the edits of an action when it wants them */
	bool watches;         /* the client can be asked to watch files */
	struct lsp_frames in;
	struct message *queue, *last; /* oldest first */
	struct document *documents;
	struct document *written; /* the one that was changed last: it is checked first; may be NULL */
	struct buf out;
	/* of the request that is being answered */
	struct arena mem;
	struct buf body;
	struct json j;        /* the result goes here: one value */
	struct near near;
	int failed;           /* the code of an error, 0: none */
	str failure;
};

void lsp_open(struct lsp *, const struct dhall_env *, const struct lsp_files *);
void lsp_close(struct lsp *);
void lsp_input(struct lsp *, str bytes);
/* false: there was none. */
bool lsp_step(struct lsp *);
bool lsp_idle(struct lsp *);

enum { /* JSON-RPC's and LSP's */
	LSP_PARSE_ERROR = -32700, LSP_INVALID_REQUEST = -32600, LSP_METHOD_NOT_FOUND = -32601, LSP_INVALID_PARAMS = -32602,
	LSP_NOT_INITIALIZED = -32002, LSP_CANCELLED = -32800, LSP_REQUEST_FAILED = -32803,
};

/* The request is answered with an error; what was written of its result is dropped. */
void lsp_fail(struct lsp *, int code, const char *fmt, ...) SL_PRINTF(3, 4);
/* Sends a notification whose parameters are in body; empties that. */
void lsp_notify(struct lsp *, const char *method);

/* ---- what the files of requests share ---- */

struct document *document_find(const struct lsp *, str uri);
/* Of params.textDocument.uri; NULL after lsp_fail. */
struct document *document_of(struct lsp *, const struct data *params);
/* The document as it is now, looked at. */
struct dh_ide *document_ide(struct lsp *, struct document *);
void document_free(struct document *);
/* Open documents with a changed import are looked at again. */
void documents_changed(struct lsp *, str path);

/* ---- diagnostics (lsp_check.c) ---- */

struct dhall_env lsp_env(struct lsp *);
void publish(struct lsp *, struct document *);
void publish_none(struct lsp *, str uri);

void write_position(struct lsp *, str text, uint32_t offset);
void write_range(struct lsp *, str text, struct dh_range); /* an object, or the value of a key */

/* What lint says of the text. */
struct finding {
	struct dh_range at;
	str what;
	bool unused;
};
void findings_of(struct arena *, str text, struct finding **out, size_t *n);

/* ---- requests ---- */

/* Writes the result to l->j, or calls lsp_fail. */
typedef void lsp_handler(struct lsp *, const struct data *params);

lsp_handler on_hover, on_definition, on_references, on_highlight, on_prepare_rename, on_rename, on_symbols, on_links;
lsp_handler on_completion;                                 /* lsp_complete.c */
lsp_handler on_formatting, on_code_action, on_code_action_resolve; /* lsp_edit.c */
/* Notifications. */
lsp_handler on_did_open, on_did_change, on_did_save, on_did_close, on_watched; /* lsp_doc.c */

#endif
