/* Phase 3: what Nix builds is named below toolchains/ only, and imported from there. */
#include "migrate_int.h"

#include <ctype.h>

struct places {
	struct fixing *f;
	VEC(struct dh_range) names; /* fromNix */
};

static void note(void *ud, const struct dh_mark *m)
{
	struct places *p = ud;

	if (m->kind == DH_MARK_NAME && str_eq(m->text, S("fromNix")))
		vec_push(&p->names, m->at);
}

/* The path to the variable that the name is selected from; *lo is its first byte. */
static bool selected_from(str text, uint32_t *lo)
{
	uint32_t at = *lo;

	while (at > 0 && (isalnum((unsigned char)text.p[at - 1]) || char_in(text.p[at - 1], "_-.")))
		at--;
	*lo = at;
	return at < text.n && isalpha((unsigned char)text.p[at]);
}

/* The literal behind it; *hi is its end. */
static bool literal_behind(str text, uint32_t *hi, str *out)
{
	uint32_t at = *hi, lo;

	while (at < text.n && isspace((unsigned char)text.p[at]))
		at++;
	if (at >= text.n || text.p[at] != '"')
		return false;
	for (lo = ++at; at < text.n && text.p[at] != '"'; at++)
		if (text.p[at] == '\\' || text.p[at] == '$' || text.p[at] == '\n')
			return false;
	*out = str_of(text.p + lo, at - lo);
	*hi = at + 1;
	return at < text.n && out->n > 0;
}

/* nixpkgs#llvmPackages.clang is llvmPackages-clang. */
static str file_name(struct fixing *f, str installable)
{
	size_t at = str_find(installable, '#');
	str last = at < installable.n ? str_from(installable, at + 1) : installable;
	struct buf b = {0};

	for (size_t i = 0; i < last.n; i++)
		buf_c(&b, isalnum((unsigned char)last.p[i]) ? last.p[i] : '-');
	return buf_take(&b, f->a);
}

/* From the file's folder to that path below the root. */
static str import_of(struct fixing *f, str below)
{
	struct buf b = {0};
	str folder = f->folder.n > f->root.n ? str_from(f->folder, f->root.n + 1) : S("");

	if (!folder.n)
		buf_lit(&b, "./");
	while (folder.n) {
		str head;

		str_cut(folder, '/', &head, &folder);
		buf_lit(&b, "../");
	}
	buf_str(&b, below);
	return buf_take(&b, f->a);
}

/* The file is there; *same: it is that toolchain and nothing else. */
static bool is_there(struct fixing *f, str path, str installable, bool *same)
{
	struct blob *b;

	if (os_read(path.p, 0, &b) != 0)
		return false;
	*same = str_ends(str_trim(blob_str(b)), str_fmt(f->a, "in  S.Toolchain.fromNix \"%.*s\"", STR_ARG(installable)));
	blob_unref(b);
	return true;
}

static void move(struct fixing *f, struct dh_range name)
{
	uint32_t lo = name.lo, hi = name.hi;
	str installable, below, path, text;
	bool same = false;

	if (!selected_from(f->text, &lo) || !literal_behind(f->text, &hi, &installable)) {
		f->left_from_nix = S("what it names is put together by code");
		return;
	}
	below = str_fmt(f->a, "toolchains/%.*s.dhall", STR_ARG(file_name(f, installable)));
	path = str_c(os_join(f->a, f->root, below));
	text = str_fmt(f->a, "-- Of Nix, until it is captured: straylight help toolchain capture\n"
			     "let S = env:STRAYLIGHT_PRELUDE\n\nin  S.Toolchain.fromNix \"%.*s\"\n", STR_ARG(installable));
	if (is_there(f, path, installable, &same) && !same) {
		f->left_from_nix = str_fmt(f->a, "'%.*s' is there, and says something else", STR_ARG(below));
		return;
	}
	if (!same)
		vec_push(&f->created, ((struct lint_text){path, text}));
	reshape_put(&f->edits, lo, hi, import_of(f, below));
}

void toolchains_rewrite(struct fixing *f)
{
	struct places p = {.f = f};
	struct diags unheard = {0};
	bool inside = str_starts(f->path, str_fmt(f->a, "%.*s/toolchains/", STR_ARG(f->root)));

	if (!inside && str_starts(f->path, f->root) && dhall_marks(f->text, f->path, note, &p, &unheard))
		for (size_t i = 0; i < p.names.n; i++)
			move(f, p.names.p[i]);
	vec_free(&p.names);
	diags_free(&unheard);
}
