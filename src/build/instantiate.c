#include "memo.h"
#include "nix_memo.h"

#include <straylight/doors.h>
#include <straylight/instantiate.h>

struct work {
	struct store *store;
	const struct instantiate *ask;
	struct nix_env doors;
	struct arena *arena; /* of the results */
	struct nix *session;
	struct diags *diags;
	VEC(struct instance) all;
	bool failed;
};

/* ---- what is asked ---- */

bool instantiate_named(str text, str directory, struct arena *a, struct instantiate *out)
{
	str name, attr;

	*out = (struct instantiate){.directory = directory};
	if (!str_cut(text, '#', &name, &attr) || !name.n)
		return false;
	out->attr = str_dup(a, attr);
	if (name.p[0] == '/')
		out->file = str_dup(a, name);
	else if (name.p[0] == '.')
		out->file = str_c(os_join(a, directory, name));
	else
		out->text = str_fmt(a, "import <%.*s>", STR_ARG(name));
	return true;
}

/* The program, the request, and what the doors say of the machine without being asked. */
static void key_of(const struct instantiate *ask, const struct nix_env *doors, unsigned char out[32])
{
	struct buf key = {0};

	memo_key_begin(&key);
	cbor_bytes(&key, ask->file);
	cbor_bytes(&key, ask->text);
	cbor_bytes(&key, ask->file.n ? S("") : ask->directory);
	cbor_bytes(&key, ask->attr);
	cbor_array(&key, ask->nargs);
	for (size_t i = 0; i < ask->nargs; i++) {
		cbor_bytes(&key, ask->args[i].name);
		cbor_bytes(&key, ask->args[i].value);
		cbor_bool(&key, ask->args[i].is_text);
	}
	cbor_bool(&key, ask->import_derivations);
	cbor_array(&key, doors->nsearch);
	for (size_t i = 0; i < doors->nsearch; i++)
		cbor_bytes(&key, doors->search[i]);
	cbor_bool(&key, ask->doors != NULL);
	cbor_bytes(&key, ask->world);
	cbor_bytes(&key, doors->home);
	cbor_bytes(&key, doors->directory);
	cbor_bytes(&key, doors->system);
	memo_key_end(&key, out);
}

/* ---- evaluating ---- */

static bool arguments(struct work *w, struct nix_argument *out)
{
	const struct instantiate *ask = w->ask;

	for (size_t i = 0; i < ask->nargs; i++) {
		const struct instantiate_argument *a = &ask->args[i];

		out[i].name = a->name;
		if (a->is_text ? !nix_text_value(w->session, a->value, &out[i].value) :
				!nix_eval_text(w->session, a->value, S("(argument)"), w->doors.directory, &out[i].value))
			return false;
	}
	return true;
}

static void take(void *ud, str attr, nix_val drv)
{
	struct work *w = ud;
	struct instance i;

	if (!nix_drv_path(w->session, drv, &i.drv, &i.output)) {
		w->failed = true;
		return;
	}
	i = (struct instance){str_dup(w->arena, attr), str_dup(w->arena, i.drv), str_dup(w->arena, i.output)};
	vec_push(&w->all, i);
}

static bool run(struct work *w)
{
	const struct instantiate *ask = w->ask;
	struct nix_argument *given = arena_array(w->arena, struct nix_argument, ask->nargs);
	nix_val v = {NULL};

	if (!arguments(w, given))
		return false;
	if (ask->file.n ? !nix_eval_file(w->session, ask->file, &v) :
			!nix_eval_text(w->session, ask->text, S("(expression)"), ask->directory, &v))
		return false;
	return nix_attr(w->session, v, ask->attr, given, ask->nargs, &v) && nix_derivations(w->session, v, false, take, w) &&
			!w->failed;
}

static bool evaluate(struct work *w, struct nix_witness *witness)
{
	struct nix_env env = nix_witness_env(witness);
	bool ok;

	w->session = nix_open(&env, w->diags);
	ok = w->session && run(w);
	nix_close(w->session);
	return ok;
}

/* ---- results ---- */

static void reads(const struct nix_ground *grounds, size_t n, struct arena *a, struct instances *out)
{
	str *all = arena_array(a, str, n);
	struct map seen = {0};
	bool fresh;

	out->reads = all;
	for (size_t i = 0; i < n; i++) {
		str name = grounds[i].kind == NIX_GROUND_VARIABLE ? str_fmt(a, "env:%.*s", STR_ARG(grounds[i].name)) :
				str_dup(a, grounds[i].name);

		map_slot(&seen, name, &fresh);
		if (fresh)
			all[out->nreads++] = name;
	}
	map_free(&seen);
}

static bool recall(struct work *w, const unsigned char key[32], const struct nixstore *ns, struct instances *out)
{
	struct nix_memo_entry e;

	if (!nix_memo_get(w->store, key, &w->doors, ns, w->arena, &e))
		return false;
	*out = (struct instances){.all = e.all, .n = e.n, .recalled = true};
	reads(e.grounds, e.ngrounds, w->arena, out);
	return true;
}

static bool make(struct work *w, const unsigned char key[32], struct instances *out)
{
	struct nix_witness *witness = nix_witness_new(&w->doors);
	struct instance *all;
	struct nix_memo_entry e;
	bool ok = evaluate(w, witness);

	if (ok) {
		all = arena_array(w->arena, struct instance, w->all.n);
		if (w->all.n)
			memcpy(all, w->all.p, w->all.n * sizeof *all);
		*out = (struct instances){.all = all, .n = w->all.n, .fleeting = nix_witness_fleeting(witness)};
		e = (struct nix_memo_entry){.all = all, .n = out->n};
		e.grounds = nix_witness_grounds(witness, &e.ngrounds);
		reads(e.grounds, e.ngrounds, w->arena, out);
		if (!out->fleeting)
			nix_memo_put(w->store, key, &e);
	}
	vec_free(&w->all);
	nix_witness_free(witness);
	return ok;
}

static void own_doors(struct work *w, struct nixstore *ns)
{
	w->doors = doors_nix(w->arena, w->ask->search, w->ask->nsearch);
	doors_nix_keep(&w->doors, ns);
	if (w->ask->import_derivations)
		doors_nix_build(&w->doors);
}

bool instantiate(struct store *store, struct nixstore *ns, const struct instantiate *ask, struct arena *a, struct instances *out,
		struct diags *diags)
{
	struct work w = {.store = store, .ask = ask, .arena = a, .diags = diags};
	unsigned char key[32];
	bool ok;

	*out = (struct instances){0};
	if (ask->doors)
		w.doors = *ask->doors;
	else
		own_doors(&w, ns);
	key_of(ask, &w.doors, key);
	ok = recall(&w, key, ns, out) || make(&w, key, out);
	if (!ask->doors)
		doors_nix_end(&w.doors);
	return ok;
}
