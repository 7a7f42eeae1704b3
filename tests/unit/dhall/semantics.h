/* semantics.h: a world whose files are a table in the test. */
#ifndef STRAYLIGHT_TEST_SEMANTICS_H
#define STRAYLIGHT_TEST_SEMANTICS_H

#include "test.h"

#include <straylight/dhall.h>

struct file {
	const char *path, *text; /* "env:X" is a variable; a NULL text cannot be read */
};

struct fixture {
	const struct file *files;
	struct dhall_env env;
	struct dhall_world *world;
	struct dhall *s;
	struct diags diags;
	struct buf out;
	size_t reads;          /* how often the read door was opened */
	unsigned char remembered[32];
	size_t nremembered;
};

static inline enum dhall_found fixture_find(struct fixture *f, const char *path, struct blob **out)
{
	for (const struct file *x = f->files; x && x->path; x++) {
		if (strcmp(x->path, path) != 0)
			continue;
		if (!x->text)
			return DHALL_FAILED;
		*out = blob_new(str_c(x->text));
		return DHALL_FOUND;
	}
	return DHALL_ABSENT;
}

static inline enum dhall_found fixture_read(void *ud, str path, struct blob **out, struct diags *ds)
{
	struct fixture *f = ud;
	char *z = str_zdup(path);
	enum dhall_found found = fixture_find(f, z, out);

	__atomic_add_fetch(&f->reads, 1, __ATOMIC_RELAXED);
	if (found == DHALL_FAILED)
		diag_error(ds, DIAG_IMPORT_READ, NO_SPAN, "reading '%s': refused", z);
	mem_free(z);
	return found;
}

static inline enum dhall_found fixture_variable(void *ud, str name, struct blob **out)
{
	char z[128];

	snprintf(z, sizeof z, "env:%.*s", STR_ARG(name));
	return fixture_find(ud, z, out);
}

static inline void fixture_remember(void *ud, const unsigned char hash[32], str bytes)
{
	struct fixture *f = ud;

	memcpy(f->remembered, hash, 32);
	f->nremembered += bytes.n != 0;
}

static inline void fixture_open(struct fixture *f, const struct file *files)
{
	f->files = files;
	f->env.read = fixture_read;
	f->env.variable = fixture_variable;
	f->env.remember = fixture_remember;
	f->env.home = S("/home/ann");
	f->env.ud = f;
	f->world = dhall_world_new(&f->env);
	f->s = dhall_open(f->world, &f->diags);
}

static inline void fixture_close(struct fixture *f)
{
	dhall_close(f->s);
	dhall_world_free(f->world);
	diags_free(&f->diags);
	buf_free(&f->out);
	*f = (struct fixture){0};
}

static inline const struct dh_typed *fixture_check(struct fixture *f, const char *text)
{
	const struct dh_parsed *p = dhall_parse(f->s, str_c(text), S("(test)"), S("/w"));
	const struct dh_resolved *r = p ? dhall_resolve(f->s, p) : NULL;

	return r ? dhall_check(f->s, r) : NULL;
}

/* The layout is the printer's business. */
static inline const char *one_line(struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		char c = b->p[i] == '\n' ? ' ' : b->p[i];

		if (c != ' ' || (n && b->p[n - 1] != ' '))
			b->p[n++] = c;
	}
	while (n && b->p[n - 1] == ' ')
		n--;
	b->n = n;
	return buf_z(b);
}

static inline const char *fixture_print(struct fixture *f, dh_val v)
{
	const struct dh_term *t = dhall_quote(f->s, v, false);

	f->out.n = 0;
	if (t)
		dhall_print(t, &f->out);
	return one_line(&f->out);
}

/* The complaints so far, then none. */
static inline const char *fixture_complaints(struct fixture *f)
{
	f->out.n = 0;
	diags_render(&f->diags, DIAG_TEXT, false, &f->out);
	diags_free(&f->diags);
	return buf_z(&f->out);
}

static inline enum diag_code fixture_code(const struct fixture *f)
{
	return f->diags.first ? f->diags.first->code : DIAG_NONE;
}

/* The normal form as text; a failure shows the complaints. */
static inline const char *fixture_eval(struct fixture *f, const char *text)
{
	const struct dh_typed *t = fixture_check(f, text);

	if (!t)
		fail_msg("%s: %s", text, fixture_complaints(f));
	return fixture_print(f, dhall_eval(f->s, t));
}

static inline const char *fixture_type(struct fixture *f, const char *text)
{
	const struct dh_typed *t = fixture_check(f, text);

	if (!t)
		fail_msg("%s: %s", text, fixture_complaints(f));
	return fixture_print(f, dhall_type_of(f->s, t));
}

#endif
