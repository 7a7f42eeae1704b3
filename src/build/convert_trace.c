/* A package as the targets that a trace of its build proposes, file by file, in the place of the rule that would call its build system. */
#include "convert_int.h"

#include <straylight/trace.h>

static bool refuse(struct converting *c, const char *why)
{
	diag_hint(c->diags, diag_error(c->diags, DIAG_CONVERT_TRACE, NO_SPAN, "the trace is of one package whose sources are at hand, and %s",
			why), "-A names one derivation");
	return false;
}

/* The one target; NULL after a diagnostic. */
static struct made *only(struct converting *c)
{
	struct made *found = NULL;

	for (size_t i = 0; i < c->targets.n; i++) {
		if (!c->targets.p[i]->call.n)
			continue;
		if (found) {
			(void)refuse(c, "this gives more than one target");
			return NULL;
		}
		found = c->targets.p[i];
	}
	if (!found)
		(void)refuse(c, "this gives no target");
	return found;
}

/* Shell is what the traced build has run. */
static void note_shell(struct converting *c, const struct made *m)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->left.n; i++) {
		if (c->left.p[i].code == DIAG_CONVERT_SHELL && str_eq(c->left.p[i].target, m->name))
			convert_noted(c, m, c->left.p[i].attribute, "the traced build has run it, and only what that compiled and linked counts");
		else
			c->left.p[kept++] = c->left.p[i];
	}
	c->left.n = kept;
}

bool convert_traced(struct converting *c, struct buf *out)
{
	struct made *m = only(c);
	struct proposal p = {0};
	bool ok = m && trace_propose(c->q->trace, c->q->folder, &p, c->diags);

	if (ok) {
		note_shell(c, m);
		convert_noted(c, m, S("installPhase"), "the targets of a trace are programs and libraries; nothing is installed");
		for (size_t i = 0; i < m->deps.n; i++)
			convert_left(c, m, DIAG_CONVERT_DEP, m->deps.p[i], "add it to `deps` of the targets that need it",
					"the trace names files, not labels");
		for (size_t i = 0; i < p.notes.n; i++)
			convert_left(c, m, DIAG_CONVERT_LEFT, p.notes.p[i].about, NULL, "%.*s", STR_ARG(p.notes.p[i].text));
		buf_str(out, buf_view(&p.text));
	}
	proposal_free(&p);
	return ok;
}
