#include <straylight/narinfo.h>

struct reader {
	struct arena *arena;
	str text, store_dir, name;
	size_t at; /* of the present line */
	struct narinfo *out;
	struct diags *diags;
	VEC(str) references, signatures;
};

static bool fail(struct reader *r, const char *fmt, ...) SL_PRINTF(2, 3);

static bool fail(struct reader *r, const char *fmt, ...)
{
	struct buf b = {0};
	va_list args;

	va_start(args, fmt);
	buf_vfmt(&b, fmt, args);
	va_end(args);
	diag_subject(r->diags, diag_error(r->diags, DIAG_NARINFO_SYNTAX, NO_SPAN, "%s at byte %zu", buf_z(&b), r->at),
			r->name);
	buf_free(&b);
	return false;
}

/* ---- values ---- */

static bool text(struct reader *r, str value, str *out)
{
	if (out->n)
		return fail(r, "a field is there twice");
	if (value.n == 0)
		return fail(r, "a field has no value");
	*out = value;
	return true;
}

static bool path(struct reader *r, str value, str *out)
{
	if (!storepath_parse(r->store_dir, value, NULL, NULL))
		return fail(r, "'%.*s' is no store path of '%.*s'", STR_ARG(value), STR_ARG(r->store_dir));
	return text(r, value, out);
}

/* HASH-NAME. */
static bool base_name(struct reader *r, str base)
{
	str whole = str_fmt(r->arena, "%.*s/%.*s", STR_ARG(r->store_dir), STR_ARG(base));

	return storepath_parse(r->store_dir, whole, NULL, NULL) ||
			fail(r, "'%.*s' is not the last part of a store path", STR_ARG(base));
}

static bool hash(struct reader *r, str value, struct nix_hash *out)
{
	struct diags why = {0};
	bool ok;

	if (out->algo != NIX_ALGO_NONE)
		return fail(r, "a field is there twice");
	ok = nix_hash_parse(value, NIX_ALGO_NONE, out, NO_SPAN, &why) || fail(r, "%.*s", STR_ARG(why.first->text));
	diags_free(&why);
	return ok;
}

static bool number(struct reader *r, str value, uint64_t *out)
{
	uint64_t n = 0;

	if (*out)
		return fail(r, "a field is there twice");
	for (size_t i = 0; i < value.n; i++) {
		unsigned digit = (unsigned)value.p[i] - '0';

		if (digit > 9 || n > ((uint64_t)INT64_MAX - digit) / 10)
			return fail(r, "'%.*s' is no size", STR_ARG(value));
		n = n * 10 + digit;
	}
	*out = n;
	return n > 0 || fail(r, "'%.*s' is no size", STR_ARG(value));
}

static bool references(struct reader *r, str value)
{
	str word;

	if (r->references.n)
		return fail(r, "a field is there twice");
	while (value.n) {
		if (!str_cut(value, ' ', &word, &value))
			value = S("");
		if (word.n == 0)
			continue;
		if (!base_name(r, word))
			return false;
		vec_push(&r->references, word);
	}
	return true;
}

static bool deriver(struct reader *r, str value)
{
	if (str_eq(value, S("unknown-deriver")))
		return true;
	return base_name(r, value) && text(r, value, &r->out->deriver);
}

static bool field(struct reader *r, str key, str value)
{
	struct narinfo *n = r->out;

	if (str_eq(key, S("StorePath")))
		return path(r, value, &n->path);
	if (str_eq(key, S("URL")))
		return text(r, value, &n->url);
	if (str_eq(key, S("Compression")))
		return text(r, value, &n->compression);
	if (str_eq(key, S("FileHash")))
		return hash(r, value, &n->file_hash);
	if (str_eq(key, S("FileSize")))
		return number(r, value, &n->file_size);
	if (str_eq(key, S("NarHash")))
		return hash(r, value, &n->nar_hash);
	if (str_eq(key, S("NarSize")))
		return number(r, value, &n->nar_size);
	if (str_eq(key, S("References")))
		return references(r, value);
	if (str_eq(key, S("Deriver")))
		return deriver(r, value);
	if (str_eq(key, S("CA")))
		return text(r, value, &n->ca);
	if (str_eq(key, S("Sig")))
		vec_push(&r->signatures, value);
	return true;
}

/* ---- the file ---- */

