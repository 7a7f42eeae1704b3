#include "compat.h"

#include <straylight/doors.h>

/* ---- the session ---- */

static bool open_kept(struct compat *c, struct diags *diags)
{
	str dir = nixstore_default(&c->arena);

	if (dir.n) {
		c->kept = nixstore_new(dir, S(NIX_STORE_DIR));
		return true;
	}
	diag_hint(diags, diag_error(diags, DIAG_IO, NO_SPAN, "there is no place for derivations"), "set XDG_CACHE_HOME or HOME");
	return false;
}

static str folder(struct arena *a, const struct compat_world *w)
{
	return w->package.n ? str_c(os_join(a, w->view.root, w->package)) : w->view.root;
}

bool compat_open(struct compat *c, const struct compat_world *w, struct diags *diags)
{
	*c = (struct compat){.diags = diags};
	if (!open_kept(c, diags))
		return false;
	c->doors = doors_nix(&c->arena, w->search, w->nsearch);
	doors_nix_keep(&c->doors, c->kept);
	c->doors.directory = folder(&c->arena, w);
	return true;
}

static bool open_session(struct compat *c, const struct compat_world *w)
{
	struct nix_env env = c->doors;

	if (w->noted) {
		c->witness = nix_witness_new(&c->doors);
		nix_witness_except(c->witness, w->view.root);
		nix_witness_except(c->witness, w->view.real);
		env = nix_witness_env(c->witness);
	}
	env = nix_world(&c->arena, &env, c->kept, &w->view);
	env.limits = (struct nix_limits){.bytes = COMPAT_BYTES, .steps = COMPAT_STEPS};
	c->session = nix_open(&env, c->diags);
	return c->session != NULL;
}

void compat_close(struct compat *c)
{
	nix_close(c->session);
	nix_witness_free(c->witness);
	if (c->doors.ud)
		doors_nix_end(&c->doors);
	nixstore_free(c->kept);
	arena_clear(&c->arena);
	*c = (struct compat){0};
}

/* ---- values ---- */

bool compat_value(struct compat *c, const struct compat_world *w, str text, nix_val *out)
{
	return (c->session || open_session(c, w)) && nix_eval_text(c->session, text, S("(expression)"), folder(&c->arena, w), out);
}

static const char *const kind_names[] = { /* ORDER of enum nix_kind */
	"nothing", "a number", "a number", "a truth value", "null", "a string", "a path", "a list", "a set", "a function",
};

bool compat_derivation(struct compat *c, nix_val v, str *path, struct diags *diags)
{
	enum nix_kind kind = nix_kind(c->session, v);
	struct diag *d;
	str output;

	if (kind == NIX_NONE)
		return false;
	if (nix_is_derivation(c->session, v)) {
		if (!nix_drv_path(c->session, v, path, &output))
			return false;
		*path = str_dup(&c->arena, *path);
		return true;
	}
	d = diag_error(diags, DIAG_COMPAT_SHAPE, NO_SPAN, "the Nix expression gives %s, and not a derivation", kind_names[kind]);
	if (kind == NIX_FUNCTION)
		diag_hint(diags, d, "call it: (import ./default.nix { })");
	else
		diag_hint(diags, d, "select the derivation: (import ./default.nix { }).name");
	return false;
}

str compat_expression(const str *argv, size_t n)
{
	if (n < 3 || !str_eq(argv[0], S("nix")) || !str_eq(argv[1], S("build")) || argv[n - 1].n == 0 || argv[n - 1].p[0] == '-')
		return (str){0};
	for (size_t i = 2; i + 1 < n; i++)
		if (argv[i].n < 2 || argv[i].p[0] != '-')
			return (str){0};
	return argv[n - 1];
}
