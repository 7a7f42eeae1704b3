/* The table of builtins, and the environment that every text starts in. */
#include "builtin.h"

const struct primop primops[] = {
#define B(name, arity, global, fn) {name, arity, fn, global},
#include "builtin.def"
#undef B
};
const size_t primop_count = SL_COUNT(primops);

/* derivation and <nix/fetchurl.nix>, in their own language. */
static const char derivation_text[] =
	"arguments@{ outputs ? [ \"out\" ], ... }:\n"
	"let\n"
	"  strict = derivationStrict arguments;\n"
	"  shared = arguments // builtins.listToAttrs all // { all = map (o: o.value) all; drvAttrs = arguments; };\n"
	"  all = map (outputName: { name = outputName; value = shared // {\n"
	"    outPath = strict.${outputName}; inherit (strict) drvPath; type = \"derivation\"; inherit outputName; }; }) outputs;\n"
	"in (builtins.head all).value\n";

const char fetchurl_text[] =
	"{ system ? \"\", url, hash ? \"\", md5 ? \"\", sha1 ? \"\", sha256 ? \"\", sha512 ? \"\",\n"
	"  outputHash ? if hash != \"\" then hash else if sha512 != \"\" then sha512 else if sha1 != \"\" then sha1\n"
	"    else if md5 != \"\" then md5 else sha256,\n"
	"  outputHashAlgo ? if hash != \"\" then \"\" else if sha512 != \"\" then \"sha512\" else if sha1 != \"\" then \"sha1\"\n"
	"    else if md5 != \"\" then \"md5\" else \"sha256\",\n"
	"  executable ? false, unpack ? false, name ? baseNameOf (toString url), impure ? false }:\n"
	"derivation ({\n"
	"  builder = \"builtin:fetchurl\"; outputHashMode = if unpack || executable then \"recursive\" else \"flat\";\n"
	"  inherit name url executable unpack; system = \"builtin\"; preferLocalBuild = true;\n"
	"  impureEnvVars = [ \"http_proxy\" \"https_proxy\" \"ftp_proxy\" \"all_proxy\" \"no_proxy\" ]; urls = [ url ];\n"
	"} // (if impure then { __impure = true; } else { inherit outputHashAlgo outputHash; }))\n";
const size_t fetchurl_size = sizeof fetchurl_text - 1;

struct table { /* of what is being made */
	struct ex_attrs *names;
	struct env *env;
	struct attrs *set;
};

static void put_global(struct table *t, sym name, struct val *v)
{
	t->names->b[t->names->n] = (struct binding){.name = name};
	t->env->v[t->names->n++] = v;
}

static void put_constant(struct nix *x, struct table *t, const char *name, bool global, struct val *v)
{
	attrs_put(t->set, intern_c(name), 0, v);
	put_global(t, intern_c(global ? name : str_fmt(&x->mem, "__%s", name).p), v);
}

static void put_primops(struct nix *x, struct table *t)
{
	for (size_t i = 0; i < primop_count; i++) {
		struct val *v = cell(x);

		v->head = T_PRIMOP;
		v->u.primop = &primops[i];
		put_constant(x, t, primops[i].name, primops[i].global, v);
	}
}

static struct val *thunk_of(struct nix *x, const char *text, size_t n, const char *name)
{
	struct val *v = cell(x);
	struct expr *e = nix_parse(x, str_of(text, n), str_c(name), S("/"), false, NULL);

	v->head = head_of(T_THUNK, e);
	v->u.env = x->globals;
	return v;
}

static struct val *search_cell(struct nix *x)
{
	struct val *v = cell(x);

	search_path(x, v);
	return v;
}

static void current_time(struct nix *x, struct val **args, struct val *out)
{
	(void)args;
	val_int(out, x->env.now(x->env.ud));
}

/* Nobody looks at the clock before a text does. */
static struct val *time_cell(struct nix *x)
{
	static const struct primop ask = {.name = "currentTime", .arity = 1, .fn = current_time};
	struct val *f = cell(x);

	f->head = T_PRIMOP;
	f->u.primop = &ask;
	return later(x, f, &x->v_null);
}

void builtins_init(struct nix *x)
{
	size_t room = primop_count + 16;
	struct table t = {arena_make(&x->mem, struct ex_attrs), arena_alloc(&x->mem,
			sizeof(struct env) + room * sizeof(struct val *), 8),
			attrs_new(&x->mem, room)};
	struct val *set = cell(x), *derivation = cell(x);

	t.names->b = arena_array(&x->mem, struct binding, room);
	x->globals = t.env;
	x->global_names = t.names;
	put_primops(x, &t);
	put_constant(x, &t, "true", true, &x->v_true);
	put_constant(x, &t, "false", true, &x->v_false);
	put_constant(x, &t, "null", true, &x->v_null);
	put_constant(x, &t, "langVersion", false, int_cell(x, 6));
	put_constant(x, &t, "nixVersion", false, str_cell(x, S("2.18.0")));
	put_constant(x, &t, "storeDir", false, str_cell(x, x->env.store_dir));
	put_constant(x, &t, "nixPath", false, search_cell(x));
	if (!x->env.restricted) {
		if (x->env.now)
			put_constant(x, &t, "currentTime", false, time_cell(x));
		if (x->env.system.n)
			put_constant(x, &t, "currentSystem", false, str_cell(x, x->env.system));
	}
	put_constant(x, &t, "builtins", true, set);
	put_constant(x, &t, "derivation", true, derivation);
	x->builtins = t.set;
	val_attrs(set, t.set);
	attrs_end(t.set);
	*derivation = *thunk_of(x, derivation_text, sizeof derivation_text - 1, "(derivation)");
}
