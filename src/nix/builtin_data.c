/* Builtins of JSON, TOML, XML and hashes. */
#include "builtin.h"

#include <straylight/nixhash.h>

void builtin_to_json(struct nix *x, struct val **args, struct val *out)
{
	const struct context *c = NULL;
	struct buf *b = buf_borrow(x);

	json_write(x, args[0], true, b, &c, call_site(x));
	val_text(out, text_new(x, buf_view(b)), c);
	buf_return(x, b);
}

void builtin_from_json(struct nix *x, struct val **args, struct val *out)
{
	struct val v;

	json_read(x, want_plain(x, args[0], "fromJSON"), &v);
	*out = v;
}

void builtin_from_toml(struct nix *x, struct val **args, struct val *out)
{
	struct val v;

	toml_read(x, want_plain(x, args[0], "fromTOML"), &v);
	*out = v;
}

void builtin_to_xml(struct nix *x, struct val **args, struct val *out)
{
	const struct context *c = NULL;
	struct buf *b = buf_borrow(x);

	xml_write(x, args[0], true, false, b, &c);
	val_text(out, text_new(x, buf_view(b)), c);
	buf_return(x, b);
}

/* ---- hashes ---- */

static enum nix_algo algo(struct nix *x, struct val *v, const char *what)
{
	str name = want_plain(x, v, what);
	enum nix_algo a = nix_algo_of(name);

	if (a == NIX_ALGO_NONE)
		fail(x, DIAG_NIX_VALUE, NULL, "%s: there is no hash function '%.*s'", what, STR_ARG(name));
	return a;
}

void builtin_hash_string(struct nix *x, struct val **args, struct val *out)
{
	enum nix_algo a = algo(x, args[0], "hashString");
	struct nix_hash h = nix_hash_of(a, want_str(x, args[1], "hashString"));

	set_str(x, out, nix_hash_str(&x->mem, &h, NIX_BASE16, false));
}

void builtin_hash_file(struct nix *x, struct val **args, struct val *out)
{
	enum nix_algo a = algo(x, args[0], "hashFile");
	const struct context *c = NULL;
	str path = coerce_path(x, args[1], &c, "hashFile"), bytes;
	struct nix_hash h;

	if (!path_read(x, path, &bytes))
		fail(x, DIAG_NIX_FILE, NULL, "the file '%.*s' does not exist", STR_ARG(path));
	h = nix_hash_of(a, bytes);
	set_str(x, out, nix_hash_str(&x->mem, &h, NIX_BASE16, false));
}

struct nix_hash read_hash(struct nix *x, str text, enum nix_algo a)
{
	struct diags diags = {0};
	struct nix_hash h = {0};
	str why;

	if (nix_hash_parse(text, a, &h, NO_SPAN, &diags))
		return h;
	why = str_dup(&x->mem, diags.first->text);
	diags_free(&diags);
	fail(x, DIAG_HASH_TEXT, NULL, "%.*s", STR_ARG(why));
}

void builtin_convert_hash(struct nix *x, struct val **args, struct val *out)
{
	static const struct {
		const char *name;
		enum nix_base base;
	} forms[] = {{"base16", NIX_BASE16}, {"nix32", NIX_BASE32}, {"base32", NIX_BASE32}, {"base64",
			NIX_BASE64}, {"sri", NIX_SRI}};
	struct attrs *a = want_attrs(x, args[0], "convertHash");
	const struct attr *given = attrs_find(a, intern_c("hashAlgo"));
	enum nix_algo which = given ? algo(x, given->v, "convertHash") : NIX_ALGO_NONE;
	struct nix_hash h = read_hash(x, want_str(x, want_attr(x, a, intern_c("hash"), "convertHash"),
			"convertHash"), which);
	str form = want_str(x, want_attr(x, a, intern_c("toHashFormat"), "convertHash"), "convertHash");

	for (size_t i = 0; i < SL_COUNT(forms); i++)
		if (str_eq(form, str_c(forms[i].name))) {
			set_str(x, out, nix_hash_str(&x->mem, &h, forms[i].base, false));
			return;
		}
	fail(x, DIAG_NIX_VALUE, NULL, "convertHash: there is no form '%.*s'", STR_ARG(form));
}