static bool lines(struct reader *r)
{
	str rest = r->text, line, key, value;

	for (; rest.n; r->at += line.n + 1) {
		if (!str_cut(rest, '\n', &line, &rest))
			return fail(r, "the last line does not end");
		if (!str_cut(line, ':', &key, &value) || key.n == 0 || value.n == 0 || value.p[0] != ' ')
			return fail(r, "a line is not 'Field: value'");
		if (!field(r, key, str_from(value, 1)))
			return false;
	}
	return true;
}

static bool whole(struct reader *r)
{
	const struct narinfo *n = r->out;
	const char *missing = n->path.n == 0 ? "StorePath" : n->url.n == 0 ? "URL"
			: n->nar_hash.algo == NIX_ALGO_NONE ? "NarHash" : n->nar_size == 0 ? "NarSize" : NULL;

	return !missing || fail(r, "the field %s is missing", missing);
}

static str *list(struct arena *a, const str *texts, size_t n)
{
	str *out = arena_array(a, str, n);

	for (size_t i = 0; i < n; i++)
		out[i] = texts[i];
	return out;
}

bool narinfo_parse(struct arena *a, str bytes, str store_dir, str name, struct narinfo *out, struct diags *diags)
{
	struct reader r = {.arena = a, .text = bytes, .store_dir = store_dir, .name = name, .out = out, .diags = diags};
	bool ok;

	*out = (struct narinfo){0};
	ok = lines(&r) && whole(&r);
	if (out->compression.n == 0)
		out->compression = S("bzip2");
	out->references = list(a, r.references.p, out->nreferences = r.references.n);
	out->signatures = list(a, r.signatures.p, out->nsignatures = r.signatures.n);
	vec_free(&r.references);
	vec_free(&r.signatures);
	return ok;
}

static void line(struct buf *b, const char *key, str value)
{
	buf_fmt(b, "%s: ", key);
	buf_str(b, value);
	buf_c(b, '\n');
}

static void hash_line(struct buf *b, const char *key, const struct nix_hash *h)
{
	buf_fmt(b, "%s: ", key);
	nix_hash_text(h, NIX_BASE32, true, b);
	buf_c(b, '\n');
}

void narinfo_print(const struct narinfo *n, struct buf *b)
{
	line(b, "StorePath", n->path);
	line(b, "URL", n->url);
	line(b, "Compression", n->compression);
	if (n->file_hash.algo != NIX_ALGO_NONE)
		hash_line(b, "FileHash", &n->file_hash);
	if (n->file_size)
		buf_fmt(b, "FileSize: %llu\n", (unsigned long long)n->file_size);
	hash_line(b, "NarHash", &n->nar_hash);
	buf_fmt(b, "NarSize: %llu\nReferences: ", (unsigned long long)n->nar_size);
	for (size_t i = 0; i < n->nreferences; i++) {
		if (i)
			buf_c(b, ' ');
		buf_str(b, n->references[i]);
	}
	buf_c(b, '\n');
	if (n->deriver.n)
		line(b, "Deriver", n->deriver);
	for (size_t i = 0; i < n->nsignatures; i++)
		line(b, "Sig", n->signatures[i]);
	if (n->ca.n)
		line(b, "CA", n->ca);
}

/* ---- signatures ---- */

void narinfo_fingerprint(const struct narinfo *n, str store_dir, struct buf *b)
{
	buf_lit(b, "1;");
	buf_str(b, n->path);
	buf_c(b, ';');
	nix_hash_text(&n->nar_hash, NIX_BASE32, true, b);
	buf_fmt(b, ";%llu;", (unsigned long long)n->nar_size);
	for (size_t i = 0; i < n->nreferences; i++) {
		if (i)
			buf_c(b, ',');
		buf_str(b, store_dir);
		buf_c(b, '/');
		buf_str(b, n->references[i]);
	}
}

const struct nix_public_key *narinfo_verify(const struct narinfo *n, str store_dir, const struct nix_public_key *keys,
		size_t nkeys)
{
	const struct nix_public_key *by = NULL;
	struct buf b = {0};

	narinfo_fingerprint(n, store_dir, &b);
	for (size_t k = 0; k < nkeys && !by; k++)
		for (size_t i = 0; i < n->nsignatures && !by; i++)
			if (nix_verify(&keys[k], buf_view(&b), n->signatures[i]))
				by = &keys[k];
	buf_free(&b);
	return by;
}

str narinfo_sign(const struct narinfo *n, str store_dir, const struct nix_secret_key *key, struct arena *a)
{
	struct buf message = {0}, signature = {0};

	narinfo_fingerprint(n, store_dir, &message);
	nix_sign(key, buf_view(&message), &signature);
	buf_free(&message);
	return buf_take(&signature, a);
}
