/* diag.h: errors are data.
 *
 * A diagnostic has a stable code (diag.def, one row per message kind; docs/errors/ has a page each),
 * a span, a text, notes (other places, causes) and a hint (what to do now).  It is made where the
 * problem is known and printed at the edge.  A struct diags is a list owned by one thread; lists of
 * other threads are appended with diags_move.
 *
 * Wording: lower case, the problem first, the subject in 'quotes', no full stop. */
#ifndef STRAYLIGHT_BASE_DIAG_H
#define STRAYLIGHT_BASE_DIAG_H

#include <straylight/base/source.h>
#include <straylight/base/buf.h>

enum diag_severity { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE };

/* Whose fault it is decides the exit code. */
enum diag_blame {
	BLAME_USER = 1,  /* the build, lint or check failed: exit 1 */
	BLAME_USAGE = 2, /* the command line is wrong: exit 2 */
	BLAME_INFRA = 3, /* disk, sandbox, remote: exit 3 */
};

enum diag_code {
	DIAG_NONE,
#define D(name, number, blame, summary) DIAG_##name,
#include <straylight/base/diag.def>
#undef D
	DIAG_COUNT
};

struct diag_note {
	struct span at; /* NO_SPAN: only text */
	str text;
	struct diag_note *next;
};

struct diag {
	enum diag_code code;
	enum diag_severity severity;
	struct span at;
	str text;
	struct diag_note *notes, *last_note;
	str hint;     /* may be empty */
	str subject;  /* label or file the message is about, when it has no span; may be empty */
	str detail;   /* long text, printed indented as it is (an action's output); may be empty */
	struct diag *next;
};

/* Starts from {0}; diags_free ends it. */
struct diags {
	struct arena arena; /* everything below lives here */
	struct diag *first, *last;
	size_t errors, warnings;
};

void diags_free(struct diags *);

struct diag *diag_error(struct diags *, enum diag_code, struct span, const char *fmt, ...) SL_PRINTF(4, 5);
struct diag *diag_warning(struct diags *, enum diag_code, struct span, const char *fmt, ...) SL_PRINTF(4, 5);
struct diag *diag_verror(struct diags *, enum diag_code, struct span, const char *fmt, va_list);

/* Additions to a diagnostic just made; they are copied.  They return the diagnostic. */
struct diag *diag_note(struct diags *, struct diag *, struct span, const char *fmt, ...) SL_PRINTF(4, 5);
struct diag *diag_hint(struct diags *, struct diag *, const char *fmt, ...) SL_PRINTF(3, 4);
struct diag *diag_subject(struct diags *, struct diag *, str);
struct diag *diag_detail(struct diags *, struct diag *, str);

/* Appends copies of everything in `from`, which is left empty. */
void diags_move(struct diags *to, struct diags *from);
/* The same, with warnings in the place of errors: another way was found. */
void diags_soften(struct diags *to, struct diags *from);

/* The exit code that the worst error asks for: 0 when there is none. */
int diags_exit(const struct diags *);

enum diag_style {
	DIAG_TEXT, /* "error[E0301]: …", the source line with a caret, notes, "hint: …" */
	DIAG_GCC,  /* "file:line:column: error: … [E0301]", one line each */
	DIAG_JSON, /* one JSON object a line */
};

void diag_render(const struct diag *, enum diag_style, bool color, struct buf *out);
void diags_render(const struct diags *, enum diag_style, bool color, struct buf *out);

/* From now on no rendered diagnostic of the process has this text: "…" stands for it (also where a source
 * line is shown).  For tokens; texts of less than 8 bytes are not hidden.  Any thread. */
void diag_hide(str secret);

const char *diag_number(enum diag_code);  /* "E0301" */
const char *diag_name(enum diag_code);    /* "TYPE_MISMATCH" */
const char *diag_summary(enum diag_code);
enum diag_blame diag_blame(enum diag_code);
/* The code with this number, DIAG_NONE if there is none: for `straylight help E0301`. */
enum diag_code diag_find(str number);

#endif
