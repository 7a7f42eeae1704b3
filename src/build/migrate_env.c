#include "migrate_int.h"

static bool among(str name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(name, str_c(names[i])))
			return true;
	return false;
}
#define AMONG(name, names) among((name), (names), SL_COUNT(names))

int source_has(struct fixing *f, const struct subject *s, const char *name)
{
	struct value_input in;
	dh_val v;
	struct stamp stamp;
	str full;

	if (!value_get(f, s->v, "src", &v) || !value_input(f, v, &in))
		return -1;
	if (in.kind != FROM_SRC || !os_normalize(f->a, str_c(os_join(f->a, f->folder, in.text)), &full) ||
			os_stamp(full.p, &stamp) != 0 || !S_ISDIR(stamp.mode))
		return -1;
	return os_stamp(os_join(f->a, full, str_c(name)), &stamp) == 0;
}

static bool is_true(str value)
{
	return str_eq(value, S("1")) || str_eq(value, S("true")) || str_eq(value, S("yes"));
}

/* What Nix and stdenv set to that anyway, or what only the number of jobs follows from. */
static bool is_default(str name, str value)
{
	if (str_eq(name, S("HOME")))
		return str_eq(value, S("/homeless-shelter"));
	if (str_eq(name, S("LANG")) || str_eq(name, S("LC_ALL")))
		return str_eq(value, S("C")) || str_eq(value, S("POSIX")) || value.n == 0;
	return str_eq(name, S("enableParallelBuilding")) || str_eq(name, S("enableParallelInstalling"));
}

/* Read by wrappers of the compiler, hooks, or programs that are no make. */
static bool has_no_setting(str name)
{
	static const char *const names[] = {
		"NIX_CFLAGS_COMPILE", "NIX_CFLAGS_LINK", "NIX_LDFLAGS", "NIX_ENFORCE_PURITY", "NIX_DEBUG", "PATH", "LD_LIBRARY_PATH",
		"LD_PRELOAD", "PKG_CONFIG_PATH", "PERL5LIB", "PYTHONPATH", "HOME", "TMPDIR", "shellHook", "preferLocalBuild",
		"sourceRoot", "setSourceRoot", "LANG", "LC_ALL", "LOCALE_ARCHIVE", "SSL_CERT_FILE", "http_proxy", "https_proxy",
	};

	return AMONG(name, names) || str_ends(name, S("Phase")) || str_starts(name, S("pre")) || str_starts(name, S("post"));
}

static bool is_of_configure(str name)
{
	static const char *const names[] = {
		"CC", "CXX", "CPP", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "LDFLAGS", "LIBS", "AR", "RANLIB", "PKG_CONFIG", "YACC", "LEX",
	};

	return AMONG(name, names);
}

static void add_words(struct fixing *f, str value, text_list *out)
{
	str word;

	while (value.n) {
		str_cut(value, ' ', &word, &value);
		if (word.n)
			vec_push(out, str_dup(f->a, word));
	}
}

static void move(struct fixing *f, str name, str value, bool configured, struct env_moves *out)
{
	str set = str_fmt(f->a, "%.*s=%.*s", STR_ARG(name), STR_ARG(value));

	if (str_eq(name, S("configureFlags"))) {
		add_words(f, value, &out->configure);
	} else if (str_eq(name, S("makeFlags"))) {
		add_words(f, value, &out->make);
	} else if (str_eq(name, S("doCheck"))) {
		out->do_check = is_true(value);
	} else if (str_eq(name, S("dontStrip"))) {
		out->dont_strip = is_true(value);
	} else if (str_eq(name, S("dontFixup"))) {
		out->dont_fixup = is_true(value);
	} else if (is_default(name, value)) {
		return;
	} else if (has_no_setting(name)) {
		vec_push(&out->left, name);
	} else {
		out->blanks |= str_find(value, ' ') < value.n || str_find(value, '\n') < value.n;
		vec_push(configured && is_of_configure(name) ? &out->configure : &out->make, set);
		vec_push(&out->all, set);
	}
}

void env_moves(struct fixing *f, const struct subject *s, const struct standard *standard, struct env_moves *out)
{
	bool configured = standard->configure.n || value_length(f, s->v, "configureFlags") || source_has(f, s, "configure") == 1;
	dh_val list, item;
	size_t n = 0;

	*out = (struct env_moves){0};
	if (!value_get(f, s->v, "env", &list) || !dh_list(f->s->dhall, list, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (dh_item(f->s->dhall, list, i, &item))
			move(f, str_dup(f->a, value_text(f, item, "name")), str_dup(f->a, value_text(f, item, "value")), configured, out);
}

void env_end(struct env_moves *m)
{
	vec_free(&m->configure);
	vec_free(&m->make);
	vec_free(&m->all);
	vec_free(&m->left);
}
