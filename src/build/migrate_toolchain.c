/* Phase 3: what Nix builds is named below toolchains/ only, and imported from there.  And what is captured from the host is pinned where
 * toolchains.dhall, which `straylight toolchain capture` writes, says the bytes of the same. */
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

/* ---- toolchains of the host ---- */

/* The payload of the artifact of a toolchain, or of a pin, if it is of that case. */
static bool artifact_of(struct fixing *f, dh_val versioned, const char *kind, dh_val *payload)
{
	dh_val artifact;
	sym name;

	return value_get(f, versioned, "artifact", &artifact) && dh_case(f->s->dhall, artifact, &name, payload) &&
	       name == intern_c(kind) && payload->v;
}

/* What the toolchain in an Optional field is captured from. */
static bool captured_from(struct fixing *f, dh_val field, dh_val *host)
{
	dh_val toolchain, compiler, versioned;
	bool some = false;
	sym name;

	return dh_kind(f->s->dhall, field) == DH_OPTIONAL && dh_optional(f->s->dhall, field, &some, &toolchain) && some &&
	       dh_kind(f->s->dhall, toolchain) == DH_RECORD && value_has(f, toolchain, "compiler") &&
	       value_get(f, toolchain, "compiler", &compiler) && dh_kind(f->s->dhall, compiler) == DH_UNION &&
	       dh_case(f->s->dhall, compiler, &name, &versioned) && versioned.v && artifact_of(f, versioned, "Host", host);
}

static bool is_same(struct fixing *f, dh_val a, dh_val b)
{
	unsigned char ha[32], hb[32];

	return dhall_hash(f->s->dhall, a, ha) && dhall_hash(f->s->dhall, b, hb) && memcmp(ha, hb, 32) == 0;
}

/* The pin of what is captured from the same; false: *why says why there is none. */
static bool find_pin(struct fixing *f, dh_val host, sym *word, str *digest, const char **why)
{
	str path = str_c(os_join(f->a, f->root, S("toolchains.dhall")));
	const struct dh_typed *typed;
	struct stat st;
	dh_val pins, pin, pinned, of;

	*why = "there is no toolchains.dhall that says the bytes: `straylight toolchain capture -o toolchains.dhall` writes it";
	if (stat(path.p, &st) != 0)
		return false;
	*why = "toolchains.dhall has no toolchain that is captured from the same: straylight.dhall must name it when it is written";
	typed = dhall_load(f->s->dhall, path);
	if (!typed)
		return false;
	pins = dhall_eval(f->s->dhall, typed);
	for (size_t i = 0; dh_kind(f->s->dhall, pins) == DH_RECORD && i < dh_fields(f->s->dhall, pins); i++)
		if (dh_field_at(f->s->dhall, pins, i, word, &pin) && dh_kind(f->s->dhall, pin) == DH_RECORD &&
				value_has(f, pin, "artifact") && artifact_of(f, pin, "Pinned", &pinned) &&
				value_get(f, pinned, "host", &of) && is_same(f, host, of)) {
			*digest = value_text(f, pinned, "digest");
			return true;
		}
	return false;
}

static void pin_field(struct fixing *f, const struct subject *s, sym field, dh_val host)
{
	struct dh_step *path = arena_array(f->a, struct dh_step, s->npath + 1);
	struct dh_site site;
	struct buf b = {0};
	const char *why;
	str text, digest;
	sym word;

	memcpy(path, s->path, s->npath * sizeof *path);
	path[s->npath] = (struct dh_step){field, 0};
	if (!find_pin(f, host, &word, &digest, &why)) {
		trouble(f, s, LINT_HOST, "%s", why);
		return;
	}
	if (!dhall_site(f->typed, path, s->npath + 1, f->a, &site)) {
		trouble(f, s, LINT_HOST, "no expression of this file alone says it");
		return;
	}
	text = str_of(f->text.p + site.bare.lo, site.bare.hi - site.bare.lo);
	if (!str_starts(text, S("Some")) || text.n < 6) {
		trouble(f, s, LINT_HOST, "it is not written as `Some TOOLCHAIN`");
		return;
	}
	buf_fmt(&b, "Some (%.*s.Toolchain.pin (%.*s).", STR_ARG(fixing_prelude(f)), STR_ARG(import_of(f, S("toolchains.dhall"))));
	dhall_spell_field(sym_str(word), &b);
	buf_fmt(&b, " %.*s)", STR_ARG(str_trim(str_from(text, 4))));
	reshape_put(&f->edits, site.bare.lo, site.bare.hi, buf_take(&b, f->a));
	change(f, s, "its %.*s is not what the machine has but %.*s, as toolchains.dhall pins '%.*s'", STR_ARG(sym_str(field)),
			STR_ARG(digest), STR_ARG(sym_str(word)));
}

void pins_rewrite(struct fixing *f, const struct subject *s)
{
	size_t n = dh_fields(f->s->dhall, s->v);

	if (is_suppressed(f, s, LINT_HOST) || !str_starts(f->path, f->root))
		return;
	for (size_t i = 0; i < n; i++) {
		dh_val field, host;
		sym name;

		if (dh_field_at(f->s->dhall, s->v, i, &name, &field) && captured_from(f, field, &host))
			pin_field(f, s, name, host);
	}
}
