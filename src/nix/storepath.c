#include <straylight/storepath.h>

#include <ctype.h>

static bool name_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			char_in(c, "+-._?=");
}

bool storepath_name_ok(str name, struct arena *a, str *why)
{
	*why = S("");
	if (name.n == 0) {
		*why = S("is empty");
	} else if (name.n > STORE_NAME_MAX) {
		*why = str_fmt(a, "is longer than %d characters", STORE_NAME_MAX);
	} else {
		for (size_t i = 0; i < name.n && why->n == 0; i++)
			if (!name_char(name.p[i]))
				*why = isprint((unsigned char)name.p[i]) ? str_fmt(a, "has the character '%c'", name.p[i])
						: str_fmt(a, "has the byte 0x%02x", (unsigned char)name.p[i]);
	}
	return why->n == 0;
}

static bool hash_ok(str hash)
{
	for (size_t i = 0; i < hash.n; i++)
		if (!((hash.p[i] >= '0' && hash.p[i] <= '9') || (hash.p[i] >= 'a' && hash.p[i] <= 'z')) ||
				char_in(hash.p[i], "eotu"))
			return false;
	return hash.n == STORE_HASH_CHARS;
}

bool storepath_parse(str dir, str path, str *hash, str *name)
{
	str base = str_from(path, dir.n + 1), first = str_upto(base, STORE_HASH_CHARS);
	str rest = str_from(base, STORE_HASH_CHARS + 1);

	if (path.n < dir.n + STORE_HASH_CHARS + 3 || !str_starts(path, dir) || path.p[dir.n] != '/' ||
			base.p[STORE_HASH_CHARS] != '-' || !hash_ok(first) || rest.n > STORE_NAME_MAX)
		return false;
	for (size_t i = 0; i < rest.n; i++)
		if (!name_char(rest.p[i]))
			return false;
	if (hash)
		*hash = first;
	if (name)
		*name = rest;
	return true;
}

bool storepath_top(str dir, str path, str *top)
{
	size_t end = dir.n + 1;

	if (path.n <= end)
		return false;
	end += str_find(str_from(path, end), '/');
	*top = str_upto(path, end);
	return storepath_parse(dir, *top, NULL, NULL);
}

/* ---- fingerprints ---- */

/* DIR/HASH-NAME from the SHA-256 of the fingerprint. */
static str path_of(struct arena *a, str dir, str fingerprint, str name)
{
	unsigned char full[32], folded[20];
	struct buf out = {0};

	sha256(fingerprint, full);
	nix_compress(full, sizeof full, folded, sizeof folded);
	buf_reserve(&out, dir.n + STORE_HASH_CHARS + name.n + 3);
	buf_str(&out, dir);
	buf_c(&out, '/');
	nix_base32(folded, sizeof folded, &out);
	buf_c(&out, '-');
	buf_str(&out, name);
	return buf_take(&out, a);
}

/* The type is in `b`; the rest of the fingerprint follows.  Frees b. */
static str finish(struct arena *a, struct buf *b, str dir, const struct nix_hash *inner, str name)
{
	str path;

	buf_c(b, ':');
	nix_hash_text(inner, NIX_BASE16, true, b);
	buf_c(b, ':');
	buf_str(b, dir);
	buf_c(b, ':');
	buf_str(b, name);
	path = path_of(a, dir, buf_view(b), name);
	buf_free(b);
	return path;
}

static void add_refs(struct buf *b, struct storepath_refs refs)
{
	for (size_t i = 0; i < refs.n; i++) {
		buf_c(b, ':');
		buf_str(b, refs.paths[i]);
	}
	if (refs.self)
		buf_lit(b, ":self");
}

str storepath_make(struct arena *a, str dir, str type, const struct nix_hash *inner, str name)
{
	struct buf b = {0};

	buf_str(&b, type);
	return finish(a, &b, dir, inner, name);
}

str storepath_text(struct arena *a, str dir, str name, const struct nix_hash *hash, struct storepath_refs refs)
{
	struct buf b = {0};

	buf_lit(&b, "text");
	add_refs(&b, refs);
	return finish(a, &b, dir, hash, name);
}

str storepath_fixed(struct arena *a, str dir, str name, bool recursive, const struct nix_hash *hash,
		struct storepath_refs refs)
{
	struct nix_hash inner;
	struct buf b = {0};

	if (recursive && hash->algo == NIX_SHA256) {
		buf_lit(&b, "source");
		add_refs(&b, refs);
		return finish(a, &b, dir, hash, name);
	}
	buf_str(&b, recursive ? S("fixed:out:r:") : S("fixed:out:"));
	nix_hash_text(hash, NIX_BASE16, true, &b);
	buf_c(&b, ':');
	inner = nix_hash_of(NIX_SHA256, buf_view(&b));
	b.n = 0;
	buf_lit(&b, "output:out");
	return finish(a, &b, dir, &inner, name);
}

str storepath_output_name(struct arena *a, str drv_name, str output)
{
	if (str_eq(output, S("out")))
		return drv_name;
	return str_fmt(a, "%.*s-%.*s", STR_ARG(drv_name), STR_ARG(output));
}

str storepath_output(struct arena *a, str dir, str drv_name, str output, const unsigned char masked[32])
{
	struct nix_hash inner = {.algo = NIX_SHA256};
	struct buf b = {0};

	memcpy(inner.b, masked, 32);
	buf_lit(&b, "output:");
	buf_str(&b, output);
	return finish(a, &b, dir, &inner, storepath_output_name(a, drv_name, output));
}

/* ---- placeholders ---- */

/* "/" and the whole hash of the text in base 32.  Frees b. */
static str placeholder(struct arena *a, struct buf *b)
{
	struct nix_hash hash = nix_hash_of(NIX_SHA256, buf_view(b));

	b->n = 0;
	buf_c(b, '/');
	nix_hash_text(&hash, NIX_BASE32, false, b);
	return buf_take(b, a);
}

str storepath_placeholder(struct arena *a, str output)
{
	struct buf b = {0};

	buf_lit(&b, "nix-output:");
	buf_str(&b, output);
	return placeholder(a, &b);
}

str storepath_downstream(struct arena *a, str dir, str drv, str output)
{
	struct buf b = {0};
	str hash = {0}, name = {0};

	if (!storepath_parse(dir, drv, &hash, &name))
		return S("");
	if (str_ends(name, S(".drv")))
		name = str_upto(name, name.n - 4);
	buf_lit(&b, "nix-upstream-output:");
	buf_str(&b, hash);
	buf_c(&b, ':');
	buf_str(&b, storepath_output_name(a, name, output));
	return placeholder(a, &b);
}
