#include "re_int.h"

#include <errno.h>
#include <stdarg.h>

bool status_is_transient(const struct grpc_status *s)
{
	if (s->source == GRPC_BY_CALLER || s->final)
		return false;
	if (s->unseen)
		return s->source == GRPC_BY_CHANNEL;
	switch (s->code) {
	case GRPC_UNAVAILABLE: case GRPC_RESOURCE_EXHAUSTED: case GRPC_ABORTED: return true;
	/* A stream that breaks off without the server's word for it. */
	case GRPC_INTERNAL: case GRPC_CANCELLED: case GRPC_UNKNOWN: return s->source == GRPC_BY_CHANNEL;
	default: return false;
	}
}

void status_fail(struct re_status *s, struct arena *a, enum grpc_code code, enum grpc_source source, const char *fmt, ...)
{
	va_list args;

	if (s->code != GRPC_OK)
		return;
	va_start(args, fmt);
	s->text = str_vfmt(a, fmt, args);
	va_end(args);
	s->code = code;
	s->source = source;
}

void status_keep(struct re_status *s, struct arena *a, const struct grpc_status *from, const char *what)
{
	if (from->code != GRPC_OK)
		status_fail(s, a, from->code, from->source, "%s: %.*s", what,
				STR_ARG(from->text.n ? from->text : str_c(grpc_code_name(from->code))));
}

void status_errno(struct re_status *s, struct arena *a, int err, const char *what)
{
	status_fail(s, a, err == -ENOSPC || err == -EDQUOT ? GRPC_RESOURCE_EXHAUSTED : GRPC_INTERNAL, GRPC_BY_CALLER, "%s: %s", what,
			strerrordesc_np(-err));
}

/* ---- diagnostics ---- */

static enum diag_code code_of(const struct re_status *s)
{
	if (s->nmissing)
		return DIAG_REMOTE_LOST;
	if (s->code == GRPC_FAILED_PRECONDITION && s->source == GRPC_BY_CHANNEL)
		return DIAG_REMOTE_MISMATCH;
	if (s->code == GRPC_DATA_LOSS)
		return DIAG_REMOTE_DAMAGED;
	if (s->code == GRPC_UNAVAILABLE || s->source == GRPC_BY_DEADLINE)
		return DIAG_REMOTE_AWAY;
	return DIAG_REMOTE_FAILED;
}

static const char *hint_of(const struct re_status *s, enum diag_code code)
{
	switch (code) {
	case DIAG_REMOTE_AWAY: return "check the address and the network";
	case DIAG_REMOTE_MISMATCH: return "use a server, or an instance of it, that offers what this build needs";
	case DIAG_REMOTE_DAMAGED: return "the server's store is damaged; nothing of it was used";
	default: break;
	}
	switch (s->code) {
	case GRPC_UNAUTHENTICATED: case GRPC_PERMISSION_DENIED: return "check the credentials that are sent: headers, client certificate";
	case GRPC_INVALID_ARGUMENT: return "check the name of the instance";
	default: return NULL;
	}
}

struct diag *re_diag(struct diags *ds, const struct re_client *c, const struct re_status *s, enum diag_severity severity, str what)
{
	enum diag_code code = code_of(s);
	const char *hint = hint_of(s, code);
	char text[DIGEST_TEXT_MAX];
	struct diag *d;

	d = (severity == DIAG_WARNING ? diag_warning : diag_error)(ds, code, NO_SPAN, "%.*s at '%.*s' failed: %.*s (%s)", STR_ARG(what),
			STR_ARG(re_endpoint(c)), STR_ARG(s->text), grpc_code_name(s->code));
	for (size_t i = 0; i < s->nmissing && i < 5; i++)
		diag_note(ds, d, NO_SPAN, "lost: %s", digest_text(&s->missing[i], text));
	if (s->nmissing > 5)
		diag_note(ds, d, NO_SPAN, "and %zu more", s->nmissing - 5);
	return hint ? diag_hint(ds, d, "%s", hint) : d;
}
